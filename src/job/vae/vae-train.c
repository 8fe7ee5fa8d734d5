/* vae-train.c -- jobs that train a variational autoencoder. Training resumes from MODEL-checkpoint.safetensors, next to
 * the model. Epochs also write MODEL-samples.png, MODEL-reconstructions.png, MODEL-loss.svg and MODEL-loss.png. */
#include "base/error.h"
#include "base/settings.h"
#include "base/system.h"
#include "io/atomic-file.h"
#include "io/dataset/dataset-internal.h"
#include "job/core/job-class.h"
#include "method/compute.h"
#include "method/vae/vae-internal.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

#define SHEET_COLUMNS 10
#define N_SAMPLES 60
#define GAP_PX 4
#define MAX_NORMAL 500 /* pictures whose scores are stored */
#define TRIAL_STEPS 3  /* steps of a planning run */
#define CURVES_SVG "-loss.svg"

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  gint64 size_px, channels, save_every;
  char *condition;
} TrainOptions;

#define FIELD(f) offsetof (TrainOptions, f)

static const RvOption table[] = {
  { "size", 0, RV_OPTION_INT, FIELD (size_px), "64", 28, 128, .unit = "PX",
    .help = "folder of pictures: side to which they are scaled", .group = "pictures" },
  { "channels", 0, RV_OPTION_INT, FIELD (channels), "3", 1, 3, .unit = "1|3",
    .help = "folder of pictures: grey or RGB" },
  { "condition", 0, RV_OPTION_TEXT, FIELD (condition), .unit = "FILE|labels",
    .help =
      "conditional model: the labels of the data (subfolders, or IDX), or those in FILE: IDX, or CSV of file name "
      "and label" },
  { "save-every", 0, RV_OPTION_INT, FIELD (save_every), "1", 1, 1e6, .unit = "EPOCHS",
    .help = "write a checkpoint, samples and curves every EPOCHS epochs" },
  { NULL },
};

const RvSettingsClass rv__settings_vae_train = {
  .kind = "vae-train", .command = "vae", .table = table, .size = sizeof (TrainOptions)
};

/* Fields of the kind "vae-train", borrowed from @request. */
static const TrainOptions *
options_of (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): @output without RV_TRAINING_MODEL, + @suffix: "model-loss.svg" for model.safetensors and
 * "-loss.svg". NULL: @output is NULL. */
static char *
sibling_of (const char *output, const char *suffix)
{
  return output ? g_strdup_printf ("%.*s%s", (int) (strlen (output) - strlen (RV_TRAINING_MODEL)), output, suffix)
                : NULL;
}

/* sibling_of() the setting `output`. */
static char *
sibling (const RvJobRequest *request, const char *suffix)
{
  return sibling_of (request->options->output, suffix);
}

/* RvJobClass.check. Sets has_no_checkpoint: training writes a checkpoint of another kind, and keeps it at the end,
 * since more epochs may follow. RV_ERROR_SETTING for the suffix of `output`, options of pictures (such as 'width',
 * 'plot'), `channels` 2, and by rv__vae_settings_check(). */
static gboolean
check (RvJobRequest *request, GError **error)
{
  const RvPictureOptions *options = request->options;
  request->has_no_checkpoint = TRUE;
  if (options->width_px || options->height_px || options->timeline || options->plot || options->weights)
    return rv__error_setting (error, "width,height,timeline,plot,weights",
                              "training cannot be combined with 'width', 'height', 'timeline', 'plot' or 'weights'");
  if (options->output && !g_str_has_suffix (options->output, RV_TRAINING_MODEL))
    return rv__error_setting (error, "output", "%s: a model is written as " RV_TRAINING_MODEL, options->output);
  if (options_of (request)->channels == 2)
    return rv__error_setting (error, "channels", "'channels' must be 1 or 3, not 2");
  return rv__vae_settings_check (request->settings->fields, error);
}

static const char *const epoch_files[] = { RV_TRAINING_SAMPLES, RV_TRAINING_RECONSTRUCTIONS, CURVES_SVG,
                                           RV_TRAINING_CURVES };

/* (transfer full) (element-type utf8): the files that the training writes, the same on all ranks. Unset: NULL. */
static GPtrArray *
list_outputs (const RvJobRun *run)
{
  const char *output = run->request.requested_output;
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (files, g_strdup (output));
  g_ptr_array_add (files, rv_job_get (run->job, "log", NULL));
  g_ptr_array_add (files, rv_job_get (run->job, "live", NULL));
  g_ptr_array_add (files, sibling_of (output, RV_TRAINING_CHECKPOINT));
  for (guint i = 0; i < G_N_ELEMENTS (epoch_files); i++)
    g_ptr_array_add (files, sibling_of (output, epoch_files[i]));
  return files;
}

/* Whether `resume` is set and the checkpoint exists. The run may replace files of that training. */
static gboolean
continues_training (const RvJobRequest *request)
{
  g_autofree char *checkpoint = sibling (request, RV_TRAINING_CHECKPOINT);
  return request->state_options.resume && checkpoint && g_file_test (checkpoint, G_FILE_TEST_EXISTS);
}

/* RvJobClass.probe_files. Checks that model, log, `live` and files of an epoch can be written, are no inputs, and that
 * log and `live` are none of the others. An existing file needs `force`, a dry run, or (not `live`) `resume` of its
 * training; with any `resume` a log of an interrupted run may exist. RV_ERROR_FILE if the checkpoint exists without
 * these. */
static gboolean
probe_files (RvJobRun *run, GError **error)
{
  const RvPictureOptions *options = run->request.options;
  guint n_inputs = run->request.inputs->len;
  g_autofree const char **inputs = g_new0 (const char *, n_inputs + 2);
  gboolean continues = continues_training (&run->request);
  const char *const others[] = { options->log, continues ? NULL : options->live }; /* its own earlier pictures */
  RvImageInfo info;
  for (guint i = 0; i < n_inputs; i++) {
    inputs[i] = ((const RvJobInput *) run->request.inputs->pdata[i])->file;
    for (guint k = 0; k < G_N_ELEMENTS (others); k++)
      if (others[k] && inputs[i] && rv__atomic_file_is_inside (others[k], inputs[i]) &&
          rv_image_probe (others[k], &info, NULL))
        return rv__error_set (error, RV_ERROR_FILE, "%s is an input; write to another file", others[k]);
  }
  inputs[n_inputs] = options_of (&run->request)->condition;
  g_autofree char *checkpoint = sibling (&run->request, RV_TRAINING_CHECKPOINT);
  gboolean may_replace = options->force || options->dry_run || continues;
  RvPictureOptions log = { .output = options->output,
                           .log = options->log,
                           .live = options->live,
                           .force =
                             may_replace || (run->request.state_options.resume && rv__job_may_be_log (options->log)) },
                   output = { .output = options->output, .force = may_replace };
  if (!rv__picture_check_overwrite (&output, inputs, error) || !rv__picture_check_overwrite (&log, inputs, error) ||
      !rv__picture_check_other (options, "live", options->live, 1, 1, inputs, error))
    return FALSE;
  if (checkpoint && !may_replace && g_file_test (checkpoint, G_FILE_TEST_EXISTS))
    return rv__error_with_options (error, RV_ERROR_FILE, "resume,force",
                                   "%s exists; 'resume' continues from it, 'force' starts anew", checkpoint);
  for (guint i = 0; checkpoint && i < G_N_ELEMENTS (epoch_files); i++) {
    g_autofree char *file = log.output = output.output = sibling (&run->request, epoch_files[i]);
    if (!rv__picture_check_overwrite (&output, inputs, error) || !rv__picture_check_overwrite (&log, inputs, error))
      return FALSE;
  }
  log.output = checkpoint;
  return rv__picture_check_overwrite (&log, inputs, error);
}

/* Removes partial files of checkpoint, model, log and the files of an epoch, not of `live`. `output` must be set. */
static void
remove_partial_files (const RvJobRequest *request)
{
  g_autofree char *checkpoint = sibling (request, RV_TRAINING_CHECKPOINT);
  rv__remove_partial_files (checkpoint);
  rv__remove_partial_files (request->options->output);
  if (request->options->log)
    rv__remove_partial_files (request->options->log);
  for (guint i = 0; i < G_N_ELEMENTS (epoch_files); i++) {
    g_autofree char *file = sibling (request, epoch_files[i]);
    rv__remove_partial_files (file);
  }
}

/* ---- checks and plan --------------------------------------------------------------------------------------------- */

typedef struct {
  RvVae *vae;
  RvDataset *data, *validation_data; /* validation_data: NULL: none */
  RvVaeTraining *training;
  gboolean has_unsaved;        /* the last epoch ended without writing its checkpoint */
  gboolean checkpoint_written; /* by this run */
  gint64 began_us;
  double learning_rate; /* learning rate of the last batch; 0 before the first */
  double validation;    /* validation loss of the last epoch; NaN: none */
  int n_unused;         /* unused latent dimensions, known at the end */
} Trainer;

/* Setting @name of the model, an integer, which must exist. */
static gint64
setting_int (const Trainer *trainer, const char *name)
{
  return rv_settings_get_int (rv_vae_settings (trainer->vae), name, NULL);
}

/* Reads the input "data" into trainer->data, with labels for a conditional model. Files that the training writes are no
 * data. Unreadable files are left out, with a note for each and for their number. RV_ERROR_SETTING if a conditional
 * model gets no labels. */
static gboolean
load_data (RvJobRun *run, GError **error)
{
  Trainer *trainer = run->method;
  const TrainOptions *own = options_of (&run->request);
  const char *source = rv__request_input (&run->request, "data")->file;
  int n_threads = (int) rv_settings_get_int (run->request.settings, "threads", NULL);
  g_autoptr (GPtrArray) outputs = list_outputs (run);
  RvDataset *data = rv__dataset_load_except (source, own->condition, outputs, RV_DATASET_TRAIN, (int) own->size_px,
                                             (int) own->channels, n_threads, NULL, error);
  if (!(trainer->data = data))
    return FALSE;
  if (!data->labels && g_strcmp0 (own->condition, "subfolders") == 0)
    return rv__error_setting (error, "condition",
                              "'condition' subfolders reads no labels, which training needs; use labels");
  if (own->condition && !data->labels)
    return rv__error_setting (error, "condition",
                              "%s has no labels: put the pictures into a subfolder for each label, or give 'condition' "
                              "a FILE",
                              source);
  guint n = data->left_out ? g_strv_length (data->left_out) : 0;
  for (guint i = 0; i < n; i++)
    rv__job_note (run->job, source, g_strdup_printf ("left out: %s", data->left_out[i]));
  if (n > 0)
    rv__job_note (
      run->job, source,
      g_strdup_printf ("%u of %" G_GINT64_FORMAT " files %s left out", n, data->n + n, n == 1 ? "was" : "were"));
  return TRUE;
}

/* Restores the training from its checkpoint, and sets progress.iteration to the number of epochs done. Does nothing
 * (TRUE) without `resume`, without a checkpoint, and in a dry run. Errors name the checkpoint. */
static gboolean
resume_training (RvJobRun *run, GError **error)
{
  const Trainer *trainer = run->method;
  g_autofree char *checkpoint = sibling (&run->request, RV_TRAINING_CHECKPOINT);
  if (run->request.options->dry_run || !run->request.state_options.resume || !checkpoint ||
      !g_file_test (checkpoint, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (RvTensorMap) map = rv_weights_load (checkpoint, RV_WEIGHTS_ALL, NULL, error);
  gboolean ok = map && rv__vae_training_restore (trainer->training, map, error);
  if (map && !ok)
    g_prefix_error (error, "%s: ", checkpoint);
  if (ok)
    run->progress.iteration = g_ascii_strtoll (rv_tensor_map_get_text (map, "training.epoch"), NULL, 10);
  return ok;
}

/* RvJobClass.prepare. Sets run->method to a Trainer, also after an error: reads the data, splits off the validation
 * set, creates or resumes the training. Sends a note if ranks will be idle. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  Trainer *trainer = run->method = g_new0 (Trainer, 1);
  const RvSettings *s = run->request.settings;
  trainer->validation = NAN;
  if (!load_data (run, error))
    return FALSE;
  const RvDataset *data = trainer->data;
  char *const *labels = options_of (&run->request)->condition ? data->label_names : NULL;
  if (!(trainer->vae = rv__vae_new_labelled (s, data->channels, data->height, data->width, labels, error)))
    return FALSE;
  rv__vae_set_note (trainer->vae, "data", data->name);
  rv__vae_set_note (trainer->vae, "data-sha256", data->hash);
  gint64 n_held_back = (gint64) floor (rv_settings_get_real (s, "validation", NULL) * (double) data->n);
  gint64 seed = rv_settings_get_int (s, "seed", NULL);
  if (n_held_back > 0 && !(trainer->validation_data = rv__dataset_split (trainer->data, n_held_back, seed, error)))
    return FALSE;
  rv__job_note_idle (run->job, setting_int (trainer, "micro-batches"));
  trainer->training = rv__vae_training_new (trainer->vae, data, trainer->validation_data, error);
  return trainer->training && resume_training (run, error);
}

static void
clear (RvJobRun *run)
{
  Trainer *trainer = run->method;
  rv__vae_training_free (trainer->training);
  rv_vae_free (trainer->vae);
  rv_dataset_free (trainer->data);
  rv_dataset_free (trainer->validation_data);
  g_free (trainer);
}

/* RvVaeFunc; @data: (out): an RvVaeProgress, set to *p. FALSE, which ends the training: after TRIAL_STEPS batches, or
 * at the end of an epoch. */
static gboolean
on_trial (const RvVaeProgress *p, gboolean epoch_ended, gpointer data)
{
  *(RvVaeProgress *) data = *p;
  return p->batch < TRIAL_STEPS && !epoch_ended;
}

/* RvJobClass.plan. Measures time and memory by TRIAL_STEPS real training steps. They may change the model, so @run
 * cannot train afterwards. After an error @plan is unchanged. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const Trainer *trainer = run->method;
  RvVaeProgress last = { .n_batches = 1, .samples_per_second = 1 };
  if (!rv__vae_training_run (trainer->training, on_trial, &last, error))
    return FALSE;
  gint64 n_epochs = setting_int (trainer, "epochs");
  const char *backend = rv_settings_get_text (run->request.settings, "backend", NULL),
             *gpu = rv_settings_get_text (run->request.settings, "gpu", NULL);
  plan->peak_bytes = rv__system_resident_bytes ();
  plan->seconds = (double) (n_epochs * trainer->data->n) / last.samples_per_second;
  plan->n_stages = (int) n_epochs;
  plan->n_iterations = n_epochs * last.n_batches;
  plan->backend = rv__compute_backend (backend, gpu, NULL)->name;
  plan->n_read = trainer->data->n;
  return TRUE;
}

/* ---- files of an epoch ------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a sheet of samples of the current model; the same random numbers each time. The labels of
 * a conditional model alternate. */
static RvImage *
draw_samples (const Trainer *trainer, GError **error)
{
  int channels, height, width;
  rv_vae_picture_size (trainer->vae, &channels, &height, &width);
  g_autofree float *z = g_new (float, N_SAMPLES *setting_int (trainer, "latent"));
  g_autoptr (float) pixels =
    rv__alloc ((gsize) N_SAMPLES * channels * height * width * sizeof *pixels, "a sheet of a VAE", error);
  int labels[N_SAMPLES], n_labels = trainer->vae->labels ? (int) g_strv_length (trainer->vae->labels) : 0;
  for (int i = 0; i < N_SAMPLES; i++)
    labels[i] = n_labels > 0 ? i % n_labels : -1;
  rv_vae_sample_prior (trainer->vae, N_SAMPLES, 1, setting_int (trainer, "seed"), z);
  return pixels && rv__vae_decode (trainer->vae, z, labels, N_SAMPLES, pixels, error)
           ? rv_vae_sheet (trainer->vae, pixels, N_SAMPLES, SHEET_COLUMNS, GAP_PX, error)
           : NULL;
}

/* Saves @image (transfer full) next to the model, as MODEL + @suffix, with a recipe unless `recipe` is off. `output` is
 * set. @image: NULL (drawing failed): FALSE, and @error stays. With no_replace_others the file must not exist. */
static gboolean
save_sheet (const RvJobRequest *request, RvImage *image, const char *suffix, GError **error)
{
  g_autoptr (RvImage) sheet = image;
  g_autofree char *file = sibling (request, suffix);
  if (!sheet)
    return FALSE;
  static const RvJobRole role[] = { { "input" }, { NULL } };
  RvJobInput data = { role, rv__request_input (request, "data")->file };
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  g_ptr_array_add (inputs, &data);
  TrainOptions own = *options_of (request); /* a copy without the folder of `condition`: folders are private */
  g_autofree char *condition = own.condition = own.condition ? g_path_get_basename (own.condition) : NULL;
  const RvRecipe recipe = { .command = "vae train",
                            .inputs = inputs,
                            .roles = role,
                            .width = sheet->width,
                            .height = sheet->height,
                            .settings = request->settings,
                            .own_table = table,
                            .own = &own };
  g_autofree char *text = request->options->keep_recipe ? rv__recipe_json (&recipe) : NULL;
  return rv_image_save (sheet, file,
                        &(RvSaveOptions){ .recipe = text, .no_replace = request->options->no_replace_others }, error);
}

/* Writes the loss curves as SVG and PNG. The PNG is left out (TRUE) if it cannot be drawn, such as without librsvg.
 * With no_replace_others the files must not exist. */
static gboolean
save_curves (const RvJobRequest *request, const RvVae *vae, GError **error)
{
  g_autofree char *svg = rv__vae_plot_history (vae), *svg_file = sibling (request, CURVES_SVG),
                  *png_file = sibling (request, RV_TRAINING_CURVES);
  g_autoptr (RvImage) image = rv__vae_plot_image (svg, NULL);
  const RvSaveOptions save = { .no_replace = request->options->no_replace_others };
  return rv_file_write (svg_file, svg, !save.no_replace, error) &&
         (!image || rv_image_save (image, png_file, &save, error));
}

/* Writes @map as the checkpoint, over an earlier one of this run. With no_replace_others, the first write of a run
 * fails if the file exists. */
static gboolean
save_checkpoint (const RvJobRun *run, const RvTensorMap *map, GError **error)
{
  Trainer *trainer = run->method;
  g_autofree char *checkpoint = sibling (&run->request, RV_TRAINING_CHECKPOINT);
  gboolean replace = trainer->checkpoint_written || !run->request.options->no_replace_others;
  return rv_weights_save (map, checkpoint, replace, error) && (trainer->checkpoint_written = TRUE);
}

/* Writes checkpoint, sheets and curves of an epoch; they replace those of earlier epochs. `output` must be set. Clears
 * has_unsaved and options->no_replace_others, also after an error. */
static gboolean
save_epoch (const RvJobRun *run, GError **error)
{
  Trainer *trainer = run->method;
  trainer->has_unsaved = FALSE;
  g_autoptr (RvTensorMap) map = rv__vae_training_to_map (trainer->training, error);
  const RvDataset *data = trainer->validation_data ? trainer->validation_data : trainer->data;
  gboolean ok = map && save_checkpoint (run, map, error) &&
                save_sheet (&run->request, draw_samples (trainer, error), RV_TRAINING_SAMPLES, error) &&
                save_sheet (&run->request,
                            rv__vae_reconstructions (trainer->vae, data, MIN (data->n, SHEET_COLUMNS), SHEET_COLUMNS,
                                                     GAP_PX, error),
                            RV_TRAINING_RECONSTRUCTIONS, error) &&
                save_curves (&run->request, trainer->vae, error);
  run->request.options->no_replace_others = FALSE; /* this run has written the files */
  return ok;
}

/* RvJobClass.before_pause, also called at the end. Writes the checkpoint of the last whole epoch if has_unsaved is set;
 * else does nothing (TRUE). Clears has_unsaved, not after an error. */
static gboolean
save_unsaved (RvJobRun *run, GError **error)
{
  Trainer *trainer = run->method;
  if (!trainer->has_unsaved)
    return TRUE;
  g_autoptr (RvTensorMap) map = rv__vae_training_last_epoch (trainer->training, error);
  trainer->has_unsaved = !(map && save_checkpoint (run, map, error));
  return !trainer->has_unsaved;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static const char *const names[] = { "reconstruction", "kl", NULL };

static const char *const *
losses (RvJobRun *run)
{
  return names;
}

/* (transfer full) (nullable): samples of the current model. RvJobClass.picture; @progress: the run. */
static RvImage *
picture (gconstpointer progress, GError **error)
{
  return draw_samples (((const RvJobRun *) progress)->method, error);
}

/* RvVaeFunc; @data: the run. Reports a batch (not the last of an epoch), or with @epoch_ended the epoch, with a line of
 * the log. Sends a note when an epoch starts again. With `output`, writes all files before the report every
 * `save-every` epochs and after the last epoch; after other epochs sets has_unsaved. FALSE: the training must end:
 * stopped, cancelled, or run->progress.error. */
static gboolean
on_progress (const RvVaeProgress *p, gboolean epoch_ended, gpointer data)
{
  RvJobRun *run = data;
  Trainer *trainer = run->method;
  const double terms[] = { p->reconstruction, p->kl };
  gboolean due = epoch_ended && (p->epoch % options_of (&run->request)->save_every == 0 || p->epoch == p->n_epochs);
  if (epoch_ended)
    trainer->validation = p->validation;
  if (p->learning_rate < trainer->learning_rate)
    rv__job_note (run->job, NULL,
                  g_strdup_printf ("epoch %" G_GINT64_FORMAT " was not finite and starts again, at learning rate %g",
                                   p->epoch, p->learning_rate));
  trainer->learning_rate = p->learning_rate;
  RvJobReport report = { .iteration = p->batch + (p->epoch - 1) * p->n_batches,
                         .n_iterations = p->n_epochs * p->n_batches,
                         .stage = (int) p->epoch,
                         .n_stages = (int) p->n_epochs,
                         .width = trainer->data->width,
                         .height = trainer->data->height,
                         .loss = p->loss,
                         .names = names,
                         .losses = terms,
                         .seconds = (double) (g_get_monotonic_time () - trainer->began_us) / G_USEC_PER_SEC,
                         .done_01 = p->done_01,
                         .stage_iteration = p->batch,
                         .n_stage_iterations = p->n_batches,
                         .channel = -1,
                         .validation_loss = trainer->validation,
                         .per_second = p->samples_per_second };
  if (!epoch_ended) /* the report of the epoch follows at once */
    return p->batch == p->n_batches || rv__job_run_report_item (run, &report);
  trainer->has_unsaved = run->request.options->output && !due;
  if (run->request.options->output && due && !save_epoch (run, &run->progress.error))
    return FALSE;
  const RvIteration epoch = { .loss = p->loss, .losses = terms, .seconds = report.seconds };
  char *head = g_strdup_printf ("\"epoch\": %" G_GINT64_FORMAT, p->epoch);
  return rv__job_run_progress (run, &report, run,
                               rv__job_log_line (run, head, &epoch, names, "validation", p->validation)) &&
         rv__picture_flush_log (run->request.options, run->files.log, &run->progress.error);
}

/* Sets trainer->n_unused to the number of latent dimensions that are not active, by evaluating the validation set; the
 * training set if there is none. Leaves it 0 if the evaluation fails, and without epochs. */
static void
count_unused (Trainer *trainer)
{
  RvVaeScores scores;
  const RvDataset *data = trainer->validation_data ? trainer->validation_data : trainer->data;
  if (setting_int (trainer, "epochs") > 0 &&
      rv_vae_evaluate (trainer->vae, data, 0, setting_int (trainer, "seed"), NULL, NULL, NULL, &scores, NULL))
    trainer->n_unused = (int) setting_int (trainer, "latent") - scores.active_units;
}

/* Stores the scores of the first MAX_NORMAL pictures of the validation set in the model, as the note "normal-scores":
 * numbers in a line. No note without a validation set, or after a failure. */
static void
note_normal_scores (const Trainer *trainer)
{
  if (!trainer->validation_data)
    return;
  RvDataset some = *trainer->validation_data; /* borrows the memory of validation_data */
  some.n = MIN (some.n, MAX_NORMAL);
  g_autofree double *scores = g_new (double, some.n);
  g_autoptr (GString) text = g_string_new (NULL);
  if (!rv__vae_score (trainer->vae, NULL, &some, setting_int (trainer, "seed"), scores, NULL))
    return;
  for (gint64 i = 0; i < some.n; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", g_ascii_formatd (number, sizeof number, "%.9g", scores[i]));
  }
  rv__vae_set_note (trainer->vae, "normal-scores", text->str);
}

/* If @fault is RV_ERROR_NUMBER, an epoch that was not finite, and there is an `output`: writes the checkpoint of the
 * last good epoch, if has_unsaved. If the file exists then, adds its name to the message. */
static void
name_last_epoch (RvJobRun *run, GError *fault)
{
  g_autofree char *checkpoint = sibling (&run->request, RV_TRAINING_CHECKPOINT);
  if (g_error_matches (fault, RV_ERROR, RV_ERROR_NUMBER) && checkpoint && save_unsaved (run, NULL) &&
      g_file_test (checkpoint, G_FILE_TEST_EXISTS)) {
    g_autofree char *before = fault->message;
    fault->message = g_strdup_printf ("%s; %s has the last good epoch", before, checkpoint);
  }
}

/* RvJobClass.run. Trains; *result: (transfer full): a sheet of samples. Sets run->model, except when stopped with an
 * `output`: then `resume` continues from the checkpoint. `resume` or `force` first removes partial files; `force`
 * without `resume` also deletes an old checkpoint. FALSE without @error if cancelled or with progress.error. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  const RvJobRequest *request = &run->request;
  Trainer *trainer = run->method;
  g_autofree char *checkpoint = sibling (request, RV_TRAINING_CHECKPOINT);
  if (checkpoint && (request->state_options.resume || request->options->force))
    remove_partial_files (request);
  if (checkpoint && request->options->force && !request->state_options.resume) /* a later 'resume' continues this run */
    g_remove (checkpoint);
  if (continues_training (request))
    request->options->no_replace = request->options->no_replace_others = FALSE;
  trainer->began_us = g_get_monotonic_time ();
  GError *fault = NULL;
  if (!rv__vae_training_run (trainer->training, on_progress, run, &fault)) {
    name_last_epoch (run, fault);
    return rv__error_propagate (error, fault);
  }
  if (run->progress.error || rv__job_is_cancelled (run->job))
    return FALSE;
  if (run->progress.stopped && !save_unsaved (run, error))
    return FALSE;
  if (!run->progress.stopped) {
    if (!rv__vae_fit_prior (trainer->vae, trainer->data, error) ||
        (checkpoint && trainer->vae->prior &&
         !save_sheet (request, draw_samples (trainer, error), RV_TRAINING_SAMPLES, error)))
      return FALSE;
    count_unused (trainer);
    note_normal_scores (trainer);
  }
  if ((!run->progress.stopped || !checkpoint) && !(run->model = rv_vae_to_map (trainer->vae, error)))
    return FALSE;
  return (*result = draw_samples (trainer, error)) != NULL;
}

/* RvJobClass.fill_final_report. Sets validation_loss, n_read (training set) and n_inactive_units. */
static void
fill_final_report (const RvJobRun *run, RvJobReport *report)
{
  const Trainer *trainer = run->method;
  report->validation_loss = trainer->validation;
  report->n_read = trainer->data->n;
  report->n_inactive_units = trainer->n_unused;
}

static const RvJobRole roles[] = { { "data", .needed = TRUE, .is_file = TRUE }, { NULL } };

const RvJobClass rv__job_vae_train = {
  .kind = "vae-train",
  .method = "vae",
  .kind_settings = "vae-train",
  .roles = roles,
  .is_model = TRUE,
  .uses_no_network = TRUE,
  .check = check,
  .probe_files = probe_files,
  .prepare = prepare,
  .plan = plan,
  .losses = losses,
  .run = make,
  .before_pause = save_unsaved,
  .fill_final_report = fill_final_report,
  .picture = picture,
  .clear = clear,
};
