/* weighted-row.h -- adds a weighted row to a sum of rows, for pooling, resizing and Gram matrices.
 * Layer 2 (op). Included by files of src/op/ops, each of which compiles it for its type. */
#pragma once

#include "real.h"

/* sum += weight x, or sum = weight x if @first. */
RV_CLONES static void
add_weighted_row (const real *x, real weight, gboolean first, real *restrict sum, gint64 n)
{
  if (first)
    for (gint64 t = 0; t < n; t++)
      sum[t] = weight * x[t];
  else
    for (gint64 t = 0; t < n; t++)
      sum[t] += weight * x[t];
}
