/* moments.c -- means and covariances of colours, in double. */
#include "base/moments.h"

#define CHUNK 65536

/* Sum over i of (a[i] - a_less) (b[i] - b_less), or of a[i] - a_less if @b is NULL; with @mask only over i where it is
 * at least 0.5. Chunks are added in their order: the same sum for any number of threads. */
static double
sum_of (const float *a, double a_less, const float *b, double b_less, const float *mask, gint64 n)
{
  gint64 n_chunks = (n + CHUNK - 1) / CHUNK;
  g_autofree double *sums = g_new0 (double, n_chunks);
#pragma omp parallel for schedule(static)
  for (gint64 chunk = 0; chunk < n_chunks; chunk++)
    for (gint64 i = chunk * CHUNK; i < MIN (n, (chunk + 1) * CHUNK); i++)
      if (!mask || mask[i] >= 0.5f)
        sums[chunk] += (a[i] - a_less) * (b ? b[i] - b_less : 1);
  double sum = 0;
  for (gint64 chunk = 0; chunk < n_chunks; chunk++)
    sum += sums[chunk];
  return sum;
}

void
rv__moments (const float *planes, gint64 n, const float *mask, double mean[3], double covariance[3][3])
{
  gint64 n_chosen = 0;
  for (gint64 i = 0; mask && i < n; i++)
    n_chosen += mask[i] >= 0.5f;
  if (n_chosen == 0)
    mask = NULL;
  double count = (double) (mask ? n_chosen : n);
  for (int c = 0; c < 3; c++)
    mean[c] = sum_of (planes + c * n, 0, NULL, 0, mask, n) / count;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b <= a; b++)
      covariance[a][b] = covariance[b][a] = sum_of (planes + a * n, mean[a], planes + b * n, mean[b], mask, n) / count;
}

void
rv__planes_multiply (const double *matrix, gboolean transposed, float *planes, gint64 n)
{
  float m[3][3];
  for (int i = 0; i < 9; i++)
    m[i / 3][i % 3] = (float) matrix[transposed ? i % 3 * 3 + i / 3 : i];
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < n; p++) {
    float r = planes[p], g = planes[n + p], b = planes[2 * n + p];
    for (int c = 0; c < 3; c++)
      planes[c * n + p] = m[c][0] * r + m[c][1] * g + m[c][2] * b;
  }
}
