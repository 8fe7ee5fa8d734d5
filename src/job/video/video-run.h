/* video-run.h -- declarations shared by jobs that make a video: reading a range, writing, checkpoints. The kinds are
 * style-video.c and dream-video.c.
 * Layer 7 (job). */
#ifndef RV_JOB_VIDEO_RUN_H
#define RV_JOB_VIDEO_RUN_H

#include "io/video/raw-frames.h"
#include "job/video/video-mask.h"
#include "job/video/video-shots.h"
#include "method/video/video.h"
#include "job/core/job-class.h"

/* Settings of the kinds "style-video" and "dream-video". Each kind has its own rows, before the shared ones. */
typedef struct {
  char *learned;              /* for "style-video" only */
  double style_weight, blend; /* for "dream-video" only */
  char *from, *to;            /* "0:12", "12.5" */
  gint64 every, crf, frame_iterations, n_pairs;
  gboolean loop;
  char *codec, *long_term_frames;
} RvVideoOptions;

extern const RvOption rv__style_video_options[], rv__dream_video_options[];

/* Fields of request->kind_settings. Borrowed. */
const RvVideoOptions *rv__video_options_of (const RvJobRequest *request);

/* Cost of a video. */
typedef struct {
  const char *backend; /* static */
  gsize peak_bytes;
  double first_s, next_s; /* first frame of a shot; other frames */
} RvVideoPlan;

/* Functions that make the frames of a kind. make() is like rv__video_run(); plan() measures the first frame. */
struct _RvVideoKind {
  gint64 frame_iterations; /* default of the setting */
  gboolean (*load) (RvJobRun *run, GError **error);
  gboolean (*plan) (RvJobRun *run, RvImage *frame, RvVideoPlan *plan, GError **error);
  gboolean (*make) (RvJobRun *run, const RvVideoRunSpec *frames, RvVideoFunc progress, RvVideoResult *result,
                    GError **error);
  void (*clear) (gpointer maker);
};

/* run->method. */
typedef struct {
  gpointer maker; /* result of load(); private data of the kind */
  RvVideoReadOptions part;
  RvVideoReader *reader; /* NULL: the first frames were read */
  RvVideoMasks masks;
  RvKeyframes keys;
  RvVideoWriter *writer;
  RvRawFrames *done;   /* finished frames, in a file next to OUT; NULL: no checkpoints */
  RvTensorMap *state;  /* to resume from; NULL: start at the beginning */
  RvTensorMap *newest; /* state after the newest frame; NULL: written already, or no checkpoints */
  RvVideoShots *shots; /* shots of this process; NULL: not distributed */
  gboolean is_part;    /* another run assembles the video */
  char *same;          /* text that a resumed run must match; cache of rv__video_same() */
  RvImage *last;
  RvVideoResult result;
  const char *names[RV_VIDEO_LOSSES + 1];
} RvVideoJob;

#define RV_VIDEO_MAX_KEYFRAMES 100 /* limit, because memory holds each with its source frame */

/* Checks that the names of the inputs "keyframe" end in different numbers, and how many they are. RV_ERROR_SETTING. */
gboolean rv__keyframes_check (const RvJobRequest *request, GError **error);

/* Loads keyframes, resized to the video, and their source frames. For these, it reads @part of the video from the
 * beginning. RV_ERROR_SETTING for a frame beyond the end; errors of rv__job_input_load() and rv_video_reader_new(). */
gboolean rv__keyframes_load (RvKeyframes *keys, const RvJobRequest *request, const RvVideoReadOptions *part,
                             GError **error);
/* Loads the first frame of the mask @input, for RvVideoKind.load. *place: (out) (transfer full): each frame replaces
 * it. Errors of rv__video_mask_load(). */
gboolean rv__video_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **place, GError **error);

/* Sets from_s, to_s and every of @part from the settings. RV_ERROR_SETTING. */
gboolean rv__video_read_options (const RvVideoOptions *video, RvVideoReadOptions *part, GError **error);
/* (nullable): the setting `part`, such as "3/8": other processes render the rest of the video. Borrowed. */
const char *rv__video_shard (const RvJobRequest *request);
/* Checks the settings of a video, before RvJobClass.check of a kind checks its own. Sets the default of
 * `frame-iterations`. Turns off log and checkpoint of a shard, recipe and checkpoint of a stream. RV_ERROR_SETTING. */
gboolean rv__video_check (RvJobRequest *request, GError **error);
/* RvJobClass.probe_files. Creates run->method, an RvVideoJob, and opens the reader. */
gboolean rv__video_job_probe (RvJobRun *run, GError **error);
/* RvJobClass.prepare. Loads the keyframes, and calls RvVideoKind.load. */
gboolean rv__video_prepare (RvJobRun *run, GError **error);
/* RvJobClass.plan. Measures the first frame and its motion. Closes the reader. */
gboolean rv__video_plan (RvJobRun *run, RvJobPlan *plan, GError **error);
/* RvJobClass.resume. Keeps a reference on @state. RV_ERROR_SETTING if other settings decided its frames. */
gboolean rv__video_resume (RvJobRun *run, RvTensorMap *state, GError **error);
/* RvJobClass.run. Writes the video, or this process's shots. *result: (transfer full) (nullable): the last frame. */
gboolean rv__video_job_execute (RvJobRun *run, RvImage **result, GError **error);
/* RvJobClass.write_more. Writes OUT.json: some containers keep no comments. Unless stopped, removes the checkpoint. */
gboolean rv__video_write_recipe (RvJobRun *run, const RvImage *result, GError **error);
/* RvJobClass.fill_final_report. */
void rv__video_sum_up (const RvJobRun *run, RvJobReport *report);
/* RvJobClass.state, without @progress. (transfer full) (nullable): the state after the newest frame; only once. */
RvTensorMap *rv__video_job_save (RvJobRun *run, gconstpointer progress);
/* RvJobClass.clear. */
void rv__video_clear (RvJobRun *run);

/* Opens the reader unless it is open. In video-run.c, like the next two. */
gboolean rv__video_open_reader (RvJobRun *run, GError **error);
/* Opens the writer, with the recipe. Does nothing on ranks other than the first (TRUE). */
gboolean rv__video_open_writer (RvJobRun *run, GError **error);
/* Renders the frames of this process into its shots, or into writer and done file. Sets result and progress.stopped.
 * When stopped, also writes a checkpoint. */
gboolean rv__video_render_frames (RvJobRun *run, GError **error);
/* (transfer full): the file of finished frames, next to the video. In video-state.c, like the next three. */
char *rv__video_done_file (const RvJobRequest *request);
/* JSON of the settings and inputs that decide the frames, which a resumed run must match. Borrowed. */
const char *rv__video_same (RvJobRun *run);
/* Writes a checkpoint after the newest frame, unless it is written (TRUE). FALSE with progress.error. */
gboolean rv__video_save_newest (RvJobRun *run);
/* RvVideoFunc; @run: its data. Reports, applies changes, waits while paused; after a frame also log, preview and
 * checkpoint. FALSE: the video must end. */
gboolean rv__video_on_progress (const RvVideoProgress *p, gpointer run);
/* Whether the video is made of shots: `part`, several ranks, or 'resume' finds shots. In video-distribute.c. */
gboolean rv__video_is_distributed (RvJobRun *run);
/* Renders the shots of this process and, except with `part`, assembles the video. RV_ERROR_FILE if shots are
 * missing. */
gboolean rv__video_render_distributed (RvJobRun *run, GError **error);

#endif
