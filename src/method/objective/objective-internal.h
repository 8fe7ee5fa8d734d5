/* objective-internal.h -- what the files of an objective share: its terms in their places, what computes them.
 * Layer 6 (method). */
#ifndef RV_OBJECTIVE_INTERNAL_H
#define RV_OBJECTIVE_INTERNAL_H

#include "base/alloc.h"
#include "objective.h"
#include "tiles.h"

/* A term where it looks. */
typedef struct {
  const RvTerm *term;
  RvLossInfo info;
  int group;                        /* its number */
  int feature, target;              /* values: what it looks at; what that is compared with */
  int mask;                         /* value: of tiles, the core's positions; of masks, where */
  float *mask_plane;                /* the mask's root in the layer; NULL: none. Owned */
  RvReceptiveField reach;           /* of masks: of its layer */
  gint64 rows;                      /* of the whole layer */
  gint64 jump[2];                   /* of tiles: px from one position to the next */
  int stats[RV_LOSS_MAX_SUMS];      /* values: the sums, or the map */
  int grad_stats[RV_LOSS_MAX_SUMS]; /* values: dL/d(found), set from outside */
  gint64 n[RV_LOSS_MAX_SUMS];       /* numbers in each sum */
  gint64 side[RV_LOSS_MAX_SUMS];    /* of a symmetric matrix; else 0 */
  double *sums[RV_LOSS_MAX_SUMS];   /* the sums of the last pass */
  double *grad_sums[RV_LOSS_MAX_SUMS], *picture_grad_sums[RV_LOSS_MAX_SUMS]; /* dL/d(sum): over all pictures, of one */
  RvLossMap map, grad_map;                                                   /* of WHOLE losses, of the whole layer */
  void *host_target;  /* where not resident: the targets, plain rows */
  RvLossTarget *norm; /* of RV_TARGET_FEATURES: of each picture */
} RvTermInstance;

/* Another picture's part in the loss. */
typedef struct {
  RvTargetStats *sums;
  double weight;
} RvWeightedTarget;

/* What computes the terms, at all windows. */
typedef struct {
  RvExecutable *executable;
  int x, grad_x;            /* values; grad_x -1: only the sums are wanted */
  RvTiling *tiling;         /* NULL: one window, the whole picture */
  double recompute_work;    /* of forward and backward, to what it is with nothing recomputed; 1 when nothing is */
  gboolean linear;          /* what the backward pass is given can be known before the sums are */
  int *first;               /* of each rank the first window that is its own, and how many there are */
  RvAllReduce *all_reduce;  /* the sums of all terms, over windows; once bound, as what follows is */
  double *tile_sums;        /* of one window */
  gint64 n_sums;            /* numbers that are told of them */
  double *losses_and_grads; /* each term's loss; then the gradients with respect to the sums, in the program's type */
  void *tile_grads;         /* where it is shared: the gradients of this rank's windows */
  void *core_buffer;        /* that of another rank's window */
} RvTermProgram;

struct _RvObjective {
  RvObjectiveSpec spec;
  int height, width;
  GArray *weighted_terms; /* RvTerm: the spec's terms, or others whose weights count instead */
  GArray *instances;      /* RvTermInstance */
  GArray *others;         /* RvWeightedTarget */
  RvLosses groups;        /* their names */
  RvTermProgram pass;
  GArray *buffers;    /* all memory that it takes once bound (base/alloc.h) */
  void *staging;      /* a sum on its way in or out, in the program's type */
  void *x, *gradient; /* x and dL/dx on the host; values of the pass at home */
  gint64 busy_us;     /* with windows: rv__objective_speed() */
  gint64 n_busy;      /* of them */
  void *window;       /* one layer's or the picture's part in a window, on its way in or out */
};

static inline RvTermInstance *
instance_at (const RvObjective *objective, guint i)
{
  return &g_array_index (objective->instances, RvTermInstance, i);
}

enum { RV_OBJECTIVE_PICTURE, RV_OBJECTIVE_BOUND }; /* phases of its buffers */

/* Adds a buffer that is there once the objective is bound. */
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

/* rv__objective_record: the terms, where windows have their size. *x: where the picture is set.
 * rv__objective_differentiate: the way back to @x, whose gradient is returned.
 * rv__objective_count_terms: how many terms look at layers, not at x itself. */
gboolean rv__objective_record (RvObjective *objective, RvProgram *program, int *x, GError **error);
int rv__objective_differentiate (const RvObjective *objective, RvProgram *program, int x);
guint rv__objective_count_terms (const RvObjectiveSpec *spec);

/* ---- objective.c ---- */

/* rv__objective_make: as rv__objective_new(); without the gradient only what is found can be had. */
RvObjective *rv__objective_make (const RvObjectiveSpec *spec, int height, int width, gboolean with_gradient,
                                 GError **error);

/* rv__objective_group_of: under which number a term is reported. */
int rv__objective_group_of (const RvObjective *objective, const RvTerm *term);
void rv__objective_clear_target (RvLossTarget *target);

/* ---- masks.c ---- */

/* rv__objective_set_masks: brings the masks to the layers, after recording, where the spec has them.
 * rv__objective_bind_masks: those that stay, into the program. RV_ERROR_MEMORY.
 * rv__objective_mask_bytes: that a term's mask takes. */
gboolean rv__objective_set_masks (RvObjective *objective, const RvProgram *program, int x, GError **error);
gboolean rv__objective_bind_masks (RvObjective *objective, GError **error);
gsize rv__objective_mask_bytes (const RvTermInstance *instance);

/* ---- windows.c ---- */

/* rv__objective_is_resident: x and dL/dx are values of the program; targets and masks stay where they are. */
gboolean rv__objective_is_resident (const RvObjective *objective);

/* rv__objective_picture_numbers: in one picture. _pictures_bytes: of all of them, and of their gradient. */
gint64 rv__objective_picture_numbers (const RvObjective *objective);
gsize rv__objective_pictures_bytes (const RvObjective *objective);

/* A term's layer, or a picture: where a part of it lies in a window and in the whole. */
typedef struct {
  gint64 channels, rows, cols;             /* of the window */
  gint64 whole_rows, whole_cols;           /* of the picture */
  gint64 first[2], end[2], whole_first[2]; /* of the part: in the window; in the picture */
} RvLayerRegion;

/* rv__objective_core_region: the core's part of @value, a term's; of a picture in one window all of it.
 * rv__objective_copy_region: between the memory of the window and of the whole, numbers of so many bytes each.
 * rv__objective_target_unit: bytes of one number of what is compared with, where it is kept for all windows. */
RvLayerRegion rv__objective_core_region (const RvObjective *objective, const RvTermInstance *instance, int value,
                                         int tile);
void rv__objective_copy_region (const RvLayerRegion *at, void *window, gsize unit, void *whole, gsize whole_unit,
                                gboolean into_window);
gsize rv__objective_target_unit (const RvObjective *objective, const RvTermInstance *instance);

/* rv__objective_count_positions: of each term's layer in the whole picture, where it is in tiles; after recording. */
void rv__objective_count_positions (RvObjective *objective, const RvProgram *program, int x);

/* Adds the buffers of pictures and windows. */
void rv__objective_list_windows (RvObjective *objective);
/* Sets x and its gradient where they are values of the program; once that is bound. */
gboolean rv__objective_map_picture (RvObjective *objective, GError **error);

/* The one window that is looked at: of picture @n of @x, all pictures. */
typedef struct {
  int n, tile;
  const void *x;
  int target_picture; /* x is the picture of that number: terms that are compared with it are given its features, and
                  compare with zeros until then; -1: x is what is painted */
} RvTileInput;

/* Each does one thing for a window. rv__objective_load: sets that part of x, of its masks and of its targets in the
 * program, unless they lie there already. rv__objective_collect: adds what the terms found to what other windows of
 * this rank have found. rv__objective_store_targets: its features become targets. rv__objective_seed: sets the part of
 * the maps' gradients that the backward part begins with. rv__objective_add_gradient: adds its gradient to that of the
 * @whole, or keeps it for rv__objective_reduce_gradients(). */
gboolean rv__objective_load (RvObjective *objective, const RvTileInput *window, GError **error);
gboolean rv__objective_collect (RvObjective *objective, const RvTileInput *window, GError **error);
gboolean rv__objective_store_targets (RvObjective *objective, const RvTileInput *window, GError **error);
gboolean rv__objective_seed (RvObjective *objective, const RvTileInput *window, GError **error);
gboolean rv__objective_add_gradient (RvObjective *objective, const RvTileInput *window, void *whole, GError **error);
/* rv__objective_add_window: adds the gradient of window @tile of picture @n to that of the whole. */
void rv__objective_add_window (const RvObjective *objective, int n, int tile, const void *grad, void *whole);

/* ---- match.c ---- */

/* Bytes of the banks that the spec announces, and of matching with them. */
gsize rv__objective_match_bytes (const RvObjective *objective);

/* ---- distribute.c ---- */

/* rv__objective_is_distributed: whether the ranks of a cluster have windows of their own of it; else all compute all of
 * it. rv__objective_assign_tiles: which are whose, once its windows are known. */
gboolean rv__objective_is_distributed (const RvObjective *objective);
void rv__objective_assign_tiles (RvObjective *objective);

/* Adds the buffers of gradients that ranks share. */
void rv__objective_list_share (RvObjective *objective);

/* rv__objective_first_tile: this rank's windows: from there; up to rv__objective_end_tile. rv__objective_tile_gradient:
 * where that of such a window is kept. */
int rv__objective_first_tile (const RvObjective *objective);
int rv__objective_end_tile (const RvObjective *objective);
void *rv__objective_tile_gradient (const RvObjective *objective, int tile);

/* Of all ranks. rv__objective_all_gather_maps: what they have found is whole.
 * rv__objective_all_gather_targets: so are, where windows look beyond their cores, the features that were stored of
 * picture
 * @n. rv__objective_reduce_gradients: @whole, of picture @n, has had those of all windows added, as if by one rank, the
 * last window first unless @rising. */
gboolean rv__objective_all_gather_maps (RvObjective *objective, GError **error);
gboolean rv__objective_all_gather_targets (RvObjective *objective, int n, int becomes, GError **error);
gboolean rv__objective_reduce_gradients (RvObjective *objective, int n, gboolean rising, void *whole, GError **error);

/* ---- reduce-sums.c ---- */

/* Returns how many numbers are told of all sums. */
gint64 rv__objective_n_sums (const RvObjective *objective);
/* Adds the buffers of sums that are told. */
void rv__objective_list_sums (RvObjective *objective);
/* Makes pass->found. RV_ERROR_MEMORY. */
gboolean rv__objective_bind_sums (RvObjective *objective, GError **error);
/* Returns the bytes that rank 0 sends and receives of sums in an evaluation. */
gsize rv__objective_sums_traffic (const RvObjective *objective);

/* rv__objective_clear_sums: of the sums. rv__objective_add_tile_sums: the window's that has run, to what this rank has
 * found. rv__objective_reduce_sums: what all ranks have found is what the terms have measured, on all of them, or
 * unless
 * @everywhere on those that rv__objective_has_sums(). */
void rv__objective_clear_sums (RvObjective *objective);
gboolean rv__objective_add_tile_sums (RvObjective *objective, GError **error);
gboolean rv__objective_reduce_sums (RvObjective *objective, gboolean everywhere, GError **error);
gboolean rv__objective_has_sums (const RvObjective *objective);

/* rv__objective_store_grad_sums: the loss of the i-th placed term, and its gradient with respect to its sums times
 * @weight. rv__objective_broadcast_grad_sums: all ranks' are rank 0's now. rv__objective_set_grad_sums: those of a term
 * are what the backward part begins with; *loss: its loss. */
void rv__objective_store_grad_sums (RvObjective *objective, guint i, double loss, double weight);
gboolean rv__objective_broadcast_grad_sums (RvObjective *objective, GError **error);
gboolean rv__objective_set_grad_sums (RvObjective *objective, guint i, double *loss, GError **error);

/* ---- targets.c ---- */

/* rv__objective_forward: everything at picture @n of @x, on all ranks; @becomes as in RvTileInput.
 * rv__objective_forward_local: the same at this rank's windows; @asks: before each of them, whether to stop. */
gboolean rv__objective_forward (RvObjective *objective, int n, const void *x, int becomes, GError **error);
gboolean rv__objective_forward_local (RvObjective *objective, int n, const void *x, int becomes, gboolean asks,
                                      GError **error);

/* rv__objective_target: what the i-th placed term is compared with of other picture number @which; NULL: it is not. */
const RvLossTarget *rv__objective_target (const RvObjective *objective, guint i, int which);

#endif
