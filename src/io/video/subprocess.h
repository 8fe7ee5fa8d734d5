/* subprocess.h -- ffmpeg and ffprobe as subprocesses: bytes in, bytes out, their messages after a failure.
 * Layer 2 (io). They decode hostile videos outside this process. */
#pragma once

#include <reverie/error.h>
#include <sys/types.h>

typedef struct RvSubprocess RvSubprocess;

#define RV_SUBPROCESS_EXTRA "pipe:3"

/* (transfer full) (nullable): starts argv[0], found in PATH, in a process group of its own: a Ctrl-C for this program
 * does not end it. @argv: NULL-terminated. @has_input: the caller writes to its standard input; else that is empty.
 * @max_bytes: limit of its address space. @extra_fd (-1: none): a descriptor that it gets as RV_SUBPROCESS_EXTRA. The
 * caller keeps @argv and @extra_fd. RV_ERROR_FILE: it does not start. One thread at a time may use a subprocess. */
RvSubprocess *rv__subprocess_start (const char *const *argv, gboolean has_input, int extra_fd, gsize max_bytes,
                                    GError **error);

/* Reads the next @size bytes of its standard output into @data; blocks until it has all. Returns their number, fewer at
 * the end, 0 after it. -1: RV_ERROR_FILE: timeout or read error; RV_ERROR_CANCELLED by the thread's GCancellable. */
gssize rv__subprocess_read (RvSubprocess *child, gpointer data, gsize size, GError **error);

/* Writes all @size bytes to its standard input, which rv__subprocess_start() must have made; blocks. 0 bytes: TRUE at
 * once. FALSE: RV_ERROR_FILE with its last message: it has ended, or timeout; RV_ERROR_CANCELLED. */
gboolean rv__subprocess_write (RvSubprocess *child, gconstpointer data, gsize size, GError **error);

/* Closes its input, discards the rest of its output, and waits for its end. FALSE: RV_ERROR_FORMAT, with its last
 * message: its exit code is not 0, or a signal ended it; RV_ERROR_FILE: timeout; RV_ERROR_CANCELLED.
 * rv__subprocess_free() is still needed. */
gboolean rv__subprocess_end (RvSubprocess *child, GError **error);

/* Sets the timeout of each later read, write and end to @ms; default: one minute. CPU time that a subprocess with an
 * input uses restarts it: encoders may be silent for long. */
void rv__subprocess_set_timeout (RvSubprocess *child, int ms);

/* (transfer full): the last line of standard error, without ffmpeg's prefix, that says why it failed; lines that say
 * nothing are skipped, unless all do: then the last one. Of what the other functions read so far; "" if that is white
 * space only. Cannot fail. */
char *rv__subprocess_stderr_line (const RvSubprocess *child);

/* Kills the subprocess if it has not been reaped, waits for that, closes its pipes, and frees @child (nullable). */
void rv__subprocess_free (RvSubprocess *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSubprocess, rv__subprocess_free)
