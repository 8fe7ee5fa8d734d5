/* refine.c -- corrects a part of a picture by the colours inside and outside of it.
 *
 * N_ROUNDS times: log odds given by the caller, plus log odds of the colour by histograms of both sides. A guided
 * filter runs between the rounds. */
#include "masks.h"
#include <math.h>
#include <string.h>

#define N_BINS 12 /* bins per colour channel */
#define N_COLORS (N_BINS * N_BINS * N_BINS)
#define N_ROUNDS 3
#define MAX_LOGIT 3.0
#define FEW 1e-5 /* added to the frequency of each colour */

/* Smooths @bins, [N_BINS, N_BINS, N_BINS], in place: 1/4, 1/2, 1/4 along each axis, nothing beyond the ends. Then
 * scales the sum to 1; zeros stay zeros. */
static void
smooth_histogram (double *bins)
{
  for (int stride = 1; stride < N_COLORS; stride *= N_BINS) {
    double copy[N_COLORS];
    memcpy (copy, bins, sizeof copy);
    for (int i = 0; i < N_COLORS; i++) {
      int at = i / stride % N_BINS;
      bins[i] = copy[i] / 2 + (at > 0 ? copy[i - stride] / 4 : 0) + (at < N_BINS - 1 ? copy[i + stride] / 4 : 0);
    }
  }
  double sum = 1e-20;
  for (int i = 0; i < N_COLORS; i++)
    sum += bins[i];
  for (int i = 0; i < N_COLORS; i++)
    bins[i] /= sum;
}

double
rv__mask_refine (const RvImage *image, float *logits)
{
  int n = image->width * image->height;
  const float *rgb = image->rgb->data;
  g_autofree int *color = g_new0 (int, n);
  g_autofree float *given = g_memdup2 (logits, (gsize) n * sizeof (float));
  for (int i = 0; i < 3 * n; i++)
    color[i % n] = color[i % n] * N_BINS + CLAMP ((int) (rgb[i] / 256 * N_BINS), 0, N_BINS - 1);
  double divergence = 0;
  for (int round = 0; round < N_ROUNDS; round++) {
    double inside[N_COLORS] = { 0 }, outside[N_COLORS] = { 0 }, odds[N_COLORS];
    for (int i = 0; i < n; i++) {
      double part = 1 / (1 + exp ((double) (-RV_MASK_GAIN * logits[i])));
      inside[color[i]] += part;
      outside[color[i]] += 1 - part;
    }
    smooth_histogram (inside);
    smooth_histogram (outside);
    divergence = 0;
    for (int i = 0; i < N_COLORS; i++) {
      odds[i] = CLAMP (log ((inside[i] + FEW) / (outside[i] + FEW)), -MAX_LOGIT, MAX_LOGIT);
      divergence += inside[i] * odds[i];
    }
    for (int i = 0; i < n; i++)
      logits[i] = given[i] + (float) odds[color[i]];
    if (round < N_ROUNDS - 1) {
      g_autoptr (RvGuided) guided = rv__guided_fit (image, logits, RV_MASK_RADIUS_PX (image), RV_MASK_EPSILON);
      rv__guided_apply (guided, image, logits);
    }
  }
  return divergence;
}
