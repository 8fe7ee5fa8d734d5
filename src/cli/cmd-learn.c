/* cmd-learn.c -- reverie learn PAINTING... -o FILE --photos FOLDER: a painter that paints as they are painted. */
#include "backend/backend.h"
#include "base/system.h"
#include "base/text.h"
#include "io/atomic-file.h"
#include "io/image/program.h"
#include "cli.h"
#include "job/recipe.h"
#include "job/state-file.h"
#include "job/with.h"
#include <math.h>
#include <string.h>

#define STYLE_LOAD_PX 800 /* the longest side at which paintings are read */
#define FEW_PHOTOS 50
#define TRIAL_STEPS 3 /* of a dry run */
#define SMOOTH 0.95   /* of the loss that is shown */
#define NARROW 8      /* times as long as wide: what is more than that is left out, lest it fill the memory */

typedef struct {
  char *output, *photos, *from, *name, *licence, *network, *weights, *log, *settings;
  gboolean from_scratch, as_one, list, dry_run, force, quiet, offline;
  RvStateOptions state;
} LearnOptions;

#define FIELD(f) offsetof (LearnOptions, f)

static const RvOption own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, FIELD (output), .unit = "FILE", .help = "the painter to write: .safetensors" },
  { "photos", 0, RV_OPTION_TEXT, FIELD (photos), .unit = "FOLDER",
    .help = "photographs to learn on: some hundreds of what is to be painted later" },
  { "from-scratch", 0, RV_OPTION_BOOL, FIELD (from_scratch), .help = "learn everything, from no painter: takes hours" },
  { "from", 0, RV_OPTION_TEXT, FIELD (from), .unit = "FILE",
    .help = "the painter whose convolutions are taken over; only the new style is learnt: takes minutes" },
  { "as-one", 0, RV_OPTION_BOOL, FIELD (as_one),
    .help = "all paintings are one style, what their painter's hand has in common; else each is its own" },
  { "list", 0, RV_OPTION_BOOL, FIELD (list), .help = "only say which styles --from's painter has, a line each" },
  { "name", 0, RV_OPTION_TEXT, FIELD (name), .unit = "NAME", .help = "of the one style [the painting's file name]" },
  { "licence", 0, RV_OPTION_TEXT, FIELD (licence), .unit = "TEXT", .help = "of the paintings, noted in the file" },
  { "network", 0, RV_OPTION_CHOICE, FIELD (network), "builtin", .unit = "NAME", .help = "the network that looks",
    .choices = rv_net_names },
  { "weights", 0, RV_OPTION_TEXT, FIELD (weights), .unit = "FILE", .help = "that network's weights" },
  { "dry-run", 0, RV_OPTION_BOOL, FIELD (dry_run), .help = "only say what it would take" },
  RV_STATE_OPTION_ROWS (LearnOptions),
  { "log", 0, RV_OPTION_TEXT, FIELD (log), .unit = "FILE", .help = "one JSON object a line for each step" },
  { "settings", 0, RV_OPTION_TEXT, FIELD (settings), .unit = "FILE",
    .help = "options from a JSON object, such as {\"batch\": 2}; typed ones win" },
  { "force", 'f', RV_OPTION_BOOL, FIELD (force), .help = "replace FILE if it exists" },
  { "quiet", 'q', RV_OPTION_BOOL, FIELD (quiet), .help = "no progress" },
  { "offline", 0, RV_OPTION_BOOL, FIELD (offline), .help = "do not offer to download what is not here" },
  { NULL },
};

typedef struct {
  LearnOptions own;
  PictureOptions picture; /* where it goes, for what commands share; all borrowed */
  RvSettings *settings;
  int n_paintings;
  char **paintings;
  GPtrArray *photos; /* files */

  RvNet *net;
  RvLearning *learning;
  guint n_photos;
  gsize photo_bytes; /* that they take */
  RvStateFile *state;
  char *inputs; /* of the state */
  FILE *log;
  Progress *progress;
  double loss;    /* smoothed */
  gint64 resumed; /* the steps that an earlier run did */
  gboolean stopped;
  GError *error; /* of writing on the way */
} LearnJob;

static void
job_clear (LearnJob *job)
{
  if (job->log)
    fclose (job->log);
  rv__state_file_free (job->state);
  rv_learning_free (job->learning);
  rv_net_unref (job->net);
  rv_settings_free (job->settings);
  g_clear_pointer (&job->photos, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_free (job->inputs);
  g_free (job->picture.weights_file);
  rv__option_clear (own_options, &job->own);
}

/* ---- before anything is learnt ----------------------------------------------------------------------------------- */

static gboolean
check_usage (const LearnJob *job, GError **error)
{
  const LearnOptions *own = &job->own;
  const char *wrong = NULL;
  if (own->list)
    wrong = own->from ? NULL : "of which painter? --list --from FILE";
  else if (job->n_paintings < 1)
    wrong = "which painting? reverie learn PAINTING -o FILE.safetensors --photos FOLDER";
  else if (!own->photos)
    wrong = "on which photographs? name a folder of them with --photos";
  else if (!own->output && !own->dry_run)
    wrong = "where to? name the painter to write with -o FILE.safetensors";
  else if (own->output && !g_str_has_suffix (own->output, ".safetensors"))
    wrong = "a painter is written as .safetensors";
  else if (own->from_scratch == (own->from != NULL))
    wrong = own->from ? "--from and --from-scratch do not go together"
                      : "from what? --from FILE goes on from a painter, --from-scratch begins with none";
  else if (own->name && job->n_paintings > 1 && !own->as_one)
    wrong = "--name is of one style: several paintings are one with --as-one";
  if (wrong)
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING, wrong);
  return !wrong;
}

/* (transfer full): the files of a folder, by name; which of them are pictures will be seen. */
static GPtrArray *
list_files (const char *path, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) own_error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &own_error);
  for (const char *name; folder && (name = g_dir_read_name (folder));) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    if (*name != '.' && g_file_test (file, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (files, g_steal_pointer (&file));
  }
  if (!folder)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s: %s", path, own_error->message);
  else if (files->len == 0)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is a folder without pictures", path);
  else {
    qsort (files->pdata, files->len, sizeof (gpointer), rv__text_compare);
    return g_steal_pointer (&files);
  }
  return NULL;
}

static gboolean
check_files (LearnJob *job, GError **error)
{
  RvImageInfo info;
  g_autofree const char **inputs = g_new0 (const char *, job->n_paintings + 3);
  const char *others[] = { job->own.from, job->own.weights };
  int n = 0;
  for (int i = 0; i < job->n_paintings; i++)
    if (!rv_image_probe (inputs[n++] = job->paintings[i], &info, error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i])
      inputs[n++] = others[i];
  if (!(job->photos = list_files (job->own.photos, error)))
    return FALSE;
  if (!job->own.output)
    return TRUE;
  job->state = rv__state_file_new (&job->picture.made, job->own.output, job->own.state.every_s);
  PictureOptions checked = job->picture;
  checked.force |=
    job->own.state.resume && (rv__state_file_exists (job->state) || !g_file_test (job->own.output, G_FILE_TEST_EXISTS));
  return rv__state_file_check (job->state, job->own.state.resume, error) &&
         rv__atomic_file_check (job->own.output, error) && picture_check_free (&checked, inputs, error);
}

/* (transfer full): "Van Gogh, Bedroom.jpg" is called "van-gogh--bedroom". A number would be taken for a weight:
 * "1888.jpg" is called "style-1888". */
static char *
style_name (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  char *dot = strrchr (base, '.');
  if (dot && dot > base)
    *dot = '\0';
  g_autofree char *small = g_ascii_strdown (base, -1);
  g_strcanon (small, "abcdefghijklmnopqrstuvwxyz0123456789_-", '-');
  char *end;
  g_ascii_strtod (small, &end);
  return g_strconcat (*end == '\0' ? "style-" : "", small, NULL);
}

static gboolean
add_style (LearnJob *job, char *const *files, int n, GError **error)
{
  g_autoptr (GPtrArray) paintings = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_autofree char *name = job->own.name ? g_strdup (job->own.name) : style_name (files[0]);
  for (int i = 0; i < n; i++) {
    RvImage *painting = picture_load_within (files[i], STYLE_LOAD_PX, error);
    if (!painting)
      return FALSE;
    g_ptr_array_add (paintings, painting);
  }
  if (rv_learning_add_style (job->learning, name, job->own.licence, (RvImage **) paintings->pdata, n, error))
    return TRUE;
  g_prefix_error (error, "%s: ", files[0]);
  return FALSE;
}

static gboolean
add_styles (LearnJob *job, GError **error)
{
  int each = job->own.as_one ? job->n_paintings : 1;
  gboolean ok = TRUE;
  for (int i = 0; ok && i < job->n_paintings; i += each)
    ok = add_style (job, job->paintings + i, each, error);
  return ok;
}

static gboolean
add_photo (LearnJob *job, const char *file, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return FALSE;
  int shorter = MIN (info.width, info.height);
  if (MAX (info.width, info.height) > (gint64) NARROW * shorter) {
    g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "%s: %d x %d px is too narrow to learn on", file, info.width,
                 info.height);
    return FALSE;
  }
  double scale = (double) rv_learning_photo_px (job->learning) / shorter;
  g_autoptr (RvImage) photo =
    rv_image_load (file, (int) lrint (info.width * scale), (int) lrint (info.height * scale), error);
  if (!photo || !rv_learning_add_photo (job->learning, photo, error))
    return FALSE;
  job->n_photos++;
  job->photo_bytes += (gsize) rv_tensor_count (photo->rgb);
  return TRUE;
}

/* What cannot be read is named and left out. */
static gboolean
read_photos (LearnJob *job, GError **error)
{
  gsize room = rv__system_free_bytes () / 2;
  for (guint i = 0; i < job->photos->len && !interrupt_wanted (); i++) {
    g_autoptr (GError) own_error = NULL;
    if (!add_photo (job, job->photos->pdata[i], &own_error)) {
      g_autofree char *plain = rv__text_plain (own_error->message, FALSE);
      fprintf (stderr, "reverie: left out: %s\n", plain);
    }
    if (job->photo_bytes > room) {
      g_set_error (error, RV_ERROR, RV_ERROR_MEMORY,
                   "%u of %u photographs already take half of the memory that is free: use fewer, or a smaller --crop",
                   job->n_photos, job->photos->len);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
add_photos (LearnJob *job, GError **error)
{
  if (!read_photos (job, error))
    return FALSE;
  if (interrupt_wanted ()) { /* a part of them is not what was asked for */
    g_set_error (error, RV_ERROR, RV_ERROR_CANCELLED, "stopped before anything was learnt");
    return FALSE;
  }
  if (job->n_photos == 0)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s has no photograph that can be read", job->own.photos);
  else if (job->n_photos < FEW_PHOTOS && !job->own.quiet)
    fprintf (stderr, "reverie: %u photographs are few: what is painted later will look better after %d or more\n",
             job->n_photos, FEW_PHOTOS);
  return job->n_photos > 0;
}

static char *
inputs_text (const LearnJob *job)
{
  g_autofree RvRecipeInput *inputs = g_new0 (RvRecipeInput, job->n_paintings + 2);
  for (int i = 0; i < job->n_paintings; i++)
    inputs[i] = (RvRecipeInput){ "style", job->paintings[i] };
  inputs[job->n_paintings] = (RvRecipeInput){ "painter", job->own.from };
  return rv__recipe_inputs (&(RvRecipe){ .command = "learn",
                                         .inputs = inputs,
                                         .n_inputs = job->n_paintings + 1,
                                         .network = rv_net_name (job->net),
                                         .weights = job->picture.weights_file });
}

static gboolean
resume (LearnJob *job, GError **error)
{
  if (!job->state || job->own.dry_run)
    return TRUE;
  job->inputs = inputs_text (job);
  if (!job->own.state.resume || !rv__state_file_exists (job->state)) {
    rv__state_file_begin (job->state, job->own.state.resume);
    return TRUE;
  }
  g_autoptr (RvTensorMap) map = rv__state_file_load (job->state, job->inputs, error);
  if (!map || !rv_learning_restore (job->learning, map, error))
    return FALSE;
  const char *text = rv_tensor_map_get_text (map, "training.steps");
  job->resumed = text ? g_ascii_strtoll (text, NULL, 10) : 0;
  return TRUE;
}

static gboolean
prepare (LearnJob *job, GError **error)
{
  if (!check_files (job, error) || !(job->net = picture_load_net (&job->picture, error)))
    return FALSE;
  g_autoptr (RvPainter) from = job->own.from ? rv__painter_load (job->own.from, error) : NULL;
  if (job->own.from && !from)
    return FALSE;
  return (job->learning = rv_learning_new (job->settings, job->net, from, error)) && add_styles (job, error) &&
         add_photos (job, error) && resume (job, error) &&
         picture_open_log (&job->picture, job->resumed, &job->log, error);
}

/* ---- while it learns --------------------------------------------------------------------------------------------- */

static void
write_log (const LearnJob *job, const RvLearningProgress *p)
{
  const char *const *names = rv_learning_losses (job->learning);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (job->log, "{\"iteration\": %" G_GINT64_FORMAT ", \"style\": %u, \"loss\": %s", p->iteration, p->style + 1,
           g_ascii_formatd (number, sizeof number, "%.9g", p->loss));
  for (int i = 0; names[i]; i++)
    fprintf (job->log, ", \"%s\": %s", names[i], g_ascii_formatd (number, sizeof number, "%.9g", p->losses[i]));
  fprintf (job->log, ", \"seconds\": %s}\n", g_ascii_formatd (number, sizeof number, "%.9g", p->seconds));
}

static gboolean
save_state (LearnJob *job)
{
  g_autoptr (RvTensorMap) map = rv_learning_to_map (job->learning, &job->error);
  return map && picture_flush_log (&job->picture, job->log, &job->error) &&
         rv__state_file_save (job->state, map, job->inputs, &job->error);
}

static gboolean
on_progress (const RvLearningProgress *p, gpointer data)
{
  LearnJob *job = data;
  job->loss = job->loss > 0 ? SMOOTH * job->loss + (1 - SMOOTH) * p->loss : p->loss;
  g_autofree char *what = g_strdup_printf ("step %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.3f", p->iteration,
                                           p->n_iterations, job->loss);
  /* Steps of an earlier run took as long as those of this one, about. */
  double seconds = p->seconds * (double) p->iteration / (double) (p->iteration - job->resumed);
  progress_show (job->progress, p->done_01, seconds, p->iteration, what);
  if (job->log)
    write_log (job, p);
  job->stopped = interrupt_wanted () && p->done_01 < 1;
  return (!job->stopped && !rv__state_file_due (job->state)) || (save_state (job) && !job->stopped);
}

static gboolean
save_painter (const LearnJob *job, GError **error)
{
  g_autoptr (RvPainter) painter = rv_learning_painter (job->learning, error);
  g_autoptr (RvTensorMap) map = painter ? rv_painter_to_map (painter, error) : NULL;
  return map && rv_weights_save (map, job->own.output, error);
}

static int
finish (LearnJob *job, GError *error, gint64 began_us)
{
  GError *save_error = NULL;
  if (!error)
    error = g_steal_pointer (&job->error);
  if (error && !g_error_matches (error, RV_ERROR, RV_ERROR_NUMBER))
    return run_error (error);
  if (!save_painter (job, &save_error) || !picture_flush_log (&job->picture, job->log, &save_error)) {
    g_clear_error (&error);
    return run_error (save_error);
  }
  if (error)
    return run_error (error);
  if (!job->stopped)
    rv__state_file_remove (job->state);
  g_autofree char *time = rv__text_seconds ((double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC);
  if (!job->own.quiet)
    printf ("%s: learnt in %s%s\n", job->own.output, time, job->stopped ? " (interrupted; --resume goes on)" : "");
  return job->stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

static int
learn (LearnJob *job)
{
  GError *error = NULL;
  gint64 began_us = g_get_monotonic_time ();
  job->progress = progress_new (job->own.quiet);
  rv_learning_run (job->learning, on_progress, job, &error);
  progress_end (job->progress);
  return finish (job, error, began_us);
}

static gboolean
on_trial (const RvLearningProgress *p, gpointer data)
{
  *(RvLearningProgress *) data = *p;
  return p->iteration < TRIAL_STEPS && !interrupt_wanted ();
}

static int
try_out (LearnJob *job)
{
  GError *error = NULL;
  RvLearningProgress last = { 0 };
  if (!rv_learning_run (job->learning, on_trial, &last, &error))
    return run_error (error);
  const char *asked = rv_settings_get_text (job->settings, "time", NULL);
  double step_s = last.seconds / (double) last.iteration, all_s = step_s * (double) last.n_iterations;
  gint64 n_steps = last.n_iterations;
  if (asked && rv__text_parse_seconds (asked, &all_s))
    n_steps = MAX ((gint64) (all_s / step_s), 1);
  g_autofree char *time = rv__text_seconds (all_s), *memory = rv__text_megabytes (rv__system_resident_bytes ());
  int n = job->own.as_one ? 1 : job->n_paintings;
  printf ("%d style%s, %u photographs, %" G_GINT64_FORMAT " steps: peak %s, about %s\n", n, n == 1 ? "" : "s",
          job->n_photos, n_steps, memory, time);
  return EXIT_DONE;
}

static int
list_styles (const LearnJob *job)
{
  GError *error = NULL;
  g_autoptr (RvPainter) painter = rv__painter_load (job->own.from, &error);
  if (!painter)
    return run_error (error);
  for (guint i = 0; i < rv_painter_n_styles (painter); i++) {
    const char *licence = rv_painter_style_licence (painter, i);
    g_autofree char *plain = rv__text_plain (licence ? licence : "", FALSE); /* anybody's */
    printf ("%s%s%s\n", rv_painter_style_name (painter, i), licence ? "  " : "", plain);
  }
  return EXIT_DONE;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int
run (LearnJob *job)
{
  GError *error = NULL;
  if (job->own.list)
    return list_styles (job);
  rv__backend_start_for_program ();
  if (!rv__vips_start_for_program (options_threads (job->settings), &error))
    return run_error (error);
  interrupt_watch ();
  if (!prepare (job, &error))
    return g_error_matches (error, RV_ERROR, RV_ERROR_SETTING) ? usage_error (error) : run_error (error);
  return job->own.dry_run ? try_out (job) : learn (job);
}

static int
cmd_learn (int n_args, char **args, GPtrArray *given)
{
  GError *error = NULL;
  LearnJob job = { .n_paintings = n_args, .paintings = args };
  rv__option_defaults (own_options, &job.own);
  gboolean ok = options_apply (given, own_options, &job.own, &error) && check_usage (&job, &error) &&
                (job.settings = options_settings (given, "learn", NULL, &error)) != NULL;
  job.picture = (PictureOptions){ .output = job.own.output,
                                  .log = job.own.log,
                                  .network = job.own.network,
                                  .weights = job.own.weights,
                                  .force = job.own.force,
                                  .quiet = job.own.quiet,
                                  .dry_run = job.own.dry_run,
                                  .offline = job.own.offline };
  int code = ok ? run (&job) : usage_error (error);
  job_clear (&job);
  return code;
}

static const OptionTable tables[] = { { own_options }, { .kind = "learn" }, { NULL } };

static const char *const examples[] = {
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --from-scratch",
  "learn a painting; overnight",
  "reverie learn woodcut.jpg -o woodcut.safetensors --photos ~/Pictures --from starry.safetensors --time 20m",
  "another one, from what that painter knows",
  "reverie learn monet/*.jpg --as-one --name monet -o monet.safetensors --photos ~/Pictures --from-scratch",
  "what several paintings have in common, as one style",
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --from-scratch --resume",
  "go on after Ctrl-C or a power cut",
  NULL,
};

const Command command_learn = {
  .name = "learn",
  .summary = "learn a painting once, to paint with it in a moment later",
  .usage = "PAINTING... -o FILE --photos FOLDER [OPTIONS]",
  .about =
    "Trains a small network, the painter, to paint any photograph as a painting has it, in one pass: `reverie style "
    "PHOTO --with FILE` then takes a moment. The photographs of FOLDER are what it practises on. Several paintings are "
    "several styles in one file. Ctrl-C writes the painter as it is, and --resume goes on.",
  .examples = examples,
  .options = tables,
  .run = cmd_learn,
};
