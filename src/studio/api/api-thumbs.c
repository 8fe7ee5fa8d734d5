/* api-thumbs.c -- thumbnails of pictures, videos, sets and models; masks of pictures and videos; previews of jobs. */
#include "work.h"
#include <math.h>
#include <reverie/mask.h>
#include <reverie/video.h>

#define THUMB_PX 320 /* longest side */
#define MAX_THUMB_PX 4096
#define MASK_PX 1024
#define THUMB_QUALITY 82
#define PREVIEW_QUALITY 85
#define HARDLY_LARGER 1.25
#define MAX_S 1e6 /* position in a video */

/* Shrinks *width and *height (inout), px, so that the longer one is at most @longest_px, with the same proportions.
 * Smaller sizes stay. */
static void
fit (int *width, int *height, int longest_px)
{
  double scale = MIN ((double) longest_px / MAX (*width, *height), 1);
  *width = MAX ((int) lrint (*width * scale), 1);
  *height = MAX ((int) lrint (*height * scale), 1);
}

/* (transfer full) (nullable): the picture at @path, shrunk to a longest side of at most @longest_px; never enlarged. */
static RvImage *
load_small (const char *path, int longest_px, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (path, &info, error))
    return NULL;
  fit (&info.width, &info.height, longest_px);
  return rv_image_load (path, info.width, info.height, error);
}

/* (transfer full) (nullable): the first frame of a video at @at_s or later, with a longest side of at most @longest_px.
 * RV_ERROR_FORMAT: no such frame; errors of rv_video_probe(), rv_video_reader_new() (such as RV_ERROR_SETTING: @at_s is
 * after the end) and rv_video_reader_next(). */
static RvImage *
load_frame (const char *path, double at_s, int longest_px, GError **error)
{
  RvVideoInfo info;
  if (!rv_video_probe (path, &info, error))
    return NULL;
  fit (&info.width, &info.height, longest_px);
  const RvVideoReadOptions part = { .from_s = at_s, .width = info.width, .height = info.height };
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, &part, error);
  RvImage *frame = reader ? rv_video_reader_next (reader, error) : NULL;
  if (reader && !frame && error && !*error)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the video has no frame at that time");
  return frame;
}

/* WorkFunc; @data: Work with fd, longest_px and picture (NULL: of a set). (transfer full) (nullable): a small JPEG of
 * the picture, a frame, or the model's picture. Errors of load_frame(), models_thumb(), load_small() and
 * rv_image_save_bytes(); no error: the model has no picture. */
static GBytes *
make_thumb (gpointer data, GError **error)
{
  const Work *work = data;
  g_autofree char *path = pictures_path (work->fd, NULL);
  FileType type = work->picture ? work->picture->type : TYPE_PICTURE;
  g_autoptr (RvImage) image = type == TYPE_VIDEO   ? load_frame (path, work->at_s, work->longest_px, error)
                              : type == TYPE_MODEL ? models_thumb (work->api->models, work->picture, error)
                                                   : load_small (path, work->longest_px, error);
  RvSaveOptions options = { .quality = THUMB_QUALITY };
  return image ? rv_image_save_bytes (image, ".jpg", &options, error) : NULL;
}

/* WorkFunc. (transfer full) (nullable): a mask of the part work->part of a picture, or of a frame of a video, as a PNG;
 * black if there is no such part. */
static GBytes *
make_mask (gpointer data, GError **error)
{
  const Work *work = data;
  g_autofree char *path = pictures_path (work->fd, NULL);
  g_autoptr (RvImage) image = work->picture->type == TYPE_VIDEO ? load_frame (path, work->at_s, MASK_PX, error)
                                                                : load_small (path, MASK_PX, error);
  g_autoptr (RvImage) mask = image ? rv_mask_new (image, work->part, 1, NULL, error) : NULL;
  return mask ? rv_image_save_bytes (mask, ".png", NULL, error) : NULL;
}

/* WorkFunc. Encodes work->image as JPEG and stores the time in api->preview_us. An image that is only slightly too
 * large is not resized, to leave the processor to the job. */
static GBytes *
make_preview (gpointer data, GError **error)
{
  const Work *work = data;
  gint64 began_us = g_get_monotonic_time ();
  int width = work->image->width, height = work->image->height;
  gboolean fits = MAX (width, height) <= HARDLY_LARGER * work->longest_px;
  fit (&width, &height, work->longest_px);
  g_autoptr (RvImage) image =
    fits ? rv_image_ref (work->image) : rv_image_resize (work->image, width, height, RV_IMAGE_RESIZE_TRIANGLE, error);
  RvSaveOptions options = { .quality = PREVIEW_QUALITY };
  GBytes *bytes = image ? rv_image_save_bytes (image, ".jpg", &options, error) : NULL;
  g_atomic_int_set (&work->api->preview_us, (int) MIN (g_get_monotonic_time () - began_us, G_USEC_PER_SEC));
  return bytes;
}

void
get_thumb (Request *request, gpointer user_data)
{
  double longest_px, at_s;
  if (!api_read_number (request, "w", THUMB_PX, 16, MAX_THUMB_PX, &longest_px) ||
      !api_read_number (request, "at", 0, 0, MAX_S, &at_s))
    return;
  Work *work = work_of_file (request, user_data);
  if (!work)
    return;
  work->longest_px = (int) longest_px;
  work->at_s = at_s;
  gboolean cache = work->picture->kind != PICTURE_MADE || request_argument (request, "v"); /* as in get_file() */
  work_later (request, make_thumb, work, "image/jpeg", cache);
}

void
get_mask (Request *request, gpointer user_data)
{
  const char *part = request_argument (request, "of");
  double at_s;
  if (!api_read_number (request, "at", 0, 0, MAX_S, &at_s))
    return;
  if (!part || !g_strv_contains (rv_mask_kinds (), part)) {
    g_autofree char *kinds = g_strjoinv (", ", (char **) rv_mask_kinds ());
    g_autofree char *sentence = g_strdup_printf ("'of' must be one of %s.", kinds);
    reply_error (request, 422, "of", sentence);
    return;
  }
  Work *work = work_of_file (request, user_data);
  if (!work)
    return;
  work->part = g_strdup (part);
  work->at_s = at_s;
  work_later (request, make_mask, work, "image/png", FALSE);
}

void
get_set_thumb (Request *request, gpointer user_data)
{
  Api *api = user_data;
  int fd = sets_open_first (api->pictures, request_id (request));
  if (fd < 0) {
    reply_error (request, 404, NULL, "This set has no picture.");
    return;
  }
  Work *work = work_new (api);
  work->fd = fd;
  work->longest_px = THUMB_PX;
  work_later (request, make_thumb, work, "image/jpeg", FALSE);
}

void
api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache)
{
  const char *w = request_argument (request, "w");
  guint64 longest_px = 960;
  if (w && !g_ascii_string_to_unsigned (w, 10, 16, 4096, &longest_px, NULL)) {
    rv_image_unref (image);
    reply_error (request, 422, "w", "'w' must be 16 to 4096: the longest side in pixels.");
    return;
  }
  Work *work = work_new (api);
  work->image = image;
  work->longest_px = (int) longest_px;
  work_later (request, make_preview, work, "image/jpeg", cache);
}
