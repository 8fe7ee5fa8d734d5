/* gram.c -- the Gram matrix of feature maps: which channels are active together, at any position.
 *
 * With F the C x P matrix of the features (P positions):   forward   G  = F F^T
 * For a loss L with D = dL/dG:                             backward  gF = (D + D^T) F
 * D need not be symmetric. No division here: the sums of tiles add up, and the losses (src/loss) divide.
 * Differs from Gatys, Ecker, Bethge 2016, whose printed derivative is zero where F < 0, because their F is a ReLU's
 * output; here relu.c does that. The Gram matrices of several pictures are added.
 *
 * Numbers: sums in double, since P reaches 10^6, where a float sum can lose about 3 of its 7 digits.
 * Not optimised: src/backend/blocks.c does both as convolutions with a 1 x 1 kernel, in its own layout.
 */
#include "base/dot.h"
#include "op/weighted-row.h"

static gboolean
gram_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4)
    return rv__shape_error ("gram", "needs [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 2, { in[0].dim[1], in[0].dim[1] } };
  return TRUE;
}

RV_DEFINE_DOT (dot, real)

/* RvOpClass.run of gram: writes G = F F^T [C, C], summed over the pictures, not divided. Input: F [N, C, H, W].
 * Computes one triangle and mirrors it. Cannot fail. */
static void
gram_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *F = in[0].data;
  real *G = out[0].data;
  gint64 N = in[0].shape.dim[0], C = in[0].shape.dim[1], P = in[0].shape.dim[2] * in[0].shape.dim[3];

#pragma omp parallel for schedule(dynamic, 4)
  for (gint64 i = 0; i < C; i++)
    for (gint64 j = 0; j <= i; j++) {
      double sum = 0;
      for (gint64 n = 0; n < N; n++)
        sum += dot (F + (n * C + i) * P, F + (n * C + j) * P, P);
      G[i * C + j] = G[j * C + i] = (real) sum;
    }
}

RV_GRADIENT (gram, GRAM_BACKWARD, NULL, step->in[0], grad_out)

static double
gram_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return 2 * (double) rv_shape_count (&in[0]) * (double) in[0].dim[1];
}

const RvOpClass RV_OP (gram) = {
  .n_in = 1,
  .locality = RV_LOCALITY_REDUCTION,
  .work = gram_work,
  .shape = gram_shape,
  .run = gram_run,
  .gradient = gram_gradient,
};

static gboolean
backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || in[1].n != 2 || in[1].dim[0] != in[0].dim[1] || in[1].dim[1] != in[0].dim[1])
    return rv__shape_error ("gram_backward", "needs F [N, C, H, W] and dG [C, C]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

/* RvOpClass.run of gram_backward: writes gF = (D + D^T) F, of the shape of F. Inputs: F, D. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *F = in[0].data, *D = in[1].data;
  real *gF = out[0].data;
  gint64 N = in[0].shape.dim[0], C = in[0].shape.dim[1], P = in[0].shape.dim[2] * in[0].shape.dim[3];

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < N * C; row++) {
    gint64 n = row / C, i = row % C;
    memset (gF + row * P, 0, P * sizeof (real));
    for (gint64 j = 0; j < C; j++)
      add_weighted_row (F + (n * C + j) * P, D[i * C + j] + D[j * C + i], FALSE, gF + row * P, P);
  }
}

const RvOpClass RV_OP (gram_backward) = {
  .n_in = 2,
  .work = gram_work,
  .shape = backward_shape,
  .run = backward_run,
};
