/* packed16.h -- numbers kept in 16 bits to save memory.
 * Layer 0 (base). */
#ifndef RV_PACKED16_H
#define RV_PACKED16_H

#include <glib.h>

/* rv__packed16_pack, _unpack: floats in 16 bits, a format of our own: sign, 5 bits of exponent, 10 of fraction, as
 * an IEEE half has them, but of other exponents and without subnormals or infinities. 11 significant bits for
 * magnitudes of 2^-10 to 2^20, which the features of networks lie in. Smaller ones become 0, larger ones the largest;
 * NaN stays NaN. In memory only: files hold IEEE's formats. */
void rv__packed16_pack (const float *from, guint16 *to, gint64 n);
void rv__packed16_unpack (const guint16 *from, float *to, gint64 n);

#endif
