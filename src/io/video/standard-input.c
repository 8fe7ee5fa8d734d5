/* standard-input.c -- a video from standard input: reads its header before ffmpeg starts. */
#include "base/error.h"
#include "io/video/ffmpeg.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "YUV4MPEG2 "
#define MAX_LINE_BYTES 1024 /* limit of the header line */

gboolean
rv__video_is_stream (const char *filename)
{
  return g_strcmp0 (filename, "-") == 0;
}

const char *
rv__video_display_name (const char *filename)
{
  return rv__video_is_stream (filename) ? "standard input" : filename;
}

/* First line of standard input with its newline, read byte by byte so that nothing after it is lost; later calls
 * return it again. Static. NULL: RV_ERROR_FORMAT: no Y4M, more than MAX_LINE_BYTES, or no complete line. */
static const char *
header_line (GError **error)
{
  static GMutex lock;
  static char line[MAX_LINE_BYTES + 1];
  g_mutex_lock (&lock);
  gsize n = strlen (line);
  while (n < MAX_LINE_BYTES && (n == 0 || line[n - 1] != '\n') && read (STDIN_FILENO, &line[n], 1) == 1)
    n++;
  g_mutex_unlock (&lock);
  if (g_str_has_prefix (line, MAGIC) && line[strlen (line) - 1] == '\n')
    return line;
  return rv__error_null (error, RV_ERROR_FORMAT, "standard input is not a Y4M video");
}

char *
rv__standard_input_url (GError **error)
{
  const char *line = header_line (error);
  g_autofree char *text = line ? g_base64_encode ((const guint8 *) line, strlen (line)) : NULL;
  return text ? g_strconcat ("data:video/x;base64,", text, NULL) : NULL;
}

/* Writes the header into a pipe; the program cat copies the rest of standard input into it. */
int
rv__standard_input_open (GError **error)
{
  static const char *const argv[] = { "cat", NULL };
  int ends[2];
  const char *line = header_line (error);
  g_autoptr (GError) why = NULL;
  if (!line)
    return -1;
  if (pipe2 (ends, O_CLOEXEC) != 0) {
    rv__error_set (error, RV_ERROR_FILE, "standard input cannot be read: %s", g_strerror (errno));
    return -1;
  }
  gboolean ok =
    write (ends[1], line, strlen (line)) == (gssize) strlen (line) &&
    g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL,
                                      -1, ends[1], -1, NULL, NULL, 0, NULL, NULL, NULL, NULL, &why);
  close (ends[1]);
  if (ok)
    return ends[0];
  close (ends[0]);
  rv__error_set (error, RV_ERROR_FILE, "standard input cannot be read: %s", why ? why->message : "the pipe is full");
  return -1;
}
