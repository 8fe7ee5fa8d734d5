/* engine.h -- prepared computation of pictures of one size: the sizes of a run, how each fits the memory, its kernels,
 * and objectives cached between pictures. Layer 6 (method). */
#ifndef RV_ENGINE_H
#define RV_ENGINE_H

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

/* Reference-counted. After rv__engine_fit() any number of threads may use it. */
typedef struct {
  gint ref_count;
  RvNet *net;
  const RvBackendClass *backend;
  RvCluster *cluster; /* distributes the tiles; all its ranks make the same calls */
  double *speed;      /* measured for each rank at the last stage; only the proportions count. Owned */
  RvKernelTable *kernels;
  RvCompileSettings compile; /* kernels and tuning time are set for each objective */
  gboolean fast_sums;        /* sums of the ranks: see RvObjectiveSpec */
  int tile_px;               /* requested; 0: as large as fits */
  gsize allowed_bytes;       /* for the whole process */
  double allowed_s;          /* for a run; 0: no limit */
  GArray *stages;            /* RvStage, small to large */

  GMutex fitting;  /* protects `fitted` while the fits of the stages are computed */
  gboolean fitted; /* the fits of all stages are known */
  int n_shrunk;    /* requests to the optimiser to use less memory, so that the stages fit */

  GMutex lock;     /* protects the members below, and `tuned` and `cached` of the stages */
  gboolean caches; /* more pictures of this size will follow */
  guint n_made;    /* objectives compiled for runs; for tests */
} RvEngine;

/* A new engine without stages. (transfer full) (nullable). Collective: the smallest memory of all ranks counts. @time:
 * the value of --time, or NULL. @net is referenced, the settings are only read. RV_ERROR_SETTING; RV_ERROR_BACKEND for
 * a backend or device that is not available. */
RvEngine *rv__engine_new (RvNet *net, const RvComputeSettings *compute, const char *time, GError **error);
/* (transfer full): @engine with one more reference. Any thread. */
RvEngine *rv__engine_ref (RvEngine *engine);
/* Releases a reference on @engine (nullable). Any thread. */
void rv__engine_unref (RvEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvEngine, rv__engine_unref)

/* Sets the kernel table (referenced), which is read and extended. Call it before any objective is made. */
void rv__engine_set_kernels (RvEngine *engine, RvKernelTable *kernels);

/* Removes all stages and frees their cached objectives, for pictures of another size or other losses. */
void rv__engine_clear_stages (RvEngine *engine);
/* Appends a stage, without a fit. @width, @height: px. */
void rv__engine_add_stage (RvEngine *engine, int width, int height, gint64 iterations);
/* Stage @i. Borrowed, until the next stage is added. */
RvStage *rv__engine_stage (const RvEngine *engine, guint i);
/* Number of pixels of the computed picture of stage @i. */
gint64 rv__engine_pixels (const RvEngine *engine, guint i);
/* Number of stages, from the first on, whose kernels have been measured or restored. */
guint rv__engine_n_tuned (RvEngine *engine);
/* Marks the first @n stages as measured, when a state is restored. */
void rv__engine_set_tuned (RvEngine *engine, guint n);

/* Specification of an objective with the engine's settings, by value. The caller adds terms, pixel space and masks.
 * Pointers are borrowed from @engine and @wanted. */
RvObjectiveSpec rv__engine_spec (const RvEngine *engine, const RvFit *fit, const RvStopRequest *wanted);

/* Sets the fit of stage @i from a state. Frees its cached objectives if the fit differs. */
void rv__engine_set_fit (RvEngine *engine, guint i, const RvFit *fit);
/* Computes how @needs fit stage @i, as rv__objective_fit(), and sets its `fit` and `fitted`. Unless @always, a stage
 * that certainly fits in a single process gets no tiles, and zeros with a work of 1 in `fitted`. Changes the specs of
 * @needs. Collective: rank 0 computes. RV_ERROR_MEMORY. */
gboolean rv__engine_fit (RvEngine *engine, guint i, RvNeeds *needs, gboolean always, GError **error);

/* Objective number @which of stage @i. (transfer full) (nullable). A cached one has its targets, is bound, and gets the
 * stop request of @spec; *is_new is FALSE. Otherwise compiles one from @spec, unbound, and measures its kernels if that
 * has not been done. Collective: all ranks use the kernels of rank 0. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
RvObjective *rv__engine_acquire (RvEngine *engine, guint i, int which, const RvObjectiveSpec *spec, gboolean *is_new,
                                 GError **error);
/* Gives @objective, number @which of stage @i, back after a picture. (transfer full), also after FALSE; NULL: does
 * nothing. Caches it if more pictures follow and the memory suffices, else frees it. Collective unless NULL: sets
 * engine->speed. RV_ERROR_BACKEND: the ranks could not exchange their speeds; the objective is freed. */
gboolean rv__engine_release (RvEngine *engine, guint i, int which, RvObjective *objective, GError **error);
/* Makes rv__engine_release() cache objectives from now on: more pictures of this size will follow. */
void rv__engine_expect_more (RvEngine *engine);
/* Whether an objective of stage @i that takes @bytes would be cached: more pictures follow, and all stages with as many
 * bytes per pixel fit the allowed memory. */
gboolean rv__engine_can_cache (RvEngine *engine, guint i, gsize bytes);

#endif
