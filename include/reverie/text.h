/* text.h -- suggestions for mistyped names, lists of files, numbers as texts, as in the library's messages.
 * Layer 0 (base). Implemented in src/base/. Functions for any thread; independent of the locale. */
#ifndef RV_TEXT_H
#define RV_TEXT_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** rv_text_nearest: (nullable): the entry of the NULL-terminated @names (nullable) that is nearest to @name by edit
 * distance (Levenshtein 1966), upper and lower case alike; the first of equals. Entries that begin with @name come
 * first, if it has three letters or more. NULL: none, or more than half of @name's letters differ. Borrowed from
 * @names. Since: 0.1 */
RV_API const char *rv_text_nearest (const char *name, const char *const *names);

/** rv_text_seconds: (transfer full): @seconds for people: "0.4 s", "12 s", "1 min 40 s", "2 h 05 min". Since: 0.1 */
RV_API char *rv_text_seconds (double seconds);
/** rv_text_bytes: (transfer full): @bytes for people: "10 bytes", "4.9 MB", "3.1 GB"; 1 MB is 10^6 bytes. Since: 0.1 */
RV_API char *rv_text_bytes (gsize bytes);

/** rv_text_split_files: (transfer full): the items of the comma-separated list @text, NULL-terminated; free with
 * g_strfreev(). Such lists are the settings `learned` and `toward`. A comma within a file name does not separate: the
 * name is that of an existing file or, with @names (nullable, NULL-terminated), of one of @names without its folder.
 * Within an item, colons may surround the file name. A comma after a backslash never separates; the backslash is
 * removed. Since: 0.1 */
RV_API char **rv_text_split_files (const char *text, const char *const *names);
/** rv_text_escape_commas: (transfer full): @item with a backslash before each comma, for rv_text_split_files().
 * Since: 0.1 */
RV_API char *rv_text_escape_commas (const char *item);

/** rv_frame_is_pattern: whether @name (nullable) has one number, "%d" or "%04d", as for numbered files. FALSE for NULL,
 * without a number, and with several. Since: 0.1 */
RV_API gboolean rv_frame_is_pattern (const char *name);

G_END_DECLS
#endif
