/* exponential.h -- exp (-a) and log (1 + e) that compilers vectorise; in double, those of libm.
 * Layer 2 (op). Included by files of src/op/ops, each of which compiles it for its type. */
#pragma once

#include "real.h"
#include <math.h>

#ifdef RV_REAL_IS_DOUBLE

static inline double
exp_negative (double a)
{
  return exp (-a);
}

static inline double
log_one_plus (double e)
{
  return log1p (e);
}

#else

/* exp (-a), 0 <= a: 2^n times a Taylor polynomial on |r| <= log (2) / 2; relative error 2e-7. e^-87 beyond a = 87; NaN
 * stays NaN. No branch, no conversion: adding 1.5 2^23 rounds n into the last bits of the sum. */
static inline float
exp_negative (float a)
{
  const float log2_e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f, to_whole = 12582912;
  float x = a > 87 ? -87 : -a;
  union {
    float value;
    guint32 bits;
  } n = { x * log2_e + to_whole }, power;
  float whole = n.value - to_whole, r = x - whole * ln2_high - whole * ln2_low;
  float p = 1 + r * (1 + r * (0.5f + r * (1 / 6.0f + r * (1 / 24.0f + r * (1 / 120.0f + r * (1 / 720.0f))))));
  power.bits = (n.bits << 23) + (127u << 23);
  return p * power.value;
}

/* log (1 + e), 0 <= e <= 1, by log ((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ...), s = e / (2 + e). */
static inline float
log_one_plus (float e)
{
  float s = e / (2 + e), q = s * s;
  return 2 * s *
         (1 + q * (1 / 3.0f + q * (1 / 5.0f + q * (1 / 7.0f + q * (1 / 9.0f + q * (1 / 11.0f + q * (1 / 13.0f)))))));
}

#endif

/* 1 / (1 + exp (-x)). */
static inline real
sigmoid_of (real x)
{
  real e = exp_negative (x < 0 ? -x : x);
  return (x < 0 ? e : 1) / (1 + e);
}
