/* random.c -- Philox4x32-10.
 *
 * Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3 and its constants. Key =
 * the seed; counter = index (64 bits), stream, 0. Tests: tests/unit/test-base.c (test vectors of Random123, the paper's
 * library). */
#include "random.h"
#include <math.h>

#define PHILOX_ROUNDS 10
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u /* golden ratio */
#define PHILOX_W1 0xBB67AE85u /* sqrt (3) - 1 */

void
rv__random_bits (guint64 seed, guint32 stream, guint64 index, guint32 bits[4])
{
  guint32 k0 = (guint32) seed, k1 = (guint32) (seed >> 32);
  guint32 c0 = (guint32) index, c1 = (guint32) (index >> 32), c2 = stream, c3 = 0;

  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    guint64 p0 = (guint64) PHILOX_M0 * c0, p1 = (guint64) PHILOX_M1 * c2;
    c0 = (guint32) (p1 >> 32) ^ c1 ^ k0;
    c2 = (guint32) (p0 >> 32) ^ c3 ^ k1;
    c1 = (guint32) p1;
    c3 = (guint32) p0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  bits[0] = c0, bits[1] = c1, bits[2] = c2, bits[3] = c3;
}

/* Number in [0, 1) from the upper 53 of 64 bits. */
static double
to_unit (guint32 high, guint32 low)
{
  guint64 bits53 = (((guint64) high << 32) | low) >> 11;
  return (double) bits53 * 0x1p-53;
}

double
rv__random_uniform_01 (guint64 seed, guint32 stream, guint64 index)
{
  guint32 bits[4];
  rv__random_bits (seed, stream, index, bits);
  return to_unit (bits[0], bits[1]);
}

void
rv__random_fill (float *to, gint64 n, double limit, guint64 seed, guint32 stream, guint64 index)
{
  for (gint64 k = 0; k < n; k++)
    to[k] = (float) (limit * (2 * rv__random_uniform_01 (seed, stream, index + (guint64) k) - 1));
}

double
rv__random_normal (guint64 seed, guint32 stream, guint64 index)
{
  guint32 bits[4];
  rv__random_bits (seed, stream, index, bits);
  double u = 1.0 - to_unit (bits[0], bits[1]); /* (0, 1]: the logarithm is finite */
  double v = to_unit (bits[2], bits[3]);
  return sqrt (-2.0 * log (u)) * cos (2.0 * G_PI * v);
}
