/* client.c -- a program built before an option was added, which uses only public headers and the shared library.
 * Prints its results. test-abi.sh runs it with the library that it was built with, and with a library that has one more
 * option. */
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_PX 40

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  if (report->type == RV_JOB_REPORT_PROGRESS)
    printf ("iteration %d of %d: loss %.9g\n", (int) report->iteration, (int) report->n_iterations, report->loss);
}

/* (transfer full) (nullable): a picture whose values rise from 0, again and again after @period values. */
static RvImage *
picture (int period, GError **error)
{
  RvImage *image = rv_image_new (SIDE_PX, SIDE_PX, error);
  for (int i = 0; image && i < 3 * SIDE_PX * SIDE_PX; i++)
    ((float *) image->rgb->data)[i] = (float) (i % period * 255) / (float) period;
  return image;
}

/* Sets settings by name and as JSON. Both ways do not depend on offsets of fields. */
static gboolean
set (RvJob *job, GError **error)
{
  return rv_job_set (job, "iterations", "2", error) && rv_job_set (job, "strength", "60", error) &&
         rv_job_set (job, "exact", "yes", error) && rv_job_set (job, "precision", "f32", error) &&
         rv_job_set_json (job, "{\"threads\": 1, \"start-size\": 0, \"seed\": 3}", error);
}

/* A library with a longer RvJobPlan must not write beyond the shorter struct of this program. */
static gboolean
plan (RvJob *job, GError **error)
{
  struct {
    RvJobPlan plan;
    char behind[1024];
  } own;
  memset (&own, 0x55, sizeof own);
  if (!rv_job_plan (job, &own.plan, error))
    return FALSE;
  for (gsize i = 0; i < sizeof own.behind; i++)
    if (own.behind[i] != 0x55) {
      printf ("byte %d behind the plan was written\n", (int) i);
      break;
    }
  printf ("%d stage, %d iterations on %s\n", own.plan.n_stages, (int) own.plan.n_iterations, own.plan.backend);
  return TRUE;
}

static gboolean
run (GError **error)
{
  g_autoptr (RvImage) content = picture (97, error), style = content ? picture (31, error) : NULL;
  g_autoptr (RvJob) job = style ? rv_job_new ("style", error) : NULL;
  if (!job || !rv_job_add_picture (job, "content", content, error) ||
      !rv_job_add_picture (job, "style", style, error) || !set (job, error) || !plan (job, error))
    return FALSE;
  rv_job_subscribe (job, 0, on_report, NULL, NULL);
  if (!rv_job_run (job, NULL, error))
    return FALSE;
  g_autoptr (RvImage) result = rv_job_result (job);
  g_autofree char *strength = rv_job_get (job, "strength", error), *seed = rv_job_get (job, "seed", error);
  g_autofree char *sum =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, result->rgb->data, rv_tensor_bytes (result->rgb));
  printf ("strength %s, seed %s\n%s\n", strength, seed, sum);
  return TRUE;
}

/* Prints the option table to standard error, because the tables of the two libraries differ. */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < rv_settings_n_options ("style"); i++)
    fprintf (stderr, "%s\n", rv_option_name (rv_settings_option ("style", i)));
  if (run (&error))
    return EXIT_SUCCESS;
  fprintf (stderr, "client: %s\n", error->message);
  return EXIT_FAILURE;
}
