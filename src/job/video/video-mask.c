/* video-mask.c -- masks of videos, read or found frame by frame with the video. */
#include "job/video/video-mask.h"
#include "base/error.h"
#include <math.h>

#define SAME_RATE 0.0005 /* fraction: OpenCV writes 29.97 for 30000/1001; 30 differs by 0.001 */

typedef struct {
  RvImage **images; /* [n]: pointers to the current mask; owned by the caller */
  int n;
  RvVideoReader *reader;  /* NULL: a picture, or a video that has ended */
  RvMaskTracker *tracker; /* finds the mask; borrowed; or NULL */
} Mask;

/* GDestroyNotify. Closes the reader of @data, a Mask. Its pictures stay with the caller of rv__video_mask_load(). */
static void
clear_mask (gpointer data)
{
  rv_video_reader_free (((Mask *) data)->reader);
}

/* ---- probing ----------------------------------------------------------------------------------------------------- */

gboolean
rv__video_mask_probe (const char *file, const RvVideoInfo *video, GError **error)
{
  RvImageInfo picture;
  RvVideoInfo mask;
  g_autoptr (GError) no_picture = NULL;
  gboolean is_picture = rv_image_probe (file, &picture, &no_picture);
  if (!is_picture && !rv_video_probe (file, &mask, NULL))
    return rv__error_propagate (error, g_steal_pointer (&no_picture));
  double ratio = is_picture ? 1 : (double) mask.rate_num / mask.rate_den * video->rate_den / video->rate_num;
  return fabs (ratio - 1) < SAME_RATE ||
         rv__error_set (error, RV_ERROR_FORMAT,
                        "%s has %.5g frames a second, and the video that it masks %.5g: the rates must be equal", file,
                        (double) mask.rate_num / mask.rate_den, (double) video->rate_num / video->rate_den);
}

/* ---- first frame ------------------------------------------------------------------------------------------------- */

/* Opens the video @file at @range of @video, by its numbers of frames, as mask->reader, which stays open after a later
 * error, and reads its first frame into *mask->images. RV_ERROR_FORMAT without a frame in @range. */
static gboolean
load_video (Mask *mask, const char *file, const RvVideoReadOptions *range, const RvVideoInfo *video, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  RvVideoReadOptions own = *range;
  RvVideoInfo info;
  if (!rv_video_probe (file, &info, error))
    return FALSE;
  double ratio = (double) video->rate_num / video->rate_den * info.rate_den / info.rate_num; /* near 1 */
  own.from_s *= ratio;
  own.to_s *= ratio;
  mask->reader = rv_video_reader_new (file, &own, error);
  if (!mask->reader)
    return FALSE;
  *mask->images = rv_video_reader_next (mask->reader, &own_error);
  if (!*mask->images && !own_error)
    rv__error_set (&own_error, RV_ERROR_FORMAT, "%s has no frame in the range of the video", file);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return *mask->images != NULL;
}

/* Appends @mask, whose reader @masks then owns, to masks->masks, and *mask.images, the picture that the caller has
 * read, to masks->current, borrowed. */
static void
add_mask (RvVideoMasks *masks, Mask mask)
{
  if (!masks->masks) {
    masks->masks = g_array_new (FALSE, TRUE, sizeof (Mask));
    g_array_set_clear_func (masks->masks, clear_mask);
  }
  g_array_append_val (masks->masks, mask);
  masks->current = g_renew (RvImage *, masks->current, masks->masks->len + 1);
  masks->current[masks->masks->len - 1] = *mask.images;
  masks->current[masks->masks->len] = NULL;
}

gboolean
rv__video_mask_load (RvVideoMasks *masks, const RvJobInput *input, const RvVideoReadOptions *range,
                     const RvVideoInfo *video, RvImage **image, GError **error)
{
  Mask mask = { .images = image, .n = 1 };
  *image = NULL;
  RvImageInfo picture;
  if (!input->file || rv_image_probe (input->file, &picture, NULL))
    *image = rv__job_input_load (input, video->width, video->height, RV_IMAGE_RESIZE_BEST, error);
  else
    load_video (&mask, input->file, range, video, error);
  if (!*image) {
    clear_mask (&mask);
    return FALSE;
  }
  add_mask (masks, mask);
  return TRUE;
}

gboolean
rv__video_mask_add_tracker (RvVideoMasks *masks, RvMaskTracker *tracker, const RvVideoInfo *video, RvImage **images,
                            int n, GError **error)
{
  RvImage *white = rv_image_new (video->width, video->height, error);
  if (!white)
    return FALSE;
  float *value = white->rgb->data;
  for (gint64 i = 0; i < rv_tensor_count (white->rgb); i++)
    value[i] = 255;
  for (int i = 0; i < n; i++)
    images[i] = i == 0 ? white : rv_image_ref (white);
  add_mask (masks, (Mask){ .images = images, .n = n, .tracker = tracker });
  return TRUE;
}

/* ---- other frames ------------------------------------------------------------------------------------------------ */

/* Replaces the pictures of mask->images by the next mask: that of @frame by the tracker, or the next frame of the
 * mask video. @frame: next frame of the masked video; only a tracker uses it and takes a reference. A picture, or a
 * mask video that has ended, keeps its last one (TRUE). After an error the pictures stay, and the reader is closed. */
static gboolean
read_next (Mask *mask, RvImage *frame, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  g_autoptr (RvImage) next = mask->tracker  ? rv__mask_tracker_next (mask->tracker, frame, &own_error)
                             : mask->reader ? rv_video_reader_next (mask->reader, &own_error)
                                            : NULL;
  for (int i = 0; next && i < mask->n; i++) {
    rv_image_unref (mask->images[i]);
    mask->images[i] = rv_image_ref (next);
  }
  if (next)
    return TRUE;
  g_clear_pointer (&mask->reader, rv_video_reader_free);
  if (!own_error)
    return TRUE;
  return rv__error_propagate (error, g_steal_pointer (&own_error));
}

gboolean
rv__video_masks_next (RvVideoMasks *masks, RvImage *frame, GError **error)
{
  g_autoptr (RvImage) region = masks->regions ? rv__mask_tracker_next (masks->regions, frame, error) : NULL;
  gboolean ok = region || !masks->regions;
  for (guint i = 0; ok && masks->masks && i < masks->masks->len; i++) {
    Mask *mask = &g_array_index (masks->masks, Mask, i);
    ok = (!masks->has_first && !mask->tracker) || read_next (mask, frame, error);
    masks->current[i] = *mask->images;
  }
  masks->has_first = TRUE;
  return ok;
}

gsize
rv__video_masks_bytes (const RvVideoMasks *masks, gint64 n)
{
  gsize bytes = masks->regions ? rv__mask_tracker_bytes (masks->regions, n) : 0;
  for (guint i = 0; masks->masks && i < masks->masks->len; i++) {
    const RvMaskTracker *tracker = g_array_index (masks->masks, Mask, i).tracker;
    bytes += tracker ? rv__mask_tracker_bytes (tracker, n) : 0;
  }
  return bytes;
}

void
rv__video_masks_clear (RvVideoMasks *masks)
{
  g_clear_pointer (&masks->masks, g_array_unref);
  g_clear_pointer (&masks->current, g_free);
}
