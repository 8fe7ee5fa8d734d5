/* engine.h -- what computes pictures of one size, prepared once: the sizes that a run goes through, how each fits the
 * memory, with which kernels, and the objectives that are kept from picture to picture.
 * Layer 6 (method). */
#ifndef RV_ENGINE_H
#define RV_ENGINE_H

#include "method/objective/fit.h"

#define RV_STAGE_OBJECTIVES 2

/* A size at which pictures are computed: an octave of a dream, a scale of a style transfer. */
typedef struct {
  int width, height; /* px, of what is computed */
  gint64 iterations; /* planned */
  RvFit fit;
  RvFitResult fitted;                       /* with it; zeros with a work of 1 where nobody looked */
  gboolean tuned[RV_STAGE_OBJECTIVES];      /* its kernels have been measured as far as they will be */
  RvObjective *cached[RV_STAGE_OBJECTIVES]; /* between two pictures; NULL: to be made */
} RvStage;

/* What a method has at a stage, which is to fit. */
typedef struct {
  RvObjectiveSpec spec[RV_STAGE_OBJECTIVES];
  int n_specs;
  gsize beside; /* bytes that it takes besides, at most */
} RvNeeds;

/* Reference-counted. Once it is fitted any number of threads may use it. */
typedef struct {
  gint ref_count;
  RvNet *net;
  const RvBackendClass *backend;
  RvCluster *cluster; /* who share its pictures' tiles: they all do the same with it */
  double *speed;      /* of each rank, as it was at the last stage; only their proportions count. Owned */
  RvKernelTable *kernels;
  RvCompileSettings compile; /* its kernels and what may be measured are set for each objective */
  gboolean fast_sums;        /* of its cluster */
  int tile_px;               /* that is asked for; 0: what fits */
  gsize allowed_bytes;       /* of the whole process */
  double allowed_s;          /* of a run; 0: no limit */
  GArray *stages;            /* RvStage, small to large */

  GMutex fitting;  /* held while it is found how the stages fit */
  gboolean fitted; /* it has been found */
  int n_shrunk;    /* how often an optimiser has to shrink, so that the stages fit */

  GMutex lock;     /* of what follows, and of what changes in the stages once they fit */
  gboolean caches; /* more pictures of this size will come */
  guint n_made;    /* objectives that were compiled for runs, for tests */
} RvEngine;

/* rv__engine_new: (transfer full) (nullable): without stages. @time: as --time has it, or NULL. The settings are read,
 * not kept. RV_ERROR_SETTING; RV_ERROR_BACKEND when what is asked for cannot be had here. */
RvEngine *rv__engine_new (RvNet *net, const RvComputeSettings *compute, const char *time, GError **error);
RvEngine *rv__engine_ref (RvEngine *engine);
void rv__engine_unref (RvEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvEngine, rv__engine_unref)

/* rv__engine_set_kernels: the table to choose from and to add to; before anything is made. */
void rv__engine_set_kernels (RvEngine *engine, RvKernelTable *kernels);

/* rv__engine_reset: pictures of another size, or other losses: no stages, and nothing is known of any.
 * rv__engine_add: the next stage. rv__engine_stage: stage 0, 1, ...; borrowed. */
void rv__engine_reset (RvEngine *engine);
void rv__engine_add (RvEngine *engine, int width, int height, gint64 iterations);
RvStage *rv__engine_stage (const RvEngine *engine, guint i);
gint64 rv__engine_pixels (const RvEngine *engine, guint i);
/* rv__engine_n_tuned: stages, from the first on, whose kernels have been measured. _set_tuned: as a state has it. */
guint rv__engine_n_tuned (RvEngine *engine);
void rv__engine_set_tuned (RvEngine *engine, guint n);

/* rv__engine_spec: what an objective is made with, but for what the method knows: terms, space, masks. */
RvObjectiveSpec rv__engine_spec (const RvEngine *engine, const RvFit *fit, const RvStopRequest *wanted);

/* rv__engine_set_fit: as a state has it; what was kept of the stage is gone if it fitted in another way.
 * rv__engine_fit: finds how @needs, of stage @i, fit: as rv__objective_fit(). Unless @always, nothing is looked at that
 * certainly fits. */
void rv__engine_set_fit (RvEngine *engine, guint i, const RvFit *fit);
gboolean rv__engine_fit (RvEngine *engine, guint i, RvNeeds *needs, gboolean always, GError **error);

/* rv__engine_acquire: (transfer full) (nullable): objective number @which of stage @i: the one that was kept, which
 * knows the other pictures and is bound, or a new one of @spec, whose kernels may be measured when they have not been.
 * *is_new: which of these it is. The ranks of a cluster have the kernels that rank 0 has chosen.
 * rv__engine_release: back, (transfer full) (nullable), after a picture: kept where more will come and all that would
 * be kept fits. FALSE: ranks could not be told how fast they are. */
RvObjective *rv__engine_acquire (RvEngine *engine, guint i, int which, const RvObjectiveSpec *spec, gboolean *is_new,
                                 GError **error);
gboolean rv__engine_release (RvEngine *engine, guint i, int which, RvObjective *objective, GError **error);
/* rv__engine_expect_more: more pictures of this size will come. rv__engine_can_cache: whether an objective that takes
 * @bytes would be kept for them. */
void rv__engine_expect_more (RvEngine *engine);
gboolean rv__engine_can_cache (RvEngine *engine, guint i, gsize bytes);

#endif
