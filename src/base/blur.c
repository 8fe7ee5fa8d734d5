/* blur.c -- Gaussian blur, rows first, then columns, for float and double. */
#include "blur.h"
#include "alloc.h"
#include "mirror.h"
#include "parallel.h"
#include <math.h>

#define REACH 4 /* sigmas to each side */

/* Numbers of the kernel to each side, 1 or more. */
static int
reach (double sigma)
{
  return MAX ((int) ceil (REACH * sigma), 1);
}

#define REAL float
#define NAME(name) name
#include "blur-lines.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_f64
#include "blur-lines.h"
