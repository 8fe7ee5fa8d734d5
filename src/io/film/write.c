/* write.c -- frames into a film, by ffmpeg: raw RGB through its standard input. */
#include "base/alloc.h"
#include "io/atomic-file.h"
#include "io/film/child.h"
#include "io/film/coded.h"
#include <string.h>

/* What beside the pictures goes into a container as it is, by ffmpeg's names; what all else is made. */
typedef struct {
  const char *const *sounds; /* NULL: everything */
  const char *sound;
  const char *const *texts;
  const char *text;
} Beside;

#define BITMAPS "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"

static const Beside of_mp4 = { (const char *[]){ "aac", "mp3", "ac3", "eac3", "alac", "flac", "opus", NULL }, "aac",
                               (const char *[]){ "mov_text", NULL }, "mov_text" };
static const Beside of_mov = { (const char *[]){ "aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be",
                                                 "pcm_s24le", "pcm_s24be", "pcm_f32le", NULL },
                               "aac", (const char *[]){ "mov_text", NULL }, "mov_text" };
static const Beside of_mkv = { NULL, NULL, (const char *[]){ "subrip", "ass", "ssa", "webvtt", BITMAPS, NULL }, "srt" };
static const Beside of_webm = { (const char *[]){ "opus", "vorbis", NULL }, "libopus",
                                (const char *[]){ "webvtt", NULL }, "webvtt" };

/* What a suffix stands for. A crf is a rate factor: constant quality, whatever it takes. */
typedef struct {
  const char *suffix, *format, *codec, *pixels;
  int crf;              /* 0: it has none */
  const Beside *beside; /* NULL: it holds nothing */
  const char *more[5];
} Container;

static const Container containers[] = {
  { ".mp4", "mp4", "libx264", "yuv420p", 18, &of_mp4, { "-movflags", "+faststart" } },
  { ".m4v", "mp4", "libx264", "yuv420p", 18, &of_mp4, { "-movflags", "+faststart" } },
  { ".mov", "mov", "libx264", "yuv420p", 18, &of_mov, { "-movflags", "+faststart" } },
  { ".mkv", "matroska", "libx264", "yuv420p", 18, &of_mkv, { NULL } },
  { ".webm", "webm", "libvpx-vp9", "yuv420p", 28, &of_webm, { "-b:v", "0", "-row-mt", "1" } },
  { ".gif", "gif", "gif", NULL, 0, NULL, { "-loop", "0" } },
  { ".webp", "webp", "libwebp_anim", NULL, 0, NULL, { "-loop", "0", "-quality", "85" } },
};

/* A film that is being written. */
typedef struct {
  const Container *container;
  RvChild *child;
  RvAtomicFile file;
  gboolean open; /* whether @file is */
  gboolean cut;  /* what sounds beside the pictures goes on for longer than they do */
  RvFilmInfo info;
  gint64 n_frames; /* so far */
  double delay_s;  /* after the start of what sounds its pictures begin */
  guint8 *frame;
  gsize frame_bytes;
} Writing;

void
rv__coded_discard (gpointer data)
{
  Writing *writing = data;
  rv__child_free (writing->child);
  if (writing->open)
    rv__atomic_file_discard (&writing->file);
  rv__free (writing->frame);
  g_free (writing);
}

static const Container *
find_container (const char *filename, GError **error)
{
  g_autofree char *name = g_ascii_strdown (filename, -1);
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (g_str_has_suffix (name, containers[i].suffix))
      return &containers[i];
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
               "a film is written as .mp4, .mov, .mkv, .webm, .gif, .webp or .y4m, not as %s", filename);
  return NULL;
}

gboolean
rv__coded_check_target (const char *filename, GError **error)
{
  return find_container (filename, error) != NULL;
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

static void
add (GPtrArray *argv, const char *first, ...)
{
  va_list list;
  va_start (list, first);
  for (const char *text = first; text; text = va_arg (list, const char *))
    g_ptr_array_add (argv, g_strdup (text));
  va_end (list);
}

/* Of the film whose sound we take: what there is beside its pictures, and when they begin in the part that is painted.
 */
typedef struct {
  char **sounds, **texts;
  double delay_s;
} Found;

static void
found_clear (Found *found)
{
  g_strfreev (found->sounds);
  g_strfreev (found->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static gboolean
find_beside (const RvFilmSettings *settings, Found *found, GError **error)
{
  if (!rv__coded_beside (settings->sound_from, &found->sounds, &found->texts, &found->delay_s, error))
    return FALSE;
  found->delay_s = MAX (found->delay_s - settings->from_s, 0);
  return TRUE;
}

static void
add_frames (GPtrArray *argv, const RvFilmInfo *info, double delay_s)
{
  char delay[G_ASCII_DTOSTR_BUF_SIZE];
  if (delay_s > 0)
    add (argv, "-itsoffset", g_ascii_formatd (delay, sizeof delay, "%.6f", delay_s), NULL);
  g_autofree char *size = g_strdup_printf ("%dx%d", info->width, info->height);
  g_autofree char *rate = g_strdup_printf ("%d/%d", info->rate_num, info->rate_den);
  add (argv, "-f", "rawvideo", "-pix_fmt", info->bits > 8 ? "rgb48le" : "rgb24", "-video_size", size, "-framerate",
       rate, "-i", "pipe:0", NULL);
}

/* Subtitles that ffmpeg can read as text. */
static const char *const readable_texts[] = { "subrip",   "srt",  "ass",      "ssa",     "webvtt",
                                              "mov_text", "text", "microdvd", "eia_608", NULL };

/* Streams of one kind, each copied where the container knows it, else coded anew; what ffmpeg has no name for, and
 * subtitles that cannot become text, are left out: the film is worth more. @letter: "a" or "s". */
static void
add_streams (GPtrArray *argv, char **codecs, const char *letter, const char *const *known, const char *otherwise)
{
  gboolean text = *letter == 's';
  for (int i = 0, out = 0; codecs[i]; i++) {
    gboolean copied = !known || g_strv_contains (known, codecs[i]);
    g_autofree char *from = g_strdup_printf ("1:%s:%d", letter, i), *to = g_strdup_printf ("-c:%s:%d", letter, out);
    if (!*codecs[i] || (text && !copied && !g_strv_contains (readable_texts, codecs[i])))
      continue;
    add (argv, "-map", from, to, copied ? "copy" : otherwise, NULL);
    out++;
  }
}

/* Of the other film everything but the pictures, in the part that is painted. */
static void
add_sound (GPtrArray *argv, const Beside *beside, const RvFilmSettings *settings, const Found *found)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *url = rv__coded_url (settings->sound_from);
  if (settings->from_s > 0)
    add (argv, "-ss", g_ascii_formatd (text, sizeof text, "%.6f", settings->from_s), NULL);
  if (settings->to_s > 0)
    add (argv, "-t", g_ascii_formatd (text, sizeof text, "%.6f", settings->to_s - settings->from_s), NULL);
  add (argv, "-i", url, "-map", "0:v", "-map_metadata", "1", NULL);
  add_streams (argv, found->sounds, "a", beside->sounds, beside->sound);
  add_streams (argv, found->texts, "s", beside->texts, beside->text);
}

static void
add_coding (GPtrArray *argv, const Container *container, const RvFilmSettings *settings)
{
  g_autofree char *crf = g_strdup_printf ("%d", settings->crf > 0 ? settings->crf : container->crf);
  add (argv, "-c:v", settings->codec ? settings->codec : container->codec, NULL);
  if (strcmp (container->format, "gif") == 0)
    add (argv, "-vf", "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=sierra2_4a", NULL);
  else if (container->pixels && strcmp (container->pixels, "yuv420p") == 0)
    add (argv, "-vf",
         "crop=max(trunc(iw/2)*2\\,2):max(trunc(ih/"
         "2)*2\\,2),scale=flags=accurate_rnd+full_chroma_inp:out_color_matrix=bt709"
         ":out_range=tv",
         "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv", NULL);
  if (container->pixels && !settings->codec)
    add (argv, "-pix_fmt", container->pixels, NULL);
  if (container->crf)
    add (argv, "-crf", crf, NULL);
}

/* Where a film is written to: @file is open. */
static char *
target_url (const RvAtomicFile *file)
{
  return rv__coded_url (file->temporary ? file->temporary : file->target);
}

static void
add_target (GPtrArray *argv, const Container *container, const RvAtomicFile *file)
{
  g_autofree char *url = target_url (file);
  for (int i = 0; container->more[i]; i++)
    add (argv, container->more[i], NULL);
  add (argv, "-fflags", "+bitexact", "-f", container->format, url, NULL); /* Matroska's ids are drawn otherwise */
  g_ptr_array_add (argv, NULL);
}

/* (transfer full) (nullable) */
static GPtrArray *
command (Writing *writing, const RvFilmSettings *settings, GError **error)
{
  const Container *container = writing->container;
  gboolean sounds = settings->sound_from && rv__film_is_coded (settings->sound_from) && container->beside;
  g_auto (Found) found = { NULL };
  if (sounds && !find_beside (settings, &found, error))
    return NULL;
  writing->delay_s = found.delay_s;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  add (argv, "ffmpeg", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", NULL);
  add_frames (argv, &writing->info, found.delay_s);
  if (sounds)
    add_sound (argv, container->beside, settings, &found);
  if (found.delay_s > 0)
    add (argv, "-fps_mode", "passthrough", NULL); /* or what comes before the first frame is filled with copies of it */
  add_coding (argv, container, settings);
  if (settings->comment) {
    g_autofree char *comment = g_strconcat ("comment=", settings->comment, NULL);
    add (argv, "-metadata", comment, NULL);
  }
  add_target (argv, container, &writing->file);
  return g_steal_pointer (&argv);
}

/* Of the film in @from its first @seconds, as they are coded. */
static GPtrArray *
copy_command (const Container *container, double seconds, const RvAtomicFile *from, const RvAtomicFile *file)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  char length[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *url = target_url (from);
  add (argv, "ffmpeg", "-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file,pipe", "-i", url, "-map", "0",
       "-c", "copy", "-t", g_ascii_formatd (length, sizeof length, "%.6f", seconds), NULL);
  add_target (argv, container, file);
  return g_steal_pointer (&argv);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

gpointer
rv__coded_create (const char *filename, const RvFilmInfo *info, const RvFilmSettings *settings, GError **error)
{
  const Container *container = find_container (filename, error);
  if (!container)
    return NULL;
  Writing *writing = g_new0 (Writing, 1);
  writing->container = container;
  writing->info = *info;
  writing->frame_bytes = rv__film_frame_bytes (info);
  if ((writing->frame = rv__alloc (writing->frame_bytes, "a frame", error)) &&
      (writing->open = rv__atomic_file_open (&writing->file, filename, !settings->no_replace, error))) {
    g_autoptr (GPtrArray) argv = command (writing, settings, error);
    writing->child =
      argv ? rv__child_start ((const char *const *) argv->pdata, TRUE, RV_FILM_CHILD_BYTES, error) : NULL;
  }
  if (writing->child)
    return writing;
  rv__coded_discard (writing);
  return NULL;
}

gboolean
rv__coded_add (gpointer data, const RvImage *frame, GError **error)
{
  Writing *writing = data;
  rv__film_frame_pack (&writing->info, frame, writing->frame);
  writing->n_frames++;
  return rv__child_write (writing->child, writing->frame, writing->frame_bytes, error);
}

void
rv__coded_cut (gpointer data)
{
  ((Writing *) data)->cut = TRUE;
}

/* The film once more, as far as it has pictures. ffmpeg's own -shortest would also end the pictures with the sound. */
static gboolean
cut_sound (Writing *writing, GError **error)
{
  RvAtomicFile file;
  double seconds = writing->delay_s + (double) writing->n_frames * writing->info.rate_den / writing->info.rate_num;
  if (!writing->cut || !writing->container->beside || !writing->file.temporary)
    return TRUE;
  if (!rv__atomic_file_open (&file, writing->file.path, writing->file.replace, error))
    return FALSE;
  g_autoptr (GPtrArray) argv = copy_command (writing->container, seconds, &writing->file, &file);
  g_autoptr (RvChild) child = rv__child_start ((const char *const *) argv->pdata, TRUE, RV_FILM_CHILD_BYTES, error);
  gboolean ok = child && rv__child_end (child, error);
  RvAtomicFile longer = writing->file;
  if (ok)
    writing->file = file, file = longer;
  rv__atomic_file_discard (&file);
  return ok;
}

gboolean
rv__coded_finish (gpointer data, GError **error)
{
  Writing *writing = data;
  if (!rv__child_end (writing->child, error) || !cut_sound (writing, error))
    return FALSE;
  writing->open = FALSE;
  return rv__atomic_file_commit (&writing->file, error);
}
