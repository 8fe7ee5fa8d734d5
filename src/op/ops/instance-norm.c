/* instance-norm.c -- normalises each channel of each picture to mean 0 and variance 1, then scales and shifts it.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, "Instance normalization: the missing ingredient for fast stylization". Over the P
 * positions of a channel of a picture (the variance divides by P, as in PyTorch's InstanceNorm):
 *
 *   picture_sums    s[0,n,c] = sum x, s[1,n,c] = sum x^2          mean m = s0 / P, variance v = s1 / P - m^2
 *   instance_norm   y = scale[c] (x - m) r + shift[c]             r = 1 / sqrt (v + epsilon)
 *
 * The sums are a separate value: a program over the whole picture computes them from x. A program over a tile gets
 * those of the whole picture, to which the sums of tiles add up. Backward pass, given gy:
 *
 *   instance_norm_sums           t[0] = sum gy, t[1] = sum gy (x - m) r: add up over tiles, too
 *   instance_norm_backward       gx = scale r gy, with constant sums
 *   instance_norm_backward_sums  gs[1] = dL/dv / P, gs[0] = (dL/dm - 2 m dL/dv) / P,
 *                                dL/dm = - scale r t[0], dL/dv = - scale r^2 t[1] / 2
 *   instance_norm_backward_scale gscale[c] = sum over n of t[1], gshift[c] = sum over n of t[0]
 *   picture_sums_backward        gx = gs[0] + 2 gs[1] x
 *
 * Numbers: sums in double, stored as `real`. If a channel's mean is k times its deviation, the error of the variance in
 * f32 is about 1e-7 k^2.
 */
#include "op/plane-sums.h"
#include <math.h>

typedef struct {
  double mean, variance, r;
} Moments;

/* Moments of @channel, counted over all pictures, from the sums. @positions: used if attrs->norm.positions is 0. */
static Moments
moments_of (const RvOpAttrs *attrs, const RvView *sums, gint64 channel, gint64 positions)
{
  gint64 n = rv_shape_count (&sums->shape) / 2;
  double P = (double) (attrs->norm.positions ? attrs->norm.positions : positions);
  const real *s = sums->data;
  double mean = (double) s[channel] / P, variance = MAX ((double) s[n + channel] / P - mean * mean, 0); /* rounding */
  return (Moments){ mean, variance, 1 / sqrt (variance + attrs->norm.epsilon) };
}

static gboolean
is_of_channels (const RvShape *shape, gint64 channels)
{
  return shape->n == 1 && shape->dim[0] == channels;
}

/* ---- sums over the positions of each picture --------------------------------------------------------------------- */

static gboolean
picture_sums_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4)
    return rv__shape_error ("picture_sums", "needs [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 3, { 2, in[0].dim[0], in[0].dim[1] } };
  return TRUE;
}

/* RvOpClass.run of picture_sums: writes s [2, N, C]: the sums of x, then those of x^2. Input: x [N, C, H, W]. Cannot
 * fail. */
static void
picture_sums_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const Planes planes = planes_of (&in[0]);
  gint64 n = rv_shape_count (&out[0].shape) / 2;
  g_autofree Sums *sums = sum_planes (&planes, in[0].data, in[0].data);
  real *s = out[0].data;

  for (gint64 channel = 0; channel < n; channel++) {
    s[channel] = (real) sums[channel / planes.block].sum[channel % planes.block];
    s[n + channel] = (real) sums[channel / planes.block].product[channel % planes.block];
  }
}

RV_GRADIENT (picture_sums, PICTURE_SUMS_BACKWARD, NULL, step->in[0], grad_out)

const RvOpClass RV_OP (picture_sums) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = picture_sums_shape,
  .run = picture_sums_run,
  .gradient = picture_sums_gradient,
};

/* y = a x + b at @n positions of a block, with one a and one b per channel. */
RV_CLONES static void
scale_and_shift_chunk (const real *x, const real *a, const real *b, gint64 n, gint64 block, real *y)
{
  if (block == 1)
    for (gint64 i = 0; i < n; i++)
      y[i] = a[0] * x[i] + b[0];
  else
    for (gint64 i = 0; i < n; i++)
      for (gint64 k = 0; k < block; k++)
        y[i * block + k] = a[k] * x[i * block + k] + b[k];
}

/* scale_and_shift_chunk() for all planes: y = a x + b. @a, @b: one for each plane and channel of its block. */
static void
scale_and_shift (const Planes *planes, const real *x, const real *a, const real *b, real *y)
{
  gint64 n_chunks = (planes->positions + PLANE_CHUNK - 1) / PLANE_CHUNK, size = planes->positions * planes->block;

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < planes->planes * n_chunks; i++) {
    gint64 first = i % n_chunks * PLANE_CHUNK, at = i / n_chunks * size + first * planes->block,
           channel = i / n_chunks * planes->block;
    scale_and_shift_chunk (x + at, a + channel, b + channel, MIN (PLANE_CHUNK, planes->positions - first),
                           planes->block, y + at);
  }
}

/* RvOpClass.run of picture_sums_backward: writes gx = gs[0] + 2 gs[1] x. Inputs: x, gs [2, N, C]. Cannot fail. */
static void
picture_sums_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const Planes planes = planes_of (&in[0]);
  gint64 n = rv_shape_count (&in[1].shape) / 2;
  const real *grad = in[1].data;
  g_autofree real *twice = g_new (real, n + 1);
  for (gint64 channel = 0; channel < n; channel++)
    twice[channel] = 2 * grad[n + channel];
  scale_and_shift (&planes, in[0].data, twice, grad, out[0].data);
}

const RvOpClass RV_OP (picture_sums_backward) = {
  .n_in = 2,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .run = picture_sums_backward_run,
};

/* ---- the norm ---------------------------------------------------------------------------------------------------- */

static gboolean
norm_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  gboolean has_sums =
    in[0].n == 4 && in[1].n == 3 && in[1].dim[0] == 2 && in[1].dim[1] == in[0].dim[0] && in[1].dim[2] == in[0].dim[1];
  if (!has_sums || !is_of_channels (&in[2], in[0].dim[1]) || !is_of_channels (&in[3], in[0].dim[1]))
    return rv__shape_error ("instance_norm", "needs x [N, C, H, W], sums [2, N, C], scale [C] and shift [C]", n_in, in,
                            error);
  out[0] = in[0];
  return TRUE;
}

/* Computes y = a x + b for each plane, with a and b from @sums, @scale and @shift, [channels]: the norm, or, without
 * @shift (NULL), its gradient with constant sums. */
static void
run_affine (const RvOpAttrs *attrs, const RvView *x, const RvView *sums, const real *scale, const real *shift,
            const RvView *y)
{
  const Planes planes = planes_of (x);
  gint64 n = planes.planes * planes.block;
  g_autofree real *a = g_new (real, n + 1), *b = g_new0 (real, n + 1);
  for (gint64 channel = 0; channel < n; channel++) {
    gint64 c = channel % planes.channels;
    Moments m = moments_of (attrs, sums, channel, planes.positions);
    a[channel] = (real) (scale[c] * m.r);
    if (shift)
      b[channel] = (real) (shift[c] - scale[c] * m.r * m.mean);
  }
  scale_and_shift (&planes, x->data, a, b, y->data);
}

/* RvOpClass.run of instance_norm: writes y. Inputs: x, sums, scale, shift. Cannot fail. */
static void
norm_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_affine (attrs, &in[0], &in[1], in[2].data, in[3].data, &out[0]);
}

/* RvOpClass.gradient of instance_norm. Records the wanted gradients of x, sums, scale and shift, and sets grad_in[0] ..
 * [3] to their values; -1 after an error in @program. Members that are not wanted stay unchanged. The sums are an input
 * like others: gx is the gradient with constant sums. One op computes scale and shift: if either is wanted, both are
 * set. */
static void
norm_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  const RvShape *x = rv__program_shape (program, step->in[0]);
  RvOpAttrs attrs = step->attrs;
  if (!attrs.norm.positions)
    attrs.norm.positions = x->dim[2] * x->dim[3];
  if (wanted[0])
    grad_in[0] = RV_RECORD (INSTANCE_NORM_BACKWARD, &attrs, grad_out, step->in[1], step->in[2]);
  if (!wanted[1] && !wanted[2] && !wanted[3])
    return;
  int t = RV_RECORD (INSTANCE_NORM_SUMS, &attrs, grad_out, step->in[0], step->in[1]);
  if (wanted[1])
    grad_in[1] = RV_RECORD (INSTANCE_NORM_BACKWARD_SUMS, &attrs, t, step->in[1], step->in[2]);
  if (wanted[2] || wanted[3]) {
    grad_in[2] = RV_RECORD (INSTANCE_NORM_BACKWARD_SCALE, NULL, t);
    grad_in[3] = grad_in[2] < 0 ? -1 : grad_in[2] + 1;
  }
}

const RvOpClass RV_OP (instance_norm) = {
  .n_in = 4,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = norm_shape,
  .run = norm_run,
  .gradient = norm_gradient,
};

/* ---- backward pass ----------------------------------------------------------------------------------------------- */

static gboolean
norm_sums_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[2];
  return TRUE;
}

/* RvOpClass.run of instance_norm_sums: writes t [2, N, C], see above. Inputs: gy, x, and the picture_sums s of x.
 * Cannot fail. */
static void
norm_sums_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const Planes planes = planes_of (&in[0]);
  gint64 n = rv_shape_count (&out[0].shape) / 2;
  g_autofree Sums *sums = sum_planes (&planes, in[0].data, in[1].data);
  real *t = out[0].data;

  for (gint64 channel = 0; channel < n; channel++) {
    Moments m = moments_of (attrs, &in[2], channel, planes.positions);
    double sum = sums[channel / planes.block].sum[channel % planes.block];
    t[channel] = (real) sum;
    t[n + channel] = (real) (m.r * (sums[channel / planes.block].product[channel % planes.block] - m.mean * sum));
  }
}

const RvOpClass RV_OP (instance_norm_sums) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = norm_sums_shape,
  .run = norm_sums_run,
};

/* RvOpClass.run of the gradient of x with constant sums: writes gx. Inputs: gy, sums, scale. Cannot fail. */
static void
norm_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_affine (attrs, &in[0], &in[1], in[2].data, NULL, &out[0]);
}

const RvOpClass RV_OP (instance_norm_backward) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .run = norm_backward_run,
};

/* RvOpClass.run of instance_norm_backward_sums: writes gs [2, N, C]. Inputs: t, sums, scale. attrs->norm.positions must
 * not be 0. Cannot fail. */
static void
norm_backward_sums_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = rv_shape_count (&out[0].shape) / 2, C = out[0].shape.dim[2];
  double P = (double) attrs->norm.positions;
  const real *t = in[0].data, *scale = in[2].data;
  real *grad = out[0].data;
  for (gint64 channel = 0; channel < n; channel++) {
    Moments m = moments_of (attrs, &in[1], channel, 0);
    double grad_mean = -scale[channel % C] * m.r * t[channel];
    double grad_variance = m.variance > 0 ? -0.5 * scale[channel % C] * m.r * m.r * t[n + channel] : 0;
    grad[channel] = (real) ((grad_mean - 2 * m.mean * grad_variance) / P);
    grad[n + channel] = (real) (grad_variance / P);
  }
}

const RvOpClass RV_OP (instance_norm_backward_sums) = {
  .n_in = 3,
  .run = norm_backward_sums_run,
};

static gboolean
norm_backward_scale_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = out[1] = (RvShape){ 1, { in[0].dim[2] } };
  return TRUE;
}

/* RvOpClass.run of instance_norm_backward_scale. Writes the gradient of scale to output 0 and that of shift to output
 * 1, [C] each. They are t[1] and t[0], summed over the pictures. Input: t [2, N, C]. Skips an output without data.
 * Cannot fail. */
static void
norm_backward_scale_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[1], C = in[0].shape.dim[2];
  const real *t = in[0].data;
  for (gint64 c = 0; c < C; c++) {
    double scale = 0, shift = 0;
    for (gint64 n = 0; n < N; n++) {
      shift += (double) t[n * C + c];
      scale += (double) t[(N + n) * C + c];
    }
    if (out[0].data)
      ((real *) out[0].data)[c] = (real) scale;
    if (out[1].data)
      ((real *) out[1].data)[c] = (real) shift;
  }
}

const RvOpClass RV_OP (instance_norm_backward_scale) = {
  .n_in = 1,
  .has_second_out = TRUE,
  .shape = norm_backward_scale_shape,
  .run = norm_backward_scale_run,
};
