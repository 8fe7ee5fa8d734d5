/* rows.c -- a dream's pictures by their rows, and which rank has which. */
#include "method/dream/rows.h"
#include "base/alloc.h"
#include "base/dot.h"
#include <math.h>
#include <string.h>

#define PLANES 3
#define PIECE_ROWS 32
#define BAND (1 << 20) /* numbers of a picture that are read at once */

/* ---- which are whose --------------------------------------------------------------------------------------------- */

/* Whole pieces, in a row. */
static void
deal (RvRows *rows, const double *speed)
{
  int size = rv__cluster_size (rows->cluster);
  double all = 0, before = 0;
  for (int rank = 0; rank < size; rank++)
    all += speed ? speed[rank] : 1;
  for (int rank = 0; rank < size; rank++) {
    rows->first[rank] = (int) lrint (before / all * rows->n_pieces);
    before += speed ? speed[rank] : 1;
  }
  rows->first[size] = rows->n_pieces;
}

static RvRows *
blank (RvCluster *cluster, int width, int height, int n_pieces)
{
  RvRows *rows = g_new (RvRows, 1);
  *rows = (RvRows){ .cluster = cluster, .width = width, .height = height, .n_pieces = n_pieces };
  rows->start = g_new0 (int, n_pieces + 1);
  rows->first = g_new0 (int, rv__cluster_size (cluster) + 1);
  return rows;
}

/* Once it is known who has which pieces. */
static RvRows *
with_parts (RvRows *rows)
{
  int me = rv__cluster_rank (rows->cluster);
  rows->from = rows->start[rows->first[me]];
  rows->end = rows->start[rows->first[me + 1]];
  rows->parts = rv__parts_of_rows (rows->cluster, rows->start, rows->first, rows->width, PLANES);
  return rows;
}

RvRows *
rv__rows_new (RvCluster *cluster, const double *speed, int width, int height)
{
  RvRows *rows = blank (cluster, width, height, (height + PIECE_ROWS - 1) / PIECE_ROWS);
  for (int piece = 0; piece <= rows->n_pieces; piece++)
    rows->start[piece] = MIN (piece * PIECE_ROWS, height);
  deal (rows, speed);
  return with_parts (rows);
}

RvRows *
rv__rows_half (const RvRows *rows)
{
  RvRows *half = blank (rows->cluster, (rows->width + 1) / 2, (rows->height + 1) / 2, rows->n_pieces);
  for (int piece = 0; piece <= rows->n_pieces; piece++)
    half->start[piece] = (rows->start[piece] + 1) / 2;
  memcpy (half->first, rows->first, (gsize) (rv__cluster_size (rows->cluster) + 1) * sizeof (int));
  return with_parts (half);
}

void
rv__rows_free (RvRows *rows)
{
  if (!rows)
    return;
  rv__parts_unref (rows->parts);
  g_free (rows->start);
  g_free (rows->first);
  g_free (rows);
}

RvSpan
rv__rows_of (const RvRows *rows, int rank)
{
  if (rv__cluster_size (rows->cluster) == 1)
    return (RvSpan){ 0, rows->height };
  return (RvSpan){ rows->start[rows->first[rank]], rows->start[rows->first[rank + 1]] };
}

float *
rv__rows_alloc (const RvRows *rows, int planes, const char *what, GError **error)
{
  g_autoptr (GArray) own = rv__part_new ();
  for (int c = 0; c < planes; c++) {
    RvSpan span = rv__rows_own (rows, c);
    rv__part_add (own, span.from, span.end);
  }
  return rv__part_alloc (own, planes * rv__rows_plane (rows), sizeof (float), what, error);
}

void
rv__rows_add (const RvRows *rows, float *x, float factor, const float *y)
{
  for (int c = 0; c < PLANES; c++) {
    RvSpan own = rv__rows_own (rows, c);
#pragma omp parallel for schedule(static)
    for (gint64 i = own.from; i < own.end; i++)
      x[i] += factor * y[i];
  }
}

void
rv__rows_copy (const RvRows *rows, const float *from, float *to)
{
  for (int c = 0; c < PLANES; c++) {
    RvSpan own = rv__rows_own (rows, c);
    memcpy (to + own.from, from + own.from, (gsize) (own.end - own.from) * sizeof (float));
  }
}

/* ---- what others have -------------------------------------------------------------------------------------------- */

/* (transfer full): rows @from up to @end of each plane. */
static RvPart *
part_of (const RvRows *rows, int planes, gint64 from, gint64 end)
{
  RvPart *part = rv__part_new ();
  for (int c = 0; c < planes; c++) {
    gint64 plane = c * rv__rows_plane (rows);
    rv__part_add (part, plane + from * rows->width, plane + end * rows->width);
  }
  return part;
}

/* (transfer full): RvPart of each rank: rows within @reach of its own. */
static GPtrArray *
all_around (const RvRows *rows, int planes, int reach)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (int rank = 0; rank < rv__cluster_size (rows->cluster); rank++) {
    RvSpan own = rv__rows_of (rows, rank);
    gint64 more = own.from < own.end ? reach : 0; /* who has none wants none */
    g_ptr_array_add (wanted,
                     part_of (rows, planes, MAX (own.from - more, 0), MIN (own.end + more, (gint64) rows->height)));
  }
  return wanted;
}

gboolean
rv__rows_around (const RvRows *rows, int planes, float *array, int reach, GError **error)
{
  g_autoptr (GPtrArray) wanted = all_around (rows, planes, reach);
  return rv__parts_bring (rows->parts, array, (RvPart *const *) wanted->pdata, error);
}

gsize
rv__rows_around_bytes (const RvRows *rows, int planes, int reach)
{
  g_autoptr (GPtrArray) wanted = all_around (rows, planes, reach);
  return rv__parts_bring_bytes (rows->parts, (RvPart *const *) wanted->pdata);
}

/* Which rows those of a picture of another height are made of. */
static RvSpan
needs (const RvRows *rows, gint64 height, RvResizeKernel kernel, RvSpan wanted)
{
  RvSpan needed = { 0, 0 };
  if (wanted.from < wanted.end)
    rv__resize_needs (rows->height, height, kernel, wanted.from, wanted.end, &needed.from, &needed.end);
  return needed;
}

/* (transfer full): RvPart of each rank: what its rows of @new are made of. */
static GPtrArray *
all_needs (const RvRows *rows, const RvRows *new, RvResizeKernel kernel)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (int rank = 0; rank < rv__cluster_size (rows->cluster); rank++) {
    RvSpan needed = needs (rows, new->height, kernel, rv__rows_of (new, rank));
    g_ptr_array_add (wanted, part_of (rows, PLANES, needed.from, needed.end));
  }
  return wanted;
}

gsize
rv__rows_resize_bytes (const RvRows *rows, const RvRows *new, RvResizeKernel kernel)
{
  g_autoptr (GPtrArray) wanted = all_needs (rows, new, kernel);
  return rv__parts_bring_bytes (rows->parts, (RvPart *const *) wanted->pdata);
}

gboolean
rv__rows_resize (const RvRows *rows, float *array, const RvRows *new, RvResizeKernel kernel, float *resized,
                 GError **error)
{
  g_autoptr (GPtrArray) wanted = all_needs (rows, new, kernel);
  if (!rv__parts_bring (rows->parts, array, (RvPart *const *) wanted->pdata, error))
    return FALSE;
  RvSpan needed = needs (rows, new->height, kernel, (RvSpan){ new->from, new->end });
  for (int c = 0; c < PLANES && new->from < new->end; c++)
    rv__resize_rows (array + c * rv__rows_plane (rows) + needed.from * rows->width, rows->height, rows->width, kernel,
                     new->height, new->width, new->from, new->end, resized + rv__rows_own (new, c).from);
  return TRUE;
}

/* Some rows of plane @c, of @width x @height px, into @made. */
static gboolean
read_rows (const RvRows *rows, const float *array, int c, int width, int height, RvSpan wanted, gboolean first_only,
           float *made, GError **error)
{
  RvSpan needed = needs (rows, height, RV_RESIZE_BILINEAR, wanted);
  gint64 from = c * rv__rows_plane (rows) + needed.from * rows->width, n = (needed.end - needed.from) * rows->width;
  float *came = rv__alloc ((gsize) n * sizeof (float), "a picture", error);
  gboolean ok =
    came && (first_only ? rv__parts_gather : rv__parts_tell) (rows->parts, array, from, from + n, came, error);
  if (ok)
    rv__resize_rows (came, rows->height, rows->width, RV_RESIZE_BILINEAR, height, width, wanted.from, wanted.end, made);
  rv__free (came);
  return ok;
}

gboolean
rv__rows_read (const RvRows *rows, const float *array, int planes, int width, int height, gboolean first_only,
               RvRowsFunc take, gpointer user_data, GError **error)
{
  int n_rows = MIN (MAX (BAND / width, 1), height);
  float *made = rv__alloc ((gsize) n_rows * (gsize) width * sizeof (float), "a picture", error);
  gboolean ok = made && rv__parts_bind (rows->parts, error);
  for (int c = 0; c < planes; c++)
    for (int y = 0, end; ok && y < height; y = end) {
      end = MIN (y + n_rows, height);
      ok = read_rows (rows, array, c, width, height, (RvSpan){ y, end }, first_only, made, error);
      if (ok && take)
        take (user_data, c, y, end, made);
    }
  rv__free (made);
  return ok;
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

int
rv__rows_most (const RvRows *rows)
{
  gint64 most = 0;
  for (int rank = 0; rank < rv__cluster_size (rows->cluster); rank++)
    most = MAX (most, rv__rows_of (rows, rank).end - rv__rows_of (rows, rank).from);
  return (int) most;
}

gint64
rv__rows_held_bytes (const RvRows *rows, int planes, gint64 reach)
{
  return planes * MIN (rv__rows_most (rows) + 2 * reach, rows->height) * rows->width * (gint64) sizeof (float);
}

gint64
rv__rows_strips_bytes (const RvRows *rows, int planes, gint64 reach)
{
  return 2 * (rv__rows_held_bytes (rows, planes, reach) - rv__rows_held_bytes (rows, planes, 0));
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

RV_DEFINE_DOT (dot, float)

static double
squares (const float *x, gint64 n)
{
  return dot (x, x, n);
}

RV_CLONES static double
sizes (const float *x, gint64 n)
{
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += fabs ((double) x[i]);
  return sum;
}

/* Of each number of @array what @of says. */
static gboolean
sum (const RvRows *rows, const float *array, double (*of) (const float *x, gint64 n), double *total, GError **error)
{
  int me = rv__cluster_rank (rows->cluster), first = rows->first[me], n = rows->first[me + 1] - first;
  gint64 plane = rv__rows_plane (rows), width = rows->width;
  g_autofree double *of_pieces = g_new0 (double, n + 1);
#pragma omp parallel for schedule(static) if (n > 1)
  for (int i = 0; i < n; i++) {
    gint64 start = rows->start[first + i], end = rows->start[first + i + 1];
    for (int c = 0; c < PLANES; c++)
      of_pieces[i] += of (array + c * plane + start * width, (end - start) * width);
  }
  return rv__parts_sum (rows->parts, of_pieces, 1, total, error);
}

gboolean
rv__rows_rms (const RvRows *rows, const float *array, double *rms, GError **error)
{
  double total;
  if (!sum (rows, array, squares, &total, error))
    return FALSE;
  *rms = sqrt (total / (double) (PLANES * rv__rows_plane (rows)));
  return TRUE;
}

gboolean
rv__rows_mean_abs (const RvRows *rows, const float *array, double *mean, GError **error)
{
  double total;
  if (!sum (rows, array, sizes, &total, error))
    return FALSE;
  *mean = total / (double) (PLANES * rv__rows_plane (rows));
  return TRUE;
}
