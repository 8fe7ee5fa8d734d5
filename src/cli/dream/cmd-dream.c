/* cmd-dream.c -- reverie dream: DeepDream on a photograph. */
#include "cmd-dream.h"
#include <stdio.h>

/* Adds guide, style and masks to @job, those that are given. RV_ERROR_SETTING. */
static gboolean
add_other_inputs (RvJob *job, const DreamRun *run, GError **error)
{
  g_autoptr (GPtrArray) word_masks = options_all (run->line->given, "word-mask");
  for (guint i = 0; i < word_masks->len; i++)
    if (!rv_job_add_file (job, "word-mask", word_masks->pdata[i], error))
      return FALSE;
  return job_add_if (job, "guide", line_text (run->line, "guide"), error) &&
         job_add_if (job, "style", line_text (run->line, "style"), error) &&
         job_add_if (job, "mask", line_text (run->line, "mask"), error);
}

/* (transfer full) (nullable): the job "dream" of the command line, with its inputs. Ctrl-C stops it, once
 * interrupt_watch() was called. RV_ERROR_SETTING. */
static RvJob *
job_of (const DreamRun *run, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("dream", error);
  const RvSettings *settings[] = { run->settings, run->more, run->picture.asked, run->state_settings, NULL };
  gboolean ok = job && job_set_all (job, settings, error);
  for (int i = 0; ok && i < run->line->n_args; i++)
    ok = rv_job_add_file (job, "picture", run->line->args[i], error);
  return ok && add_other_inputs (job, run, error) ? g_steal_pointer (&job) : NULL;
}

/* Prints on standard error how many octaves are left out, and in how many some layers are; nothing for 0. @n_octaves:
 * without those left out. */
static void
print_left_out (int n_octaves, int n_left_out, int n_partial_octaves)
{
  if (n_left_out > 0)
    fprintf (stderr, "reverie: %d of %d octaves are left out: too small for the chosen layers, or for --smallest\n",
             n_left_out, n_octaves + n_left_out);
  if (n_partial_octaves > 0)
    fprintf (stderr, "reverie: in %d of %d octaves some of the layers are too small to count\n", n_partial_octaves,
             n_octaves);
}

typedef struct {
  gboolean quiet, begun;
} Shown;

/* JobShow.describe; @data: Shown. (transfer full): text after the progress bar: octave, size, iteration and loss, or
 * the channel of an atlas. The first call also prints on standard error how many octaves are left out, unless
 * --quiet. */
static char *
describe (const RvJobReport *report, gpointer data)
{
  Shown *shown = data;
  if (!shown->begun && !shown->quiet)
    print_left_out (report->n_stages, report->n_skipped_octaves, report->n_partial_octaves);
  shown->begun = TRUE;
  if (!report->names) /* an atlas has no losses */
    return g_strdup_printf ("channel %" G_GINT64_FORMAT " (%d of %d)", report->channel, report->frame,
                            report->n_frames);
  g_autofree char *frame =
    report->frame > 0 ? g_strdup_printf ("frame %d/%d ", report->frame, report->n_frames) : g_strdup ("");
  return g_strdup_printf ("%soctave %d/%d (%.3f, %d x %d) iteration %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                          " loss %.4g",
                          frame, report->stage, report->n_stages, report->scale, report->width, report->height,
                          report->stage_iteration, report->n_stage_iterations, report->loss);
}

static int
print_plan (const DreamRun *run, RvJob *job, GError **error)
{
  RvJobPlan plan;
  int code = job_print_plan (job, "", "octave", &plan, error);
  if (code == EXIT_DONE)
    picture_print_input (&run->picture, run->net);
  if (code == EXIT_DONE && !run->picture.quiet)
    print_left_out (plan.n_stages, plan.n_skipped_octaves, plan.n_partial_octaves);
  return code;
}

static int
run_job (DreamRun *run, RvJob *job, GError **error)
{
  Shown shown = { .quiet = run->picture.quiet };
  const JobShow show = { &run->picture, run->picture.output, run->kernels, describe, &shown };
  rv_job_set_net (job, run->net, run->picture.weights_file);
  rv_job_set_kernels (job, run->kernels);
  interrupt_watch ();
  return run->picture.dry_run ? print_plan (run, job, error) : job_run_picture (job, &show, error);
}

/* Rejects options that videos do not have. RV_ERROR_SETTING. */
static gboolean
check_options (const DreamRun *run, GError **error)
{
  const RvSettings *more = run->more;
  const char *what =
    run->line->n_args > 1                               ? "other videos"
    : rv_settings_get_bool (more, "test-pattern", NULL) ? "--test-pattern"
    : *rv_settings_get_text (more, "atlas", NULL)       ? "--atlas"
    : *rv_settings_get_text (more, "compare", NULL)     ? "--compare"
    : rv_settings_get_int (more, "diversity", NULL) > 1 ? "--diversity"
    : rv_settings_get_real (more, "zoom", NULL) != 1 || rv_settings_get_real (more, "rotate", NULL) != 0
      ? "--zoom or --rotate"
      : NULL;
  return video_refuse (what, error);
}

/* (transfer full) (nullable): the job "dream-video" of the command line, with inputs and network. Ctrl-C stops it, once
 * interrupt_watch() was called. RV_ERROR_SETTING. */
static RvJob *
video_job_of (const DreamRun *run, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("dream-video", error);
  g_autofree char *style_weight = rv_settings_get (run->more, "style-weight", NULL),
                  *blend = rv_settings_get (run->more, "blend", NULL);
  gboolean blends = options_last (run->line->given, "blend") != NULL;
  const RvSettings *settings[] = { run->settings, run->video, run->picture.asked, run->state_settings, NULL };
  if (!job || !job_set_all (job, settings, error) || !job_set_if (job, "style-weight", style_weight, error) ||
      (blends && !rv_job_set (job, "blend", blend, error)) ||
      !rv_job_add_file (job, "content", run->line->args[0], error) || !add_other_inputs (job, run, error))
    return NULL;
  rv_job_set_net (job, run->net, run->picture.weights_file);
  return g_steal_pointer (&job);
}

/* Runs the job of the video args[0], or prints its plan. Returns the exit code: EXIT_FAILED has @error;
 * EXIT_INTERRUPTED, after Ctrl-C, has none. RV_ERROR_SETTING: options that videos lack; errors of rv_job_run(). */
static int
run_video (DreamRun *run, GError **error)
{
  if (!check_options (run, error))
    return EXIT_FAILED;
  interrupt_watch ();
  g_autoptr (RvJob) job = video_job_of (run, error);
  return job ? video_run (job, run->line->args[0], &run->picture, run->kernels, error) : EXIT_FAILED;
}

/* Reads the rest of the command line, after picture_options_read(), into @run, which the caller clears. Then prints the
 * picture's classes (--what) or the plan (--dry-run), or makes pictures or a video. EXIT_DONE also if the output is
 * complete already (--resume). EXIT_FAILED has @error: RV_ERROR_SETTING for the command line; others of files, the
 * network and the run, see job_check(), picture_load_net(), job_run(). EXIT_INTERRUPTED, without
 * @error: Ctrl-C; the result so far is written. */
static int
run_command (DreamRun *run, GError **error)
{
  if (!dream_read_command_line (run, error))
    return EXIT_FAILED;
  gboolean what = line_is_on (run->line, "what"), is_job = !what && !run->is_video;
  g_autoptr (RvJob) job = is_job ? job_of (run, error) : NULL;
  if (is_job && !job)
    return EXIT_FAILED;
  if (job && job_print_if_complete (job, &run->picture, run->picture.output))
    return EXIT_DONE;
  if (!rv_process_start (options_threads (run->settings), error) ||
      (job && !job_check (job, &run->picture, run->picture.output, error)) ||
      !(run->net = picture_load_net (&run->picture, error)) || !(run->kernels = kernels_load (&run->picture, error)))
    return EXIT_FAILED;
  return what ? dream_print_classes (run, error) : run->is_video ? run_video (run, error) : run_job (run, job, error);
}

/* Command.run. Prints lists for --list-layers, --list-looks and --list-words, else calls run_command(). EXIT_FAILED has
 * @error, EXIT_INTERRUPTED has none. */
static int
cmd_dream (const CommandLine *line, GError **error)
{
  DreamRun run = { .line = line };
  int code = EXIT_FAILED;
  if (!picture_options_read (line, &run.picture, error))
    ; /* @error is set */
  else if (line_is_on (line, "list-layers") || line_is_on (line, "list-looks")) {
    if ((run.settings = options_settings (line->given, "dream", NULL, error)))
      code = dream_list (&run, error);
  } else if (line_is_on (line, "list-words"))
    code = dream_list_words (&run, error);
  else
    code = run_command (&run, error);
  dream_clear (&run);
  return code;
}

static const char *const examples[] = {
  "reverie dream sky.jpg -o dream.png",
  "what the network sees in the clouds",
  "reverie dream sky.jpg -o dream.png --look abstract-shapes --compare both.png",
  "another look, and before and after side by side",
  "reverie dream sky.jpg -o dream.png --layers conv4_3:1 --octaves 7 --jitter 16",
  "a layer of your own, more sizes, no grid marks",
  "reverie dream sky.jpg -o dream.png --layers conv5_1 --channels conv5_1:12,40",
  "only two of a layer's channels",
  "reverie dream sky.jpg -o dream.png --toward macaw",
  "of a word; --list-words shows a thousand of them",
  "reverie dream sky.jpg -o dream.png --toward birds,castle:2",
  "of birds and castles, whichever a place is nearer to",
  "reverie dream sky.jpg -o dream.png --toward fish:below.png,birds:above.png",
  "of fish where one picture is white, of birds where the other is",
  "reverie dream sky.jpg -o dream.png --look eyes",
  "eyes and fur all over",
  "reverie dream sky.jpg -o dream.png --guide leaves.jpg",
  "toward what the network sees in another picture",
  "reverie dream sky.jpg -o dream.png --style painting.jpg --style-weight 1",
  "in the strokes of a painting",
  "reverie dream clip.mp4 -o dreamt.mp4 --from 0:12 --to 0:20",
  "a video, steady from frame to frame, with its sound",
  "reverie dream frames/*.png -o 'out/%04d.png' --blend 0.85",
  "the frames of a video, each blended into the next",
  "reverie dream sky.jpg -o 'out/%04d.png' --count 100 --zoom 1.05 --rotate 0.5",
  "a hundred frames deeper and deeper into one picture",
  "reverie dream sky.jpg -o 'out/%04d.png' --count 100 --zoom 1.05 --rotate 0.5 --resume",
  "the same, continued after a stop",
  "reverie dream --neuron conv5_1:12 -o neuron.png",
  "without a picture: what a channel of a layer responds to most",
  "reverie dream --init noise --toward macaw -o macaw.png",
  "what the network takes for a macaw",
  "reverie dream --neuron conv5_1:12 --diversity 4 -o neurons.png",
  "four pictures that it responds to, each unlike the others",
  "reverie dream --atlas conv4_3 -o atlas.png",
  "what each channel of a layer responds to",
  "reverie dream sky.jpg --what",
  "what the network sees there before it dreams",
  "reverie dream --test-pattern -o pattern.png --preset test",
  "on a colour gradient, quickly",
  NULL,
};

const Command command_dream = {
  .name = "dream",
  .summary = "show what a network sees in a photograph",
  .usage = "PICTURE... -o OUT [OPTIONS]",
  .about =
    "Takes a photograph and strengthens, again and again and from small sizes to large ones, whatever the chosen "
    "layers of a network respond to (DeepDream). The network is part of the program; others are named with --network "
    "or --weights. Ctrl-C writes the picture so far, and --resume continues from there. If OUT is a video, such as "
    ".mp4, so is PICTURE.",
  .examples = examples,
  .options = { { .kind = "picture" },
               { picture_options },
               { .kind = "dream" },
               { .kind = "dreams" },
               { dream_own_options },
               { .kind = "state" },
               { .kind = "dream-video", .first = "from" } }, /* videos share --blend and --style-weight with pictures */
  .run = cmd_dream,
};
