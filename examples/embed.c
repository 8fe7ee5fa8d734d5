/* embed.c -- embed PHOTO PAINTING OUT: style transfer in another program, on pictures in memory, with progress and an
 * early stop.
 *
 *   cc embed.c $(pkg-config --cflags --libs reverie) -o embed */
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>

static void
on_report (RvJob *job, const RvJobReport *report, gpointer enough_s)
{
  if (report->type != RV_JOB_REPORT_PROGRESS)
    return;
  printf ("\r%3.0f%%  loss %.4f ", 100 * report->done_01, report->loss);
  fflush (stdout);
  if (report->seconds >= *(double *) enough_s)
    rv_job_stop (job); /* the result is then the picture so far */
}

static RvImage *
paint (RvImage *photo, RvImage *painting, GError **error)
{
  double enough_s = 60;
  g_autoptr (RvJob) job = rv_job_new ("style", error);
  if (!job || !rv_job_add_picture (job, "content", photo, error) ||
      !rv_job_add_picture (job, "style", painting, error) || !rv_job_set (job, "strength", "60", error))
    return NULL;
  rv_job_subscribe (job, 0, on_report, &enough_s, NULL);
  return rv_job_run (job, NULL, error) ? rv_job_result (job) : NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 4) {
    fprintf (stderr, "usage: embed PHOTO PAINTING OUT\n");
    return 2;
  }
  g_autoptr (RvImage) photo = rv_image_load (argv[1], 384, 256, &error);
  g_autoptr (RvImage) painting = photo ? rv_image_load (argv[2], 384, 300, &error) : NULL;
  g_autoptr (RvImage) picture = painting ? paint (photo, painting, &error) : NULL;
  if (picture && rv_image_save (picture, argv[3], NULL, &error)) {
    printf ("\n%s\n", argv[3]);
    return EXIT_SUCCESS;
  }
  fprintf (stderr, "\nembed: %s\n", error->message);
  return EXIT_FAILURE;
}
