/* phases.c -- taps of a convolution for each output position. */
#include "phases.h"

int
rv__phase_axis_count (const RvConvSpec *spec, int axis)
{
  return spec->direction == RV_CONV_BACKWARD_DATA ? spec->stride[axis] : 1;
}

/* Sets *a for forward and backward-weights: one phase, of all positions of y with all taps. @pad: zeros before x along
 * @axis. */
static void
init_forward (RvPhaseAxis *a, const RvConvSpec *spec, int axis, int pad)
{
  *a = (RvPhaseAxis){ .step = 1,
                      .count = spec->dst.dim[2 + axis],
                      .x_step = spec->stride[axis],
                      .n_taps = (int) spec->weights.dim[2 + axis] };
  a->taps = g_new (RvPhaseTap, a->n_taps);
  for (int u = 0; u < a->n_taps; u++)
    a->taps[u] = (RvPhaseTap){ u, (gint64) u * spec->dilation[axis] - pad };
}

/* Sets *a for backward-data: positions @phase + i * stride of the input's gradient, with the taps that reach a position
 * of the output's gradient from there. @pad: zeros before the input along @axis. */
static void
init_backward (RvPhaseAxis *a, const RvConvSpec *spec, int axis, int phase, int pad)
{
  gint64 stride = spec->stride[axis], n = spec->src.dim[2 + axis];
  *a =
    (RvPhaseAxis){ .first = phase, .step = stride, .count = MAX (0, (n - phase + stride - 1) / stride), .x_step = 1 };
  a->taps = g_new (RvPhaseTap, spec->weights.dim[2 + axis]);
  for (int u = 0; u < (int) spec->weights.dim[2 + axis]; u++) {
    gint64 from = (gint64) phase + pad - (gint64) u * spec->dilation[axis];
    if (from % stride == 0)
      a->taps[a->n_taps++] = (RvPhaseTap){ u, from / stride };
  }
}

void
rv__phase_axis_init (RvPhaseAxis *a, const RvConvSpec *spec, int axis, int phase)
{
  int pad = axis == 0 ? spec->pad.top : spec->pad.left;
  if (spec->direction == RV_CONV_BACKWARD_DATA)
    init_backward (a, spec, axis, phase, pad);
  else
    init_forward (a, spec, axis, pad);
  gint64 max_at = a->min_at = a->n_taps > 0 ? a->taps[0].at : 0;
  for (int i = 0; i < a->n_taps; i++) {
    a->min_at = MIN (a->min_at, a->taps[i].at);
    max_at = MAX (max_at, a->taps[i].at);
  }
  a->reach = max_at - a->min_at;
}

void
rv__phase_axis_clear (RvPhaseAxis *a)
{
  g_clear_pointer (&a->taps, g_free);
}
