/* bench-preview.c -- bench-preview [SIDE]: fraction of processor time that a job spends on previews, with pictures of
 * SIDE px [512] on one thread. Measures the time between the reports of an iteration and of its preview, which come
 * from the job's thread. Previews are as frequent as the studio's. */
#include "bench.h"
#include <reverie/reverie.h>
#include <stdio.h>

#define PREVIEW_EVERY_S 0.4 /* PREVIEW_S of src/studio/queue.c */
#define N_PHOTOS 6          /* for training a style network */
#define PHOTO_PX 96

typedef struct {
  const char *kind;
  const char *content, *style, *photo; /* roles; NULL: none */
  const char *size;                    /* setting that gets SIDE; NULL: none */
  const char *settings[5];             /* further settings: name, value; NULL-terminated */
} Case;

static const Case cases[] = {
  { "style", "content", "style", NULL, "size", { "iterations", "25" } },
  { "dream", "picture", NULL, NULL, "size" },
  { "learn", NULL, "style", "photo", NULL, { "crop", "64", "iterations", "400" } },
};

typedef struct {
  double at_s, previews_s; /* processor time at the last report; processor time of all previews */
  int n;
} Watch;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  Watch *watch = user_data;
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    watch->previews_s += bench_processor_ms () / 1e3 - watch->at_s;
    watch->n++;
  }
  watch->at_s = bench_processor_ms () / 1e3;
}

static gboolean
add_picture (RvJob *job, const char *role, int side, int seed, GError **error)
{
  g_autoptr (RvImage) image = role ? bench_picture (side, side, seed) : NULL;
  return !role || rv_job_add_picture (job, role, image, error);
}

static RvJob *
new_job (const Case *what, const char *side, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new (what->kind, error);
  int side_px = (int) g_ascii_strtoll (side, NULL, 10);
  gboolean ok = job && add_picture (job, what->content, side_px, 1, error) &&
                add_picture (job, what->style, side_px, 5, error) && rv_job_set (job, "threads", "1", error) &&
                (!what->size || rv_job_set (job, what->size, side, error));
  for (int i = 0; ok && what->photo && i < N_PHOTOS; i++)
    ok = add_picture (job, what->photo, PHOTO_PX, i, error);
  for (int i = 0; ok && what->settings[i]; i += 2)
    ok = rv_job_set (job, what->settings[i], what->settings[i + 1], error);
  return ok ? g_steal_pointer (&job) : NULL;
}

/* Runs the case with previews. Prints the number of previews and their fraction of processor time. */
static gboolean
measure (const Case *what, const char *side, GError **error)
{
  g_autoptr (RvJob) job = new_job (what, side, error);
  Watch watch = { 0 };
  double began_s = bench_processor_ms () / 1e3;
  if (!job)
    return FALSE;
  rv_job_subscribe (job, PREVIEW_EVERY_S, on_report, &watch, NULL);
  if (!rv_job_run (job, NULL, error))
    return FALSE;
  double whole_s = bench_processor_ms () / 1e3 - began_s;
  printf ("previews, %-13s %s px: %3d, %5.2f ms of processor time each, %.2f %% of the run's %.1f s\n", what->kind,
          side, watch.n, 1e3 * watch.previews_s / MAX (watch.n, 1), 100 * watch.previews_s / whole_s, whole_s);
  fflush (stdout);
  return TRUE;
}

int
main (int argc, char **argv)
{
  const char *side = argc > 1 ? argv[1] : "512";
  g_autoptr (GError) error = NULL;
  gboolean ok = rv_process_start (1, &error);
  for (guint c = 0; ok && c < G_N_ELEMENTS (cases); c++)
    ok = measure (&cases[c], side, &error);
  if (!ok)
    fprintf (stderr, "bench-preview: %s\n", error->message);
  return ok ? 0 : 1;
}
