/* minifloat.c -- 16-bit floats by integer operations only, which compilers vectorise. */
#include "minifloat.h"
#include "parallel.h"
#include <string.h>

#define REBIAS ((127 - 11) << 23) /* difference of the biases of both exponents, in the bits of a float */
#define LARGEST 0x7bff            /* largest finite number */
#define A_NAN 0x7e00

/* Body of rv__minifloat_encode(). A separate function, since clones of a public function would be exported. */
RV_CLONES static void
pack (const float *from, guint16 *to, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    guint32 bits;
    memcpy (&bits, from + i, sizeof bits);
    gint32 magnitude = (gint32) (bits & 0x7fffffff);
    gint32 packed = (magnitude - REBIAS + 0xfff + (magnitude >> 13 & 1)) >> 13; /* to nearest, ties to even */
    packed = packed < 1 << 10 ? 0 : packed > LARGEST ? LARGEST : packed;
    packed = magnitude > 0x7f800000 ? A_NAN : packed;
    to[i] = (guint16) ((guint32) packed | (bits >> 31) << 15);
  }
}

/* Body of rv__minifloat_decode(). */
RV_CLONES static void
unpack (const guint16 *from, float *to, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    guint32 packed = from[i] & 0x7fff, sign = (guint32) (from[i] >> 15) << 31;
    guint32 bits = packed > LARGEST ? 0x7fc00000 : packed ? (packed << 13) + REBIAS : 0;
    bits |= sign;
    memcpy (to + i, &bits, sizeof bits);
  }
}

void
rv__minifloat_encode (const float *from, guint16 *to, gint64 n)
{
  pack (from, to, n);
}

void
rv__minifloat_decode (const guint16 *from, float *to, gint64 n)
{
  unpack (from, to, n);
}
