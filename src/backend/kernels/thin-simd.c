/* thin-simd.c -- thin convolutions with vectors of RV_LANES floats, compiled for each width. */
#include "thin-simd.h"
#include "vectors.h"

/* Elements of two vectors, by index. */
#define CHOSEN(a, b, ...) __builtin_shufflevector (a, b, __VA_ARGS__)

/* Elements that each level of horizontal_sums() adds: those of NAME and those of NAME_OTHER. */
#if RV_LANES == 16
#define FIRST(a, b) CHOSEN (a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define FIRST_OTHER(a, b) CHOSEN (a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define SECOND(a, b) CHOSEN (a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define SECOND_OTHER(a, b) CHOSEN (a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define THIRD(a, b) CHOSEN (a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define THIRD_OTHER(a, b) CHOSEN (a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define FOURTH(a, b) CHOSEN (a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define FOURTH_OTHER(a, b) CHOSEN (a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)
#elif RV_LANES == 8
#define FIRST(a, b) CHOSEN (a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define FIRST_OTHER(a, b) CHOSEN (a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define SECOND(a, b) CHOSEN (a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define SECOND_OTHER(a, b) CHOSEN (a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define THIRD(a, b) CHOSEN (a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define THIRD_OTHER(a, b) CHOSEN (a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#else
#define FIRST(a, b) CHOSEN (a, b, 0, 4, 1, 5)
#define FIRST_OTHER(a, b) CHOSEN (a, b, 2, 6, 3, 7)
#define SECOND(a, b) CHOSEN (a, b, 0, 1, 4, 5)
#define SECOND_OTHER(a, b) CHOSEN (a, b, 2, 3, 6, 7)
#endif

/* One level of a horizontal sum: adds elements of each pair of vectors, so that @n vectors become @n / 2. */
#define FOLD(v, n, CHOOSE)                                                                                             \
  _Pragma ("GCC unroll 8") for (int k = 0; k < (n) / 2; k++) v[k] =                                                    \
    CHOOSE (v[2 * k], v[2 * k + 1]) + CHOOSE##_OTHER (v[2 * k], v[2 * k + 1]);

/* Returns one vector: element k is the sum of the elements of v[k], for k < RV_LANES. Overwrites @v. */
INLINE Vector
horizontal_sums (Vector *v)
{
  FOLD (v, RV_LANES, FIRST)
  FOLD (v, RV_LANES / 2, SECOND)
#if RV_LANES >= 8
  FOLD (v, RV_LANES / 4, THIRD)
#endif
#if RV_LANES == 16
  FOLD (v, RV_LANES / 8, FOURTH)
#endif
  return v[0];
}

#define ALL_SUMS 16 /* sums of one tile, at most 12, rounded up to whole vectors */

/* Columns of x under the first tap of a tile's first output; may be a copy at the edge. */
typedef struct {
  const float *rows[RV_THIN_MAX_TAPS]; /* in the first block */
  gsize block_stride;
} TileColumns;

/* Computes @n_tile outputs of @channels channels to @result, [output][channel], without bias. Each sum stays in one
 * register, with one partial sum for each lane. The partial sums are added last. */
INLINE void
compute_tile (const RvThinRow *row, const TileColumns *under, const int n_tile, const int channels, const gint64 x_step,
              float *result)
{
  Vector sum[ALL_SUMS];
#pragma GCC unroll 16
  for (int k = 0; k < ALL_SUMS; k++)
    sum[k] = (Vector){ 0 };
  for (int i = 0; i < row->n_rows; i++) {
    const float *w = row->weights + (gsize) (row->tap[i] * row->n_blocks * row->n_cols * channels) * RV_LANES;
    for (int b = 0; b < row->n_blocks; b++)
      for (int v = 0; v < row->n_cols; v++, w += channels * RV_LANES) {
        const float *x = under->rows[i] + (gsize) b * under->block_stride + (row->cols[v] - row->min_col) * RV_LANES;
#pragma GCC unroll 8
        for (int t = 0; t < n_tile; t++) {
          Vector element = load (x + t * x_step * RV_LANES);
#pragma GCC unroll 4
          for (int c = 0; c < channels; c++)
            sum[t * channels + c] += element * load (w + c * RV_LANES);
        }
      }
  }
#pragma GCC unroll 4
  for (int k = 0; k < n_tile * channels; k += RV_LANES)
    store (result + k, horizontal_sums (sum + k));
}

/* Copies columns @from .. @from + span - 1 of a row of x, all blocks, to @to, [block][span][lanes]; columns outside of
 * x are zeros. @x: address of column @from in the first block, which may lie before the row. */
INLINE void
copy_edge (const RvThinRow *row, const float *x, gint64 from, float *to)
{
  gint64 span = row->edges->span, begin = CLAMP (-from, 0, span), end = CLAMP (row->x_cols - from, begin, span);
  for (int b = 0; b < row->n_blocks; b++, to += span * RV_LANES, x += row->x_block_stride) {
    for (gint64 k = 0; k < begin; k++)
      store (to + k * RV_LANES, (Vector){ 0 });
    for (gint64 k = begin; k < end; k++)
      store (to + k * RV_LANES, load (x + k * RV_LANES));
    for (gint64 k = end; k < span; k++)
      store (to + k * RV_LANES, (Vector){ 0 });
  }
}

/* Points @under to zero-padded copies of the rows of x from column @from on, made if they are not cached yet. */
INLINE void
use_edge_copies (const RvThinRow *row, gint64 from, TileColumns *under)
{
  const RvThinEdges *edges = row->edges;
  under->block_stride = (gsize) (edges->span * RV_LANES);
  for (int i = 0; i < row->n_rows; i++) {
    int slot = (from < 0 ? 0 : edges->n_slots) + row->slot[i];
    RvThinCachedRow *cached = &edges->cached[slot];
    float *copy = edges->copies + (gsize) slot * (gsize) row->n_blocks * under->block_stride;
    if (cached->x != row->x[i] || cached->from != from)
      copy_edge (row, row->x[i] + from * RV_LANES, from, copy);
    *cached = (RvThinCachedRow){ row->x[i], from };
    under->rows[i] = copy;
  }
}

/* RvThinSimd.to_thin with constants: writes outputs 0 .. n-1 of @row to @y in tiles of @n_tile. The last tile is
 * aligned to the end: some outputs are computed twice. */
INLINE void
compute_row (const RvThinRow *row, const int n_tile, const int channels, const gint64 x_step, gint64 n, float *y,
             gint64 y_step, gint64 y_plane)
{
  gint64 span = (n_tile - 1) * x_step + row->reach + 1;
  for (gint64 begin = 0; begin < n; begin += n_tile) {
    gint64 first = MIN (begin, MAX (n - n_tile, 0)), from = first * x_step + row->min_col;
    TileColumns under;
    under.block_stride = row->x_block_stride;
    if (from < 0 || from + span > row->x_cols)
      use_edge_copies (row, from, &under);
    else
      for (int i = 0; i < row->n_rows; i++)
        under.rows[i] = row->x[i] + from * RV_LANES;
    float sum[ALL_SUMS];
    compute_tile (row, &under, n_tile, channels, x_step, sum);
    for (int t = 0; t < n_tile && first + t < n; t++)
      for (int c = 0; c < channels; c++)
        y[c * y_plane + (first + t) * y_step] = sum[t * channels + c] + (row->bias ? row->bias[c] : 0);
  }
}

/* RvThinSimd.to_thin for a constant step. Calls compute_row() with constant numbers of channels and of outputs in a
 * tile, so that all sums stay in registers. */
INLINE void
to_thin_strided (const RvThinRow *row, int channels, const gint64 x_step, gint64 n, float *y, gint64 y_step,
                 gint64 y_plane)
{
  switch (channels) {
  case 1:
    compute_row (row, 8, 1, x_step, n, y, y_step, y_plane);
    break;
  case 2:
    compute_row (row, 6, 2, x_step, n, y, y_step, y_plane);
    break;
  case 3:
    compute_row (row, 4, 3, x_step, n, y, y_step, y_plane);
    break;
  case 4:
    compute_row (row, 3, 4, x_step, n, y, y_step, y_plane);
    break;
  }
}

static void
to_thin (const RvThinRow *row, int channels, gint64 n, float *y, gint64 y_step, gint64 y_plane)
{
  if (row->x_step == 1)
    to_thin_strided (row, channels, 1, n, y, y_step, y_plane);
  else
    to_thin_strided (row, channels, row->x_step, n, y, y_step, y_plane);
}

/* weights() for a constant number of sums. Adds to @to, vectors that are @to_stride floats apart. */
INLINE void
weights_fixed (const float *const *x, gint64 x_step, const float *g, gint64 n, const int n_sums, float *to,
               gsize to_stride)
{
  Vector sum[RV_THIN_MAX_SUMS];
  const float *from[RV_THIN_MAX_SUMS];
#pragma GCC unroll 12
  for (int k = 0; k < n_sums; k++) {
    sum[k] = (Vector){ 0 };
    from[k] = x[k];
  }
  for (gint64 p = 0; p < n; p++) {
    Vector element = load (g + p * RV_LANES);
#pragma GCC unroll 12
    for (int k = 0; k < n_sums; k++)
      sum[k] += from[k][p * x_step] * element;
  }
#pragma GCC unroll 12
  for (int k = 0; k < n_sums; k++)
    store (to + (gsize) k * to_stride, load (to + (gsize) k * to_stride) + sum[k]);
}

/* RvThinSimd.weights: sum[k][lanes] += sum over p < @n of x[k][p * x_step] g[p][lanes], for k < @n_sums, 1 to
 * RV_THIN_MAX_SUMS. Vectors of @sum are @sum_stride floats apart. Calls the copy that is compiled for @n_sums. */
static void
weights (const float *const *x, gint64 x_step, const float *g, gint64 n, int n_sums, float *sum, gsize sum_stride)
{
  switch (n_sums) {
#define CASE(k)                                                                                                        \
  case k:                                                                                                              \
    weights_fixed (x, x_step, g, n, k, sum, sum_stride);                                                               \
    break;
    CASES_12 (CASE)
#undef CASE
  }
}

const RvThinSimd CONCAT (rv__thin_simd_, RV_ISA) = {
  .to_thin = to_thin,
  .weights = weights,
};
