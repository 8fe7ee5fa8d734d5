/* channel-shuffle.c -- exchanges channels between groups, as a matrix [groups, C / groups] of channels is transposed
 * (Zhang, Zhou, Lin, Sun 2017, "ShuffleNet", section 3.1).
 *
 *   y[n, k G + g] = x[n, g K + k]      G = attrs->shuffle.groups, K = C / G; 0 <= g < G, 0 <= k < K
 *
 * The gradient is a shuffle with K groups.
 */
#include "op/chunks.h"
#include "op/real.h"

static gboolean
channel_shuffle_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || attrs->shuffle.groups < 1 || in[0].dim[1] % attrs->shuffle.groups)
    return rv__shape_error ("channel_shuffle", "needs [N, C, H, W] and groups that divide C", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

/* RvOpClass.run: writes y with y[n, k G + g] = x[n, g K + k], of the shape of x. Cannot fail. */
static void
channel_shuffle_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim, positions = d[2] * d[3], groups = attrs->shuffle.groups, size = d[1] / groups;
  const gint64 block = block_of (&in[0]), plane = positions * block;
  const RvChunks chunks = rv__chunks_of_planes (d[0], d[1] / block, positions);

#pragma omp parallel for schedule(static) if (rv_shape_count(&in[0].shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    RvChunk chunk = rv__chunk (&chunks, i);
    for (gint64 k = 0; k < block; k++) {
      gint64 c = chunk.plane * block + k, from_c = c % groups * size + c / groups;
      const real *from =
        (const real *) in[0].data + chunk.picture * d[1] * positions + from_c / block * plane + from_c % block;
      real *to = (real *) out[0].data + chunk.picture * d[1] * positions + chunk.plane * plane + k;
      for (gint64 p = chunk.from; p < chunk.end; p++)
        to[p * block] = from[p * block];
    }
  }
}

RV_GRADIENT (channel_shuffle, CHANNEL_SHUFFLE,
             &(RvOpAttrs){
               .shuffle = { rv__program_shape (program, step->in[0])->dim[1] / step->attrs.shuffle.groups } },
             grad_out)

const RvOpClass RV_OP (channel_shuffle) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = channel_shuffle_shape,
  .run = channel_shuffle_run,
  .gradient = channel_shuffle_gradient,
};
