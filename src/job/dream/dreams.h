/* dreams.h -- declarations shared by the files of dreams' jobs: settings of the kind "dreams", frames, sheets.
 * Layer 7 (job). */
#ifndef RV_JOB_DREAMS_H
#define RV_JOB_DREAMS_H

#include "job/dream/dream-inputs.h"
#include "job/core/job-class.h"

/* Settings of the kind "dreams". Files and layers are NULL if they are not requested. */
typedef struct {
  double style_weight, blend, zoom, rotate, diversity_weight;
  gint64 count, diversity;
  char *atlas, *compare;
  gboolean test_pattern;
} RvDreamsOptions;

/* run->method. */
typedef struct {
  RvDreamInputs beside;
  RvDream *dream;            /* NULL for an atlas and for variants */
  RvImage *start;            /* picture that the dream starts from; a reference */
  int n_left_out, n_partial; /* octaves, as in RvJobPlan */
  int part, n_parts;         /* 1 to n_parts, of frames and variants; else 0 */
  double before_s, last_s;   /* seconds since the run began, at the start of this part and at its last iteration */
} RvDreamJob;

/* The rows from the second on decide the result. */
extern const RvOption rv__dreams_rows[];

/* Fields of request->kind_settings. Borrowed. */
const RvDreamsOptions *rv__dreams_options (const RvJobRequest *request);

/* Replaces the inputs "where" by the files that `toward` names, and their paths there by names. RV_ERROR_SETTING. */
gboolean rv__word_masks_add_inputs (RvJobRequest *request, GError **error);
/* (transfer full) (nullable): a dream on @image with the run's settings, network and inputs, which run->method has
 * loaded. Errors of rv__dream_new() and rv__dream_inputs_set(). */
RvDream *rv__dreaming_new (RvJobRun *run, RvImage *image, GError **error);
/* Notes that frame or variant @part (from 1) of @n_parts begins, for reports and the log. */
void rv__dream_begin_frame (RvDreamJob *dreaming, int part, int n_parts);
/* #RvDreamFunc of every run; @data: the run. */
gboolean rv__dream_on_progress (const RvDreamProgress *progress, gpointer data);
/* (transfer full) (nullable): picture @number, from 0, at its result's size. A dream from noise gets a black picture,
 * for its size; beyond the last picture comes the test pattern. */
RvImage *rv__dream_load (const RvJobRequest *request, guint number, GError **error);

/* ---- dream-frames.c ---- */

/* Checks that all pictures can be read and that with `blend` their results have one size. RV_ERROR_FILE,
 * RV_ERROR_FORMAT, RV_ERROR_SHAPE. */
gboolean rv__dream_check_frames (const RvJobRequest *request, GError **error);
/* Dreams the frames from progress.frame on and saves each but the last, *result (transfer full) (nullable). Ends early,
 * with TRUE, when stopped or with progress.error. */
gboolean rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error);
/* Writes to @state: the frame number, the steps done, the options that join frames and, if frames follow each other,
 * the picture that this frame started from. */
void rv__dream_job_save (const RvJobRun *run, RvTensorMap *state);
/* Reads them from @state into progress.frame, progress.iteration and the start picture. RV_ERROR_FORMAT;
 * RV_ERROR_SETTING if those options differ. */
gboolean rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

/* ---- dream-sheet.c: several dreams in one picture ---- */

/* Checks that the sheet of `diversity` and the picture of `compare` can be written. @inputs: NULL-terminated. */
gboolean rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error);
/* Dreams `diversity` variants into a sheet, *result (transfer full) (nullable). A run that ends early, or with an
 * error, has the variants so far. Frees run->method's dream and turns `exact` on. */
gboolean rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error);
/* Draws each channel of the layer `atlas`: *result (transfer full) (nullable). Sets request.width and height. */
gboolean rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error);
/* With `force`, removes partial files of the `compare` picture. */
void rv__dream_begin_compare (const RvJobRun *run);
/* RvJobClass.write_more. Saves start and result side by side to `compare`, if it was requested. */
gboolean rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error);

#endif
