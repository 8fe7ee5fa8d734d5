/* video-part.c -- masks of a part of each frame of a video, steadied.
 *
 *   m <- m' + a (f - m'),  a = SLOWEST + (1 - SLOWEST) min (d / CHANGED, 1)
 *
 * f: the mask found in the frame alone; m': the mask of the previous frame; d: the largest difference of a colour to
 * the previous frame. Where the frame does not change, the mask changes slowly, so that its edges do not flicker. Where
 * something moves, the mask is f. */
#include "method/video/video-part.h"
#include "base/parallel.h"
#include <math.h>

#define SLOWEST 0.2f  /* weight of f where the frame does not change */
#define CHANGED 24.0f /* grey levels */

struct RvVideoPart {
  char *kind;
  int n_threads;
  RvImage *frame, *mask; /* of the previous frame; NULL before the first */
  gboolean is_found;
};

RvVideoPart *
rv__video_part_new (const char *kind, int n_threads)
{
  RvVideoPart *part = g_new0 (RvVideoPart, 1);
  part->kind = g_strdup (kind);
  part->n_threads = n_threads;
  return part;
}

void
rv__video_part_free (RvVideoPart *part)
{
  if (!part)
    return;
  rv_image_unref (part->frame);
  rv_image_unref (part->mask);
  g_free (part->kind);
  g_free (part);
}

/* Blends @mask, the one found in @frame, with that of the previous frame, in place. */
static void
steady (const RvVideoPart *part, const RvImage *frame, RvImage *mask)
{
  gint64 n = (gint64) frame->width * frame->height;
  const float *now = frame->rgb->data, *before = part->frame->rgb->data, *last = part->mask->rgb->data;
  float *m = mask->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++) {
    float change = 0;
    for (int c = 0; c < 3; c++)
      change = fmaxf (change, fabsf (now[c * n + i] - before[c * n + i]));
    float a = SLOWEST + (1 - SLOWEST) * fminf (change / CHANGED, 1);
    for (int c = 0; c < 3; c++)
      m[c * n + i] = last[c * n + i] + a * (m[c * n + i] - last[c * n + i]);
  }
}

RvImage *
rv__video_part_next (RvVideoPart *part, RvImage *frame, GError **error)
{
  g_autofree char *found = NULL;
  RvImage *mask = rv_mask_new (frame, part->kind, part->n_threads, &found, error);
  if (!mask)
    return NULL;
  part->is_found |= found != NULL;
  if (part->mask)
    steady (part, frame, mask);
  rv_image_unref (part->frame);
  rv_image_unref (part->mask);
  part->frame = rv_image_ref (frame);
  part->mask = rv_image_ref (mask);
  return mask;
}

gboolean
rv__video_part_is_found (const RvVideoPart *part)
{
  return part->is_found;
}
