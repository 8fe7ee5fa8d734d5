/* video.c -- loop over the frames of a video, for any renderer.
 *
 *   first frame of a shot: rendered like a picture
 *   other frames:
 *     the flows from and to the last frame; m, their confidence; the static mask
 *     start <- frame + (last result - last frame), the latter moved along the flow
 *     disoccluded pixels: from long-term frames, if there are any (video-long-term.c)
 *     near the end of a loop, or before a keyframe: blended toward it (video-keyframe-blend.c)
 *     rendered from start; static pixels are copied from the last result
 *
 * Pictures are propagated in f32. */
#include "method/video/video.h"
#include "base/error.h"
#include "base/system.h"
#include "method/compute.h"
#include "method/video/video-baseline.h"
#include "method/video/video-keyframe-blend.h"
#include "tensor/tensor-file.h"
#include <string.h>

struct RvVideoRun {
  const RvFrameRenderer *how;
  RvFrameMotion *motion; /* NULL: the renderer is not prepared yet */
  RvImage *last;         /* result of the last frame, before finish_frame(); NULL: none, or of another process */
  GPtrArray *masks;      /* RvImage: masks of the last frame */
  RvLongTermFrames long_term;
  RvKeyframeBlend target;
  RvFrameBaseline baseline;
  gboolean is_baseline; /* rendering a baseline frame */
  const RvVideoRunSpec *frames;
  gint64 n_shots;      /* shots begun so far */
  gboolean is_foreign; /* another process renders this shot */
  RvVideoResult result;

  RvVideoFunc progress;
  gpointer user_data;
  RvVideoProgress now;
  RvFrameReport made;
  gint64 began_us;
  double work, frame_work; /* of finished frames; of the current frame; unit: RvFrameRenderer.follow_work */
  gboolean stopped;
};

/* ---- progress ---------------------------------------------------------------------------------------------------- */

/* Reports progress to the caller. @part_01: fraction of the current frame that is done. FALSE: the video ends; also
 * sets `stopped`. */
static gboolean
report_progress (RvVideoRun *video, double part_01)
{
  double left = (double) MAX (video->now.n_frames - video->now.frame, 0) * video->how->follow_work;
  double done = video->work + part_01 * video->frame_work;
  video->now.seconds = (double) (g_get_monotonic_time () - video->began_us) / G_USEC_PER_SEC;
  video->now.done_01 = video->now.n_frames > 0 ? MIN (done / (video->work + video->frame_work + left), 1) : 0;
  if (video->progress && !video->progress (&video->now, video->user_data))
    video->stopped = TRUE;
  return !video->stopped;
}

gboolean
rv__video_report_step (RvVideoRun *video, double part_01, double loss)
{
  if (video->is_baseline)
    return report_progress (video, 1);
  video->now.loss = video->made.loss = loss;
  return report_progress (video, part_01);
}

RvFrameReport *
rv__video_frame_report (RvVideoRun *video)
{
  return &video->made;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* Sets video->target to the keyframe after the current frame; clears it if there is none. Without keyframes in the
 * video, only sets target->at, the end of a loop, because n_frames may have been an estimate. */
static gboolean
set_target (RvVideoRun *video, GError **error)
{
  RvKeyframeBlend *target = &video->target;
  const RvKeyframe *key = rv__keyframes_after (video->frames->keys, video->now.frame);
  if (!video->frames->keys) {
    target->at = video->now.n_frames + 1;
    return TRUE;
  }
  if (!key) {
    rv__keyframe_blend_clear (target);
    return TRUE;
  }
  target->at = key->number;
  target->tail = key->number - rv__keyframes_before (video->frames->keys, video->now.frame) - 1;
  return key->frame == target->frame ||
         rv__keyframe_blend_begin (target, key->frame, key->result, video->how->n_threads, error);
}

/* (transfer full) (nullable): the picture from which the current frame, which continues a shot, is rendered. @masks:
 * of this frame. Sets motion->temporal_weight and video->target. Near the target, also clears pixels of
 * motion->static_mask and updates static_01. */
static RvImage *
new_start (RvVideoRun *video, RvImage *const *masks, GError **error)
{
  const RvPropagation *propagation = &video->how->propagation;
  g_autoptr (RvImage) start = rv__frame_motion_propagate (video->motion, video->last, propagation, error);
  if (!start || !rv__frame_motion_init_temporal_weight (video->motion, error) ||
      !rv__long_term_propagate (&video->long_term, propagation, masks, video->motion, start, error) ||
      !set_target (video, error))
    return NULL;
  double part_01 = rv__keyframe_blend_weight (&video->target, video->now.frame);
  if (part_01 == 0 || rv__keyframe_blend_apply (&video->target, part_01, propagation, video->motion, start, error))
    return g_steal_pointer (&start);
  return NULL;
}

/* (transfer full) (nullable): result of @frame, before finish_frame(). After a stop within the frame it is incomplete,
 * and the caller drops it. Sets video->frame_work. A frame without a previous result in its shot begins a shot: sets
 * made.begins, and frees the long-term frames. A wholly static frame gets a reference to the last result. In other
 * frames, static pixels are copied from the start, motion->rendered_from is replaced, and made.warping_error is
 * measured. Frames that continue a shot also set source_error, confident_01 and static_01 of video->made, and
 * video->target by new_start(). @masks: of @frame. */
static RvImage *
render_anew (RvVideoRun *video, RvImage *frame, RvImage *const *masks, GError **error)
{
  RvFrameMotion *motion = video->motion;
  if (!video->last || motion->is_cut) {
    video->frame_work = video->how->begin_work;
    video->made.begins = TRUE;
    rv__long_term_trim (&video->long_term, 0);
    rv__frame_motion_begin_shot (motion);
    return video->how->render_first (video->how->maker, video, frame, error);
  }
  video->made.source_error = motion->source_error;
  video->made.confident_01 = motion->confident_01;
  g_autoptr (RvImage) start = new_start (video, masks, error);
  video->frame_work = video->how->follow_work * (motion->static_01 < 1 ? 1 : 0.1);
  video->made.static_01 = motion->static_01;
  if (start && motion->static_01 == 1)
    return rv_image_ref (video->last);
  g_autoptr (RvImage) made =
    start ? video->how->render_next (video->how->maker, video, frame, start, motion, error) : NULL;
  if (!made || !rv__frame_motion_commit (motion, start, made, error))
    return NULL;
  return rv__video_warping_error (motion, video->last, made, &video->made.warping_error, error)
           ? g_steal_pointer (&made)
           : NULL;
}

/* Seconds since *us; sets *us to now. */
static double
seconds_since (gint64 *us)
{
  gint64 now_us = g_get_monotonic_time (), before_us = *us;
  *us = now_us;
  return (double) (now_us - before_us) / G_USEC_PER_SEC;
}

/* Replaces video->masks by @masks, NULL-terminated, referenced; NULL: none. */
static void
store_masks (RvVideoRun *video, RvImage *const *masks)
{
  g_ptr_array_set_size (video->masks, 0);
  for (int i = 0; masks && masks[i]; i++)
    g_ptr_array_add (video->masks, rv_image_ref (masks[i]));
}

/* (transfer full) (nullable): the result of keyframe @key, as the user painted it. Fills in video->made, sets
 * frame_work to 0, and begins the motion anew: all its pixels count as rendered now. Frees the long-term frames if a
 * shot begins. */
static RvImage *
use_keyframe (RvVideoRun *video, const RvKeyframe *key, GError **error)
{
  RvFrameReport *made = &video->made;
  made->begins = !video->last || video->motion->is_cut;
  made->source_error = made->begins ? 0 : video->motion->source_error;
  made->confident_01 = made->begins ? 0 : video->motion->confident_01;
  video->frame_work = 0;
  if (made->begins)
    rv__long_term_trim (&video->long_term, 0);
  else if (!rv__video_warping_error (video->motion, video->last, key->result, &made->warping_error, error))
    return NULL;
  rv__frame_motion_begin_shot (video->motion);
  return rv_image_ref (key->result);
}

/* If the baseline needs @frame (--baseline-pairs), stores its result without the previous frame: @made at the beginning
 * of a shot, else a second rendering, whose work is added to frame_work. Else does nothing (TRUE). The frame's report
 * stays that of the first rendering. */
static gboolean
render_baseline (RvVideoRun *video, RvImage *frame, RvImage *made, GError **error)
{
  gint64 k = video->now.frame;
  if (!rv__frame_baseline_is_required (&video->baseline, k))
    return TRUE;
  const RvFrameReport report = video->made;
  video->is_baseline = TRUE;
  g_autoptr (RvImage) baseline =
    report.begins ? rv_image_ref (made) : video->how->render_first (video->how->maker, video, frame, error);
  video->is_baseline = FALSE;
  video->made = report;
  video->frame_work += report.begins ? 0 : video->how->begin_work;
  return baseline && rv__frame_baseline_add (&video->baseline, k, baseline, video->motion, error);
}

/* If a shot begins with the current frame, counts it and sets video->is_foreign: another process renders it. */
static gboolean
enter_shot (RvVideoRun *video, GError **error)
{
  const RvVideoRunSpec *frames = video->frames;
  gboolean is_ours = TRUE;
  if (video->result.n_seen > 0 && !video->motion->is_cut)
    return TRUE;
  if (frames->begin_shot && !frames->begin_shot (frames->user_data, video->n_shots, video->now.frame, &is_ours, error))
    return FALSE;
  video->n_shots++;
  video->is_foreign = !is_ours;
  return TRUE;
}

/* Skips the current frame, which another process renders: updates the motion, releases video->last, and sets
 * frame_work to 0. @error: not NULL; *error is set only if this fails. */
static void
skip_frame (RvVideoRun *video, GError **error)
{
  RvFrameMotion *motion = video->motion;
  video->frame_work = 0;
  g_clear_pointer (&video->last, rv_image_unref);
  if (video->result.n_seen == 0 || motion->is_cut)
    rv__frame_motion_begin_shot (motion);
  else if (motion->static_01 < 1)
    rv__frame_motion_commit (motion, NULL, NULL, error);
}

/* (transfer full) (nullable): @frame rendered, after finish_frame(), or its keyframe; with the alpha of @frame. Sets
 * video->last to the result before that, and stores it as a long-term frame; the first one becomes the target of a
 * loop. NULL without an error: the video was stopped, and video->last stays; or another process renders @frame, and
 * video->last becomes NULL. */
static RvImage *
render_frame (RvVideoRun *video, RvImage *frame, RvImage *const *masks, GError **error)
{
  gint64 us = g_get_monotonic_time ();
  RvFrameMotion *motion = video->motion;
  video->frame_work = video->last ? video->how->follow_work : video->how->begin_work;
  if (!rv__frame_motion_next (motion, frame, error))
    return NULL;
  for (guint i = 0; video->result.n_seen > 0 && !motion->is_cut && i < video->masks->len; i++)
    if (!rv__frame_motion_lower_confidence (motion, video->masks->pdata[i], masks[i], error))
      return NULL;
  store_masks (video, masks);
  if (!enter_shot (video, error))
    return NULL;
  if (video->is_foreign) {
    skip_frame (video, error);
    return NULL;
  }
  video->made.motion_s = seconds_since (&us);
  const RvKeyframe *key = rv__keyframes_at (video->frames->keys, video->now.frame);
  g_autoptr (RvImage) made = key ? use_keyframe (video, key, error) : render_anew (video, frame, masks, error);
  video->made.making_s = seconds_since (&us);
  const RvStopRequest *stop = &video->how->stop_request;
  video->stopped |= stop->func && stop->func (stop->user_data); /* then the frame may be incomplete */
  if (!made || video->stopped || !render_baseline (video, frame, made, error) || video->stopped)
    return NULL;
  if (!video->last && video->target.tail > 0 &&
      !rv__keyframe_blend_begin (&video->target, frame, made, video->how->n_threads, error))
    return NULL;
  rv_image_unref (video->last);
  video->last = rv_image_ref (made);
  rv__long_term_add (&video->long_term, frame, made, masks);
  g_autoptr (RvImage) result = video->how->finish_frame && !key
                                 ? video->how->finish_frame (video->how->maker, made, frame, error)
                                 : g_steal_pointer (&made);
  return !result || result->alpha == frame->alpha ? g_steal_pointer (&result)
                                                  : rv_image_new_from_planes (result->rgb, frame->alpha, error);
}

/* Prepares the renderer with @frame, the first one, and creates video->motion. After an error `motion` is NULL. */
static gboolean
prepare (RvVideoRun *video, RvImage *frame, GError **error)
{
  return (!video->how->prepare || video->how->prepare (video->how->maker, frame, error)) &&
         (video->motion = rv__frame_motion_new (video->how->n_threads, error));
}

/* Adds the report of the frame, video->made, to the totals, and its work to video->work. Passes both to the
 * caller's function with @picture, borrowed. That may stop the video: sets video->stopped. */
static void
end_frame (RvVideoRun *video, const RvImage *picture)
{
  RvVideoResult *result = &video->result;
  const RvFrameReport *made = &video->made;
  result->n_frames++;
  result->n_shots += made->begins;
  result->n_followed += !made->begins;
  result->motion_s += made->motion_s;
  result->making_s += made->making_s;
  if (!made->begins) {
    result->warping_error += (made->warping_error - result->warping_error) / (double) result->n_followed;
    result->source_error += (made->source_error - result->source_error) / (double) result->n_followed;
  }
  video->now.made = &video->made;
  video->now.picture = picture;
  video->now.loss = video->made.loss;
  report_progress (video, 1);
  video->now.made = NULL;
  video->now.picture = NULL;
  video->work += video->frame_work;
  video->frame_work = 0;
}

/* Reads the next frame, renders it, passes it to add() and reports it; counts it in n_seen unless stopped. *ended:
 * (out): TRUE: next() returned no frame. Returns TRUE also if stopped or cancelled, which drops the error and sets
 * video->stopped. */
static gboolean
run_frame (RvVideoRun *video, gboolean *ended, GError **error)
{
  const RvVideoRunSpec *frames = video->frames;
  g_autoptr (GError) own_error = NULL;
  g_autoptr (RvImage) frame = frames->next (frames->user_data, &own_error), picture = NULL;
  *ended = !frame;
  video->made = (RvFrameReport){ .frame = video->result.n_seen + 1 };
  video->now.frame = video->made.frame;
  video->now.n_frames = frames->n_frames > 0 ? MAX (frames->n_frames, video->made.frame) : 0;
  if (frame && (video->motion || prepare (video, frame, &own_error)))
    picture = render_frame (video, frame, frames->masks, &own_error);
  if (picture && frames->add (frames->user_data, picture, &own_error))
    end_frame (video, picture);
  if (frame && video->is_foreign && !own_error)
    report_progress (video, 1);
  video->result.n_seen += frame && !own_error && !video->stopped;
  video->stopped |= g_error_matches (own_error, RV_ERROR, RV_ERROR_CANCELLED);
  if (!own_error || video->stopped)
    return TRUE;
  return rv__error_propagate (error, g_steal_pointer (&own_error));
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

#define REALS 4                  /* numbers of RvVideoResult in a state */
#define MADE_BACK "made %d back" /* results of the newest shot's frames, for long-term frames */

RvTensorMap *
rv__video_state (const RvVideoRun *video)
{
  const RvFrameMotion *motion = video->motion;
  const RvVideoResult *r = &video->result;
  const double reals[REALS] = { r->warping_error, r->source_error, r->motion_s, r->making_s };
  g_autoptr (GString) text = g_string_new (NULL);
  char real[G_ASCII_DTOSTR_BUF_SIZE];
  const RvImage *made;
  g_string_printf (text, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, r->n_frames, r->n_shots);
  for (int i = 0; i < REALS; i++)
    g_string_append_printf (text, " %s", g_ascii_dtostr (real, sizeof real, reals[i]));
  RvTensorMap *state = rv_tensor_map_new ();
  rv_tensor_map_set_text (state, "film so far", text->str);
  rv_tensor_map_set (state, "last", video->last->rgb);
  rv_tensor_map_set (state, "made of", motion->rendered_from->rgb);
  if (video->target.result && !video->frames->keys)
    rv_tensor_map_set (state, "first", video->target.result->rgb);
  for (int back = 0; (made = rv__long_term_result (&video->long_term, back)); back++) {
    g_autofree char *name = g_strdup_printf (MADE_BACK, back);
    rv_tensor_map_set (state, name, made->rgb);
  }
  if (motion->flow_to_previous) {
    rv_tensor_map_set (state, "to last", motion->flow_to_previous);
    rv_tensor_map_set (state, "to new", motion->flow_to_current);
  }
  if (motion->pending_disocclusion)
    rv_tensor_map_set (state, "waiting", motion->pending_disocclusion);
  return state;
}

/* Overwrites *r with the totals of a state. FALSE, without an error: @state is damaged or no state of a video; *r is
 * then undefined. */
static gboolean
read_result (const RvTensorMap *state, RvVideoResult *r)
{
  const char *text = rv_tensor_map_get_text (state, "film so far");
  g_auto (GStrv) parts = g_strsplit (text ? text : "", " ", -1);
  double *const reals[REALS] = { &r->warping_error, &r->source_error, &r->motion_s, &r->making_s };
  *r = (RvVideoResult){ 0 };
  if (g_strv_length (parts) != 2 + REALS ||
      !g_ascii_string_to_signed (parts[0], 10, 1, G_MAXINT32, &r->n_frames, NULL) ||
      !g_ascii_string_to_signed (parts[1], 10, 1, r->n_frames, &r->n_shots, NULL))
    return FALSE;
  r->n_followed = r->n_frames - r->n_shots;
  r->n_seen = r->n_frames;
  for (int i = 0; i < REALS; i++)
    *reals[i] = g_ascii_strtod (parts[2 + i], NULL);
  return TRUE;
}

gint64
rv__video_state_frames (const RvTensorMap *state)
{
  RvVideoResult result;
  return read_result (state, &result) ? result.n_frames : 0;
}

/* Sets RV_ERROR_FORMAT: the checkpoint is damaged or of another video. Returns FALSE. */
static gboolean
set_damaged_error (GError **error)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint is damaged or belongs to another video");
}

/* (transfer full) (nullable): a copy of the picture @name of @state, which must have the size of @like.
 * RV_ERROR_FORMAT for another type or size, or if it is missing. */
static RvImage *
state_image (const RvTensorMap *state, const char *name, const RvImage *like, GError **error)
{
  const RvTensor *rgb = rv_tensor_map_get (state, name);
  if (!rgb || rgb->type != RV_F32 || !rv_shape_equal (&rgb->shape, &like->rgb->shape))
    return rv__null (set_damaged_error (error));
  g_autoptr (RvImage) image = rv_image_new (like->width, like->height, error);
  return image && rv__tensor_read_into (rgb, image->rgb->data, error) ? g_steal_pointer (&image) : NULL;
}

/* Sets *planes (out) (transfer full) to the tensor @name of @state, [1, @n, height, width] of the size of @like; to
 * NULL if the state has none (TRUE). RV_ERROR_FORMAT for another type or shape. After an error, *planes is NULL. */
static gboolean
state_planes (const RvTensorMap *state, const char *name, int n, const RvImage *like, RvTensor **planes, GError **error)
{
  const RvTensor *found = rv_tensor_map_get (state, name);
  RvShape shape = rv_shape (4, 1, n, like->height, like->width);
  *planes = NULL;
  if (found && (found->type != RV_F32 || !rv_shape_equal (&found->shape, &shape)))
    return set_damaged_error (error);
  return !found || (*planes = rv__tensor_read (found, error));
}

/* Restores the target of a loop; without a loop does nothing. @frame: the first frame. */
static gboolean
restore_loop (RvVideoRun *video, const RvTensorMap *state, RvImage *frame, GError **error)
{
  g_autoptr (RvImage) first = video->target.tail > 0 ? state_image (state, "first", frame, error) : NULL;
  return video->target.tail == 0 ||
         (first && rv__keyframe_blend_begin (&video->target, frame, first, video->how->n_threads, error));
}

/* (transfer full) (nullable): the last finished frame. Reads all video->result.n_frames finished frames again:
 * prepare() and restore_loop() need the first, and the newest become long-term frames without results.
 * video->frames->state must be set. RV_ERROR_FORMAT if there are too few frames. */
static RvImage *
read_again (RvVideoRun *video, GError **error)
{
  const RvVideoRunSpec *frames = video->frames;
  g_autoptr (RvImage) frame = NULL;
  for (gint64 k = 0; k < video->result.n_frames; k++) {
    g_autoptr (GError) own_error = NULL;
    rv_image_unref (frame);
    frame = frames->next (frames->user_data, &own_error);
    if (!frame && !own_error)
      set_damaged_error (&own_error);
    if (own_error ||
        (k == 0 && (!prepare (video, frame, &own_error) || !restore_loop (video, frames->state, frame, &own_error))))
      return rv__null (rv__error_propagate (error, g_steal_pointer (&own_error)));
    store_masks (video, frames->masks);
    rv__long_term_add (&video->long_term, frame, NULL, frames->masks);
  }
  return g_steal_pointer (&frame);
}

/* Restores from @state the results of the long-term frames that belong to the newest shot, and frees older ones.
 * @frame: the last one, for the size. RV_ERROR_FORMAT if the newest frame has no result, or a result has no frame. */
static gboolean
restore_long_term (RvVideoRun *video, const RvTensorMap *state, const RvImage *frame, GError **error)
{
  for (int back = 0; back < rv__long_term_length (&video->long_term); back++) {
    g_autofree char *name = g_strdup_printf (MADE_BACK, back);
    if (!rv_tensor_map_get (state, name)) {
      rv__long_term_trim (&video->long_term, back);
      return back > 0 || set_damaged_error (error);
    }
    g_autoptr (RvImage) made = state_image (state, name, frame, error);
    if (!made || (!rv__long_term_set_result (&video->long_term, back, made) && !set_damaged_error (error)))
      return FALSE;
  }
  return TRUE;
}

/* Restores @video from video->frames->state, not NULL, after the last finished frame; reads the finished frames again.
 * RV_ERROR_FORMAT if the totals are damaged or missing. After an error, @video may only be freed. */
static gboolean
restore (RvVideoRun *video, GError **error)
{
  const RvTensorMap *state = video->frames->state;
  if (!read_result (state, &video->result))
    return set_damaged_error (error);
  g_autoptr (RvImage) frame = read_again (video, error);
  if (!frame)
    return FALSE;
  RvFrameMotion *motion = video->motion;
  video->work = video->how->begin_work + (double) (video->result.n_frames - 1) * video->how->follow_work;
  return (video->last = state_image (state, "last", frame, error)) &&
         (motion->rendered_from = state_image (state, "made of", frame, error)) &&
         state_planes (state, "to last", 2, frame, &motion->flow_to_previous, error) &&
         state_planes (state, "to new", 2, frame, &motion->flow_to_current, error) &&
         state_planes (state, "waiting", 1, frame, &motion->pending_disocclusion, error) &&
         restore_long_term (video, state, frame, error) && rv__frame_motion_restore (motion, frame, error);
}

gboolean
rv__video_run (const RvFrameRenderer *how, const RvVideoRunSpec *frames, RvVideoFunc progress, gpointer user_data,
               RvVideoResult *result, GError **error)
{
  RvVideoRun video = { .how = how, .progress = progress, .user_data = user_data, .began_us = g_get_monotonic_time () };
  video.now.video = &video;
  video.frames = frames;
  video.masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  video.target.tail = frames->loop_tail;
  video.baseline.n_frames = frames->n_frames;
  video.baseline.n_pairs = frames->n_pairs;
  if (frames->reaches)
    memcpy (video.long_term.reaches, frames->reaches, sizeof video.long_term.reaches);
  int before = rv__system_use_threads (rv__compute_threads (how->n_threads));
  gboolean ended = FALSE, ok = !frames->state || restore (&video, error);
  while (ok && !ended && !video.stopped)
    ok = run_frame (&video, &ended, error);
  *result = video.result;
  result->n_baseline_pairs = video.baseline.n_made;
  result->baseline_error = video.baseline.error;
  result->stopped = video.stopped && !ended;
  rv__system_use_threads (before);
  rv__frame_motion_free (video.motion);
  rv__keyframe_blend_clear (&video.target);
  rv_image_unref (video.baseline.first);
  rv__long_term_clear (&video.long_term);
  rv_image_unref (video.last);
  g_ptr_array_unref (video.masks);
  return ok;
}
