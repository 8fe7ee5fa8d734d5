/* fit.h -- making a run fit the memory there is.
 * Layer 6 (method). */
#ifndef RV_FIT_H
#define RV_FIT_H

#include "objective.h"

/* rv__memory_allowed: what the process may take: "2G", "800M", or for NULL four fifths of what is free now in the
 * backend's memory, and what it has already. RV_ERROR_SETTING. */
gboolean rv__memory_allowed (const RvBackendClass *backend, const char *text, gsize *bytes, GError **error);

/* How objectives fit together. */
typedef struct {
  gsize bytes; /* of all of them */
  double work; /* of the first: rv__objective_work(), rv__objective_n_tiles() */
  int n_tiles;
  gsize traffic; /* bytes that rank 0 sends and receives in an evaluation of all */
} RvFitResult;

/* rv__fit_result_slowest_work: what an evaluation costs the slowest of @n_ranks, each of which computes all that is not
 * in tiles. */
double rv__fit_result_slowest_work (const RvFitResult *fitted, int n_ranks);

/* rv__objective_fit: sets the fit of all @n_specs, unless the first has a tile already, to what costs least of that
 * with which they, the bytes @beside them and what the process has now stay within @allowed bytes.
 * RV_ERROR_MEMORY, saying how much it would take. */
gboolean rv__objective_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, gsize beside, gsize allowed,
                            RvFitResult *fitted, GError **error);

#endif
