/* text.h -- names people mistype, numbers for people to read.
 * Layer 0 (base). */
#ifndef RV_TEXT_H
#define RV_TEXT_H

#include <glib.h>

/* rv__text_nearest: the entry of the NULL-terminated @names nearest to @wanted by edit distance, or NULL when none is
 * near enough to be what was meant. Borrowed from @names. Can't fail. */
const char *rv__text_nearest (const char *wanted, const char *const *names);

/* rv__text_compare: for g_ptr_array_sort() and qsort(): strings in the order of their bytes, in every locale. */
int rv__text_compare (gconstpointer a, gconstpointer b);

/* rv__text_seconds: (transfer full): "0.4 s", "12 s", "1 min 40 s", "2 h 05 min". Can't fail. */
char *rv__text_seconds (double seconds);

/* rv__text_megabytes: (transfer full): "4.9 MB", "412 MB", "3.1 GB"; 1 MB = 10^6 bytes. Can't fail. */
char *rv__text_megabytes (gsize bytes);

/* rv__text_plain: (transfer full): @text of anybody's for a terminal, or for a log: whatever is no printable letter (an
 * escape, a new line unless @lines, what turns the direction of writing) as JSON escapes it, bytes that are no UTF-8 as
 * "\xff". JSON stays JSON. Can't fail. */
char *rv__text_plain (const char *text, gboolean lines);

/* rv__text_parse_seconds: "90", "90s", "1.5m", "2h". FALSE for anything else, or for nothing. */
gboolean rv__text_parse_seconds (const char *text, double *seconds);

/* rv__text_parse_bytes: "2G", "1.5 GB", "800M", "412 MB", "5000000": K, M and G are powers of 1000. FALSE for anything
 * else, or for less than 1. */
gboolean rv__text_parse_bytes (const char *text, gsize *bytes);

#endif
