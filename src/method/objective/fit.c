/* fit.c -- tries memory plans from cheap to expensive. First the whole picture, then the whole with recomputation. Then
 * tiles, the largest first, since their halos cost less. Then tiles with compact content features, which cost precision
 * instead of time. With several ranks, the plan with the shortest time comes first. */
#include "fit.h"
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"

#define DEAR_WORK 3.0 /* tiles with more relative work come after compact content features */
#define FREE_PART 0.8 /* default fraction of the free memory */

static const RvFit fits[] = { { .tile_px = 0 },    { .recompute = TRUE }, { .tile_px = 4096 }, { .tile_px = 3072 },
                              { .tile_px = 2048 }, { .tile_px = 1536 },   { .tile_px = 1024 }, { .tile_px = 768 },
                              { .tile_px = 512 },  { .tile_px = 384 },    { .tile_px = 256 } };
#define TILES 2 /* index of the first fit with tiles */

void
rv__memory_allowed (const RvBackendClass *backend, const char *text, RvMemoryLimits *limits)
{
  const RvMemoryClass *device = backend->memory->is_host ? NULL : backend->memory;
  limits->host = (gsize) (FREE_PART * (double) rv__system_free_bytes ()) + rv__system_resident_bytes ();
  limits->device = device ? (gsize) (FREE_PART * (double) device->free_bytes ()) : G_MAXSIZE;
  if (text && rv__text_parse_bytes (text, &limits->host))
    limits->device = MIN (limits->device, limits->host);
}

/* Whether any term of @specs compares the features of a layer themselves, not statistics of them: only such targets
 * can be stored in 16 bits. */
static gboolean
compares_features (const RvObjectiveSpec *specs, int n_specs)
{
  gboolean any = FALSE;
  for (int k = 0; k < n_specs; k++)
    for (guint i = 0; i < specs[k].terms->len; i++) {
      const RvTerm *term = &g_array_index (specs[k].terms, RvTerm, i);
      any |= term->layer && term->loss->target == RV_TARGET_FEATURES;
    }
  return any;
}

/* Sets the fit of all specs to that of the first, and compiles their objectives without binding them. Overwrites
 * *fitted by their memory, work, tiles and traffic. */
static gboolean
try_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, RvFitResult *fitted, GError **error)
{
  *fitted = (RvFitResult){ 0 };
  for (int k = 0; k < n_specs; k++) {
    specs[k].fit = specs[0].fit;
    g_autoptr (RvObjective) objective = rv__objective_new (&specs[k], height, width, error);
    if (!objective)
      return FALSE;
    fitted->bytes += rv__objective_memory (objective);
    fitted->device_bytes += rv__objective_device_memory (objective);
    fitted->traffic += rv__objective_traffic (objective);
    if (k == 0) {
      fitted->work = rv__objective_work (objective);
      fitted->n_tiles = rv__objective_n_tiles (objective);
    }
  }
  return TRUE;
}

double
rv__fit_result_slowest_work (const RvFitResult *fitted, int n_ranks)
{
  int most = (fitted->n_tiles + n_ranks - 1) / n_ranks;
  return fitted->n_tiles > 1 ? fitted->work * most / fitted->n_tiles : fitted->work;
}

/* With several ranks: sets the fit of all specs to the fastest fit that leaves @extra_bytes of @available.host, and
 * sets *fitted. FALSE without an error: no fit is small enough; *fitted is then meaningless. */
static gboolean
fit_ranks (RvObjectiveSpec *specs, int n_specs, int height, int width, gsize extra_bytes, RvMemoryLimits available,
           RvFitResult *fitted, GError **error)
{
  int n_ranks = rv__cluster_size (specs->cluster);
  double soonest = 0;
  RvFit best = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (fits); i++) {
    specs->fit = fits[i];
    if (fits[i].tile_px >= MAX (height, width))
      continue;
    if (!try_fit (specs, n_specs, height, width, fitted, error))
      return FALSE;
    double work = rv__fit_result_slowest_work (fitted, n_ranks);
    if (fitted->bytes + extra_bytes > available.host || fitted->device_bytes > available.device ||
        (soonest > 0 && work >= soonest))
      continue;
    soonest = work;
    best = fits[i];
  }
  specs->fit = best;
  return soonest > 0 && try_fit (specs, n_specs, height, width, fitted, error);
}

gboolean
rv__objective_fit (RvObjectiveSpec *specs, int n_specs, int height, int width, gsize extra_bytes,
                   RvMemoryLimits allowed, RvFitResult *fitted, GError **error)
{
  RvFit *fit = &specs->fit;
  gboolean compares = compares_features (specs, n_specs);
  gboolean shares = specs->cluster && rv__cluster_size (specs->cluster) > 1;
  gsize taken = RV_LIBRARY_BYTES + (shares ? RV_LINK_BYTES : 0) + rv__system_resident_bytes ();
  RvMemoryLimits least = { G_MAXSIZE, G_MAXSIZE };
  if (fit->tile_px > 0)
    return try_fit (specs, n_specs, height, width, fitted, error);
  if (shares && taken < allowed.host) {
    GError *own_error = NULL;
    if (fit_ranks (specs, n_specs, height, width, extra_bytes, (RvMemoryLimits){ allowed.host - taken, allowed.device },
                   fitted, &own_error))
      return TRUE;
    if (own_error)
      return rv__error_propagate (error, own_error);
  }
  for (int compact = 0; compact <= compares; compact++)
    for (guint i = compact ? TILES : 0; i < G_N_ELEMENTS (fits); i++) { /* only tiles can store compact features */
      *fit = fits[i];
      fit->compact = compact;
      if (fit->tile_px >= MAX (height, width))
        continue;
      if (!try_fit (specs, n_specs, height, width, fitted, error))
        return FALSE;
      gsize total = taken + fitted->bytes + extra_bytes;
      g_debug ("%d x %d px in tiles of %d%s%s: %" G_GSIZE_FORMAT " MB, in all %" G_GSIZE_FORMAT
               " MB, in use %" G_GSIZE_FORMAT " MB, work %.2f",
               width, height, fit->tile_px, fit->recompute ? ", recomputing" : "", compact ? ", compact" : "",
               fitted->bytes >> 20, total >> 20, rv__system_resident_bytes () >> 20, fitted->work);
      if (total <= allowed.host && fitted->device_bytes <= allowed.device &&
          (compact || !compares || fitted->work < DEAR_WORK))
        return TRUE;
      least.host = MIN (least.host, total);
      least.device = MIN (least.device, fitted->device_bytes);
    }
  gboolean on_host = least.host > allowed.host;
  g_autofree char *needed = rv_text_bytes (on_host ? least.host : least.device),
                  *may = rv_text_bytes (on_host ? allowed.host : allowed.device);
  return rv__error_with_options (
    error, RV_ERROR_MEMORY, "size,memory",
    "%d x %d px take %s%s even in small tiles, and %s are allowed; lower 'size' or raise 'memory'", width, height,
    needed, on_host ? "" : " of the GPU's memory", may);
}
