/* dot.h -- dot products and distances, with partial sums so that additions do not wait for each other.
 * Layer 0 (base). They are macros, since ops are compiled for float and double. The order of additions is fixed. */
#pragma once

#include "parallel.h"
#include <glib.h>

#define RV_DOT_LANES 8

/* Defines static NUMBER NAME (const TYPE *a, const TYPE *b, gint64 n): the sum of @term over i below @n, in @n_lanes
 * partial sums of type NUMBER. */
#define RV_DEFINE_SUM(name, type, number, n_lanes, term)                                                               \
  RV_CLONES static number name (const type *a, const type *b, gint64 n)                                                \
  {                                                                                                                    \
    number lanes[n_lanes] = { 0 }, sum = 0;                                                                            \
    gint64 whole = n / n_lanes * n_lanes;                                                                              \
    for (gint64 first = 0; first < whole; first += n_lanes)                                                            \
      for (int k = 0; k < n_lanes; k++) {                                                                              \
        const gint64 i = first + k;                                                                                    \
        lanes[k] += term;                                                                                              \
      }                                                                                                                \
    for (gint64 i = whole; i < n; i++)                                                                                 \
      sum += term;                                                                                                     \
    for (int k = 0; k < n_lanes; k++)                                                                                  \
      sum += lanes[k];                                                                                                 \
    return sum;                                                                                                        \
  }

/* Defines static double NAME (const TYPE *a, const TYPE *b, gint64 n): the dot product of @n numbers, in double. */
#define RV_DEFINE_DOT(name, type) RV_DEFINE_SUM (name, type, double, RV_DOT_LANES, (double) a[i] * b[i])

/* Defines static float NAME (const float *a, const float *b, gint64 n): the sum of (a - b)^2, in float. */
#define RV_DEFINE_SQUARED_DISTANCE(name) RV_DEFINE_SUM (name, float, float, RV_DOT_LANES, (a[i] - b[i]) * (a[i] - b[i]))
