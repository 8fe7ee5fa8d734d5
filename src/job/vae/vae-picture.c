/* vae-picture.c -- jobs that draw with a VAE: new pictures, reconstructions, maps of its latent space. */
#include "base/error.h"
#include "base/frame-name.h"
#include "base/settings.h"
#include "base/system.h"
#include "io/atomic-file.h"
#include "job/core/job-class.h"
#include "job/vae/vae-codes.h"
#include "method/compute.h"
#include "method/vae/vae-internal.h"
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

#define SAMPLES 64
#define RECONSTRUCTIONS 10
#define MANIFOLD_CELLS 20
#define GAP_PX 4
#define MAX_PICTURES 10000 /* on one sheet or in memory */
#define SVG ".svg"

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  char *what, *label, *condition;
  gint64 count, steps, seed, threads;
  gboolean spherical;
  double temperature, reach;
} DrawingOptions;

#define FIELD(f) offsetof (DrawingOptions, f)

static const RvOption table[] = {
  { "what", 0, RV_OPTION_CHOICE, FIELD (what), "sample", .unit = "NAME",
    .help =
      "sample: new pictures; reconstruct: pictures and what the model makes of them; interpolate: from one to "
      "another; edit: less and more of an attribute, from pictures with and without it; walk: a row for each latent "
      "dimension; manifold: a map of two; scatter: latent means as a cloud; decode: latent vectors of a file",
    .names = RV_NAMES ("sample", "reconstruct", "interpolate", "edit", "walk", "manifold", "scatter", "decode"),
    .group = "picture" },
  { "label", 0, RV_OPTION_TEXT, FIELD (label), .unit = "LABEL",
    .help = "label of all pictures, for a conditional model; reverie vae info lists the labels" },
  { "condition", 0, RV_OPTION_TEXT, FIELD (condition), .unit = "FILE|labels|subfolders",
    .help = "labels of the input, as in training; the default is its own, if it has some; subfolders: its pictures "
            "without labels" },
  { "count", 'n', RV_OPTION_INT, FIELD (count), NULL, 1, MAX_PICTURES, .unit = "COUNT",
    .help = "pictures to sample [64] or reconstruct [10], cells along a side of a manifold [20]" },
  { "steps", 0, RV_OPTION_INT, FIELD (steps), "10", 2, MAX_PICTURES, .unit = "COUNT",
    .help = "pictures of an interpolation, of an edit, or of a row of a walk" },
  { "spherical", 0, RV_OPTION_BOOL, FIELD (spherical), .help = "interpolate along the sphere, not the straight line" },
  { "temperature", 0, RV_OPTION_REAL, FIELD (temperature), "1", 0, 100, .unit = "FACTOR",
    .help = "sampling: below 1 gives more usual pictures" },
  { "reach", 0, RV_OPTION_REAL, FIELD (reach), "2", 0, 100, .unit = "SIGMAS",
    .help = "largest distance of a walk or a manifold from 0; of an edit, in differences of the sets" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER", .help = "random seed of sampling" },
  { "threads", 't', RV_OPTION_INT, FIELD (threads), "0", 0, RV_COMPUTE_MAX_THREADS, .unit = "COUNT",
    .help = "threads to compute with; 0: one for each physical core", .group = "computing" },
  { NULL },
};

const RvSettingsClass rv__settings_vae_picture = {
  .kind = "vae-picture", .command = "vae", .table = table, .size = sizeof (DrawingOptions)
};

/* Fields of the kind "vae-picture", borrowed from @request. */
static const DrawingOptions *
options_of (const RvJobRequest *request)
{
  return request->settings->fields;
}

/* ---- methods ---------------------------------------------------------------------------------------------------- */

typedef struct _Drawing Drawing;

/* One value of the setting `what`; a row of `methods`. */
typedef struct {
  const char *name;
  guint n_inputs;
  gboolean is_row;       /* pictures in a row, which can also be numbered files */
  gboolean reads_labels; /* labels of the inputs, for a conditional model; not of the picture of an edit */
  /* (nullable): sets n and columns, after the inputs are loaded, or reads codes. */
  gboolean (*prepare) (Drawing *drawing, GError **error);
  /* (nullable: draw() needs no latent vectors): fills @z, [n, latent], zeros at first, with latent vectors. */
  gboolean (*codes) (const Drawing *drawing, float *z, GError **error);
  /* (transfer full) (nullable): draws the picture. NULL as the function: draw_codes() draws all latent vectors. */
  RvImage *(*draw) (const Drawing *drawing, GError **error);
} DrawMethod;

struct _Drawing {
  RvJobRun *run;
  const DrawingOptions *options;
  const DrawMethod *method;
  RvVae *vae;
  gint64 latent, size; /* numbers per latent vector; numbers per picture */
  RvDataset *data[3];
  RvTensor *codes;
  gint64 n; /* pictures; 0: a scatter plot */
  int columns, gap_px;
};

/* Checks that @n pictures, at most MAX_PICTURES, fit on a sheet. RV_ERROR_SETTING. */
static gboolean
check_count (gint64 n, GError **error)
{
  return n <= MAX_PICTURES ||
         rv__error_setting (error, NULL, "%" G_GINT64_FORMAT " pictures are too many for one sheet: at most %d", n,
                            MAX_PICTURES);
}

/* Loads input @i (0 to 2), which must exist, at the model's size into drawing->data[i]; freed by clear(), also after an
 * error. @with_labels: for a conditional model, also reads the pictures of subfolders and, unless `label` is set, the
 * labels by `condition`. Unreadable files are left out, with a note for each and one for their number. */
static gboolean
load_data (Drawing *drawing, guint i, gboolean with_labels, GError **error)
{
  int channels, height, width;
  g_autoptr (GPtrArray) inputs = rv__request_inputs (&drawing->run->request, "input");
  const char *source = ((const RvJobInput *) inputs->pdata[i])->file;
  rv_vae_picture_size (drawing->vae, &channels, &height, &width);
  int n_threads = (int) drawing->options->threads;
  const char *condition = drawing->options->condition ? drawing->options->condition : "labels",
             *labels = !with_labels || !drawing->vae->labels ? NULL
                       : drawing->vae->label < 0             ? condition
                                                             : "subfolders";
  RvDataset *data = drawing->data[i] =
    rv_dataset_load (source, labels, RV_DATASET_TEST, width, channels, n_threads, NULL, error);
  guint n = data && data->left_out ? g_strv_length (data->left_out) : 0;
  for (guint k = 0; k < n; k++)
    rv__job_note (drawing->run->job, source, g_strdup_printf ("left out: %s", data->left_out[k]));
  if (n > 0)
    rv__job_note (
      drawing->run->job, source,
      g_strdup_printf ("%u of %" G_GINT64_FORMAT " files %s left out", n, data->n + n, n == 1 ? "was" : "were"));
  return data && rv_vae_check (drawing->vae, data, error);
}

/* (transfer full) (nullable): @n vectors of @size numbers, 0; free with rv__free(). */
static float *
new_vectors (gint64 n, gint64 size, GError **error)
{
  return rv__alloc ((gsize) (n * size) * sizeof (float), "a sheet of a VAE", error);
}

/* (transfer full) (nullable): a sheet of @columns columns, with @gap_px between them, of the pictures that @z, [@n,
 * latent], decodes to. */
static RvImage *
draw_codes (const Drawing *drawing, const float *z, gint64 n, int columns, int gap_px, GError **error)
{
  g_autoptr (float) pixels = new_vectors (n, drawing->size, error);
  return pixels && rv_vae_decode (drawing->vae, z, n, pixels, error)
           ? rv_vae_sheet (drawing->vae, pixels, n, columns, gap_px, error)
           : NULL;
}

/* Sets n and columns for @n pictures, arranged as close to a square as possible. */
static void
set_square_layout (Drawing *drawing, gint64 n)
{
  drawing->n = n;
  drawing->columns = (int) ceil (sqrt ((double) n));
}

/* ---- samples, and latent vectors from a file --------------------------------------------------------------------- */

/* DrawMethod.prepare. Reads nothing; `count` pictures (64 without `count`) in a square. Cannot fail. */
static gboolean
prepare_sample (Drawing *drawing, GError **error)
{
  set_square_layout (drawing, drawing->options->count ? drawing->options->count : SAMPLES);
  return TRUE;
}

/* DrawMethod.codes. Draws from the prior of the model, with `temperature` and `seed`. Cannot fail. */
static gboolean
codes_sample (const Drawing *drawing, float *z, GError **error)
{
  rv_vae_sample_prior (drawing->vae, drawing->n, drawing->options->temperature, drawing->options->seed, z);
  return TRUE;
}

/* DrawMethod.prepare. Reads the codes and arranges them in a square. RV_ERROR_FORMAT for more than MAX_PICTURES. */
static gboolean
prepare_decode (Drawing *drawing, GError **error)
{
  const char *file = rv__request_input (&drawing->run->request, "input")->file;
  if (!(drawing->codes = rv__vae_codes_load (file, drawing->latent, error)))
    return FALSE;
  set_square_layout (drawing, drawing->codes->shape.dim[0]);
  return drawing->n <= MAX_PICTURES ||
         rv__error_set (error, RV_ERROR_FORMAT, "%s has %" G_GINT64_FORMAT " codes: at most %d go on one sheet", file,
                        drawing->n, MAX_PICTURES);
}

/* DrawMethod.codes. Copies the codes of the file. Cannot fail. */
static gboolean
codes_decode (const Drawing *drawing, float *z, GError **error)
{
  memcpy (z, drawing->codes->data, rv_tensor_bytes (drawing->codes));
  return TRUE;
}

/* ---- reconstructions --------------------------------------------------------------------------------------------- */

/* DrawMethod.prepare. Sets columns to the number of pictures to draw, at most `count` (10 without `count`) and
 * MAX_PICTURES / 2, and n to twice that number, for their reconstructions. Cannot fail. */
static gboolean
prepare_reconstruct (Drawing *drawing, GError **error)
{
  gint64 requested = drawing->options->count ? drawing->options->count : RECONSTRUCTIONS;
  gint64 n = MIN (requested, MIN (drawing->data[0]->n, MAX_PICTURES / 2));
  drawing->n = 2 * n;
  drawing->columns = (int) n;
  return TRUE;
}

/* (transfer full) (nullable): DrawMethod.draw: the first half of the pictures in a row, and their reconstructions
 * below. */
static RvImage *
draw_reconstruct (const Drawing *drawing, GError **error)
{
  return rv__vae_reconstructions (drawing->vae, drawing->data[0], drawing->n / 2, drawing->columns, drawing->gap_px,
                                  error);
}

/* ---- interpolation ----------------------------------------------------------------------------------------------- */

/* DrawMethod.prepare. Sets n and columns for one row of `steps` pictures. Cannot fail. */
static gboolean
prepare_row (Drawing *drawing, GError **error)
{
  drawing->n = drawing->columns = (int) drawing->options->steps;
  return TRUE;
}

/* Writes the vector between @a (@t = 0) and @b (@t = 1), of @n numbers, to @to. @spherical: with the weights of
 * Shoemake 1985, although the vectors are not normalised. For nearly parallel or opposite vectors, or if not
 * @spherical, along a straight line. */
static void
interpolate (const float *a, const float *b, double t, gboolean spherical, gint64 n, float *to)
{
  double aa = 0, bb = 0, ab = 0, wa = 1 - t, wb = t;
  for (gint64 i = 0; i < n; i++)
    aa += (double) a[i] * a[i], bb += (double) b[i] * b[i], ab += (double) a[i] * b[i];
  double angle = acos (CLAMP (ab / MAX (sqrt (aa * bb), 1e-30), -1, 1));
  if (spherical && sin (angle) > 1e-6)
    wa = sin ((1 - t) * angle) / sin (angle), wb = sin (t * angle) / sin (angle);
  for (gint64 i = 0; i < n; i++)
    to[i] = (float) (wa * a[i] + wb * b[i]);
}

/* DrawMethod.codes. Writes n codes in equal steps from the first picture of input 0 to that of input 1, both included,
 * along a line or, with `spherical`, along the sphere. */
static gboolean
codes_interpolate (const Drawing *drawing, float *z, GError **error)
{
  gint64 latent = drawing->latent;
  g_autofree float *ends = g_new (float, 2 * latent);
  for (int i = 0; i < 2; i++)
    if (!rv_vae_encode (drawing->vae, drawing->data[i]->pixels, 1, ends + i * latent, NULL, error))
      return FALSE;
  for (gint64 k = 0; k < drawing->n; k++)
    interpolate (ends, ends + latent, (double) k / (double) (drawing->n - 1), drawing->options->spherical, latent,
                 z + k * latent);
  return TRUE;
}

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* Adds @weight times the mean of the codes of @data to @sum, [latent]. */
static gboolean
add_mean_code (const Drawing *drawing, const RvDataset *data, double weight, double *sum, GError **error)
{
  gint64 latent = drawing->latent;
  g_autoptr (float) mu = new_vectors (data->n, latent, error);
  if (!mu || !rv_vae_encode_dataset (drawing->vae, data, mu, NULL, error))
    return FALSE;
  for (gint64 i = 0; i < data->n * latent; i++)
    sum[i % latent] += weight * mu[i] / (double) data->n;
  return TRUE;
}

/* DrawMethod.codes. The attribute is the difference of the mean codes of the pictures with and without it (Larsen,
 * Sonderby, Larochelle, Winther 2016). Writes n codes: that of the first picture plus the attribute times -`reach` to
 * `reach`, in equal steps. */
static gboolean
codes_edit (const Drawing *drawing, float *z, GError **error)
{
  gint64 latent = drawing->latent, last = drawing->n - 1;
  g_autofree float *mu = g_new (float, latent);
  g_autofree double *attribute = g_new0 (double, latent);
  if (!rv_vae_encode (drawing->vae, drawing->data[0]->pixels, 1, mu, NULL, error) ||
      !add_mean_code (drawing, drawing->data[1], 1, attribute, error) ||
      !add_mean_code (drawing, drawing->data[2], -1, attribute, error))
    return FALSE;
  for (gint64 k = 0; k <= last; k++)
    for (gint64 j = 0; j < latent; j++)
      z[k * latent + j] =
        (float) (mu[j] + drawing->options->reach * (2.0 * (double) k / (double) last - 1) * attribute[j]);
  return TRUE;
}

/* ---- maps of the latent space ------------------------------------------------------------------------------------ */

/* DrawMethod.prepare. Reads nothing; a row of `steps` pictures for each latent dimension. */
static gboolean
prepare_walk (Drawing *drawing, GError **error)
{
  drawing->n = drawing->latent * drawing->options->steps;
  drawing->columns = (int) drawing->options->steps;
  return check_count (drawing->n, error);
}

/* DrawMethod.codes. Varies each latent dimension in a row of its own, from -`reach` to `reach`; the other dimensions
 * are 0. Cannot fail. */
static gboolean
codes_walk (const Drawing *drawing, float *z, GError **error)
{
  gint64 steps = drawing->options->steps, latent = drawing->latent;
  for (gint64 j = 0; j < latent; j++)
    for (gint64 k = 0; k < steps; k++)
      z[(j * steps + k) * latent + j] =
        (float) (drawing->options->reach * (2.0 * (double) k / (double) (steps - 1) - 1));
  return TRUE;
}

/* DrawMethod.prepare. Sets n to `count` squared (without `count`: 20 squared), columns, and no gaps. Reads no input.
 * RV_ERROR_SETTING unless the model has two latent dimensions. */
static gboolean
prepare_manifold (Drawing *drawing, GError **error)
{
  gint64 n = drawing->options->count ? drawing->options->count : MANIFOLD_CELLS;
  drawing->n = n * n;
  drawing->columns = (int) n;
  drawing->gap_px = 0;
  if (!check_count (drawing->n, error))
    return FALSE;
  return drawing->latent == 2 || rv__error_setting (error, "latent",
                                                    "a manifold has two latent dimensions, this model %" G_GINT64_FORMAT
                                                    ": train one with 'latent' 2, or see reverie vae walk",
                                                    drawing->latent);
}

/* DrawMethod.codes, after prepare_manifold(): writes columns x columns codes of two numbers, row by row from the
 * top. z0 varies to the right and z1 upwards, from -`reach` to `reach`. */
static gboolean
codes_manifold (const Drawing *drawing, float *z, GError **error)
{
  gint64 n = drawing->columns;
  double last = (double) MAX (n - 1, 1), reach = drawing->options->reach;
  for (gint64 i = 0; i < n * n; i++) {
    z[2 * i] = (float) (reach * (2 * (double) (i % n) / last - 1));
    z[2 * i + 1] = (float) (reach * (1 - 2 * (double) (i / n) / last));
  }
  return TRUE;
}

/* ---- scatter plot ------------------------------------------------------------------------------------------------ */

/* Whether the result is a scatter plot that is written as SVG, by the suffix of `output`. */
static gboolean
is_svg (const RvJobRequest *request)
{
  const char *output = request->options->output;
  return output && g_str_has_suffix (output, SVG) && strcmp (options_of (request)->what, "scatter") == 0;
}

/* DrawMethod.draw. Draws the first two latent means of data[0] as a cloud. If OUT is .svg, also writes OUT; NULL
 * without an error then if only the picture cannot be rendered, as without librsvg. */
static RvImage *
draw_scatter (const Drawing *drawing, GError **error)
{
  const RvDataset *data = drawing->data[0];
  gboolean as_svg = is_svg (&drawing->run->request);
  g_autoptr (float) mu = new_vectors (data->n, drawing->latent, error);
  if (!mu || !rv_vae_encode_dataset (drawing->vae, data, mu, NULL, error))
    return NULL;
  g_autofree char *svg = rv__vae_plot_latent (drawing->vae, mu, data);
  const RvPictureOptions *options = drawing->run->request.options;
  if (as_svg && !rv_file_write (options->output, svg, !options->no_replace, error))
    return NULL;
  return rv__vae_plot_image (svg, as_svg ? NULL : error);
}

static const DrawMethod methods[] = {
  { "sample", 0, FALSE, FALSE, prepare_sample, codes_sample, NULL },
  { "reconstruct", 1, FALSE, TRUE, prepare_reconstruct, NULL, draw_reconstruct },
  { "interpolate", 2, TRUE, FALSE, prepare_row, codes_interpolate, NULL },
  { "edit", 3, TRUE, TRUE, prepare_row, codes_edit, NULL },
  { "walk", 0, FALSE, FALSE, prepare_walk, codes_walk, NULL },
  { "manifold", 0, FALSE, FALSE, prepare_manifold, codes_manifold, NULL },
  { "scatter", 1, FALSE, TRUE, NULL, NULL, draw_scatter },
  { "decode", 1, FALSE, FALSE, prepare_decode, codes_decode, NULL },
};

/* Row of `methods` that the setting `what` names; static. */
static const DrawMethod *
method_of (const RvJobRequest *request)
{
  const DrawMethod *method = methods;
  while (strcmp (method->name, options_of (request)->what) != 0)
    method++;
  return method;
}

/* ---- checks and plan --------------------------------------------------------------------------------------------- */

/* RvJobClass.check. Sets has_no_checkpoint; method_wrote_result for a scatter plot into .svg; frames to `steps` for an
 * interpolation or an edit into numbered files. RV_ERROR_SETTING for options of `picture` that need iterations, a size
 * or a network ('log', 'size', 'weights', ...), for `condition` without labels to read, and for another number of
 * inputs than `what` needs. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  const RvPictureOptions *options = request->options;
  const DrawMethod *method = method_of (request);
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "input");
  request->has_no_checkpoint = TRUE;
  request->method_wrote_result = is_svg (request);
  if (method->is_row && rv_frame_is_pattern (options->output))
    request->frames = (int) options_of (request)->steps;
  if (options->size_px || options->width_px || options->height_px || options->weights || options->live ||
      options->plot || options->timeline || options->log || options->save_every)
    return rv__error_setting (error, "size,width,height,weights,log,save-every,live,plot,timeline",
                              "a model's picture cannot be combined with 'size', 'width', 'height', 'weights', 'log', "
                              "'save-every', 'live', 'plot' or 'timeline'");
  if (options_of (request)->condition && !method->reads_labels)
    return rv__error_setting (error, "condition", "'condition' cannot be combined with '%s', which reads no labels",
                              method->name);
  if (inputs->len != method->n_inputs)
    return rv__error_setting (error, "what", "'what' %s needs %u input%s called 'input', not %u", method->name,
                              method->n_inputs, method->n_inputs == 1 ? "" : "s", inputs->len);
  return TRUE;
}

/* Checks that @output, unless it is an SVG, is no file in a folder of the job's inputs, and that the two
 * folders of an edit differ. RV_ERROR_FILE. */
static gboolean
check_folders (const RvJobRequest *request, const char *output, GError **error)
{
  g_autoptr (GPtrArray) own = rv__request_inputs (request, "input");
  for (guint i = 0; !request->method_wrote_result && i < own->len; i++) {
    const char *folder = ((const RvJobInput *) own->pdata[i])->file;
    if (folder && rv__atomic_file_is_inside (output, folder))
      return rv__error_set (error, RV_ERROR_FILE, "%s is an input; write to another file", output);
  }
  if (!g_str_equal (method_of (request)->name, "edit"))
    return TRUE;
  const char *with = ((const RvJobInput *) own->pdata[1])->file, *without = ((const RvJobInput *) own->pdata[2])->file;
  return !(with && without && rv__atomic_file_is_inside (with, without) && rv__atomic_file_is_inside (without, with)) ||
         rv__error_set (error, RV_ERROR_FILE,
                        "%s is given twice; 'edit' needs pictures with the attribute, and others without it", with);
}

/* RvJobClass.probe_files. Checks that OUT, or each numbered file, can be written, and is no input or existing file;
 * `force` or a dry run accepts the latter. TRUE without OUT. Checks the folders by check_folders(). Creates the folder
 * of numbered files, except in a dry run. Inputs are checked when they are read. */
static gboolean
probe_files (RvJobRun *run, GError **error)
{
  RvPictureOptions one = *run->request.options;
  const char *output = run->request.options->output;
  g_autofree const char **inputs = g_new0 (const char *, run->request.inputs->len + 2);
  for (guint i = 0; i < run->request.inputs->len; i++)
    inputs[i] = ((const RvJobInput *) run->request.inputs->pdata[i])->file;
  inputs[run->request.inputs->len] = options_of (&run->request)->condition;
  one.make_folder |= run->request.frames > 0;
  for (int k = 0; output && k <= run->request.frames; k++) {
    g_autofree char *name = one.output = k > 0 ? rv__frame_name (output, k) : g_strdup (output);
    if (!rv__picture_check_overwrite (&one, inputs, error) || !check_folders (&run->request, name, error) ||
        (!run->request.method_wrote_result && !rv__picture_check_target (&one, 1, 1, error)))
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) (nullable): the model of the input "model", with the setting `threads`. Errors of
 * rv_vae_from_map() get the file name in front. */
static RvVae *
load_model (const RvJobRequest *request, GError **error)
{
  const char *file = rv__request_input (request, "model")->file;
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error);
  RvVae *vae = map ? rv_vae_from_map (map, error) : NULL;
  if (map && !vae)
    g_prefix_error (error, "%s: ", file);
  if (vae)
    rv_vae_set_threads (vae, (int) options_of (request)->threads);
  return vae;
}

/* (transfer container): names of settings that differ from their defaults, except `what`, and `condition`, whose
 * folders are private; NULL-terminated. */
static const char **
changed_names (const RvSettings *settings)
{
  const char **names = g_new0 (const char *, G_N_ELEMENTS (table));
  int n = 0;
  g_auto (GStrv) changed = rv__settings_changed (settings);
  for (char **name = changed; *name; name++)
    if (strcmp (*name, "what") != 0 && strcmp (*name, "condition") != 0)
      names[n++] = rv__option_find (table, *name)->name;
  return names;
}

/* RvJobClass.prepare. Sets run->method to a Drawing, also after an error, with model and inputs. Sets request.width and
 * height to those of the sheet or of a frame; not for a scatter plot. RV_ERROR_SETTING for `condition`, unless the
 * model is conditional. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  RvJobRequest *request = &run->request;
  int channels, height, width;
  Drawing *drawing = run->method = g_new0 (Drawing, 1);
  *drawing = (Drawing){ .run = run, .options = options_of (request), .method = method_of (request), .gap_px = GAP_PX };
  if (!(drawing->vae = load_model (request, error)))
    return FALSE;
  if (!rv_vae_set_label (drawing->vae, drawing->options->label, error))
    return FALSE;
  if (drawing->options->condition && !drawing->vae->labels)
    return rv__error_setting (error, "condition", "'condition' needs a conditional model, and %s is none",
                              rv__request_input (request, "model")->file);
  rv_vae_picture_size (drawing->vae, &channels, &height, &width);
  drawing->latent = rv_settings_get_int (rv_vae_settings (drawing->vae), "latent", NULL);
  drawing->size = (gint64) channels * height * width;
  for (guint i = 0; i < drawing->method->n_inputs && drawing->method->codes != codes_decode; i++)
    if (!load_data (drawing, i, drawing->method->reads_labels && !(drawing->method->is_row && i == 0), error))
      return FALSE;
  if (drawing->method->prepare && !drawing->method->prepare (drawing, error))
    return FALSE;
  if (request->frames > 0) {
    drawing->columns = 1;
    drawing->gap_px = 0;
  }
  RvSheetLayout layout;
  if (drawing->n > 0) {
    rv__vae_sheet_layout (drawing->vae, request->frames > 0 ? 1 : drawing->n, drawing->columns, drawing->gap_px,
                          &layout);
    rv__sheet_size (&layout, &request->width, &request->height);
  }
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  Drawing *drawing = run->method;
  rv_vae_free (drawing->vae);
  for (guint i = 0; i < G_N_ELEMENTS (drawing->data); i++)
    rv_dataset_free (drawing->data[i]);
  rv_tensor_unref (drawing->codes);
  g_free (drawing);
}

/* RvJobClass.plan. Estimates the memory of pictures and sheet, and no time. Can't fail. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const Drawing *drawing = run->method;
  gsize numbers = (gsize) (drawing->n * drawing->size) + 3 * (gsize) run->request.width * (gsize) run->request.height;
  plan->peak_bytes = rv__system_resident_bytes () + numbers * sizeof (float);
  plan->n_iterations = MAX (run->request.frames, 1);
  plan->backend = "a model";
  plan->n_frames = run->request.frames;
  return TRUE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Reports that picture @i, from 1, of @n is done; applies changed settings, and blocks while the job is paused. Shows
 * @image (nullable) if a preview, `live` or `timeline` is due. @began_us: start of the run (monotonic). FALSE: the run
 * must end: stopped, cancelled, or run->progress.error. */
static gboolean
report_done (RvJobRun *run, RvImage *image, int i, int n, gint64 began_us)
{
  RvJobReport report = rv__job_run_report (run, i, n, began_us);
  report.width = image ? image->width : 0;
  report.height = image ? image->height : 0;
  report.stage_iteration = i;
  report.n_stage_iterations = n;
  report.frame = run->progress.frame;
  report.n_frames = run->request.frames;
  return rv__job_run_report_item (run, &report) && (!image || rv__job_run_show (run, &report, image));
}

/* Draws a frame for each row of @z, [frames, latent], and saves all but the last. *result: (inout) (transfer full)
 * (nullable): NULL before the call; then the last frame drawn, also after an error of saving; NULL after an error of
 * drawing. TRUE also when stopped, cancelled, or with run->progress.error. */
static gboolean
draw_frames (RvJobRun *run, const float *z, gint64 began_us, RvImage **result, GError **error)
{
  const Drawing *drawing = run->method;
  gboolean continues = TRUE;
  for (int k = 1; continues && k <= run->request.frames; k++) {
    if (*result && !rv__job_run_save_frame (run, *result, error))
      return FALSE;
    g_clear_pointer (result, rv_image_unref);
    run->progress.frame = k;
    if (!(*result = draw_codes (drawing, z + (k - 1) * drawing->latent, 1, 1, 0, error)))
      return FALSE;
    continues = report_done (run, *result, k, run->request.frames, began_us);
  }
  return TRUE;
}

/* RvJobClass.run. Draws the frames, or one picture, and sets request.width and height to its size. *result: (transfer
 * full) (nullable): NULL (TRUE) for a scatter plot as SVG without librsvg. TRUE with *result also if stopped or a
 * report failed (run->progress.error). FALSE without @error if cancelled before drawing. An error of
 * rv__job_run_save_frame() leaves *result set. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  const Drawing *drawing = run->method;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (float) z = drawing->method->codes ? new_vectors (drawing->n, drawing->latent, error) : NULL;
  GError *own_error = NULL;
  if ((drawing->method->codes && (!z || !drawing->method->codes (drawing, z, error))) ||
      rv__job_is_cancelled (run->job))
    return FALSE;
  if (run->request.frames > 0)
    return draw_frames (run, z, began_us, result, error);
  *result = z ? draw_codes (drawing, z, drawing->n, drawing->columns, drawing->gap_px, &own_error)
              : drawing->method->draw (drawing, &own_error);
  if (own_error)
    return rv__error_propagate (error, own_error);
  if (*result) {
    run->request.width = (*result)->width;
    run->request.height = (*result)->height;
  }
  report_done (run, *result, 1, 1, began_us);
  return TRUE;
}

/* RvJobClass.fill_recipe. Limits the recipe to changed_names(), an array that the job then owns; no network, no
 * kernels. */
static void
fill_recipe (const RvJobRun *run, RvRecipe *recipe)
{
  char *names = (char *) (gpointer) changed_names (run->request.settings);
  recipe->setting_names = (const char *const *) (gpointer) rv__job_own_text (run->job, names);
  recipe->network = recipe->weights = NULL;
  recipe->kernels = NULL;
}

/* RvJobClass.fill_final_report. Sets n_read to the number of pictures, or codes, that were read. */
static void
fill_final_report (const RvJobRun *run, RvJobReport *report)
{
  const Drawing *drawing = run->method;
  for (guint i = 0; i < G_N_ELEMENTS (drawing->data); i++)
    report->n_read += drawing->data[i] ? drawing->data[i]->n : 0;
  if (drawing->codes)
    report->n_read = drawing->n;
}

static const RvJobRole roles[] = {
  { "model", .needed = TRUE, .is_file = TRUE },
  { "input", .many = TRUE, .is_file = TRUE },
  { NULL },
};

const RvJobClass rv__job_vae_picture = {
  .kind = "vae-picture",
  .method = "vae-picture",
  .command = "vae",
  .subcommand = "what",
  .roles = roles,
  .uses_no_network = TRUE,
  .check = check,
  .probe_files = probe_files,
  .prepare = prepare,
  .plan = plan,
  .run = make,
  .fill_final_report = fill_final_report,
  .fill_recipe = fill_recipe,
  .clear = clear,
};
