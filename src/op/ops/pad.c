/* pad.c -- adds rows and columns around a picture: zeros, the nearest edge pixel, or the reflected picture.
 *
 *   forward  y[i,j] = x[i - top, j - left] inside; outside 0, or x at the nearest row and column, or x reflected at the
 *            edge pixel, which is not repeated: c b | a b c
 *   backward gx[h,w] = sum of gy over the positions that read x[h,w]
 */
#include "op/real.h"

/* RvOpClass.shape. RV_ERROR_SHAPE, also for reflecting as many rows or columns as there are. */
static gboolean
pad_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvPad *by = &attrs->pad.by;
  if (in[0].n != 4 || MIN (MIN (by->top, by->left), MIN (by->bottom, by->right)) < 0 || in[0].dim[2] < 1 ||
      in[0].dim[3] < 1)
    return rv__shape_error ("pad", "needs [N, C, H, W] and nothing negative", n_in, in, error);
  if (attrs->pad.mode == RV_PAD_REFLECT &&
      (MAX (by->top, by->bottom) >= in[0].dim[2] || MAX (by->left, by->right) >= in[0].dim[3]))
    return rv__shape_error ("pad", "reflects fewer rows and columns than there are", n_in, in, error);
  out[0] = in[0];
  out[0].dim[2] += by->top + by->bottom;
  out[0].dim[3] += by->left + by->right;
  return TRUE;
}

static gboolean
pad_backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvPad *by = &attrs->pad.by;
  out[0] = in[0];
  out[0].dim[2] -= by->top + by->bottom;
  out[0].dim[3] -= by->left + by->right;
  return TRUE;
}

/* Position in x, of @extent positions, that padded position @i reads; -1: a zero. @before: padding before x. */
static gint64
source_of (gint64 i, gint64 before, gint64 extent, RvPadMode mode)
{
  gint64 at = i - before;
  if (at >= 0 && at < extent)
    return at;
  if (mode == RV_PAD_REFLECT)
    return at < 0 ? -at : 2 * (extent - 1) - at;
  return mode == RV_PAD_REPLICATE ? CLAMP (at, 0, extent - 1) : -1;
}

/* Next padded position after @j that lies outside of x, of @extent positions, with @before positions of padding before
 * it. */
static gint64
next_around (gint64 j, gint64 before, gint64 extent)
{
  return j + 1 == before ? before + extent : j + 1;
}

/* RvOpClass.run of pad: writes y, a copy of x with attrs->pad.by rows and columns around it. By attrs->pad.mode they
 * are zeros, the nearest edge pixel, or reflected without repeating the edge. Cannot fail. */
static void
pad_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvPad *by = &attrs->pad.by;
  gint64 block = block_of (&in[0]), planes = in[0].shape.dim[0] * in[0].shape.dim[1] / block;
  gint64 H = in[0].shape.dim[2], W = in[0].shape.dim[3], Ho = out[0].shape.dim[2], Wo = out[0].shape.dim[3];

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < planes * Ho; row++) {
    gint64 h = source_of (row % Ho, by->top, H, attrs->pad.mode);
    const real *from = (const real *) in[0].data + (row / Ho * H + h) * W * block;
    real *to = (real *) out[0].data + row * Wo * block;
    if (h < 0) {
      memset (to, 0, Wo * block * sizeof (real));
      continue;
    }
    memcpy (to + by->left * block, from, W * block * sizeof (real));
    for (gint64 j = next_around (-1, by->left, W); j < Wo; j = next_around (j, by->left, W)) {
      gint64 w = source_of (j, by->left, W, attrs->pad.mode);
      for (gint64 k = 0; k < block; k++)
        to[j * block + k] = w < 0 ? 0 : from[w * block + k];
    }
  }
}

RV_GRADIENT (pad, PAD_BACKWARD, &step->attrs, grad_out)

/* RvOpClass.window: input position p - top, or p - left, only. */
static gboolean
pad_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window)
{
  gint64 before = axis == 0 ? attrs->pad.by.top : attrs->pad.by.left;
  *window = (RvOpWindow){ before, -before, 1, 1 };
  return TRUE;
}

const RvOpClass RV_OP (pad) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_WINDOW,
  .window = pad_window,
  .shape = pad_shape,
  .run = pad_run,
  .gradient = pad_gradient,
};

/* RvOpClass.run of pad_backward: writes gx: for each position of x, the sum of gy over the padded positions that are
 * copies of it. Input: gy, of the padded size. Cannot fail. */
static void
pad_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvPad *by = &attrs->pad.by;
  gint64 block = block_of (&in[0]), planes = in[0].shape.dim[0] * in[0].shape.dim[1] / block;
  gint64 Ho = in[0].shape.dim[2], Wo = in[0].shape.dim[3], H = out[0].shape.dim[2], W = out[0].shape.dim[3];

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < planes; p++) {
    real *gx = (real *) out[0].data + p * H * W * block;
    memset (gx, 0, H * W * block * sizeof (real));
    for (gint64 i = 0; i < Ho; i++) {
      gint64 h = source_of (i, by->top, H, attrs->pad.mode);
      if (h < 0)
        continue;
      const real *gy = (const real *) in[0].data + (p * Ho + i) * Wo * block;
      real *to = gx + h * W * block;
      for (gint64 k = 0; k < W * block; k++)
        to[k] += gy[by->left * block + k];
      for (gint64 j = next_around (-1, by->left, W); j < Wo; j = next_around (j, by->left, W)) {
        gint64 w = source_of (j, by->left, W, attrs->pad.mode);
        for (gint64 k = 0; w >= 0 && k < block; k++)
          to[w * block + k] += gy[j * block + k];
      }
    }
  }
}

const RvOpClass RV_OP (pad_backward) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = pad_backward_shape,
  .run = pad_backward_run,
};
