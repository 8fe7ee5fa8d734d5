/* winograd-simd.c -- Winograd transforms with vectors of RV_LANES floats, compiled for each width.
 *
 * Lavin, Gray 2015, "Fast Algorithms for Convolutional Neural Networks": Y = A' [(G g G') * (B' d B)] A, for a tile of
 * 4 x 4 outputs and a 3 x 3 kernel. The polynomials are evaluated at 0, a, -a, b, -b and infinity. The paper uses a =
 * 1, b = 2. Here a = 1 / sqrt 2 and b = sqrt 2 lose fewer digits (bench/RESULTS.md). With a b = 1:
 *
 *        [ 1   0  -5/2   0    1   0 ]        [  1      0      0  ]         [ 1   1    1    1    1   0 ]
 *        [ 0  -b  -2     a    1   0 ]        [-2/3  -2/3 a  -1/3 ]         [ 0   a   -a    b   -b   0 ]
 *   B' = [ 0   b  -2    -a    1   0 ]    G = [-2/3   2/3 a  -1/3 ]    A' = [ 0  1/2  1/2   2    2   0 ]
 *        [ 0  -a  -1/2   b    1   0 ]        [ 1/6   1/6 b   1/3 ]         [ 0  a/2 -a/2  2b  -2b   1 ]
 *        [ 0   a  -1/2  -b    1   0 ]        [ 1/6  -1/6 b   1/3 ]
 *        [ 0   1   0   -5/2   0   1 ]        [  0      0      1  ]
 *
 * This is F(4,3) along both axes. The other transforms:
 *
 *   F(2,5)  same points as F(4,3), and so the same B
 *   F(6,3)  0, three pairs +-p and infinity: 64 products for 36 outputs, F(4,3) needs 81; half a digit less accurate
 *   F(4,5)  same points as F(6,3): 144 products, F(2,5) needs 324 for as many outputs
 *   F(4,7)  four pairs, for kernels of 1 x 7 and 7 x 1, along one axis
 *
 * In general, M (x) = x (x^2 - p1^2) (x^2 - p2^2) ... Row p of B' has the coefficients of M (x) / (x - p), the row of
 * infinity those of M. Row p of G is 1, p, p^2, ... divided by M' (p). Column p of A' is 1, p, p^2, ... Without the
 * factor x there is no point 0.
 *
 * With stride 2, a row of outputs is the sum of two convolutions of stride 1. The even inputs with taps 0 and 2 use
 * F(4,2) at two pairs and infinity; the odd inputs with tap 1 need four products. This makes 9 products instead of 12,
 * and 81 instead of 144 along both axes. F(7,2), at the points of F(6,3), makes 225 instead of 441. In backward-data,
 * the gradients of even inputs are one of these convolutions, those of odd inputs the other; the padding decides which
 * comes first. */
#include "winograd-simd.h"
#include "vectors.h"

#define A 0.70710678118654752f /* 1 / sqrt 2 */
#define B 1.41421356237309505f /* sqrt 2 */

/* Transform along one axis. */
typedef enum {
  NOTHING,
  F_4_3,
  F_2_5,
  F_6_3,
  F_4_5,
  F_4_7,
  DOWN_4,
  UP_EVEN_4,
  UP_ODD_4,
  DOWN_7,
  UP_EVEN_7,
  UP_ODD_7
} Axis;

#define IS_STRIDED(axis) ((axis) >= DOWN_4)
#define IS_DOWN(axis) ((axis) == DOWN_4 || (axis) == DOWN_7)
#define IS_UP_EVEN(axis) ((axis) == UP_EVEN_4 || (axis) == UP_EVEN_7)
#define EACH(axis) ((axis) >= DOWN_7 ? 7 : 4) /* outputs of each of the two convolutions of stride 2 */
#define TAPS(axis) ((axis) == NOTHING ? 1 : (axis) == F_2_5 || (axis) == F_4_5 ? 5 : (axis) == F_4_7 ? 7 : 3)
/* Number of outputs of a tile. */
#define OUT(axis)                                                                                                      \
  ((axis) == NOTHING    ? 1                                                                                            \
   : (axis) == F_2_5    ? 2                                                                                            \
   : (axis) == F_6_3    ? 6                                                                                            \
   : !IS_STRIDED (axis) ? 4                                                                                            \
   : IS_DOWN (axis)     ? EACH (axis)                                                                                  \
                        : 2 * EACH (axis))
/* Number of inputs of a tile. */
#define IN(axis)                                                                                                       \
  (IS_DOWN (axis) ? 2 * EACH (axis) + 1 : IS_STRIDED (axis) ? EACH (axis) + 1 : OUT (axis) + TAPS (axis) - 1)
/* Number of products of a tile. */
#define POINTS(axis) (IS_STRIDED (axis) ? 2 * EACH (axis) + 1 : IN (axis))
/* Step in x from tile to tile. */
#define STEP(axis) (IS_DOWN (axis) ? 2 * EACH (axis) : IS_STRIDED (axis) ? EACH (axis) : OUT (axis))
#define MAX_IN POINTS (DOWN_7)
#define MAX_PAIRS 4

/* Points 0, +-p of some pairs, and infinity. */
typedef struct {
  float pair[MAX_PAIRS];
  float all[MAX_PAIRS];                   /* coefficients of (x^2 - p1^2) (x^2 - p2^2) ..., constant first, without
                                             the last */
  float others[MAX_PAIRS][MAX_PAIRS - 1]; /* coefficients without the factor of that pair */
  float inverse[MAX_PAIRS];               /* 1 / M' (p) */
} Points;

#define SQUARE(p) ((p) * (p))
#define INVERSE(p, product) (1 / (2 * (p) * (product)))

/* Coefficients of products of (x^2 - a) for two, three or four squares a. */
#define TWO(a, b)                                                                                                      \
  {                                                                                                                    \
    (a) * (b), -((a) + (b))                                                                                            \
  }
#define THREE(a, b, c)                                                                                                 \
  {                                                                                                                    \
    -(a) * (b) * (c), (a) * (b) + (a) * (c) + (b) * (c), -((a) + (b) + (c))                                            \
  }
#define FOUR(a, b, c, d)                                                                                               \
  {                                                                                                                    \
    (a) * (b) * (c) * (d), -((a) * (b) * (c) + (a) * (b) * (d) + (a) * (c) * (d) + (b) * (c) * (d)),                   \
      (a) * (b) + (a) * (c) + (a) * (d) + (b) * (c) + (b) * (d) + (c) * (d), -((a) + (b) + (c) + (d))                  \
  }

/* Points that lose the fewest digits (bench/RESULTS.md). */
#define P8 0.5f
#define Q8 1.05f
#define R8 1.9f
static const Points points_of_8 = {
  .pair = { P8, Q8, R8 },
  .all = THREE (SQUARE (P8), SQUARE (Q8), SQUARE (R8)),
  .others = { TWO (SQUARE (Q8), SQUARE (R8)), TWO (SQUARE (P8), SQUARE (R8)), TWO (SQUARE (P8), SQUARE (Q8)) },
#define OTHERS(p, q, r) INVERSE (SQUARE (p), (SQUARE (p) - SQUARE (q)) * (SQUARE (p) - SQUARE (r)))
  .inverse = { OTHERS (P8, Q8, R8), OTHERS (Q8, P8, R8), OTHERS (R8, P8, Q8) },
#undef OTHERS
};

#define P10 0.45f
#define Q10 0.8f
#define R10 1.15f
#define S10 2.0f
static const Points points_of_10 = {
  .pair = { P10, Q10, R10, S10 },
  .all = FOUR (SQUARE (P10), SQUARE (Q10), SQUARE (R10), SQUARE (S10)),
  .others = { THREE (SQUARE (Q10), SQUARE (R10), SQUARE (S10)), THREE (SQUARE (P10), SQUARE (R10), SQUARE (S10)),
              THREE (SQUARE (P10), SQUARE (Q10), SQUARE (S10)), THREE (SQUARE (P10), SQUARE (Q10), SQUARE (R10)) },
#define OTHERS(p, q, r, s)                                                                                             \
  INVERSE (SQUARE (p), (SQUARE (p) - SQUARE (q)) * (SQUARE (p) - SQUARE (r)) * (SQUARE (p) - SQUARE (s)))
  .inverse = { OTHERS (P10, Q10, R10, S10), OTHERS (Q10, P10, R10, S10), OTHERS (R10, P10, Q10, S10),
               OTHERS (S10, P10, Q10, R10) },
#undef OTHERS
};

/* The points of F(4,2): +-p, +-q and infinity. */
#define P5 0.4f
#define Q5 1.4f

/* Transforms six inputs @d of a tile along one axis to six points: @v = B' @d, for F(4,3) and F(2,5). */
INLINE void
six_points_of_x (const Vector *d, Vector *v)
{
  Vector even_a = d[4] - 2 * d[2], odd_a = A * d[3] - B * d[1];
  Vector even_b = d[4] - 0.5f * d[2], odd_b = B * d[3] - A * d[1];
  v[0] = d[0] - 2.5f * d[2] + d[4];
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = d[1] - 2.5f * d[3] + d[5];
}

/* Transforms inputs @d of a tile along one axis to points: @v = B' @d at 0, +p and -p for the first @n_pairs numbers
 * p of at->pair, and infinity. @d and @v have 2 n_pairs + 2 vectors. */
INLINE void
pairs_of_x (const Points *at, const int n_pairs, const Vector *d, Vector *v)
{
  const int last = 2 * n_pairs + 1;
  v[0] = d[last - 1], v[last] = d[last];
#pragma GCC unroll 4
  for (int k = 0; k < n_pairs; k++)
    v[0] += at->all[k] * d[2 * k], v[last] += at->all[k] * d[2 * k + 1];
#pragma GCC unroll 4
  for (int i = 0; i < n_pairs; i++) {
    Vector even = d[last - 1], odd = d[last - 2];
#pragma GCC unroll 3
    for (int k = 0; k < n_pairs - 1; k++)
      even += at->others[i][k] * d[2 * k + 2], odd += at->others[i][k] * d[2 * k + 1];
    v[2 * i + 1] = even + at->pair[i] * odd;
    v[2 * i + 2] = even - at->pair[i] * odd;
  }
}

/* Transforms five inputs @d of a tile along one axis to the points of F(4,2): @v = B' @d at P5, -P5, Q5, -Q5 and
 * infinity. @v must not overlap @d. */
INLINE void
five_points_of_x (const Vector *d, Vector *v)
{
  const float p = SQUARE (P5), q = SQUARE (Q5);
  Vector odd_p = d[3] - q * d[1], even_p = P5 * (d[2] - q * d[0]);
  Vector odd_q = d[3] - p * d[1], even_q = Q5 * (d[2] - p * d[0]);
  v[0] = odd_p + even_p;
  v[1] = odd_p - even_p;
  v[2] = odd_q + even_q;
  v[3] = odd_q - even_q;
  v[4] = d[4] - (p + q) * d[2] + p * q * d[0];
}

/* Transforms the inputs @d, [IN (axis)], of a tile along one axis, for the two convolutions of stride 2. @v: first
 * the points of F(4,2) or F(7,2) of one convolution, EACH (axis) + 1; then EACH (axis) inputs of the other, as they
 * are: its kernel has one tap. */
INLINE void
strided_points_of_x (const Axis axis, const Vector *d, Vector *v)
{
  const int n = EACH (axis), step = IS_DOWN (axis) ? 2 : 1, first = IS_DOWN (axis) || IS_UP_EVEN (axis);
  Vector every[MAX_IN];
  for (int i = 0; i <= n; i++)
    every[i] = d[step * i];
  if (n == 4)
    five_points_of_x (every, v);
  else
    pairs_of_x (&points_of_8, 3, every, v);
  for (int i = 0; i < n; i++)
    v[n + 1 + i] = d[step * i + first];
}

/* Transforms inputs of a tile along one axis, @v = B' @d: @d has IN (axis) inputs, @v gets POINTS (axis) points. */
INLINE void
points_of_x (const Axis axis, const Vector *d, Vector *v)
{
  if (axis == NOTHING)
    v[0] = d[0];
  else if (IS_STRIDED (axis))
    strided_points_of_x (axis, d, v);
  else if (axis == F_4_7)
    pairs_of_x (&points_of_10, 4, d, v);
  else if (axis == F_6_3 || axis == F_4_5)
    pairs_of_x (&points_of_8, 3, d, v);
  else
    six_points_of_x (d, v);
}

/* Transforms weights along one axis, @g, [@taps], to points: @v = G @g at 0, +p and -p for the first @n_pairs numbers p
 * of at->pair, and infinity, 2 n_pairs + 2 vectors. */
INLINE void
pairs_of_w (const Points *at, const int n_pairs, const int taps, const Vector *g, Vector *v)
{
  v[0] = (1 / at->all[0]) * g[0];
#pragma GCC unroll 4
  for (int i = 0; i < n_pairs; i++) {
    const float square = SQUARE (at->pair[i]);
    const int last_even = (taps - 1) / 2 * 2, last_odd = taps / 2 * 2 - 1;
    Vector even = g[last_even], odd = g[last_odd];
#pragma GCC unroll 3
    for (int k = last_even - 2; k >= 0; k -= 2)
      even = g[k] + square * even;
#pragma GCC unroll 3
    for (int k = last_odd - 2; k >= 0; k -= 2)
      odd = g[k] + square * odd;
    even *= at->inverse[i];
    odd *= at->inverse[i] * at->pair[i];
    v[2 * i + 1] = even + odd;
    v[2 * i + 2] = even - odd;
  }
  v[2 * n_pairs + 1] = g[taps - 1];
}

/* Transforms two weights @g to the five points of F(4,2): @v = G @g. */
INLINE void
five_points_of_w (const Vector *g, Vector *v)
{
  const float of_p = 1 / (2 * P5 * (SQUARE (P5) - SQUARE (Q5))), of_q = 1 / (2 * Q5 * (SQUARE (Q5) - SQUARE (P5)));
  v[0] = of_p * g[0] + (of_p * P5) * g[1];
  v[1] = -of_p * g[0] + (of_p * P5) * g[1];
  v[2] = of_q * g[0] + (of_q * Q5) * g[1];
  v[3] = -of_q * g[0] + (of_q * Q5) * g[1];
  v[4] = g[1];
}

/* Transforms three weights @g along one axis, for the two convolutions of stride 2, in the order of
 * strided_points_of_x(). @v: EACH (axis) + 1 points of the kernel of taps 0 and 2; then EACH (axis) times tap 1, one
 * for each input that is not transformed. */
INLINE void
strided_points_of_w (const Axis axis, const Vector *g, Vector *v)
{
  const int n = EACH (axis);
  const Vector every[2] = { g[0], g[2] };
  if (n == 4)
    five_points_of_w (every, v);
  else
    pairs_of_w (&points_of_8, 3, 2, every, v);
  for (int i = 0; i < n; i++)
    v[n + 1 + i] = g[1];
}

/* Transforms weights along one axis, @v = G @g: @g has TAPS (axis) weights, @v gets POINTS (axis) points. */
INLINE void
points_of_w (const Axis axis, const Vector *g, Vector *v)
{
  if (axis == NOTHING) {
    v[0] = g[0];
  } else if (IS_STRIDED (axis)) {
    strided_points_of_w (axis, g, v);
  } else if (axis == F_4_7) {
    pairs_of_w (&points_of_10, 4, 7, g, v);
  } else if (axis == F_6_3 || axis == F_4_5) {
    pairs_of_w (&points_of_8, 3, TAPS (axis), g, v);
  } else {
    Vector even_a, odd_a, even_b, odd_b;
    if (axis == F_4_3) {
      even_a = (-2.0f / 3) * g[0] - (1.0f / 3) * g[2], odd_a = (-2.0f / 3 * A) * g[1];
      even_b = (1.0f / 6) * g[0] + (1.0f / 3) * g[2], odd_b = (1.0f / 6 * B) * g[1];
    } else {
      even_a = (-2.0f / 3) * g[0] - (1.0f / 3) * g[2] - (1.0f / 6) * g[4];
      odd_a = (-2.0f / 3 * A) * g[1] - (1.0f / 3 * A) * g[3];
      even_b = (1.0f / 6) * g[0] + (1.0f / 3) * g[2] + (2.0f / 3) * g[4];
      odd_b = (1.0f / 6 * B) * g[1] + (1.0f / 3 * B) * g[3];
    }
    v[0] = g[0];
    v[1] = even_a + odd_a;
    v[2] = even_a - odd_a;
    v[3] = even_b + odd_b;
    v[4] = even_b - odd_b;
    v[5] = g[TAPS (axis) - 1];
  }
}

/* Transforms products back along one axis, @y = A' @m: @n outputs of the products @m, [2 n_pairs + 2], at 0, +p and -p
 * for the first @n_pairs numbers p of at->pair, and infinity. */
INLINE void
tile_of_pairs (const Points *at, const int n_pairs, const int n, const Vector *m, Vector *y)
{
#pragma GCC unroll 6
  for (int k = 0; k < n; k++)
    y[k] = k == 0 ? m[0] : k == n - 1 ? m[2 * n_pairs + 1] : (Vector){ 0 };
#pragma GCC unroll 4
  for (int i = 0; i < n_pairs; i++) {
    const float square = SQUARE (at->pair[i]);
    Vector sum = m[2 * i + 1] + m[2 * i + 2], diff = at->pair[i] * (m[2 * i + 1] - m[2 * i + 2]);
    float power = 1;
#pragma GCC unroll 3
    for (int k = 0; k < n; k += 2, power *= square) {
      y[k] += power * sum;
      if (k + 1 < n)
        y[k + 1] += power * diff;
    }
  }
}

/* Transforms products back along one axis, @y = A' @m: four outputs of the products @m at the five points of F(4,2). */
INLINE void
four_of_five_points (const Vector *m, Vector *y)
{
  const float p = SQUARE (P5), q = SQUARE (Q5);
  Vector sum_p = m[0] + m[1], diff_p = P5 * (m[0] - m[1]), sum_q = m[2] + m[3], diff_q = Q5 * (m[2] - m[3]);
  y[0] = sum_p + sum_q;
  y[1] = diff_p + diff_q;
  y[2] = p * sum_p + q * sum_q;
  y[3] = p * diff_p + q * diff_q + m[4];
}

/* Transforms products back along one axis with stride 2: writes OUT (axis) outputs @y of the products @m, ordered as in
 * strided_points_of_x(). Adds the results of the two convolutions, or in backward-data interleaves them. */
INLINE void
strided_tile_of_points (const Axis axis, const Vector *m, Vector *y)
{
  const int n = EACH (axis), first = IS_UP_EVEN (axis);
  Vector result[MAX_IN];
  if (n == 4)
    four_of_five_points (m, result);
  else
    tile_of_pairs (&points_of_8, 3, 7, m, result);
  for (int i = 0; i < n; i++)
    if (IS_DOWN (axis))
      y[i] = result[i] + m[n + 1 + i];
    else
      y[2 * i + !first] = result[i], y[2 * i + first] = m[n + 1 + i];
}

/* Transforms products back along one axis, @y = A' @m: @m has POINTS (axis) points, @y gets OUT (axis) outputs. */
INLINE void
tile_of_points (const Axis axis, const Vector *m, Vector *y)
{
  if (axis == NOTHING) {
    y[0] = m[0];
  } else if (IS_STRIDED (axis)) {
    strided_tile_of_points (axis, m, y);
  } else if (axis == F_4_7) {
    tile_of_pairs (&points_of_10, 4, 4, m, y);
  } else if (axis == F_6_3 || axis == F_4_5) {
    tile_of_pairs (&points_of_8, 3, OUT (axis), m, y);
  } else {
    Vector sum_a = m[1] + m[2], diff_a = A * (m[1] - m[2]), sum_b = m[3] + m[4], diff_b = B * (m[3] - m[4]);
    y[0] = m[0] + sum_a + sum_b;
    if (axis == F_2_5) {
      y[1] = diff_a + diff_b + m[5];
    } else {
      y[1] = diff_a + diff_b;
      y[2] = 0.5f * sum_a + 2 * sum_b;
      y[3] = 0.5f * diff_a + 2 * diff_b + m[5];
    }
  }
}

/* Transforms along both axes. The axes are constants, so that each pair is compiled separately; arrays have constant
 * sizes, so that they stay in registers. */

/* RvWinogradTransform.transform_x, for a tile of one channel block. */
INLINE void
transform_x (const Axis rows, const Axis cols, const float *x, gsize row_stride, float *V, gsize point_stride)
{
  Vector half[MAX_IN][MAX_IN]; /* [column][point] */
  for (int j = 0; j < IN (cols); j++) {
    Vector d[MAX_IN];
    for (int i = 0; i < IN (rows); i++)
      d[i] = load (x + (gsize) i * row_stride + (gsize) j * RV_LANES);
    points_of_x (rows, d, half[j]);
  }
  for (int i = 0; i < POINTS (rows); i++) {
    Vector d[MAX_IN], v[MAX_IN];
    for (int j = 0; j < IN (cols); j++)
      d[j] = half[j][i];
    points_of_x (cols, d, v);
    for (int j = 0; j < POINTS (cols); j++)
      store (V + (gsize) (i * POINTS (cols) + j) * point_stride, v[j]);
  }
}

/* RvWinogradTransform.transform_w, for one input channel. */
INLINE void
transform_w (const Axis rows, const Axis cols, const float *w, int n_vectors, float *U, gsize point_stride)
{
  for (int n = 0; n < n_vectors; n++) {
    Vector half[MAX_IN][MAX_IN];
    for (int j = 0; j < TAPS (cols); j++) {
      Vector g[MAX_IN];
      for (int i = 0; i < TAPS (rows); i++)
        g[i] = load (w + ((i * TAPS (cols) + j) * n_vectors + n) * RV_LANES);
      points_of_w (rows, g, half[j]);
    }
    for (int i = 0; i < POINTS (rows); i++) {
      Vector g[MAX_IN], v[MAX_IN];
      for (int j = 0; j < TAPS (cols); j++)
        g[j] = half[j][i];
      points_of_w (cols, g, v);
      for (int j = 0; j < POINTS (cols); j++)
        store (U + (gsize) (i * POINTS (cols) + j) * point_stride + n * RV_LANES, v[j]);
    }
  }
}

INLINE void
store_row (const Vector *row, const int n, const RvPostOp post_op, float *y, Bits *bits)
{
  for (int j = 0; j < n; j++)
    store (y + j * RV_LANES, apply_post_op (row[j], post_op, bits ? bits + j : NULL));
}

/* Applies the post-op to @row, @n vectors, and stores it at @y. @bits: (nullable): one for each vector. A separate
 * function, instead of one copy of transform_y() for each post-op: the compiler may contract the sums of each copy
 * to different fused instructions. A ReLU with bits would then give other bytes than one without. */
static __attribute__ ((noinline)) void
finish_row (const Vector *row, const int n, RvPostOp post_op, float *y, Bits *bits)
{
  switch (post_op) {
  case RV_POST_OP_NONE:
    store_row (row, n, RV_POST_OP_NONE, y, bits);
    break;
  case RV_POST_OP_RELU:
    store_row (row, n, RV_POST_OP_RELU, y, bits);
    break;
  case RV_POST_OP_RELU_SAVE_MASK:
    store_row (row, n, RV_POST_OP_RELU_SAVE_MASK, y, bits);
    break;
  case RV_POST_OP_APPLY_MASK:
    store_row (row, n, RV_POST_OP_APPLY_MASK, y, bits);
    break;
  }
}

/* RvWinogradTransform.transform_y, with bias and post-op. */
INLINE void
transform_y (const Axis rows, const Axis cols, const float *M, gsize point_stride, const float *bias, RvPostOp post_op,
             float *y, guint8 *bits, gsize row_stride)
{
  Vector half[MAX_IN][MAX_IN], b = bias ? load (bias) : (Vector){ 0 };
  for (int j = 0; j < POINTS (cols); j++) {
    Vector m[MAX_IN];
    for (int i = 0; i < POINTS (rows); i++)
      m[i] = load (M + (gsize) (i * POINTS (cols) + j) * point_stride);
    tile_of_points (rows, m, half[j]);
  }
  for (int i = 0; i < OUT (rows); i++) {
    Vector m[MAX_IN], row[MAX_IN];
    for (int j = 0; j < POINTS (cols); j++)
      m[j] = half[j][i];
    tile_of_points (cols, m, row);
    for (int j = 0; j < OUT (cols); j++)
      row[j] += b;
    finish_row (row, OUT (cols), post_op, y + (gsize) i * row_stride,
                bits ? (Bits *) (void *) (bits + (gsize) i * row_stride / 8) : NULL);
  }
}

/* Transforms: name, kind, large, transforms of rows and of columns, and RvConvClass.rounding. */
#define TRANSFORMS(X)                                                                                                  \
  X (3_3, RV_WINOGRAD_PLAIN, FALSE, F_4_3, F_4_3, 2.2)                                                                 \
  X (3_3_large, RV_WINOGRAD_PLAIN, TRUE, F_6_3, F_6_3, 9)                                                              \
  X (5_5, RV_WINOGRAD_PLAIN, FALSE, F_2_5, F_2_5, 1.6)                                                                 \
  X (5_5_large, RV_WINOGRAD_PLAIN, TRUE, F_4_5, F_4_5, 5.5)                                                            \
  X (1_7, RV_WINOGRAD_PLAIN, FALSE, NOTHING, F_4_7, 5.5)                                                               \
  X (7_1, RV_WINOGRAD_PLAIN, FALSE, F_4_7, NOTHING, 5.5)                                                               \
  X (down, RV_WINOGRAD_DOWN, FALSE, DOWN_4, DOWN_4, 1.1)                                                               \
  X (up_even, RV_WINOGRAD_UP_EVEN, FALSE, UP_EVEN_4, UP_EVEN_4, 1.6)                                                   \
  X (up_odd, RV_WINOGRAD_UP_ODD, FALSE, UP_ODD_4, UP_ODD_4, 1.6)                                                       \
  X (down_large, RV_WINOGRAD_DOWN, TRUE, DOWN_7, DOWN_7, 7)                                                            \
  X (up_even_large, RV_WINOGRAD_UP_EVEN, TRUE, UP_EVEN_7, UP_EVEN_7, 12)                                               \
  X (up_odd_large, RV_WINOGRAD_UP_ODD, TRUE, UP_ODD_7, UP_ODD_7, 12)

#define X(name, kind, large, rows, cols, rounding)                                                                     \
  static void transform_x_##name (const float *x, gsize row_stride, float *V, gsize point_stride)                      \
  {                                                                                                                    \
    transform_x (rows, cols, x, row_stride, V, point_stride);                                                          \
  }                                                                                                                    \
  static void transform_w_##name (const float *w, int n_vectors, float *U, gsize point_stride)                         \
  {                                                                                                                    \
    transform_w (rows, cols, w, n_vectors, U, point_stride);                                                           \
  }                                                                                                                    \
  static void transform_y_##name (const float *M, gsize point_stride, const float *bias, RvPostOp post_op, float *y,   \
                                  guint8 *bits, gsize row_stride)                                                      \
  {                                                                                                                    \
    transform_y (rows, cols, M, point_stride, bias, post_op, y, bits, row_stride);                                     \
  }
TRANSFORMS (X)
#undef X

const RvWinogradSimd CONCAT (rv__winograd_simd_, RV_ISA) = {
  .transforms = {
#define X(name, kind, large, rows, cols, rounding)                                                                     \
  { kind,                                                                                                              \
    large,                                                                                                             \
    { TAPS (rows), TAPS (cols) },                                                                                      \
    { IN (rows), IN (cols) },                                                                                          \
    { POINTS (rows), POINTS (cols) },                                                                                  \
    { OUT (rows), OUT (cols) },                                                                                        \
    { STEP (rows), STEP (cols) },                                                                                      \
    rounding,                                                                                                          \
    transform_x_##name,                                                                                                \
    transform_w_##name,                                                                                                \
    transform_y_##name },
    TRANSFORMS (X)
#undef X
  },
};
