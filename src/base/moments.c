/* moments.c -- means and covariances of colours, in double. */
#include "base/moments.h"

#define CHUNK 65536

/* Sum over i of (a[i] - a_less) (b[i] - b_less), or of a[i] - a_less if @b is NULL. Chunks are added in their order:
 * the same sum for any number of threads. */
static double
sum_of (const float *a, double a_less, const float *b, double b_less, gint64 n)
{
  gint64 n_chunks = (n + CHUNK - 1) / CHUNK;
  g_autofree double *sums = g_new0 (double, n_chunks);
#pragma omp parallel for schedule(static)
  for (gint64 chunk = 0; chunk < n_chunks; chunk++)
    for (gint64 i = chunk * CHUNK; i < MIN (n, (chunk + 1) * CHUNK); i++)
      sums[chunk] += (a[i] - a_less) * (b ? b[i] - b_less : 1);
  double sum = 0;
  for (gint64 chunk = 0; chunk < n_chunks; chunk++)
    sum += sums[chunk];
  return sum;
}

void
rv__moments (const float *planes, gint64 n, double mean[3], double covariance[3][3])
{
  for (int c = 0; c < 3; c++)
    mean[c] = sum_of (planes + c * n, 0, NULL, 0, n) / (double) n;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b <= a; b++)
      covariance[a][b] = covariance[b][a] = sum_of (planes + a * n, mean[a], planes + b * n, mean[b], n) / (double) n;
}
