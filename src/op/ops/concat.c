/* concat.c -- joining along channels, and cutting channels out.
 *
 *   concat  y = [x0 ; x1 ; ...] along C       backward of input i: the slice of gy that input i filled
 *   slice   y = x[:, first : first + count]
 *
 * Plain copies: with channel blocks, a part whose channels are a multiple of the block is still one run of memory.
 */
#include "op/real.h"

static gboolean
concat_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[0];
  for (int i = 1; i < n_in; i++) {
    if (in[i].n != 4 || in[i].dim[0] != in[0].dim[0] || in[i].dim[2] != in[0].dim[2] || in[i].dim[3] != in[0].dim[3])
      return rv__shape_error ("concat", "wants [N, C, H, W] alike but for C", n_in, in, error);
    out[0].dim[1] += in[i].dim[1];
  }
  return TRUE;
}

static gint64
plane_of (const RvShape *shape)
{
  return shape->dim[2] * shape->dim[3];
}

static void
concat_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 row = out[0].shape.dim[1] * plane_of (&out[0].shape), before = 0;
  for (int i = 0; i < n_in; i++) {
    gint64 part = in[i].shape.dim[1] * plane_of (&in[i].shape);
    for (gint64 n = 0; n < out[0].shape.dim[0]; n++)
      memcpy ((real *) out[0].data + n * row + before, (const real *) in[i].data + n * part, part * sizeof (real));
    before += part;
  }
}

static void
concat_gradient (RvProgram *program, const RvStep *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  gint64 first = 0;
  for (int i = 0; i < step->n_in; i++) {
    gint64 count = rv__program_shape (program, step->in[i])->dim[1];
    RvOpAttrs attrs = { .slice = { first, count } };
    if (wanted[i])
      grad_in[i] = rv__program_record (program, RV_OP_SLICE, &attrs, 1, &grad_out);
    first += count;
  }
}

const RvOpClass RV_OP (concat) = {
  .name = "concat",
  .min_in = 1,
  .max_in = RV_OP_MAX_IN,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .reach = RV_REACH_POSITION,
  .work = rv__work_of_elements,
  .shape = concat_shape,
  .run = concat_run,
  .gradient = concat_gradient,
};

static gboolean
slice_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || attrs->slice.first < 0 || attrs->slice.first + attrs->slice.count > in[0].dim[1])
    return rv__shape_error ("slice", "wants [N, C, H, W] and channels inside C", n_in, in, error);
  out[0] = in[0];
  out[0].dim[1] = attrs->slice.count;
  return TRUE;
}

static void
slice_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 plane = plane_of (&in[0].shape), row = in[0].shape.dim[1] * plane, part = attrs->slice.count * plane;
  for (gint64 n = 0; n < in[0].shape.dim[0]; n++)
    memcpy ((real *) out[0].data + n * part, (const real *) in[0].data + n * row + attrs->slice.first * plane,
            part * sizeof (real));
}

const RvOpClass RV_OP (slice) = {
  .name = "slice",
  .min_in = 1,
  .max_in = 1,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .reach = RV_REACH_POSITION,
  .work = rv__work_of_elements,
  .shape = slice_shape,
  .run = slice_run,
};
