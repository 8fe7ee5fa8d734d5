/* core.c -- procedures, requests and jobs. */
#include "core.h"
#include <math.h>
#include <string.h>

/* ---- procedures -------------------------------------------------------------------------------------------------- */

const Procedure core_procedures[] = {
  { "plug-in-reverie-style", "_Style...", "Paints the layer in the style of a painting, by optimisation", "style",
    "content", "style", "painting", "painting-image", "painting with the style",
    .missing = "choose a painting: a file, or an open image" },
  { "plug-in-reverie-learned", "_Learned style...", "Paints the layer in a learned style, in one pass", "style-learned",
    "content", "style", "painting", "painting-image", "painting with the style; only for 'learned' any",
    .styles = "learned", .missing = "choose a learned style, or name one in 'learned'" },
  { "plug-in-reverie-dream", "_Dream...", "Enhances in the layer what a neural network recognises (DeepDream)", "dream",
    "picture", "guide", "guide", "guide-image", "picture whose features the dream grows toward" },
  { NULL },
};

const Procedure *
core_procedure (const char *name)
{
  for (const Procedure *procedure = core_procedures; procedure->name; procedure++)
    if (strcmp (procedure->name, name) == 0)
      return procedure;
  return NULL;
}

const RvOption *
core_option (const Procedure *procedure, guint i)
{
  const char *kind;
  for (guint k = 0; (kind = rv_job_settings_kind (procedure->kind, k)); k++) {
    if (i < rv_settings_n_options (kind))
      return rv_settings_option (kind, i);
    i -= rv_settings_n_options (kind);
  }
  return NULL;
}

double
core_option_number (const RvOption *option, double *min, double *max)
{
  const char *text = rv_option_default (option);
  double def = text ? g_ascii_strtod (text, NULL) : 0;
  rv_option_range (option, min, max);
  *min = MIN (*min, def);
  return def;
}

char *
core_option_text (const RvOption *option)
{
  GString *text = g_string_new (rv_option_help (option));
  const char *const *choices = rv_option_choices (option);
  double min, max;
  if (choices) {
    g_autofree char *names = g_strjoinv (", ", (char **) choices);
    g_string_append_printf (text, "; one of %s", names);
  } else if (rv_option_range (option, &min, &max))
    g_string_append_printf (text, "; %g to %g", min, max);
  else if (rv_option_type (option) == RV_OPTION_TEXT && rv_option_unit (option))
    g_string_append_printf (text, "; %s", rv_option_unit (option));
  if (rv_option_default (option))
    g_string_append_printf (text, " [%s]", rv_option_default (option));
  return g_string_free (text, FALSE);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

Request *
request_new (const Procedure *procedure, GError **error)
{
  RvJob *settings = rv_job_new (procedure->kind, error);
  if (!settings)
    return NULL;
  Request *request = g_new0 (Request, 1);
  request->procedure = procedure;
  request->settings = settings;
  return request;
}

void
request_free (Request *request)
{
  rv_image_unref (request->picture);
  rv_image_unref (request->image);
  g_free (request->file);
  g_free (request->inputs);
  rv_job_unref (request->settings);
  g_free (request);
}

/* (nullable): the procedure's option @name. Borrowed. */
static const RvOption *
find_option (const Procedure *procedure, const char *name)
{
  const RvOption *option;
  guint i = 0;
  while ((option = core_option (procedure, i)) && strcmp (rv_option_name (option), name) != 0)
    i++;
  return option;
}

/* Whether @value leaves an option without a default to the method. */
static gboolean
is_left_to_method (const RvOption *option, const char *value)
{
  return option && !rv_option_default (option) && (!*value || strcmp (value, "0") == 0);
}

gboolean
request_set (Request *request, const char *name, const char *value, GError **error)
{
  if (!is_left_to_method (find_option (request->procedure, name), value))
    return rv_job_set (request->settings, name, value, error);
  g_autofree char *reset = g_strdup_printf ("{\"%s\": null}", name);
  return rv_job_set_json (request->settings, reset, error);
}

char *
request_get (const Request *request, const char *name)
{
  char *value = rv_job_get (request->settings, name, NULL);
  if (value && is_left_to_method (find_option (request->procedure, name), value))
    *value = '\0';
  return value;
}

void
request_use_image (Request *request, int id)
{
  if (id != request->image_id)
    g_clear_pointer (&request->image, rv_image_unref);
  request->image_id = id;
}

gboolean
request_set_json (Request *request, const char *json, GError **error)
{
  return !json || !*json || rv_job_set_json (request->settings, json, error);
}

char *
core_title (const Procedure *procedure)
{
  /* skips the underscore of the mnemonic */
  return g_strndup (procedure->label + 1, strcspn (procedure->label + 1, "."));
}

char *
core_layer_name (const Request *request)
{
  const char *option = request->procedure->styles;
  g_autofree char *title = core_title (request->procedure), *styles = option ? request_get (request, option) : NULL;
  g_autofree char *base = request->file ? g_path_get_basename (request->file) : NULL;
  g_autofree char *file = base ? g_filename_display_name (base) : NULL;
  const char *of = styles && *styles ? styles : request->image ? "an open image" : file;
  return of ? g_strdup_printf ("%s: %s", title, of) : g_steal_pointer (&title);
}

/* Stores the file name as bytes: it may not be UTF-8. */
char *
request_to_text (const Request *request)
{
  g_autofree char *settings = rv_job_to_json (request->settings, NULL, NULL, NULL);
  g_autoptr (GVariant) all = g_variant_ref_sink (g_variant_new (
    "(s^ays)", settings ? settings : "", request->file ? request->file : "", request->inputs ? request->inputs : ""));
  return g_variant_print (all, FALSE);
}

static char *
text_or_null (const char *text)
{
  return *text ? g_strdup (text) : NULL;
}

void
request_restore (Request *request, const char *text)
{
  g_autoptr (GVariant) all = g_variant_parse (G_VARIANT_TYPE ("(says)"), text, NULL, NULL, NULL);
  const char *settings, *file, *inputs;
  if (!all)
    return;
  g_variant_get (all, "(&s^&ay&s)", &settings, &file, &inputs);
  g_autoptr (RvJob) job = rv_job_new_from_json (settings, -1, NULL, NULL, NULL);
  if (job && strcmp (rv_job_kind (job), request->procedure->kind) == 0) {
    rv_job_unref (request->settings);
    request->settings = g_steal_pointer (&job);
    g_free (request->file);
    request->file = text_or_null (file);
    g_free (request->inputs);
    request->inputs = text_or_null (inputs);
  }
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

/* Adds files of a role: a name, or a list of names. RV_ERROR_SETTING. */
static gboolean
add_role (RvJob *job, const char *role, GVariant *files, GError **error)
{
  if (g_variant_is_of_type (files, G_VARIANT_TYPE_STRING))
    return rv_job_add_file (job, role, g_variant_get_string (files, NULL), error);
  gboolean ok = g_variant_is_of_type (files, G_VARIANT_TYPE ("av"));
  for (gsize i = 0; ok && i < g_variant_n_children (files); i++) {
    g_autoptr (GVariant) item = g_variant_get_child_value (files, i), file = g_variant_get_variant (item);
    ok = g_variant_is_of_type (file, G_VARIANT_TYPE_STRING);
    if (ok && !rv_job_add_file (job, role, g_variant_get_string (file, NULL), error))
      return FALSE;
  }
  if (!ok)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "inputs: '%s' must be a file name or a list of file names", role);
  return ok;
}

/* Adds the files of @inputs (nullable), JSON as in CORE_INPUTS_HELP. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
static gboolean
add_inputs (RvJob *job, const char *inputs, GError **error)
{
  if (!inputs || !*inputs)
    return TRUE;
  g_autoptr (GVariant) all = rv_json_read (inputs, -1, "inputs", error);
  if (!all)
    return FALSE;
  GVariantIter each;
  const char *role;
  GVariant *files;
  g_variant_iter_init (&each, all);
  while (g_variant_iter_loop (&each, "{&sv}", &role, &files))
    if (!add_role (job, role, files, error)) {
      g_variant_unref (files); /* the loop frees it only when it continues */
      return FALSE;
    }
  return TRUE;
}

/* Adds the style network files of the learned styles as inputs; removes their folders from the option. */
static gboolean
add_style_nets (RvJob *job, const Request *request, GError **error)
{
  const char *option = request->procedure->styles;
  g_autofree char *named = option ? request_get (request, option) : NULL;
  if (!option)
    return TRUE;
  g_autoptr (RvLearnedStyles) with = rv_learned_styles_new (named, error);
  if (!with)
    return FALSE;
  for (guint i = 0; i < rv_learned_styles_n (with); i++)
    if (rv_learned_styles_file (with, i) && !rv_job_add_file (job, "painter", rv_learned_styles_file (with, i), error))
      return FALSE;
  g_autofree char *text = rv_learned_styles_text (with, -1);
  return rv_job_set (job, option, text, error);
}

/* Checks that a style or another picture is chosen. Sets RV_ERROR_SETTING with procedure->missing. */
static gboolean
check_chosen (const Request *request, GError **error)
{
  const Procedure *procedure = request->procedure;
  g_autofree char *styles = procedure->styles ? request_get (request, procedure->styles) : g_strdup ("");
  gboolean other = request->image || request->file || (request->inputs && *request->inputs);
  if (*styles || other || !procedure->missing)
    return TRUE;
  g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING, procedure->missing);
  return FALSE;
}

/* Adds all inputs of the request. @picture: the layer, or NULL. RV_ERROR_SETTING. */
static gboolean
add_all (RvJob *job, const Request *request, RvImage *picture, GError **error)
{
  const Procedure *procedure = request->procedure;
  if (!check_chosen (request, error))
    return FALSE;
  if (picture && !rv_job_add_picture (job, procedure->content, picture, error))
    return FALSE;
  if (request->image && !rv_job_add_picture (job, procedure->role, request->image, error))
    return FALSE;
  if (!request->image && request->file && !rv_job_add_file (job, procedure->role, request->file, error))
    return FALSE;
  return add_inputs (job, request->inputs, error) && add_style_nets (job, request, error);
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

RvKernelTable *
core_kernels (void)
{
  static RvKernelTable *kernels;
  if (!kernels) {
    kernels = rv_kernel_table_new ();
    rv_kernel_cache_add (kernels);
  }
  return kernels;
}

/* (transfer full) (nullable): makes a job. @picture: NULL if the job takes none. */
typedef RvJob *(*MakeFunc) (const Request *request, RvImage *picture, GError **error);

/* (transfer full) (nullable): a job of @make with @picture, or without it if that fails. *without: (out): TRUE in the
 * second case. If both fail, sets the error of the first. */
static RvJob *
make_with_or_without (MakeFunc make, const Request *request, RvImage *picture, gboolean *without, GError **error)
{
  GError *why = NULL;
  RvJob *job = make (request, picture, &why);
  *without = !job;
  if (!job && !(job = make (request, NULL, NULL))) {
    g_propagate_error (error, why);
    return NULL;
  }
  g_clear_error (&why);
  rv_job_set_kernels (job, core_kernels ());
  return job;
}

static RvJob *
job_of (const Request *request, RvImage *picture, GError **error)
{
  g_autofree char *json = rv_job_to_json (request->settings, NULL, NULL, error);
  g_autoptr (RvJob) job = json ? rv_job_new_from_json (json, -1, NULL, NULL, error) : NULL;
  if (!job || !add_all (job, request, picture, error) || !rv_job_check (job, TRUE, error))
    return NULL;
  return g_steal_pointer (&job);
}

RvJob *
request_job (Request *request, GError **error)
{
  return make_with_or_without (job_of, request, request->picture, &request->takes_no_picture, error);
}

/* Options outside the method's table that affect a preview. The others concern files, sizes and sets of pictures. */
static const char *const in_previews[] = { "learned", "network", "weights", "style-weight", NULL };

/* Sets the options in @job that affect a preview. RV_ERROR_SETTING. */
static gboolean
set_for_preview (RvJob *job, const Request *request, GError **error)
{
  const char *method = rv_job_settings_kind (request->procedure->kind, 0);
  const RvOption *option;
  for (guint i = 0; (option = core_option (request->procedure, i)); i++) { /* the preset comes first */
    const char *name = rv_option_name (option);
    gboolean wanted = rv_settings_find_option (method, name) == option || g_strv_contains (in_previews, name);
    g_autofree char *value = wanted ? rv_job_get (request->settings, name, NULL) : NULL;
    g_autofree char *now = wanted ? rv_job_get (job, name, NULL) : NULL;
    if (wanted && g_strcmp0 (value, now) != 0 && !rv_job_set (job, name, value, error))
      return FALSE;
  }
  return TRUE;
}

static RvJob *
preview_of (const Request *request, RvImage *small, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new (request->procedure->kind, error);
  g_autofree char *size = g_strdup_printf ("%d", small ? MAX (small->width, small->height) : CORE_PREVIEW_PX);
  if (!job || !set_for_preview (job, request, error) || !rv_job_set (job, "size", size, error) ||
      !add_all (job, request, small, error) || !rv_job_check (job, TRUE, error))
    return NULL;
  return g_steal_pointer (&job);
}

RvJob *
request_preview_job (const Request *request, RvImage *small, GError **error)
{
  gboolean takes_no_picture;
  return make_with_or_without (preview_of, request, small, &takes_no_picture, error);
}

RvImage *
core_small (RvImage *picture, GError **error)
{
  double scale = (double) CORE_PREVIEW_PX / MAX (picture->width, picture->height);
  if (scale >= 1)
    return rv_image_ref (picture);
  return rv_image_resize (picture, MAX (1, (int) lround (picture->width * scale)),
                          MAX (1, (int) lround (picture->height * scale)), RV_IMAGE_RESIZE_BEST, error);
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

char *
core_progress (const RvJobReport *report)
{
  double done = CLAMP (report->done_01, 0, 1);
  g_autofree char *left = rv_text_seconds (done > 0 ? report->seconds * (1 - done) / done : 0);
  return g_strdup_printf ("iteration %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT "%s%s%s", report->iteration,
                          report->n_iterations, done > 0 ? ", about " : "", done > 0 ? left : "",
                          done > 0 ? " left" : "");
}

typedef struct {
  RvJobFunc func;
  gpointer user_data;
  gboolean ended;
} Run;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Run *run = data;
  if (report->type == RV_JOB_REPORT_ENDED)
    run->ended = TRUE;
  else if (run->func)
    run->func (job, report, run->user_data);
}

/* (transfer full) (nullable): the result; with "truncate", values truncated to 8 bits as in a saved file. */
static RvImage *
as_saved (RvJob *job, GError **error)
{
  g_autoptr (RvImage) result = rv_job_result (job);
  g_autofree char *truncate = rv_job_get (job, "truncate", NULL);
  if (!result || g_strcmp0 (truncate, "yes") != 0)
    return g_steal_pointer (&result);
  const RvSaveOptions options = { .truncate = TRUE };
  g_autoptr (GBytes) file = rv_image_save_bytes_sized (result, ".png", &options, sizeof options, error);
  return file ? rv_image_load_bytes (file, 0, 0, error) : NULL;
}

RvImage *
core_run (const Request *request, RvJob *job, RvJobFunc func, gpointer user_data, GCancellable *cancellable,
          GError **error)
{
  Run run = { func, user_data };
  rv_job_subscribe (job, 1, on_report, &run, NULL);
  if (!rv_job_start (job, cancellable, error))
    return NULL;
  while (!run.ended)
    g_main_context_iteration (NULL, TRUE);
  if (!rv_job_wait (job, error))
    return NULL;
  rv_kernel_cache_save (core_kernels ());
  g_autoptr (RvImage) result = as_saved (job, error);
  const RvImage *picture = request->takes_no_picture ? NULL : request->picture;
  if (!result || !picture || (result->width == picture->width && result->height == picture->height))
    return g_steal_pointer (&result);
  return rv_image_resize (result, picture->width, picture->height, RV_IMAGE_RESIZE_BEST, error);
}

static void
on_progress (RvJob *job, const RvJobReport *report, gpointer progress)
{
  if (report->type == RV_JOB_REPORT_PROGRESS)
    (*(const CoreProgressFunc *) progress) (report->done_01);
}

RvImage *
core_run_now (Request *request, CoreProgressFunc progress, char **recipe, GError **error)
{
  g_autoptr (RvJob) job = request_job (request, error);
  RvImage *result = job ? core_run (request, job, on_progress, &progress, NULL, error) : NULL;
  *recipe = result ? rv_job_recipe (job) : NULL;
  return result;
}

gboolean
core_is_cancelled (const GError *error)
{
  return g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED);
}
