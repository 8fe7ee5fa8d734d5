/* planes.c -- sums and means of three planes of numbers. */
#include "base/dot.h"
#include "transforms.h"
#include <math.h>

#define PLANES 3

void
rv__dream_add (float *x, float factor, const float *y, gint64 n)
{
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++)
    x[i] += factor * y[i];
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

RV_DEFINE_DOT (dot, float)

/* Sum of the squares of @n numbers. */
static double
sum_squares (const float *x, gint64 n)
{
  return dot (x, x, n);
}

/* Sum of the absolute values of @n numbers. */
RV_CLONES static double
sum_abs (const float *x, gint64 n)
{
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += fabs ((double) x[i]);
  return sum;
}

/* Mean over three planes, @x, of @height x @width numbers: the results of @of for all blocks, added up and divided by
 * the count of all numbers. @of: sum of squares or of absolute values of the @n numbers of a block, at most @block_rows
 * rows of a plane. Adds blocks in order: the same bits for any number of threads. */
static double
mean (const float *x, int width, int height, int block_rows, double (*of) (const float *x, gint64 n))
{
  int n_blocks = (height + block_rows - 1) / block_rows;
  gint64 plane = (gint64) width * height, block = (gint64) block_rows * width;
  g_autofree double *of_blocks = g_new0 (double, n_blocks);
  double sum = 0;
#pragma omp parallel for schedule(static) if (n_blocks > 1)
  for (int b = 0; b < n_blocks; b++)
    for (int c = 0; c < PLANES; c++)
      of_blocks[b] += of (x + c * plane + b * block, MIN (block, plane - b * block));
  for (int b = 0; b < n_blocks; b++)
    sum += of_blocks[b];
  return sum / (double) (PLANES * plane);
}

double
rv__dream_rms (const float *x, int width, int height, int block_rows)
{
  return sqrt (mean (x, width, height, block_rows, sum_squares));
}

double
rv__dream_mean_abs (const float *x, int width, int height)
{
  return mean (x, width, height, RV_DREAM_BLOCK_ROWS, sum_abs);
}
