/* dreams.h -- declarations shared by the files of dreams' jobs: settings of the kind "dreams", frames, sheets.
 * Layer 7 (job). */
#pragma once

#include "job/dream/dream-inputs.h"

/* Settings of the kind "dreams". Files and layers are NULL if they are not requested. */
typedef struct {
  double style_weight, blend, zoom, rotate, diversity_weight;
  gint64 count, diversity;
  char *atlas, *compare;
  gboolean test_pattern;
} RvDreamsOptions;

/* Data of a dream's job: run->method. */
typedef struct {
  RvDreamInputs inputs;
  RvDream *dream;                    /* NULL for an atlas, and once variants are made */
  RvImage *start;                    /* picture that the dream starts from; a reference */
  int n_left_out, n_partial_octaves; /* octaves, as in RvJobPlan */
  int item, n_items;                 /* frame or variant, from 1, and their number; 0: neither */
  double before_s, last_s; /* seconds since the run began, at the start of this item and at its last iteration */
} RvDreamJob;

/* Option table of RvDreamsOptions. Rows from the second on decide the result. */
extern const RvOption rv__dreams_rows[];

/* Fields of request->kind_settings, which must be of the kind "dreams". Borrowed; valid while @request has them. */
const RvDreamsOptions *rv__dreams_options (const RvJobRequest *request);

/* Replaces the inputs "word-mask" of @request by the mask files that the setting `toward` names; `toward` keeps their
 * names without folders. A name without a folder means an input "word-mask" of that base name, if there is one.
 * RV_ERROR_SETTING if such an input is a picture in memory. Inputs and `toward` are unchanged after an error. */
gboolean rv__word_masks_add_inputs (RvJobRequest *request, GError **error);
/* (transfer full) (nullable): a dream on @image (referenced) with the run's settings, network, kernels and inputs,
 * cancellable with the job. run->method is an RvDreamJob with its inputs loaded. An RV_ERROR_SHAPE of
 * rv__dream_new() gets the first picture's file name in front. */
RvDream *rv__dream_new_for_run (RvJobRun *run, RvImage *image, GError **error);
/* Sets item @item (frame or variant, from 1) of @n_items for reports and log. Its seconds continue those of the last
 * item. */
void rv__dream_begin_item (RvDreamJob *dream_job, int item, int n_items);
/* RvIterationFunc; @data: the run. Passes the iteration, with its line of the log, to rv__job_run_progress(). FALSE:
 * the dream must end: stopped, cancelled, or run->progress.error. */
gboolean rv__dream_on_progress (const RvIteration *progress, gpointer data);
/* (transfer full) (nullable): the input "picture" @number, from 0, at its result's size, perhaps a reference on the
 * input. Without that input: the test pattern. With `init` noise: a new picture, of which only the size is used. */
RvImage *rv__dream_load (const RvJobRequest *request, guint number, GError **error);

/* ---- dream-frames.c ---- */

/* Checks, by file heads, that all pictures after the first can be read, and that with `blend` their results have
 * request->width and height. RV_ERROR_SHAPE for another size. */
gboolean rv__dream_check_frames (const RvJobRequest *request, GError **error);
/* Dreams the frames from progress.frame on and saves each but the last. *result: (inout) (transfer full) (nullable):
 * NULL at first; then the last frame, perhaps incomplete when stopped. Ends early, with TRUE, when stopped, or with
 * progress.error. An error of rv__job_run_save_frame() leaves *result set. */
gboolean rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error);
/* Adds to @state: the frame number, the steps done, and the settings `style-weight`, `blend`, `zoom` and `rotate`. If
 * frames start from the last result (`count` or `blend`), also the colours of this frame's start (a reference). Cannot
 * fail. */
void rv__dream_job_save (const RvJobRun *run, RvTensorMap *state);
/* Restores what rv__dream_job_save() wrote: progress.frame and iteration, and the frame's start in run->method.
 * RV_ERROR_FORMAT for a damaged state; RV_ERROR_SETTING for other frame options. */
gboolean rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

/* ---- dream-sheet.c: several dreams in one picture ---- */

/* Checks that the sheet of `diversity` and the picture of `compare` (each if set) can be written. `compare` must not be
 * OUT or one of @inputs (NULL-terminated). Its file must not exist, unless `force` is set, in a dry run, or if
 * rv__job_run_has_checkpoint(). */
gboolean rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error);
/* Dreams `diversity` variants, one after the other, into a sheet. *result: (out) (transfer full) (nullable): the sheet;
 * stopped or with progress.error (TRUE), or with an error, with the variants so far; unchanged without any. Frees
 * run->method's dream and sets `exact`. */
gboolean rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error);
/* Draws what maximises each channel of the layer `atlas`. *result: (out) (transfer full) (nullable): a sheet, when
 * stopped (TRUE) of the channels so far; NULL after an error. Sets request.width and height to its size, or 0. */
gboolean rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error);
/* Removes the partial files that a killed run left of the `compare` picture, if `force` is set, or if
 * rv__job_run_has_checkpoint(): `resume` continues that run. Does nothing in a dry run, and without `compare`. Can't
 * fail.
 */
void rv__dream_remove_partial_compare (const RvJobRun *run);
/* RvJobClass.write_more. Saves the start and @result, which must be of one size, side by side to `compare`; TRUE
 * without `compare` or @result (nullable). */
gboolean rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error);
