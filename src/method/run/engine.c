/* engine.c -- what computes pictures of one size, prepared once and kept over them. */
#include "method/run/engine.h"
#include "base/system.h"
#include "method/run/stop.h"

#define CERTAINLY_FITS 4000 /* bytes a pixel: no network here takes as much */
#define BESIDE_KEPT 128     /* bytes a pixel: pictures and optimisers beside what is kept */

static void
drop_kept (RvStage *stage)
{
  for (int k = 0; k < RV_STAGE_OBJECTIVES; k++)
    g_clear_pointer (&stage->kept[k], rv__objective_free);
}

static void
clear_stage (gpointer data)
{
  drop_kept (data);
}

RvEngine *
rv__engine_new (RvNet *net, const RvComputeSettings *compute, const char *time, GError **error)
{
  g_autoptr (RvEngine) engine = g_new0 (RvEngine, 1);
  engine->ref_count = 1;
  engine->net = rv_net_ref (net);
  engine->compile = rv__compute_compile (compute, NULL, 0);
  engine->kernels = rv_kernel_table_new ();
  engine->tile_px = (int) compute->tile_px;
  engine->stages = g_array_new (FALSE, TRUE, sizeof (RvStage));
  g_array_set_clear_func (engine->stages, clear_stage);
  g_mutex_init (&engine->lock);
  g_mutex_init (&engine->fitting);
  if (!rv__time_allowed (time, &engine->allowed_s, error) ||
      !(engine->backend = rv__compute_backend (compute, error)) ||
      !rv__compute_check (compute, engine->backend, error) ||
      !rv__memory_allowed (engine->backend, compute->memory, &engine->allowed_bytes, error))
    return NULL;
  return g_steal_pointer (&engine);
}

RvEngine *
rv__engine_ref (RvEngine *engine)
{
  g_atomic_int_inc (&engine->ref_count);
  return engine;
}

void
rv__engine_unref (RvEngine *engine)
{
  if (!engine || !g_atomic_int_dec_and_test (&engine->ref_count))
    return;
  g_array_unref (engine->stages);
  rv_net_unref (engine->net);
  rv_kernel_table_unref (engine->kernels);
  g_mutex_clear (&engine->lock);
  g_mutex_clear (&engine->fitting);
  g_free (engine);
}

void
rv__engine_set_kernels (RvEngine *engine, RvKernelTable *kernels)
{
  rv_kernel_table_ref (kernels);
  rv_kernel_table_unref (engine->kernels);
  engine->kernels = kernels;
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

void
rv__engine_reset (RvEngine *engine)
{
  g_array_set_size (engine->stages, 0);
  engine->fitted = FALSE;
}

void
rv__engine_add (RvEngine *engine, int width, int height, gint64 iterations)
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

void
rv__engine_set_tuned (RvEngine *engine, guint n)
{
  for (guint i = 0; i < n; i++)
    for (int k = 0; k < RV_STAGE_OBJECTIVES; k++)
      rv__engine_stage (engine, i)->tuned[k] = TRUE;
}

/* ---- objectives -------------------------------------------------------------------------------------------------- */

RvObjectiveSpec
rv__engine_spec (const RvEngine *engine, const RvFit *fit, const RvWanted *wanted)
{
  RvCompileSettings compile = engine->compile;
  compile.kernels = engine->kernels;
  compile.cancellable = wanted->cancellable;
  return (RvObjectiveSpec){
    .type = RV_F32,
    .net = engine->net,
    .backend = engine->backend,
    .compile = compile,
    .fit = *fit,
    .wanted = *wanted,
  };
}

void
rv__engine_set_fit (RvEngine *engine, guint i, const RvFit *fit)
{
  RvStage *stage = rv__engine_stage (engine, i);
  if (stage->fit.tile_px != fit->tile_px || stage->fit.recompute != fit->recompute ||
      stage->fit.compact != fit->compact)
    drop_kept (stage);
  stage->fit = *fit;
}

gboolean
rv__engine_fit (RvEngine *engine, guint i, RvNeeds *needs, gboolean always, GError **error)
{
  RvStage *stage = rv__engine_stage (engine, i);
  stage->fit = needs->spec[0].fit = (RvFit){ .tile_px = engine->tile_px };
  stage->fitted = (RvFitted){ .work = 1 };
  if (!always && CERTAINLY_FITS * (gsize) rv__engine_pixels (engine, i) < engine->allowed_bytes)
    return TRUE;
  if (!rv__objective_fit (needs->spec, needs->n_specs, stage->height, stage->width, needs->beside,
                          engine->allowed_bytes, &stage->fitted, error))
    return FALSE;
  stage->fit = needs->spec[0].fit;
  return TRUE;
}

/* The kept one, or NULL: then it is about to be made, and *tune_s is how long its kernels may be measured: once. */
static RvObjective *
take_kept (RvEngine *engine, guint i, int which, double *tune_s)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  RvStage *stage = rv__engine_stage (engine, i);
  if (stage->kept[which])
    return g_steal_pointer (&stage->kept[which]);
  *tune_s = stage->tuned[which] ? 0 : rv__objective_tune_seconds (rv__engine_pixels (engine, i), stage->iterations);
  stage->tuned[which] = TRUE;
  engine->n_made++;
  return NULL;
}

RvObjective *
rv__engine_take (RvEngine *engine, guint i, int which, const RvObjectiveSpec *spec, gboolean *is_new, GError **error)
{
  const RvStage *stage = rv__engine_stage (engine, i);
  RvObjectiveSpec own = *spec;
  double tune_s = 0;
  RvObjective *kept = take_kept (engine, i, which, &tune_s);
  *is_new = kept == NULL;
  if (kept) {
    rv__objective_set_wanted (kept, &spec->wanted);
    return kept;
  }
  own.compile.tune_s = MAX (own.compile.tune_s, tune_s); /* --tune has no limit */
  return rv__objective_new (&own, stage->height, stage->width, error);
}

void
rv__engine_expect_more (RvEngine *engine)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  engine->keeps = TRUE;
}

gboolean
rv__engine_may_keep (RvEngine *engine, guint i, gsize bytes)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
  double pixels = 0, per_pixel = (double) bytes / (double) rv__engine_pixels (engine, i) + BESIDE_KEPT;
  for (guint k = 0; k < engine->stages->len; k++)
    pixels += (double) rv__engine_pixels (engine, k);
  return engine->keeps && RV_LIBRARY_BYTES + pixels * per_pixel < (double) engine->allowed_bytes;
}

void
rv__engine_give (RvEngine *engine, guint i, int which, RvObjective *objective)
{
  if (objective && rv__engine_may_keep (engine, i, rv__objective_memory (objective))) {
    g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->lock);
    RvObjective **kept = &rv__engine_stage (engine, i)->kept[which];
    objective = *kept ? objective : (*kept = objective, NULL);
  }
  rv__objective_free (objective);
}
