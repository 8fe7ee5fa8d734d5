// match.glsl -- best matches: product and row. The row is a number, which counts the guide's positions exactly.

// Worse than any match: -infinity and row 0.
#define NO_MATCH vec2 (uintBitsToFloat (0xff800000u), 0)

// The match with the larger product; of equal products, the one with the lower row.
vec2 better_match (vec2 a, vec2 b)
{
  return b.x > a.x || (b.x == a.x && b.y < a.y) ? b : a;
}
