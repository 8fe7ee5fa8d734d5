/* place.c -- the picture shifted at random under the network's grid, step by step: else the grid shows in the dream. */
#include "base/mirror.h"
#include "parts.h"
#include <string.h>

/* Rows and columns shifted in a circle: what stood at (y + dy, x + dx) comes to (y, x). */
static void
roll (const float *from, float *to, int width, int height, int dx, int dy)
{
  dx = ((dx % width) + width) % width;
  dy = ((dy % height) + height) % height;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < height; y++) {
      const float *row = from + ((gint64) c * height + (y + dy) % height) * width;
      float *out = to + ((gint64) c * height + y) * width;
      memcpy (out, row + dx, (gsize) (width - dx) * sizeof (float));
      memcpy (out + width - dx, row, (gsize) dx * sizeof (float));
    }
}

/* Which of the picture's rows or columns each of the canvas' shows. */
static int *
shown (int n, int margin, int shift)
{
  int *from = g_new (int, n + margin);
  for (int i = 0; i < n + margin; i++)
    from[i] = rv__mirror_about_last (i - shift, n);
  return from;
}

void
rv__dream_place (const RvDreamPlace *place, const float *x, float *canvas)
{
  int width = place->width, height = place->height, margin = place->margin;
  if (margin == 0) {
    roll (x, canvas, width, height, place->dx, place->dy);
    return;
  }
  g_autofree int *columns = shown (width, margin, place->dx), *rows = shown (height, margin, place->dy);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < height + margin; i++) {
      const float *row = x + ((gint64) c * height + rows[i]) * width;
      float *out = canvas + ((gint64) c * (height + margin) + i) * (width + margin);
      for (int j = 0; j < width + margin; j++)
        out[j] = row[columns[j]];
    }
}

void
rv__dream_take (const RvDreamPlace *place, const float *canvas_grad, float *grad)
{
  int width = place->width, height = place->height, margin = place->margin;
  if (margin == 0) {
    roll (canvas_grad, grad, width, height, -place->dx, -place->dy);
    return;
  }
  g_autofree int *columns = shown (width, margin, place->dx), *rows = shown (height, margin, place->dy);
  memset (grad, 0, (gsize) width * (gsize) height * 3 * sizeof (float));
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < height + margin; i++) {
      float *row = grad + ((gint64) c * height + rows[i]) * width;
      const float *in = canvas_grad + ((gint64) c * (height + margin) + i) * (width + margin);
      for (int j = 0; j < width + margin; j++)
        row[columns[j]] += in[j];
    }
}
