/* glass.c -- a stained-glass rose: petals of coloured panes in leads, light behind them. */
#include "draw.h"

#define LEAD 0.011

static const int jewels[] = {
  0xb5162a, 0xe0761a, 0xf2b820, 0x2f8f4e, 0x1668a8, 0x3b2f91, 0x8a1f6a, 0x1f9aa0, 0xd84a2a
};
#define N_JEWELS ((int) (sizeof jewels / sizeof *jewels))

/* Distance to the nearest lead, and number of the pane. */
typedef struct {
  double lead;
  int pane;
} Pane;

/* Angle from the middle of the sector, one of @n around the circle. *sector: (out): number of the sector. */
static double
folded (double angle, int n, int *sector)
{
  double turn = angle / 6.28318530718 * n + n * 8;
  *sector = (int) floor (turn) % n;
  return (turn - floor (turn) - 0.5) * 6.28318530718 / n;
}

static void
edge (Pane *pane, double distance)
{
  pane->lead = fmin (pane->lead, fabs (distance));
}

/* A ring of petals between two radii. */
static Pane
ring (double r, double angle, double inner, double outer, int n, double turned, int seed)
{
  Pane pane = { 1, 0 };
  int sector;
  double a = folded (angle + turned, n, &sector);
  double middle = (inner + outer) / 2, half = (outer - inner) / 2;
  double petal_r = span ((r * cos (a) - middle) / 1.0, r * sin (a) * half / (middle * 3.1416 / n) * 0.92) - half * 0.93;
  double jewel = span (r * cos (a) - middle - half * 0.28, r * sin (a)) - half * 0.26;
  edge (&pane, r - inner);
  edge (&pane, r - outer);
  if (fabs (petal_r) < 0.2)
    edge (&pane, petal_r * 0.8);
  edge (&pane, jewel);
  if (petal_r > 0)
    edge (&pane, r * sin (a + 3.1416 / n * (a < 0 ? 1 : -1))); /* seam between two petals */
  else if (jewel > 0)
    edge (&pane, r * sin (a) + 0.25 * half * (r - middle)); /* vein */
  int half_side = petal_r < 0 ? (r * sin (a) + 0.25 * half * (r - middle) > 0) : 0;
  int kind = jewel < 0 ? 2 : petal_r < 0 ? half_side : 3;
  pane.pane = seed * 97 + kind * 13 + (kind == 2 ? 0 : sector % 3) * 5;
  return pane;
}

/* Irregular panes outside the rose: a Voronoi diagram with leads on its edges. */
static Pane
panes (double x, double y, double cell, int seed)
{
  int ci = (int) floor (x / cell), cj = (int) floor (y / cell), which = 0;
  double nearest = 1e9, second = 1e9;
  for (int i = ci - 2; i <= ci + 2; i++)
    for (int j = cj - 2; j <= cj + 2; j++) {
      double d =
        span (x - (i + 0.1 + 0.8 * hash_01 (i, j, seed)) * cell, y - (j + 0.1 + 0.8 * hash_01 (i, j, seed + 1)) * cell);
      if (d < nearest)
        second = nearest, nearest = d, which = i * 31 + j * 17;
      else if (d < second)
        second = d;
    }
  return (Pane){ (second - nearest) / 2, which + seed };
}

/* Colour at a position of the window: lead, or a pane with light behind it. */
static Vec
shade (double x, double y)
{
  double r = span (x, y), angle = atan2 (y, x);
  Pane pane;
  if (r < 0.12) {
    pane = ring (r, angle, 0.0, 0.12, 6, 0.3, 1);
  } else if (r < 0.36) {
    pane = ring (r, angle, 0.12, 0.36, 8, 0, 2);
  } else if (r < 0.64) {
    pane = ring (r, angle, 0.36, 0.64, 12, 0.13, 3);
  } else if (r < 0.92) {
    pane = ring (r, angle, 0.64, 0.92, 16, 0, 5);
  } else {
    pane = panes (x, y, 0.19, 7);
    edge (&pane, r - 0.92);
  }
  edge (&pane, fmax (fabs (x), fabs (y)) - 0.985);

  double tone = hash_01 (pane.pane, 5, 11);
  Vec glass = rgb (jewels[(int) (hash_01 (pane.pane, 3, 13) * N_JEWELS)]);
  double wave = fractal (x * 7 + pane.pane, y * 7, 4, 121) + 0.6 * fractal (x * 30, y * 30 + pane.pane, 3, 123);
  double light = (1.15 - 0.35 * r) * (0.8 + 0.5 * tone) * (1 + 0.45 * wave);
  glass = add (times (glass, light), times (vec (1, 0.95, 0.8), 0.16 * smooth (0.2, 0.7, wave)));
  glass = times (glass, 0.55 + 0.45 * smooth (0, 0.05, pane.lead)); /* darker towards the leads */

  double lead = smooth (LEAD + 0.003, LEAD - 0.003, pane.lead);
  double round = clamp (1 - pane.lead / LEAD, 0, 1);
  return mix (glass, mix (rgb (0x14120f), rgb (0x57544c), round * round * (0.5 + 0.5 * noise (x * 60, y * 60, 127))),
              lead);
}

void
draw_glass (Canvas *canvas)
{
  draw_shaded (canvas, shade);
}
