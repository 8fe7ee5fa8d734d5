/* part.c -- some of the numbers of an array. */
#include "part.h"
#include "alloc.h"
#include "parallel.h"
#include <string.h>
#include <unistd.h>

RvPart *
rv__part_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (RvSpan));
}

RvPart *
rv__part_all (gint64 n)
{
  RvPart *part = rv__part_new ();
  rv__part_add (part, 0, n);
  return part;
}

void
rv__part_add (RvPart *part, gint64 from, gint64 end)
{
  for (; from < end; from += RV_PARALLEL_MIN) {
    RvSpan span = { from, MIN (from + RV_PARALLEL_MIN, end) };
    g_array_append_val (part, span);
  }
}

RvPart *
rv__part_common (const RvPart *a, const RvPart *b)
{
  RvPart *common = rv__part_new ();
  for (guint i = 0, j = 0; i < a->len && j < b->len;) {
    RvSpan of_a = rv__part_span (a, i), of_b = rv__part_span (b, j);
    rv__part_add (common, MAX (of_a.from, of_b.from), MIN (of_a.end, of_b.end));
    if (of_a.end <= of_b.end)
      i++;
    else
      j++;
  }
  return common;
}

gint64
rv__part_count (const RvPart *part)
{
  gint64 n = 0;
  for (guint i = 0; i < part->len; i++)
    n += rv__part_span (part, i).end - rv__part_span (part, i).from;
  return n;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static gboolean
is_whole (const RvPart *part, gint64 n)
{
  return rv__part_count (part) == n;
}

void *
rv__part_alloc (const RvPart *part, gint64 n, gsize unit, const char *what, GError **error)
{
  gsize bytes = (gsize) n;
  if (!rv__size_mul (&bytes, unit))
    bytes = G_MAXSIZE; /* which is refused */
  return is_whole (part, n) ? rv__alloc (bytes, what, error) : rv__alloc_sparse (bytes, what, error);
}

gsize
rv__part_bytes (const RvPart *part, gsize unit)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE), held = 0, next = 0; /* next: page after those that are counted */
  for (guint i = 0; i < part->len; i++) {
    RvSpan span = rv__part_span (part, i);
    gsize first = MAX ((gsize) span.from * unit / page, next), end = ((gsize) span.end * unit + page - 1) / page;
    held += end > first ? end - first : 0;
    next = MAX (end, next);
  }
  return held * page;
}

/* ---- out and in -------------------------------------------------------------------------------------------------- */

void
rv__part_pack (const RvPart *part, const void *array, gsize unit, void *packed)
{
  guint8 *to = packed;
  for (guint i = 0; i < part->len; i++) {
    RvSpan span = rv__part_span (part, i);
    to = mempcpy (to, (const guint8 *) array + (gsize) span.from * unit, (gsize) (span.end - span.from) * unit);
  }
}

void
rv__part_unpack (const RvPart *part, const void *packed, gsize unit, void *array)
{
  const guint8 *from = packed;
  for (guint i = 0; i < part->len; i++) {
    RvSpan span = rv__part_span (part, i);
    gsize bytes = (gsize) (span.end - span.from) * unit;
    memcpy ((guint8 *) array + (gsize) span.from * unit, from, bytes);
    from += bytes;
  }
}
