/* state.c -- a dream between two steps, as tensors: what it needs to go on with the same numbers as if it had
 * never stopped.
 *
 *   x           [3, rows, columns] of the octave that is running
 *   shrunk      the original as small as the last octave: what is re-injected is taken from it
 *   stop        when the octave ends
 *   texts       where the run is, its settings, how its octaves fit, its kernels
 *
 * The picture, the mask, the guide and the style are not in it.
 */
#include "method/dream/internal.h"
#include "method/run/state.h"
#include <string.h>

static RvShape
octave_shape (const RvDreamOctave *octave)
{
  return rv_shape (3, 3, octave->height, octave->width);
}

RvTensorMap *
rv_dream_state (const RvDreamProgress *progress)
{
  const RvDream *dream = progress->run;
  const RvDreamRun *run = dream->run;
  RvShape x = octave_shape (run->at), shrunk = octave_shape (run->shrunk_at),
          stop = rv_shape (1, (gint64) sizeof run->stop);
  g_autofree RvFit *fits = g_new (RvFit, dream->octaves->len);
  RvTensorMap *state = rv__state_new (rv_dream_options, dream->settings, dream->kernels);
  rv__state_set_view (state, "x", RV_F32, &x, dream->x);
  rv__state_set_view (state, "shrunk", RV_F32, &shrunk, run->shrunk);
  rv__state_set_view (state, "stop", RV_U8, &stop, &run->stop);
  for (guint i = 0; i < dream->octaves->len; i++)
    fits[i] = rv__dream_octave (dream, i)->fit;
  rv__state_set_fits (state, fits, dream->octaves->len);
  rv__state_set_count (state, "octave", run->number);
  rv__state_set_count (state, "done", run->n_done);
  rv__state_set_count (state, "steps", run->n_steps);
  rv__state_set_count (state, "tuned", dream->n_tuned);
  rv__state_set_count (state, "microseconds", g_get_monotonic_time () - run->began_us);
  return state;
}

gboolean
rv_dream_resume (RvDream *dream, RvTensorMap *state, GError **error)
{
  if (!rv__dream_idle (dream, error) || !rv__state_check (state, rv_dream_options, dream->settings, "a dream", error))
    return FALSE;
  rv__state_get_kernels (state, dream->kernels);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  dream->resume = rv_tensor_map_ref (state);
  return TRUE;
}

/* (transfer full) (nullable): a picture of the state. */
static float *
copy_picture (const RvTensorMap *state, const char *name, const RvDreamOctave *octave, GError **error)
{
  RvShape shape = octave_shape (octave);
  gboolean there = rv__state_get_tensor (state, name, RV_F32, &shape, error) != NULL;
  float *picture = there ? rv__dream_new_picture (octave->width, octave->height, error) : NULL;
  if (!picture || rv__state_read_tensor (state, name, RV_F32, &shape, picture, error))
    return picture;
  rv__free (picture);
  return NULL;
}

gboolean
rv__dream_restore (RvDreamRun *run, GError **error)
{
  RvDream *dream = run->dream;
  const RvTensorMap *state = dream->resume;
  guint n_octaves = dream->octaves->len;
  gint64 number, tuned, since_us, max = G_MAXINT64 / 2;
  g_autofree RvFit *fits = g_new0 (RvFit, n_octaves);
  RvShape shape = rv_shape (1, (gint64) sizeof run->stop);
  if (!rv__state_read_tensor (state, "stop", RV_U8, &shape, &run->stop, error) ||
      !rv__state_get_count (state, "octave", n_octaves - 1, &number, error) ||
      !rv__state_get_count (state, "done", dream->settings->iterations, &run->n_done, error) ||
      !rv__state_get_count (state, "steps", max, &run->n_steps, error) ||
      !rv__state_get_count (state, "tuned", n_octaves, &tuned, error) ||
      !rv__state_get_count (state, "microseconds", max, &since_us, error) ||
      !rv__state_get_fits (state, fits, n_octaves, error))
    return FALSE;
  run->number = (guint) number;
  run->began_us -= since_us;
  run->at = rv__dream_octave (dream, run->number);
  run->shrunk_at = rv__dream_octave (dream, run->number > 0 ? run->number - 1 : 0);
  if (run->stop.n < 0)
    return rv__state_refuse (error, "is damaged: when its octave ends is not to be read");
  dream->n_tuned = MAX (dream->n_tuned, (guint) tuned);
  for (guint i = 0; i < n_octaves; i++)
    g_array_index (dream->octaves, RvDreamOctave, i).fit = fits[i];
  return (run->x = copy_picture (state, "x", run->at, error)) &&
         (run->shrunk = copy_picture (state, "shrunk", run->shrunk_at, error));
}
