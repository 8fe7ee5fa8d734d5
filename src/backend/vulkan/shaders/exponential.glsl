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
