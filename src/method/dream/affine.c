/* affine.c -- random affine transforms of the picture of a dream from noise. A step sees the picture shifted, rotated
 * and rescaled, so that shapes grow instead of patterns of the network's own grid.
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
} Taps;

static int
inside (const RvDreamAffine *turn, int i, int n)
{
  return turn->mirrored ? rv__mirror_about_last (i, n) : (i % n + n) % n;
}

static Taps
taps_at (const RvDreamAffine *turn, int row, int col)
{
  double along = cos (turn->angle_rad) * turn->scale, across = sin (turn->angle_rad) * turn->scale;
  double u = col - 0.5 * (turn->width - 1), v = row - 0.5 * (turn->height - 1);
  double x = along * u - across * v + 0.5 * (turn->width - 1) + turn->dx;
  double y = across * u + along * v + 0.5 * (turn->height - 1) + turn->dy;
  float right = (float) (x - floor (x)), below = (float) (y - floor (y));
  int x0 = inside (turn, (int) floor (x), turn->width), x1 = inside (turn, (int) floor (x) + 1, turn->width);
  gint64 y0 = inside (turn, (int) floor (y), turn->height), y1 = inside (turn, (int) floor (y) + 1, turn->height);
  return (Taps){ { y0 * turn->width + x0, y0 * turn->width + x1, y1 * turn->width + x0, y1 * turn->width + x1 },
                 { (1 - below) * (1 - right), (1 - below) * right, below * (1 - right), below * right } };
}

void
rv__dream_affine (const RvDreamAffine *turn, const float *x, float *y)
{
  gint64 plane = (gint64) turn->width * turn->height;
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
  for (int row = 0; row < turn->height; row++)
    for (int col = 0; col < turn->width; col++) {
      Taps taps = taps_at (turn, row, col);
      for (gint64 c = 0; c < 3 * plane; c += plane) {
        float sum = 0;
        for (int t = 0; t < 4; t++)
          sum += taps.part[t] * x[c + taps.at[t]];
        y[c + (gint64) row * turn->width + col] = sum;
      }
    }
}

void
rv__dream_affine_backward (const RvDreamAffine *turn, const float *grad_y, float *grad_x)
{
  gint64 plane = (gint64) turn->width * turn->height;
  memset (grad_x, 0, (gsize) plane * 3 * sizeof (float));
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
  for (int c = 0; c < 3; c++) /* one thread per plane: pixels of x are written several times */
    for (int row = 0; row < turn->height; row++)
      for (int col = 0; col < turn->width; col++) {
        Taps taps = taps_at (turn, row, col);
        for (int t = 0; t < 4; t++)
          grad_x[c * plane + taps.at[t]] += taps.part[t] * grad_y[c * plane + (gint64) row * turn->width + col];
      }
}
