/* bench-parts.c -- bench-parts [NETWORK HEIGHT WIDTH]: median milliseconds of an iteration by kind of op. Default: the
 * built-in network at 512 x 512. NETWORK: vgg16 or vgg19, with formula weights. */
#include "backend/backend.h"
#include "bench.h"
#include "method/objective/objective.h"
#include "optim/optim.h"
#include "support/formula.h"
#include <stdio.h>
#include <stdlib.h>

#define SIDE 528 /* 512 and the margin */
#define RUNS 15

static double
median (double *values, int n)
{
  qsort (values, n, sizeof *values, bench_by_value);
  return values[n / 2];
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gboolean vgg = argc == 4;
  const char *name = vgg ? argv[1] : "builtin";
  int height = vgg ? (int) g_ascii_strtoll (argv[2], NULL, 10) : SIDE;
  int width = vgg ? (int) g_ascii_strtoll (argv[3], NULL, 10) : SIDE;
  g_autoptr (RvNet) net = vgg ? formula_vgg (name, "torchvision", 1, 0.1) : rv_net_new_builtin (NULL);
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  g_autoptr (GArray) terms = rv__terms_new ();
  rv__terms_add (terms, rv__loss_find ("content", "relative"), 1, vgg ? "conv5_2" : "conv4_2", name, NULL, NULL);
  rv__terms_add (terms, rv__loss_find ("style", "relative"), 1, "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", name, NULL,
                 NULL);
  rv__terms_add (terms, rv__loss_find ("tv", "squared"), 1e-4, NULL, name, NULL, NULL);
  RvObjectiveSpec spec = { .type = RV_F32,
                           .net = net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__backend_find (NULL, NULL),
                           .compile = { .n_threads = 2,
                                        .kernels = kernels,
                                        .tune_s = 60,
                                        .precision =
                                          g_getenv ("REVERIE_BENCH_AUTO") ? RV_PRECISION_AUTO : RV_PRECISION_F32 },
                           .terms = terms,
                           .space = rv__rgb_0_255 };
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, height, width, &error);
  g_autofree float *picture = g_new (float, 3 * height * width);
  for (int i = 0; i < 3 * height * width; i++)
    picture[i] = (float) (i * 7 % 256);
  if (!objective || !rv__objective_measure_and_add_target (objective, picture, height, width, 1, &error) ||
      !rv__objective_bind (objective, &error) || !rv__objective_set_features (objective, 0, picture, &error)) {
    fprintf (stderr, "bench-parts: %s\n", error->message);
    return EXIT_FAILURE;
  }
  RvOptimSettings settings = { .learning_rate = 5, .decay = 1, .decay_steps = 1, .gradient_scale = 1 };
  g_autoptr (RvOptim) adam = rv__optim_new (rv__optim_find ("adam"), &settings, 3 * height * width, NULL);
  double evaluate_ms[RUNS], step_ms[RUNS];
  for (int i = -2; i < RUNS; i++) {
    RvLosses losses;
    gint64 began = g_get_monotonic_time ();
    rv__objective_evaluate (objective, &losses, NULL);
    gint64 evaluated = g_get_monotonic_time ();
    adam->class->step (adam, rv__objective_x (objective), losses.total, rv__objective_gradient (objective));
    if (i >= 0) {
      evaluate_ms[i] = (double) (evaluated - began) / 1e3;
      step_ms[i] = (double) (g_get_monotonic_time () - evaluated) / 1e3;
    }
  }
  printf ("one iteration at %d x %d: loss and gradient %.1f ms, Adam %.2f ms\n", height, width,
          median (evaluate_ms, RUNS), median (step_ms, RUNS));

  /* Measures the same ops one by one. */
  RvExecutable *executable = rv__objective_executable (objective);
  double by_kind[RV_N_OPS] = { 0 }, total = 0;
  for (int s = 0; s < (int) executable->program->calls->len; s++) {
    double ms[RUNS];
    for (int i = 0; i < RUNS; i++) {
      gint64 began = g_get_monotonic_time ();
      executable->backend->run (executable, s, NULL);
      ms[i] = (double) (g_get_monotonic_time () - began) / 1e3;
    }
    double m = median (ms, RUNS);
    if (g_getenv ("REVERIE_BENCH_STEPS")) {
      const RvOpCall *step = rv__program_call (executable->program, s);
      g_autofree char *in = rv_shape_text (rv__program_shape (executable->program, step->in[0]));
      g_autofree char *out = rv_shape_text (rv__program_shape (executable->program, step->out[0]));
      printf ("    %-32s %-22s -> %-22s %7.2f ms\n", rv__op_name (step->kind), in, out, m);
    }
    by_kind[rv__program_call (executable->program, s)->kind] += m;
    total += m;
  }
  for (int kind = 0; kind < RV_N_OPS; kind++)
    if (by_kind[kind] > 0)
      printf ("  %-32s %6.2f ms  %4.1f %%\n", rv__op_name (kind), by_kind[kind], 100 * by_kind[kind] / total);
  return EXIT_SUCCESS;
}
