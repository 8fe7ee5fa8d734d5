/* dream-inputs.h -- files of a dream besides its picture.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"
#include "method/dream/inputs.h"

/* Reads the inputs of a dream from @request; skips other roles. The first "mask" and all "word-mask" get the size
 * of @request. "guide" and "style" are shrunk to about as many pixels, never enlarged. @inputs: zeros, except
 * style_weight and a mask, which stay; that mask replaces the input "mask". rv__dream_inputs_clear() frees all,
 * even after an error. */
gboolean rv__dream_inputs_load (RvDreamInputs *inputs, const RvJobRequest *request, GError **error);

/* (transfer full) (nullable) (element-type utf8): paths of the mask files that `toward` in @settings names; empty:
 * none. A name stands for the path of @where (NULL-terminated) with that base name; without one it is itself the path.
 * Rewrites `toward`: removes folders, which are private; weights stay. @settings is unchanged after an error. */
GPtrArray *rv__word_masks_extract_files (RvSettings *settings, const char *const *where, GError **error);
