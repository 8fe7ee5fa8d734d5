/* test-winograd.c -- Winograd kernels against plain C in double, for every SIMD width of this processor; post-ops,
 * threads. Other widths are skipped. test-backend.c tests backward passes. */
#include "backend/kernels/winograd.h"
#include "base/alloc.h"
#include "support/support.h"
#include <string.h>

/* Limits of errors: relative, L2. */
#define TOLERANCE 5e-6       /* measured: up to 1.1e-6 */
#define TOLERANCE_LARGE 2e-5 /* larger tiles; measured: up to 8.7e-6, with 544 channels */

typedef struct {
  const char *what;
  int n, in, out, h, w, top, left, bottom, right;
  int taps[2]; /* 0: 3 x 3 */
  gboolean large;
  RvWinogradKind
    kind; /* for UP, h and w are those of the smaller tensor, and the padding is that of the forward convolution */
} Case;

static const Case cases[] = {
  { "one tile", 1, 16, 32, 4, 4, 1, 1, 1, 1 },
  { "smaller than a tile", 1, 32, 16, 1, 3, 1, 1, 1, 1 },
  { "odd sides", 1, 32, 64, 37, 23, 1, 1, 1, 1 },
  { "three vectors of outputs", 1, 16, 48, 13, 18, 1, 1, 1, 1 },
  { "no padding", 1, 48, 32, 15, 17, 0, 0, 0, 0 },
  { "uneven padding", 1, 16, 16, 10, 9, 2, 0, 1, 1 },
  { "two pictures", 2, 32, 32, 11, 14, 1, 1, 1, 1 },
  { "a picture's channels", 2, 32, 3, 19, 22, 1, 1, 1, 1 },
  { "many strips", 1, 64, 32, 61, 203, 1, 1, 1, 1 },
  { "many chunks of weights", 1, 544, 32, 9, 10, 1, 1, 1, 1 },
  { "5 x 5", 2, 48, 64, 13, 18, 2, 2, 2, 2, { 5, 5 } },
  { "5 x 5, many strips", 1, 32, 32, 61, 103, 2, 0, 0, 1, { 5, 5 } },
  { "large, one tile", 1, 16, 32, 6, 6, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, smaller than a tile", 1, 32, 16, 1, 5, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, odd sides", 2, 32, 64, 37, 23, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, a picture's channels", 2, 32, 3, 19, 22, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, many strips", 1, 64, 32, 91, 203, 0, 2, 1, 0, { 3, 3 }, TRUE },
  { "large, many chunks of weights", 1, 544, 32, 9, 10, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, strips with weights of their own", 1, 384, 160, 61, 67, 1, 1, 1, 1, { 3, 3 }, TRUE },
  { "large, 5 x 5", 2, 48, 64, 13, 18, 2, 2, 2, 2, { 5, 5 }, TRUE },
  { "large, 5 x 5, many strips", 1, 32, 32, 61, 103, 2, 0, 0, 1, { 5, 5 }, TRUE },
  { "1 x 7", 2, 160, 192, 9, 18, 0, 3, 0, 3, { 1, 7 } },
  { "1 x 7, a single column", 1, 16, 16, 5, 1, 0, 3, 0, 3, { 1, 7 } },
  { "7 x 1", 2, 160, 192, 9, 18, 3, 0, 3, 0, { 7, 1 } },
  { "7 x 1, many strips", 1, 32, 48, 121, 97, 4, 0, 3, 0, { 7, 1 } },
  { "stride 2", 2, 32, 48, 29, 38, 0, 0, 1, 1, { 3, 3 }, FALSE, RV_WINOGRAD_DOWN },
  { "stride 2, smaller than a tile", 3, 16, 32, 3, 4, 1, 1, 1, 1, { 3, 3 }, FALSE, RV_WINOGRAD_DOWN },
  { "stride 2, large", 2, 32, 48, 29, 38, 0, 0, 1, 1, { 3, 3 }, TRUE, RV_WINOGRAD_DOWN },
  { "stride 2, large, one tile a picture", 33, 32, 64, 14, 14, 0, 0, 1, 1, { 3, 3 }, TRUE, RV_WINOGRAD_DOWN },
  { "stride 2, large, smaller than a tile", 3, 16, 32, 3, 4, 1, 1, 1, 1, { 3, 3 }, TRUE, RV_WINOGRAD_DOWN },
  { "stride 2, large, many chunks of weights", 1, 544, 32, 15, 30, 1, 1, 1, 1, { 3, 3 }, TRUE, RV_WINOGRAD_DOWN },
  { "up, even", 2, 32, 48, 14, 19, 0, 0, 1, 1, { 3, 3 }, FALSE, RV_WINOGRAD_UP_EVEN },
  { "up, odd", 2, 32, 48, 14, 19, 1, 1, 0, 1, { 3, 3 }, FALSE, RV_WINOGRAD_UP_ODD },
  { "up, even, large", 2, 32, 48, 15, 20, 0, 2, 1, 0, { 3, 3 }, TRUE, RV_WINOGRAD_UP_EVEN },
  { "up, even, large, one tile a picture", 33, 64, 32, 7, 7, 0, 0, 1, 1, { 3, 3 }, TRUE, RV_WINOGRAD_UP_EVEN },
  { "up, odd, large", 2, 32, 48, 15, 20, 1, 1, 0, 1, { 3, 3 }, TRUE, RV_WINOGRAD_UP_ODD },
  { "up, odd, large, smaller than a tile", 3, 16, 32, 2, 1, 1, 1, 0, 0, { 3, 3 }, TRUE, RV_WINOGRAD_UP_ODD },
};

/* Copies plain rows to channel blocks. @back: copies channel blocks to plain rows. */
static void
reorder (float *plain, float *blocks, const RvShape *shape, int lanes, gboolean back)
{
  RvView a = { plain, *shape, 1 }, b = { blocks, *shape, lanes };
  rv__reorder (back ? &b : &a, back ? &a : &b, sizeof (float));
}

static double *
numbers (const RvShape *shape, guint32 stream, float **as_float)
{
  gsize n = (gsize) rv_shape_count (shape);
  double *values = g_new (double, n);
  *as_float = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    values[i] = (*as_float)[i] = (float) test_number (stream, i);
  return values;
}

typedef struct {
  float *y; /* channel blocks */
  guint8 *bits;
  gsize n;
} Made;

static void
made_clear (Made *made)
{
  g_free (made->y);
  g_free (made->bits);
}

/* Runs a kernel. @x: plain rows. @bits (nullable): input of RV_POST_OP_APPLY_MASK. */
static Made
convolve (int lanes, const RvWinogradSpec *spec, const float *x, const float *w, const float *bias, RvPostOp after,
          const guint8 *bits)
{
  g_autofree float *blocks = g_new (float, rv_shape_count (&spec->x));
  RvWinograd *winograd = rv__winograd_new (rv__simd_for_width (lanes), spec);
  Made made = { .n = (gsize) rv_shape_count (&spec->y) };
  made.y = g_new (float, made.n);
  made.bits = bits ? g_memdup2 (bits, made.n / 8) : g_new0 (guint8, made.n / 8);
  float *packed = rv__alloc (rv__winograd_packed_bytes (winograd), "weights", NULL);
  void *scratch = rv__alloc (rv__winograd_scratch_bytes (winograd), "scratch", NULL);
  memset (made.y, 0xff, made.n * sizeof (float)); /* NaN: every element must be written */
  memset (scratch, 0xff, rv__winograd_scratch_bytes (winograd));
  reorder ((float *) x, blocks, &spec->x, lanes, FALSE);
  rv__winograd_pack (winograd, w, packed);
  gboolean has_bits = after != RV_POST_OP_NONE && after != RV_POST_OP_RELU;
  const RvConvArgs run = { .src = spec->flipped ? made.y : blocks,
                           .dst = spec->flipped ? blocks : made.y,
                           .packed = packed,
                           .bias = bias,
                           .post_op = after,
                           .bits = has_bits ? made.bits : NULL };
  rv__winograd_run (winograd, &run, scratch);
  rv__free (packed);
  rv__free (scratch);
  g_free (winograd);
  return made;
}

static void
assert_near (const Made *made, const RvShape *shape, int lanes, const double *right, double tolerance)
{
  g_autofree float *plain = g_new (float, made->n);
  g_autofree double *ours = g_new (double, made->n);
  reorder (plain, made->y, shape, shape->dim[1] < lanes ? 1 : lanes, TRUE);
  for (gsize i = 0; i < made->n; i++)
    ours[i] = plain[i];
  assert_less (test_relative (ours, right, (gint64) made->n), tolerance);
}

static void
assert_same (const Made *a, const Made *b)
{
  g_assert_cmpmem (a->y, a->n * sizeof (float), b->y, b->n * sizeof (float));
  g_assert_cmpmem (a->bits, a->n / 8, b->bits, b->n / 8);
}

/* ReLU as a post-op, and its backward pass, give the bytes of separate ops. */
static void
check_after (int lanes, const RvWinogradSpec *spec, const float *x, const float *w, const float *bias,
             const Made *plain)
{
  Made relu = { .y = g_new (float, plain->n), .bits = g_new0 (guint8, plain->n / 8), .n = plain->n };
  Made masked = { .y = g_new (float, plain->n), .bits = g_new (guint8, plain->n / 8), .n = plain->n };
  RvView y = { plain->y, spec->y, lanes }, out[] = { { relu.y, spec->y, lanes }, { relu.bits, spec->y, lanes } };
  rv__op_class (RV_OP_RELU, RV_F32)->run (NULL, 1, &y, out);
  for (gsize i = 0; i < masked.n / 8; i++)
    masked.bits[i] = (guint8) (i * 37 + 11);
  RvView in[] = { y, { masked.bits, spec->y, lanes } };
  rv__op_class (RV_OP_RELU_BACKWARD, RV_F32)->run (NULL, 2, in, &(RvView){ masked.y, spec->y, lanes });

  Made with_bits = convolve (lanes, spec, x, w, bias, RV_POST_OP_RELU_SAVE_MASK, NULL);
  Made without = convolve (lanes, spec, x, w, bias, RV_POST_OP_RELU, NULL);
  Made mask = convolve (lanes, spec, x, w, bias, RV_POST_OP_APPLY_MASK, masked.bits);
  assert_same (&with_bits, &relu);
  assert_same (&mask, &masked);
  g_assert_cmpmem (without.y, without.n * sizeof (float), relu.y, relu.n * sizeof (float));
  made_clear (&relu), made_clear (&masked), made_clear (&with_bits), made_clear (&without), made_clear (&mask);
}

static gboolean
is_up (const Case *c)
{
  return c->kind == RV_WINOGRAD_UP_EVEN || c->kind == RV_WINOGRAD_UP_ODD;
}

static RvWinogradSpec
spec_of (const Case *c)
{
  int rows = c->taps[0] ? c->taps[0] : 3, cols = c->taps[1] ? c->taps[1] : 3;
  RvWinogradSpec spec = { .x = rv_shape (4, c->n, c->in, c->h, c->w),
                          .taps = { rows, cols },
                          .kind = c->kind,
                          .large = c->large,
                          .top = c->top,
                          .left = c->left,
                          .flipped = is_up (c),
                          .n_threads = 1 };
  if (is_up (c)) { /* rows 2 i and 2 i + 1 of y come from rows i and i - 1 of x, shifted by half the padding */
    spec.y =
      rv_shape (4, c->n, c->out, 2 * c->h + rows - 2 - c->top - c->bottom, 2 * c->w + cols - 2 - c->left - c->right);
    spec.top = (c->kind == RV_WINOGRAD_UP_EVEN) - c->top / 2;
    spec.left = (c->kind == RV_WINOGRAD_UP_EVEN) - c->left / 2;
  } else {
    int stride = c->kind == RV_WINOGRAD_DOWN ? 2 : 1;
    spec.y = rv_shape (4, c->n, c->out, (c->h + c->top + c->bottom - rows) / stride + 1,
                       (c->w + c->left + c->right - cols) / stride + 1);
  }
  return spec;
}

/* (transfer full): the expected result, from the plain-C op. */
static double *
right_of (const Case *c, const RvWinogradSpec *spec, const RvView in[3])
{
  int stride = c->kind == RV_WINOGRAD_PLAIN ? 1 : 2;
  const RvShape *src = is_up (c) ? &spec->y : &spec->x;
  RvOpAttrs attrs = {
    .conv = { { stride, stride }, { c->top, c->left, c->bottom, c->right }, { (int) src->dim[2], (int) src->dim[3] } }
  };
  gint64 n = rv_shape_count (&spec->y), plane = spec->y.dim[2] * spec->y.dim[3];
  double *y = g_new (double, n);
  const double *bias = in[2].data;
  rv__op_class (is_up (c) ? RV_OP_CONV2D_BACKWARD_DATA : RV_OP_CONV2D, RV_F64)
    ->run (&attrs, is_up (c) ? 2 : 3, in, &(RvView){ y, spec->y, 1 });
  for (gint64 i = 0; is_up (c) && i < n; i++) /* the op has no bias */
    y[i] += bias[i / plane % c->out];
  return y;
}

static void
check (int lanes, const Case *c)
{
  RvWinogradSpec spec = spec_of (c);
  RvShape w_shape = rv_shape (4, is_up (c) ? c->in : c->out, is_up (c) ? c->out : c->in, spec.taps[0], spec.taps[1]),
          b_shape = rv_shape (1, c->out);
  g_autofree float *x = NULL, *w = NULL, *b = NULL;
  g_autofree double *x64 = numbers (&spec.x, 1, &x), *w64 = numbers (&w_shape, 2, &w), *b64 = numbers (&b_shape, 3, &b);
  g_autofree double *y =
    right_of (c, &spec, (RvView[]){ { x64, spec.x, 1 }, { w64, w_shape, 1 }, { b64, b_shape, 1 } });

  Made one = convolve (lanes, &spec, x, w, b, RV_POST_OP_NONE, NULL);
  assert_near (&one, &spec.y, lanes, y, c->large ? TOLERANCE_LARGE : TOLERANCE);
  if (c->out >= lanes && lanes > 4) /* with four lanes, two vectors share a byte of bits */
    check_after (lanes, &spec, x, w, b, &one);
  spec.n_threads = 3;
  Made three = convolve (lanes, &spec, x, w, b, RV_POST_OP_NONE, NULL);
  assert_same (&one, &three);
  made_clear (&one), made_clear (&three);
}

static void
test_lanes (int lanes)
{
  if (!rv__simd_for_width (lanes)) {
    g_test_skip ("this processor has no such registers");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%s", cases[i].what);
    check (lanes, &cases[i]);
  }
}

static void
test_width (gconstpointer lanes)
{
  test_lanes (GPOINTER_TO_INT (lanes));
}

/* There is no kernel for channels that do not fill vectors, nor for other kernel sizes. */
static void
test_none (void)
{
  RvWinogradSpec odd = {
    .x = rv_shape (4, 1, 18, 4, 4), .y = rv_shape (4, 1, 16, 4, 4), .taps = { 3, 3 }, .n_threads = 1
  };
  RvWinogradSpec even = {
    .x = rv_shape (4, 1, 16, 4, 4), .y = rv_shape (4, 1, 16, 3, 3), .taps = { 2, 2 }, .n_threads = 1
  };
  g_assert_null (rv__winograd_new (rv__simd_best (), &odd));
  g_assert_null (rv__winograd_new (rv__simd_best (), &even));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/winograd/4", GINT_TO_POINTER (4), test_width);
  g_test_add_data_func ("/winograd/8", GINT_TO_POINTER (8), test_width);
  g_test_add_data_func ("/winograd/16", GINT_TO_POINTER (16), test_width);
  g_test_add_func ("/winograd/none", test_none);
  return g_test_run ();
}
