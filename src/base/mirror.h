/* mirror.h -- indices of a row that continues as its own mirror image, at any distance. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Index of position @i, any, in a row of @n, 1 or more, mirrored at its first and last sample: 2 1 | 0 1 2 3 | 2 1. */
static inline int
rv__mirror_about_last (int i, int n)
{
  int period = MAX (2 * (n - 1), 1);
  i = ABS (i) % period;
  return i < n ? i : period - i;
}

/* Index of position @i, any, in a row of @n, 1 or more, mirrored with both end samples repeated: 1 0 | 0 1 2 | 2 1. */
static inline int
rv__mirror_about_edge (int i, int n)
{
  i = (i < 0 ? -i - 1 : i) % (2 * n);
  return i < n ? i : 2 * n - 1 - i;
}
