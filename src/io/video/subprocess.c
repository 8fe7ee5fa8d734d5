/* subprocess.c -- ffmpeg and ffprobe as subprocesses.
 *
 * Three descriptors are polled together: while this program waits to send a frame, the subprocess may wait until its
 * messages are read. Its input is a socket, not a pipe: writing to a closed pipe would raise SIGPIPE, which a library
 * may not catch. */
#include "subprocess.h"
#include "base/cancel.h"
#include "base/system.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000 /* without a byte in either direction */
#define WORK_US_PER_MS 2  /* CPU time per ms of timeout: a silent encoder that computes does not hang */
#define SAID_BYTES 4096   /* stored end of its messages */

struct RvSubprocess {
  char *name;
  GPid pid;         /* 0: ended and reaped */
  int in, out, err; /* -1: closed */
  gboolean trusted; /* reads this program's data and may compute without a timeout */
  int patience_ms;
  gint64 worked_us; /* last known CPU time */
  GString *said;
};

static void
shut (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
rv__subprocess_free (RvSubprocess *child)
{
  if (!child)
    return;
  if (child->pid) {
    kill (child->pid, SIGKILL);
    while (waitpid (child->pid, NULL, 0) < 0 && errno == EINTR)
      ;
    g_spawn_close_pid (child->pid);
  }
  shut (&child->in);
  shut (&child->out);
  shut (&child->err);
  g_string_free (child->said, TRUE);
  g_free (child->name);
  g_free (child);
}

/* Runs between fork and exec: only async-signal-safe calls. */
static void
in_the_child (gpointer data)
{
  const struct rlimit memory = { *(const rlim_t *) data, *(const rlim_t *) data }, no_core = { 0, 0 };
  setpgid (0, 0);
  setrlimit (RLIMIT_AS, &memory);
  setrlimit (RLIMIT_CORE, &no_core);
}

RvSubprocess *
rv__subprocess_start (const char *const *argv, gboolean feeds, int other, gsize most_bytes, GError **error)
{
  const int numbers[] = { 3 };
  int ends[2] = { -1, -1 };
  rv__system_fill_standard ();
  if (feeds && socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot start %s: %s", argv[0], g_strerror (errno));
    return NULL;
  }
  g_autoptr (RvSubprocess) child = g_new0 (RvSubprocess, 1);
  child->name = g_strdup (argv[0]);
  child->said = g_string_new (NULL);
  child->in = ends[0];
  child->out = child->err = -1;
  child->trusted = feeds;
  child->patience_ms = PATIENCE_MS;
  g_autoptr (GError) why = NULL;
  rlim_t most = most_bytes;
  gboolean ok = g_spawn_async_with_pipes_and_fds (
    NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | (feeds ? 0 : G_SPAWN_STDIN_FROM_DEV_NULL),
    in_the_child, &most, ends[1], -1, -1, &other, numbers, other >= 0, &child->pid, NULL, &child->out, &child->err,
    &why);
  shut (&ends[1]);
  if (ok) {
    fcntl (child->out, F_SETFD, FD_CLOEXEC);
    fcntl (child->err, F_SETFD, FD_CLOEXEC);
    return g_steal_pointer (&child);
  }
  child->pid = 0;
  if (g_error_matches (why, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "videos need %s, which is not installed: install ffmpeg", argv[0]);
  else
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot start %s: %s", argv[0], why->message);
  return NULL;
}

/* ---- what it says ------------------------------------------------------------------------------------------------ */

/* Reads some of the subprocess's standard error into child->said, whose last SAID_BYTES stay. Closes child->err at its
 * end. */
static void
hear (RvSubprocess *child)
{
  char text[512];
  gssize got = read (child->err, text, sizeof text);
  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (got <= 0) {
    shut (&child->err);
    return;
  }
  g_string_append_len (child->said, text, got);
  if (child->said->len > SAID_BYTES)
    g_string_erase (child->said, 0, (gssize) (child->said->len - SAID_BYTES));
}

/* Skips a prefix such as "[mov @ 0x55e3] ", the part of ffmpeg that writes the message. */
static const char *
without_speaker (const char *line)
{
  const char *end = *line == '[' ? strstr (line, "] ") : NULL;
  return end ? end + 2 : line;
}

/* Whether @line only repeats that something failed, as ffmpeg 7 does at its end. */
static gboolean
says_nothing (const char *line)
{
  static const char *const starts[] = { "Error opening output file", "Error opening input file",
                                        "Error opening input:", "Error selecting an encoder", "Conversion failed" };
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    if (g_str_has_prefix (line, starts[i]))
      return TRUE;
  return *line == 0;
}

char *
rv__subprocess_stderr_line (const RvSubprocess *child)
{
  g_autofree char *text = g_utf8_make_valid (child->said->str, (gssize) child->said->len);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  guint n = g_strv_length (lines), last = n;
  while (last > 0 && says_nothing (without_speaker (lines[last - 1])))
    last--;
  return g_strdup (n == 0 ? "" : without_speaker (lines[(last > 0 ? last : n) - 1]));
}

static gboolean
fail (RvSubprocess *child, RvError code, const char *what, GError **error)
{
  if (!rv__check_cancelled (error))
    return FALSE;
  for (struct pollfd poll_err = { child->err, POLLIN, 0 }; child->err >= 0 && poll (&poll_err, 1, 200) > 0;
       poll_err.fd = child->err)
    hear (child);
  g_autofree char *line = rv__subprocess_stderr_line (child);
  g_set_error (error, RV_ERROR, code, "%s %s%s%s", child->name, what, *line ? ": " : "", line);
  return FALSE;
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

void
rv__subprocess_set_timeout (RvSubprocess *child, int ms)
{
  child->patience_ms = ms;
}

/* Whether the subprocess has used enough CPU time since the last call. */
static gboolean
has_worked (RvSubprocess *child)
{
  clockid_t clock;
  struct timespec time;
  if (!child->trusted || clock_getcpuclockid (child->pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    return FALSE;
  gint64 us = (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000, before_us = child->worked_us;
  child->worked_us = us;
  return us - before_us >= WORK_US_PER_MS * child->patience_ms;
}

/* Waits until @fd is ready, and reads messages meanwhile. FALSE: timeout, or cancelled. */
static gboolean
wait_once (RvSubprocess *child, int fd, short events)
{
  gint64 until = g_get_monotonic_time () + child->patience_ms * G_TIME_SPAN_MILLISECOND, left;
  while (!rv__is_cancelled () && (left = (until - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND) > 0) {
    struct pollfd watched[2] = { { fd, events, 0 }, { child->err, POLLIN, 0 } };
    int n = poll (watched, 2, rv__wait_ms (left));
    if (n > 0 && watched[1].revents)
      hear (child);
    if (n > 0 && watched[0].revents)
      return TRUE;
  }
  return FALSE;
}

/* wait_once() without a timeout while the subprocess computes. */
static gboolean
wait_for (RvSubprocess *child, int fd, short events)
{
  gboolean ready;
  while (!(ready = wait_once (child, fd, events)) && !rv__is_cancelled () && has_worked (child))
    ;
  return ready;
}

/* Exit status after the subprocess has closed its output; -1: it still runs. */
static int
exit_status (RvSubprocess *child)
{
  int status = 0;
  do
    for (int ms = 0; ms < child->patience_ms && !rv__is_cancelled (); ms += 5) {
      if (waitpid (child->pid, &status, WNOHANG) == child->pid) {
        g_spawn_close_pid (child->pid);
        child->pid = 0;
        return status;
      }
      g_usleep (5000);
    }
  while (!rv__is_cancelled () && has_worked (child));
  return -1;
}

gssize
rv__subprocess_read (RvSubprocess *child, gpointer data, gsize size, GError **error)
{
  gsize done = 0;
  while (done < size && child->out >= 0) {
    if (!wait_for (child, child->out, POLLIN)) {
      fail (child, RV_ERROR_FILE, "sent nothing for a minute", error);
      return -1;
    }
    gssize got = read (child->out, (guint8 *) data + done, size - done);
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      fail (child, RV_ERROR_FILE, g_strerror (errno), error);
      return -1;
    }
    if (got == 0)
      shut (&child->out);
    done += (gsize) MAX (got, 0);
  }
  return (gssize) done;
}

gboolean
rv__subprocess_write (RvSubprocess *child, gconstpointer data, gsize size, GError **error)
{
  for (gsize done = 0; done < size;) {
    if (!wait_for (child, child->in, POLLOUT))
      return fail (child, RV_ERROR_FILE, "took nothing for a minute", error);
    gssize sent = send (child->in, (const guint8 *) data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EINTR && errno != EAGAIN)
      return fail (child, RV_ERROR_FILE, "ended before the video", error);
    done += (gsize) MAX (sent, 0);
  }
  return TRUE;
}

gboolean
rv__subprocess_end (RvSubprocess *child, GError **error)
{
  guint8 rest[4096];
  gssize left;
  shut (&child->in);
  while ((left = rv__subprocess_read (child, rest, sizeof rest, error)) > 0)
    ;
  if (left < 0)
    return FALSE;
  while (child->err >= 0 && wait_for (child, child->err, POLLIN))
    ;
  int status = exit_status (child);
  if (status < 0)
    return fail (child, RV_ERROR_FILE, "does not end", error);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return TRUE;
  return fail (child, RV_ERROR_FORMAT, WIFEXITED (status) ? "failed" : "was ended by a signal", error);
}
