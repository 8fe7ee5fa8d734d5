/* train.c -- reverie vae train DATA -o MODEL. Beside the model: MODEL-checkpoint.safetensors, and after each epoch
 * MODEL-samples.png, MODEL-reconstructions.png, MODEL-loss.svg and MODEL-loss.png. */
#include "base/text.h"
#include "cmd-vae.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHEET_COLUMNS 10
#define N_SAMPLES 60
#define GAP_PX 4
#define CHECKPOINT "-checkpoint.safetensors"
#define SAMPLES "-samples.png"
#define RECONSTRUCTIONS "-reconstructions.png"
#define CURVES_SVG "-loss.svg"
#define CURVES_PNG "-loss.png"

typedef struct {
  VaeJob *job;
  RvVae *vae;
  RvDataset *data, *held_back; /* held_back: may be NULL */
  RvVaeTraining *training;
  Progress *progress;
  gint64 began_us;
  FILE *log;
  char *checkpoint;
  gboolean stopped; /* by Ctrl-C, before all was done */
  GError *error;    /* of writing while the training goes on */
} Train;

static gboolean
save_sheet (const Train *train, const float *pixels, gint64 n, const char *suffix, GError **error)
{
  g_autofree char *file = vae_beside (train->job->own.output, suffix);
  g_autoptr (RvImage) sheet = rv_vae_sheet (train->vae, pixels, n, SHEET_COLUMNS, GAP_PX, error);
  return sheet && vae_save_picture (train->job, sheet, file, error);
}

static gboolean
save_samples (const Train *train, GError **error)
{
  int channels, height, width;
  rv_vae_picture_size (train->vae, &channels, &height, &width);
  g_autofree float *z = g_new (float, N_SAMPLES *vae_int (train->vae, "latent"));
  g_autofree float *pixels = g_new (float, (gsize) N_SAMPLES *channels *height *width);
  rv_vae_sample_prior (train->vae, N_SAMPLES, 1, vae_int (train->vae, "seed"), z);
  return rv_vae_decode (train->vae, z, N_SAMPLES, pixels, error) &&
         save_sheet (train, pixels, N_SAMPLES, SAMPLES, error);
}

/* Inputs above outputs, of pictures held back where there are any. */
static gboolean
save_reconstructions (const Train *train, GError **error)
{
  const RvDataset *data = train->held_back ? train->held_back : train->data;
  gint64 n = MIN (data->n, SHEET_COLUMNS), size = (gint64) data->channels * data->height * data->width;
  g_autofree float *mu = g_new (float, n *vae_int (train->vae, "latent"));
  g_autofree float *pixels = g_new (float, 2 * n * size);
  for (gint64 i = 0; i < n * size; i++)
    pixels[i] = (float) data->pixels[i] / 255;
  return rv_vae_encode (train->vae, data->pixels, n, mu, NULL, error) &&
         rv_vae_decode (train->vae, mu, n, pixels + n * size, error) &&
         save_sheet (train, pixels, 2 * n, RECONSTRUCTIONS, error);
}

/* The PNG is drawn by librsvg, which a machine may lack: the SVG is there in any case. */
static gboolean
save_curves (const Train *train, GError **error)
{
  g_autofree char *svg = rv_vae_plot_history (train->vae), *svg_file = vae_beside (train->job->own.output, CURVES_SVG),
                  *png_file = vae_beside (train->job->own.output, CURVES_PNG);
  g_autoptr (RvImage) image = rv_vae_plot_image (svg, NULL);
  return vae_save_text (svg_file, svg, error) && (!image || rv_image_save (image, png_file, NULL, error));
}

static gboolean
save_checkpoint (const Train *train, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_vae_training_to_map (train->training, error);
  return map && rv_weights_save (map, train->checkpoint, error);
}

static gboolean
write_log (Train *train, const RvVaeProgress *p, GError **error)
{
  char numbers[5][G_ASCII_DTOSTR_BUF_SIZE];
  const double values[] = { p->loss, p->reconstruction, p->kl, p->validation,
                            (double) (g_get_monotonic_time () - train->began_us) / G_USEC_PER_SEC };
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_ascii_formatd (numbers[i], sizeof numbers[i], "%.9g", values[i]);
  fprintf (train->log,
           "{\"epoch\": %" G_GINT64_FORMAT
           ", \"loss\": %s, \"reconstruction\": %s, \"kl\": %s, \"validation\": %s, \"seconds\": %s}\n",
           p->epoch, numbers[0], numbers[1], numbers[2], isnan (p->validation) ? "null" : numbers[3], numbers[4]);
  if (fflush (train->log) == 0 && !ferror (train->log))
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot write %s: %s", train->job->own.log, g_strerror (errno));
  return FALSE;
}

static gboolean
on_progress (const RvVaeProgress *p, gboolean epoch_ended, gpointer data)
{
  Train *train = data;
  g_autofree char *what = g_strdup_printf (
    "epoch %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.2f reconstruction %.2f KL %.2f  %.0f pictures/s", p->epoch,
    p->n_epochs, p->loss, p->reconstruction, p->kl, p->samples_per_second);
  progress_show (train->progress, p->done_01, (double) (g_get_monotonic_time () - train->began_us) / G_USEC_PER_SEC,
                 p->batch + (p->epoch - 1) * p->n_batches, what);
  if (epoch_ended && train->log && !write_log (train, p, &train->error))
    return FALSE;
  gboolean due = epoch_ended && (p->epoch % train->job->own.save_every == 0 || p->epoch == p->n_epochs);
  if (due && (!save_checkpoint (train, &train->error) || !save_samples (train, &train->error) ||
              !save_reconstructions (train, &train->error) || !save_curves (train, &train->error)))
    return FALSE;
  train->stopped = interrupt_wanted () && !(epoch_ended && p->epoch == p->n_epochs); /* then nothing is left to stop */
  return !train->stopped;
}

/* ---- before and after -------------------------------------------------------------------------------------------- */

/* *resumed: the epochs that are done. */
static gboolean
resume (Train *train, gint64 *resumed, GError **error)
{
  *resumed = 0;
  if (!train->job->own.resume || !g_file_test (train->checkpoint, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (RvTensorMap) map = rv_weights_load (train->checkpoint, RV_WEIGHTS_ALL, NULL, error);
  if (!map || !rv_vae_training_restore (train->training, map, error)) {
    g_prefix_error (error, "%s: ", train->checkpoint);
    return FALSE;
  }
  const char *epoch = rv_tensor_map_get_text (map, "training.epoch");
  *resumed = g_ascii_strtoll (epoch, NULL, 10);
  return TRUE;
}

/* What a training that was killed while it wrote has left. */
static void
remove_halves (const Train *train)
{
  static const char *const beside[] = { CHECKPOINT, SAMPLES, RECONSTRUCTIONS, CURVES_SVG, CURVES_PNG };
  rv__remove_halves (train->job->own.output);
  if (train->job->own.log)
    rv__remove_halves (train->job->own.log);
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++) {
    g_autofree char *file = vae_beside (train->job->own.output, beside[i]);
    rv__remove_halves (file);
  }
}

/* A model of the same settings replaces that of an earlier run only when asked to. */
static gboolean
check_targets (const Train *train, GError **error)
{
  const VaeOptions *own = &train->job->own;
  VaeJob checked = *train->job;
  checked.own.force |= own->resume;
  if (!vae_check_output (&checked, error))
    return FALSE;
  if (own->force || own->resume || !g_file_test (train->checkpoint, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s exists; --resume goes on from it, --force starts anew",
               train->checkpoint);
  return FALSE;
}

static gboolean
prepare (Train *train, GError **error)
{
  const VaeOptions *own = &train->job->own;
  const RvSettings *s = train->job->settings;
  gint64 resumed;
  if (!check_targets (train, error) ||
      !(train->data = vae_load_data (train->job, NULL, train->job->args[0], RV_DATASET_TRAIN, error)))
    return FALSE;
  train->vae = rv_vae_new (s, train->data->channels, train->data->height, train->data->width, error);
  if (!train->vae)
    return FALSE;
  rv_vae_note (train->vae, "data", train->data->name);
  rv_vae_note (train->vae, "data-sha256", train->data->hash);
  gint64 n_held_back = (gint64) floor (rv_settings_get_real (s, "validation", NULL) * (double) train->data->n);
  gint64 seed = rv_settings_get_int (s, "seed", NULL);
  if (n_held_back > 0 && !(train->held_back = rv_dataset_split (train->data, n_held_back, seed, error)))
    return FALSE;
  train->training = rv_vae_training_new (train->vae, train->data, train->held_back, error);
  if (!train->training || !resume (train, &resumed, error))
    return FALSE;
  if (own->resume || own->force)
    remove_halves (train);
  if (!picture_open_log (&(PictureOptions){ .log = own->log }, resumed, &train->log, error)) /* a line an epoch */
    return FALSE;
  if (!own->resume) /* --force: a later --resume must not go on from the training that this one replaces */
    g_remove (train->checkpoint);
  return TRUE;
}

static int
finish (Train *train, GError *error)
{
  if (!error && train->error)
    error = g_steal_pointer (&train->error);
  if (error)
    return run_error (error);
  if (train->stopped) {
    fprintf (stderr, "reverie: stopped; --resume goes on from the last checkpoint\n");
    return EXIT_INTERRUPTED;
  }
  g_autoptr (RvTensorMap) map = rv_vae_to_map (train->vae, &error);
  if (!map || !rv_weights_save (map, train->job->own.output, &error))
    return run_error (error);
  const RvDataset *data = train->held_back ? train->held_back : train->data;
  RvVaeScores scores;
  if (vae_int (train->vae, "epochs") > 0 &&
      rv_vae_evaluate (train->vae, data, 0, vae_int (train->vae, "seed"), NULL, NULL, NULL, &scores, NULL))
    vae_say_collapse (train->job, train->vae, scores.active_units);
  g_autofree char *time = rv__text_seconds ((double) (g_get_monotonic_time () - train->began_us) / G_USEC_PER_SEC);
  g_autofree char *what =
    g_strdup_printf ("%" G_GINT64_FORMAT " parameters, trained on %" G_GINT64_FORMAT " pictures in %s",
                     rv_vae_n_parameters (train->vae), train->data->n, time);
  return vae_say_done (train->job, what);
}

int
vae_train (VaeJob *job)
{
  GError *error = NULL;
  Train train = { .job = job, .began_us = g_get_monotonic_time () };
  int code;
  train.checkpoint = job->own.output ? vae_beside (job->own.output, CHECKPOINT) : g_strdup ("");
  if (prepare (&train, &error)) {
    train.progress = progress_new (job->own.quiet);
    train.began_us = g_get_monotonic_time ();
    rv_vae_training_run (train.training, on_progress, &train, &error);
    progress_end (train.progress);
    code = finish (&train, error);
  } else {
    code = g_error_matches (error, RV_ERROR, RV_ERROR_SETTING) ? usage_error (error) : run_error (error);
  }
  if (train.log)
    fclose (train.log);
  rv_vae_training_free (train.training);
  rv_vae_free (train.vae);
  rv_dataset_free (train.data);
  rv_dataset_free (train.held_back);
  g_clear_error (&train.error);
  g_free (train.checkpoint);
  return code;
}
