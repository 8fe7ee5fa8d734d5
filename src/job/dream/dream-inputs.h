/* dream-inputs.h -- files of a dream besides its picture.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"
#include "method/dream/inputs.h"

/* Reads the inputs "mask", "guide", "style" and "word-mask" of @request, for its width and height; other roles are
 * skipped. @inputs: empty, or with a mask, which stays; rv__dream_inputs_clear() frees it, even after an error. No such
 * inputs: TRUE. */
gboolean rv__dream_inputs_load (RvDreamInputs *inputs, const RvJobRequest *request, GError **error);

/* (transfer full) (nullable) (element-type utf8): paths of the mask files that `toward` in @settings names; empty:
 * none. A name stands for the path of @where (NULL-terminated) with that base name; without one it is itself the path.
 * Rewrites `toward`: removes folders, which are private; weights stay. @settings is unchanged after an error. */
GPtrArray *rv__word_masks_extract_files (RvSettings *settings, const char *const *where, GError **error);
