/* skies.c -- a lake before hills at any hour of the day, seen by a camera that turns, to train a VAE on. The
 * hour sets the colours, and how high sun or moon stands. */
#include "draw.h"

#define N_HILLS 3
#define HORIZON 0.6 /* y */
#define SHORE 0.67  /* y of the water's edge */
#define TWO_PI 6.283

/* Colours at some hours of the day. */
static const struct {
  double hour;
  int zenith, middle, horizon, land;
} hours[] = {
  { 0, 0x070b1f, 0x14203f, 0x2d4468, 0x05070f },    { 4.3, 0x1c2a55, 0x6b5a86, 0xd98f7f, 0x14142a },
  { 6.2, 0x4a78b0, 0xe0a88c, 0xffdf9e, 0x2c2a3a },  { 10, 0x2f7fc4, 0x86bfe0, 0xdff0ee, 0x24505a },
  { 14.4, 0x3c86c2, 0x9cc6da, 0xf3ead0, 0x2a5550 }, { 17.3, 0x3b4f8c, 0xd9785a, 0xffc46b, 0x2a2030 },
  { 19.7, 0x1f1d4d, 0x8a3b63, 0xe8624a, 0x120d20 }, { 22, 0x0c1030, 0x2a2856, 0x6d4a70, 0x090a18 },
  { 24, 0x070b1f, 0x14203f, 0x2d4468, 0x05070f },
};

/* The picture that is drawn; positions are 0..1, y grows downward. */
static struct {
  Vec zenith, middle, horizon, land, light; /* light: of sun or moon */
  double x, y, radius, glow, shine;         /* sun or moon; shine: 0 for a moon in twilight */
  double pan;                               /* how far the nearest hills move when the camera turns */
} sky;

/* Ranges of hills, the farthest first. */
static const struct {
  double height, waves, phase, bend; /* @waves: over the width */
} hills[N_HILLS] = { { 0.13, 0.8, 0.4, 1.7 }, { 0.085, 1.3, 2.9, 0.6 }, { 0.05, 2.1, 4.1, 5.2 } };

/* A random number from @low to @high: number @k of picture @number. */
static double
pick (int number, int k, double low, double high)
{
  return low + (high - low) * hash_01 (number, k, 101);
}

static void
set_hour (double hour)
{
  int i = 0;
  while (hours[i + 1].hour < hour)
    i++;
  double t = (hour - hours[i].hour) / (hours[i + 1].hour - hours[i].hour);
  sky.zenith = mix (rgb (hours[i].zenith), rgb (hours[i + 1].zenith), t);
  sky.middle = mix (rgb (hours[i].middle), rgb (hours[i + 1].middle), t);
  sky.horizon = mix (rgb (hours[i].horizon), rgb (hours[i + 1].horizon), t);
  sky.land = mix (rgb (hours[i].land), rgb (hours[i + 1].land), t);
}

static void
set_sun_or_moon (double hour)
{
  int is_day = hour > 5 && hour < 19.5;
  double part = is_day ? (hour - 5) / 14.5 : (hour > 12 ? hour - 19.5 : hour + 4.5) / 9.5; /* fraction of its way */
  double high = sin (part * TWO_PI / 2);
  sky.y = HORIZON - 0.02 - (is_day ? high : 0.6 + 0.4 * high) * (HORIZON - 0.16);
  sky.radius = is_day ? 0.055 : 0.04;
  sky.glow = is_day ? 0.45 : 0.08;
  sky.shine = is_day ? 1 : smooth (0.3, 0.6, high);
  sky.light = is_day ? mix (rgb (0xff6a3a), rgb (0xfff3d6), high) : rgb (0xe8ecff);
}

/* Distance in y from the ridge of hills @k; above 0 in the hills. */
static double
below_ridge (int k, double x, double y)
{
  double wave = TWO_PI * hills[k].waves * (x + sky.pan * (k + 1) / N_HILLS);
  double ridge = (0.5 + 0.5 * sin (wave + hills[k].phase)) * (0.7 + 0.3 * sin (2.3 * wave + hills[k].bend));
  return y - (HORIZON - 0.02 + 0.0325 * k - hills[k].height * ridge);
}

/* Sky and hills at a position above the water. */
static Vec
shade_land (double x, double y)
{
  double down = clamp (y / HORIZON, 0, 1), far = span (x - sky.x, y - sky.y);
  Vec colour =
    down < 0.55 ? mix (sky.zenith, sky.middle, down / 0.55) : mix (sky.middle, sky.horizon, (down - 0.55) / 0.45);
  colour = add (colour, times (sky.light, sky.shine * sky.glow * exp (-far * far / 0.0256)));
  colour = mix (colour, times (sky.light, 1.3), sky.shine * smooth (sky.radius + 0.01, sky.radius - 0.01, far));
  for (int k = 0; k < N_HILLS; k++)
    colour = mix (colour, mix (sky.land, sky.horizon, 0.62 - 0.25 * k), smooth (-0.006, 0.006, below_ridge (k, x, y)));
  return colour;
}

static Vec
shade (double across, double up)
{
  double x = (1 + across) / 2, y = (1 - up) / 2;
  if (y < SHORE)
    return shade_land (x, y);
  Vec mirrored = shade_land (x, 2 * SHORE - y), own = add (times (sky.land, 0.1), times (sky.zenith, 0.06));
  double off = (x - sky.x) / 0.05,
         glitter = exp (-off * off) * smooth (0, 0.17, y - SHORE) * (0.5 + 0.5 * sin (140 * y));
  return add (add (times (mirrored, 0.72), own), times (sky.light, 0.8 * sky.shine * sky.glow * glitter));
}

void
draw_sky (Canvas *canvas)
{
  int number = canvas->number;
  double hour = pick (number, 0, 0, 24);
  sky.x = pick (number, 1, 0.3, 0.7);
  sky.pan = pick (number, 2, 0, 0.6);
  set_hour (hour);
  set_sun_or_moon (hour);
  draw_shaded (canvas, shade);
}
