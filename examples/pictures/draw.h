/* draw.h -- what the example pictures are drawn with: vectors, noise, a canvas. */
#ifndef DRAW_H
#define DRAW_H

#include <math.h>
#include <stdint.h>

typedef struct {
  double x, y, z;
} Vec; /* a point, a direction, or a colour: linear red, green, blue in 0..1 */

static inline Vec
vec (double x, double y, double z)
{
  return (Vec){ x, y, z };
}
static inline Vec
add (Vec a, Vec b)
{
  return vec (a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline Vec
sub (Vec a, Vec b)
{
  return vec (a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline Vec
times (Vec a, double k)
{
  return vec (a.x * k, a.y * k, a.z * k);
}
static inline Vec
tint (Vec a, Vec b)
{
  return vec (a.x * b.x, a.y * b.y, a.z * b.z);
}
static inline double
dot (Vec a, Vec b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline Vec
unit (Vec a)
{
  return times (a, 1 / sqrt (dot (a, a)));
}
/* As hypot(), which is slow because it takes care of numbers that are not met here. */
static inline double
span (double x, double y)
{
  return sqrt (x * x + y * y);
}
static inline Vec
mix (Vec a, Vec b, double t)
{
  return add (times (a, 1 - t), times (b, t));
}
static inline double
clamp (double x, double low, double high)
{
  return x < low ? low : x > high ? high : x;
}
static inline double
smooth (double low, double high, double x)
{
  double t = clamp ((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}

/* sRGB bytes, as palettes are written, to linear. */
Vec rgb (int hex);

/* The same numbers on every machine: a hash of whole coordinates, smooth noise in -1..1, and its sum over octaves. */
double hash_01 (int x, int y, int seed);
double noise (double x, double y, int seed);
double fractal (double x, double y, int octaves, int seed);

typedef struct {
  int width, height;
  Vec *pixels;
} Canvas;

/* Each picture: a function that fills the canvas. */
void draw_lake (Canvas *canvas);
void draw_table (Canvas *canvas);
void draw_strokes (Canvas *canvas);
void draw_waves (Canvas *canvas);
void draw_glass (Canvas *canvas);

/* draw_shaded: calls @shade with screen coordinates, y up, the shorter side -1..1, four samples a pixel. */
void draw_shaded (Canvas *canvas, Vec (*shade) (double x, double y));

#endif
