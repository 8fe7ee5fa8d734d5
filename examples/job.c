/* job.c -- job PHOTO PAINTING OUT: style transfer on files, in thirty lines. embed.c does the same with pictures in
 * memory.
 *   cc job.c $(pkg-config --cflags --libs reverie) -o job */
#include <reverie/reverie.h>
#include <stdio.h>

static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  if (report->type == RV_JOB_REPORT_PROGRESS)
    fprintf (stderr, "%3.0f%%  loss %.4f\n", 100 * report->done_01, report->loss);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  RvJob *job = rv_job_new ("style", &error);
  gboolean ok = argc > 3 && rv_job_add_file (job, "content", argv[1], &error) &&
                rv_job_add_file (job, "style", argv[2], &error) && rv_job_set (job, "output", argv[3], &error) &&
                rv_job_set (job, "size", "128", &error) && rv_job_set (job, "strength", "60", &error);
  rv_job_subscribe (job, 0, on_report, NULL, NULL);
  ok = ok && rv_job_run (job, NULL, &error);
  if (!ok)
    fprintf (stderr, "job: %s\n", error ? error->message : "usage: job PHOTO PAINTING OUT");
  g_clear_error (&error);
  rv_job_unref (job);
  return ok ? 0 : 1;
}
