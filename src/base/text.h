/* text.h -- order of texts, file names in lists, numbers as users type them.
 * Layer 0 (base). The public part is reverie/text.h. */
#ifndef RV_BASE_TEXT_H
#define RV_BASE_TEXT_H

#include <reverie/text.h>

/* Comparison for g_ptr_array_sort() and qsort(): by bytes, in every locale. @a, @b: pointers to strings. */
int rv__text_compare (gconstpointer a, gconstpointer b);

/* (nullable): the file of @files (NULL-terminated) whose base name is @name, also as recipes write it
 * (g_utf8_make_valid()). @files NULL: @name itself if it is an existing file and no folder. NULL: none. Borrowed. */
const char *rv__text_find_file (const char *name, const char *const *files);

/* Reads "90", "90s", "1.5m", "2h" as seconds above 0. FALSE, with *seconds unchanged, for other texts and numbers above
 * 10^9. */
gboolean rv__text_parse_seconds (const char *text, double *seconds);

/* Reads "2G", "1.5 GB", "800M", "412 MB", "5000000": K, M and G are powers of 1000. FALSE, with *bytes unchanged, for
 * anything else or less than 1. */
gboolean rv__text_parse_bytes (const char *text, gsize *bytes);

#endif
