/* video-run.h -- what jobs that make a film share: which part of one is read, how it is written, what a stopped run
 * goes on from. The kinds are style-film.c and dream-film.c. Layer 7 (job). */
#ifndef RV_JOB_VIDEO_RUN_H
#define RV_JOB_VIDEO_RUN_H

#include "io/video/raw-frames.h"
#include "job/video/video-mask.h"
#include "job/video/video-shots.h"
#include "method/video/video.h"
#include "job/core/job-class.h"

/* The settings of the kinds "style-film" and "dream-film", each of which has rows of its own before those that both
 * have. */
typedef struct {
  char *with;                 /* of "style-film" */
  double style_weight, blend; /* of "dream-film" */
  char *from, *to;            /* "0:12", "12.5" */
  gint64 every, crf, frame_iterations, n_pairs;
  gboolean loop;
  char *codec, *memory_frames;
} RvVideoOptions;

extern const RvOption rv__style_film_options[], rv__dream_film_options[];

const RvVideoOptions *rv__video_options_of (const RvJobRequest *request);

/* What a film will take. */
typedef struct {
  const char *backend; /* static */
  gsize peak_bytes;
  double first_s, next_s; /* of a frame that begins a shot, and of each other */
} RvVideoPlan;

/* How the frames of a kind are made: as rv__video_run(), and planned from the first of them. */
struct _RvVideoKind {
  gint64 frame_iterations; /* unless others are asked for */
  gboolean (*load) (RvJobRun *run, GError **error);
  gboolean (*plan) (RvJobRun *run, RvImage *frame, RvVideoPlan *plan, GError **error);
  gboolean (*make) (RvJobRun *run, const RvVideoRunSpec *frames, RvVideoFunc progress, RvVideoResult *result,
                    GError **error);
  void (*clear) (gpointer maker);
};

/* run->method. */
typedef struct {
  gpointer maker; /* of the kind: what load() made */
  RvVideoReadOptions part;
  RvVideoReader *reader; /* NULL: its first frames were read */
  RvVideoMasks masks;
  RvKeyframes keys;
  RvVideoWriter *writer;
  RvRawFrames *done;   /* what the state is of, in a file beside OUT; NULL: there will be no state */
  RvTensorMap *state;  /* that the film goes on from; NULL: it begins */
  RvTensorMap *newest; /* after the newest frame, not written yet; NULL: it is, or will never be */
  RvVideoShots *shots; /* that this process makes, where others make some; else NULL */
  gboolean is_part;    /* and the film is put together by another run */
  char *same;          /* what is to be the same when it goes on */
  RvImage *last;
  RvVideoResult result;
  const char *names[RV_VIDEO_LOSSES + 1];
} RvVideoJob;

#define RV_VIDEO_MAX_KEYFRAMES 100 /* each is held with its frame, in memory */

/* rv__keyframes_check: the names of the inputs "key" end in numbers, no two in one. RV_ERROR_SETTING. */
gboolean rv__keyframes_check (const RvJobRequest *request, GError **error);

/* rv__keyframes_load: what is painted, stretched to the film's size, and their frames out of @part of the film, which
 * is read for that from its beginning. RV_ERROR_SETTING where it has no such frame, and the errors of both. */
gboolean rv__keyframes_load (RvKeyframes *keys, const RvJobRequest *request, const RvVideoReadOptions *part,
                             GError **error);
/* rv__video_load_mask: for load(): *@place becomes the mask @input of the first frame, and then of each that is read.
 */
gboolean rv__video_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **place, GError **error);

/* rv__video_read_options: what of a film is read. rv__video_shard: (nullable): "3/8", where others make the rest of it.
 * rv__video_check: what a film's settings tell; a kind's check() begins with it. The rest are of RvJobClass. */
gboolean rv__video_read_options (const RvVideoOptions *video, RvVideoReadOptions *part, GError **error);
const char *rv__video_shard (const RvJobRequest *request);
gboolean rv__video_check (RvJobRequest *request, GError **error);
gboolean rv__video_job_probe (RvJobRun *run, GError **error);
gboolean rv__video_prepare (RvJobRun *run, GError **error);
gboolean rv__video_plan (RvJobRun *run, RvJobPlan *plan, GError **error);
gboolean rv__video_resume (RvJobRun *run, RvTensorMap *state, GError **error);
gboolean rv__video_job_execute (RvJobRun *run, RvImage **result, GError **error);
gboolean rv__video_write_recipe (RvJobRun *run, const RvImage *result, GError **error);
void rv__video_sum_up (const RvJobRun *run, RvJobReport *report);
RvTensorMap *rv__video_job_save (RvJobRun *run, gconstpointer progress);
void rv__video_clear (RvJobRun *run);

/* Between the files of it. video-run.c: rv__video_open_reader: where it is not open. _open_writer: with the recipe.
 * _make_frames: those that are this run's.
 * video-state.c: _done_file: (transfer full): frames that are done, which lie beside a film. _same: what has to be the
 * same in a run that goes on; borrowed. _save_newest: what the newest frame left, where it is not written.
 * _on_progress: RvVideoFunc; @run is its data. video-distribute.c: _is_shared: whether others make shots of it;
 * _make_shared then makes it. */
gboolean rv__video_open_reader (RvJobRun *run, GError **error);
gboolean rv__video_open_writer (RvJobRun *run, GError **error);
gboolean rv__video_render_frames (RvJobRun *run, GError **error);
char *rv__video_done_file (const RvJobRequest *request);
const char *rv__video_same (RvJobRun *run);
gboolean rv__video_save_newest (RvJobRun *run);
gboolean rv__video_on_progress (const RvVideoProgress *p, gpointer run);
gboolean rv__video_is_distributed (RvJobRun *run);
gboolean rv__video_render_distributed (RvJobRun *run, GError **error);

#endif
