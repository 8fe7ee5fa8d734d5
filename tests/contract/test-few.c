/* test-few.c -- our own convolutions between channel blocks and a few channels, every width of registers this processor
 * has, against the plain-C ones in double: to the few, to the weights; threads, cancelling, what it does not take. */
#include "backend/few.h"
#include "base/alloc.h"
#include "support/convolution.h"
#include "support/support.h"
#include <string.h>

static const ConvCase cases[] = {
  { "one pixel", 1, 16, 1, 1, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "to a picture", 1, 48, 3, 12, 15, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "to a picture, 9 x 9", 2, 16, 3, 11, 211, { 9, 9 }, { 1, 1 }, { 1, 1 }, { 4, 4, 4, 4 } },
  { "to a picture, stride 2", 1, 32, 3, 13, 30, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "a picture", 1, 3, 32, 19, 22, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "a picture, 7 x 7", 1, 3, 64, 31, 33, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3, 3, 3 } },
  { "a picture, long rows, uneven padding", 2, 3, 16, 9, 415, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 1, 1, 0 } },
  { "two channels, 1 x 7, padding beyond the picture", 1, 16, 2, 3, 2, { 1, 7 }, { 1, 1 }, { 1, 1 }, { 0, 6, 0, 6 } },
  { "four channels", 1, 32, 4, 9, 10, { 3, 2 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "from four channels, strides that differ", 1, 4, 16, 13, 18, { 3, 4 }, { 1, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "stride 3 of 2 x 2: gaps", 1, 2, 16, 14, 13, { 2, 2 }, { 3, 3 }, { 1, 1 }, { 0 } },
  { "dilated", 1, 16, 3, 17, 15, { 3, 3 }, { 1, 1 }, { 2, 3 }, { 2, 3, 2, 3 } },
  { "dilated, stride 2", 1, 3, 16, 17, 15, { 3, 3 }, { 2, 2 }, { 3, 2 }, { 1, 2, 1, 2 } },
  { "padding beyond the kernel", 1, 1, 16, 5, 6, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 3, 2, 4, 3 } },
  { "padding that removes", 1, 1, 16, 9, 8, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 2, 2, 2, 2 } },
  { "pictures of training", 9, 1, 32, 28, 28, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "more pictures than parts", 33, 1, 16, 3, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many channels", 1, 1040, 1, 6, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
};

/* (transfer full, rv__free): the result of one direction, as the kernel lays it out; NULL: there is no kernel. */
static float *
compute (const ConvProblem *p, const RvLanes *lanes, const RvConvSpec *spec, int n_threads)
{
  RvFew *few = rv__few_new (lanes, spec, n_threads);
  if (!few)
    return NULL;
  gboolean forward = spec->direction == RV_CONV_FORWARD, weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS;
  float *packed = rv__alloc (rv__few_packed_bytes (few), "weights", NULL);
  void *scratch = rv__alloc (rv__few_scratch_bytes (few), "scratch", NULL);
  float *big = conv_lay_out (&spec->big, spec->big_block, spec->direction == RV_CONV_BACKWARD_DATA ? NULL : p->x.plain);
  float *small = conv_lay_out (&spec->small, spec->small_block, forward ? NULL : p->gy.plain);
  float *gw = weights ? conv_lay_out (&spec->weights, 1, NULL) : NULL, *made = weights ? gw : forward ? small : big;
  memset (scratch, 0xff, rv__few_scratch_bytes (few));

  if (weights) {
    rv__few_run_weights (few, big, small, gw, scratch, p->cancellable);
  } else {
    rv__few_pack (few, p->w.plain, packed);
    rv__few_run (few, forward ? big : small, packed, forward ? p->b.plain : NULL, made, scratch, p->cancellable);
  }
  float *all[] = { packed, scratch, big, small, gw };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != made)
      rv__free (all[i]);
  rv__few_free (few);
  return made;
}

/* It is there to the few and to weights, but not to the weights of a stride to the few. Four can be a block. */
static gboolean
expected (const ConvCase *c, const RvConvSpec *spec, int lanes)
{
  gboolean to_picture = c->in % lanes == 0, strided = c->stride[0] > 1 || c->stride[1] > 1;
  if (c->in % lanes == 0 && c->out % lanes == 0)
    return FALSE;
  if (spec->direction == RV_CONV_BACKWARD_WEIGHTS)
    return !(to_picture && strided);
  return to_picture == (spec->direction == RV_CONV_FORWARD);
}

static void
check_directions (const ConvProblem *p, const RvLanes *lanes)
{
  for (int direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_WEIGHTS; direction++) {
    RvConvSpec spec = conv_problem_spec (p, (RvConvDirection) direction, lanes->lanes);
    int block;
    gsize bytes = (gsize) rv_shape_count (conv_made (&spec, &block)) * sizeof (float);
    float *one = compute (p, lanes, &spec, 1), *five = compute (p, lanes, &spec, 5);
    g_assert_cmpint (one != NULL, ==, expected (p->c, &spec, lanes->lanes));
    if (one) {
      conv_assert_right (p, &spec, one);
      g_assert_cmpmem (one, bytes, five, bytes);
    }
    rv__free (one);
    rv__free (five);
  }
}

/* Once it is cancelled, weights get no more than the sum of nothing. */
static void
check_cancelled (const ConvProblem *p, const RvLanes *lanes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ConvProblem cancelled = *p;
  cancelled.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  RvConvSpec weights = conv_problem_spec (p, RV_CONV_BACKWARD_WEIGHTS, lanes->lanes);
  float *gw = compute (&cancelled, lanes, &weights, 2);
  for (gint64 i = 0; gw && i < rv_shape_count (&weights.weights); i++)
    g_assert_cmpfloat (gw[i], ==, 0);
  rv__free (gw);
}

static void
check (ConvProblem *problem, const RvLanes *lanes)
{
  check_directions (problem, lanes);
  check_cancelled (problem, lanes);
}

static void
test_lanes (gconstpointer lanes)
{
  conv_check_each (lanes, cases, G_N_ELEMENTS (cases), check);
}

/* More than a few, none in blocks, blocks of another size, adding to what is there: no kernel, no crash. */
static void
test_none (void)
{
  const RvLanes *lanes = rv__lanes_here ();
  RvConvSpec fits = { .direction = RV_CONV_FORWARD,
                      .big = rv_shape (4, 1, 96, 4, 4),
                      .small = rv_shape (4, 1, 3, 4, 4),
                      .weights = rv_shape (4, 3, 96, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .big_block = lanes->lanes,
                      .small_block = 1 };
  RvConvSpec five = fits, plain = fits, other = fits, adds = fits, wide = fits;
  five.small = rv_shape (4, 1, 5, 4, 4), five.weights = rv_shape (4, 5, 96, 1, 1);
  plain.big_block = 1;
  other.big_block = 3;
  adds.accumulate = TRUE;
  wide.weights = rv_shape (4, 3, 96, 1, 33);
  const RvConvSpec *const none[] = { &five, &plain, &other, &adds, &wide };
  RvFew *few = rv__few_new (lanes, &fits, 1);
  g_assert_nonnull (few);
  rv__few_free (few);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_null (rv__few_new (lanes, none[i], 1));
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
