/* diff.c -- reverse-mode differentiation: visits the recorded op calls backwards; each op records its own backward ops.
 *
 * Only op calls between @wrt and the seeds are recorded: a frozen network gets no weight gradients, a trained one those
 * of all parameters. The order saves memory: a loss that is recorded right after its layer has its gradient computed
 * right before the backward op of that layer. So the gradients of two layers never wait for each other. */
#include "graph.h"

/* Adds @contribution, a value, to the gradient grad[@value]; records an addition, or only stores @contribution if
 * grad[@value] is -1. @grad: for each value, the value of its gradient so far; -1: none. Does nothing if @contribution
 * is -1. */
static void
accumulate (RvProgram *program, int *grad, int value, int contribution)
{
  if (contribution < 0)
    return;
  grad[value] = grad[value] < 0 ? contribution : rv__add (program, grad[value], contribution);
}

gboolean
rv__graph_differentiate_all (RvProgram *program, const RvGradSeed *seeds, int n_seeds, const int *wrt, int n_wrt,
                             int *grad_wrt)
{
  int n_values = (int) program->values->len, n_steps = (int) program->calls->len;
  program->n_forward = n_steps;
  for (int i = 0; i < n_wrt; i++)
    grad_wrt[i] = -1;
  if (program->error)
    return FALSE;

  g_autofree gboolean *depends = g_new0 (gboolean, n_values + 1); /* whether a value depends on one of @wrt */
  for (int i = 0; i < n_wrt; i++)
    depends[wrt[i]] = TRUE;
  for (int i = 0; i < n_steps; i++) {
    const RvOpCall *step = rv__program_call (program, i);
    for (int k = 0; k < step->n_in; k++)
      if (depends[step->in[k]])
        depends[step->out[0]] = TRUE;
  }

  g_autofree int *grad = g_new (int, n_values + 1);
  for (int i = 0; i < n_values; i++)
    grad[i] = -1;
  for (int i = 0; i < n_seeds; i++)
    accumulate (program, grad, seeds[i].value, seeds[i].grad);

  for (int i = n_steps - 1; i >= 0 && !program->error; i--) {
    RvOpCall step = *rv__program_call (program, i); /* a copy: recording moves the array */
    const RvOpClass *op = rv__op_class (step.kind, program->type);
    gboolean wanted[RV_OP_MAX_IN] = { FALSE };
    int grad_in[RV_OP_MAX_IN] = { -1, -1, -1, -1 };
    gboolean any = FALSE;

    for (int k = 0; k < step.n_in; k++)
      any |= wanted[k] = depends[step.in[k]];
    if (!any || grad[step.out[0]] < 0 || !op->gradient)
      continue;
    op->gradient (program, &step, grad[step.out[0]], wanted, grad_in);
    for (int k = 0; k < step.n_in; k++)
      if (wanted[k])
        accumulate (program, grad, step.in[k], grad_in[k]);
  }
  for (int i = 0; i < n_wrt && !program->error; i++) {
    rv__program_output (program, grad[wrt[i]]);
    grad_wrt[i] = grad[wrt[i]];
  }
  return !program->error;
}

int
rv__graph_differentiate (RvProgram *program, const RvGradSeed *seeds, int n_seeds, int wrt)
{
  int grad;
  rv__graph_differentiate_all (program, seeds, n_seeds, &wrt, 1, &grad);
  return grad;
}
