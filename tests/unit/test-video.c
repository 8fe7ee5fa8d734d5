/* test-video.c -- video input and output, with files made by ffmpeg's test sources: sizes, rates, rotation, depths,
 * sound; invalid and truncated files; missing ffmpeg. */
#include "base/frame-name.h"
#include "io/video/subprocess.h"
#include "io/video/video-format.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/video.h>
#include <reverie/job.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* Runs ffmpeg with the arguments and the output @path. */
static gboolean
try_to_make (const char *path, const char *arguments)
{
  g_autofree char *line = g_strdup_printf ("ffmpeg -v error -nostdin -y %s %s", arguments, path);
  int status = 1;
  return g_spawn_command_line_sync (line, NULL, NULL, &status, NULL) && status == 0;
}

static char *
make (const char *name, const char *arguments)
{
  char *path = path_of (name);
  g_assert_true (try_to_make (path, arguments));
  return path;
}

/* Reads all frames of @part (nullable). Returns their number; *mean (nullable): mean of all their values. */
static gint64
read_all (const char *path, const RvVideoReadOptions *part, double *mean, GError **error)
{
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, part, error);
  gint64 n = 0;
  double sum = 0;
  for (RvImage *frame; reader && (frame = rv_video_reader_next (reader, error)); rv_image_unref (frame), n++) {
    g_assert_cmpint (frame->width, ==, rv_video_reader_info (reader)->width);
    g_assert_cmpint (frame->height, ==, rv_video_reader_info (reader)->height);
    for (gint64 i = 0; i < rv_tensor_count (frame->rgb); i++)
      sum += ((float *) frame->rgb->data)[i] / (double) rv_tensor_count (frame->rgb);
  }
  if (mean)
    *mean = n ? sum / (double) n : 0;
  return n;
}

static void
test_kinds (gconstpointer all)
{
  static const struct {
    const char *name, *arguments;
    int width, height, rate_num, rate_den, n_frames, bits;
    gboolean sound, variable;
  } kinds[] = {
    { "plain.mp4", "-f lavfi -i testsrc2=s=96x64:r=25:d=1 -pix_fmt yuv420p", 96, 64, 25, 1, 25, 8, FALSE, FALSE },
    { "ntsc.mkv", "-f lavfi -i mandelbrot=s=64x48:r=30000/1001 -t 1.001 -pix_fmt yuv420p", 64, 48, 30000, 1001, 30, 8,
      FALSE, FALSE },
    { "deep.mkv", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v ffv1 -pix_fmt yuv420p10le", 64, 48, 10, 1, 10, 16, FALSE,
      FALSE },
    { "odd.mkv", "-f lavfi -i testsrc=s=63x47:r=10:d=1 -c:v ffv1 -pix_fmt yuv444p", 63, 47, 10, 1, 10, 8, FALSE,
      FALSE },
    { "sound.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=d=1 -pix_fmt yuv420p -c:a aac", 64, 48, 10,
      1, 10, 8, TRUE, FALSE },
    { "oblong.mkv", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -vf setsar=3/2 -c:v ffv1", 96, 48, 10, 1, 10, 8, FALSE,
      FALSE },
    { "one.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=0.1 -pix_fmt yuv420p", 64, 48, 10, 1, 1, 8, FALSE, FALSE },
    { "a.webm", "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5", 64, 48, 10, 1, 5, 8, FALSE, FALSE },
    { "-dash:http.gif", "-f lavfi -i testsrc2=s=32x32:r=10:d=0.5", 32, 32, 10, 1, 5, 8, FALSE, FALSE },
    { "long-sound.mkv", "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5 -f lavfi -i sine=d=2 -pix_fmt yuv420p", 64, 48, 10, 1,
      5, 8, TRUE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i += all ? 1 : 3) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = make (kinds[i].name, kinds[i].arguments);
    RvVideoInfo info;
    g_test_message ("%s", kinds[i].name);
    g_assert_true (rv_video_probe (path, &info, &error));
    g_assert_cmpint (info.width, ==, kinds[i].width);
    g_assert_cmpint (info.height, ==, kinds[i].height);
    g_assert_cmpint ((gint64) info.rate_num * kinds[i].rate_den, ==, (gint64) info.rate_den * kinds[i].rate_num);
    g_assert_cmpint (info.bits, ==, kinds[i].bits);
    g_assert_cmpint (info.sound, ==, kinds[i].sound);
    g_assert_cmpint (info.variable_rate, ==, kinds[i].variable);
    g_assert_cmpint (info.n_frames, ==, kinds[i].n_frames);
    g_assert_cmpint (read_all (path, NULL, NULL, &error), ==, kinds[i].n_frames);
    g_assert_no_error (error);
  }
}

static void
test_turned (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *flat = make ("flat.mp4", "-f lavfi -i testsrc2=s=96x64:r=10:d=0.5 -pix_fmt yuv420p");
  g_autofree char *path = path_of ("turned.mp4");
  g_autofree char *new_way = g_strdup_printf ("-display_rotation 90 -i %s -c copy", flat);
  g_autofree char *old_way = g_strdup_printf ("-i %s -c copy -metadata:s:v rotate=90", flat); /* before ffmpeg 6 */
  g_assert_true (try_to_make (path, new_way) || try_to_make (path, old_way));
  RvVideoInfo info;
  g_assert_true (rv_video_probe (path, &info, &error));
  g_assert_cmpint (info.width, ==, 64);
  g_assert_cmpint (info.height, ==, 96);
  g_assert_cmpint (read_all (path, NULL, NULL, &error), ==, 5);
  g_assert_no_error (error);
}

/* Transparent pixels are black with every decoder: masks depend on this. */
static void
test_alpha (void)
{
  static const struct {
    const char *name, *how;
  } kinds[] = { { "alpha.mkv", "-c:v ffv1 -pix_fmt yuva444p" },
                { "alpha.mov", "-c:v qtrle -pix_fmt argb" },
                { "alpha.webm", "-c:v libvpx-vp9 -lossless 1 -pix_fmt yuva420p" } };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *arguments = g_strconcat (
      "-f lavfi -i color=white:s=96x64:r=10:d=0.3,format=rgba,geq=r=255:g=255:b=255:a='floor(X/32)*127.5' ",
      kinds[i].how, NULL);
    g_autofree char *path = make (kinds[i].name, arguments);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
    g_assert_no_error (error);
    g_autoptr (RvImage) frame = rv_video_reader_next (reader, &error);
    g_assert_no_error (error);
    for (int third = 0; third < 3; third++)
      g_assert_cmpfloat (fabs (((float *) frame->rgb->data)[32 * 96 + 16 + 32 * third] - 127.5 * third), <, 3);
  }
}

/* The duration stays, whether or not the container stores missing frames. */
static void
test_variable_rate (void)
{
  static const char *const names[] = { "vfr.mp4", "vfr.mkv" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = make (names[i], "-f lavfi -i testsrc2=s=64x48:r=30:d=2 -vf "
                                            "select='not(mod(n\\,3))+lt(n\\,20)' -fps_mode vfr -pix_fmt yuv420p");
    RvVideoInfo info;
    g_assert_true (rv_video_probe (path, &info, &error));
    g_assert_true (info.variable_rate || i == 1);
    gint64 n = read_all (path, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (fabs ((double) n * info.rate_den / info.rate_num - 1.93), <,
                       0.1); /* the last frame begins at 1.9 s */
  }
}

static double seconds_of (const char *path);
static gboolean copy (const char *from, const RvVideoReadOptions *part, const char *to,
                      const RvVideoWriteOptions *settings, GError **error);

/* (transfer full): display times of the frames, and the end, in s. */
static GArray *
times_of (const char *path)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *text = NULL;
  g_autofree char *line = g_strdup_printf (
    "ffmpeg -v error -nostdin -i %s -map 0:V -enc_time_base 1:90000 -fps_mode passthrough -f framecrc -", path);
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i]; i++) {
    gint64 pts;
    double time_s;
    if (sscanf (lines[i], "0, %*d, %" G_GINT64_FORMAT, &pts) == 1) {
      time_s = (double) pts / 90000;
      g_array_append_val (times, time_s);
    }
  }
  double end_s = seconds_of (path);
  g_array_append_val (times, end_s);
  return times;
}

/* Frames with unequal intervals are written once each, at their times. The last frame keeps its duration. */
static void
test_own_times (gconstpointer all)
{
#define TIME(times, j) g_array_index (times, double, j)
#define GIF_VIDEO                                                                                                      \
  "-f lavfi -i testsrc2=s=64x48:r=20:d=1.75 -vf select='lt(n\\,3)+eq(n\\,24)+eq(n\\,25)' -fps_mode vfr -final_delay "  \
  "50"
#define PHONE_VIDEO                                                                                                    \
  "-f lavfi -i testsrc2=s=64x48:r=30:d=1 -f lavfi -i sine=d=1 -vf settb=1/90000,setpts='PTS+random(0)*1100' "          \
  "-enc_time_base 1:90000 -fps_mode passthrough -pix_fmt yuv420p -c:a aac"
#define CLOCK_VIDEO                                                                                                    \
  "-f lavfi -i testsrc2=s=64x48:r=30:d=1 -vf settb=1/1000,setpts='PTS+trunc(random(0)*20)' -enc_time_base 1:1000 "     \
  "-fps_mode passthrough"
  static const struct {
    const char *name, *arguments;
    RvVideoReadOptions part;
    int n;
    double times_s[6]; /* expected times; { 0, 0 }: those of the source */
  } kinds[] = {
    { "delays.gif", GIF_VIDEO, { 0 }, 5, { 0, 0.05, 0.1, 1.2, 1.25, 1.75 } },
    { "phone.mp4", PHONE_VIDEO, { 0 }, 30, { 0, 0 } },
    { "delays.gif", GIF_VIDEO, { .from_s = 0.5 }, 2, { 0, 0.75, 1.25 } },
    { "delays.gif", GIF_VIDEO, { .to_s = 1.22 }, 4, { 0, 0.05, 0.1, 1.2, 1.22 } },
    { "delays.gif", GIF_VIDEO, { .every = 2 }, 3, { 0, 0.1, 1.25, 1.75 } },
    { "phone.mkv", PHONE_VIDEO, { .from_s = 0.5, .to_s = 0.9 }, 12, { 0, 0 } },
    { "clock.wmv", CLOCK_VIDEO, { 0 }, 30, { 0, 0 } },
  };
  static const char *const names[] = { "own.mp4", "own.mkv", "own.webm", "own.gif" };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *from = make (kinds[i].name, kinds[i].arguments);
    g_autoptr (GArray) before = times_of (from);
    for (guint k = all ? 0 : i % 4; k < G_N_ELEMENTS (names); k += all ? 1 : 4) {
      g_autoptr (GError) error = NULL;
      g_autofree char *to = path_of (names[k]);
      RvVideoReadOptions part = kinds[i].part;
      const RvVideoWriteOptions settings = {
        .sound_from = from, .from_s = part.from_s, .to_s = part.to_s, .source_times = TRUE, .every = part.every
      };
      part.source_times = TRUE;
      g_test_message ("%u: %s into %s", i, kinds[i].name, names[k]);
      copy (from, &part, to, &settings, &error);
      g_assert_no_error (error);
      g_autoptr (GArray) after = times_of (to);
      double most = k == 3 ? 0.011 : 0.002; /* a GIF has units of 10 ms */
      g_assert_cmpint (after->len, ==, kinds[i].n + 1);
      for (int j = 0; j <= kinds[i].n && kinds[i].times_s[1] > 0; j++)
        assert_less (fabs (TIME (after, j) - kinds[i].times_s[j]), most);
      for (int j = 0; j < kinds[i].n && part.from_s == 0 && kinds[i].times_s[1] == 0; j++)
        assert_less (fabs (TIME (after, j) - TIME (after, 0) - TIME (before, j) + TIME (before, 0)), most);
    }
  }
}

static void
test_parts (void)
{
  static const struct {
    RvVideoReadOptions part;
    int n_frames;
  } cases[] = {
    { { 0.5, 1, 0, 0, 0 }, 5 }, { { 0, 0, 3, 0, 0 }, 7 }, { { 1.5, 0, 0, 0, 0 }, 5 }, { { 0, 0, 0, 30, 20 }, 20 }
  };
  g_autofree char *path = make ("parts.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=2 -pix_fmt yuv420p");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, &cases[i].part, &error);
    g_assert_no_error (error);
    g_assert_cmpint (rv_video_reader_info (reader)->n_frames, ==, cases[i].n_frames);
    g_assert_cmpint (read_all (path, &cases[i].part, NULL, &error), ==, cases[i].n_frames);
    g_assert_no_error (error);
  }
  const RvVideoReadOptions wrong[] = { { -1, 0, 0, 0, 0 }, { 1, 0.5, 0, 0, 0 }, { 9, 0, 0, 0, 0 },
                                       { 0, 0, -2, 0, 0 }, { NAN, 0, 0, 0, 0 }, { 0, 0, 0, 20, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_video_reader_new (path, &wrong[i], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* (transfer full): MD5 of the sound packets. */
static char *
sound_of (const char *path)
{
  g_autofree char *line = g_strdup_printf ("ffmpeg -v error -nostdin -i %s -map 0:a -c copy -f md5 -", path);
  char *text = NULL;
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  return text;
}

/* Duration in an MP4's mvhd box; 0: none. */
static double
seconds_in_header (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize size;
  guint32 numbers[2]; /* ticks per second, ticks */
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  const char *box = memmem (bytes, size, "mvhd", 4);
  if (!box || box + 24 > bytes + size)
    return 0;
  memcpy (numbers, box + 16, sizeof numbers);
  return (double) GUINT32_FROM_BE (numbers[1]) / GUINT32_FROM_BE (numbers[0]);
}

/* Duration of the longest stream. The header of an MP4 is read, because ffprobe 7 adds durations of uneven frames in
 * decoding order. */
static double
seconds_of (const char *path)
{
  if (seconds_in_header (path) > 0)
    return seconds_in_header (path);
  g_autofree char *line = g_strdup_printf ("ffprobe -v error -show_entries format=duration -of csv=p=0 %s", path);
  g_autofree char *text = NULL;
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  return g_ascii_strtod (text, NULL);
}

static gboolean
copy (const char *from, const RvVideoReadOptions *part, const char *to, const RvVideoWriteOptions *settings,
      GError **error)
{
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (from, part, error);
  g_autoptr (RvVideoWriter) writer =
    reader ? rv_video_writer_new (to, rv_video_reader_info (reader), settings, error) : NULL;
  gboolean ok = writer != NULL;
  for (RvImage *frame; ok && (frame = rv_video_reader_next (reader, error)); rv_image_unref (frame))
    ok = rv_video_writer_add (writer, frame, error);
  return ok && rv_video_writer_finish (writer, error);
}

static void
test_written (gconstpointer all)
{
  static const char *const names[] = { "w.mp4", "w.mov", "w.mkv", "w.webm", "w.gif", "w.y4m", "w.MP4" };
  g_autofree char *from =
    make ("from.mp4", "-f lavfi -i testsrc2=s=96x64:r=30000/1001:d=1 -f lavfi -i sine=d=1 -pix_fmt "
                      "yuv420p -c:a aac");
  g_autofree char *sound = sound_of (from);
  double mean = 0, other = 0;
  gint64 n = read_all (from, NULL, &mean, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i += all ? 1 : 4) {
    g_autoptr (GError) error = NULL;
    g_autofree char *to = path_of (names[i]);
    gboolean holds_aac = i < 3;
    RvVideoWriteOptions settings = { .sound_from = holds_aac ? from : NULL, .comment = "{\"a\": \"=;#\\\\\"}" };
    RvVideoInfo info;
    g_test_message ("%s", names[i]);
    copy (from, NULL, to, &settings, &error);
    g_assert_no_error (error);
    g_assert_true (rv_video_probe (to, &info, &error));
    g_assert_cmpint (info.width, ==, 96);
    if (i != 4) /* a GIF has units of 10 ms */
      g_assert_cmpint ((gint64) info.rate_num * 1001, ==, (gint64) info.rate_den * 30000);
    g_assert_cmpint (read_all (to, NULL, &other, &error), ==, n);
    g_assert_no_error (error);
    g_assert_cmpfloat (fabs (mean - other), <, i == 4 ? 6 : 1.5);
    g_assert_cmpint (info.sound, ==, holds_aac);
    if (holds_aac) {
      g_autofree char *kept = sound_of (to);
      g_assert_cmpstr (kept, ==, sound);
    }
  }
}

/* Encoders get a pixel format that players show; those for studios keep their own. */
static void
test_codecs (void)
{
  static const char *const kinds[][3] = {
    { "codec.mp4", "libx264", "avc1,yuv420p\n" },
    { "codec.mov", "libx265", "hvc1,yuv420p\n" },
    { "codec.mkv", "libx265", ",yuv420p\n" },
    { "codec.mkv", "ffv1", ",bgr0\n" },
  };
  g_autofree char *encoders = NULL;
  const RvVideoInfo info = { .width = 64, .height = 48, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_autoptr (RvImage) frame = rv_image_new (64, 48, NULL);
  g_assert_true (g_spawn_command_line_sync ("ffmpeg -v error -encoders", &encoders, NULL, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (!strstr (encoders, kinds[i][1]))
      continue;
    g_autoptr (GError) error = NULL;
    g_autofree char *to = path_of (kinds[i][0]), *text = NULL;
    const RvVideoWriteOptions settings = { .codec = kinds[i][1] };
    g_autoptr (RvVideoWriter) writer = rv_video_writer_new (to, &info, &settings, &error);
    g_test_message ("%s into %s", kinds[i][1], kinds[i][0]);
    g_assert_true (writer && rv_video_writer_add (writer, frame, &error) && rv_video_writer_finish (writer, &error));
    g_autofree char *line =
      g_strdup_printf ("ffprobe -v error -show_entries stream=codec_tag_string,pix_fmt -of csv=p=0 %s", to);
    g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
    g_assert_nonnull (strstr (text, kinds[i][2]));
  }
}

/* A video stream that begins after the sound, as after a cut without re-encoding, is not shifted. */
static void
test_late (void)
{
  g_autofree char *sound = make ("late.wav", "-f lavfi -i sine=d=3");
  g_autofree char *frames = make ("late-frames.mkv", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -pix_fmt yuv420p");
  g_autofree char *both = g_strdup_printf ("-i %s -itsoffset 1.5 -i %s -map 0 -map 1 -c copy", sound, frames);
  g_autofree char *from = make ("late.mkv", both);
  static const char *const names[] = { "l.mp4", "l.mkv", "l.mov" };
  static const double from_s[] = { 0, 0.7, 2 };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *to = path_of (names[i]);
    RvVideoWriteOptions settings = { .sound_from = from, .from_s = from_s[i] };
    copy (from, NULL, to, &settings, &error);
    g_assert_no_error (error);
    g_assert_cmpint (read_all (to, NULL, NULL, &error), ==, 10);
    g_autofree char *line =
      g_strdup_printf ("ffprobe -v error -select_streams v:0 -show_entries stream=start_time -of csv=p=0 %s", to);
    g_autofree char *text = NULL;
    g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
    assert_less (fabs (g_ascii_strtod (text, NULL) - MAX (1.5 - from_s[i], 0)), 0.06);
  }
}

/* A range from 4.37 s to 5 s: frames from 4.4 s on. A tone and a white frame begin at 4.5 s. */
#define TONE_VIDEO                                                                                                     \
  "-f lavfi -i color=black:s=64x48:r=10:d=6 -f lavfi -i "                                                              \
  "\"aevalsrc='0.5*between(t,4.5,4.6)*sin(6000*t)':s=48000:d=6\" -vf "                                                 \
  "\"geq=lum='if(between(T,4.49,4.59),235,16)':cb=128:cr=128\" -pix_fmt yuv420p -g 100 "
#define TONE_FROM_S 4.37
#define TONE_TO_S 5
#define TONE_FIRST_S 4.4

/* (transfer full): sound samples at 48 kHz from the video's start; @all: also samples that an edit list hides. */
static float *
samples_of (const char *path, gboolean all, gsize *n)
{
  gboolean mov = all && (g_str_has_suffix (path, ".mp4") || g_str_has_suffix (path, ".mov"));
  g_autofree char *name = path_of ("samples");
  g_autofree char *line = g_strdup_printf ("ffmpeg -v error -nostdin -y %s -i %s -map 0:a -af "
                                           "aresample=async=1:first_pts=0 -ar 48000 -ac 1 -f f32le %s",
                                           mov ? "-ignore_editlist 1" : "", path, name);
  char *bytes = NULL;
  int status = 1;
  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, &status, NULL) && status == 0);
  g_assert_true (g_file_get_contents (name, &bytes, n, NULL));
  *n /= sizeof (float);
  return (float *) (gpointer) bytes;
}

/* Asserts that sound and frames begin at the start, have the length of the range, and are in sync. */
static void
check_part (const char *path)
{
  g_autoptr (GError) error = NULL;
  gsize n, tone = 0;
  g_autofree float *samples = samples_of (path, TRUE, &n);
  while (tone < n && fabsf (samples[tone]) < 0.2f)
    tone++;
  assert_less (fabs ((double) tone / 48000 - (4.5 - TONE_FIRST_S)), 0.03); /* some codecs begin with 23 ms of silence */
  assert_less ((double) n / 48000, TONE_TO_S - TONE_FIRST_S + 0.08);
  assert_less (0.55, (double) n / 48000);
  assert_less (seconds_of (path), TONE_TO_S - TONE_FIRST_S + 0.05);
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
  for (int k = 0; k < 6; k++) {
    g_autoptr (RvImage) frame = rv_video_reader_next (reader, &error);
    g_assert_no_error (error);
    g_assert_true ((((float *) frame->rgb->data)[0] > 128) == (k == 1));
  }
  g_assert_null (rv_video_reader_next (reader, &error));
  g_assert_no_error (error);
}

/* The file has no sound from outside the range, with any container and codec. */
static void
test_part_sound (gconstpointer all)
{
  static const struct {
    const char *from, *codec, *to; /* @to: container that is tested without -m slow */
  } kinds[] = {
    { "t-aac.mp4", "aac", "mkv" },       { "t-opus.mkv", "libopus", "webm" },   { "t-flac.mkv", "flac", "mp4" },
    { "t-mp3.mp4", "libmp3lame", NULL }, { "t-vorbis.mkv", "libvorbis", NULL }, { "t-ac3.mkv", "ac3", NULL },
    { "t-alac.mov", "alac", NULL },      { "t-pcm.mov", "pcm_s16le", NULL },    { "t-pcm.mkv", "pcm_s24le", NULL },
    { "t-wma.mkv", "wmav2", NULL },
  };
  static const char *const containers[] = { "mp4", "mov", "mkv", "webm" };
  for (guint i = 0; i < (all ? G_N_ELEMENTS (kinds) : 3); i++) {
    g_autofree char *arguments = g_strconcat (TONE_VIDEO "-c:a ", kinds[i].codec, NULL);
    g_autofree char *from = make (kinds[i].from, arguments);
    for (guint k = 0; k < G_N_ELEMENTS (containers); k++) {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strdup_printf ("tone.%s", containers[k]), *to = path_of (name);
      const RvVideoReadOptions part = { .from_s = TONE_FROM_S, .to_s = TONE_TO_S };
      const RvVideoWriteOptions settings = { .sound_from = from, .from_s = TONE_FROM_S, .to_s = TONE_TO_S };
      if (!all && strcmp (containers[k], kinds[i].to) != 0)
        continue;
      g_test_message ("%s into %s", kinds[i].from, name);
      copy (from, &part, to, &settings, &error);
      g_assert_no_error (error);
      check_part (to);
    }
  }
}

/* Sound that the container does not store is encoded. */
static void
test_foreign_sound (void)
{
  static const char *const kinds[][3] = {
    { "side.mkv", "-af aformat=channel_layouts='5.1(side)' -c:a ac3", "webm" },
    { "side.mkv", "-af aformat=channel_layouts='5.1(side)' -c:a ac3", "mkv" },
    { "byte.mov", "-c:a pcm_s8", "mkv" },
    { "ima.mov", "-c:a adpcm_ima_qt", "mkv" },
  };
  for (guint i = 0; i < 2 * G_N_ELEMENTS (kinds); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *arguments = g_strconcat (
      "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=d=1 -pix_fmt yuv420p ", kinds[i / 2][1], NULL);
    g_autofree char *from = make (kinds[i / 2][0], arguments), *name = g_strconcat ("foreign.", kinds[i / 2][2], NULL);
    g_autofree char *to = path_of (name);
    const RvVideoReadOptions part = { .from_s = i % 2 ? 0.5 : 0 };
    const RvVideoWriteOptions settings = { .sound_from = from, .from_s = part.from_s };
    RvVideoInfo info;
    g_test_message ("%s into %s", kinds[i / 2][0], kinds[i / 2][2]);
    copy (from, &part, to, &settings, &error);
    g_assert_no_error (error);
    g_assert_true (rv_video_probe (to, &info, &error) && info.sound);
  }
}

/* Seconds from the first white frame to the tone. */
static double
tone_after_frame (const char *path)
{
  g_autoptr (GError) error = NULL;
  gsize n, tone = 0;
  double start_s = 0, white = 0;
  g_autofree float *samples = samples_of (path, FALSE, &n);
  g_autofree char *text = NULL;
  g_autofree char *line = g_strdup_printf (
    "ffprobe -v error -select_streams v -show_entries stream=start_time:format=start_time -of csv=p=0 %s", path);
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  start_s = g_ascii_strtod (text, NULL) - g_ascii_strtod (strchr (text, '\n') + 1, NULL);
  while (tone < n && fabsf (samples[tone]) < 0.2f)
    tone++;
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
  gboolean dark = TRUE;
  for (RvImage *frame; dark && (frame = rv_video_reader_next (reader, &error)); rv_image_unref (frame)) {
    dark = ((float *) frame->rgb->data)[0] <= 128;
    white += dark;
  }
  g_assert_no_error (error);
  return (double) tone / 48000 - start_s - white / 10;
}

static int
ffmpeg_version (void)
{
  g_autofree char *text = NULL;
  int version = 0;
  g_assert_true (g_spawn_command_line_sync ("ffmpeg -version", &text, NULL, NULL, NULL));
  sscanf (text, "ffmpeg version %d", &version);
  return version;
}

/* Sound and frames stay in sync, whatever offset the container or an edit list has. Hidden samples do not reappear. */
static void
test_together (gconstpointer all)
{
  static const struct {
    const char *name, *arguments;
    double apart_s;
  } kinds[] = {
    { "hidden.mp4", "-ss 2 -i %s -c copy", 0 },
    { "late-sound.ts", "-i %s -itsoffset 0.5 -i %s -map 0:v -map 1:a -c copy", 0.5 },
    { "late-sound.mkv", "-i %s -itsoffset 0.5 -i %s -map 0:v -map 1:a -c copy", 0.5 },
    { "a-bit-late.mkv", "-i %s -c copy", 0 }, /* a fifth of an AAC frame */
    { "late.flv", "-i %s -c copy", 0 },
    { "off.mkv", "-i %s -c copy -output_ts_offset 7.77", 0 },
  };
  static const char *const names[] = { "together.mp4", "together.mkv" };
  g_autofree char *from = make ("together-from.mp4", TONE_VIDEO "-c:a aac");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (g_str_has_suffix (kinds[i].name, ".flv") && ffmpeg_version () >= 7) {
      g_test_message ("known to fail: ffmpeg 7 plays the sound of an FLV with reordered frames one frame early");
      continue;
    }
    g_auto (GStrv) parts = g_strsplit (kinds[i].arguments, "%s", -1);
    g_autofree char *arguments = g_strjoinv (from, parts), *path = make (kinds[i].name, arguments);
    for (int way = all ? 0 : (int) i % 4; way < 4; way += all ? 1 : 4) {
      g_autoptr (GError) error = NULL;
      g_autofree char *to = path_of (names[way % 2]);
      const RvVideoReadOptions part = { .from_s = way < 2 ? 0 : 0.77 };
      const RvVideoWriteOptions settings = { .sound_from = path, .from_s = part.from_s };
      g_test_message ("%s into %s from %.2f s on", kinds[i].name, names[way % 2], part.from_s);
      copy (path, &part, to, &settings, &error);
      g_assert_no_error (error);
      assert_less (fabs (tone_after_frame (to) - kinds[i].apart_s), 0.005);
      assert_less (seconds_of (to), (i == 0 ? 4 : 6) + kinds[i].apart_s - part.from_s + 0.1);
    }
  }
}

/* Chapters and subtitles that overlap the range are clipped to it and shifted. */
static void
test_part_texts (void)
{
  static const char chapters[] = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=40\ntitle=a\n"
                                 "[CHAPTER]\nTIMEBASE=1/10\nSTART=40\nEND=45\ntitle=b\n"
                                 "[CHAPTER]\nTIMEBASE=1/10\nSTART=45\nEND=60\ntitle=c\n";
  static const char texts[] = "1\n00:00:03,000 --> 00:00:04,000\na\n\n2\n00:00:04,000 --> 00:00:04,500\nb\n\n"
                              "3\n00:00:04,600 --> 00:00:06,000\nc\n\n4\n00:00:05,100 --> 00:00:06,000\nd\n";
  static const char *const containers[] = { "mp4", "mov", "mkv", "webm" };
  g_autofree char *chapter_file = path_of ("chapters"), *text_file = path_of ("texts.srt");
  g_assert_true (g_file_set_contents (chapter_file, chapters, -1, NULL));
  g_assert_true (g_file_set_contents (text_file, texts, -1, NULL));
  g_autofree char *arguments =
    g_strdup_printf ("-f lavfi -i testsrc2=s=64x48:r=10:d=6 -f lavfi -i sine=d=6 -i %s -i %s "
                     "-map 0 -map 1 -map 2 -map_chapters 3 -c:a flac -c:s srt",
                     text_file, chapter_file);
  g_autofree char *from = make ("texts.mkv", arguments);
  for (guint k = 0; k < G_N_ELEMENTS (containers); k++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strdup_printf ("texts-part.%s", containers[k]), *to = path_of (name), *text = NULL;
    const RvVideoReadOptions part = { .from_s = TONE_FROM_S, .to_s = TONE_TO_S };
    const RvVideoWriteOptions settings = { .sound_from = from, .from_s = TONE_FROM_S, .to_s = TONE_TO_S };
    g_test_message ("%s", name);
    copy (from, &part, to, &settings, &error);
    g_assert_no_error (error);
    assert_less (seconds_of (to), 0.65);
    g_autofree char *line = g_strdup_printf ("ffmpeg -v error -nostdin -i %s -map 0:s -f srt -", to);
    g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
    g_assert_true (strstr (text, "\nb\n") && strstr (text, "\nc\n"));
    g_assert_false (strstr (text, "\na\n") || strstr (text, "\nd\n"));
    g_assert_nonnull (strstr (text, "00:00:00,1")); /* end of b */
    g_assert_nonnull (strstr (text, "00:00:00,2")); /* start of c */
    g_free (line);
    g_free (text);
    line = g_strdup_printf ("ffprobe -v error -show_entries chapter=end_time:chapter_tags=title -of csv=p=0 %s", to);
    g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
    g_assert_true (strstr (text, ",b\n") && strstr (text, ",c\n") && !strstr (text, ",a\n"));
    assert_less (fabs (g_ascii_strtod (text, NULL) - 0.1), 0.03);
  }
}

/* Computes the mean of each channel and the mean difference of successive rows of the first frame. */
static void
look_at (const char *path, double mean[3], double *between_rows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (RvImage) frame = rv_video_reader_next (reader, &error);
  g_assert_no_error (error);
  int n = frame->width * frame->height;
  *between_rows = 0;
  for (int c = 0; c < 3; c++) {
    const float *plane = (const float *) frame->rgb->data + c * n;
    mean[c] = 0;
    for (int i = 0; i < n; i++)
      mean[c] += plane[i] / (double) n;
    for (int i = 0; i < n - frame->width; i++)
      *between_rows += fabs ((double) plane[i] - (double) plane[i + frame->width]) / (3.0 * n);
  }
}

/* HDR and wide-gamut videos keep their visible colours. */
static void
test_light (void)
{
  static const struct {
    const char *name, *to, *tags;
  } kinds[] = {
    { "hlg.mkv", "t=arib-std-b67:p=bt2020:m=bt2020nc",
      "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc" },
    { "pq.mkv", "t=smpte2084:p=bt2020:m=bt2020nc",
      "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc" },
    { "untagged.mkv", "t=smpte2084:p=bt2020:m=bt2020nc",
      "-color_primaries unknown -color_trc smpte2084 -colorspace unknown" },
    { "wide.mkv", "t=iec61966-2-1:p=bt2020:m=bt2020nc",
      "-color_primaries bt2020 -color_trc bt709 -colorspace bt2020nc" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    double mean[3], between_rows, color[] = { 170, 60, 30 };
    g_autofree char *arguments = g_strdup_printf (
      "-f lavfi -i color=0xAA3C1E:s=63x47:r=10:d=0.2 -vf "
      "format=gbrp,zscale=pin=bt709:tin=iec61966-2-1:min=gbr:rin=pc:%s:r=tv:npl=203:agamma=false,format=yuv444p10le,"
      "format=yuv420p10le -c:v ffv1 %s",
      kinds[i].to, kinds[i].tags);
    g_autofree char *path = make (kinds[i].name, arguments);
    g_test_message ("%s", kinds[i].name);
    look_at (path, mean, &between_rows);
    for (int c = 0; c < 3; c++)
      assert_less (fabs (mean[c] - color[c]), 4);
  }
}

/* A moving bar in interlaced video has no combing at its edges. */
static void
test_interlaced (void)
{
  double mean[3], between_rows;
  g_autofree char *path =
    make ("fields.mkv", "-f lavfi -i color=black:s=64x48:r=20:d=1 -vf "
                        "geq=lum='if(between(X\\,2*N+4\\,2*N+20)\\,235\\,16)':cb=128:cr=128,"
                        "tinterlace=interleave_top,setfield=tff -c:v ffv1 -field_order tt -pix_fmt yuv420p");
  look_at (path, mean, &between_rows);
  assert_less (40, mean[0]);
  assert_less (between_rows, 2); /* combing of 2 of 64 columns at each edge would give 255 * 4 / 64 = 16 */
}

/* A range includes frames after a change of the frame size, at their times: black frames, then white ones. */
static void
test_size_change (void)
{
  static const char *const kinds[] = { "", "-flags +ilme+ildct -vf setfield=tff -field_order tt" };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    static const RvVideoReadOptions part = { .from_s = 0.5, .to_s = 1.5 };
    g_autoptr (GError) error = NULL;
    g_autoptr (GString) both = g_string_new (NULL);
    double mean;
    for (int k = 0; k < 2; k++) {
      g_autofree char *bytes = NULL;
      gsize size;
      g_autofree char *arguments =
        g_strdup_printf ("-f lavfi -i color=%s:s=%s:r=25:d=1 -c:v mpeg2video -g 5 %s "
                         "-muxdelay 0 -output_ts_offset %s",
                         k ? "white" : "black", k ? "64x48" : "96x64", kinds[i], k ? "1.04" : "0");
      g_autofree char *path = make ("size.ts", arguments);
      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      g_string_append_len (both, bytes, (gssize) size);
    }
    g_autofree char *path = path_of ("sizes.ts");
    g_assert_true (g_file_set_contents (path, both->str, (gssize) both->len, NULL));
    g_assert_cmpint (read_all (path, &part, &mean, &error), ==, 25);
    g_assert_no_error (error);
    assert_less (fabs (mean - 127.5), 10);
  }
}

/* Sound ends with a video that ends early. */
static void
test_cut (void)
{
  g_autofree char *from =
    make ("tone.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=4 -f lavfi -i sine=d=4 -pix_fmt yuv420p -c:a aac");
  static const char *const names[] = { "c.mp4", "c.mov", "c.mkv" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *to = path_of (names[i]);
    RvVideoWriteOptions settings = { .sound_from = from, .comment = "kept" };
    RvVideoInfo info;
    g_autoptr (RvVideoReader) reader = rv_video_reader_new (from, NULL, &error);
    RvVideoWriter *writer = rv_video_writer_new (to, rv_video_reader_info (reader), &settings, &error);
    for (int k = 0; k < 7; k++) {
      g_autoptr (RvImage) frame = rv_video_reader_next (reader, &error);
      g_assert_true (rv_video_writer_add (writer, frame, &error));
    }
    rv__video_writer_trim_sound (writer);
    g_assert_true (rv_video_writer_finish (writer, &error));
    rv_video_writer_free (writer);
    g_assert_true (rv_video_probe (to, &info, &error));
    g_assert_true (info.sound);
    g_assert_cmpint (read_all (to, NULL, NULL, &error), ==, 7);
    g_assert_no_error (error);
    g_assert_cmpfloat (seconds_of (to), >, 0.65);
    g_assert_cmpfloat (seconds_of (to), <, 0.80);
  }
}

/* The error of a failed child contains the line with the reason: the last line in ffmpeg 5, another line in ffmpeg 7.
 * The input of a child that is fed has the right format. */
static void
test_reason (void)
{
  static const char *const said[][2] = {
    { "a warning\nclip.mp4: Invalid data found\n", "sh failed: clip.mp4: Invalid data found" },
    { "[vost#0:0 @ 0x55] Unknown encoder 'x'\n[vost#0:0 @ 0x55] Error selecting an encoder\n"
      "Error opening output file a.mp4.\nError opening output files: Encoder not found\n",
      "sh failed: Unknown encoder 'x'" },
    { "[mp4 @ 0x55] Could not find tag for codec theora in stream #0\nCould not write header for output file #0\n"
      "Error initializing output stream 0:0 -- \n",
      "sh failed: Could not find tag for codec theora in stream #0" },
    { "Conversion failed!\n", "sh failed: Conversion failed!" },
    { "", "sh failed" },
  };
  for (guint i = 0; i < 2 * G_N_ELEMENTS (said); i++) {
    g_autoptr (GError) error = NULL;
    const char *argv[] = { "sh", "-c", "printf %s \"$1\" >&2; exit 1", "sh", said[i / 2][0], NULL };
    g_autoptr (RvSubprocess) child = rv__subprocess_start (argv, i % 2, -1, &error);
    g_assert_no_error (error);
    g_assert_false (rv__subprocess_end (child, &error));
    g_assert_error (error, RV_ERROR, (int) (i % 2 ? RV_ERROR_FILE : RV_ERROR_FORMAT));
    g_assert_cmpstr (error->message, ==, said[i / 2][1]);
  }
}

/* If a video is not finished, the previous file remains. Frames of another size, impossible paths, unknown suffixes and
 * unknown codecs are errors. */
static void
test_unfinished (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = path_of ("unfinished.mp4"), *nowhere = path_of ("no/folder.mp4"), *text = NULL;
  const RvVideoInfo info = { .width = 64, .height = 48, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_autoptr (RvImage) frame = rv_image_new (64, 48, NULL), other = rv_image_new (48, 64, NULL);
  g_file_set_contents (path, "before", -1, NULL);
  RvVideoWriter *writer = rv_video_writer_new (path, &info, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv_video_writer_add (writer, frame, &error));
  g_assert_false (rv_video_writer_add (writer, other, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  rv_video_writer_free (writer);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "before");
  g_assert_null (rv_video_writer_new (nowhere, &info, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (rv_video_writer_new ("film.avi2", &info, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  RvVideoWriteOptions settings = { .codec = "nonsense" };
  writer = rv_video_writer_new (path, &info, &settings, &error);
  for (int i = 0; i < 100 && !error; i++)
    rv_video_writer_add (writer, frame, &error);
  if (!error)
    rv_video_writer_finish (writer, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "nonsense"));
  rv_video_writer_free (writer);
}

static void
test_no_videos (void)
{
  g_autofree char *whole =
    make ("whole.mp4", "-f lavfi -i testsrc2=s=160x120:r=25:d=3 -movflags +faststart -pix_fmt yuv420p");
  g_autofree char *cut = path_of ("cut.mp4"), *empty = path_of ("empty.mp4"), *text = path_of ("text.mp4"),
                  *content = NULL;
  g_autofree char *list = path_of ("list.mp4"), *sound = make ("only-sound.mp4", "-f lavfi -i sine=d=1 -c:a aac");
  g_autofree char *grey = make ("grey.pgm", "-f lavfi -i testsrc2=s=160x120 -frames:v 1 -pix_fmt gray"),
                  *png = make ("color.png", "-f lavfi -i testsrc2=s=160x120 -frames:v 1");
  gsize size;
  g_assert_true (g_file_get_contents (whole, &content, &size, NULL));
  g_file_set_contents (cut, content, (gssize) size / 2, NULL);
  g_file_set_contents (empty, "", 0, NULL);
  g_file_set_contents (text, "no film, whatever its name says\n", -1, NULL);
  g_file_set_contents (list, "ffconcat version 1.0\nfile '/etc/passwd'\n", -1, NULL);
  const char *const none[] = { empty, text, list, sound, folder, grey, png };
  for (guint i = 0; i < G_N_ELEMENTS (none); i++) {
    g_autoptr (GError) error = NULL;
    RvVideoInfo info;
    g_test_message ("%s", none[i]);
    g_assert_false (rv_video_probe (none[i], &info, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_null (strchr (error->message, '\n'));
  }
  g_autoptr (GError) error = NULL, missing = NULL;
  gint64 n = read_all (cut, NULL, NULL, &error);
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_cmpint (n, >, 10); /* complete frames before the damage */
  g_assert_cmpint (n, <, 75);
  g_assert_cmpint (read_all ("/nonexistent.mp4", NULL, NULL, &missing), ==, 0);
  g_assert_error (missing, RV_ERROR, RV_ERROR_FILE);
}

/* A reader can be freed long before the end of its video. */
static void
test_left (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path =
    make ("long.mp4", "-f lavfi -i testsrc2=s=320x240:r=25:d=20 -pix_fmt yuv420p -preset ultrafast");
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
  g_autoptr (RvImage) first = rv_video_reader_next (reader, &error);
  g_assert_no_error (error);
  g_assert_nonnull (first);
}

/* A subprocess that is fed may compute silently for longer than the timeout, as encoders do at the end of a video. An
 * idle subprocess times out. Subprocesses that are not fed, such as decoders of untrusted files, get no extra time,
 * also if they print messages all the time. */
static void
test_patience (void)
{
  static const struct {
    const char *script;
    gboolean feeds, ends;
  } cases[] = {
    { "cat >/dev/null; i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done", TRUE, TRUE },
    { "cat >/dev/null; exec 1>&- 2>&-; i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done", TRUE, TRUE },
    { "cat >/dev/null; sleep 100", TRUE, FALSE },
    { "while :; do :; done", FALSE, FALSE },
    { "while :; do echo damaged; done >&2", FALSE, FALSE },
    { "exec 1>&-; while :; do echo damaged; done >&2", FALSE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const char *const argv[] = { "sh", "-c", cases[i].script, NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (RvSubprocess) child = rv__subprocess_start (argv, cases[i].feeds, -1, &error);
    g_assert_no_error (error);
    rv__subprocess_timeout_ms = i < 2 ? 500 : 100;
    g_test_message ("%s", cases[i].script);
    g_assert_true (rv__subprocess_end (child, &error) == cases[i].ends);
    g_assert_true (cases[i].ends || strstr (error->message, "sent nothing for a minute") ||
                   strstr (error->message, "does not end"));
  }
  rv__subprocess_timeout_ms = 60000;
}

/* In a fork, a subprocess of the parent is not used, and freeing it does not end it. */
static void
test_fork (void)
{
  const char *const argv[] = { "cat", NULL };
  g_autoptr (GError) error = NULL;
  RvSubprocess *child = rv__subprocess_start (argv, TRUE, -1, &error);
  g_assert_no_error (error);
  pid_t fork_id = fork ();
  if (fork_id == 0) {
    gboolean refused = !rv__subprocess_write (child, "x", 1, &error) &&
                       g_error_matches (error, RV_ERROR, RV_ERROR_BACKEND) &&
                       rv__subprocess_read (child, &(char){ 0 }, 1, NULL) < 0;
    rv__subprocess_free (child);
    _exit (refused ? 0 : 1);
  }
  int status;
  g_assert_cmpint (waitpid (fork_id, &status, 0), ==, fork_id);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (rv__subprocess_write (child, "x", 1, &error) && rv__subprocess_end (child, &error));
  rv__subprocess_free (child);
}

/* If SIGCHLD is ignored, as in daemons, the end of a subprocess has no status, and counts as success. */
static void
test_ignored_sigchld (void)
{
  const char *const argv[] = { "true", NULL };
  g_autoptr (GError) error = NULL;
  void (*before) (int) = signal (SIGCHLD, SIG_IGN);
  g_autoptr (RvSubprocess) child = rv__subprocess_start (argv, FALSE, -1, &error);
  gboolean ended = child && rv__subprocess_end (child, &error);
  signal (SIGCHLD, before);
  g_assert_true (ended);
}

static void
test_without_ffmpeg (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *video = path_of ("plain.mp4");
  g_autoptr (GError) error = NULL, written = NULL;
  const RvVideoInfo info = { .width = 64, .height = 48, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_file_set_contents (video, "a film", -1, NULL);
  g_setenv ("PATH", folder, TRUE);
  g_assert_null (rv_video_reader_new (video, NULL, &error));
  g_assert_null (rv_video_writer_new (video, &info, NULL, &written));
  g_setenv ("PATH", path, TRUE);
  g_assert_nonnull (strstr (error->message, "install ffmpeg"));
  g_assert_nonnull (strstr (written->message, "install ffmpeg"));
}

static RvImage *
level (int width, int height, float value)
{
  RvImage *image = rv_image_new (width, height, NULL);
  for (gint64 i = 0; i < rv_tensor_count (image->rgb); i++)
    ((float *) image->rgb->data)[i] = value;
  return image;
}

static void
save_level (const char *pattern, int number, int width, int height, float value)
{
  g_autofree char *file = rv__frame_name (pattern, number);
  g_autoptr (RvImage) image = level (width, height, value);
  g_assert_true (rv_image_save (image, file, NULL, NULL));
}

/* Reads numbered pictures from 7 on, and ranges of them. A gap is an error when it is reached. ffmpeg is not needed. */
static void
test_numbered (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *pattern = path_of ("in-%03d.png"),
                  *missing = path_of ("none-%d.png");
  g_autoptr (GError) error = NULL, none = NULL, other = NULL, gap = NULL;
  const RvVideoReadOptions part = { .from_s = 0.04, .every = 2, .width = 8, .height = 4 }, early = { .to_s = 0.08 };
  RvVideoInfo info;
  double mean;
  for (int n = 7; n < 12; n++)
    save_level (pattern, n, 16, 8, (float) n);
  g_setenv ("PATH", folder, TRUE);
  g_assert_true (rv_video_probe (pattern, &info, NULL));
  g_assert_true (info.width == 16 && info.height == 8 && info.n_frames == 5 && info.rate_num == 25 && !info.sound);
  g_assert_cmpint (read_all (pattern, NULL, &mean, &error), ==, 5);
  g_assert_cmpfloat_with_epsilon (mean, 9, 1e-6);
  g_assert_cmpint (read_all (pattern, &part, &mean, &error), ==, 2);
  g_assert_cmpfloat_with_epsilon (mean, 9, 1e-6); /* 8 and 10 */
  g_assert_cmpint (read_all (pattern, &early, &mean, &error), ==, 2);
  save_level (pattern, 13, 16, 8, 200);
  g_assert_cmpint (read_all (pattern, &early, &mean, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpint (read_all (pattern, NULL, &mean, &gap), ==, 5);
  g_assert_error (gap, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (gap->message, "in-012.png is missing; later images: 1"));
  g_assert_false (rv_video_probe (missing, &info, &none));
  g_assert_error (none, RV_ERROR, RV_ERROR_FILE);
  save_level (pattern, 9, 10, 8, 1);
  g_assert_cmpint (read_all (pattern, NULL, NULL, &other), ==, 2);
  g_assert_error (other, RV_ERROR, RV_ERROR_FORMAT);
  g_setenv ("PATH", path, TRUE);
}

/* Writes numbered pictures. Names with two numbers, and names of other files, are refused. */
static void
test_numbered_written (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *pattern = path_of ("out-%d.png"),
                  *two = path_of ("out-%d-%d.png"), *no_picture = path_of ("out-%d.txt");
  const RvVideoInfo info = { .width = 16, .height = 8, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_autoptr (GError) error = NULL;
  double mean;
  g_setenv ("PATH", folder, TRUE);
  g_autoptr (RvVideoWriter) writer = rv_video_writer_new (pattern, &info, NULL, &error);
  g_assert_no_error (error);
  for (int n = 0; n < 3; n++) {
    g_autoptr (RvImage) frame = level (16, 8, (float) (30 + n));
    g_assert_true (rv_video_writer_add (writer, frame, NULL));
  }
  g_autoptr (RvImage) large = level (17, 8, 1);
  g_assert_false (rv_video_writer_add (writer, large, NULL));
  g_assert_true (rv_video_writer_finish (writer, NULL));
  g_assert_cmpint (read_all (pattern, NULL, &mean, NULL), ==, 3);
  g_assert_cmpfloat_with_epsilon (mean, 31, 1e-6);
  g_assert_false (rv_video_check_target (two, NULL));
  g_assert_false (rv_video_check_target (no_picture, NULL));
  g_assert_null (rv_video_comment (pattern, NULL));
  g_setenv ("PATH", path, TRUE);
}

/* (transfer full): a Y4M file with a header and @n_frames equal frames of @n_bytes. */
static char *
make_y4m (const char *name, const char *header, int n_frames, const guint8 *bytes, gsize n_bytes)
{
  g_autoptr (GString) file = g_string_new (header);
  char *path = path_of (name);
  for (int k = 0; k < n_frames; k++) {
    g_string_append (file, k == 1 ? "FRAME Ip XA=1\n" : "FRAME\n"); /* parameters of a frame are ignored */
    g_string_append_len (file, (const char *) bytes, (gssize) n_bytes);
  }
  g_assert_true (g_file_set_contents (path, file->str, (gssize) file->len, NULL));
  return path;
}

/* Reads red in BT.601 and BT.709 by their colour-bar tables, a grey whose level depends on the range, and pixels that
 * are not square. */
static void
test_y4m_colors (void)
{
  static const struct {
    const char *header;
    int width, height, n_luma, n_chroma; /* samples */
    guint8 y, cb, cr;
    float rgb[3];
  } rows[] = {
    { "W6 H5 F25:1 C420jpeg", 6, 5, 30, 9, 81, 90, 240, { 255, 0, 0 } },
    { "W5 H3 C422", 5, 3, 15, 9, 81, 90, 240, { 255, 0, 0 } },
    { "W2 H720 C444", 2, 720, 1440, 1440, 63, 102, 240, { 255, 0, 0 } },
    { "W4 H2 Cmono XCOLORRANGE=FULL", 4, 2, 8, 0, 126, 0, 0, { 126, 126, 126 } },
    { "W4 H2 A2:1 C444", 8, 2, 8, 8, 81, 90, 240, { 255, 0, 0 } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint8 bytes[3 * 1440];
    int n_luma = rows[i].n_luma, n_chroma = rows[i].n_chroma;
    memset (bytes, rows[i].y, (gsize) n_luma);
    memset (bytes + n_luma, rows[i].cb, (gsize) n_chroma);
    memset (bytes + n_luma + n_chroma, rows[i].cr, (gsize) n_chroma);
    g_autoptr (GError) error = NULL;
    g_autofree char *header = g_strdup_printf ("YUV4MPEG2 %s\n", rows[i].header);
    g_autofree char *path = make_y4m ("colors.y4m", header, 3, bytes, (gsize) (n_luma + 2 * n_chroma));
    g_autoptr (RvVideoReader) reader = rv_video_reader_new (path, NULL, &error);
    g_test_message ("%s", rows[i].header);
    g_assert_no_error (error);
    g_assert_cmpint (rv_video_reader_info (reader)->n_frames, ==, 3);
    for (int k = 0; k < 3; k++) {
      g_autoptr (RvImage) frame = rv_video_reader_next (reader, &error);
      g_assert_no_error (error);
      g_assert_true (frame->width == rows[i].width && frame->height == rows[i].height);
      gint64 plane = (gint64) frame->width * frame->height;
      for (gint64 p = 0; p < 3 * plane; p++)
        g_assert_cmpfloat_with_epsilon (((float *) frame->rgb->data)[p], rows[i].rgb[p / plane], 1.5);
    }
    g_assert_null (rv_video_reader_next (reader, &error));
    g_assert_no_error (error);
  }
}

/* Y4M files are read back as written: odd sides, 8 and 16 bits, ranges. */
static void
test_y4m_written (void)
{
  g_autofree char *file = path_of ("w.Y4M");
  for (int bits = 8; bits <= 16; bits += 8) {
    const RvVideoInfo info = { .width = 33, .height = 17, .rate_num = 24000, .rate_den = 1001, .bits = bits };
    const RvVideoReadOptions part = { .from_s = 0.0834, .to_s = 0.2, .every = 2, .width = 16, .height = 8 };
    g_autoptr (GError) error = NULL;
    g_autoptr (RvVideoWriter) writer = rv_video_writer_new (file, &info, NULL, &error);
    double mean;
    RvVideoInfo back;
    g_assert_no_error (error);
    for (int k = 0; k < 6; k++) {
      g_autoptr (RvImage) frame = level (33, 17, (float) (40 + 10 * k));
      g_assert_true (rv_video_writer_add (writer, frame, &error));
    }
    g_assert_true (rv_video_writer_finish (writer, &error));
    g_assert_true (rv_video_probe (file, &back, &error));
    g_assert_true (back.width == 33 && back.height == 17 && back.rate_num == 24000 && back.rate_den == 1001);
    g_assert_true (back.n_frames == 6 && back.bits == 8 && !back.sound);
    g_assert_cmpint (read_all (file, NULL, &mean, &error), ==, 6);
    g_assert_cmpfloat_with_epsilon (mean, 65, 0.6);
    g_assert_cmpint (read_all (file, &part, &mean, &error), ==, 2); /* frames 2 and 4 */
    g_assert_cmpfloat_with_epsilon (mean, 70, 0.6);
    g_assert_no_error (error);
  }
}

/* If the base frame rate is too high, the mean rate is used. If it is only the clock of a recording, 30 frames per
 * second are assumed. Frames that an edit list hides do not count. A fake ffprobe reports such videos. */
static void
test_odd_rate (void)
{
  static const struct {
    const char *base, *mean, *more;
    int rate, n_frames;
    gboolean variable;
  } videos[] = {
    { "90000/1", "25/1", "", 25, 50, TRUE },
    { "1000/1", "0/0", "", 30, 60, TRUE },
    { "1000/1", "1000/1", "", 30, 60, TRUE },
    { "1000/1", "1000/1", ", \"nb_frames\": \"2000\"", 1000, 2000, FALSE },
    { "60/1", "0/0", "", 60, 120, FALSE },
    { "25/1", "25/1", ", \"nb_frames\": \"90\"", 25, 50, FALSE },
    { "30/1", "24/1", ", \"nb_frames\": \"144\"", 24, 48, TRUE },
  };
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *ffprobe = path_of ("ffprobe"), *video = path_of ("odd.mp4");
  g_file_set_contents (video, "a film", -1, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (videos); i++) {
    g_autoptr (GError) error = NULL;
    RvVideoInfo info;
    g_autofree char *script =
      g_strdup_printf ("#!/bin/sh\necho '{\"streams\": [{\"codec_type\": \"video\", \"width\": 64, \"height\": 48, "
                       "\"r_frame_rate\": \"%s\", \"avg_frame_rate\": \"%s\", \"duration\": \"2.0\"%s}]}'\n",
                       videos[i].base, videos[i].mean, videos[i].more);
    g_file_set_contents (ffprobe, script, -1, NULL);
    g_chmod (ffprobe, 0700);
    g_setenv ("PATH", folder, TRUE);
    gboolean ok = rv_video_probe (video, &info, &error);
    g_setenv ("PATH", path, TRUE);
    g_unlink (ffprobe);
    g_assert_no_error (error);
    g_assert_true (ok);
    g_test_message ("%s, %s", videos[i].base, videos[i].mean);
    g_assert_cmpint (info.rate_num, ==, videos[i].rate);
    g_assert_cmpint (info.rate_den, ==, 1);
    g_assert_cmpint (info.n_frames, ==, videos[i].n_frames);
    g_assert_true (info.variable_rate == videos[i].variable);
  }
}

static void
test_skipped (void)
{
  g_test_skip ("ffmpeg is not installed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  if (ffmpeg) {
    g_test_add_data_func ("/video/kinds", NULL, test_kinds);
    test_add_slow ("/video/kinds", "all", test_kinds);
    g_test_add_func ("/video/alpha", test_alpha);
    g_test_add_func ("/video/turned", test_turned);
    g_test_add_func ("/video/variable-rate", test_variable_rate);
    g_test_add_data_func ("/video/own-times", NULL, test_own_times);
    test_add_slow ("/video/own-times", "all", test_own_times);
    g_test_add_func ("/video/parts", test_parts);
    g_test_add_func ("/video/reason", test_reason);
    g_test_add_data_func ("/video/written", NULL, test_written);
    test_add_slow ("/video/written", "all", test_written);
    g_test_add_func ("/video/codecs", test_codecs);
    g_test_add_func ("/video/late", test_late);
    g_test_add_data_func ("/video/part-sound", NULL, test_part_sound);
    test_add_slow ("/video/part-sound", "all", test_part_sound);
    g_test_add_func ("/video/foreign-sound", test_foreign_sound);
    g_test_add_data_func ("/video/together", NULL, test_together);
    test_add_slow ("/video/together", "all", test_together);
    g_test_add_func ("/video/part-texts", test_part_texts);
    g_test_add_func ("/video/light", test_light);
    g_test_add_func ("/video/interlaced", test_interlaced);
    g_test_add_func ("/video/size-change", test_size_change);
    g_test_add_func ("/video/cut", test_cut);
    g_test_add_func ("/video/fork", test_fork);
    g_test_add_func ("/video/ignored-sigchld", test_ignored_sigchld);
    g_test_add_func ("/video/unfinished", test_unfinished);
    g_test_add_func ("/video/no-films", test_no_videos);
    g_test_add_func ("/video/left", test_left);
    g_test_add_func ("/video/y4m/colors", test_y4m_colors);
    g_test_add_func ("/video/y4m/written", test_y4m_written);
  } else
    g_test_add_func ("/video/films", test_skipped);
  g_test_add_func ("/video/patience", test_patience);
  g_test_add_func ("/video/without-ffmpeg", test_without_ffmpeg);
  g_test_add_func ("/video/numbered", test_numbered);
  g_test_add_func ("/video/numbered/written", test_numbered_written);
  g_test_add_func ("/video/odd-rate", test_odd_rate);
  return test_run_and_delete (folder);
}
