/* styles.h -- checks shared by jobs of style transfer.
 * Layer 7 (job). */
#ifndef RV_JOB_STYLES_H
#define RV_JOB_STYLES_H

#include "job/core/job-class.h"

/* Checks the settings of any job with styles, as RvJobClass.check. Sets network and size of the preset, and `init` if
 * there is such an input. RV_ERROR_SETTING. */
gboolean rv__styles_check (RvJobRequest *request, GError **error);

#endif
