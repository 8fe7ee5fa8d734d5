/* resize.c -- bilinear, bicubic and nearest resizing without antialiasing.
 *
 * Output position i reads around source = (i + 0.5) * in / out - 0.5, for rows and columns, or at other coordinates
 * (RvResizeCoordinates); positions outside repeat the edge. Bilinear: two neighbours, weights 1 - t and t. Bicubic:
 * four, by Keys 1981, "Cubic convolution interpolation for digital image processing", with a = -0.75 (as PyTorch and
 * OpenCV; Keys recommends -0.5). Nearest: the position floor (i * in / out), as PyTorch; enlarging by a whole factor
 * repeats each position. Backward: the transpose adds each gradient to the neighbours with the same weights.
 */
#include "op/weighted-row.h"
#include <math.h>

#define MAX_NEIGHBOURS 4
#define KEYS_A (-0.75)
#define FAR 4 /* distance from the edges, larger than the neighbours on a side */

typedef struct {
  int n;
  gint64 at[MAX_NEIGHBOURS];
  real weight[MAX_NEIGHBOURS];
} Neighbours;

/* Keys' weight of a neighbour at the distance @t. */
static double
keys (double t)
{
  t = fabs (t);
  if (t <= 1)
    return ((KEYS_A + 2) * t - (KEYS_A + 3)) * t * t + 1;
  return t < 2 ? ((KEYS_A * t - 5 * KEYS_A) * t + 8 * KEYS_A) * t - 4 * KEYS_A : 0;
}

/* Returns the input positions that output position @i reads along @axis, 0 rows, 1 columns: 1, 2 or 4 by the kernel,
 * and their weights. The weights sum to 1; cubic ones may be negative. Positions outside are replaced by the edge. @in,
 * @out: numbers of positions before and after resizing. */
static Neighbours
neighbours_of (const RvOpAttrs *attrs, int axis, gint64 i, gint64 in, gint64 out)
{
  RvResizeKernel kernel = attrs->resize.kernel;
  const int *ratio = attrs->resize.ratio[axis];
  gint64 from = ratio[0] ? ratio[1] : in, to = ratio[0] ? ratio[0] : out;
  if (kernel == RV_RESIZE_NEAREST)
    return (Neighbours){ .n = 1, .at = { MIN (i * from / to, in - 1) }, .weight = { 1 } };
  double source = ((double) i + 0.5) * (double) from / (double) to - 0.5;
  if (attrs->resize.coordinates == RV_RESIZE_ASYMMETRIC)
    source = (double) i * (double) from / (double) to;
  else if (attrs->resize.coordinates == RV_RESIZE_ALIGN_CORNERS)
    source = (double) i * (double) (in - 1) / (double) MAX (out - 1, 1);
  double floor_ = floor (source), t = source - floor_;
  int n = kernel == RV_RESIZE_BICUBIC ? 4 : 2, before = n / 2 - 1;
  Neighbours found = { .n = n };

  for (int k = 0; k < n; k++) {
    found.at[k] = CLAMP ((gint64) floor_ + k - before, 0, in - 1);
    found.weight[k] = (real) (n == 4 ? keys (t - (k - before)) : k ? t : 1 - t);
  }
  return found;
}

/* (transfer full): neighbours_of() for each output position. */
static Neighbours *
all_neighbours (const RvOpAttrs *attrs, int axis, gint64 in, gint64 out)
{
  Neighbours *all = g_new (Neighbours, out);
  for (gint64 i = 0; i < out; i++)
    all[i] = neighbours_of (attrs, axis, i, in, out);
  return all;
}

static gboolean
resize_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || in[0].dim[2] < 1 || in[0].dim[3] < 1 || attrs->resize.extent[0] < 1 ||
      attrs->resize.extent[1] < 1)
    return rv__shape_error ("resize", "needs [N, C, H, W] and a size of at least 1 x 1", n_in, in, error);
  out[0] = in[0];
  out[0].dim[2] = attrs->resize.extent[0];
  out[0].dim[3] = attrs->resize.extent[1];
  return TRUE;
}

/* Nearest: copies one position of the row @x for each of the @n positions of @y. @cols: neighbours of the columns. */
static void
copy_row (const real *x, const Neighbours *cols, gint64 n, gint64 block, real *y)
{
  if (block == 1)
    for (gint64 j = 0; j < n; j++)
      y[j] = x[cols[j].at[0]];
  else
    for (gint64 j = 0; j < n; j++)
      memcpy (y + j * block, x + cols[j].at[0] * block, (gsize) block * sizeof (real));
}

/* Interpolates a row of @n_cols positions. @cols: their neighbours, @n each, a constant. */
static inline __attribute__ ((always_inline)) void
gather_row (const real *x, const Neighbours *cols, const int n, gint64 n_cols, gint64 block, real *y)
{
  for (gint64 j = 0; j < n_cols; j++)
    for (gint64 k = 0; k < block; k++) {
      real sum = 0;
      for (int v = 0; v < n; v++)
        sum += cols[j].weight[v] * x[cols[j].at[v] * block + k];
      y[j * block + k] = sum;
    }
}

/* Computes one row of y from a plane @x, vertically first, then horizontally. @r: neighbours of the row. @row:
 * workspace of one row of @x, unused for NEAREST. */
static void
make_row (const real *x, gint64 W, const Neighbours *r, const Neighbours *cols, gint64 Wo, gint64 block, real *row,
          real *y)
{
  if (r->n == 1) {
    copy_row (x + r->at[0] * W * block, cols, Wo, block, y);
    return;
  }
  for (int u = 0; u < r->n; u++)
    add_weighted_row (x + r->at[u] * W * block, r->weight[u], u == 0, row, W * block);
  if (r->n == 2)
    gather_row (row, cols, 2, Wo, block, y);
  else
    gather_row (row, cols, 4, Wo, block, y);
}

/* RvOpClass.run of resize: writes y, x interpolated to attrs->resize.extent rows and columns by the kernel,
 * coordinates and ratio of attrs->resize. Cannot fail. */
static void
resize_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 block = block_of (&in[0]), planes = in[0].shape.dim[0] * in[0].shape.dim[1] / block;
  gint64 H = in[0].shape.dim[2], W = in[0].shape.dim[3], Ho = out[0].shape.dim[2], Wo = out[0].shape.dim[3];
  g_autofree Neighbours *rows = all_neighbours (attrs, 0, H, Ho);
  g_autofree Neighbours *cols = all_neighbours (attrs, 1, W, Wo);

#pragma omp parallel
  {
    g_autofree real *workspace = g_new (real, W * block);
#pragma omp for schedule(static)
    for (gint64 row = 0; row < planes * Ho; row++) {
      const real *x = (const real *) in[0].data + row / Ho * H * W * block;
      make_row (x, W, &rows[row % Ho], cols, Wo, block, workspace, (real *) out[0].data + row * Wo * block);
    }
  }
}

#ifndef RV_REAL_IS_DOUBLE
void
rv__resize_planes (const float *x, int n_planes, int height, int width, RvResizeKernel kernel, float *y, int new_height,
                   int new_width)
{
  const RvOpAttrs attrs = { .resize = { .extent = { new_height, new_width }, .kernel = kernel } };
  resize_run (&attrs, 1, &(RvView){ (float *) x, rv_shape (4, 1, n_planes, height, width), 1 },
              &(RvView){ y, rv_shape (4, 1, n_planes, new_height, new_width), 1 });
}
#endif

static void
resize_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = step->attrs;
  const RvShape *x = rv__program_shape (program, step->in[0]);
  attrs.resize.extent[0] = (int) x->dim[2], attrs.resize.extent[1] = (int) x->dim[3];
  grad_in[0] = RV_RECORD (RESIZE_BACKWARD, &attrs, grad_out);
}

/* RvOpClass.window, for resizing up by a whole factor without aligned corners, else FALSE: the union over the `up`
 * output positions of one input position. A ratio that is no whole factor, as 1.01 of 50 positions, drifts. */
static gboolean
resize_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window)
{
  gint64 extent = in[0].dim[2 + axis], up = attrs->resize.extent[axis] / extent;
  const int *ratio = attrs->resize.ratio[axis];
  if (up * extent != attrs->resize.extent[axis] || attrs->resize.coordinates == RV_RESIZE_ALIGN_CORNERS ||
      ratio[0] != up * ratio[1])
    return FALSE;
  *window = (RvOpWindow){ .down = 1, .up = (int) up };
  for (gint64 i = 0; i < up; i++) { /* in the middle, far from the edges */
    Neighbours found = neighbours_of (attrs, axis, i + FAR * up, 2 * FAR, 2 * FAR * up);
    window->before = MAX (window->before, i - (found.at[0] - FAR) * up);
    window->after = MAX (window->after, (found.at[found.n - 1] - FAR) * up - i);
  }
  return TRUE;
}

const RvOpClass RV_OP (resize) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_WINDOW,
  .window = resize_window,
  .shape = resize_shape,
  .run = resize_run,
  .gradient = resize_gradient,
};

/* RvOpClass.run of resize_backward: writes gx, of attrs->resize.extent rows and columns. Adds each number of gy to the
 * positions that resize read for it, with the same weights. Input: gy. Cannot fail. */
static void
resize_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 block = block_of (&in[0]), planes = in[0].shape.dim[0] * in[0].shape.dim[1] / block;
  gint64 Ho = in[0].shape.dim[2], Wo = in[0].shape.dim[3], H = out[0].shape.dim[2], W = out[0].shape.dim[3];
  g_autofree Neighbours *rows = all_neighbours (attrs, 0, H, Ho);
  g_autofree Neighbours *cols = all_neighbours (attrs, 1, W, Wo);

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < planes; p++) {
    real *gx = (real *) out[0].data + p * H * W * block;
    memset (gx, 0, H * W * block * sizeof (real));
    for (gint64 i = 0; i < Ho; i++)
      for (gint64 j = 0; j < Wo; j++) {
        const real *gy = (const real *) in[0].data + ((p * Ho + i) * Wo + j) * block;
        for (int u = 0; u < rows[i].n; u++)
          for (int v = 0; v < cols[j].n; v++)
            for (gint64 k = 0; k < block; k++)
              gx[(rows[i].at[u] * W + cols[j].at[v]) * block + k] += rows[i].weight[u] * cols[j].weight[v] * gy[k];
      }
  }
}

const RvOpClass RV_OP (resize_backward) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = resize_shape,
  .run = resize_backward_run,
};
