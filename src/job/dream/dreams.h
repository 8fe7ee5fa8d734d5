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
  RvDreamInputs inputs;
  RvDream *dream;            /* NULL for an atlas and for variants */
  RvImage *start;            /* picture that the dream starts from; a reference */
  int n_left_out, n_partial; /* octaves, as in RvJobPlan */
  int item, n_items;         /* frame or variant, from 1, and their number; 0: neither */
  double before_s, last_s;   /* seconds since the run began, at the start of this item and at its last iteration */
} RvDreamJob;

/* The rows from the second on decide the result. */
extern const RvOption rv__dreams_rows[];

/* Fields of request->kind_settings. Borrowed. */
const RvDreamsOptions *rv__dreams_options (const RvJobRequest *request);

/* Replaces the inputs "word-mask" by the files that `toward` names, and paths in it by names. RV_ERROR_SETTING. */
gboolean rv__word_masks_add_inputs (RvJobRequest *request, GError **error);
/* (transfer full) (nullable): a dream on @image with the run's settings, network and inputs; run->method is an
 * RvDreamJob with its inputs loaded. Errors of rv__dream_new() and rv__dream_inputs_set(). */
RvDream *rv__dream_new_for_run (RvJobRun *run, RvImage *image, GError **error);
/* Sets frame or variant @item, from 1, of @n_items as the current one, for reports and the log. */
void rv__dream_begin_frame (RvDreamJob *dream_job, int item, int n_items);
/* RvDreamFunc; @data: the run. Reports by rv__job_run_progress(). FALSE: the dream must end. */
gboolean rv__dream_on_progress (const RvDreamProgress *progress, gpointer data);
/* (transfer full) (nullable): picture @number, from 0, at its result's size. For `init` noise a black picture, of which
 * only the size counts; without a picture @number, the test pattern. Errors of rv__job_input_load(). */
RvImage *rv__dream_load (const RvJobRequest *request, guint number, GError **error);

/* ---- dream-frames.c ---- */

/* Checks that all pictures can be read and that with `blend` their results have one size. RV_ERROR_FILE,
 * RV_ERROR_FORMAT, RV_ERROR_SHAPE. */
gboolean rv__dream_check_frames (const RvJobRequest *request, GError **error);
/* Dreams the frames from progress.frame on and saves each but the last. *result: (inout) (transfer full) (nullable):
 * NULL at first; the last frame. Ends early, with TRUE, when stopped or with progress.error. */
gboolean rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error);
/* Writes to @state: the frame number, the steps done, the options that join frames and, if frames follow each other,
 * the picture that this frame started from. */
void rv__dream_job_save (const RvJobRun *run, RvTensorMap *state);
/* Reads frame number, steps and start picture from @state, into progress.frame, progress.iteration and run->method.
 * RV_ERROR_FORMAT; RV_ERROR_SETTING if the options that join frames differ. */
gboolean rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

/* ---- dream-sheet.c: several dreams in one picture ---- */

/* Checks that the sheet of `diversity` and the picture of `compare`, if any, can be written. `compare` must not be OUT
 * or one of @inputs (NULL-terminated), nor exist without `force`. RV_ERROR_SETTING: unknown suffix. RV_ERROR_FILE. */
gboolean rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error);
/* Dreams `diversity` variants into a sheet. *result: (out) (transfer full) (nullable): when stopped, or with an error,
 * it has the variants so far. Frees run->method's dream and turns `exact` on. */
gboolean rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error);
/* Draws what maximises each channel of the layer `atlas`. *result: (out) (transfer full) (nullable): a sheet. Sets
 * request.width and height. Errors of rv__dream_atlas(). */
gboolean rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error);
/* Removes partial files of the `compare` picture, with `force`, or if a stopped run may have left them; none in a dry
 * run. Cannot fail. */
void rv__dream_remove_partial_compare (const RvJobRun *run);
/* RvJobClass.write_more. Saves start and result side by side to `compare`; TRUE without `compare` or @result. */
gboolean rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error);

#endif
