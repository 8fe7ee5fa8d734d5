/* style-learned.c -- jobs that paint a picture in learned styles, in one pass. */
#include "base/error.h"
#include "base/settings.h"
#include "job/learned/learned-styles.h"
#include "job/style/styles.h"
#include <reverie/mask.h>

#define POLL_US 20000 /* poll interval for the shared networks and for cancelling */

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  char *learned;
} LearnedOptions;

static const RvOption table[] = {
  { "learned", 0, RV_OPTION_TEXT, offsetof (LearnedOptions, learned), .old_name = "with",
    .unit = "NAME|FILE[:WEIGHT],...",
    .help = "learned styles: built-in ones by name, those of style network files or ONNX files, or the word any",
    .group = "learned styles" },
  { NULL },
};

const RvSettingsClass rv__settings_style_learned = {
  .kind = "style-learned", .command = "style", .table = table, .size = sizeof (LearnedOptions)
};

/* (transfer full) (nullable): the setting `learned`, parsed. RV_ERROR_SETTING if it is not set. */
static RvLearnedStyles *
learned_of (const RvJobRequest *request, GError **error)
{
  const char *text = ((const LearnedOptions *) request->kind_settings->fields)->learned;
  if (text)
    return rv__learned_styles_from_request (request, text, error);
  return rv__null (rv__error_setting (error, "learned", "style-learned jobs need 'learned': the learned styles"));
}

/* RvJobClass.check. Replaces the setting `learned` by the list of all styles with their files, as recipes have it. Sets
 * has_no_checkpoint and options->truncate. RV_ERROR_SETTING for options that need iterations, such as `log` and
 * `live`. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  RvPictureOptions *options = request->options;
  if (options->log || options->plot || options->timeline || options->live || options->save_every > 0)
    return rv__error_setting (error, "log,save-every,live,plot,timeline",
                              "'log', 'save-every', 'live', 'plot' and 'timeline' need iterations; 'learned' has none");
  g_autoptr (RvLearnedStyles) learned = learned_of (request, error);
  g_autofree char *text = learned ? rv_learned_styles_text (learned, -1) : NULL;
  request->has_no_checkpoint = TRUE;
  options->truncate = rv_settings_get_bool (request->settings, "truncate", NULL);
  return learned && rv__learned_styles_check_inputs (learned, request, error) &&
         rv__styles_check_only (request, error) && rv_settings_set (request->kind_settings, "learned", text, error);
}

/* ---- style networks ---------------------------------------------------------------------------------------------- */

/* Networks that the jobs of a batch share, one job at a time. */
typedef struct {
  gint ref_count;
  GMutex lock; /* guards the members below: networks cache their engines */
  RvLearnedStyles *learned;
  gboolean loaded;
} SharedStyleNets;

/* Data of the job: run->method. */
typedef struct {
  SharedStyleNets *style_nets;
  RvImage *photo;       /* at the size of the result */
  RvImage **masks;      /* NULL-terminated; NULL: none */
  RvImage *only, *keep; /* masks of what `only` and `keep` name; NULL: none */
} PaintInputs;

/* Drops a reference on @style_nets (nullable); the last one frees it. */
static void
style_nets_unref (SharedStyleNets *style_nets)
{
  if (!style_nets || !g_atomic_int_dec_and_test (&style_nets->ref_count))
    return;
  rv_learned_styles_free (style_nets->learned);
  g_mutex_clear (&style_nets->lock);
  g_free (style_nets);
}

/* Loads the inputs "mask" at the result's size into painting->masks; NULL without such inputs. In a dry run the list
 * has no masks: only its existence counts, for reuse(). */
static gboolean
load_masks (RvJobRequest *request, PaintInputs *painting, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "mask");
  painting->masks = inputs->len > 0 ? g_new0 (RvImage *, inputs->len + 1) : NULL;
  for (guint i = 0; i < inputs->len && !request->options->dry_run; i++)
    if (!(painting->masks[i] =
            rv__job_input_load (inputs->pdata[i], request->width, request->height, RV_IMAGE_RESIZE_BEST, error)))
      return FALSE;
  return TRUE;
}

/* Sets *mask (transfer full) to a mask of the kind of object that @setting names. *mask is unchanged (TRUE) if @setting
 * is "none", in a dry run, and, with a note to the user, if the photograph has no such object. */
static gboolean
detect (const RvJobRun *run, const char *setting, RvImage **mask, GError **error)
{
  const RvJobRequest *request = &run->request;
  const char *kind = rv_settings_get_text (request->settings, setting, NULL);
  if (g_str_equal (kind, "none") || request->options->dry_run)
    return TRUE;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) made =
    rv_mask_new (((const PaintInputs *) run->method)->photo, kind,
                 (int) rv_settings_get_int (request->settings, "threads", NULL), &found, error);
  if (!made)
    return FALSE;
  if (found)
    *mask = g_steal_pointer (&made);
  else
    rv__styles_note_missing (run, setting);
  return TRUE;
}

/* RvJobClass.prepare. Sets run->method to PaintInputs, also after an error, with photograph and masks; load() loads the
 * networks. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  PaintInputs *painting = run->method = g_new0 (PaintInputs, 1);
  RvLearnedStyles *learned = learned_of (&run->request, error);
  if (!learned)
    return FALSE;
  painting->style_nets = g_new0 (SharedStyleNets, 1);
  painting->style_nets->ref_count = 1;
  painting->style_nets->learned = learned;
  g_mutex_init (&painting->style_nets->lock);
  painting->photo = rv__job_input_load (rv__request_input (&run->request, "content"), run->request.width,
                                        run->request.height, RV_IMAGE_RESIZE_BEST, error);
  return painting->photo && load_masks (&run->request, painting, error) &&
         detect (run, "only", &painting->only, error) &&
         (rv_settings_get_real (run->request.settings, "keep-strength", NULL) == 0 ||
          detect (run, "keep", &painting->keep, error));
}

static void
clear (RvJobRun *run)
{
  PaintInputs *painting = run->method;
  style_nets_unref (painting->style_nets);
  rv_image_unref (painting->photo);
  rv_image_unref (painting->only);
  rv_image_unref (painting->keep);
  for (int i = 0; painting->masks && painting->masks[i]; i++)
    rv_image_unref (painting->masks[i]);
  g_free (painting->masks);
  g_free (painting);
}

/* RvJobClass.reuse. Replaces the networks of @run by a reference on those of @from, if both have the same styles, in
 * order, of the same files with the same weights, the same `preprocessing`, and either both or neither have masks. Not
 * for "any". */
static void
reuse (RvJobRun *run, const RvJobRun *from)
{
  PaintInputs *painting = run->method;
  const PaintInputs *other = from->method;
  const RvLearnedStyles *learned = painting->style_nets->learned, *old = other->style_nets->learned;
  gboolean equal = run != from && !learned->is_any && !old->is_any && learned->items->len == old->items->len &&
                   !painting->masks == !other->masks && g_strcmp0 (learned->preprocessing, old->preprocessing) == 0;
  for (guint i = 0; equal && i < learned->items->len; i++) {
    const RvLearnedStyle *x = rv__learned_styles_item (learned, i), *y = rv__learned_styles_item (old, i);
    equal = x->weight == y->weight && g_strcmp0 (x->file, y->file) == 0 && g_strcmp0 (x->style, y->style) == 0;
  }
  if (!equal)
    return;
  style_nets_unref (painting->style_nets);
  painting->style_nets = other->style_nets;
  g_atomic_int_inc (&painting->style_nets->ref_count);
}

/* Locks the networks that jobs of a batch share; the caller unlocks style_nets->lock. Waits while another job uses
 * them. RV_ERROR_CANCELLED if this job is cancelled meanwhile; nothing is then locked. */
static gboolean
lock (RvJobRun *run, GError **error)
{
  const PaintInputs *painting = run->method;
  while (!g_mutex_trylock (&painting->style_nets->lock)) {
    if (rv__job_is_cancelled (run->job))
      return rv__error_set (error, RV_ERROR_CANCELLED, "the job was cancelled");
    g_usleep (POLL_US);
  }
  return TRUE;
}

/* Loads the styles, unless they are loaded. With masks they are not blended, and may be of different networks. The
 * caller holds the lock. */
static gboolean
load (RvJobRun *run, GError **error)
{
  const PaintInputs *painting = run->method;
  SharedStyleNets *style_nets = painting->style_nets;
  style_nets->loaded =
    style_nets->loaded || rv__learned_styles_load_for_request (style_nets->learned, &run->request, error);
  return style_nets->loaded;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* RvJobClass.plan. Estimates memory and strips, no time. Locks the shared networks during the call and
 * leaves them loaded. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const RvJobRequest *request = &run->request;
  const PaintInputs *painting = run->method;
  RvPlan estimate = { 0 };
  if (!lock (run, error))
    return FALSE;
  gboolean ok = load (run, error) && rv__learned_styles_plan (painting->style_nets->learned, -1, request->width,
                                                              request->height, request->settings, &estimate, error);
  g_mutex_unlock (&painting->style_nets->lock);
  plan->peak_bytes = estimate.peak_bytes;
  plan->device_peak_bytes = estimate.device_peak_bytes;
  plan->n_tiles = estimate.n_tiles;
  plan->n_iterations = 1;
  plan->backend = "a style network";
  return ok;
}

/* RvJobClass.run. Waits for the shared networks, loads them, and paints. Without `only` and `keep`, may paint into the
 * photograph itself, but not into a picture of the caller. *result: (out) (transfer full): unchanged after an error. A
 * failed report sets run->progress.error (TRUE). */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  PaintInputs *painting = run->method;
  gint64 began_us = g_get_monotonic_time ();
  gboolean is_own = painting->photo != rv__request_input (&run->request, "content")->picture;
  const RvLearnedPaintOptions options = { .only = -1,
                                          .masks = painting->masks,
                                          .keep = painting->keep,
                                          .in_place = is_own && !painting->only && !painting->keep };
  g_autoptr (RvImage) painted = NULL;
  if (!lock (run, error))
    return FALSE;
  if (load (run, error))
    painted =
      rv__learned_styles_paint (painting->style_nets->learned, &options, painting->photo, run->request.settings, error);
  g_mutex_unlock (&painting->style_nets->lock);
  g_autoptr (RvImage) made = painted
                               ? rv__learned_styles_restore_photo (run->request.settings, painted, painting->photo,
                                                                   painting->only, painting->keep, error)
                               : NULL;
  if (!made)
    return FALSE;
  RvJobReport report = rv__job_run_report (run, 1, 1, began_us);
  report.stage_iteration = report.n_stage_iterations = 1;
  rv__job_run_progress (run, &report, made, NULL);
  *result = g_steal_pointer (&made);
  return TRUE;
}

/* RvJobClass.fill_recipe. Limits the recipe to the settings that affect the result, in the order of recipes. Sets
 * network, weights and kernels by rv__learned_styles_fill_recipe(). run->method may be NULL. */
static void
fill_recipe (const RvJobRun *run, RvRecipe *recipe)
{
  static const char *const names[] = { "learned",       "strength", "keep-colors", "only",        "keep",
                                       "keep-strength", "threads",  "truncate",    "style-scale", "style-blend",
                                       "backend",       "gpu",      NULL };
  const char *learned = ((const LearnedOptions *) run->request.kind_settings->fields)->learned;
  const PaintInputs *painting = run->method;
  rv__learned_styles_fill_recipe (learned, painting ? painting->style_nets->learned : NULL, recipe);
  recipe->setting_names = names;
  recipe->in_order = TRUE;
}

static const RvJobRole roles[] = {
  { "content", .needed = TRUE },
  { "style", .many = TRUE },
  { "painter", .many = TRUE, .is_file = TRUE }, /* file that `learned` names */
  { "mask", .many = TRUE, .mask_of = "style" },
  { NULL },
};

const RvJobClass rv__job_style_learned = {
  .kind = "style-learned",
  .old_kind = "style-with",
  .method = "style",
  .kind_settings = "style-learned",
  .own_table = table,
  .roles = roles,
  .uses_no_network = TRUE,
  .check = check,
  .prepare = prepare,
  .reuse = reuse,
  .plan = plan,
  .run = make,
  .fill_recipe = fill_recipe,
  .clear = clear,
};
