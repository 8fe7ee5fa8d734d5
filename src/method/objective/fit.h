/* fit.h -- making a run fit the memory there is.
 * Layer 6 (method). */
#ifndef RV_FIT_H
#define RV_FIT_H

#include "objective.h"

/* rv__memory_allowed: what the process may take: "2G", "800M", or for NULL four fifths of what is free now in the
 * backend's memory, and what it has already. RV_ERROR_SETTING. */
gboolean rv__memory_allowed (const RvBackendClass *backend, const char *text, gsize *bytes, GError **error);

/* rv__objective_fit: sets spec->fit, unless it has a tile already, to what costs least of that with which @n_alike such
 * objectives, @beside bytes beside them and what the process has now stay within @allowed. *bytes: of one; *work:
 * rv__objective_work(). RV_ERROR_MEMORY, saying how much it would take. */
gboolean rv__objective_fit (RvObjectiveSpec *spec, int height, int width, int n_alike, gsize beside, gsize allowed,
                            gsize *bytes, double *work, GError **error);

#endif
