/* objective.h -- the loss of a picture: a network's layers, what is compared there, and the gradient.
 * Layer 6 (method). May include: net, loss, optim, graph, backend, io, tensor, base.
 *
 *   L(x) = content_weight * sum over layers of w * content loss + style_weight * sum over layers of w * sum over styles
 *          of blend * style loss + tv_weight * TV loss + dream_weight * sum over layers of w * dream loss
 *
 * Constant targets are computed once. One evaluation: the network forward with each loss's sums on the way, the small
 * functions of the sums on the caller's thread, the network backward. Tiled: forward over all tiles for the sums of the
 * whole, then forward and backward over all again, their gradients added up (tiles.h). */
#ifndef RV_OBJECTIVE_H
#define RV_OBJECTIVE_H

#include "backend/backend.h"
#include "compute.h"
#include "loss/loss.h"
#include "net/net.h"

/* A layer that a loss looks at. */
typedef struct {
  char *layer; /* the network's own name */
  double weight;
  double *channel_weights; /* of dreams, as in RvLossInfo; NULL: all 1 */
  const RvLossClass *loss; /* of dreams: each layer has its own */
  RvTensor *guide;         /* of a guided dream: what the layer sees in the guide, [C, Q] */
} RvTap;

/* rv__taps_parse: "LAYER[:WEIGHT],..." for @net_name; (transfer full) array of RvTap, freed with its members.
 * RV_ERROR_SETTING with the nearest name for an unknown layer, for a weight that is no number of 0 or more, or for an
 * empty list. */
GArray *rv__taps_parse (const char *text, const char *net_name, GError **error);

/* rv__taps_set_loss: each tap's loss becomes the dream loss @name. */
void rv__taps_set_loss (GArray *taps, const char *name);

/* rv__taps_min_side: the shortest side, in px, of a picture on which all layers of the lists exist; a list of lists
 * that ends with NULL. */
int rv__taps_min_side (const RvNet *net, const GArray *const *lists);

/* How an objective is made to fit the memory there is; all 0: it need not be. The gradient is the same all the same. */
typedef struct {
  int tile_px;        /* the longest side of what is computed at once; 0: all */
  gboolean recompute; /* some features are computed twice rather than held (graph/recompute.c) */
  gboolean compact;   /* of tiles: what content terms compare with is in 16 bits (base/packed16.h); of RV_F32 only */
} RvFit;

typedef struct {
  RvType type; /* RV_F32; RV_F64 to check gradients, on the reference backend */
  const RvNet *net;
  RvNetVariant variant;
  const RvBackendClass *backend;
  RvCompileSettings compile;
  const GArray *content_taps, *style_taps, *dream_taps; /* of RvTap; may be NULL */
  const RvLossClass *content_loss, *style_loss, *tv_loss;
  double content_weight, style_weight, tv_weight, dream_weight; /* a term of weight 0 is not computed */
  RvPixelSpace space;                                           /* in which x lies */
  RvFit fit;
  int n_masks;               /* 0, or one for each style: they share the picture (objective-masks.c) */
  const float *const *masks; /* [height, width] each, 0 to 1; read by rv__objective_new(). NULL: only planning */
  RvWanted wanted;           /* to be stopped, while targets are measured, evaluations timed */
  int n_targets;             /* style targets that are held: rv__objective_memory() counts them in */
} RvObjectiveSpec;

typedef struct {
  double total, content, style, tv, dream; /* weights included: total is the sum of the others */
} RvLosses;

typedef struct _RvObjective RvObjective;

/* rv__objective_new: (transfer full) (nullable): for pictures of @height x @width px; compiled, holding no big memory
 * yet. RV_ERROR_SHAPE, saying which size works, when the picture is too small for a layer. */
RvObjective *rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error);
void rv__objective_free (RvObjective *objective);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvObjective, rv__objective_free)

/* rv__objective_memory: bytes it holds once bound, targets included. */
gsize rv__objective_memory (const RvObjective *objective);
gboolean rv__objective_bind (RvObjective *objective, GError **error);

/* rv__objective_set_content: @x becomes what the content losses compare with; it may be rv__objective_picture().
 * RV_ERROR_CANCELLED. */
gboolean rv__objective_set_content (RvObjective *objective, const void *x, GError **error);

/* RvStyleTarget: what a style picture's layers are like: an RvLossTarget for each style layer. Reference-counted. */
typedef GArray RvStyleTarget;

/* rv__objective_measure_style: (transfer full) (nullable): of a style picture, [1, 3, height, width] in the objective's
 * space and type. One pass of the network at that size, in memory of its own that is freed before this returns: call it
 * before rv__objective_bind() to keep the peak low; RV_ERROR_CANCELLED. rv__objective_add_target: one that was measured
 * for an objective of the same layers, with its part in the blend; kept by reference. rv__objective_add_style: both. */
RvStyleTarget *rv__objective_measure_style (const RvObjective *objective, const void *style, int height, int width,
                                            GError **error);
void rv__objective_add_target (RvObjective *objective, RvStyleTarget *target, double blend);
gboolean rv__objective_add_style (RvObjective *objective, const void *style, int height, int width, double blend,
                                  GError **error);

/* rv__objective_n_tiles: 1 when it is not tiled. */
int rv__objective_n_tiles (const RvObjective *objective);

/* rv__objective_work: what one evaluation costs, to that of the whole picture untiled, nothing recomputed: halos are
 * computed more than once, and the sums take a pass of their own. */
double rv__objective_work (const RvObjective *objective);

/* rv__objective_picture: x itself, [1, 3, height, width] in the objective's type, to be written; once bound. Borrowed.
 * rv__objective_gradient: dL/dx of the last evaluation; may be written to until the next. */
void *rv__objective_picture (RvObjective *objective);
void *rv__objective_gradient (const RvObjective *objective);

/* rv__objective_executable: what runs, for measuring its steps. Borrowed. */
RvExecutable *rv__objective_executable (RvObjective *objective);

/* ---- planning ---- */

#define RV_LIBRARY_BYTES (12u << 20) /* what the libraries take besides, once all are in use, by VmHWM */

/* rv__objective_tune_seconds: how long kernels may be measured for so many evaluations of a picture of @pixels. */
double rv__objective_tune_seconds (gint64 pixels, gint64 n_evaluations);
/* rv__objective_time: seconds of one evaluation, the fastest of a few; once bound and with its targets.
 * RV_ERROR_CANCELLED. */
gboolean rv__objective_time (RvObjective *objective, double *seconds, GError **error);

/* rv__objective_evaluate: the losses at rv__objective_picture(), and the gradient. RV_ERROR_BACKEND. */
gboolean rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error);

#endif
