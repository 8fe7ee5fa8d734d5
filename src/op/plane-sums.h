/* plane-sums.h -- sums over the positions of each channel of each picture, for the instance norm and global pooling.
 * Layer 2 (op). Included by files of src/op/ops, each of which compiles it for its type. */
#pragma once

#include "real.h"

/* Layout of features: `planes` planes of all pictures, each of `positions` x `block` numbers; `channels` of one
 * picture. One task is one plane. */
typedef struct {
  gint64 block, planes, positions, channels;
} Planes;

static Planes
planes_of (const RvView *x)
{
  const gint64 *d = x->shape.dim;
  gint64 block = block_of (x);
  return (Planes){ block, d[0] * d[1] / block, d[2] * d[3], d[1] };
}

#define LANES 16          /* numbers summed in parallel: a block, or neighbours in a row */
#define PLANE_CHUNK 16384 /* positions per task: few planes, too, keep all threads busy */

typedef struct {
  double sum[LANES], product[LANES];
} Sums;

/* sum[l] += a, product[l] += a b, over @n rows of @count numbers. A constant @count keeps the sums in registers. */
static inline __attribute__ ((always_inline)) void
add_products_of (const real *a, const real *b, gint64 n, const gint64 count, Sums *sums)
{
  Sums s = *sums;
  for (gint64 i = 0; i < n; i++, a += count, b += count)
#pragma omp simd
    for (gint64 l = 0; l < count; l++) {
      s.sum[l] += (double) a[l];
      s.product[l] += (double) a[l] * (double) b[l];
    }
  *sums = s;
}

/* add_products_of() for any @count up to LANES. @b may be @a. */
RV_CLONES static void
add_products (const real *a, const real *b, gint64 n, gint64 count, Sums *sums)
{
  switch (count) {
  case 16:
    add_products_of (a, b, n, 16, sums);
    break;
  case 8:
    add_products_of (a, b, n, 8, sums);
    break;
  case 4:
    add_products_of (a, b, n, 4, sums);
    break;
  default:
    add_products_of (a, b, n, count, sums);
  }
}

/* Sums of a and of a b over @n positions of one plane, for each channel of its block; without blocks in element 0. */
static Sums
sum_chunk (gint64 block, const real *a, const real *b, gint64 n)
{
  Sums sums = { { 0 }, { 0 } };
  gint64 whole = block > 1 ? n : n / LANES;
  add_products (a, b, whole, block > 1 ? block : LANES, &sums);
  if (block > 1)
    return sums;
  add_products (a + whole * LANES, b + whole * LANES, 1, n - whole * LANES, &sums);
  for (int l = 1; l < LANES; l++)
    sums.sum[0] += sums.sum[l], sums.product[0] += sums.product[l];
  return sums;
}

/* (transfer full): one Sums for each plane of @a and @b, both of the layout @planes. For channel k of the plane's
 * block, sum[k] is the sum of @a over the positions, product[k] that of @a * @b. Free with g_free(). The order of
 * additions does not depend on the threads. */
static Sums *
sum_planes (const Planes *planes, const real *a, const real *b)
{
  gint64 n_chunks = (planes->positions + PLANE_CHUNK - 1) / PLANE_CHUNK, size = planes->positions * planes->block;
  g_autofree Sums *chunk_sums = g_new (Sums, planes->planes * n_chunks + 1);
  Sums *sums = g_new0 (Sums, planes->planes + 1);

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < planes->planes * n_chunks; i++) {
    gint64 first = i % n_chunks * PLANE_CHUNK, at = i / n_chunks * size + first * planes->block;
    chunk_sums[i] = sum_chunk (planes->block, a + at, b + at, MIN (PLANE_CHUNK, planes->positions - first));
  }
  for (gint64 i = 0; i < planes->planes * n_chunks; i++)
    for (gint64 k = 0; k < planes->block; k++) {
      sums[i / n_chunks].sum[k] += chunk_sums[i].sum[k];
      sums[i / n_chunks].product[k] += chunk_sums[i].product[k];
    }
  return sums;
}
