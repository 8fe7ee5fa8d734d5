/* cmd-style.c -- reverie style: a photograph and paintings in, a painted photograph out. */
#include "cli.h"
#include "backend/backend.h"
#include "base/text.h"
#include "io/image/program.h"
#include "method/compute.h"
#include "recipe.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  gboolean list_layers, list_presets;
} ListOptions;

static const RvOption list_options[] = {
  { "list-layers", 0, RV_OPTION_BOOL, offsetof (ListOptions, list_layers), .help = "show the network's layers" },
  { "list-presets", 0, RV_OPTION_BOOL, offsetof (ListOptions, list_presets), .help = "show the presets" },
  { NULL },
};

/* One run, from the command line to the picture. */
typedef struct {
  PictureOptions picture;
  RvStyleSettings *settings;
  const char *content_file, *init_file;
  char **style_files;
  int n_styles;
  int width, height; /* px, of the result */

  RvNet *net;
  RvImage *content, *init;
  RvImage **styles;
  RvKernelTable *kernels;

  Progress *progress;
  FILE *log;
  PictureWatch *watch;
  GError *error; /* of saving while the run goes on */
} Job;

/* The run holds the pictures it needs, and lets go of them when it can. */
static void
leave_pictures (Job *job)
{
  g_clear_pointer (&job->content, rv_image_unref);
  g_clear_pointer (&job->init, rv_image_unref);
  for (int i = 0; job->styles && i < job->n_styles; i++)
    rv_image_unref (job->styles[i]);
  g_clear_pointer (&job->styles, g_free);
}

static void
job_clear (Job *job)
{
  picture_options_clear (&job->picture);
  rv_style_settings_free (job->settings);
  rv_net_unref (job->net);
  leave_pictures (job);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  if (job->log)
    fclose (job->log);
  picture_watch_free (job->watch);
  g_clear_error (&job->error);
}

/* ---- what the command line says ---------------------------------------------------------------------------------- */

static int
list_things (const ListOptions *lists, const PictureOptions *picture, const char *preset)
{
  const char *const *presets = rv_style_presets (), *const * layers;
  const RvStylePreset *implied = rv_style_preset (preset ? preset : presets[0]);
  layers = rv_net_layers (picture->network ? picture->network : implied ? implied->network : "builtin");
  if (lists->list_presets)
    for (int i = 0; presets[i]; i++)
      printf ("%-10s %s\n", presets[i], rv_style_preset (presets[i])->summary);
  if (lists->list_layers) {
    for (int i = 0; layers[i]; i++)
      printf ("%s\n", layers[i]);
    printf ("\nA name is the layer after ReLU, NAME:pre before it.%s\n",
            g_strv_contains (layers, "conv4_2") ? " relu4_2 and block4_conv2 are conv4_2." : "");
  }
  return EXIT_DONE;
}

/* --init takes a file as well as a word. */
static gboolean
apply_init (Job *job, const GPtrArray *given, GError **error)
{
  const char *init = options_last (given, "init");
  const RvOption *option = rv_option_find (rv_style_options, "init");
  if (!init)
    return TRUE;
  if (!g_strv_contains (option->choices (), init) || strcmp (init, "picture") == 0) {
    job->init_file = init;
    init = "picture";
  }
  return rv_option_set (rv_style_options, job->settings, "init", init, error);
}

static gboolean
strength_elsewhere (const Job *job, const GPtrArray *given, GError **error)
{
  if (!options_last (given, "strength") || strcmp (job->settings->preset, "gallery") == 0)
    return FALSE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--strength belongs to the preset gallery; use --content-weight");
  return TRUE;
}

static gboolean
read_command_line (Job *job, int n_args, char **args, const GPtrArray *given, GError **error)
{
  const char *preset = options_last (given, "preset");
  job->settings = rv_style_settings_new (preset ? preset : "gallery", error);
  if (!job->settings)
    return FALSE;
  g_autoptr (GPtrArray) but_init = g_ptr_array_new ();
  for (guint i = 0; i < given->len; i++)
    if (strcmp (((Given *) given->pdata[i])->option->name, "init") != 0)
      g_ptr_array_add (but_init, given->pdata[i]);
  if (!options_apply (but_init, rv_style_options, job->settings, "preset", error) || !apply_init (job, given, error) ||
      strength_elsewhere (job, given, error))
    return FALSE;
  if (n_args < 2) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 n_args ? "a style picture is missing: reverie style CONTENT STYLE... -o OUT"
                        : "which pictures? reverie style CONTENT STYLE... -o OUT");
    return FALSE;
  }
  job->content_file = args[0];
  job->style_files = args + 1;
  job->n_styles = n_args - 1;
  const RvStylePreset *found = rv_style_preset (job->settings->preset);
  picture_imply (&job->picture, found->network, found->height, found->width);
  job->picture.truncate = job->settings->truncate;
  return picture_check_usage (&job->picture, error) &&
         (!job->picture.network || /* the weights will say */
          rv_style_settings_check (job->settings, job->picture.network, job->n_styles, error));
}

/* ---- what the files say ------------------------------------------------------------------------------------------ */

static gboolean
check_files (Job *job, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  RvImageInfo info, style_info;

  g_ptr_array_add (inputs, (gpointer) job->content_file);
  for (int i = 0; i < job->n_styles; i++)
    g_ptr_array_add (inputs, job->style_files[i]);
  if (job->init_file)
    g_ptr_array_add (inputs, (gpointer) job->init_file);
  g_ptr_array_add (inputs, NULL);

  if (!rv_image_probe (job->content_file, &info, error))
    return FALSE;
  for (guint i = 1; i + 1 < inputs->len; i++)
    if (!rv_image_probe (inputs->pdata[i], &style_info, error))
      return FALSE;
  picture_target_size (&job->picture, info.width, info.height, &job->width, &job->height);
  return picture_check_output (&job->picture, job->width, job->height, (const char *const *) inputs->pdata, error) &&
         picture_open_log (&job->picture, &job->log, error);
}

/* The classic ways to resize want the picture as it is. */
static gboolean
resized_while_read (const Job *job)
{
  return rv_style_settings_resize (job->settings) == RV_IMAGE_RESIZE_BEST;
}

/* A picture of the result's size. */
static RvImage *
load_content (const Job *job, const char *file, GError **error)
{
  if (resized_while_read (job))
    return rv_image_load (file, job->width, job->height, error);
  g_autoptr (RvImage) full = rv_image_load (file, 0, 0, error);
  RvImageResize how = rv_style_settings_resize (job->settings);
  return full ? rv_image_resize (full, job->width, job->height, how, error) : NULL;
}

/* A style picture at the size the finest scale wants, or at its own where that is smaller. */
static RvImage *
load_style (const Job *job, const char *file, GError **error)
{
  if (!resized_while_read (job))
    return rv_image_load (file, 0, 0, error);
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return NULL;
  double wanted = MAX (job->width, job->height) * job->settings->style_scale;
  double scale = MIN (wanted / MAX (info.width, info.height), 1);
  return rv_image_load (file, MAX ((int) lrint (info.width * scale), 1), MAX ((int) lrint (info.height * scale), 1),
                        error);
}

static gboolean
load_pictures (Job *job, GError **error)
{
  job->net = picture_load_net (&job->picture, error);
  job->content = job->net ? load_content (job, job->content_file, error) : NULL;
  job->styles = g_new0 (RvImage *, job->n_styles + 1);
  if (!job->content)
    return FALSE;
  for (int i = 0; i < job->n_styles; i++)
    if (!(job->styles[i] = load_style (job, job->style_files[i], error)))
      return FALSE;
  if (job->init_file)
    job->init = load_content (job, job->init_file, error);
  return !job->init_file || job->init;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_log (FILE *log, const RvStyleProgress *p)
{
  const struct {
    const char *name;
    double value;
  } numbers[] = {
    { "loss", p->loss }, { "content", p->content }, { "style", p->style }, { "tv", p->tv }, { "seconds", p->seconds }
  };
  fprintf (log, "{\"iteration\": %" G_GINT64_FORMAT ", \"scale\": %d", p->iteration, p->scale);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    fprintf (log, ", \"%s\": %s", numbers[i].name, g_ascii_formatd (text, sizeof text, "%.9g", numbers[i].value));
  }
  if (p->dream != 0)
    fprintf (log, ", \"dream\": %s",
             g_ascii_formatd ((char[G_ASCII_DTOSTR_BUF_SIZE]){ 0 }, G_ASCII_DTOSTR_BUF_SIZE, "%.9g", p->dream));
  fprintf (log, "}\n");
}

static gboolean
save_snapshot (Job *job, const RvStyleProgress *p)
{
  g_autofree char *name = picture_snapshot_name (job->picture.output, p->iteration);
  g_autoptr (RvImage) image = rv_style_picture (p, &job->error);
  return image && picture_save (&job->picture, image, name, &job->error);
}

static gboolean
show_live (Job *job, const RvStyleProgress *p)
{
  g_autoptr (RvImage) image = rv_style_picture (p, &job->error);
  return image && picture_watch_show (job->watch, image, &job->error);
}

static gboolean
on_progress (const RvStyleProgress *p, gpointer data)
{
  Job *job = data;
  g_autofree char *what =
    g_strdup_printf ("scale %d/%d %d x %d  loss %.4g", p->scale, p->n_scales, p->width, p->height, p->loss);
  progress_show (job->progress, p->done_01, p->seconds, p->iteration, what);
  if (job->log)
    write_log (job->log, p);
  picture_watch_losses (job->watch, (double[]){ p->content, p->style, p->tv });
  if (picture_watch_due (job->watch) && !show_live (job, p))
    return FALSE;
  if (job->picture.save_every > 0 && job->picture.output && p->iteration % job->picture.save_every == 0 &&
      !save_snapshot (job, p))
    return FALSE;
  return !interrupt_wanted ();
}

static int
print_plan (RvStyle *style, const Job *job)
{
  RvStylePlan plan;
  GError *error = NULL;
  if (!rv_style_plan (style, &plan, &error))
    return run_error (error);
  g_autofree char *memory = rv__text_megabytes (plan.peak_bytes), *time = rv__text_seconds (plan.seconds);
  g_autofree char *tiles = picture_tiles_text (plan.n_tiles, plan.work, plan.compact);
  printf ("%d x %d px%s, %d scale%s, %" G_GINT64_FORMAT " iterations on %s: peak %s, about %s\n", job->width,
          job->height, tiles, plan.n_scales, plan.n_scales == 1 ? "" : "s", plan.n_iterations, plan.backend, memory,
          time);
  return EXIT_DONE;
}

static void
keep_recipe (Job *job)
{
  g_autofree RecipeInput *inputs = g_new0 (RecipeInput, job->n_styles + 2);
  inputs[0] = (RecipeInput){ "content", job->content_file };
  for (int i = 0; i < job->n_styles; i++)
    inputs[1 + i] = (RecipeInput){ "style", job->style_files[i] };
  inputs[1 + job->n_styles] = (RecipeInput){ "init", job->init_file };
  recipe_keep (&(Recipe){ .command = "style",
                          .inputs = inputs,
                          .n_inputs = job->n_styles + 2,
                          .network = rv_net_name (job->net),
                          .weights = job->picture.weights_file,
                          .width = job->width,
                          .height = job->height,
                          .table = rv_style_options,
                          .settings = job->settings,
                          .kernels = job->settings->compute.exact ? NULL : job->kernels },
               &job->picture);
}

static int
run_style (Job *job, RvStyle *style)
{
  GError *error = NULL;
  g_autoptr (RvImage) result = NULL;
  gint64 began_us = g_get_monotonic_time ();

  static const char *const names[] = { "content", "style", "tv", NULL };
  interrupt_watch ();
  job->progress = progress_new (job->picture.quiet);
  job->watch = picture_watch_new (&job->picture, names);
  if (job->picture.save_every > 0 || job->picture.live)
    keep_recipe (job); /* of pictures on the way */
  rv_style_run (style, on_progress, job, &result, &error);
  progress_end (job->progress);
  keep_recipe (job); /* kernels may have been chosen */
  if (!job->error && picture_flush_log (&job->picture, job->log, &job->error) &&
      picture_watch_plot (job->watch, &job->error) && result)
    picture_watch_show (job->watch, result, &job->error);

  int code = picture_save_result (&job->picture, result, error);
  if (code != EXIT_DONE)
    return code;
  kernel_file_save (job->kernels);
  if (job->error)
    return run_error (g_steal_pointer (&job->error));
  return picture_say_done (&job->picture, result, began_us);
}

static int
run_job (Job *job, int n_args, char **args, const GPtrArray *given)
{
  GError *error = NULL;
  if (!read_command_line (job, n_args, args, given, &error))
    return usage_error (error);
  rv__backend_start_for_program ();
  int threads = rv__compute_threads (&job->settings->compute);
  if (!rv__vips_start_for_program (threads, &error) || !check_files (job, &error) || !load_pictures (job, &error))
    return run_error (error);
  g_autoptr (RvStyle) style =
    rv_style_new (job->settings, job->net, job->content, job->styles, job->n_styles, job->init, &error);
  if (!style)
    return run_error (error);
  leave_pictures (job);
  job->kernels = kernel_file_load ();
  rv_style_set_kernels (style, job->kernels);
  return job->picture.dry_run ? print_plan (style, job) : run_style (job, style);
}

static int
cmd_style (int n_args, char **args, GPtrArray *given)
{
  Job job = { 0 };
  ListOptions lists = { 0 };
  GError *error = NULL;
  int code;

  if (!picture_options_read (given, &job.picture, &error) || !options_apply (given, list_options, &lists, NULL, &error))
    code = usage_error (error);
  else if (lists.list_layers || lists.list_presets)
    code = list_things (&lists, &job.picture, options_last (given, "preset"));
  else
    code = run_job (&job, n_args, args, given);
  job_clear (&job);
  return code;
}

static const RvOption *const tables[] = { picture_options, rv_style_options, list_options, NULL };

static const char *const examples[] = {
  "reverie style photo.jpg painting.jpg -o picture.png",
  "paint the photograph in the painting's style",
  "reverie style photo.jpg painting.jpg -o picture.png --strength 75 --size 2048",
  "more paint, print size",
  "reverie style photo.jpg waves.jpg glass.jpg -o picture.png --style-blend 0.7,0.3",
  "two styles mixed",
  "reverie style photo.jpg painting.jpg -o picture.png --style-scale 2",
  "larger strokes",
  "reverie style photo.jpg painting.jpg -o picture.png --dream conv5_1:0.01",
  "painted, and dreaming",
  "reverie style photo.jpg painting.jpg --dry-run --size 4096",
  "only say how much memory and time it would take",
  NULL,
};

const Command command_style = {
  .name = "style",
  .summary = "paint a photograph in the style of a painting",
  .usage = "CONTENT STYLE... -o OUT [OPTIONS]",
  .about =
    "Takes a photograph and one or more paintings and writes the photograph as the paintings might have it. "
    "JPEG, PNG, WebP, TIFF, HEIF and GIF are read; the network is part of the program. Ctrl-C writes the picture "
    "reached.",
  .examples = examples,
  .options = tables,
  .run = cmd_style,
};
