/* lake.c -- a mountain lake in evening light: ray-marched ridges and firs, a hut, a sailing boat, all mirrored. */
#include "draw.h"
#include <stdbool.h>
#include <stdlib.h>

#define FAR 40.0
#define MAX_STEPS 260
#define HUT_WHERE vec (1.75, 0.16, 2.2)
#define BOAT_WHERE vec (-0.62, 0.0, 0.25)

static const Vec eye = { 0, 0.55, -3.6 };
static Vec sun;

typedef enum { LAND, FIR, WALLS, ROOF, LAMP, HULL, SAIL } Thing;

static double
max (double a, double b)
{
  return a > b ? a : b;
}

/* Height of the land above the water at 0. */
static double
land (double x, double z, int octaves)
{
  double far_off = smooth (3.5, 13, z + 0.3 * fabs (x));
  double ridges = 1 - 1.6 * fabs (fractal (x * 0.24 + 7.1, z * 0.24 + 1.7, octaves, 11));
  double gap = 0.3 + 0.7 * smooth (0.3, 6, fabs (x - 0.9));
  double mountains = 5.2 * far_off * gap * max (ridges, 0) * max (ridges, 0);
  double shore = 0.22 * fractal (x * 0.8 - 3, z * 0.8, 4, 23) + 0.2 * (fabs (x + 0.2) - 2.35) + 0.07 * (z - 4.2);
  return max (shore, -0.3) + mountains;
}

/* A table of the land's height, for marching: higher octaves would only cost time. */
#define GRID 1024
static double grid[GRID][GRID];
static const double grid_x = -22, grid_z = -5, grid_step = 44.0 / GRID;

static void
fill_grid (void)
{
#pragma omp parallel for
  for (int j = 0; j < GRID; j++)
    for (int i = 0; i < GRID; i++)
      grid[j][i] = land (grid_x + i * grid_step, grid_z + j * grid_step, 7);
}

static double
height (double x, double z)
{
  double u = clamp ((x - grid_x) / grid_step, 0, GRID - 1.001), v = clamp ((z - grid_z) / grid_step, 0, GRID - 1.001);
  int i = (int) u, j = (int) v;
  u -= i, v -= j;
  return (grid[j][i] * (1 - u) + grid[j][i + 1] * u) * (1 - v) +
         (grid[j + 1][i] * (1 - u) + grid[j + 1][i + 1] * u) * v;
}

/* Firs stand on a jittered grid where the land is dry and low. The table saves time: a ray reads nine firs at each
 * step. */
typedef struct {
  double x, z, root, tall; /* @tall: 0: no fir */
} Fir;
#define CELL 0.3
#define ROWS 54
#define COLUMNS 160
#define TALLEST 0.75
static Fir forest[ROWS][COLUMNS]; /* from x = -COLUMNS / 2 and z = 0, in cells */

static Fir
fir_of (int i, int j)
{
  Fir fir = { .x = (i + 0.15 + 0.7 * hash_01 (i, j, 1)) * CELL, .z = (j + 0.15 + 0.7 * hash_01 (i, j, 2)) * CELL };
  fir.root = height (fir.x, fir.z);
  if (fir.root >= 0.06 && fir.root <= 1.5 && hash_01 (i, j, 4) >= 0.25 && span (fir.x - 1.75, fir.z - 2.1) >= 0.45)
    fir.tall = 0.25 + 0.4 * hash_01 (i, j, 3);
  return fir;
}

static void
plant (void)
{
#pragma omp parallel for
  for (int j = 0; j < ROWS; j++)
    for (int i = 0; i < COLUMNS; i++)
      forest[j][i] = fir_of (i - COLUMNS / 2, j);
}

/* Distance to the nearest fir, if below `limit`. */
static double
firs (Vec p, double ground, double limit)
{
  double best = max (p.y - ground - TALLEST, 0.05);
  int ci = (int) floor (p.x / CELL), cj = (int) floor (p.z / CELL);
  if (p.y > ground + TALLEST || ground > 1.9 || p.z < 0.6 || p.z > 15)
    return max (best, 0.1);
  bool planted = abs (ci) < COLUMNS / 2 - 1; /* rows: z is 0.6 to 15 */
  for (int i = ci - 1; i <= ci + 1; i++)
    for (int j = cj - 1; j <= cj + 1; j++) {
      Fir fir = planted ? forest[j][i + COLUMNS / 2] : fir_of (i, j);
      double up = (p.y - fir.root) / fir.tall, aside = max (fabs (p.x - fir.x), fabs (p.z - fir.z));
      if (fir.tall <= 0 || 0.6 * (aside - 0.25 * fir.tall * max (1 - up, 0)) >= (best < limit ? best : limit))
        continue;
      double r = span (p.x - fir.x, p.z - fir.z);
      double tiers = 0.7 + 0.3 * (1 - fmod (clamp (up, 0, 1) * 5, 1));
      double d = max ((r - 0.25 * fir.tall * (1 - up) * tiers) * 0.6, (up - 1) * fir.tall);
      best = d < best ? d : best;
    }
  return best;
}

static double
box (Vec p, double w, double h, double d)
{
  return max (max (fabs (p.x) - w, fabs (p.y) - h), fabs (p.z) - d);
}

static void
nearer (double *best, Thing *thing, double distance, Thing what)
{
  if (distance < *best)
    *best = distance, *thing = what;
}

/* A boat with one white sail and a jib. Parts that cannot be the nearest are skipped. */
static void
nearer_boat (double *best, Thing *thing, Vec b)
{
  if ((fabs (b.x) - 0.34) * 0.6 < *best) {
    double belly = 0.09 * (1 - pow (clamp (fabs (b.x) / 0.34, 0, 1), 2.2)) * (0.75 + 2.2 * b.y);
    nearer (best, thing,
            max (max (fabs (b.z) - belly, fabs (b.y - 0.04) - 0.05 - 0.06 * b.x * b.x), fabs (b.x) - 0.34) * 0.6, HULL);
  }
  if ((fabs (b.z) - 0.06) * 0.7 < *best) {
    double bulge = 0.05 * sin (clamp ((b.y - 0.12) / 0.8, 0, 1) * 3.14);
    double sail =
      max (max (fabs (b.z - bulge) - 0.008, 0.15 - b.y), max (-0.06 - b.x, (b.x + 0.06) * 0.92 + (b.y - 0.98) * 0.4));
    double jib = max (max (fabs (b.z - 0.6 * bulge) - 0.008, 0.14 - b.y),
                      max (b.x + 0.08, (-b.x - 0.08) * 0.95 + (b.y - 0.72) * 0.36));
    nearer (best, thing, (sail < jib ? sail : jib) * 0.7, SAIL);
  }
}

static double
nearest (Vec p, Thing *thing)
{
  double ground = height (p.x, p.z), best = (p.y - ground) * 0.42;
  *thing = LAND;
  nearer (&best, thing, firs (p, ground, best), FIR);

  Vec q = sub (p, HUT_WHERE); /* a red hut with a steep roof */
  nearer (&best, thing, box (sub (q, vec (0, 0.12, 0)), 0.23, 0.17, 0.3), WALLS);
  nearer (&best, thing, max (max (fabs (q.x) * 0.8 + (q.y - 0.6) * 0.6, 0.26 - q.y), fabs (q.z) - 0.36), ROOF);
  nearer (&best, thing, box (sub (q, vec (0.02, 0.15, -0.3)), 0.06, 0.06, 0.012), LAMP);
  nearer (&best, thing, box (sub (q, vec (-0.23, 0.15, -0.05)), 0.012, 0.06, 0.07), LAMP);

  nearer_boat (&best, thing, sub (p, BOAT_WHERE));
  return best;
}

static Vec
sky (Vec d)
{
  double up = clamp (d.y, 0, 1);
  Vec colour = mix (rgb (0xf6cf9a), rgb (0x7fb0d8), smooth (0, 0.3, up));
  colour = mix (colour, rgb (0x2f66b0), smooth (0.22, 0.75, up));
  if (d.y > 0.01) {
    double x = d.x / (d.y + 0.2) * 1.3, z = d.z / (d.y + 0.2) * 1.3;
    double cover = fractal (x + 3, z * 1.7, 6, 31) + 0.4 * fractal (x * 0.4, z * 0.4, 3, 37);
    double cloud = smooth (0.0, 0.42, cover) * smooth (0.03, 0.15, d.y);
    Vec puff = mix (rgb (0xfff4e2), rgb (0xe29a86), smooth (0.25, 0.9, cover));
    colour = mix (colour, puff, 0.92 * cloud);
  }
  return colour;
}

/* Distance along the ray to the first surface. FAR: none. */
static double
march (Vec from, Vec d, Thing *thing)
{
  double t = 0.02;
  for (int i = 0; i < MAX_STEPS && t < FAR; i++) {
    Vec p = add (from, times (d, t));
    double gap = nearest (p, thing);
    if (gap < 0.0009 * t + 0.0003)
      return t;
    if (p.y > 5.5 && d.y > 0)
      return FAR;
    t += gap;
  }
  return FAR;
}

static Vec
normal (Vec p, double t, Thing thing)
{
  double e = 0.003 + 0.0012 * t;
  if (thing == LAND)
    return unit (
      vec (land (p.x - e, p.z, 9) - land (p.x + e, p.z, 9), 2 * e, land (p.x, p.z - e, 9) - land (p.x, p.z + e, 9)));
  Thing ignored;
  e = 0.002;
  return unit (vec (nearest (add (p, vec (e, 0, 0)), &ignored) - nearest (sub (p, vec (e, 0, 0)), &ignored),
                    nearest (add (p, vec (0, e, 0)), &ignored) - nearest (sub (p, vec (0, e, 0)), &ignored),
                    nearest (add (p, vec (0, 0, e)), &ignored) - nearest (sub (p, vec (0, 0, e)), &ignored)));
}

static Vec
ground_colour (Vec p, Vec n)
{
  double patch = fractal (p.x * 2.5, p.z * 2.5, 4, 41);
  Vec grass = mix (rgb (0x5c8a34), rgb (0xa8a044), smooth (-0.3, 0.4, patch));
  Vec rock = mix (rgb (0x75697a), rgb (0xa89a90), smooth (-0.4, 0.4, fractal (p.x * 5, p.y * 11, 4, 43)));
  Vec colour = mix (rock, grass, smooth (0.72, 0.86, n.y + 0.1 * patch) * smooth (1.9, 1.2, p.y + 0.4 * patch));
  colour = mix (colour, rgb (0xf4f6fb), smooth (1.7, 2.1, p.y + 0.5 * patch) * smooth (0.4, 0.62, n.y));
  return mix (rgb (0xcdb68a), colour, smooth (0.015, 0.06, p.y)); /* a sandy shore */
}

static Vec
colour_of (Thing thing, Vec p, Vec n)
{
  switch (thing) {
  case LAND:
    return ground_colour (p, n);
  case FIR:
    return mix (rgb (0x1f4a30), rgb (0x4a7a3a), 0.5 + 0.5 * noise (p.x * 5, p.z * 5, 5));
  case WALLS:
    return rgb (0xc2452e);
  case ROOF:
    return rgb (0x59433f);
  case HULL:
    return p.y > 0.06 ? rgb (0xd9c9a0) : rgb (0x8c3a24);
  case SAIL:
    return rgb (0xfbf5e6);
  case LAMP:
    break;
  }
  return vec (1.6, 1.1, 0.4);
}

static Vec
scene (Vec from, Vec d)
{
  Thing thing, shadow;
  double t = march (from, d, &thing);
  if (t >= FAR)
    return sky (d);
  Vec p = add (from, times (d, t)), n = normal (p, t, thing), colour = colour_of (thing, p, n);
  if (thing == LAMP)
    return colour;
  double seen = march (add (p, times (n, 0.015 + 0.002 * t)), sun, &shadow) < FAR ? 0.12 : 1;
  Vec light = add (times (rgb (0xffd9a0), 2.3 * max (dot (n, sun), thing == SAIL ? 0.35 : 0) * seen),
                   times (rgb (0x8fb0e0), 0.38 + 0.22 * n.y));
  double haze = 1 - exp (-0.008 * t - 0.0009 * t * t);
  return mix (tint (colour, light), rgb (0xb9cfe4), haze);
}

static Vec
shade (double x, double y)
{
  Vec d = unit (vec (x, y - 0.1, 1.75));
  double to_water = d.y < 0 ? -eye.y / d.y : FAR;
  Thing thing;
  if (to_water >= FAR || march (eye, d, &thing) <= to_water)
    return scene (eye, d);

  Vec p = add (eye, times (d, to_water));
  double swell = 0.13 / (1 + 0.3 * to_water);
  Vec n =
    unit (vec (swell * fractal (p.x * 4, p.z * 11, 4, 51), 1, swell * 1.3 * fractal (p.x * 4 + 9, p.z * 11, 4, 57)));
  Vec bounced = sub (d, times (n, 2 * dot (d, n)));
  bounced.y = max (bounced.y, 0.012);
  double mirror = 0.3 + 0.7 * pow (1 - max (-dot (d, n), 0), 3);
  Vec deep = mix (rgb (0x1d5560), rgb (0x4f8f88), smooth (-0.25, 0.02, height (p.x, p.z)));
  return mix (deep, scene (add (p, vec (0, 0.003, 0)), unit (bounced)), mirror);
}

void
draw_lake (Canvas *canvas)
{
  sun = unit (vec (-0.72, 0.42, -0.3));
  fill_grid ();
  plant ();
  draw_shaded (canvas, shade);
}
