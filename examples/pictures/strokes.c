/* strokes.c -- a windy night: some 60,000 strokes of a bristle brush along a flow. */
#include "draw.h"
#include <stdlib.h>

#define N_LAYERS 4
#define BRISTLES 7

/* Whirls of the wind: position, size, strength. Bright ones are stars with a halo. */
static const struct {
  double x, y, size, turn, glow;
} whirls[] = {
  { 0.42, 0.30, 0.20, 1.0, 0.35 },  { 0.66, 0.40, 0.13, -0.9, 0.2 }, { 0.88, 0.17, 0.11, 0.8, 1.0 },
  { 0.13, 0.16, 0.075, -0.7, 0.9 }, { 0.28, 0.09, 0.05, 0.6, 0.8 },  { 0.62, 0.11, 0.055, 0.7, 0.85 },
  { 0.07, 0.40, 0.06, 0.7, 0.7 },   { 0.93, 0.45, 0.05, -0.7, 0.7 },
};
#define N_WHIRLS ((int) (sizeof whirls / sizeof *whirls))

static double
hills (double x)
{
  return 0.74 + 0.055 * sin (5 * x + 0.6) + 0.045 * noise (x * 6, 0, 5) - 0.05 * x;
}

/* Depth inside a dark cypress on the left, above 0. */
static double
cypress (double x, double y)
{
  double top = 0.2, along = (y - top) / (1.02 - top);
  if (along < 0)
    return -1;
  double sway = 0.165 + 0.02 * sin (9 * y + 0.5);
  return 0.085 * pow (along, 0.62) * (1 + 0.2 * sin (31 * y)) - fabs (x - sway);
}

/* *u, *v: (out): unit vector of the flow that strokes follow. */
static void
wind (double x, double y, double *u, double *v)
{
  *u = 1;
  *v = 0.45 * sin (6 * x + 3 * y) + 0.5 * noise (x * 3, y * 3, 17);
  if (cypress (x, y) > 0) {
    *u = 0.35 * sin (26 * y + 10 * x), *v = -1;
  } else if (y > hills (x)) {
    *v = 0.5 * cos (5 * x + 0.6) + 0.55 * noise (x * 5, y * 9, 19);
  } else {
    for (int k = 0; k < N_WHIRLS; k++) {
      double dx = x - whirls[k].x, dy = (y - whirls[k].y) * 0.85, r = span (dx, dy);
      double pull = 3.2 * whirls[k].turn * exp (-r * r / (2 * whirls[k].size * whirls[k].size)) / (r + 0.02);
      *u -= dy * pull;
      *v += dx * pull;
    }
  }
  double length = span (*u, *v) + 1e-9;
  *u /= length, *v /= length;
}

/* Colour of the paint at a position, 0..1 from top to bottom. */
static Vec
paint (double x, double y)
{
  double streak = fractal (x * 5, y * 5, 4, 29);
  if (cypress (x, y) > 0)
    return mix (rgb (0x16261c), rgb (0x4a5a2c), smooth (-0.2, 0.5, streak + 0.6 * noise (x * 40, y * 8, 31)));
  if (y > hills (x)) {
    double fields = smooth (-0.35, 0.35, noise (x * 7, y * 16, 37));
    Vec land = mix (rgb (0x1d4a5c), rgb (0x5d8a52), fields);
    if (y < hills (x) + 0.05)
      land = mix (rgb (0x1f3f78), rgb (0x3f6fa8), fields);
    return mix (land, rgb (0xd9b44a), 0.75 * smooth (0.28, 0.5, noise (x * 10, y * 22, 41)));
  }
  Vec sky = mix (rgb (0x16307a), rgb (0x3f7cc0), smooth (-0.45, 0.4, streak + 0.5 * (y - 0.35)));
  sky = mix (sky, rgb (0x8fc3d8), smooth (0.22, 0.55, fractal (x * 4 + 2, y * 7, 4, 43)));
  sky = mix (sky, rgb (0xe8e0b0), 0.6 * smooth (0.16, 0.0, hills (x) - y)); /* pale over the hills */
  for (int k = 0; k < N_WHIRLS; k++) {
    double r = span (x - whirls[k].x, (y - whirls[k].y) * 0.85) / whirls[k].size;
    double rings = 0.5 + 0.5 * cos (r * 11);
    sky = mix (sky, mix (rgb (0xf7e9a0), rgb (0x9fd0dc), smooth (0.3, 1.1, r)),
               whirls[k].glow * rings * smooth (1.25, 0.25, r));
    sky = mix (sky, rgb (0xffd23c), whirls[k].glow * smooth (0.42, 0.2, r));
  }
  return sky;
}

/* Paints a dab of a bristle at (px, py), in pixels: a soft dot. */
static void
dab (Canvas *canvas, double px, double py, double radius, Vec colour, double cover)
{
  for (int j = (int) floor (py - radius); j <= (int) ceil (py + radius); j++)
    for (int i = (int) floor (px - radius); i <= (int) ceil (px + radius); i++) {
      if (i < 0 || j < 0 || i >= canvas->width || j >= canvas->height)
        continue;
      double a = cover * clamp (radius + 0.5 - span (i - px, j - py), 0, 1);
      Vec *pixel = &canvas->pixels[j * canvas->width + i];
      *pixel = mix (*pixel, colour, a);
    }
}

/* Paints a stroke around (x, y), in heights of the canvas. @length, @width: px. */
static void
stroke (Canvas *canvas, double x, double y, double length, double width, int seed)
{
  Vec colour = paint (x, y);
  double light = 0.75 + 0.6 * hash_01 (seed, 1, 3), warm = 0.12 * (hash_01 (seed, 2, 3) - 0.5);
  colour = tint (times (colour, light), vec (1 + warm, 1, 1 - warm));
  double start = hash_01 (seed, 3, 3) < 0.5 ? -length / 2 : -length / 3;
  double u, v, scale = canvas->height;
  for (double back = 0; back > start; back -= 1.5) { /* moves the start upstream */
    wind (x, y, &u, &v);
    x -= 1.5 * u / scale, y -= 1.5 * v / scale;
  }
  for (double along = 0; along < length; along += 0.8) {
    wind (x, y, &u, &v);
    double taper = smooth (0, 0.15, along / length) * smooth (1, 0.75, along / length);
    for (int b = 0; b < BRISTLES; b++) {
      double side = (b - (BRISTLES - 1) / 2.0) / BRISTLES * width * (0.55 + 0.45 * taper);
      double tone = 0.72 + 0.5 * hash_01 (seed, b, 7) + (b == 0 ? 0.25 : b == BRISTLES - 1 ? -0.2 : 0); /* lit edge */
      dab (canvas, x * scale - v * side, y * scale + u * side, 0.5 + width / BRISTLES * 0.55, times (colour, tone),
           0.85 * taper);
    }
    x += 0.8 * u / scale, y += 0.8 * v / scale;
  }
}

void
draw_strokes (Canvas *canvas)
{
  static const struct {
    double spacing, length, width;
  } layers[N_LAYERS] = { { 9, 60, 15 }, { 7, 46, 10 }, { 5.5, 36, 7.5 }, { 5, 26, 5.5 } };
  double unit_px = canvas->height / 800.0;
  for (int p = 0; p < canvas->width * canvas->height; p++)
    canvas->pixels[p] = rgb (0x24407c);
  for (int l = 0; l < N_LAYERS; l++) {
    double step = layers[l].spacing * unit_px;
    int columns = (int) (canvas->width / step) + 2, rows = (int) (canvas->height / step) + 2;
    for (int k = 0; k < columns * rows; k++) {
      int at = (int) (((int64_t) k * 7919 + 13) % (columns * rows)); /* scattered order, so that no area lies on top */
      int seed = at * N_LAYERS + l;
      if (l > 1 && hash_01 (seed, 9, 3) < 0.4)
        continue;
      double x = (at % columns + hash_01 (seed, 4, 3) - 0.5) * step,
             y = (at / columns + hash_01 (seed, 5, 3) - 0.5) * step;
      stroke (canvas, x / canvas->height, y / canvas->height, layers[l].length * unit_px, layers[l].width * unit_px,
              seed);
    }
  }
}
