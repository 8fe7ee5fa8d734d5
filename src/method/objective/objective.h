/* objective.h -- the loss of pictures and its gradient: a list of terms on a network's layers and on the pictures.
 * Layer 6 (method). May include: net, loss, optim, cluster, graph, backend, io, tensor, base.
 *
 *   L(x) = mean over pictures of the sum over terms of weight * loss
 *
 * Constant targets are computed once. A picture that fits is computed as a whole: forward pass with the sums of each
 * loss, losses from the sums on the caller's thread, backward pass. In tiles: forward passes over all tiles for the
 * sums, then forward and backward passes over all tiles again, whose gradients are added (tiles.h). */
#pragma once

#include "backend/backend.h"
#include "cluster/cluster.h"
#include "method/compute.h"
#include "terms.h"

/* Ways to use less memory; all 0: none. The gradient stays the same, except with `compact`. */
typedef struct {
  int tile_px;        /* longest side of a tile's input; 0: no tiles */
  gboolean recompute; /* computes some features twice instead of storing them (graph/recompute.c) */
  gboolean compact;   /* with tiles: stores target features in 16 bits (base/minifloat.h); RV_F32 only */
} RvFit;

/* Inputs of rv__objective_new(). */
typedef struct {
  RvType type;      /* RV_F32; RV_F64 to check gradients, on the reference backend */
  const RvNet *net; /* NULL: no term is on a layer */
  RvNetVariant variant;
  const RvBackendClass *backend;
  RvCompileSettings compile;
  GArray *terms;             /* RvTerm; all are computed. The objective takes a reference */
  RvPixelSpace space;        /* pixel space of x */
  int n_pictures, channels;  /* x is [n_pictures, channels, height, width]; 0 means 1 and 3 */
  const float *const *masks; /* [height, width] each, 0..1; read by rv__objective_new(). NULL: none, or only to plan */
  RvFit fit;
  gint64 n_matched;           /* positions of feature banks (match.h), counted in rv__objective_memory() */
  RvStopRequest stop_request; /* polled while targets are measured and evaluations timed */
  int n_targets;              /* target pictures stored elsewhere, counted in rv__objective_memory() */
  RvCluster *cluster;         /* ranks that compute the tiles, all with the same calls; NULL: a single process */
  gboolean fast_sums;         /* rv__all_reduce_set_unordered() */
  gboolean only_stats;        /* no gradient: only statistics of target pictures are computed */
  const double *speed;        /* one for each rank, to assign tiles; NULL: all equal. Read by rv__objective_new() */
} RvObjectiveSpec;

/* Weighted losses; total is the sum of the groups. */
typedef struct {
  double total;
  int n_groups;
  const char *group[RV_MAX_GROUPS + 1]; /* rv__terms_groups() */
  double loss[RV_MAX_GROUPS];
} RvLosses;

typedef struct _RvObjective RvObjective;

/* A compiled objective for pictures of @height x @width px, still without its large buffers. (transfer full)
 * (nullable). Pointers in @spec are borrowed, except `terms`. */
RvObjective *rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error);
/* Replaces the stop request, between two pictures. @stop_request is copied; its pointers are borrowed. Cannot fail. */
void rv__objective_set_stop_request (RvObjective *objective, RvStopRequest stop_request);
/* Frees @objective (nullable) with its buffers, and releases its terms and targets. */
void rv__objective_free (RvObjective *objective);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvObjective, rv__objective_free)

/* Estimated bytes of host memory that the objective takes once it is bound and has all targets; without constants.
 * Allocates nothing. */
gsize rv__objective_memory (const RvObjective *objective);
/* Bytes of device memory that the objective takes once it is bound, or RV_TOO_LARGE: rv__executable_device_memory(). 0
 * if the backend computes in host memory. */
gsize rv__objective_device_memory (const RvObjective *objective);
/* Allocates all memory, loads masks and packs the weights, once, before targets and evaluations. After an error,
 * the objective may only be freed. */
gboolean rv__objective_bind (RvObjective *objective, GError **error);
/* Allocates only rv__objective_x(), before rv__objective_bind(). rv__objective_x() stays NULL if x is a value of the
 * program: one picture without tiles. */
gboolean rv__objective_bind_picture (RvObjective *objective, GError **error);

/* Replaces the masks, as RvObjectiveSpec.masks, of an objective that had some; they are read at once. Call it on a
 * bound objective, before the targets are set. An error may leave some masks replaced. */
gboolean rv__objective_change_masks (RvObjective *objective, const float *const *masks, GError **error);

/* ---- targets ---- */

/* Sets the targets of the RV_TARGET_FEATURES terms with picture @which to the features of @x, which is shaped like
 * rv__objective_x() or is the same memory. The objective must be bound. Collective. After an error, the targets are
 * undefined. The stop request cancels the call, too. */
gboolean rv__objective_set_features (RvObjective *objective, int which, const void *x, GError **error);

/* Statistics of a target picture: an RvLossTarget for each RV_TARGET_SUMS term. Reference-counted. */
typedef GArray RvTargetStats;

/* Statistics of a target picture, number @which, for the terms that compare with it; empty without any. (transfer
 * full) (nullable): g_array_unref(). @picture: [1, channels, height, width] in the objective's space and type.
 * @mask: (nullable): [height, width], 0 to 1: weights of its positions; maps keep those of 0.5 or more, or all if
 * there are none; NULL: all. Masks of x have no effect. One forward pass at that size, whose memory is freed before
 * the return. A call before rv__objective_bind() keeps the peak low. Collective. The stop request ends the call as
 * an error, too. */
RvTargetStats *rv__objective_measure_target (const RvObjective *objective, int which, const void *picture,
                                             const float *mask, int height, int width, GError **error);
/* Adds @sums as the statistics of the next target picture, and takes a reference. They may come from another objective
 * with the same terms. @weight: factor of the picture's loss in all terms that compare with it. Cannot fail. */
void rv__objective_add_target (RvObjective *objective, RvTargetStats *sums, double weight);
/* Removes all target pictures and releases their statistics, so that others can be added. Features stay. */
void rv__objective_clear_targets (RvObjective *objective);
/* Measures the statistics of @picture, [1, channels, height, width] in the objective's space and type, without a mask,
 * and adds them as the next target picture. @weight: factor of its loss in all terms that compare with it.
 * Collective. Adds nothing after an error. */
gboolean rv__objective_measure_and_add_target (RvObjective *objective, const void *picture, int height, int width,
                                               double weight, GError **error);

/* ---- evaluating ---- */

/* x itself, [n_pictures, channels, height, width] in the objective's type, for writing. Borrowed. NULL until
 * rv__objective_bind_picture() or rv__objective_bind() has allocated it. */
void *rv__objective_x (RvObjective *objective);
/* dL/dx of the last evaluation, shaped like x. Borrowed. The caller may overwrite it. NULL until bound. */
void *rv__objective_gradient (const RvObjective *objective);

/* Overwrites *losses with the weighted losses at rv__objective_x(), and rv__objective_gradient() with dL/dx. Only once
 * bound, with all targets set. Collective. After an error, both are undefined. The thread's cancellable cancels the
 * call, the stop request does not. */
gboolean rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error);
/* Evaluates like rv__objective_evaluate(), but at @x, such as a value of another program. Overwrites @gradient with
 * dL/dx. Both are shaped like rv__objective_x(). */
gboolean rv__objective_evaluate_at (RvObjective *objective, const void *x, void *gradient, RvLosses *losses,
                                    GError **error);

/* Sets the weights of the terms from the next evaluation on, replacing those of an earlier call. @terms: the same terms
 * with other weights; takes a reference. Cannot fail. */
void rv__objective_set_weights (RvObjective *objective, GArray *terms);

/* ---- planning ---- */

/* Number of tiles of one picture; 1 without tiles. */
int rv__objective_n_tiles (const RvObjective *objective);

/* Work of one evaluation, as a multiple of that of the whole picture without tiles and recomputation. It is above 1
 * with tiles: halos are computed more than once, and the sums need a forward pass of their own. Estimated from the
 * sizes; evaluates nothing. */
double rv__objective_work (const RvObjective *objective);

/* Bytes that rank 0 sends and receives in one evaluation of all pictures, estimated; 0: a single process. */
gsize rv__objective_traffic (const RvObjective *objective);

/* Mean number of tiles per second of this rank since the objective was made; 0 if it has computed none, or without
 * tiles. */
double rv__objective_speed (const RvObjective *objective);

/* Executable of the program, for profiling. Borrowed, until the objective is freed. */
RvExecutable *rv__objective_executable (RvObjective *objective);

#define RV_LIBRARY_BYTES (12u << 20) /* memory of the libraries once all are in use, by VmHWM */
#define RV_LINK_BYTES (24u << 20)    /* memory of MPI in addition, after much communication */

/* Time limit for measuring kernels, s: a fraction of the estimated time of @n_evaluations of a picture of @pixels. */
double rv__objective_tune_seconds (gint64 pixels, gint64 n_evaluations);
/* Sets *seconds to the time of one evaluation, the shortest of three. Overwrites the gradient. Once bound, with all
 * targets. Collective. The stop request cancels the call, too. */
gboolean rv__objective_time (RvObjective *objective, double *seconds, GError **error);
