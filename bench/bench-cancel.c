/* bench-cancel.c -- bench-cancel [SIDE [KIND]]: how long jobs of each kind go on after another thread has cancelled
 * them, at moments spread over what they do first: reading, planning, measuring, targets, iterations. Pictures of SIDE
 * px [1024]. Prints the median and the longest of each kind in ms. */
#include <math.h>
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_MOMENTS 24
#define FIRST_US 2000.0 /* the earliest moment; each later one comes after half as long again */
#define GROWTH 1.5
#define LAST_US 6000000.0

#define SIDE "px" /* in the settings of a case: what was asked for */

/* What is cancelled. */
typedef struct {
  const char *kind, *content, *style; /* inputs; NULL: there is none */
  const char *settings[8];            /* name, value; NULL-terminated */
} Case;

static const Case cases[] = {
  { "style", "content", "style", { "size", SIDE } },
  { "style", "content", "style", { "size", SIDE, "tile", "256" } },
  { "style", "content", "style", { "size", SIDE, "preset", "keras", "network", "builtin" } },
  { "style", "content", "style", { "size", SIDE, "init", "learned" } },
  { "dream", "picture", NULL, { "size", SIDE } },
  { "dream", NULL, NULL, { "atlas", "conv5_1" } },
  { "style-with", "content", NULL, { "size", SIDE, "with", "hokusai-wave" } },
  { "explore-with", "content", NULL, { "cell", SIDE, "with", "all" } },
  { "explore-style", "content", "style", { "cell", SIDE } },
  { "explore-dream", "picture", NULL, { "cell", SIDE } },
};

static RvImage *
picture (int side, int seed)
{
  RvImage *image = rv_image_new (side, side, NULL);
  for (gint64 i = 0; image && i < 3 * (gint64) side * side; i++)
    ((float *) image->rgb->data)[i] =
      (float) (127 + 90 * sin ((double) (i % side) / (11 + seed)) + (double) (i * 7919 % 64) / 2);
  return image;
}

typedef struct {
  GCancellable *cancellable;
  gint64 after_us, cancelled_us;
} Later;

static gpointer
cancel_later (gpointer data)
{
  Later *later = data;
  g_usleep ((gulong) later->after_us);
  later->cancelled_us = g_get_monotonic_time ();
  g_cancellable_cancel (later->cancellable);
  return NULL;
}

/* ms from the cancellation to the end of the run; below 0: it ended before. */
static double
time_of (const Case *what, const char *side, RvImage *content, RvImage *style, double after_us)
{
  g_autoptr (RvJob) job = rv_job_new (what->kind, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Later later = { cancellable, (gint64) after_us, 0 };
  gboolean ok = (!what->content || rv_job_add_picture (job, what->content, content, NULL)) &&
                (!what->style || rv_job_add_picture (job, what->style, style, NULL));
  for (int i = 0; ok && what->settings[i]; i += 2)
    ok = rv_job_set (job, what->settings[i], strcmp (what->settings[i + 1], SIDE) ? what->settings[i + 1] : side, NULL);
  GError *error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_later, &later);
  gboolean ran = ok && rv_job_run (job, cancellable, &error);
  gint64 ended_us = g_get_monotonic_time ();
  g_thread_join (thread);
  if (!ok || (error && !g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED)))
    fprintf (stderr, "%s: %s\n", what->kind, error ? error->message : "a setting that is none");
  g_clear_error (&error);
  return ran ? -1 : (double) (ended_us - later.cancelled_us) / 1000;
}

static int
by_value (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static void
measure (const Case *what, const char *side, RvImage *content, RvImage *style)
{
  double ms[N_MOMENTS], longest_ms = 0, longest_us = 0;
  int n = 0;
  for (double us = FIRST_US; us < LAST_US && n < N_MOMENTS; us *= GROWTH) {
    ms[n] = time_of (what, side, content, style, us);
    if (ms[n] < 0)
      break;
    if (ms[n] > longest_ms) {
      longest_ms = ms[n];
      longest_us = us;
    }
    n++;
  }
  g_autofree char *settings = g_strjoinv (" ", (char **) what->settings);
  qsort (ms, (size_t) n, sizeof *ms, by_value);
  printf ("%-14s %-36s %4.0f ms, at most %4.0f ms, when cancelled after %.3f s\n", what->kind, settings,
          n ? ms[n / 2] : NAN, longest_ms, longest_us / G_USEC_PER_SEC);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  const char *side = argc > 1 ? argv[1] : "1024", *kind = argc > 2 ? argv[2] : NULL;
  GError *error = NULL;
  if (!rv_process_start (0, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  g_autoptr (RvImage) content = picture (atoi (side), 1), style = picture (atoi (side), 5);
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    if (!kind || strcmp (kind, cases[c].kind) == 0)
      measure (&cases[c], side, content, style);
  return 0;
}
