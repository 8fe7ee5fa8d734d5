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

const RvDreamsOptions *rv__dreams_options (const RvJobRequest *request);

/* Adds the pictures that `toward` names as inputs. They must be the only ones of that role. */
gboolean rv__word_masks_add_inputs (RvJobRequest *request, GError **error);
/* (transfer full) (nullable): a dream on @image with the run's settings and inputs. */
RvDream *rv__dreaming_new (RvJobRun *run, RvImage *image, GError **error);
/* Begins frame or variant @part of @n_parts. */
void rv__dream_begin_frame (RvDreamJob *dreaming, int part, int n_parts);
/* #RvDreamFunc of every run; @data: the run. */
gboolean rv__dream_on_progress (const RvDreamProgress *progress, gpointer data);
/* (transfer full) (nullable): picture @number, from 0, at the result's size. */
RvImage *rv__dream_load (const RvJobRequest *request, guint number, GError **error);

/* ---- dream-frames.c ---- */

/* Checks that all pictures can be read and, if needed, have the same size. */
gboolean rv__dream_check_frames (const RvJobRequest *request, GError **error);
/* *result: the last frame. */
gboolean rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error);
/* Writes the frame number, and the picture that the frame started from, to a state. */
void rv__dream_job_save (const RvJobRun *run, RvTensorMap *state);
/* Reads them from a state. RV_ERROR_FORMAT, RV_ERROR_SETTING. */
gboolean rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error);

/* ---- dream-sheet.c: several dreams in one picture ---- */

/* Checks that the sheet of `diversity` and the picture of `compare` can be written. */
gboolean rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error);
gboolean rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error);
gboolean rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error);
/* With `force`, removes partial files of the `compare` picture. */
void rv__dream_begin_compare (const RvJobRun *run);
/* Saves the `compare` picture, if it was requested. */
gboolean rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error);

#endif
