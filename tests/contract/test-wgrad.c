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

/* The triangle of a Gram matrix, mirrored, has the same bytes as all of it; several parts, ragged channels. */
static void
test_gram (gconstpointer lanes)
{
  const RvSimd *simd = rv__simd_for_width (GPOINTER_TO_INT (lanes));
  if (!simd) {
    g_test_skip ("this processor lacks these vectors");
    return;
  }
  enum { C = 52, POSITIONS = 20 * 17, PICTURES = 3 };
  static float x[PICTURES * C * POSITIONS], results[2][C * C];
  RvShape shape = rv_shape (4, PICTURES, C, 20, 17);
  RvConvSpec spec = { .direction = RV_CONV_BACKWARD_WEIGHTS,
                      .src = shape,
                      .dst = shape,
                      .weights = rv_shape (4, C, C, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .src_block = 1,
                      .dst_block = 1 };
  for (int i = 0; i < PICTURES * C * POSITIONS; i++)
    x[i] = (float) (i * 37 % 101) / 101 - 0.3f;
  for (int k = 0; k < 2; k++) {
    spec.gram = k;
    gpointer kernel = rv__conv_wgrad.open (NULL, simd, &spec, 2);
    void *scratch = rv__alloc (rv__conv_wgrad.scratch_bytes (kernel), "scratch", NULL);
    g_assert_true (
      rv__conv_wgrad.run (kernel, NULL, &(RvConvArgs){ .src = x, .dst = x, .weights = results[k] }, scratch));
    rv__free (scratch);
    rv__conv_wgrad.close (kernel);
  }
  g_assert_cmpmem (results[0], sizeof results[0], results[1], sizeof results[1]);
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
  g_test_add_data_func ("/outer/gram/4", GINT_TO_POINTER (4), test_gram);
  g_test_add_data_func ("/outer/gram/8", GINT_TO_POINTER (8), test_gram);
  g_test_add_data_func ("/outer/gram/16", GINT_TO_POINTER (16), test_gram);
  g_test_add_func ("/outer/none", test_none);
  return g_test_run ();
}
