/* grey.c -- grey pictures with a border: pyramid, and median of differences. */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/parallel.h"
#include <string.h>

gboolean
rv__grey_init (RvGrey *grey, int width, int height, GError **error)
{
  gsize bytes = sizeof (float), stride = (gsize) width + 2 * RV_FLOW_BORDER;
  float *memory = NULL;
  if (rv__size_mul (&bytes, stride) && rv__size_mul (&bytes, (guint64) height + 2 * RV_FLOW_BORDER))
    memory = rv__alloc (bytes, "a grey picture", error);
  else
    rv__error_set (error, RV_ERROR_MEMORY, "a grey picture of %d x %d px is too large", width, height);
  if (!memory)
    return FALSE;
  *grey = (RvGrey){ width, height, (gint64) stride, memory + RV_FLOW_BORDER * stride + RV_FLOW_BORDER };
  return TRUE;
}

void
rv__grey_clear (RvGrey *grey)
{
  if (grey->at)
    rv__free (grey->at - RV_FLOW_BORDER * grey->stride - RV_FLOW_BORDER);
  grey->at = NULL;
}

void
rv__extend_row (float *row, int width, int border)
{
  for (int i = 1; i <= border; i++) {
    row[-i] = row[0];
    row[width - 1 + i] = row[width - 1];
  }
}

void
rv__extend_rows (float *plane, int width, int height, gint64 stride, int border)
{
  gsize bytes = (gsize) (width + 2 * border) * sizeof (float);
  float *first = plane - border, *last = first + (height - 1) * stride;
  for (int i = 1; i <= border; i++) {
    memcpy (first - i * stride, first, bytes);
    memcpy (last + i * stride, last, bytes);
  }
}

void
rv__grey_extend (const RvGrey *grey)
{
  for (int y = 0; y < grey->height; y++)
    rv__extend_row (grey->at + y * grey->stride, grey->width, RV_FLOW_BORDER);
  rv__extend_rows (grey->at, grey->width, grey->height, grey->stride, RV_FLOW_BORDER);
}

/* Writes @n means of 2 x 2 pixels of the rows @upper and @lower to @to. */
RV_CLONES static void
halve_row (const float *restrict upper, const float *restrict lower, int n, float *restrict to)
{
  for (int x = 0; x < n; x++)
    to[x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
}

void
rv__grey_shrink (const RvGrey *from, const RvGrey *to)
{
#pragma omp parallel for schedule(static)
  for (int y = 0; y < to->height; y++) {
    const float *upper = from->at + 2 * y * from->stride;
    halve_row (upper, upper + from->stride, to->width, to->at + y * to->stride);
  }
  rv__grey_extend (to);
}

float
rv__flow_median (const float *values, gint64 n_columns, gint64 column_step, gint64 n_rows, gint64 row_step)
{
  enum { STEPS = 8, MOST = 512, N_BINS = 2 * MOST * STEPS + 1 }; /* bins per grey level; largest grey level */
  g_autofree gint64 *count = g_new0 (gint64, N_BINS);
  for (gint64 y = 0; y < n_rows; y++)
    for (gint64 x = 0; x < n_columns; x++) {
      float value = values[y * row_step + x * column_step];
      count[(int) ((CLAMP (value, -MOST, MOST) + MOST) * STEPS + 0.5f)]++;
    }
  int bin = 0;
  for (gint64 below = count[0]; 2 * below < n_rows * n_columns; below += count[bin])
    bin++;
  return (float) bin / STEPS - MOST;
}
