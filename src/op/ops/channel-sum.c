/* channel-sum.c -- sums over pictures and positions, one per channel: of the values and of their squares.
 *
 *   channel_sum          s[c] = sum over n,h,w of x[n,c,h,w]        gx = gs[c]
 *                        for x [N, C]: s[c] = sum over n of x[n,c]
 *   channel_sum_squares  q[c] = sum over n,h,w of x[n,c,h,w]^2      gx = 2 gq[c] x
 *
 * The squares leave out attrs->interior.border rows and columns on each side; gx is 0 there.
 * Sums in double. They add up over tiles, for the style losses on means and variances.
 */
#include "op/real.h"

/* RvOpClass.shape: [C]. RV_ERROR_SHAPE unless input 0 is [N, C, H, W]. */
static gboolean
sum_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4)
    return rv__shape_error ("channel sum", "needs [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 1, { in[0].dim[1] } };
  return TRUE;
}

/* RvOpClass.shape: [C]. Input 0 is [N, C, H, W], or [N, C], whose columns are summed. */
static gboolean
channel_sum_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 2)
    return sum_shape (attrs, n_in, in, out, error);
  out[0] = (RvShape){ 1, { in[0].dim[1] } };
  return TRUE;
}

#define MAX_PARTS 16      /* parts of the rows of all pictures, summed separately, for few channels on many threads */
#define PART_NUMBERS 2048 /* minimum of numbers in a part, per channel or block */
#define COLUMNS 256       /* columns per call of sum_columns() */
#define CHAINS 4          /* independent partial sums: no addition waits for the last one */
#define MAX_CONSTANT 16

/* Adds the sums over @n positions, @stride numbers apart, of @count channels, at most MAX_CONSTANT, to @sum, [count];
 * with @squares the sums of squares. A constant @count and @squares keep the sums in registers. */
static inline __attribute__ ((always_inline)) void
add_row_of (const real *x, gint64 n, gint64 stride, const gint64 count, const gboolean squares, double *sum)
{
  double chain[CHAINS][MAX_CONSTANT] = { { 0 } };
  gint64 whole = n / CHAINS * CHAINS;
  for (gint64 w = 0; w < n; w += CHAINS)
    for (int c = 0; c < (w < whole ? CHAINS : n - whole); c++)
#pragma omp simd
      for (gint64 k = 0; k < count; k++) {
        double v = x[(w + c) * stride + k];
        chain[c][k] += squares ? v * v : v;
      }
  for (gint64 k = 0; k < count; k++)
    sum[k] += (chain[0][k] + chain[1][k]) + (chain[2][k] + chain[3][k]);
}

/* add_row_of() for a single channel with @n adjacent positions: adds to *sum. */
static inline __attribute__ ((always_inline)) void
add_line_of (const real *x, gint64 n, const gboolean squares, double *sum)
{
  double lane[MAX_CONSTANT] = { 0 };
  gint64 whole = n / MAX_CONSTANT;
  add_row_of (x, whole, MAX_CONSTANT, MAX_CONSTANT, squares, lane);
  add_row_of (x + whole * MAX_CONSTANT, n - whole * MAX_CONSTANT, 1, 1, squares, sum);
  for (int k = 0; k < MAX_CONSTANT; k++)
    *sum += lane[k];
}

/* add_row_of() for any @count of adjacent channels. */
static inline __attribute__ ((always_inline)) void
add_any_row (const real *x, gint64 n, gint64 count, const gboolean squares, double *sum)
{
  if (count == 16)
    add_row_of (x, n, 16, 16, squares, sum);
  else if (count == 8)
    add_row_of (x, n, 8, 8, squares, sum);
  else if (count == 4)
    add_row_of (x, n, 4, 4, squares, sum);
  else if (count == 1)
    add_line_of (x, n, squares, sum);
  else
    for (gint64 first = 0; first < count; first += MAX_CONSTANT)
      add_row_of (x + first, n, count, MIN (MAX_CONSTANT, count - first), squares, sum + first);
}

/* add_any_row() with a constant @squares. Adds to @sum, [@count]. */
RV_CLONES static void
add_row (const real *x, gint64 n, gint64 count, gboolean squares, double *sum)
{
  if (squares)
    add_any_row (x, n, count, TRUE, sum);
  else
    add_any_row (x, n, count, FALSE, sum);
}

/* Adds the rows @from .. @end-1, counted over all pictures without their borders, to @sum, [count]: channels @first ..
 * @first + @count - 1, one block. With @squares adds squares. Without a border adds all rows of a picture at once. */
static void
sum_rows (const RvView *x, gint64 first, gint64 count, gboolean squares, gint64 border, gint64 from, gint64 end,
          double *sum)
{
  gint64 C = x->shape.dim[1], H = x->shape.dim[2], W = x->shape.dim[3], inner = H - 2 * border;
  for (gint64 row = from, n; row < end; row += n) {
    gint64 at = (row / inner * C + first) * H * W + ((border + row % inner) * W + border) * count;
    n = border ? 1 : MIN (end - row, inner - row % inner);
    add_row ((const real *) x->data + at, n * (W - 2 * border), count, squares, sum);
  }
}

/* Writes to @sum (out), [C], the sum of each channel of @x [N, C, H, W] over all pictures and positions; with @squares
 * the sum of squares. Leaves out @border rows and columns on each side; 0 if nothing remains. Adds parts of the rows in
 * order: the same sum for any number of threads. */
static void
sum_all (const RvView *x, gboolean squares, gint64 border, real *sum)
{
  gint64 C = x->shape.dim[1], block = block_of (x), W = x->shape.dim[3];
  gint64 rows = W > 2 * border ? x->shape.dim[0] * MAX (x->shape.dim[2] - 2 * border, 0) : 0;
  gint64 n_parts = CLAMP (rows * W * block / PART_NUMBERS, 1, MAX_PARTS);
  g_autofree double *parts = g_new0 (double, n_parts *C);
#pragma omp parallel for schedule(static) collapse(2)
  for (gint64 part = 0; part < n_parts; part++)
    for (gint64 c = 0; c < C; c += block)
      sum_rows (x, c, block, squares, border, rows * part / n_parts, rows * (part + 1) / n_parts, parts + part * C + c);
  for (gint64 c = 0; c < C; c++) {
    double total = 0;
    for (gint64 part = 0; part < n_parts; part++)
      total += parts[part * C + c];
    sum[c] = (real) total;
  }
}

/* Overwrites @sum, [@n], with the sums of @n columns, at most COLUMNS, over @n_rows rows of @x that are @stride apart.
 */
RV_CLONES static void
sum_columns (const real *x, gint64 n_rows, gint64 stride, gint64 n, real *sum)
{
  double total[COLUMNS] = { 0 };
  for (gint64 row = 0; row < n_rows; row++)
    for (gint64 k = 0; k < n; k++)
      total[k] += x[row * stride + k];
  for (gint64 k = 0; k < n; k++)
    sum[k] = (real) total[k];
}

/* RvOpClass.run of channel_sum: writes s [C], the sum of each channel of x [N, C, H, W] or [N, C]. Cannot fail. */
static void
channel_sum_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 C = in[0].shape.dim[1];
  if (in[0].shape.n == 4) {
    sum_all (&in[0], FALSE, 0, out[0].data);
    return;
  }
#pragma omp parallel for schedule(static)
  for (gint64 first = 0; first < C; first += COLUMNS)
    sum_columns ((const real *) in[0].data + first, in[0].shape.dim[0], C, MIN (COLUMNS, C - first),
                 (real *) out[0].data + first);
}

/* RvOpClass.run of channel_sum_squares: writes q [C] for x [N, C, H, W], without interior.border. Cannot fail. */
static void
channel_sum_squares_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  sum_all (&in[0], TRUE, attrs->interior.border, out[0].data);
}

static void
channel_sum_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  const RvShape *x = rv__program_shape (program, step->in[0]);
  RvOpAttrs attrs = { .spread = { .extent = { x->dim[2], x->dim[3] }, .n = x->dim[0] } }; /* 0, 0 for columns */
  grad_in[0] = RV_RECORD (CHANNEL_SUM_BACKWARD, &attrs, grad_out);
}

RV_GRADIENT (channel_sum_squares, CHANNEL_SUM_SQUARES_BACKWARD, &step->attrs, step->in[0], grad_out)

const RvOpClass RV_OP (channel_sum) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = channel_sum_shape,
  .run = channel_sum_run,
  .gradient = channel_sum_gradient,
};

const RvOpClass RV_OP (channel_sum_squares) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = sum_shape,
  .run = channel_sum_squares_run,
  .gradient = channel_sum_squares_gradient,
};

/* RvOpClass.shape of gradients of channel_sum: that of its input, by attrs->spread. Cannot fail. */
static gboolean
spread_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = (RvShape){ 4, { attrs->spread.n, in[0].dim[0], attrs->spread.extent[0], attrs->spread.extent[1] } };
  if (attrs->spread.extent[0] == 0)
    out[0] = (RvShape){ 2, { attrs->spread.n, in[0].dim[0] } };
  return TRUE;
}

/* RvOpClass.run of channel_sum_backward: writes gx[n,c,h,w] = gs[c]. Input: gs [C]. Cannot fail. */
static void
channel_sum_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *grad = in[0].data;
  gint64 C = out[0].shape.dim[1], block = out[0].shape.n == 2 ? C : block_of (&out[0]);
  gint64 P = rv_shape_count (&out[0].shape) / (out[0].shape.dim[0] * C), planes = out[0].shape.dim[0] * C / block;

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < planes; p++)
    for (gint64 i = 0; i < P * block; i++)
      ((real *) out[0].data)[p * P * block + i] = grad[p * block % C + i % block];
}

const RvOpClass RV_OP (channel_sum_backward) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = spread_shape,
  .run = channel_sum_backward_run,
};

/* Overwrites the row @gx, [@W, @block], with 2 g x; @g: [@block], one for each channel. 0 in @border columns at both
 * ends. */
RV_CLONES static void
spread_squares (const real *x, const real *g, gint64 W, gint64 block, gint64 border, real *gx)
{
  for (gint64 w = 0; w < W; w++)
    for (gint64 k = 0; k < block; k++)
      gx[w * block + k] = w >= border && w < W - border ? 2 * g[k] * x[w * block + k] : 0;
}

/* RvOpClass.run: gx = 2 gq[c] x, 0 in the border. Inputs: x, gq. Cannot fail. */
static void
channel_sum_squares_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *x = in[0].data, *grad = in[1].data;
  gint64 block = block_of (&out[0]), C = out[0].shape.dim[1], H = out[0].shape.dim[2], W = out[0].shape.dim[3];
  gint64 planes = out[0].shape.dim[0] * C / block, border = attrs->interior.border;

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < planes * H; row++) {
    gint64 p = row / H, h = row % H, at = row * W * block;
    gboolean inside = h >= border && h < H - border;
    spread_squares (x + at, grad + p * block % C, W, block, inside ? border : W, (real *) out[0].data + at);
  }
}

const RvOpClass RV_OP (channel_sum_squares_backward) = {
  .n_in = 2,
  .supports = RV_SUPPORTS_BLOCKS,
  .run = channel_sum_squares_backward_run,
};
