/* random.h -- random numbers that are the same on every machine.
 * Layer 0 (base). Philox4x32-10, a counter-based generator: number i of stream s needs no earlier number. */
#ifndef RV_RANDOM_H
#define RV_RANDOM_H

#include <glib.h>

/* Writes 128 random bits, a function of the first three arguments, to @bits. Can't fail. */
void rv__random_bits (guint64 seed, guint32 stream, guint64 index, guint32 bits[4]);

/* One number in [0, 1). Can't fail. */
double rv__random_uniform_01 (guint64 seed, guint32 stream, guint64 index);

/* One draw of N(0, 1), by the Box-Muller method. Can't fail. */
double rv__random_normal (guint64 seed, guint32 stream, guint64 index);

#endif
