/* phases.h -- the positions of one axis of a convolution's output that share their taps.
 * Layer 3 (backend). For gemm.c and few.c.
 *
 * Forward and to weights all of them do. To data with a stride they fall into one phase for each remainder by the
 * stride, and in each only some taps meet a position of what is read. */
#ifndef RV_PHASES_H
#define RV_PHASES_H

#include "conv-spec.h"

typedef struct {
  int tap;   /* of the kernel */
  gint64 at; /* where x lies under it, for position 0; outside of x: zeros */
} RvPhaseTap;

typedef struct {
  gint64 first, step, count; /* position i of y is first + i * step */
  gint64 x_step;             /* of x, from one position to the next */
  RvPhaseTap *taps;
  int n_taps;
  gint64 least, reach; /* of the taps' `at`: the first, and from there to the last */
} RvPhaseAxis;

/* rv__n_phases: of axis 0 (rows) or 1 (columns). rv__phase_axis_init: number @phase of them. */
int rv__n_phases (const RvConvSpec *spec, int axis);
void rv__phase_axis_init (RvPhaseAxis *phase_axis, const RvConvSpec *spec, int axis, int phase);
void rv__phase_axis_clear (RvPhaseAxis *phase_axis);

#endif
