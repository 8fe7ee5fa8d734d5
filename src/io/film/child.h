/* child.h -- ffmpeg and ffprobe as child processes: bytes in, bytes out, what they say when they fail.
 * Layer 2 (io). Hostile films are decoded there, where they can do no harm. */
#ifndef RV_CHILD_H
#define RV_CHILD_H

#include <reverie/error.h>
#include <sys/types.h>

typedef struct RvChild RvChild;

#define RV_CHILD_OTHER "pipe:3"

/* rv__child_start: (transfer full) (nullable): runs argv[0], found in PATH, in a process group of its own, so that a
 * Ctrl-C meant for this program does not end it. @feeds: its standard input is written to; else it is empty. Its
 * address space is held to @most_bytes. @other (-1: none): a descriptor that it has as RV_CHILD_OTHER. The caller keeps
 * @argv and @other. Errors: %RV_ERROR_FILE, with what to install where there is no such program. One thread at a time.
 */
RvChild *rv__child_start (const char *const *argv, gboolean feeds, int other, gsize most_bytes, GError **error);

/* rv__child_read: the next @size bytes of its standard output into @data; fewer at its end: how many. -1 and
 * %RV_ERROR_FILE when it sends nothing for a minute, or when reading fails. */
gssize rv__child_read (RvChild *child, gpointer data, gsize size, GError **error);

/* rv__child_write: FALSE and %RV_ERROR_FILE, with its own last line, when it ends or takes nothing for a minute. */
gboolean rv__child_write (RvChild *child, gconstpointer data, gsize size, GError **error);

/* rv__child_end: closes its input, reads what is left of its output, waits for it. FALSE and %RV_ERROR_FORMAT, with its
 * own last line, when its exit code is not 0. */
gboolean rv__child_end (RvChild *child, GError **error);

/* rv__child_set_patience: milliseconds instead of that minute. One that is fed has it from when it last computed:
 * coders may be silent for long. */
void rv__child_set_patience (RvChild *child, int ms);

/* rv__child_said: (transfer full): its last line of complaints that says something; "" if there is none. */
char *rv__child_said (const RvChild *child);

/* rv__child_free: (nullable): ends it at once if it still runs. */
void rv__child_free (RvChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvChild, rv__child_free)

#endif
