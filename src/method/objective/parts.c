/* parts.c -- a picture of which each rank holds its part: which numbers are whose, and how they travel. */
#include "parts.h"
#include "base/alloc.h"
#include <string.h>

#define BAND (1 << 20) /* numbers that travel at once when a whole picture does */

struct _RvParts {
  gint ref_count;
  RvCluster *cluster;
  int planes;
  gint64 plane;
  RvPart **own, **held; /* of each rank */
  RvPart **in, **out;   /* of each rank: what comes from it in a strip, and what goes to it */
  int *first;           /* of each rank: its first tile; then how many there are */
  GPtrArray *tiles;     /* RvPart: of this rank's own */
  float *strips;        /* once bound: all that come, and all that go */
  float *band;          /* likewise: numbers of a whole picture on their way */
};

/* ---- which are whose --------------------------------------------------------------------------------------------- */

static RvParts *
blank (RvCluster *cluster, int planes, gint64 plane)
{
  RvParts *parts = g_new0 (RvParts, 1);
  gsize size = (gsize) rv__cluster_size (cluster);
  *parts = (RvParts){ .ref_count = 1, .cluster = cluster, .planes = planes, .plane = plane };
  parts->own = g_new0 (RvPart *, size);
  parts->held = g_new0 (RvPart *, size);
  parts->in = g_new0 (RvPart *, size);
  parts->out = g_new0 (RvPart *, size);
  parts->first = g_new0 (int, size + 1);
  parts->tiles = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  return parts;
}

/* Of each rank what it holds of this one's own, and the other way round. */
static RvParts *
with_strips (RvParts *parts)
{
  int me = rv__cluster_rank (parts->cluster);
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++) {
    parts->in[rank] = rank == me ? rv__part_new () : rv__part_common (parts->held[me], parts->own[rank]);
    parts->out[rank] = rank == me ? rv__part_new () : rv__part_common (parts->held[rank], parts->own[me]);
  }
  return parts;
}

RvParts *
rv__parts_all (int planes, gint64 plane)
{
  RvParts *parts = blank (rv__cluster_self (), planes, plane);
  parts->own[0] = rv__part_new ();
  for (int c = 0; c < planes; c++)
    rv__part_add (parts->own[0], c * plane, (c + 1) * plane);
  parts->held[0] = g_array_ref (parts->own[0]);
  parts->first[1] = 1;
  g_ptr_array_add (parts->tiles, g_array_ref (parts->own[0]));
  return with_strips (parts);
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  gint64 x = ((const RvSpan *) a)->from, y = ((const RvSpan *) b)->from;
  return x < y ? -1 : x > y;
}

/* Which columns some tiles have in row @y, as windows or as cores: rising, what touches being one. */
static void
columns_at (const RvTiling *tiling, int first, int end, gboolean windows, gint64 y, GArray *columns)
{
  g_array_set_size (columns, 0);
  for (int tile = first; tile < end; tile++) {
    const RvTileSpan *row = rv__tiling_span (tiling, tile, 0), *column = rv__tiling_span (tiling, tile, 1);
    gint64 top = windows ? row->window : row->core;
    gint64 bottom = windows ? row->window + tiling->window[0] : row->core_end;
    RvSpan span = { windows ? column->window : column->core,
                    windows ? column->window + tiling->window[1] : column->core_end };
    if (top <= y && y < bottom)
      g_array_append_val (columns, span);
  }
  g_array_sort (columns, by_start);
  guint n = 0;
  for (guint i = 0; i < columns->len; i++) {
    RvSpan span = g_array_index (columns, RvSpan, i), *last = n > 0 ? &g_array_index (columns, RvSpan, n - 1) : NULL;
    if (last && span.from <= last->end)
      last->end = MAX (last->end, span.end);
    else
      g_array_index (columns, RvSpan, n++) = span;
  }
  g_array_set_size (columns, n);
}

/* (transfer full): of one plane after the other; rows that touch are one span as far as spans may reach. */
static RvPart *
part_of_tiles (const RvTiling *tiling, int first, int end, gboolean windows, int planes)
{
  gint64 rows = tiling->picture[0], cols = tiling->picture[1];
  RvPart *part = rv__part_new ();
  g_autoptr (GArray) columns = g_array_new (FALSE, FALSE, sizeof (RvSpan));
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (RvSpan)); /* of the first plane */
  for (gint64 y = 0; y < rows; y++) {
    columns_at (tiling, first, end, windows, y, columns);
    for (guint i = 0; i < columns->len; i++) {
      RvSpan span = g_array_index (columns, RvSpan, i);
      RvSpan *last = spans->len > 0 ? &g_array_index (spans, RvSpan, spans->len - 1) : NULL;
      span.from += y * cols;
      span.end += y * cols;
      if (last && last->end == span.from)
        last->end = span.end;
      else
        g_array_append_val (spans, span);
    }
  }
  for (int c = 0; c < planes; c++)
    for (guint i = 0; i < spans->len; i++) {
      RvSpan span = g_array_index (spans, RvSpan, i);
      rv__part_add (part, c * rows * cols + span.from, c * rows * cols + span.end);
    }
  return part;
}

RvParts *
rv__parts_of (RvCluster *cluster, const RvTiling *tiling, const int *first, int planes)
{
  RvParts *parts = blank (cluster, planes, (gint64) tiling->picture[0] * tiling->picture[1]);
  for (int rank = 0; rank < rv__cluster_size (cluster); rank++) {
    parts->own[rank] = part_of_tiles (tiling, first[rank], first[rank + 1], FALSE, planes);
    parts->held[rank] = part_of_tiles (tiling, first[rank], first[rank + 1], TRUE, planes);
  }
  memcpy (parts->first, first, (gsize) (rv__cluster_size (cluster) + 1) * sizeof (int));
  for (int tile = first[rv__cluster_rank (cluster)]; tile < first[rv__cluster_rank (cluster) + 1]; tile++)
    g_ptr_array_add (parts->tiles, part_of_tiles (tiling, tile, tile + 1, FALSE, planes));
  return with_strips (parts);
}

/* (transfer full) */
static RvPart *
part_of_rows (gint64 from, gint64 end, gint64 rows, gint64 cols, int planes)
{
  RvPart *part = rv__part_new ();
  for (int c = 0; c < planes; c++)
    rv__part_add (part, (c * rows + from) * cols, (c * rows + end) * cols);
  return part;
}

RvParts *
rv__parts_of_rows (RvCluster *cluster, const int *start, const int *first, gint64 cols, int planes)
{
  int size = rv__cluster_size (cluster), me = rv__cluster_rank (cluster);
  gint64 rows = start[first[size]];
  RvParts *parts = blank (cluster, planes, rows * cols);
  for (int rank = 0; rank < size; rank++) {
    parts->own[rank] = part_of_rows (start[first[rank]], start[first[rank + 1]], rows, cols, planes);
    parts->held[rank] = g_array_ref (parts->own[rank]);
  }
  memcpy (parts->first, first, (gsize) (size + 1) * sizeof (int));
  for (int piece = first[me]; piece < first[me + 1]; piece++)
    g_ptr_array_add (parts->tiles, part_of_rows (start[piece], start[piece + 1], rows, cols, planes));
  return with_strips (parts);
}

RvParts *
rv__parts_ref (RvParts *parts)
{
  g_atomic_int_inc (&parts->ref_count);
  return parts;
}

void
rv__parts_unref (RvParts *parts)
{
  if (!parts || !g_atomic_int_dec_and_test (&parts->ref_count))
    return;
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++) {
    g_array_unref (parts->own[rank]);
    g_array_unref (parts->held[rank]);
    g_array_unref (parts->in[rank]);
    g_array_unref (parts->out[rank]);
  }
  g_free (parts->own);
  g_free (parts->held);
  g_free (parts->in);
  g_free (parts->out);
  g_free (parts->first);
  g_ptr_array_unref (parts->tiles);
  rv__free (parts->strips);
  rv__free (parts->band);
  g_free (parts);
}

gboolean
rv__parts_are_shared (const RvParts *parts)
{
  return rv__cluster_size (parts->cluster) > 1;
}

int
rv__parts_n_ranks (const RvParts *parts)
{
  return rv__cluster_size (parts->cluster);
}

const RvPart *
rv__parts_own (const RvParts *parts)
{
  return parts->own[rv__cluster_rank (parts->cluster)];
}

const RvPart *
rv__parts_held (const RvParts *parts)
{
  return parts->held[rv__cluster_rank (parts->cluster)];
}

const RvPart *
rv__parts_held_of (const RvParts *parts, int rank)
{
  return parts->held[rv__parts_are_shared (parts) ? rank : 0];
}

gint64
rv__parts_count (const RvParts *parts)
{
  return parts->planes * parts->plane;
}

/* ---- what depends on all of it ----------------------------------------------------------------------------------- */

const GPtrArray *
rv__parts_tiles (const RvParts *parts)
{
  return parts->tiles;
}

gboolean
rv__parts_sum (gpointer data, const double *of_tiles, gint64 n, double *total, GError **error)
{
  const RvParts *parts = data;
  g_autoptr (RvClusterSum) sum = rv__cluster_sum_new (parts->cluster, parts->first, n, FALSE, error);
  for (guint i = 0; sum && i < parts->tiles->len; i++)
    rv__cluster_sum_add (sum, of_tiles + i * n);
  return sum && rv__cluster_sum_end (sum, total, error);
}

/* Of numbers that are not negative the larger one has the larger bits. */
gboolean
rv__parts_most (gpointer data, double *value, GError **error)
{
  guint64 bits;
  memcpy (&bits, value, sizeof bits);
  bits = ~bits;
  if (!rv__cluster_least (((const RvParts *) data)->cluster, &bits, error))
    return FALSE;
  bits = ~bits;
  memcpy (value, &bits, sizeof bits);
  return TRUE;
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

gint64
rv__parts_most_own (const RvParts *parts)
{
  gint64 most = 0;
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++)
    most = MAX (most, rv__part_count (parts->own[rank]));
  return most;
}

static gsize
most_bytes (const RvParts *parts, RvPart **of, gsize unit)
{
  gsize most = 0;
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++)
    most = MAX (most, rv__part_bytes (of[rank], unit));
  return most;
}

gsize
rv__parts_own_bytes (const RvParts *parts, gsize unit)
{
  return most_bytes (parts, parts->own, unit);
}

gsize
rv__parts_held_bytes (const RvParts *parts, gsize unit)
{
  return most_bytes (parts, parts->held, unit);
}

/* Numbers that come to @rank in strips: all that it holds is somebody's own. */
static gint64
count_coming (const RvParts *parts, int rank)
{
  return rv__part_count (parts->held[rank]) - rv__part_count (parts->own[rank]);
}

/* Numbers that go from @rank. */
static gint64
count_going (const RvParts *parts, int rank)
{
  gint64 n = 0;
  for (int other = 0; other < rv__cluster_size (parts->cluster); other++) {
    g_autoptr (GArray) strip = other == rank ? NULL : rv__part_common (parts->held[other], parts->own[rank]);
    n += strip ? rv__part_count (strip) : 0;
  }
  return n;
}

gsize
rv__parts_strips_bytes (const RvParts *parts)
{
  return (gsize) (count_coming (parts, 0) + count_going (parts, 0)) * sizeof (float);
}

gsize
rv__parts_bring_bytes (const RvParts *parts, RvPart *const *wanted)
{
  gint64 n = 0;
  for (int rank = 1; rank < rv__cluster_size (parts->cluster); rank++) {
    g_autoptr (GArray) in = rv__part_common (wanted[0], parts->own[rank]);
    g_autoptr (GArray) out = rv__part_common (wanted[rank], parts->own[0]);
    n += rv__part_count (in) + rv__part_count (out);
  }
  return (gsize) n * sizeof (float);
}

gsize
rv__parts_room_bytes (const RvParts *parts)
{
  gint64 most = 0;
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++)
    most = MAX (most, count_coming (parts, rank) + count_going (parts, rank));
  return rv__parts_are_shared (parts) ? (gsize) (most + BAND) * sizeof (float) : 0;
}

/* Before anything travels: whoever found no room then would leave the others waiting. */
gboolean
rv__parts_bind (RvParts *parts, GError **error)
{
  int me = rv__cluster_rank (parts->cluster);
  gsize n = (gsize) (count_coming (parts, me) + count_going (parts, me));
  if (!rv__parts_are_shared (parts) || parts->band)
    return TRUE;
  return (n == 0 || (parts->strips = rv__alloc (n * sizeof (float), "what ranks tell each other", error))) &&
         (parts->band = rv__alloc (BAND * sizeof (float), "what ranks tell each other", error));
}

/* ---- strips ------------------------------------------------------------------------------------------------------ */

/* What comes from each rank, and what goes to it; what comes first. */
static gboolean
exchange_parts (const RvParts *parts, float *array, RvPart *const *in, RvPart *const *out, float *memory,
                GError **error)
{
  int size = rv__cluster_size (parts->cluster);
  g_autofree RvStrip *strips = g_new0 (RvStrip, size);
  for (int rank = 0; rank < size; rank++) {
    gint64 n_in = rv__part_count (in[rank]), n_out = rv__part_count (out[rank]);
    strips[rank] = (RvStrip){ .in = memory,
                              .out = memory + n_in,
                              .in_bytes = (gsize) n_in * sizeof (float),
                              .out_bytes = (gsize) n_out * sizeof (float) };
    rv__part_pack (out[rank], array, sizeof (float), memory + n_in);
    memory += n_in + n_out;
  }
  if (!rv__cluster_exchange (parts->cluster, strips, error))
    return FALSE;
  for (int rank = 0; rank < size; rank++)
    rv__part_unpack (in[rank], strips[rank].in, sizeof (float), array);
  return TRUE;
}

gboolean
rv__parts_exchange (RvParts *parts, float *x, GError **error)
{
  return !rv__parts_are_shared (parts) || exchange_parts (parts, x, parts->in, parts->out, parts->strips, error);
}

gboolean
rv__parts_bring (const RvParts *parts, float *array, RvPart *const *wanted, GError **error)
{
  int size = rv__cluster_size (parts->cluster), me = rv__cluster_rank (parts->cluster);
  gint64 n = 1; /* so that there is something to ask for */
  if (!rv__parts_are_shared (parts))
    return TRUE;
  g_autoptr (GPtrArray) in = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (int rank = 0; rank < size; rank++) {
    g_ptr_array_add (in, rank == me ? rv__part_new () : rv__part_common (wanted[me], parts->own[rank]));
    g_ptr_array_add (out, rank == me ? rv__part_new () : rv__part_common (wanted[rank], parts->own[me]));
    n += rv__part_count (in->pdata[rank]) + rv__part_count (out->pdata[rank]);
  }
  float *memory = rv__alloc ((gsize) n * sizeof (float), "what ranks tell each other", error);
  gboolean ok =
    memory && exchange_parts (parts, array, (RvPart *const *) in->pdata, (RvPart *const *) out->pdata, memory, error);
  rv__free (memory);
  return ok;
}

/* ---- whole pictures ---------------------------------------------------------------------------------------------- */

/* (transfer full): what is @rank's own from @from up to @end. */
static RvPart *
own_between (const RvParts *parts, int rank, gint64 from, gint64 end)
{
  g_autoptr (GArray) band = rv__part_new ();
  rv__part_add (band, from, end);
  return rv__part_common (parts->own[rank], band);
}

/* As numbers of an array that begins at @from. */
static RvPart *
moved (RvPart *part, gint64 from)
{
  for (guint i = 0; i < part->len; i++) {
    g_array_index (part, RvSpan, i).from -= from;
    g_array_index (part, RvSpan, i).end -= from;
  }
  return part;
}

/* Rank by rank, what it has in the band, to its place in @out, where the band begins. */
static gboolean
tell_band (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error)
{
  float *band = parts->band;
  int me = rv__cluster_rank (parts->cluster);
  for (int rank = 0; rank < rv__cluster_size (parts->cluster); rank++) {
    g_autoptr (GArray) part = own_between (parts, rank, from, end);
    if (rank == me)
      rv__part_pack (part, array, sizeof (float), band);
    if (!rv__cluster_broadcast (parts->cluster, band, (gsize) rv__part_count (part) * sizeof (float), rank, error))
      return FALSE;
    rv__part_unpack (moved (part, from), band, sizeof (float), out);
  }
  return TRUE;
}

gboolean
rv__parts_tell (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error)
{
  gboolean ok = TRUE;
  if (!rv__parts_are_shared (parts))
    memcpy (out, array + from, (gsize) (end - from) * sizeof (float));
  for (gint64 at = from; rv__parts_are_shared (parts) && ok && at < end; at += BAND)
    ok = tell_band (parts, array, at, MIN (at + BAND, end), out + (at - from), error);
  return ok;
}

/* What each has in the band to rank 0, and there to its place in @out, where the band begins. */
static gboolean
gather_band (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error)
{
  int size = rv__cluster_size (parts->cluster), me = rv__cluster_rank (parts->cluster);
  g_autofree RvStrip *strips = g_new0 (RvStrip, size);
  g_autoptr (GPtrArray) part = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  float *at = parts->band;
  for (int rank = 0; rank < size; rank++) {
    g_ptr_array_add (part, own_between (parts, rank, from, end));
    gsize bytes = (gsize) rv__part_count (part->pdata[rank]) * sizeof (float);
    if (rank == me)
      rv__part_pack (part->pdata[rank], array, sizeof (float), at);
    if (rank == me && me > 0)
      strips[0] = (RvStrip){ .out = at, .out_bytes = bytes };
    if (rank > 0 && me == 0)
      strips[rank] = (RvStrip){ .in = at, .in_bytes = bytes };
    at += rv__part_count (part->pdata[rank]);
  }
  if (!rv__cluster_exchange (parts->cluster, strips, error))
    return FALSE;
  at = parts->band;
  for (int rank = 0; rank < size && me == 0; rank++) {
    rv__part_unpack (moved (part->pdata[rank], from), at, sizeof (float), out);
    at += rv__part_count (part->pdata[rank]);
  }
  return TRUE;
}

gboolean
rv__parts_gather (RvParts *parts, const float *array, gint64 from, gint64 end, float *out, GError **error)
{
  gboolean ok = TRUE, first = rv__cluster_rank (parts->cluster) == 0;
  if (!rv__parts_are_shared (parts))
    memcpy (out, array + from, (gsize) (end - from) * sizeof (float));
  for (gint64 at = from; rv__parts_are_shared (parts) && ok && at < end; at += BAND)
    ok = gather_band (parts, array, at, MIN (at + BAND, end), first ? out + (at - from) : NULL, error);
  return ok;
}
