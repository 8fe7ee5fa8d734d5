/* cmd-dream.c -- reverie dream: a photograph in, what a network sees in it out. */
#include "cli.h"
#include "backend/backend.h"
#include "base/system.h"
#include "base/text.h"
#include "io/image/program.h"
#include <stdio.h>
#include <string.h>

#define TEST_PATTERN_PX 400
#define COMPARE_GAP_PX 8

typedef struct {
  gboolean list_layers, list_looks, list_words, test_pattern, what;
  char *compare, *mask;
} OwnOptions;

static const RvOption own_options[] = {
  { "compare", 0, RV_OPTION_TEXT, offsetof (OwnOptions, compare), .unit = "FILE",
    .help = "also write before and after, side by side" },
  { "mask", 0, RV_OPTION_TEXT, offsetof (OwnOptions, mask), .unit = "PICTURE",
    .help = "dream where it is white, not where it is black" },
  { "what", 0, RV_OPTION_BOOL, offsetof (OwnOptions, what), .help = "only say what the network sees in the picture" },
  { "list-words", 0, RV_OPTION_BOOL, offsetof (OwnOptions, list_words),
    .help = "show the words of the network, for --toward" },
  { "test-pattern", 0, RV_OPTION_BOOL, offsetof (OwnOptions, test_pattern),
    .help = "dream on a colour gradient of 400 x 400 px instead of a picture" },
  { "list-layers", 0, RV_OPTION_BOOL, offsetof (OwnOptions, list_layers), .help = "show the network's layers" },
  { "list-looks", 0, RV_OPTION_BOOL, offsetof (OwnOptions, list_looks), .help = "show the looks and presets" },
  { NULL },
};

/* One run, from the command line to the picture. */
typedef struct {
  PictureOptions picture;
  OwnOptions own;
  RvDreamSettings *settings;
  const char *file;
  int width, height; /* px, of the result */

  RvNet *net;
  RvImage *image, *mask;
  RvKernelTable *kernels;

  Progress *progress;
  FILE *log;
  GError *error; /* of saving while the run goes on */
} Job;

static void
job_clear (Job *job)
{
  picture_options_clear (&job->picture);
  rv_option_clear (own_options, &job->own);
  rv_dream_settings_free (job->settings);
  rv_net_unref (job->net);
  rv_image_unref (job->image);
  rv_image_unref (job->mask);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  if (job->log)
    fclose (job->log);
  g_clear_error (&job->error);
}

/* ---- what the command line says ---------------------------------------------------------------------------------- */

static int
list_things (const OwnOptions *own, const char *network)
{
  const char *const *presets = rv_dream_presets (), *const *looks = rv_dream_looks ();
  const char *const *layers = rv_net_layers (network);
  for (int i = 0; own->list_looks && presets[i]; i++)
    printf ("--preset %-16s %s\n", presets[i], rv_dream_preset_summary (presets[i]));
  for (int i = 0; own->list_looks && looks[i]; i++)
    printf ("--look %-18s %s\n", looks[i], rv_dream_look_layers (looks[i], network));
  for (int i = 0; own->list_layers && layers[i]; i++)
    printf ("%s\n", layers[i]);
  return EXIT_DONE;
}

static gboolean
read_command_line (Job *job, int n_args, char **args, const GPtrArray *given, GError **error)
{
  const char *preset = options_last (given, "preset");
  job->settings = rv_dream_settings_new (preset ? preset : "production", error);
  if (!job->settings || !options_apply (given, rv_dream_options, job->settings, "preset", error))
    return FALSE;
  if (n_args != (job->own.test_pattern ? 0 : 1)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 job->own.test_pattern ? "--test-pattern takes no picture"
                 : n_args > 1          ? "one picture at a time: reverie dream PICTURE -o OUT"
                                       : "which picture? reverie dream PICTURE -o OUT");
    return FALSE;
  }
  job->file = n_args ? args[0] : NULL;
  picture_imply (&job->picture, "builtin", 0, 0);
  job->picture.truncate = TRUE; /* as all the programs do */
  return (job->own.what || picture_check_usage (&job->picture, error)) &&
         (!job->picture.network || /* the weights will say */
          rv_dream_settings_check (job->settings, job->picture.network, error));
}

/* ---- what the files say ------------------------------------------------------------------------------------------ */

static gboolean
check_files (Job *job, GError **error)
{
  const char *inputs[] = { job->file ? job->file : job->own.mask, job->file ? job->own.mask : NULL, NULL };
  RvImageInfo info = { TEST_PATTERN_PX, TEST_PATTERN_PX };
  if (job->file && !rv_image_probe (job->file, &info, error))
    return FALSE;
  picture_target_size (&job->picture, info.width, info.height, &job->width, &job->height);
  if (!picture_check_output (&job->picture, job->width, job->height, inputs, error) ||
      !picture_check_other (&job->picture, job->own.compare, 2 * job->width + COMPARE_GAP_PX, job->height, inputs,
                            error))
    return FALSE;
  return picture_open_log (&job->picture, &job->log, error);
}

/* Red grows downwards, green to the right, blue with both: the picture that DeepDream programs are tried on. */
static RvImage *
test_pattern (GError **error)
{
  RvImage *image = rv_image_new (TEST_PATTERN_PX, TEST_PATTERN_PX, error);
  for (int i = 0; image && i < TEST_PATTERN_PX; i++)
    for (int j = 0; j < TEST_PATTERN_PX; j++) {
      float *pixel = (float *) image->rgb->data + i * TEST_PATTERN_PX + j;
      pixel[0] = (float) (i * 255 / TEST_PATTERN_PX);
      pixel[TEST_PATTERN_PX * TEST_PATTERN_PX] = (float) (j * 255 / TEST_PATTERN_PX);
      pixel[2 * TEST_PATTERN_PX * TEST_PATTERN_PX] = (float) ((i + j) * 255 / (2 * TEST_PATTERN_PX));
    }
  return image;
}

static RvImage *
load_picture (const Job *job, GError **error)
{
  if (job->file)
    return rv_image_load (job->file, job->width, job->height, error);
  g_autoptr (RvImage) pattern = test_pattern (error);
  return pattern ? rv_image_resize (pattern, job->width, job->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

#define WHAT_WORDS 5
#define WHAT_BAR 30 /* characters */

static int
say_what (const Job *job)
{
  GError *error = NULL;
  RvWord words[WHAT_WORDS];
  if (!rv_dream_what (job->net, job->image, words, WHAT_WORDS, &error))
    return run_error (error);
  for (int i = 0; i < WHAT_WORDS; i++) {
    int bar = (int) (words[i].probability_01 * WHAT_BAR + 0.5);
    printf ("%5.1f %%  %-30.*s %s\n", 100 * words[i].probability_01, bar, "##############################",
            words[i].word);
  }
  return EXIT_DONE;
}

static int
list_words (Job *job)
{
  GError *error = NULL;
  picture_imply (&job->picture, "builtin", 0, 0);
  job->net = picture_load_net (&job->picture, &error);
  if (!job->net)
    return run_error (error);
  const char *const *words = rv_net_words (job->net);
  if (!words)
    fprintf (stderr, "reverie: the network %s has no words\n", rv_net_name (job->net));
  for (int i = 0; words && words[i]; i++)
    printf ("%s\n", words[i]);
  return words ? EXIT_DONE : EXIT_FAILED;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_log (FILE *log, const RvDreamProgress *p)
{
  char loss[G_ASCII_DTOSTR_BUF_SIZE], seconds[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (log, "{\"octave\": %d, \"iteration\": %" G_GINT64_FORMAT ", \"loss\": %s, \"seconds\": %s}\n", p->octave,
           p->iteration, g_ascii_formatd (loss, sizeof loss, "%.9g", p->loss),
           g_ascii_formatd (seconds, sizeof seconds, "%.9g", p->seconds));
}

static gboolean
save_snapshot (Job *job, const RvDreamProgress *p, gint64 iteration)
{
  g_autofree char *name = picture_snapshot_name (job->picture.output, iteration);
  g_autoptr (RvImage) image = rv_dream_picture (p, &job->error);
  return image && picture_save (&job->picture, image, name, &job->error);
}

static gboolean
on_progress (const RvDreamProgress *p, gpointer data)
{
  Job *job = data;
  gint64 iteration = p->iterations_before + p->iteration;
  g_autofree char *what = g_strdup_printf (
    "octave %d/%d (%.3f, %d x %d) iteration %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.4g", p->octave,
    p->n_octaves, p->octave_scale, p->width, p->height, p->iteration, p->n_iterations, p->loss);
  progress_show (job->progress, p->done_01, p->seconds, iteration, what);
  if (job->log)
    write_log (job->log, p);
  if (job->picture.save_every > 0 && job->picture.output && iteration % job->picture.save_every == 0 &&
      !save_snapshot (job, p, iteration))
    return FALSE;
  return !interrupt_wanted ();
}

/* Octaves and layers that count nothing, in one line each. */
static void
say_what_is_left_out (const Job *job, const RvDream *dream)
{
  int n_octaves = rv_dream_n_octaves (dream), wanted = (int) job->settings->octaves, n_partial = 0;
  for (int i = 0; i < n_octaves; i++)
    n_partial += rv_dream_n_layers_left_out (dream, i) > 0;
  if (!job->picture.quiet && n_octaves < wanted)
    fprintf (stderr, "reverie: %d of %d octaves are left out: no chosen layer has an interior at so small a size\n",
             wanted - n_octaves, wanted);
  if (!job->picture.quiet && n_partial > 0)
    fprintf (stderr, "reverie: in %d of %d octaves some of the layers are too small to count\n", n_partial, n_octaves);
}

static int
print_plan (const Job *job, const RvDreamPlan *plan)
{
  g_autofree char *memory = rv__text_megabytes (plan->peak_bytes), *time = rv__text_seconds (plan->seconds);
  printf ("%d x %d px, %d octave%s, %" G_GINT64_FORMAT " iterations on %s: peak %s, about %s\n", job->width,
          job->height, plan->n_octaves, plan->n_octaves == 1 ? "" : "s", plan->n_iterations, plan->backend, memory,
          time);
  return EXIT_DONE;
}

static gboolean
save_compare (const Job *job, const RvImage *result, GError **error)
{
  if (!job->own.compare)
    return TRUE;
  g_autoptr (RvImage) pair = rv_image_new (2 * result->width + COMPARE_GAP_PX, result->height, error);
  for (int c = 0; pair && c < 3; c++)
    for (int y = 0; y < result->height; y++) {
      gint64 row = (gint64) c * result->height + y;
      float *to = (float *) pair->rgb->data + row * pair->width;
      memcpy (to, (float *) job->image->rgb->data + row * result->width, (gsize) result->width * sizeof (float));
      for (int x = 0; x < COMPARE_GAP_PX; x++)
        to[result->width + x] = 255;
      memcpy (to + result->width + COMPARE_GAP_PX, (float *) result->rgb->data + row * result->width,
              (gsize) result->width * sizeof (float));
    }
  return pair && picture_save (&job->picture, pair, job->own.compare, error);
}

static int
run_dream (Job *job, RvDream *dream)
{
  GError *error = NULL;
  g_autoptr (RvImage) result = NULL;
  gint64 began_us = g_get_monotonic_time ();

  interrupt_watch ();
  job->progress = progress_new (job->picture.quiet);
  rv_dream_run (dream, on_progress, job, &result, &error);
  progress_end (job->progress);
  if (!job->error)
    picture_flush_log (&job->picture, job->log, &job->error);
  int code = picture_save_result (&job->picture, result, error);
  if (code != EXIT_DONE)
    return code;
  GError *compare_error = NULL;
  if (!save_compare (job, result, &compare_error))
    return run_error (compare_error);
  kernel_file_save (job->kernels);
  if (job->error)
    return run_error (g_steal_pointer (&job->error));
  return picture_say_done (&job->picture, result, began_us);
}

static int
run_job (Job *job, int n_args, char **args, const GPtrArray *given)
{
  GError *error = NULL;
  RvDreamPlan plan = { 0 };
  if (!read_command_line (job, n_args, args, given, &error))
    return usage_error (error);
  rv__backend_start_for_program ();
  int threads = job->settings->threads ? (int) job->settings->threads : rv__system_cores ();
  if (!rv__vips_start_for_program (threads, &error) || !check_files (job, &error) ||
      !(job->net = picture_load_net (&job->picture, &error)) || !(job->image = load_picture (job, &error)))
    return run_error (error);
  if (job->own.what)
    return say_what (job);
  if (job->own.mask && !(job->mask = rv_image_load (job->own.mask, 0, 0, &error)))
    return run_error (error);
  g_autoptr (RvDream) dream = rv_dream_new (job->settings, job->net, job->image, &error);
  if (!dream)
    return run_error (error);
  if (job->mask)
    rv_dream_set_mask (dream, job->mask);
  job->kernels = kernel_file_load ();
  rv_dream_set_kernels (dream, job->kernels);
  say_what_is_left_out (job, dream);
  if (!job->picture.dry_run)
    return run_dream (job, dream);
  return rv_dream_plan (dream, &plan, &error) ? print_plan (job, &plan) : run_error (error);
}

static int
cmd_dream (int n_args, char **args, GPtrArray *given)
{
  Job job = { 0 };
  GError *error = NULL;
  int code;
  rv_option_defaults (own_options, &job.own);
  if (!picture_options_read (given, &job.picture, &error) ||
      !options_apply (given, own_options, &job.own, NULL, &error))
    code = usage_error (error);
  else if (job.own.list_layers || job.own.list_looks)
    code = list_things (&job.own, job.picture.network ? job.picture.network : "builtin");
  else if (job.own.list_words)
    code = list_words (&job);
  else
    code = run_job (&job, n_args, args, given);
  job_clear (&job);
  return code;
}

static const RvOption *const tables[] = { picture_options, rv_dream_options, own_options, NULL };

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
  "reverie dream sky.jpg --what",
  "what the network sees there before it dreams",
  "reverie dream --test-pattern -o pattern.png --preset test",
  "on a colour gradient, quickly",
  NULL,
};

const Command command_dream = {
  .name = "dream",
  .summary = "show what a network sees in a photograph",
  .usage = "PICTURE -o OUT [OPTIONS]",
  .about =
    "Takes a photograph and strengthens, again and again and from small sizes to large ones, whatever the chosen "
    "layers of a network respond to (DeepDream). The network is part of the program; others are named with --network "
    "or --weights. Ctrl-C writes the picture reached.",
  .examples = examples,
  .options = tables,
  .run = cmd_dream,
};
