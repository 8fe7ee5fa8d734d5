/* limit.c -- limits the dream's contrast, and softens its clipping to black and white.
 *
 *   d = x - base;  s = sqrt (G16 (mean over colours of d^2));  where s > limit: x = base + d limit / s
 *
 * Clipping, at the end of a run: compresses numbers near black or white.
 *
 *   t = d / h, h = +-1 - base, the distance from base to white or black, in the direction of d
 *   where t > 0.7: t <- 0.7 + 0.3 (1 - e^(-(t - 0.7) / 0.3)) */
#include "base/blur.h"
#include "base/parallel.h"
#include "transforms.h"
#include <math.h>

#define LOCAL_PX 16.0
#define KNEE 0.7f /* fraction of the distance to black or white */

/* Writes the mean over colours of d^2, d = x - base, for pixels @from to @end - 1 to @local. @x, @base: three planes of
 * @plane pixels. */
RV_CLONES static void
compute_strength (const float *x, const float *base, gint64 plane, gint64 from, gint64 end, float *restrict local)
{
  for (gint64 p = from; p < end; p++) {
    float r = x[p] - base[p], g = x[p + plane] - base[p + plane], b = x[p + 2 * plane] - base[p + 2 * plane];
    local[p] = (r * r + g * g + b * b) / 3;
  }
}

gboolean
rv__dream_limit (float *x, const float *base, int width, int height, double limit, float *local, GError **error)
{
  gint64 plane = (gint64) width * height;
  float most = (float) limit;
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++)
    compute_strength (x, base, plane, y * width, (y + 1) * width, local);
  if (!rv__blur (local, local, 1, width, height, LOCAL_PX, error))
    return FALSE;
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    float strength = sqrtf (local[p]), factor = strength > most ? most / strength : 1;
    for (gint64 i = p; factor < 1 && i < 3 * plane; i += plane)
      x[i] = base[i] + factor * (x[i] - base[i]);
  }
  return TRUE;
}

void
rv__dream_soft_clip (float *x, const float *base, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    float d = x[i] - base[i], way = d > 0 ? 1 - base[i] : -1 - base[i], t = d / way;
    if (d != 0 && way != 0 && t > KNEE)
      x[i] = base[i] + way * (KNEE + (1 - KNEE) * (1 - expf (-(t - KNEE) / (1 - KNEE))));
  }
}
