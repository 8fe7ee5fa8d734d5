/* test-vae-job.c -- training a VAE as a job: plan, reports, previews, pause, stop, resume, cancellation; public API
 * only. */
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/reverie.h>
#include <string.h>

#define N_PICTURES 10
#define N_EPOCHS 3

static char *folder, *data;

static void
make_data (void)
{
  for (guint32 k = 0; k < N_PICTURES; k++) {
    g_autofree char *file = g_strdup_printf ("%s/%02u.png", data, k);
    g_autoptr (RvImage) image = rv_image_new (32, 32, NULL);
    for (gint64 i = 0; i < 3 * 32 * 32; i++)
      ((float *) image->rgb->data)[i] = (float) (127.5 + 127 * test_number (k, (guint64) i / 5));
    g_assert_true (rv_image_save (image, file, NULL, NULL));
  }
}

/* (transfer full): a short training. @name (nullable): its output. */
static RvJob *
new_job (const char *name)
{
  RvJob *job = rv_job_new ("vae-train", NULL);
  g_assert_true (rv_job_add_file (job, "data", data, NULL));
  test_job_set (job, "architecture", "mlp");
  test_job_set (job, "width", "8");
  test_job_set (job, "latent", "2");
  test_job_set (job, "size", "28");
  test_job_set (job, "channels", "1");
  test_job_set (job, "batch", "4");
  test_job_set (job, "validation", "0.2");
  test_job_set (job, "epochs", G_STRINGIFY (N_EPOCHS));
  test_job_set (job, "threads", "1");
  g_autofree char *file = name ? g_build_filename (folder, name, NULL) : NULL;
  if (file)
    test_job_set (job, "output", file);
  return job;
}

static gboolean
exists (const char *name)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  return g_file_test (file, G_FILE_TEST_EXISTS);
}

typedef struct {
  int n_batches, n_previews, n_paused, stop_after, pause_at; /* @stop_after, @pause_at: epochs; pauses from there on */
  double kl, held_back;
  gint64 n_read;
  char *note;
  GCancellable *cancellable;
} Watching;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  Watching *watching = user_data;
  if (report->type == RV_JOB_REPORT_PREVIEW)
    watching->n_previews++;
  if (report->type == RV_JOB_REPORT_PAUSED) {
    watching->n_paused++;
    rv_job_resume (job);
  }
  if (report->type == RV_JOB_REPORT_ENDED)
    watching->n_read = report->n_read;
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  if (report->note) {
    g_free (watching->note);
    watching->note = g_strdup (report->note);
    return;
  }
  watching->n_batches++;
  watching->held_back = report->validation_loss;
  g_assert_cmpint (report->n_iterations, ==, 2 * N_EPOCHS);
  g_assert_cmpstr (report->names[1], ==, "kl");
  watching->kl = report->losses[1];
  if (watching->pause_at > 0 && report->stage >= watching->pause_at)
    rv_job_pause (job);
  if (report->stage == watching->stop_after + 1 && watching->stop_after > 0)
    rv_job_stop (job);
  if (watching->cancellable)
    g_cancellable_cancel (watching->cancellable);
}

static RvTensorMap *
train (RvJob *job, Watching *watching)
{
  GError *error = NULL;
  rv_job_subscribe (job, 1e-6, on_report, watching, NULL);
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  return rv_job_model (job);
}

static void
test_followed (void)
{
  RvJobPlan plan;
  GError *error = NULL;
  g_autofree char *odd = g_build_filename (data, "odd.png", NULL);
  Watching watching = { .pause_at = 2 };
  g_assert_true (g_file_set_contents (odd, "nothing", -1, NULL));
  g_autoptr (RvJob) job = new_job (NULL);
  rv_job_plan (job, &plan, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plan.n_iterations, ==, 2 * N_EPOCHS);
  g_assert_cmpint (plan.n_read, ==, N_PICTURES - 2);
  assert_less (0, plan.seconds);
  g_autoptr (RvTensorMap) model = train (job, &watching);
  g_remove (odd);
  g_assert_cmpint (watching.n_batches, ==, 2 * N_EPOCHS);
  g_assert_cmpint (watching.n_previews, ==, N_EPOCHS);
  g_assert_cmpint (watching.n_paused, >=, 1);
  g_assert_cmpint (watching.n_read, ==, N_PICTURES - 2);
  assert_less (0, watching.kl);
  assert_less (0, watching.held_back);
  g_assert_cmpstr (watching.note, ==, "1 of 11 files was left out");
  g_autoptr (RvVae) vae = rv_vae_from_map (model, &error);
  g_assert_no_error (error);
  g_autoptr (RvImage) samples = rv_job_result (job);
  g_assert_nonnull (samples);
  g_assert_null (rv_job_recipe (job));
  g_free (watching.note);
}

/* A run that is stopped in epoch 2 resumes from the end of epoch 1, and gives the same tensors as an undisturbed run.
 */
static void
test_resume (void)
{
  GError *error = NULL;
  Watching undisturbed = { 0 }, until = { .stop_after = 1 }, rest = { 0 };
  g_autoptr (RvJob) whole = new_job (NULL), stopped = new_job ("m.safetensors"), other = new_job ("m.safetensors"),
                    third = new_job ("m.safetensors");
  g_autoptr (RvTensorMap) expected = train (whole, &undisturbed), none = train (stopped, &until);
  g_assert_true (rv_job_was_stopped (stopped) && !none);
  g_assert_true (!exists ("m.safetensors") && exists ("m-checkpoint.safetensors") && exists ("m-samples.png"));
  g_assert_false (rv_job_check (other, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  test_job_set (other, "resume", "yes");
  g_autoptr (RvTensorMap) all = train (other, &rest);
  g_assert_cmpint (rest.n_batches, ==, 2 * (N_EPOCHS - 1));
  test_assert_same_tensors (all, expected);
  g_assert_true (exists ("m.safetensors"));
  g_assert_false (rv_job_check (third, TRUE, NULL));
}

/* A run that is stopped before its first regular checkpoint writes one, and resumes to the same tensors. */
static void
test_resume_between (void)
{
  Watching undisturbed = { 0 }, until = { .stop_after = 1 }, rest = { 0 };
  g_autoptr (RvJob) whole = new_job (NULL), stopped = new_job ("rare.safetensors"),
                    other = new_job ("rare.safetensors");
  test_job_set (stopped, "save-every", "3");
  test_job_set (other, "save-every", "3");
  test_job_set (other, "resume", "yes");
  g_autoptr (RvTensorMap) expected = train (whole, &undisturbed), none = train (stopped, &until);
  g_assert_true (rv_job_was_stopped (stopped) && !none);
  g_assert_true (exists ("rare-checkpoint.safetensors") && !exists ("rare-samples.png"));
  g_autoptr (RvTensorMap) all = train (other, &rest);
  g_assert_cmpint (rest.n_batches, ==, 2 * (N_EPOCHS - 1));
  test_assert_same_tensors (all, expected);
}

/* Pauses the job in epoch 2. Sets *there if the paused job has a checkpoint, and stops the job. */
static void
on_paused (RvJob *job, const RvJobReport *report, gpointer there)
{
  if (report->type == RV_JOB_REPORT_PROGRESS && !report->note && report->stage == 2)
    rv_job_pause (job);
  if (report->type != RV_JOB_REPORT_PAUSED)
    return;
  *(gboolean *) there = exists ("waits-checkpoint.safetensors");
  rv_job_stop (job);
}

static void
test_pause_between (void)
{
  gboolean there = FALSE;
  g_autoptr (RvJob) job = new_job ("waits.safetensors");
  test_job_set (job, "save-every", "3");
  rv_job_subscribe (job, 0, on_paused, &there, NULL);
  g_assert_true (rv_job_run (job, NULL, NULL) && rv_job_was_stopped (job));
  g_assert_true (there);
}

/* Each pause, and then a regular epoch, replaces the checkpoint of the pause before. */
static void
test_pause_again (void)
{
  Watching watching = { .pause_at = 2 };
  g_autoptr (RvJob) job = new_job ("again.safetensors");
  test_job_set (job, "save-every", "3");
  g_autoptr (RvTensorMap) model = train (job, &watching);
  g_assert_true (model && watching.n_paused > 2 && exists ("again.safetensors") && exists ("again-samples.png"));
}

static void
test_refused (void)
{
  GError *error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Watching watching = { .cancellable = cancellable };
  g_autoptr (RvImage) image = rv_image_new (32, 32, NULL);
  g_autoptr (RvJob) job = new_job ("never.safetensors"), none = rv_job_new ("vae-train", NULL), grey = new_job (NULL),
                    picture = new_job ("never.png"), live = new_job (NULL);
  g_autofree char *photo = g_build_filename (data, "00.png", NULL);
  g_assert_false (rv_job_add_picture (job, "data", image, NULL));
  g_assert_false (rv_job_check (none, TRUE, NULL));
  test_job_set (grey, "channels", "2");
  g_assert_false (rv_job_check (grey, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  test_job_set (grey, "channels", "1");
  test_job_set (grey, "sigma", "-1");
  g_assert_false (rv_job_check (grey, TRUE, &error));
  g_assert_cmpstr (rv_error_option (error), ==, "sigma");
  g_clear_error (&error);
  g_assert_false (rv_job_check (picture, TRUE, &error));
  g_assert_cmpstr (rv_error_option (error), ==, "output");
  g_clear_error (&error);
  test_job_set (live, "live", photo);
  test_job_set (live, "force", "true");
  g_assert_false (rv_job_check (live, TRUE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "00.png is an input; write to another file"));
  g_clear_error (&error);
  rv_job_subscribe (job, 0, on_report, &watching, NULL);
  g_assert_false (rv_job_run (job, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_cmpint (watching.n_batches, ==, 1);
  g_assert_false (exists ("never.safetensors") || exists ("never-checkpoint.safetensors"));
  g_clear_error (&error);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    g_remove (file);
  }
  g_rmdir (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("reverie-vae-XXXXXX", NULL);
  data = g_dir_make_tmp ("reverie-vae-data-XXXXXX", NULL);
  make_data ();
  g_test_add_func ("/vae-job/followed", test_followed);
  g_test_add_func ("/vae-job/resume", test_resume);
  g_test_add_func ("/vae-job/resume-between", test_resume_between);
  g_test_add_func ("/vae-job/pause-between", test_pause_between);
  g_test_add_func ("/vae-job/pause-again", test_pause_again);
  g_test_add_func ("/vae-job/refused", test_refused);
  int failed = g_test_run ();
  remove_folder (folder);
  remove_folder (data);
  g_free (folder);
  g_free (data);
  return failed;
}
