/* portrait.c -- a face before a wall: a content for masks of faces. */
#include "draw.h"

/* Ellipses of the face from back to front: centre, half axes, colour. Each is mirrored to -x, for eyes and brows. */
static const struct {
  double x, y, across, along;
  int color;
} parts[] = {
  { 0, -1.15, 0.75, 0.6, 0x3a5f8a },       { 0, -0.55, 0.2, 0.3, 0xcc9c80 },     { 0, 0.08, 0.5, 0.62, 0x5a3c28 },
  { 0, 0.02, 0.42, 0.53, 0xe0b294 },       { 0.175, 0.14, 0.1, 0.05, 0xfafafa }, { 0.175, 0.14, 0.05, 0.05, 0x321e14 },
  { 0.175, 0.25, 0.125, 0.025, 0x50321e }, { 0, -0.08, 0.06, 0.04, 0xb47864 },   { 0, -0.26, 0.16, 0.05, 0xaa4646 },
};

static Vec
shade (double x, double y)
{
  Vec color = times (rgb (0xc8c4b8), 1 + 0.08 * fractal (x * 4, y * 4, 3, 121));
  for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
    if (span ((fabs (x) - parts[i].x) / parts[i].across, (y - parts[i].y) / parts[i].along) < 1)
      color = rgb (parts[i].color);
  return times (color, 1 - 0.12 * x);
}

void
draw_portrait (Canvas *canvas)
{
  draw_shaded (canvas, shade);
}
