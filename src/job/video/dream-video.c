/* dream-video.c -- jobs that dream on a video: each frame starts from the previous dream, moved along the flow. */
#include "base/error.h"
#include "job/dream/dreams.h"
#include "method/video/video-dream.h"
#include "job/video/video-run.h"

/* RvJobClass.check. Calls rv__video_check(). Replaces the inputs "word-mask" by the files that `toward` names; `toward`
 * keeps their names without folders. Sets the default network and options->truncate. Checks layers, unless only
 * `weights` names the network. RV_ERROR_SETTING for `init` noise, and 'guide' with 'toward'. */
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

/* RvVideoKind.load. Sets video_job->inputs, owned, also after an error: new RvDreamInputs with masks and pictures
 * loaded; and video_job->renderer. */
static gboolean
load (RvJobRun *run, GError **error)
{
  const RvVideoOptions *own = rv__video_options_of (&run->request);
  RvVideoJob *video_job = run->method;
  RvDreamInputs *inputs = video_job->inputs = g_new0 (RvDreamInputs, 1);
  const RvVideoDreamSpec spec = { .settings = run->request.settings,
                                  .frame_iterations = own->frame_iterations,
                                  .blend_01 = own->blend,
                                  .net = run->request.net,
                                  .inputs = inputs,
                                  .kernels = run->kernels,
                                  .stop_request = rv__job_run_stop_request (run) };
  inputs->style_weight = own->style_weight;
  video_job->renderer = rv__video_dream_renderer (&spec);
  const RvJobInput *mask = rv__request_input (&run->request, "mask");
  if (mask && !rv__video_load_mask (run, mask, &inputs->mask, error))
    return FALSE;
  return rv__dream_inputs_load (inputs, &run->request, error);
}

static void
clear (gpointer inputs)
{
  rv__dream_inputs_clear (inputs);
  g_free (inputs);
}

static const RvVideoKind video = { .frame_iterations = 3, .load = load, .clear = clear };

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
