/* mask-tracker.c -- masks of one kind in each frame of a video, smoothed over time.
 *
 *   m <- m' + a (f - m'),  a = SLOWEST + (1 - SLOWEST) min (d / CHANGED, 1)
 *
 * f: the mask found in the frame alone; m': the mask of the previous frame; d: the largest difference of a colour to
 * the previous frame. Where the frame does not change, the mask changes slowly, so that its edges do not flicker. Where
 * something moves, the mask is f. After a cut, where the mean of d exceeds CHANGED, the mask is f everywhere.
 *
 * Detectors miss frames. For at most MAX_MISSED frames in which nothing is found, f is therefore m', fitted to the
 * colours of the frame by the guided filter. */
#include "method/video/mask-tracker.h"
#include "base/parallel.h"
#include "method/masks/masks.h"
#include <math.h>

#define SLOWEST 0.2f  /* weight of f where the frame does not change */
#define MAX_MISSED 24 /* frames in which the previous mask is used, because nothing is found */
#define CHANGED 24.0f /* grey levels */

struct RvMaskTracker {
  char *kind;
  int n_threads;
  RvImage *frame, *mask; /* previous frame and its mask; NULL before the first */
  gboolean is_found;
  int n_missed; /* frames since something was found */
};

RvMaskTracker *
rv__mask_tracker_new (const char *kind, int n_threads)
{
  RvMaskTracker *tracker = g_new0 (RvMaskTracker, 1);
  tracker->kind = g_strdup (kind);
  tracker->n_threads = n_threads;
  tracker->n_missed = MAX_MISSED; /* before the first frame there is no previous mask */
  return tracker;
}

void
rv__mask_tracker_free (RvMaskTracker *tracker)
{
  if (!tracker)
    return;
  rv_image_unref (tracker->frame);
  rv_image_unref (tracker->mask);
  g_free (tracker->kind);
  g_free (tracker);
}

/* Largest difference of a colour at position @i, in grey levels, between two pictures of @n positions. */
static float
difference (const float *a, const float *b, gint64 n, gint64 i)
{
  float largest = 0;
  for (int c = 0; c < 3; c++)
    largest = fmaxf (largest, fabsf (a[c * n + i] - b[c * n + i]));
  return largest;
}

/* Whether @frame continues the shot of the previous frame: the mean of difference() is at most CHANGED. FALSE for the
 * first frame. */
static gboolean
continues_shot (const RvMaskTracker *tracker, const RvImage *frame)
{
  gint64 n = (gint64) frame->width * frame->height;
  double sum = 0;
  for (gint64 i = 0; tracker->frame && i < n; i++) /* in one order, for the same result with any number of threads */
    sum += (double) difference (frame->rgb->data, tracker->frame->rgb->data, n, i);
  return tracker->frame && sum <= CHANGED * (double) n;
}

/* (transfer full) (nullable): the mask of the previous frame, which must exist, with edges that follow the colours of
 * @frame, in its size. Errors of rv__mask_shrink(), rv_image_resize() and rv__mask_from_logits(). */
static RvImage *
hold (const RvMaskTracker *tracker, const RvImage *frame, GError **error)
{
  g_autoptr (RvImage) small = rv__mask_shrink (frame, RV_MASK_SMALL_PX, 1, error);
  g_autoptr (RvImage) before =
    small ? rv_image_resize (tracker->mask, small->width, small->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  if (!before)
    return NULL;
  gint64 n = (gint64) small->width * small->height;
  g_autofree float *logits = g_new (float, n);
  for (gint64 i = 0; i < n; i++) {
    float p = CLAMP (((const float *) before->rgb->data)[i] / 255, 0.01f, 0.99f);
    logits[i] = logf (p / (1 - p)) / RV_MASK_GAIN;
  }
  return rv__mask_from_logits (frame, small, logits, error);
}

/* Blends @mask, found in @frame, in place with the mask of the previous frame, which must exist: the less @frame has
 * changed at a pixel, the more. */
static void
steady (const RvMaskTracker *tracker, const RvImage *frame, RvImage *mask)
{
  gint64 n = (gint64) frame->width * frame->height;
  const float *now = frame->rgb->data, *before = tracker->frame->rgb->data, *last = tracker->mask->rgb->data;
  float *m = mask->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++) {
    float a = SLOWEST + (1 - SLOWEST) * fminf (difference (now, before, n, i) / CHANGED, 1);
    for (int c = 0; c < 3; c++)
      m[c * n + i] = last[c * n + i] + a * (m[c * n + i] - last[c * n + i]);
  }
}

RvImage *
rv__mask_tracker_next (RvMaskTracker *tracker, RvImage *frame, GError **error)
{
  g_autofree char *found = NULL;
  gboolean continues = continues_shot (tracker, frame);
  g_autoptr (RvImage) mask = rv_mask_new (frame, tracker->kind, tracker->n_threads, &found, error);
  int n_missed = found ? 0 : continues ? tracker->n_missed + 1 : MAX_MISSED + 1;
  if (mask && !found && n_missed <= MAX_MISSED) {
    rv_image_unref (mask);
    mask = hold (tracker, frame, error);
  }
  if (!mask)
    return NULL;
  tracker->is_found |= found != NULL;
  tracker->n_missed = n_missed;
  if (continues)
    steady (tracker, frame, mask);
  rv_image_unref (tracker->frame);
  rv_image_unref (tracker->mask);
  tracker->frame = rv_image_ref (frame);
  tracker->mask = rv_image_ref (mask);
  return g_steal_pointer (&mask);
}

gboolean
rv__mask_tracker_has_found (const RvMaskTracker *tracker)
{
  return tracker->is_found;
}
