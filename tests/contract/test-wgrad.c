/* test-wgrad.c -- the kernel for gradients of a convolution's weights against plain C in double, for every SIMD width
 * of this processor; threads, cancellation, unsupported shapes. Other widths are skipped. */
#include "base/alloc.h"
#include "support/convolution.h"
#include "support/support.h"

static const ConvCase more[] = {
  { "more pictures than parts", 33, 16, 16, 3, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "sums too large for many parts", 3, 272, 288, 5, 4, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "no position under some taps", 1, 16, 16, 3, 3, { 3, 3 }, { 2, 2 }, { 3, 3 }, { 3, 3, 3, 3 } },
};

/* Asserts that the gradient is right, and that a cancelled call writes at most zeros to it. */
static void
check (ConvProblem *problem, const RvSimd *lanes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RvConvSpec spec = conv_problem_spec (problem, RV_CONV_BACKWARD_WEIGHTS, lanes->lanes);
  g_assert_true (conv_check (problem, &rv__conv_wgrad, lanes, RV_CONV_BACKWARD_WEIGHTS));
  problem->cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  float *none = conv_compute (problem, &rv__conv_wgrad, lanes, &spec, &(ConvHow){ .n_threads = 2 });
  for (gint64 i = 0; i < problem->w.n; i++)
    g_assert_cmpfloat (none[i], ==, 0);
  rv__free (none);
}

static void
test_lanes (gconstpointer lanes)
{
  conv_check_each (lanes, conv_cases, conv_n_cases, check);
  conv_check_each (lanes, more, G_N_ELEMENTS (more), check);
}

/* There is no kernel for other block sizes and directions. */
static void
test_none (void)
{
  RvShape shape = rv_shape (4, 1, 96, 4, 4);
  RvConvSpec spec = { .direction = RV_CONV_BACKWARD_WEIGHTS,
                      .src = shape,
                      .dst = shape,
                      .weights = rv_shape (4, 96, 96, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .src_block = 3,
                      .dst_block = 1 };
  conv_assert_none (&rv__conv_wgrad, &spec);
  spec.src_block = 1;
  spec.direction = RV_CONV_FORWARD;
  conv_assert_none (&rv__conv_wgrad, &spec);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/outer/4", GINT_TO_POINTER (4), test_lanes);
  g_test_add_data_func ("/outer/8", GINT_TO_POINTER (8), test_lanes);
  g_test_add_data_func ("/outer/16", GINT_TO_POINTER (16), test_lanes);
  g_test_add_func ("/outer/none", test_none);
  return g_test_run ();
}
