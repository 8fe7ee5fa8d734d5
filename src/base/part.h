/* part.h -- some of the numbers of an array: all of them, or those that one of several processes works on.
 * Layer 0 (base).
 *
 * Loops over an array that a picture's ranks share are loops over a part. Each rank has addresses for the whole array,
 * and memory only where it writes: one rank alone is the case "all of it". */
#ifndef RV_PART_H
#define RV_PART_H

#include <reverie/error.h>

/* Numbers @from up to @end. */
typedef struct {
  gint64 from, end;
} RvSpan;

/* RvSpan, rising, none of more than RV_PARALLEL_MIN numbers: threads share the spans. Reference-counted. */
typedef GArray RvPart;

/* rv__part_new: (transfer full): of nothing. rv__part_all: (transfer full): the first @n numbers.
 * rv__part_add: those, too, which lie behind all others. rv__part_common: (transfer full): what is in both. */
RvPart *rv__part_new (void);
RvPart *rv__part_all (gint64 n);
void rv__part_add (RvPart *part, gint64 from, gint64 end);
RvPart *rv__part_common (const RvPart *a, const RvPart *b);

static inline RvSpan
rv__part_span (const RvPart *part, guint i)
{
  return g_array_index (part, RvSpan, i);
}

/* rv__part_count: numbers in it. */
gint64 rv__part_count (const RvPart *part);

/* rv__part_alloc: an array of @n numbers of @unit bytes, as rv__alloc(), of which only @part will be written to.
 * rv__part_bytes: that it then takes: whole pages. */
void *rv__part_alloc (const RvPart *part, gint64 n, gsize unit, const char *what, GError **error);
gsize rv__part_bytes (const RvPart *part, gsize unit);

/* Of numbers of @unit bytes, one behind the other in @packed: rv__part_pack: those of @part there;
 * rv__part_unpack: back. */
void rv__part_pack (const RvPart *part, const void *array, gsize unit, void *packed);
void rv__part_unpack (const RvPart *part, const void *packed, gsize unit, void *array);

#endif
