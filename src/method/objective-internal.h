/* objective-internal.h -- what the two files of an objective share: its terms, and what tiles add to it.
 * Layer 6 (method). */
#ifndef RV_OBJECTIVE_INTERNAL_H
#define RV_OBJECTIVE_INTERNAL_H

#include "objective.h"
#include "tiles.h"

/* One loss at one place: a layer, or the picture itself. */
typedef struct {
  const RvLossClass *loss;
  double weight; /* of the kind times of the layer */
  RvLossInfo info;
  int feature, target;                                     /* values; target of content only */
  int mask;                                                /* value: of tiles, the core's positions; a style's part */
  int style;                                               /* whose mask is on the features; -1: none is */
  float *style_mask;                                       /* its root over the whole layer; NULL: none. Owned */
  double share;                                            /* the mean of the mask; 1 without */
  gint64 rows;                                             /* of the whole layer */
  gint64 jump[2];                                          /* of tiles: px from one position to the next */
  void *content;                                           /* of tiles: the target of the whole layer, plain rows */
  int sum[RV_LOSS_MAX_SUMS];                               /* values: the sums */
  int grad_sum[RV_LOSS_MAX_SUMS];                          /* values: dL/d(sum), set from outside */
  gint64 n[RV_LOSS_MAX_SUMS];                              /* numbers in each */
  double *measured[RV_LOSS_MAX_SUMS];                      /* the sums of the last pass */
  double *grad[RV_LOSS_MAX_SUMS], *part[RV_LOSS_MAX_SUMS]; /* dL/d(sum): over all styles, of one. In ->sums */
  RvLossTarget norm;                                       /* of content: sum P^2 */
} RvTerm;

/* A style's part in the loss. */
typedef struct {
  RvStyleTarget *target;
  double blend;
} RvStylePart;

struct _RvObjective {
  RvObjectiveSpec spec;
  int height, width;
  GArray *terms;         /* RvTerm */
  GArray *styles;        /* RvStylePart */
  int x, grad_x;         /* values; grad_x -1: only the sums are wanted */
  double recompute_work; /* of forward and backward, to what it is with nothing recomputed; 1 when nothing is */
  guint n_seen;          /* taps met while the network was recorded */
  RvExecutable *executable;
  double *sums;  /* the memory of all terms' sums and of staging, once bound */
  void *staging; /* a sum on its way in or out, in the program's type */

  void *picture, *gradient; /* x and dL/dx on the host: mapped; of tiles ours, unless ->tv has them */

  /* Of a picture in tiles; else NULL. */
  RvTiling *tiling;
  RvObjective *tv; /* the loss that looks at the picture itself needs no tiles: it holds x and dL/dx */
  void *window;    /* one layer's or the picture's part in a window, on its way in or out */
};

/* ---- objective.c ---- */

/* rv__objective_blank: (transfer full): without a program. rv__objective_record: the network and the losses' sums. */
RvObjective *rv__objective_blank (const RvObjectiveSpec *spec, int height, int width);
gboolean rv__objective_record (RvObjective *objective, RvProgram *program, GError **error);

/* rv__objective_looks: some layer is looked at. rv__objective_has_tv: the picture itself is. */
gboolean rv__objective_looks (const RvObjectiveSpec *spec);
gboolean rv__objective_has_tv (const RvObjectiveSpec *spec);

/* rv__objective_sums_bytes: what binding takes for the sums. rv__objective_target_bytes: what one style's target holds.
 */
gsize rv__objective_sums_bytes (const RvObjective *objective);
gsize rv__objective_target_bytes (const RvObjective *objective);

/* rv__objective_add_sums: those of the last pass forward join those measured. */
gboolean rv__objective_add_sums (RvObjective *objective, GError **error);

/* ---- objective-masks.c ---- */

/* rv__objective_set_masks: brings the styles' masks to the layers, after recording, where the spec has them.
 * rv__objective_bind_masks: an untiled objective's, into its program. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__objective_set_masks (RvObjective *objective, const RvProgram *program, GError **error);
gboolean rv__objective_bind_masks (RvObjective *objective, GError **error);

/* ---- objective-tiles.c ---- */

/* rv__objective_cut: sets ->tiling, where the spec asks for tiles and the picture is larger than one; before recording.
 * rv__objective_count_positions: of each term's layer in the whole picture; after it. */
gboolean rv__objective_cut (RvObjective *objective, gboolean with_gradient, GError **error);
void rv__objective_count_positions (RvObjective *objective, const RvProgram *program);
gboolean rv__objective_bind_tiles (RvObjective *objective, GError **error);

/* rv__objective_is_linear: whether what the backward pass is given can be known before the sums are. */
gboolean rv__objective_is_linear (const RvObjective *objective);

/* rv__objective_load_tile: that part of the picture @whole, the core's masks, and its targets. _keep_content: its
 * features become targets. */
gboolean rv__objective_load_tile (RvObjective *objective, int tile, const void *whole, GError **error);
gboolean rv__objective_keep_content (RvObjective *objective, int tile, GError **error);

/* rv__objective_backward_tiles: forward and backward over each tile, the gradients added up. @lies: of the sums' pass,
 * the last tile still lies there; without one, the sums are found on the way. */
gboolean rv__objective_backward_tiles (RvObjective *objective, gboolean lies, GError **error);

#endif
