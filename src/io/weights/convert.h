/* convert.h -- weights that only the helper program reads.
 * Layer 2 (io). */
#ifndef RV_WEIGHTS_CONVERT_H
#define RV_WEIGHTS_CONVERT_H

#include "format.h"

/* rv__weights_convert: (transfer full): what the helper makes of @part of @filename, or made of it before; @cache: as
 * in rv_weights_load(). RV_ERROR_FILE, RV_ERROR_FORMAT. */
RvTensorMap *rv__weights_convert (const char *filename, RvWeightsPart part, const char *cache, GError **error);

/* Seconds the helper may take; for tests to shorten. */
extern int rv__helper_timeout_s;

#endif
