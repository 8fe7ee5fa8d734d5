/* conv2d.c -- two-dimensional convolution (cross-correlation, as in every framework) with an optional bias.
 *
 *   forward           y[n,o,i,j]  = b[o] + sum over c,u,v of w[o,c,u,v] * x[n,c, h, w]
 *   backward, data    gx[n,c,h,w] = sum over o,u,v of w[o,c,u,v] * gy[n,o,i,j]
 *   backward, weights gw[o,c,u,v] = sum over n,i,j of gy[n,o,i,j] * x[n,c, h, w];  gb = channel sum
 *
 * with h = i*s - p + u*d and w = j*s - p + v*d for stride s, padding p and dilation d. x [N, C, H, W], w [O, C, U, V],
 * y [N, O, Ho, Wo] with Ho = floor((H + top + bottom - (U - 1) d - 1) / s) + 1. Outside x: zeros.
 * With G groups, w is [O, C / G, U, V], and the O / G outputs of a group read only the C / G channels of the same
 * group; depthwise: G = C. Threads divide the output rows, so that no sum depends on their number. Sums in `real`,
 * those over positions in double. Not optimised: src/backend/blocks.c replaces all three.
 */
#include "op/real.h"

/* Distance along @axis from the first tap of the kernel @weights to its last one, in positions; 0 for a single tap. */
static gint64
kernel_reach (const RvConvAttrs *a, int axis, const RvShape *weights)
{
  return (weights->dim[2 + axis] - 1) * rv__conv_dilation (a, axis);
}

/* Output positions along @axis, 0 rows, 1 columns, of @in input positions; 0 if the kernel does not fit. */
static gint64
out_extent (const RvConvAttrs *a, int axis, gint64 in, const RvShape *weights)
{
  int pads = axis == 0 ? a->pad.top + a->pad.bottom : a->pad.left + a->pad.right;
  gint64 slack = in + pads - kernel_reach (a, axis, weights) - 1;
  return slack < 0 ? 0 : slack / a->stride[axis] + 1;
}

/* RvOpClass.shape of y. RV_ERROR_SHAPE, also for a picture smaller than the kernel. */
static gboolean
conv2d_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvConvAttrs *a = &attrs->conv;
  if (in[0].n != 4 || in[1].n != 4 || in[0].dim[1] % rv__conv_groups (a) ||
      in[0].dim[1] / rv__conv_groups (a) != in[1].dim[1] || in[1].dim[0] % rv__conv_groups (a) ||
      (n_in > 2 && (in[2].n != 1 || in[2].dim[0] != in[1].dim[0])))
    return rv__shape_error ("conv2d", "needs x [N, C, H, W], w [O, C / groups, U, V] and b [O]", n_in, in, error);

  gint64 rows = out_extent (a, 0, in[0].dim[2], &in[1]), cols = out_extent (a, 1, in[0].dim[3], &in[1]);
  if (rows < 1 || cols < 1)
    return rv__shape_error ("conv2d", "the picture is smaller than the kernel", n_in, in, error);
  out[0] = (RvShape){ 4, { in[0].dim[0], in[1].dim[0], rows, cols } };
  return TRUE;
}

/* Output columns first .. last-1, whose input column j * stride + shift lies inside 0 .. width-1. */
static void
columns_inside (gint64 n_out, int stride, gint64 shift, gint64 width, gint64 *first, gint64 *last)
{
  *first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  gint64 end = width - 1 - shift;
  *last = end < 0 ? 0 : MIN (n_out, end / stride + 1);
}

/* to[j * to_stride] += factor from[j * from_stride], for @n numbers. */
RV_CLONES static void
add_scaled (real *to, gint64 to_stride, const real *from, gint64 from_stride, gint64 n, real factor)
{
  if (to_stride == 1 && from_stride == 1)
    for (gint64 j = 0; j < n; j++)
      to[j] += factor * from[j];
  else
    for (gint64 j = 0; j < n; j++)
      to[j * to_stride] += factor * from[j * from_stride];
}

/* Computes row @row of y, counted over pictures, channels and rows, rows innermost, from @x and the weights @w.
 * Overwrites it. Positions outside x count as zeros. @bias: [O]; NULL: none. */
static void
forward_row (const RvConvAttrs *a, const RvView *x, const RvView *w, const real *bias, const RvView *y, gint64 row)
{
  gint64 C = w->shape.dim[1], H = x->shape.dim[2], W = x->shape.dim[3]; /* C: channels of a group */
  gint64 O = y->shape.dim[1], Ho = y->shape.dim[2], Wo = y->shape.dim[3];
  gint64 U = w->shape.dim[2], V = w->shape.dim[3];
  gint64 i = row % Ho, o = row / Ho % O, n = row / Ho / O, group = o / (O / rv__conv_groups (a));
  real *to = (real *) y->data + row * Wo;

  for (gint64 j = 0; j < Wo; j++)
    to[j] = bias ? bias[o] : 0;
  for (gint64 c = 0; c < C; c++)
    for (gint64 u = 0; u < U; u++) {
      gint64 h = i * a->stride[0] - a->pad.top + u * rv__conv_dilation (a, 0);
      if (h < 0 || h >= H)
        continue;
      const real *from = (const real *) x->data + ((n * x->shape.dim[1] + group * C + c) * H + h) * W;
      const real *taps = (const real *) w->data + ((o * C + c) * U + u) * V;
      for (gint64 v = 0; v < V; v++) {
        gint64 first, last, shift = v * rv__conv_dilation (a, 1) - a->pad.left;
        columns_inside (Wo, a->stride[1], shift, W, &first, &last);
        if (first < last)
          add_scaled (to + first, 1, from + first * a->stride[1] + shift, a->stride[1], last - first, taps[v]);
      }
    }
}

static void
conv2d_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *bias = n_in > 2 ? in[2].data : NULL;
  const gint64 *d = out[0].shape.dim;
  gint64 rows = d[0] * d[1] * d[2];

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < rows; row++)
    forward_row (&attrs->conv, &in[0], &in[1], bias, &out[0], row);
}

/* RvOpClass.gradient of conv2d. Records the wanted gradients of data, weights and bias, and sets grad_in[0], [1], [2]
 * to their values; -1 after an error in @program. Members that are not wanted stay unchanged. The data come last: their
 * kernel can then fuse a ReLU's backward pass, and the workspace of the weight gradient is free by then. */
static void
conv2d_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = step->attrs;
  RvShape x = *rv__program_shape (program, step->in[0]), w = *rv__program_shape (program, step->in[1]);

  if (step->n_in > 2 && wanted[2])
    grad_in[2] = RV_RECORD (CHANNEL_SUM, NULL, grad_out);
  if (wanted[1]) {
    attrs.conv.extent[0] = (int) w.dim[2], attrs.conv.extent[1] = (int) w.dim[3];
    grad_in[1] = RV_RECORD (CONV2D_BACKWARD_WEIGHTS, &attrs, step->in[0], grad_out);
  }
  if (wanted[0]) {
    attrs.conv.extent[0] = (int) x.dim[2], attrs.conv.extent[1] = (int) x.dim[3];
    grad_in[0] = RV_RECORD (CONV2D_BACKWARD_DATA, &attrs, grad_out, step->in[1]);
  }
}

static gboolean
conv2d_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window)
{
  const RvConvAttrs *a = &attrs->conv;
  gint64 before = axis == 0 ? a->pad.top : a->pad.left;
  *window = (RvOpWindow){ before, kernel_reach (a, axis, &in[1]) - before, a->stride[axis], 1 };
  return TRUE;
}

/* Multiplications and additions of a convolution or of one of its gradients. @sums: shape of y or gy, [N, O, Ho, Wo].
 * @weights: shape of w or gw. */
static double
window_work (const RvShape *sums, const RvShape *weights)
{
  return 2 * (double) rv_shape_count (sums) * (double) rv_shape_count (weights) / (double) weights->dim[0];
}

static double
conv2d_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return window_work (&out[0], &in[1]);
}

const RvOpClass RV_OP (conv2d) = {
  .n_in = 2,
  .max_in = 3,
  .locality = RV_LOCALITY_WINDOW,
  .window = conv2d_window,
  .work = conv2d_work,
  .shape = conv2d_shape,
  .run = conv2d_run,
  .gradient = conv2d_gradient,
};

/* ---- backward, data ---------------------------------------------------------------------------------------------- */

static gboolean
backward_data_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvConvAttrs *a = &attrs->conv;
  if (in[0].n != 4 || in[1].n != 4 || in[0].dim[1] != in[1].dim[0] || in[1].dim[0] % rv__conv_groups (a))
    return rv__shape_error ("conv2d_backward_data", "needs gy [N, O, Ho, Wo] and w [O, C / groups, U, V]", n_in, in,
                            error);
  out[0] = (RvShape){ 4, { in[0].dim[0], in[1].dim[1] * rv__conv_groups (a), a->extent[0], a->extent[1] } };
  return TRUE;
}

/* Computes row @row of gx, counted over pictures, channels and rows, rows innermost, from @gy and the weights @w.
 * Overwrites it. */
static void
backward_data_row (const RvConvAttrs *a, const RvView *gy, const RvView *w, const RvView *gx, gint64 row)
{
  gint64 C = gx->shape.dim[1], H = gx->shape.dim[2], W = gx->shape.dim[3];
  gint64 O = gy->shape.dim[1], Ho = gy->shape.dim[2], Wo = gy->shape.dim[3];
  gint64 group_in = w->shape.dim[1], group_out = O / rv__conv_groups (a), U = w->shape.dim[2], V = w->shape.dim[3];
  gint64 h = row % H, c = row / H % C, n = row / H / C, first_o = c / group_in * group_out;
  real *to = (real *) gx->data + row * W;

  memset (to, 0, W * sizeof (real));
  for (gint64 o = first_o; o < first_o + group_out; o++)
    for (gint64 u = 0; u < U; u++) {
      gint64 i = h + a->pad.top - u * rv__conv_dilation (a, 0);
      if (i < 0 || i % a->stride[0] || i / a->stride[0] >= Ho)
        continue;
      const real *from = (const real *) gy->data + ((n * O + o) * Ho + i / a->stride[0]) * Wo;
      const real *taps = (const real *) w->data + ((o * group_in + c % group_in) * U + u) * V;
      for (gint64 v = 0; v < V; v++) {
        gint64 first, last, shift = v * rv__conv_dilation (a, 1) - a->pad.left;
        columns_inside (Wo, a->stride[1], shift, W, &first, &last);
        if (first < last)
          add_scaled (to + first * a->stride[1] + shift, a->stride[1], from + first, 1, last - first, taps[v]);
      }
    }
}

static void
backward_data_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = out[0].shape.dim;
  gint64 rows = d[0] * d[1] * d[2];

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < rows; row++)
    backward_data_row (&attrs->conv, &in[0], &in[1], &out[0], row);
}

/* RvOpClass.gradient of conv2d_backward_data, which is linear in both inputs. The gradient of input 0 is a convolution,
 * recorded last as in conv2d_gradient(). */
static void
backward_data_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = step->attrs;
  if (wanted[1]) {
    const RvShape *w = rv__program_shape (program, step->in[1]);
    attrs.conv.extent[0] = (int) w->dim[2], attrs.conv.extent[1] = (int) w->dim[3];
    grad_in[1] = RV_RECORD (CONV2D_BACKWARD_WEIGHTS, &attrs, grad_out, step->in[0]);
  }
  if (wanted[0])
    grad_in[0] = RV_RECORD (CONV2D, &step->attrs, grad_out, step->in[1]);
}

/* RvOpClass.window, of a transposed convolution: output position h = i*s - p + u*d reads input position i. The output
 * may have less than s positions for each one of the input: those missing at the end of a tile need more input. */
static gboolean
backward_data_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window)
{
  const RvConvAttrs *a = &attrs->conv;
  gint64 before = axis == 0 ? a->pad.top : a->pad.left,
         missing = in[0].dim[2 + axis] * a->stride[axis] - a->extent[axis];
  *window = (RvOpWindow){ kernel_reach (a, axis, &in[1]) - before, MAX (before, missing), 1, a->stride[axis] };
  return TRUE;
}

static double
backward_data_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return window_work (&in[0], &in[1]);
}

const RvOpClass RV_OP (conv2d_backward_data) = {
  .n_in = 2,
  .locality = RV_LOCALITY_WINDOW,
  .window = backward_data_window,
  .work = backward_data_work,
  .shape = backward_data_shape,
  .run = backward_data_run,
  .gradient = backward_data_gradient,
};

/* ---- backward, weights ------------------------------------------------------------------------------------------- */

static gboolean
backward_weights_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvConvAttrs *a = &attrs->conv;
  if (in[0].n != 4 || in[1].n != 4 || in[0].dim[0] != in[1].dim[0] || in[0].dim[1] % rv__conv_groups (a) ||
      in[1].dim[1] % rv__conv_groups (a))
    return rv__shape_error ("conv2d_backward_weights", "needs x [N, C, H, W] and gy [N, O, Ho, Wo]", n_in, in, error);
  out[0] = (RvShape){ 4, { in[1].dim[1], in[0].dim[1] / rv__conv_groups (a), a->extent[0], a->extent[1] } };
  return TRUE;
}

/* Returns gw[o,c,u,v], the gradient of one weight, summed over the pictures and positions of @x and @gy, in double; c
 * counts the channels of x. Positions outside x count as zeros. */
static double
one_weight (const RvConvAttrs *a, const RvView *x, const RvView *gy, gint64 o, gint64 c, gint64 u, gint64 v)
{
  gint64 N = x->shape.dim[0], C = x->shape.dim[1], H = x->shape.dim[2], W = x->shape.dim[3];
  gint64 O = gy->shape.dim[1], Ho = gy->shape.dim[2], Wo = gy->shape.dim[3];
  gint64 first, last, shift = v * rv__conv_dilation (a, 1) - a->pad.left;
  double sum = 0;

  columns_inside (Wo, a->stride[1], shift, W, &first, &last);
  for (gint64 n = 0; n < N; n++)
    for (gint64 i = 0; i < Ho; i++) {
      gint64 h = i * a->stride[0] - a->pad.top + u * rv__conv_dilation (a, 0);
      if (h < 0 || h >= H)
        continue;
      const real *g = (const real *) gy->data + ((n * O + o) * Ho + i) * Wo;
      const real *row = (const real *) x->data + ((n * C + c) * H + h) * W;
      for (gint64 j = first; j < last; j++)
        sum += (double) g[j] * row[j * a->stride[1] + shift];
    }
  return sum;
}

static void
backward_weights_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 O = out[0].shape.dim[0], C = out[0].shape.dim[1], U = out[0].shape.dim[2], V = out[0].shape.dim[3];
  gint64 group_out = O / rv__conv_groups (&attrs->conv);

#pragma omp parallel for schedule(static)
  for (gint64 k = 0; k < O * C * U * V; k++) {
    gint64 o = k / (U * V) / C, c = o / group_out * C + k / (U * V) % C;
    ((real *) out[0].data)[k] = (real) one_weight (&attrs->conv, &in[0], &in[1], o, c, k / V % U, k % V);
  }
}

static double
backward_weights_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return window_work (&in[1], &out[0]);
}

const RvOpClass RV_OP (conv2d_backward_weights) = {
  .n_in = 2,
  .work = backward_weights_work,
  .shape = backward_weights_shape,
  .run = backward_weights_run,
};
