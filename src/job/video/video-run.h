/* video-run.h -- declarations shared by jobs that make a video: reading a range, writing, checkpoints. The kinds are
 * style-video.c and dream-video.c.
 * Layer 7 (job). */
#pragma once

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

/* Fields of request->kind_settings, of the kind "style-video" or "dream-video". Borrowed from @request. */
const RvVideoOptions *rv__video_options_of (const RvJobRequest *request);

/* Functions of a kind. load() creates the kind's inputs in run->method, and its renderer. end() (nullable) is called
 * when this process has rendered its last frame, unless stopped. clear() frees the inputs. */
struct _RvVideoKind {
  gint64 frame_iterations; /* default of the setting */
  gboolean (*load) (RvJobRun *run, GError **error);
  void (*end) (RvJobRun *run);
  void (*clear) (gpointer inputs);
};

/* run->method. */
typedef struct {
  gpointer inputs;          /* result of load(); private data of the kind */
  RvFrameRenderer renderer; /* set by load() */
  RvVideoReadOptions range;
  RvVideoReader *reader; /* NULL: not open */
  RvVideoMasks masks;
  RvKeyframes keys;
  RvVideoWriter *writer;
  RvRawFrames *done;   /* finished frames, in a file next to OUT; NULL: no checkpoints */
  RvTensorMap *state;  /* to resume from; NULL: start at the beginning */
  RvTensorMap *newest; /* state after the newest frame; NULL: written already, or no checkpoints */
  RvVideoShots *shots; /* shots of this process; NULL: not distributed */
  char *identity;      /* cache of rv__video_identity() */
  RvImage *last;       /* last finished frame; NULL: none */
  RvVideoResult result;
  const char *names[RV_VIDEO_LOSSES + 1]; /* of the losses in reports; NULL-terminated */
} RvVideoJob;

/* Members of RvJobClass that both kinds have. */
#define RV_VIDEO_JOB_MEMBERS                                                                                           \
  .probe_files = rv__video_job_probe, .prepare = rv__video_prepare, .plan = rv__video_plan,                            \
  .resume = rv__video_resume, .run = rv__video_job_execute, .write_more = rv__video_write_recipe,                      \
  .fill_final_report = rv__video_fill_final_report, .state = rv__video_take_newest_state, .clear = rv__video_clear

#define RV_VIDEO_MAX_KEYFRAMES 100 /* limit, because memory holds each with its source frame */

/* Checks that the inputs "keyframe" are files whose names, before the suffix, end in different frame numbers from 1. At
 * most RV_VIDEO_MAX_KEYFRAMES; none: TRUE. Opens no file. RV_ERROR_SETTING. */
gboolean rv__keyframes_check (const RvJobRequest *request, GError **error);

/* Loads the inputs "keyframe", resized to the result's size, and their source frames, into @keys, sorted by number;
 * without such inputs @keys is empty (TRUE). For the source frames reads @range of the video again. The caller clears
 * @keys, even after an error. */
gboolean rv__keyframes_load (RvKeyframes *keys, const RvJobRequest *request, const RvVideoReadOptions *range,
                             GError **error);
/* Loads the first frame of the mask @input, and opens the reader if it is closed. *image: NULL before; (out) (transfer
 * full): NULL after an error. The pointer @image stays in use until rv__video_clear(): *image is replaced for each
 * later frame. */
gboolean rv__video_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **image, GError **error);

/* Sets from_s, to_s (0: the end) and every of @range from the settings `from`, `to` and `every`. RV_ERROR_SETTING
 * if `to` is not after `from`. After an error @range is partly set. */
gboolean rv__video_read_options (const RvVideoOptions *video, RvVideoReadOptions *range, GError **error);
/* (nullable): the setting `part`, such as "3/8": other runs render the rest of the video. NULL: not set. Borrowed. */
const char *rv__video_shard (const RvJobRequest *request);
/* Checks the settings of a video; RvJobClass.check of each kind calls it first. Sets the default of `frame-iterations`.
 * Turns off log and checkpoints of a shard, recipe and checkpoints of a stream. RV_ERROR_SETTING for `loop` with
 * keyframes, `resume` of a stream, options of pictures, and without `output`, except in a dry run. */
gboolean rv__video_check (RvJobRequest *request, GError **error);
/* RvJobClass.probe_files. Sets run->method to an RvVideoJob, also after an error. Checks inputs and outputs by their
 * heads, sets request.width and height, and opens the reader. RV_ERROR_SETTING for `loop` if the length is unknown,
 * and for keyframes of a stream. */
gboolean rv__video_job_probe (RvJobRun *run, GError **error);
/* RvJobClass.prepare. Loads the keyframes, and calls RvVideoKind.load, which sets video_job->inputs and renderer.
 * rv__video_job_probe() must have succeeded. */
gboolean rv__video_prepare (RvJobRun *run, GError **error);
/* RvJobClass.plan. Measures the first frame, its masks and its motion; @plan covers all frames as one shot. Closes the
 * reader. */
gboolean rv__video_plan (RvJobRun *run, RvJobPlan *plan, GError **error);
/* RvJobClass.resume. Stores a reference on @state, sets progress.iteration to the number of frames that are done,
 * and run->kernels to the kernels of @state. RV_ERROR_SETTING if @state was saved with another
 * rv__video_identity(); nothing is then changed. */
gboolean rv__video_resume (RvJobRun *run, RvTensorMap *state, GError **error);
/* RvJobClass.run. Writes the video, or with `part` its shots; closes reader and writer. *result: NULL at the call;
 * (transfer full) (nullable): the last frame, also with an error. TRUE also when stopped, with the frames so far; but
 * RV_ERROR_CANCELLED without a frame, and for distributed shots. */
gboolean rv__video_job_execute (RvJobRun *run, RvImage **result, GError **error);
/* RvJobClass.write_more. Writes the recipe, if any, to OUT.json, because some containers keep no comments. Unless
 * stopped, removes the checkpoint. Removes the file of finished frames if there is no checkpoint. Does nothing with
 * `part` (TRUE). @result is not used. */
gboolean rv__video_write_recipe (RvJobRun *run, const RvImage *result, GError **error);
/* RvJobClass.fill_final_report. Sets size, number of rendered frames, and mean errors (-1: not measured). */
void rv__video_fill_final_report (const RvJobRun *run, RvJobReport *report);
/* RvJobClass.state; @progress is not used. (transfer full) (nullable): video_job->newest, which must be set and becomes
 * NULL, with identity and kernels. First syncs the finished frames; if that fails, NULL with progress.error. */
RvTensorMap *rv__video_take_newest_state (RvJobRun *run, gconstpointer progress);
/* RvJobClass.clear. Frees run->method, an RvVideoJob, which must not be NULL, and its `inputs` (nullable) by
 * RvVideoKind.clear. Closes all files, which stay on disk, except the temporary file of an unfinished video. */
void rv__video_clear (RvJobRun *run);

/* Opens video_job->reader at the first frame of the range, unless it is open (TRUE). */
gboolean rv__video_open_reader (RvJobRun *run, GError **error);
/* Opens video_job->writer for `output`, with the recipe. The reader must be open. Does nothing on ranks above 0 (TRUE).
 * Also stores the recipe by rv__job_run_store_recipe(). */
gboolean rv__video_open_writer (RvJobRun *run, GError **error);
/* Renders the frames of this process into its shots, or into writer and done file. The reader must be open. Sets
 * video_job->result and progress.stopped. A stop (TRUE) writes a checkpoint; a complete run calls RvVideoKind.end.
 * FALSE with @error or progress.error. */
gboolean rv__video_render_frames (RvJobRun *run, GError **error);
/* (transfer full): path of the file of finished frames, next to `output`. */
char *rv__video_done_file (const RvJobRequest *request);
/* JSON of settings and inputs that decide the frames; a resumed run and shots must have the same. Computed at the first
 * call, which reads the inputs for their hashes. An input that cannot be read, or whose hashing is cancelled, has no
 * hash. Never NULL, no errors. Borrowed, from run->method. */
const char *rv__video_identity (RvJobRun *run);
/* Writes a checkpoint with video_job->newest; does nothing (TRUE) if that is NULL. FALSE with progress.error. */
gboolean rv__video_save_newest (RvJobRun *run);
/* RvVideoFunc; @run: its data. Applies changes, reports, waits while paused; after a frame also writes log, preview and
 * a checkpoint, if due or the first. A stop or pause writes a checkpoint, too. FALSE: the video must end: stopped,
 * cancelled, or progress.error. Does not set progress.stopped. */
gboolean rv__video_on_progress (const RvVideoProgress *p, gpointer run);
/* Whether the run uses files of shots: with `part`; with several ranks, which have a work queue; or if `resume` has
 * found files of shots and no checkpoint. Call it after the checkpoint has been read. */
gboolean rv__video_is_distributed (RvJobRun *run);
/* Renders the missing shots of this process, whose reader is open. Except with `part`, rank 0 then assembles the video
 * and removes the files of the shots; after an error they stay. Collective: all ranks call it. A stop is an error,
 * RV_ERROR_CANCELLED. */
gboolean rv__video_render_distributed (RvJobRun *run, GError **error);
