/* film.c -- videos in any format. */
#include "io/film/film.h"
#include "base/sized.h"
#include <math.h>

#define MOST_EVERY 1000 /* frames */

static const RvFilmFormat *
format_of (const char *filename)
{
  return rv__film_is_numbered (filename) ? &rv__film_numbered : &rv__film_coded;
}

gboolean
rv__film_is_coded (const char *filename)
{
  g_autofree char *name = g_ascii_strdown (filename, -1);
  return !rv__film_is_numbered (filename) && !rv__film_is_stream (filename) && !g_str_has_suffix (name, ".y4m");
}

gboolean
rv_film_probe_sized (const char *filename, RvFilmInfo *info, gsize size, GError **error)
{
  RvFilmFacts facts = { 0 };
  gboolean ok = format_of (filename)->probe (filename, &facts, error);
  rv__sized_copy (info, size, &facts.info, sizeof facts.info);
  return ok;
}

char *
rv_film_comment (const char *filename, GError **error)
{
  return format_of (filename)->comment (filename, error);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct RvFilmReader {
  const RvFilmFormat *format;
  gpointer reading;
  RvFilmInfo info;
};

static gboolean
check_part (const RvFilmPart *part, const RvFilmInfo *film, const char *filename, GError **error)
{
  gboolean ends = part->to_s > 0;
  if (!(part->from_s >= 0) || !(part->to_s >= 0) || (ends && !(part->to_s > part->from_s)) || part->every < 0 ||
      part->every > MOST_EVERY || part->width < 0 || part->height < 0 || (part->width == 0) != (part->height == 0) ||
      MAX (part->width, part->height) > RV_FILM_MAX_SIDE) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING,
                         "a film's part ends after its start, both are at least 0, "
                         "and of its frames each 1st to 1000th is taken");
    return FALSE;
  }
  if (film->duration_s > 0 && part->from_s >= film->duration_s) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s ends at %.2f s: there is nothing from %.2f s on", filename,
                 film->duration_s, part->from_s);
    return FALSE;
  }
  return TRUE;
}

/* Reduces the facts of the video to those of the range. */
static void
narrow (RvFilmInfo *info, const RvFilmPart *part)
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

RvFilmReader *
rv_film_reader_new_sized (const char *filename, const RvFilmPart *given, gsize size, GError **error)
{
  const RvFilmFormat *format = format_of (filename);
  RvFilmFacts facts = { 0 };
  RvFilmPart part;
  rv__sized_copy (&part, sizeof part, given, size);
  if (!format->probe (filename, &facts, error) || !check_part (&part, &facts.info, filename, error))
    return NULL;
  RvFilmInfo out = facts.info;
  narrow (&out, &part);
  gpointer reading = format->open (filename, &facts, &part, &out, error);
  if (!reading)
    return NULL;
  RvFilmReader *reader = g_new (RvFilmReader, 1);
  *reader = (RvFilmReader){ format, reading, out };
  return reader;
}

const RvFilmInfo *
rv_film_reader_info (const RvFilmReader *reader)
{
  return &reader->info;
}

RvImage *
rv_film_reader_next (RvFilmReader *reader, GError **error)
{
  return reader->format->next (reader->reading, error);
}

void
rv_film_reader_free (RvFilmReader *reader)
{
  if (!reader)
    return;
  reader->format->close (reader->reading);
  g_free (reader);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

struct RvFilmWriter {
  const RvFilmFormat *format;
  gpointer writing;
  RvFilmInfo info;
};

gboolean
rv_film_check_target (const char *filename, GError **error)
{
  return format_of (filename)->check_target (filename, error);
}

void
rv__film_fit_size (const char *filename, int *width, int *height)
{
  filename = filename ? filename : ".mp4";
  const RvFilmFormat *format = format_of (filename);
  if (format->fit_size)
    format->fit_size (filename, width, height);
}

RvFilmWriter *
rv_film_writer_new_sized (const char *filename, const RvFilmInfo *given, gsize info_size,
                          const RvFilmSettings *given_settings, gsize settings_size, GError **error)
{
  const RvFilmFormat *format = format_of (filename);
  RvFilmInfo info;
  RvFilmSettings settings;
  rv__sized_copy (&info, sizeof info, given, info_size);
  rv__sized_copy (&settings, sizeof settings, given_settings, settings_size);
  if (!format->check_target (filename, error))
    return NULL;
  if (info.width < 1 || info.height < 1 || MAX (info.width, info.height) > RV_FILM_MAX_SIDE || info.rate_num < 1 ||
      info.rate_den < 1 || settings.crf < 0 || settings.crf > 63) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "a film has frames of 1 to %d px a side, a rate above 0 and a crf of 1 to 63", RV_FILM_MAX_SIDE);
    return NULL;
  }
  gpointer writing = format->create (filename, &info, &settings, error);
  if (!writing)
    return NULL;
  RvFilmWriter *writer = g_new (RvFilmWriter, 1);
  *writer = (RvFilmWriter){ format, writing, info };
  return writer;
}

gboolean
rv_film_writer_add (RvFilmWriter *writer, const RvImage *frame, GError **error)
{
  const RvFilmInfo *info = &writer->info;
  if (frame->width == info->width && frame->height == info->height)
    return writer->format->add (writer->writing, frame, error);
  g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "a frame of %d x %d px in a film of %d x %d", frame->width,
               frame->height, info->width, info->height);
  return FALSE;
}

void
rv__film_writer_cut (RvFilmWriter *writer)
{
  writer->format->cut (writer->writing);
}

gboolean
rv_film_writer_finish (RvFilmWriter *writer, GError **error)
{
  return writer->format->finish (writer->writing, error);
}

void
rv_film_writer_free (RvFilmWriter *writer)
{
  if (!writer)
    return;
  writer->format->discard (writer->writing);
  g_free (writer);
}
