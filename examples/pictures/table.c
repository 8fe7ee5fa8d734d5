/* table.c -- a still life: a jug, a bowl of fruit, a candle and a striped cloth on a table, by ray marching. */
#include "draw.h"

#define FAR 30.0
#define MAX_STEPS 160

static const Vec lamp = { -3.4, 5.6, -3.4 };

typedef enum { CLOTH, WALL, JUG, BOWL, APPLE, ORANGE, PEAR, CANDLE, FLAME, LEMON } Thing;

typedef struct {
  double distance;
  Thing thing;
} Hit;

static void
nearer (Hit *hit, double distance, Thing thing)
{
  if (distance < hit->distance)
    *hit = (Hit){ distance, thing };
}

static double
max (double a, double b)
{
  return a > b ? a : b;
}

static double
ball (Vec p, double x, double y, double z, double r)
{
  Vec q = sub (p, vec (x, y, z));
  return sqrt (dot (q, q)) - r;
}

/* A ball with a dent above and below. */
static double
apple (Vec p, double x, double z, double y, double r)
{
  Vec q = sub (p, vec (x, y, z));
  double across = span (q.x, q.z);
  return (span (across - 0.28 * r, q.y * 1.08) - 0.76 * r) * 0.9;
}

static double
blend (double a, double b, double k)
{
  double h = clamp (0.5 + 0.5 * (b - a) / k, 0, 1);
  return b * (1 - h) + a * h - k * h * (1 - h);
}

/* A jug: surface of revolution, hollow at the top, with a handle. */
static double
jug (Vec p)
{
  Vec q = sub (p, vec (-1.05, 0, 0.75));
  double h = clamp (q.y / 1.9, 0, 1), across = span (q.x, q.z);
  double radius = 0.3 + 0.36 * sin (3.1 * pow (h, 0.75)) * (1 - 0.42 * h) + 0.16 * smooth (0.8, 1, h);
  double body = max ((across - radius) * 0.75, max (-q.y, q.y - 1.9));
  body = max (body, -max ((across - radius + 0.06) * 0.75, 1.5 - q.y));
  Vec hq = sub (q, vec (-0.56, 1.12, 0));
  double handle = span (span (hq.x * 1.15, hq.y * 0.78) - 0.36, hq.z) - 0.065;
  return blend (body, handle, 0.08);
}

static double
bowl (Vec p)
{
  Vec q = sub (p, vec (0.62, 0.78, 0.35));
  double shell = fabs (sqrt (dot (q, q)) - 0.78) - 0.035;
  double cut = max (shell, q.y + 0.12);
  double foot = max (span (q.x, q.z) - 0.34, fabs (q.y + 0.74) - 0.05);
  return blend (cut, foot, 0.05) * 0.9;
}

static double
cloth_height (double x, double z)
{
  return 0.035 * sin (2.3 * x + 1.1 * z) * smooth (-0.2, -1.6, z) + 0.02 * noise (x * 2, z * 2, 3);
}

static Hit
nearest (Vec p)
{
  Hit hit = { FAR, WALL };
  nearer (&hit, (p.y - cloth_height (p.x, p.z)) * 0.8, CLOTH);
  nearer (&hit, 3.2 - p.z, WALL);
  nearer (&hit, jug (p), JUG);
  nearer (&hit, bowl (p), BOWL);
  nearer (&hit, apple (p, 0.3, 0.2, 0.86, 0.36), APPLE);
  nearer (&hit, apple (p, -0.35, -0.95, 0.31, 0.34), APPLE);
  nearer (&hit, ball (p, 0.92, 0.84, 0.62, 0.35), ORANGE);
  nearer (&hit, ball (p, 0.86, 0.78, 0.05, 0.32), ORANGE);
  nearer (&hit, ball (p, 1.55, 0.29, -0.75, 0.31), ORANGE);
  nearer (&hit, blend (ball (p, 0.52, 1.0, 0.62, 0.3), ball (p, 0.5, 1.38, 0.6, 0.14), 0.3), PEAR);
  Vec l = sub (p, vec (0.42, 0.235, -1.35));
  double along = l.x * 0.9 + l.z * 0.43;
  nearer (&hit, sqrt (dot (l, l) - along * along * 0.45) - 0.235, LEMON);
  Vec c = sub (p, vec (-2.05, 0.75, -0.1));
  nearer (&hit, max (span (c.x, c.z) - 0.13, fabs (c.y) - 0.75), CANDLE);
  nearer (&hit, max (span (c.x, c.z) - 0.34, fabs (c.y + 0.72) - 0.04), BOWL);
  Vec f = sub (p, vec (-2.05, 1.68, -0.1));
  nearer (&hit, span (span (f.x, f.z) * 2.2, f.y * (f.y > 0 ? 0.75 : 1.3)) - 0.12, FLAME);
  return hit;
}

static double
march (Vec from, Vec d, double limit, Thing *thing)
{
  double t = 0.01;
  for (int i = 0; i < MAX_STEPS && t < limit; i++) {
    Hit hit = nearest (add (from, times (d, t)));
    if (hit.distance < 0.0008 * (1 + t)) {
      *thing = hit.thing;
      return t;
    }
    t += hit.distance;
  }
  return limit;
}

static Vec
normal (Vec p)
{
  const double e = 0.0015;
  return unit (vec (nearest (add (p, vec (e, 0, 0))).distance - nearest (sub (p, vec (e, 0, 0))).distance,
                    nearest (add (p, vec (0, e, 0))).distance - nearest (sub (p, vec (0, e, 0))).distance,
                    nearest (add (p, vec (0, 0, e))).distance - nearest (sub (p, vec (0, 0, e))).distance));
}

/* Visible fraction of the lamp, 0..1, with a soft edge. */
static double
lit (Vec p, Vec d, double distance)
{
  double seen = 1, t = 0.03;
  for (int i = 0; i < 240 && t < distance; i++) {
    Hit hit = nearest (add (p, times (d, t)));
    if (hit.thing != FLAME) /* the flame casts no shadow */
      seen = fmin (seen, 9 * hit.distance / t);
    if (seen < 0.005)
      return 0;
    t += clamp (hit.distance, 0.012, 0.5);
  }
  return seen;
}

static double
crevice (Vec p, Vec n)
{
  double closed = 0;
  for (int k = 1; k <= 4; k++)
    closed += (0.09 * k - nearest (add (p, times (n, 0.09 * k))).distance) / (1 << k);
  return clamp (1 - 2.6 * closed, 0.15, 1);
}

static Vec
colour_of (Thing thing, Vec p, double *gloss)
{
  double grain = fractal (p.x * 9, p.y * 9 + p.z * 7, 4, 61);
  *gloss = 0.05;
  switch (thing) {
  case CLOTH: {
    double u = p.x * 0.94 + p.z * 0.34, stripe = fabs (fmod (u + 40, 0.9) - 0.45);
    Vec cloth = mix (rgb (0xe9dfc8), rgb (0xd8c7a6), 0.5 + 0.5 * grain);
    cloth = mix (rgb (0xb23a35), cloth, smooth (0.055, 0.065, stripe));
    return mix (rgb (0x2f5a84), cloth, smooth (0.02, 0.026, fabs (stripe - 0.13)));
  }
  case WALL: {
    double blotch = fractal (p.x * 0.8, p.y * 0.8, 5, 67);
    return mix (rgb (0x4d6a6b), rgb (0x8c8a63), smooth (-0.5, 0.6, blotch));
  }
  case JUG: {
    *gloss = 0.9;
    double band = smooth (0.02, 0.04, fabs (p.y - 1.28) - 0.1);
    double flower = sin (atan2 (p.z - 0.75, p.x + 1.05) * 9) * 0.05;
    band = clamp (band + 1 - smooth (0.0, 0.03, fabs (p.y - 1.28 + flower) - 0.012), 0, 1);
    return mix (rgb (0xe8e4d8), rgb (0x2a4f9a), 1 - band * smooth (0.03, 0.05, fabs (p.y - 0.35) - 0.04));
  }
  case BOWL:
    *gloss = 0.8;
    return mix (rgb (0x2f6f66), rgb (0x54a08a), smooth (-0.2, 0.3, grain));
  case APPLE:
    *gloss = 0.7;
    return mix (rgb (0xb01c22), rgb (0xd7a32d),
                smooth (0.05, 0.42, fractal (p.x * 3.5, p.y * 2 + p.z * 3.5, 4, 71) + 0.1));
  case ORANGE:
    *gloss = 0.35;
    return mix (rgb (0xe9791a), rgb (0xf29a2c), 0.5 + 0.5 * noise (p.x * 40, p.y * 40 + p.z * 31, 73));
  case PEAR:
    *gloss = 0.4;
    return mix (rgb (0xb9b23a), rgb (0x8fa13a), smooth (-0.3, 0.4, grain));
  case LEMON:
    *gloss = 0.4;
    return mix (rgb (0xf1cf2e), rgb (0xe0b520), 0.5 + 0.5 * grain);
  case CANDLE:
    *gloss = 0.3;
    return add (rgb (0xf1e6c9), times (rgb (0xffb050), 0.7 * smooth (0.9, 1.5, p.y)));
  case FLAME:
    break;
  }
  return mix (vec (3.2, 2.4, 0.9), vec (3.0, 1.0, 0.2), smooth (1.62, 1.86, p.y));
}

static Vec
scene (Vec from, Vec d)
{
  Thing thing = WALL;
  double t = march (from, d, FAR, &thing), gloss;
  Vec p = add (from, times (d, t)), colour = colour_of (thing, p, &gloss);
  if (thing == FLAME)
    return colour;
  Vec n = normal (p), to_lamp = sub (lamp, p), flame = vec (-2.05, 1.7, -0.1), to_flame = sub (flame, p);
  double lamp_distance = sqrt (dot (to_lamp, to_lamp)), flame_distance = sqrt (dot (to_flame, to_flame));
  to_lamp = times (to_lamp, 1 / lamp_distance);
  to_flame = times (to_flame, 1 / flame_distance);
  double seen = lit (add (p, times (n, 0.01)), to_lamp, lamp_distance);
  Vec half = unit (sub (to_lamp, d));
  Vec light = times (rgb (0xfff0d8), 2.1 * seen * max (dot (n, to_lamp), 0));
  light =
    add (light, times (rgb (0xff9c45), 0.8 * max (dot (n, to_flame), 0) / (0.4 + flame_distance * flame_distance)));
  light = add (light, times (rgb (0x8fa4c8), 0.3 * crevice (p, n) * (0.6 + 0.4 * n.y)));
  Vec shine = times (vec (1, 0.95, 0.85), seen * gloss * pow (max (dot (n, half), 0), 20 + 130 * gloss) * 1.3);
  return add (tint (colour, light), shine);
}

static Vec
shade (double x, double y)
{
  Vec from = vec (0.1, 2.35, -5.6), forward = unit (sub (vec (-0.1, 0.68, 0), from));
  Vec right = unit (vec (forward.z, 0, -forward.x));
  Vec up = vec (-forward.y * forward.x, 1 - forward.y * forward.y, -forward.y * forward.z);
  Vec d = unit (add (forward, add (times (right, x * 0.4), times (unit (up), y * 0.4))));
  Vec colour = scene (from, d);
  double corner = 1 - 0.16 * (x * x * 0.5 + y * y * 0.6);
  return times (colour, corner);
}

void
draw_table (Canvas *canvas)
{
  draw_shaded (canvas, shade);
}
