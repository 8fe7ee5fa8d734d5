/* video-format.c -- videos in any format. */
#include "io/video/video-format.h"
#include "base/error.h"
#include "base/sized.h"
#include <math.h>

#define MAX_EVERY 1000 /* frames */

/* Format of @filename, by its name: numbered images, else ffmpeg. Static, never NULL. */
static const RvVideoFormat *
format_of (const char *filename)
{
  return rv__video_is_image_sequence (filename) ? &rv__video_image_sequence : &rv__video_ffmpeg;
}

gboolean
rv__video_is_container (const char *filename)
{
  g_autofree char *name = g_ascii_strdown (filename, -1);
  return !rv__video_is_image_sequence (filename) && !rv__video_is_stream (filename) && !g_str_has_suffix (name, ".y4m");
}

gboolean
rv_video_probe_sized (const char *filename, RvVideoInfo *info, gsize size, GError **error)
{
  RvVideoProbe facts = { 0 };
  gboolean ok = format_of (filename)->probe (filename, &facts, error);
  rv__sized_copy (info, size, &facts.info, sizeof facts.info);
  return ok;
}

char *
rv_video_comment (const char *filename, GError **error)
{
  return format_of (filename)->comment (filename, error);
}

/* ---- raw frames ----------------------------------------------------------------------------------------------------
 */

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

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct RvVideoReader {
  const RvVideoFormat *format;
  gpointer reading;
  RvVideoInfo info;
};

/* Checks the range, `every` and the size of @part, and that the range begins before the @video ends, if its duration is
 * known. @filename: for the message. FALSE with RV_ERROR_SETTING. */
static gboolean
check_part (const RvVideoReadOptions *part, const RvVideoInfo *video, const char *filename, GError **error)
{
  gboolean ends = part->to_s > 0;
  if (!(part->from_s >= 0) || !(part->to_s >= 0) || (ends && !(part->to_s > part->from_s)) || part->every < 0 ||
      part->every > MAX_EVERY || part->width < 0 || part->height < 0 || (part->width == 0) != (part->height == 0) ||
      MAX (part->width, part->height) > RV_VIDEO_MAX_SIDE)
    return rv__error_set (
      error, RV_ERROR_SETTING,
      "a video's range must end after its start, both at least 0 s, and 'every' must lie between 1 and 1000");
  if (video->duration_s > 0 && part->from_s >= video->duration_s)
    return rv__error_set (error, RV_ERROR_SETTING, "%s ends at %.2f s, before the start of the range at %.2f s",
                          filename, video->duration_s, part->from_s);
  return TRUE;
}

/* Changes @info (inout), of the whole video, to the frames that @part, which check_part() has accepted, selects:
 * duration, number, rate and size. Members of @part that are 0 change nothing. Cannot fail. */
static void
apply_part (RvVideoInfo *info, const RvVideoReadOptions *part)
{
  double to_s =
    part->to_s > 0 && (info->duration_s <= 0 || part->to_s < info->duration_s) ? part->to_s : info->duration_s;
  if (part->from_s > 0 || part->to_s > 0) {
    info->duration_s = MAX (to_s - part->from_s, 0);
    info->n_frames = (gint64) floor (info->duration_s * info->rate_num / info->rate_den + 0.5);
  }
  if (part->every > 1) {
    info->n_frames = (info->n_frames + part->every - 1) / part->every;
    info->rate_den *= part->every;
  }
  if (part->width > 0)
    info->width = part->width, info->height = part->height;
}

RvVideoReader *
rv_video_reader_new_sized (const char *filename, const RvVideoReadOptions *given, gsize size, GError **error)
{
  const RvVideoFormat *format = format_of (filename);
  RvVideoProbe facts = { 0 };
  RvVideoReadOptions part;
  rv__sized_copy (&part, sizeof part, given, size);
  if (!format->probe (filename, &facts, error) || !check_part (&part, &facts.info, filename, error))
    return NULL;
  RvVideoInfo out = facts.info;
  apply_part (&out, &part);
  gpointer reading = format->open (filename, &facts, &part, &out, error);
  if (!reading)
    return NULL;
  RvVideoReader *reader = g_new (RvVideoReader, 1);
  *reader = (RvVideoReader){ format, reading, out };
  return reader;
}

const RvVideoInfo *
rv_video_reader_info (const RvVideoReader *reader)
{
  return &reader->info;
}

RvImage *
rv_video_reader_next (RvVideoReader *reader, GError **error)
{
  return reader->format->next (reader->reading, error);
}

void
rv_video_reader_free (RvVideoReader *reader)
{
  if (!reader)
    return;
  reader->format->close (reader->reading);
  g_free (reader);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

struct RvVideoWriter {
  const RvVideoFormat *format;
  gpointer writing;
  RvVideoInfo info;
};

gboolean
rv_video_check_target (const char *filename, GError **error)
{
  return format_of (filename)->check_target (filename, error);
}

void
rv__video_fit_size (const char *filename, int *width, int *height)
{
  filename = filename ? filename : ".mp4";
  const RvVideoFormat *format = format_of (filename);
  if (format->fit_size)
    format->fit_size (filename, width, height);
}

RvVideoWriter *
rv_video_writer_new_sized (const char *filename, const RvVideoInfo *given, gsize info_size,
                           const RvVideoWriteOptions *given_settings, gsize settings_size, GError **error)
{
  const RvVideoFormat *format = format_of (filename);
  RvVideoInfo info;
  RvVideoWriteOptions settings;
  rv__sized_copy (&info, sizeof info, given, info_size);
  rv__sized_copy (&settings, sizeof settings, given_settings, settings_size);
  if (!format->check_target (filename, error))
    return NULL;
  if (info.width < 1 || info.height < 1 || MAX (info.width, info.height) > RV_VIDEO_MAX_SIDE || info.rate_num < 1 ||
      info.rate_den < 1 || settings.crf < 0 || settings.crf > 63)
    return rv__error_null (error, RV_ERROR_SETTING,
                           "a video has frames of 1 to %d px a side, a rate above 0 and a crf of 1 to 63",
                           RV_VIDEO_MAX_SIDE);
  gpointer writing = format->create (filename, &info, &settings, error);
  if (!writing)
    return NULL;
  RvVideoWriter *writer = g_new (RvVideoWriter, 1);
  *writer = (RvVideoWriter){ format, writing, info };
  return writer;
}

gboolean
rv_video_writer_add (RvVideoWriter *writer, const RvImage *frame, GError **error)
{
  const RvVideoInfo *info = &writer->info;
  if (frame->width == info->width && frame->height == info->height)
    return writer->format->add (writer->writing, frame, error);
  return rv__error_set (error, RV_ERROR_SHAPE, "a frame of %d x %d px does not fit a video of %d x %d px", frame->width,
                        frame->height, info->width, info->height);
}

void
rv__video_writer_trim_sound (RvVideoWriter *writer)
{
  if (writer->format->trim_sound)
    writer->format->trim_sound (writer->writing);
}

gboolean
rv_video_writer_finish (RvVideoWriter *writer, GError **error)
{
  return writer->format->finish (writer->writing, error);
}

void
rv_video_writer_free (RvVideoWriter *writer)
{
  if (!writer)
    return;
  writer->format->discard (writer->writing);
  g_free (writer);
}
