/* bench-flow.c -- bench-flow [FOLDER]: optical flow on scenes whose flow is known: mean end-point error over what is
 * not hidden, and milliseconds of one thread, the median of the runs, for each preset. With FOLDER the scenes are
 * written there as well, for bench/peer-flow.py: NAME-from.pgm, NAME-to.pgm, and NAME.f32 with u, v and what is seen.
 */
#include "support/flow-scene.h"
#include <reverie/flow.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 7

static int
by_value (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return x < y ? -1 : x > y;
}

/* Processor time of this process: one thread's, whatever else the machine does. */
static double
now_ms (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static void
measure (const FlowScene *scene, const char *name, RvFlowSettings *settings)
{
  for (const char *const *preset = rv_flow_presets (); *preset; preset++) {
    double ms[RUNS], error_px = 0;
    rv_option_set (rv_flow_options, settings, "preset", *preset, NULL);
    for (int i = 0; i < RUNS; i++) {
      double began = now_ms ();
      g_autoptr (RvTensor) flow = rv_flow_estimate (scene->from, scene->to, NULL, settings, NULL, NULL, NULL);
      ms[i] = now_ms () - began;
      error_px = flow_error (flow, scene->flow, scene->seen);
    }
    qsort (ms, RUNS, sizeof *ms, by_value);
    printf ("%s reverie %-7s %7.1f ms  %.3f px\n", name, *preset, ms[RUNS / 2], error_px);
  }
}

static void
write_pgm (const char *folder, const char *name, const char *which, const RvTensor *grey)
{
  int height = (int) grey->shape.dim[2], width = (int) grey->shape.dim[3];
  g_autofree char *file = g_strdup_printf ("%s/%s-%s.pgm", folder, name, which);
  FILE *out = fopen (file, "wb");
  if (!out)
    exit (EXIT_FAILURE);
  fprintf (out, "P5 %d %d 255\n", width, height);
  for (gint64 p = 0; p < (gint64) width * height; p++)
    fputc ((int) ((const float *) grey->data)[p], out);
  fclose (out);
}

static void
write_scene (const char *folder, const char *name, const FlowScene *scene)
{
  g_autofree char *file = g_strdup_printf ("%s/%s.f32", folder, name);
  write_pgm (folder, name, "from", scene->from);
  write_pgm (folder, name, "to", scene->to);
  FILE *out = fopen (file, "wb");
  if (!out)
    exit (EXIT_FAILURE);
  fwrite (scene->flow->data, 1, (gsize) rv_tensor_count (scene->flow) * sizeof (float), out);
  fwrite (scene->seen->data, 1, (gsize) rv_tensor_count (scene->seen) * sizeof (float), out);
  fclose (out);
}

int
main (int argc, char **argv)
{
  static const int sizes[][2] = { { 360, 640 }, { 720, 1280 }, { 1080, 1920 } };
  g_autoptr (RvFlowSettings) settings = rv_flow_settings_new ();
  settings->threads = 1;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int larger = 0; larger < 2; larger++) {
      g_autofree char *name = g_strdup_printf ("%dx%d-%s", sizes[i][1], sizes[i][0], larger ? "large" : "small");
      g_autoptr (FlowScene) scene = flow_scene_new (sizes[i][0], sizes[i][1], &flow_motions[larger]);
      if (argc > 1)
        write_scene (argv[1], name, scene);
      measure (scene, name, settings);
    }
  return EXIT_SUCCESS;
}
