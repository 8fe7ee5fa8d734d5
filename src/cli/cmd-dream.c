/* cmd-dream.c -- reverie dream: dreams on a picture, on frames, on a video, or from noise. */
#include "cli/video-command.h"
#include <stdio.h>
#include <string.h>

#define IMAGENET_WORDS 1000 /* number of words of networks that have groups */
#define WHAT_WORDS 5
#define WHAT_BAR 30 /* characters */

typedef struct {
  const CommandLine *line;
  PictureOptions picture;
  RvSettings *settings, *more; /* kinds "dream" and "dreams" */
  const char *preset;          /* preset if it is neither typed nor the usual one; else NULL */
  RvNet *net;
  RvKernelTable *kernels;
} DreamRun;

const RvOptionRow dream_own_options[] = {
  { "mask", 0, RV_OPTION_TEXT, .unit = "PICTURE",
    .help = "dream where it is white, not where it is black; video: a picture or a video" },
  { "word-mask", 0, RV_OPTION_TEXT, .unit = "PICTURE",
    .help = "a picture that --toward names without its folder; once for each" },
  { "guide", 0, RV_OPTION_TEXT, .unit = "PICTURE", .help = "grow toward what the network sees in this picture" },
  { "style", 0, RV_OPTION_TEXT, .unit = "PICTURE", .help = "also pull toward the style of this painting" },
  { "what", 0, RV_OPTION_BOOL, .help = "only print the classes that the network recognises in the picture" },
  { "list-words", 0, RV_OPTION_BOOL, .help = "show the words of the network, for --toward" },
  { "list-layers", 0, RV_OPTION_BOOL, .help = "show the network's layers" },
  { "list-looks", 0, RV_OPTION_BOOL, .help = "show the looks and presets" },
  { NULL },
};

/* Frees the owned members of @run; each may be NULL. */
static void
run_clear (DreamRun *run)
{
  picture_options_clear (&run->picture);
  rv_settings_free (run->settings);
  rv_settings_free (run->more);
  rv_net_unref (run->net);
  g_clear_pointer (&run->kernels, rv_kernel_table_unref);
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

/* Prints layers for --list-layers, and presets and looks for --list-looks. Loads run->net for a network from a file.
 * Returns the exit code. */
static int
list_things (DreamRun *run, GError **error)
{
  gboolean lists_looks = line_is_on (run->line, "list-looks"), lists_layers = line_is_on (run->line, "list-layers");
  const char *network = picture_network_name (&run->picture, "builtin", &run->net, error);
  const char *const *presets = rv_settings_presets ("dream"), *const *looks = rv_option_choices (
                                                                rv_settings_find_option ("dream", "look"));
  if (!network)
    return EXIT_FAILED;
  const char *const *layers = rv_net_layers (network);
  for (int i = 0; lists_looks && presets[i]; i++) {
    g_autofree char *summary = options_as_typed (rv_settings_preset_summary ("dream", presets[i]));
    printf ("--preset %-16s %s\n", presets[i], summary);
  }
  for (int i = 0; lists_looks && looks[i]; i++)
    printf ("--look %-18s %s\n", looks[i], rv_dream_look_layers (looks[i], network));
  for (int i = 0; lists_layers && layers[i]; i++)
    printf ("%s\n", layers[i]);
  return EXIT_DONE;
}

/* Loads run->net and prints its classes on standard output; also the groups of classes if there are as many classes as
 * in ImageNet. Returns the exit code; EXIT_FAILED has @error: RV_ERROR_SETTING if the network has no classes. */
static int
list_words (DreamRun *run, GError **error)
{
  picture_set_default_network (&run->picture, "builtin");
  run->net = picture_load_net (&run->picture, error);
  if (!run->net)
    return EXIT_FAILED;
  const char *const *words = rv_net_class_names (run->net);
  if (!words)
    error_set (error, RV_ERROR_SETTING, "--list-words: the network %s has no words", rv_net_name (run->net));
  for (int i = 0; words && words[i]; i++)
    text_print (stdout, "%s", words[i]);
  gboolean has_groups = words && g_strv_length ((char **) words) == IMAGENET_WORDS;
  for (int i = 0; has_groups && rv_dream_groups ()[i]; i++)
    printf ("%s\n", rv_dream_groups ()[i]);
  return words ? EXIT_DONE : EXIT_FAILED;
}

/* Prints the likeliest classes of the first picture, at most WHAT_WORDS, with run->net. Returns the exit code. */
static int
print_classes (const DreamRun *run, GError **error)
{
  RvImageInfo info;
  RvClassScore words[WHAT_WORDS];
  const char *const *names = rv_net_class_names (run->net);
  int n = names ? (int) MIN (g_strv_length ((char **) names), WHAT_WORDS) : 0;
  int width, height, threads = (int) rv_settings_get_int (run->settings, "threads", NULL);
  const char *file = run->line->args[0];
  if (!rv_image_probe (file, &info, error))
    return EXIT_FAILED;
  rv_picture_size (run->picture.asked, info.width, info.height, &width, &height);
  g_autoptr (RvImage) image = rv_image_load (file, width, height, error);
  if (!image || !rv_net_classify (run->net, image, threads, NULL, words, n, error))
    return EXIT_FAILED;
  for (int i = 0; i < n; i++) {
    int bar = (int) (words[i].probability_01 * WHAT_BAR + 0.5);
    text_print (stdout, "%5.1f %%  %-30.*s %s", 100 * words[i].probability_01, bar, "##############################",
                words[i].word);
  }
  return EXIT_DONE;
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

/* (nullable) (static): error message for the first fault of the command line that no job detects; NULL: there is none.
 * Such faults are a missing picture, wrong uses of --what and --from, and for pictures also of --preview, frame numbers
 * in OUT, and --atlas with --dry-run. */
static const char *
usage_fault (const DreamRun *run)
{
  gint64 count = rv_settings_get_int (run->more, "count", NULL);
  gboolean noise = strcmp (rv_settings_get_text (run->settings, "init", NULL), "noise") == 0;
  gboolean atlas = *rv_settings_get_text (run->more, "atlas", NULL) != '\0';
  gboolean drawn = noise || atlas || rv_settings_get_bool (run->more, "test-pattern", NULL);
  int n_files = run->line->n_args;
  gboolean numbered = rv_frame_is_pattern (run->picture.output), frames = n_files > 1 || count > 0,
           what = line_is_on (run->line, "what");
  if (!drawn && n_files == 0)
    return "a picture is missing: reverie dream PICTURE -o OUT";
  if (what && n_files != 1)
    return "--what needs one picture: reverie dream PICTURE --what";
  if (what && (drawn || count > 0))
    return "--what cannot be combined with --init noise, --atlas, --test-pattern or --count: it needs a "
           "picture";
  if (options_last (run->line->given, "from") && !run->picture.is_video)
    return "--from works only with videos, and this makes a picture";
  if (run->picture.is_video)
    return NULL; /* see check_video_options() */
  if (frames && n_files > 0 && run->picture.output && !numbered)
    return "several pictures need numbered files: -o 'OUT_%04d.png'";
  if ((frames || numbered || atlas || rv_settings_get_int (run->more, "diversity", NULL) > 1) && run->picture.preview)
    return "--preview works only with one picture, not with frames, --diversity or --atlas";
  if (atlas && run->picture.dry_run)
    return "--atlas cannot be combined with --dry-run";
  return NULL;
}

/* Rejects options that videos do not have. RV_ERROR_SETTING. */
static gboolean
check_video_options (const DreamRun *run, GError **error)
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

/* Reads the settings into @run, whose members line and picture are set already. The default preset is "atlas" for an
 * atlas, and "feature" for a dream from noise or, without a picture, of a neuron. Decides whether @run makes a video,
 * for which it may read the first file's header. Sets the default network, "builtin", and checks the command line. The
 * caller calls run_clear(), also after an error. RV_ERROR_SETTING. */
static gboolean
read_command_line (DreamRun *run, GError **error)
{
  const CommandLine *line = run->line;
  gboolean noise = g_strcmp0 (options_last (line->given, "init"), "noise") == 0 ||
                   (line->n_args == 0 && options_last (line->given, "neuron"));
  run->preset = options_last (line->given, "preset")  ? NULL
                : options_last (line->given, "atlas") ? "atlas"
                : noise                               ? "feature"
                                                      : NULL;
  if (!(run->settings = options_settings (line->given, "dream", run->preset, error)) ||
      !(run->more = options_settings (line->given, "dreams", NULL, error)))
    return FALSE;
  run->picture.is_video = line->n_args > 0 && rv_settings_get_int (run->more, "count", NULL) == 0 &&
                          video_is_requested (run->picture.output, line->args[0]);
  const char *fault = usage_fault (run);
  if (fault)
    return error_set (error, RV_ERROR_SETTING, "%s", fault);
  if (!(run->picture.is_video ? check_video_options (run, error) : video_options_check (line->given, NULL, error)))
    return FALSE;
  picture_set_default_network (&run->picture, "builtin");
  return line_is_on (line, "what") || picture_check_usage (&run->picture, error);
}

/* ---- job --------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the job "dream" or "dream-video" of the command line, with its inputs. Ctrl-C stops its
 * run. RV_ERROR_SETTING. */
static RvJob *
job_of (const DreamRun *run, GError **error)
{
  const CommandLine *line = run->line;
  g_autoptr (RvJob) job = rv_job_new (run->picture.is_video ? "dream-video" : "dream", error);
  g_autoptr (GPtrArray) word_masks = options_all (line->given, "word-mask");
  gboolean ok = job && job_set_if (job, "preset", run->preset, error) && job_set_given (job, line->given, NULL, error);
  for (int i = 0; ok && i < line->n_args; i++)
    ok = rv_job_add_file (job, run->picture.is_video ? "content" : "picture", line->args[i], error);
  for (guint i = 0; ok && i < word_masks->len; i++)
    ok = rv_job_add_file (job, "word-mask", word_masks->pdata[i], error);
  return ok && job_add_if (job, "guide", line_text (line, "guide"), error) &&
             job_add_if (job, "style", line_text (line, "style"), error) &&
             job_add_if (job, "mask", line_text (line, "mask"), error)
           ? g_steal_pointer (&job)
           : NULL;
}

/* Prints on standard error how many octaves are left out, and in how many octaves some layers are left out; nothing for
 * 0. @n_octaves: number of octaves that are used, without the @n_left_out. */
static void
print_left_out (int n_octaves, int n_left_out, int n_partial_octaves)
{
  if (n_left_out > 0)
    fprintf (stderr, "reverie: %d of %d octaves %s left out: too small for the chosen layers, or for --smallest\n",
             n_left_out, n_octaves + n_left_out, n_left_out == 1 ? "is" : "are");
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

/* Gives network and kernels of @run to @job, and runs it; with --dry-run prints its plan. Returns the exit code. */
static int
run_job (DreamRun *run, RvJob *job, GError **error)
{
  Shown shown = { .quiet = run->picture.quiet };
  const JobShow show = { &run->picture, run->picture.output, run->kernels, describe, &shown };
  rv_job_set_net (job, run->net, run->picture.weights_file);
  rv_job_set_kernels (job, run->kernels);
  if (run->picture.is_video)
    return video_run (job, run->line->args[0], &run->picture, run->kernels, error);
  if (!run->picture.dry_run)
    return job_run_picture (job, &show, error);
  RvJobPlan plan;
  int code = job_print_plan (job, "", "octave", &plan, error);
  if (code == EXIT_DONE)
    picture_print_input (&run->picture, run->net);
  if (code == EXIT_DONE && !run->picture.quiet)
    print_left_out (plan.n_stages, plan.n_skipped_octaves, plan.n_partial_octaves);
  return code;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Reads the rest of the command line, after picture_options_read(), into @run, which the caller clears. Then prints the
 * picture's classes (--what) or the plan (--dry-run), or makes pictures or a video. EXIT_DONE also if the output is
 * complete already (--resume). EXIT_FAILED has @error: RV_ERROR_SETTING for the command line; others of files, the
 * network and the run, see job_check(), picture_load_net(), kernels_load(), print_classes(), run_job().
 * EXIT_INTERRUPTED after Ctrl-C, without @error; the result so far is written. */
static int
run_command (DreamRun *run, GError **error)
{
  if (!rv_process_start ((int) line_number (run->line, "threads"), error) || !read_command_line (run, error))
    return EXIT_FAILED;
  gboolean what = line_is_on (run->line, "what"), is_picture = !what && !run->picture.is_video;
  g_autoptr (RvJob) job = job_of (run, error);
  if (!job)
    return EXIT_FAILED;
  if (is_picture && job_print_if_complete (job, &run->picture, run->picture.output))
    return EXIT_DONE;
  if ((is_picture && !job_check (job, &run->picture, run->picture.output, error)) ||
      !(run->net = picture_load_net (&run->picture, error)) || !(run->kernels = kernels_load (&run->picture, error)))
    return EXIT_FAILED;
  return what ? print_classes (run, error) : run_job (run, job, error);
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
      code = list_things (&run, error);
  } else if (line_is_on (line, "list-words"))
    code = list_words (&run, error);
  else
    code = run_command (&run, error);
  run_clear (&run);
  return code;
}

static const char *const examples[] = {
  "reverie dream sky.jpg -o dream.png",
  "what the network sees in the clouds",
  "reverie dream sky.jpg -o dream.png --look abstract-shapes --compare both.png",
  "another look, and before and after side by side",
  "reverie dream sky.jpg -o dream.png --layers conv4_3:1 --octaves 7 --jitter 16",
  "a layer of your own, more sizes, no grid marks",
  "reverie dream sky.jpg -o dream.png --channels conv5_1:12,40",
  "only two of a layer's channels",
  "reverie dream sky.jpg -o dream.png --toward macaw",
  "a dream of one word; --list-words shows all thousand words",
  "reverie dream sky.jpg -o dream.png --toward birds,castle:2",
  "birds and castles: each area becomes what it resembles more",
  "reverie dream sky.jpg -o dream.png --toward fish:below.png,birds:above.png",
  "fish where below.png is white, birds where above.png is white",
  "reverie dream sky.jpg -o dream.png --look eyes",
  "eyes and fur all over",
  "reverie dream sky.jpg -o dream.png --guide leaves.jpg",
  "grows what the network sees in another picture",
  "reverie dream sky.jpg -o dream.png --style painting.jpg --style-weight 1",
  "in the strokes of a painting",
  "reverie dream clip.mp4 -o dreamt.mp4 --from 0:12 --to 0:20",
  "a video, steady from frame to frame, with its sound",
  "reverie dream frames/*.png -o 'out/%04d.png' --blend 0.85",
  "the frames of a video, each blended into the next",
  "reverie dream sky.jpg -o 'out/%04d.png' --count 100 --zoom 1.05 --rotate 0.5",
  "a hundred frames that zoom into one picture",
  "reverie dream sky.jpg -o 'out/%04d.png' --count 100 --zoom 1.05 --rotate 0.5 --resume",
  "the same, continued after a stop",
  "reverie dream --neuron conv5_1:12 -o neuron.png",
  "without a picture: what a channel of a layer responds to most",
  "reverie dream --init noise --toward macaw -o macaw.png",
  "what the network takes for a macaw",
  "reverie dream --neuron conv5_1:12 --diversity 4 -o neurons.png",
  "four different pictures that this channel responds to",
  "reverie dream --atlas conv4_3 -o atlas.png",
  "what each channel of a layer responds to",
  "reverie dream sky.jpg --what",
  "only prints what the network sees in the picture",
  "reverie dream --test-pattern -o pattern.png --preset test",
  "a quick dream on a colour gradient",
  NULL,
};

const Command command_dream = {
  .name = "dream",
  .summary = "show what a network sees in a photograph",
  .usage = "PICTURE... -o OUT [OPTIONS]",
  .about =
    "Strengthens in a photograph what the chosen layers of a network respond to (DeepDream), step by step, from small "
    "sizes to large ones. The network is part of the program; --network or --weights names another. Ctrl-C writes the "
    "picture so far, and --resume continues from there. If OUT is a video, such as .mp4, PICTURE must be one.",
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
