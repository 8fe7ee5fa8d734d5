/* film-run.h -- what jobs that make a film share: which part of one is read, how it is written, what a stopped run goes
 * on from. The kinds are style-film.c and dream-film.c.
 * Layer 7 (job). */
#ifndef RV_JOB_FILM_RUN_H
#define RV_JOB_FILM_RUN_H

#include "io/film/frames-file.h"
#include "job/video/film-mask.h"
#include "job/video/film-shots.h"
#include "method/video/film.h"
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
} RvFilmOptions;

extern const RvOption rv__style_film_options[], rv__dream_film_options[];

const RvFilmOptions *rv__film_options_of (const RvJobRequest *request);

/* What a film will take. */
typedef struct {
  const char *backend; /* static */
  gsize peak_bytes;
  double first_s, next_s; /* of a frame that begins a shot, and of each other */
} RvFilmPlan;

/* How the frames of a kind are made: as rv__film_run(), and planned from the first of them. */
struct _RvFilmKind {
  gint64 frame_iterations; /* unless others are asked for */
  gboolean (*load) (RvJobRun *run, GError **error);
  gboolean (*plan) (RvJobRun *run, RvImage *frame, RvFilmPlan *plan, GError **error);
  gboolean (*make) (RvJobRun *run, const RvFilmFrames *frames, RvFilmFunc progress, RvFilmResult *result,
                    GError **error);
  void (*clear) (gpointer maker);
};

/* run->method. */
typedef struct {
  gpointer maker; /* of the kind: what load() made */
  RvFilmPart part;
  RvFilmReader *reader; /* NULL: its first frames were read */
  RvFilmMasks masks;
  RvFilmKeys keys;
  RvFilmWriter *writer;
  RvFramesFile *done;  /* what the state is of, in a file beside OUT; NULL: there will be no state */
  RvTensorMap *state;  /* that the film goes on from; NULL: it begins */
  RvTensorMap *newest; /* after the newest frame, not written yet; NULL: it is, or will never be */
  RvFilmShots *shots;  /* that this process makes, where others make some; else NULL */
  gboolean is_part;    /* and the film is put together by another run */
  char *same;          /* what is to be the same when it goes on */
  RvImage *last;
  RvFilmResult result;
  const char *names[RV_FILM_LOSSES + 1];
} RvFilming;

#define RV_FILM_MOST_KEYS 100 /* each is held with its frame, in memory */

/* rv__film_keys_check: the names of the inputs "key" end in numbers, no two in one. RV_ERROR_SETTING. */
gboolean rv__film_keys_check (const RvJobRequest *request, GError **error);

/* rv__film_keys_load: what is painted, stretched to the film's size, and their frames out of @part of the film, which
 * is read for that from its beginning. RV_ERROR_SETTING where it has no such frame, and the errors of both. */
gboolean rv__film_keys_load (RvFilmKeys *keys, const RvJobRequest *request, const RvFilmPart *part, GError **error);
/* rv__film_load_mask: for load(): *@place becomes the mask @input of the first frame, and then of each that is read. */
gboolean rv__film_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **place, GError **error);

/* rv__film_find_part: what of a film is read. rv__film_share_of: (nullable): "3/8", where others make the rest of it.
 * rv__film_check: what a film's settings tell; a kind's check() begins with it. The rest are of RvJobClass. */
gboolean rv__film_find_part (const RvFilmOptions *film, RvFilmPart *part, GError **error);
const char *rv__film_share_of (const RvJobRequest *request);
gboolean rv__film_check (RvJobRequest *request, GError **error);
gboolean rv__film_look (RvJobRun *run, GError **error);
gboolean rv__film_prepare (RvJobRun *run, GError **error);
gboolean rv__film_plan (RvJobRun *run, RvJobPlan *plan, GError **error);
gboolean rv__film_resume (RvJobRun *run, RvTensorMap *state, GError **error);
gboolean rv__film_make (RvJobRun *run, RvImage **result, GError **error);
gboolean rv__film_write_recipe (RvJobRun *run, const RvImage *result, GError **error);
void rv__film_sum_up (const RvJobRun *run, RvJobReport *report);
RvTensorMap *rv__film_keep (RvJobRun *run, gconstpointer progress);
void rv__film_clear (RvJobRun *run);

/* Between the files of it. film-run.c: rv__film_open_reader: where it is not open. _open_writer: with the recipe.
 * _make_frames: those that are this run's.
 * film-state.c: _done_file: (transfer full): frames that are done, which lie beside a film. _same: what has to be the
 * same in a run that goes on; borrowed. _save_newest: what the newest frame left, where it is not written.
 * _on_progress: RvFilmFunc; @run is its data. film-deal.c: _is_shared: whether others make shots of it; _make_shared
 * then makes it. */
gboolean rv__film_open_reader (RvJobRun *run, GError **error);
gboolean rv__film_open_writer (RvJobRun *run, GError **error);
gboolean rv__film_make_frames (RvJobRun *run, GError **error);
char *rv__film_done_file (const RvJobRequest *request);
const char *rv__film_same (RvJobRun *run);
gboolean rv__film_save_newest (RvJobRun *run);
gboolean rv__film_on_progress (const RvFilmProgress *p, gpointer run);
gboolean rv__film_is_shared (RvJobRun *run);
gboolean rv__film_make_shared (RvJobRun *run, GError **error);

#endif
