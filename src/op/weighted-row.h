/* weighted-row.h -- a row of numbers, weighed, into a sum of rows: what pooling and resizing are made of.
 * Layer 2 (op). Included by the files of src/op/ops that need it, each of which compiles it for its type. */
#ifndef RV_WEIGHTED_ROW_H
#define RV_WEIGHTED_ROW_H

#include "real.h"

/* sum (+)= weight x; @first: sum = weight x. */
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

#endif
