/* tiles.h -- division of a large picture into overlapping windows and disjoint cores. Layer 6 (method).
 *
 * All windows have one size, so that one program computes them all. A window is a core and its halo: wide enough that
 * each feature of the core is the same as in the whole picture. Windows begin on multiples of the layers' strides, so
 * that pooling has the same grid. The picture's borders are window borders. */
#pragma once

#include "graph/graph.h"

/* One axis of a tiling, px. */
typedef struct {
  int window;         /* first px of the window */
  int core, core_end; /* the core, which only this tile owns; core_end is exclusive */
} RvTileSpan;

/* Division of a picture into windows. */
typedef struct {
  int picture[2], window[2]; /* rows, columns, px */
  GArray *span[2];           /* RvTileSpan: down, and across; owned */
} RvTiling;

/* Halo that the layers of the losses need. */
typedef struct {
  int before[2], after[2]; /* px of halo before and after a core */
  int unit;                /* px: a common multiple of the strides */
} RvHalo;

/* Sets *halo to the halo that covers the receptive fields of @taps, @n_taps values of a recorded program. @reaches:
 * receptive fields of all values of the program. @border: extra positions of each value on all sides.
 * RV_ERROR_SETTING if an op, which the message names, reads the whole picture, or if the strides have no small
 * common multiple; *halo is then undefined. */
gboolean rv__halo_compute (const RvReceptiveField *reaches, const int *taps, int n_taps, int border, RvHalo *halo,
                           GError **error);

/* Widens the halo to at least @px on each side, rounded up to its unit. Cannot fail. */
void rv__halo_widen (RvHalo *halo, int px);

/* Plans tiles of a picture of @height x @width px. (transfer full). Windows are at most @window px a side, or the
 * smallest size that the halo allows. They shrink as far as the number of tiles stays the same. A picture that fits
 * gets one tile. */
RvTiling *rv__tiling_new (int height, int width, const RvHalo *halo, int window);
/* Frees @tiling (nullable). */
void rv__tiling_free (RvTiling *tiling);

/* Number of tiles, at least 1. They are numbered row by row, from 0. */
int rv__tiling_size (const RvTiling *tiling);
/* Rows (axis 0) or columns (1) of tile @i, from 0. Borrowed from @tiling. */
const RvTileSpan *rv__tiling_span (const RvTiling *tiling, int i, int axis);

/* Sets *first and *end (exclusive) to the positions of a layer in the core of tile @i, counted from its window. @axis:
 * 0: rows, 1: columns. @jump: px between positions; @extent: positions in the window. Cannot fail. */
void rv__tile_positions (const RvTiling *tiling, int i, int axis, gint64 jump, gint64 extent, gint64 *first,
                         gint64 *end);
