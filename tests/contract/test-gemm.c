/* test-gemm.c -- the GEMM kernel for convolutions of any shape against plain C in double, for every SIMD width of this
 * processor: forward and backward-data; post-ops, accumulation, threads. Other widths are skipped. */
#include "base/alloc.h"
#include "support/convolution.h"
#include "support/support.h"
#include <string.h>

/* (transfer full, rv__free): output of the forward convolution, on two threads. @to: as in ConvHow. */
static float *
compute (const ConvProblem *p, const RvSimd *lanes, const RvConvSpec *spec, RvPostOp after, guint8 *bits,
         const float *to)
{
  return conv_compute (p, &rv__conv_gemm, lanes, spec, &(ConvHow){ 2, after, bits, to });
}

static void
check_accumulate (const ConvProblem *p, const RvSimd *lanes)
{
  RvConvSpec spec = conv_problem_spec (p, RV_CONV_FORWARD, lanes->lanes);
  g_autofree double *sum = g_new (double, p->gy.n);
  for (gint64 i = 0; i < p->gy.n; i++)
    sum[i] = p->y[i] + p->gy.right[i];
  spec.accumulate = TRUE;
  float *made = compute (p, lanes, &spec, RV_POST_OP_NONE, NULL, p->gy.plain);
  conv_assert_near (made, &spec.dst, spec.dst_block, sum);
  rv__free (made);
}

/* A cancelled call writes nothing. */
static void
check_cancelled (const ConvProblem *p, const RvSimd *lanes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ConvProblem cancelled = *p;
  cancelled.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  RvConvSpec spec = conv_problem_spec (p, RV_CONV_FORWARD, lanes->lanes);
  gsize bytes = (gsize) rv_shape_count (&spec.dst) * sizeof (float);
  float *made = compute (&cancelled, lanes, &spec, RV_POST_OP_NONE, NULL, p->gy.plain);
  float *before = conv_lay_out (&spec.dst, spec.dst_block, p->gy.plain);
  g_assert_cmpmem (made, bytes, before, bytes);
  rv__free (made);
  rv__free (before);
}

/* ReLU as a post-op, and its backward pass, give the bytes of separate ops. */
static void
check_after (const ConvProblem *p, const RvSimd *lanes)
{
  RvConvSpec spec = conv_problem_spec (p, RV_CONV_FORWARD, lanes->lanes);
  gsize n = (gsize) p->gy.n, bytes = n * sizeof (float);
  g_autofree float *relu = g_new (float, n), *masked = g_new (float, n);
  g_autofree guint8 *right_bits = g_new0 (guint8, n / 8), *bits = g_new0 (guint8, n / 8), *mask = g_new (guint8, n / 8);
  float *plain = compute (p, lanes, &spec, RV_POST_OP_NONE, NULL, NULL);
  RvView y = { plain, spec.dst, lanes->lanes };
  RvView relu_out[] = { { relu, spec.dst, lanes->lanes }, { right_bits, spec.dst, lanes->lanes } };
  rv__op_class (RV_OP_RELU, RV_F32)->run (NULL, 1, &y, relu_out);
  for (gsize i = 0; i < n / 8; i++)
    mask[i] = (guint8) (i * 37 + 11);
  RvView mask_in[] = { y, { mask, spec.dst, lanes->lanes } };
  rv__op_class (RV_OP_RELU_BACKWARD, RV_F32)->run (NULL, 2, mask_in, &(RvView){ masked, spec.dst, lanes->lanes });

  float *without = compute (p, lanes, &spec, RV_POST_OP_RELU, NULL, NULL);
  g_assert_cmpmem (without, bytes, relu, bytes);
  if (lanes->lanes > 4) { /* with four lanes, two vectors share a byte of bits */
    float *with = compute (p, lanes, &spec, RV_POST_OP_RELU_SAVE_MASK, bits, NULL);
    float *backward = compute (p, lanes, &spec, RV_POST_OP_APPLY_MASK, mask, NULL);
    g_assert_cmpmem (with, bytes, relu, bytes);
    g_assert_cmpmem (bits, n / 8, right_bits, n / 8);
    g_assert_cmpmem (backward, bytes, masked, bytes);
    rv__free (with);
    rv__free (backward);
  }
  rv__free (plain);
  rv__free (without);
}

static void
check (ConvProblem *problem, const RvSimd *lanes)
{
  g_assert_true (conv_check (problem, &rv__conv_gemm, lanes, RV_CONV_FORWARD));
  g_assert_true (conv_check (problem, &rv__conv_gemm, lanes, RV_CONV_BACKWARD_DATA));
  check_accumulate (problem, lanes);
  check_cancelled (problem, lanes);
  if (problem->c->out % lanes->lanes == 0)
    check_after (problem, lanes);
}

static void
test_lanes (gconstpointer lanes)
{
  conv_check_each (lanes, conv_cases, conv_n_cases, check);
}

/* There is no kernel for other block sizes, nor for the gradient of weights. */
static void
test_none (void)
{
  RvShape shape = rv_shape (4, 1, 96, 4, 4);
  RvConvSpec spec = { .src = shape,
                      .dst = shape,
                      .weights = rv_shape (4, 96, 96, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .src_block = 3,
                      .dst_block = 1 };
  conv_assert_none (&rv__conv_gemm, &spec);
  spec.direction = RV_CONV_BACKWARD_WEIGHTS;
  spec.src_block = 1;
  conv_assert_none (&rv__conv_gemm, &spec);
}

/* ONEDNN_MAX_CPU_ISA, a variable of oneDNN, also limits Reverie's kernels. */
static void
test_switch (void)
{
  g_autofree char *was = g_strdup (g_getenv ("ONEDNN_MAX_CPU_ISA"));
  g_setenv ("ONEDNN_MAX_CPU_ISA", "SSE41", TRUE);
  g_assert_cmpint (rv__simd_best ()->lanes, ==, 4);
  g_setenv ("ONEDNN_MAX_CPU_ISA", "AVX2", TRUE);
  g_assert_cmpint (rv__simd_best ()->lanes, ==, rv__simd_for_width (8) ? 8 : 4);
  if (was)
    g_setenv ("ONEDNN_MAX_CPU_ISA", was, TRUE);
  else
    g_unsetenv ("ONEDNN_MAX_CPU_ISA");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/gemm/4", GINT_TO_POINTER (4), test_lanes);
  g_test_add_data_func ("/gemm/8", GINT_TO_POINTER (8), test_lanes);
  g_test_add_data_func ("/gemm/16", GINT_TO_POINTER (16), test_lanes);
  g_test_add_func ("/gemm/none", test_none);
  g_test_add_func ("/gemm/switch", test_switch);
  return g_test_run ();
}
