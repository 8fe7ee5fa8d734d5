/* noise-dream.c -- feature visualisation: a dream from noise, of a channel or a word of a network.
 *
 *   s <- noise;  x <- the picture of the spectrum s (fourier.h)
 *   each step:  g <- the dream's gradient at x (step.c), x transformed at random (affine.c)
 *               s <- Adam's step up g;  x <- the picture of s
 *
 * Olah, Mordvintsev, Schubert 2017, "Feature visualization". */
#include "base/random.h"
#include "method/compute.h"
#include "method/dream/dream-internal.h"
#include "method/objective/fourier.h"
#include "method/run/state.h"
#include "optim/optim.h"
#include <string.h>

#define NOISE_STREAM 5 /* stream of random numbers */
#define NOISE_SIGMA 0.01

struct _RvNoiseDream {
  RvFourier *fourier;
  RvOptim *adam;
};

gboolean
rv__dream_from_noise (const RvDream *dream)
{
  return strcmp (dream->settings->init, RV_DREAM_NOISE) == 0;
}

RvNoiseDream *
rv__noise_dream_new (const RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  const RvDreamSettings *s = dream->settings;
  gint64 n = 3 * rv__dream_octave_pixels (octave);
  const RvOptimSettings settings = rv__optim_adam_settings (rv__dream_step_length (s));
  RvNoiseDream *noise_dream = g_new0 (RvNoiseDream, 1);
  noise_dream->fourier = rv__fourier_new (dream->engine->backend, rv__compute_threads (s->compute.threads),
                                          octave->width, octave->height, 1, &rv__dream_space, error);
  noise_dream->adam = noise_dream->fourier ? rv__optim_new (rv__optim_find ("adam"), &settings, n, error) : NULL;
  for (gint64 i = 0; noise_dream->adam && i < n; i++)
    rv__fourier_spectrum (noise_dream->fourier)[i] =
      (float) (NOISE_SIGMA * rv__random_normal ((guint64) s->seed, NOISE_STREAM, (guint64) i));
  if (noise_dream->adam)
    return noise_dream;
  rv__noise_dream_free (noise_dream);
  return NULL;
}

void
rv__noise_dream_steer (RvNoiseDream *noise_dream, const RvDreamSettings *settings)
{
  noise_dream->adam->settings.learning_rate = rv__dream_step_length (settings);
}

void
rv__noise_dream_free (RvNoiseDream *noise_dream)
{
  if (!noise_dream)
    return;
  rv__fourier_free (noise_dream->fourier);
  rv__optim_free (noise_dream->adam);
  g_free (noise_dream);
}

gboolean
rv__noise_dream_picture (RvNoiseDream *noise_dream, float *x, GError **error)
{
  return rv__fourier_get_picture (noise_dream->fourier, x, error);
}

gboolean
rv__noise_dream_step (RvNoiseDream *noise_dream, float *ascent, float *x, gint64 n, double loss, GError **error)
{
  /* Adam descends, so the gradient changes its sign. */
  for (gint64 i = 0; i < n; i++)
    ascent[i] = -ascent[i];
  const float *grad = rv__fourier_gradient (noise_dream->fourier, ascent, error);
  if (!grad)
    return FALSE;
  noise_dream->adam->class->step (noise_dream->adam, rv__fourier_spectrum (noise_dream->fourier), -loss, grad);
  return rv__fourier_get_picture (noise_dream->fourier, x, error);
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

void
rv__noise_dream_save (const RvNoiseDream *noise_dream, const RvShape *shape, RvTensorMap *state)
{
  rv__state_set_view (state, "spectrum", RV_F32, shape, rv__fourier_spectrum (noise_dream->fourier));
  for (int i = 0; i < noise_dream->adam->n_slots; i++)
    rv__state_set_view (state, noise_dream->adam->class->slot_names[i], RV_F32, shape, noise_dream->adam->slot[i]);
}

gboolean
rv__noise_dream_restore (RvNoiseDream *noise_dream, const RvShape *shape, gint64 n_done, const RvTensorMap *state,
                         GError **error)
{
  gboolean ok =
    rv__state_read_tensor (state, "spectrum", RV_F32, shape, rv__fourier_spectrum (noise_dream->fourier), error);
  for (int i = 0; ok && i < noise_dream->adam->n_slots; i++)
    ok = rv__state_read_tensor (state, noise_dream->adam->class->slot_names[i], RV_F32, shape,
                                noise_dream->adam->slot[i], error);
  noise_dream->adam->iteration = n_done;
  return ok;
}
