/* video-learned.c -- videos in learned styles, each frame in one pass.
 *
 *   first frame of a shot: p, painted like a picture
 *   other frames: (p + w m x_w) / (1 + w m), which minimises |x - p|^2 + w m |x - x_w|^2 at each pixel
 *
 * x_w: the last painted frame moved along the flow (video.c); m: confidence of the flow; w: HOLD times
 * `temporal-weight`. On a real video, HOLD = 1 gave a warping error of up to 4 times that of the source. HOLD = 6 gave
 * at most 1.3 times (docs/video.md). With w = 0 the flow only measures the stability of independent frames. Lai et al.
 * 2018, "Learning blind video temporal consistency", minimise both distances with a network. */
#include "method/video/video-learned.h"
#include "base/parallel.h"

#define HOLD 6 /* w / `temporal-weight` */

/* RvFrameRenderer.render_first; @data: the RvVideoLearnedSpec. (transfer full) (nullable): @frame, painted in one
 * pass. */
static RvImage *
paint (gpointer data, RvVideoRun *video, RvImage *frame, GError **error)
{
  const RvVideoLearnedSpec *spec = data;
  return spec->paint (spec->user_data, frame, error);
}

/* RvFrameRenderer.render_next; @data: the RvVideoLearnedSpec. (transfer full) (nullable): @frame, painted, and averaged
 * with @start, which stays, by the temporal weight m: (p + w m x_w) / (1 + w m). */
static RvImage *
paint_next (gpointer data, RvVideoRun *video, RvImage *frame, RvImage *start, RvFrameMotion *motion, GError **error)
{
  const RvVideoLearnedSpec *spec = data;
  RvImage *painted = paint (data, video, frame, error);
  if (!painted)
    return NULL;
  gint64 n = rv_tensor_count (motion->temporal_weight);
  const float *m = motion->temporal_weight->data, *last = start->rgb->data;
  float *x = painted->rgb->data, weight = HOLD * (float) spec->temporal_weight;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < 3 * n; i++)
    x[i] = (x[i] + weight * m[i % n] * last[i]) / (1 + weight * m[i % n]);
  return painted;
}

/* (transfer full) (nullable): RvFrameRenderer.finish_frame: @made, but @frame where masks are black, because
 * paint_next() averages two frames everywhere. */
static RvImage *
finish_frame (gpointer data, RvImage *made, RvImage *frame, GError **error)
{
  const RvVideoLearnedSpec *spec = data;
  return spec->restore_unpainted (spec->user_data, made, frame, error);
}

RvFrameRenderer
rv__video_learned_renderer (RvVideoLearnedSpec *spec)
{
  return (RvFrameRenderer){ .maker = spec,
                            .render_first = paint,
                            .render_next = paint_next,
                            .finish_frame = finish_frame,
                            .propagation = { .part_01 = 1 },
                            .begin_work = 1,
                            .follow_work = 1,
                            .n_threads = spec->n_threads };
}
