/* minifloat.h -- 16-bit floats in memory. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Writes the @n floats of @from to @to in a 16-bit format: sign, 5 bits of exponent, 10 of fraction, as an IEEE half.
 * Unlike a half, magnitudes are 2^-10 to 2^20, the range of features, and there are no subnormals or infinities. Rounds
 * to nearest, ties to even. Smaller magnitudes become 0, larger ones the largest; NaN stays NaN. Files have IEEE
 * formats instead. Cannot fail. */
void rv__minifloat_encode (const float *from, guint16 *to, gint64 n);
/* Writes the @n numbers of @from, by rv__minifloat_encode(), to @to as floats, exactly. Cannot fail. */
void rv__minifloat_decode (const guint16 *from, float *to, gint64 n);
