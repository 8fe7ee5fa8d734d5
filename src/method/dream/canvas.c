/* canvas.c -- shifts the picture at random below the network's grid, for each step. Otherwise the grid shows in the
 * dream. */
#include "base/mirror.h"
#include "transforms.h"
#include <string.h>

/* Columns and rows of the picture that the canvas shows. */
typedef struct {
  int width, height;   /* px, of the canvas */
  int *columns, *rows; /* picture index for each column and row of the canvas */
} Canvas;

/* (transfer full): picture index for each of the canvas: mirrored if there is a margin, else periodic. */
static int *
shown (int n, int margin, int shift)
{
  int *from = g_new (int, n + margin);
  for (int i = 0; i < n + margin; i++)
    from[i] = margin > 0 ? rv__mirror_about_last (i - shift, n) : ((i + shift) % n + n) % n;
  return from;
}

static Canvas
canvas_of (const RvDreamCanvas *place)
{
  return (Canvas){ place->width + place->margin, place->height + place->margin,
                   shown (place->width, place->margin, place->dx), shown (place->height, place->margin, place->dy) };
}

static void
clear (Canvas *canvas)
{
  g_free (canvas->columns);
  g_free (canvas->rows);
}

void
rv__dream_canvas_fill (const RvDreamCanvas *place, const float *x, int n_planes, float *to)
{
  Canvas canvas = canvas_of (place);
#pragma omp parallel for schedule(static)
  for (int i = 0; i < n_planes * canvas.height; i++) {
    gint64 row = (gint64) (i / canvas.height) * place->height + canvas.rows[i % canvas.height];
    for (int j = 0; j < canvas.width; j++)
      to[(gint64) i * canvas.width + j] = x[row * place->width + canvas.columns[j]];
  }
  clear (&canvas);
}

/* Adds to row @y of the picture the gradients of all canvas pixels that show it. */
static void
take_row (const Canvas *canvas, int y, const float *canvas_grad, float *row)
{
  for (int i = 0; i < canvas->height; i++)
    for (int j = 0; canvas->rows[i] == y && j < canvas->width; j++)
      row[canvas->columns[j]] += canvas_grad[(gint64) i * canvas->width + j];
}

void
rv__dream_canvas_backward (const RvDreamCanvas *place, const float *canvas_grad, float *grad)
{
  Canvas canvas = canvas_of (place);
  gint64 plane = (gint64) canvas.width * canvas.height;
  memset (grad, 0, 3 * (gsize) place->width * (gsize) place->height * sizeof (float));
#pragma omp parallel for schedule(static)
  for (int i = 0; i < 3 * place->height; i++)
    take_row (&canvas, i % place->height, canvas_grad + i / place->height * plane, grad + (gint64) i * place->width);
  clear (&canvas);
}
