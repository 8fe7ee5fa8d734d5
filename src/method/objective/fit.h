/* fit.h -- fits a run into the available memory. Layer 6 (method). */
#pragma once

#include "objective.h"

/* Limits of memory, bytes. */
typedef struct {
  gsize host;   /* for the whole process */
  gsize device; /* for memory that is allocated from now on; G_MAXSIZE if the backend computes in host memory */
} RvMemoryLimits;

/* Sets *limits to the memory that the process may use: four fifths of the free memory; on the host plus the memory that
 * the process already has. @text: (nullable): the setting `memory`, which replaces the limit of the host and is an
 * upper bound for that of a device. Cannot fail. */
void rv__memory_allowed (const RvBackendClass *backend, const char *text, RvMemoryLimits *limits);

/* Result of rv__objective_fit(). */
typedef struct {
  gsize bytes;        /* host memory for all objectives */
  gsize device_bytes; /* device memory for all objectives */
  double work;        /* first objective: rv__objective_work() */
  int n_tiles;        /* first objective */
  gsize traffic;      /* bytes that rank 0 sends and receives in one evaluation of all objectives */
} RvFitResult;

/* Work of the slowest of @n_ranks in one evaluation, in units of rv__objective_work(), if each rank gets as many tiles
 * as the others, or one less. Without tiles fitted->work: every rank computes the whole picture. */
double rv__fit_result_slowest_work (const RvFitResult *fitted, int n_ranks);

/* Sets the `fit` of all @n_specs of @specs, the same for each, to the cheapest within @allowed; with several ranks, to
 * the fastest without 16-bit features, if one fits. Memory is that of the objectives, and on the host also @extra_bytes
 * and the current memory of the process. Sets *fitted. If specs[0] has a tile size, its fit stays, unchecked.
 * RV_ERROR_MEMORY if none fits, with the bytes. After an error, @specs and *fitted are those of the last try. */
gboolean rv__objective_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, gsize extra_bytes,
                            RvMemoryLimits allowed, RvFitResult *fitted, GError **error);
