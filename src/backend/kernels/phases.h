/* phases.h -- positions of one axis of a convolution's output that share their taps.
 * Layer 3 (backend). Used by gemm.c and thin.c.
 *
 * Forward and backward-weights have a single phase. Backward-data with a stride has one phase for each remainder by the
 * stride, and each phase uses only some of the taps. */
#pragma once

#include "conv-spec.h"

typedef struct {
  int tap;   /* index in the kernel */
  gint64 at; /* position in x for output 0; outside of x: zeros */
} RvPhaseTap;

typedef struct {
  gint64 first, step, count; /* position i of y is first + i * step */
  gint64 x_step;             /* step in x between outputs */
  RvPhaseTap *taps;
  int n_taps;
  gint64 min_at, reach; /* smallest `at`, and distance from it to the largest */
} RvPhaseAxis;

/* Number of phases (sets of output positions that share their taps) along @axis, 0 rows or 1 columns: the stride for
 * backward-data, else 1. */
int rv__phase_axis_count (const RvConvSpec *spec, int axis);
/* Sets *phase_axis to phase @phase, 0 .. rv__phase_axis_count() - 1, of @axis, 0 rows or 1 columns. Overwrites earlier
 * contents without freeing them. Free with rv__phase_axis_clear(). Cannot fail. */
void rv__phase_axis_init (RvPhaseAxis *phase_axis, const RvConvSpec *spec, int axis, int phase);
/* Frees the taps and sets them to NULL, so that a second call is harmless. Does not free @phase_axis itself. */
void rv__phase_axis_clear (RvPhaseAxis *phase_axis);
