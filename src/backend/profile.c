/* profile.c -- time of a program, step by step. */
#include "profile.h"
#include "base/system.h"

#define TOO_MANY_TIMES 10 /* slow step: time / expected time, minimum */
#define MIN_SLOW_S 4e-3   /* slow step: time, minimum */
#define MIN_PASSES 2
#define MAX_PASSES 40 /* for a busy machine: only slow code is slow in all passes */

#define MOVE_OPS 32 /* cost of moving or changing a number, in multiplications and additions */

const char *
rv__profile_kernel (const RvExecutable *executable, int step)
{
  return executable->backend->step_kernel ? executable->backend->step_kernel (executable, step) : "plain C";
}

char *
rv__profile_describe (const RvExecutable *executable, int step)
{
  const RvOpCall *s = rv__program_call (executable->program, step);
  const char *kernel = rv__profile_kernel (executable, step);
  g_autofree char *in = rv_shape_text (rv__program_shape (executable->program, s->in[0]));
  g_autofree char *out = rv_shape_text (rv__program_shape (executable->program, s->out[0]));
  return g_strdup_printf ("%s %s -> %s by %s", rv__op_name (s->kind), in, out, kernel ? kernel : "another step");
}

/* Work of a step, or the cost of moving its numbers, if that is more. */
static double
single_step_work (const RvExecutable *executable, int step)
{
  const RvProgram *program = executable->program;
  const RvOpCall *s = rv__program_call (program, step);
  double moved = 0;
  for (int k = 0; k < s->n_in; k++)
    moved += (double) rv_shape_count (rv__program_shape (program, s->in[k]));
  for (int k = 0; k < s->n_out; k++)
    moved += (double) rv_shape_count (rv__program_shape (program, s->out[k]));
  return MAX (rv__backend_step_work (executable->backend, program, s), MOVE_OPS * moved);
}

/* Work of a step, or the cost of moving its numbers if that is more, plus the same of each neighbour without a kernel
 * of its own; 0 if the step itself has none. A step without a kernel between two others counts for both. */
static double
fused_work (const RvExecutable *executable, int step)
{
  int n_steps = (int) executable->program->calls->len;
  if (!rv__profile_kernel (executable, step))
    return 0;
  double sum = single_step_work (executable, step);
  if (step > 0 && !rv__profile_kernel (executable, step - 1))
    sum += single_step_work (executable, step - 1);
  if (step + 1 < n_steps && !rv__profile_kernel (executable, step + 1))
    sum += single_step_work (executable, step + 1);
  return sum;
}

/* Index of the first step that takes TOO_MANY_TIMES the time of its work at the speed of all others, and more than
 * MIN_SLOW_S; -1: none. @seconds: shortest time by step. Runs nothing. */
static int
first_slow_step (const RvExecutable *executable, const double *seconds)
{
  int n_steps = (int) executable->program->calls->len;
  double all_seconds = 0, all_work = 0;
  for (int s = 0; s < n_steps; s++) {
    all_seconds += seconds[s];
    all_work += fused_work (executable, s);
  }
  for (int s = 0; s < n_steps; s++) {
    double expected_s =
      fused_work (executable, s) * (all_seconds - seconds[s]) / (all_work - fused_work (executable, s));
    if (seconds[s] > MIN_SLOW_S && seconds[s] > TOO_MANY_TIMES * expected_s)
      return s;
  }
  return -1;
}

gboolean
rv__profile_detect_slow_step (RvExecutable *executable, int *slow, double *seconds, GError **error)
{
  int n_steps = (int) executable->program->calls->len;
  g_autofree double *each = g_new (double, n_steps + 1);
  for (int s = 0; s < n_steps; s++)
    each[s] = G_MAXDOUBLE;
  *slow = 0;
  for (int pass = 0; pass < MIN_PASSES || (*slow >= 0 && pass < MAX_PASSES); pass++) {
    for (int s = 0; s < n_steps; s++) {
      double began = rv__system_thread_clock_s ();
      if (!rv__executable_step (executable, s, error))
        return FALSE;
      each[s] = MIN (each[s], rv__system_thread_clock_s () - began);
    }
    *slow = first_slow_step (executable, each);
  }
  *seconds = *slow < 0 ? 0 : each[*slow];
  return TRUE;
}
