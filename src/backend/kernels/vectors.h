/* vectors.h -- vectors of RV_LANES floats with the compiler's vector_size: one source for all processors. Included only
 * by the *-simd.c files, which are compiled once for each width. */
#pragma once

#include "post-op.h"
#if RV_LANES > 4
#include <immintrin.h>
#endif

#define CONCAT2(a, b) a##b
#define CONCAT(a, b) CONCAT2 (a, b)
/* Expands CASE() for each number from 1 to 6, which is then a constant. */
#define CASES_6(CASE) CASE (1) CASE (2) CASE (3) CASE (4) CASE (5) CASE (6)
/* Expands CASE() for each number from 1 to 12. */
#define CASES_12(CASE) CASES_6 (CASE) CASE (7) CASE (8) CASE (9) CASE (10) CASE (11) CASE (12)
#define INLINE static inline __attribute__ ((always_inline))

typedef float Vector __attribute__ ((vector_size (RV_LANES * sizeof (float))));
/* A Vector at any address of a float. */
typedef float UnalignedVector
  __attribute__ ((vector_size (RV_LANES * sizeof (float)), aligned (sizeof (float)), may_alias));
/* Integers in the size of a Vector, for bit operations. */
typedef gint32 IntVector __attribute__ ((vector_size (RV_LANES * sizeof (float))));

INLINE Vector
load (const float *from)
{
  return *(const UnalignedVector *) (const void *) from;
}

INLINE void
store (float *to, Vector v)
{
  *(UnalignedVector *) (void *) to = v;
}

#if RV_LANES == 16
typedef guint16 Bits;
#else
typedef guint8 Bits;
#endif

/* Applies a post-op to one vector. @bits: one for each element; unused for four lanes, which would share a byte. */
INLINE Vector
apply_post_op (Vector v, RvPostOp post_op, Bits *bits)
{
#if RV_LANES == 16
  if (post_op == RV_POST_OP_RELU_SAVE_MASK)
    *bits = _mm512_cmp_ps_mask ((__m512) v, _mm512_setzero_ps (), _CMP_GT_OQ);
  if (post_op == RV_POST_OP_APPLY_MASK)
    return (Vector) _mm512_maskz_mov_ps ((__mmask16) *bits, (__m512) v);
#elif RV_LANES == 8
  if (post_op == RV_POST_OP_RELU_SAVE_MASK)
    *bits = (Bits) _mm256_movemask_ps (_mm256_cmp_ps ((__m256) v, _mm256_setzero_ps (), _CMP_GT_OQ));
  if (post_op == RV_POST_OP_APPLY_MASK) {
    const IntVector lane = { 1, 2, 4, 8, 16, 32, 64, 128 };
    return (Vector) ((IntVector) v & (((gint32) *bits & lane) == lane));
  }
#endif
  if (post_op == RV_POST_OP_RELU || post_op == RV_POST_OP_RELU_SAVE_MASK)
    v = (Vector) ((IntVector) v & ~(v <= 0)); /* NaN stays, as in relu.c */
  return v;
}
