/* bench-style-net.c -- bench-style-net THREADS apply WIDTH HEIGHT [BACKEND] | THREADS train own|matched: prints median
 * milliseconds of a style network. apply: time to paint a picture with the built-in one. train: time of a training step
 * of the whole network with that content target, batch 4 of 256 px. peer-torch-painter.py does the same in PyTorch,
 * with the target own. */
#include "bench.h"
#include "method/style-net/style-net.h"
#include "method/style-net/training.h"
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 2 /* runs that are not counted */
#define APPLIED 9
#define STEPS "14"
#define N_PHOTOS 8
#define PHOTO_PX 288
#define PAINTING_PX 400

typedef struct {
  gint64 last_us;
  int n;
  double ms[64];
} Times;

/* Stores the time since the previous call. */
static void
store_time (Times *times)
{
  gint64 now_us = g_get_monotonic_time ();
  if (times->n < (int) G_N_ELEMENTS (times->ms))
    times->ms[times->n++] = (double) (now_us - times->last_us) / 1000;
  times->last_us = now_us;
}

static void
print_median (Times *times)
{
  int n = times->n - WARM_UP;
  qsort (times->ms + WARM_UP, (size_t) n, sizeof (double), bench_by_value);
  printf ("%.1f\n", times->ms[WARM_UP + n / 2]);
}

/* Paints a picture repeatedly with the built-in style network, and stores the times. */
static gboolean
apply (const char *backend, int width, int height, int n_threads, Times *times, GError **error)
{
  g_autoptr (RvStyleNet) style_net = rv_style_net_new_builtin (error);
  g_autoptr (RvImage) photo = bench_picture (width, height, 0);
  g_autofree double *parts = style_net ? g_new0 (double, rv_style_net_n_styles (style_net)) : NULL;
  gboolean ok = style_net && photo;
  if (ok)
    parts[0] = 1;
  ok = ok && (style_net->backend = rv__backend_find (backend, error));
  for (int i = 0; ok && i < WARM_UP + APPLIED; i++) {
    times->last_us = g_get_monotonic_time ();
    g_autoptr (RvImage) painted = rv_style_net_paint (style_net, photo, parts, n_threads, error);
    store_time (times);
    ok = painted != NULL;
  }
  return ok;
}

static gboolean
on_step (const RvIteration *progress, gpointer times)
{
  store_time (times);
  return TRUE;
}

/* Trains a style network for STEPS steps with the content target @target, and stores the times. */
static gboolean
train (const char *n_threads, const char *target, Times *times, GError **error)
{
  g_autoptr (RvSettings) settings = rv_settings_new ("learn", error);
  g_autoptr (RvNet) net = rv_net_new_builtin (error);
  g_autoptr (RvImage) painting = bench_picture (PAINTING_PX, PAINTING_PX, 5);
  if (!settings || !net || !rv_settings_set (settings, "iterations", STEPS, error) ||
      !rv_settings_set (settings, "precision", "f32", error) ||
      !rv_settings_set (settings, "content-target", target, error) ||
      !rv_settings_set (settings, "threads", n_threads, error))
    return FALSE;
  g_autoptr (RvStyleTraining) training = rv__style_training_new (settings, net, NULL, error);
  gboolean ok = training && rv__style_training_add_style (training, "bench", NULL, &painting, 1, error);
  for (int i = 0; ok && i < N_PHOTOS; i++) {
    g_autoptr (RvImage) photo = bench_picture (PHOTO_PX, PHOTO_PX, i);
    ok = rv__style_training_add_photo (training, photo, error);
  }
  times->last_us = g_get_monotonic_time ();
  return ok && rv__style_training_run (training, on_step, times, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Times times = { 0 };
  gboolean applies = (argc == 5 || argc == 6) && strcmp (argv[2], "apply") == 0,
           trains = argc == 4 && strcmp (argv[2], "train") == 0;
  if (!applies && !trains) {
    fprintf (stderr, "bench-style-net THREADS apply WIDTH HEIGHT [BACKEND] | THREADS train own|matched\n");
    return 2;
  }
  gboolean ok = applies
                  ? apply (argc == 6 ? argv[5] : NULL, atoi (argv[3]), atoi (argv[4]), atoi (argv[1]), &times, &error)
                  : train (argv[1], argv[3], &times, &error);
  if (ok)
    print_median (&times);
  else
    fprintf (stderr, "bench-style-net: %s\n", error ? error->message : "no memory");
  return !ok;
}
