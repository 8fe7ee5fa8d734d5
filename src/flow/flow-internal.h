/* flow-internal.h -- what the steps of rv_flow_estimate() hand to each other.
 * Layer 5 (flow). */
#ifndef RV_FLOW_INTERNAL_H
#define RV_FLOW_INTERNAL_H

#include "base/settings.h"
#include <reverie/flow.h>

extern const RvSettingsClass rv__settings_flow;

#define RV_FLOW_PATCH 8   /* a patch's side, px: one vector of floats */
#define RV_FLOW_BORDER 16 /* px around a grey picture: a patch and its right neighbour, however far outside */

/* A grey picture, 0..255, whose edge is repeated over a border of RV_FLOW_BORDER px. */
typedef struct {
  int width, height;
  gint64 stride; /* floats from one row to the next */
  float *at;     /* pixel (0, 0) */
} RvGrey;

/* A dense flow in the pixels of its level: [height][width] each. */
typedef struct {
  int width, height;
  float *u, *v;
} RvDense;

/* What a preset stands for. */
typedef struct {
  const char *name;
  int stride, finest; /* px between patches; the level whose flow is enlarged to the result */
  int steps;          /* of a patch's descent, both sweeps together */
  int refinements;    /* fixed-point steps of each level */
} RvFlowPreset;

/* rv__grey_new: black, its border too; free with rv__grey_clear(). RV_ERROR_MEMORY. */
gboolean rv__grey_new (RvGrey *grey, int width, int height, GError **error);
void rv__grey_clear (RvGrey *grey);
/* rv__grey_extend: repeats the edge over the border. rv__grey_halve: 2 x 2 means of @from, border and all; an odd last
 * row or column is left out. */
void rv__grey_extend (const RvGrey *grey);
void rv__grey_halve (const RvGrey *from, const RvGrey *to);

/* rv__flow_median: of differences of grey levels, to an eighth of one. It is counted: the same in any order. Steps are
 * in floats. */
float rv__flow_median (const float *values, gint64 n_columns, gint64 column_step, gint64 n_rows, gint64 row_step);

/* rv__grey_sample: the bilinear value at (x, y), which is held within half a border around the picture. */
static inline float
rv__grey_sample (const RvGrey *grey, float x, float y)
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

/* rv__dense_sample: the bilinear value of one plane of a flow; beyond the borders their values go on. */
static inline float
rv__dense_sample (const float *plane, int width, int height, float x, float y)
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

/* rv__flow_search: dis.c: the patches' vectors by inverse search, spread over the pixels of @flow. @coarse: the flow of
 * the level above, NULL at the first; @before: of the pair before, in pixels of the whole picture, @scale times larger
 * than this level, or NULL. RV_ERROR_MEMORY. */
gboolean rv__flow_search (const RvGrey *from, const RvGrey *to, const RvFlowPreset *preset, const RvDense *coarse,
                          const RvDense *before, int scale, const RvDense *flow, GError **error);

/* rv__flow_refine: refine.c: @flow made smooth where the pictures allow it. RV_ERROR_MEMORY. */
gboolean rv__flow_refine (const RvGrey *from, const RvGrey *to, int n_refinements, const RvDense *flow, GError **error);

/* rv__flow_check: that a tensor is f32 [1, channels, height, width], of @like's size unless that is NULL; 0 channels
 * are any. @what names it. RV_ERROR_TYPE, RV_ERROR_SHAPE. */
gboolean rv__flow_check (const RvTensor *tensor, gint64 channels, const RvTensor *like, const char *what,
                         GError **error);

#endif
