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
  RvShape shrunk = picture_shape (run->shrunk_at);
  RvTensorMap *state = rv__run_save (&run->common, rv__dream_options, run->dream->begun->fields);
  rv__state_set_view (state, "x", RV_F32, &x, run->x);
  rv__state_set_view (state, "shrunk", RV_F32, &shrunk, run->downsampled);
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
      !rv__state_check (state, rv__dream_options, dream->begun->fields, "a dream", error))
    return FALSE;
  rv__state_get_kernels (state, dream->engine->kernels);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  dream->resume = rv_tensor_map_ref (state);
  return TRUE;
}

/* A copy of the picture @name of the state, of the octave's size. (transfer full) (nullable): freed by rv__free().
 * RV_ERROR_FORMAT, RV_ERROR_FILE, RV_ERROR_MEMORY. */
static float *
copy_picture (const RvTensorMap *state, const char *name, const RvDreamOctave *octave, GError **error)
{
  RvShape shape = picture_shape (octave);
  gboolean there = rv__state_get_tensor (state, name, RV_F32, &shape, error) != NULL;
  float *picture = there ? rv__dream_new_picture (octave, error) : NULL;
  if (!picture || rv__state_read_tensor (state, name, RV_F32, &shape, picture, error))
    return picture;
  rv__free (picture);
  return NULL;
}

/* Allocates and reads run->balance if the octave is balanced and has begun. RV_ERROR_FORMAT. */
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
  guint number = run->common.stage;
  run->at = rv__dream_octave (dream, number);
  run->shrunk_at = rv__dream_octave (dream, number > 0 ? number - 1 : 0);
  return restore_balance (run, error) && (run->x = copy_picture (dream->resume, "x", run->at, error)) &&
         (run->downsampled = copy_picture (dream->resume, "shrunk", run->shrunk_at, error));
}
