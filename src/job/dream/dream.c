/* dream.c -- jobs of dreams: on a picture, on frames, from noise, and of each channel of a layer. */
#include "base/error.h"
#include "base/settings.h"
#include "job/core/job-object.h"
#include "job/dream/dreams.h"
#include <math.h>
#include <reverie/text.h>
#include <string.h>

#define PATTERN_PX 400
#define NOISE_PX 320 /* sides without a size option */

static const char *const names[] = { "loss", NULL }; /* the objective, which grows */

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* Whether `init` is "noise". */
static gboolean
is_noise (const RvJobRequest *request)
{
  return strcmp (rv_settings_get_text (request->settings, "init", NULL), "noise") == 0;
}

/* Whether there is an input called @role. */
static gboolean
has (const RvJobRequest *request, const char *role)
{
  return rv__request_input (request, role) != NULL;
}

/* Checks options and inputs that need or exclude each other, such as `atlas` with a picture. @n_pictures: number of
 * inputs called "picture". Changes nothing. RV_ERROR_SETTING for the first broken rule. */
static gboolean
check_combinations (const RvJobRequest *request, guint n_pictures, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (request);
  const RvPictureOptions *options = request->options;
  gboolean noise = is_noise (request), numbered = rv_frame_is_pattern (options->output), frames = request->frames > 0;
  gboolean one_picture = own->compare || options->save_every > 0 || options->live || options->plot || options->timeline;
  gboolean toward = *rv_settings_get_text (request->settings, "toward", NULL);
  const struct {
    gboolean wrong;
    const char *options, *why;
  } rules[] = {
    { own->atlas && n_pictures > 0, "atlas", "'atlas' takes no picture" },
    { noise && n_pictures > 0, "init", "'init' noise takes no picture" },
    { own->test_pattern && n_pictures > 0, "test-pattern", "'test-pattern' takes no picture" },
    { !own->atlas && !noise && !own->test_pattern && n_pictures == 0, NULL,
      "dream jobs need an input called 'picture'" },
    { noise && (own->test_pattern || own->atlas || own->count > 0 || own->compare),
      "init,test-pattern,atlas,count,compare",
      "'init' noise cannot be combined with 'test-pattern', 'atlas', 'count' or 'compare'" },
    { own->diversity > 1 && (!noise || has (request, "style") || request->state_options.resume),
      "diversity,init,style,resume", "'diversity' needs 'init' noise and cannot be combined with 'style' or 'resume'" },
    { own->count > 0 && n_pictures > 1, "count",
      "'count' works only with one picture; several pictures are frames already" },
    { (own->zoom != 1 || own->rotate != 0) && own->count == 0, "zoom,rotate,count",
      "'zoom' and 'rotate' need 'count': they act from frame to frame" },
    { own->blend > 0 && n_pictures < 2, "blend", "'blend' needs several pictures: it acts from one to the next" },
    { frames && options->output && !numbered, "output",
      "several pictures need numbered files: an 'output' such as OUT_%04d.png" },
    { (frames || numbered || own->diversity > 1 || own->atlas) && one_picture,
      "compare,save-every,live,plot,timeline,diversity,atlas",
      "'compare', 'save-every', 'live', 'plot' and 'timeline' work only with one picture, not with frames, 'diversity' "
      "or 'atlas'" },
    { own->atlas && (has (request, "mask") || has (request, "guide") || has (request, "style") || own->test_pattern ||
                     frames || toward || options->log || options->dry_run),
      "atlas,mask,guide,style,test-pattern,toward,log",
      "'atlas' cannot be combined with the options of a picture, such as 'mask', 'guide', 'style', 'test-pattern', "
      "'toward' or 'log', nor with a plan" },
    { has (request, "guide") && toward, "guide,toward", "'guide' cannot be combined with 'toward'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (rules[i].wrong)
      return rv__error_setting (error, rules[i].options, "%s", rules[i].why);
  return TRUE;
}

gboolean
rv__word_masks_add_inputs (RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "word-mask"), files = g_ptr_array_new ();
  for (guint i = 0; i < inputs->len; i++) {
    const RvJobInput *input = inputs->pdata[i];
    if (!input->file)
      return rv__error_setting (error, "toward",
                                "an input called 'word-mask' must be a file: 'toward' refers to it by its name");
    g_ptr_array_add (files, input->file);
  }
  g_ptr_array_add (files, NULL);
  g_autoptr (GPtrArray) named =
    rv__word_masks_extract_files (request->settings, (const char *const *) files->pdata, error);
  if (!named)
    return FALSE;
  for (guint i = 0; i < inputs->len; i++)
    g_ptr_array_remove (request->inputs, inputs->pdata[i]);
  const RvJobRole *role = rv__job_find_role (request->class, "word-mask");
  for (guint i = 0; i < named->len; i++)
    g_ptr_array_add (request->inputs, rv__job_copy_input (&(RvJobInput){ role, named->pdata[i] }, NULL));
  return TRUE;
}

/* RvJobClass.check. Replaces the inputs "word-mask" by the files that `toward` names, which keeps their names without
 * folders. Sets network, options->truncate, request->frames, generated_px and has_no_checkpoint. Checks
 * combinations, and that the network has the layers. With `atlas`, or if only `weights` names the network, settings
 * and layers are checked later. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (request);
  g_autoptr (GPtrArray) pictures = rv__request_inputs (request, "picture");
  rv__picture_set_defaults (request->options, "builtin", 0, 0);
  request->options->truncate = rv_settings_get_bool (request->settings, "truncate", NULL);
  request->generated_px = is_noise (request) ? NOISE_PX : PATTERN_PX;
  request->has_no_checkpoint = own->atlas || own->diversity > 1;
  request->frames = own->count > 0                                                        ? (int) own->count
                    : pictures->len > 1 || rv_frame_is_pattern (request->options->output) ? (int) pictures->len
                                                                                          : 0;
  if (!rv__word_masks_add_inputs (request, error) || !check_combinations (request, pictures->len, error))
    return FALSE;
  const char *network = request->net ? rv_net_name (request->net) : request->options->network;
  return !network || own->atlas || /* later checks report weights and the atlas */
         rv__dream_settings_check (request->settings, network, error);
}

/* RvJobClass.check_files. With frames, checks the heads of the other pictures, and with `blend` that all have one size.
 * Else checks that the outputs of `diversity` and `compare` may be written. */
static gboolean
check_files (RvJobRun *run, const char *const *inputs, GError **error)
{
  return run->request.frames > 0 ? rv__dream_check_frames (&run->request, error)
                                 : rv__dream_check_sheet (run, inputs, error);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a square of PATTERN_PX: red grows down, green right, blue both ways. */
static RvImage *
test_pattern (GError **error)
{
  RvImage *image = rv_image_new (PATTERN_PX, PATTERN_PX, error);
  for (int i = 0; image && i < PATTERN_PX; i++)
    for (int j = 0; j < PATTERN_PX; j++) {
      float *pixel = (float *) image->rgb->data + i * PATTERN_PX + j;
      pixel[0] = (float) (i * 255 / PATTERN_PX);
      pixel[PATTERN_PX * PATTERN_PX] = (float) (j * 255 / PATTERN_PX);
      pixel[2 * PATTERN_PX * PATTERN_PX] = (float) ((i + j) * 255 / (2 * PATTERN_PX));
    }
  return image;
}

RvImage *
rv__dream_load (const RvJobRequest *request, guint number, GError **error)
{
  g_autoptr (GPtrArray) pictures = rv__request_inputs (request, "picture");
  if (is_noise (request)) /* only the size counts */
    return rv_image_new (request->width, request->height, error);
  if (number >= pictures->len) {
    g_autoptr (RvImage) pattern = test_pattern (error);
    return pattern ? rv_image_resize (pattern, request->width, request->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  }
  int width, height;
  if (!rv__job_input_size (pictures->pdata[number], &width, &height, error))
    return NULL;
  rv__picture_target_size (request->options, width, height, &width, &height);
  return rv__job_input_load (pictures->pdata[number], width, height, RV_IMAGE_RESIZE_BEST, error);
}

RvDream *
rv__dream_new_for_run (RvJobRun *run, RvImage *image, GError **error)
{
  const RvDreamJob *dream_job = run->method;
  g_autoptr (RvDream) dream = rv__dream_new (run->request.settings, run->request.net, image, error);
  if (!dream)
    return rv__null (rv__request_name_error (&run->request, error));
  rv__dream_set_kernels (dream, run->kernels);
  rv__dream_set_stop_request (dream, rv__job_run_stop_request (run));
  return rv__dream_inputs_set (&dream_job->inputs, dream, error) ? g_steal_pointer (&dream) : NULL;
}

/* Number of octaves that are reported as left out if they are missing. All octaves count if the user set `octaves` or
 * `smallest`; else only those that fit the picture. */
static int
count_required_octaves (const RvJobRequest *request)
{
  g_auto (GStrv) changed = rv__settings_changed (request->settings);
  const char *const *all = (const char *const *) changed;
  gboolean is_users = g_strv_contains (all, "octaves") || g_strv_contains (all, "smallest");
  double scale = rv_settings_get_real (request->settings, "octave-scale", NULL);
  double smallest = (double) rv_settings_get_int (request->settings, "smallest", NULL);
  int n = (int) rv_settings_get_int (request->settings, "octaves", NULL);
  while (!is_users && n > 1 && floor (MIN (request->width, request->height) / pow (scale, n - 1)) < smallest)
    n--;
  return n;
}

/* RvJobClass.prepare. Sets run->method to an RvDreamJob, also after an error: the start, other inputs, the dream, and
 * numbers of left-out and partial octaves. For an atlas it stays empty. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (&run->request);
  RvDreamJob *dream_job = run->method = g_new0 (RvDreamJob, 1);
  if (own->atlas)
    return TRUE;
  dream_job->inputs.style_weight = own->style_weight;
  if (!(dream_job->start = rv__dream_load (&run->request, 0, error)) ||
      !rv__dream_inputs_load (&dream_job->inputs, &run->request, error) ||
      !(dream_job->dream = rv__dream_new_for_run (run, dream_job->start, error)))
    return FALSE;
  if (own->diversity == 1)
    g_clear_pointer (&dream_job->inputs.guide, rv_image_unref); /* the dream has computed its features */
  int n_octaves = rv__dream_n_octaves (dream_job->dream);
  dream_job->n_left_out = MAX (count_required_octaves (&run->request) - n_octaves, 0);
  for (int i = 0; i < n_octaves; i++)
    dream_job->n_partial_octaves += rv__dream_n_layers_left_out (dream_job->dream, i) > 0;
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  RvDreamJob *dream_job = run->method;
  rv__dream_inputs_clear (&dream_job->inputs);
  rv__dream_free (dream_job->dream);
  rv_image_unref (dream_job->start);
  g_free (dream_job);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* RvJobClass.plan. Plans all frames, or all variants at the cost of the most expensive: the last, with the others in
 * memory. Not for an atlas. After an error @plan is unchanged. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvPlan own;
  const RvDreamJob *dream_job = run->method;
  const RvDreamsOptions *options = rv__dreams_options (&run->request);
  gint64 n_variants = options->diversity;
  gsize temporary_bytes =
    2 * (gsize) (n_variants - 1) * 3 * sizeof (float) * (gsize) run->request.width * (gsize) run->request.height;
  if ((n_variants > 1 &&
       !rv__dream_set_diversity (dream_job->dream, &dream_job->start, 1, options->diversity_weight, error)) ||
      !rv__dream_plan (dream_job->dream, &own, error))
    return FALSE;
  rv__job_plan_from (plan, &own);
  double n_pictures = (double) (MAX (run->request.frames, 1) * n_variants);
  plan->peak_bytes += temporary_bytes;
  plan->seconds *= n_pictures;
  plan->traffic_s *= n_pictures;
  plan->n_frames = run->request.frames;
  plan->n_skipped_octaves = dream_job->n_left_out;
  plan->n_partial_octaves = dream_job->n_partial_octaves;
  return TRUE;
}

static const char *const *
losses (RvJobRun *run)
{
  return names;
}

/* RvJobClass.resume. Restores the state of the stopped dream; the run that follows continues it. */
static gboolean
resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  return rv__dream_job_restore (run, state, error) &&
         rv__dream_resume (((RvDreamJob *) run->method)->dream, state, error);
}

void
rv__dream_begin_item (RvDreamJob *dream_job, int item, int n_items)
{
  dream_job->item = item;
  dream_job->n_items = n_items;
  dream_job->before_s = dream_job->last_s;
}

gboolean
rv__dream_on_progress (const RvIteration *p, gpointer data)
{
  RvJobRun *run = data;
  RvDreamJob *dream_job = run->method;
  dream_job->last_s = dream_job->before_s + p->seconds;
  RvJobReport report = rv__job_report_of (p, names);
  report.iteration = run->progress.iteration + 1;
  report.n_iterations = report.iteration + p->n_stage_iterations - p->stage_iteration;
  report.seconds = dream_job->last_s;
  report.done_01 = (MAX (dream_job->item - 1, 0) + p->done_01) / MAX (dream_job->n_items, 1);
  report.scale = p->scale;
  report.stage_iteration = p->stage_iteration;
  report.n_stage_iterations = p->n_stage_iterations;
  report.frame = dream_job->item;
  report.n_frames = dream_job->n_items;
  report.n_skipped_octaves = dream_job->n_left_out;
  report.n_partial_octaves = dream_job->n_partial_octaves;
  g_autofree char *item = dream_job->item > 0 ? g_strdup_printf ("\"frame\": %d, ", dream_job->item) : g_strdup ("");
  char *head =
    g_strdup_printf ("%s\"octave\": %d, \"iteration\": %" G_GINT64_FORMAT, item, p->stage, p->stage_iteration);
  return rv__job_run_progress (run, &report, p, rv__job_log_line (run, head, p, rv__no_losses, NULL, 0));
}

/* RvJobClass.run. First removes partial files of `compare` by rv__dream_remove_partial_compare(). Makes the atlas, the
 * variants, the frames, or one dream. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (&run->request);
  RvDreamJob *dream_job = run->method;
  rv__dream_remove_partial_compare (run);
  if (own->atlas)
    return rv__dream_run_atlas (run, result, error);
  if (own->diversity > 1)
    return rv__dream_run_variants (run, result, error);
  if (run->request.frames > 0)
    return rv__dream_run_frames (run, result, error);
  if (!own->compare || run->request.writes_no_files) /* not used any more */
    g_clear_pointer (&dream_job->start, rv_image_unref);
  return rv__dream_run (dream_job->dream, rv__dream_on_progress, run, result, error);
}

/* RvJobClass.check_steer. RV_ERROR_SETTING for each change during an atlas or variants, which are many dreams. */
static gboolean
check_steer (const RvSettings *begun, const RvSettings *own, const RvSettings *now, GError **error)
{
  gboolean one = rv_settings_get_int (own, "diversity", NULL) == 1 && !*rv_settings_get_text (own, "atlas", NULL);
  if (!one)
    rv__error_setting (error, "diversity,atlas", "settings cannot change during a run with 'diversity' or 'atlas'");
  return one && rv__settings_check_change (begun, now, error);
}

/* RvJobClass.steer. Passes the current settings to rv__dream_steer(). */
static gboolean
steer (RvJobRun *run, GError **error)
{
  return rv__dream_steer (((RvDreamJob *) run->method)->dream, run->progress.current_settings, error);
}

/* (transfer full) (nullable): the picture after the iteration @progress. RvJobClass.picture. */
static RvImage *
picture (gconstpointer progress, GError **error)
{
  return rv__dream_picture (progress, error);
}

/* RvJobClass.state; @progress: an RvIteration. Never NULL. */
static RvTensorMap *
state (RvJobRun *run, gconstpointer progress)
{
  RvTensorMap *map = rv__dream_state (progress);
  rv__dream_job_save (run, map);
  return map;
}

static const RvJobRole roles[] = {
  { "picture", .many = TRUE },
  { "guide" },
  { "style" },
  { "mask", .mask_of = "picture" },
  { "word-mask", .old_name = "where", .many = TRUE },
  { NULL },
};

const RvJobClass rv__job_dream = {
  .kind = "dream",
  .method = "dream",
  .kind_settings = "dreams",
  .own_table = rv__dreams_rows + 1,
  .roles = roles,
  .check = check,
  .check_files = check_files,
  .prepare = prepare,
  .plan = plan,
  .losses = losses,
  .resume = resume,
  .run = make,
  .check_steer = check_steer,
  .steer = steer,
  .write_more = rv__dream_save_compare,
  .picture = picture,
  .state = state,
  .clear = clear,
};
