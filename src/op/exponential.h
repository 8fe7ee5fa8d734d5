/* exponential.h -- exp (-a), log (1 + e) and the normal distribution that compilers vectorise; in double, those of
 * libm.
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

static inline double
normal_cdf (double x)
{
  return erfc (-x * M_SQRT1_2) / 2;
}

static inline double
exp_below_one (double a)
{
  return -expm1 (-a);
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

/* Distribution function of N(0, 1); absolute error 2e-7. Abramowitz, Stegun 1964, 7.1.26. */
static inline float
normal_cdf (float x)
{
  float z = x < 0 ? -x : x, t = 1 / (1 + 0.3275911f * 0.70710678f * z);
  float p = t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  float tail = 0.5f * p * exp_negative (x * x / 2);
  return x < 0 ? tail : 1 - tail;
}

/* 1 - exp (-a), 0 <= a. Below 0.25 a Taylor polynomial, which loses no digits. */
static inline float
exp_below_one (float a)
{
  float taylor = a * (1 - a / 2 * (1 - a / 3 * (1 - a / 4 * (1 - a / 5 * (1 - a / 6)))));
  return a < 0.25f ? taylor : 1 - exp_negative (a);
}

#endif

/* Density of N(0, 1). */
static inline real
normal_density (real x)
{
  return (real) 0.3989422804014327 * exp_negative (x * x / 2);
}

/* 1 / (1 + exp (-x)). */
static inline real
sigmoid_of (real x)
{
  real e = exp_negative (x < 0 ? -x : x);
  return (x < 0 ? e : 1) / (1 + e);
}
