/* objective-internal.h -- the terms of an objective and their compiled program, for its source files. Layer 6 (method).
 */
#ifndef RV_OBJECTIVE_INTERNAL_H
#define RV_OBJECTIVE_INTERNAL_H

#include "base/alloc.h"
#include "objective.h"
#include "tiles.h"

/* A term at its layer, with values of the program. */
typedef struct {
  const RvTerm *term;
  RvLossInfo info;
  int group;                        /* index of the group that reports it */
  int feature, target;              /* values: the term's input, and its target */
  int mask;                         /* value: 1 in the core for tiles, or the root of the mask */
  float *mask_plane;                /* root of the mask at the layer's positions; NULL: none. Owned */
  RvReceptiveField reach;           /* the layer's; only with masks */
  gint64 rows;                      /* in the whole layer */
  gint64 jump[2];                   /* only with tiles: px between neighbouring positions */
  int stats[RV_LOSS_MAX_SUMS];      /* values: the statistics, sums or a map */
  int grad_stats[RV_LOSS_MAX_SUMS]; /* values: gradient of `stats`, set from the host */
  gint64 n[RV_LOSS_MAX_SUMS];       /* numbers in each sum */
  gint64 side[RV_LOSS_MAX_SUMS];    /* side of a symmetric matrix; else 0 */
  double *sums[RV_LOSS_MAX_SUMS];   /* sums of the last pass, over all tiles */
  double *grad_sums[RV_LOSS_MAX_SUMS], *picture_grad_sums[RV_LOSS_MAX_SUMS]; /* dL/d(sum): for all targets, for one */
  RvLossMap map, grad_map;                                                   /* whole layer; RV_TILING_WHOLE only */
  void *host_target;  /* the targets if not resident, plain rows */
  RvLossTarget *norm; /* sums against zero targets, of each picture of x; for RV_TARGET_FEATURES */
} RvTermInstance;

/* Statistics of a target picture, and its weight in the loss. */
typedef struct {
  RvTargetStats *sums;
  double weight;
} RvWeightedTarget;

/* The compiled program of all terms, for one tile or the whole picture. */
typedef struct {
  RvExecutable *executable;
  int x, grad_x;            /* values; grad_x -1: without gradient */
  RvTiling *tiling;         /* NULL: no tiles */
  double recompute_work;    /* relative work of a forward and backward pass; 1 without recomputation */
  gboolean linear;          /* the gradients of the sums do not depend on the sums */
  int *first;               /* first tile of each rank, then the number of tiles */
  RvAllReduce *all_reduce;  /* sums of all terms over all tiles; once bound, as the members below */
  double *tile_sums;        /* from one tile */
  gint64 n_sums;            /* numbers that are reduced, without the upper triangles of symmetric matrices */
  double *losses_and_grads; /* loss of each term, then gradients of the sums in the program's type */
  void *tile_grads;         /* only if distributed: gradients of this rank's tiles */
  void *core_buffer;        /* gradient of another rank's tile */
} RvTermProgram;

struct _RvObjective {
  RvObjectiveSpec spec;
  int height, width;
  GArray *weighted_terms; /* RvTerm: weights of the terms; spec.terms, or a copy with other weights */
  GArray *instances;      /* RvTermInstance */
  GArray *others;         /* RvWeightedTarget */
  RvLosses groups;        /* only their names */
  RvTermProgram pass;
  GArray *buffers;    /* all memory of the objective once bound (base/alloc.h) */
  void *staging;      /* a sum in the program's type, on its way in or out */
  void *x, *gradient; /* x and dL/dx on the host; values of the program if resident */
  gint64 busy_us;     /* time in tiles; see rv__objective_speed() */
  gint64 n_busy;      /* tiles computed in busy_us */
  void *window;       /* region of a layer or of the picture, on its way in or out of the program */
};

static inline RvTermInstance *
instance_at (const RvObjective *objective, guint i)
{
  return &g_array_index (objective->instances, RvTermInstance, i);
}

enum { RV_OBJECTIVE_PICTURE, RV_OBJECTIVE_BOUND }; /* phases of the buffers */

/* Adds a buffer that is allocated when the objective is bound. */
static inline void
rv__objective_add_buffer (RvObjective *objective, void *at, gsize bytes, const char *what)
{
  const RvBuffer row = { at, (gint64) bytes, what, RV_OBJECTIVE_BOUND, RV_OBJECTIVE_BOUND };
  g_array_append_val (objective->buffers, row);
}

static inline gsize
map_bytes (const RvLossMap *map)
{
  return (gsize) (map->channels * map->positions) * rv_type_bytes (map->type);
}

/* ---- record.c ---- */

/* Records the terms. *x: value of the input. Tiles must be planned before. */
gboolean rv__objective_record (RvObjective *objective, RvProgram *program, int *x, GError **error);
/* Records the backward pass. Returns the gradient of @x. */
int rv__objective_differentiate (const RvObjective *objective, RvProgram *program, int x);
/* Number of terms on layers, without those on x itself. */
guint rv__objective_count_terms (const RvObjectiveSpec *spec);

/* ---- objective.c ---- */

/* Creates an objective without its buffers, see rv__objective_new(). (transfer full) (nullable). Without @with_gradient
 * only statistics can be computed. */
RvObjective *rv__objective_make (const RvObjectiveSpec *spec, int height, int width, gboolean with_gradient,
                                 GError **error);

/* Index in objective->groups of the group that reports @term. */
int rv__objective_group_of (const RvObjective *objective, const RvTerm *term);
/* Frees the sums and the map of a target. */
void rv__objective_clear_target (RvLossTarget *target);

/* ---- masks.c ---- */

/* Resamples the masks of the spec to the layers, after recording. RV_ERROR_MEMORY. */
gboolean rv__objective_set_masks (RvObjective *objective, const RvProgram *program, int x, GError **error);
/* Loads the masks into an untiled program. RV_ERROR_MEMORY. */
gboolean rv__objective_bind_masks (RvObjective *objective, GError **error);
/* Memory of a term's mask, bytes. */
gsize rv__objective_mask_bytes (const RvTermInstance *instance);

/* ---- windows.c ---- */

/* Whether x and dL/dx are values of the program, so that targets and masks stay there. */
gboolean rv__objective_is_resident (const RvObjective *objective);

/* Count of the numbers in one picture. */
gint64 rv__objective_picture_numbers (const RvObjective *objective);
/* Bytes of all pictures; their gradient has as many. */
gsize rv__objective_pictures_bytes (const RvObjective *objective);

/* Region of a term's layer, or of a picture, in a window and in the whole. */
typedef struct {
  gint64 channels, rows, cols;             /* the window */
  gint64 whole_rows, whole_cols;           /* the picture */
  gint64 first[2], end[2], whole_first[2]; /* the region: in the window; in the picture */
} RvLayerRegion;

/* Region of the core of tile @tile in @value, a layer or map of a term. Without tiles: the whole. */
RvLayerRegion rv__objective_core_region (const RvObjective *objective, const RvTermInstance *instance, int value,
                                         int tile);
/* Copies a region between window and whole; @unit, @whole_unit: bytes per number there. */
void rv__objective_copy_region (const RvLayerRegion *at, void *window, gsize unit, void *whole, gsize whole_unit,
                                gboolean into_window);
/* Bytes per number of a term's targets that are stored for all tiles. */
gsize rv__objective_target_unit (const RvObjective *objective, const RvTermInstance *instance);

/* With tiles: counts the positions of each term's layer in the whole picture, after recording. */
void rv__objective_count_positions (RvObjective *objective, const RvProgram *program, int x);

/* Adds the buffers of windows and targets to objective->buffers. */
void rv__objective_list_windows (RvObjective *objective);
/* Sets x and its gradient to values of the program, if resident; once that is bound. */
gboolean rv__objective_map_picture (RvObjective *objective, GError **error);

/* Input of one evaluation: tile @tile of picture @n of @x, which has all pictures. */
typedef struct {
  int n, tile;
  const void *x;
  /* Number of the target picture that x is. Its terms compare with zeros, then take its features as targets. -1: x is
   * the picture that is optimised. */
  int target_picture;
} RvTileInput;

/* Loads x, masks and targets of the tile into the program, unless they are resident. */
gboolean rv__objective_load (RvObjective *objective, const RvTileInput *window, GError **error);
/* Adds the tile's statistics to those of this rank's other tiles. */
gboolean rv__objective_collect (RvObjective *objective, const RvTileInput *window, GError **error);
/* Stores the tile's features as targets. */
gboolean rv__objective_store_targets (RvObjective *objective, const RvTileInput *window, GError **error);
/* Sets the gradients of the maps, before the backward pass. */
gboolean rv__objective_seed (RvObjective *objective, const RvTileInput *window, GError **error);
/* Adds the tile's gradient to @whole; if distributed, stores it for rv__objective_reduce_gradients(). */
gboolean rv__objective_add_gradient (RvObjective *objective, const RvTileInput *window, void *whole, GError **error);
/* Adds the gradient of tile @tile of picture @n to @whole. */
void rv__objective_add_window (const RvObjective *objective, int n, int tile, const void *grad, void *whole);

/* ---- match.c ---- */

/* Memory of the announced feature banks and of the matching, bytes. */
gsize rv__objective_match_bytes (const RvObjective *objective);

/* ---- distribute.c ---- */

/* Whether tiles are distributed over ranks. Otherwise every rank computes the whole objective. */
gboolean rv__objective_is_distributed (const RvObjective *objective);
/* Sets pass->first and pass->n_sums: consecutive tiles for each rank, in proportion to its speed. Once tiles are
 * planned. */
void rv__objective_assign_tiles (RvObjective *objective);

/* Adds the buffers of this rank's tile gradients to objective->buffers. */
void rv__objective_list_share (RvObjective *objective);

/* First tile of this rank. */
int rv__objective_first_tile (const RvObjective *objective);
/* End of this rank's tiles, exclusive. */
int rv__objective_end_tile (const RvObjective *objective);
/* Memory of the gradient of tile @tile, one of this rank's. Borrowed. */
void *rv__objective_tile_gradient (const RvObjective *objective, int tile);

/* Gathers the whole maps of all terms on every rank. Collective; does nothing unless distributed. */
gboolean rv__objective_all_gather_maps (RvObjective *objective, GError **error);
/* Gathers the features that were stored of picture @n of x as targets, whole layers, on every rank. Only terms of
 * target picture @target_picture that read beyond a tile's core. Collective; does nothing unless distributed. */
gboolean rv__objective_all_gather_targets (RvObjective *objective, int n, int target_picture, GError **error);
/* Adds the gradients of the tiles of all ranks to @whole, the gradient of picture @n. From the last tile to the first,
 * or from the first if @rising: the bytes are those of a single rank. Collective; does nothing unless distributed. */
gboolean rv__objective_reduce_gradients (RvObjective *objective, int n, gboolean rising, void *whole, GError **error);

/* ---- reduce-sums.c ---- */

/* Count of the numbers that are reduced, over all sums. */
gint64 rv__objective_n_sums (const RvObjective *objective);
/* Adds the buffers of the sums to objective->buffers. */
void rv__objective_list_sums (RvObjective *objective);
/* Makes pass->all_reduce. RV_ERROR_MEMORY. */
gboolean rv__objective_bind_sums (RvObjective *objective, GError **error);
/* Bytes that rank 0 sends and receives for sums in an evaluation. */
gsize rv__objective_sums_traffic (const RvObjective *objective);

/* Sets the sums of all tiles to 0, before the first tile. */
void rv__objective_clear_sums (RvObjective *objective);
/* Adds the sums of the tile whose forward pass has just run. */
gboolean rv__objective_add_tile_sums (RvObjective *objective, GError **error);
/* Adds the sums of all ranks into those of the terms: on every rank if @everywhere, else only where
 * rv__objective_has_sums(). Collective. */
gboolean rv__objective_reduce_sums (RvObjective *objective, gboolean everywhere, GError **error);
/* Whether this rank has the reduced sums. */
gboolean rv__objective_has_sums (const RvObjective *objective);

/* Stores the loss of term @i, and @weight times the gradients of its sums, for the broadcast. */
void rv__objective_store_grad_sums (RvObjective *objective, guint i, double loss, double weight);
/* Broadcasts losses and gradients of the sums from rank 0. Collective. */
gboolean rv__objective_broadcast_grad_sums (RvObjective *objective, GError **error);
/* Loads the gradients of the sums of term @i into the program. *loss: its loss. */
gboolean rv__objective_set_grad_sums (RvObjective *objective, guint i, double *loss, GError **error);

/* ---- targets.c ---- */

/* Forward pass of picture @n of @x over all tiles; reduces the sums. @target_picture: see RvTileInput; if 0 or more,
 * the features become its targets. Collective. */
gboolean rv__objective_forward (RvObjective *objective, int n, const void *x, int target_picture, GError **error);
/* The same over this rank's tiles, without reducing the sums. @polls_stop: checks the stop request before each tile.
 * Collective. */
gboolean rv__objective_forward_local (RvObjective *objective, int n, const void *x, int target_picture,
                                      gboolean polls_stop, GError **error);

/* Target of term @i in target picture @which; NULL: the term does not compare with it. */
const RvLossTarget *rv__objective_target (const RvObjective *objective, guint i, int which);

#endif
