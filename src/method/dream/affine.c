/* affine.c -- random affine transforms of the picture of a dream from noise. A step computes on the picture shifted,
 * rotated and rescaled, so that shapes grow instead of patterns of the network's own grid.
 *
 *   y[i] = x at (A (i - middle) + middle + shift), bilinear,   A: rotation by the angle, times the scale
 *
 * Beyond its edges, x is periodic like its spectrum, or mirrored. The backward pass is the adjoint. */
#include "base/mirror.h"
#include "base/parallel.h"
#include "transforms.h"
#include <math.h>
#include <string.h>

/* The four pixels of x that a pixel of y is interpolated from, and their weights. */
typedef struct {
  gint64 at[4];
  float part[4];
} BilinearTaps;

/* Column or row of x, 0 to @n-1, shown at @i, which may lie beyond the edges: mirrored or periodic. */
static int
source_index (const RvDreamAffine *affine, int i, int n)
{
  return affine->mirrored ? rv__mirror_about_last (i, n) : (i % n + n) % n;
}

/* The four pixels of a plane of x that pixel (@row, @col) of y is interpolated from, and their weights, which sum to 1.
 * Beyond the edges of x it is mirrored or periodic. Cannot fail. */
static BilinearTaps
taps_at (const RvDreamAffine *affine, int row, int col)
{
  double cos_scaled = cos (affine->angle_rad) * affine->scale, sin_scaled = sin (affine->angle_rad) * affine->scale;
  double u = col - 0.5 * (affine->width - 1), v = row - 0.5 * (affine->height - 1);
  double x = cos_scaled * u - sin_scaled * v + 0.5 * (affine->width - 1) + affine->dx;
  double y = sin_scaled * u + cos_scaled * v + 0.5 * (affine->height - 1) + affine->dy;
  float right = (float) (x - floor (x)), below = (float) (y - floor (y));
  int x0 = source_index (affine, (int) floor (x), affine->width),
      x1 = source_index (affine, (int) floor (x) + 1, affine->width);
  gint64 y0 = source_index (affine, (int) floor (y), affine->height),
         y1 = source_index (affine, (int) floor (y) + 1, affine->height);
  return (BilinearTaps){ { y0 * affine->width + x0, y0 * affine->width + x1, y1 * affine->width + x0,
                           y1 * affine->width + x1 },
                         { (1 - below) * (1 - right), (1 - below) * right, below * (1 - right), below * right } };
}

void
rv__dream_affine (const RvDreamAffine *affine, const float *x, float *y)
{
  gint64 plane = (gint64) affine->width * affine->height;
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
  for (int row = 0; row < affine->height; row++)
    for (int col = 0; col < affine->width; col++) {
      BilinearTaps taps = taps_at (affine, row, col);
      for (gint64 c = 0; c < 3 * plane; c += plane) {
        float sum = 0;
        for (int t = 0; t < 4; t++)
          sum += taps.part[t] * x[c + taps.at[t]];
        y[c + (gint64) row * affine->width + col] = sum;
      }
    }
}

void
rv__dream_affine_backward (const RvDreamAffine *affine, const float *grad_y, float *grad_x)
{
  gint64 plane = (gint64) affine->width * affine->height;
  memset (grad_x, 0, (gsize) plane * 3 * sizeof (float));
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
  for (int c = 0; c < 3; c++) /* one thread per plane: pixels of x are written several times */
    for (int row = 0; row < affine->height; row++)
      for (int col = 0; col < affine->width; col++) {
        BilinearTaps taps = taps_at (affine, row, col);
        for (int t = 0; t < 4; t++)
          grad_x[c * plane + taps.at[t]] += taps.part[t] * grad_y[c * plane + (gint64) row * affine->width + col];
      }
}
