/* y4m.c -- films as YUV4MPEG2, uncoded frames that programs hand to one another: files, and "-", standard input and
 * output. Read and written without any other program; no sound.
 *
 *   YUV4MPEG2 W640 H360 F25:1 Ip A1:1 C420jpeg\n
 *   FRAME\n Y Cb Cr   FRAME\n Y Cb Cr   ... */
#include "base/alloc.h"
#include "io/atomic-file.h"
#include "io/film/film.h"
#include "io/film/yuv.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "YUV4MPEG2"
#define FRAME "FRAME"
#define MOST_LINE 1024    /* bytes of a header */
#define MOST_TERM 2000000 /* of a fraction */

static gboolean
is_stream (const char *filename)
{
  return strcmp (filename, "-") == 0;
}

gboolean
rv__film_is_stream (const char *filename)
{
  return filename && is_stream (filename);
}

static gboolean
is_y4m (const char *filename)
{
  g_autofree char *name = g_ascii_strdown (filename, -1);
  return is_stream (filename) || g_str_has_suffix (name, ".y4m");
}

/* What is said of "-". */
static const char *
in_words (const char *filename)
{
  return is_stream (filename) ? "standard input" : filename;
}

/* ---- the header -------------------------------------------------------------------------------------------------- */

typedef struct {
  RvYuv yuv;
  int rate_num, rate_den, aspect_num, aspect_den;
  gboolean interlaced;
} Header;

/* "30000:1001" */
static gboolean
read_fraction (const char *text, int *num, int *den)
{
  char *end = NULL;
  gint64 n = g_ascii_strtoll (text, &end, 10), d = *end == ':' ? g_ascii_strtoll (end + 1, &end, 10) : -1;
  if (*end || n < 0 || d < 0 || n > MOST_TERM || d > MOST_TERM)
    return FALSE;
  *num = (int) n, *den = (int) d;
  return TRUE;
}

static int
read_side (const char *text)
{
  guint64 side = 0;
  return g_ascii_string_to_unsigned (text, 10, 1, RV_FILM_MAX_SIDE, &side, NULL) ? (int) side : 0;
}

typedef struct {
  const char *name;
  int shift_x, shift_y;
  gboolean left, mono, alpha;
} Colors;

/* By the beginning of their names, the longer first; "p10" and so on may follow. */
static const Colors colors[] = {
  { "420jpeg", 1, 1, FALSE, FALSE, FALSE }, { "420mpeg2", 1, 1, TRUE, FALSE, FALSE },
  { "420paldv", 1, 1, TRUE, FALSE, FALSE }, { "420", 1, 1, FALSE, FALSE, FALSE },
  { "411", 2, 0, TRUE, FALSE, FALSE },      { "422", 1, 0, TRUE, FALSE, FALSE },
  { "444alpha", 0, 0, FALSE, FALSE, TRUE }, { "444", 0, 0, FALSE, FALSE, FALSE },
  { "mono", 0, 0, FALSE, TRUE, FALSE },
};

/* The depth that follows: "p10", of mono "10". */
static int
read_bits (const char *text)
{
  guint64 bits = 8;
  const char *number = *text == 'p' ? text + 1 : text;
  return *text == 0 || g_ascii_string_to_unsigned (number, 10, 8, 16, &bits, NULL) ? (int) bits : 0;
}

static gboolean
read_colors (const char *text, RvYuv *yuv)
{
  for (guint i = 0; i < G_N_ELEMENTS (colors); i++) {
    const Colors *row = &colors[i];
    int bits = g_str_has_prefix (text, row->name) ? read_bits (text + strlen (row->name)) : 0;
    if (!bits)
      continue;
    yuv->shift_x = row->shift_x, yuv->shift_y = row->shift_y, yuv->left = row->left;
    yuv->mono = row->mono, yuv->alpha = row->alpha, yuv->bits = bits;
    return TRUE;
  }
  return FALSE;
}

/* A word of the header; FALSE where its value is none. What nobody knows is skipped. */
static gboolean
read_word (const char *word, Header *header)
{
  switch (*word) {
  case 'W':
    return (header->yuv.width = read_side (word + 1)) > 0;
  case 'H':
    return (header->yuv.height = read_side (word + 1)) > 0;
  case 'C':
    return read_colors (word + 1, &header->yuv);
  case 'F':
    return read_fraction (word + 1, &header->rate_num, &header->rate_den) && header->rate_num > 0 &&
           header->rate_den > 0;
  case 'A':
    return read_fraction (word + 1, &header->aspect_num, &header->aspect_den) &&
           rv__film_square_width (1, header->aspect_num, header->aspect_den) >= 0;
  case 'I': /* of fields: top or bottom first, mixed */
    header->interlaced = word[1] != 0 && strchr ("tbm", word[1]) != NULL;
    return TRUE;
  case 'X':
    if (strcmp (word, "XCOLORRANGE=FULL") == 0)
      header->yuv.full_range = TRUE;
    return TRUE;
  default:
    return TRUE;
  }
}

static gboolean
read_header (const char *line, Header *header, const char *name, GError **error)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  *header = (Header){ .yuv = { .shift_x = 1, .shift_y = 1, .bits = 8 }, .rate_num = 25, .rate_den = 1 };
  if (g_strcmp0 (words[0], MAGIC) != 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is no film of the kind Y4M", name);
    return FALSE;
  }
  for (int i = 1; words[i]; i++)
    if (!read_word (words[i], header)) {
      g_autofree char *word = g_strndup (words[i], 32);
      g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s: '%s' in its header is not understood", name, word);
      return FALSE;
    }
  const char *wrong = header->interlaced ? "has two fields a frame; ffmpeg's filter bwdif makes whole frames of them"
                      : header->yuv.width == 0 || header->yuv.height == 0 ? "does not say how large its frames are"
                                                                          : NULL;
  if (wrong)
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s %s", name, wrong);
  return !wrong;
}

/* ---- frames, one after the other --------------------------------------------------------------------------------- */

/* A film that is being read, and the frame of it that was read last: what can be read but once gives that again. */
typedef struct {
  char *name; /* in words */
  FILE *file;
  Header header;
  guint8 *frame;
  gsize frame_bytes;
  gint64 at;       /* which frame that is; -1: none was read yet */
  gint64 n_frames; /* if none of them says more than "FRAME"; 0: it is no file, which could be measured */
} Stream;

static void
stream_free (Stream *stream)
{
  if (stream->file && stream->file != stdin)
    fclose (stream->file);
  rv__free (stream->frame);
  g_free (stream->name);
  g_free (stream);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

/* Up to the line's end, which is not kept. FALSE at the film's end and where no such line comes; *got is what came. */
static gboolean
read_line (FILE *file, char line[MOST_LINE], gsize *got)
{
  int byte;
  for (*got = 0; *got < MOST_LINE && (byte = getc (file)) != EOF; (*got)++) {
    line[*got] = (char) byte;
    if (byte != '\n')
      continue;
    line[*got] = 0;
    return memchr (line, 0, *got) == NULL;
  }
  return FALSE;
}

/* What follows the header of a file, in frames. */
static gint64
count_frames (const Stream *stream)
{
  struct stat facts;
  off_t here = ftello (stream->file);
  if (fstat (fileno (stream->file), &facts) != 0 || !S_ISREG (facts.st_mode) || here < 0 || here > facts.st_size)
    return 0;
  return (gint64) ((guint64) (facts.st_size - here) / (stream->frame_bytes + strlen (FRAME "\n")));
}

static Stream *
stream_open (const char *filename, GError **error)
{
  char line[MOST_LINE];
  gsize got;
  g_autoptr (Stream) stream = g_new0 (Stream, 1);
  stream->name = g_strdup (in_words (filename));
  stream->at = -1;
  stream->file = is_stream (filename) ? stdin : fopen (filename, "rbe");
  if (!stream->file || !read_line (stream->file, line, &got)) {
    gboolean unread = !stream->file || ferror (stream->file);
    g_set_error (error, RV_ERROR, unread ? RV_ERROR_FILE : RV_ERROR_FORMAT, "%s %s%s", stream->name,
                 unread ? "cannot be read: " : "is no film of the kind Y4M", unread ? g_strerror (errno) : "");
    return NULL;
  }
  if (!read_header (line, &stream->header, stream->name, error))
    return NULL;
  stream->frame_bytes = rv__yuv_bytes (&stream->header.yuv);
  stream->n_frames = count_frames (stream);
  if (!(stream->frame = rv__alloc (stream->frame_bytes, "a frame", error)))
    return NULL;
  return g_steal_pointer (&stream);
}

/* The next frame is in stream->frame. FALSE without an error: there is none. */
static gboolean
stream_advance (Stream *stream, GError **error)
{
  char line[MOST_LINE];
  gsize got;
  gboolean is_frame =
    read_line (stream->file, line, &got) && (strcmp (line, FRAME) == 0 || g_str_has_prefix (line, FRAME " "));
  if (!is_frame && got == 0 && !ferror (stream->file))
    return FALSE;
  if (is_frame && fread (stream->frame, 1, stream->frame_bytes, stream->file) == stream->frame_bytes) {
    stream->at++;
    return TRUE;
  }
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s can be read up to frame %" G_GINT64_FORMAT " only", stream->name,
               stream->at + 1);
  return FALSE;
}

/* Of standard input there is one, for the whole process. */
static Stream *standard_input;
static GMutex standard_input_lock;

static Stream *
stream_of (const char *filename, GError **error)
{
  if (!is_stream (filename))
    return stream_open (filename, error);
  g_mutex_lock (&standard_input_lock);
  if (!standard_input)
    standard_input = stream_open (filename, error);
  g_mutex_unlock (&standard_input_lock);
  if (!standard_input && error && !*error)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "standard input is no film of the kind Y4M");
  return standard_input;
}

static void
stream_leave (Stream *stream)
{
  if (stream != standard_input)
    stream_free (stream);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static gboolean
probe (const char *filename, RvFilmFacts *facts, GError **error)
{
  Stream *stream = stream_of (filename, error);
  if (!stream)
    return FALSE;
  const Header *header = &stream->header;
  double width = rv__film_square_width (header->yuv.width, header->aspect_num, header->aspect_den);
  facts->info = (RvFilmInfo){ .width = (int) CLAMP (width, 1, RV_FILM_MAX_SIDE),
                              .height = header->yuv.height,
                              .rate_num = header->rate_num,
                              .rate_den = header->rate_den,
                              .n_frames = stream->n_frames,
                              .duration_s = (double) stream->n_frames * header->rate_den / header->rate_num,
                              .bits = header->yuv.bits > 8 ? 16 : 8 };
  stream_leave (stream);
  return TRUE;
}

typedef struct {
  Stream *stream;
  gint64 number, end; /* of the next frame, from 0; the first that is not wanted */
  int every, width, height;
} Reading;

static void
close_reading (gpointer data)
{
  stream_leave (((Reading *) data)->stream);
  g_free (data);
}

static gpointer
open_reading (const char *filename, const RvFilmFacts *facts, const RvFilmPart *part, const RvFilmInfo *out,
              GError **error)
{
  double rate = (double) facts->info.rate_num / facts->info.rate_den;
  Stream *stream = stream_of (filename, error);
  if (!stream)
    return NULL;
  Reading *reading = g_new (Reading, 1);
  *reading = (Reading){ .stream = stream,
                        .number = (gint64) (part->from_s * rate + 0.5),
                        .end = part->to_s > 0 ? (gint64) (part->to_s * rate + 0.5) : G_MAXINT64,
                        .every = MAX (part->every, 1),
                        .width = out->width,
                        .height = out->height };
  return reading;
}

static RvImage *
next (gpointer data, GError **error)
{
  Reading *reading = data;
  Stream *stream = reading->stream;
  if (reading->number >= reading->end)
    return NULL;
  if (stream->at > reading->number) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s can be read but once", stream->name);
    return NULL;
  }
  while (stream->at < reading->number)
    if (!stream_advance (stream, error))
      return NULL;
  reading->number += reading->every;
  g_autoptr (RvImage) frame = rv__yuv_unpack (&stream->header.yuv, stream->frame, error);
  if (!frame || (frame->width == reading->width && frame->height == reading->height))
    return g_steal_pointer (&frame);
  return rv_image_resize (frame, reading->width, reading->height, RV_IMAGE_RESIZE_BEST, error);
}

static char *
comment (const char *filename, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s has no comment", in_words (filename));
  return NULL;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

typedef struct {
  RvAtomicFile file; /* with no temporary: standard output */
  gboolean open;     /* whether there is such a file */
  int fd;
  RvFilmInfo info;
  RvYuv yuv;
  guint8 *rgb, *frame;
  gsize frame_bytes;
} Writing;

static gboolean
check_target (const char *filename, GError **error)
{
  return TRUE;
}

static void
discard (gpointer data)
{
  Writing *writing = data;
  if (writing->open)
    rv__atomic_file_discard (&writing->file);
  rv__free (writing->rgb);
  rv__free (writing->frame);
  g_free (writing);
}

static gboolean
put (const Writing *writing, gconstpointer data, gsize size, GError **error)
{
  if (rv__write_all (writing->fd, data, size))
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot write %s: %s",
               writing->open ? writing->file.path : "standard output", g_strerror (errno));
  return FALSE;
}

static gboolean
put_header (const Writing *writing, const RvFilmInfo *info, GError **error)
{
  g_autofree char *line = g_strdup_printf (MAGIC " W%d H%d F%d:%d Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\n", info->width,
                                           info->height, info->rate_num, info->rate_den);
  return put (writing, line, strlen (line), error);
}

static gboolean
open_target (Writing *writing, const char *filename, const RvFilmSettings *settings, GError **error)
{
  if (is_stream (filename) && isatty (STDOUT_FILENO)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FILE,
                         "a film goes to standard output where that is a file or another program, not a terminal");
    return FALSE;
  }
  writing->fd = STDOUT_FILENO;
  if (is_stream (filename))
    return TRUE;
  writing->open = rv__atomic_file_open (&writing->file, filename, !settings->no_replace, error);
  writing->fd = writing->file.fd;
  return writing->open;
}

static gpointer
create (const char *filename, const RvFilmInfo *info, const RvFilmSettings *settings, GError **error)
{
  Writing *writing = g_new0 (Writing, 1);
  writing->yuv = (RvYuv){ .width = info->width, .height = info->height, .shift_x = 1, .shift_y = 1, .bits = 8 };
  writing->info = *info;
  writing->frame_bytes = rv__yuv_bytes (&writing->yuv);
  if ((writing->frame = rv__alloc (writing->frame_bytes, "a frame", error)) &&
      (writing->rgb = rv__alloc (rv__film_frame_bytes (info), "a frame", error)) &&
      open_target (writing, filename, settings, error) && put_header (writing, info, error))
    return writing;
  discard (writing);
  return NULL;
}

/* Rounded first as frames are that wait in a file until the film is whole (frames-file.c): they make the same film. */
static gboolean
add (gpointer data, const RvImage *frame, GError **error)
{
  Writing *writing = data;
  rv__film_frame_pack (&writing->info, frame, writing->rgb);
  g_autoptr (RvImage) rounded = rv__film_frame_unpack (&writing->info, writing->rgb, error);
  if (!rounded)
    return FALSE;
  rv__yuv_pack (&writing->yuv, rounded, writing->frame);
  return put (writing, FRAME "\n", strlen (FRAME "\n"), error) &&
         put (writing, writing->frame, writing->frame_bytes, error);
}

/* There is no sound. */
static void
cut (gpointer data)
{
}

static gboolean
finish (gpointer data, GError **error)
{
  Writing *writing = data;
  if (!writing->open)
    return TRUE;
  writing->open = FALSE;
  return rv__atomic_file_commit (&writing->file, error);
}

const RvFilmFormat rv__film_y4m = {
  .is = is_y4m,
  .probe = probe,
  .open = open_reading,
  .next = next,
  .close = close_reading,
  .check_target = check_target,
  .create = create,
  .add = add,
  .cut = cut,
  .finish = finish,
  .discard = discard,
  .comment = comment,
};
