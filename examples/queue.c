/* queue.c -- queue PHOTO PAINTING: a queue of three jobs, one at a time on its own thread. Progress and results arrive
 * on the main loop. The second job is cancelled.
 *   cc queue.c $(pkg-config --cflags --libs reverie) -o queue */
#include <reverie/reverie.h>
#include <stdio.h>

#define N_JOBS 3
#define CANCELLED 1 /* index of the cancelled job */

typedef struct {
  RvJob *jobs[N_JOBS];
  GCancellable *cancellable;
  GMainLoop *loop;
  int n_begun;
  gboolean failed;
} Queue;

static void
begin_next (Queue *queue)
{
  int n = queue->n_begun++;
  if (n == N_JOBS)
    g_main_loop_quit (queue->loop);
  else
    rv_job_start (queue->jobs[n], n == CANCELLED ? queue->cancellable : NULL, NULL);
}

/* RvJobFunc. Prints progress, cancels the second job, and starts the next one at the end. */
static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  Queue *queue = (Queue *) user_data;
  int n = queue->n_begun;
  if (report->type == RV_JOB_REPORT_PROGRESS) {
    fprintf (stderr, "job %d: %3.0f%%\n", n, 100 * report->done_01);
    if (n == CANCELLED + 1)
      g_cancellable_cancel (queue->cancellable);
  }
  if (report->type != RV_JOB_REPORT_ENDED)
    return;
  printf ("job %d: %s\n", n, report->error ? report->error->message : "done");
  queue->failed |= (report->error != NULL) != (n == CANCELLED + 1);
  begin_next (queue);
}

static RvJob *
new_job (const char *kind, char **files, Queue *queue, GError **error)
{
  gboolean is_style = kind[0] == 's';
  RvJob *job = rv_job_new (kind, error);
  if (rv_job_add_file (job, is_style ? "content" : "picture", files[0], error) &&
      (!is_style || rv_job_add_file (job, "style", files[1], error)) && rv_job_set (job, "size", "96", error)) {
    rv_job_subscribe (job, 0.25, on_report, queue, NULL);
    return job;
  }
  rv_job_unref (job);
  return NULL;
}

int
main (int argc, char **argv)
{
  static const char *const kinds[N_JOBS] = { "style", "style", "dream" };
  GError *error = NULL;
  Queue queue = { { NULL }, g_cancellable_new (), g_main_loop_new (NULL, FALSE), 0, argc != 3 };
  for (int i = 0; i < N_JOBS && !queue.failed; i++)
    queue.failed = !(queue.jobs[i] = new_job (kinds[i], argv + 1, &queue, &error));
  if (!queue.failed) {
    begin_next (&queue);
    g_main_loop_run (queue.loop);
  } else
    fprintf (stderr, "queue: %s\n", error ? error->message : "usage: queue PHOTO PAINTING");
  for (int i = 0; i < N_JOBS; i++)
    rv_job_unref (queue.jobs[i]);
  g_clear_error (&error);
  g_object_unref (queue.cancellable);
  g_main_loop_unref (queue.loop);
  return queue.failed ? 1 : 0;
}
