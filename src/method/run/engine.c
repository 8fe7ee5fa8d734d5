/* engine.c -- prepared computation of pictures of one size. */
#include "base/ref.h"
#include "method/run/engine.h"
#include "backend/kernel-table.h"
#include "base/text.h"
#include <string.h>

#define CERTAINLY_FITS 4000 /* bytes per pixel: more than any supported network takes */
#define EXTRA_CACHED 128    /* bytes per pixel: pictures and optimisers besides cached objectives */

/* Frees the cached objectives of an RvStage. */
static void
clear_cached (gpointer stage)
{
  for (int k = 0; k < RV_STAGE_OBJECTIVES; k++)
    g_clear_pointer (&((RvStage *) stage)->cached[k], rv__objective_free);
}

RvEngine *
rv__engine_new (RvNet *net, const RvComputeSettings *compute, const char *time, GError **error)
{
  g_autoptr (RvEngine) engine = g_new0 (RvEngine, 1);
  engine->ref_count = 1;
  engine->net = rv_net_ref (net);
  engine->cluster = rv__cluster_current ();
  engine->speed = g_new (double, rv__cluster_size (engine->cluster));
  for (int rank = 0; rank < rv__cluster_size (engine->cluster); rank++)
    engine->speed[rank] = 1;
  engine->is_auto = rv__compute_is_auto (compute) && rv__cluster_size (rv__cluster_all ()) == 1;
  engine->memory = g_strdup (compute->memory);
  engine->compile = rv__compute_compile (compute);
  engine->kernels = rv_kernel_table_new ();
  engine->tile_px = (int) compute->tile_px;
  engine->fast_sums = compute->fast_sums;
  engine->stages = g_array_new (FALSE, TRUE, sizeof (RvStage));
  g_array_set_clear_func (engine->stages, clear_cached);
  g_mutex_init (&engine->lock);
  g_mutex_init (&engine->fitting);
  if (time)
    rv__text_parse_seconds (time, &engine->allowed_s); /* cannot fail: checked when the setting was set */
  if (!(engine->backend = rv__compute_backend (compute->backend, compute->gpu, error)) ||
      !rv__compute_check (compute, engine->backend, error))
    return NULL;
  rv__memory_allowed (engine->backend, compute->memory, &engine->allowed);
  guint64 host = engine->allowed.host, device = engine->allowed.device; /* pictures fit all ranks in the same way */
  if (!rv__cluster_all_reduce_min (engine->cluster, &host, error) ||
      !rv__cluster_all_reduce_min (engine->cluster, &device, error))
    return NULL;
  engine->allowed = (RvMemoryLimits){ (gsize) host, (gsize) device };
  return g_steal_pointer (&engine);
}

/* Frees @engine, with its stages and cached objectives; releases network and kernel table. */
static void
engine_free (RvEngine *engine)
{
  g_array_unref (engine->stages);
  rv_net_unref (engine->net);
  rv_kernel_table_unref (engine->kernels);
  g_mutex_clear (&engine->lock);
  g_mutex_clear (&engine->fitting);
  g_free (engine->memory);
  g_free (engine->speed);
  g_free (engine);
}

RV_DEFINE_REF (RvEngine, rv__engine_ref, rv__engine_unref, engine_free)

void
rv__engine_set_kernels (RvEngine *engine, RvKernelTable *kernels)
{
  rv__kernel_table_ref (kernels);
  rv_kernel_table_unref (engine->kernels);
  engine->kernels = kernels;
  if (!engine->is_auto)
    return;
  RvCompileSettings compile = engine->compile;
  compile.kernels = kernels;
  engine->backend = rv__backend_choose (&compile);
  rv__memory_allowed (engine->backend, engine->memory, &engine->allowed);
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

void
rv__engine_clear_stages (RvEngine *engine)
{
  g_array_set_size (engine->stages, 0);
  engine->fitted = FALSE;
}

void
rv__engine_add_stage (RvEngine *engine, int width, int height, gint64 iterations)
{
  RvStage stage = { .width = width, .height = height, .iterations = iterations };
  g_array_append_val (engine->stages, stage);
}

RvStage *
rv__engine_stage (const RvEngine *engine, guint i)
{
  return &g_array_index (engine->stages, RvStage, i);
}

gint64
rv__engine_pixels (const RvEngine *engine, guint i)
{
  return (gint64) rv__engine_stage (engine, i)->width * rv__engine_stage (engine, i)->height;
}

guint
rv__engine_n_tuned (RvEngine *engine)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  guint n = 0;
  while (n < engine->stages->len && rv__engine_stage (engine, n)->tuned[0])
    n++;
  return n;
}

/* ---- objectives -------------------------------------------------------------------------------------------------- */

RvObjectiveSpec
rv__engine_spec (const RvEngine *engine, const RvFit *fit, const RvStopRequest *stop_request)
{
  RvCompileSettings compile = engine->compile;
  compile.kernels = engine->kernels;
  return (RvObjectiveSpec){
    .type = RV_F32,
    .net = engine->net,
    .backend = engine->backend,
    .compile = compile,
    .fit = *fit,
    .stop_request = *stop_request,
    .cluster = engine->cluster,
    .fast_sums = engine->fast_sums,
    .speed = engine->speed,
  };
}

void
rv__engine_set_fit (RvEngine *engine, guint i, const RvFit *fit)
{
  RvStage *stage = rv__engine_stage (engine, i);
  if (stage->fit.tile_px != fit->tile_px || stage->fit.recompute != fit->recompute ||
      stage->fit.compact != fit->compact)
    clear_cached (stage);
  stage->fit = *fit;
}

/* Sets stage->fit and ->fitted, and on rank 0 the fits of needs->spec. Rank 0 computes them by rv__objective_fit() and
 * broadcasts them: the memory that the system allows may differ between ranks. Collective. An error leaves @stage
 * unchanged. */
static gboolean
compute_fit (RvEngine *engine, RvStage *stage, RvNeeds *needs, GError **error)
{
  struct {
    RvFit fit;
    RvFitResult fitted;
  } shared = { .fit = { 0 } };
  if (rv__cluster_rank (engine->cluster) == 0) {
    if (!rv__objective_fit (needs->spec, needs->n_specs, stage->height, stage->width, needs->extra_bytes,
                            engine->allowed, &shared.fitted, error))
      return FALSE;
    shared.fit = needs->spec[0].fit;
  }
  if (!rv__cluster_broadcast (engine->cluster, &shared, sizeof shared, 0, error))
    return FALSE;
  stage->fit = shared.fit;
  stage->fitted = shared.fitted;
  return TRUE;
}

gboolean
rv__engine_fit (RvEngine *engine, guint i, RvNeeds *needs, gboolean always, GError **error)
{
  RvStage *stage = rv__engine_stage (engine, i);
  stage->fit = needs->spec[0].fit = (RvFit){ .tile_px = engine->tile_px };
  stage->fitted = (RvFitResult){ .work = 1 };
  const RvMemoryClass *memory = engine->backend->memory;
  gsize certain_bytes = CERTAINLY_FITS * (gsize) rv__engine_pixels (engine, i);
  gboolean certain = certain_bytes < MIN (engine->allowed.host, engine->allowed.device) &&
                     (!memory->max_block_bytes || certain_bytes < memory->max_block_bytes ());
  if (!always && certain && rv__cluster_size (engine->cluster) == 1) /* ranks need tiles even if the whole fits */
    return TRUE;
  return compute_fit (engine, stage, needs, error);
}

/* (transfer full) (nullable): the cached objective @which of stage @i; *tune_s is unchanged. NULL, no error: none is
 * cached and the caller must make one. Then adds 1 to n_made, sets `tuned`, and sets *tune_s to the time for measuring
 * the kernels, s; 0: they are measured already. */
static RvObjective *
steal_cached (RvEngine *engine, guint i, int which, double *tune_s)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  RvStage *stage = rv__engine_stage (engine, i);
  if (stage->cached[which])
    return g_steal_pointer (&stage->cached[which]);
  *tune_s = stage->tuned[which] ? 0 : rv__objective_tune_seconds (rv__engine_pixels (engine, i), stage->iterations);
  stage->tuned[which] = TRUE;
  engine->n_made++;
  return NULL;
}

/* Replaces the kernel tables of the other ranks, entries and kernels in use, by that of rank 0. Collective. An
 * error leaves the tables unchanged. */
static gboolean
broadcast_kernels (RvEngine *engine, GError **error)
{
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (engine->kernels);
  char *texts[] = { rv__kernel_table_to_text (engine->kernels), rv__kernel_table_to_text (used) };
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < G_N_ELEMENTS (texts); i++) {
    guint64 bytes = strlen (texts[i]) + 1;
    ok = rv__cluster_broadcast (engine->cluster, &bytes, sizeof bytes, 0, error);
    texts[i] = g_realloc (texts[i], ok ? bytes : 1);
    ok = ok && rv__cluster_broadcast (engine->cluster, texts[i], bytes, 0, error);
  }
  if (ok && rv__cluster_rank (engine->cluster) > 0)
    rv__kernel_table_restore (engine->kernels, texts[0], texts[1]);
  g_free (texts[0]);
  g_free (texts[1]);
  return ok;
}

/* (transfer full) (nullable): a new objective of the size of @stage. Rank 0 makes it first, and may measure kernels;
 * the others then use the same kernels. Sets spec->compile.tune_s to 0. Collective. */
static RvObjective *
make_objective (RvEngine *engine, RvObjectiveSpec *spec, const RvStage *stage, GError **error)
{
  g_autoptr (RvObjective) objective = NULL;
  gboolean first = rv__cluster_rank (engine->cluster) == 0;
  if (first && !(objective = rv__objective_new (spec, stage->height, stage->width, error)))
    return NULL;
  if (rv__cluster_size (engine->cluster) > 1 && !broadcast_kernels (engine, error))
    return NULL;
  spec->compile.tune_s = 0;
  if (!first)
    objective = rv__objective_new (spec, stage->height, stage->width, error);
  return g_steal_pointer (&objective);
}

RvObjective *
rv__engine_acquire (RvEngine *engine, guint i, int which, const RvObjectiveSpec *spec, gboolean *is_new, GError **error)
{
  const RvStage *stage = rv__engine_stage (engine, i);
  RvObjectiveSpec own = *spec;
  double tune_s = 0;
  RvObjective *cached = steal_cached (engine, i, which, &tune_s);
  *is_new = cached == NULL;
  if (cached) {
    rv__objective_set_stop_request (cached, spec->stop_request);
    return cached;
  }
  own.compile.tune_s = MAX (own.compile.tune_s, tune_s); /* --tune has no limit */
  return make_objective (engine, &own, stage, error);
}

void
rv__engine_expect_more (RvEngine *engine)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  engine->caches = TRUE;
}

gboolean
rv__engine_can_cache (RvEngine *engine, guint i, gsize bytes, gsize device_bytes)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  double pixels = 0, n = (double) rv__engine_pixels (engine, i);
  for (guint k = 0; k < engine->stages->len; k++)
    pixels += (double) rv__engine_pixels (engine, k);
  return engine->caches &&
         RV_LIBRARY_BYTES + pixels * ((double) bytes / n + EXTRA_CACHED) < (double) engine->allowed.host &&
         pixels * (double) device_bytes / n < (double) engine->allowed.device;
}

/* Sets engine->speed, on all ranks, to the speed of each rank by rv__objective_speed(). A rank without tiles gets the
 * average of the others; all get 1 if none has tiles. Collective. */
static gboolean
gather_speeds (RvEngine *engine, const RvObjective *objective, GError **error)
{
  int size = rv__cluster_size (engine->cluster), n = 0;
  double own = rv__objective_speed (objective), sum = 0;
  g_autoptr (GPtrArray) all = NULL;
  if (!rv__cluster_gather (engine->cluster, &own, sizeof own, &all, error))
    return FALSE;
  for (int rank = 0; all && rank < size; rank++) {
    engine->speed[rank] = *(const double *) g_bytes_get_data (all->pdata[rank], NULL);
    sum += engine->speed[rank];
    n += engine->speed[rank] > 0;
  }
  for (int rank = 0; all && rank < size; rank++)
    engine->speed[rank] = n == 0 ? 1 : engine->speed[rank] > 0 ? engine->speed[rank] : sum / n;
  return rv__cluster_broadcast (engine->cluster, engine->speed, (gsize) size * sizeof (double), 0, error);
}

gboolean
rv__engine_release (RvEngine *engine, guint i, int which, RvObjective *objective, GError **error)
{
  gboolean ok = !objective || rv__cluster_size (engine->cluster) == 1 || gather_speeds (engine, objective, error);
  if (objective && ok &&
      rv__engine_can_cache (engine, i, rv__objective_memory (objective), rv__objective_device_memory (objective))) {
    g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
    RvObjective **cached = &rv__engine_stage (engine, i)->cached[which];
    objective = *cached ? objective : (*cached = objective, NULL);
  }
  rv__objective_free (objective);
  return ok;
}
