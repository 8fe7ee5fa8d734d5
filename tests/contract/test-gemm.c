/* test-gemm.c -- our own convolutions of any shape, every width of registers this processor has, against the plain-C
 * ones in double: forward, to data, to weights; what follows, adding to what is there, threads. Registers it has not
 * are a counted skip. */
#include "backend/gemm.h"
#include "base/alloc.h"
#include "support/support.h"
#include <string.h>

#define TOLERANCE 2e-6 /* relative, L2 */

typedef struct {
  const char *what;
  int n, in, out, h, w, kernel[2], stride[2], dilation[2];
  RvPad pad;
} Case;

static const Case cases[] = {
  { "one of each", 1, 1, 1, 1, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "3 x 3", 1, 32, 32, 17, 23, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "a picture", 1, 3, 32, 19, 22, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "a picture, 7 x 7", 1, 3, 64, 31, 33, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3, 3, 3 } },
  { "to a picture", 1, 48, 3, 12, 15, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "to a picture, 9 x 9, in pieces", 2, 16, 3, 11, 211, { 9, 9 }, { 1, 1 }, { 1, 1 }, { 4, 4, 4, 4 } },
  { "a picture, in pieces", 2, 3, 16, 9, 415, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 1, 1, 0 } },
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
  { "no channels fill a vector", 2, 5, 7, 13, 9, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "channels left over", 1, 24, 40, 9, 11, { 5, 5 }, { 1, 1 }, { 1, 1 }, { 2, 2, 2, 2 } },
  { "stride 2, uneven", 1, 48, 32, 15, 14, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 0, 1, 1 } },
  { "stride 3 of 2 x 2: gaps", 1, 16, 16, 14, 13, { 2, 2 }, { 3, 3 }, { 1, 1 }, { 0 } },
  { "1 x 1", 1, 64, 96, 9, 9, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "1 x 1, stride 2", 1, 32, 64, 9, 12, { 1, 1 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "1 x 7", 1, 32, 48, 11, 19, { 1, 7 }, { 1, 1 }, { 1, 1 }, { 0, 3, 0, 3 } },
  { "strides that differ", 1, 16, 32, 13, 18, { 3, 4 }, { 1, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "dilated", 1, 16, 32, 17, 15, { 3, 3 }, { 1, 1 }, { 2, 3 }, { 2, 3, 2, 3 } },
  { "dilated, stride 2", 1, 32, 16, 17, 15, { 3, 3 }, { 2, 2 }, { 3, 2 }, { 1, 2, 1, 2 } },
  { "padding beyond the kernel", 1, 16, 16, 5, 6, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 3, 2, 4, 3 } },
  { "pictures of training", 9, 1, 32, 28, 28, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many positions", 1, 16, 16, 61, 103, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many channels", 1, 1040, 64, 6, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
};

/* ---- the right numbers ------------------------------------------------------------------------------------------- */

typedef struct {
  RvShape shape;
  double *right;
  float *plain;
  gint64 n;
} Numbers;

static Numbers
numbers (RvShape shape, guint32 stream)
{
  Numbers made = { shape, NULL, NULL, rv_shape_count (&shape) };
  made.right = g_new (double, made.n);
  made.plain = g_new (float, made.n);
  for (gint64 i = 0; i < made.n; i++)
    made.right[i] = made.plain[i] = (float) test_number (stream, (guint64) i);
  return made;
}

static void
numbers_clear (Numbers *made)
{
  g_free (made->right);
  g_free (made->plain);
}

/* The plain ops know no dilation: the kernel with its gaps, zeros in them. */
static RvShape
spread_shape (const Case *c)
{
  return rv_shape (4, c->out, c->in, (c->kernel[0] - 1) * c->dilation[0] + 1, (c->kernel[1] - 1) * c->dilation[1] + 1);
}

static gint64
spread_index (const Case *c, gint64 i)
{
  RvShape shape = spread_shape (c);
  gint64 v = i % c->kernel[1], u = i / c->kernel[1] % c->kernel[0], channels = i / c->kernel[1] / c->kernel[0];
  return (channels * shape.dim[2] + u * c->dilation[0]) * shape.dim[3] + v * c->dilation[1];
}

typedef struct {
  const Case *c;
  Numbers x, w, b, gy;
  double *y, *gx, *gw;       /* what is right */
  GCancellable *cancellable; /* (nullable) */
} Problem;

static void
problem_init (Problem *p, const Case *c)
{
  RvShape spread = spread_shape (c), x = rv_shape (4, c->n, c->in, c->h, c->w), y;
  RvOpAttrs attrs = { .conv = { { c->stride[0], c->stride[1] }, c->pad, { c->h, c->w } } };
  const RvOpClass *forward = rv__op_class (RV_OP_CONV2D, RV_F64);
  g_assert_true (forward->shape (&attrs, 2, (RvShape[]){ x, spread }, &y, NULL));
  *p = (Problem){ .c = c, .x = numbers (x, 1), .b = numbers (rv_shape (1, c->out), 3), .gy = numbers (y, 4) };
  p->w = numbers (rv_shape (4, c->out, c->in, c->kernel[0], c->kernel[1]), 2);
  g_autofree double *wide = g_new0 (double, rv_shape_count (&spread));
  for (gint64 i = 0; i < p->w.n; i++)
    wide[spread_index (c, i)] = p->w.right[i];

  RvView x_view = { p->x.right, x, 1 }, w_view = { wide, spread, 1 }, b_view = { p->b.right, p->b.shape, 1 };
  RvView gy_view = { p->gy.right, y, 1 };
  p->y = g_new (double, p->gy.n);
  forward->run (&attrs, 3, (RvView[]){ x_view, w_view, b_view }, &(RvView){ p->y, y, 1 });
  p->gx = g_new (double, p->x.n);
  rv__op_class (RV_OP_CONV2D_BACKWARD_DATA, RV_F64)
    ->run (&attrs, 2, (RvView[]){ gy_view, w_view }, &(RvView){ p->gx, x, 1 });
  g_autofree double *wide_gradient = g_new (double, rv_shape_count (&spread));
  attrs.conv.extent[0] = (int) spread.dim[2], attrs.conv.extent[1] = (int) spread.dim[3];
  rv__op_class (RV_OP_CONV2D_BACKWARD_WEIGHTS, RV_F64)
    ->run (&attrs, 2, (RvView[]){ x_view, gy_view }, &(RvView){ wide_gradient, spread, 1 });
  p->gw = g_new (double, p->w.n);
  for (gint64 i = 0; i < p->w.n; i++)
    p->gw[i] = wide_gradient[spread_index (c, i)];
}

static void
problem_clear (Problem *p)
{
  numbers_clear (&p->x), numbers_clear (&p->w), numbers_clear (&p->b), numbers_clear (&p->gy);
  g_free (p->y), g_free (p->gx), g_free (p->gw);
}

/* ---- ours -------------------------------------------------------------------------------------------------------- */

static RvConvSpec
spec_of (const Problem *p, RvConvDirection direction, int lanes)
{
  const Case *c = p->c;
  return (RvConvSpec){ .direction = direction,
                       .big = p->x.shape,
                       .small = p->gy.shape,
                       .weights = p->w.shape,
                       .stride = { c->stride[0], c->stride[1] },
                       .dilation = { c->dilation[0], c->dilation[1] },
                       .pad = c->pad,
                       .big_block = c->in % lanes ? 1 : lanes,
                       .small_block = c->out % lanes ? 1 : lanes };
}

/* A value as the kernel has it, @from in plain rows; NULL: NaN, all of which must be written. */
static float *
lay_out (const RvShape *shape, int block, const float *from)
{
  gsize bytes = (gsize) rv_shape_count (shape) * sizeof (float);
  float *to = rv__alloc (bytes, "a value", NULL);
  memset (to, 0xff, bytes);
  RvView plain = { (void *) from, *shape, 1 }, view = { to, *shape, block };
  if (from)
    rv__reorder (&plain, &view, sizeof (float));
  return to;
}

static void
assert_near (const float *made, const RvShape *shape, int block, const double *right)
{
  gint64 n = rv_shape_count (shape);
  g_autofree float *plain = g_new (float, n);
  g_autofree double *ours = g_new (double, n);
  RvView lies = { (void *) made, *shape, block }, view = { plain, *shape, 1 };
  rv__reorder (&lies, &view, sizeof (float));
  for (gint64 i = 0; i < n; i++)
    ours[i] = plain[i];
  assert_less (test_relative (ours, right, n), TOLERANCE);
}

/* (transfer full): the result of one direction, as the kernel lays it out. @to: what it is added to; NULL: to nothing.
 */
static float *
compute (const Problem *p, const RvLanes *lanes, const RvConvSpec *spec, int n_threads, RvAfter after, guint8 *bits,
         const float *to)
{
  gboolean forward = spec->direction == RV_CONV_FORWARD, weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS;
  RvGemm *gemm = rv__gemm_new (lanes, spec, n_threads);
  float *packed = rv__alloc (rv__gemm_packed_bytes (gemm), "weights", NULL);
  void *scratch = rv__alloc (rv__gemm_scratch_bytes (gemm), "scratch", NULL);
  float *big = lay_out (&spec->big, spec->big_block, spec->direction == RV_CONV_BACKWARD_DATA ? to : p->x.plain);
  float *small = lay_out (&spec->small, spec->small_block, forward ? to : p->gy.plain);
  float *gw = weights ? lay_out (&spec->weights, 1, NULL) : NULL, *made = weights ? gw : forward ? small : big;
  memset (scratch, 0xff, rv__gemm_scratch_bytes (gemm));

  if (weights) {
    rv__gemm_run_weights (gemm, big, small, gw, scratch, p->cancellable);
  } else {
    rv__gemm_pack (gemm, p->w.plain, packed);
    rv__gemm_run (gemm, forward ? big : small, packed, forward ? p->b.plain : NULL, after, made, bits, scratch,
                  p->cancellable);
  }
  float *all[] = { packed, scratch, big, small, gw };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != made)
      rv__free (all[i]);
  rv__gemm_free (gemm);
  return made;
}

static void
check_directions (const Problem *p, const RvLanes *lanes)
{
  for (int direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_WEIGHTS; direction++) {
    RvConvSpec spec = spec_of (p, (RvConvDirection) direction, lanes->lanes);
    gboolean forward = direction == RV_CONV_FORWARD, data = direction == RV_CONV_BACKWARD_DATA;
    const RvShape *shape = forward ? &spec.small : data ? &spec.big : &spec.weights;
    int block = forward ? spec.small_block : data ? spec.big_block : 1;
    float *one = compute (p, lanes, &spec, 1, RV_AFTER_NOTHING, NULL, NULL);
    float *five = compute (p, lanes, &spec, 5, RV_AFTER_NOTHING, NULL, NULL);
    gsize bytes = (gsize) rv_shape_count (shape) * sizeof (float);
    assert_near (one, shape, block, forward ? p->y : data ? p->gx : p->gw);
    g_assert_cmpmem (one, bytes, five, bytes);
    rv__free (one);
    rv__free (five);
  }
}

static void
check_accumulate (const Problem *p, const RvLanes *lanes)
{
  RvConvSpec spec = spec_of (p, RV_CONV_FORWARD, lanes->lanes);
  g_autofree double *sum = g_new (double, p->gy.n);
  for (gint64 i = 0; i < p->gy.n; i++)
    sum[i] = p->y[i] + p->gy.right[i];
  spec.accumulate = TRUE;
  float *made = compute (p, lanes, &spec, 2, RV_AFTER_NOTHING, NULL, p->gy.plain);
  assert_near (made, &spec.small, spec.small_block, sum);
  rv__free (made);
}

/* Nothing is written once it is cancelled; weights get no more than the sum of nothing. */
static void
check_cancelled (const Problem *p, const RvLanes *lanes)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Problem cancelled = *p;
  cancelled.cancellable = cancellable;
  g_cancellable_cancel (cancellable);
  RvConvSpec spec = spec_of (p, RV_CONV_FORWARD, lanes->lanes),
             weights = spec_of (p, RV_CONV_BACKWARD_WEIGHTS, lanes->lanes);
  gsize bytes = (gsize) rv_shape_count (&spec.small) * sizeof (float);
  float *made = compute (&cancelled, lanes, &spec, 2, RV_AFTER_NOTHING, NULL, p->gy.plain);
  float *before = lay_out (&spec.small, spec.small_block, p->gy.plain);
  float *gw = compute (&cancelled, lanes, &weights, 2, RV_AFTER_NOTHING, NULL, NULL);
  g_assert_cmpmem (made, bytes, before, bytes);
  for (gint64 i = 0; i < rv_shape_count (&weights.weights); i++)
    g_assert_cmpfloat (gw[i], ==, 0);
  rv__free (made);
  rv__free (before);
  rv__free (gw);
}

/* ReLU and its backward pass: the same bytes as the ops' on the convolution's output. */
static void
check_after (const Problem *p, const RvLanes *lanes)
{
  RvConvSpec spec = spec_of (p, RV_CONV_FORWARD, lanes->lanes);
  gsize n = (gsize) p->gy.n, bytes = n * sizeof (float);
  g_autofree float *relu = g_new (float, n), *masked = g_new (float, n);
  g_autofree guint8 *right_bits = g_new0 (guint8, n / 8), *bits = g_new0 (guint8, n / 8), *mask = g_new (guint8, n / 8);
  float *plain = compute (p, lanes, &spec, 2, RV_AFTER_NOTHING, NULL, NULL);
  RvView y = { plain, spec.small, lanes->lanes };
  RvView relu_out[] = { { relu, spec.small, lanes->lanes }, { right_bits, spec.small, lanes->lanes } };
  rv__op_class (RV_OP_RELU, RV_F32)->run (NULL, 1, &y, relu_out);
  for (gsize i = 0; i < n / 8; i++)
    mask[i] = (guint8) (i * 37 + 11);
  RvView mask_in[] = { y, { mask, spec.small, lanes->lanes } };
  rv__op_class (RV_OP_RELU_BACKWARD, RV_F32)->run (NULL, 2, mask_in, &(RvView){ masked, spec.small, lanes->lanes });

  float *without = compute (p, lanes, &spec, 2, RV_AFTER_RELU, NULL, NULL);
  g_assert_cmpmem (without, bytes, relu, bytes);
  if (lanes->lanes > 4) { /* four share a byte of bits */
    float *with = compute (p, lanes, &spec, 2, RV_AFTER_RELU_BITS, bits, NULL);
    float *backward = compute (p, lanes, &spec, 2, RV_AFTER_MASK, mask, NULL);
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
test_lanes (gconstpointer data)
{
  const RvLanes *lanes = rv__lanes_of (GPOINTER_TO_INT (data));
  if (!lanes) {
    g_test_skip ("this processor has no such registers");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    Problem problem;
    g_test_message ("%s", cases[i].what);
    problem_init (&problem, &cases[i]);
    check_directions (&problem, lanes);
    check_accumulate (&problem, lanes);
    check_cancelled (&problem, lanes);
    if (cases[i].out % lanes->lanes == 0)
      check_after (&problem, lanes);
    problem_clear (&problem);
  }
}

/* Blocks of another size than the registers': no kernel, no crash. */
static void
test_none (void)
{
  RvShape shape = rv_shape (4, 1, 96, 4, 4);
  RvConvSpec spec = { .big = shape,
                      .small = shape,
                      .weights = rv_shape (4, 96, 96, 1, 1),
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .big_block = 3,
                      .small_block = 1 };
  g_assert_null (rv__gemm_new (rv__lanes_here (), &spec, 1));
}

/* The switch that limits oneDNN limits us. */
static void
test_switch (void)
{
  g_autofree char *was = g_strdup (g_getenv ("ONEDNN_MAX_CPU_ISA"));
  g_setenv ("ONEDNN_MAX_CPU_ISA", "SSE41", TRUE);
  g_assert_cmpint (rv__lanes_here ()->lanes, ==, 4);
  g_setenv ("ONEDNN_MAX_CPU_ISA", "AVX2", TRUE);
  g_assert_cmpint (rv__lanes_here ()->lanes, ==, rv__lanes_of (8) ? 8 : 4);
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
