/* tiles.h -- a picture too large for memory, cut into windows that overlap and cores that do not.
 * Layer 6 (method).
 *
 * All windows have one size, so that one program serves them all. Each is the picture around its core, wide enough that
 * every feature of the core is what it is in the whole picture; windows lie on multiples of the layers' strides, so
 * that poolings fall where they fall in the whole. The picture's own borders are the windows' borders there. */
#ifndef RV_TILES_H
#define RV_TILES_H

#include "graph/graph.h"

/* One axis of a tiling, px. */
typedef struct {
  int window;         /* where the window begins */
  int core, core_end; /* the part of the picture that is this tile's own */
} RvTileSpan;

typedef struct {
  int picture[2], window[2]; /* rows, columns, px */
  GArray *span[2];           /* RvTileSpan: down, and across */
} RvTiling;

/* What the layers that losses look at need. */
typedef struct {
  int before[2], after[2]; /* px that a core needs around it */
  int unit;                /* px: a multiple of all strides on the way */
} RvHalo;

/* rv__halo_of: of the values @taps in a recorded program, with @border more positions of each on all sides.
 * RV_ERROR_SETTING, naming the op, when one of them cannot be computed from a part of the picture. */
gboolean rv__halo_of (const RvReceptiveField *reaches, const int *taps, int n_taps, int border, RvHalo *halo,
                      GError **error);

/* rv__halo_widen: at least @px on each side. */
void rv__halo_widen (RvHalo *halo, int px);

/* rv__tiling_new: (transfer full): windows of at most @window px a side, or as small as the halo allows, and no larger
 * than so many need be; one window where the picture is no larger. */
RvTiling *rv__tiling_new (int height, int width, const RvHalo *halo, int window);
void rv__tiling_free (RvTiling *tiling);

int rv__tiling_size (const RvTiling *tiling);
/* rv__tiling_span: of tile @i, rows (axis 0) or columns (1). */
const RvTileSpan *rv__tiling_span (const RvTiling *tiling, int i, int axis);

/* rv__tile_positions: which positions of a layer with that jump, @extent of them in the window, are the core's: from
 * *first up to *end. */
void rv__tile_positions (const RvTiling *tiling, int i, int axis, gint64 jump, gint64 extent, gint64 *first,
                         gint64 *end);

#endif
