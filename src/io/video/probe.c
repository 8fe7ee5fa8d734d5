/* probe.c -- probes videos with ffprobe. */
#include "base/cancel.h"
#include "base/error.h"
#include "base/json.h"
#include "io/video/subprocess.h"
#include "io/video/ffmpeg.h"
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ANSWER_BYTES ((gsize) 1 << 20)
#define MAX_TERM 2000000  /* limit of a fraction */
#define MAX_RATE 1000     /* frames per second: larger numbers are units of a clock */
#define MAX_LONE_BASE 120 /* frames per second: larger base rates without a mean are units of a clock, too */
#define GUESSED_RATE 30   /* frames per second, if only the units of a clock are known */
#define RATE_DEN 1000     /* denominator of a counted rate */
#define RUN_UP_S 12       /* longer than the usual distance of keyframes */
#define SAME_FRAME 0.01   /* tolerance in frames: times are rounded */

#define ENTRIES                                                                                                        \
  "stream=codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,nb_frames,duration,"      \
  "pix_fmt,bits_per_raw_sample,color_space,color_primaries,color_transfer,field_order,start_time:"                     \
  "stream_disposition=attached_pic:stream_side_data=rotation:"                                                         \
  "format=duration,format_name,start_time:format_tags=comment:stream_tags=alpha_mode,DURATION"

char *
rv__ffmpeg_url (const char *filename)
{
  return g_strconcat ("file:", filename, NULL);
}

/* ---- ffprobe's answer -------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): ffprobe's output about @filename, "-" included, at most 1 MB. The message of an error of
 * rv__subprocess_end() gets the name of the video. */
static JsonObject *
ffprobe_answer (const char *filename, GError **error)
{
  g_autofree char *url = rv__video_is_stream (filename) ? rv__standard_input_url (error) : rv__ffmpeg_url (filename);
  const char *const argv[] = { "ffprobe",        "-v",  "error", "-protocol_whitelist",
                               "file,pipe,data", "-of", "json",  "-show_entries",
                               ENTRIES,          "-i",  url,     NULL };
  g_autoptr (RvSubprocess) child = url ? rv__subprocess_start (argv, FALSE, -1, error) : NULL;
  g_autofree char *text = g_malloc (MAX_ANSWER_BYTES);
  gssize got = child ? rv__subprocess_read (child, text, MAX_ANSWER_BYTES, error) : -1;
  if (got < 0)
    return NULL;
  g_autoptr (GError) why = NULL;
  if (!rv__subprocess_end (child, &why)) {
    if (!rv__check_cancelled (error))
      return NULL;
    struct stat info;
    gboolean plain = stat (filename, &info) != 0 || S_ISREG (info.st_mode);
    return rv__error_null (error, why->code, "%s: cannot be read as a video: %s%s", rv__video_display_name (filename),
                           why->message,
                           plain ? "" : "; not a regular file: copy its contents into one, or pipe Y4M to '-'");
  }
  return rv__json_object (text, (gsize) got, "ffprobe's answer", error);
}

/* The text @name of @object (nullable), borrowed; "" if it is missing or of another type. */
static const char *
text_member (JsonObject *object, const char *name)
{
  const char *text = rv__json_text_member (object, name);
  return text ? text : "";
}

/* Reads "24000/1001" or "16:15" into *num and *den. Above MAX_TERM, both are halved until they are not. FALSE, both
 * unchanged: no fraction, not positive, or halving made one 0. */
static gboolean
read_fraction (const char *text, int *num, int *den)
{
  char *end = NULL;
  gint64 n = g_ascii_strtoll (text, &end, 10), d = *end == '/' || *end == ':' ? g_ascii_strtoll (end + 1, NULL, 10) : 0;
  for (; n > MAX_TERM || d > MAX_TERM; n /= 2) /* telephones count at 90000 Hz: 2700000/90641 */
    d /= 2;
  if (n <= 0 || d <= 0)
    return FALSE;
  *num = (int) n, *den = (int) d;
  return TRUE;
}

/* ---- the video --------------------------------------------------------------------------------------------------- */

/* (transfer none) (nullable): the first stream of the codec type @type that is no cover picture; NULL: none. */
static JsonObject *
first_stream (JsonObject *answer, const char *type)
{
  JsonArray *streams = rv__json_array_member (answer, "streams");
  for (guint i = 0; streams && i < json_array_get_length (streams); i++) {
    JsonObject *stream = rv__json_node_object (json_array_get_element (streams, i));
    if (stream && strcmp (text_member (stream, "codec_type"), type) == 0 &&
        rv__json_int_member (rv__json_object_member (stream, "disposition"), "attached_pic") == 0)
      return stream;
  }
  return NULL;
}

/* Sets width and height of @info, px, after rotation and with square pixels. FALSE with RV_ERROR_SHAPE, both unchanged:
 * a side below 1 or above RV_VIDEO_MAX_SIDE, or pixels beyond RV_VIDEO_MAX_ASPECT. */
static gboolean
read_size (JsonObject *stream, RvVideoInfo *info, const char *filename, GError **error)
{
  int num = 1, den = 1;
  gint64 height = rv__json_int_member (stream, "height");
  read_fraction (text_member (stream, "sample_aspect_ratio"), &num, &den);
  double aspect = (double) num / den, width = floor ((double) rv__json_int_member (stream, "width") * aspect + 0.5);
  if (MAX (aspect, 1 / aspect) > RV_VIDEO_MAX_ASPECT)
    return rv__error_set (error, RV_ERROR_SHAPE, "%s has pixels of %d : %d; the limit is %d : 1", filename, num, den,
                          RV_VIDEO_MAX_ASPECT);
  if (width < 1 || height < 1 || width > RV_VIDEO_MAX_SIDE || height > RV_VIDEO_MAX_SIDE)
    return rv__error_set (error, RV_ERROR_SHAPE,
                          "%s has frames of %.0f x %" G_GINT64_FORMAT " px; the sides must be 1 to %d px", filename,
                          width, height, RV_VIDEO_MAX_SIDE);
  gboolean swap = FALSE; /* rotated by 90 or 270 degrees */
  JsonArray *list = rv__json_array_member (stream, "side_data_list");
  for (guint i = 0; list && i < json_array_get_length (list); i++)
    swap |= rv__json_int_member (rv__json_node_object (json_array_get_element (list, i)), "rotation") % 180 != 0;
  info->width = swap ? (int) height : (int) width;
  info->height = swap ? (int) width : (int) height;
  return TRUE;
}

/* Sets rate_num and rate_den of @info, and variable_rate, which begins as FALSE. A rate is constant if the mean is also
 * the base rate, of which all times are multiples: then, or without a mean, sets the base rate, else the mean. Browsers
 * record times in ms, and ffprobe then reports these as the base rate: such a rate varies, and GUESSED_RATE is set.
 * ffmpeg 7 takes a GIF's mean from its first frames, with times rounded to 10 ms: there the counted rate (frames of the
 * container by its duration) decides. In other formats, frames may be counted that an edit list hides. FALSE with
 * RV_ERROR_FORMAT: no rate up to MAX_RATE. */
static gboolean
read_rate (JsonObject *stream, gboolean is_gif, RvVideoInfo *info, const char *filename, GError **error)
{
  int num = 0, den = 1;
  gboolean base = read_fraction (text_member (stream, "r_frame_rate"), &num, &den) && num / den <= MAX_RATE;
  gboolean has_mean = read_fraction (text_member (stream, "avg_frame_rate"), &info->rate_num, &info->rate_den) &&
                      info->rate_num / info->rate_den <= MAX_RATE;
  double n_frames = g_ascii_strtod (text_member (stream, "nb_frames"), NULL), steps = base ? (double) num / den : 0;
  double mean = has_mean ? (double) info->rate_num / info->rate_den : 0;
  info->variable_rate = !(n_frames > 0) && (has_mean ? MIN (mean, steps) >= MAX_RATE : steps > MAX_LONE_BASE);
  if (info->variable_rate) {
    info->rate_num = GUESSED_RATE, info->rate_den = 1;
    return TRUE;
  }
  if (!has_mean) {
    info->rate_num = num, info->rate_den = den;
    return base || rv__error_set (error, RV_ERROR_FORMAT, "%s has no frame rate", filename);
  }
  double duration_s = g_ascii_strtod (text_member (stream, "duration"), NULL);
  double counted = is_gif && duration_s > 0 ? n_frames / duration_s : 0;
  info->variable_rate = !base || (fabs (mean - steps) > 0.01 * mean && fabs (counted - steps) > 0.01 * mean);
  if (!info->variable_rate)
    info->rate_num = num, info->rate_den = den;
  else if (counted > 0 && counted < MAX_RATE && fabs (counted - mean) > 0.01 * mean)
    info->rate_num = MAX ((int) (counted * RATE_DEN + 0.5), 1), info->rate_den = RATE_DEN;
  return TRUE;
}

/* 16 for pixel formats of more than 8 bits, such as "yuv420p10le"; else 8. */
static int
bits_of (JsonObject *stream)
{
  const char *format = text_member (stream, "pix_fmt");
  gint64 said = g_ascii_strtoll (text_member (stream, "bits_per_raw_sample"), NULL, 10);
  static const char *const deep[] = { "p9", "p10", "p12", "p14", "p16", "48", "64", "gray10", "gray12", "gray16" };
  for (guint i = 0; i < G_N_ELEMENTS (deep); i++)
    if (strstr (format, deep[i]))
      return 16;
  return said > 8 && said <= 16 ? 16 : 8;
}

/* (nullable): the member @name of the stream if it is one of @known, and then that text of @known; else NULL. */
static const char *
one_of (const char *const *known, JsonObject *stream, const char *name)
{
  const char *text = text_member (stream, name);
  while (*known && strcmp (*known, text) != 0)
    known++;
  return *known;
}

/* (nullable): static name of the decoder that keeps the alpha of VP8 and VP9. ffmpeg's own decoders drop it, and their
 * pixel format does not show it. NULL: the default. */
static const char *
decoder_of (JsonObject *stream)
{
  const char *codec = text_member (stream, "codec_name");
  if (strcmp (text_member (rv__json_object_member (stream, "tags"), "alpha_mode"), "1") != 0)
    return NULL;
  return strcmp (codec, "vp9") == 0 ? "libvpx-vp9" : strcmp (codec, "vp8") == 0 ? "libvpx" : NULL;
}

/* Sets tagged, primaries, transfer and interlaced of @facts. */
static void
read_color_tags (JsonObject *stream, RvVideoProbe *facts)
{
  static const char *const matrices_unknown[] = { "", "unknown", NULL };
  static const char *const wide[] = { "bt2020", "smpte431", "smpte432", NULL };
  static const char *const high[] = { "smpte2084", "arib-std-b67", NULL }; /* PQ, HLG */
  static const char *const fields[] = { "tt", "bb", "tb", "bt", NULL };
  facts->tagged = !one_of (matrices_unknown, stream, "color_space");
  facts->primaries = one_of (wide, stream, "color_primaries");
  facts->transfer = one_of (high, stream, "color_transfer");
  facts->interlaced = one_of (fields, stream, "field_order") != NULL;
}

/* Duration of @stream of a file of @whole_s, in s: of its header; in Matroska by its tag, "00:00:01.200000000"; else
 * @whole_s, which sound may make longer. Not checked. */
static double
duration_of (JsonObject *stream, double whole_s)
{
  double own_s = g_ascii_strtod (text_member (stream, "duration"), NULL);
  g_auto (GStrv) tag = g_strsplit (text_member (rv__json_object_member (stream, "tags"), "DURATION"), ":", 0);
  if (!(own_s > 0) && g_strv_length (tag) == 3)
    own_s =
      MIN (g_ascii_strtod (tag[0], NULL) * 3600 + g_ascii_strtod (tag[1], NULL) * 60 + g_ascii_strtod (tag[2], NULL),
           whole_s);
  return own_s > 0 ? own_s : whole_s;
}

/* Fills @facts, which begins as 0, from ffprobe's @answer about the first video stream. Unknown durations are 0; an
 * unknown number of frames is computed from the duration. FALSE: RV_ERROR_FORMAT: no video stream, or a picture. */
static gboolean
read_facts (JsonObject *answer, const char *filename, RvVideoProbe *facts, GError **error)
{
  static const char *const clear[] = { "yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16" };
  RvVideoInfo *info = &facts->info;
  JsonObject *stream = first_stream (answer, "video"), *format = rv__json_object_member (answer, "format");
  const char *format_name = text_member (format, "format_name");
  if (!stream)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has no video stream", filename);
  if (strcmp (format_name, "image2") == 0 || g_str_has_suffix (format_name, "_pipe")) /* a video of one frame */
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is a picture, not a video", filename);
  if (!read_size (stream, info, filename, error) ||
      !read_rate (stream, strcmp (format_name, "gif") == 0, info, filename, error))
    return FALSE;
  read_color_tags (stream, facts);
  facts->decoder = decoder_of (stream);
  facts->over_black = facts->decoder != NULL;
  for (guint i = 0; i < G_N_ELEMENTS (clear); i++)
    facts->over_black |= g_str_has_prefix (text_member (stream, "pix_fmt"), clear[i]);
  facts->delay_s = g_ascii_strtod (text_member (stream, "start_time"), NULL) -
                   g_ascii_strtod (text_member (format, "start_time"), NULL);
  facts->delay_s = isfinite (facts->delay_s) ? MAX (facts->delay_s, 0) : 0;
  info->bits = bits_of (stream);
  info->sound = first_stream (answer, "audio") != NULL;
  info->duration_s = duration_of (stream, g_ascii_strtod (text_member (format, "duration"), NULL));
  info->duration_s = isfinite (info->duration_s) ? CLAMP (info->duration_s, 0, 1e9) : 0;
  info->n_frames = g_ascii_strtoll (text_member (stream, "nb_frames"), NULL, 10);
  facts->estimated = info->variable_rate && info->n_frames <= 0;
  gint64 shown = (gint64) floor (info->duration_s * info->rate_num / info->rate_den + 0.5);
  if (info->n_frames <= 0 || info->variable_rate || (shown > 0 && shown < info->n_frames)) /* an edit list hides some */
    info->n_frames = shown;
  return TRUE;
}

/* (transfer full) (nullable): ffprobe's answer about @filename. Also fills @facts, which begins as 0, from the answer;
 * partly filled if NULL. RV_ERROR_FILE: no such file. */
static JsonObject *
probe (const char *filename, RvVideoProbe *facts, GError **error)
{
  if (!rv__video_is_stream (filename) && !g_file_test (filename, G_FILE_TEST_EXISTS))
    return rv__error_null (error, RV_ERROR_FILE, "%s does not exist", filename);
  g_autoptr (JsonObject) answer = ffprobe_answer (filename, error);
  return answer && read_facts (answer, rv__video_display_name (filename), facts, error) ? g_steal_pointer (&answer)
                                                                                        : NULL;
}

gboolean
rv__ffmpeg_probe (const char *filename, RvVideoProbe *facts, GError **error)
{
  g_autoptr (JsonObject) answer = probe (filename, facts, error);
  return answer != NULL;
}

/* (transfer full: g_strfreev()): NULL-terminated names of the codecs of all streams of @type, "audio" or "subtitle"; ""
 * if unknown. */
static char **
codecs_of (JsonObject *answer, const char *type)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  JsonArray *streams = rv__json_array_member (answer, "streams");
  for (guint i = 0; streams && i < json_array_get_length (streams); i++) {
    JsonObject *stream = rv__json_node_object (json_array_get_element (streams, i));
    if (stream && strcmp (text_member (stream, "codec_type"), type) == 0)
      g_strv_builder_add (names, text_member (stream, "codec_name"));
  }
  return g_strv_builder_end (names);
}

gboolean
rv__ffmpeg_other_streams (const char *filename, RvVideoProbe *facts, char ***sounds, char ***texts, GError **error)
{
  g_autoptr (JsonObject) answer = probe (filename, facts, error);
  if (!answer)
    return FALSE;
  *sounds = codecs_of (answer, "audio");
  *texts = codecs_of (answer, "subtitle");
  return TRUE;
}

double
rv__ffmpeg_frame_s (const RvVideoProbe *facts, double s)
{
  double rate = (double) facts->info.rate_num / facts->info.rate_den;
  if (facts->source_times)
    return MAX (s, facts->delay_s);
  double number = ceil ((s - facts->delay_s) * rate - SAME_FRAME);
  return facts->delay_s + MAX (number, 0) / rate;
}

/* In some containers (MPEG-TS), ffmpeg seeks to any frame, not to a keyframe; sound needs earlier packets. No seek
 * before the first frame. */
double
rv__ffmpeg_seek_s (const RvVideoProbe *facts, double s)
{
  return s - RUN_UP_S > facts->delay_s ? s - RUN_UP_S : 0;
}

char *
rv__ffmpeg_comment (const char *filename, GError **error)
{
  g_autoptr (JsonObject) answer = ffprobe_answer (filename, error);
  JsonObject *tags = answer ? rv__json_object_member (rv__json_object_member (answer, "format"), "tags") : NULL;
  const char *comment = text_member (tags, "comment");
  if (*comment == 0)
    comment = text_member (tags, "COMMENT"); /* Matroska */
  if (answer && *comment == 0)
    rv__error_set (error, RV_ERROR_FORMAT, "%s has no comment", filename);
  return answer && *comment ? g_strdup (comment) : NULL;
}
