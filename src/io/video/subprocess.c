/* subprocess.c -- ffmpeg and ffprobe as subprocesses.
 *
 * Three descriptors are polled together: while this program waits to send a frame, the subprocess may wait until its
 * messages are read. Its input is a socket, not a pipe: writing to a closed pipe would raise SIGPIPE, which a library
 * may not catch. */
#include "subprocess.h"
#include "base/cancel.h"
#include "base/error.h"
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

#define WORK_US_PER_MS 2             /* CPU time per ms of timeout: a silent encoder that computes does not hang */
#define MAX_BYTES ((rlim_t) 6 << 30) /* limit of the address space of a subprocess */
#define MESSAGES_BYTES 4096          /* stored at most: the end of a subprocess's messages */

int rv__subprocess_timeout_ms = 60000;

struct RvSubprocess {
  char *name;
  GPid pid;         /* 0: ended and reaped */
  pid_t owner;      /* process that started it; a fork of it only closes its descriptors */
  int in, out, err; /* -1: closed */
  gboolean trusted; /* reads this program's data and may compute without a timeout */
  gint64 cpu_us;    /* last known CPU time */
  GString *messages;
};

static void
close_fd (int *fd)
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
  if (child->pid && rv__subprocess_is_own (child)) {
    kill (child->pid, SIGKILL);
    while (waitpid (child->pid, NULL, 0) < 0 && errno == EINTR)
      ;
  }
  close_fd (&child->in);
  close_fd (&child->out);
  close_fd (&child->err);
  g_string_free (child->messages, TRUE);
  g_free (child->name);
  g_free (child);
}

/* Limits the child: own process group, address space, no core files. Runs between fork and exec: only
 * async-signal-safe calls. */
static void
before_exec (gpointer unused)
{
  const struct rlimit memory = { MAX_BYTES, MAX_BYTES }, no_core = { 0, 0 };
  setpgid (0, 0);
  setrlimit (RLIMIT_AS, &memory);
  setrlimit (RLIMIT_CORE, &no_core);
}

void
rv__subprocess_add (GPtrArray *argv, const char *first, ...)
{
  va_list list;
  va_start (list, first);
  for (const char *text = first; text; text = va_arg (list, const char *))
    g_ptr_array_add (argv, g_strdup (text));
  va_end (list);
}

RvSubprocess *
rv__subprocess_start (const char *const *argv, gboolean has_input, int extra_fd, GError **error)
{
  const int numbers[] = { 3 };
  int ends[2] = { -1, -1 };
  rv__system_fill_standard ();
  if (has_input && socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return rv__error_null (error, RV_ERROR_FILE, "cannot start %s: %s", argv[0], g_strerror (errno));
  g_autoptr (RvSubprocess) child = g_new0 (RvSubprocess, 1);
  child->name = g_strdup (argv[0]);
  child->owner = getpid ();
  child->messages = g_string_new (NULL);
  child->in = ends[0];
  child->out = child->err = -1;
  child->trusted = has_input;
  g_autoptr (GError) why = NULL;
  gboolean ok = g_spawn_async_with_pipes_and_fds (
    NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | (has_input ? 0 : G_SPAWN_STDIN_FROM_DEV_NULL),
    before_exec, NULL, ends[1], -1, -1, &extra_fd, numbers, extra_fd >= 0, &child->pid, NULL, &child->out, &child->err,
    &why);
  close_fd (&ends[1]);
  if (ok) {
    fcntl (child->out, F_SETFD, FD_CLOEXEC);
    fcntl (child->err, F_SETFD, FD_CLOEXEC);
    return g_steal_pointer (&child);
  }
  child->pid = 0;
  if (g_error_matches (why, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    return rv__error_null (error, RV_ERROR_FILE, "videos need %s, which is not installed: install ffmpeg", argv[0]);
  return rv__error_null (error, RV_ERROR_FILE, "cannot start %s: %s", argv[0], why->message);
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

/* Reads some of the subprocess's standard error into child->messages, whose last MESSAGES_BYTES stay. Closes child->err
 * at its end. */
static void
read_stderr (RvSubprocess *child)
{
  char text[512];
  gssize got = read (child->err, text, sizeof text);
  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (got <= 0) {
    close_fd (&child->err);
    return;
  }
  g_string_append_len (child->messages, text, got);
  if (child->messages->len > MESSAGES_BYTES)
    g_string_erase (child->messages, 0, (gssize) (child->messages->len - MESSAGES_BYTES));
}

/* The text after a prefix such as "[mov @ 0x55e3] ", the part of ffmpeg that writes the message; without one, all of
 * it. */
static const char *
without_prefix (const char *line)
{
  const char *end = *line == '[' ? strstr (line, "] ") : NULL;
  return end ? end + 2 : line;
}

/* Whether @line is empty or only repeats that something failed, as ffmpeg does at its end. */
static gboolean
is_uninformative (const char *line)
{
  return g_regex_match_simple (
    "^($|Error (opening (in|out)put|selecting|initializing output|while (opening|processing)|"
    "reinitializing|sending frames)|Could not write header|Failed to inject|Task finished|"
    "Terminating thread|Nothing was written|Conversion failed)",
    line, 0, 0);
}

char *
rv__subprocess_stderr_line (const RvSubprocess *child)
{
  g_autofree char *text = g_utf8_make_valid (child->messages->str, (gssize) child->messages->len);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  guint n = g_strv_length (lines), last = n;
  while (last > 0 && is_uninformative (without_prefix (lines[last - 1])))
    last--;
  return g_strdup (n == 0 ? "" : without_prefix (lines[(last > 0 ? last : n) - 1]));
}

/* Sets @code with the program's name, @what and the program's last message, after reading messages until none has come
 * for 200 ms, for a second at most. If the thread is cancelled, only sets RV_ERROR_CANCELLED. Returns FALSE. */
static gboolean
fail (RvSubprocess *child, RvError code, const char *what, GError **error)
{
  if (!rv__check_cancelled (error))
    return FALSE;
  gint64 until = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
  for (struct pollfd poll_err = { child->err, POLLIN, 0 };
       child->err >= 0 && g_get_monotonic_time () < until && poll (&poll_err, 1, 200) > 0; poll_err.fd = child->err)
    read_stderr (child);
  g_autofree char *line = rv__subprocess_stderr_line (child);
  return rv__error_set (error, code, "%s %s%s%s", child->name, what, *line ? ": " : "", line);
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

gboolean
rv__subprocess_is_own (const RvSubprocess *child)
{
  return child->owner == getpid ();
}

/* FALSE: RV_ERROR_BACKEND: not rv__subprocess_is_own(). */
static gboolean
check_own (const RvSubprocess *child, GError **error)
{
  return rv__subprocess_is_own (child) ||
         rv__error_set (error, RV_ERROR_BACKEND,
                        "this process was forked while %s ran for its parent: open the video again in this process",
                        child->name);
}

/* Whether the subprocess has used WORK_US_PER_MS of CPU time per ms of timeout since the last call; stores the new
 * time. FALSE unless child->trusted, and if its clock cannot be read. */
static gboolean
has_used_cpu (RvSubprocess *child)
{
  clockid_t clock;
  struct timespec time;
  if (!child->trusted || clock_getcpuclockid (child->pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    return FALSE;
  gint64 us = (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000, before_us = child->cpu_us;
  child->cpu_us = us;
  return us - before_us >= WORK_US_PER_MS * rv__subprocess_timeout_ms;
}

/* Waits until @fd is ready for @events, those of poll(), and reads the subprocess's stderr meanwhile. FALSE, always
 * without an error: rv__subprocess_timeout_ms have passed, or the call was cancelled. */
static gboolean
wait_once (RvSubprocess *child, int fd, short events)
{
  gint64 until = g_get_monotonic_time () + rv__subprocess_timeout_ms * G_TIME_SPAN_MILLISECOND, left;
  while (!rv__is_cancelled () && (left = (until - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND) > 0) {
    struct pollfd watched[2] = { { fd, events, 0 }, { child->err, POLLIN, 0 } };
    int n = poll (watched, 2, rv__wait_ms (left));
    if (n > 0 && watched[1].revents)
      read_stderr (child);
    if (n > 0 && watched[0].revents)
      return TRUE;
  }
  return FALSE;
}

/* Does wait_once() again as long as the subprocess uses CPU time. FALSE, always without an error: timeout, or
 * cancelled. */
static gboolean
wait_for (RvSubprocess *child, int fd, short events)
{
  gboolean ready;
  while (!(ready = wait_once (child, fd, events)) && !rv__is_cancelled () && has_used_cpu (child))
    ;
  return ready;
}

/* Waits for the end of the subprocess, which has closed its output, and reaps it: child->pid becomes 0. Returns its
 * status from waitpid(); 0 if the program ignores SIGCHLD: there is no status then. -1: timeout, or cancelled by the
 * thread's GCancellable; it still runs. */
static int
exit_status (RvSubprocess *child)
{
  int status = 0;
  do
    for (int ms = 0; ms < rv__subprocess_timeout_ms && !rv__is_cancelled (); ms += 5) {
      pid_t ended = waitpid (child->pid, &status, WNOHANG);
      if (ended == child->pid || (ended < 0 && errno == ECHILD)) {
        child->pid = 0;
        return status;
      }
      g_usleep (5000);
    }
  while (!rv__is_cancelled () && has_used_cpu (child));
  return -1;
}

gssize
rv__subprocess_read (RvSubprocess *child, gpointer data, gsize size, GError **error)
{
  gsize done = 0;
  if (!check_own (child, error))
    return -1;
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
      close_fd (&child->out);
    done += (gsize) MAX (got, 0);
  }
  return (gssize) done;
}

gboolean
rv__subprocess_write (RvSubprocess *child, gconstpointer data, gsize size, GError **error)
{
  if (!check_own (child, error))
    return FALSE;
  for (gsize done = 0; done < size;) {
    if (!wait_for (child, child->in, POLLOUT))
      return fail (child, RV_ERROR_FILE, "accepted nothing for a minute", error);
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
  close_fd (&child->in);
  while ((left = rv__subprocess_read (child, rest, sizeof rest, error)) > 0)
    ;
  if (left < 0)
    return FALSE;
  gint64 until_us = g_get_monotonic_time () + rv__subprocess_timeout_ms * G_TIME_SPAN_MILLISECOND;
  while (child->err >= 0 && (child->trusted || g_get_monotonic_time () < until_us) &&
         wait_for (child, child->err, POLLIN))
    ;
  int status = exit_status (child);
  if (status < 0)
    return fail (child, RV_ERROR_FILE, "does not end", error);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return TRUE;
  return fail (child, child->trusted ? RV_ERROR_FILE : RV_ERROR_FORMAT,
               WIFEXITED (status) ? "failed" : "was ended by a signal", error);
}
