/* loss.h -- losses: each is a descriptor in a file of this folder.
 * Layer 5 (loss). May include: graph, tensor, base.
 *
 * A loss reads a layer of a network, or the picture. Most losses are a small function of sums over positions; sums add
 * up over tiles and ranks. Others are a function of a map, one number for each channel and position of the whole layer.
 * Both are recorded as ops of the graph, which derives the backward pass. The descriptor declares the kind of target,
 * and the caller computes it: no other file depends on a particular loss. */
#pragma once

#include "graph/graph.h"
#include "base/option.h"

#define RV_LOSS_MAX_SUMS 2

/* Target of a loss: what the result is compared with. */
typedef enum {
  RV_TARGET_NONE,
  RV_TARGET_SUMS,     /* sums or maps of other pictures, of any size */
  RV_TARGET_FEATURES, /* features of another picture of the same size, at the same positions */
  RV_TARGET_TENSOR,   /* a tensor that is passed with the term, [C, Q] */
} RvLossTargetKind;

/* How a loss can be computed tile by tile. */
typedef enum {
  RV_TILING_SUMS,  /* sums of independent positions */
  RV_TILING_HALO,  /* sums; a position reads neighbours, at most .halo away */
  RV_TILING_WHOLE, /* a map, which must be complete */
} RvLossTiling;

/* Inputs of a loss besides its sums or its map. */
typedef struct {
  gint64 channels;               /* C */
  gint64 positions, rows;        /* layer of the whole picture: N = H * W; H */
  gint64 picture_h, picture_w;   /* px, whole picture */
  int n_layers;                  /* number of layers with this loss */
  double mask_mean;              /* mean of the mask: fraction of the layer that counts; 1 without a mask */
  const double *channel_weights; /* [C]; NULL: all 1 */
  const int *channel_groups;     /* [C], numbers from 0: channels that compete as one; NULL: no groups */
  const float *mask;             /* WHOLE losses: square root of each position's weight, [N]; NULL: all 1 */
  const void *settings;          /* the loss's own, as .options describe them */
} RvLossInfo;

/* Numbers for each channel and position of a whole layer, [channels, positions], row-major, in the program's type.
 * `data` is from rv__alloc(), owned by the holder of the map. */
typedef struct {
  RvType type; /* RV_F32 or RV_F64 */
  gint64 channels, positions;
  void *data;
} RvLossMap;

/* Sums or map of another picture; owned. sum[k] has as many numbers as stats[k]; NULL: no such sum. RV_TARGET_FEATURES:
 * sums that the loss has between that picture and zeros. */
typedef struct {
  double *sum[RV_LOSS_MAX_SUMS];
  RvLossMap map; /* WHOLE losses, after prepare_target(): instead of sums */
  gint64 positions;
} RvLossTarget;

/* Indices of values of the program. */
typedef struct {
  int x;      /* input, [1, C, H, W]; SUMS losses: after multiplication with the mask */
  int target; /* RV_TARGET_FEATURES: as x; RV_TARGET_TENSOR: [C, Q]; else -1 */
  int mask;   /* HALO losses: [H, W], factor on the terms of each position; -1: none */
} RvLossValues;

/* Descriptor of a loss; static. */
typedef struct {
  const char *group, *name; /* the option and its choice: "style", "relative" */
  const char *role;         /* the loss is the default for this role, see rv__loss_for(); NULL: no role */
  /* Role of the loss to use instead for class names, and on a class map; NULL: this loss. */
  const char *on_words, *on_classes;
  gboolean on_picture; /* reads the picture instead of layers */
  RvLossTargetKind target;
  RvLossTiling tiling;
  int halo;   /* RV_TILING_HALO: reach, in positions */
  int border; /* rows and columns of a layer that are ignored on each side */
  int n_sums;
  gboolean means[RV_LOSS_MAX_SUMS];     /* sums of features, not of products of two */
  gboolean symmetric[RV_LOSS_MAX_SUMS]; /* symmetric matrices; their gradients are symmetric to the bit */
  gboolean linear;                      /* linear in its sums: the gradient does not depend on the sums */
  gboolean of_products;                 /* channel_weights multiply products of two features, not features */
  const RvOption *options;              /* the loss's own settings, numbers only; NULL: none */
  gsize settings_bytes;                 /* size of the struct that `options` describe */

  /* Records ops for n_sums sums and sets @stats to their values; WHOLE losses: to one map, [1, K, H, W]. Errors are set
   * in program->error; @stats is then -1 or unchanged. */
  void (*record) (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS]);

  /* Returns the loss, unweighted, and overwrites grad[k] with its gradient with respect to sum[k]; both have as many
   * numbers as stats[k]. @target: zeros if the loss has none. Cannot fail. */
  double (*evaluate) (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                      double *const grad[]);

  /* WHOLE losses, instead of evaluate(): sets *loss, unweighted, and adds its gradient times @grad_factor to @grad, of
   * the shape and type of @map. FALSE: RV_ERROR_MEMORY; *loss and @grad may have changed. */
  gboolean (*compare) (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor,
                       RvLossMap *grad, double *loss, GError **error);
  /* Converts the map of another picture to the form that compare() reads as target->map, in place; may replace
   * map->data and its size. FALSE: RV_ERROR_MEMORY, with @map unchanged. Pointer NULL: the map stays as it is. */
  gboolean (*prepare_target) (const RvLossInfo *info, RvLossMap *map, GError **error);
  gsize (*workspace_bytes) (const RvLossInfo *info, int n_threads); /* bytes compare() allocates. NULL: negligible */
} RvLossClass;

/* (nullable): the default loss of the role @role, not NULL; NULL, no error: unknown. Static. Roles:
 *
 *   style        textures of a painting
 *   content      contents of a photograph
 *   smoothness   few differences between neighbouring pixels
 *   guide        features of another picture
 *   unlike       difference from other pictures
 *   last frame   consistency with a video's previous frame
 *   channels     some channels of a layer
 *   activations  all channels of a layer
 *   classes      the strongest class */
const RvLossClass *rv__loss_for (const char *role);
/* The loss to use instead of @loss if a dream's target is given as class names: that of the role RvLossClass.on_words.
 * @loss itself, unless it names such a role. Static; never NULL. */
const RvLossClass *rv__loss_on_words (const RvLossClass *loss);
/* The loss to use instead of @loss if the dream's layer is a class map: that of the role RvLossClass.on_classes. @loss
 * itself, unless it names such a role. Static; never NULL. */
const RvLossClass *rv__loss_on_classes (const RvLossClass *loss);

/* (nullable): the loss @name of @group, such as "style", "relative"; neither is NULL. NULL, no error: unknown.
 * Static. */
const RvLossClass *rv__loss_find (const char *group, const char *name);
/* (nullable): loss number @n of all losses of all groups, from 0; NULL beyond the last. Static. */
const RvLossClass *rv__loss_list (guint n);
/* Names of the losses of @group ("style", "content", "tv", "dream", ...), for an option's choices; an empty list for an
 * unknown group. NULL-terminated; static. Any thread. */
const char *const *rv__loss_names (const char *group);

/* (transfer full) (nullable): a new struct of @loss's own settings, as loss->options describe it: its defaults, changed
 * by @text, "LOSS.SETTING=VALUE,..."; NULL: no changes. Settings of other losses are checked and ignored. Free with
 * g_free(). NULL without an error if @loss has none. */
gpointer rv__loss_settings (const RvLossClass *loss, const char *text, GError **error);

/* Weight of position @p of the layer, from 0; 1 without a mask. */
static inline double
rv__loss_weight_at (const RvLossInfo *info, gint64 p)
{
  return info->mask ? (double) info->mask[p] * (double) info->mask[p] : 1;
}

/* Weight of channel @channel, from 0; 1 without channel_weights. */
static inline double
rv__loss_channel_weight (const RvLossInfo *info, gint64 channel)
{
  return info->channel_weights ? info->channel_weights[channel] : 1;
}

/* Number @i of a map, from 0, in row-major order. */
static inline double
rv__loss_map_number (const RvLossMap *map, gint64 i)
{
  return map->type == RV_F64 ? ((const double *) map->data)[i] : (double) ((const float *) map->data)[i];
}

/* Sets number @i of a map, from 0, in row-major order. */
static inline void
rv__loss_map_set (const RvLossMap *map, gint64 i, double number)
{
  if (map->type == RV_F64)
    ((double *) map->data)[i] = number;
  else
    ((float *) map->data)[i] = (float) number;
}

/* Copies @n positions, from @first on, of channel @channel of @map, from 0, to @row (out caller-allocates), [@n], in
 * f64. The range must lie inside the channel, unchecked. */
void rv__loss_map_get (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double *row);
/* Adds @factor * @row, [@n], to @n positions, from @first on, of channel @channel of @map, from 0: changes map->data.
 * An f32 map adds each product rounded to f32. The range must lie inside the channel, unchecked. */
void rv__loss_map_add (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double factor, const double *row);

/* Records the kernel, [@channels, @channels, 3, 3], of a convolution of each channel by @numbers, 3 x 3 row by row,
 * without mixing channels. Returns its value; -1: an error is in program->error. */
int rv__loss_record_kernel (RvProgram *program, gint64 channels, const double numbers[9]);

#define RV_LOSS_UNSEEN 1e-6
/* Returns the divisor of a relative loss: @squares, but at least @n * RV_LOSS_UNSEEN^2, so that the gradient for a flat
 * picture fits into f32. @squares: sum of squares of @n numbers of the other picture. */
double rv__loss_norm (double squares, double n);

/* RvLossClass.record of losses whose map is the layer itself (RV_TILING_WHOLE): sets stats[0] to values->x, and records
 * nothing. Cannot fail. */
void rv__map_record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values,
                     int stats[RV_LOSS_MAX_SUMS]);
/* RvLossClass.evaluate of means: returns sum[0][0] / (C N) and sets grad[0][0] to 1 / (C N): C channels, N positions of
 * the whole layer. Ignores @target. Cannot fail. */
double rv__mean_evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                          double *const grad[]);
/* RvLossClass.evaluate of relative losses: returns sum[0][0] / T and sets grad[0][0] to 1 / T. T: target->sum[0][0],
 * the target's sum of squares, but at least the minimum of rv__loss_norm(). Cannot fail. */
double rv__relative_evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                              double *const grad[]);
