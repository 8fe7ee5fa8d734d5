/* fit.h -- making a run fit the memory there is.
 * Layer 6 (method). */
#ifndef RV_FIT_H
#define RV_FIT_H

#include "objective.h"

/* rv__memory_allowed: what the process may take: "2G", "800M", or for NULL four fifths of what is free now in the
 * backend's memory, and what it has already. RV_ERROR_SETTING. */
gboolean rv__memory_allowed (const RvBackendClass *backend, const char *text, gsize *bytes, GError **error);

/* What a run has beside its objectives, bytes, at the times when that may be most. */
#define RV_BESIDE_TIMES 5
typedef struct {
  gint64 at[RV_BESIDE_TIMES];
} RvBeside;

/* rv__beside_most: at the time when it is most. NULL: 0. */
gsize rv__beside_most (const RvBeside *beside);

/* How objectives fit together. */
typedef struct {
  gsize bytes; /* of all of them */
  double work; /* of the first: rv__objective_work(), rv__objective_n_tiles() */
  int n_tiles;
  gsize traffic;     /* bytes that rank 0 sends and receives in an evaluation of all */
  int more_messages; /* in which these travel, beside those of objectives; 0 unless the method says so */
} RvFitted;

/* rv__fitted_longest: what an evaluation costs the slowest of @n_ranks, each of which computes all that is not in
 * tiles. */
double rv__fitted_longest (const RvFitted *fitted, int n_ranks);

/* rv__objective_fit: sets the fit of all @n_specs, unless the first has a tile already, to what costs least of that
 * with which they, what lies @beside them (nullable) and what the process has now stay within @allowed bytes.
 * RV_ERROR_MEMORY, saying how much it would take. */
gboolean rv__objective_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, const RvBeside *beside,
                            gsize allowed, RvFitted *fitted, GError **error);

#endif
