/* bench-flow.c -- bench-flow [FOLDER]: optical flow on scenes with known flow: mean end-point error over visible
 * pixels, and median milliseconds on one thread, for each preset. Writes the scenes to FOLDER for bench/peer-flow.py:
 * NAME-from.png, NAME-to.png, and NAME-truth.flo, the true flow, unknown where pixels are hidden. */
#include "base/settings.h"
#include "bench.h"
#include "support/flow-scene.h"
#include <reverie/flow.h>
#include <stdio.h>
#include <stdlib.h>

#define RUNS 7

/* Prints median time and end-point error of each preset on @scene. Also sets the preset in @settings. */
static void
measure (const FlowScene *scene, const char *name, RvSettings *settings)
{
  for (const char *const *preset = rv_option_choices (rv_settings_find_option ("flow", "preset")); *preset; preset++) {
    double ms[RUNS], error_px = 0;
    rv_settings_set (settings, "preset", *preset, NULL);
    for (int i = 0; i < RUNS; i++) {
      double began = bench_processor_ms ();
      g_autoptr (RvTensor) flow = rv_flow_estimate (scene->from, scene->to, NULL, settings, NULL, NULL, NULL);
      ms[i] = bench_processor_ms () - began;
      error_px = flow_error (flow, scene->flow, scene->seen);
    }
    qsort (ms, RUNS, sizeof *ms, bench_by_value);
    printf ("%s reverie %-7s %7.1f ms  %.3f px\n", name, *preset, ms[RUNS / 2], error_px);
  }
}

int
main (int argc, char **argv)
{
  static const int sizes[][2] = { { 360, 640 }, { 720, 1280 }, { 1080, 1920 } };
  g_autoptr (RvSettings) settings = rv_settings_new ("flow", NULL);
  rv__settings_set_int (settings, "threads", 1, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int larger = 0; larger < 2; larger++) {
      g_autofree char *name = g_strdup_printf ("%dx%d-%s", sizes[i][1], sizes[i][0], larger ? "large" : "small");
      g_autoptr (FlowScene) scene = flow_scene_new (sizes[i][0], sizes[i][1], &flow_motions[larger]);
      g_autofree char *prefix = g_strconcat (name, "-", NULL);
      g_autoptr (GError) error = NULL;
      if (argc > 1 && !flow_scene_save (scene, argv[1], prefix, &error)) {
        fprintf (stderr, "bench-flow: %s\n", error->message);
        return EXIT_FAILURE;
      }
      measure (scene, name, settings);
    }
  return EXIT_SUCCESS;
}
