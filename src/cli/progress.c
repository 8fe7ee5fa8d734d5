/* progress.c -- progress on standard error: a bar on a terminal, lines in a pipe. */
#include "cli/cli.h"
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_CELLS 24 /* at most; fewer if the text is long */
#define MIN_BAR_CELLS 8
#define REDRAW_US 100000
#define LINES_PER_RUN 20 /* number of lines in a pipe */
#define DEFAULT_COLUMNS 80

struct _Progress {
  gboolean quiet, terminal, drawn;
  gint64 first_us;        /* time of the first call; 0 before */
  double first_01;        /* fraction done at the first call: not 0 in a resumed run */
  gint64 first_iteration; /* iterations done at the first call */
  gint64 last_us;         /* time of the last redraw; 0: draw at once */
  int last_line;          /* index of the last printed line, 0..LINES_PER_RUN; -1: none */
};

Progress *
progress_new (gboolean quiet)
{
  Progress *progress = g_new0 (Progress, 1);
  progress->quiet = quiet;
  progress->terminal = isatty (STDERR_FILENO);
  progress->last_line = -1;
  return progress;
}

/* Draws the bar with @what and @speed over the current line of the terminal, standard error, cut to its width.
 * @done_01: fraction done, 0..1. Cannot fail. */
static void
draw_bar (const char *what, const char *speed, double done_01)
{
  static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
  g_autofree char *text = g_strdup_printf (" %3.0f%%  %s  %s", 100 * done_01, what, speed);
  struct winsize size;
  gboolean known = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  glong width = (known ? size.ws_col : DEFAULT_COLUMNS) - 1,
        cells = CLAMP (width - g_utf8_strlen (text, -1), MIN_BAR_CELLS, BAR_CELLS);
  int filled = (int) (done_01 * (double) cells * 8);
  g_autoptr (GString) line = g_string_new (NULL);

  for (int cell = 0; cell < filled / 8; cell++)
    g_string_append (line, "█");
  g_string_append (line, eighths[filled % 8]);
  for (int cell = (filled + 7) / 8; cell < cells; cell++)
    g_string_append (line, "·");
  g_string_append (line, text);
  g_autofree char *cut = g_utf8_strlen (line->str, -1) > width ? g_utf8_substring (line->str, 0, width) : NULL;
  fprintf (stderr, "\r\033[K%s", cut ? cut : line->str);
}

/* Draws the bar on standard error, at most every REDRAW_US but always at 1. If standard error is no terminal, prints a
 * line each 1 / LINES_PER_RUN of @done_01 instead. The caller has checked progress->quiet. */
static void
draw_or_print (Progress *progress, double done_01, const char *what, const char *speed)
{
  if (progress->terminal) {
    gint64 now_us = g_get_monotonic_time ();
    if (now_us - progress->last_us < REDRAW_US && done_01 < 1)
      return;
    progress->last_us = now_us;
    progress->drawn = TRUE;
    draw_bar (what, speed, done_01);
    return;
  }
  int line_number = (int) (done_01 * LINES_PER_RUN);
  if (line_number == progress->last_line)
    return;
  progress->last_line = line_number;
  fprintf (stderr, "%3.0f%%  %s%s%s\n", 100 * done_01, what, *speed ? "  " : "", speed);
}

void
progress_show (Progress *progress, double done_01, gint64 iteration, const char *what)
{
  if (progress->quiet)
    return;
  gint64 now_us = g_get_monotonic_time ();
  if (progress->first_us == 0) {
    progress->first_us = now_us;
    progress->first_01 = done_01;
    progress->first_iteration = iteration;
  }
  double seconds = (double) (now_us - progress->first_us) / G_USEC_PER_SEC, done = done_01 - progress->first_01,
         n = (double) (iteration - progress->first_iteration);
  g_autofree char *left = NULL, *speed = NULL;
  if (done > 0 && seconds > 0) {
    left = rv_text_seconds (seconds / done * (1 - done_01));
    speed = n > 0 ? g_strdup_printf ("%.1f it/s  %s left", n / seconds, left) : g_strdup_printf ("%s left", left);
  }
  draw_or_print (progress, done_01, what, speed ? speed : "");
}

void
progress_show_bytes (Progress *progress, gint64 done, gint64 total, gint64 received, double seconds, const char *what)
{
  if (progress->quiet)
    return;
  double per_s = seconds > 0 ? (double) received / seconds : 0;
  g_autofree char *here = rv_text_bytes ((gsize) done), *all = rv_text_bytes ((gsize) total);
  g_autofree char *rate = rv_text_bytes ((gsize) per_s);
  g_autofree char *left = rv_text_seconds (per_s > 0 ? (double) (total - done) / per_s : 0);
  g_autofree char *speed = per_s > 0 ? g_strdup_printf ("%s/s  %s left", rate, left) : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("%s  %s of %s", what, here, all);
  draw_or_print (progress, total > 0 ? (double) done / (double) total : 0, text, speed);
}

void
progress_clear (Progress *progress)
{
  if (progress->drawn)
    fprintf (stderr, "\r\033[K");
  progress->drawn = FALSE;
  progress->last_us = 0;
}

void
progress_free (Progress *progress)
{
  progress_clear (progress);
  g_free (progress);
}
