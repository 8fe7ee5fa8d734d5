/* grey.c -- grey pictures with a border: pyramid, and median of differences. */
#include "flow-internal.h"
#include "base/alloc.h"
#include "base/parallel.h"
#include <string.h>

gboolean
rv__grey_new (RvGrey *grey, int width, int height, GError **error)
{
  gsize bytes = sizeof (float), stride = (gsize) width + 2 * RV_FLOW_BORDER;
  float *memory = NULL;
  if (rv__size_mul (&bytes, stride) && rv__size_mul (&bytes, (guint64) height + 2 * RV_FLOW_BORDER))
    memory = rv__alloc (bytes, "a grey picture", error);
  else
    g_set_error (error, RV_ERROR, RV_ERROR_MEMORY, "a grey picture of %d x %d px is too large", width, height);
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

static void
extend_row (const RvGrey *grey, int y)
{
  float *row = grey->at + y * grey->stride;
  for (int i = 1; i <= RV_FLOW_BORDER; i++) {
    row[-i] = row[0];
    row[grey->width - 1 + i] = row[grey->width - 1];
  }
}

void
rv__grey_extend (const RvGrey *grey)
{
  gsize bytes = (gsize) grey->stride * sizeof (float);
  for (int y = 0; y < grey->height; y++)
    extend_row (grey, y);
  float *first = grey->at - RV_FLOW_BORDER, *last = first + (grey->height - 1) * grey->stride;
  for (int i = 1; i <= RV_FLOW_BORDER; i++) {
    memcpy (first - i * grey->stride, first, bytes);
    memcpy (last + i * grey->stride, last, bytes);
  }
}

RV_CLONES static void
halve_row (const float *restrict upper, const float *restrict lower, int n, float *restrict to)
{
  for (int x = 0; x < n; x++)
    to[x] = 0.25f * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
}

void
rv__grey_halve (const RvGrey *from, const RvGrey *to)
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
