/* subprocess.h -- ffmpeg and ffprobe as subprocesses: bytes in, bytes out, their messages after a failure.
 * Layer 2 (io). They decode hostile videos outside this process. */
#ifndef RV_SUBPROCESS_H
#define RV_SUBPROCESS_H

#include <reverie/error.h>
#include <sys/types.h>

typedef struct RvSubprocess RvSubprocess;

#define RV_SUBPROCESS_EXTRA "pipe:3"

/* (transfer full) (nullable): starts argv[0], found in PATH, in a process group of its own: a Ctrl-C for this program
 * does not end it. @has_input: its standard input is written to; else it is empty. @max_bytes: limit of its address
 * space. @extra_fd (-1: none): a descriptor that it gets as RV_SUBPROCESS_EXTRA. The caller keeps @argv and @extra_fd.
 * RV_ERROR_FILE, with what to install if there is no such program. One thread at a time. */
RvSubprocess *rv__subprocess_start (const char *const *argv, gboolean has_input, int extra_fd, gsize max_bytes,
                                    GError **error);

/* Reads the next @size bytes of its standard output into @data; fewer at the end. Returns their number. -1 after a
 * timeout or a read error, RV_ERROR_FILE, or RV_ERROR_CANCELLED. */
gssize rv__subprocess_read (RvSubprocess *child, gpointer data, gsize size, GError **error);

/* Writes @size bytes to its standard input. FALSE if it ends or after a timeout, RV_ERROR_FILE with its last message,
 * or RV_ERROR_CANCELLED. */
gboolean rv__subprocess_write (RvSubprocess *child, gconstpointer data, gsize size, GError **error);

/* Closes its input, discards the rest of its output, waits for its end. RV_ERROR_FORMAT, with its last message, if its
 * exit code is not 0 or a signal ended it. RV_ERROR_FILE after a timeout, RV_ERROR_CANCELLED. rv__subprocess_free() is
 * still needed. */
gboolean rv__subprocess_end (RvSubprocess *child, GError **error);

/* Sets the timeout of each read, write and end; default: one minute. CPU time of a subprocess with an input restarts
 * it: encoders may be silent for long. */
void rv__subprocess_set_timeout (RvSubprocess *child, int ms);

/* (transfer full): the last meaningful line that it has written to standard error so far; "" if none. */
char *rv__subprocess_stderr_line (const RvSubprocess *child);

/* Kills the subprocess if it still runs, and frees @child (nullable). */
void rv__subprocess_free (RvSubprocess *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSubprocess, rv__subprocess_free)

#endif
