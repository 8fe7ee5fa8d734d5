/* mask-tracker.c -- masks of one kind, or of regions, in each frame of a video, smoothed over time.
 *
 *   m <- m' + a (f - m'),  a = SLOWEST + (1 - SLOWEST) min (d / CHANGED, 1)
 *
 * f: the mask found in the frame alone; m': the mask of the previous frame; d: the largest difference of a colour to
 * the previous frame. Where the frame does not change, the mask changes slowly, so that its edges do not flicker. Where
 * something moves, the mask is f. After a cut (rv__flow_detect_cut(), by colours alone) the mask is f everywhere.
 *
 * Detectors miss frames. For at most MAX_MISSED frames in which nothing is found, f is therefore m', moved along the
 * optical flow and fitted to the colours of the frame by the guided filter.
 *
 * Regions are found in the first frame together with the painting, and again after a cut. With pairs of `match`, which
 * name regions of the first frame, they are found once. In other frames each position belongs to the region whose
 * centre of features is nearest. */
#include "method/video/mask-tracker.h"
#include "base/parallel.h"
#include "base/settings.h"
#include "flow/shot.h"
#include "method/masks/masks.h"
#include <math.h>

#define SLOWEST 0.2f  /* weight of f where the frame does not change */
#define MAX_MISSED 24 /* frames in which the previous mask is used, because nothing is found */
#define CHANGED 24.0f /* grey levels */

struct RvMaskTracker {
  char *kind; /* NULL: regions */
  int n_threads;
  RvImage *frame;   /* previous frame, for regions reduced to RV_REGIONS_PX; NULL before the first */
  GPtrArray *masks; /* RvImage: its masks, of its size; NULL before the first frame */
  gboolean is_found;
  int n_missed; /* frames since something was found in this shot; above MAX_MISSED: no mask to hold */

  /* only for regions */
  RvImage *painting;
  char *choice, *match; /* for rv__regions_find() */
  RvRegions *regions;   /* NULL before the first frame */
};

RvMaskTracker *
rv__mask_tracker_new (const char *kind, int n_threads)
{
  RvMaskTracker *tracker = g_new0 (RvMaskTracker, 1);
  tracker->kind = g_strdup (kind);
  tracker->n_threads = n_threads;
  return tracker;
}

RvMaskTracker *
rv__mask_tracker_new_regions (RvImage *painting, const char *choice, const char *match, int n_threads)
{
  RvMaskTracker *tracker = rv__mask_tracker_new (NULL, n_threads);
  tracker->painting = rv_image_ref (painting);
  tracker->choice = g_strdup (choice);
  tracker->match = g_strdup (match);
  return tracker;
}

void
rv__mask_tracker_free (RvMaskTracker *tracker)
{
  if (!tracker)
    return;
  rv_image_unref (tracker->frame);
  g_clear_pointer (&tracker->masks, g_ptr_array_unref);
  rv_image_unref (tracker->painting);
  rv__regions_unref (tracker->regions);
  g_free (tracker->kind);
  g_free (tracker->choice);
  g_free (tracker->match);
  g_free (tracker);
}

/* (transfer full) (nullable): the mask of the previous frame, which must exist, moved along the flow to @frame. */
static RvImage *
move_mask (const RvMaskTracker *tracker, const RvImage *frame, GError **error)
{
  const RvImage *mask = tracker->masks->pdata[0];
  g_autoptr (RvTensor) before = rv_flow_grey (tracker->frame, error);
  g_autoptr (RvTensor) now = before ? rv_flow_grey (frame, error) : NULL;
  g_autoptr (RvSettings) settings = rv_settings_new ("flow", NULL);
  rv__settings_set_int (settings, "threads", tracker->n_threads, NULL);
  g_autoptr (RvTensor) flow = now ? rv_flow_estimate (now, before, NULL, settings, NULL, NULL, error) : NULL;
  g_autoptr (RvTensor) moved = flow ? rv_flow_warp (mask->rgb, flow, error) : NULL;
  return moved ? rv_image_new_from_planes (moved, NULL, error) : NULL;
}

/* (transfer full) (nullable): the mask of move_mask(), with edges that follow the colours of @frame, in its size. */
static RvImage *
hold (const RvMaskTracker *tracker, const RvImage *frame, GError **error)
{
  g_autoptr (RvImage) small = rv__mask_shrink (frame, RV_MASK_SMALL_PX, 1, error);
  g_autoptr (RvImage) moved = small ? move_mask (tracker, frame, error) : NULL;
  g_autoptr (RvImage) before =
    moved ? rv_image_resize (moved, small->width, small->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
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

/* Blends @mask, found in @frame, in place with @last, that of the previous frame, which must exist: the less @frame has
 * changed at a pixel, the more. */
static void
steady (const RvMaskTracker *tracker, const RvImage *frame, const RvImage *last, RvImage *mask)
{
  gint64 n = (gint64) frame->width * frame->height;
  const float *now = frame->rgb->data, *before = tracker->frame->rgb->data, *old = last->rgb->data;
  float *m = mask->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++) {
    float change = 0; /* of the colour that changes most, in grey levels */
    for (int c = 0; c < 3; c++)
      change = fmaxf (change, fabsf (now[c * n + i] - before[c * n + i]));
    float a = SLOWEST + (1 - SLOWEST) * fminf (change / CHANGED, 1);
    for (int c = 0; c < 3; c++)
      m[c * n + i] = old[c * n + i] + a * (m[c * n + i] - old[c * n + i]);
  }
}

/* (transfer full) (nullable): the mask of tracker->kind in @frame, alone. If nothing is found, uses the previous mask.
 * @continues: no cut. Sets n_missed and is_found. */
static GPtrArray *
find_mask (RvMaskTracker *tracker, RvImage *frame, gboolean continues, GError **error)
{
  g_autofree char *found = NULL;
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
  GPtrArray *masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_ptr_array_add (masks, g_steal_pointer (&mask));
  return masks;
}

/* (transfer full) (nullable): the masks of the regions of @frame, alone. *continues: (inout): no cut. Finds the regions
 * again after a cut without `match`, and until a frame has several colours; then sets *continues to FALSE. */
static GPtrArray *
find_regions (RvMaskTracker *tracker, RvImage *frame, gboolean *continues, GError **error)
{
  if (!tracker->regions || tracker->regions->is_flat || (!*continues && !tracker->match)) {
    RvRegions *regions =
      rv__regions_find (frame, tracker->painting, tracker->choice, tracker->match, tracker->n_threads, error);
    if (!regions)
      return NULL;
    rv__regions_unref (tracker->regions);
    tracker->regions = regions;
    tracker->is_found |= regions->n > 1;
    *continues = FALSE;
  }
  return rv__regions_follow (tracker->regions, frame, tracker->n_threads, error);
}

RvImage *
rv__mask_tracker_next (RvMaskTracker *tracker, RvImage *picture, GError **error)
{
  g_autoptr (RvImage) frame =
    tracker->kind ? rv_image_ref (picture) : rv__mask_shrink (picture, RV_REGIONS_PX, 1, error);
  gboolean is_cut = TRUE;
  if (!frame || (tracker->frame && !rv__flow_detect_cut (tracker->frame->rgb, frame->rgb, NULL, &is_cut, error)))
    return NULL;
  gboolean continues = !is_cut;
  GPtrArray *masks =
    tracker->kind ? find_mask (tracker, frame, continues, error) : find_regions (tracker, frame, &continues, error);
  if (!masks)
    return NULL;
  for (guint i = 0; continues && i < masks->len; i++)
    steady (tracker, frame, tracker->masks->pdata[i], masks->pdata[i]);
  rv_image_unref (tracker->frame);
  g_clear_pointer (&tracker->masks, g_ptr_array_unref);
  tracker->frame = g_steal_pointer (&frame);
  tracker->masks = masks;
  return rv_image_ref (masks->pdata[0]);
}

RvRegions *
rv__mask_tracker_regions (const RvMaskTracker *tracker)
{
  return tracker->regions && tracker->regions->n > 1 ? tracker->regions : NULL;
}

RvImage *const *
rv__mask_tracker_masks (const RvMaskTracker *tracker)
{
  return (RvImage *const *) tracker->masks->pdata;
}

gsize
rv__mask_tracker_bytes (const RvMaskTracker *tracker, gint64 n)
{
  const gsize plane = sizeof (float) * (gsize) n;
  if (tracker->kind)
    return 9 * plane;
  return (3 + 6 * (gsize) rv__regions_max (tracker->choice)) *
         MIN (plane, sizeof (float) * RV_REGIONS_PX * RV_REGIONS_PX);
}

gboolean
rv__mask_tracker_has_found (const RvMaskTracker *tracker)
{
  return tracker->is_found;
}
