/* convolution.c -- inputs and expected results of convolutions for tests of kernels. */
#include "convolution.h"
#include "backend/backend.h"
#include "base/alloc.h"
#include "support.h"
#include <string.h>

#define TOLERANCE 2e-6 /* relative, L2 */

const ConvCase conv_cases[] = {
  { "all sizes are 1", 1, 1, 1, 1, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "3 x 3", 1, 32, 32, 17, 23, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "from a picture", 1, 3, 32, 19, 22, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "from a picture, 7 x 7", 1, 3, 64, 31, 33, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3, 3, 3 } },
  { "to a picture", 1, 48, 3, 12, 15, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "to a picture, 9 x 9, long rows", 2, 16, 3, 11, 211, { 9, 9 }, { 1, 1 }, { 1, 1 }, { 4, 4, 4, 4 } },
  { "from a picture, long rows", 2, 3, 16, 9, 415, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 1, 1, 0 } },
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
  { "5 and 7 channels", 2, 5, 7, 13, 9, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "channels that do not fill the last vector", 1, 24, 40, 9, 11, { 5, 5 }, { 1, 1 }, { 1, 1 }, { 2, 2, 2, 2 } },
  { "stride 2, asymmetric padding", 1, 48, 32, 15, 14, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 0, 0, 1, 1 } },
  { "2 x 2, stride 3: unused inputs", 1, 16, 16, 14, 13, { 2, 2 }, { 3, 3 }, { 1, 1 }, { 0 } },
  { "1 x 1", 1, 64, 96, 9, 9, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0 } },
  { "1 x 1, stride 2", 1, 32, 64, 9, 12, { 1, 1 }, { 2, 2 }, { 1, 1 }, { 0 } },
  { "1 x 7", 1, 32, 48, 11, 19, { 1, 7 }, { 1, 1 }, { 1, 1 }, { 0, 3, 0, 3 } },
  { "different strides along the axes", 1, 16, 32, 13, 18, { 3, 4 }, { 1, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "dilated", 1, 16, 32, 17, 15, { 3, 3 }, { 1, 1 }, { 2, 3 }, { 2, 3, 2, 3 } },
  { "dilated, stride 2", 1, 32, 16, 17, 15, { 3, 3 }, { 2, 2 }, { 3, 2 }, { 1, 2, 1, 2 } },
  { "padding beyond the kernel", 1, 16, 16, 5, 6, { 2, 2 }, { 1, 1 }, { 1, 1 }, { 3, 2, 4, 3 } },
  { "batch of training pictures", 9, 1, 32, 28, 28, { 4, 4 }, { 2, 2 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many positions", 1, 16, 16, 61, 103, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
  { "many channels", 1, 1040, 64, 6, 5, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1, 1, 1 } },
};

const guint conv_n_cases = G_N_ELEMENTS (conv_cases);

static ConvNumbers
numbers (RvShape shape, guint32 stream)
{
  ConvNumbers made = { shape, NULL, NULL, rv_shape_count (&shape) };
  made.right = g_new (double, made.n);
  made.plain = g_new (float, made.n);
  for (gint64 i = 0; i < made.n; i++)
    made.right[i] = made.plain[i] = (float) test_number (stream, (guint64) i);
  return made;
}

static void
numbers_clear (ConvNumbers *made)
{
  g_free (made->right);
  g_free (made->plain);
}

/* Shape of the dilated kernel as a larger one with zeros in the gaps: expected results do not depend on the ops' own
 * dilation. */
static RvShape
spread_shape (const ConvCase *c)
{
  return rv_shape (4, c->out, c->in, (c->kernel[0] - 1) * c->dilation[0] + 1, (c->kernel[1] - 1) * c->dilation[1] + 1);
}

static gint64
spread_index (const ConvCase *c, gint64 i)
{
  RvShape shape = spread_shape (c);
  gint64 v = i % c->kernel[1], u = i / c->kernel[1] % c->kernel[0], channels = i / c->kernel[1] / c->kernel[0];
  return (channels * shape.dim[2] + u * c->dilation[0]) * shape.dim[3] + v * c->dilation[1];
}

void
conv_problem_init (ConvProblem *p, const ConvCase *c)
{
  RvShape spread = spread_shape (c), x = rv_shape (4, c->n, c->in, c->h, c->w), y;
  RvOpAttrs attrs = { .conv = { { c->stride[0], c->stride[1] }, c->pad, { c->h, c->w } } };
  const RvOpClass *forward = rv__op_class (RV_OP_CONV2D, RV_F64);
  g_assert_true (forward->shape (&attrs, 2, (RvShape[]){ x, spread }, &y, NULL));
  *p = (ConvProblem){ .c = c, .x = numbers (x, 1), .b = numbers (rv_shape (1, c->out), 3), .gy = numbers (y, 4) };
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

void
conv_problem_clear (ConvProblem *p)
{
  numbers_clear (&p->x), numbers_clear (&p->w), numbers_clear (&p->b), numbers_clear (&p->gy);
  g_free (p->y), g_free (p->gx), g_free (p->gw);
}

RvConvSpec
conv_problem_spec (const ConvProblem *p, RvConvDirection direction, int lanes)
{
  const ConvCase *c = p->c;
  return (RvConvSpec){ .direction = direction,
                       .src = p->x.shape,
                       .dst = p->gy.shape,
                       .weights = p->w.shape,
                       .stride = { c->stride[0], c->stride[1] },
                       .dilation = { c->dilation[0], c->dilation[1] },
                       .pad = c->pad,
                       .src_block = c->in % lanes ? 1 : lanes,
                       .dst_block = c->out % lanes ? 1 : lanes };
}

float *
conv_lay_out (const RvShape *shape, int block, const float *from)
{
  gsize bytes = (gsize) rv_shape_count (shape) * sizeof (float);
  float *to = rv__alloc (bytes, "a value", NULL);
  memset (to, 0xff, bytes);
  RvView plain = { (void *) from, *shape, 1 }, view = { to, *shape, block };
  if (from)
    rv__reorder (&plain, &view, sizeof (float));
  return to;
}

void
conv_assert_near (const float *made, const RvShape *shape, int block, const double *right)
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

const RvShape *
conv_made (const RvConvSpec *spec, int *block)
{
  gboolean forward = spec->direction == RV_CONV_FORWARD, data = spec->direction == RV_CONV_BACKWARD_DATA;
  *block = forward ? spec->dst_block : data ? spec->src_block : 1;
  return forward ? &spec->dst : data ? &spec->src : &spec->weights;
}

void
conv_assert_right (const ConvProblem *p, const RvConvSpec *spec, const float *made)
{
  const double *const right[] = { p->y, p->gx, p->gw };
  int block;
  const RvShape *shape = conv_made (spec, &block);
  conv_assert_near (made, shape, block, right[spec->direction]);
}

float *
conv_compute (const ConvProblem *p, const RvConvClass *class, const RvSimd *lanes, const RvConvSpec *spec,
              const ConvHow *how)
{
  gboolean weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS, forward = spec->direction == RV_CONV_FORWARD;
  gpointer kernel = class->open (how->onednn, lanes, spec, how->n_threads);
  if (!kernel)
    return NULL;
  gsize scratch_bytes = class->scratch_bytes (kernel);
  void *scratch = rv__alloc (scratch_bytes, "scratch", NULL);
  void *packed = weights ? NULL : rv__alloc (class->packed_bytes (kernel), "weights", NULL);
  float *src = conv_lay_out (&spec->src, spec->src_block, forward || weights ? p->x.plain : how->to);
  float *dst = conv_lay_out (&spec->dst, spec->dst_block, forward ? how->to : p->gy.plain);
  float *gw = weights ? conv_lay_out (&spec->weights, 1, how->to) : NULL, *made = weights ? gw : forward ? dst : src;
  const RvConvArgs run = { src, dst, packed, gw, forward ? p->b.plain : NULL, how->after, how->bits, p->cancellable };
  memset (scratch, 0xff, scratch_bytes);
  if (!weights)
    g_assert_true (class->pack (kernel, how->onednn, p->w.plain, TRUE, packed, NULL));
  g_assert_true (class->run (kernel, how->onednn, &run, scratch));
  class->close (kernel);

  float *all[] = { scratch, packed, src, dst, gw };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] != made)
      rv__free (all[i]);
  return made;
}

gboolean
conv_check (const ConvProblem *p, const RvConvClass *class, const RvSimd *lanes, RvConvDirection direction)
{
  RvConvSpec spec = conv_problem_spec (p, direction, lanes->lanes);
  int block;
  gsize bytes = (gsize) rv_shape_count (conv_made (&spec, &block)) * sizeof (float);
  float *one = conv_compute (p, class, lanes, &spec, &(ConvHow){ .n_threads = 1 });
  float *five = conv_compute (p, class, lanes, &spec, &(ConvHow){ .n_threads = 5 });
  gboolean there = one != NULL;
  if (there) {
    conv_assert_right (p, &spec, one);
    g_assert_cmpmem (one, bytes, five, bytes);
  }
  rv__free (one);
  rv__free (five);
  return there;
}

void
conv_assert_none (const RvConvClass *class, const RvConvSpec *spec)
{
  g_assert_null (class->open (NULL, rv__simd_best (), spec, 1));
}

void
conv_check_each (gconstpointer data, const ConvCase *cases, guint n_cases,
                 void (*check) (ConvProblem *problem, const RvSimd *lanes))
{
  const RvSimd *lanes = rv__simd_for_width (GPOINTER_TO_INT (data));
  if (!lanes) {
    g_test_skip ("this processor has no such registers");
    return;
  }
  for (guint i = 0; i < n_cases; i++) {
    ConvProblem problem;
    g_test_message ("%s", cases[i].what);
    conv_problem_init (&problem, &cases[i]);
    check (&problem, lanes);
    conv_problem_clear (&problem);
  }
}
