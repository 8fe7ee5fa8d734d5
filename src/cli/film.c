/* film.c -- what the commands that make a film share: whether one is wanted, what is said of it meanwhile. */
#include "cli/film.h"
#include "cli/job-run.h"
#include "cli/preview.h"

gboolean
film_is_wanted (const char *output, const char *content)
{
  g_autoptr (GError) error = NULL, no_film = NULL;
  RvImageInfo picture;
  RvFilmInfo film;
  if (output && !rv_film_check_target (output, &no_film) && g_error_matches (no_film, RV_ERROR, RV_ERROR_SETTING))
    return FALSE; /* else it would be one, but cannot be written there */
  if (rv_frame_is_pattern (content) && !g_file_test (content, G_FILE_TEST_EXISTS)) /* numbered pictures */
    return TRUE;
  gboolean ambiguous = !output || rv_image_check_target (output, 1, 1, &error) ||
                       !g_error_matches (error, RV_ERROR, RV_ERROR_SETTING); /* .webp is a picture's suffix too */
  return !ambiguous || (!rv_image_probe (content, &picture, NULL) && rv_film_probe (content, &film, NULL));
}

gboolean
film_refuse (const char *what, GError **error)
{
  if (what)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s: that cannot be had with a film", what);
  return !what;
}

gboolean
film_options_check (const GPtrArray *given, const char *more, GError **error)
{
  const char *const of_films[] = {
    "to", "every", "loop", "memory-frames", "frame-by-frame", "crf", "codec", "frame-iterations", "keys", more, NULL
  };
  for (int i = 0; of_films[i]; i++)
    if (options_last (given, of_films[i])) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s is of films, and this makes a picture", of_films[i]);
      return FALSE;
    }
  return TRUE;
}

/* Frames that are not equally far apart are worth a word. */
static void
say_rate (const char *content)
{
  RvFilmInfo info;
  if (rv_film_probe (content, &info, NULL) && info.variable_rate)
    fprintf (stderr, "reverie: %s: its frames are not equally far apart; they are read at %.4g a second\n", content,
             (double) info.rate_num / info.rate_den);
}

static int
print_plan (RvJob *job, GError **error)
{
  RvJobPlan plan;
  if (!rv_job_plan (job, &plan, error))
    return EXIT_FAILED;
  g_autofree char *memory = rv_text_bytes (plan.peak_bytes), *all = rv_text_seconds (plan.seconds);
  g_autofree char *first = rv_text_seconds (plan.first_frame_s), *next = rv_text_seconds (plan.next_frame_s);
  g_autofree char *disk = rv_text_bytes (plan.file_bytes), *meanwhile = rv_text_bytes (plan.kept_bytes),
                  *kernels = job_kernels_text (&plan);
  printf ("%d x %d px, ", plan.width, plan.height);
  if (plan.n_frames > 0)
    printf ("%d frames on %s: the first of a shot %s, the others %s each, in one shot about %s; peak %s; about %s on "
            "disk, and %s until it is done%s\n",
            plan.n_frames, plan.backend, first, next, all, memory, disk, meanwhile, kernels);
  else
    printf (
      "frames as many as come, on %s: the first of a shot %s, the others %s each; peak %s; each about %s on disk, "
      "and %s until all are done%s\n",
      plan.backend, first, next, memory, disk, meanwhile, kernels);
  return EXIT_DONE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

typedef struct {
  Progress *progress;
  RvJobReport last;
} Shown;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Shown *shown = data;
  shown->last = *report;
  if (report->type == RV_JOB_PREVIEW) {
    progress_wipe (shown->progress);
    preview_show (report->picture);
  }
  if (report->type == RV_JOB_PROGRESS)
    progress_show_frames (shown->progress, report->done_01, report->seconds, report->frame, report->n_frames,
                          report->loss);
}

static int
say_done (const PictureOptions *picture, const RvJobReport *end, gint64 began_us)
{
  g_autofree char *time = rv_text_seconds ((double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC);
  gboolean into_stream = g_strcmp0 (picture->output, "-") == 0;
  g_autofree char *output = text_plain (into_stream ? "standard output" : picture->output, FALSE);
  FILE *out = into_stream ? stderr : stdout; /* where the film does not go */
  const char *part = rv_settings_get_text (picture->asked, "part", NULL);
  if (!picture->quiet && *part)
    printf ("%s: %d frame%s of part %s in %s; --resume without --part puts all together\n", output, end->frame,
            end->frame == 1 ? "" : "s", part, time);
  else if (!picture->quiet) {
    fprintf (out, "%s: %d x %d px, %d frame%s in %s", output, end->width, end->height, end->frame,
             end->frame == 1 ? "" : "s", time);
    if (end->warping_error >= 0)
      fprintf (out, "; warping error %.2g (the film's own %.2g", end->warping_error, end->film_error);
    if (end->warping_error >= 0 && end->alone_error >= 0)
      fprintf (out, "; made frame by frame %.2g", end->alone_error);
    if (end->warping_error >= 0)
      fprintf (out, ")");
    fprintf (out, "%s\n", end->stopped ? " (interrupted)" : "");
  }
  return end->stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

int
film_run (RvJob *job, const char *content, const PictureOptions *picture, RvKernelTable *kernels, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  if (picture->output && picture->preview && !picture->dry_run && !preview_check (error))
    return EXIT_FAILED;
  rv_job_set_kernels (job, kernels);
  if (!picture->quiet)
    say_rate (content);
  if (picture->dry_run)
    return print_plan (job, error);
  Shown shown = { .progress = progress_new (picture->quiet) };
  rv_job_subscribe (job, picture->preview ? PREVIEW_S : 0, on_report, &shown, NULL);
  gboolean ok = rv_job_run (job, NULL, error);
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  progress_end (shown.progress);
  preview_leave ();
  if (kernels)
    kernel_file_save (picture, kernels);
  return ok ? say_done (picture, &shown.last, began_us) : EXIT_FAILED;
}
