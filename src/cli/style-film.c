/* style-film.c -- a film of reverie style: what it is painted with. */
#include "cmd-style.h"
#include "job/film-style.h"

/* One film on its way. */
typedef struct {
  StyleJob *job;
  const StyleTask *task;
  FilmRun run;
  RvImage **styles, **masks, *protect;
  RvFilmStyleSpec spec;
} Filming;

static void
filming_start (Filming *filming, StyleJob *job, const StyleTask *task)
{
  guint n_styles = g_strv_length (task->styles);
  *filming = (Filming){ .job = job, .task = task };
  film_run_start (&filming->run, &job->film, &job->picture, &job->state, task->content,
                  (int) (n_styles + job->masks->len) + 1);
  filming->styles = g_new0 (RvImage *, n_styles + 1);
  filming->masks = g_new0 (RvImage *, job->masks->len + 1);
  for (guint i = 0; i < n_styles; i++)
    film_run_add_file (&filming->run, "style", task->styles[i]);
  for (guint i = 0; i < job->masks->len; i++)
    film_run_add_file (&filming->run, "mask", job->masks->pdata[i]);
  film_run_add_file (&filming->run, "protect", job->own.protect);
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
  film_run_clear (&filming->run);
}

/* What pictures can be given and a film cannot yet. */
static gboolean
check_options (const StyleJob *job, GError **error)
{
  const char *what = job->tasks->len > 1                                           ? "several films at once"
                     : job->init_file                                              ? "--init with a picture"
                     : *rv_settings_get_text (job->settings, "time", NULL)         ? "--time"
                     : rv_settings_get_int (job->settings, "until", NULL) > 0      ? "--until"
                     : rv_settings_get_real (job->settings, "strength", NULL) == 0 ? "--strength 0"
                                                                                   : NULL;
  return film_refuse (what, error);
}

static gboolean
load_pictures (Filming *filming, GError **error)
{
  const StyleJob *job = filming->job;
  const RvFilmPart *part = &filming->run.part;
  char **names = filming->task->styles;
  double longest = MAX (part->width, part->height) * rv_settings_get_real (job->settings, "style-scale", NULL);
  for (int i = 0; names[i]; i++)
    if (!(filming->styles[i] = picture_load_within (names[i], longest, error)))
      return FALSE;
  for (guint i = 0; i < job->masks->len; i++)
    if (!(filming->masks[i] = rv_image_load (job->masks->pdata[i], part->width, part->height, error)))
      return FALSE;
  return !job->own.protect || (filming->protect = rv_image_load (job->own.protect, part->width, part->height, error));
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

static gboolean
paint (gpointer data, const RvFilmFrames *frames, RvFilmFunc progress, gpointer user_data, RvFilmResult *result,
       GError **error)
{
  return rv__film_style_run (&((const Filming *) data)->spec, frames, progress, user_data, result, error);
}

static gboolean
plan (gpointer data, RvImage *frame, FilmPlan *plan, GError **error)
{
  RvStylePlan first, next;
  if (!rv__film_style_plan (&((const Filming *) data)->spec, frame, &first, &next, error))
    return FALSE;
  *plan = (FilmPlan){ first.backend, MAX (first.peak_bytes, next.peak_bytes), first.seconds, next.seconds };
  return TRUE;
}

static int
film (Filming *filming)
{
  GError *error = NULL;
  StyleJob *job = filming->job;
  FilmRun *run = &filming->run;
  if (!film_run_check_options (run, &error) || !check_options (job, &error))
    return usage_error (error);
  if (!film_run_open (run, &error) || !load_pictures (filming, &error))
    return run_error (error);
  set_spec (filming);
  const Recipe recipe = { .command = "style",
                          .network = rv_net_name (job->net),
                          .weights = job->picture.weights_file,
                          .settings = job->settings,
                          .own_table = film_options,
                          .own = &job->film,
                          .kernels = job->kernels };
  return film_run (run, &recipe, &(FilmMaker){ paint, plan }, filming);
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
