/* waves.c -- a woodcut of a stormy sea: carved lines, flat inks, foam with claws, a far mountain. */
#include "draw.h"

#define N_WAVES 6

/* From the farthest to the nearest: baseline, height and length of the swell, position of the crest. */
static const struct {
  double base, height, length, shift;
} waves[N_WAVES] = {
  { -0.02, 0.07, 0.9, 0.2 }, { -0.16, 0.13, 1.1, 1.3 }, { -0.30, 0.22, 1.5, 2.6 },
  { -0.48, 0.5, 2.3, 0.62 }, { -0.66, 0.30, 1.7, 4.0 }, { -0.86, 0.24, 1.3, 5.3 },
};

/* Height of a swell: a sine whose phase runs ahead near the crest, so that it leans forward. */
static double
surface (int k, double x)
{
  double phase = 6.283 * (x / waves[k].length + waves[k].shift);
  double leaned = phase + 0.75 * cos (phase);
  double crest = 0.5 + 0.5 * sin (leaned);
  return waves[k].base + waves[k].height * (crest * crest * 1.35 - 0.2) + 0.012 * fractal (x * 9, k, 3, 81 + k);
}

/* Foam claws: lobes along the crest. Above 0 inside. */
static double
foam (int k, double x, double y)
{
  double top = surface (k, x), steep = surface (k, x + 0.02) - surface (k, x - 0.02);
  double high = smooth (0.45, 1.0, (top - waves[k].base) / (waves[k].height * 1.1));
  double lobe = 0.5 + 0.5 * sin (x * 62 / (0.6 + waves[k].length * 0.35) + 5 * noise (x * 5, k, 87));
  double reach = waves[k].height * high * (0.10 + 0.17 * lobe + 0.09 * noise (x * 34, y * 34, 89 + k));
  double curl = 0.05 * waves[k].height * smooth (-0.02, 0.03, steep);
  return reach - fabs (y - top + reach * 0.35 - curl);
}

static Vec
paper (double x, double y)
{
  double grain = fractal (x * 26, y * 90, 3, 91);
  return times (mix (rgb (0xeadbb6), rgb (0xf4ead0), 0.5 + grain), 1 + 0.05 * noise (x * 190, y * 190, 93));
}

/* 1 on a carved line, 0 between. Lines of equal @along; @width: fraction of a period. */
static double
carved (double along, double width)
{
  double off = fabs (along - floor (along) - 0.5);
  return smooth (width + 0.05, width - 0.05, off);
}

static Vec
sky (double x, double y)
{
  Vec colour = mix (paper (x, y), rgb (0x8f9fa0), 0.75 * smooth (0.35, 1.0, y + 0.05 * fractal (x * 3, y * 3, 3, 95)));
  double sun = span (x - 0.66, y - 0.52);
  colour = mix (colour, mix (rgb (0xd4503a), rgb (0xe9935a), smooth (0.45, 0.6, y)), smooth (0.165, 0.155, sun));
  for (int k = 0; k < 3; k++) { /* bands of cloud across the sun */
    double band = y - 0.42 - 0.13 * k - 0.035 * sin (x * (3 + k) + 2 * k);
    double thick = 0.018 + 0.02 * noise (x * 2 + 9 * k, 0, 97);
    colour = mix (colour, paper (x, y), 0.95 * smooth (thick, thick - 0.006, fabs (band)));
    colour =
      mix (colour, rgb (0x2d3f58), smooth (0.0045, 0.002, fabs (fabs (band) - thick)) * smooth (-0.1, 0.0, thick));
  }
  double peak = 0.36 - 0.72 * fabs (x + 0.12) - 0.05 * fabs (noise (x * 9, 0, 99)); /* the mountain and its snow */
  if (y < peak) {
    double snow = 0.2 + 0.06 * noise (x * 22, 0, 101);
    Vec slope = mix (rgb (0x3c5878), rgb (0x55728a), carved (x * 26 + y * 6, 0.3));
    colour = y > snow ? paper (x, y) : slope;
  }
  if (fabs (y - peak) < 0.006)
    colour = rgb (0x1c2a44);
  return colour;
}

static Vec
water (int k, double x, double y)
{
  double depth = surface (k, x) - y, slope = surface (k, x + 0.01) - surface (k, x - 0.01);
  double line =
    depth * (15 + 5 * k % 7) / (0.6 + waves[k].height) + 1.6 * slope * 9 + 0.16 * noise (x * 5, y * 5, 103 + k);
  static const int inks[3] = { 0x16335f, 0x2c5c8f, 0x7fa6b8 };
  Vec colour = mix (rgb (inks[1]), rgb (inks[0]), smooth (0.0, 0.34, depth));
  colour = mix (colour, rgb (inks[2]), 0.9 * carved (line, 0.17 + 0.1 * smooth (0.3, 0, depth)));
  colour = mix (colour, paper (x, y), 0.92 * carved (line * 0.5 + 0.25, 0.05) * smooth (0.02, 0.2, depth));
  return colour;
}

static Vec
shade (double x, double y)
{
  Vec colour = sky (x, y);
  for (int k = 0; k < N_WAVES; k++) {
    double top = surface (k, x), claw = foam (k, x, y);
    if (y < top)
      colour = water (k, x, y);
    if (fabs (y - top) < 0.006)
      colour = rgb (0x14233f);
    if (claw > 0)
      colour =
        claw < 0.0075 ? rgb (0x14233f) : mix (paper (x, y), rgb (0xb9cbd0), 0.8 * carved (claw * 28 + 0.3, 0.12));
    double px = floor (x * 42), py = floor (y * 42); /* spray */
    double dx = x * 42 - px - 0.2 - 0.6 * hash_01 ((int) px, (int) py, 107 + k),
           dy = y * 42 - py - 0.2 - 0.6 * hash_01 ((int) px, (int) py, 109 + k);
    double over = y - top;
    if (over > 0.0 && over < 0.2 &&
        hash_01 ((int) px, (int) py, 111 + k) < 0.55 * foam (k, x, top) / waves[k].height * 6 * (1 - over / 0.2) &&
        span (dx, dy) < 0.17)
      colour = paper (x, y);
  }
  /* grain of the wood block */
  return times (colour, 0.93 + 0.09 * smooth (-0.6, 0.5, fractal (x * 30, y * 7, 3, 113)));
}

void
draw_waves (Canvas *canvas)
{
  draw_shaded (canvas, shade);
}
