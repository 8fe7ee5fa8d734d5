/* state.c -- the state of a dream between two steps, as tensors. A resumed run computes the same numbers.
 *
 *   x           [3, rows, columns] of the current octave
 *   shrunk      the original at the size of the octave before, or of the first octave, for --carry
 *   balance     weights of the octave's terms, if they are balanced
 *   spectrum, m, v   dream from noise: the spectrum, and the slots of its optimiser
 *   and the tensors of every run: rv__run_save()
 *
 * Picture, mask, guide and style are not in the state. */
#include "method/dream/dream-internal.h"
#include "method/run/state.h"

/* Shape of the octave's picture: [3, height, width]. */
static RvShape
picture_shape (const RvDreamOctave *octave)
{
  return rv_shape (3, 3, octave->height, octave->width);
}

RvTensorMap *
rv__dream_state (const RvIteration *iteration)
{
  RvDreamRun *run = ((RvDream *) iteration->run)->run;
  RvShape balance = rv_shape (1, (gint64) run->at->terms->len), x = picture_shape (run->at);
  RvShape shrunk = picture_shape (run->before);
  RvTensorMap *state = rv__run_save (&run->common, rv__dream_options, run->dream->initial_settings->fields);
  rv__state_set_view (state, "x", RV_F32, &x, run->at->x);
  rv__state_set_view (state, "shrunk", RV_F32, &shrunk, run->before->base);
  if (run->balance)
    rv__state_set_view (state, "balance", RV_F64, &balance, run->balance);
  if (run->noise_dream)
    rv__noise_dream_save (run->noise_dream, &x, state);
  return state;
}

gboolean
rv__dream_resume (RvDream *dream, RvTensorMap *state, GError **error)
{
  if (!rv__dream_check_idle (dream, error) ||
      !rv__state_check (state, rv__dream_options, dream->initial_settings->fields, "a dream", error))
    return FALSE;
  rv__state_get_kernels (state, dream->engine->kernels);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  dream->resume = rv_tensor_map_ref (state);
  return TRUE;
}

/* Allocates run->balance and reads it from the state, if the octave is balanced and has begun; else does nothing
 * (TRUE). The caller frees it, also after an error. */
static gboolean
restore_balance (RvDreamRun *run, GError **error)
{
  RvShape shape = rv_shape (1, (gint64) run->at->terms->len);
  if (run->common.n_done == 0 || !run->dream->settings->balance || run->at->terms->len < 2)
    return TRUE;
  run->balance = g_new (double, run->at->terms->len);
  return rv__state_read_tensor (run->dream->resume, "balance", RV_F64, &shape, run->balance, error);
}

gboolean
rv__dream_restore (RvDreamRun *run, GError **error)
{
  const RvDream *dream = run->dream;
  if (!rv__run_restore (&run->common, dream->resume, error))
    return FALSE;
  guint i = run->common.stage;
  run->at = rv__dream_octave (dream, i);
  run->before = rv__dream_octave (dream, i > 0 ? i - 1 : 0);
  RvShape x = picture_shape (run->at), shrunk = picture_shape (run->before);
  return rv__buffers_enter (run->buffers, (int) i * RV_DREAM_N_PHASES + RV_DREAM_STARTING, error) &&
         restore_balance (run, error) && rv__state_read_tensor (dream->resume, "x", RV_F32, &x, run->at->x, error) &&
         rv__state_read_tensor (dream->resume, "shrunk", RV_F32, &shrunk, run->before->base, error);
}
