/* best-match.c -- at each position of x, the best matching feature of a guide; g[c,q]: the guide's features.
 *
 *   k[p] = the first q at which <x[:,p], g[:,q]> is largest      y = sum over p of <x[:,p], g[:,k[p]]>
 *   gx[:,p] = gy g[:,k[p]]: the choice counts as constant
 *
 * Positions p are those of all pictures, less attrs->interior.border rows and columns on each side; gx is 0 there. k is
 * stored as reals, which limits the guide to as many positions as reals count exactly (2^24 in f32). Only the best
 * product of each position so far is stored. The channels of a product are summed in parts, and y in double, for small
 * rounding errors. The guide has no gradient.
 */
#include "op/real.h"
#include <math.h>

#define TILE 6    /* positions at once: as many as fit the vector registers, beside two vectors of the guide */
#define LANES 32  /* columns of the guide at once: a multiple of two vectors of any width */
#define CHUNK 480 /* most positions that share one pass over the guide: a multiple of TILE */
#define PART 64   /* channels whose products are summed up before they are added to the rest */

/* Largest number of positions of the guide: a real counts that many exactly. */
#define MAX_GUIDE ((gint64) 1 << (sizeof (real) == sizeof (float) ? 24 : 53))

/* RvOpClass.shape. RV_ERROR_SHAPE, also for a guide of too many positions. */
static gboolean
match_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || in[1].n != 2 || in[0].dim[1] != in[1].dim[0])
    return rv__shape_error ("best_match", "needs [N, C, H, W] and [C, Q]", n_in, in, error);
  if (in[1].dim[1] > MAX_GUIDE)
    return rv__shape_error ("best_match", "takes a guide of at most 2^24 positions", n_in, in, error);
  out[0] = (RvShape){ 1, { 1 } };
  out[1] = (RvShape){ 1, { in[0].dim[0] * in[0].dim[2] * in[0].dim[3] } };
  return TRUE;
}

/* Offset of channel @c at position @p, counted over all pictures, in numbers from the first of @x. */
static gint64
offset_of (const RvView *x, gint64 c, gint64 p)
{
  gint64 C = x->shape.dim[1], P = x->shape.dim[2] * x->shape.dim[3], block = block_of (x);
  return (p / P * C + c / block * block) * P + p % P * block + c % block;
}

/* Whether position @p, counted over all pictures, is at least @border rows and columns away from each edge. */
static gboolean
in_interior (const RvShape *shape, gint64 border, gint64 p)
{
  gint64 H = shape->dim[2], W = shape->dim[3], h = p / W % H, w = p % W;
  return h >= border && h < H - border && w >= border && w < W - border;
}

/* Defines multiply_BYTES(): products[t][l] = sum over c of x[c][t] g[c][l], in vectors of @bytes. @add: adds to
 * @products. GCC stores wider vectors than the processor's in memory, which takes ten times as long. */
#define DEFINE_MULTIPLY(bytes)                                                                                         \
  static inline __attribute__ ((always_inline)) void multiply_##bytes (const real *x, const real *g, gint64 C,         \
                                                                       gboolean add, real products[TILE][LANES])       \
  {                                                                                                                    \
    typedef real Vector __attribute__ ((vector_size (bytes), aligned (sizeof (real)), may_alias));                     \
    const int width = bytes / sizeof (real);                                                                           \
    for (int l = 0; l < LANES; l += 2 * width) {                                                                       \
      Vector sum[TILE][2] = { { { 0 } } };                                                                             \
      for (gint64 c = 0; c < C; c++) {                                                                                 \
        const Vector *column = (const Vector *) (const void *) (g + c * LANES + l);                                    \
        Vector first = column[0], second = column[1];                                                                  \
        _Pragma ("GCC unroll 6") for (int t = 0; t < TILE; t++)                                                        \
        {                                                                                                              \
          sum[t][0] += x[c * TILE + t] * first;                                                                        \
          sum[t][1] += x[c * TILE + t] * second;                                                                       \
        }                                                                                                              \
      }                                                                                                                \
      _Pragma ("GCC unroll 6") for (int t = 0; t < TILE; t++)                                                          \
      {                                                                                                                \
        Vector *product = (Vector *) (void *) (products[t] + l);                                                       \
        if (add)                                                                                                       \
          sum[t][0] += product[0], sum[t][1] += product[1];                                                            \
        product[0] = sum[t][0];                                                                                        \
        product[1] = sum[t][1];                                                                                        \
      }                                                                                                                \
    }                                                                                                                  \
  }

DEFINE_MULTIPLY (16)
DEFINE_MULTIPLY (32)
DEFINE_MULTIPLY (64)

/* Overwrites @products with those of TILE positions of @x and LANES of @g, summed over @C channels. @add: adds to
 * @products. */
RV_CLONES static void
multiply (const real *x, const real *g, gint64 C, gboolean add, real products[TILE][LANES])
{
  if (rv__vector_bytes () == 64)
    multiply_64 (x, g, C, add, products);
  else if (rv__vector_bytes () == 32)
    multiply_32 (x, g, C, add, products);
  else
    multiply_16 (x, g, C, add, products);
}

/* Updates best[0 .. n-1] and k[0 .. n-1] by @products with columns @q to @q + LANES - 1 of the guide. */
RV_CLONES static void
update_best (real products[CHUNK][LANES], gint64 n, gint64 q, real *best, real *k)
{
  for (gint64 t = 0; t < n; t++) {
    gboolean any = FALSE;
    for (int l = 0; l < LANES; l++)
      any |= products[t][l] > best[t];
    for (int l = any ? 0 : LANES; l < LANES; l++)
      if (products[t][l] > best[t])
        best[t] = products[t][l], k[t] = (real) (q + l);
  }
}

/* Computes the best match in @guide [C, Q] of @n positions of @x, at most CHUNK, from @first on, counted over all
 * pictures. Writes its product to best[0 .. n-1], and its position in the guide, the first of equals, to k[0 .. n-1].
 * Without any product that is a number: -INFINITY and 0. @workspace: C numbers for each position, their number rounded
 * up to a multiple of TILE, and LANES * C more; overwritten. */
static void
match_chunk (const RvView *x, const RvView *guide, gint64 first, gint64 n, real *workspace, real *best, real *k)
{
  gint64 C = guide->shape.dim[0], Q = guide->shape.dim[1];
  gint64 rows = (n + TILE - 1) / TILE * TILE;
  real *packed = workspace, *columns = workspace + rows * C, products[CHUNK][LANES];
  gint64 offset[CHUNK];
  for (gint64 i = 0; i < n; i++)
    offset[i] = offset_of (x, 0, first + i);
  for (gint64 c = 0; c < C; c++) {
    gint64 channel = offset_of (x, c, 0);
    for (gint64 i = 0; i < rows; i++)
      packed[(i / TILE * C + c) * TILE + i % TILE] = i < n ? ((const real *) x->data)[channel + offset[i]] : 0;
  }
  for (gint64 i = 0; i < n; i++)
    best[i] = -INFINITY, k[i] = 0;
  for (gint64 q = 0; q < Q; q += LANES) {
    gint64 n_columns = MIN (LANES, Q - q);
    for (gint64 c = 0; c < C; c++) {
      const real *row = (const real *) guide->data + c * Q + q;
      if (n_columns == LANES)
        memcpy (columns + c * LANES, row, LANES * sizeof (real));
      else
        for (gint64 l = 0; l < LANES; l++)
          columns[c * LANES + l] = row[MIN (l, n_columns - 1)];
    }
    for (gint64 c = 0; c < C; c += PART)
      for (gint64 tile = 0; tile < n; tile += TILE)
        multiply (packed + tile * C + c * TILE, columns + c * LANES, MIN (PART, C - c), c > 0, products + tile);
    update_best (products, n, q, best, k);
  }
}

/* RvOpClass.run of best_match. Inputs: x [N, C, H, W] and the guide [C, Q]. Writes y [1], the sum of the best products
 * over positions inside the border. If output 1 has data, also writes k [N H W]: for all positions the index of the
 * guide's best position, as a real. Cannot fail. */
static void
match_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = in[0].shape.dim[0] * in[0].shape.dim[2] * in[0].shape.dim[3], C = in[1].shape.dim[0];
  g_autofree real *best = g_new (real, 2 * n);
  real *k = out[1].data ? out[1].data : best + n;
  double total = 0;

#pragma omp parallel
  {
    /* All threads get the same number of chunks. */
    gint64 threads = omp_get_num_threads (), n_chunks = (n + CHUNK * threads - 1) / (CHUNK * threads) * threads;
    gint64 chunk = (n + n_chunks * TILE - 1) / (n_chunks * TILE) * TILE;
    g_autofree real *workspace = g_new (real, (chunk + LANES) * C);
#pragma omp for schedule(dynamic)
    for (gint64 first = 0; first < n; first += chunk)
      match_chunk (&in[0], &in[1], first, MIN (chunk, n - first), workspace, best + first, k + first);
  }
  for (gint64 p = 0; p < n; p++)
    total += in_interior (&in[0].shape, attrs->interior.border, p) ? (double) best[p] : 0;
  ((real *) out[0].data)[0] = (real) total;
}

/* RvOpClass.gradient: that of x, from output 1 (k) of @step; the guide has none. */
static void
match_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  const RvShape *x = rv__program_shape (program, step->in[0]);
  RvOpAttrs attrs = { .interior = { step->attrs.interior.border, { x->dim[0], x->dim[2], x->dim[3] } } };
  grad_in[0] = RV_RECORD (BEST_MATCH_BACKWARD, &attrs, step->in[1], step->out[1], grad_out);
}

static double
match_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return 2 * (double) rv_shape_count (&in[0]) * (double) in[1].dim[1];
}

const RvOpClass RV_OP (best_match) = {
  .n_in = 2,
  .has_second_out = TRUE,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .work = match_work,
  .shape = match_shape,
  .run = match_run,
  .gradient = match_gradient,
};

static gboolean
backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const gint64 *extent = attrs->interior.extent;
  out[0] = (RvShape){ 4, { extent[0], in[0].dim[0], extent[1], extent[2] } };
  return TRUE;
}

/* RvOpClass.run of best_match_backward: writes gx [N, C, H, W], 0 in the border. Inputs: guide [C, Q], k [N H W], gy
 * [1]. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 C = in[0].shape.dim[0], Q = in[0].shape.dim[1], n = in[1].shape.dim[0];
  const real *guide = in[0].data, *k = in[1].data, gy = ((const real *) in[2].data)[0];

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < n; p++) {
    gboolean inside = in_interior (&out[0].shape, attrs->interior.border, p);
    for (gint64 c = 0; c < C; c++)
      ((real *) out[0].data)[offset_of (&out[0], c, p)] = inside ? gy * guide[c * Q + (gint64) k[p]] : 0;
  }
}

const RvOpClass RV_OP (best_match_backward) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = backward_shape,
  .run = backward_run,
};
