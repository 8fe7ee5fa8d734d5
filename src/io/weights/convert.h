/* convert.h -- weights that only the helper program reads. Layer 2 (io). */
#ifndef RV_WEIGHTS_CONVERT_H
#define RV_WEIGHTS_CONVERT_H

#include "format.h"

/* (transfer full) (nullable): tensors of @filename in @part, converted by the helper now or, with @cache, earlier.
 * @cache (nullable): folder, made if missing, that keeps the converted file. Waits for the helper. RV_ERROR_FILE,
 * RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvTensorMap *rv__weights_convert (const char *filename, RvWeightsFilter part, const char *cache, GError **error);

/* Timeout of the helper in s; tests shorten it. */
extern int rv__helper_timeout_s;

#endif
