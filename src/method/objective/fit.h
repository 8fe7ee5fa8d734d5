/* fit.h -- fits a run into the available memory. Layer 6 (method). */
#pragma once

#include "objective.h"

/* Sets *bytes to the memory that the process may use: that of @text, such as "2G" or "800M". @text NULL: four fifths of
 * the free memory of @backend, plus the memory that the process has already. FALSE, with *bytes as for NULL:
 * RV_ERROR_SETTING about 'memory' for another text. */
gboolean rv__memory_allowed (const RvBackendClass *backend, const char *text, gsize *bytes, GError **error);

/* Result of rv__objective_fit(). */
typedef struct {
  gsize bytes;   /* for all objectives */
  double work;   /* first objective: rv__objective_work() */
  int n_tiles;   /* first objective */
  gsize traffic; /* bytes that rank 0 sends and receives in one evaluation of all objectives */
} RvFitResult;

/* Work of the slowest of @n_ranks in one evaluation, in units of rv__objective_work(), if tiles are assigned evenly.
 * Without tiles every rank computes the whole picture. */
double rv__fit_result_slowest_work (const RvFitResult *fitted, int n_ranks);

/* Sets the fit of all @n_specs, the same for each, to the cheapest within @allowed bytes: objectives, @extra_bytes and
 * the memory of the process now. With several ranks: to the fastest that fits. Sets *fitted. A tile size that is set
 * already stays, unchecked. FALSE: RV_ERROR_MEMORY naming the bytes; errors of rv__objective_new(). */
gboolean rv__objective_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, gsize extra_bytes,
                            gsize allowed, RvFitResult *fitted, GError **error);
