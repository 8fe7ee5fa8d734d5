/* test-film.c -- films in and out, of all kinds that ffmpeg's own sources make here: sizes, rates, turns, depths,
 * sound; files that are none, that are cut off, and a world without ffmpeg. */
#include "io/film/child.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/film.h>
#include <string.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* ffmpeg with those arguments, and a last one: the file called @name. */
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

/* All frames: how many; the mean of all numbers in *mean. */
static gint64
read_all (const char *path, const RvFilmPart *part, double *mean, GError **error)
{
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (path, part, error);
  gint64 n = 0;
  double sum = 0;
  for (RvImage *frame; reader && (frame = rv_film_reader_next (reader, error)); rv_image_unref (frame), n++) {
    g_assert_cmpint (frame->width, ==, rv_film_reader_info (reader)->width);
    g_assert_cmpint (frame->height, ==, rv_film_reader_info (reader)->height);
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
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i += all ? 1 : 3) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = make (kinds[i].name, kinds[i].arguments);
    RvFilmInfo info;
    g_test_message ("%s", kinds[i].name);
    g_assert_true (rv_film_probe (path, &info, &error));
    g_assert_cmpint (info.width, ==, kinds[i].width);
    g_assert_cmpint (info.height, ==, kinds[i].height);
    g_assert_cmpint ((gint64) info.rate_num * kinds[i].rate_den, ==, (gint64) info.rate_den * kinds[i].rate_num);
    g_assert_cmpint (info.bits, ==, kinds[i].bits);
    g_assert_cmpint (info.sound, ==, kinds[i].sound);
    g_assert_cmpint (info.variable_rate, ==, kinds[i].variable);
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
  RvFilmInfo info;
  g_assert_true (rv_film_probe (path, &info, &error));
  g_assert_cmpint (info.width, ==, 64);
  g_assert_cmpint (info.height, ==, 96);
  g_assert_cmpint (read_all (path, NULL, NULL, &error), ==, 5);
  g_assert_no_error (error);
}

/* As long as it was, whether the container knows of the frames that are missing or not. */
static void
test_variable_rate (void)
{
  static const char *const names[] = { "vfr.mp4", "vfr.mkv" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *path = make (names[i], "-f lavfi -i testsrc2=s=64x48:r=30:d=2 -vf "
                                            "select='not(mod(n\\,3))+lt(n\\,20)' -fps_mode vfr -pix_fmt yuv420p");
    RvFilmInfo info;
    g_assert_true (rv_film_probe (path, &info, &error));
    g_assert_true (info.variable_rate || i == 1);
    gint64 n = read_all (path, NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpfloat (fabs ((double) n * info.rate_den / info.rate_num - 1.93), <,
                       0.1); /* the last is from 1.9 s on */
  }
}

static void
test_parts (void)
{
  static const struct {
    RvFilmPart part;
    int n_frames;
  } cases[] = {
    { { 0.5, 1, 0, 0, 0 }, 5 }, { { 0, 0, 3, 0, 0 }, 7 }, { { 1.5, 0, 0, 0, 0 }, 5 }, { { 0, 0, 0, 30, 20 }, 20 }
  };
  g_autofree char *path = make ("parts.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=2 -pix_fmt yuv420p");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvFilmReader) reader = rv_film_reader_new (path, &cases[i].part, &error);
    g_assert_no_error (error);
    g_assert_cmpint (rv_film_reader_info (reader)->n_frames, ==, cases[i].n_frames);
    g_assert_cmpint (read_all (path, &cases[i].part, NULL, &error), ==, cases[i].n_frames);
    g_assert_no_error (error);
  }
  const RvFilmPart wrong[] = { { -1, 0, 0, 0, 0 }, { 1, 0.5, 0, 0, 0 }, { 9, 0, 0, 0, 0 },
                               { 0, 0, -2, 0, 0 }, { NAN, 0, 0, 0, 0 }, { 0, 0, 0, 20, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_film_reader_new (path, &wrong[i], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* What a film says of its sound: packets and their bytes. */
static char *
sound_of (const char *path)
{
  g_autofree char *line = g_strdup_printf ("ffmpeg -v error -nostdin -i %s -map 0:a -c copy -f md5 -", path);
  char *text = NULL;
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  return text;
}

/* How long it plays: the longest of its streams. */
static double
seconds_of (const char *path)
{
  g_autofree char *line = g_strdup_printf ("ffprobe -v error -show_entries format=duration -of csv=p=0 %s", path);
  g_autofree char *text = NULL;
  g_assert_true (g_spawn_command_line_sync (line, &text, NULL, NULL, NULL));
  return g_ascii_strtod (text, NULL);
}

static gboolean
copy (const char *from, const char *to, const RvFilmSettings *settings, GError **error)
{
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (from, NULL, error);
  g_autoptr (RvFilmWriter) writer =
    reader ? rv_film_writer_new (to, rv_film_reader_info (reader), settings, error) : NULL;
  gboolean ok = writer != NULL;
  for (RvImage *frame; ok && (frame = rv_film_reader_next (reader, error)); rv_image_unref (frame))
    ok = rv_film_writer_add (writer, frame, error);
  return ok && rv_film_writer_finish (writer, error);
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
    RvFilmSettings settings = { .sound_from = holds_aac ? from : NULL, .comment = "{\"a\": \"=;#\\\\\"}" };
    RvFilmInfo info;
    g_test_message ("%s", names[i]);
    copy (from, to, &settings, &error);
    g_assert_no_error (error);
    g_assert_true (rv_film_probe (to, &info, &error));
    g_assert_cmpint (info.width, ==, 96);
    if (i != 4) /* a GIF's times are hundredths of a second */
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

/* Of a film that ends early the sound ends, too. */
static void
test_cut (void)
{
  g_autofree char *from =
    make ("tone.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=4 -f lavfi -i sine=d=4 -pix_fmt yuv420p -c:a aac");
  static const char *const names[] = { "c.mp4", "c.mov", "c.mkv" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *to = path_of (names[i]);
    RvFilmSettings settings = { .sound_from = from, .comment = "kept" };
    RvFilmInfo info;
    g_autoptr (RvFilmReader) reader = rv_film_reader_new (from, NULL, &error);
    RvFilmWriter *writer = rv_film_writer_new (to, rv_film_reader_info (reader), &settings, &error);
    for (int k = 0; k < 7; k++) {
      g_autoptr (RvImage) frame = rv_film_reader_next (reader, &error);
      g_assert_true (rv_film_writer_add (writer, frame, &error));
    }
    rv_film_writer_cut (writer);
    g_assert_true (rv_film_writer_finish (writer, &error));
    rv_film_writer_free (writer);
    g_assert_true (rv_film_probe (to, &info, &error));
    g_assert_true (info.sound);
    g_assert_cmpint (read_all (to, NULL, NULL, &error), ==, 7);
    g_assert_no_error (error);
    g_assert_cmpfloat (seconds_of (to), >, 0.65);
    g_assert_cmpfloat (seconds_of (to), <, 0.80);
  }
}

/* What is said of a failed child: the line that says why, of ffmpeg 5 (the last) and of ffmpeg 7. */
static void
test_reason (void)
{
  static const char *const said[][2] = {
    { "a warning\nclip.mp4: Invalid data found\n", "sh failed: clip.mp4: Invalid data found" },
    { "[vost#0:0 @ 0x55] Unknown encoder 'x'\n[vost#0:0 @ 0x55] Error selecting an encoder\n"
      "Error opening output file a.mp4.\nError opening output files: Encoder not found\n",
      "sh failed: Unknown encoder 'x'" },
    { "Conversion failed!\n", "sh failed: Conversion failed!" },
    { "", "sh failed" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (said); i++) {
    g_autoptr (GError) error = NULL;
    const char *argv[] = { "sh", "-c", "printf %s \"$1\" >&2; exit 1", "sh", said[i][0], NULL };
    g_autoptr (RvChild) child = rv__child_start (argv, FALSE, 1 << 30, &error);
    g_assert_no_error (error);
    g_assert_false (rv__child_end (child, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_cmpstr (error->message, ==, said[i][1]);
  }
}

/* A whole film or what was there before: without the end, with a wrong frame, where no film can be. */
static void
test_unfinished (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = path_of ("unfinished.mp4"), *nowhere = path_of ("no/folder.mp4"), *text = NULL;
  const RvFilmInfo info = { .width = 64, .height = 48, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_autoptr (RvImage) frame = rv_image_new (64, 48, NULL), other = rv_image_new (48, 64, NULL);
  g_file_set_contents (path, "before", -1, NULL);
  RvFilmWriter *writer = rv_film_writer_new (path, &info, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv_film_writer_add (writer, frame, &error));
  g_assert_false (rv_film_writer_add (writer, other, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  rv_film_writer_free (writer);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "before");
  g_assert_null (rv_film_writer_new (nowhere, &info, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (rv_film_writer_new ("film.avi2", &info, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  RvFilmSettings settings = { .codec = "nonsense" };
  writer = rv_film_writer_new (path, &info, &settings, &error);
  for (int i = 0; i < 100 && !error; i++)
    rv_film_writer_add (writer, frame, &error);
  if (!error)
    rv_film_writer_finish (writer, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "nonsense"));
  rv_film_writer_free (writer);
}

static void
test_no_films (void)
{
  g_autofree char *whole =
    make ("whole.mp4", "-f lavfi -i testsrc2=s=160x120:r=25:d=3 -movflags +faststart -pix_fmt yuv420p");
  g_autofree char *cut = path_of ("cut.mp4"), *empty = path_of ("empty.mp4"), *text = path_of ("text.mp4"),
                  *content = NULL;
  g_autofree char *list = path_of ("list.mp4"), *sound = make ("only-sound.mp4", "-f lavfi -i sine=d=1 -c:a aac");
  gsize size;
  g_assert_true (g_file_get_contents (whole, &content, &size, NULL));
  g_file_set_contents (cut, content, (gssize) size / 2, NULL);
  g_file_set_contents (empty, "", 0, NULL);
  g_file_set_contents (text, "no film, whatever its name says\n", -1, NULL);
  g_file_set_contents (list, "ffconcat version 1.0\nfile '/etc/passwd'\n", -1, NULL);
  const char *const none[] = { empty, text, list, sound, folder };
  for (guint i = 0; i < G_N_ELEMENTS (none); i++) {
    g_autoptr (GError) error = NULL;
    RvFilmInfo info;
    g_test_message ("%s", none[i]);
    g_assert_false (rv_film_probe (none[i], &info, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_null (strchr (error->message, '\n'));
  }
  g_autoptr (GError) error = NULL, missing = NULL;
  gint64 n = read_all (cut, NULL, NULL, &error);
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_cmpint (n, >, 10); /* what is whole is good */
  g_assert_cmpint (n, <, 75);
  g_assert_cmpint (read_all ("/nonexistent.mp4", NULL, NULL, &missing), ==, 0);
  g_assert_error (missing, RV_ERROR, RV_ERROR_FILE);
}

/* A reader that is left in the middle, and one whose film is far longer than anybody reads. */
static void
test_left (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path =
    make ("long.mp4", "-f lavfi -i testsrc2=s=320x240:r=25:d=20 -pix_fmt yuv420p -preset ultrafast");
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (path, NULL, &error);
  g_autoptr (RvImage) first = rv_film_reader_next (reader, &error);
  g_assert_no_error (error);
  g_assert_nonnull (first);
}

/* Coders may be silent for long while they compute, at a film's end above all; one that does nothing is waited for no
 * longer than that. What is fed from outside gets no such patience: it may be made to compute for ever. */
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
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const char *const argv[] = { "sh", "-c", cases[i].script, NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (RvChild) child = rv__child_start (argv, cases[i].feeds, (gsize) 1 << 30, &error);
    g_assert_no_error (error);
    rv__child_set_patience (child, i < 2 ? 500 : 100);
    g_test_message ("%s", cases[i].script);
    g_assert_true (rv__child_end (child, &error) == cases[i].ends);
    g_assert_true (cases[i].ends || strstr (error->message, "sent nothing for a minute"));
  }
}

static void
test_without_ffmpeg (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *film = path_of ("plain.mp4");
  g_autoptr (GError) error = NULL, written = NULL;
  const RvFilmInfo info = { .width = 64, .height = 48, .rate_num = 10, .rate_den = 1, .bits = 8 };
  g_file_set_contents (film, "a film", -1, NULL);
  g_setenv ("PATH", folder, TRUE);
  g_assert_null (rv_film_reader_new (film, NULL, &error));
  g_assert_null (rv_film_writer_new (film, &info, NULL, &written));
  g_setenv ("PATH", path, TRUE);
  g_assert_nonnull (strstr (error->message, "install ffmpeg"));
  g_assert_nonnull (strstr (written->message, "install ffmpeg"));
}

/* A base rate that is none says nothing of the rate; the mean is taken. An ffprobe that says so stands for such a film.
 */
static void
test_odd_rate (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH")), *ffprobe = path_of ("ffprobe"), *film = path_of ("odd.mp4");
  g_autoptr (GError) error = NULL;
  RvFilmInfo info;
  g_file_set_contents (film, "a film", -1, NULL);
  g_file_set_contents (ffprobe,
                       "#!/bin/sh\necho '{\"streams\": [{\"codec_type\": \"video\", \"width\": 64, \"height\": 48, "
                       "\"r_frame_rate\": \"90000/1\", \"avg_frame_rate\": \"25/1\", \"duration\": \"2.0\"}]}'\n",
                       -1, NULL);
  g_chmod (ffprobe, 0700);
  g_setenv ("PATH", folder, TRUE);
  gboolean ok = rv_film_probe (film, &info, &error);
  g_setenv ("PATH", path, TRUE);
  g_unlink (ffprobe);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (info.rate_num, ==, 25);
  g_assert_cmpint (info.rate_den, ==, 1);
  g_assert_cmpint (info.n_frames, ==, 50);
}

static void
test_skipped (void)
{
  g_test_skip ("no ffmpeg here");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  if (ffmpeg) {
    g_test_add_data_func ("/film/kinds", NULL, test_kinds);
    test_add_slow ("/film/kinds", "all", test_kinds);
    g_test_add_func ("/film/turned", test_turned);
    g_test_add_func ("/film/variable-rate", test_variable_rate);
    g_test_add_func ("/film/parts", test_parts);
    g_test_add_func ("/film/reason", test_reason);
    g_test_add_data_func ("/film/written", NULL, test_written);
    test_add_slow ("/film/written", "all", test_written);
    g_test_add_func ("/film/cut", test_cut);
    g_test_add_func ("/film/unfinished", test_unfinished);
    g_test_add_func ("/film/no-films", test_no_films);
    g_test_add_func ("/film/left", test_left);
  } else
    g_test_add_func ("/film/films", test_skipped);
  g_test_add_func ("/film/patience", test_patience);
  g_test_add_func ("/film/without-ffmpeg", test_without_ffmpeg);
  g_test_add_func ("/film/odd-rate", test_odd_rate);
  int code = g_test_run ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = path_of (name);
    g_unlink (path);
  }
  g_dir_close (dir);
  g_rmdir (folder);
  return code;
}
