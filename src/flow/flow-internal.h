/* flow-internal.h -- types and functions that the steps of rv_flow_estimate() share.
 * Layer 5 (flow). */
#pragma once

#include "base/settings.h"
#include <reverie/flow.h>

extern const RvSettingsClass rv__settings_flow;

#define RV_FLOW_PATCH 8   /* side of a patch, px: one vector of floats */
#define RV_FLOW_BORDER 16 /* px around a grey picture: more than a patch just outside and the next pixel */

/* A grey picture, 0..255, or its gradient, with a border of RV_FLOW_BORDER px on each side. */
typedef struct {
  int width, height;
  gint64 stride; /* floats from one row to the next */
  float *at;     /* address of pixel (0, 0) */
} RvGrey;

/* A flow, px of its level: two planes [height][width]. */
typedef struct {
  int width, height;
  float *u, *v;
} RvFlowField;

typedef struct {
  const char *name;
  int stride, finest; /* px between patches; level whose flow is enlarged to the result */
  int steps;          /* steps of a patch's gradient descent, both sweeps together */
  int refinements;    /* fixed-point steps on each level */
} RvFlowPreset;

/* Sets *@grey to a new picture of @width x @height floats, with a border of RV_FLOW_BORDER px on each side, all zeros.
 * Does not free earlier pixels. The caller frees the pixels with rv__grey_clear(). RV_ERROR_MEMORY if the size
 * overflows. After an error *@grey is unchanged. */
gboolean rv__grey_init (RvGrey *grey, int width, int height, GError **error);
/* Frees the pixels, not *grey, and sets grey->at to NULL; does nothing if it is NULL. @grey is not NULL. */
void rv__grey_clear (RvGrey *grey);
/* Copies the first and last of the @width pixels of @row to the @border floats before and after it, which exist. */
void rv__extend_row (float *row, int width, int border);
/* Copies the first and the last row of @plane, with @border px at their ends, to the @border rows above and below. The
 * caller has allocated them. @plane: address of pixel (0, 0). @stride: floats from one row to the next. */
void rv__extend_rows (float *plane, int width, int height, gint64 stride, int border);
/* Overwrites the RV_FLOW_BORDER px around @grey, each with the nearest pixel of the picture. */
void rv__grey_extend (const RvGrey *grey);
/* Overwrites @to with means of 2 x 2 px of @from, and fills its border. @to: from rv__grey_init(), with half the sides
 * of @from, rounded down: an odd last row or column is not used. */
void rv__grey_shrink (const RvGrey *from, const RvGrey *to);

/* Lower median of n_rows x n_columns numbers, at least one, without NaN, rounded to 1/8. Values beyond +-512 count as
 * +-512. Number (row, column) is values[row * row_step + column * column_step]. Cannot fail. */
float rv__flow_median (const float *values, gint64 n_columns, gint64 column_step, gint64 n_rows, gint64 row_step);

/* Bilinear value at (@x, @y), px. Both are clamped to half the border around the picture. */
static inline float
rv__grey_interpolate (const RvGrey *grey, float x, float y)
{
  const float far = RV_FLOW_BORDER / 2;
  x = CLAMP (x, -far, (float) (grey->width - 1) + far);
  y = CLAMP (y, -far, (float) (grey->height - 1) + far);
  int left = (int) (x + RV_FLOW_BORDER) - RV_FLOW_BORDER, top = (int) (y + RV_FLOW_BORDER) - RV_FLOW_BORDER;
  float across = x - (float) left, down = y - (float) top;
  const float *p = grey->at + top * grey->stride + left;
  float above = p[0] + across * (p[1] - p[0]),
        below = p[grey->stride] + across * (p[grey->stride + 1] - p[grey->stride]);
  return above + down * (below - above);
}

/* Bilinear value of one plane of a flow at (@x, @y), px; beyond the borders the border values repeat. */
static inline float
rv__flow_interpolate (const float *plane, int width, int height, float x, float y)
{
  x = CLAMP (x, 0, (float) (width - 1));
  y = CLAMP (y, 0, (float) (height - 1));
  int left = (int) x, top = (int) y, right = MIN (left + 1, width - 1), bottom = MIN (top + 1, height - 1);
  float across = x - (float) left, down = y - (float) top;
  const float *row = plane + (gint64) top * width, *below = plane + (gint64) bottom * width;
  float upper = row[left] + across * (row[right] - row[left]),
        lower = below[left] + across * (below[right] - below[left]);
  return upper + down * (lower - upper);
}

/* Overwrites @flow, of the size of @from, with the flow from @from to @to on one level of the pyramid, px of that
 * level. Both sides are at least RV_FLOW_PATCH px. Searches the patches' vectors, then averages them for each pixel
 * (dis.c). @coarse: (nullable): flow of the next coarser level, a start value. @before: (nullable): flow of the
 * previous pair of frames, px of the whole picture, which is @scale times larger than this level. Blocks; uses all
 * threads of the caller. After an error @flow is unchanged. */
gboolean rv__flow_search (const RvGrey *from, const RvGrey *to, const RvFlowPreset *preset, const RvFlowField *coarse,
                          const RvFlowField *before, int scale, const RvFlowField *flow, GError **error);

/* Replaces @flow, the flow from @from to @to, by its variational refinement (refine.c), in @n_refinements fixed-point
 * steps. Blocks; uses all threads of the caller. After an error @flow is unchanged. */
gboolean rv__flow_refine (const RvGrey *from, const RvGrey *to, int n_refinements, const RvFlowField *flow,
                          GError **error);

/* Checks that @tensor is f32 [1, @channels, height, width], height and width 1 to G_MAXINT / 4; @channels 0: any
 * number. @like: (nullable): a tensor with the required height and width. Does not read values. @what: the tensor's
 * name in errors. FALSE with RV_ERROR_TYPE if it is not f32, else with RV_ERROR_SHAPE. */
gboolean rv__flow_check_tensor (const RvTensor *tensor, gint64 channels, const RvTensor *like, const char *what,
                                GError **error);
