/* lrn.c -- local response normalisation: divides each feature by a power of the sum of squares of neighbouring
 * channels.
 *
 *   s[c] = 1 + alpha / size * sum over |c' - c| <= size / 2 of x[c']^2          y[c] = x[c] s[c]^-beta
 *   gx[c] = gy[c] s[c]^-beta - 2 alpha beta / size x[c] sum over |c' - c| <= size / 2 of gy[c'] x[c'] s[c']^(-beta-1)
 *
 * Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks", section 3.3;
 * alpha / size and the constant 1 as in Caffe and PyTorch. The networks that use it have beta = 0.75.
 */
#include "op/real.h"
#include <math.h>

#define CHUNK 256 /* positions of one task: the sums of a task stay in the cache */

static gboolean
lrn_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4)
    return rv__shape_error ("lrn", "needs [N, C, H, W]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

static double
lrn_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return 8.0 * (double) rv_shape_count (&in[0]);
}

/* @n consecutive positions of one picture; its channels are @plane numbers apart. */
typedef struct {
  gint64 channels, plane, n;
  const RvOpAttrs *attrs;
} Chunk;

/* y[i] = x[i]^-beta, for @n numbers. */
RV_CLONES static void
negative_power (const real *x, double beta, gint64 n, real *y)
{
  if (beta == 0.75)
    for (gint64 i = 0; i < n; i++) {
      real root = (real) 1 / (real) sqrt (x[i]);
      y[i] = root * (real) sqrt (root);
    }
  else
    for (gint64 i = 0; i < n; i++)
      y[i] = (real) pow (x[i], -beta);
}

/* sums[p] += a[p] b[p], for @n numbers. */
RV_CLONES static void
add_products (const real *a, const real *b, gint64 n, real *sums)
{
  for (gint64 i = 0; i < n; i++)
    sums[i] += a[i] * b[i];
}

/* Writes s^-beta of channel @c to @power and s to @s, [chunk->n] each. @x: first position of channel 0. */
static void
response (const Chunk *chunk, const real *x, gint64 c, real *s, real *power)
{
  gint64 half = chunk->attrs->lrn.size / 2, first = MAX (c - half, 0), last = MIN (c + half, chunk->channels - 1);
  real factor = (real) (chunk->attrs->lrn.alpha / chunk->attrs->lrn.size);
  memset (s, 0, (gsize) chunk->n * sizeof (real));
  for (gint64 k = first; k <= last; k++)
    add_products (x + k * chunk->plane, x + k * chunk->plane, chunk->n, s);
  for (gint64 i = 0; i < chunk->n; i++)
    s[i] = 1 + factor * s[i];
  negative_power (s, chunk->attrs->lrn.beta, chunk->n, power);
}

/* Writes y = x s^-beta of a chunk to @y. @x, @y: first position of channel 0. */
static void
forward_chunk (const Chunk *chunk, const real *x, real *y)
{
  real s[CHUNK], power[CHUNK];
  for (gint64 c = 0; c < chunk->channels; c++) {
    response (chunk, x, c, s, power);
    for (gint64 i = 0; i < chunk->n; i++)
      y[c * chunk->plane + i] = x[c * chunk->plane + i] * power[i];
  }
}

/* Writes the gradient of a chunk to @gx. @x, @gy, @gx: first position of channel 0. @terms: workspace of [channels,
 * CHUNK], overwritten. */
static void
backward_chunk (const Chunk *chunk, const real *x, const real *gy, real *gx, real *terms)
{
  const RvOpAttrs *attrs = chunk->attrs;
  gint64 half = attrs->lrn.size / 2;
  real s[CHUNK], power[CHUNK], factor = (real) (-2 * attrs->lrn.alpha * attrs->lrn.beta / attrs->lrn.size);
  for (gint64 c = 0; c < chunk->channels; c++) {
    gint64 at = c * chunk->plane;
    response (chunk, x, c, s, power);
    for (gint64 i = 0; i < chunk->n; i++) {
      gx[at + i] = gy[at + i] * power[i];
      terms[c * CHUNK + i] = gx[at + i] * x[at + i] / s[i];
    }
  }
  for (gint64 c = 0; c < chunk->channels; c++) {
    gint64 last = MIN (c + half, chunk->channels - 1);
    memset (s, 0, (gsize) chunk->n * sizeof (real));
    for (gint64 k = MAX (c - half, 0); k <= last; k++)
      for (gint64 i = 0; i < chunk->n; i++)
        s[i] += terms[k * CHUNK + i];
    for (gint64 i = 0; i < chunk->n; i++)
      gx[c * chunk->plane + i] += factor * x[c * chunk->plane + i] * s[i];
  }
}

/* Runs forward_chunk(), or backward_chunk() if @gy is not NULL, on all positions of @x, and writes y or gx to @out. */
static void
run_chunks (const RvOpAttrs *attrs, const RvView *x, const real *gy, real *out)
{
  const gint64 *d = x->shape.dim;
  gint64 plane = d[2] * d[3], n_parts = (plane + CHUNK - 1) / CHUNK;
#pragma omp parallel
  {
    g_autofree real *terms = gy ? g_new (real, d[1] * CHUNK) : NULL;
#pragma omp for schedule(static)
    for (gint64 i = 0; i < d[0] * n_parts; i++) {
      gint64 first = i % n_parts * CHUNK, at = i / n_parts * d[1] * plane + first;
      const Chunk chunk = { d[1], plane, MIN (CHUNK, plane - first), attrs };
      const real *from = (const real *) x->data + at;
      if (gy)
        backward_chunk (&chunk, from, gy + at, out + at, terms);
      else
        forward_chunk (&chunk, from, out + at);
    }
  }
}

static void
lrn_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_chunks (attrs, &in[0], NULL, out[0].data);
}

RV_GRADIENT (lrn, LRN_BACKWARD, &step->attrs, step->in[0], grad_out)

const RvOpClass RV_OP (lrn) = {
  .n_in = 1,
  .locality = RV_LOCALITY_POINTWISE,
  .work = lrn_work,
  .shape = lrn_shape,
  .run = lrn_run,
  .gradient = lrn_gradient,
};

/* RvOpClass.run of lrn_backward. Inputs: x, gy. Cannot fail. */
static void
lrn_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_chunks (attrs, &in[0], in[1].data, out[0].data);
}

const RvOpClass RV_OP (lrn_backward) = {
  .n_in = 2,
  .work = lrn_work,
  .run = lrn_backward_run,
};
