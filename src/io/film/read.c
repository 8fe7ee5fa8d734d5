/* read.c -- frames out of a film, by ffmpeg: raw RGB through a pipe. */
#include "base/alloc.h"
#include "base/sized.h"
#include "io/film/child.h"
#include "io/film/film.h"
#include <math.h>

#define HD_ROWS 720       /* from here on untagged colours are BT.709's, as players take them */
#define MOST_EVERY 1000   /* frames */
#define MISSING_PART 0.02 /* of the frames a header may promise too many */

struct RvFilmReader {
  RvChild *child; /* NULL: all is read */
  RvFilmInfo info;
  char *filename;
  guint8 *frame;
  gsize frame_bytes;
  gint64 n_read;
};

void
rv_film_reader_free (RvFilmReader *reader)
{
  if (!reader)
    return;
  rv__child_free (reader->child);
  rv__free (reader->frame);
  g_free (reader->filename);
  g_free (reader);
}

const RvFilmInfo *
rv_film_reader_info (const RvFilmReader *reader)
{
  return &reader->info;
}

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

/* The film's facts become the part's. */
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

/* What ffmpeg does to each frame: an even rate, every so-many-th, the size, RGB. */
static char *
filters (const RvFilmInfo *film, const RvFilmPart *part, const RvFilmInfo *out, gboolean tagged)
{
  GString *text = g_string_new (NULL);
  /* Whatever the header says: some containers do not know that frames are missing, and the sound would run ahead. */
  g_string_append_printf (text, "fps=%d/%d,", film->rate_num, film->rate_den);
  if (part->every > 1)
    g_string_append_printf (text, "framestep=%d,", part->every);
  g_string_append_printf (text, "scale=%d:%d:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp%s,setsar=1",
                          out->width, out->height, !tagged && film->height >= HD_ROWS ? ":in_color_matrix=bt709" : "");
  return g_string_free (text, FALSE);
}

static RvChild *
start (const char *filename, const RvFilmPart *part, const char *filter, int bits, GError **error)
{
  g_autofree char *url = rv__film_url (filename);
  char from[G_ASCII_DTOSTR_BUF_SIZE], length[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (from, sizeof from, "%.6f", part->from_s);
  g_ascii_formatd (length, sizeof length, "%.6f", part->to_s > 0 ? part->to_s - part->from_s : 0);
  const char *argv[40];
  int n = 0;
  const char *const head[] = { "ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe" };
  const char *const tail[] = { "-map",        "0:V:0", "-vf",      filter,     "-fps_mode",
                               "passthrough", "-f",    "rawvideo", "-pix_fmt", bits > 8 ? "rgb48le" : "rgb24",
                               "pipe:1" };
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    argv[n++] = head[i];
  if (part->from_s > 0)
    argv[n++] = "-ss", argv[n++] = from;
  if (part->to_s > 0)
    argv[n++] = "-t", argv[n++] = length;
  argv[n++] = "-i", argv[n++] = url;
  for (guint i = 0; i < G_N_ELEMENTS (tail); i++)
    argv[n++] = tail[i];
  argv[n] = NULL;
  return rv__child_start (argv, FALSE, RV_FILM_CHILD_BYTES, error);
}

RvFilmReader *
rv_film_reader_new_sized (const char *filename, const RvFilmPart *given, gsize size, GError **error)
{
  gboolean tagged;
  RvFilmInfo film;
  RvFilmPart part;
  rv__sized_copy (&part, sizeof part, given, size);
  if (!rv__film_probe (filename, &film, &tagged, error) || !check_part (&part, &film, filename, error))
    return NULL;
  g_autoptr (RvFilmReader) reader = g_new0 (RvFilmReader, 1);
  reader->filename = g_strdup (filename);
  reader->info = film;
  narrow (&reader->info, &part);
  reader->frame_bytes = rv__film_frame_bytes (&reader->info);
  g_autofree char *filter = filters (&film, &part, &reader->info, tagged);
  if (!(reader->frame = rv__alloc (reader->frame_bytes, "a frame", error)) ||
      !(reader->child = start (filename, &part, filter, film.bits, error)))
    return NULL;
  return g_steal_pointer (&reader);
}

/* After the last frame: whether that was the film's end, or only as far as it can be read. */
static gboolean
check_end (RvFilmReader *reader, gsize left_over, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (RvChild) child = g_steal_pointer (&reader->child);
  gboolean ended = rv__child_end (child, &why);
  g_autofree char *said = ended ? rv__child_said (child) : g_strdup (why->message);
  gint64 fewest = (gint64) ((double) reader->info.n_frames * (1 - MISSING_PART)) - 2;
  if (ended && left_over == 0 && (!*said || reader->n_read >= fewest) && reader->n_read > 0)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s can be read up to frame %" G_GINT64_FORMAT " only%s%s%s",
               reader->filename, reader->n_read, *said ? " (" : "", said, *said ? ")" : "");
  return FALSE;
}

RvImage *
rv_film_reader_next (RvFilmReader *reader, GError **error)
{
  if (!reader->child)
    return NULL;
  gssize got = rv__child_read (reader->child, reader->frame, reader->frame_bytes, error);
  if (got < 0)
    return NULL;
  if ((gsize) got < reader->frame_bytes) {
    check_end (reader, (gsize) got, error);
    return NULL;
  }
  reader->n_read++;
  return rv__film_frame_unpack (&reader->info, reader->frame, error);
}
