/* objective.h -- the loss of pictures and its gradient: a list of terms on a network's layers and on the pictures.
 * Layer 6 (method). May include: net, loss, optim, cluster, graph, backend, io, tensor, base.
 *
 *   L(x) = mean over pictures of the sum over terms of weight * loss
 *
 * Constant targets are computed once. A picture is looked at window by window, and where it fits the whole picture is
 * one window: the network forward with each loss's sums on the way, the small functions of the sums on the caller's
 * thread, the network backward. In tiles: forward over all windows for the sums of the whole, then forward and backward
 * over all again, their gradients added up (tiles.h). */
#ifndef RV_OBJECTIVE_H
#define RV_OBJECTIVE_H

#include "backend/backend.h"
#include "cluster/cluster.h"
#include "method/compute.h"
#include "terms.h"

/* How an objective is made to fit the memory there is; all 0: it need not be. The gradient is the same all the same. */
typedef struct {
  int tile_px;        /* the longest side of what is computed at once; 0: all */
  gboolean recompute; /* some features are computed twice rather than held (graph/recompute.c) */
  gboolean compact;   /* of tiles: features that are compared with are in 16 bits (base/minifloat.h); of RV_F32 only */
} RvFit;

typedef struct {
  RvType type;      /* RV_F32; RV_F64 to check gradients, on the reference backend */
  const RvNet *net; /* NULL: no term looks at a layer */
  RvNetVariant variant;
  const RvBackendClass *backend;
  RvCompileSettings compile;
  GArray *terms;             /* RvTerm; all of them are computed. The objective takes a reference */
  RvPixelSpace space;        /* in which x lies */
  int n_pictures, channels;  /* of x, [n_pictures, channels, height, width]; 0: 1 and 3 */
  const float *const *masks; /* [height, width] each, 0 to 1; read by rv__objective_new(). NULL: only planning */
  RvFit fit;
  gint64 n_matched; /* positions of feature banks (match.h): rv__objective_memory() counts what matching takes */
  RvStopRequest stop_request; /* to be stopped, while targets are measured, evaluations timed */
  int n_targets;              /* pictures' sums that are held elsewhere: rv__objective_memory() counts them in */
  RvCluster *cluster;  /* who share the windows; NULL: nobody. All of them make the same objectives and evaluate them */
  gboolean fast_sums;  /* rv__all_reduce_set_unordered() */
  const double *speed; /* of each rank, when windows are dealt; NULL: all are alike. Read by rv__objective_new() */
} RvObjectiveSpec;

/* Weights included: total is the sum of the others. */
typedef struct {
  double total;
  int n_groups;
  const char *group[RV_MAX_GROUPS + 1]; /* rv__terms_groups() */
  double loss[RV_MAX_GROUPS];
} RvLosses;

typedef struct _RvObjective RvObjective;

/* rv__objective_new: (transfer full) (nullable): for pictures of @height x @width px; compiled, holding no big memory
 * yet. RV_ERROR_SHAPE, saying which size works, when they are too small for a layer. */
RvObjective *rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error);
/* rv__objective_set_stop_request: another one who may ask it to stop, for the next picture. */
void rv__objective_set_stop_request (RvObjective *objective, const RvStopRequest *wanted);
void rv__objective_free (RvObjective *objective);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvObjective, rv__objective_free)

/* rv__objective_memory: bytes it holds once bound, targets included. */
gsize rv__objective_memory (const RvObjective *objective);
gboolean rv__objective_bind (RvObjective *objective, GError **error);
/* rv__objective_bind_picture: before that, the memory of rv__objective_x() alone, which is NULL afterwards where x is a
 * value of the program. */
gboolean rv__objective_bind_picture (RvObjective *objective, GError **error);

/* rv__objective_change_masks: others in place of those it was made with; once bound, before the targets are set. */
gboolean rv__objective_change_masks (RvObjective *objective, const float *const *masks, GError **error);

/* ---- targets ---- */

/* rv__objective_set_features: @x, as rv__objective_x(), which it may be, becomes what the terms of
 * RV_TARGET_FEATURES whose picture is @which compare with; once bound. RV_ERROR_CANCELLED. */
gboolean rv__objective_set_features (RvObjective *objective, int which, const void *x, GError **error);

/* RvTargetStats: what the terms of RV_TARGET_SUMS find in a picture, an RvLossTarget for each. Reference-counted. */
typedef GArray RvTargetStats;

/* rv__objective_measure_target: (transfer full) (nullable): of a picture, [1, channels, height, width] in the
 * objective's space and type, that terms know as number @which. One pass of the network at that size, in memory of its
 * own that is freed before this returns: call it before rv__objective_bind() to keep the peak low; RV_ERROR_CANCELLED.
 * rv__objective_add_target: those measured for an objective of the same terms, as the next number, with its part in
 * terms that are compared with all; kept by reference. rv__objective_measure_and_add_target: both.
 * rv__objective_clear_targets: there are none now, and others may be added: a painter's styles take turns. */
RvTargetStats *rv__objective_measure_target (const RvObjective *objective, int which, const void *picture, int height,
                                             int width, GError **error);
void rv__objective_add_target (RvObjective *objective, RvTargetStats *sums, double part);
void rv__objective_clear_targets (RvObjective *objective);
gboolean rv__objective_measure_and_add_target (RvObjective *objective, const void *picture, int height, int width,
                                               double part, GError **error);

/* ---- evaluating ---- */

/* rv__objective_x: x itself, in the objective's type, to be written; once bound. Borrowed.
 * rv__objective_gradient: dL/dx of the last evaluation; may be written to until the next. */
void *rv__objective_x (RvObjective *objective);
void *rv__objective_gradient (const RvObjective *objective);

/* rv__objective_evaluate: the losses at rv__objective_x(), and the gradient. RV_ERROR_BACKEND.
 * rv__objective_evaluate_at: at @x, wherever it comes from, such as another program's value; its gradient, the seed of
 * that program's backward part, into @gradient. */
gboolean rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error);
gboolean rv__objective_evaluate_at (RvObjective *objective, const void *x, void *gradient, RvLosses *losses,
                                    GError **error);

/* rv__objective_set_weights: what its terms weigh from the next evaluation on: as in @terms, kept by reference, which
 * are the same but for that. */
void rv__objective_set_weights (RvObjective *objective, GArray *terms);

/* ---- planning ---- */

/* rv__objective_n_tiles: of one picture; 1 when it is not tiled. */
int rv__objective_n_tiles (const RvObjective *objective);

/* rv__objective_work: what one evaluation costs, to that of the whole picture untiled, nothing recomputed: halos are
 * computed more than once, and the sums take a pass of their own. */
double rv__objective_work (const RvObjective *objective);

/* rv__objective_traffic: bytes that rank 0 sends and receives in an evaluation; 0: it shares it with nobody. */
gsize rv__objective_traffic (const RvObjective *objective);

/* rv__objective_speed: windows that this rank has computed, a second; 0: it had none. */
double rv__objective_speed (const RvObjective *objective);

/* rv__objective_executable: what runs the network, for measuring its steps. Borrowed. */
RvExecutable *rv__objective_executable (RvObjective *objective);

#define RV_LIBRARY_BYTES (12u << 20) /* what the libraries take besides, once all are in use, by VmHWM */
#define RV_LINK_BYTES (24u << 20)    /* likewise MPI, of ranks, once much has travelled */

/* rv__objective_tune_seconds: how long kernels may be measured for so many evaluations of a picture of @pixels. */
double rv__objective_tune_seconds (gint64 pixels, gint64 n_evaluations);
/* rv__objective_time: seconds of one evaluation, the fastest of a few; once bound and with its targets.
 * RV_ERROR_CANCELLED. */
gboolean rv__objective_time (RvObjective *objective, double *seconds, GError **error);

#endif
