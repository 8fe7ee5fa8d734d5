/* shot.c -- detection of cuts.
 *
 * A frame begins a new shot if more than MAX_UNRELIABLE of it is not found in the previous frame, or if the distance of
 * their colours is above MAX_DISTANCE. The distance is half the sum of the absolute differences of the two histograms
 * (0: the same colours, 1: none in common). Histograms have 8 x 8 x 8 colours. A pixel counts for the two nearest
 * colours of each channel, weighted by distance: a slow change of light then does not move all pixels to another colour
 * at once. */
#include "shot.h"
#include "flow-internal.h"
#include <math.h>

#define MAX_UNRELIABLE 0.6
#define MAX_DISTANCE 0.4
#define SIDE 8
#define N_COLOURS (SIDE * SIDE * SIDE)
#define WHOLE 64 /* units of a pixel's weight: sums are integers and do not depend on the order */

/* Index, 0 to SIDE - 2, of the nearest histogram colour that is not above @value, 0..255; NaN counts as 0.
 * *next_weight: (out): weight of the next colour, 0 to WHOLE; the colour of the index has the remaining weight. */
static int
histogram_bin (float value, int *next_weight)
{
  float at = value > 0 ? MIN (value, 255) * ((SIDE - 1) / 255.0f) : 0;
  int lower = MIN ((int) at, SIDE - 2);
  *next_weight = (int) ((at - (float) lower) * WHOLE + 0.5f);
  return lower;
}

/* Adds a pixel to @histogram, [N_COLOURS], as WHOLE^3 units, distributed over eight colours. */
static void
add_pixel (gint64 *histogram, float red, float green, float blue)
{
  int next_weight[3],
    colour = (histogram_bin (red, &next_weight[0]) * SIDE + histogram_bin (green, &next_weight[1])) * SIDE;
  colour += histogram_bin (blue, &next_weight[2]);
  for (int corner = 0; corner < 8; corner++) {
    int r = corner >> 2, g = corner >> 1 & 1, b = corner & 1;
    gint64 weight = r ? next_weight[0] : WHOLE - next_weight[0];
    weight *= g ? next_weight[1] : WHOLE - next_weight[1];
    weight *= b ? next_weight[2] : WHOLE - next_weight[2];
    histogram[colour + (r * SIDE + g) * SIDE + b] += weight;
  }
}

/* Distance of the colours of two frames. 0: the same colours, as often; 1: no colour in common. */
static double
histogram_distance (const RvTensor *last, const RvTensor *frame)
{
  gint64 plane = last->shape.dim[2] * last->shape.dim[3], before[N_COLOURS] = { 0 }, now[N_COLOURS] = { 0 };
  const float *a = last->data, *b = frame->data;
  for (gint64 p = 0; p < plane; p++) {
    add_pixel (before, a[p], a[plane + p], a[2 * plane + p]);
    add_pixel (now, b[p], b[plane + p], b[2 * plane + p]);
  }
  double moved = 0;
  for (int i = 0; i < N_COLOURS; i++)
    moved += fabs ((double) (now[i] - before[i]));
  return moved / 2 / ((double) plane * WHOLE * WHOLE * WHOLE);
}

gboolean
rv__flow_detect_cut (const RvTensor *last, const RvTensor *frame, const RvTensor *confidence, gboolean *is_cut,
                     GError **error)
{
  if (!rv__flow_check_tensor (last, 3, NULL, "the frame before", error) ||
      !rv__flow_check_tensor (frame, 3, last, "the frame", error) ||
      (confidence && !rv__flow_check_tensor (confidence, 1, last, "the mask", error)))
    return FALSE;
  gint64 n = confidence ? rv_tensor_count (confidence) : 0;
  double sum = 0;
  for (gint64 p = 0; p < n; p++)
    sum += ((const float *) confidence->data)[p];
  *is_cut = (confidence && 1 - sum / (double) n > MAX_UNRELIABLE) || histogram_distance (last, frame) > MAX_DISTANCE;
  return TRUE;
}
