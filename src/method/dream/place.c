/* place.c -- the picture shifted at random under the network's grid, step by step: else the grid shows in the dream. */
#include "base/mirror.h"
#include "parts.h"
#include <string.h>

/* What the canvas shows where. */
typedef struct {
  int width, height;   /* px, of the canvas */
  int *columns, *rows; /* which of the picture's each of the canvas' is */
} Canvas;

/* In a circle: what stood at i + shift comes to i. */
static int *
shown (int n, int margin, int shift)
{
  int *from = g_new (int, n + margin);
  for (int i = 0; i < n + margin; i++)
    from[i] = margin > 0 ? rv__mirror_about_last (i - shift, n) : ((i + shift) % n + n) % n;
  return from;
}

static Canvas
canvas_of (const RvDreamPlace *place, const RvRows *rows)
{
  return (Canvas){ rows->width + place->margin, rows->height + place->margin,
                   shown (rows->width, place->margin, place->dx), shown (rows->height, place->margin, place->dy) };
}

static void
clear (Canvas *canvas)
{
  g_free (canvas->columns);
  g_free (canvas->rows);
}

/* (transfer full): of three planes of @height rows those that are @wanted. */
static RvPart *
part_of_rows (const gboolean *wanted, gint64 width, gint64 height)
{
  RvPart *part = rv__part_new ();
  for (int c = 0; c < 3; c++)
    for (gint64 y = 0; y < height; y++)
      if (wanted[y])
        rv__part_add (part, (c * height + y) * width, (c * height + y + 1) * width);
  return part;
}

/* (transfer full): the picture's rows that a rank sees which holds @held of the canvas. */
static RvPart *
picture_rows (const Canvas *canvas, const RvRows *rows, const RvPart *held)
{
  gint64 plane = (gint64) canvas->width * canvas->height;
  g_autofree gboolean *wanted = g_new0 (gboolean, rows->height);
  for (guint k = 0; k < held->len && rv__part_span (held, k).end <= plane; k++)
    for (gint64 y = rv__part_span (held, k).from / canvas->width; y * canvas->width < rv__part_span (held, k).end; y++)
      wanted[canvas->rows[y]] = TRUE;
  return part_of_rows (wanted, rows->width, rows->height);
}

/* (transfer full): the canvas' rows that show rows of @rank's own. */
static RvPart *
canvas_rows (const Canvas *canvas, const RvRows *rows, int rank)
{
  RvSpan own = rv__rows_of (rows, rank);
  g_autofree gboolean *wanted = g_new0 (gboolean, canvas->height);
  for (int y = 0; y < canvas->height; y++)
    wanted[y] = own.from <= canvas->rows[y] && canvas->rows[y] < own.end;
  return part_of_rows (wanted, canvas->width, canvas->height);
}

/* Numbers of one plane of the canvas. */
static void
show (const Canvas *canvas, const RvRows *rows, const float *x, RvSpan span, float *to)
{
  gint64 plane = (gint64) canvas->width * canvas->height, c = span.from / plane;
  for (gint64 i = span.from, n; i < span.end; i += n) {
    int y = (int) (i % plane / canvas->width), column = (int) (i % plane % canvas->width);
    const float *row = x + (c * rows->height + canvas->rows[y]) * rows->width;
    n = MIN (canvas->width - column, span.end - i);
    for (int j = 0; j < n; j++)
      to[i + j] = row[canvas->columns[column + j]];
  }
}

/* (transfer full): RvPart of each rank that shares the picture: its rows that this one sees. */
static GPtrArray *
all_seen (const Canvas *canvas, const RvRows *rows, const RvParts *parts)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (int rank = 0; rank < rv__cluster_size (rows->cluster); rank++)
    g_ptr_array_add (wanted, picture_rows (canvas, rows, rv__parts_held_of (parts, rank)));
  return wanted;
}

/* (transfer full): RvPart of each rank that shares the canvas: its rows that show rows of this one's. */
static GPtrArray *
all_showing (const Canvas *canvas, const RvRows *rows, const RvParts *parts)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (int rank = 0; rank < rv__parts_n_ranks (parts); rank++)
    g_ptr_array_add (wanted, canvas_rows (canvas, rows, rank));
  return wanted;
}

gsize
rv__dream_place_bytes (const RvDreamPlace *place, const RvRows *rows, const RvParts *parts)
{
  Canvas canvas = canvas_of (place, rows);
  g_autoptr (GPtrArray) seen = all_seen (&canvas, rows, parts), showing = all_showing (&canvas, rows, parts);
  gsize bytes = rv__parts_bring_bytes (rows->parts, (RvPart *const *) seen->pdata) +
                rv__parts_bring_bytes (parts, (RvPart *const *) showing->pdata);
  clear (&canvas);
  return bytes;
}

gboolean
rv__dream_place (const RvDreamPlace *place, const RvRows *rows, float *x, const RvParts *parts, float *to,
                 GError **error)
{
  Canvas canvas = canvas_of (place, rows);
  const RvPart *held = rv__parts_held (parts);
  g_autoptr (GPtrArray) wanted = all_seen (&canvas, rows, parts);
  gboolean ok = rv__parts_bring (rows->parts, x, (RvPart *const *) wanted->pdata, error);
#pragma omp parallel for schedule(static) if (ok)
  for (guint k = 0; k < (ok ? held->len : 0); k++)
    show (&canvas, rows, x, rv__part_span (held, k), to);
  clear (&canvas);
  return ok;
}

/* grad <- the sum of where the canvas shows it, from the top left on. */
static void
take_row (const Canvas *canvas, const RvRows *rows, const float *canvas_grad, int c, int y, float *grad)
{
  float *row = grad + ((gint64) c * rows->height + y) * rows->width;
  memset (row, 0, (gsize) rows->width * sizeof (float));
  for (int i = 0; i < canvas->height; i++) {
    const float *in = canvas_grad + ((gint64) c * canvas->height + i) * canvas->width;
    for (int j = 0; canvas->rows[i] == y && j < canvas->width; j++)
      row[canvas->columns[j]] += in[j];
  }
}

gboolean
rv__dream_take (const RvDreamPlace *place, const RvRows *rows, const RvParts *parts, float *canvas_grad, float *grad,
                GError **error)
{
  Canvas canvas = canvas_of (place, rows);
  g_autoptr (GPtrArray) wanted = all_showing (&canvas, rows, parts);
  gboolean ok = rv__parts_bring (parts, canvas_grad, (RvPart *const *) wanted->pdata, error);
#pragma omp parallel for schedule(static) if (ok)
  for (int row = 0; row < (ok ? 3 * (rows->end - rows->from) : 0); row++)
    take_row (&canvas, rows, canvas_grad, row % 3, rows->from + row / 3, grad);
  clear (&canvas);
  return ok;
}
