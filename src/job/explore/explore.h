/* explore.h -- sheets of small pictures: a check that all kinds share.
 * Layer 7 (job). */
#pragma once

#include "job/core/job-class.h"

/* Checks that no option of pictures is set that a sheet does not have: `size`, `width`, `height`, `log`, `save-every`,
 * `live`, `plot`, `timeline`. FALSE with RV_ERROR_SETTING. */
gboolean rv__explore_check_options (const RvPictureOptions *options, GError **error);
