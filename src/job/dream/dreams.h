/* dreams.h -- what the files of dreams' jobs share: their own settings, of the kind "dreams"; frames, sheets.
 * Layer 7 (job). */
#ifndef RV_JOB_DREAMS_H
#define RV_JOB_DREAMS_H

#include "job/dream/dream-inputs.h"
#include "job/core/job-class.h"

/* Files and LAYER may be NULL: they are not wanted. */
typedef struct {
  double style_weight, blend, zoom, rotate, diversity_weight;
  gint64 count, diversity;
  char *atlas, *compare;
  gboolean test_pattern;
} RvDreamsOptions;

/* run->method. */
typedef struct {
  RvDreamInputs beside;
  RvDream *dream;            /* NULL: of an atlas, and of the variants of a sheet */
  RvImage *start;            /* what it dreams on; held by reference */
  int n_left_out, n_partial; /* octaves, as RvJobPlan has them */
  int part, n_parts;         /* 1 ..., of frames and variants; else 0 */
  double before_s, last_s;   /* since the run began: when this part did, and by its last iteration */
} RvDreamJob;

/* From the second row on they decide how a picture comes out. */
extern const RvOption rv__dreams_rows[];

const RvDreamsOptions *rv__dreams_options (const RvJobRequest *request);

/* rv__word_masks_add_inputs: the pictures that `toward` names are inputs, and no others of that role. */
gboolean rv__word_masks_add_inputs (RvJobRequest *request, GError **error);
/* rv__dream_new: (transfer full) (nullable): of run->request.settings on @image, with all that it has besides. */
RvDream *rv__dreaming_new (RvJobRun *run, RvImage *image, GError **error);
/* rv__dream_begin_frame: frame or variant number @part of @n_parts follows. */
void rv__dream_begin_frame (RvDreamJob *dreaming, int part, int n_parts);
/* rv__dream_on_progress: the #RvDreamFunc of every run; @data: the run. */
gboolean rv__dream_on_progress (const RvDreamProgress *progress, gpointer data);
/* rv__dream_load: (transfer full) (nullable): the picture of that number, from 0, at the result's size. */
RvImage *rv__dream_load (const RvJobRequest *request, guint number, GError **error);

/* ---- dream-frames.c ---- */

/* rv__dream_check_frames: every one can be read, and is of one size where that is wanted. rv__dream_run_frames: *result
 * is the last. */
gboolean rv__dream_check_frames (const RvJobRequest *request, GError **error);
gboolean rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error);
/* rv__dream_job_save: into a state goes which frame it is, and what that started from. rv__dream_job_restore: and out
 * of it. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
void rv__dream_job_save (const RvJobRun *run, RvTensorMap *state);
gboolean rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

/* ---- dream-sheet.c: several dreams in one picture ---- */

/* rv__dream_check_sheet: the sheet of `diversity`, and the second picture of `compare`, can be written. */
gboolean rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error);
gboolean rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error);
gboolean rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error);
/* rv__dream_begin_compare: what a killed run has left of it goes, with `force`. rv__dream_save_compare: before and
 * after, where that is asked for. */
void rv__dream_begin_compare (const RvJobRun *run);
gboolean rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error);

#endif
