/* canvas.c -- shifts the picture at random against the network's grid, for each step. Without shifts the grid becomes
 * visible in the dream. */
#include "base/mirror.h"
#include "transforms.h"
#include <string.h>

/* Columns and rows of the picture that the canvas shows. */
typedef struct {
  int width, height;   /* px, of the canvas */
  int *columns, *rows; /* picture index for each column and row of the canvas */
} Canvas;

/* Picture index for each of @n + @margin canvas columns or rows. With a margin the picture is mirrored, and @shift is
 * the canvas column or row that shows number 0 of the picture. Else the picture is periodic, and the first canvas
 * column or row shows number @shift of the picture. (transfer full): freed by g_free(). */
static int *
source_indices (int n, int margin, int shift)
{
  int *from = g_new (int, n + margin);
  for (int i = 0; i < n + margin; i++)
    from[i] = margin > 0 ? rv__mirror_about_last (i - shift, n) : ((i + shift) % n + n) % n;
  return from;
}

/* Indices of the picture for a canvas with the picture at @position, by value. Free with clear_canvas(). */
static Canvas
new_canvas (const RvDreamCanvas *position)
{
  return (Canvas){ position->width + position->margin, position->height + position->margin,
                   source_indices (position->width, position->margin, position->dx),
                   source_indices (position->height, position->margin, position->dy) };
}

/* Frees the indices of @canvas, not the struct. */
static void
clear_canvas (Canvas *canvas)
{
  g_free (canvas->columns);
  g_free (canvas->rows);
}

void
rv__dream_canvas_fill (const RvDreamCanvas *position, const float *x, int n_planes, float *to)
{
  Canvas canvas = new_canvas (position);
#pragma omp parallel for schedule(static)
  for (int i = 0; i < n_planes * canvas.height; i++) {
    gint64 row = (gint64) (i / canvas.height) * position->height + canvas.rows[i % canvas.height];
    for (int j = 0; j < canvas.width; j++)
      to[(gint64) i * canvas.width + j] = x[row * position->width + canvas.columns[j]];
  }
  clear_canvas (&canvas);
}

/* Adds to @row, the gradient of row @y of one plane of the picture, the numbers of @canvas_grad, one plane, at all
 * canvas pixels that show this row. */
static void
add_row_gradient (const Canvas *canvas, int y, const float *canvas_grad, float *row)
{
  for (int i = 0; i < canvas->height; i++)
    for (int j = 0; canvas->rows[i] == y && j < canvas->width; j++)
      row[canvas->columns[j]] += canvas_grad[(gint64) i * canvas->width + j];
}

void
rv__dream_canvas_backward (const RvDreamCanvas *position, const float *canvas_grad, float *grad)
{
  Canvas canvas = new_canvas (position);
  gint64 plane = (gint64) canvas.width * canvas.height;
  memset (grad, 0, 3 * (gsize) position->width * (gsize) position->height * sizeof (float));
#pragma omp parallel for schedule(static)
  for (int i = 0; i < 3 * position->height; i++)
    add_row_gradient (&canvas, i % position->height, canvas_grad + i / position->height * plane,
                      grad + (gint64) i * position->width);
  clear_canvas (&canvas);
}
