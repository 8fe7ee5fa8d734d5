/* style-film.c -- a film of reverie style: its files checked and read, painted, written. */
#include "base/system.h"
#include "base/text.h"
#include "cmd-style.h"
#include "job/film-style.h"
#include "recipe.h"

/* One film on its way. */
typedef struct {
  StyleJob *job;
  const StyleTask *task;
  PictureOptions picture; /* the job's; recipe its own */
  RecipeInput *files;     /* every one that is read */
  int n_files;
  RvImage **styles, **masks, *protect;
  RvFilmPart part;
  RvFilmReader *reader;
  RvFilmWriter *writer;
  RvFilmStyleSpec spec;

  gint64 began_us;
  Progress *progress;
  FILE *log;
  PictureWatch *watch;
  GError *error; /* of what is written while the film goes on */
} Filming;

static void
add_file (Filming *filming, const char *role, const char *file)
{
  if (file)
    filming->files[filming->n_files++] = (RecipeInput){ role, file };
}

static void
filming_start (Filming *filming, StyleJob *job, const StyleTask *task)
{
  guint n_styles = g_strv_length (task->styles);
  *filming = (Filming){ .job = job, .task = task, .picture = job->picture, .began_us = g_get_monotonic_time () };
  filming->picture.recipe = NULL;
  filming->files = g_new0 (RecipeInput, n_styles + job->masks->len + 2);
  filming->styles = g_new0 (RvImage *, n_styles + 1);
  filming->masks = g_new0 (RvImage *, job->masks->len + 1);
  add_file (filming, "content", task->content);
  for (guint i = 0; i < n_styles; i++)
    add_file (filming, "style", task->styles[i]);
  for (guint i = 0; i < job->masks->len; i++)
    add_file (filming, "mask", job->masks->pdata[i]);
  add_file (filming, "protect", job->own.protect);
}

static void
free_images (RvImage **images)
{
  for (int i = 0; images[i]; i++)
    rv_image_unref (images[i]);
  g_free (images);
}

static void
filming_clear (Filming *filming)
{
  free_images (filming->styles);
  free_images (filming->masks);
  rv_image_unref (filming->protect);
  rv_film_reader_free (filming->reader);
  rv_film_writer_free (filming->writer);
  picture_watch_free (filming->watch);
  if (filming->log)
    fclose (filming->log);
  g_free (filming->files);
  g_free (filming->picture.recipe);
  g_clear_error (&filming->error);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* What pictures can be given and a film cannot yet. */
static gboolean
check_options (const StyleJob *job, GError **error)
{
  const char *what = job->tasks->len > 1                                           ? "several films at once"
                     : job->own.state.resume                                       ? "--resume"
                     : job->init_file                                              ? "--init with a picture"
                     : *rv_settings_get_text (job->settings, "time", NULL)         ? "--time"
                     : rv_settings_get_int (job->settings, "until", NULL) > 0      ? "--until"
                     : rv_settings_get_real (job->settings, "strength", NULL) == 0 ? "--strength 0"
                                                                                   : NULL;
  if (!what)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s: that cannot be had with a film", what);
  return FALSE;
}

static gboolean
check_files (const Filming *filming, GError **error)
{
  g_autofree const char **inputs = g_new0 (const char *, filming->n_files + 1);
  for (int i = 0; i < filming->n_files; i++)
    inputs[i] = filming->files[i].file;
  if (!filming->picture.output)
    return TRUE;
  if (!picture_check_free (&filming->picture, inputs, error))
    return FALSE;
  picture_remove_halves (&filming->picture);
  return TRUE;
}

static gboolean
load_pictures (Filming *filming, GError **error)
{
  const StyleJob *job = filming->job;
  char **names = filming->task->styles;
  double longest =
    MAX (filming->part.width, filming->part.height) * rv_settings_get_real (job->settings, "style-scale", NULL);
  for (int i = 0; names[i]; i++)
    if (!(filming->styles[i] = picture_load_within (names[i], longest, error)))
      return FALSE;
  for (guint i = 0; i < job->masks->len; i++)
    if (!(filming->masks[i] = rv_image_load (job->masks->pdata[i], filming->part.width, filming->part.height, error)))
      return FALSE;
  return !job->own.protect ||
         (filming->protect = rv_image_load (job->own.protect, filming->part.width, filming->part.height, error));
}

static void
set_spec (Filming *filming)
{
  const StyleJob *job = filming->job;
  filming->spec = (RvFilmStyleSpec){ .settings = job->settings,
                                     .frame_iterations = job->film.frame_iterations,
                                     .net = job->net,
                                     .styles = filming->styles,
                                     .n_styles = (int) g_strv_length (filming->task->styles),
                                     .masks = job->masks->len > 0 ? filming->masks : NULL,
                                     .protect = filming->protect,
                                     .kernels = job->kernels };
}

static void
keep_recipe (Filming *filming)
{
  const StyleJob *job = filming->job;
  Recipe recipe = { .command = "style",
                    .inputs = filming->files,
                    .n_inputs = filming->n_files,
                    .network = rv_net_name (job->net),
                    .weights = job->picture.weights_file,
                    .width = filming->part.width,
                    .height = filming->part.height,
                    .settings = job->settings,
                    .own_table = film_options,
                    .own = &job->film,
                    .kernels = rv_settings_get_bool (job->settings, "exact", NULL) ? NULL : job->kernels };
  recipe_keep (&recipe, &filming->picture);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
write_number (FILE *log, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  fprintf (log, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

static void
write_log (FILE *log, const RvPaintedFrame *p)
{
  fprintf (log, "{\"frame\": %" G_GINT64_FORMAT ", \"new shot\": %s", p->frame, p->begins ? "true" : "false");
  write_number (log, "loss", p->loss);
  for (int i = 0; i < p->n_losses; i++)
    write_number (log, p->names[i], p->losses[i]);
  write_number (log, "kept", p->kept_01);
  write_number (log, "trusted", p->trusted_01);
  write_number (log, "warping error", p->warping_error);
  write_number (log, "film's own", p->film_error);
  write_number (log, "motion seconds", p->motion_s);
  write_number (log, "painting seconds", p->painting_s);
  fprintf (log, "}\n");
}

/* A frame is done. */
static gboolean
take_frame (Filming *filming, const RvFilmStyleProgress *p)
{
  if (filming->log)
    write_log (filming->log, p->painted);
  return picture_flush_log (&filming->picture, filming->log, &filming->error) &&
         (!picture_watch_due (filming->watch, p->done_01) ||
          picture_watch_show (filming->watch, p->picture, p->done_01, p->frame, filming->progress, &filming->error));
}

static gboolean
on_progress (const RvFilmStyleProgress *p, gpointer data)
{
  Filming *filming = data;
  double loss = p->painting ? p->painting->loss : p->painted->loss;
  progress_show_frames (filming->progress, p->done_01, p->seconds, p->frame, p->n_frames, loss);
  return (!p->painted || take_frame (filming, p)) && !interrupt_wanted ();
}

static void
say_done (const Filming *filming, const RvFilmStyleResult *r)
{
  g_autofree char *time = rv__text_seconds ((double) (g_get_monotonic_time () - filming->began_us) / G_USEC_PER_SEC);
  g_autofree char *output = rv__text_plain (filming->picture.output, FALSE);
  if (filming->picture.quiet)
    return;
  printf ("%s: %d x %d px, %" G_GINT64_FORMAT " frame%s in %s", output, filming->part.width, filming->part.height,
          r->n_frames, r->n_frames == 1 ? "" : "s", time);
  if (r->n_followed > 0)
    printf ("; warping error %.2g (the film's own %.2g)", r->warping_error, r->film_error);
  printf ("%s\n", r->stopped ? " (interrupted)" : "");
}

static RvImage *
next_frame (gpointer data, GError **error)
{
  return rv_film_reader_next (((Filming *) data)->reader, error);
}

static gboolean
add_frame (gpointer data, const RvImage *frame, GError **error)
{
  return rv_film_writer_add (((Filming *) data)->writer, frame, error);
}

/* What is there so far is a film, whatever ended it. */
static int
run (Filming *filming)
{
  static const char *const no_losses[] = { NULL };
  GError *error = NULL;
  RvFilmStyleResult result;
  keep_recipe (filming);
  if (!picture_open_log (&filming->picture, 0, &filming->log, &error) ||
      !(filming->writer = film_create (&filming->job->film, &filming->picture, filming->task->content, filming->reader,
                                       &filming->part, &error)))
    return run_error (error);
  filming->watch = picture_watch_new (&filming->picture, no_losses);
  filming->progress = progress_new (filming->picture.quiet);
  RvFilmFrames frames = { rv_film_reader_info (filming->reader)->n_frames, next_frame, add_frame, filming };
  gboolean ok = rv__film_style_run (&filming->spec, &frames, on_progress, filming, &result, &error);
  progress_end (filming->progress);
  kernel_file_save (&filming->picture, filming->job->kernels);
  if (!ok || result.stopped)
    rv_film_writer_cut (filming->writer);
  if (result.n_frames > 0 && !rv_film_writer_finish (filming->writer, ok ? &error : NULL))
    ok = FALSE;
  if (ok && filming->error)
    return run_error (g_steal_pointer (&filming->error));
  if (!ok)
    return run_error (error);
  if (result.n_frames > 0)
    say_done (filming, &result);
  return result.stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}

#define DISK_BITS_PER_PIXEL 0.5 /* about, of H.264 at crf 18: paint has much detail */
#define FRAME_BYTES 300         /* a pixel: frames, flows and what they need, beside one frame's painting */

static int
print_plan (Filming *filming)
{
  GError *error = NULL;
  RvStylePlan first, next;
  const RvFilmInfo *info = rv_film_reader_info (filming->reader);
  g_autoptr (RvImage) frame = rv_film_reader_next (filming->reader, &error);
  if (!frame || !rv__film_style_plan (&filming->spec, frame, &first, &next, &error))
    return run_error (error ? error : g_error_new (RV_ERROR, RV_ERROR_FORMAT, "a film without a frame"));
  double pixels = (double) info->width * info->height, n = (double) MAX (info->n_frames, 1);
  g_autofree char *memory =
    rv__text_megabytes (MAX (first.peak_bytes, next.peak_bytes) + (gsize) (FRAME_BYTES * pixels));
  g_autofree char *of_first = rv__text_seconds (first.seconds), *of_next = rv__text_seconds (next.seconds);
  g_autofree char *all = rv__text_seconds (first.seconds + (n - 1) * next.seconds);
  g_autofree char *disk = rv__text_megabytes ((gsize) (n * pixels * DISK_BITS_PER_PIXEL / 8));
  printf ("%d x %d px, %" G_GINT64_FORMAT
          " frames on %s: the first of a shot %s, the others %s each, in one shot about %s; "
          "peak %s; about %s on disk\n",
          info->width, info->height, info->n_frames, first.backend, of_first, of_next, all, memory, disk);
  return EXIT_DONE;
}

static int
film (Filming *filming)
{
  GError *error = NULL;
  const StyleJob *job = filming->job;
  if (!film_options_check (&job->film, &filming->picture, &filming->part, &error) || !check_options (job, &error))
    return usage_error (error);
  if (!check_files (filming, &error) ||
      !(filming->reader = film_open (filming->task->content, &filming->picture, &filming->part, &error)) ||
      !load_pictures (filming, &error))
    return run_error (error);
  set_spec (filming);
  return filming->picture.dry_run ? print_plan (filming) : run (filming);
}

int
style_run_film (StyleJob *job, const StyleTask *task)
{
  Filming filming;
  filming_start (&filming, job, task);
  int code = film (&filming);
  filming_clear (&filming);
  return code;
}
