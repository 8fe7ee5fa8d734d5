// exponential.glsl -- functions that lose no digits near 0, as src/op/exponential.h.

float sigmoid (float x)
{
  float e = exp (-abs (x));
  return (x < 0 ? e : 1) / (1 + e);
}

// log (1 + e), 0 <= e <= 1, by log ((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ...), s = e / (2 + e).
float log_one_plus (float e)
{
  float s = e / (2 + e), q = s * s;
  return 2 * s *
         (1 + q * (1 / 3.0 + q * (1 / 5.0 + q * (1 / 7.0 + q * (1 / 9.0 + q * (1 / 11.0 + q * (1 / 13.0)))))));
}

// exp (x) - 1; by Taylor's series where the difference would cancel.
float exp_minus_one (float x)
{
  if (abs (x) > 0.5)
    return exp (x) - 1;
  return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7))))));
}

// Density of N(0, 1).
float normal_density (float x)
{
  return 0.3989422804014327 * exp (-x * x / 2);
}

// Distribution function of N(0, 1). Abramowitz, Stegun 1964, 7.1.26.
float normal_cdf (float x)
{
  float t = 1 / (1 + 0.3275911 * 0.70710678 * abs (x));
  float p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  float tail = p * exp (-x * x / 2) / 2;
  return x < 0 ? tail : 1 - tail;
}
