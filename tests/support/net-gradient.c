/* net-gradient.c -- net-gradient NETWORK.onnx PICTURE OUT ROWS COLS f32|f64 [RUNS]: runs a network forward and
 * backward, for tests/long/onnx-torchvision.py. With RUNS, measures kernels first and prints the median of the
 * processor time of a run on one thread, ms, for bench/peer-torch-onnx.py. PICTURE: [3, ROWS, COLS] f32, the input as
 * it is. The layer is "class", as means over positions, or the last layer. OUT: f64; the layer's values, then the
 * gradient of their mean square with respect to the picture. f64 runs the plain C of all ops. */
#include "backend/backend.h"
#include "../../bench/bench.h"
#include "graph/graph.h"
#include "net/net.h"
#include "support.h"
#include <reverie/networks.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
set_reals (RvExecutable *executable, int value, double *numbers)
{
  gint64 n = rv_shape_count (rv__program_shape (executable->program, value));
  if (executable->program->type == RV_F32)
    for (gint64 i = 0; i < n; i++)
      ((float *) (void *) numbers)[i] = (float) numbers[i];
  rv__executable_set (executable, value, numbers, NULL);
}

/* Program with the fastest kernels, for one thread. */
static RvExecutable *
tuned_executable (RvProgram *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  RvCompileSettings settings = { .n_threads = 1, .kernels = kernels, .tune_s = 120 };
  RvExecutable *executable = rv__graph_compile (program, rv__backend_find ("cpu", NULL), &settings, &error);
  g_assert_no_error (error);
  rv__executable_bind (executable, &error);
  g_assert_no_error (error);
  return executable;
}

static void
print_median_ms (RvExecutable *executable, int n_runs)
{
  g_autofree double *ms = g_new (double, n_runs);
  for (int i = -2; i < n_runs; i++) {
    double start = bench_processor_ms ();
    g_assert_true (rv__executable_forward (executable, NULL) && rv__executable_backward (executable, NULL));
    if (i >= 0)
      ms[i] = bench_processor_ms () - start;
  }
  qsort (ms, (gsize) n_runs, sizeof *ms, bench_by_value);
  printf ("%.1f\n", ms[n_runs / 2]);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = argc == 7 || argc == 8
                            ? rv_network_load (NULL, argv[1], "rgb_0_255 minus 0 divided by 1", NULL, NULL, &error)
                            : NULL;
  g_autofree char *picture = NULL;
  if (!net || !g_file_get_contents (argv[2], &picture, NULL, &error)) {
    fprintf (stderr, "%s\n", error ? error->message : "net-gradient NETWORK.onnx PICTURE OUT ROWS COLS f32|f64");
    return EXIT_FAILURE;
  }
  RvShape shape = rv_shape (4, 1, 3, atoi (argv[4]), atoi (argv[5]));
  gint64 n_pixels = rv_shape_count (&shape);
  gboolean wide = strcmp (argv[6], "f64") == 0;
  TestLayers taps = { rv__program_new (wide ? RV_F64 : RV_F32),
                      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  RvProgram *program = taps.program;
  int x = rv__program_input (program, &shape);
  rv__net_record (net, &(RvNetVariant){ 0 }, program, x, &rv__rgb_0_255, test_on_layer, &taps);
  g_assert_no_error (program->error);
  const char *const *layers = rv_net_layers (rv_net_name (net));
  gboolean has_class = g_strv_contains (layers, "class");
  const char *layer = has_class ? "class" : layers[g_strv_length ((char **) layers) - 1];
  int y = GPOINTER_TO_INT (g_hash_table_lookup (taps.values, layer));
  RvShape of_layer = *rv__program_shape (program, y);
  gint64 n = rv_shape_count (&of_layer), positions = has_class ? of_layer.dim[2] * of_layer.dim[3] : 1;
  int grad_y = rv__program_input (program, &of_layer);
  int grad_x = rv__graph_differentiate (program, &(RvGradSeed){ y, grad_y }, 1, x);
  int n_runs = argc == 8 ? atoi (argv[7]) : 0;
  RvExecutable *executable =
    n_runs > 0 ? tuned_executable (program) : test_executable (program, wide ? "reference" : "cpu");

  g_autofree double *pixels = g_new (double, n_pixels);
  for (gint64 i = 0; i < n_pixels; i++)
    pixels[i] = ((const float *) (void *) picture)[i];
  set_reals (executable, x, pixels);
  g_assert_true (rv__executable_forward (executable, NULL));
  g_autofree double *values = test_get (executable, y), *grad = g_new (double, n);
  gint64 n_values = n / positions;
  for (gint64 c = 0; c < n_values; c++) {
    double sum = 0;
    for (gint64 p = 0; p < positions; p++)
      sum += values[c * positions + p];
    values[c] = sum / (double) positions;
    for (gint64 p = 0; p < positions; p++)
      grad[c * positions + p] = 2 * values[c] / (double) n;
  }
  set_reals (executable, grad_y, grad);
  g_assert_true (rv__executable_backward (executable, NULL));
  if (n_runs > 0)
    print_median_ms (executable, n_runs);
  g_autofree double *gradient = test_get (executable, grad_x);
  FILE *out = fopen (argv[3], "wb");
  gboolean written = out && fwrite (values, sizeof *values, (size_t) n_values, out) == (size_t) n_values &&
                     fwrite (gradient, sizeof *gradient, (size_t) n_pixels, out) == (size_t) n_pixels;
  return out && fclose (out) == 0 && written ? EXIT_SUCCESS : EXIT_FAILURE;
}
