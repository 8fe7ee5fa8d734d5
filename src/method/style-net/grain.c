/* grain.c -- smooth noise for the input of a style network.
 *
 * Convolutions with instance norm map every position of a flat area, such as a sky, to the same repeating texture.
 * Noise makes the positions differ (Ulyanov et al. 2016 use it in their generator for the same purpose). The noise
 * depends only on the pixel's position: all strips of a picture and all frames of a video have the same noise.
 * data/style-net-page.html computes the same noise. */
#include "method/style-net/style-net.h"
#include "base/parallel.h"
#include <math.h>

#define CHANNELS 3
#define SIGMA 3.0 /* px */
#define RADIUS 9
#define N_TAPS (2 * RADIUS + 1)
#define VARIANCE_OF_UNIFORM (1.0 / 3.0) /* for numbers from -1 to 1 */

/* Hash of a position as a number from -1 to 1. */
static inline float
noise_at (guint32 x, guint32 y)
{
  guint32 h = x * 0x8da6b343u + y * 0xd8163841u;
  h = (h ^ h >> 16) * 0x7feb352du;
  h = (h ^ h >> 15) * 0x846ca68bu;
  h ^= h >> 16;
  return (float) (gint32) h * 0x1p-31f;
}

/* Sets @taps to a Gaussian with sum 1. Returns the variance that blurred white noise of variance 1 has, in two
 * dimensions. */
static double
make_taps (float *taps)
{
  double sum = 0, squares = 0, tap[N_TAPS];
  for (int k = 0; k < N_TAPS; k++)
    sum += tap[k] = exp (-(k - RADIUS) * (k - RADIUS) / (2 * SIGMA * SIGMA));
  for (int k = 0; k < N_TAPS; k++) {
    taps[k] = (float) (tap[k] / sum);
    squares += tap[k] / sum * tap[k] / sum;
  }
  return squares * squares;
}

/* Writes row @y of the noise plane after the vertical blur by @taps, [N_TAPS], @n columns from @x on, to @to. */
RV_CLONES static void
blur_columns (const float *taps, guint32 x, guint32 y, gint64 n, float *to)
{
  for (gint64 i = 0; i < n; i++) {
    float sum = 0;
    for (guint32 k = 0; k < N_TAPS; k++)
      sum += taps[k] * noise_at (x + (guint32) i, y + k - RADIUS);
    to[i] = sum;
  }
}

/* Writes @n numbers to @to: @row blurred horizontally by @taps, times @scale. @row begins RADIUS columns before @to. */
RV_CLONES static void
blur_row (const float *taps, const float *row, gint64 n, float scale, float *to)
{
  for (gint64 i = 0; i < n; i++) {
    float sum = 0;
    for (gint64 k = 0; k < N_TAPS; k++)
      sum += taps[k] * row[i + k];
    to[i] = scale * sum;
  }
}

void
rv__grain_add (const float *from, gint64 height, gint64 width, guint32 left, guint32 top, double deviation, float *to)
{
  float taps[N_TAPS];
  float scale = (float) (deviation / sqrt (VARIANCE_OF_UNIFORM * make_taps (taps)));
#pragma omp parallel
  {
    g_autofree float *row = g_new (float, width + 2 * RADIUS), *grain = g_new (float, width);
#pragma omp for schedule(static)
    for (gint64 y = 0; y < height; y++) {
      blur_columns (taps, left - RADIUS, top + (guint32) y, width + 2 * RADIUS, row);
      blur_row (taps, row, width, scale, grain);
      for (int c = 0; c < CHANNELS; c++)
        for (gint64 x = 0, p = (c * height + y) * width; x < width; x++)
          to[p + x] = from[p + x] + grain[x];
    }
  }
}
