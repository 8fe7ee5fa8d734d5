/* test-choose.c -- choice of kernels, on a busy and on an idle machine. test-backend.c and a test of each kernel check
 * results. */
#include "backend/conv.h"
#include "backend/kernel-table.h"
#include "base/alloc.h"
#include "base/system.h"
#include "support/convolution.h"
#include "support/support.h"

static const ConvCase cases[] = {
  { "1 x 1", 1, 64, 128, 28, 28, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "from a picture", 1, 3, 64, 50, 66, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
};

static double waited_s;

/* CPU wait time on a busy machine: rises by 1000 s at each call. */
static double
waiting (void)
{
  return waited_s += 1000;
}

#define LONG_US 20000

static double
waiting_long (void)
{
  g_usleep (LONG_US);
  return waiting ();
}

static double
not_waiting (void)
{
  return waited_s;
}

/* Chooses a kernel for an executable with two threads. */
static RvConv *
choose (const ConvProblem *problem, RvConvDirection direction, const RvConvChooser *chooser, RvKernelTable *kernels)
{
  RvConvSpec spec = conv_problem_spec (problem, direction, rv__simd_best ()->lanes);
  RvExecutable executable = { .n_threads = 2, .tune_s = 100, .kernels = kernels };
  return rv__conv_choose (chooser, &executable, &spec, TRUE);
}

/* (transfer full, rv__free): the gradient of the weights. */
static float *
compute_weights (const ConvProblem *problem, RvConv *conv, RvOnednn *onednn)
{
  float *src = conv_lay_out (&conv->spec.src, conv->spec.src_block, problem->x.plain);
  float *dst = conv_lay_out (&conv->spec.dst, conv->spec.dst_block, problem->gy.plain);
  float *weights = conv_lay_out (&conv->spec.weights, 1, NULL);
  void *scratch = rv__alloc (rv__conv_scratch_bytes (conv), "scratch", NULL);
  g_assert_true (rv__conv_run (conv, onednn, &(RvConvArgs){ .src = src, .dst = dst, .weights = weights }, scratch));
  rv__free (src);
  rv__free (dst);
  rv__free (scratch);
  return weights;
}

/* On a busy machine a kernel is measured by processor time, stored, and planned for all threads: the next run gets the
 * same bytes. */
static void
check_in_company (const ConvCase *c, RvOnednn *onednn)
{
  ConvProblem problem;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  const RvConvChooser in_company = { onednn, G_MAXINT64, G_MAXSIZE, waiting },
                      alone = { onednn, G_MAXINT64, G_MAXSIZE, not_waiting };
  conv_problem_init (&problem, c);
  RvConv *first = choose (&problem, RV_CONV_BACKWARD_WEIGHTS, &in_company, kernels);
  g_assert_cmpuint (rv__kernel_table_size (kernels), ==, 1);
  g_assert_cmpuint (rv__kernel_table_n_guessed (kernels), ==, 0);
  RvConv *second = choose (&problem, RV_CONV_BACKWARD_WEIGHTS, &alone, kernels);
  g_assert_cmpint (first->kind, ==, second->kind);
  g_assert_cmpuint (rv__conv_scratch_bytes (first), ==, rv__conv_scratch_bytes (second));
  float *of_first = compute_weights (&problem, first, onednn), *of_second = compute_weights (&problem, second, onednn);
  gsize bytes = (gsize) problem.w.n * sizeof (float);
  g_assert_cmpmem (of_first, bytes, of_second, bytes);
  rv__free (of_first);
  rv__free (of_second);
  rv__conv_free (first);
  rv__conv_free (second);
  conv_problem_clear (&problem);
}

static void
test_in_company (void)
{
  RvOnednn *onednn = rv__onednn_open ();
  int before = rv__system_use_threads (2);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_in_company (&cases[i], onednn);
  rv__system_use_threads (before);
  rv__onednn_close (onednn);
}

/* Without time to measure again, a result from a busy machine is for this run only. */
static void
test_no_time (void)
{
  ConvProblem problem;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  RvOnednn *onednn = rv__onednn_open ();
  conv_problem_init (&problem, &cases[0]);
  const RvConvChooser chooser = { onednn, g_get_monotonic_time () + LONG_US / 2, G_MAXSIZE, waiting_long };
  RvConv *conv = choose (&problem, RV_CONV_FORWARD, &chooser, kernels);
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_assert_nonnull (conv);
  g_assert_cmpuint (rv__kernel_table_size (kernels), ==, 0);
  g_assert_cmpuint (rv__kernel_table_size (used), ==, 1);
  g_assert_cmpuint (rv__kernel_table_n_guessed (kernels), ==, 1); /* reported by a plan */
  rv__conv_free (conv);
  conv_problem_clear (&problem);
  rv__onednn_close (onednn);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/choose/in-company", test_in_company);
  g_test_add_func ("/choose/no-time", test_no_time);
  return g_test_run ();
}
