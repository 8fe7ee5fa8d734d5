/* test-thin.c -- the kernel for convolutions between channel blocks and few channels against plain C in double. Tests
 * all directions and every SIMD width of this processor; threads, cancellation, unsupported shapes. */
#include "base/alloc.h"
#include "support/convolution.h"
#include "support/support.h"

static const ConvCase cases[] = {
  { "one pixel", 1, 16, 1, 1, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "to a picture", 1, 48, 3, 12, 15, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "to a picture, 9 x 9", 2, 16, 3, 11, 211, { 9, 9 }, { 1, 1 }, { 1, 1 }, { 4, 4, 4, 4 } },
  { "to a picture, stride 2", 1, 32, 3, 13, 30, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "from a picture", 1, 3, 32, 19, 22, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "from a picture, 7 x 7", 1, 3, 64, 31, 33, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3, 3, 3 } },
  { "from a picture, long rows, asymmetric padding", 2, 3, 16, 9, 415, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 1, 1, 0 } },
  { "to two channels, 1 x 7, padding beyond the picture",
    1,
    16,
    2,
    3,
    2,
    { 1, 7 },
    { 1, 1 },
    { 1, 1 },
    { 0, 6, 0, 6 } },
  { "to four channels", 1, 32, 4, 9, 10, { 3, 2 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "from four channels, different strides along the axes",
    1,
    4,
    16,
    13,
    18,
    { 3, 4 },
    { 1, 2 },
    { 1, 1 },
    { 1, 1, 1, 1 } },
  { "2 x 2, stride 3: unused inputs", 1, 2, 16, 14, 13, { 2, 2 }, { 3, 3 }, { 1, 1 }, { 0 } },
  { "dilated", 1, 16, 3, 17, 15, { 3, 3 }, { 1, 1 }, { 2, 3 }, { 2, 3, 2, 3 } },
  { "dilated, stride 2", 1, 3, 16, 17, 15, { 3, 3 }, { 2, 2 }, { 3, 2 }, { 1, 2, 1, 2 } },
  { "padding beyond the kernel", 1, 1, 16, 5, 6, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 3, 2, 4, 3 } },
  { "full padding", 1, 1, 16, 9, 8, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 2, 2, 2, 2 } },
  { "batch of training pictures", 9, 1, 32, 28, 28, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "more pictures than parts", 33, 1, 16, 3, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many channels", 1, 1040, 1, 6, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
};

/* Whether there is a kernel. There is one if the output has few channels, and for the gradient of weights, except for a
 * strided convolution to few channels. Four channels can be a block: then there is none. */
static gboolean
expected (const ConvCase *c, RvConvDirection direction, int lanes)
{
  gboolean to_picture = c->in % lanes == 0, strided = c->stride[0] > 1 || c->stride[1] > 1;
  if (c->in % lanes == 0 && c->out % lanes == 0)
    return FALSE;
  if (direction == RV_CONV_BACKWARD_WEIGHTS)
    return !(to_picture && strided);
  return to_picture == (direction == RV_CONV_FORWARD);
}

/* A cancelled call writes at most zeros to the gradient of the weights. */
static void
check_cancelled (const ConvProblem *p, const RvSimd *lanes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ConvProblem cancelled = *p;
  cancelled.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  RvConvSpec weights = conv_problem_spec (p, RV_CONV_BACKWARD_WEIGHTS, lanes->lanes);
  float *gw = conv_compute (&cancelled, &rv__conv_thin, lanes, &weights, &(ConvHow){ .n_threads = 2 });
  for (gint64 i = 0; gw && i < rv_shape_count (&weights.weights); i++)
    g_assert_cmpfloat (gw[i], ==, 0);
  rv__free (gw);
}

static void
check (ConvProblem *problem, const RvSimd *lanes)
{
  for (RvConvDirection direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_WEIGHTS; direction++)
    g_assert_cmpint (conv_check (problem, &rv__conv_thin, lanes, direction), ==,
                     expected (problem->c, direction, lanes->lanes));
  check_cancelled (problem, lanes);
}

static void
test_lanes (gconstpointer lanes)
{
  conv_check_each (lanes, cases, G_N_ELEMENTS (cases), check);
}

/* There is no kernel for five channels, plain rows, other block sizes, accumulation, or wide kernels. */
static void
test_none (void)
{
  const RvSimd *lanes = rv__simd_best ();
  RvConvSpec fits = { .direction = RV_CONV_FORWARD,
                      .src = rv_shape (4, 1, 96, 4, 4),
                      .dst = rv_shape (4, 1, 3, 4, 4),
                      .weights = rv_shape (4, 3, 96, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .src_block = lanes->lanes,
                      .dst_block = 1 };
  RvConvSpec five = fits, plain = fits, other = fits, adds = fits, wide = fits;
  five.dst = rv_shape (4, 1, 5, 4, 4), five.weights = rv_shape (4, 5, 96, 1, 1);
  plain.src_block = 1;
  other.src_block = 3;
  adds.accumulate = TRUE;
  wide.weights = rv_shape (4, 3, 96, 1, 33);
  const RvConvSpec *const none[] = { &five, &plain, &other, &adds, &wide };
  gpointer few = rv__conv_thin.open (NULL, lanes, &fits, 1);
  g_assert_nonnull (few);
  rv__conv_thin.close (few);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    conv_assert_none (&rv__conv_thin, none[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/few/4", GINT_TO_POINTER (4), test_lanes);
  g_test_add_data_func ("/few/8", GINT_TO_POINTER (8), test_lanes);
  g_test_add_data_func ("/few/16", GINT_TO_POINTER (16), test_lanes);
  g_test_add_func ("/few/none", test_none);
  return g_test_run ();
}
