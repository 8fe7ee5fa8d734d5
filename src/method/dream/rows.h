/* rows.h -- a dream's pictures by their rows, and which rank has which.
 * Layer 6 (method). May include: cluster, op, base, objective/parts.h, run/result.h.
 *
 * An array of a picture, of one or three planes, is as long as all of it on every rank; a rank writes its own rows, and
 * memory is taken for these and for what came from others. Sums are added piece by piece, in order: the same bits for
 * any number of ranks and threads. */
#ifndef RV_DREAM_ROWS_H
#define RV_DREAM_ROWS_H

#include "method/objective/parts.h"
#include "method/run/result.h"
#include "op/op.h"

typedef struct {
  RvCluster *cluster; /* who share them */
  int width, height;
  int from, end; /* this rank's own rows */
  int n_pieces;
  int *start;     /* of each piece: its first row; then height */
  int *first;     /* of each rank: its first piece; then n_pieces */
  RvParts *parts; /* of three planes */
} RvRows;

/* rv__rows_new: (transfer full): as many to each rank of @cluster as it is fast; @speed: NULL: all are alike.
 * rv__rows_half: (transfer full): of a picture of half the sides, rounded up, shared alike. */
RvRows *rv__rows_new (RvCluster *cluster, const double *speed, int width, int height);
RvRows *rv__rows_half (const RvRows *rows);
void rv__rows_free (RvRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvRows, rv__rows_free)

static inline gint64
rv__rows_plane (const RvRows *rows)
{
  return (gint64) rows->width * rows->height;
}

/* rv__rows_of: those of @rank, or all of them where nobody shares them. */
RvSpan rv__rows_of (const RvRows *rows, int rank);

/* Numbers of plane @c: this rank's own. */
static inline RvSpan
rv__rows_own (const RvRows *rows, int c)
{
  gint64 plane = c * rv__rows_plane (rows), width = rows->width;
  return (RvSpan){ plane + rows->from * width, plane + rows->end * width };
}

/* rv__rows_alloc: an array of @planes; free with rv__free(). RV_ERROR_MEMORY. */
float *rv__rows_alloc (const RvRows *rows, int planes, const char *what, GError **error);

/* Of this rank's own rows of three planes. rv__rows_add: x <- x + @factor y. rv__rows_copy: @to <- @from. */
void rv__rows_add (const RvRows *rows, float *x, float factor, const float *y);
void rv__rows_copy (const RvRows *rows, const float *from, float *to);

/* ---- collective: RV_ERROR_MEMORY, RV_ERROR_BACKEND ---- */

/* rv__rows_around: others' rows within @reach of this rank's own come into @array.
 * rv__rows_resize: this rank's own rows of @new, a picture of other sides, into @resized; others' rows that it needs
 * come into @array. Both have three planes. rv__rows_read: @planes of all ranks, resized to @width x @height px,
 * bilinearly, into @to on rank 0, and without
 * @first_only on all ranks. @to: NULL: not here.
 * rv__rows_rms, _mean_abs: of the three planes of @array, over all ranks. */
gboolean rv__rows_around (const RvRows *rows, int planes, float *array, int reach, GError **error);
gboolean rv__rows_resize (const RvRows *rows, float *array, const RvRows *new, RvResizeKernel kernel, float *resized,
                          GError **error);
gboolean rv__rows_read (const RvRows *rows, const float *array, int planes, int width, int height, gboolean first_only,
                        RvRowsFunc take, gpointer user_data, GError **error);
gboolean rv__rows_rms (const RvRows *rows, const float *array, double *rms, GError **error);
gboolean rv__rows_mean_abs (const RvRows *rows, const float *array, double *mean, GError **error);

/* ---- planning ---- */

/* rv__rows_most: of the rank that has most. rv__rows_held_bytes: of @planes of these and of those within @reach of
 * them. rv__rows_strips_bytes: of what goes from there, and what comes, when others' rows do. */
int rv__rows_most (const RvRows *rows);
gint64 rv__rows_held_bytes (const RvRows *rows, int planes, gint64 reach);
gint64 rv__rows_strips_bytes (const RvRows *rows, int planes, gint64 reach);

/* Bytes that rank 0 sends and receives. */

/* rv__rows_around_bytes, _resize_bytes: in rv__rows_around(), rv__rows_resize(). */
gsize rv__rows_around_bytes (const RvRows *rows, int planes, int reach);
gsize rv__rows_resize_bytes (const RvRows *rows, const RvRows *new, RvResizeKernel kernel);

#endif
