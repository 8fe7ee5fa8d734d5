/* video.h -- films made frame by frame, each from the last result as it moved: what painted and dreamt films share.
 * Layer 6 (method). */
#ifndef RV_VIDEO_RUN_H
#define RV_VIDEO_RUN_H

#include "method/video/video-keyframes.h"
#include "method/video/video-long-term.h"
#include <reverie/error.h>

/* A film on its way. */
typedef struct RvVideoRun RvVideoRun;

/* Where frames come from and go to. */
typedef struct {
  gint64 n_frames;    /* about; 0: nobody knows */
  gint64 loop_tail;   /* so many frames at the end flow into the first; 0: it is no loop */
  RvTensorMap *state; /* of rv__video_state(), or NULL: add() begins after the frames it had, next() with the first */
  RvImage *(*next) (gpointer user_data, GError **error); /* (transfer full); NULL: there is none */
  gboolean (*add) (gpointer user_data, const RvImage *frame, GError **error);
  gpointer user_data;
  const RvKeyframes *keys; /* what somebody has painted; or NULL. Then it is no loop */
  int n_pairs;             /* of frames that are made alone as well, for comparison */
  const gboolean *reaches; /* of rv__long_term_parse(); NULL: the last frame alone is remembered */
  RvImage *const *masks; /* of the frame that next() gave last: what is made with them is held to the last result where
                          * they are as they were; ends with NULL. NULL: there are none */
  /* Frame @number, 1 ..., begins shot @shot, 0 ...: whether that is made here; NULL: all are. Of one that is not
   * nothing is added, but the film is looked at: where shots end depends on it. Then it is no loop and has no keys.
   * FALSE: an error. */
  gboolean (*wants) (gpointer user_data, gint64 shot, gint64 number, gboolean *wanted, GError **error);
} RvVideoRunSpec;

#define RV_VIDEO_LOSSES 8

/* A frame that was made. */
typedef struct {
  gint64 frame;                       /* 1, 2, ... */
  gboolean begins;                    /* a shot */
  double static_01, confident_01;     /* the part of it where nothing changed; where the flow can be trusted */
  double loss;                        /* of its last step; 0 where nothing changed at all */
  int n_losses;                       /* of which it is the sum; 0: of nothing */
  const char *names[RV_VIDEO_LOSSES]; /* static */
  double losses[RV_VIDEO_LOSSES];
  double warping_error,
    source_error; /* rv__video_warping_error() of the result and of the film; 0 where a shot begins */
  double motion_s, making_s;
} RvFrameReport;

/* How far it is. */
typedef struct {
  gint64 frame, n_frames;    /* that is being made: 1, 2, ...; of about so many, 0: nobody knows */
  double done_01, seconds;   /* 0 then */
  double loss;               /* of the last step */
  const RvFrameReport *made; /* the frame is done; NULL: a step of it is */
  const RvImage *picture;    /* then */
  const RvVideoRun *video;
} RvVideoProgress;

/* RvVideoFunc: called on the caller's thread after each step and after each frame; FALSE stops the film, after the
 * frames that are done. */
typedef gboolean (*RvVideoFunc) (const RvVideoProgress *progress, gpointer user_data);

/* What became of it. */
typedef struct {
  gint64 n_seen;                        /* frames of the film, made or not */
  gint64 n_frames, n_shots, n_followed; /* made; of them such as begin a shot, and such as follow another */
  double warping_error, source_error;   /* means over those that follow */
  double motion_s, making_s;
  int n_alone;        /* pairs of frames that were made alone as well; */
  double alone_error; /* their warping error */
  gboolean stopped;
} RvVideoResult;

/* How frames are made. Each function returns (transfer full) (nullable) what it makes; each gets @maker. */
typedef struct {
  /* (nullable): the film's first frame is known, before anything is made. */
  gboolean (*prepare) (gpointer maker, RvImage *frame, GError **error);
  /* A frame that begins a shot. */
  RvImage *(*render_first) (gpointer maker, RvVideoRun *video, RvImage *frame, GError **error);
  /* One that follows, from @start, with what @motion knows of it. */
  RvImage *(*render_next) (gpointer maker, RvVideoRun *video, RvImage *frame, RvImage *start, RvFrameMotion *motion,
                           GError **error);
  RvImage *(*finish_frame) (gpointer maker, RvImage *made, RvImage *frame, GError **error); /* NULL: as it was made */
  RvPropagation carry;
  double begin_work, follow_work; /* how long they take, in any unit; set_out() may set them */
  gint64 n_threads;               /* for flows and loops; 0: one for each core */
  GCancellable *cancellable;      /* of flows; or NULL */
  RvStopFunc wanted;              /* a maker may end a frame early when this says so; or NULL */
  gpointer wanted_data;
} RvFrameRenderer;

/* rv__video_step: for makers: a step of the frame is done, and that part of its work. FALSE: the frame is to end now,
 * whatever it is. rv__video_frame_report: what is told of the frame. */
gboolean rv__video_step (RvVideoRun *video, double part_01, double loss);
RvFrameReport *rv__video_frame_report (RvVideoRun *video);

/* rv__video_state: (transfer full): for use in RvVideoFunc when a frame is done: what the film needs to go on after it.
 * It holds what the film then makes anew. rv__video_state_frames: how many frames that has had; 0: it is none. */
RvTensorMap *rv__video_state (const RvVideoRun *video);
gint64 rv__video_state_frames (const RvTensorMap *state);

/* rv__video_run: makes every frame there is; those that were added are good, also after an error. Memory does not grow
 * with the film's length. Errors: the maker's and those of @frames' functions; RV_ERROR_FORMAT where the state is of
 * another film. */
gboolean rv__video_run (const RvFrameRenderer *how, gpointer maker, const RvVideoRunSpec *frames, RvVideoFunc progress,
                        gpointer user_data, RvVideoResult *result, GError **error);

#endif
