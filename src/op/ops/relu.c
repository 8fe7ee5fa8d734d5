/* relu.c -- rectification, y = max (x, 0), in place, with one bit per element for the backward pass.
 *
 *   forward  y = x where x > 0, else 0; bit = x > 0       backward  gx = gy where the bit is set, else 0
 *
 * The derivative at 0 is 0. NaN passes through, so that a broken run is noticed. The backward pass of a network with
 * constant weights needs only the bits: 1/32 of the bytes of floats. Bits are in memory order: any layout works.
 */
#include "op/chunks.h"
#include "op/real.h"

#define GROUP 64

/* Packs eight bytes of 0 or 1 into eight bits, the first lowest: the product's top byte has byte i at bit i. */
static inline guint8
bits_of_bytes (const guint8 *bytes)
{
  guint64 eight;
  memcpy (&eight, bytes, sizeof eight);
  return (guint8) (GUINT64_FROM_LE (eight) * G_GUINT64_CONSTANT (0x0102040810204080) >> 56);
}

/* Writes max (x, 0) of @n numbers to @y, and x > 0 to @bits (nullable). Bytes first, then bits: compilers vectorise
 * these loops. */
RV_CLONES static void
rectify (const real *x, real *y, guint8 *bits, gint64 n)
{
  guint8 positive[GROUP];
  gint64 whole = n / GROUP * GROUP;
  for (gint64 i = 0; i < whole; i += GROUP) {
    for (int k = 0; k < GROUP; k++)
      positive[k] = x[i + k] > 0;
    for (int k = 0; k < GROUP; k++)
      y[i + k] = x[i + k] <= 0 ? 0 : x[i + k];
    for (int k = 0; bits && k < GROUP; k += 8)
      bits[(i + k) / 8] = bits_of_bytes (positive + k);
  }
  for (gint64 i = whole; i < n; i++) {
    if (bits)
      bits[i / 8] = (guint8) ((i % 8 ? bits[i / 8] : 0) | (x[i] > 0) << (i % 8));
    y[i] = x[i] <= 0 ? 0 : x[i];
  }
}

/* RvOpClass.run: y, and the bits if output 1 has data. Cannot fail. */
static void
relu_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *x = in[0].data;
  real *y = out[0].data;
  guint8 *bits = out[1].data;
  const RvChunks chunks = rv__chunks_of (&in[0]);

#pragma omp parallel for schedule(static) if (rv_shape_count(&in[0].shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    gint64 n, first = rv__chunk_span (&chunks, &in[0], i, &n);
    rectify (x + first, y + first, bits ? bits + first / 8 : NULL, n);
  }
}

RV_GRADIENT (relu, RELU_BACKWARD, NULL, grad_out, step->out[1])

const RvOpClass RV_OP (relu) = {
  .n_in = 1,
  .has_second_out = TRUE,
  .holds = { RV_ELEMENT_REAL, RV_ELEMENT_BIT },
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .run = relu_run,
  .gradient = relu_gradient,
};

#define LANES 16 /* bits per comparison, which makes a mask of them */

/* Writes gx = gy where the bit is 1, else 0, for @n numbers. */
RV_CLONES static void
mask (const real *gy, const guint8 *bits, real *gx, gint64 n)
{
  gint64 whole = n / LANES * LANES;
  for (gint64 i = 0; i < whole; i += LANES) {
    guint32 group = bits[i / 8] | (guint32) bits[i / 8 + 1] << 8;
#pragma omp simd
    for (int k = 0; k < LANES; k++)
      gx[i + k] = group & 1u << k ? gy[i + k] : 0;
  }
  for (gint64 i = whole; i < n; i++)
    gx[i] = bits[i / 8] >> (i % 8) & 1 ? gy[i] : 0;
}

/* RvOpClass.run: gx. Inputs: gy, bits. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *gy = in[0].data;
  const guint8 *bits = in[1].data;
  real *gx = out[0].data;
  const RvChunks chunks = rv__chunks_of (&in[0]);

#pragma omp parallel for schedule(static) if (rv_shape_count(&in[0].shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    gint64 n, first = rv__chunk_span (&chunks, &in[0], i, &n);
    mask (gy + first, bits + first / 8, gx + first, n);
  }
}

const RvOpClass RV_OP (relu_backward) = {
  .n_in = 2,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .run = backward_run,
};
