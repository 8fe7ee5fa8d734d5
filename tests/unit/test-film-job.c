/* test-film-job.c -- films as jobs: planned, watched frame by frame, paused, stopped and gone on with, cancelled. */
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/film.h>
#include <reverie/reverie.h>
#include <string.h>

#define WIDTH 64
#define HEIGHT 48
#define N_FRAMES 4

static char *folder, *clip;

static RvImage *
picture (guint32 stream)
{
  RvImage *image = rv_image_new (WIDTH, HEIGHT, NULL);
  for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
    ((float *) image->rgb->data)[i] = (float) (127.5 + 127 * test_number (stream, (guint64) i / 5));
  return image;
}

static char *
path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
exists (const char *name)
{
  g_autofree char *file = path (name);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* Every frame has another light, so that none stands still. */
static void
make_clip (void)
{
  const RvFilmInfo info = { .width = WIDTH, .height = HEIGHT, .rate_num = 8, .rate_den = 1, .bits = 8 };
  const RvFilmSettings settings = { .codec = "ffv1" };
  clip = path ("clip.mkv");
  g_autoptr (RvFilmWriter) writer = rv_film_writer_new (clip, &info, &settings, NULL);
  g_assert_nonnull (writer);
  for (int k = 0; k < N_FRAMES; k++) {
    g_autoptr (RvImage) frame = picture (3);
    for (gint64 i = 0; i < 3 * WIDTH * HEIGHT; i++)
      ((float *) frame->rgb->data)[i] *= 1 - 0.1f * (float) k;
    g_assert_true (rv_film_writer_add (writer, frame, NULL));
  }
  g_assert_true (rv_film_writer_finish (writer, NULL));
}

static gint64
n_frames_of (const char *name)
{
  g_autofree char *file = path (name);
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (file, NULL, NULL);
  gint64 n = 0;
  for (RvImage *frame; reader && (frame = rv_film_reader_next (reader, NULL)); n++)
    rv_image_unref (frame);
  return n;
}

static void
set (RvJob *job, const char *name, const char *value)
{
  GError *error = NULL;
  rv_job_set (job, name, value, &error);
  g_assert_no_error (error);
}

/* (transfer full): small and exact, to that file. */
static RvJob *
new_job (const char *kind, const char *name)
{
  RvJob *job = rv_job_new (kind, NULL);
  gboolean is_style = strcmp (kind, "style-film") == 0;
  g_autoptr (RvImage) style = picture (2);
  g_autofree char *file = path (name);
  g_assert_true (rv_job_add_file (job, "content", clip, NULL));
  g_assert_true (!is_style || rv_job_add_picture (job, "style", style, NULL));
  if (!is_style)
    set (job, "preset", "test");
  set (job, is_style ? "climb-from" : "octaves", is_style ? "0" : "1");
  set (job, "iterations", "2");
  set (job, "frame-iterations", "2");
  set (job, "exact", "yes");
  set (job, "threads", "1");
  set (job, "output", file);
  return job;
}

/* What is asked of a job at a frame, and what it then says. */
typedef struct {
  int at;
  void (*what) (RvJob *job);
  GCancellable *cancellable;
  int n_previews, n_pauses, n_losses;
  RvJobReport end;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watching *watching = data;
  g_assert_cmpint (report->frame, <=, N_FRAMES);
  if (report->type == RV_JOB_PREVIEW) {
    g_assert_cmpint (report->picture->width, ==, WIDTH);
    watching->n_previews++;
  }
  if (report->type == RV_JOB_PAUSED) {
    watching->n_pauses++;
    rv_job_resume (job);
  }
  if (report->type == RV_JOB_ENDED)
    watching->end = *report;
  if (report->type != RV_JOB_PROGRESS)
    return;
  watching->n_losses = MAX (watching->n_losses, (int) g_strv_length ((char **) report->names));
  if (report->frame != watching->at)
    return;
  watching->at = 0; /* once */
  if (watching->what)
    watching->what (job);
  g_cancellable_cancel (watching->cancellable);
}

static void
run (RvJob *job, Watching *watching)
{
  GError *error = NULL;
  rv_job_subscribe (job, 1e-6, on_report, watching, NULL);
  rv_job_run (job, watching->cancellable, &error);
  g_assert_no_error (error);
}

static void
assert_same_files (const char *a, const char *b)
{
  g_autofree char *file_a = path (a), *file_b = path (b), *bytes_a = NULL, *bytes_b = NULL;
  gsize n_a, n_b;
  g_assert_true (g_file_get_contents (file_a, &bytes_a, &n_a, NULL));
  g_assert_true (g_file_get_contents (file_b, &bytes_b, &n_b, NULL));
  g_assert_cmpmem (bytes_a, n_a, bytes_b, n_b);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

static void
test_refused (void)
{
  static const struct {
    const char *name, *value, *option;
  } wrong[] = {
    { "from", "soon", "from" },          { "to", "0", "to" },         { "until", "5", "until" },
    { "save-every", "1", "save-every" }, { "plot", "a.svg", "plot" }, { "output", "a.png", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_job ("style-film", "refused.mp4");
    set (job, wrong[i].name, wrong[i].value);
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_cmpstr (rv_error_option (error), ==, wrong[i].option);
  }
  g_autoptr (GError) in_memory = NULL;
  g_autoptr (RvJob) job = rv_job_new ("dream-film", NULL);
  g_autoptr (RvImage) image = picture (1);
  g_assert_true (rv_job_add_picture (job, "content", image, NULL));
  g_assert_false (rv_job_check (job, TRUE, &in_memory));
  g_assert_error (in_memory, RV_ERROR, RV_ERROR_SETTING);
}

/* The job may be run after it, and has all its frames. */
static void
test_plan (void)
{
  static const char *const kinds[] = { "style-film", "dream-film" };
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    RvJobPlan plan;
    Watching watching = { 0 };
    g_autofree char *name = g_strconcat (kinds[k], ".mp4", NULL), *recipe = g_strconcat (name, ".json", NULL);
    g_autoptr (RvJob) job = new_job (kinds[k], name);
    g_assert_true (rv_job_plan (job, &plan, NULL));
    g_assert_cmpint (plan.width, ==, WIDTH);
    g_assert_cmpint (plan.n_frames, ==, N_FRAMES);
    g_assert_cmpfloat_with_epsilon (plan.seconds, plan.first_frame_s + (N_FRAMES - 1) * plan.next_frame_s, 1e-9);
    g_assert_cmpuint (plan.kept_bytes, ==, (gsize) 3 * WIDTH * HEIGHT * N_FRAMES);
    g_assert_false (exists (name));
    run (job, &watching);
    g_assert_cmpint (watching.end.frame, ==, N_FRAMES);
    g_assert_cmpfloat (watching.end.warping_error, >=, 0);
    g_assert_cmpint (watching.n_previews, ==, N_FRAMES);
    g_assert_true ((watching.n_losses > 0) == (k == 0));
    g_assert_cmpint (n_frames_of (name), ==, N_FRAMES);
    g_assert_true (exists (recipe));
    g_autoptr (RvImage) result = rv_job_result (job);
    g_assert_cmpint (result->width, ==, WIDTH);
  }
}

/* Stopped while the third frame is made: a film of two, from which another job goes on. */
static void
test_stop (void)
{
  Watching watching = { .at = 3, .what = rv_job_stop }, undisturbed = { 0 }, paused = { .at = 2, .what = rv_job_pause };
  g_autoptr (RvJob) whole = new_job ("style-film", "whole.mp4"), job = new_job ("style-film", "stop.mp4"),
                    after = new_job ("style-film", "stop.mp4");
  run (whole, &paused);
  g_assert_cmpint (paused.n_pauses, ==, 1);
  set (job, "state-every", "0.001");
  run (job, &watching);
  g_assert_true (rv_job_was_stopped (job) && watching.end.stopped);
  g_assert_cmpint (n_frames_of ("stop.mp4"), ==, 2);
  g_assert_true (exists ("stop.mp4.state.safetensors") && exists ("stop.mp4.frames"));
  set (after, "resume", "yes");
  g_assert_false (rv_job_is_made (after));
  run (after, &undisturbed);
  g_assert_false (exists ("stop.mp4.state.safetensors") || exists ("stop.mp4.frames"));
  assert_same_files ("whole.mp4", "stop.mp4");
}

/* (transfer full): of the built-in painter as a file, if @file, which `with` calls by its name. */
static RvJob *
new_with (const char *name, gboolean file)
{
  RvJob *job = rv_job_new ("style-film", NULL);
  g_autofree char *output = path (name), *painter_file = path ("painter.safetensors");
  g_autoptr (RvPainter) painter = rv_painter_new_builtin (NULL);
  g_autoptr (RvTensorMap) map = rv_painter_to_map (painter, NULL);
  g_assert_true (rv_weights_save (map, painter_file, NULL));
  g_assert_true (rv_job_add_file (job, "content", clip, NULL));
  g_assert_true (!file || rv_job_add_file (job, "painter", painter_file, NULL));
  set (job, "with", file ? "painter.safetensors:munch-scream,hokusai-wave:2" : "builtin:munch-scream,hokusai-wave:2");
  set (job, "threads", "1");
  set (job, "output", output);
  return job;
}

/* In learnt styles: planned, stopped, gone on with; made again from its recipe. A frame has no steps to be stopped in:
 * the one after it is made, too. */
static void
test_with (void)
{
  Watching watching = { .at = 1, .what = rv_job_stop }, undisturbed = { 0 }, again = { 0 };
  RvJobPlan plan;
  g_autofree char *recipe = NULL, *recipe_file = path ("with.mp4.json"), *output = path ("with-again.mp4");
  g_autoptr (RvJob) whole = new_with ("with.mp4", TRUE), job = new_with ("with-stop.mp4", TRUE),
                    after = new_with ("with-stop.mp4", TRUE);
  g_assert_true (rv_job_plan (whole, &plan, NULL));
  g_assert_cmpint (plan.n_frames, ==, N_FRAMES);
  g_assert_cmpfloat (plan.first_frame_s, >, 0);
  g_assert_cmpfloat (plan.next_frame_s, >, plan.first_frame_s);
  run (whole, &undisturbed);
  g_assert_cmpint (undisturbed.n_losses, ==, 0);
  g_assert_cmpfloat (undisturbed.end.warping_error, >, 0);
  run (job, &watching);
  g_assert_cmpint (n_frames_of ("with-stop.mp4"), ==, 2);
  set (after, "resume", "yes");
  run (after, &again);
  assert_same_files ("with.mp4", "with-stop.mp4");

  g_assert_true (g_file_get_contents (recipe_file, &recipe, NULL, NULL));
  g_assert_null (strstr (recipe, "iterations"));
  g_assert_null (strstr (recipe, "\"network\""));
  const char *folders[] = { folder, NULL };
  g_autoptr (RvJob) redone = rv_job_new_from_recipe (recipe, rv_recipe_find_in, (gpointer) folders, NULL, NULL);
  g_assert_nonnull (redone);
  set (redone, "output", output);
  run (redone, &again);
  assert_same_files ("with.mp4", "with-again.mp4");
}

static void
test_with_refused (void)
{
  static const struct {
    const char *name, *value, *role;
  } wrong[] = {
    { "with", "no-style", NULL },
    { "with", "hokusai-wave", "style" },
    { "with", "hokusai-wave", "protect" },
    { "with", "/etc/passwd", NULL },
    { "with", "", NULL },
    { "with", "hokusai-wave", "mask" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvJob) job = new_with ("refused.mp4", FALSE);
    g_autoptr (RvImage) image = picture (4);
    set (job, wrong[i].name, wrong[i].value);
    for (int n = 0; wrong[i].role && n < 2; n++) /* two masks for one style */
      if (n == 0 || strcmp (wrong[i].role, "mask") == 0)
        g_assert_true (rv_job_add_picture (job, wrong[i].role, image, NULL));
    g_assert_false (rv_job_check (job, TRUE, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Watching watching = { .at = 2, .cancellable = cancellable };
  g_autoptr (RvJob) job = new_job ("dream-film", "cancel.mp4");
  set (job, "state-every", "0");
  rv_job_subscribe (job, 0, on_report, &watching, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_false (exists ("cancel.mp4") || exists ("cancel.mp4.frames") || exists ("cancel.mp4.state.safetensors"));
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *file = path (name);
    g_unlink (file);
  }
  g_rmdir (folder);
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
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  folder = g_dir_make_tmp ("reverie-film-job-XXXXXX", NULL);
  if (ffmpeg) {
    make_clip ();
    g_test_add_func ("/film-job/refused", test_refused);
    g_test_add_func ("/film-job/plan", test_plan);
    g_test_add_func ("/film-job/stop", test_stop);
    g_test_add_func ("/film-job/with", test_with);
    g_test_add_func ("/film-job/with-refused", test_with_refused);
    g_test_add_func ("/film-job/cancel", test_cancel);
  } else
    g_test_add_func ("/film-job/jobs", test_skipped);
  int code = g_test_run ();
  remove_folder ();
  g_free (clip);
  g_free (folder);
  return code;
}
