/* video.h -- videos rendered frame by frame, each from the last result moved along the flow. Shared by videos of
 * styles, learned styles and dreams. Layer 6 (method). */
#pragma once

#include "method/compute.h"
#include "method/run/plan.h"
#include "method/video/video-keyframes.h"
#include "method/video/video-long-term.h"

/* A video in progress. */
typedef struct RvVideoRun RvVideoRun;

/* Source and destination of frames. */
typedef struct {
  gint64 n_frames;  /* estimate; 0: unknown */
  gint64 loop_tail; /* number of frames at the end that blend toward the first; 0: no loop */
  /* from rv__video_state(): next() returns all frames from the first, add() gets those after the state. NULL: start at
   * the beginning */
  RvTensorMap *state;
  /* (transfer full) (nullable): the next frame; NULL: the end, or an error */
  RvImage *(*next) (gpointer user_data, GError **error);
  /* gets each rendered frame, in order; FALSE: an error */
  gboolean (*add) (gpointer user_data, const RvImage *frame, GError **error);
  gpointer user_data;
  const RvKeyframes *keys; /* NULL: none; excludes a loop */
  int n_pairs;             /* pairs of baseline frames */
  const gboolean *reaches; /* from rv__long_term_parse(); NULL: only the last frame */
  /* masks of the frame that next() returned last, NULL-terminated; NULL: none. Old paint is kept only where masks have
   * not changed */
  RvImage *const *masks;
  /* (nullable: all shots): called when shot @shot (from 0) begins, with frame @number (from 1). *is_ours: (out):
   * whether this process renders it. Frames of other shots are read, because the ends of shots depend on them, but not
   * added. Excludes loops and keyframes. FALSE: an error. */
  gboolean (*begin_shot) (gpointer user_data, gint64 shot, gint64 number, gboolean *is_ours, GError **error);
} RvVideoRunSpec;

#define RV_VIDEO_LOSSES 8

/* Report of a finished frame. */
typedef struct {
  gint64 frame;                       /* from 1 */
  gboolean begins;                    /* begins a shot */
  double static_01, confident_01;     /* fractions of static pixels, and of confident ones */
  double loss;                        /* at the last step; 0 if all pixels are static */
  int n_losses;                       /* number of terms of `loss`; 0: none */
  const char *names[RV_VIDEO_LOSSES]; /* static */
  double losses[RV_VIDEO_LOSSES];
  double warping_error, source_error; /* rv__video_warping_error() of result and source; 0 at the beginning of a shot */
  double motion_s, making_s;
} RvFrameReport;

/* Progress of a video. */
typedef struct {
  gint64 frame, n_frames;    /* current frame, from 1; estimated number, 0: unknown */
  double done_01, seconds;   /* done_01: 0 if n_frames is unknown */
  double loss;               /* at the last step */
  const RvFrameReport *made; /* report of the finished frame; NULL: a step within a frame */
  const RvImage *picture;    /* result of the finished frame; else NULL */
  const RvVideoRun *video;
} RvVideoProgress;

/* Called on the caller's thread after each step and each frame. FALSE stops the video after the last finished frame. */
typedef gboolean (*RvVideoFunc) (const RvVideoProgress *progress, gpointer user_data);

/* Totals of a video. */
typedef struct {
  gint64 n_seen;                        /* frames read, whether rendered or not */
  gint64 n_frames, n_shots, n_followed; /* rendered frames; beginning a shot; continuing one */
  double warping_error, source_error;   /* means over n_followed frames */
  double motion_s, making_s;
  int n_baseline_pairs;  /* measured baseline pairs */
  double baseline_error; /* mean warping error of baseline pairs */
  gboolean stopped;
} RvVideoResult;

/* Functions that render frames; @maker: their data. Returned pictures are (transfer full) (nullable); NULL: *error is
 * set. Functions that return FALSE have set *error. */
typedef struct {
  gpointer maker;
  void (*free) (gpointer maker); /* NULL: the caller owns it */
  /* Plans a video from its first frame, with measured times. Fills @first for a frame that begins a shot, @next for one
   * that continues it; both are zeros before, and exclude flows. @maker may only be freed afterwards. */
  gboolean (*plan) (gpointer maker, RvImage *frame, RvPlan *first, RvPlan *next, GError **error);
  /* (nullable): called with the first frame, before rendering. */
  gboolean (*prepare) (gpointer maker, RvImage *frame, GError **error);
  /* Renders the first frame of a shot. */
  RvImage *(*render_first) (gpointer maker, RvVideoRun *video, RvImage *frame, GError **error);
  /* Renders a frame that continues a shot, from @start, which it may change except at static pixels. @motion: of this
   * frame. */
  RvImage *(*render_next) (gpointer maker, RvVideoRun *video, RvImage *frame, RvImage *start, RvFrameMotion *motion,
                           GError **error);
  RvImage *(*finish_frame) (gpointer maker, RvImage *made, RvImage *frame, GError **error); /* NULL: no change */
  RvPropagation propagation;
  double begin_work, follow_work; /* relative cost of both kinds of frames */
  gint64 n_threads;               /* for flows and loops; 0: one for each core */
  RvStopRequest stop_request;     /* ends a frame early */
} RvFrameRenderer;

/* Reports a step of the current frame to the caller; for renderers. @part_01: fraction of the frame's work that is
 * done. @loss: stored in the frame's report, except for baseline frames. FALSE: the video is stopped: the renderer must
 * return now, and its frame is dropped. Sets no error. */
gboolean rv__video_report_step (RvVideoRun *video, double part_01, double loss);
/* Report of the current frame, in which renderers set n_losses, names and losses. Owned by @video, for this frame. */
RvFrameReport *rv__video_frame_report (RvVideoRun *video);

/* (transfer full): the state after a finished frame, for RvVideoRunSpec.state. Call it in RvVideoFunc, only if
 * progress->made is not NULL. Shares tensors with @video, which later frames do not change. Never NULL. */
RvTensorMap *rv__video_state (const RvVideoRun *video);
/* Number of rendered frames in @state, of rv__video_state(); 0: @state is damaged or no state of a video. Sets no
 * error. */
gint64 rv__video_state_frames (const RvTensorMap *state);

/* Renders all frames by @how, or those after frames->state. @progress: (nullable): is called with @user_data.
 * Overwrites *result with the totals, also after an error. Returns TRUE also if stopped or cancelled (result->stopped),
 * but FALSE with RV_ERROR_CANCELLED while the frames of a state are read again. Frames passed to add() are valid, even
 * after an error. Memory does not grow with the number of frames. Blocks; the callbacks run on this thread. */
gboolean rv__video_run (const RvFrameRenderer *how, const RvVideoRunSpec *frames, RvVideoFunc progress,
                        gpointer user_data, RvVideoResult *result, GError **error);
