/* cmd-style.c -- reverie style: photographs and paintings in, painted photographs out. */
#include "cmd-style.h"
#include <stdio.h>
#include <string.h>

#define FIELD(f) offsetof (StyleOptions, f)

static const OwnOption own_options[] = {
  { "style", 0, RV_OPTION_TEXT, FIELD (style), .unit = "FILE",
    .help = "a style picture or a folder of them; may be given again. All other pictures are contents then" },
  { "mask", 0, RV_OPTION_TEXT, FIELD (mask), .unit = "FILE",
    .help = "where a style paints: white; once for each style, in their order" },
  { "protect", 0, RV_OPTION_TEXT, FIELD (protect), .unit = "FILE",
    .help = "what stays as the photograph has it: white" },
  { "list-layers", 0, RV_OPTION_BOOL, FIELD (list_layers), .help = "show the network's layers" },
  { "list-presets", 0, RV_OPTION_BOOL, FIELD (list_presets), .help = "show the presets" },
  { NULL },
};

static void
job_clear (StyleJob *job)
{
  rv_job_unref (job->last);
  picture_options_clear (&job->picture);
  own_clear (own_options, &job->own);
  rv_settings_free (job->film);
  rv_settings_free (job->settings);
  rv_settings_free (job->going_on);
  g_clear_pointer (&job->masks, g_ptr_array_unref);
  g_clear_pointer (&job->tasks, g_ptr_array_unref);
  rv_with_free (job->with);
  rv_net_unref (job->net);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
}

/* ---- what the command line says ---------------------------------------------------------------------------------- */

static int
list_things (const StyleOptions *lists, const PictureOptions *picture, const char *preset)
{
  const char *const *presets = rv_settings_presets ("style"), *const * layers;
  const char *implied = rv_settings_preset_network ("style", preset ? preset : presets[0]);
  layers = rv_net_layers (picture->network ? picture->network : implied ? implied : "builtin");
  if (lists->list_presets)
    for (int i = 0; presets[i]; i++)
      printf ("%-10s %s\n", presets[i], rv_settings_preset_summary ("style", presets[i]));
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
apply_init (StyleJob *job, const GPtrArray *given, GError **error)
{
  const char *init = options_last (given, "init");
  if (!init)
    return TRUE;
  if (!g_strv_contains (rv_option_choices (rv_settings_find_option ("style", "init")), init) ||
      strcmp (init, "picture") == 0) {
    job->init_file = init;
    init = "picture";
  }
  return rv_settings_set (job->settings, "init", init, error);
}

static gboolean
strength_elsewhere (const StyleJob *job, const GPtrArray *given, GError **error)
{
  if (!options_last (given, "strength") ||
      strcmp (rv_settings_get_text (job->settings, "preset", NULL), "gallery") == 0)
    return FALSE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--strength belongs to the preset gallery; use --content-weight");
  return TRUE;
}

static gboolean
read_command_line (StyleJob *job, int n_args, char **args, const GPtrArray *given, GError **error)
{
  g_autoptr (GPtrArray) but_init = g_ptr_array_new ();
  for (guint i = 0; i < given->len; i++)
    if (strcmp (rv_option_name (((Given *) given->pdata[i])->option), "init") != 0)
      g_ptr_array_add (but_init, given->pdata[i]);
  job->settings = options_settings (but_init, "style", NULL, error);
  job->film = job->settings ? options_settings (given, "style-film", NULL, error) : NULL;
  job->going_on = job->film ? options_settings (given, "state", NULL, error) : NULL;
  if (!job->settings || !job->going_on || !apply_init (job, given, error) || strength_elsewhere (job, given, error))
    return FALSE;
  picture_imply (&job->picture,
                 rv_settings_preset_network ("style", rv_settings_get_text (job->settings, "preset", NULL)));
  job->is_film = n_args > 0 && film_is_wanted (job->picture.output, args[0]);
  job->picture.is_film = job->is_film;
  if (!job->is_film && !film_options_check (given, "from", error))
    return FALSE;
  const char *with = rv_settings_get_text (job->film, "with", NULL);
  if (*with && !(job->with = rv_with_new (with, error)))
    return FALSE;
  gboolean any = job->with && rv_with_is_any (job->with);
  if (job->with && !style_with_usage (given,
                                      any            ? style_with_of_any
                                      : job->is_film ? style_with_of_films
                                                     : NULL,
                                      error))
    return FALSE;
  if (any && job->is_film) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--with any paints pictures, not films");
    return FALSE;
  }
  if (!picture_check_usage (&job->picture, error) || !style_find_tasks (job, n_args, args, given, error))
    return FALSE;
  const StyleTask *first = job->tasks->pdata[0];
  return job->with || !job->picture.network || /* the weights will say */
         rv_style_settings_check (job->settings, job->picture.network, (int) g_strv_length (first->styles), error);
}

/* ---- the pictures ------------------------------------------------------------------------------------------------ */

static int
run_task (StyleJob *job, const StyleTask *task, const char *title)
{
  return job->with ? style_run_with (job, task) : style_run_task (job, task, title);
}

/* Of many, each is made whatever becomes of the others; those that failed are named at the end. With --resume, those
 * made before are left as they are. */
static int
run_tasks (StyleJob *job)
{
  guint n = job->tasks->len, n_failed = 0;
  g_autoptr (GString) failed = g_string_new (NULL);
  if (n == 1)
    return run_task (job, job->tasks->pdata[0], "");
  gboolean stopped = FALSE;
  for (guint i = 0; i < n && !stopped; i++) {
    const StyleTask *task = job->tasks->pdata[i];
    if (style_task_is_done (job, task))
      continue;
    g_autofree char *title = g_strdup_printf ("%u/%u  ", i + 1, n);
    int code = run_task (job, task, title);
    stopped = code == EXIT_INTERRUPTED || (interrupt_wanted () && i + 1 < n);
    if (code == EXIT_DONE || code == EXIT_INTERRUPTED)
      continue;
    n_failed++;
    g_string_append_printf (failed, "%s%s", failed->len ? ", " : "", task->output ? task->output : task->content);
  }
  g_autofree char *names = text_plain (failed->str, FALSE);
  if (n_failed > 0)
    fprintf (stderr, "reverie: %u of %u pictures failed: %s\n", n_failed, n, names);
  return stopped ? EXIT_INTERRUPTED : n_failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

static gboolean
prepare (StyleJob *job, GError **error)
{
  const StyleTask *first = job->tasks->pdata[0];
  if (job->with) /* the job of one picture, or of a film, reads them itself */
    return job->tasks->len == 1 ||
           rv_with_load (job->with, first->styles[1] != NULL && job->masks->len == 0, job->picture.weights, error);
  return (job->is_film || style_check_tasks (job, error)) && (job->net = picture_load_net (&job->picture, error)) &&
         (job->kernels = kernel_file_load (&job->picture, error));
}

static int
run_job (StyleJob *job, int n_args, char **args, const GPtrArray *given)
{
  GError *error = NULL;
  if (!read_command_line (job, n_args, args, given, &error))
    return g_error_matches (error, RV_ERROR, RV_ERROR_FILE) ? run_error (error) : usage_error (error);
  if (!rv_process_start (options_threads (job->settings), &error) || !prepare (job, &error))
    return run_error (error);
  interrupt_watch ();
  return job->is_film ? style_run_film (job, job->tasks->pdata[0]) : run_tasks (job);
}

static int
cmd_style (int n_args, char **args, GPtrArray *given)
{
  StyleJob job = { 0 };
  GError *error = NULL;
  int code;

  own_defaults (own_options, &job.own);
  if (!picture_options_read (given, &job.picture, &error) || !own_apply (given, own_options, &job.own, &error))
    code = usage_error (error);
  else if (job.own.list_layers || job.own.list_presets)
    code = list_things (&job.own, &job.picture, options_last (given, "preset"));
  else
    code = run_job (&job, n_args, args, given);
  job_clear (&job);
  return code;
}

static const OptionTable tables[] = { { .kind = "picture" },
                                      { picture_options },
                                      { .kind = "style" },
                                      { own_options },
                                      { .kind = "state" },
                                      { .kind = "style-film" },
                                      { NULL } };

static const char *const examples[] = {
  "reverie style photo.jpg painting.jpg -o picture.png",
  "paint the photograph in the painting's style",
  "reverie style photo.jpg painting.jpg -o picture.png --strength 75 --size 2048",
  "more paint, print size",
  "reverie style photo.jpg waves.jpg glass.jpg -o picture.png --style-blend 0.7,0.3",
  "two styles mixed",
  "reverie style photo.jpg painting.jpg -o picture.png --style-scale 2",
  "larger strokes",
  "reverie style photo.jpg waves.jpg glass.jpg -o picture.png --mask sky.png --mask ground.png",
  "a style for the sky and one for the ground",
  "reverie style --style waves.jpg --style glass.jpg photos/ -o 'out/{content}-{style}.png'",
  "every photograph of a folder in each of two styles",
  "reverie style photo.jpg painting.jpg -o picture.png --resume",
  "go on after Ctrl-C or a power cut",
  "reverie style photo.jpg --with hokusai-wave -o picture.png",
  "in a moment, in a style that was learnt before; reverie learn --list names them",
  "reverie style photo.jpg painting.jpg --with any -o picture.png",
  "in a moment as a painting that nobody has learnt; docs/learned.md says where its network is from",
  "reverie style photos/ --with starry.safetensors -o 'out/{content}.jpg'",
  "every photograph of a folder at once, in a style that reverie learn has learnt for you",
  "reverie style clip.mp4 painting.jpg -o painted.mp4 --from 0:12 --to 0:20",
  "a film, steady from frame to frame, with its sound",
  "reverie style clip.mp4 --with hokusai-wave -o painted.mp4",
  "a film, each frame in one pass, in a style that was learnt before",
  "reverie style photo.jpg painting.jpg -o picture.png --dream conv5_1:0.01",
  "painted, and dreaming",
  "reverie style photo.jpg painting.jpg --dry-run --size 4096",
  "only say how much memory and time it would take",
  NULL,
};

const Command command_style = {
  .name = "style",
  .summary = "paint a photograph in the style of a painting",
  .usage = "CONTENT STYLE... -o OUT [OPTIONS] | --style STYLE... CONTENT... -o PATTERN [OPTIONS]",
  .about =
    "Takes a photograph and one or more paintings and writes the photograph as the paintings might have it. "
    "JPEG, PNG, WebP, TIFF, HEIF and GIF are read; the network is part of the program. A folder stands for the "
    "pictures in it; of many pictures OUT is a pattern with {content} and {style} in it. Ctrl-C writes the picture "
    "reached, and --resume goes on from there. Where OUT is a film, such as .mp4, so is CONTENT.",
  .examples = examples,
  .options = tables,
  .run = cmd_style,
};
