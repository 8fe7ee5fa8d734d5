/* test-op.c -- every op: gradient against central differences in double on odd shapes, a value by hand, and channel
 * blocks against plain rows if the op supports both. */
#include "op/program.h"
#include "support/op-cases.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

/* ---- gradients --------------------------------------------------------------------------------------------------- */

#define CENTRAL_STEP 1e-5
#define GRADIENT_TOLERANCE 1e-8 /* relative; central differences in double reach about 1e-10 */

/* Loss <@direction, @out> after a forward pass. With the seed gradient @direction, the backward pass computes the
 * gradient of this loss. */
static double
loss_of (RvExecutable *executable, int out, const double *direction)
{
  g_autofree double *y = test_get (executable, out);
  double loss = 0;
  rv__executable_forward (executable, NULL);
  rv__executable_get (executable, out, y, NULL);
  for (gint64 i = 0; i < rv_shape_count (rv__program_shape (executable->program, out)); i++)
    loss += direction[i] * y[i];
  return loss;
}

static void
check_gradient (const OpCase *c, int wrt)
{
  RvProgram *program = rv__program_new (RV_F64);
  int in[RV_OP_MAX_IN], n_in = c->n_in;
  for (int i = 0; i < n_in; i++)
    in[i] = rv__program_input (program, &c->in[i]);
  int out = rv__program_record (program, c->kind, &c->attrs, n_in, in);
  g_assert_no_error (program->error);
  RvShape out_shape = *rv__program_shape (program, out);
  int seed = rv__program_input (program, &out_shape);
  rv__program_output (program, out);
  int grad = rv__graph_differentiate (program, &(RvGradSeed){ out, seed }, 1, in[wrt]);
  g_assert_no_error (program->error);
  g_assert_cmpint (grad, >=, 0);

  g_autoptr (RvExecutable) executable = test_executable (program, NULL);
  for (int i = 0; i < n_in; i++)
    test_fill (executable, in[i], (guint32) i, 1);
  test_fill (executable, seed, 99, 1);
  rv__executable_forward (executable, NULL);
  rv__executable_backward (executable, NULL);

  gint64 n = rv_shape_count (&c->in[wrt]);
  g_autofree double *analytic = test_get (executable, grad), *numeric = g_new (double, n);
  g_autofree double *x = test_get (executable, in[wrt]), *direction = test_get (executable, seed);
  for (gint64 k = 0; k < n; k++) {
    double kept = x[k];
    x[k] = kept + CENTRAL_STEP;
    rv__executable_set (executable, in[wrt], x, NULL);
    double above = loss_of (executable, out, direction);
    x[k] = kept - CENTRAL_STEP;
    rv__executable_set (executable, in[wrt], x, NULL);
    numeric[k] = (above - loss_of (executable, out, direction)) / (2 * CENTRAL_STEP);
    x[k] = kept;
    rv__executable_set (executable, in[wrt], x, NULL);
  }
  assert_less (test_relative (analytic, numeric, n), GRADIENT_TOLERANCE);
}

static void
test_gradient (gconstpointer data)
{
  const OpCase *c = data;
  for (int i = 0; i < c->n_in; i++)
    if (!(c->no_gradient >> i & 1))
      check_gradient (c, i);
}

static void
test_every_op_has_a_case (void)
{
  for (int kind = 0; kind < RV_N_OPS; kind++) {
    const RvOpClass *op = rv__op_class (kind, RV_F32);
    gboolean found = !op->gradient; /* backward ops are tested by the gradient of their forward op */
    for (int i = 0; i < n_op_cases; i++)
      found |= op_cases[i].kind == (RvOpKind) kind;
    if (!found)
      g_error ("no gradient case for %s", rv__op_name (kind));
    g_assert_true ((op->locality == RV_LOCALITY_WINDOW) == (op->window != NULL));
  }
}

/* ---- reach ------------------------------------------------------------------------------------------------------- */

/* Writes the windows of @op along both axes. FALSE: @op has no known windows, or its input is no picture. */
static gboolean
windows_of (const RvOpClass *op, const OpCase *c, RvOpWindow windows[2])
{
  gboolean known = op->locality == RV_LOCALITY_POINTWISE || op->locality == RV_LOCALITY_WINDOW;
  for (int axis = 0; axis < 2; axis++) {
    windows[axis] = (RvOpWindow){ .down = 1, .up = 1 };
    known = known && (!op->window || op->window (&c->attrs, c->in, axis, &windows[axis]));
  }
  return known && c->in[0].n == 4;
}

/* Whether output position @p may depend on input position @at. *within: whether the window of @p lies in the input, 0
 * .. @extent - 1. */
static gboolean
may_depend (const RvOpWindow *w, gint64 p, gint64 at, gint64 extent, gboolean *within)
{
  gint64 first = p * w->down - w->before, last = p * w->down + w->after; /* in 1/up positions */
  *within = first >= 0 && last <= (extent - 1) * w->up;
  return at * w->up >= first && at * w->up <= last;
}

/* Changes input position (@h, @w) of all channels. Asserts that only outputs change that may depend on it, or whose
 * window crosses the border. */
static void
check_change (RvExecutable *executable, const OpCase *c, const RvOpWindow *windows, int in, int out, gint64 h, gint64 w)
{
  const RvShape *x_shape = &c->in[0], *y_shape = rv__program_shape (executable->program, out);
  g_autofree double *x = test_get (executable, in), *kept = test_get (executable, in);
  g_autofree double *before = test_get (executable, out);
  gint64 plane = x_shape->dim[2] * x_shape->dim[3];
  for (gint64 k = h * x_shape->dim[3] + w; k < rv_shape_count (x_shape); k += plane)
    x[k] += 10;
  rv__executable_set (executable, in, x, NULL);
  rv__executable_forward (executable, NULL);
  g_autofree double *after = test_get (executable, out);
  rv__executable_set (executable, in, kept, NULL);
  rv__executable_forward (executable, NULL);
  for (gint64 k = 0; k < rv_shape_count (y_shape); k++) {
    gboolean within[2] = { FALSE, FALSE };
    gint64 p = k / y_shape->dim[3] % y_shape->dim[2], q = k % y_shape->dim[3];
    gboolean row = may_depend (&windows[0], p, h, x_shape->dim[2], &within[0]);
    gboolean column = may_depend (&windows[1], q, w, x_shape->dim[3], &within[1]);
    g_assert_true ((row && column) || before[k] == after[k] || !within[0] || !within[1]);
  }
}

static void
test_reach (void)
{
  int n_checked = 0;
  for (int i = 0; i < n_op_cases; i++) {
    const OpCase *c = &op_cases[i];
    RvOpWindow windows[2];
    if (!windows_of (rv__op_class (c->kind, RV_F64), c, windows))
      continue;
    RvProgram *program = rv__program_new (RV_F64);
    int in[RV_OP_MAX_IN];
    for (int k = 0; k < c->n_in; k++)
      in[k] = rv__program_input (program, &c->in[k]);
    int out = rv__program_record (program, c->kind, &c->attrs, c->n_in, in);
    rv__program_output (program, out);
    program->n_forward = 1;
    g_autoptr (RvExecutable) executable = test_executable (program, NULL);
    for (int k = 0; k < c->n_in; k++)
      test_fill (executable, in[k], (guint32) k, 1);
    rv__executable_forward (executable, NULL);
    for (gint64 p = 0; p < c->in[0].dim[2] * c->in[0].dim[3]; p++)
      check_change (executable, c, windows, in[0], out, p / c->in[0].dim[3], p % c->in[0].dim[3]);
    n_checked++;
  }
  g_assert_cmpint (n_checked, >, 15);
}

/* ---- values by hand ---------------------------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  RvOpKind kind;
  RvOpAttrs attrs;
  int n_in;
  RvShape in[RV_OP_MAX_IN];
  double x[RV_OP_MAX_IN][16];
  int n_out;
  double y[16];
} Worked;

static const Worked worked[] = {
  /* An asymmetric kernel, for which convolution and correlation differ; bias 10. */
  { "conv2d",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 0, 0, 0, 0 } } },
    3,
    { { 4, { 1, 1, 2, 3 } }, { 4, { 1, 1, 2, 2 } }, { 1, { 1 } } },
    { { 1, 2, 3, 4, 5, 6 }, { 1, 0, 0, 2 }, { 10 } },
    2,
    { 1 + 2 * 5 + 10, 2 + 2 * 6 + 10 } },
  /* Taps two columns apart, one position of padding: y[j] = w0 x[j - 1] + w1 x[j + 1] */
  { "conv2d/dilated",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 0, 1, 0, 1 }, .dilation = { 1, 2 } } },
    2,
    { { 4, { 1, 1, 1, 3 } }, { 4, { 1, 1, 1, 2 } } },
    { { 1, 2, 3 }, { 10, 100 } },
    3,
    { 200, 310, 20 } },
  { "relu", RV_OP_RELU, { .tv = { 0 } }, 1, { { 4, { 1, 1, 1, 3 } } }, { { -1, 0, 2 } }, 3, { 0, 0, 2 } },
  { "max_pool",
    RV_OP_MAX_POOL,
    { .pool = { { 2, 2 }, { 2, 2 }, { 0, 0, 0, 1 } } },
    1,
    { { 4, { 1, 1, 2, 3 } } },
    { { 1, -2, -3, 4, 0, -5 } },
    2,
    { 4, -3 } },
  { "average_pool",
    RV_OP_AVERAGE_POOL,
    { .pool = { { 2, 2 }, { 2, 2 }, { 0, 0, 0, 1 }, .scale = 1 } },
    1,
    { { 4, { 1, 1, 2, 3 } } },
    { { 1, 2, 3, 4, 5, 7 } },
    2,
    { 3, 5 } }, /* padding does not count */
  { "concat",
    RV_OP_CONCAT,
    { .tv = { 0 } },
    2,
    { { 4, { 1, 1, 1, 2 } }, { 4, { 1, 2, 1, 2 } } },
    { { 1, 2 }, { 3, 4, 5, 6 } },
    6,
    { 1, 2, 3, 4, 5, 6 } },
  { "slice", RV_OP_SLICE, { .slice = { 1, 1 } }, 1, { { 4, { 1, 3, 1, 2 } } }, { { 1, 2, 3, 4, 5, 6 } }, 2, { 3, 4 } },
  { "slice_backward",
    RV_OP_SLICE_BACKWARD,
    { .slice = { 1, 3 } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 1, 2 } },
    6,
    { 0, 0, 1, 2, 0, 0 } },
  /* Groups { 1, 2, 3 } and { 4, 5, 6 }. */
  { "channel_shuffle",
    RV_OP_CHANNEL_SHUFFLE,
    { .shuffle = { 2 } },
    1,
    { { 4, { 1, 6, 1, 1 } } },
    { { 1, 2, 3, 4, 5, 6 } },
    6,
    { 1, 4, 2, 5, 3, 6 } },
  { "add", RV_OP_ADD, { .tv = { 0 } }, 2, { { 1, { 2 } }, { 1, { 2 } } }, { { 1, 2 }, { 10, 20 } }, 2, { 11, 22 } },
  { "affine",
    RV_OP_AFFINE,
    { .tv = { 0 } },
    3,
    { { 4, { 1, 2, 1, 1 } }, { 1, { 2 } }, { 1, { 2 } } },
    { { 3, 5 }, { 2, 10 }, { 1, -1 } },
    2,
    { 7, 49 } },
  { "mask",
    RV_OP_MASK,
    { .tv = { 0 } },
    2,
    { { 4, { 1, 2, 1, 2 } }, { 2, { 1, 2 } } },
    { { 1, 2, 3, 4 }, { 0, 1 } },
    4,
    { 0, 2, 0, 4 } },
  { "pad/zero",
    RV_OP_PAD,
    { .pad = { { 0, 1, 0, 2 }, RV_PAD_ZERO } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 1, 2 } },
    5,
    { 0, 1, 2, 0, 0 } },
  { "pad/replicate",
    RV_OP_PAD,
    { .pad = { { 0, 1, 0, 2 }, RV_PAD_REPLICATE } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 1, 2 } },
    5,
    { 1, 1, 2, 2, 2 } },
  { "pad/reflect",
    RV_OP_PAD,
    { .pad = { { 0, 1, 0, 2 }, RV_PAD_REFLECT } },
    1,
    { { 4, { 1, 1, 1, 3 } } },
    { { 1, 2, 3 } },
    6,
    { 2, 1, 2, 3, 2, 1 } },
  { "resize/nearest",
    RV_OP_RESIZE,
    { .resize = { { 1, 4 }, RV_RESIZE_NEAREST } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 5, 7 } },
    4,
    { 5, 5, 7, 7 } },
  { "picture_sums",
    RV_OP_PICTURE_SUMS,
    { .tv = { 0 } },
    1,
    { { 4, { 2, 1, 1, 2 } } },
    { { 1, 2, 3, -4 } },
    4,
    { 3, -1, 5, 25 } },
  /* 2 and 8 of 4 positions with sum 20 and sum of squares 136: mean 5, variance 34 - 25 = 9 */
  { "instance_norm",
    RV_OP_INSTANCE_NORM,
    { .norm = { 4, 0 } },
    4,
    { { 4, { 1, 1, 1, 2 } }, { 3, { 2, 1, 1 } }, { 1, { 1 } }, { 1, { 1 } } },
    { { 2, 8 }, { 20, 136 }, { 10 }, { 1 } },
    2,
    { -9, 11 } },
  /* 1 and 7 of mean 4, variance 9 and epsilon 16: -3 / 5 and 3 / 5 */
  { "channel_norm",
    RV_OP_CHANNEL_NORM,
    { .norm = { 0, 16 } },
    3,
    { { 4, { 1, 2, 1, 1 } }, { 1, { 2 } }, { 1, { 2 } } },
    { { 1, 7 }, { 10, 5 }, { 1, 2 } },
    2,
    { -5, 5 } },
  /* s = 1 + 9 + 4 + 1 + 1 in each channel, and 16^-0.75 = 1 / 8 */
  { "lrn",
    RV_OP_LRN,
    { .lrn = { 7, 7, 0.75 } },
    1,
    { { 4, { 1, 4, 1, 1 } } },
    { { 3, 2, 1, 1 } },
    4,
    { 0.375, 0.25, 0.125, 0.125 } },
  { "resize/bilinear",
    RV_OP_RESIZE,
    { .resize = { { 1, 4 }, RV_RESIZE_BILINEAR } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 0, 4 } },
    4,
    { 0, 1, 3, 4 } },
  { "resize/aligned-corners",
    RV_OP_RESIZE,
    { .resize = { { 1, 5 }, RV_RESIZE_BILINEAR, RV_RESIZE_ALIGN_CORNERS } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 0, 4 } },
    5,
    { 0, 1, 2, 3, 4 } },
  { "resize/asymmetric",
    RV_OP_RESIZE,
    { .resize = { { 1, 4 }, RV_RESIZE_BILINEAR, RV_RESIZE_ASYMMETRIC } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 0, 4 } },
    4,
    { 0, 2, 4, 4 } },
  /* 3 positions for 2: position 1 lies at 1.5 * 2 / 3 - 0.5, position 3 at 3.5 * 2 / 3 - 0.5 */
  { "resize/ratio",
    RV_OP_RESIZE,
    { .resize = { { 1, 4 }, RV_RESIZE_BILINEAR, RV_RESIZE_HALF_PIXEL, { { 0, 0 }, { 3, 2 } } } },
    1,
    { { 4, { 1, 1, 1, 3 } } },
    { { 0, 6, 12 } },
    4,
    { 0, 3, 7, 11 } },
  /* Position 1 of 4 lies at 0.25 between 0 and 4, and reads 0, 0, 4, 4. The two 4 have weights W(0.75) + W(1.75) =
   * 0.26171875 - 0.03515625. */
  { "resize/bicubic",
    RV_OP_RESIZE,
    { .resize = { { 1, 4 }, RV_RESIZE_BICUBIC } },
    1,
    { { 4, { 1, 1, 1, 2 } } },
    { { 0, 4 } },
    4,
    { -0.421875, 0.90625, 3.09375, 4.421875 } },
  { "matmul",
    RV_OP_MATMUL,
    { .matmul = { FALSE, TRUE } },
    2,
    { { 2, { 1, 2 } }, { 2, { 2, 2 } } },
    { { 1, 2 }, { 3, 4, 5, 6 } },
    2,
    { 11, 17 } },
  { "channel_sum", RV_OP_CHANNEL_SUM, { .tv = { 0 } }, 1, { { 4, { 2, 2, 1, 1 } } }, { { 1, 2, 3, 4 } }, 2, { 4, 6 } },
  { "channel_sum_squares",
    RV_OP_CHANNEL_SUM_SQUARES,
    { .tv = { 0 } },
    1,
    { { 4, { 2, 2, 1, 1 } } },
    { { 1, 2, 3, 4 } },
    2,
    { 10, 20 } },
  { "channel_sum_squares/border",
    RV_OP_CHANNEL_SUM_SQUARES,
    { .interior = { 1 } },
    1,
    { { 4, { 1, 1, 3, 4 } } },
    { { 9, 9, 9, 9, 9, 2, 3, 9, 9, 9, 9, 9 } },
    1,
    { 13 } },
  { "sum_squared_difference",
    RV_OP_SUM_SQUARED_DIFFERENCE,
    { .tv = { 0 } },
    2,
    { { 1, { 2 } }, { 1, { 2 } } },
    { { 1, 5 }, { 4, 1 } },
    1,
    { 25 } },
  /* Position 1 matches feature 2 of the guide, and position 2 matches feature 1. */
  { "best_match",
    RV_OP_BEST_MATCH,
    { .interior = { 0 } },
    2,
    { { 4, { 1, 2, 1, 2 } }, { 2, { 2, 3 } } },
    { { 1, 2, 3, -1 }, { 2, 0, -1, 0, 3, 2 } },
    1,
    { 3 * 3 + 2 * 2 } },
  /* out[2 i + t] += in[i] w[t]; out[4] is dropped */
  { "transposed_conv2d",
    RV_OP_CONV2D_BACKWARD_DATA,
    { .conv = { { 1, 2 }, { 0, 0, 0, 1 }, { 1, 4 } } },
    2,
    { { 4, { 1, 1, 1, 2 } }, { 4, { 1, 1, 1, 3 } } },
    { { 1, 10 }, { 2, 3, 4 } },
    4,
    { 2, 3, 4 + 20, 30 } },
  { "channel_sum/columns",
    RV_OP_CHANNEL_SUM,
    { .tv = { 0 } },
    1,
    { { 2, { 2, 2 } } },
    { { 1, 2, 3, 4 } },
    2,
    { 4, 6 } },
  { "reshape",
    RV_OP_RESHAPE,
    { .reshape = { { 2, { 2, 2 } } } },
    1,
    { { 4, { 1, 4, 1, 1 } } },
    { { 1, 2, 3, 4 } },
    4,
    { 1, 2, 3, 4 } },
  { "bias",
    RV_OP_BIAS,
    { .tv = { 0 } },
    2,
    { { 2, { 2, 2 } }, { 1, { 2 } } },
    { { 1, 2, 3, 4 }, { 10, 20 } },
    4,
    { 11, 22, 13, 24 } },
  { "clip",
    RV_OP_CLIP,
    { .tv = { 0 } },
    2,
    { { 2, { 2, 2 } }, { 1, { 2 } } },
    { { -1, 2, 3, 7 }, { 6, 1 } },
    4,
    { 0, 1, 3, 1 } },
  { "multiply",
    RV_OP_MULTIPLY,
    { .tv = { 0 } },
    2,
    { { 1, { 3 } }, { 1, { 3 } } },
    { { 1, -2, 3 }, { 4, 5, -6 } },
    3,
    { 4, -10, -18 } },
  { "scale",
    RV_OP_SCALE,
    { .tv = { 0 } },
    2,
    { { 4, { 2, 1, 1, 2 } }, { 4, { 2, 1, 1, 1 } } },
    { { 1, 2, 3, 4 }, { 10, 100 } },
    4,
    { 10, 20, 300, 400 } },
  { "global_pool",
    RV_OP_GLOBAL_POOL,
    { .global = { 0.5 } },
    1,
    { { 4, { 1, 2, 1, 2 } } },
    { { 1, 2, 3, 4 } },
    2,
    { 1.5, 3.5 } },
  { "elu",
    RV_OP_ELU,
    { .tv = { 0 } },
    2,
    { { 2, { 1, 3 } }, { 1, { 3 } } },
    { { 2, -0.6931471805599453, -1.3862943611198906 }, { 3, 3, 4 } },
    3,
    { 2, -1.5, -3 } },
  /* 68.27 % of a normal distribution lie within one standard deviation */
  { "erf",
    RV_OP_ERF,
    { .tv = { 0 } },
    1,
    { { 1, { 3 } } },
    { { 0, 0.7071067811865476, -0.7071067811865476 } },
    3,
    { 0, 0.6826894921370859, -0.6826894921370859 } },
  { "gelu",
    RV_OP_GELU,
    { .tv = { 0 } },
    1,
    { { 1, { 3 } } },
    { { 0, 1, -1 } },
    3,
    { 0, 0.8413447460685429, -0.1586552539314571 } },
  { "sigmoid",
    RV_OP_SIGMOID,
    { .tv = { 0 } },
    1,
    { { 1, { 3 } } },
    { { 0, 1.0986122886681098, -1.0986122886681098 } },
    3,
    { 0.5, 0.75, 0.25 } },
  /* logvar 2 log 3: a standard deviation of 3 */
  { "sampler",
    RV_OP_SAMPLER,
    { .tv = { 0 } },
    3,
    { { 2, { 1, 2 } }, { 2, { 1, 2 } }, { 2, { 1, 2 } } },
    { { 5, 1 }, { 2.1972245773362196, 0 }, { -2, 0.5 } },
    2,
    { -1, 1.5 } },
  /* 0 for N(0, 1); (mu^2 + s^2 - 1 - log s^2) / 2 for mu = 2, s = 3 */
  { "kl",
    RV_OP_KL,
    { .tv = { 0 } },
    2,
    { { 2, { 2, 2 } }, { 2, { 2, 2 } } },
    { { 0, 0, 2, 0 }, { 0, 0, 2.1972245773362196, 0 } },
    2,
    { 0, (4 + 9 - 1 - 2.1972245773362196) / 2 } },
  /* a dimension below 0.5 nats counts 0.5 */
  { "kl/free",
    RV_OP_KL,
    { .kl = { 0.5 } },
    2,
    { { 2, { 2, 2 } }, { 2, { 2, 2 } } },
    { { 0, 0, 2, 0 }, { 0, 0, 2.1972245773362196, 0 } },
    2,
    { 1, 0.5 + (4 + 9 - 1 - 2.1972245773362196) / 2 } },
  { "clamp_logvar",
    RV_OP_CLAMP_LOGVAR,
    { .tv = { 0 } },
    1,
    { { 1, { 4 } } },
    { { -31, 25, 3, -30 } },
    4,
    { -30, 20, 3, -30 } },
  /* outside the range, only gradients whose descent step leads back into it */
  { "clamp_logvar_backward",
    RV_OP_CLAMP_LOGVAR_BACKWARD,
    { .tv = { 0 } },
    2,
    { { 1, { 5 } }, { 1, { 5 } } },
    { { 1, -1, 1, -1, 2 }, { -31, -31, 21, 21, 0 } },
    5,
    { 0, -1, 1, 0, 2 } },
  /* p = 1/2 and 3/4 */
  { "bernoulli",
    RV_OP_BERNOULLI,
    { .tv = { 0 } },
    2,
    { { 2, { 2, 2 } }, { 2, { 2, 2 } } },
    { { 0, 1.0986122886681098, -1000, 1000 }, { 0.3, 1, 0, 0.5 } },
    2,
    { 0.6931471805599453 + 0.28768207245178085, 500 } },
  { "squared_error",
    RV_OP_SQUARED_ERROR,
    { .tv = { 0 } },
    2,
    { { 2, { 2, 2 } }, { 2, { 2, 2 } } },
    { { 1, 2, 3, 4 }, { 0, 4, 3, 1 } },
    2,
    { 5, 9 } },
  { "gram", RV_OP_GRAM, { .tv = { 0 } }, 1, { { 4, { 1, 2, 1, 2 } } }, { { 1, 2, 3, 4 } }, 4, { 5, 11, 11, 25 } },
  /* dy = 3, dx = 4: (9 + 16)^1.25 = 55.9017 for the one element that has both neighbours */
  { "total_variation/keras",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_KERAS } },
    1,
    { { 4, { 1, 1, 2, 2 } } },
    { { 0, 4, 3, 9 } },
    2,
    { 55.90169943749474, 0 } },
  { "total_variation/absolute",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_ABSOLUTE } },
    1,
    { { 4, { 1, 1, 2, 2 } } },
    { { 0, 4, 3, 9 } },
    2,
    { 8, 10 } },
  { "total_variation/squared",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_SQUARED } },
    1,
    { { 4, { 1, 1, 2, 2 } } },
    { { 0, 4, 3, 9 } },
    2,
    { 34, 52 } },
  /* the mask of the upper or left pixel scales a difference: 3^2 + (5 / 2)^2 vertical, 4^2 + (6 / 2)^2 horizontal */
  { "total_variation/masked",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_SQUARED } },
    2,
    { { 4, { 1, 1, 2, 2 } }, { 2, { 2, 2 } } },
    { { 0, 4, 3, 9 }, { 1, 0.5, 0.5, 0 } },
    2,
    { 9 + 6.25, 16 + 9 } },
};

static void
test_worked (gconstpointer data)
{
  const Worked *w = data;
  RvProgram *program = rv__program_new (RV_F64);
  int in[RV_OP_MAX_IN];
  for (int i = 0; i < w->n_in; i++)
    in[i] = rv__program_input (program, &w->in[i]);
  int out = rv__program_record (program, w->kind, &w->attrs, w->n_in, in);
  rv__program_output (program, out);
  program->n_forward = 1;
  g_autoptr (RvExecutable) executable = test_executable (program, NULL);
  for (int i = 0; i < w->n_in; i++)
    rv__executable_set (executable, in[i], w->x[i], NULL);
  rv__executable_forward (executable, NULL);
  g_autofree double *y = test_get (executable, out);
  g_assert_cmpint (rv_shape_count (rv__program_shape (program, out)), ==, w->n_out);
  for (int i = 0; i < w->n_out; i++)
    assert_less (fabs (y[i] - w->y[i]), 1e-12);
}

/* ---- channel blocks ---------------------------------------------------------------------------------------------- */

#define MAX_BLOCK 16
static const int blocks[] = { 8, 16 };

static void
to_block (const float *plain, const RvShape *shape, int block, gboolean back, float *out)
{
  RvView from = { (void *) plain, *shape, back ? block : 1 }, to = { out, *shape, back ? 1 : block };
  if (shape->n == 4)
    rv__reorder (&from, &to, sizeof (float));
  else
    memcpy (out, plain, (gsize) rv_shape_count (shape) * sizeof (float));
}

/* Runs one op in f32 with all 4-D operands in channel blocks of @block. Returns output 0 (transfer full) in plain rows.
 */
static float *
run_blocked (const RvOpClass *op, const RvOpAttrs *attrs, int n_in, const RvShape *shapes, int block,
             RvShape *shape_out)
{
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT] = { { NULL } };
  RvShape outs[RV_OP_MAX_OUT];
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < n_in; i++) {
    g_autoptr (RvTensor) x = test_constant (RV_F32, &shapes[i], (guint32) i, 1);
    float *blocked = g_new (float, rv_tensor_count (x) + 1);
    to_block (x->data, &shapes[i], block, FALSE, blocked);
    g_ptr_array_add (keep, blocked);
    in[i] = (RvView){ blocked, shapes[i], shapes[i].n == 4 ? block : 1 };
  }
  outs[0] = outs[1] = shapes[0];
  g_assert_true (!op->shape || op->shape (attrs, n_in, shapes, outs, NULL));
  for (int i = 0; i <= op->has_second_out; i++) {
    out[i] = (RvView){ g_new0 (float, rv_shape_count (&outs[i]) + 1), outs[i], outs[i].n == 4 ? block : 1 };
    g_ptr_array_add (keep, out[i].data);
  }
  op->run (attrs, n_in, in, out);
  float *plain = g_new (float, rv_shape_count (&outs[0]) + 1);
  to_block (out[0].data, &outs[0], block, TRUE, plain);
  *shape_out = outs[0];
  return plain;
}

static void
test_blocks (gconstpointer data)
{
  int block = *(const int *) data;
  int checked = 0;
  for (int i = 0; i < n_op_cases; i++) {
    const RvOpClass *op = rv__op_class (op_cases[i].kind, RV_F32);
    RvShape shapes[RV_OP_MAX_IN], shape;
    RvOpAttrs attrs = op_cases[i].attrs;
    if (!(op->supports & RV_SUPPORTS_BLOCKS) || !op_case_widen (&op_cases[i], 2 * block, shapes))
      continue;
    g_autofree float *plain = run_blocked (op, &attrs, op_cases[i].n_in, shapes, 1, &shape);
    g_autofree float *blocked = run_blocked (op, &attrs, op_cases[i].n_in, shapes, block, &shape);
    for (gint64 k = 0; k < rv_shape_count (&shape); k++)
      assert_less (fabs (plain[k] - blocked[k]), 1e-5 * (1 + fabs (plain[k])));
    checked++;
  }
  g_assert_cmpint (checked, >, 10);
}

/* Backward ops give the same bytes on blocks as on plain rows. Indices of pooling and bits of ReLU are in memory order.
 */
static void
test_blocks_backward (gconstpointer data)
{
  const int test_block = *(const int *) data;
  static const struct {
    RvOpKind forward, backward;
    RvOpAttrs attrs;
  } pairs[] = {
    { RV_OP_MAX_POOL, RV_OP_MAX_POOL_BACKWARD, { .pool = { { 3, 3 }, { 2, 2 }, .extent = { 7, 5 } } } },
    { RV_OP_RELU, RV_OP_RELU_BACKWARD, { .tv = { 0 } } },
  };
  RvShape shape = { 4, { 1, 2 * MAX_BLOCK, 7, 5 } };
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    const RvOpClass *forward = rv__op_class (pairs[i].forward, RV_F32);
    const RvOpClass *backward = rv__op_class (pairs[i].backward, RV_F32);
    float result[2][2 * MAX_BLOCK * 7 * 5];
    for (int blocked = 0; blocked < 2; blocked++) {
      int block = blocked ? test_block : 1;
      g_autoptr (RvTensor) x = test_constant (RV_F32, &shape, 1, 1);
      float in[2 * MAX_BLOCK * 7 * 5], y[2 * MAX_BLOCK * 7 * 5], gy[2 * MAX_BLOCK * 7 * 5], gx[2 * MAX_BLOCK * 7 * 5];
      guint8 extra[2 * MAX_BLOCK * 7 * 5];
      RvShape outs[2];
      to_block (x->data, &shape, block, FALSE, in);
      outs[0] = outs[1] = shape;
      g_assert_true (!forward->shape || forward->shape (&pairs[i].attrs, 1, &shape, outs, NULL));
      forward->run (&pairs[i].attrs, 1, &(RvView){ in, shape, block },
                    (RvView[]){ { y, outs[0], block }, { extra, outs[1], block } });
      g_autoptr (RvTensor) g = test_constant (RV_F32, &outs[0], 2, 1);
      to_block (g->data, &outs[0], block, FALSE, gy);
      backward->run (&pairs[i].attrs, 2, (RvView[]){ { gy, outs[0], block }, { extra, outs[1], block } },
                     &(RvView){ gx, shape, block });
      to_block (gx, &shape, block, TRUE, result[blocked]);
    }
    g_assert_cmpmem (result[0], sizeof result[0], result[1], sizeof result[1]);
  }
}

/* TensorFlow's rule for `same`, and padding after a ceil-mode pooling: n, window, stride -> before, after. */
static void
test_padding_rules (void)
{
  static const int same[][5] = { { 5, 3, 1, 1, 1 }, { 5, 3, 2, 1, 1 }, { 6, 3, 2, 0, 1 },  { 7, 2, 2, 0, 1 },
                                 { 8, 5, 1, 2, 2 }, { 3, 1, 2, 0, 0 }, { 224, 7, 2, 2, 3 } };
  static const int ceiling[][4] = { { 5, 3, 2, 0 }, { 6, 3, 2, 1 }, { 113, 3, 2, 0 }, { 7, 2, 2, 1 }, { 8, 3, 3, 1 } };
  int after;
  for (guint i = 0; i < G_N_ELEMENTS (same); i++) {
    g_assert_cmpint (rv__pad_same (same[i][0], same[i][1], same[i][2], &after), ==, same[i][3]);
    g_assert_cmpint (after, ==, same[i][4]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (ceiling); i++)
    g_assert_cmpint (rv__pad_ceil (ceiling[i][0], ceiling[i][1], ceiling[i][2]), ==, ceiling[i][3]);
}

static void
test_wrong_shapes (void)
{
  RvShape a = { 4, { 1, 3, 4, 4 } }, b = { 4, { 2, 5, 3, 3 } }, small = { 4, { 1, 3, 2, 2 } },
          w = { 4, { 2, 3, 3, 3 } };
  RvOpAttrs attrs = { .conv = { { 1, 1 } } };
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &a), y = rv__program_input (program, &b);
  g_assert_cmpint (rv__program_record (program, RV_OP_CONV2D, &attrs, 2, (int[]){ x, y }), ==, -1);
  g_assert_error (program->error, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_cmpint (rv__relu (program, x), ==, -1); /* the first error stays */

  g_autoptr (RvProgram) other = rv__program_new (RV_F32);
  x = rv__program_input (other, &small), y = rv__program_input (other, &w);
  g_assert_cmpint (rv__program_record (other, RV_OP_CONV2D, &attrs, 2, (int[]){ x, y }), ==, -1);
  g_assert_error (other->error, RV_ERROR, RV_ERROR_SHAPE);
}

/* The better of two guide features wins, although sums that are added one by one in f32 would lose the difference. The
 * number of guide features is limited to 2^24, the largest count in f32. */
static void
test_best_match_sums (void)
{
  enum { C = 1024, ZEROS = 128 };
  static float x[C], guide[C][2];
  float y, k;
  for (int c = 0; c < C; c++) {
    x[c] = 1;
    guide[c][0] = c == 0 ? 1 << 24 : c >= ZEROS;
    guide[c][1] = c == 0 ? (1 << 24) + 512 : 0;
  }
  RvShape one = { 1, { 1 } };
  rv__op_class (RV_OP_BEST_MATCH, RV_F32)
    ->run (&(RvOpAttrs){ .interior = { 0 } }, 2,
           (RvView[]){ { x, { 4, { 1, C, 1, 1 } }, 1 }, { guide, { 2, { C, 2 } }, 1 } },
           (RvView[]){ { &y, one, 1 }, { &k, one, 1 } });
  g_assert_cmpfloat (k, ==, 0);
  g_assert_cmpfloat (y, ==, (float) ((1 << 24) + C - ZEROS));

  const gint64 countable = 1 << 24;
  RvShape out[2], in[] = { { 4, { 1, 1, 1, 1 } }, { 2, { 1, countable } } };
  const RvOpClass *op = rv__op_class (RV_OP_BEST_MATCH, RV_F32);
  g_autoptr (GError) error = NULL;
  g_assert_true (op->shape (&(RvOpAttrs){ .interior = { 0 } }, 2, in, out, NULL));
  in[1].dim[1] = countable + 1;
  g_assert_false (op->shape (&(RvOpAttrs){ .interior = { 0 } }, 2, in, out, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

/* Positions that do not fill their chunks, and columns and channels that do not fill theirs, all get their match. */
static void
test_best_match_chunks (void)
{
  enum { C = 70, P = 1501, Q = 45 };
  static float x[C][P], guide[C][Q], k[P];
  float y;
  double sum = 0;
  for (int c = 0; c < C; c++) {
    for (int p = 0; p < P; p++)
      x[c][p] = (float) ((c * 31 + p * 17) % 101) - 50;
    for (int q = 0; q < Q; q++)
      guide[c][q] = (float) ((c * c * 13 + q * 29) % 97) - 48;
  }
  rv__op_class (RV_OP_BEST_MATCH, RV_F32)
    ->run (&(RvOpAttrs){ .interior = { 0 } }, 2,
           (RvView[]){ { x, { 4, { 1, C, 1, P } }, 1 }, { guide, { 2, { C, Q } }, 1 } },
           (RvView[]){ { &y, { 1, { 1 } }, 1 }, { k, { 1, { P } }, 1 } });
  for (int p = 0; p < P; p++) {
    int best = 0;
    double most = -INFINITY;
    for (int q = 0; q < Q; q++) {
      double product = 0;
      for (int c = 0; c < C; c++)
        product += (double) x[c][p] * (double) guide[c][q];
      if (product > most)
        most = product, best = q;
    }
    g_assert_cmpint ((int) k[p], ==, best);
    sum += most;
  }
  g_assert_cmpfloat (y, ==, (float) sum);
}

/* Sigmoid and Bernoulli loss in f32, which use polynomials, agree with libm. */
static void
test_exponentials (void)
{
  enum { N = 4001 };
  static float logits[N], pixels[N], y[N];
  for (int i = 0; i < N; i++)
    logits[i] = (float) (i - N / 2) / 20; /* -100 .. 100 */
  RvShape shape = { 2, { N, 1 } }, sums = { 1, { N } };
  rv__op_class (RV_OP_SIGMOID, RV_F32)->run (NULL, 1, &(RvView){ logits, shape, 1 }, &(RvView){ y, shape, 1 });
  for (int i = 0; i < N; i++) {
    double right = 1 / (1 + exp (-(double) logits[i]));
    assert_less (fabs (y[i] - right), 4e-7 * right + 1e-37);
  }
  rv__op_class (RV_OP_BERNOULLI, RV_F32)
    ->run (NULL, 2, (RvView[]){ { logits, shape, 1 }, { pixels, shape, 1 } }, &(RvView){ y, sums, 1 });
  for (int i = 0; i < N; i++) {
    double right = MAX (logits[i], 0) + log1p (exp (-fabs ((double) logits[i])));
    assert_less (fabs (y[i] - right), 4e-7 * right + 1e-37);
  }
  logits[0] = NAN;
  rv__op_class (RV_OP_SIGMOID, RV_F32)->run (NULL, 1, &(RvView){ logits, shape, 1 }, &(RvView){ y, shape, 1 });
  g_assert_true (isnan (y[0]));
}

/* Planes that are divided into several chunks: sums are right, and instance norm gives mean 0 and variance 1. In plain
 * rows and in channel blocks. */
static void
test_large_planes (void)
{
  enum { C = 8, H = 181, W = 233, POSITIONS = H * W };
  const RvShape shape = rv_shape (4, 1, C, H, W), sums_shape = rv_shape (3, 2, 1, C), channels = rv_shape (1, C);
  const RvOpAttrs attrs = { .norm = { .epsilon = 0 } };
  float ones[C], zeros[C] = { 0 };
  for (int c = 0; c < C; c++)
    ones[c] = 1;
  for (int block = 1; block <= C; block += C - 1) {
    g_autoptr (RvTensor) x = test_constant (RV_F32, &shape, 1, 1);
    g_autofree float *y = g_new (float, C *POSITIONS);
    float s[2 * C];
    RvView x_view = { x->data, shape, block }, s_view = { s, sums_shape, 1 }, y_view = { y, shape, block };
    rv__op_class (RV_OP_PICTURE_SUMS, RV_F32)->run (NULL, 1, &x_view, &s_view);
    rv__op_class (RV_OP_INSTANCE_NORM, RV_F32)
      ->run (&attrs, 4, (RvView[]){ x_view, s_view, { ones, channels, 1 }, { zeros, channels, 1 } }, &y_view);
    for (int c = 0; c < C; c++) {
      double sum = 0, squares = 0, mean = 0, variance = 0;
      for (int p = 0; p < POSITIONS; p++) {
        int at = block == 1 ? c * POSITIONS + p : p * C + c;
        double value = ((const float *) x->data)[at];
        sum += value, squares += value * value;
        mean += y[at] / (double) POSITIONS, variance += (double) y[at] * y[at] / POSITIONS;
      }
      assert_less (fabs (s[c] - sum), 1e-6 * squares);
      assert_less (fabs (s[C + c] - squares), 1e-6 * squares);
      assert_less (fabs (mean), 1e-5);
      assert_less (fabs (variance - 1), 1e-5);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < n_op_cases; i++) {
    g_autofree char *path = g_strconcat ("/op/gradient/", op_cases[i].name, NULL);
    g_test_add_data_func (path, &op_cases[i], test_gradient);
  }
  for (guint i = 0; i < G_N_ELEMENTS (worked); i++) {
    g_autofree char *path = g_strconcat ("/op/worked/", worked[i].name, NULL);
    g_test_add_data_func (path, &worked[i], test_worked);
  }
  g_test_add_func ("/op/complete", test_every_op_has_a_case);
  g_test_add_func ("/op/reach", test_reach);
  g_test_add_func ("/op/exponentials", test_exponentials);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++) {
    g_autofree char *path = g_strdup_printf ("/op/blocks/%d", blocks[i]),
                    *backward = g_strdup_printf ("/op/blocks-backward/%d", blocks[i]);
    g_test_add_data_func (path, &blocks[i], test_blocks);
    g_test_add_data_func (backward, &blocks[i], test_blocks_backward);
  }
  g_test_add_func ("/op/padding-rules", test_padding_rules);
  g_test_add_func ("/op/wrong-shapes", test_wrong_shapes);
  g_test_add_func ("/op/best-match-sums", test_best_match_sums);
  g_test_add_func ("/op/best-match-chunks", test_best_match_chunks);
  g_test_add_func ("/op/large-planes", test_large_planes);
  return g_test_run ();
}
