/* half.h -- numbers kept in 16 bits to save memory.
 * Layer 0 (base). */
#ifndef RV_HALF_H
#define RV_HALF_H

#include <glib.h>

/* rv__half_pack, _unpack: floats as IEEE halves of a sixteenth of them: 11 significant bits for magnitudes of 2^-10 to
 * 2^20, which the features of networks lie in. Smaller ones become 0, larger ones the largest; NaN stays NaN. */
void rv__half_pack (const float *from, guint16 *to, gint64 n);
void rv__half_unpack (const guint16 *from, float *to, gint64 n);

#endif
