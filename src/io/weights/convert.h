/* convert.h -- weights that only the helper program reads. Layer 2 (io). */
#ifndef RV_WEIGHTS_CONVERT_H
#define RV_WEIGHTS_CONVERT_H

#include "format.h"

/* (transfer full): @part of @filename, converted by the helper now or earlier. @cache: as in rv_weights_load().
 * RV_ERROR_FILE, RV_ERROR_FORMAT. */
RvTensorMap *rv__weights_convert (const char *filename, RvWeightsFilter part, const char *cache, GError **error);

/* Timeout of the helper in s; tests shorten it. */
extern int rv__helper_timeout_s;

#endif
