/* iteration.h -- report of one iteration of a run or of a training. Layer 6 (method). */
#pragma once

#include <glib.h>

/* Report of an iteration. Members that a method does not have are 0. */
typedef struct {
  gpointer run;                               /* the RvStyle, RvDream or RvStyleTraining */
  gint64 iteration, n_iterations;             /* from 1, over all stages; `time` may change n_iterations */
  int stage, n_stages;                        /* from 1: a scale, an octave; trainings: the painted style */
  gint64 stage_iteration, n_stage_iterations; /* from 1, within the stage */
  int width, height;                          /* px, of the stage */
  double scale;                               /* dreams: sides of the stage / sides of the picture */
  double loss;                                /* before this iteration's step */
  const double *losses;                       /* weighted terms of `loss`, in the method's order (rv__style_losses()) */
  double seconds;                             /* since the run began */
  double done_01;                             /* fraction of the run's work that is done */
  guint64 traffic_bytes;                      /* sent and received in this iteration; see RvPlan */
} RvIteration;

/* Called on the thread of the run, after each iteration's step; FALSE stops the run. */
typedef gboolean (*RvIterationFunc) (const RvIteration *iteration, gpointer user_data);
