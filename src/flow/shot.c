/* shot.c -- detection of cuts.
 *
 * A frame begins a new shot if more than MOST_UNRELIABLE of it is not found in the previous frame, or if its colours
 * differ: half the sum of the absolute differences of the two histograms is above MOST_MOVED (0: the same colours, 1:
 * none in common). Histograms have 8 x 8 x 8 colours. A pixel counts for the two nearest colours of each channel,
 * weighted by distance: a slow change of light then does not move all pixels to another colour at once. */
#include "shot.h"
#include "flow-internal.h"
#include <math.h>

#define MOST_UNRELIABLE 0.6
#define MOST_MOVED 0.4
#define SIDE 8
#define N_COLOURS (SIDE * SIDE * SIDE)
#define WHOLE 64 /* units of a pixel's weight: sums are integers and do not depend on the order */

/* The lower colour of a channel. *part: weight of the next colour, of WHOLE. NaN is black. */
static int
colour_of (float value, int *part)
{
  float at = value > 0 ? MIN (value, 255) * ((SIDE - 1) / 255.0f) : 0;
  int lower = MIN ((int) at, SIDE - 2);
  *part = (int) ((at - (float) lower) * WHOLE + 0.5f);
  return lower;
}

static void
add_pixel (gint64 *histogram, float red, float green, float blue)
{
  int part[3], colour = (colour_of (red, &part[0]) * SIDE + colour_of (green, &part[1])) * SIDE;
  colour += colour_of (blue, &part[2]);
  for (int corner = 0; corner < 8; corner++) {
    int r = corner >> 2, g = corner >> 1 & 1, b = corner & 1;
    gint64 weight = r ? part[0] : WHOLE - part[0];
    weight *= g ? part[1] : WHOLE - part[1];
    weight *= b ? part[2] : WHOLE - part[2];
    histogram[colour + (r * SIDE + g) * SIDE + b] += weight;
  }
}

/* 0: the same colours, as often; 1: no colour in common. */
static double
colours_moved (const RvTensor *last, const RvTensor *frame)
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

static double
part_unreliable (const RvTensor *reliable)
{
  gint64 n = rv_tensor_count (reliable);
  double sum = 0;
  for (gint64 p = 0; p < n; p++)
    sum += ((const float *) reliable->data)[p];
  return 1 - sum / (double) n;
}

gboolean
rv__flow_is_cut (const RvTensor *last, const RvTensor *frame, const RvTensor *reliable, gboolean *is_cut,
                 GError **error)
{
  if (!rv__flow_check (last, 3, NULL, "the frame before", error) ||
      !rv__flow_check (frame, 3, last, "the frame", error) ||
      (reliable && !rv__flow_check (reliable, 1, last, "the mask", error)))
    return FALSE;
  *is_cut = (reliable && part_unreliable (reliable) > MOST_UNRELIABLE) || colours_moved (last, frame) > MOST_MOVED;
  return TRUE;
}
