/* dream-inputs.h -- files of a dream besides its picture.
 * Layer 7 (job). */
#ifndef RV_DREAM_INPUTS_H
#define RV_DREAM_INPUTS_H

#include "job/core/job-class.h"
#include "method/dream/inputs.h"

/* Reads the inputs "mask", "guide", "style" and "word-mask" for a picture of the request's size. @inputs: empty, or
 * with a mask, which stays; the caller clears it, even after an error. RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
gboolean rv__dream_inputs_load (RvDreamInputs *inputs, const RvJobRequest *request, GError **error);

/* (transfer full) (nullable): paths of the masks that `toward` in @settings names; each from @where (NULL-terminated),
 * by name, or else as it stands. Changes `toward`: folders are removed, because they are private. RV_ERROR_SETTING for
 * two files of one name. */
GPtrArray *rv__word_masks_extract_files (RvSettings *settings, const char *const *where, GError **error);

#endif
