/* frame.c -- raw frames from and for ffmpeg: RGB of 8 or 16 bits. */
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

static RvPixelType
sample_type (const RvVideoInfo *info)
{
  return info->bits > 8 ? RV_PIXEL_U16 : RV_PIXEL_U8;
}

void
rv__video_frame_pack (const RvVideoInfo *info, const RvImage *frame, guint8 *bytes)
{
  rv_image_to_memory (frame, bytes, sample_type (info), 3, rv__video_frame_bytes (info) / (gsize) info->height, NULL);
}

RvImage *
rv__video_frame_unpack (const RvVideoInfo *info, const guint8 *bytes, GError **error)
{
  return rv_image_new_from_memory (bytes, sample_type (info), info->width, info->height, 3,
                                   rv__video_frame_bytes (info) / (gsize) info->height, error);
}
