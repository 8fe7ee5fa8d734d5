/* draw.h -- vectors, noise and a canvas for the example pictures. */
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
/* hypot() without its slow handling of overflow. */
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

/* Converts sRGB bytes, 0xRRGGBB, to linear light. */
Vec rgb (int hex);

/* Hash of integer coordinates, 0..1; equal on every machine. */
double hash_01 (int x, int y, int seed);
/* Smooth noise on a lattice of distance 1, -1..1, from hash_01(). */
double noise (double x, double y, int seed);
/* Sum of @octaves of noise(), each half as large and twice as fine as the previous one, within -1..1. */
double fractal (double x, double y, int octaves, int seed);

typedef struct {
  int width, height;
  int number; /* number of the picture, if there are many */
  Vec *pixels;
} Canvas;

/* Fills the canvas with a mountain lake. */
void draw_lake (Canvas *canvas);
/* Fills the canvas with a still life. */
void draw_table (Canvas *canvas);
/* Fills the canvas with a face. */
void draw_portrait (Canvas *canvas);
/* Fills the canvas with a windy night in brush strokes. */
void draw_strokes (Canvas *canvas);
/* Fills the canvas with a woodcut of a stormy sea. */
void draw_waves (Canvas *canvas);
/* Fills the canvas with a rose of stained glass. */
void draw_glass (Canvas *canvas);
/* Fills the canvas with a lake before hills, at a random hour. */
void draw_sky (Canvas *canvas);

/* Calls @shade with screen coordinates, y up, the shorter side -1..1, for four samples a pixel. */
void draw_shaded (Canvas *canvas, Vec (*shade) (double x, double y));

#endif
