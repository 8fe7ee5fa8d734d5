/* frame.c -- raw frames from and for ffmpeg: RGB of 8 or 16 bits. */
#include "base/sample.h"
#include "io/video/video-format.h"
#include <math.h>

double
rv__video_square_width (double width, int num, int den)
{
  double aspect = num > 0 && den > 0 ? (double) num / den : 1;
  return MAX (aspect, 1 / aspect) > RV_VIDEO_MAX_ASPECT ? -1 : floor (width * aspect + 0.5);
}

gsize
rv__video_frame_bytes (const RvVideoInfo *info)
{
  return (gsize) info->width * (gsize) info->height * 3 * (info->bits > 8 ? 2 : 1);
}

static void
to_u16 (const RvImage *image, guint16 *samples)
{
  gint64 plane = (gint64) image->width * image->height;
  const float *rgb = image->rgb->data;
  for (gint64 i = 0; i < plane; i++)
    for (int c = 0; c < 3; c++)
      samples[3 * i + c] = GUINT16_TO_LE (rv__sample (rgb[c * plane + i] * 257, 65535, 0.5f));
}

void
rv__video_frame_pack (const RvVideoInfo *info, const RvImage *frame, guint8 *bytes)
{
  if (info->bits > 8)
    to_u16 (frame, (guint16 *) (void *) bytes);
  else
    rv_image_to_u8 (frame, bytes, 3 * (gsize) info->width);
}

RvImage *
rv__video_frame_unpack (const RvVideoInfo *info, const guint8 *bytes, GError **error)
{
  return rv_image_new_from_memory (bytes, info->bits > 8 ? RV_PIXEL_U16 : RV_PIXEL_U8, info->width, info->height, 3,
                                   rv__video_frame_bytes (info) / (gsize) info->height, error);
}
