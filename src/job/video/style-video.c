/* style-video.c -- jobs that paint a video: their inputs and their renderer. */
#include "base/error.h"
#include "job/video/video-run.h"
#include "method/style/style-internal.h"
#include "method/video/video-style.h"
#include "method/video/video-learned.h"
#include "job/learned/learned-styles.h"
#include "job/style/styles.h"
#include <string.h>

/* Inputs of a style video. `masks` is NULL-terminated. */
typedef struct {
  RvVideoLearnedSpec spec;  /* for learned styles */
  RvLearnedStyles *learned; /* NULL: style pictures instead */
  GPtrArray *styles;        /* RvImage */
  RvImage **masks, *protect;
  RvMaskTracker *only, *keep; /* trackers of what the settings `only` and `keep` name; NULL: none */
  RvMaskTracker *faces;       /* tracker of faces, for matching; NULL: none */
  RvMaskTracker *regions;     /* tracker of `regions`; NULL: none */
  RvImage *faces_mask;
  RvImage *only_mask, *keep_mask; /* only_mask: for learned styles; with style pictures it is in `masks` */
} StyleVideoInputs;

/* Checks `learned`, and replaces it by the list of all styles with their files, as recipes have it. Sets
 * uses_no_network, the default network and options->truncate. RV_ERROR_SETTING for the inputs "protect" and
 * "keyframe". */
static gboolean
check_learned (RvJobRequest *request, GError **error)
{
  g_autoptr (RvLearnedStyles) learned =
    rv__learned_styles_from_request (request, rv__video_options_of (request)->learned, error);
  g_autofree char *text = learned ? rv_learned_styles_text (learned, -1) : NULL;
  if (!learned || !rv_settings_set (request->kind_settings, "learned", text, error) ||
      !rv__learned_styles_check_inputs (learned, request, error) || !rv__styles_check_only (request, error))
    return FALSE;
  request->uses_no_network = TRUE;
  rv__picture_set_defaults (request->options, "builtin", 0, 0);
  request->options->truncate = rv_settings_get_bool (request->settings, "truncate", NULL);
  const char *other = rv__request_input (request, "protect")    ? "protect"
                      : rv__request_input (request, "keyframe") ? "keyframe"
                                                                : NULL;
  return !other || rv__error_setting (error, "learned", "'learned' cannot be combined with the input '%s'", other);
}

/* RvJobClass.check. Calls rv__video_check(); then check_learned() with `learned`, else rv__styles_check().
 * RV_ERROR_SETTING for a setting that does not work for videos, and without style pictures and `learned`. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  gboolean learned = rv__video_options_of (request)->learned != NULL;
  if (!rv__video_check (request, error))
    return FALSE;
  const RvSettings *settings = request->settings; /* learned styles have none of these; 0 leaves the video as it is */
  const char *name = learned                                                  ? NULL
                     : *rv_settings_get_text (settings, "time", NULL)         ? "time"
                     : rv_settings_get_int (settings, "until", NULL) > 0      ? "until"
                     : rv_settings_get_real (settings, "strength", NULL) == 0 ? "strength"
                                                                              : NULL;
  if (name)
    return rv__error_setting (error, name, "a video cannot be combined with '%s'%s", name,
                              g_str_equal (name, "strength") ? " 0" : "");
  if (learned || rv__request_input (request, "style"))
    return learned ? check_learned (request, error) : rv__styles_check (request, error);
  return rv__error_setting (error, NULL, "style-video jobs need an input called 'style', or the setting 'learned'");
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Loads the first frame of the inputs "mask" into painting->masks, a new array, and of "protect" into
 * painting->protect (stays NULL without one). The array has space for at least @n_styles masks; the rest is NULL.
 * @painting owns all, also after an error. It stays in use until rv__video_masks_clear(): later frames replace the
 * masks. */
static gboolean
load_masks (RvJobRun *run, StyleVideoInputs *painting, int n_styles, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, "mask");
  const RvJobInput *protect = rv__request_input (&run->request, "protect");
  painting->masks = g_new0 (RvImage *, MAX ((int) inputs->len, n_styles) + 1);
  for (guint i = 0; i < inputs->len; i++)
    if (!rv__video_load_mask (run, inputs->pdata[i], &painting->masks[i], error))
      return FALSE;
  return !protect || rv__video_load_mask (run, protect, &painting->protect, error);
}

/* Prepares a mask of the objects of @kind, and opens the reader; changes nothing (TRUE) for "none".
 * *tracker: (out) (transfer full), also after an error: finds the mask in each frame. @images: [@n]: (out) (transfer
 * full): the mask, the same for all; later frames replace it. */
static gboolean
add_tracker (RvJobRun *run, const char *kind, RvMaskTracker **tracker, RvImage **images, int n, GError **error)
{
  RvVideoJob *video_job = run->method;
  if (g_str_equal (kind, "none"))
    return TRUE;
  *tracker = rv__mask_tracker_new (kind, (int) rv_settings_get_int (run->request.settings, "threads", NULL));
  return rv__video_open_reader (run, error) &&
         rv__video_mask_add_tracker (&video_job->masks, *tracker, rv_video_reader_info (video_job->reader), images, n,
                                     error);
}

/* Calls add_tracker() for `only`, and for `keep` unless `keep-strength` is 0. @only: [@n], each NULL before; (out)
 * (transfer full): the mask of `only`, the same in all; unchanged if `only` is "none". The mask of `keep` goes to
 * painting->keep_mask; @painting owns the trackers, also after an error. @only and @painting stay in use until
 * rv__video_masks_clear(): later frames replace the masks. */
static gboolean
add_trackers (RvJobRun *run, StyleVideoInputs *painting, RvImage **only, int n, GError **error)
{
  const RvSettings *settings = run->request.settings;
  return add_tracker (run, rv_settings_get_text (settings, "only", NULL), &painting->only, only, n, error) &&
         (rv_settings_get_real (settings, "keep-strength", NULL) == 0 ||
          add_tracker (run, rv_settings_get_text (settings, "keep", NULL), &painting->keep, &painting->keep_mask, 1,
                       error));
}

/* Creates painting->regions, by the setting `regions`, for the only style; does nothing for "none". Gives it to the
 * run's masks too, so that rv__video_masks_next() advances it. */
static void
add_regions (RvJobRun *run, StyleVideoInputs *painting)
{
  const RvSettings *settings = run->request.settings;
  const char *choice = rv_settings_get_text (settings, "regions", NULL),
             *match = rv_settings_get_text (settings, "match", NULL);
  if (g_str_equal (choice, "none"))
    return;
  painting->regions = rv__mask_tracker_new_regions (painting->styles->pdata[0], choice, *match ? match : NULL,
                                                    (int) rv_settings_get_int (settings, "threads", NULL));
  ((RvVideoJob *) run->method)->masks.regions = painting->regions;
}

static void
clear (gpointer inputs)
{
  StyleVideoInputs *painting = inputs;
  g_clear_pointer (&painting->styles, g_ptr_array_unref);
  for (int i = 0; painting->masks && painting->masks[i]; i++)
    rv_image_unref (painting->masks[i]);
  g_free (painting->masks);
  rv_image_unref (painting->protect);
  rv_image_unref (painting->only_mask);
  rv_image_unref (painting->keep_mask);
  rv_image_unref (painting->faces_mask);
  rv__mask_tracker_free (painting->only);
  rv__mask_tracker_free (painting->keep);
  rv__mask_tracker_free (painting->faces);
  rv__mask_tracker_free (painting->regions);
  rv_learned_styles_free (painting->learned);
  g_free (painting);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* Inputs of the kind, borrowed from run->method, which must not be NULL; NULL before load(). */
static const StyleVideoInputs *
inputs_of (const RvJobRun *run)
{
  return ((const RvVideoJob *) run->method)->inputs;
}

/* Options of painting a frame in all learned styles; their masks are borrowed. */
static RvLearnedPaintOptions
paint_options (const StyleVideoInputs *painting)
{
  return (RvLearnedPaintOptions){ .only = -1,
                                  .masks = painting->masks[0] ? painting->masks : NULL,
                                  .keep = painting->keep_mask };
}

/* RvVideoLearnedSpec.restore_unpainted; @data: the run. (transfer full) (nullable). Restores @frame also outside the
 * mask of `only`; in the mask of `keep` blends with the recoloured frame, by the square of `keep-strength`. */
static RvImage *
restore_unpainted (gpointer data, RvImage *made, RvImage *frame, GError **error)
{
  const RvJobRun *run = data;
  const StyleVideoInputs *painting = inputs_of (run);
  const RvLearnedPaintOptions options = paint_options (painting);
  g_autoptr (RvImage) restored = rv__learned_styles_restore_unpainted (painting->learned, &options, made, frame, error);
  return restored ? rv__learned_styles_restore_photo (run->request.settings, restored, frame, painting->only_mask,
                                                      painting->keep_mask, error)
                  : NULL;
}

/* RvVideoLearnedSpec.paint; @data: the run. (transfer full) (nullable). */
static RvImage *
paint_learned (gpointer data, RvImage *frame, GError **error)
{
  const RvJobRun *run = data;
  const StyleVideoInputs *painting = inputs_of (run);
  const RvLearnedPaintOptions options = paint_options (painting);
  return rv__learned_styles_paint (painting->learned, &options, frame, run->request.settings, error);
}

/* RvFrameRenderer.plan of learned styles; @data: RvVideoLearnedSpec. Measures by painting @frame. Sets seconds of
 * @first and @next, and backend and memory of @first. */
static gboolean
plan_learned (gpointer data, RvImage *frame, RvPlan *first, RvPlan *next, GError **error)
{
  RvPlan estimate = { 0 };
  const RvJobRun *run = ((const RvVideoLearnedSpec *) data)->user_data;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (RvImage) painted = paint_learned ((gpointer) run, frame, error);
  first->seconds = next->seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
  first->backend = "a style network";
  gboolean ok = painted && rv__learned_styles_plan (inputs_of (run)->learned, -1, frame->width, frame->height,
                                                    run->request.settings, &estimate, error);
  first->peak_bytes = estimate.peak_bytes;
  first->device_peak_bytes = estimate.device_peak_bytes;
  return ok;
}

/* Sends a note if no frame has an object of the kind that @setting names. @effect: word of the note that tells what is
 * then not done, such as "painted". @tracker: (nullable): NULL: no note. */
static void
note_missing (RvJobRun *run, const char *setting, const RvMaskTracker *tracker, const char *effect)
{
  if (tracker && !rv__mask_tracker_has_found (tracker))
    rv__job_note (run->job, NULL,
                  g_strdup_printf ("no %s found in any frame, so nothing is %s",
                                   rv_settings_get_text (run->request.settings, setting, NULL), effect));
}

/* RvVideoKind.end. Sends notes about `only`, `keep` and `regions`. */
static void
end (RvJobRun *run)
{
  const StyleVideoInputs *painting = inputs_of (run);
  note_missing (run, "only", painting->only, "painted");
  note_missing (run, "keep", painting->keep, "kept");
  if (painting->regions && !rv__mask_tracker_has_found (painting->regions))
    rv__job_note (run->job, NULL,
                  g_strdup ("no matching regions found in any frame, so the whole painting is the style"));
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* Sets painting->learned and spec and the renderer of the run; loads the learned styles, masks and trackers. With masks
 * the styles are not blended, and may be of different networks. */
static gboolean
load_learned (RvJobRun *run, StyleVideoInputs *painting, GError **error)
{
  if (!(painting->learned =
          rv__learned_styles_from_request (&run->request, rv__video_options_of (&run->request)->learned, error)))
    return FALSE;
  painting->spec =
    (RvVideoLearnedSpec){ .paint = paint_learned,
                          .restore_unpainted = restore_unpainted,
                          .user_data = run,
                          .temporal_weight = rv_settings_get_real (run->request.settings, "temporal-weight", NULL),
                          .n_threads = rv_settings_get_int (run->request.settings, "threads", NULL) };
  RvFrameRenderer *renderer = &((RvVideoJob *) run->method)->renderer;
  *renderer = rv__video_learned_renderer (&painting->spec);
  renderer->plan = plan_learned;
  return rv__learned_styles_load_for_request (painting->learned, &run->request, error) &&
         load_masks (run, painting, 1, error) && add_trackers (run, painting, &painting->only_mask, 1, error);
}

/* RvVideoKind.load. Sets video_job->inputs, owned, also after an error: new StyleVideoInputs with styles and masks; and
 * video_job->renderer. Checks the settings again: check() may not have known the network. */
static gboolean
load (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  StyleVideoInputs *painting = video_job->inputs = g_new0 (StyleVideoInputs, 1);
  if (rv__video_options_of (&run->request)->learned)
    return load_learned (run, painting, error);
  double longest_px =
    MAX (run->request.width, run->request.height) * rv_settings_get_real (run->request.settings, "style-scale", NULL);
  if (!(painting->styles = rv__request_load (&run->request, "style", longest_px, error)))
    return FALSE;
  int n_styles = (int) painting->styles->len;
  if (!rv__style_settings_check (run->request.settings, rv_net_name (run->request.net), n_styles, error) ||
      !load_masks (run, painting, n_styles, error) || !add_trackers (run, painting, painting->masks, n_styles, error) ||
      (rv__style_matches (run->request.settings->fields) &&
       !add_tracker (run, "faces", &painting->faces, &painting->faces_mask, 1, error)))
    return FALSE;
  add_regions (run, painting);
  const RvVideoStyleSpec spec = { .settings = run->request.settings,
                                  .frame_iterations = rv__video_options_of (&run->request)->frame_iterations,
                                  .net = run->request.net,
                                  .styles = (RvImage *const *) painting->styles->pdata,
                                  .n_styles = n_styles,
                                  .masks = painting->masks[0] ? painting->masks : NULL,
                                  .regions = painting->regions,
                                  .protect = painting->protect ? &painting->protect : NULL,
                                  .keep = painting->keep ? &painting->keep_mask : NULL,
                                  .faces = painting->faces ? &painting->faces_mask : NULL,
                                  .kernels = run->kernels,
                                  .stop_request = rv__job_run_stop_request (run) };
  video_job->renderer = rv__video_style_renderer (&spec);
  return TRUE;
}

/* RvJobClass.fill_recipe. For learned styles: limits the recipe to the settings that affect the result, and calls
 * rv__learned_styles_fill_recipe(). Does nothing without `learned`. run->method may be NULL, as before loading. */
static void
fill_recipe (const RvJobRun *run, RvRecipe *recipe)
{
  static const char *const names[] = { "style-scale",
                                       "style-blend",
                                       "learned",
                                       "strength",
                                       "keep-colors",
                                       "only",
                                       "keep",
                                       "keep-strength",
                                       "temporal-weight",
                                       "long-term-frames",
                                       "baseline-pairs",
                                       "threads",
                                       "backend",
                                       "gpu",
                                       "truncate",
                                       "from",
                                       "to",
                                       "every",
                                       "loop",
                                       "crf",
                                       "codec",
                                       NULL };
  const char *learned = rv__video_options_of (&run->request)->learned;
  const StyleVideoInputs *painting = run->method ? inputs_of (run) : NULL; /* NULL also before load() */
  if (!learned)
    return;
  rv__learned_styles_fill_recipe (learned, painting ? painting->learned : NULL, recipe);
  recipe->setting_names = names;
}

static const RvVideoKind video = { .frame_iterations = 20, .load = load, .end = end, .clear = clear };

static const RvJobRole roles[] = {
  { "content", .needed = TRUE, .is_file = TRUE, .is_video = TRUE },
  { "style", .many = TRUE },
  { "mask", .many = TRUE, .is_video = TRUE, .mask_of = "style" },
  { "protect", .is_video = TRUE, .mask_of = "content" },
  { "keyframe", .old_name = "key", .many = TRUE }, /* painted frame; the file name ends in the frame number */
  { "painter", .many = TRUE, .is_file = TRUE },    /* file that `learned` names */
  { NULL },
};

const RvJobClass rv__job_style_video = {
  .kind = "style-video",
  .old_kind = "style-film",
  .method = "style",
  .kind_settings = "style-video",
  .own_table = rv__style_video_options,
  .roles = roles,
  .video = &video,
  .check = check,
  .fill_recipe = fill_recipe,
  RV_VIDEO_JOB_MEMBERS,
};
