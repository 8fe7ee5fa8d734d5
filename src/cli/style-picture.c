/* style-picture.c -- one picture of reverie style: its files checked and read, the run, the picture written. */
#include "base/text.h"
#include "cmd-style.h"
#include "recipe.h"
#include <string.h>

/* One picture on its way. */
typedef struct {
  StyleJob *job;
  const StyleTask *task;
  const char *title;
  PictureOptions picture; /* the job's with the task's names; recipe its own */
  int n_styles;
  RecipeInput *files; /* every picture that is read */
  int n_files;
  int width, height; /* px, of the result */

  RvImage *content, *init, *protect;
  RvImage **styles, **masks;
  RvStateFile *state;
  char *inputs; /* recipe_inputs(), once they are wanted */
  gint64 iteration;
  gboolean stopped; /* by Ctrl-C */

  Progress *progress;
  FILE *log;
  PictureWatch *watch;
  GError *error; /* of saving while the run goes on */
} Painting;

static void
add_file (Painting *painting, const char *role, const char *file)
{
  if (file)
    painting->files[painting->n_files++] = (RecipeInput){ role, file };
}

static void
painting_start (Painting *painting, StyleJob *job, const StyleTask *task, const char *title)
{
  *painting = (Painting){ .job = job, .task = task, .title = title, .picture = job->picture };
  painting->picture.output = task->output;
  painting->picture.log = task->log;
  painting->picture.plot = task->plot;
  painting->picture.timeline = task->timeline;
  painting->picture.recipe = NULL;
  painting->picture.make_folder = g_strcmp0 (job->picture.output, task->output) != 0;
  painting->n_styles = (int) g_strv_length (task->styles);
  painting->files = g_new0 (RecipeInput, painting->n_styles + (int) job->masks->len + 3);
  add_file (painting, "content", task->content);
  for (int i = 0; i < painting->n_styles; i++)
    add_file (painting, "style", task->styles[i]);
  for (guint i = 0; i < job->masks->len; i++)
    add_file (painting, "mask", job->masks->pdata[i]);
  add_file (painting, "init", job->init_file);
  add_file (painting, "protect", job->own.protect);
  if (task->output)
    painting->state = rv__state_file_new (&painting->picture.made, task->output, job->own.state.every_s);
}

static void
free_images (RvImage ***images, int n)
{
  for (int i = 0; *images && i < n; i++)
    rv_image_unref ((*images)[i]);
  g_clear_pointer (images, g_free);
}

/* The run holds the pictures it needs, and lets go of them when it can. */
static void
leave_pictures (Painting *painting)
{
  g_clear_pointer (&painting->content, rv_image_unref);
  g_clear_pointer (&painting->init, rv_image_unref);
  g_clear_pointer (&painting->protect, rv_image_unref);
  free_images (&painting->styles, painting->n_styles);
  free_images (&painting->masks, painting->n_styles);
}

static void
painting_clear (Painting *painting)
{
  leave_pictures (painting);
  rv__state_file_free (painting->state);
  g_free (painting->files);
  g_free (painting->inputs);
  g_free (painting->picture.recipe);
  if (painting->log)
    fclose (painting->log);
  picture_watch_free (painting->watch);
  g_clear_error (&painting->error);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static gboolean
goes_on (const Painting *painting)
{
  return painting->job->own.state.resume && painting->state && rv__state_file_exists (painting->state);
}

/* What a run that stopped has left may be replaced by the run that goes on, or begins again where it left no state. */
static gboolean
may_replace (const Painting *painting)
{
  const char *output = painting->task->output;
  return painting->job->own.state.resume && output && (goes_on (painting) || !g_file_test (output, G_FILE_TEST_EXISTS));
}

/* Whether the content can be read, and is none of the things that want another kind of OUT. */
static gboolean
probe_content (const Painting *painting, RvImageInfo *info, GError **error)
{
  const char *content = painting->task->content;
  RvFilmInfo film;
  g_autoptr (GError) own_error = NULL;
  if (rv_image_probe (content, info, &own_error))
    return TRUE;
  if (g_error_matches (own_error, RV_ERROR, RV_ERROR_FORMAT) && rv_film_probe (content, &film, NULL))
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is a film: write to one, such as -o painted.mp4", content);
  else
    g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

static gboolean
check (Painting *painting, GError **error)
{
  g_autofree const char **inputs = g_new0 (const char *, painting->n_files + 1);
  RvImageInfo info, other;
  for (int i = 0; i < painting->n_files; i++)
    inputs[i] = painting->files[i].file;
  if (!probe_content (painting, &info, error))
    return FALSE;
  for (int i = 1; i < painting->n_files; i++)
    if (!rv_image_probe (inputs[i], &other, error))
      return FALSE;
  picture_target_size (&painting->picture, info.width, info.height, &painting->width, &painting->height);
  PictureOptions checked = painting->picture;
  checked.force |= may_replace (painting);
  return (!painting->state || rv__state_file_check (painting->state, painting->job->own.state.resume, error)) &&
         picture_check_output (&checked, painting->width, painting->height, inputs, error);
}

gboolean
style_task_is_done (StyleJob *job, const StyleTask *task)
{
  Painting painting;
  painting_start (&painting, job, task, "");
  gboolean done = job->own.state.resume && !job->picture.force && !may_replace (&painting) && task->output;
  painting_clear (&painting);
  return done;
}

gboolean
style_check_tasks (StyleJob *job, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < job->tasks->len; i++) {
    const StyleTask *task = job->tasks->pdata[i];
    RvImageInfo info;
    Painting painting = { 0 };
    painting_start (&painting, job, task, "");
    if (job->tasks->len == 1 || (!style_task_is_done (job, task) && rv_image_probe (task->content, &info, NULL)))
      ok = check (&painting, error);
    painting_clear (&painting);
  }
  return ok;
}

/* The classic ways to resize want the picture as it is. */
static gboolean
resized_while_read (const Painting *painting)
{
  return rv_style_settings_resize (painting->job->settings) == RV_IMAGE_RESIZE_BEST;
}

/* A picture of the result's size. */
static RvImage *
load_content (const Painting *painting, const char *file, GError **error)
{
  if (resized_while_read (painting))
    return rv_image_load (file, painting->width, painting->height, error);
  g_autoptr (RvImage) full = rv_image_load (file, 0, 0, error);
  RvImageResize how = rv_style_settings_resize (painting->job->settings);
  return full ? rv_image_resize (full, painting->width, painting->height, how, error) : NULL;
}

/* A style picture at the size the finest scale wants, or at its own where that is smaller. */
static RvImage *
load_style (const Painting *painting, const char *file, GError **error)
{
  if (!resized_while_read (painting))
    return rv_image_load (file, 0, 0, error);
  double scale = rv_settings_get_real (painting->job->settings, "style-scale", NULL);
  return picture_load_within (file, MAX (painting->width, painting->height) * scale, error);
}

/* Masks are soft, whatever way the classic programs resize. */
static RvImage *
load_mask (const Painting *painting, const char *file, GError **error)
{
  return rv_image_load (file, painting->width, painting->height, error);
}

static gboolean
load_pictures (Painting *painting, GError **error)
{
  const StyleJob *job = painting->job;
  if (!(painting->content = load_content (painting, painting->task->content, error)))
    return FALSE;
  painting->styles = g_new0 (RvImage *, painting->n_styles + 1);
  for (int i = 0; i < painting->n_styles; i++)
    if (!(painting->styles[i] = load_style (painting, painting->task->styles[i], error)))
      return FALSE;
  if (job->masks->len > 0)
    painting->masks = g_new0 (RvImage *, painting->n_styles + 1);
  for (guint i = 0; i < job->masks->len; i++)
    if (!(painting->masks[i] = load_mask (painting, job->masks->pdata[i], error)))
      return FALSE;
  return (!job->init_file || (painting->init = load_content (painting, job->init_file, error))) &&
         (!job->own.protect || (painting->protect = load_mask (painting, job->own.protect, error)));
}

/* ---- the recipe -------------------------------------------------------------------------------------------------- */

static Recipe
recipe_of (const Painting *painting)
{
  const StyleJob *job = painting->job;
  return (Recipe){ .command = "style",
                   .inputs = painting->files,
                   .n_inputs = painting->n_files,
                   .network = rv_net_name (job->net),
                   .weights = job->picture.weights_file,
                   .width = painting->width,
                   .height = painting->height,
                   .settings = job->settings,
                   .kernels = rv_settings_get_bool (job->settings, "exact", NULL) ? NULL : job->kernels };
}

static void
keep_recipe (Painting *painting)
{
  Recipe recipe = recipe_of (painting);
  recipe_keep (&recipe, &painting->picture);
}

static const char *
inputs_text (Painting *painting)
{
  Recipe recipe = recipe_of (painting);
  if (!painting->inputs)
    painting->inputs = rv__recipe_inputs (&recipe);
  return painting->inputs;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_number (FILE *log, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (log, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
write_log (FILE *log, const RvStyleProgress *p)
{
  const char *const *names = rv_style_losses (p->run);
  fprintf (log, "{\"iteration\": %" G_GINT64_FORMAT ", \"scale\": %d", p->iteration, p->scale);
  write_number (log, "loss", p->loss);
  for (int i = 0; names[i]; i++)
    write_number (log, names[i], p->losses[i]);
  write_number (log, "seconds", p->seconds);
  fprintf (log, "}\n");
}

static gboolean
save_snapshot (Painting *painting, const RvStyleProgress *p)
{
  g_autofree char *name = rv__picture_snapshot_name (painting->picture.output, p->iteration);
  g_autoptr (RvImage) image = rv_style_picture (p, &painting->error);
  return image && picture_save (&painting->picture, image, name, &painting->error);
}

static gboolean
show (Painting *painting, const RvStyleProgress *p)
{
  g_autoptr (RvImage) image = rv_style_picture (p, &painting->error);
  return image &&
         picture_watch_show (painting->watch, image, p->done_01, p->iteration, painting->progress, &painting->error);
}

/* The log up to here comes first: a run that goes on keeps it. */
static gboolean
save_state (Painting *painting, const RvStyleProgress *p)
{
  g_autoptr (RvTensorMap) map = rv_style_state (p);
  picture_watch_keep (painting->watch, map);
  return picture_flush_log (&painting->picture, painting->log, &painting->error) &&
         rv__state_file_save (painting->state, map, inputs_text (painting), &painting->error);
}

static gboolean
on_progress (const RvStyleProgress *p, gpointer data)
{
  Painting *painting = data;
  const PictureOptions *picture = &painting->picture;
  gboolean stop = interrupt_wanted () && p->done_01 < 1;
  g_autofree char *what = g_strdup_printf ("%sscale %d/%d %d x %d  loss %.4g", painting->title, p->scale, p->n_scales,
                                           p->width, p->height, p->loss);
  painting->iteration = p->iteration;
  progress_show (painting->progress, p->done_01, p->seconds, p->iteration, what);
  if (painting->log)
    write_log (painting->log, p);
  picture_watch_losses (painting->watch, p->losses);
  if (picture_watch_due (painting->watch, p->done_01) && !show (painting, p))
    return FALSE;
  if (picture->save_every > 0 && p->iteration % picture->save_every == 0 && !save_snapshot (painting, p))
    return FALSE;
  if ((stop || rv__state_file_due (painting->state)) && !save_state (painting, p))
    return FALSE;
  painting->stopped = stop;
  return !stop;
}

/* Where there is nothing yet to write or to go on from, at once; else at the next iteration, whose state is kept. */
static gboolean
on_wanted (gpointer data)
{
  const Painting *painting = data;
  return interrupt_wanted () &&
         (painting->iteration == 0 || (painting->state && rv__state_file_exists (painting->state)));
}

static int
print_plan (Painting *painting, RvStyle *style)
{
  RvStylePlan plan;
  GError *error = NULL;
  if (!rv_style_plan (style, &plan, &error))
    return run_error (error);
  g_autofree char *memory = rv__text_megabytes (plan.peak_bytes), *time = rv__text_seconds (plan.seconds);
  g_autofree char *tiles = picture_tiles_text (plan.n_tiles, plan.work, plan.compact);
  g_autofree char *history = plan.history ? g_strdup_printf (", a history of %d", plan.history) : g_strdup ("");
  printf ("%s%d x %d px%s%s, %d scale%s, %" G_GINT64_FORMAT " iterations on %s: peak %s, about %s\n", painting->title,
          painting->width, painting->height, tiles, history, plan.n_scales, plan.n_scales == 1 ? "" : "s",
          plan.n_iterations, plan.backend, memory, time);
  return EXIT_DONE;
}

/* Where a run stopped that this one goes on with; *iteration: 0 when there is none. */
static gboolean
resume (Painting *painting, RvStyle *style, gint64 *iteration, GError **error)
{
  *iteration = 0;
  if (!goes_on (painting)) {
    rv__state_file_begin (painting->state, painting->job->own.state.resume);
    return TRUE;
  }
  g_autoptr (RvTensorMap) map = rv__state_file_load (painting->state, inputs_text (painting), error);
  if (!map || !rv_style_resume (style, map, error))
    return FALSE;
  picture_watch_go_on (painting->watch, map);
  const char *text = rv_tensor_map_get_text (map, "iteration");
  *iteration = text ? g_ascii_strtoll (text, NULL, 10) : 0;
  return TRUE;
}

static int
run (Painting *painting, RvStyle *style)
{
  GError *error = NULL;
  g_autoptr (RvImage) result = NULL;
  gint64 began_us = g_get_monotonic_time (), resumed;
  painting->watch = picture_watch_new (&painting->picture, rv_style_losses (style));
  if (!resume (painting, style, &resumed, &error) ||
      !picture_open_log (&painting->picture, resumed, &painting->log, &error))
    return run_error (error);

  painting->progress = progress_new (painting->picture.quiet);
  if (painting->picture.save_every > 0 || painting->picture.live)
    keep_recipe (painting); /* of pictures on the way */
  gboolean ended = rv_style_run (style, on_progress, painting, &result, &error);
  progress_end (painting->progress);
  keep_recipe (painting); /* kernels may have been chosen */
  if (!painting->error && picture_flush_log (&painting->picture, painting->log, &painting->error))
    picture_watch_end (painting->watch, result, painting->iteration, &painting->error);

  int code = picture_save_result (&painting->picture, result, error);
  if (code != EXIT_DONE)
    return code;
  kernel_file_save (&painting->picture, painting->job->kernels);
  if (painting->error)
    return run_error (g_steal_pointer (&painting->error));
  if (ended && !painting->stopped)
    rv__state_file_remove (painting->state);
  return picture_say_done (&painting->picture, result, began_us, painting->stopped);
}

/* The targets of the last picture's styles serve this one, if they are the same. */
static void
share_targets (StyleJob *job, RvStyle *style, const StyleTask *task)
{
  if (job->last && g_strv_equal ((const char *const *) job->last_styles, (const char *const *) task->styles))
    rv_style_share (style, job->last);
  g_clear_pointer (&job->last, rv_style_free);
  job->last = style;
  job->last_styles = task->styles;
}

static int
paint (Painting *painting)
{
  StyleJob *job = painting->job;
  GError *error = NULL;
  if (!check (painting, &error) || !load_pictures (painting, &error))
    return run_error (error);
  RvStyle *style = rv_style_new (job->settings, job->net, painting->content, painting->styles, painting->n_styles,
                                 painting->init, &error);
  if (!style) {
    if (g_error_matches (error, RV_ERROR, RV_ERROR_SHAPE))
      g_prefix_error (&error, "%s: ", painting->task->content);
    return run_error (error);
  }
  if (painting->masks)
    rv_style_set_masks (style, painting->masks);
  if (painting->protect)
    rv_style_set_protect (style, painting->protect);
  rv_style_set_kernels (style, job->kernels);
  rv_style_set_stop (style, on_wanted, painting);
  share_targets (job, style, painting->task);
  leave_pictures (painting);
  return painting->picture.dry_run ? print_plan (painting, style) : run (painting, style);
}

int
style_run_task (StyleJob *job, const StyleTask *task, const char *title)
{
  Painting painting;
  painting_start (&painting, job, task, title);
  int code = paint (&painting);
  painting_clear (&painting);
  return code;
}
