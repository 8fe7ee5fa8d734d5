/* bench.h -- shared by benchmarks: a picture, processor time, sorting. */
#ifndef BENCH_H
#define BENCH_H

#include <math.h>
#include <reverie/image.h>
#include <time.h>

/* (transfer full) (nullable): a picture with smooth and rough areas, like a photograph. NULL: no memory. */
static inline RvImage *
bench_picture (int width, int height, int seed)
{
  RvImage *image = rv_image_new (width, height, NULL);
  for (gint64 i = 0; image && i < 3 * (gint64) width * height; i++)
    ((float *) image->rgb->data)[i] =
      (float) (127 + 90 * sin ((double) (i % width) / (11 + seed)) + (double) (i * 7919 % 64) / 2);
  return image;
}

/* Processor time of this process in ms, which does not depend on the load. */
static inline double
bench_processor_ms (void)
{
  struct timespec time;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

/* Compares two doubles, for qsort(). */
static inline int
bench_by_value (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

#endif
