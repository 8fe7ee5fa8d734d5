/* video-dream.c -- dreams on videos, steady from frame to frame.
 *
 *   first frame of a shot: a whole dream
 *   other frames: from frame + blend * m * (last dream - last frame, along the flow), fewer steps at each octave
 *
 * m: confidence of the flow. Only the dream's difference to the frame is propagated: the video itself does not smear,
 * and areas that come into view start from their own pixels. The steps restore what the blend weakens. */
#include "base/alloc.h"
#include "base/settings.h"
#include "io/image/compact.h"
#include "method/video/video-dream.h"

#define MOTION_WORK 0.3 /* time of flow estimation, in steps at each octave */

typedef struct {
  RvVideoDreamSpec spec;
  RvSettings *follows; /* settings of frames that continue a shot */
  RvDream *follower;   /* dream of frames that continue a shot; NULL before the first of them */
} Dreamer;

/* (transfer full) (nullable): a dream on @frame, not yet run, with @settings and the inputs, kernels and stop request
 * of @spec. */
static RvDream *
new_dream (const RvVideoDreamSpec *spec, const RvSettings *settings, RvImage *frame, GError **error)
{
  g_autoptr (RvDream) dream = rv__dream_new (settings, spec->net, frame, error);
  if (!dream)
    return NULL;
  if (spec->kernels)
    rv__dream_set_kernels (dream, spec->kernels);
  rv__dream_set_stop_request (dream, spec->stop_request);
  return rv__dream_inputs_set (spec->inputs, dream, error) ? g_steal_pointer (&dream) : NULL;
}

/* RvFrameRenderer.free; @data: a Dreamer. */
static void
free_dreamer (gpointer data)
{
  Dreamer *dreamer = data;
  rv_settings_free (dreamer->follows);
  rv__dream_free (dreamer->follower);
  g_free (dreamer);
}

/* RvIterationFunc; @video: the RvVideoRun. Reports a step. Returns FALSE if the video is stopped, which ends the
 * dream. */
static gboolean
on_step (const RvIteration *p, gpointer video)
{
  return rv__video_report_step (video, p->done_01, p->loss);
}

/* (transfer full) (nullable): the result of @dream, whose steps are reported to @video. If the video is stopped, the
 * unfinished picture. */
static RvImage *
run_dream (RvDream *dream, RvVideoRun *video, GError **error)
{
  RvImage *made = NULL;
  if (!rv__dream_run (dream, on_step, video, &made, error))
    g_clear_pointer (&made, rv_image_unref);
  return made;
}

/* RvFrameRenderer.render_first; @data: a Dreamer. (transfer full) (nullable): the result of a whole dream on @frame. */
static RvImage *
dream_first (gpointer data, RvVideoRun *video, RvImage *frame, GError **error)
{
  const RvVideoDreamSpec *spec = &((const Dreamer *) data)->spec;
  g_autoptr (RvDream) dream = new_dream (spec, spec->settings, frame, error);
  return dream ? run_dream (dream, video, error) : NULL;
}

/* RvFrameRenderer.render_next; @data: a Dreamer. (transfer full) (nullable): the dream of @start, by
 * dreamer->follower, which the first call creates. @frame and @motion are not used. */
static RvImage *
dream_next (gpointer data, RvVideoRun *video, RvImage *frame, RvImage *start, RvFrameMotion *motion, GError **error)
{
  Dreamer *dreamer = data;
  const RvVideoDreamSpec *spec = &dreamer->spec;
  if (!dreamer->follower && !(dreamer->follower = new_dream (spec, dreamer->follows, start, error)))
    return NULL;
  return rv__dream_set_image (dreamer->follower, start, error) ? run_dream (dreamer->follower, video, error) : NULL;
}

/* (transfer full) (nullable): RvFrameRenderer.finish_frame: a copy of @made with the pixels of @frame where the mask is
 * black. Pixels from an earlier frame are stale there. Without a mask, a reference to @made. */
static RvImage *
finish_frame (gpointer data, RvImage *made, RvImage *frame, GError **error)
{
  const RvImage *mask = ((const Dreamer *) data)->spec.inputs->mask;
  gint64 n = rv_tensor_count (made->rgb);
  if (!mask)
    return rv_image_ref (made);
  g_autoptr (RvImage) result = rv_image_new (made->width, made->height, error);
  float *plane = result ? rv__image_mask_plane (mask, made->width, made->height, error) : NULL;
  if (!plane)
    return NULL;
  const float *dreamt = made->rgb->data, *now = frame->rgb->data;
  for (gint64 i = 0; i < n; i++)
    ((float *) result->rgb->data)[i] = plane[i % (n / 3)] > 0 ? dreamt[i] : now[i];
  rv__free (plane);
  return g_steal_pointer (&result);
}

/* RvFrameRenderer.plan; @data: a Dreamer. Writes the plan of a whole dream, for the first frame of a shot, to *first,
 * and that of a later frame to *next. Creates dreamer->follower, NULL before the call, for later frames. */
static gboolean
plan (gpointer data, RvImage *frame, RvPlan *first, RvPlan *next, GError **error)
{
  Dreamer *dreamer = data;
  g_autoptr (RvDream) begins = new_dream (&dreamer->spec, dreamer->spec.settings, frame, error);
  return begins && rv__dream_plan (begins, first, error) &&
         (dreamer->follower = new_dream (&dreamer->spec, dreamer->follows, frame, error)) &&
         rv__dream_plan (dreamer->follower, next, error);
}

RvFrameRenderer
rv__video_dream_renderer (const RvVideoDreamSpec *spec)
{
  Dreamer *dreamer = g_new0 (Dreamer, 1);
  *dreamer = (Dreamer){ .spec = *spec, .follows = rv__settings_copy (spec->settings) };
  rv__settings_set_int (dreamer->follows, "iterations", spec->frame_iterations, NULL);
  return (RvFrameRenderer){ .maker = dreamer,
                            .free = free_dreamer,
                            .plan = plan,
                            .render_first = dream_first,
                            .render_next = dream_next,
                            .finish_frame = finish_frame,
                            .propagation = { .part_01 = spec->blend_01, .only_trusted = TRUE },
                            .begin_work = (double) rv_settings_get_int (spec->settings, "iterations", NULL),
                            .follow_work = (double) spec->frame_iterations + MOTION_WORK,
                            .n_threads = rv_settings_get_int (spec->settings, "threads", NULL),
                            .stop_request = spec->stop_request };
}
