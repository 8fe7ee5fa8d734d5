/* concat.c -- concatenates along channels, and extracts channels.
 *
 *   concat          y = [x0 ; x1 ; ...] along C       backward of input i: the slice of gy that input i filled
 *   slice           y = x[:, first : first + count]
 *   slice_backward  gx[:, first : first + count of gy] = gy, other channels are 0
 *
 * Channels that begin at a multiple of the block are contiguous, and copied at once.
 */
#include "op/chunks.h"
#include "op/real.h"

static gboolean
concat_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[0];
  for (int i = 1; i < n_in; i++) {
    if (in[i].n != 4 || in[i].dim[0] != in[0].dim[0] || in[i].dim[2] != in[0].dim[2] || in[i].dim[3] != in[0].dim[3])
      return rv__shape_error ("concat", "needs [N, C, H, W] alike but for C", n_in, in, error);
    out[0].dim[1] += in[i].dim[1];
  }
  return TRUE;
}

static gint64
plane_of (const RvShape *shape)
{
  return shape->dim[2] * shape->dim[3];
}

/* Copies @count channels of all pictures, from channel @from_first of @from on, to the channels of @to from @to_first
 * on; other channels of @to stay unchanged. @from and @to have equal N, H, W and block. @from_first, @to_first and
 * @count are multiples of the block. */
static void
copy_blocks (const RvView *from, gint64 from_first, const RvView *to, gint64 to_first, gint64 count)
{
  gint64 block = block_of (from), plane = plane_of (&from->shape) * block;
  gint64 from_planes = from->shape.dim[1] / block, to_planes = to->shape.dim[1] / block;
  const RvChunks chunks = rv__chunks_of_planes (from->shape.dim[0], count / block, plane_of (&from->shape));

#pragma omp parallel for schedule(static) if (count * plane_of(&from->shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    RvChunk chunk = rv__chunk (&chunks, i);
    gint64 from_plane = chunk.picture * from_planes + from_first / block + chunk.plane;
    gint64 to_plane = chunk.picture * to_planes + to_first / block + chunk.plane;
    memcpy ((real *) to->data + to_plane * plane + chunk.from * block,
            (const real *) from->data + from_plane * plane + chunk.from * block,
            (gsize) ((chunk.end - chunk.from) * block) * sizeof (real));
  }
}

/* Copies @count channels of each picture, from channel @from_first on of @from to channel @to_first on of @to, as
 * copy_blocks() but for any channels. */
static void
copy_channels (const RvView *from, gint64 from_first, const RvView *to, gint64 to_first, gint64 count)
{
  gint64 block = block_of (from), positions = plane_of (&from->shape);
  if (from_first % block == 0 && to_first % block == 0 && count % block == 0) {
    copy_blocks (from, from_first, to, to_first, count);
    return;
  }
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < from->shape.dim[0] * count; i++) {
    gint64 n = i / count, from_c = from_first + i % count, to_c = to_first + i % count;
    const real *x = (const real *) from->data + (n * from->shape.dim[1] + from_c / block * block) * positions;
    real *y = (real *) to->data + (n * to->shape.dim[1] + to_c / block * block) * positions;
    for (gint64 p = 0; p < positions; p++)
      y[p * block + to_c % block] = x[p * block + from_c % block];
  }
}

static void
concat_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  for (gint64 i = 0, before = 0; i < n_in; before += in[i].shape.dim[1], i++)
    copy_channels (&in[i], 0, &out[0], before, in[i].shape.dim[1]);
}

static void
concat_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  gint64 first = 0;
  for (int i = 0; i < step->n_in; i++) {
    gint64 count = rv__program_shape (program, step->in[i])->dim[1];
    RvOpAttrs attrs = { .slice = { first, count } };
    if (wanted[i])
      grad_in[i] = RV_RECORD (SLICE, &attrs, grad_out);
    first += count;
  }
}

const RvOpClass RV_OP (concat) = {
  .n_in = 1,
  .max_in = RV_OP_MAX_IN,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = concat_shape,
  .run = concat_run,
  .gradient = concat_gradient,
};

static gboolean
slice_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || attrs->slice.first < 0 || attrs->slice.first + attrs->slice.count > in[0].dim[1])
    return rv__shape_error ("slice", "needs [N, C, H, W] and channels inside C", n_in, in, error);
  out[0] = in[0];
  out[0].dim[1] = attrs->slice.count;
  return TRUE;
}

static void
slice_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  copy_channels (&in[0], attrs->slice.first, &out[0], 0, attrs->slice.count);
}

static void
slice_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = { .slice = { step->attrs.slice.first, rv__program_shape (program, step->in[0])->dim[1] } };
  grad_in[0] = RV_RECORD (SLICE_BACKWARD, &attrs, grad_out);
}

const RvOpClass RV_OP (slice) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = slice_shape,
  .run = slice_run,
  .gradient = slice_gradient,
};

static gboolean
slice_backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[0];
  out[0].dim[1] = attrs->slice.count;
  return TRUE;
}

static void
slice_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  memset (out[0].data, 0, (gsize) rv_shape_count (&out[0].shape) * sizeof (real));
  copy_channels (&in[0], 0, &out[0], attrs->slice.first, in[0].shape.dim[1]);
}

const RvOpClass RV_OP (slice_backward) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = slice_backward_shape,
  .run = slice_backward_run,
};
