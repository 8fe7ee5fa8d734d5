/* bands.c -- frequency bands of a gradient, from fine to coarse, brought to the same strength everywhere.
 *
 *   g_0 = g;  g_(k+1) = half (G1 g_k);  b_k = g_k - double (g_(k+1)), the last b = g
 *   b <- b / (sqrt (Gs (mean over colours of b^2)) + 0.3 rms (b));  b <- b / rms (b)
 *   g = b_0 + double (b_1 + double (b_2 + ...))
 *
 * G1, Gs: Gaussians with sigma 1 and local_px, in px of the band; half, double: bilinear. Without the first division,
 * this is the "Laplacian gradient normalization" of Mordvintsev's DeepDream tutorial for TensorFlow. There, each band
 * has one strength, so that one strong shape, such as an eye, weakens the rest of the picture. */
#include "base/blur.h"
#include "transforms.h"
#include <math.h>

#define HALVING_SIGMA_PX 1.0
#define GLOBAL_PART 0.3 /* fraction of the band's rms that is added, so that empty areas stay weak */
#define SMALLEST_RMS 1e-30
#define MIN_SIDE_PX 2 /* minimum size of a band that is halved */

void
rv__dream_bands_init (RvDreamBand *bands, int width, int height, int n_bands, double local_px, GArray *buffers,
                      int phase)
{
  gboolean has_coarser = TRUE;
  for (int k = 0; has_coarser; k++) {
    RvDreamBand *band = &bands[k];
    int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
    gint64 plane = (gint64) width * height * (gint64) sizeof (float);
    gint64 half = (gint64) half_width * half_height * (gint64) sizeof (float);
    has_coarser = k + 1 < n_bands && MIN (width, height) >= MIN_SIDE_PX;
    *band = (RvDreamBand){ .width = width,
                           .height = height,
                           .block_rows = MAX (RV_DREAM_BLOCK_ROWS >> k, 1),
                           .local_px = local_px,
                           .coarser = has_coarser ? band + 1 : NULL };
    const RvBuffer rows[] = {
      { &band->local, local_px > 0 ? plane : 0, "a band's local strength", phase, phase },
      { &band->whole, has_coarser ? 3 * plane : 0, "a band of the gradient", phase, phase },
      { &band->half, has_coarser ? 3 * half : 0, "a band of the gradient", phase, phase },
    };
    g_array_append_vals (buffers, rows, G_N_ELEMENTS (rows));
    width = half_width;
    height = half_height;
  }
}

/* Number of pixels of the band. */
static gint64
plane_of (const RvDreamBand *bands)
{
  return (gint64) bands->width * bands->height;
}

/* Root mean square of @band, three planes of the size of @bands; at least SMALLEST_RMS. */
static double
rms (const RvDreamBand *bands, const float *band)
{
  return MAX (rv__dream_rms (band, bands->width, bands->height, bands->block_rows), SMALLEST_RMS);
}

/* Multiplies @b, [@n], by @factor, in place. */
static void
multiply (float *b, float factor, gint64 n)
{
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++)
    b[i] *= factor;
}

/* Divides @b, three planes, in place by its local rms (Gaussian with sigma local_px) plus GLOBAL_PART of its rms.
 * Overwrites bands->local. An error leaves @b unchanged. */
static gboolean
divide_by_local_rms (const RvDreamBand *bands, float *b, GError **error)
{
  gint64 plane = plane_of (bands);
  float least = (float) (GLOBAL_PART * rms (bands, b));
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++)
    bands->local[p] = (b[p] * b[p] + b[p + plane] * b[p + plane] + b[p + 2 * plane] * b[p + 2 * plane]) / 3;
  if (!rv__blur (bands->local, bands->local, 1, bands->width, bands->height, bands->local_px, error))
    return FALSE;
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    float factor = 1 / (sqrtf (bands->local[p]) + least);
    for (int c = 0; c < 3; c++)
      b[p + c * plane] *= factor;
  }
  return TRUE;
}

/* Scales @b, three planes, in place to an rms of 1; with local_px above 0 first divides it by its local rms. Scales
 * @b to an rms of 1 beforehand, too, so that squares of very small numbers stay above 0. After an error @b is
 * scaled only. */
static gboolean
normalize (const RvDreamBand *bands, float *b, GError **error)
{
  gint64 n = 3 * plane_of (bands);
  multiply (b, (float) (1 / rms (bands, b)), n);
  if (bands->local_px > 0 && !divide_by_local_rms (bands, b, error))
    return FALSE;
  multiply (b, (float) (1 / rms (bands, b)), n);
  return TRUE;
}

gboolean
rv__dream_bands (const RvDreamBand *bands, float *grad, GError **error)
{
  const RvDreamBand *coarser = bands->coarser;
  int width = bands->width, height = bands->height;
  float *half = bands->half, *whole = bands->whole;
  if (!coarser)
    return normalize (bands, grad, error);
  if (!rv__blur (grad, whole, 3, width, height, HALVING_SIGMA_PX, error))
    return FALSE;
  rv__resize_planes (whole, 3, height, width, RV_RESIZE_BILINEAR, half, coarser->height, coarser->width);
  rv__resize_planes (half, 3, coarser->height, coarser->width, RV_RESIZE_BILINEAR, whole, height, width);
  rv__dream_add (grad, -1, whole, 3 * plane_of (bands));
  if (!normalize (bands, grad, error) || !rv__dream_bands (coarser, half, error))
    return FALSE;
  rv__resize_planes (half, 3, coarser->height, coarser->width, RV_RESIZE_BILINEAR, whole, height, width);
  rv__dream_add (grad, 1, whole, 3 * plane_of (bands));
  return TRUE;
}
