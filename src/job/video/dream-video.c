/* dream-video.c -- jobs that dream on a video: each frame starts from the previous dream, moved along the flow. */
#include "base/error.h"
#include "job/dream/dreams.h"
#include "method/video/video-dream.h"
#include "job/video/video-run.h"

/* Inputs of a dream video. */
typedef struct {
  RvVideoDreamSpec spec;
  RvDreamInputs inputs;
} Dreaming;

/* RvJobClass.check. Calls rv__video_check(), replaces the inputs "word-mask" by the files that `toward` names (which
 * keeps their names without folders), and sets the default network and options->truncate. RV_ERROR_SETTING, also for
 * `init` noise, 'guide' with 'toward', and layers that the network lacks (unchecked with only `weights`). */
static gboolean
check (RvJobRequest *request, GError **error)
{
  gboolean noise = g_str_equal (rv_settings_get_text (request->settings, "init", NULL), "noise");
  gboolean toward = *rv_settings_get_text (request->settings, "toward", NULL);
  rv__picture_set_defaults (request->options, "builtin", 0, 0);
  request->options->truncate = rv_settings_get_bool (request->settings, "truncate", NULL);
  if (!rv__video_check (request, error) || !rv__word_masks_add_inputs (request, error))
    return FALSE;
  if (noise || (toward && rv__request_input (request, "guide")))
    return rv__error_setting (error, noise ? "init" : "guide,toward", "a video cannot be combined with %s",
                              noise ? "'init' noise" : "'guide' with 'toward'");
  const char *network = request->net ? rv_net_name (request->net) : request->options->network;
  return !network || rv__dream_settings_check (request->settings, network, error);
}

/* RvVideoKind.load. Sets video_job->maker, owned, also after an error: a new Dreaming with masks and pictures loaded.
 * Errors of rv__video_load_mask() and rv__dream_inputs_load(). */
static gboolean
load (RvJobRun *run, GError **error)
{
  const RvVideoOptions *own = rv__video_options_of (&run->request);
  Dreaming *dreaming = ((RvVideoJob *) run->method)->maker = g_new0 (Dreaming, 1);
  dreaming->inputs.style_weight = own->style_weight;
  dreaming->spec = (RvVideoDreamSpec){ .settings = run->request.settings,
                                       .frame_iterations = own->frame_iterations,
                                       .blend_01 = own->blend,
                                       .net = run->request.net,
                                       .inputs = &dreaming->inputs,
                                       .kernels = run->kernels,
                                       .stop_request = rv__job_run_stop_request (run) };
  const RvJobInput *mask = rv__request_input (&run->request, "mask");
  if (mask && !rv__video_load_mask (run, mask, &dreaming->inputs.mask, error))
    return FALSE;
  return rv__dream_inputs_load (&dreaming->inputs, &run->request, error);
}

static void
clear (gpointer maker)
{
  Dreaming *dreaming = maker;
  rv__dream_inputs_clear (&dreaming->inputs);
  g_free (dreaming);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static const RvVideoDreamSpec *
spec_of (const RvJobRun *run)
{
  return &((const Dreaming *) ((const RvVideoJob *) run->method)->maker)->spec;
}

/* Returns @ok, the result of a call; adds the file name to RV_ERROR_SHAPE, of a video that is too small. */
static gboolean
named (const RvJobRequest *request, gboolean ok, GError **error)
{
  if (!ok && error && g_error_matches (*error, RV_ERROR, RV_ERROR_SHAPE))
    g_prefix_error (error, "%s: ", rv__request_input (request, "content")->file);
  return ok;
}

static gboolean
plan (RvJobRun *run, RvImage *frame, RvVideoPlan *plan, GError **error)
{
  RvPlan first, next;
  if (!named (&run->request, rv__video_dream_plan (spec_of (run), frame, &first, &next, error), error))
    return FALSE;
  *plan = (RvVideoPlan){ first.backend, MAX (first.peak_bytes, next.peak_bytes),
                         MAX (first.device_peak_bytes, next.device_peak_bytes), first.seconds, next.seconds };
  return TRUE;
}

static gboolean
make (RvJobRun *run, const RvVideoRunSpec *frames, RvVideoFunc progress, RvVideoResult *result, GError **error)
{
  return named (&run->request, rv__video_dream_run (spec_of (run), frames, progress, run, result, error), error);
}

static const RvVideoKind video = { .frame_iterations = 3, .load = load, .plan = plan, .make = make, .clear = clear };

static const RvJobRole roles[] = {
  { "content", .needed = TRUE, .is_file = TRUE, .is_video = TRUE },
  { "guide" },
  { "style" },
  { "mask", .is_video = TRUE, .mask_of = "content" },
  { "word-mask", .old_name = "where", .many = TRUE },
  { NULL },
};

const RvJobClass rv__job_dream_video = {
  .kind = "dream-video",
  .old_kind = "dream-film",
  .method = "dream",
  .kind_settings = "dream-video",
  .own_table = rv__dream_video_options,
  .roles = roles,
  .video = &video,
  .check = check,
  RV_VIDEO_JOB_MEMBERS,
};
