/* warp.c -- warping of a picture along a flow: out (p) = picture (p + flow (p)).
 *
 * Interpolation: Catmull, Rom 1974, "A class of local interpolating splines", which is Keys' cubic with a = -0.5. It
 * uses four pixels in each direction and is exact for polynomials of degree 2, so that a picture stays sharp over many
 * frames. Nothing is rounded or clipped. */
#include "flow-internal.h"
#include "base/system.h"
#include <math.h>

/* Operands of an output pixel: four columns and rows, and their weights. */
typedef struct {
  gint64 columns[4], rows[4]; /* offsets, in floats */
  float across[4], down[4];
} Taps;

/* Sets offsets, in floats, and cubic weights, with sum 1, of the four pixels around @x. @x: px; pixel i is at x = i.
 * @size: pixels of the axis, 1 or more, @step floats apart. Pixels beyond the ends count as the border pixel. x is
 * clamped to -1..@size; NaN counts as -1. */
static void
axis_taps (float x, gint64 size, gint64 step, gint64 offsets[4], float weights[4])
{
  x = x >= -1 ? MIN (x, (float) size) : -1;
  gint64 first = (gint64) floorf (x);
  float t = x - (float) first;
  weights[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
  weights[1] = (1.5f * t - 2.5f) * t * t + 1;
  weights[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
  weights[3] = (0.5f * t - 0.5f) * t * t;
  for (int i = 0; i < 4; i++)
    offsets[i] = CLAMP (first - 1 + i, 0, size - 1) * step;
}

/* Value of @plane at the position of @taps. */
static float
interpolate (const float *plane, const Taps *taps)
{
  float sum = 0;
  for (int i = 0; i < 4; i++) {
    const float *row = plane + taps->rows[i];
    sum += taps->down[i] * (taps->across[0] * row[taps->columns[0]] + taps->across[1] * row[taps->columns[1]] +
                            taps->across[2] * row[taps->columns[2]] + taps->across[3] * row[taps->columns[3]]);
  }
  return sum;
}

RvTensor *
rv_flow_warp (const RvTensor *picture, const RvTensor *flow, GError **error)
{
  if (!rv__system_check_threads (error) || !rv__flow_check_tensor (picture, 0, NULL, "the picture to warp", error) ||
      !rv__flow_check_tensor (flow, 2, picture, "the flow", error))
    return NULL;
  RvTensor *warped = rv_tensor_new (RV_F32, &picture->shape, error);
  if (!warped)
    return NULL;
  gint64 n_planes = picture->shape.dim[1], height = picture->shape.dim[2], width = picture->shape.dim[3];
  gint64 plane = height * width;
  const float *u = flow->data, *v = u + plane, *from = picture->data;
  float *to = warped->data;
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++)
    for (gint64 x = 0, p = y * width; x < width; x++, p++) {
      Taps taps;
      axis_taps ((float) x + u[p], width, 1, taps.columns, taps.across);
      axis_taps ((float) y + v[p], height, width, taps.rows, taps.down);
      for (gint64 c = 0; c < n_planes; c++)
        to[c * plane + p] = interpolate (from + c * plane, &taps);
    }
  return warped;
}
