/* matmul.c -- matrix product Y = op(A) op(B), each op the identity or the transpose.
 *
 *   backward    gA = gY op(B)^T, gB = op(A)^T gY; the transpose of that for an A or B that op transposes
 *
 * Sums in double.
 */
#include "op/real.h"

static gboolean
matmul_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  gboolean ta = attrs->matmul.transpose_a, tb = attrs->matmul.transpose_b;
  if (in[0].n != 2 || in[1].n != 2 || in[0].dim[!ta] != in[1].dim[tb])
    return rv__shape_error ("matmul", "needs [M, K] and [K, N]", n_in, in, error);
  out[0] = (RvShape){ 2, { in[0].dim[ta], in[1].dim[!tb] } };
  return TRUE;
}

/* RvOpClass.run of matmul: writes Y [M, N] = op(A) op(B), summed in double. op: the transpose if attrs->matmul says so.
 * Inputs: A, B. Cannot fail. */
static void
matmul_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gboolean ta = attrs->matmul.transpose_a, tb = attrs->matmul.transpose_b;
  const real *a = in[0].data, *b = in[1].data;
  gint64 M = out[0].shape.dim[0], N = out[0].shape.dim[1], K = in[0].shape.dim[!ta];
  gint64 a_row = ta ? 1 : K, a_col = ta ? M : 1, b_row = tb ? 1 : N, b_col = tb ? K : 1;

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < M; i++)
    for (gint64 j = 0; j < N; j++) {
      double sum = 0;
      for (gint64 k = 0; k < K; k++)
        sum += (double) a[i * a_row + k * a_col] * b[k * b_row + j * b_col];
      ((real *) out[0].data)[i * N + j] = (real) sum;
    }
}

/* Records the matrix product of @a and @b, each transposed first if its flag is TRUE. Returns its value; -1 after an
 * error, in program->error. */
static int
product (RvProgram *program, int a, gboolean transpose_a, int b, gboolean transpose_b)
{
  RvOpAttrs attrs = { .matmul = { transpose_a, transpose_b } };
  return RV_RECORD (MATMUL, &attrs, a, b);
}

static void
matmul_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  gboolean ta = step->attrs.matmul.transpose_a, tb = step->attrs.matmul.transpose_b;
  int a = step->in[0], b = step->in[1];
  if (wanted[0])
    grad_in[0] = ta ? product (program, b, tb, grad_out, TRUE) : product (program, grad_out, FALSE, b, !tb);
  if (wanted[1])
    grad_in[1] = tb ? product (program, grad_out, TRUE, a, ta) : product (program, a, !ta, grad_out, FALSE);
}

static double
matmul_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return 2 * (double) rv_shape_count (&out[0]) * (double) in[0].dim[!attrs->matmul.transpose_a];
}

const RvOpClass RV_OP (matmul) = {
  .n_in = 2,
  .work = matmul_work,
  .shape = matmul_shape,
  .run = matmul_run,
  .gradient = matmul_gradient,
};
