/* plan.c -- needed op calls, lifetimes and shared memory of values.
 *
 * Values keep their numbers, because callers store them. A dropped value has first > last. */
#include "graph.h"
#include "base/error.h"

/* Replaces program->calls by the calls from which an output or forward output is computed, and updates
 * program->n_forward. Values stay, also those that no call computes any more. Pointers to calls become invalid. */
static void
remove_unneeded_calls (RvProgram *program)
{
  g_autofree gboolean *needed = g_new0 (gboolean, program->values->len + 1);
  g_autofree gboolean *runs = g_new0 (gboolean, program->calls->len + 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (RvOpCall));
  int n_forward = 0;

  for (guint i = 0; i < program->values->len; i++)
    needed[i] =
      rv__program_value (program, (int) i)->is_output || rv__program_value (program, (int) i)->is_forward_output;
  for (int i = (int) program->calls->len - 1; i >= 0; i--) {
    const RvOpCall *step = rv__program_call (program, i);
    for (int k = 0; k < step->n_out; k++)
      runs[i] |= needed[step->out[k]];
    for (int k = 0; runs[i] && k < step->n_in; k++)
      needed[step->in[k]] = TRUE;
  }
  for (guint i = 0; i < program->calls->len; i++)
    if (runs[i]) {
      g_array_append_val (steps, g_array_index (program->calls, RvOpCall, i));
      n_forward += (int) i < program->n_forward;
    }
  g_array_unref (program->calls);
  program->calls = g_steal_pointer (&steps);
  program->n_forward = n_forward;
}

/* Sets RvValue.first and last, and RvValue.storage to the value itself. A computed value lives from the call that
 * writes it to the last call that reads it. Inputs and parameters live for the whole run, outputs until the caller has
 * read them. Constants get their last reader, -1 for none, as `last`. Values without a call, and constants, get first >
 * last. */
static void
set_lifetimes (RvProgram *program)
{
  int n_steps = (int) program->calls->len;
  for (guint i = 0; i < program->values->len; i++) {
    RvValue *value = rv__program_value (program, (int) i);
    value->storage = (int) i;
    value->first = n_steps, value->last = -1;
    if (value->role == RV_VALUE_INPUT || value->role == RV_VALUE_PARAMETER)
      value->first = 0, value->last = n_steps;
  }
  for (int i = 0; i < n_steps; i++) {
    const RvOpCall *step = rv__program_call (program, i);
    for (int k = 0; k < step->n_in; k++) {
      RvValue *value = rv__program_value (program, step->in[k]);
      value->last = MAX (value->last, i);
    }
    for (int k = 0; k < step->n_out; k++) {
      RvValue *value = rv__program_value (program, step->out[k]);
      value->first = i;
      value->last = value->is_output ? n_steps : value->is_forward_output ? program->n_forward : value->last;
    }
  }
}

/* Makes ops with RV_SUPPORTS_IN_PLACE overwrite their first input. Conditions: the input is RV_VALUE_COMPUTED and has
 * the output's shape, no later call reads its memory, and no other input of the op is in it. Sets RvValue.storage of
 * the output, and extends RvValue.last of the value that owns the memory. Cannot fail. */
static void
share_memory (RvProgram *program)
{
  for (int i = 0; i < (int) program->calls->len; i++) {
    const RvOpCall *step = rv__program_call (program, i);
    RvValue *out = rv__program_value (program, step->out[0]), *in = rv__program_value (program, step->in[0]);
    RvValue *root = rv__program_value (program, in->storage);
    gboolean read_twice = FALSE;

    for (int k = 1; k < step->n_in; k++)
      read_twice |= rv__program_value (program, step->in[k])->storage == in->storage;
    if (!(rv__op_class (step->kind, program->type)->supports & RV_SUPPORTS_IN_PLACE) || in->role != RV_VALUE_COMPUTED ||
        root->last > i || read_twice || !rv_shape_equal (&in->shape, &out->shape))
      continue;
    out->storage = in->storage;
    root->last = MAX (root->last, out->last);
  }
}

gboolean
rv__graph_plan (RvProgram *program, GError **error)
{
  if (program->error)
    return rv__error_propagate (error, g_error_copy (program->error));
  remove_unneeded_calls (program);
  set_lifetimes (program);
  share_memory (program);
  return TRUE;
}

RvExecutable *
rv__graph_compile (RvProgram *program, const RvBackendClass *backend, const RvCompileSettings *settings, GError **error)
{
  g_autoptr (RvProgram) own = program;
  return rv__graph_plan (own, error) ? rv__executable_new (backend, g_steal_pointer (&own), settings, error) : NULL;
}
