/* subprocess.h -- ffmpeg and ffprobe as subprocesses: bytes in, bytes out, their messages after a failure.
 * Layer 2 (io). They decode hostile videos outside this process. */
#pragma once

#include <reverie/error.h>
#include <sys/types.h>

typedef struct RvSubprocess RvSubprocess;

#define RV_SUBPROCESS_EXTRA "pipe:3" /* ffmpeg's URL of the descriptor @extra_fd */

/* Appends copies of the texts from @first up to NULL to @argv (element-type utf8), which frees them. */
void rv__subprocess_add (GPtrArray *argv, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* (transfer full) (nullable): starts argv[0], found in PATH, in a process group of its own: a Ctrl-C for this program
 * does not end it. @argv: NULL-terminated. @has_input: the caller writes to its standard input; else that is empty.
 * @extra_fd (-1: none): a descriptor that it gets as RV_SUBPROCESS_EXTRA. The caller keeps @argv and @extra_fd. Its
 * address space is limited to 6 GiB. First opens /dev/null on closed descriptors of 0 to 2. RV_ERROR_FILE: it does not
 * start. One thread at a time may use a subprocess. */
RvSubprocess *rv__subprocess_start (const char *const *argv, gboolean has_input, int extra_fd, GError **error);

/* Reads the next @size bytes of the subprocess's standard output into @data; blocks until all have arrived. Returns
 * their number: fewer at the end of the output, 0 after that. -1: RV_ERROR_FILE: timeout or read error;
 * RV_ERROR_BACKEND: not rv__subprocess_is_own(). The thread's GCancellable stops the reading. */
gssize rv__subprocess_read (RvSubprocess *child, gpointer data, gsize size, GError **error);

/* Writes all @size bytes of @data to the standard input of a subprocess with has_input; blocks. 0 bytes: TRUE at once.
 * FALSE: RV_ERROR_FILE with the last message: the subprocess has ended, or timeout; RV_ERROR_BACKEND: not
 * rv__subprocess_is_own(). */
gboolean rv__subprocess_write (RvSubprocess *child, gconstpointer data, gsize size, GError **error);

/* Closes the subprocess's input, discards the rest of its output, and waits for its end. FALSE: RV_ERROR_FORMAT, or
 * RV_ERROR_FILE with has_input, with its last message: the exit code is not 0, or a signal ended it; RV_ERROR_FILE:
 * timeout. rv__subprocess_free() is still needed. */
gboolean rv__subprocess_end (RvSubprocess *child, GError **error);

/* Timeout of each read, write and end, without a byte in either direction; one minute, but in tests. A subprocess with
 * an input that uses CPU time restarts the timeout: encoders may be silent for long. */
extern int rv__subprocess_timeout_ms;

/* (transfer full): the last informative line of the subprocess's standard error, without ffmpeg's prefix; without such
 * a line, the last one. Considers only what the other functions have read so far; "" if that is empty or white space.
 * Cannot fail. */
char *rv__subprocess_stderr_line (const RvSubprocess *child);

/* Whether this process started the subprocess, and is no fork of that process. Cannot fail. */
gboolean rv__subprocess_is_own (const RvSubprocess *child);

/* Kills the subprocess if it has not been reaped, waits for that, closes its pipes, and frees @child (nullable). In a
 * fork, only closes the pipes and frees @child. */
void rv__subprocess_free (RvSubprocess *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSubprocess, rv__subprocess_free)
