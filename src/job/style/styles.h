/* styles.h -- what the files of styles' jobs share.
 * Layer 7 (job). */
#ifndef RV_JOB_STYLES_H
#define RV_JOB_STYLES_H

#include "job/core/job-class.h"

/* rv__styles_check: what settings tell of any picture in styles: check() of RvJobClass. */
gboolean rv__styles_check (RvJobRequest *request, GError **error);

#endif
