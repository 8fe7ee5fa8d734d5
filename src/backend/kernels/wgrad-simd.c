/* wgrad-simd.c -- sums of outer products with vectors of RV_LANES floats, compiled for each width. */
#include "wgrad-simd.h"
#include "vectors.h"

/* Channels of x at a time; limited by the number of registers. */
#define CHANNELS (RV_LANES == 16 ? 8 : 4)

/* Adds the outer products of channels @first .. @first + CHANNELS - 1 of x and @n_vectors vectors of g to @sum, whose
 * channels are @sum_stride floats apart. */
INLINE void
add_channels (const RvWgradOperands *operands, int first, const int n_vectors, float *sum, gsize sum_stride)
{
  Vector s[CHANNELS][RV_WGRAD_VECTORS] = { 0 };
  for (gint64 picture = 0; picture < operands->n_pictures; picture++)
    for (gint64 row = 0; row < operands->n_rows; row++) {
      const float *x = operands->x + picture * operands->x_picture + row * operands->x_row + first;
      const float *g = operands->g + picture * operands->g_picture + row * operands->g_row;
      for (gint64 p = 0; p < operands->n_cols; p++, x += operands->x_col, g += RV_LANES) {
        Vector v[RV_WGRAD_VECTORS];
#pragma GCC unroll 3
        for (int k = 0; k < n_vectors; k++)
          v[k] = load (g + (gsize) k * operands->g_vector);
#pragma GCC unroll 8
        for (int l = 0; l < CHANNELS; l++)
#pragma GCC unroll 3
          for (int k = 0; k < n_vectors; k++)
            s[l][k] += x[l] * v[k];
      }
    }
#pragma GCC unroll 8
  for (int l = 0; l < CHANNELS; l++)
#pragma GCC unroll 3
    for (int k = 0; k < n_vectors; k++) {
      float *to = sum + (gsize) (first + l) * sum_stride + k * RV_LANES;
      store (to, load (to) + s[l][k]);
    }
}

/* RvWgradSimd.add: sum[l][n_vectors][lanes] += sum over positions of x[l] g[vector][lanes], for all lanes l of a block
 * of x. @n_vectors: 1 to RV_WGRAD_VECTORS. Rows of @sum are @sum_stride floats apart. Calls the copy compiled for
 * @n_vectors. */
static void
add (const RvWgradOperands *operands, int n_vectors, float *sum, gsize sum_stride)
{
  for (int first = 0; first < RV_LANES; first += CHANNELS)
    switch (n_vectors) { /* constants, so that all sums stay in registers */
    case 1:
      add_channels (operands, first, 1, sum, sum_stride);
      break;
    case 2:
      add_channels (operands, first, 2, sum, sum_stride);
      break;
    default:
      add_channels (operands, first, 3, sum, sum_stride);
      break;
    }
}

const RvWgradSimd CONCAT (rv__wgrad_simd_, RV_ISA) = {
  .add = add,
};
