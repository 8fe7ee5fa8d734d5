/* text.h -- order of texts, file names in lists, numbers as users type them.
 * Layer 0 (base). The public part is reverie/text.h. */
#pragma once

#include <reverie/error.h>
#include <reverie/text.h>

/* Comparison for g_ptr_array_sort() and qsort(): by bytes, in every locale; below, equal to or above 0 as strcmp(). @a,
 * @b: pointers to strings, not NULL. */
int rv__text_compare (gconstpointer a, gconstpointer b);

/* (nullable): the file of @files (NULL-terminated) whose path or base name is @name, the latter also as recipes write
 * it (g_utf8_make_valid()). @files NULL: @name itself if it is an existing file and no folder. NULL, without an error:
 * none. Borrowed from the arguments. */
const char *rv__text_find_file (const char *name, const char *const *files);

/* Parses "90", "90s", "1.5m" (minutes), "2h" as seconds above 0. FALSE, without an error and with *seconds unchanged,
 * for other texts and numbers above 10^9. */
gboolean rv__text_parse_seconds (const char *text, double *seconds);

/* Parses "2G", "1.5 GB", "800M", "412 MB", "5000000": K, M and G, in either case, are powers of 1000. FALSE, without an
 * error and with *bytes unchanged, for anything else, less than 1 or more than 10^18. */
gboolean rv__text_parse_bytes (const char *text, gsize *bytes);

/* (transfer full) (nullable): the contents of the regular file @file, without a byte order mark, which spreadsheets
 * write. Not checked for UTF-8. RV_ERROR_FILE: it cannot be read, or is a device or pipe, which may never end;
 * RV_ERROR_FORMAT: it has a byte 0, as UTF-16 has. */
char *rv__text_read (const char *file, GError **error);
