/* cmd-learn.c -- reverie learn PAINTING... -o FILE --photos FOLDER: a painter that paints as they are painted. */
#include "base/system.h"
#include "base/text.h"
#include "io/atomic-file.h"
#include "io/image/sheet.h"
#include "cli/cli.h"
#include "cli/preview.h"
#include "job/recipe.h"
#include "job/state-file.h"
#include "job/watch.h"
#include "job/with.h"
#include <math.h>
#include <string.h>

#define STYLE_LOAD_PX 800 /* the longest side at which paintings are read */
#define FEW_PHOTOS 50
#define SAMPLE_PX 192 /* side of a photograph on the sheet */
#define N_SAMPLES 3
#define SHEET_GAP_PX 6
#define LIVE_QUALITY 92
#define SHEET_US G_USEC_PER_SEC
#define SHEET_PART 20   /* times as long as drawing it takes it is left alone */
#define JUDGED_TIMES 20 /* of a run */
#define TRIAL_STEPS 3   /* of a dry run */
#define SMOOTH 0.95     /* of the loss that is shown */
#define NARROW 8        /* times as long as wide: what is more than that is left out, lest it fill the memory */

typedef struct {
  char *output, *photos, *from, *name, *licence, *network, *weights, *log, *settings, *export, *live, *plot;
  gboolean from_scratch, as_one, list, dry_run, preview, force, quiet, offline;
  RvStateOptions state;
} LearnOptions;

#define FIELD(f) offsetof (LearnOptions, f)

static const OwnOption own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, FIELD (output), .unit = "FILE", .help = "the painter to write: .safetensors" },
  { "photos", 0, RV_OPTION_TEXT, FIELD (photos), .unit = "FOLDER",
    .help = "photographs to learn on: some hundreds of what is to be painted later" },
  { "from-scratch", 0, RV_OPTION_BOOL, FIELD (from_scratch), .help = "learn everything, from no painter: takes hours" },
  { "from", 0, RV_OPTION_TEXT, FIELD (from), .unit = "FILE",
    .help = "the painter whose convolutions are taken over, so that only the new style is learnt, in minutes [the one "
            "that is built in]" },
  { "as-one", 0, RV_OPTION_BOOL, FIELD (as_one),
    .help = "all paintings are one style, what their painter's hand has in common; else each is its own" },
  { "list", 0, RV_OPTION_BOOL, FIELD (list), .help = "only say which styles --from's painter has, a line each" },
  { "export", 0, RV_OPTION_TEXT, FIELD (export), .unit = "PAGE.html",
    .help =
      "only write one page that paints photographs in any browser, offline: with the built-in painter, or --from's" },
  { "name", 0, RV_OPTION_TEXT, FIELD (name), .unit = "NAME", .help = "of the one style [the painting's file name]" },
  { "licence", 0, RV_OPTION_TEXT, FIELD (licence), .unit = "TEXT", .help = "of the paintings, noted in the file" },
  { "network", 0, RV_OPTION_CHOICE, FIELD (network), "builtin", .unit = "NAME", .help = "the network that looks",
    .choices = rv_net_names },
  { "weights", 0, RV_OPTION_TEXT, FIELD (weights), .unit = "FILE", .help = "that network's weights" },
  { "dry-run", 0, RV_OPTION_BOOL, FIELD (dry_run), .help = "only say what it would take" },
  { "resume", 0, RV_OPTION_BOOL, FIELD (state.resume),
    .help = "go on with a run that was stopped, from OUT.state.safetensors" },
  { "state-every", 0, RV_OPTION_REAL, FIELD (state.every_s), "30", 0, 1e6, .unit = "SECONDS",
    .help = "write that file so often; 0: at Ctrl-C only" },
  { "preview", 0, RV_OPTION_BOOL, FIELD (preview),
    .help = "show in the terminal, now and then, how photographs are painted by now" },
  { "live", 0, RV_OPTION_TEXT, FIELD (live), .unit = "FILE",
    .help = "keep that in FILE, for a viewer that follows it" },
  { "plot", 0, RV_OPTION_TEXT, FIELD (plot), .unit = "FILE.svg", .help = "the losses as curves" },
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
  guint n_photos, n_held; /* held: held back, among the samples */
  gsize photo_bytes;      /* that they take */
  RvStateFile *state;
  char *inputs; /* of the state */
  FILE *log;
  Progress *progress;
  double loss;                 /* smoothed */
  double judged;               /* by what was held back, when it was last looked at; NaN: not yet */
  gint64 shown_us, drawing_us; /* when the sheet was last drawn, and how long that took */
  GPtrArray *samples;          /* RvImage: squares of photographs, for the sheet */
  RvWatch *watch;
  gint64 resumed; /* the steps that an earlier run did */
  gint64 last_step;
  gboolean stopped;
  GError *error; /* of writing on the way */
} LearnJob;

static void
job_clear (LearnJob *job)
{
  if (job->log)
    fclose (job->log);
  rv__state_file_free (job->state);
  rv__watch_free (job->watch);
  g_clear_pointer (&job->samples, g_ptr_array_unref);
  rv_learning_free (job->learning);
  rv_net_unref (job->net);
  rv_settings_free (job->settings);
  g_clear_pointer (&job->photos, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_free (job->inputs);
  g_free (job->picture.weights_file);
  own_clear (own_options, &job->own);
}

/* ---- before anything is learnt ----------------------------------------------------------------------------------- */

static gboolean
check_usage (const LearnJob *job, GError **error)
{
  const LearnOptions *own = &job->own;
  const char *wrong = NULL;
  if (own->list || own->export)
    return TRUE;
  if (job->n_paintings < 1)
    wrong = "which painting? reverie learn PAINTING -o FILE.safetensors --photos FOLDER";
  else if (!own->photos)
    wrong = "on which photographs? name a folder of them with --photos";
  else if (!own->output && !own->dry_run)
    wrong = "where to? name the painter to write with -o FILE.safetensors";
  else if (own->output && !g_str_has_suffix (own->output, ".safetensors"))
    wrong = "a painter is written as .safetensors";
  else if (own->plot && !g_str_has_suffix (own->plot, ".svg"))
    wrong = "curves are drawn as .svg";
  else if (own->from_scratch && own->from)
    wrong = "--from and --from-scratch do not go together";
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
         (!job->own.preview || preview_check (error)) && rv__atomic_file_check (job->own.output, error) &&
         picture_check_free (&checked, inputs, error) &&
         rv__picture_check_other (&checked.made, job->own.live, SAMPLE_PX, SAMPLE_PX, inputs, error);
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

/* (transfer full) (nullable): the middle of @photo, for the sheet. */
static RvImage *
square_of (const RvImage *photo, GError **error)
{
  int side = MIN (photo->width, photo->height), left = (photo->width - side) / 2, top = (photo->height - side) / 2;
  g_autoptr (RvImage) square = rv_image_new (side, side, error);
  for (int c = 0; square && c < 3; c++)
    for (int y = 0; y < side; y++)
      memcpy ((float *) square->rgb->data + ((gsize) c * side + y) * side,
              (const float *) photo->rgb->data + ((gsize) c * photo->height + top + y) * photo->width + left,
              (gsize) side * sizeof (float));
  return square ? rv_image_resize (square, SAMPLE_PX, SAMPLE_PX, RV_IMAGE_RESIZE_BEST, error) : NULL;
}

/* Those that are held back, or else the first. */
static gboolean
keep_sample (LearnJob *job, const RvImage *photo, gboolean held_back, GError **error)
{
  if (!(job->own.live || job->own.preview) || (job->samples->len == N_SAMPLES && !held_back) ||
      job->n_held >= N_SAMPLES)
    return TRUE;
  RvImage *square = square_of (photo, error);
  if (square && job->samples->len == N_SAMPLES)
    g_ptr_array_remove_index (job->samples, 0);
  if (square)
    g_ptr_array_add (job->samples, square);
  job->n_held += held_back;
  return square != NULL;
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
  gboolean held_back = rv_learning_holds_back (job->learning);
  if (!photo || !rv_learning_add_photo (job->learning, photo, error) || !keep_sample (job, photo, held_back, error))
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
  rv__watch_go_on (job->watch, map);
  const char *text = rv_tensor_map_get_text (map, "training.steps");
  job->resumed = text ? g_ascii_strtoll (text, NULL, 10) : 0;
  return TRUE;
}

static gboolean
prepare (LearnJob *job, GError **error)
{
  if (!check_files (job, error) || !(job->net = picture_load_net (&job->picture, error)))
    return FALSE;
  g_autoptr (RvPainter) from = job->own.from_scratch ? NULL : rv__painter_load (job->own.from, error);
  if (!job->own.from_scratch && !from)
    return FALSE;
  if (!(job->learning = rv_learning_new (job->settings, job->net, from, error)))
    return FALSE;
  job->watch = rv__watch_new (&job->picture.made, rv_learning_losses (job->learning));
  return add_styles (job, error) && add_photos (job, error) && resume (job, error) &&
         picture_open_log (&job->picture, job->resumed, &job->log, error);
}

/* ---- what can be watched ----------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the samples, and below them how each style paints them by now. */
static RvImage *
draw_sheet (const LearnJob *job, GError **error)
{
  g_autoptr (RvPainter) painter = rv_learning_painter (job->learning, error);
  if (!painter)
    return NULL;
  int n_styles = (int) rv_painter_n_styles (painter), n = (int) job->samples->len;
  const RvSheetLayout layout = { .columns = n,
                                 .rows = n_styles + 1,
                                 .cell_width = SAMPLE_PX,
                                 .cell_height = SAMPLE_PX,
                                 .gap = SHEET_GAP_PX,
                                 .labels = n_styles > 1 };
  g_autofree double *parts = g_new0 (double, n_styles);
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error);
  for (int i = 0; sheet && i < n; i++)
    rv__sheet_put (sheet, &layout, i, job->samples->pdata[i], NULL);
  for (int i = n; sheet && i < n * (n_styles + 1); i++) {
    int style = i / n - 1;
    memset (parts, 0, (gsize) n_styles * sizeof *parts);
    parts[style] = 1;
    g_autoptr (RvImage) cell =
      rv_painter_paint (painter, job->samples->pdata[i % n], parts, options_threads (job->settings), error);
    if (!cell)
      return NULL;
    rv__sheet_put (sheet, &layout, i, cell, i % n ? NULL : rv_painter_style_name (painter, (guint) style));
  }
  return g_steal_pointer (&sheet);
}

/* Drawing takes a small part of the time. */
static gboolean
show (LearnJob *job, const RvLearningProgress *p)
{
  gint64 now_us = g_get_monotonic_time ();
  rv__watch_losses (job->watch, p->losses);
  if (job->samples->len == 0 || now_us - job->shown_us < MAX (SHEET_PART * job->drawing_us, SHEET_US))
    return TRUE;
  gboolean file_due = rv__watch_due (job->watch, p->done_01);
  g_autoptr (RvImage) sheet = draw_sheet (job, &job->error);
  job->shown_us = g_get_monotonic_time ();
  job->drawing_us = job->shown_us - now_us;
  if (!sheet)
    return FALSE;
  if (job->own.preview) {
    progress_wipe (job->progress);
    preview_show (sheet);
  }
  return !file_due || rv__watch_show (job->watch, sheet, p->done_01, p->iteration, &job->error);
}

/* Now and then by what was held back. */
static gboolean
judge (LearnJob *job, const RvLearningProgress *p)
{
  gint64 every = MAX (p->n_iterations / JUDGED_TIMES, 1);
  return p->iteration % every != 0 || rv_learning_judge (job->learning, &job->judged, &job->error);
}

/* ---- while it learns --------------------------------------------------------------------------------------------- */

static void
write_log (const LearnJob *job, const RvLearningProgress *p, double judged)
{
  const char *const *names = rv_learning_losses (job->learning);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (job->log, "{\"iteration\": %" G_GINT64_FORMAT ", \"style\": %u, \"loss\": %s", p->iteration, p->style + 1,
           g_ascii_formatd (number, sizeof number, "%.9g", p->loss));
  for (int i = 0; names[i]; i++)
    fprintf (job->log, ", \"%s\": %s", names[i], g_ascii_formatd (number, sizeof number, "%.9g", p->losses[i]));
  if (!isnan (judged))
    fprintf (job->log, ", \"held back\": %s", g_ascii_formatd (number, sizeof number, "%.9g", judged));
  fprintf (job->log, ", \"seconds\": %s}\n", g_ascii_formatd (number, sizeof number, "%.9g", p->seconds));
}

static gboolean
save_state (LearnJob *job)
{
  g_autoptr (RvTensorMap) map = rv_learning_to_map (job->learning, &job->error);
  if (map)
    rv__watch_keep (job->watch, map);
  return map && picture_flush_log (&job->picture, job->log, &job->error) &&
         rv__state_file_save (job->state, map, job->inputs, &job->error);
}

static gboolean
on_progress (const RvLearningProgress *p, gpointer data)
{
  LearnJob *job = data;
  job->last_step = p->iteration;
  job->loss = job->loss > 0 ? SMOOTH * job->loss + (1 - SMOOTH) * p->loss : p->loss;
  double judged_before = job->judged;
  if (!judge (job, p) || !show (job, p))
    return FALSE;
  g_autofree char *held = isnan (job->judged) ? g_strdup ("") : g_strdup_printf (", %.3f held back", job->judged);
  g_autofree char *what = g_strdup_printf ("step %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " loss %.3f%s", p->iteration,
                                           p->n_iterations, job->loss, held);
  /* Steps of an earlier run took as long as those of this one, about. */
  double seconds = p->seconds * (double) p->iteration / (double) (p->iteration - job->resumed);
  progress_show (job->progress, p->done_01, seconds, p->iteration, what);
  if (job->log)
    write_log (job, p, job->judged != judged_before ? job->judged : NAN);
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
  g_autoptr (RvImage) sheet = !error && !job->error && job->samples->len ? draw_sheet (job, &error) : NULL;
  if (!error && !job->error)
    rv__watch_end (job->watch, sheet, job->last_step, &error);
  if (job->own.preview && sheet)
    preview_show (sheet);
  preview_leave ();
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

static int
export_page (const LearnJob *job)
{
  GError *error = NULL;
  const char *inputs[] = { job->own.from, NULL };
  PictureOptions page = job->picture;
  page.output = job->own.export;
  gboolean free = rv__atomic_file_check (page.output, &error) && picture_check_free (&page, inputs, &error);
  g_autoptr (RvPainter) painter = free ? rv__painter_load (job->own.from, &error) : NULL;
  g_autofree char *base = job->own.from ? g_path_get_basename (job->own.from) : g_strdup ("Learned styles");
  g_autofree char *html = painter ? rv_painter_to_page (painter, base, &error) : NULL;
  g_autoptr (GBytes) bytes = html ? g_bytes_new (html, strlen (html)) : NULL;
  if (!bytes || !rv__atomic_file_write (page.output, bytes, &error))
    return run_error (error);
  if (!job->own.quiet)
    printf ("%s: open it in a browser\n", page.output);
  return EXIT_DONE;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int
run (LearnJob *job)
{
  GError *error = NULL;
  if (job->own.list)
    return list_styles (job);
  if (job->own.export)
    return export_page (job);
  if (!rv_process_start (options_threads (job->settings), &error))
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
  LearnJob job = { .n_paintings = n_args,
                   .paintings = args,
                   .judged = NAN,
                   .samples = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref) };
  own_defaults (own_options, &job.own);
  gboolean ok = own_apply (given, own_options, &job.own, &error) && check_usage (&job, &error) &&
                (job.settings = options_settings (given, "learn", NULL, &error)) != NULL;
  job.picture = (PictureOptions){ .output = job.own.output,
                                  .log = job.own.log,
                                  .live = job.own.live,
                                  .quality = LIVE_QUALITY,
                                  .bits = 8,
                                  .plot = job.own.plot,
                                  .preview = job.own.preview,
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
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --time 20m",
  "learn a painting, from what the built-in painter knows",
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --from-scratch",
  "everything from nothing; overnight",
  "reverie learn monet/*.jpg --as-one --name monet -o monet.safetensors --photos ~/Pictures",
  "what several paintings have in common, as one style",
  "reverie learn starry-night.jpg -o starry.safetensors --photos ~/Pictures --time 20m --resume",
  "go on after Ctrl-C or a power cut",
  NULL,
};

const Command command_learn = {
  .name = "learn",
  .summary = "learn a painting once, to paint with it in a moment later",
  .usage = "PAINTING... -o FILE --photos FOLDER [OPTIONS]",
  .about =
    "Trains a small network, the painter, to paint any photograph as a painting has it, in one pass: `reverie style "
    "PHOTO --with FILE` then takes a moment. The photographs of FOLDER are what it practises on. A painter is built "
    "in: "
    "without --from-scratch only how the new painting differs is learnt. Several paintings are "
    "several styles in one file. Ctrl-C writes the painter as it is, and --resume goes on.",
  .examples = examples,
  .options = tables,
  .run = cmd_learn,
};
