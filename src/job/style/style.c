/* style.c -- jobs of style transfer. */
#include "base/error.h"
#include "job/core/steer.h"
#include "job/learned/learned-styles.h"
#include "job/style/styles.h"
#include "method/style/style-internal.h"
#include "method/style-net/style-net.h"
#include "method/style/style.h"
#include <string.h>

typedef struct {
  RvStyle *style;
  const char *const *names; /* names of the losses; owned by the job */
  const char *start;        /* text about the learned style of the start; static; or NULL */
} StyleState;

gboolean
rv__styles_check_only (const RvJobRequest *request, GError **error)
{
  if (!rv__request_input (request, "mask"))
    return TRUE;
  if (!g_str_equal (rv_settings_get_text (request->settings, "regions", NULL), "none"))
    return rv__error_setting (error, "regions", "'regions' cannot be combined with the input 'mask'");
  return g_str_equal (rv_settings_get_text (request->settings, "only", NULL), "none") ||
         rv__error_setting (error, "only", "'only' cannot be combined with the input 'mask'");
}

gboolean
rv__styles_check (RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) styles = rv__request_inputs (request, "style");
  const char *preset = rv_settings_get_text (request->settings, "preset", NULL);
  if (!rv__styles_check_only (request, error))
    return FALSE;
  if (rv__request_input (request, "init") && !rv_settings_set (request->settings, "init", "picture", error))
    return FALSE;
  const RvPreset *found = rv__settings_preset (request->settings->class, preset);
  rv__picture_set_defaults (request->options, found->network, found->height, found->width);
  request->options->truncate = rv_settings_get_bool (request->settings, "truncate", NULL);
  const char *network = request->net ? rv_net_name (request->net) : request->options->network;
  return !network || /* the weights report errors later */
         rv__style_settings_check (request->settings, network, (int) styles->len, error);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable) (element-type RvImage): the styles, in order; empty if there are none. Their longer
 * side is at most that of the result times `style-scale`; at full size with classic resizing. */
static GPtrArray *
load_styles (const RvJobRequest *request, GError **error)
{
  gboolean shrinks = rv__style_settings_resize (request->settings) == RV_IMAGE_RESIZE_BEST;
  double scale = rv_settings_get_real (request->settings, "style-scale", NULL);
  return rv__request_load (request, "style", shrinks ? MAX (request->width, request->height) * scale : 0, error);
}

/* (transfer full) (nullable) (element-type RvCompactImage): the masks at the result's size, always resized smoothly.
 * Compact, since all stay in memory. */
static GPtrArray *
load_masks (const RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "mask"),
                        masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__compact_image_free);
  for (guint i = 0; i < inputs->len; i++) {
    g_autoptr (RvImage) mask =
      rv__job_input_load (inputs->pdata[i], request->width, request->height, RV_IMAGE_RESIZE_BEST, error);
    RvCompactImage *compact = mask ? rv__compact_image_new_mask (mask, error) : NULL;
    if (!compact)
      return NULL;
    g_ptr_array_add (masks, compact);
  }
  return g_steal_pointer (&masks);
}

/* Loads the input of @role at the result's size. *image: (out) (transfer full): NULL after an error; unchanged (TRUE)
 * if there is no such input. */
static gboolean
load_one (const RvJobRequest *request, const char *role, RvImageResize how, RvImage **image, GError **error)
{
  const RvJobInput *input = rv__request_input (request, role);
  return !input || (*image = rv__job_input_load (input, request->width, request->height, how, error));
}

/* (transfer full) (nullable): @photo painted by the built-in style network. For each of the @n @paintings it uses the
 * nearest style; `style-blend` blends them. *names: (out) (transfer full): names of these styles, "a, b"; unchanged
 * after an error. @settings: kind "style". @net: compares pictures. */
static RvImage *
paint_start (const RvSettings *settings, RvNet *net, const RvImage *photo, RvImage *const *paintings, int n,
             char **names, GError **error)
{
  const RvStyleSettings *fields = rv__settings_fields (settings, &rv__settings_style, error);
  g_autofree double *blends = fields ? rv__style_blend_weights (fields, n, error) : NULL;
  g_autoptr (RvStyleNet) style_net = blends ? rv_style_net_new_builtin (error) : NULL;
  if (!style_net || !rv__learned_styles_set_compute (style_net, settings, error))
    return NULL;
  int n_threads = (int) fields->compute.threads;
  g_autofree double *parts = g_new0 (double, rv_style_net_n_styles (style_net));
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < n; i++) {
    int nearest = rv__style_net_nearest_style (style_net, net, photo, paintings[i], n_threads, error);
    if (nearest < 0)
      return NULL;
    parts[nearest] += blends[i];
    g_string_append_printf (text, "%s%s", i ? ", " : "", rv_style_net_style_name (style_net, (guint) nearest));
  }
  RvImage *start = rv_style_net_paint (style_net, photo, parts, n_threads, error);
  if (start)
    *names = g_string_free (g_steal_pointer (&text), FALSE);
  return start;
}

/* Prepares `init` learned; does nothing (TRUE) for another `init`, or if *init is set. *init: (inout) (transfer full):
 * @content in the built-in styles nearest to @styles. *start: (out): a note that names them, interned; unchanged
 * without a note. A resumed or dry run gets a reference on @content and no note. After an error *init stays NULL,
 * and *start is meaningless. */
static gboolean
set_learned_start (const RvJobRun *run, const RvImage *content, const GPtrArray *styles, RvImage **init,
                   const char **start, GError **error)
{
  if (*init || strcmp (rv_settings_get_text (run->request.settings, "init", NULL), "learned") != 0)
    return TRUE;
  if (rv__job_run_resumes (run) || run->request.options->dry_run) { /* such a run does not use `init` */
    *init = rv_image_ref ((RvImage *) content);
    return TRUE;
  }
  g_autofree char *found = NULL;
  *init = paint_start (run->request.settings, run->request.net, content, (RvImage *const *) styles->pdata,
                       (int) styles->len, &found, error);
  g_autofree char *text = g_strdup_printf ("it starts from the learned style %s", found ? found : "");
  *start = g_intern_string (text);
  return *init != NULL;
}

void
rv__styles_note_missing (const RvJobRun *run, const char *setting)
{
  rv__job_note (run->job, NULL,
                g_strdup_printf ("no %s found in the photograph, so %s",
                                 rv_settings_get_text (run->request.settings, setting, NULL),
                                 g_str_equal (setting, "keep") ? "nothing is kept" : "all of it is painted"));
}

/* RvJobClass.prepare. Loads all pictures, and sets run->method to a StyleState, which clear() frees. The method holds
 * references on the pictures and frees them early. Sends a note for each of `keep`, `only` and `regions` that finds
 * nothing. After an error run->method stays NULL. An RV_ERROR_SHAPE of rv__style_new() names the content's file. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  RvImageResize how = rv__style_settings_resize (run->request.settings);
  g_autoptr (RvImage) content = NULL, init = NULL, protect = NULL;
  g_autoptr (GPtrArray) styles = NULL, masks = NULL;
  if (!load_one (&run->request, "content", how, &content, error) || !(styles = load_styles (&run->request, error)) ||
      !(masks = load_masks (&run->request, error)) || !load_one (&run->request, "init", how, &init, error) ||
      !load_one (&run->request, "protect", RV_IMAGE_RESIZE_BEST, &protect, error))
    return FALSE;
  const char *start = NULL;
  if (!set_learned_start (run, content, styles, &init, &start, error))
    return FALSE;
  RvStyle *style = rv__style_new (run->request.settings, run->request.net, content, (RvImage *const *) styles->pdata,
                                  (int) styles->len, init, error);
  if (!style)
    return rv__request_name_error (&run->request, error);
  rv__style_set_kernels (style, run->kernels);
  if (rv__style_lacks (style, "keep"))
    rv__styles_note_missing (run, "keep");
  if (rv__style_lacks (style, "only"))
    rv__styles_note_missing (run, "only");
  if (rv__style_lacks (style, "regions"))
    rv__job_note (run->job, NULL, g_strdup ("no matching regions found, so the whole painting is the style"));
  if (masks->len > 0) {
    g_autofree gpointer *taken = g_ptr_array_steal (masks, NULL);
    rv__style_take_masks (style, (RvCompactImage *const *) taken);
  }
  if (protect)
    rv__style_set_protect (style, protect);
  rv__style_set_stop_request (style, rv__job_run_stop_request (run));
  StyleState *painting = g_new0 (StyleState, 1);
  const char *const *losses = rv__style_losses (style);
  gsize bytes = (g_strv_length ((char **) losses) + 1) * sizeof *losses;
  gconstpointer names = rv__job_own_text (run->job, g_memdup2 (losses, bytes)); /* reports may outlive the method */
  *painting = (StyleState){ style, names, start };
  run->method = painting;
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  StyleState *painting = run->method;
  rv__style_free (painting->style);
  g_free (painting);
}

/* ---- reuse ------------------------------------------------------------------------------------------------------- */

/* RvJobClass.reuse. Calls rv__style_reuse() if both runs have the same network object and the same style inputs in the
 * same order: equal paths, or the same picture in memory. */
static void
reuse (RvJobRun *run, const RvJobRun *other)
{
  g_autoptr (GPtrArray) styles = rv__request_inputs (&run->request, "style"),
                        old_styles = rv__request_inputs (&other->request, "style");
  gboolean same = run->request.net == other->request.net && styles->len == old_styles->len;
  for (guint i = 0; same && i < styles->len; i++) {
    const RvJobInput *style = styles->pdata[i], *old_style = old_styles->pdata[i];
    same = style->picture == old_style->picture && g_strcmp0 (style->file, old_style->file) == 0;
  }
  if (same)
    rv__style_reuse (((StyleState *) run->method)->style, ((StyleState *) other->method)->style);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* RvJobClass.plan: overwrites @plan with the estimate of rv__style_plan(), which measures the time of an evaluation:
 * memory, time, iterations, tiles; no width and height. After an error @plan is unchanged. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvPlan own;
  if (!rv__style_plan (((StyleState *) run->method)->style, &own, error))
    return FALSE;
  rv__job_plan_from (plan, &own);
  return TRUE;
}

static const char *const *
losses (RvJobRun *run)
{
  return ((StyleState *) run->method)->names;
}

/* RvJobClass.resume. Calls rv__style_set_changed() if inputs "mask" or "protect" changed after iteration
 * progress.iteration, so that no iteration has used them. */
static gboolean
resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  RvStyle *style = ((StyleState *) run->method)->style;
  if (!rv__style_resume (style, state, error))
    return FALSE;
  if (rv__steer_inputs_just_changed (run, "mask") || rv__steer_inputs_just_changed (run, "protect"))
    rv__style_set_changed (style);
  return TRUE;
}

/* RvIterationFunc; @data: the run. Passes iteration @p and its line of the log to rv__job_run_progress(). The first
 * report has the note about the learned start. FALSE: the method must end: stopped, cancelled, or run->progress.error.
 */
static gboolean
on_progress (const RvIteration *p, gpointer data)
{
  RvJobRun *run = data;
  const char *const *names = losses (run);
  RvJobReport report = rv__job_report_of (p, names);
  report.note = p->iteration == 1 ? ((StyleState *) run->method)->start : NULL;
  char *head = g_strdup_printf ("\"iteration\": %" G_GINT64_FORMAT ", \"scale\": %d", p->iteration, p->stage);
  return rv__job_run_progress (run, &report, p, rv__job_log_line (run, head, p, names, NULL, 0));
}

/* RvJobClass.run. *result: as of rv__style_run(). */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  return rv__style_run (((StyleState *) run->method)->style, on_progress, run, result, error);
}

/* RvJobClass.check_steer. @own is not used: the kind has no settings of its own. */
static gboolean
check_steer (const RvSettings *begun, const RvSettings *own, const RvSettings *now, GError **error)
{
  return rv__style_check_steer (begun, now, error);
}

/* RvJobClass.steer. Passes the current settings to rv__style_steer(). */
static gboolean
steer (RvJobRun *run, GError **error)
{
  return rv__style_steer (((StyleState *) run->method)->style, run->progress.current_settings, error);
}

/* (transfer full) (nullable): the picture after the iteration @progress, an RvIteration. RvJobClass.picture. */
static RvImage *
picture (gconstpointer progress, GError **error)
{
  return rv__style_picture (progress, error);
}

/* RvJobClass.state; @progress: an RvIteration. Never NULL. */
static RvTensorMap *
state (RvJobRun *run, gconstpointer progress)
{
  return rv__style_state (progress);
}

static const RvJobRole roles[] = {
  { "content", .needed = TRUE },
  { "style", .needed = TRUE, .many = TRUE },
  { "mask", .many = TRUE, .may_change = TRUE, .mask_of = "style" },
  { "init" },
  { "protect", .may_change = TRUE, .mask_of = "content" },
  { NULL },
};

const RvJobClass rv__job_style = {
  .kind = "style",
  .method = "style",
  .roles = roles,
  .check = rv__styles_check,
  .prepare = prepare,
  .reuse = reuse,
  .plan = plan,
  .losses = losses,
  .resume = resume,
  .run = make,
  .check_steer = check_steer,
  .steer = steer,
  .picture = picture,
  .state = state,
  .clear = clear,
};
