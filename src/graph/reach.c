/* reach.c -- which pixels a feature sees: the walk from the picture to each value.
 *
 * Position p of a value sees, along an axis, the input's positions p * jump - before .. p * jump + after. A window of k
 * with stride s and padding q before it: before += q jump, after += (k - 1 - q) jump, jump *= s. Where branches meet,
 * the larger of each.
 */
#include "graph.h"

static const RvReach unseen = { .jump = { 0, 0 } };

static void
through_window (RvReach *reach, int axis, gint64 window, int stride, int pad_before)
{
  reach->before[axis] += pad_before * reach->jump[axis];
  reach->after[axis] += (window - 1 - pad_before) * reach->jump[axis];
  reach->jump[axis] *= stride;
}

static RvReach
through_step (const RvProgram *program, const RvStep *step, const RvReach *reaches)
{
  RvReach reach = unseen;
  for (int k = 0; k < step->n_in; k++) {
    const RvReach *in = &reaches[step->in[k]];
    for (int axis = 0; axis < 2 && in->jump[0] > 0; axis++) {
      reach.before[axis] = MAX (reach.before[axis], in->before[axis]);
      reach.after[axis] = MAX (reach.after[axis], in->after[axis]);
      reach.jump[axis] = in->jump[axis];
    }
  }
  const RvConvAttrs *conv = &step->attrs.conv;
  const RvPoolAttrs *pool = &step->attrs.pool;
  const RvPad *by = &step->attrs.pad.by;
  for (int axis = 0; axis < 2 && reach.jump[0] > 0; axis++) {
    if (step->kind == RV_OP_CONV2D)
      through_window (&reach, axis, rv__program_shape (program, step->in[1])->dim[2 + axis], conv->stride[axis],
                      axis == 0 ? conv->pad.top : conv->pad.left);
    else if (step->kind == RV_OP_MAX_POOL || step->kind == RV_OP_AVERAGE_POOL)
      through_window (&reach, axis, pool->window[axis], pool->stride[axis], axis == 0 ? pool->pad.top : pool->pad.left);
    else if (step->kind == RV_OP_PAD) {
      reach.before[axis] += (axis == 0 ? by->top : by->left) * reach.jump[axis];
      reach.after[axis] -= (axis == 0 ? by->top : by->left) * reach.jump[axis];
    }
  }
  return reach;
}

RvReach *
rv__graph_reach (const RvProgram *program, int from)
{
  RvReach *reaches = g_new0 (RvReach, program->values->len + 1);
  reaches[from] = (RvReach){ .jump = { 1, 1 } };
  for (guint i = 0; i < program->steps->len; i++) {
    const RvStep *step = rv__program_step (program, (int) i);
    RvReach reach = through_step (program, step, reaches);
    for (int k = 0; k < step->n_out; k++)
      reaches[step->out[k]] = reach;
  }
  return reaches;
}
