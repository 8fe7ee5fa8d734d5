/* recompute.c -- gradient checkpointing: recomputes forward values just before the backward pass reads them, if this
 * lowers the peak of memory.
 *
 * Chen et al. 2016, "Training deep nets with sublinear memory cost", store values at even distances and recompute all
 * others. Here a greedy search takes the op call with the most memory and drops the one value that frees the most bytes
 * for the least work. The search repeats until no value lowers the peak enough. On VGG it drops only the first layer:
 * by far the largest, computed from three channels.
 *
 * Results stay the same: the same ops on the same operands. */
#include "graph.h"

#define MAX_WORK 1.35 /* relative to the program before; small tiles, with a second forward pass, cost as much */
#define MIN_GAIN 0.02 /* relative to the peak: less is not worth the work */

/* ---- memory and work --------------------------------------------------------------------------------------------- */

/* Sum of rv__backend_step_work() over all op calls. */
static double
program_work (const RvProgram *program, const RvBackendClass *backend)
{
  double work = 0;
  for (guint i = 0; i < program->calls->len; i++)
    work += rv__backend_step_work (backend, program, rv__program_call (program, (int) i));
  return work;
}

/* Whether @value is the result of a Gram gradient that only the next op call in the program reads, to add it to
 * another value: the blocked layout (backend/blocks.c) then accumulates it in place. */
static gboolean
is_added_at_once (const RvProgram *program, const RvValue *value)
{
  return value->last == value->first + 1 && !value->is_output &&
         rv__program_call (program, value->first)->kind == RV_OP_GRAM_BACKWARD &&
         rv__program_call (program, value->last)->kind == RV_OP_ADD;
}

/* Returns the peak of memory over all op calls of a planned program, in bytes in plain layout, without constants and
 * is_added_at_once() values. Sets *at to the first call that has the peak; unchanged if the peak is 0. */
static gsize
measure_peak (const RvProgram *program, int *at)
{
  int n_steps = (int) program->calls->len;
  g_autofree gint64 *change = g_new0 (gint64, n_steps + 2);
  gint64 in_memory = 0, peak = 0;
  for (guint v = 0; v < program->values->len; v++) {
    const RvValue *value = rv__program_value (program, (int) v);
    if (value->role == RV_VALUE_CONSTANT || value->storage != (int) v || value->first > value->last ||
        is_added_at_once (program, value))
      continue;
    gint64 bytes = (gint64) rv__program_value_bytes (program, (int) v);
    change[value->first] += bytes;
    change[value->last + 1] -= bytes;
  }
  for (int i = 0; i < n_steps; i++)
    if ((in_memory += change[i]) > peak) {
      peak = in_memory;
      *at = i;
    }
  return (gsize) peak;
}

/* ---- recomputing a value ----------------------------------------------------------------------------------------- */

/* (transfer full): for each value, the op call that computes it; -1: none. */
static int *
list_makers (const RvProgram *program)
{
  int *maker = g_new (int, program->values->len + 1);
  for (guint v = 0; v < program->values->len; v++)
    maker[v] = -1;
  for (int i = 0; i < (int) program->calls->len; i++)
    for (int k = 0; k < rv__program_call (program, i)->n_out; k++)
      maker[rv__program_call (program, i)->out[k]] = i;
  return maker;
}

/* First op call from @from on that reads @value; -1: none. */
static int
next_reader (const RvProgram *program, int value, int from)
{
  for (int i = from; i < (int) program->calls->len; i++)
    for (int k = 0; k < rv__program_call (program, i)->n_in; k++)
      if (rv__program_call (program, i)->in[k] == value)
        return i;
  return -1;
}

/* Sets marked[i] to TRUE for the op calls that recompute @value before call @before. They start from values that are in
 * memory then, or that are small enough to keep: at most half the bytes of @value. @maker: of list_makers(). */
static void
mark_chain (const RvProgram *program, const int *maker, int value, int before, gboolean *marked)
{
  const RvOpCall *step = rv__program_call (program, maker[value]);
  marked[maker[value]] = TRUE;
  for (int k = 0; k < step->n_in; k++) {
    int in = step->in[k];
    gboolean in_memory =
      maker[in] < 0 || rv__program_value (program, in)->is_output || next_reader (program, in, before) >= 0;
    gboolean small = 2 * rv__program_value_bytes (program, in) <= rv__program_value_bytes (program, value);
    if (!in_memory && !small)
      mark_chain (program, maker, in, before, marked);
  }
}

/* Appends the marked op calls of @from to @program. @replacement[v]: the value that replaces v from now on; updated. */
static void
record_again (RvProgram *program, const RvProgram *from, const gboolean *marked, int *replacement)
{
  for (int i = 0; i < (int) from->calls->len; i++) {
    if (!marked[i])
      continue;
    const RvOpCall *step = rv__program_call (from, i);
    int in[RV_OP_MAX_IN];
    for (int k = 0; k < step->n_in; k++)
      in[k] = replacement[step->in[k]];
    int out = rv__program_record (program, step->kind, &step->attrs, step->n_in, in);
    for (int k = 0; k < step->n_out; k++)
      replacement[step->out[k]] = out + k;
  }
}

/* (transfer full): a copy of @program, not planned. Its op calls from @before on read @value computed a second time,
 * just before them, by the calls of mark_chain(). @maker: of list_makers(). @value is computed before @before. An error
 * of recording stays in the copy's `error`. */
static RvProgram *
recompute_value (const RvProgram *program, const int *maker, int value, int before)
{
  RvProgram *next = rv__program_copy (program);
  g_autofree gboolean *marked = g_new0 (gboolean, program->calls->len + 1);
  g_autofree int *replacement = g_new (int, program->values->len + 1);
  for (guint v = 0; v < program->values->len; v++)
    replacement[v] = (int) v;
  mark_chain (program, maker, value, before, marked);

  g_array_set_size (next->calls, (guint) before);
  record_again (next, program, marked, replacement);
  for (int i = before; i < (int) program->calls->len; i++) {
    RvOpCall step = *rv__program_call (program, i);
    for (int k = 0; k < step.n_in; k++)
      if (step.in[k] == value)
        step.in[k] = replacement[value];
    g_array_append_val (next->calls, step);
  }
  return next;
}

/* ---- choosing ---------------------------------------------------------------------------------------------------- */

/* Op call before which @value must be recomputed so that it need not be in memory at call @at; -1: no such call, or
 * @value cannot be recomputed. @maker: of list_makers(). */
static int
recompute_step (const RvProgram *program, const int *maker, int value, int at)
{
  const RvValue *v = rv__program_value (program, value);
  if (v->role != RV_VALUE_COMPUTED || v->is_output || v->is_forward_output || v->holds != RV_ELEMENT_REAL ||
      maker[value] >= program->n_forward || maker[value] >= at)
    return -1;
  int reader = next_reader (program, value, at);
  return reader > at && reader >= program->n_forward ? reader : -1;
}

/* (transfer full) (nullable): a planned copy of @program that recomputes one value more, the one that lowers the peak
 * by the most bytes per work. NULL if none lowers it by MIN_GAIN with at most @allowed work in all, in units of
 * @backend. @program is unchanged. */
static RvProgram *
best_next (const RvProgram *program, const RvBackendClass *backend, double allowed)
{
  int at = 0;
  gsize peak = measure_peak (program, &at);
  double work = program_work (program, backend), best = 0;
  g_autofree int *maker = list_makers (program);
  RvProgram *chosen = NULL;
  for (guint v = 0; v < program->values->len; v++) {
    int before = recompute_step (program, maker, (int) v, at), unused;
    if (before < 0)
      continue;
    g_autoptr (RvProgram) next = recompute_value (program, maker, (int) v, before);
    if (!rv__graph_plan (next, NULL) || program_work (next, backend) > allowed)
      continue;
    double gain = (double) peak - (double) measure_peak (next, &unused);
    double worth = gain / (program_work (next, backend) - work);
    if (gain < MIN_GAIN * (double) peak || worth <= best)
      continue;
    best = worth;
    rv__program_free (chosen);
    chosen = g_steal_pointer (&next);
  }
  return chosen;
}

RvProgram *
rv__graph_recompute (RvProgram *program, const RvBackendClass *backend, double *work)
{
  double before = program_work (program, backend);
  RvProgram *next;
  while ((next = best_next (program, backend, MAX_WORK * before))) {
    rv__program_free (program);
    program = next;
  }
  *work = program_work (program, backend) / before;
  return program;
}
