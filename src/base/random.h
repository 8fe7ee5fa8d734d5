/* random.h -- random numbers that are the same on every machine.
 * Layer 0 (base). Philox4x32-10, a counter-based generator: number i of stream s needs no earlier number. */
#pragma once

#include <glib.h>

/* Writes 128 random bits, a function of @seed, @stream and @index (Philox), to @bits. The same on every machine. Cannot
 * fail. Any thread. */
void rv__random_bits (guint64 seed, guint32 stream, guint64 index, guint32 bits[4]);

/* Returns one number in [0, 1), a function of the arguments. Cannot fail. Any thread. */
double rv__random_uniform_01 (guint64 seed, guint32 stream, guint64 index);

/* Writes @n numbers, uniform in +-@limit, to @to: functions of @seed, @stream and their index, from @index on. */
void rv__random_fill (float *to, gint64 n, double limit, guint64 seed, guint32 stream, guint64 index);

/* Returns one draw of N(0, 1), a function of the arguments, by the Box-Muller method. Always finite. Cannot fail. Any
 * thread. */
double rv__random_normal (guint64 seed, guint32 stream, guint64 index);
