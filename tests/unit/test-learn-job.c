/* test-learn-job.c -- training a style network as a job: plan, reports, previews, pause, stop, resume, cancellation,
 * branch; public API only. */
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/reverie.h>
#include <string.h>

#define SIDE_PX 72
#define N_PHOTOS 3
#define N_STEPS 3

static char *folder;

static void
add (RvJob *job, const char *role, guint32 stream, int width, int height)
{
  GError *error = NULL;
  g_autoptr (RvImage) image = test_made_image (width, height, stream);
  rv_job_add_picture (job, role, image, &error);
  g_assert_no_error (error);
}

static RvJob *
new_job (void)
{
  RvJob *job = rv_job_new ("learn", NULL);
  add (job, "style", 1, SIDE_PX, SIDE_PX);
  for (guint32 i = 0; i < N_PHOTOS; i++)
    add (job, "photo", 2 + i, SIDE_PX, SIDE_PX + 8 * (int) i);
  test_job_set (job, "from-scratch", "yes");
  test_job_set (job, "crop", "64");
  test_job_set (job, "batch", "1");
  test_job_set (job, "iterations", G_STRINGIFY (N_STEPS));
  test_job_set (job, "threads", "1");
  test_job_set (job, "exact", "yes");
  return job;
}

static RvJob *
new_job_to (const char *name)
{
  RvJob *job = new_job ();
  g_autofree char *file = g_build_filename (folder, name, NULL);
  test_job_set (job, "output", file);
  test_job_set (job, "force", "yes");
  test_job_set (job, "state-every", "0");
  return job;
}

typedef struct {
  int n_steps, n_previews, n_notes, pause_at, stop_at;
  double style;     /* style loss */
  double held_back; /* validation loss of the last step */
  char *label, *note;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Watching *watching = data;
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    watching->n_previews++;
    g_assert_cmpint (report->picture->width, >, 2 * 192);
  }
  if (report->type == RV_JOB_REPORT_PROGRESS && report->note) {
    watching->n_notes++;
    g_free (watching->label);
    g_free (watching->note);
    watching->label = g_strdup (report->label);
    watching->note = g_strdup (report->note);
  } else if (report->type == RV_JOB_REPORT_PROGRESS) {
    watching->n_steps++;
    watching->held_back = report->validation_loss;
    for (int i = 0; report->names[i]; i++)
      if (strcmp (report->names[i], "style") == 0)
        watching->style = report->losses[i];
    if (report->iteration == watching->stop_at)
      rv_job_stop (job);
    if (report->iteration == watching->pause_at)
      rv_job_pause (job);
  }
  if (report->type == RV_JOB_REPORT_PAUSED)
    rv_job_resume (job);
}

static RvTensorMap *
learn (RvJob *job, Watching *watching)
{
  GError *error = NULL;
  rv_job_subscribe (job, watching->n_previews < 0 ? 0 : 1e-6, on_report, watching, NULL);
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  RvTensorMap *model = rv_job_model (job);
  g_assert_nonnull (model);
  return model;
}

static void
watching_clear (Watching *watching)
{
  g_free (watching->label);
  g_free (watching->note);
}

static void
test_followed (void)
{
  RvJobPlan plan;
  GError *error = NULL;
  Watching watching = { .pause_at = 2 };
  g_autoptr (RvJob) job = new_job ();
  g_assert_null (rv_job_model (job));
  rv_job_plan (job, &plan, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plan.n_iterations, ==, N_STEPS);
  g_assert_cmpint (plan.n_read, ==, N_PHOTOS);
  g_assert_cmpint (plan.width, ==, 0);
  g_assert_true (plan.seconds > 0 && plan.peak_bytes > 0 && plan.backend);
  g_autoptr (RvTensorMap) model = learn (job, &watching);
  g_assert_cmpint (watching.n_steps, ==, N_STEPS);
  g_assert_cmpint (watching.n_previews, ==, N_STEPS);
  assert_less (0, watching.style);
  g_assert_true (isnan (watching.held_back));
  g_assert_cmpstr (watching.note, ==, "3 photographs are few: results look better with 50 or more");
  g_assert_null (watching.label);
  g_autoptr (RvStyleNet) style_net = rv_style_net_from_map (model, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_style_net_style_name (style_net, 0), ==, "style-1");
  g_autoptr (RvImage) sheet = rv_job_result (job);
  g_assert_cmpint (sheet->width, >, 3 * 192);
  const float *last = (const float *) sheet->rgb->data + (gsize) (sheet->height - 1) * (gsize) sheet->width;
  for (int x = 0; x < sheet->width; x++) /* a sheet of one style has no space for names, and none are drawn */
    assert_less (254, last[x]);
  g_assert_null (rv_job_recipe (job));
  watching_clear (&watching);
}

/* (transfer full): the model of a branch from the first snapshot of @job. */
static RvTensorMap *
branch_off (RvJob *job)
{
  GError *error = NULL;
  Watching rest = { .n_previews = -1 };
  g_autoptr (GPtrArray) moments = rv_job_snapshots (job);
  g_assert_cmpuint (moments->len, >, 0);
  g_autoptr (RvJob) branch = rv_job_branch (job, moments->pdata[0], &error);
  g_assert_no_error (error);
  RvTensorMap *all = learn (branch, &rest);
  g_assert_cmpint (rest.n_steps, ==, N_STEPS - 2);
  watching_clear (&rest);
  return all;
}

/* A stopped run writes a style network and a checkpoint. The run that resumes from the checkpoint gives the numbers of
 * an undisturbed run, and so does a branch from a snapshot. */
static void
test_resume (void)
{
  g_autofree char *file = g_build_filename (folder, "painter.safetensors", NULL),
                  *state = g_strconcat (file, ".state.safetensors", NULL);
  Watching undisturbed = { .n_previews = -1 }, rest = { .n_previews = -1 };
  Watching until = { .stop_at = 1, .n_previews = -1 }; /* takes effect after the next step */
  g_autoptr (RvJob) whole = new_job (), stopped = new_job_to ("painter.safetensors"),
                    other = new_job_to ("painter.safetensors");
  rv_job_keep_snapshots (whole, 2, 0, 10, 1 << 28);
  g_autoptr (RvTensorMap) expected = learn (whole, &undisturbed), part = learn (stopped, &until),
                          branched = branch_off (whole);
  g_assert_true (rv_job_was_stopped (stopped));
  g_assert_cmpint (until.n_steps, ==, 2);
  g_assert_true (g_file_test (state, G_FILE_TEST_EXISTS));
  g_autoptr (RvTensorMap) written = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
  test_assert_same_tensors (part, written);
  test_job_set (other, "resume", "yes");
  g_autoptr (RvTensorMap) all = learn (other, &rest);
  g_assert_cmpint (rest.n_steps, ==, N_STEPS - 2);
  test_assert_same_tensors (all, expected);
  test_assert_same_tensors (branched, expected);
  g_assert_false (g_file_test (state, G_FILE_TEST_EXISTS));
  watching_clear (&undisturbed);
  watching_clear (&until);
  watching_clear (&rest);
}

/* Photographs are given as folders and files together. Unusable photographs are named in notes. */
static void
test_photographs (void)
{
  g_autofree char *photos = g_build_filename (folder, "photos", NULL),
                  *broken = g_build_filename (photos, "a.png", NULL), *fine = g_build_filename (photos, "b.png", NULL),
                  *hidden = g_build_filename (photos, ".c.png", NULL);
  Watching watching = { .stop_at = 1, .n_previews = -1 };
  g_autoptr (RvJob) job = new_job ();
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 9);
  g_assert_cmpint (g_mkdir (photos, 0700), ==, 0);
  g_assert_true (g_file_set_contents (broken, "nothing", -1, NULL) &&
                 g_file_set_contents (hidden, "nothing", -1, NULL) && rv_image_save (image, fine, NULL, NULL));
  g_assert_true (rv_job_add_file (job, "photo", photos, NULL) && rv_job_add_file (job, "photo", fine, NULL));
  add (job, "photo", 8, 60, 8 * 60 + 1); /* too narrow */
  RvJobPlan plan;
  g_assert_true (rv_job_plan (job, &plan, NULL));
  g_assert_cmpint (plan.n_read, ==, N_PHOTOS + 2);
  g_autoptr (RvTensorMap) model = learn (job, &watching);
  g_assert_cmpint (watching.n_notes, ==, 3);
  Watching later = { .stop_at = 1, .n_previews = -1 };
  g_autoptr (RvJob) started = new_job ();
  g_assert_true (rv_job_add_file (started, "photo", photos, NULL));
  add (started, "photo", 8, 60, 8 * 60 + 1);
  rv_job_subscribe (started, 0, on_report, &later, NULL);
  g_assert_true (rv_job_start (started, NULL, NULL) && rv_job_wait (started, NULL)); /* nothing iterates the context */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (later.n_notes, ==, 3);
  watching_clear (&later);
  watching_clear (&watching);
  g_remove (broken);
  g_remove (fine);
  g_remove (hidden);
  g_rmdir (photos);
}

static void
refused (RvJob *job, RvError code, const char *text)
{
  GError *error = NULL;
  g_assert_false (rv_job_run (job, NULL, &error));
  g_assert_error (error, RV_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
  g_clear_error (&error);
  rv_job_unref (job);
}

static RvJob *
job_with (const char *name, const char *value)
{
  RvJob *job = new_job ();
  test_job_set (job, name, value);
  return job;
}

static void
test_refused (void)
{
  GError *error = NULL;
  g_autoptr (RvImage) image = test_made_image (SIDE_PX, SIDE_PX, 1);
  RvJob *job = new_job ();
  g_assert_false (rv_job_add_picture (job, "painter", image, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (rv_job_change_pictures (job, "painter", &image, 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_true (rv_job_add_file (job, "painter", "/nowhere", NULL));
  refused (job, RV_ERROR_SETTING, "from-scratch");
  refused (rv_job_new ("learn", NULL), RV_ERROR_SETTING, "'style'");
  refused (job_with ("output", "x.png"), RV_ERROR_SETTING, ".safetensors");
  refused (job_with ("size", "300"), RV_ERROR_SETTING, "'size'");
  refused (job_with ("save-every", "1"), RV_ERROR_SETTING, "'save-every'");
  refused (job_with ("plot", "x.png"), RV_ERROR_SETTING, ".svg");
  refused (job_with ("steer", "1:batch=2"), RV_ERROR_SETTING, "steer");
  static const char *const texts[][2] = { { "time", "soon" }, { "memory", "much" }, { "name", "Two Words" } },
                           *const checked[][2] = { { "style-layers", "conv9_9" }, { "micro-batches", "3" } };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (RvJob) text = new_job ();
    g_assert_false (rv_job_set (text, texts[i][0], texts[i][1], &error));
    g_assert_cmpstr (rv_error_option (error), ==, texts[i][0]);
    g_clear_error (&error);
  }
  for (guint i = 0; i < G_N_ELEMENTS (checked); i++) {
    g_autoptr (RvJob) other = job_with (checked[i][0], checked[i][1]);
    g_assert_false (rv_job_check (other, FALSE, &error));
    g_assert_cmpstr (rv_error_option (error), ==, checked[i][0]);
    g_clear_error (&error);
  }
  job = job_with ("network", "a.pth");
  test_job_set (job, "weights", "b.pth");
  refused (job, RV_ERROR_SETTING, "cannot be combined with 'weights'");
  job = job_with ("micro-batches", "3");
  test_job_set (job, "weights", "b.pth");
  refused (job, RV_ERROR_SETTING, "'micro-batches'");
  job = new_job ();
  g_assert_true (rv_job_add_file (job, "photo", "/nowhere", NULL));
  refused (job, RV_ERROR_FILE, "/nowhere");
  job = new_job ();
  add (job, "style", 3, SIDE_PX, SIDE_PX);
  test_job_set (job, "name", "two");
  refused (job, RV_ERROR_SETTING, "'as-one'");
}

static void
cancel_at (RvJob *job, const RvJobReport *report, gpointer cancellable)
{
  if (report->type == RV_JOB_REPORT_PROGRESS && report->iteration == 1)
    g_cancellable_cancel (cancellable);
}

static void
test_cancelled (void)
{
  GError *error = NULL;
  g_autofree char *file = g_build_filename (folder, "never.safetensors", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RvJob) job = new_job_to ("never.safetensors"), late = new_job ();
  rv_job_subscribe (job, 0, cancel_at, cancellable, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_null (rv_job_model (job));
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  rv_job_stop (late); /* before anything is read */
  g_assert_false (rv_job_run (late, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-learn-XXXXXX", NULL);
  g_test_add_func ("/learn-job/followed", test_followed);
  g_test_add_func ("/learn-job/resume", test_resume);
  g_test_add_func ("/learn-job/photographs", test_photographs);
  g_test_add_func ("/learn-job/refused", test_refused);
  g_test_add_func ("/learn-job/cancelled", test_cancelled);
  int failed = g_test_run ();
  g_autofree char *file = g_build_filename (folder, "painter.safetensors", NULL);
  g_remove (file);
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* nothing else remains */
  g_free (folder);
  return failed;
}
