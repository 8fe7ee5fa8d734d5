/* child.h -- ffmpeg and ffprobe as subprocesses: bytes in, bytes out, their messages after a failure.
 * Layer 2 (io). They decode hostile videos outside this process. */
#ifndef RV_CHILD_H
#define RV_CHILD_H

#include <reverie/error.h>
#include <sys/types.h>

typedef struct RvChild RvChild;

#define RV_CHILD_OTHER "pipe:3"

/* (transfer full) (nullable): starts argv[0], found in PATH, in a process group of its own: a Ctrl-C for this program
 * does not end it. @feeds: its standard input is written to; else it is empty. @most_bytes: limit of its address space.
 * @other (-1: none): a descriptor that it gets as RV_CHILD_OTHER. The caller keeps @argv and @other. RV_ERROR_FILE,
 * with what to install if there is no such program. One thread at a time. */
RvChild *rv__child_start (const char *const *argv, gboolean feeds, int other, gsize most_bytes, GError **error);

/* Reads the next @size bytes of its standard output into @data; fewer at the end. Returns their number. -1 and
 * RV_ERROR_FILE after a timeout or a read error. */
gssize rv__child_read (RvChild *child, gpointer data, gsize size, GError **error);

/* Writes @size bytes to its standard input. FALSE and RV_ERROR_FILE, with its last message, if it ends or after a
 * timeout. */
gboolean rv__child_write (RvChild *child, gconstpointer data, gsize size, GError **error);

/* Closes its input, discards the rest of its output, waits for its end. FALSE and RV_ERROR_FORMAT, with its last
 * message, if its exit code is not 0. */
gboolean rv__child_end (RvChild *child, GError **error);

/* Sets the timeout; default: one minute. CPU time of a subprocess with @feeds restarts it: encoders may be silent for
 * long. */
void rv__child_set_patience (RvChild *child, int ms);

/* (transfer full): its last meaningful message; "" if none. */
char *rv__child_said (const RvChild *child);

/* Kills the subprocess if it still runs. (nullable) */
void rv__child_free (RvChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvChild, rv__child_free)

#endif
