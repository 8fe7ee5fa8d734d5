/* text.h -- texts in their order, and numbers as people type them.
 * Layer 0 (base). What clients have of it, too: reverie/text.h. */
#ifndef RV_BASE_TEXT_H
#define RV_BASE_TEXT_H

#include <reverie/text.h>

/* rv__text_compare: for g_ptr_array_sort() and qsort(): strings in the order of their bytes, in every locale. */
int rv__text_compare (gconstpointer a, gconstpointer b);

/* rv__text_find_file: (nullable): the file that @name means: of @files (NULL-terminated) the one with this name without
 * its folder, also as recipes write it (g_utf8_make_valid()); with NULL a file that exists and is no folder. Borrowed.
 */
const char *rv__text_find_file (const char *name, const char *const *files);

/* rv__text_parse_seconds: "90", "90s", "1.5m", "2h". FALSE for anything else, or for nothing. */
gboolean rv__text_parse_seconds (const char *text, double *seconds);

/* rv__text_parse_bytes: "2G", "1.5 GB", "800M", "412 MB", "5000000": K, M and G are powers of 1000. FALSE for anything
 * else, or for less than 1. */
gboolean rv__text_parse_bytes (const char *text, gsize *bytes);

/* The names that some of the program's files still have for these. */
#define rv__text_seconds rv_text_seconds
#define rv__text_megabytes rv_text_bytes
#define rv__text_plain text_plain

#endif
