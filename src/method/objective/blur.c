/* blur.c -- what half the size leaves of a picture, for those whose features are matched (match.h). */
#include "base/alloc.h"
#include "method/objective/match.h"

/* Position @i of @n at twice the distance: between half @first and the next, which weighs @weight. */
static gint64
half_position (gint64 i, gint64 n_half, float *weight)
{
  double at = CLAMP (((double) i - 0.5) / 2, 0, (double) (n_half - 1));
  gint64 first = MIN ((gint64) at, MAX (n_half - 2, 0));
  *weight = (float) (at - (double) first);
  return first;
}

/* @half [height / 2, width / 2] <- the means of 2 x 2. */
static void
halve (const float *plane, gint64 height, gint64 width, float *half)
{
  gint64 rows = MAX (height / 2, 1), cols = MAX (width / 2, 1);
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < rows; y++)
    for (gint64 x = 0; x < cols; x++) {
      const float *above = plane + 2 * y * width, *below = plane + MIN (2 * y + 1, height - 1) * width;
      gint64 left = 2 * x, right = MIN (2 * x + 1, width - 1);
      half[y * cols + x] = 0.25f * (above[left] + above[right] + below[left] + below[right]);
    }
}

/* @plane [height, width] <- @half, enlarged bilinearly. */
static void
enlarge (const float *half, gint64 height, gint64 width, float *plane)
{
  gint64 rows = MAX (height / 2, 1), cols = MAX (width / 2, 1);
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++) {
    float down, right;
    gint64 above = half_position (y, rows, &down), below = MIN (above + 1, rows - 1);
    for (gint64 x = 0; x < width; x++) {
      gint64 left = half_position (x, cols, &right), next = MIN (left + 1, cols - 1);
      float up = half[above * cols + left] + right * (half[above * cols + next] - half[above * cols + left]);
      float low = half[below * cols + left] + right * (half[below * cols + next] - half[below * cols + left]);
      plane[y * width + x] = up + down * (low - up);
    }
  }
}

gboolean
rv__match_blur (float *planes, gint64 n, int height, int width, GError **error)
{
  gint64 pixels = (gint64) height * width;
  float *half = rv__alloc ((gsize) pixels * sizeof (float), "the picture to be matched", error);
  for (gint64 i = 0; half && i < n; i++) {
    halve (planes + i * pixels, height, width, half);
    enlarge (half, height, width, planes + i * pixels);
  }
  rv__free (half);
  return half != NULL;
}
