/* wheel.c -- flow as colours. Baker, Scharstein, Lewis, Roth, Black, Szeliski 2011, "A database and evaluation
 * methodology for optical flow": a wheel of 55 hues, from red (right) over yellow, green, cyan and blue to magenta.
 * Ranges that the eye distinguishes better have more hues. */
#include "flow-internal.h"
#include "base/system.h"
#include <math.h>

#define FAR 0.75 /* factor on the colour of vectors beyond the longest */
#define ROUNDED_1 (1 + 1e-9)

/* Arcs between corners of the wheel: number of hues, the RGB channel that changes, and whether it rises (else falls).
 */
static const struct {
  int n, channel, rises;
} arcs[] = { { 15, 1, 1 }, { 6, 0, 0 }, { 4, 2, 1 }, { 11, 1, 0 }, { 13, 0, 1 }, { 6, 2, 0 } };

#define N_HUES 55

/* Fills @wheel with the RGB colours of the hues, 0..1. */
static void
make_wheel (double wheel[N_HUES][3])
{
  double corner[3] = { 1, 0, 0 };
  int hue = 0;
  for (guint a = 0; a < G_N_ELEMENTS (arcs); a++) {
    int n = arcs[a].n, channel = arcs[a].channel;
    for (int i = 0; i < n; i++, hue++) {
      for (int c = 0; c < 3; c++)
        wheel[hue][c] = corner[c];
      wheel[hue][channel] = arcs[a].rises ? (double) i / n : 1 - (double) i / n;
    }
    corner[channel] = arcs[a].rises;
  }
}

/* Sets @rgb, 0..255, to the colour of the vector (@u, @v): white for length 0, the full colour for length 1; longer
 * vectors are darkened. */
static void
wheel_color (double wheel[N_HUES][3], double u, double v, double rgb[3])
{
  double length = hypot (u, v), at = (atan2 (-v, -u) / G_PI + 1) / 2 * (N_HUES - 1);
  int hue = (int) at;
  for (int c = 0; c < 3; c++) {
    double colour = wheel[hue][c] + (at - hue) * (wheel[(hue + 1) % N_HUES][c] - wheel[hue][c]);
    rgb[c] = 255 * (length <= ROUNDED_1 ? 1 - length * (1 - colour) : colour * FAR);
  }
}

/* Length of the longest finite vector; 0 if there is none. */
static double
longest (const float *u, const float *v, gint64 n)
{
  double max_length = 0;
  for (gint64 p = 0; p < n; p++) {
    double length = hypot ((double) u[p], (double) v[p]);
    max_length = isfinite (length) ? MAX (max_length, length) : max_length;
  }
  return max_length;
}

RvImage *
rv_flow_draw (const RvTensor *flow, double longest_px, GError **error)
{
  if (!rv__system_check_threads (error) || !rv__flow_check_tensor (flow, 2, NULL, "the flow", error))
    return NULL;
  int height = (int) flow->shape.dim[2], width = (int) flow->shape.dim[3];
  RvImage *image = rv_image_new (width, height, error);
  if (!image)
    return NULL;
  gint64 plane = (gint64) height * width;
  const float *u = flow->data, *v = u + plane;
  double wheel[N_HUES][3], unit = longest_px > 0 ? longest_px : longest (u, v, plane);
  make_wheel (wheel);
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    double rgb[3] = { 0, 0, 0 };
    if (isfinite (u[p]) && isfinite (v[p]))
      wheel_color (wheel, unit > 0 ? (double) u[p] / unit : 0, unit > 0 ? (double) v[p] / unit : 0, rgb);
    for (int c = 0; c < 3; c++)
      ((float *) image->rgb->data)[c * plane + p] = (float) rgb[c];
  }
  return image;
}
