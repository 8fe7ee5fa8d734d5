/* video-command.c -- functions of all commands that make a video. */
#include "cli/video-command.h"
#include "cli/preview.h"
#include <math.h>
#include <string.h>

gboolean
video_is_requested (const char *output, const char *content)
{
  g_autoptr (GError) error = NULL, no_video = NULL;
  RvVideoInfo video;
  gboolean is_video = !output || rv_video_check_target (output, &no_video) ||
                      !g_error_matches (no_video, RV_ERROR, RV_ERROR_SETTING),
           is_picture = !output || rv_image_check_target (output, 1, 1, &error) ||
                        !g_error_matches (error, RV_ERROR, RV_ERROR_SETTING); /* .webp is both */
  if (!is_video && is_picture)
    return FALSE;
  gboolean is_numbered = rv_frame_is_pattern (content) && !g_file_test (content, G_FILE_TEST_EXISTS);
  if (is_video && (!is_picture || is_numbered))
    return TRUE;
  return !rv_image_is_known (content) && rv_video_probe (content, &video, NULL); /* the content decides */
}

gboolean
video_refuse (const char *what, GError **error)
{
  return !what || error_set (error, RV_ERROR_SETTING, "a video cannot be combined with %s", what);
}

gboolean
video_options_check (const GPtrArray *given, const char *more, GError **error)
{
  const char *const of_videos[] = {
    "to",        "every", "loop", "long-term-frames", "baseline-pairs", "crf", "codec", "frame-iterations",
    "keyframes", more,    NULL
  };
  for (int i = 0; of_videos[i]; i++)
    if (options_last (given, of_videos[i]))
      return error_set (error, RV_ERROR_SETTING, "--%s works only with videos, and this makes a picture", of_videos[i]);
  return TRUE;
}

/* Warns on standard error if @content has a variable frame rate that @output (not NULL) cannot store, or a higher one
 * than browsers show of its format. @job: for the setting `every`. Silent if @content cannot be read. Cannot fail. */
static void
warn_of_rate (RvJob *job, const char *content, const char *output)
{
  RvVideoInfo info;
  if (!rv_video_probe (content, &info, NULL))
    return;
  g_autofree char *every = rv_job_get (job, "every", NULL), *name = g_ascii_strdown (output, -1);
  /* GIF: units of 10 ms, and a frame below 20 ms is shown for 100. WebP: units of 1 ms, and a frame of 10 ms or less is
   * shown for 100, too. */
  double max_rate = g_str_has_suffix (name, ".gif") ? 50 : g_str_has_suffix (name, ".webp") ? 90 : G_MAXINT;
  gboolean has_fixed_rate = strcmp (name, "-") == 0 || rv_frame_is_pattern (output) || g_str_has_suffix (name, ".y4m");
  double rate = (double) info.rate_num / info.rate_den;
  if (has_fixed_rate && info.variable_rate)
    text_print (stderr, "reverie: %s: variable frame rate; the frames are read at %.4g per second", content, rate);
  if (rate / g_ascii_strtod (every, NULL) > max_rate * 1.001)
    text_print (
      stderr,
      "reverie: %s: browsers show at most %g frames per second and play it more slowly; --every %.0f makes %.4g",
      output, max_rate, ceil (rate / max_rate), rate / ceil (rate / max_rate));
}

/* Plans the job of a video and prints on standard output, also with --quiet: frames, times, memory and disk. Without a
 * known length leaves out totals. Returns EXIT_DONE, or EXIT_FAILED with the errors of rv_job_plan(). */
static int
print_plan (RvJob *job, GError **error)
{
  RvJobPlan plan;
  if (!rv_job_plan (job, &plan, error))
    return EXIT_FAILED;
  g_autofree char *memory = job_memory_text (&plan), *all = rv_text_seconds (plan.seconds);
  g_autofree char *first = rv_text_seconds (plan.first_frame_s), *next = rv_text_seconds (plan.next_frame_s);
  g_autofree char *disk = rv_text_bytes (plan.file_bytes), *meanwhile = rv_text_bytes (plan.temporary_bytes),
                  *kernels = job_kernels_text ("; ", plan.n_guessed);
  printf ("%d x %d px, ", plan.width, plan.height);
  if (plan.n_frames > 0)
    printf ("%d frame%s on %s: the first of a shot %s, the others %s each, in one shot about %s; peak %s; about %s on "
            "disk, and %s until it is done%s\n",
            plan.n_frames, plan.n_frames == 1 ? "" : "s", plan.backend, first, next, all, memory, disk, meanwhile,
            kernels);
  else
    printf ("length unknown, on %s: the first of a shot %s, the others %s each; peak %s; each about %s on disk, "
            "and %s until all are done%s\n",
            plan.backend, first, next, memory, disk, meanwhile, kernels);
  return EXIT_DONE;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

/* JobShow.describe: "frame 3/120  loss 0.42"; without a loss if it is 0. */
static char *
describe (const RvJobReport *report, gpointer unused)
{
  g_autofree char *of = report->n_frames > 0 ? g_strdup_printf ("/%d", report->n_frames) : g_strdup ("");
  g_autofree char *loss = report->loss != 0 ? g_strdup_printf ("  loss %.4g", report->loss) : g_strdup ("");
  return g_strdup_printf ("frame %d%s%s%s", report->frame, of, loss, report->n_frames > 0 ? "" : "  length unknown");
}

/* Prints frames, time and known warping errors of a run that has ended with the report @end, unless --quiet. Prints on
 * standard output; on standard error if the video goes to standard output. Returns EXIT_INTERRUPTED if the run was
 * stopped, else EXIT_DONE. @began_us: monotonic. */
static int
print_done (RvJob *job, const PictureOptions *picture, const RvJobReport *end, gint64 began_us)
{
  gboolean into_stream = g_strcmp0 (picture->output, "-") == 0;
  g_autofree char *every_s = rv_job_get (job, "state-every", NULL);
  const char *interrupted = g_ascii_strtod (every_s, NULL) > 0 || into_stream
                              ? " (interrupted)"
                              : " (interrupted; with --state-every 0 it cannot be resumed)";
  g_autofree char *time = job_time_text (began_us);
  g_autofree char *output = text_plain (into_stream ? "standard output" : picture->output, FALSE);
  FILE *out = into_stream ? stderr : stdout; /* keeps messages out of the video stream */
  const char *part = rv_settings_get_text (picture->asked, "part", NULL);
  if (!picture->quiet && *part)
    fprintf (out, "%s: %d frame%s of part %s in %s; --resume without --part joins all parts\n", output, end->frame,
             end->frame == 1 ? "" : "s", part, time);
  else if (!picture->quiet) {
    fprintf (out, "%s: %d x %d px, %d frame%s in %s", output, end->width, end->height, end->frame,
             end->frame == 1 ? "" : "s", time);
    if (end->warping_error >= 0)
      fprintf (out, "; warping error %.2g (the video's own %.2g", end->warping_error, end->source_error);
    if (end->warping_error >= 0 && end->baseline_error >= 0)
      fprintf (out, "; frame by frame %.2g", end->baseline_error);
    if (end->warping_error >= 0)
      fprintf (out, ")");
    fprintf (out, "%s\n", end->stopped ? interrupted : "");
  }
  return end->stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

int
video_run (RvJob *job, const char *content, const PictureOptions *picture, RvKernelTable *kernels, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  gboolean is_stream = g_strcmp0 (picture->output, "-") == 0;
  RvVideoInfo info; /* an animated picture is a video */
  g_autoptr (GError) fault = NULL;
  if (picture->output && rv_image_is_known (content) && !rv_video_probe (content, &info, &fault) &&
      g_error_matches (fault, RV_ERROR, RV_ERROR_FORMAT))
    return error_fail (error, RV_ERROR_SETTING, "-o %s writes a video%s, and %s is a picture; name a %s: -o OUT.png",
                       picture->output, is_stream ? " to standard output" : "", content,
                       is_stream ? "file" : "picture");
  if (picture->output && picture->preview && !picture->dry_run && !preview_check (error))
    return EXIT_FAILED;
  if (job_print_if_complete (job, picture, picture->output))
    return EXIT_DONE;
  rv_job_set_kernels (job, kernels);
  if (!picture->quiet)
    warn_of_rate (job, content, picture->output ? picture->output : "");
  if (picture->dry_run)
    return print_plan (job, error);
  const JobShow show = { picture, picture->output, kernels, describe, .hides_speed = TRUE };
  RvJobReport end;
  return job_run (job, &show, &end, error) ? print_done (job, picture, &end, began_us) : EXIT_FAILED;
}
