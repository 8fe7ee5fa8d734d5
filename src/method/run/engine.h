/* engine.h -- prepared computation of pictures of one size: sizes of a run, their fit into memory, kernels, and
 * objectives cached between pictures. Layer 6 (method). */
#pragma once

#include "method/objective/fit.h"

#define RV_STAGE_OBJECTIVES 2

/* Stage of a run, with pictures of one size: an octave of a dream, a scale of a style transfer. */
typedef struct {
  int width, height; /* px, of the computed picture */
  gint64 iterations; /* planned */
  RvFit fit;
  RvFitResult fitted;                       /* memory and work with `fit`; zeros with a work of 1: not computed */
  gboolean tuned[RV_STAGE_OBJECTIVES];      /* its kernels have been measured, or were restored */
  RvObjective *cached[RV_STAGE_OBJECTIVES]; /* between two pictures; NULL: not made yet */
} RvStage;

/* Memory needs of a method at one stage. */
typedef struct {
  RvObjectiveSpec spec[RV_STAGE_OBJECTIVES];
  int n_specs;
  gsize extra_bytes; /* upper bound of its other memory */
} RvNeeds;

/* Prepared computation of a run: network, backend, ranks, and one stage for each size. Reference-counted. After
 * rv__engine_fit() any number of threads may use it. */
typedef struct {
  gint ref_count;
  RvNet *net;
  const RvBackendClass *backend;
  RvCluster *cluster; /* distributes the tiles; all its ranks make the same calls */
  double *speed;      /* speed of each rank, measured at the last stage; only the proportions count. Owned */
  RvKernelTable *kernels;
  RvCompileSettings compile; /* kernels and tuning time are set for each objective */
  gboolean fast_sums;        /* sums of the ranks: see RvObjectiveSpec */
  int tile_px;               /* requested; 0: as large as fits */
  gboolean is_auto;          /* rv__engine_set_kernels() chooses the backend */
  char *memory;              /* (nullable): the setting `memory`. Owned */
  RvMemoryLimits allowed;
  double allowed_s; /* time limit of a run; 0: none */
  GArray *stages;   /* RvStage, small to large */

  GMutex fitting;  /* protects `fitted` while the fits of the stages are computed */
  gboolean fitted; /* the fits of all stages are known */
  int n_shrunk;    /* how often the optimiser had to use less memory, so that the stages fit */

  GMutex lock;     /* protects the members below, and `tuned` and `cached` of the stages */
  gboolean caches; /* more pictures of this size will follow */
  guint n_made;    /* objectives compiled for runs; for tests */
} RvEngine;

/* A new engine without stages, with an empty kernel table, and without `backend` and `gpu` on the processor. (transfer
 * full) (nullable). Collective: the smallest memory of all ranks counts. @net: referenced. @compute: only read. @time:
 * value of --time, or NULL: no limit. */
RvEngine *rv__engine_new (RvNet *net, const RvComputeSettings *compute, const char *time, GError **error);
/* Adds a reference to @engine and returns it. (transfer full): rv__engine_unref(). Any thread. Cannot fail. */
RvEngine *rv__engine_ref (RvEngine *engine);
/* Releases a reference on @engine (nullable); the last one frees it with its stages and objectives. Any thread. */
void rv__engine_unref (RvEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvEngine, rv__engine_unref)

/* Replaces the engine's kernel table by @kernels (referenced), which is read and extended. If neither a backend nor a
 * GPU is named, and there is one rank, then chooses the backend by rv__backend_choose(), which may measure for a
 * second. Before any objective is made, and not while other threads use @engine. Cannot fail. */
void rv__engine_set_kernels (RvEngine *engine, RvKernelTable *kernels);

/* Removes all stages, frees their cached objectives and clears `fitted`, for pictures of another size or other losses.
 * Acquired objectives stay the caller's and must be released before: later the number of their stage means another
 * stage. Not while other threads use @engine. Cannot fail. */
void rv__engine_clear_stages (RvEngine *engine);
/* Appends a stage of @width x @height px, not smaller than the previous stage, with @iterations planned iterations. Its
 * fit is not computed. */
void rv__engine_add_stage (RvEngine *engine, int width, int height, gint64 iterations);
/* Stage @i, from 0, the smallest; must be below stages->len (unchecked). Borrowed, until the next stage is added. */
RvStage *rv__engine_stage (const RvEngine *engine, guint i);
/* Width times height of the computed picture of stage @i, from 0; must be below stages->len (unchecked). */
gint64 rv__engine_pixels (const RvEngine *engine, guint i);
/* Number of stages, from the first on, whose objective 0, which all stages have, has measured or restored kernels.
 * Locks engine->lock. */
guint rv__engine_n_tuned (RvEngine *engine);
/* Specification of an f32 objective with the engine's network, backend, kernels and ranks, and with copies of @fit and
 * *stop_request. Its pointers are borrowed from @engine and *stop_request. The caller adds terms, pixel space and
 * masks. Cannot fail. */
RvObjectiveSpec rv__engine_spec (const RvEngine *engine, const RvFit *fit, const RvStopRequest *stop_request);

/* Sets the fit of stage @i, restored from a state; stage->fitted stays. Frees cached objectives of the stage if the fit
 * differs. Not while other threads use @engine. Cannot fail. */
void rv__engine_set_fit (RvEngine *engine, guint i, const RvFit *fit);
/* Computes by rv__objective_fit() how stage @i fits in memory with @needs, and sets the stage's `fit` and `fitted`.
 * Unless @always, with one rank, a stage that certainly fits is not computed. Its `fit` is then engine->tile_px (0:
 * no tiles), its `fitted` zeros with a work of 1. After an error both have these values, too. Leaves needs->spec
 * with undefined fits. Collective: rank 0 computes. */
gboolean rv__engine_fit (RvEngine *engine, guint i, RvNeeds *needs, gboolean always, GError **error);

/* Objective number @which of stage @i. (transfer full) (nullable): rv__engine_release(). A cached objective is bound,
 * has its targets, and gets the stop request of @spec; *is_new is FALSE. Otherwise compiles an objective from @spec,
 * unbound and without targets, and measures its kernels the first time; *is_new is TRUE, also with NULL. Collective:
 * all ranks use rank 0's kernels. */
RvObjective *rv__engine_acquire (RvEngine *engine, guint i, int which, const RvObjectiveSpec *spec, gboolean *is_new,
                                 GError **error);
/* Takes back @objective (transfer full, also after FALSE; nullable: does nothing), number @which of stage @i, after
 * a picture. Caches @objective if rv__engine_can_cache() allows it and no other is cached there; else frees it.
 * Collective unless NULL: with several ranks, sets engine->speed. An error frees @objective. */
gboolean rv__engine_release (RvEngine *engine, guint i, int which, RvObjective *objective, GError **error);
/* Makes rv__engine_release() cache objectives from now on: more pictures of this size will follow. Any thread. */
void rv__engine_expect_more (RvEngine *engine);
/* Whether rv__engine_release() would cache an objective of stage @i that takes @bytes of host memory and @device_bytes
 * of device memory: rv__engine_expect_more() was called, and all stages fit with as many bytes per pixel. Cannot fail.
 * Locks engine->lock. */
gboolean rv__engine_can_cache (RvEngine *engine, guint i, gsize bytes, gsize device_bytes);
