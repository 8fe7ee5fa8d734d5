/* loss.h -- how a loss is written: one file in this folder that ends in a descriptor.
 * Layer 5 (loss). May include: graph, tensor, base.
 *
 * A loss looks at a layer of a network, or at the picture. What it finds there is either sums over positions, which add
 * up over tiles and machines, and then it is a small function of these with its gradient; or a map, one number for each
 * channel and position, and then it is a function of the whole map with its gradient. Both are recorded as ops of the
 * graph, which derives the way back from them into the features. What it is compared with is declared, not computed
 * here: nothing outside a loss's file knows which loss it is. */
#ifndef RV_LOSS_H
#define RV_LOSS_H

#include "graph/graph.h"
#include "base/option.h"

#define RV_LOSS_MAX_SUMS 2

/* What a loss compares with. */
typedef enum {
  RV_TARGET_NONE,     /* nothing: it judges what it sees */
  RV_TARGET_SUMS,     /* what it finds in other pictures, of any size */
  RV_TARGET_FEATURES, /* what another picture of the same size has at the same place */
  RV_TARGET_TENSOR,   /* a tensor that comes with the term, [C, Q] */
} RvLossTargetKind;

/* How it can be computed from parts of the picture. */
typedef enum {
  RV_TILING_SUMS,  /* its sums add up, each position for itself */
  RV_TILING_HALO,  /* they add up, but a position looks at others around it, .halo away at most */
  RV_TILING_WHOLE, /* it finds a map, and wants all of it at once */
} RvLossTiling;

/* What a loss may need to know besides what it finds. */
typedef struct {
  gint64 channels;               /* C */
  gint64 positions, rows;        /* N = H * W of the layer, whole picture; H */
  gint64 picture_h, picture_w;   /* px */
  int n_layers;                  /* layers this loss is applied to */
  double share;                  /* how much of the layer counts: the mean of the mask; 1 without */
  const double *channel_weights; /* C of them; NULL: all 1 */
  const int *channel_groups;     /* C numbers from 0: which channels compete as one; NULL: none do */
  const float *mask;             /* of WHOLE losses: the root of how much each position counts; NULL: all count 1 */
  const void *settings;          /* its own, as .options describes them */
} RvLossInfo;

/* Numbers for each channel and position of a whole layer, row-major, in the program's type: [channels, positions]. */
typedef struct {
  RvType type; /* RV_F32 or RV_F64 */
  gint64 channels, positions;
  void *data;
} RvLossMap;

/* What it found in another picture; of RV_TARGET_FEATURES, what it found there when compared with zeros. */
typedef struct {
  double *sum[RV_LOSS_MAX_SUMS];
  RvLossMap map; /* instead, of WHOLE losses, after settle() */
  gint64 positions;
} RvLossTarget;

/* Values of the program. */
typedef struct {
  int x;      /* what it looks at, [1, C, H, W]; of SUMS losses times the mask already */
  int target; /* of RV_TARGET_FEATURES, as x; of RV_TARGET_TENSOR, [C, Q]; else -1 */
  int mask;   /* of HALO losses: [H, W], by which what a position finds around it is multiplied; -1: none */
} RvLossValues;

typedef struct {
  const char *group, *name; /* "style", "relative": the option whose choice it is, and the choice */
  const char *role; /* what a method takes it for where nobody chooses, as rv__loss_for() lists; NULL: nothing */
  const char *on_words, *on_classes; /* the role of the loss that stands for it on wanted words, on a map of classes */
  const char *summary, *source;
  gboolean on_picture; /* not on layers */
  RvLossTargetKind target;
  RvLossTiling tiling;
  int halo;   /* of HALO */
  int border; /* rows and columns of a layer that it leaves out on each side */
  int n_sums;
  gboolean means[RV_LOSS_MAX_SUMS];     /* which are sums of the features themselves, not of products of two */
  gboolean symmetric[RV_LOSS_MAX_SUMS]; /* which are symmetric matrices; so are their gradients, to the bit */
  gboolean linear;                      /* in its sums: their gradient does not depend on them */
  gboolean of_products;                 /* channel_weights multiply products of two features, not features */
  const RvOption *options;              /* of its own settings, numbers only; NULL: none */
  gsize settings_bytes;                 /* of the struct that they describe */

  /* Records what the loss finds: n_sums sums, or of WHOLE losses one map, [1, K, H, W]. */
  void (*record) (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int found[RV_LOSS_MAX_SUMS]);

  /* The loss and, into @grad (overwritten), its gradient with respect to each sum. */
  double (*evaluate) (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                      double *const grad[]);

  /* Of WHOLE losses, instead: the loss; its gradient times @factor is added to @grad. RV_ERROR_MEMORY. settle(): what
   * was found in another picture becomes what it is compared with; NULL: as it is. */
  gboolean (*compare) (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double factor,
                       RvLossMap *grad, double *loss, GError **error);
  gboolean (*settle) (const RvLossInfo *info, RvLossMap *map, GError **error);
  gsize (*room) (const RvLossInfo *info, int n_threads); /* bytes that compare() takes meanwhile. NULL: few */
} RvLossClass;

/* rv__loss_for: the loss of a role: "style": a painting's manner; "content": a photograph's forms; "smoothness";
 * "guide": what another picture shows; "unlike": away from other pictures; "last frame": as a film's last one was
 * painted; "channels", "activations": some of a layer, all of it; "classes": what a picture shows most.
 * rv__loss_on_words, rv__loss_on_classes: @loss, or what stands for it. */
const RvLossClass *rv__loss_for (const char *role);
const RvLossClass *rv__loss_on_words (const RvLossClass *loss);
const RvLossClass *rv__loss_on_classes (const RvLossClass *loss);

/* rv__loss_find: by group and name; NULL when there is none. rv__loss_list: the n-th, or NULL. rv__loss_names: those of
 * a group, for an option's choices; static. */
const RvLossClass *rv__loss_find (const char *group, const char *name);
const RvLossClass *rv__loss_list (guint n);
const char *const *rv__loss_names (const char *group);

/* rv__loss_settings: (transfer full) (nullable): a loss's own, by default or as @text has them:
 * "NAME.SETTING=VALUE,..."; those of other losses of the group are left out. *error: RV_ERROR_SETTING for what no loss
 * has. NULL without an error: it has none. Freed with g_free(). */
gpointer rv__loss_settings (const RvLossClass *loss, const char *text, GError **error);

/* Of a map: one channel's numbers, out and in; _some: of @n positions from @first on. */
void rv__loss_map_get (const RvLossMap *map, gint64 channel, double *row);
void rv__loss_map_get_some (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double *row);
void rv__loss_map_add (const RvLossMap *map, gint64 channel, double factor, const double *row);
void rv__loss_map_add_some (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double factor,
                            const double *row);

/* The divisor of a relative loss: @squares, a sum over @n numbers of the other picture. A flat picture, or a layer
 * that sees nothing, has sums near 0: a number counts as RV_LOSS_UNSEEN at least, or the gradient leaves f32. */
#define RV_LOSS_UNSEEN 1e-6
double rv__loss_norm (double squares, double n);

/* Shared by the losses on Gram matrices. record: the sum F F^T, [C, C]. distance: factor * ||a G - b S||^2 over the
 * C x C entries, its gradient with respect to G into @grad. */
void rv__gram_record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values,
                      int found[RV_LOSS_MAX_SUMS]);
double rv__gram_distance (gint64 channels, const double *G, double a, const double *S, double b, double factor,
                          double *grad);

/* Shared by the losses that compare features one by one. record: sum (F - P)^2. */
void rv__difference_record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values,
                            int found[RV_LOSS_MAX_SUMS]);

#endif
