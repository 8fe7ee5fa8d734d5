/* dream-inputs.h -- files of what a dream has besides its picture.
 * Layer 7 (job). */
#ifndef RV_DREAM_INPUTS_H
#define RV_DREAM_INPUTS_H

#include "job/core/job-class.h"
#include "method/dream/inputs.h"

/* rv__dream_inputs_load: inputs called "mask", "guide", "style" and "where", for a picture of the request's size. Into
 * one that is empty, or has a mask already, which stays. RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
gboolean rv__dream_inputs_load (RvDreamInputs *beside, const RvJobRequest *request, GError **error);

/* rv__word_masks_find_files: (transfer full) (nullable): the files of the pictures that @settings' `toward` names, of
 * @where (NULL-terminated) or by themselves; `toward` has their names without folders then: where they lie is nobody's
 * business. RV_ERROR_SETTING for two of one name. */
GPtrArray *rv__word_masks_find_files (RvSettings *settings, const char *const *where, GError **error);

#endif
