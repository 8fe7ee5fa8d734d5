/* text.h -- names that people mistype, names of numbered files, numbers for people to read: as the library's own
 * messages have them.
 * Layer 0 (base). Implemented in src/base/. Pure functions, for any thread; in every locale the same. */
#ifndef RV_TEXT_H
#define RV_TEXT_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** rv_text_nearest: (nullable): the entry of the NULL-terminated @names nearest to @wanted by edit distance, upper and
 * lower case alike; NULL: none is near enough to be what was meant. Borrowed from @names. Since: 0.1 */
RV_API const char *rv_text_nearest (const char *wanted, const char *const *names);

/** rv_text_seconds: (transfer full): @seconds of a plan or a run: "0.4 s", "12 s", "1 min 40 s", "2 h 05 min".
 * Since: 0.1 */
RV_API char *rv_text_seconds (double seconds);

/** rv_text_bytes: (transfer full): @bytes of memory or of a file: "4.9 MB", "412 MB", "3.1 GB"; 1
 * MB is 10^6 bytes. Since: 0.1 */
RV_API char *rv_text_bytes (gsize bytes);

/** rv_text_split_files: (transfer full): the items of a list with commas, such as those of the settings `with` and
 * `toward`, NULL-terminated. No comma separates within a file's name: of a file that exists, or, with @names (nullable,
 * NULL-terminated), of one of @names without its folder. In an item the name stands between its ends or colons. A comma
 * after a backslash belongs to the item in any case. Since: 0.1 */
RV_API char **rv_text_split_files (const char *text, const char *const *names);

/** rv_text_escape_commas: (transfer full): @item with a backslash before each comma, as rv_text_split_files() reads it.
 * Since: 0.1 */
RV_API char *rv_text_escape_commas (const char *item);

/** rv_frame_is_pattern: whether @name (nullable) has one number in it, "%d" or "%04d", as names of numbered files do.
 * Since: 0.1 */
RV_API gboolean rv_frame_is_pattern (const char *name);

G_END_DECLS
#endif
