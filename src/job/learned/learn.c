/* learn.c -- jobs that train a style network from paintings and photographs: reading them, and previews. */
#include "base/error.h"
#include "base/settings.h"
#include "base/system.h"
#include "base/text.h"
#include "io/atomic-file.h"
#include "io/folder.h"
#include "io/image/frame.h"
#include "io/image/sheet.h"
#include "job/core/job-object.h"
#include "method/style-net/training.h"
#include "method/style-net/style-net.h"
#include "method/style-net/style-net-settings.h"
#include <math.h>
#include <string.h>

#define STYLE_LOAD_PX 800 /* longest side of paintings when read */
#define FEW_PHOTOS 50
#define SAMPLE_PX 192 /* side of a photograph on the sheet */
#define N_SAMPLES 3
#define SHEET_GAP_PX 6
#define MIN_DRAWING_TIMES 50 /* minimum time between two sheets, as a multiple of the time to draw one */
#define N_VALIDATIONS 20     /* validations per run */
#define TRIAL_STEPS 3        /* steps of a planning run */
#define MAX_LETTER_BYTES 6
#define MAX_NAME_BYTES (RV_STYLE_NET_MAX_NAME_BYTES - 5) /* leaves room for "-2" to "-9999" after equal names */
#define MAX_SIDE_RATIO 8                                 /* largest ratio of a photograph's sides, to save memory */
#define SUFFIX ".safetensors"

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  gboolean from_scratch, as_one;
  char *name, *license;
} StyleNetOptions;

#define FIELD(f) offsetof (StyleNetOptions, f)

static const RvOption table[] = {
  { "from-scratch", 0, RV_OPTION_BOOL, FIELD (from_scratch),
    .help = "train without an existing style network: takes hours", .group = "style network" },
  { "as-one", 0, RV_OPTION_BOOL, FIELD (as_one),
    .help = "learn what all paintings have in common, as one style; otherwise one style for each" },
  { "name", 0, RV_OPTION_TEXT, FIELD (name), .unit = "NAME", .check = rv__style_net_check_name,
    .help = "name of the style [the painting's file name]" },
  { "license", 0, RV_OPTION_TEXT, FIELD (license), .unit = "TEXT", .old_name = "licence",
    .help = "license of the paintings, stored in the file" },
  { NULL },
};

const RvSettingsClass rv__settings_painter = {
  .kind = "painter", .command = "learn", .table = table, .size = sizeof (StyleNetOptions)
};

/* Fields of the kind "painter", borrowed from @request. */
static const StyleNetOptions *
options_of (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* RvJobClass.check. Sets the default network. RV_ERROR_SETTING: options that training does not have (`size`, ...),
 * suffixes of `output` and `plot`, `from-scratch` with a "painter", `name` for several styles, micro-batches and,
 * unless only `weights` names the network, layers. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  RvPictureOptions *options = request->options;
  const StyleNetOptions *own = options_of (request);
  g_autoptr (GPtrArray) paintings = rv__request_inputs (request, "style");
  rv__picture_set_defaults (options, "builtin", 0, 0);
  if (options->size_px || options->width_px || options->height_px || options->save_every || options->timeline)
    return rv__error_setting (error, "size,width,height,save-every,timeline",
                              "learning cannot be combined with 'size', 'width', 'height', 'save-every' or 'timeline'");
  if (options->output && !g_str_has_suffix (options->output, SUFFIX))
    return rv__error_setting (error, "output", "%s: a style network is written as " SUFFIX, options->output);
  if (options->plot && !g_str_has_suffix (options->plot, ".svg"))
    return rv__error_setting (error, "plot", "%s: curves are drawn as .svg", options->plot);
  if (own->from_scratch && rv__request_input (request, "painter"))
    return rv__error_setting (error, "from-scratch", "'from-scratch' cannot be combined with an input 'painter'");
  if (own->name && paintings->len > 1 && !own->as_one)
    return rv__error_setting (error, "name,as-one",
                              "'name' works only with one style; 'as-one' makes one style of several paintings");
  const char *network = request->net ? rv_net_name (request->net) : options->network;
  return rv__style_training_check (request->settings, network, error);
}

/* Whether the file @path is an output or the checkpoint of the run, and no photograph: it is no picture, or the run is
 * resumed and it is `live`. The same on all ranks, of which most have no options of outputs. */
static gboolean
is_own_output (const RvJobRun *run, const char *path)
{
  static const char *const names[] = { "live", "output", "log", "plot" };
  const char *state = run->files.state ? run->files.state->file : NULL;
  RvImageInfo info;
  gboolean is_live = FALSE, is_output = state && rv__atomic_file_is_same (state, path);
  for (guint i = 0; !is_output && i < G_N_ELEMENTS (names); i++) {
    g_autofree char *file = rv_job_get (run->job, names[i], NULL);
    is_output = file && rv__atomic_file_is_same (file, path);
    is_live = is_output && i == 0;
  }
  return is_output && ((is_live && rv__job_run_has_checkpoint (run)) || !rv_image_probe (path, &info, NULL));
}

/* (transfer full) (nullable) (element-type RvJobInput): copies of the inputs "photo". A folder is replaced by its
 * entries, without role, hidden ones and outputs of the run, whose heads it reads. Other files that are no pictures are
 * left out later. Empty: no such input. */
static GPtrArray *
list_photos (const RvJobRun *run, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, "photo");
  g_autoptr (GPtrArray) photos = g_ptr_array_new_with_free_func (rv__job_free_input);
  for (guint i = 0; i < inputs->len; i++) {
    const RvJobInput *input = inputs->pdata[i];
    if (!input->file || g_file_test (input->file, G_FILE_TEST_IS_REGULAR)) {
      g_ptr_array_add (photos, rv__job_copy_input (input, NULL));
      continue;
    }
    g_autoptr (GPtrArray) files = rv__folder_list (input->file, error);
    if (!files)
      return NULL;
    for (guint k = 0; k < files->len; k++)
      if (!is_own_output (run, files->pdata[k]))
        g_ptr_array_add (photos, rv__job_copy_input (&(RvJobInput){ .file = files->pdata[k] }, NULL));
  }
  return g_steal_pointer (&photos);
}

/* RvJobClass.probe_files. Checks the heads of the paintings, and that outputs and the checkpoint, which is not read,
 * may be written: existing files need `force` or `resume`. No input may be an output. Sets no size. */
static gboolean
probe_files (RvJobRun *run, GError **error)
{
  RvImageInfo info;
  const RvPictureOptions *options = run->request.options;
  g_autoptr (GPtrArray) photos = list_photos (run, error);
  if (!photos)
    return FALSE;
  g_autofree const char **inputs = g_new0 (const char *, run->request.inputs->len + photos->len + 2);
  int n = 0;
  for (guint i = 0; i < photos->len; i++)
    if (((const RvJobInput *) photos->pdata[i])->file)
      inputs[n++] = ((const RvJobInput *) photos->pdata[i])->file;
  for (guint i = 0; i < run->request.inputs->len; i++) {
    const RvJobInput *input = run->request.inputs->pdata[i];
    if (input->file && strcmp (input->role->name, "style") == 0 && !rv_image_probe (input->file, &info, error))
      return FALSE;
    if (input->file && !input->role->unlisted)
      inputs[n++] = input->file;
  }
  if (options->weights)
    inputs[n++] = options->weights;
  RvPictureOptions checked = *options;
  checked.force |= rv__job_run_may_replace (run);
  return (!run->files.state || rv__checkpoint_check (run->files.state, run->request.state_options.resume, error)) &&
         rv__picture_check_overwrite (&checked, inputs, error) &&
         rv__picture_check_other (&checked, "live", options->live, SAMPLE_PX, SAMPLE_PX, inputs, error);
}

/* ---- training data ----------------------------------------------------------------------------------------------- */

typedef struct {
  RvStyleTraining *training;
  guint n_photos, n_validation_samples;
  gsize photo_bytes;           /* memory of the photographs */
  GPtrArray *samples;          /* RvImage: squares of photographs, for the sheet */
  RvImage *sheet;              /* the last sheet, or NULL */
  gint64 drawn_us, drawing_us; /* time of the last drawing, and its duration */
  double validation_loss;      /* the last validation loss; NaN: none yet */
} Learner;

/* (transfer full): a style's name from its painting's @file, cut to MAX_NAME_BYTES; never empty. Other characters than
 * those of names become "-": "Van Gogh, Bedroom.jpg" gives "van-gogh--bedroom". A number gets a prefix, as `learned`
 * would read it as a weight: "1888.jpg" gives "style-1888". */
static char *
style_name (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  char *dot = strrchr (base, '.'), *end;
  if (dot && dot > base)
    *dot = '\0';
  g_autofree char *valid = g_utf8_make_valid (base, -1), *small = g_utf8_strdown (valid, -1),
                  *whole = g_utf8_normalize (small, -1, G_NORMALIZE_NFC);
  g_autoptr (GString) name = g_string_new (NULL);
  g_ascii_strtod (whole, &end);
  g_string_append (name, *end == '\0' ? "style-" : "");
  for (const char *c = whole; *c && name->len + MAX_LETTER_BYTES <= MAX_NAME_BYTES; c = g_utf8_next_char (c)) {
    gunichar letter = g_utf8_get_char (c);
    g_string_append_unichar (name, rv__style_net_is_name_letter (letter) ? letter : '-');
  }
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* (transfer full): style name of painting @i, from its file name; for one in memory, from its number. @names: names of
 * the paintings before @i in @inputs. If another file has this name, the first of NAME-2, NAME-3, ... that is free. The
 * same file twice keeps the same name, which is an error later. */
static char *
default_style_name (const GPtrArray *inputs, guint i, const GPtrArray *names)
{
  const char *file = ((const RvJobInput *) inputs->pdata[i])->file;
  for (guint k = 0; file && k < i; k++)
    if (g_strcmp0 (((const RvJobInput *) inputs->pdata[k])->file, file) == 0)
      return g_strdup (names->pdata[k]);
  g_autofree char *place = g_strdup_printf ("%u", i + 1), *base = style_name (file ? file : place);
  char *name = g_strdup (base);
  for (guint n = 2; g_ptr_array_find_with_equal_func ((GPtrArray *) names, name, g_str_equal, NULL); n++) {
    g_free (name);
    name = g_strdup_printf ("%s-%u", base, n);
  }
  return name;
}

/* Loads @n paintings from @inputs, from index @first on, and adds them to the training as one style called @name.
 * An error of rv__style_training_add_style() gets the first file's name in front. */
static gboolean
add_style (const RvJobRun *run, const GPtrArray *inputs, guint first, guint n, const char *name, GError **error)
{
  const Learner *learner = run->method;
  const StyleNetOptions *own = options_of (&run->request);
  const char *file = ((const RvJobInput *) inputs->pdata[first])->file;
  g_autoptr (GPtrArray) paintings = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (guint i = 0; i < n; i++) {
    RvImage *painting = rv__job_input_load_within (inputs->pdata[first + i], STYLE_LOAD_PX, error);
    if (!painting)
      return FALSE;
    g_ptr_array_add (paintings, painting);
  }
  if (rv__style_training_add_style (learner->training, name, own->license, (RvImage **) paintings->pdata, (int) n,
                                    error))
    return TRUE;
  if (file)
    g_prefix_error (error, "%s: ", file);
  return FALSE;
}

/* Adds all paintings to the training: as one style with `as-one`, else one style for each painting. */
static gboolean
add_styles (const RvJobRun *run, GError **error)
{
  const StyleNetOptions *own = options_of (&run->request);
  g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, "style"),
                        names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < inputs->len; i++)
    g_ptr_array_add (names, default_style_name (inputs, i, names));
  guint each = own->as_one ? inputs->len : 1;
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < inputs->len; i += each)
    ok = add_style (run, inputs, i, each, own->name ? own->name : names->pdata[i], error);
  return ok;
}

/* (transfer full) (nullable): the central square of @photo, resized to SAMPLE_PX. */
static RvImage *
crop_square (const RvImage *photo, GError **error)
{
  int side = MIN (photo->width, photo->height);
  g_autoptr (RvImage) square =
    rv__image_crop (photo, (photo->width - side) / 2, (photo->height - side) / 2, side, side, error);
  return square ? rv_image_resize (square, SAMPLE_PX, SAMPLE_PX, RV_IMAGE_RESIZE_BEST, error) : NULL;
}

/* Loads @input at the training's size, and adds it to the training and perhaps to the samples. Counts n_photos and
 * photo_bytes. RV_ERROR_SHAPE if the photograph is too narrow. An error adds nothing. */
static gboolean
add_photo (Learner *learner, const RvJobInput *input, GError **error)
{
  int width, height;
  if (!rv__job_input_size (input, &width, &height, error))
    return FALSE;
  int shorter = MIN (width, height);
  if (MAX (width, height) > (gint64) MAX_SIDE_RATIO * shorter)
    return rv__error_set (error, RV_ERROR_SHAPE, "%s%s%d x %d px is too narrow to learn on",
                          input->file ? input->file : "", input->file ? ": " : "", width, height);
  double scale = (double) rv__style_training_photo_px (learner->training) / shorter;
  g_autoptr (RvImage) photo =
    rv__job_input_load (input, (int) lrint (width * scale), (int) lrint (height * scale), RV_IMAGE_RESIZE_BEST, error);
  gboolean is_validation = rv__style_training_next_is_validation (learner->training);
  /* the first N_SAMPLES pictures, and the first N_SAMPLES validation pictures, which replace them from the oldest on */
  gboolean is_sample =
    learner->n_validation_samples < N_SAMPLES && (learner->samples->len < N_SAMPLES || is_validation);
  g_autoptr (RvImage) square = photo && is_sample ? crop_square (photo, error) : NULL;
  if (!photo || (is_sample && !square) || !rv__style_training_add_photo (learner->training, photo, error))
    return FALSE;
  if (square && learner->samples->len == N_SAMPLES)
    g_ptr_array_remove_index (learner->samples, 0);
  if (square) {
    g_ptr_array_add (learner->samples, g_steal_pointer (&square));
    learner->n_validation_samples += is_validation;
  }
  learner->n_photos++;
  learner->photo_bytes += (gsize) rv_tensor_count (photo->rgb);
  return TRUE;
}

/* Whether the job is stopped or cancelled. */
static gboolean
stop_requested (const RvJobRun *run)
{
  return rv__job_stop_requested (run->job) || rv__job_is_cancelled (run->job);
}

/* Adds @photos (RvJobInput) to the training; one that cannot be read is left out, with a note. TRUE also if stopped
 * before the last. Only RV_ERROR_CANCELLED of a photograph is passed on. RV_ERROR_MEMORY once the photographs take
 * more than half of the memory that was free at the call. */
static gboolean
read_photos (RvJobRun *run, const GPtrArray *photos, GError **error)
{
  Learner *learner = run->method;
  gsize max_bytes = rv__system_free_bytes () / 2;
  for (guint i = 0; i < photos->len && !stop_requested (run); i++) {
    const RvJobInput *input = photos->pdata[i];
    g_autoptr (GError) own_error = NULL;
    gboolean added = add_photo (learner, input, &own_error);
    if (g_error_matches (own_error, RV_ERROR, RV_ERROR_CANCELLED))
      return rv__error_propagate (error, g_steal_pointer (&own_error));
    if (!added)
      rv__job_note (run->job, input->file ? input->file : "", g_strdup_printf ("left out: %s", own_error->message));
    if (learner->photo_bytes > max_bytes)
      return rv__error_with_options (
        error, RV_ERROR_MEMORY, "crop",
        "%u of %u photographs already take half of the memory that is free: use fewer, or a smaller "
        "'crop'",
        learner->n_photos, photos->len);
  }
  return TRUE;
}

/* Reads all photographs into the training, with a note if they are few. RV_ERROR_CANCELLED if stopped or cancelled;
 * RV_ERROR_FILE if no photograph can be read. */
static gboolean
add_photos (RvJobRun *run, GError **error)
{
  Learner *learner = run->method;
  g_autoptr (GPtrArray) photos = list_photos (run, error), inputs = rv__request_inputs (&run->request, "photo");
  if (!photos || !read_photos (run, photos, error))
    return FALSE;
  if (stop_requested (run)) { /* a partial set is not what was requested */
    return rv__error_set (error, RV_ERROR_CANCELLED, "stopped before anything was learned");
  }
  const char *folder = inputs->len == 1 ? ((const RvJobInput *) inputs->pdata[0])->file : NULL;
  if (learner->n_photos == 0 && folder)
    rv__error_set (error, RV_ERROR_FILE, "%s has no photograph that can be read; subfolders are not searched", folder);
  else if (learner->n_photos == 0)
    rv__error_set (error, RV_ERROR_FILE, "there is no photograph that can be read");
  else if (learner->n_photos < FEW_PHOTOS)
    rv__job_note (run->job, NULL,
                  g_strdup_printf ("%u photograph%s few: results look better with %d or more", learner->n_photos,
                                   learner->n_photos == 1 ? " is" : "s are", FEW_PHOTOS));
  return learner->n_photos > 0;
}

/* RvJobClass.prepare. Sets run->method to a Learner, also after an error. The training begins with a style network
 * (input "painter", or the built-in one) or from scratch, and gets paintings and photographs. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  const RvJobRequest *request = &run->request;
  Learner *learner = run->method = g_new0 (Learner, 1);
  const RvJobInput *file = rv__request_input (request, "painter");
  gboolean from_scratch = options_of (request)->from_scratch;
  learner->validation_loss = NAN;
  learner->samples = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_autoptr (RvStyleNet) from = from_scratch ? NULL : rv_style_net_load (file ? file->file : NULL, error);
  if (from_scratch || from)
    learner->training = rv__style_training_new (request->settings, request->net, from, error);
  rv__job_note_idle (run->job, rv_settings_get_int (request->settings, "micro-batches", NULL));
  return learner->training && add_styles (run, error) && add_photos (run, error);
}

static void
clear (RvJobRun *run)
{
  Learner *learner = run->method;
  rv__style_training_free (learner->training);
  g_ptr_array_unref (learner->samples);
  rv_image_unref (learner->sheet);
  g_free (learner);
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

typedef struct {
  const RvJobRun *run;
  RvIteration last;
} Trial;

/* RvIterationFunc; @data: a Trial. Stores @p in trial->last. FALSE, which ends the training: after TRIAL_STEPS, or if
 * stopped or cancelled. */
static gboolean
on_trial (const RvIteration *p, gpointer data)
{
  Trial *trial = data;
  trial->last = *p;
  return p->iteration < TRIAL_STEPS && !stop_requested (trial->run);
}

/* RvJobClass.plan. Measures time and memory by TRIAL_STEPS training steps. These change the network, so @run cannot
 * train afterwards. With the setting `time`, plan->seconds is this time. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const Learner *learner = run->method;
  const RvStyleTrainingSettings *settings = run->request.settings->fields;
  Trial trial = { .run = run };
  if (!rv__style_training_run (learner->training, on_trial, &trial, error))
    return FALSE;
  const RvIteration *last = &trial.last;
  double step_s = last->seconds / (double) last->iteration;
  plan->peak_bytes = rv__system_resident_bytes ();
  plan->seconds = step_s * (double) last->n_iterations;
  plan->n_iterations = last->n_iterations;
  plan->backend = rv__compute_backend (settings->compute.backend, settings->compute.gpu, NULL)->name;
  plan->n_read = learner->n_photos;
  if (settings->time && rv__text_parse_seconds (settings->time, &plan->seconds))
    plan->n_iterations = MAX ((gint64) (plan->seconds / step_s), 1);
  return TRUE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a sheet: a row of samples, and below it, for each style of @style_net, a row of painted
 * samples. Labelled if there are several styles. */
static RvImage *
draw_sheet (const RvJobRun *run, const RvStyleNet *style_net, GError **error)
{
  const Learner *learner = run->method;
  int n_threads = (int) rv_settings_get_int (run->request.settings, "threads", NULL);
  int n_styles = (int) rv_style_net_n_styles (style_net), n = (int) learner->samples->len;
  const RvSheetLayout layout = { .columns = n,
                                 .rows = n_styles + 1,
                                 .cell_width = SAMPLE_PX,
                                 .cell_height = SAMPLE_PX,
                                 .gap = SHEET_GAP_PX,
                                 .labels = n_styles > 1 };
  g_autofree double *parts = g_new0 (double, n_styles);
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error);
  for (int i = 0; sheet && i < n; i++)
    rv__sheet_put (sheet, &layout, i, learner->samples->pdata[i], NULL);
  for (int i = n; sheet && i < n * (n_styles + 1); i++) {
    int style = i / n - 1;
    memset (parts, 0, (gsize) n_styles * sizeof *parts);
    parts[style] = 1;
    g_autoptr (RvImage) cell =
      rv_style_net_paint ((RvStyleNet *) style_net, learner->samples->pdata[i % n], parts, n_threads, error);
    if (!cell)
      return NULL;
    rv__sheet_put (sheet, &layout, i, cell, i % n ? NULL : rv_style_net_style_name (style_net, (guint) style));
  }
  return g_steal_pointer (&sheet);
}

/* RvJobClass.picture; @progress: the run. (transfer full) (nullable): a new sheet, or a reference on the last one if
 * drawn recently. NULL only with an error. */
static RvImage *
picture (gconstpointer progress, GError **error)
{
  const RvJobRun *run = progress;
  Learner *learner = run->method;
  gint64 began_us = g_get_monotonic_time ();
  if (!learner->sheet || began_us - learner->drawn_us >= MIN_DRAWING_TIMES * learner->drawing_us) {
    g_autoptr (RvStyleNet) style_net = rv__style_training_result (learner->training, error);
    RvImage *sheet = style_net ? draw_sheet (run, style_net, error) : NULL;
    if (!sheet)
      return NULL;
    rv_image_unref (learner->sheet);
    learner->sheet = sheet;
    learner->drawn_us = g_get_monotonic_time ();
    learner->drawing_us = learner->drawn_us - began_us;
  }
  return rv_image_ref (learner->sheet);
}

/* RvJobClass.losses. Borrowed from the training. */
static const char *const *
losses (RvJobRun *run)
{
  return rv__style_training_losses (((Learner *) run->method)->training);
}

/* RvJobClass.resume. Restores the training, and sets progress.iteration to the number of steps in @state, or 0. */
static gboolean
resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  const char *steps = rv_tensor_map_get_text (state, "training.steps");
  run->progress.iteration = steps ? g_ascii_strtoll (steps, NULL, 10) : 0;
  return rv__style_training_restore (((Learner *) run->method)->training, state, error);
}

/* RvJobClass.state; @progress is not used. Errors go to progress.error. */
static RvTensorMap *
state (RvJobRun *run, gconstpointer progress)
{
  return rv__style_training_to_map (((Learner *) run->method)->training, &run->progress.error);
}

/* RvIterationFunc; @data: the run. Computes the validation loss, N_VALIDATIONS times a run. Passes the step and its
 * line of the log to rv__job_run_progress(). FALSE: training must end: stopped, cancelled, or run->progress.error. */
static gboolean
on_progress (const RvIteration *p, gpointer data)
{
  RvJobRun *run = data;
  Learner *learner = run->method;
  const char *const *names = losses (run);
  int crop_px = (int) rv_settings_get_int (run->request.settings, "crop", NULL);
  gboolean validates = p->iteration % MAX (p->n_iterations / N_VALIDATIONS, 1) == 0;
  if (validates && !rv__style_training_validate (learner->training, &learner->validation_loss, &run->progress.error))
    return FALSE;
  RvJobReport report = rv__job_report_of (p, names);
  report.stage = report.n_stages = 1;
  report.width = report.height = crop_px;
  report.validation_loss = learner->validation_loss;
  const char *extra = validates && !isnan (learner->validation_loss) ? "validation" : NULL;
  char *head = g_strdup_printf ("\"iteration\": %" G_GINT64_FORMAT ", \"style\": %d", p->iteration, p->stage);
  return rv__job_run_progress (run, &report, run,
                               rv__job_log_line (run, head, p, names, extra, learner->validation_loss));
}

/* RvJobClass.run. Trains. Sets run->model and *result, (out) (transfer full), a sheet of samples, also if stopped
 * (TRUE). With RV_ERROR_NUMBER both have the last good weights (FALSE). If cancelled, or with progress.error, neither
 * is set (FALSE). @error: not NULL. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  Learner *learner = run->method;
  gboolean ok = rv__style_training_run (learner->training, on_progress, run, error);
  if (run->progress.error || rv__job_is_cancelled (run->job) ||
      (!ok && !g_error_matches (*error, RV_ERROR, RV_ERROR_NUMBER)))
    return FALSE;
  g_autoptr (RvStyleNet) style_net = rv__style_training_result (learner->training, ok ? error : NULL);
  if (!style_net || !(run->model = rv_style_net_to_map (style_net, ok ? error : NULL)))
    return FALSE;
  *result = draw_sheet (run, style_net, ok ? error : NULL);
  return *result && ok;
}

static const RvJobRole roles[] = {
  { "style", .needed = TRUE, .many = TRUE },
  { "painter", .is_file = TRUE },
  { "photo", .needed = TRUE, .many = TRUE, .unlisted = TRUE },
  { NULL },
};

const RvJobClass rv__job_learn = {
  .kind = "learn",
  .method = "learn",
  .kind_settings = "painter",
  .roles = roles,
  .is_model = TRUE,
  .check = check,
  .probe_files = probe_files,
  .prepare = prepare,
  .plan = plan,
  .losses = losses,
  .resume = resume,
  .run = make,
  .picture = picture,
  .state = state,
  .clear = clear,
};
