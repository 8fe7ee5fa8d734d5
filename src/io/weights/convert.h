/* convert.h -- weights that only the helper program reads. Layer 2 (io). */
#pragma once

#include "format.h"

/* (transfer full) (nullable): the tensors of the Keras file @filename that belong to @part, converted by the helper
 * program. @cache (nullable): folder, made if missing, that keeps the converted file; a later call reads that unless
 * @filename has changed. Blocks while the helper runs. NULL: RV_ERROR_FILE: a file or the helper; RV_ERROR_FORMAT:
 * damaged, or the helper took too long; RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvTensorMap *rv__weights_convert (const char *filename, RvWeightsFilter part, const char *cache, GError **error);

/* Timeout of the helper in s; tests shorten it. */
extern int rv__helper_timeout_s;
