/* write.c -- frames into a video by ffmpeg: raw RGB through its standard input. */
#include "base/alloc.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "io/video/subprocess.h"
#include "io/video/ffmpeg.h"
#include "io/video/matroska.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Threads of the encoder: with more, 4K exceeds the memory limit of a subprocess. libx264 starts 1.5 for each
 * processor. */
#define MAX_THREADS 16
#define CLOCK "60000" /* ticks per second of frame times without a constant rate; MPEG-4's limit is 65535 */

/* Other streams of a container: codecs that are copied, by ffmpeg's names, and the codecs for all others. Sound of a
 * time range is always decoded, cut at a sample and encoded again, if possible with the same codec. Copied packets
 * would include sound outside the range. */
typedef struct {
  const char *const *sounds;
  const char *sound;
  const char *const *texts;
  const char *text;
} Codecs;

#define BITMAPS "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"

static const Codecs of_mp4 = { (const char *[]){ "aac", "mp3", "ac3", "eac3", "alac", "flac", "opus", NULL }, "aac",
                               (const char *[]){ "mov_text", NULL }, "mov_text" };
static const Codecs of_mov = { (const char *[]){ "aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s16be",
                                                 "pcm_s24le", "pcm_s24be", "pcm_f32le", NULL },
                               "aac", (const char *[]){ "mov_text", NULL }, "mov_text" };
static const Codecs of_mkv = {
  (const char *[]){ "aac",       "ac3",       "alac",          "dts",       "eac3",      "flac",      "mlp",
                    "mp1",       "mp2",       "mp3",           "opus",      "truehd",    "tta",       "vorbis",
                    "wavpack",   "wmav1",     "wmav2",         "wmapro",    "pcm_u8",    "pcm_s16le", "pcm_s16be",
                    "pcm_s24le", "pcm_s24be", "pcm_s32le",     "pcm_s32be", "pcm_f32le", "pcm_f64le", "pcm_alaw",
                    "pcm_mulaw", "adpcm_ms",  "adpcm_ima_wav", NULL },
  "aac", (const char *[]){ "subrip", "ass", "ssa", "webvtt", BITMAPS, NULL }, "srt"
};
static const Codecs of_webm = { (const char *[]){ "opus", "vorbis", NULL }, "libopus",
                                (const char *[]){ "webvtt", NULL }, "webvtt" };

/* Container of a suffix. crf: constant rate factor (quality). */
typedef struct {
  const char *suffix, *format, *codec;
  const char *pixels;   /* pixel format with half the colour resolution, which needs even sides; NULL: the codec's */
  int crf;              /* 0: none */
  const Codecs *codecs; /* NULL: none */
  const char *more[5];  /* further options of ffmpeg, up to NULL */
} Container;

#define RAW "yuv4mpegpipe"
#define FAST_START "-movflags", "+faststart"

static const Container containers[] = {
  /* ffmpeg 5 needs -strict -2 for FLAC in .mp4 */
  { ".mp4", "mp4", "libx264", "yuv420p", 18, &of_mp4, { FAST_START, "-strict", "-2" } },
  { ".m4v", "mp4", "libx264", "yuv420p", 18, &of_mp4, { FAST_START, "-strict", "-2" } },
  { ".mov", "mov", "libx264", "yuv420p", 18, &of_mov, { FAST_START } },
  { ".mkv", "matroska", "libx264", "yuv420p", 18, &of_mkv, { NULL } },
  { ".webm", "webm", "libvpx-vp9", "yuv420p", 28, &of_webm, { "-b:v", "0", "-row-mt", "1" } },
  { ".gif", "gif", "gif", NULL, 0, NULL, { "-loop", "0" } },
  { ".webp", "webp", "libwebp_anim", NULL, 0, NULL, { "-loop", "0", "-quality", "85" } },
  { ".y4m", RAW, "wrapped_avframe", NULL, 0, NULL, { "-pix_fmt", "yuv420p" } }, /* no tags, any size */
};

typedef struct {
  const Container *container;
  RvSubprocess *child;
  RvAtomicFile file;
  gboolean open;        /* whether @file is open; FALSE also for standard output */
  gboolean trims_sound; /* finish copies the video without sound and subtitles after its last frame */
  RvVideoInfo info;
  gint64 n_frames;
  double delay_s; /* from the start of the sound to the first frame */
  GArray *times;  /* from rv__ffmpeg_times(); NULL: constant rate */
  guint8 *frame;
  gsize frame_bytes;
} Writing;

/* RvVideoFormat.discard. Frees @writing, not NULL. Unless finish() has completed the file, kills ffmpeg and deletes the
 * temporary file; in a fork of the writing process both stay. */
static void
discard (gpointer data)
{
  Writing *writing = data;
  gboolean is_own = !writing->child || rv__subprocess_is_own (writing->child);
  rv__subprocess_free (writing->child);
  if (writing->open && is_own)
    rv__atomic_file_discard (&writing->file);
  if (writing->times)
    g_array_unref (writing->times);
  rv__free (writing->frame);
  g_free (writing);
}

/* (transfer none) (nullable): the container of the suffix of @filename; for "-" that of .y4m. RV_ERROR_SETTING. */
static const Container *
find_container (const char *filename, GError **error)
{
  g_autofree char *name = g_ascii_strdown (rv__video_is_stream (filename) ? ".y4m" : filename, -1);
  for (guint i = 0; i < G_N_ELEMENTS (containers); i++)
    if (g_str_has_suffix (name, containers[i].suffix))
      return &containers[i];
  return rv__error_null (error, RV_ERROR_SETTING,
                         "a video is written as .mp4, .mov, .mkv, .webm, .gif, .webp or .y4m, not as %s", filename);
}

/* RvVideoFormat.check_target. Whether @filename has the suffix of a video that can be written, or is "-". Does not
 * touch files. */
static gboolean
check_target (const char *filename, GError **error)
{
  return find_container (filename, error) != NULL;
}

/* RvVideoFormat.fit_size. Rounds both sides (inout) down to even numbers, at least 2 px, if the pixel format of the
 * suffix needs it. Other and unknown suffixes: no change. */
static void
fit_size (const char *filename, int *width, int *height)
{
  const Container *container = find_container (filename, NULL);
  if (!container || !container->pixels)
    return;
  *width = MAX (*width / 2 * 2, 2);
  *height = MAX (*height / 2 * 2, 2);
}

/* Time of frame @number, in s after the first. Frames beyond writing->times follow at the mean rate. */
static double
time_of (const Writing *writing, gint64 number)
{
  double rate = (double) writing->info.rate_num / writing->info.rate_den;
  gint64 known = writing->times ? (gint64) writing->times->len - 1 : 0; /* a damaged video may have fewer */
  if (!writing->times)
    return (double) number / rate;
  return g_array_index (writing->times, double, MIN (number, known)) + (double) MAX (number - known, 0) / rate;
}

/* Duration in s of the last frame in writing->times, which must not be NULL. */
static double
last_frame_s (const Writing *writing)
{
  gint64 n = (gint64) writing->times->len - 1;
  return time_of (writing, n) - time_of (writing, MAX (n - 1, 0));
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

/* Source of the sound: its sound and subtitle streams, and the rendered range, in s. The range begins with a frame.
 * delay_s: from the start of the range to its first frame, if the video begins later. */
typedef struct {
  char **sounds, **texts;
  double delay_s, seek_s, from_s, length_s; /* length_s 0: to the end of the source */
} SoundSource;

static void
sound_source_clear (SoundSource *source)
{
  g_strfreev (source->sounds);
  g_strfreev (source->texts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SoundSource, sound_source_clear)

/* Probes settings->sound_from: sets @source, its streams (owned; freed by the caller also after an error) and the range
 * to copy. *times: (out) (transfer full): times of its frames if settings->source_times and its rate varies; else
 * unchanged. */
static gboolean
probe_sound_source (const RvVideoWriteOptions *settings, SoundSource *source, GArray **times, GError **error)
{
  RvVideoProbe facts = { 0 };
  const RvVideoReadOptions part = { .from_s = settings->from_s, .to_s = settings->to_s, .every = settings->every };
  if (!rv__ffmpeg_other_streams (settings->sound_from, &facts, &source->sounds, &source->texts, error))
    return FALSE;
  facts.source_times = settings->source_times && facts.info.variable_rate;
  if (facts.source_times && !(*times = rv__ffmpeg_times (settings->sound_from, &facts, &part, error)))
    return FALSE;
  double first_s = rv__ffmpeg_frame_s (&facts, settings->from_s);
  source->delay_s = MAX (facts.delay_s - settings->from_s, 0);
  source->from_s = settings->from_s > 0 && source->delay_s == 0 ? first_s : settings->from_s;
  source->seek_s = rv__ffmpeg_seek_s (&facts, source->from_s);
  source->length_s = settings->to_s > 0 ? MAX (settings->to_s - source->from_s, 0) : 0;
  return TRUE;
}

/* Subtitle codecs that ffmpeg can read as text. */
static const char *const readable_texts[] = { "subrip",   "srt",  "ass",      "ssa",     "webvtt",
                                              "mov_text", "text", "microdvd", "eia_608", NULL };

/* (nullable): coding of a stream, @letter 'a' or 's': "copy" or an encoder; static, or @codec itself. NULL: the stream
 * is omitted, as ffmpeg has no codec for it, or a subtitle cannot become text. @part: only a time range is copied,
 * whose sound is always encoded, if possible with the same codec. */
static const char *
coding_of (const char *codec, char letter, const Codecs *codecs, gboolean part)
{
  static const char *const same[] = { "aac", "ac3", "eac3", "alac", "flac", NULL };
  static const char *const others[][2] = { { "opus", "libopus" }, { "vorbis", "libvorbis" }, { "mp3", "libmp3lame" } };
  if (*codec == 0)
    return NULL;
  if (letter == 's')
    return g_strv_contains (codecs->texts, codec)    ? "copy"
           : g_strv_contains (readable_texts, codec) ? codecs->text
                                                     : NULL;
  if (!g_strv_contains (codecs->sounds, codec))
    return codecs->sound;
  if (!part)
    return "copy";
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (strcmp (codec, others[i][0]) == 0)
      return others[i][1];
  return g_strv_contains (same, codec) || g_str_has_prefix (codec, "pcm_") ? codec : codecs->sound;
}

/* ffmpeg filters: drop packets that end before time 0; shorten subtitles that are shown at time 0. */
#define AUDIBLE "noise=drop=lt(pts+duration\\,0)"
#define VISIBLE                                                                                                        \
  "noise=drop=lte(pts+duration\\,0),setts=pts=max(PTS\\,0):dts=max(PTS\\,0):duration=PTS+DURATION-max(PTS\\,0)"

/* ffmpeg filter: libopus refuses other layouts, such as 5.1(side). */
#define OPUS_LAYOUTS "aformat=channel_layouts=mono|stereo|3.0|quad|5.0|5.1|6.1|7.1"

/* Appends the arguments for the streams of type @letter, 'a' (sound) or 's' (subtitles). @names: codecs of these
 * streams, NULL-terminated; @codecs: those of the container. @samples: (nullable): filters that cut encoded sound to a
 * time range; NULL: no range. */
static void
add_streams (GPtrArray *argv, char **names, char letter, const Codecs *codecs, const char *samples)
{
  for (int i = 0, out = 0; names[i]; i++) {
    const char *coding = coding_of (names[i], letter, codecs, samples != NULL);
    g_autofree char *from = g_strdup_printf ("1:%c:%d", letter, i), *to = g_strdup_printf ("-c:%c:%d", letter, out);
    if (!coding)
      continue;
    rv__subprocess_add (argv, "-map", from, to, coding, NULL);
    if (letter == 'a' && strcmp (coding, "copy") != 0) {
      g_autofree char *option = g_strdup_printf ("-filter:a:%d", out);
      g_autofree char *filter =
        g_strjoin (",", samples ? samples : "anull", strcmp (coding, "libopus") == 0 ? OPUS_LAYOUTS : NULL, NULL);
      rv__subprocess_add (argv, option, filter, NULL);
    }
    out++;
  }
}

/* Appends ffmpeg's options that copy sound, subtitles and metadata of settings->sound_from, in the rendered range,
 * which begins at time 0. @codecs: those of the container; other streams, and sound of a range, are encoded anew, or
 * left out if that is impossible. Cannot fail. */
static void
add_other_streams (GPtrArray *argv, const Codecs *codecs, const RvVideoWriteOptions *settings,
                   const SoundSource *source)
{
  g_autofree char *url = rv__ffmpeg_url (settings->sound_from);
  gboolean part = source->from_s > 0 || source->length_s > 0;
  if (source->seek_s > 0)
    rv__subprocess_add (argv, "-ss", RV_FFMPEG_SECONDS (source->seek_s), NULL);
  if (source->from_s > 0)
    rv__subprocess_add (argv, "-itsoffset", RV_FFMPEG_SECONDS (source->seek_s - source->from_s), NULL);
  if (source->length_s > 0)
    rv__subprocess_add (argv, "-t", RV_FFMPEG_SECONDS (source->from_s - source->seek_s + source->length_s), NULL);
  rv__subprocess_add (argv, "-i", url, "-map", "0:v", "-map_metadata", "1", NULL);
  double length_s = source->length_s > 0 ? source->length_s : G_MAXINT32;
  g_autofree char *samples = part ? g_strconcat ("atrim=start=0:end=", RV_FFMPEG_SECONDS (length_s), NULL) : NULL;
  add_streams (argv, source->sounds, 'a', codecs, samples);
  add_streams (argv, source->texts, 's', codecs, samples);
  if (part)
    rv__subprocess_add (argv, "-bsf:s", VISIBLE, NULL);
  else /* an edit list may hide packets before time 0 */
    rv__subprocess_add (argv, "-bsf:a", AUDIBLE, NULL);
}

/* Encoders whose default for RGB is a format that most players cannot show, and names of codecs that mean them. All
 * take container->pixels. */
static const char *const subsampling[] = { "h264",       "libx264", "h264_nvenc", "hevc",      "libx265",
                                           "hevc_nvenc", "av1",     "libaom-av1", "libsvtav1", "librav1e",
                                           "av1_nvenc",  "vp8",     "libvpx",     "vp9",       "libvpx-vp9",
                                           "mpeg4",      "libxvid", "mpeg2video", NULL };

/* Appends ffmpeg's options of the encoder, from @settings or the container's defaults, and filters for delay and
 * colours. */
static void
add_coding (GPtrArray *argv, const Container *container, const RvVideoWriteOptions *settings, const Writing *writing)
{
  g_autoptr (GString) filter = g_string_new (NULL);
  if (writing->delay_s > 0 || writing->times) /* passthrough: no copies of the first frame before it */
    rv__subprocess_add (argv, "-fps_mode", "passthrough", "-enc_time_base", "1:" CLOCK, NULL);
  if (writing->times && strcmp (container->format, "gif") == 0) { /* sets the duration of the last frame */
    g_autofree char *hundredths = g_strdup_printf ("%.0f", 100 * last_frame_s (writing));
    rv__subprocess_add (argv, "-final_delay", hundredths, NULL);
  }
  if (writing->delay_s > 0) {
    g_string_append_printf (filter, "settb=1/" CLOCK ",setpts=PTS+%s/TB,", RV_FFMPEG_SECONDS (writing->delay_s));
    if (!writing->times && !settings->codec &&
        strcmp (container->codec, "libx264") == 0) /* stores the frame rate; without this option, the clock */
      rv__subprocess_add (argv, "-x264-params", "force-cfr=1", NULL);
  }
  g_autofree char *crf = g_strdup_printf ("%d", settings->crf > 0 ? settings->crf : container->crf);
  const char *codec = settings->codec ? settings->codec : container->codec;
  rv__subprocess_add (argv, "-c:v", codec, NULL);
  if (3 * g_get_num_processors () > 2 * MAX_THREADS) /* else ffmpeg's default */
    rv__subprocess_add (argv, "-threads:v", G_STRINGIFY (MAX_THREADS), NULL);
  if ((g_str_has_prefix (codec, "hevc") || strcmp (codec, "libx265") == 0) &&
      (container->codecs == &of_mp4 || container->codecs == &of_mov)) /* Apple's programs do not play "hev1" */
    rv__subprocess_add (argv, "-tag:v", "hvc1", NULL);
  if (strcmp (container->format, "gif") == 0) /* a palette for each frame: for one of all frames, ffmpeg keeps them */
    g_string_append (filter, "split[a][b];[a]palettegen=stats_mode=single[p];"
                             "[b][p]paletteuse=new=1:dither=sierra2_4a");
  else if (strcmp (container->format, RAW) == 0)
    g_string_append_printf (filter,
                            "setsar=1,scale=flags=accurate_rnd+full_chroma_inp:out_color_matrix=%s:out_range=tv",
                            writing->info.height >= RV_VIDEO_HD_ROWS ? "bt709" : "bt601");
  else if (container->pixels) {
    g_string_append (filter, "scale=max(trunc(iw/2)*2\\,2):max(trunc(ih/2)*2\\,2)"
                             ":flags=accurate_rnd+full_chroma_inp:out_color_matrix=bt709:out_range=tv");
    rv__subprocess_add (argv, "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
                        "-color_range", "tv", NULL);
  }
  if (filter->len > 0)
    rv__subprocess_add (argv, "-vf", filter->str, NULL);
  if (container->pixels && g_strv_contains (subsampling, codec))
    rv__subprocess_add (argv, "-pix_fmt", container->pixels, NULL);
  if (container->crf)
    rv__subprocess_add (argv, "-crf", crf, NULL);
}

/* (transfer full): ffmpeg's URL of the output; @file NULL: standard output. */
static char *
target_url (const RvAtomicFile *file)
{
  return file ? rv__ffmpeg_url (file->temporary ? file->temporary : file->target) : g_strdup (RV_SUBPROCESS_EXTRA);
}

/* Appends the container's further options, its format, and the output: @file; NULL: standard output. */
static void
add_target (GPtrArray *argv, const Container *container, const RvAtomicFile *file)
{
  g_autofree char *url = target_url (file);
  for (int i = 0; container->more[i]; i++)
    rv__subprocess_add (argv, container->more[i], NULL);
  rv__subprocess_add (argv, "-fflags", "+bitexact", "-f", container->format, url,
                      NULL); /* bitexact: no random ids in Matroska */
}

/* (transfer full) (nullable) (element-type utf8): ffmpeg's arguments, NULL-terminated, from @settings and from
 * writing->container, ->info, ->open and ->file. Sets writing->delay_s, ->times (owned) and ->trims_sound. Probes the
 * source of sound. */
static GPtrArray *
build_command (Writing *writing, const RvVideoWriteOptions *settings, GError **error)
{
  const Container *container = writing->container;
  gboolean coded = settings->sound_from && rv__video_is_container (settings->sound_from);
  gboolean sounds = coded && container->codecs;
  g_auto (SoundSource) source = { NULL };
  if ((sounds || (coded && settings->source_times)) && !probe_sound_source (settings, &source, &writing->times, error))
    return NULL;
  writing->delay_s = sounds ? source.delay_s : 0;
  /* Chapters and subtitles may exceed the range. A copy may lose the duration of the last frame: avoided if
   * possible. */
  writing->trims_sound = source.length_s > 0 && (!writing->times || source.sounds[0] || source.texts[0]);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  rv__subprocess_add (argv, "ffmpeg", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", NULL);
  if (writing->times)
    rv__subprocess_add (argv, "-fpsprobesize", "0", "-f", "matroska", "-i", "pipe:0", NULL);
  else {
    const RvVideoInfo *info = &writing->info;
    g_autofree char *size = g_strdup_printf ("%dx%d", info->width, info->height);
    g_autofree char *rate = g_strdup_printf ("%d/%d", info->rate_num, info->rate_den);
    rv__subprocess_add (argv, "-f", "rawvideo", "-pix_fmt", info->bits > 8 ? "rgb48le" : "rgb24", "-video_size", size,
                        "-framerate", rate, "-i", "pipe:0", NULL);
  }
  if (sounds)
    add_other_streams (argv, container->codecs, settings, &source);
  add_coding (argv, container, settings, writing);
  if (settings->comment) {
    g_autofree char *comment = g_strconcat ("comment=", settings->comment, NULL);
    rv__subprocess_add (argv, "-metadata", comment, NULL);
  }
  add_target (argv, container, writing->open ? &writing->file : NULL);
  if (sounds) /* otherwise ffmpeg counts an MPEG-TS from its first sound */
    rv__subprocess_add (argv, "-map", "1:V:0", "-c", "copy", "-t", "0", "-f", "null", "-", NULL);
  return g_steal_pointer (&argv);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Opens the temporary file and sets writing->open. For "-" only checks that standard output is a file or pipe, else
 * RV_ERROR_FILE. */
static gboolean
open_target (Writing *writing, const char *filename, const RvVideoWriteOptions *settings, GError **error)
{
  if (!rv__video_is_stream (filename))
    return writing->open = rv__atomic_file_open (&writing->file, filename, !settings->no_replace, error);
  int flags = fcntl (STDOUT_FILENO, F_GETFL);
  if (isatty (STDOUT_FILENO) || flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
    return rv__error_set (error, RV_ERROR_FILE, "a video on standard output needs a file or a pipe, not a terminal");
  return TRUE;
}

/* RvVideoFormat.create. (transfer full) (nullable): creates a temporary file beside @filename and starts ffmpeg, which
 * encodes into it; "-": standard output. Free with discard(). */
static gpointer
create (const char *filename, const RvVideoInfo *info, const RvVideoWriteOptions *settings, GError **error)
{
  const Container *container = find_container (filename, error);
  if (!container)
    return NULL;
  Writing *writing = g_new0 (Writing, 1);
  writing->container = container;
  writing->info = *info;
  writing->frame_bytes = rv__video_frame_bytes (info);
  if ((writing->frame = rv__alloc (writing->frame_bytes, "a frame", error)) &&
      open_target (writing, filename, settings, error)) {
    g_autoptr (GPtrArray) argv = build_command (writing, settings, error);
    int output = writing->open ? -1 : fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    writing->child = argv ? rv__subprocess_start ((const char *const *) argv->pdata, TRUE, output, error) : NULL;
    if (output >= 0)
      close (output);
  }
  if (writing->child)
    return writing;
  discard (writing);
  return NULL;
}

/* Prefixes @error with the name of standard output if the video is written there. Returns FALSE. */
static gboolean
name_stream (const Writing *writing, GError **error)
{
  if (!writing->open)
    g_prefix_error (error, "cannot write standard output: ");
  return FALSE;
}

/* RvVideoFormat.add. Sends @frame, which must have the size given to create(), to ffmpeg; blocks until ffmpeg has
 * accepted it. Values are rounded and clamped. After an error only discard() may follow. */
static gboolean
add_frame (gpointer data, const RvImage *frame, GError **error)
{
  Writing *writing = data;
  gint64 time_us = (gint64) (time_of (writing, writing->n_frames) * G_USEC_PER_SEC + 0.5);
  g_autoptr (GByteArray) head = g_byte_array_new ();
  if (writing->times && writing->n_frames == 0)
    rv__matroska_put_header (head, &writing->info, last_frame_s (writing));
  if (writing->times)
    rv__matroska_put_frame (head, time_us, writing->frame_bytes);
  rv__video_frame_pack (&writing->info, frame, writing->frame);
  writing->n_frames++;
  return (rv__subprocess_write (writing->child, head->data, head->len, error) &&
          rv__subprocess_write (writing->child, writing->frame, writing->frame_bytes, error)) ||
         name_stream (writing, error);
}

/* RvVideoFormat.trim_sound. Makes finish() cut sound and subtitles at the end of the last frame; else a longer sound
 * continues. Call before finish(). */
static void
trim_sound (gpointer data)
{
  ((Writing *) data)->trims_sound = TRUE;
}

/* Copies the finished video up to the end of its last frame to a new temporary file, which replaces the first. Only
 * returns TRUE without writing->trims_sound, for a container without other streams, and for a device or pipe. ffmpeg's
 * -shortest would also end the frames with the sound. After an error the first one stays. */
static gboolean
copy_trimmed (Writing *writing, GError **error)
{
  RvAtomicFile file;
  if (!writing->trims_sound || !writing->container->codecs || !writing->file.temporary)
    return TRUE;
  if (!rv__atomic_file_open (&file, writing->file.path, writing->file.replace, error))
    return FALSE;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  const char *length = RV_FFMPEG_SECONDS (writing->delay_s + time_of (writing, writing->n_frames));
  g_autofree char *url = target_url (&writing->file);
  g_autofree char *ends = g_strdup_printf ("setts=duration=min(DURATION\\,%s/TB-PTS)", length); /* of subtitles */
  rv__subprocess_add (argv, "ffmpeg", "-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file,pipe", "-i", url,
                      "-map", "0:v", "-map", "0:a?", "-map", "0:s?", "-c", "copy", "-bsf:s", ends, "-t", length, NULL);
  add_target (argv, writing->container, &file);
  g_autoptr (RvSubprocess) child = rv__subprocess_start ((const char *const *) argv->pdata, TRUE, -1, error);
  gboolean ok = child && rv__subprocess_end (child, error);
  RvAtomicFile longer = writing->file;
  if (ok)
    writing->file = file, file = longer;
  rv__atomic_file_discard (&file);
  return ok;
}

/* RvVideoFormat.finish. Waits until ffmpeg has encoded all, and renames the file to its name. FALSE also if a file
 * exists that may not be replaced: the message says where the video is. discard() must follow in any case. */
static gboolean
finish (gpointer data, GError **error)
{
  Writing *writing = data;
  if (!rv__subprocess_end (writing->child, error) || !copy_trimmed (writing, error))
    return name_stream (writing, error);
  if (!writing->open)
    return TRUE;
  writing->open = FALSE;
  return rv__atomic_file_commit (&writing->file, error);
}

const RvVideoFormat rv__video_ffmpeg = {
  .probe = rv__ffmpeg_probe,
  .open = rv__ffmpeg_open,
  .next = rv__ffmpeg_next,
  .close = rv__ffmpeg_close,
  .check_target = check_target,
  .fit_size = fit_size,
  .create = create,
  .add = add_frame,
  .trim_sound = trim_sound,
  .finish = finish,
  .discard = discard,
  .comment = rv__ffmpeg_comment,
};
