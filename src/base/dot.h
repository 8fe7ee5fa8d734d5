/* dot.h -- dot products and distances, with eight partial sums so that additions do not wait for each other.
 * Layer 0 (base). They are macros, since ops are compiled for float and double. The order of additions is fixed. */
#pragma once

#include "parallel.h"
#include <glib.h>

#define RV_DOT_LANES 8

/* Defines static double NAME (const TYPE *a, const TYPE *b, gint64 n): the dot product of @n numbers, in double. */
#define RV_DEFINE_DOT(name, type)                                                                                      \
  RV_CLONES static double name (const type *a, const type *b, gint64 n)                                                \
  {                                                                                                                    \
    double lanes[RV_DOT_LANES] = { 0 }, sum = 0;                                                                       \
    gint64 whole = n / RV_DOT_LANES * RV_DOT_LANES;                                                                    \
    for (gint64 i = 0; i < whole; i += RV_DOT_LANES)                                                                   \
      for (int k = 0; k < RV_DOT_LANES; k++)                                                                           \
        lanes[k] += (double) a[i + k] * b[i + k];                                                                      \
    for (gint64 i = whole; i < n; i++)                                                                                 \
      sum += (double) a[i] * b[i];                                                                                     \
    for (int k = 0; k < RV_DOT_LANES; k++)                                                                             \
      sum += lanes[k];                                                                                                 \
    return sum;                                                                                                        \
  }

/* Defines static float NAME (const float *a, const float *b, gint64 n): the sum of (a - b)^2, in float. */
#define RV_DEFINE_SQUARED_DISTANCE(name)                                                                               \
  RV_CLONES static float name (const float *a, const float *b, gint64 n)                                               \
  {                                                                                                                    \
    float lanes[RV_DOT_LANES] = { 0 }, sum = 0;                                                                        \
    gint64 whole = n / RV_DOT_LANES * RV_DOT_LANES;                                                                    \
    for (gint64 i = 0; i < whole; i += RV_DOT_LANES)                                                                   \
      for (int k = 0; k < RV_DOT_LANES; k++)                                                                           \
        lanes[k] += (a[i + k] - b[i + k]) * (a[i + k] - b[i + k]);                                                     \
    for (gint64 i = whole; i < n; i++)                                                                                 \
      sum += (a[i] - b[i]) * (a[i] - b[i]);                                                                            \
    for (int k = 0; k < RV_DOT_LANES; k++)                                                                             \
      sum += lanes[k];                                                                                                 \
    return sum;                                                                                                        \
  }
