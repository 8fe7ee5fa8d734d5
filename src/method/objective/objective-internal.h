/* objective-internal.h -- the terms of an objective and their compiled program, for its source files. Layer 6 (method).
 */
#pragma once

#include "base/alloc.h"
#include "objective.h"
#include "tiles.h"
#include "tensor/type.h"

/* A term at its layer, with values of the program. */
typedef struct {
  const RvTerm *term;
  RvLossInfo info;
  int group;                        /* index in objective->groups; n_groups: none */
  int feature, target;              /* values: the term's input, and its target; target -1: none */
  int mask;                         /* value: root of the mask, or 1; 0 outside the core of a tile. -1: none */
  float *mask_plane;                /* root of the mask at the layer's positions; NULL: none. Owned */
  RvReceptiveField reach;           /* receptive field of the layer; only with spec.masks */
  gint64 rows;                      /* rows of the whole layer */
  gint64 jump[2];                   /* only with tiles: px between neighbouring positions */
  int stats[RV_LOSS_MAX_SUMS];      /* values: the statistics, sums or a map */
  int grad_stats[RV_LOSS_MAX_SUMS]; /* values: gradient of `stats`, set from the host */
  gint64 n[RV_LOSS_MAX_SUMS];       /* numbers in each sum */
  gint64 side[RV_LOSS_MAX_SUMS];    /* side of a symmetric matrix; else 0 */
  double *sums[RV_LOSS_MAX_SUMS];   /* sums of the last pass, over all tiles */
  double *grad_sums[RV_LOSS_MAX_SUMS], *picture_grad_sums[RV_LOSS_MAX_SUMS]; /* dL/d(sum): for all targets, for one */
  RvLossMap map, grad_map;                                                   /* whole layer; RV_TILING_WHOLE only */
  void *host_target;  /* the targets if not resident, [n_pictures, channels, positions], plain rows */
  RvLossTarget *norm; /* sums between targets and zeros, [n_pictures]; zeros unless RV_TARGET_FEATURES. Owned */
} RvTermInstance;

/* Statistics of a target picture, and its weight in the loss. */
typedef struct {
  RvTargetStats *sums;
  double weight;
} RvWeightedTarget;

struct _RvObjective {
  RvObjectiveSpec spec;
  int height, width;
  GArray *weighted_terms; /* RvTerm: weights of the terms; spec.terms, or a copy with other weights */
  GArray *instances;      /* RvTermInstance */
  GArray *others;         /* RvWeightedTarget */
  RvLosses groups;        /* only the names of the groups */

  /* The compiled program of all terms, for one tile or the whole picture. */
  RvExecutable *executable;
  int x_value, grad_x_value; /* values; grad_x_value -1: without gradient */
  RvTiling *tiling;          /* NULL: no tiles */
  double recompute_work;     /* relative work of a forward and backward pass; 1 without recomputation */
  gboolean linear;           /* the gradients of the sums do not depend on the sums */
  int *first_tile;           /* of each rank, then the number of tiles */
  gint64 n_sums;             /* numbers that are reduced, without the upper triangles of symmetric matrices */
  RvAllReduce *all_reduce;   /* sums of all terms over all tiles; once bound, as the members below */
  double *tile_sums;         /* sums of one tile */
  double *losses_and_grads;  /* loss of each term, then gradients of the sums in the program's type */
  void *tile_grads;          /* only if distributed: gradients of this rank's tiles */
  void *core_buffer;         /* gradient of another rank's tile */

  GArray *buffers;    /* all memory of the objective once bound (base/alloc.h) */
  void *staging;      /* workspace: a sum in the program's type, copied into or out of the program */
  void *x, *gradient; /* x and dL/dx on the host; values of the program if resident */
  gint64 busy_us;     /* time spent on tiles; see rv__objective_speed() */
  gint64 n_busy;      /* tiles computed in busy_us */
  void *window;       /* workspace: region of a layer or of the picture, copied into or out of the program */
};

/* Instance of recorded term @i, from 0; must be below instances->len (unchecked). Borrowed from @objective. */
static inline RvTermInstance *
instance_at (const RvObjective *objective, guint i)
{
  return &g_array_index (objective->instances, RvTermInstance, i);
}

enum { RV_OBJECTIVE_PICTURE, RV_OBJECTIVE_BOUND }; /* phases of the buffers */

/* Appends a buffer of @bytes (0: none) to objective->buffers, which allocate it when the objective is bound, and free
 * it. @at: address of the pointer to the buffer, of any type; NULL: memory of other code, which is only counted. @what:
 * static. */
static inline void
rv__objective_add_buffer (RvObjective *objective, void *at, gsize bytes, const char *what)
{
  const RvBuffer row = { at, (gint64) bytes, what, RV_OBJECTIVE_BOUND, RV_OBJECTIVE_BOUND };
  g_array_append_val (objective->buffers, row);
}

/* Bytes of a map: channels x positions numbers of its type. */
static inline gsize
map_bytes (const RvLossMap *map)
{
  return (gsize) (map->channels * map->positions) * rv__type_bytes (map->type);
}

/* ---- record.c ---- */

/* Records all terms, and appends their instances to objective->instances. Sets *x to the value of the input picture, or
 * of a tile's window: objective->tiling must be planned before. An error of @program is copied. RV_ERROR_SHAPE
 * for a picture that is too small names the smallest size, and is about 'size'. */
gboolean rv__objective_record (RvObjective *objective, RvProgram *program, int *x, GError **error);
/* Records the backward pass of all recorded terms to the input @x, and marks dL/dx as an output of @program. Returns
 * its value; -1 after an error, in program->error, or, without an error, if no term depends on @x. */
int rv__objective_differentiate (const RvObjective *objective, RvProgram *program, int x);
/* Number of terms on layers, without those on x itself. */
guint rv__objective_count_terms (const RvObjectiveSpec *spec);

/* ---- objective.c ---- */

/* A new bound objective without gradient, for a target picture of this size, with the settings of @objective, but
 * without measuring kernels; in tiles of the tile size of @objective, or, if that is 0, of the longest side of its
 * picture. (transfer full) (nullable). @terms: terms of the result; referenced. @mask: (nullable): the mask for terms
 * with mask 0; NULL: no term has a mask. @cluster: (nullable): NULL is a single process. */
RvObjective *rv__objective_new_for_target (const RvObjective *objective, GArray *terms, const float *mask,
                                           RvCluster *cluster, int height, int width, GError **error);

/* Frees the sums and the map of @target, not the struct, and sets all of it to 0. */
void rv__objective_clear_target (RvLossTarget *target);

/* ---- masks.c ---- */

/* Resamples spec.masks, if any, to the layers of the recorded terms: sets their mask_plane, info.mask_mean and `reach`.
 * @program: the recorded program; @x: its input. */
gboolean rv__objective_set_masks (RvObjective *objective, const RvProgram *program, int x, GError **error);
/* Loads the resampled masks, if any, into an untiled, bound program. */
gboolean rv__objective_bind_masks (RvObjective *objective, GError **error);

/* ---- windows.c ---- */

/* Whether x and dL/dx are values of the program, so that targets and masks stay there: one picture without tiles. */
gboolean rv__objective_is_resident (const RvObjective *objective);

/* Bytes of all pictures in the objective's type; their gradient has as many. */
gsize rv__objective_pictures_bytes (const RvObjective *objective);

/* Region of a term's layer, or of a picture, in a window and in the whole. */
typedef struct {
  gint64 channels, rows, cols;             /* the window */
  gint64 whole_rows, whole_cols;           /* the picture */
  gint64 first[2], end[2], whole_first[2]; /* the region: in the window; in the picture */
} RvLayerRegion;

/* Region of the core of tile @tile in the program's value @value, a feature or map of @instance. Without tiles: the
 * whole value. */
RvLayerRegion rv__objective_core_region (const RvObjective *objective, const RvTermInstance *instance, int value,
                                         int tile);
/* Copies the region @at from @whole to @window if @into_window, else back. @unit,
 * @whole_unit: bytes per number of @window and of @whole; units that differ convert between floats and minifloats.
 * Numbers outside the region stay. Cannot fail. */
void rv__objective_copy_region (const RvLayerRegion *at, void *window, gsize unit, void *whole, gsize whole_unit,
                                gboolean into_window);
/* Copies @n numbers of @from_unit bytes to @to, numbers of @to_unit bytes. If the units differ, converts between floats
 * (4) and minifloats (2). */
void rv__objective_copy_row (const guint8 *from, gsize from_unit, guint8 *to, gsize to_unit, gint64 n);
/* Bytes per number in a term's host_target: 2 if compact, else those of the objective's type. */
gsize rv__objective_target_unit (const RvObjective *objective, const RvTermInstance *instance);

/* Sets rows, jump and info.positions of each recorded term to those of its layer in the whole picture, although
 * @program with the input @x has only one window. With tiles only. */
void rv__objective_count_positions (RvObjective *objective, const RvProgram *program, int x);

/* Appends the picture, its gradient, the copied window and the targets to objective->buffers, which allocate them when
 * the objective is bound; the picture also in rv__objective_bind_picture(). Cannot fail. */
void rv__objective_add_window_buffers (RvObjective *objective);
/* Sets objective->x and ->gradient to the host addresses of the program's values, if resident and with gradient; else
 * does nothing. Only once the executable is bound. */
gboolean rv__objective_map_picture (RvObjective *objective, GError **error);

/* Input of one evaluation: tile @tile of picture @n of @x, which has all pictures. */
typedef struct {
  int n, tile;
  const void *x;
  /* 0 or more: x is this target picture; its terms compare with zeros, and its features become their targets. -1: x is
   * the picture that is optimised. */
  int target_picture;
} RvTileInput;

/* Loads x of the tile into the program; with tiles also the masks. Unless rv__objective_is_resident() also the targets:
 * zeros for the terms whose picture is window->target_picture. Overwrites objective->window. */
gboolean rv__objective_load (RvObjective *objective, const RvTileInput *window, GError **error);
/* After a forward pass: copies the tile's maps into the whole maps, and adds its sums to those of this rank's other
 * tiles. Overwrites objective->window and ->staging. */
gboolean rv__objective_collect (RvObjective *objective, const RvTileInput *window, GError **error);
/* After a forward pass: copies the tile's features to the targets of the terms whose picture is
 * window->target_picture: on the host, through the buffer objective->window, or in the program if
 * rv__objective_is_resident(). */
gboolean rv__objective_store_targets (RvObjective *objective, const RvTileInput *window, GError **error);
/* Loads the tile's region of the gradients of the maps into the program, before the backward pass; 0 outside its core.
 * Terms without maps are skipped. With tiles overwrites objective->window. */
gboolean rv__objective_load_grad_maps (RvObjective *objective, const RvTileInput *window, GError **error);
/* After a backward pass: adds the tile's gradient to @whole, the gradient of all pictures. If resident, overwrites
 * @whole. If distributed, only stores the tile's gradient for rv__objective_reduce_gradients(). */
gboolean rv__objective_add_gradient (RvObjective *objective, const RvTileInput *window, void *whole, GError **error);
/* Adds @grad, the gradient of the whole window of tile @tile, to picture @n of @whole, the gradient of all pictures. */
void rv__objective_add_window (const RvObjective *objective, int n, int tile, const void *grad, void *whole);

/* ---- match.c ---- */

/* Bytes of feature banks of spec.n_matched positions and of the temporary memory of a matching; 0: n_matched is 0. */
gsize rv__objective_match_bytes (const RvObjective *objective);

/* ---- distribute.c ---- */

/* Whether tiles are distributed over ranks. FALSE: every rank computes the whole objective. */
gboolean rv__objective_is_distributed (const RvObjective *objective);
/* Sets objective->first_tile and objective->n_sums: consecutive tiles for each rank, in proportion to its speed;
 * without tiles rank 0 owns the only one. Only once tiles are planned. Cannot fail. */
void rv__objective_assign_tiles (RvObjective *objective);

/* Appends objective->tile_grads, for the tiles of the rank with most tiles, and objective->core_buffer, for one tile of
 * another rank, to objective->buffers, which allocate them when the objective is bound. Both are empty unless
 * distributed and with gradient. Needs objective->first_tile. Cannot fail. */
void rv__objective_add_tile_grad_buffers (RvObjective *objective);

/* Number, from 0, of the first tile that this rank computes; it computes all from there to rv__objective_end_tile() -
 * 1, none if both are equal. 0 if not distributed. */
int rv__objective_first_tile (const RvObjective *objective);
/* End of the tiles that this rank computes, exclusive. */
int rv__objective_end_tile (const RvObjective *objective);
/* Gradient buffer of the whole window of tile @tile, one of this rank's. Borrowed. Only if distributed and bound. */
void *rv__objective_tile_gradient (const RvObjective *objective, int tile);

/* Completes the `map` of each term on every rank with the cores of the other ranks' tiles. Collective; does nothing
 * unless distributed. */
gboolean rv__objective_all_gather_maps (RvObjective *objective, GError **error);
/* Completes the host_target for picture @n of x, on every rank, of the terms of target picture @target_picture that
 * read beyond a tile's core; if features are matched (spec.n_matched), of all its terms. Collective; does nothing
 * unless distributed. */
gboolean rv__objective_all_gather_targets (RvObjective *objective, int n, int target_picture, GError **error);
/* Adds the gradients of all tiles, also this rank's, to picture @n of @whole, the gradient of all pictures, on
 * every rank. These are the gradients that rv__objective_add_gradient() stored. Adds the last tile first, or the
 * first one if @rising, as a single rank does: the bytes are equal. Collective; does nothing unless distributed.
 * After an error only some tiles are added. */
gboolean rv__objective_reduce_gradients (RvObjective *objective, int n, gboolean rising, void *whole, GError **error);

/* ---- reduce-sums.c ---- */

/* Count of the numbers that are reduced, over all sums of all terms: of a symmetric matrix only a triangle. */
gint64 rv__objective_n_sums (const RvObjective *objective);
/* Appends the buffers for adding sums over tiles and ranks to objective->buffers, which allocate them when the
 * objective is bound. Reads objective->n_sums and first_tile, which must be set. The terms' own sums are not among
 * them. Cannot fail. */
void rv__objective_add_sum_buffers (RvObjective *objective);
/* Creates objective->all_reduce, unless there are no sums. */
gboolean rv__objective_bind_sums (RvObjective *objective, GError **error);
/* Bytes that rank 0 sends and receives for sums in an evaluation of one picture; 0: a single process. */
gsize rv__objective_sums_traffic (const RvObjective *objective);

/* Sets the sums of all terms to 0; used if the gradients of the sums do not depend on the sums. Cannot fail. */
void rv__objective_clear_sums (RvObjective *objective);
/* Adds the sums of the tile whose forward pass has just run to objective->all_reduce; without tiles only on rank 0,
 * since every rank computes the same sums. Overwrites objective->staging and ->tile_sums. */
gboolean rv__objective_add_tile_sums (RvObjective *objective, GError **error);
/* Ends the addition: overwrites the sums of the terms with the totals of all ranks. The totals are valid on every rank
 * if @everywhere or with fast_sums, else only on rank 0. Overwrites objective->tile_sums. Does nothing without
 * sums. Collective. */
gboolean rv__objective_reduce_sums (RvObjective *objective, gboolean everywhere, GError **error);

/* Stores @loss, of term @i, and @weight times its grad_sums in objective->losses_and_grads, for the broadcast. */
void rv__objective_store_grad_sums (RvObjective *objective, guint i, double loss, double weight);
/* Broadcasts objective->losses_and_grads from rank 0. Collective; does nothing with fast_sums or without sums. */
gboolean rv__objective_broadcast_grad_sums (RvObjective *objective, GError **error);
/* Loads the gradients of the sums of term @i from objective->losses_and_grads into the program. Sets *loss to the
 * term's loss stored there, unweighted. Overwrites objective->staging. */
gboolean rv__objective_set_grad_sums (RvObjective *objective, guint i, double *loss, GError **error);

/* ---- targets.c ---- */

/* Forward pass of picture @n of @x over this rank's tiles, without reducing the sums. @target_picture: 0 or more: the
 * features become the targets of this picture; -1: none. Maps and targets are complete. @polls_stop: polls the stop
 * request before each tile. Collective. */
gboolean rv__objective_forward_local (RvObjective *objective, int n, const void *x, int target_picture,
                                      gboolean polls_stop, GError **error);

/* Target of term @i in target picture @which, from 0, already added. Borrowed. NULL: the term has no target there. */
const RvLossTarget *rv__objective_target (const RvObjective *objective, guint i, int which);
