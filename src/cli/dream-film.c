/* dream-film.c -- reverie dream CLIP -o OUT.mp4: a film, each frame dreamt on from the last dream as it moved. */
#include "cmd-dream.h"
#include "job/film-dream.h"
#include <string.h>

/* One film on its way. */
typedef struct {
  DreamJob *job;
  FilmRun run;
  RvFilmDreamSpec spec;
} Filming;

/* What pictures can be given and a film cannot. */
static gboolean
check_options (const DreamJob *job, GError **error)
{
  const DreamOptions *own = &job->own;
  const char *what = job->n_files > 1     ? "several films at once"
                     : own->count > 0     ? "--count"
                     : own->compare       ? "--compare"
                     : own->diversity > 1 ? "--diversity"
                                          : NULL;
  return film_refuse (what, error);
}

static void
add_files (Filming *filming)
{
  DreamJob *job = filming->job;
  film_run_add_file (&filming->run, "guide", job->own.guide);
  film_run_add_file (&filming->run, "style", job->own.style);
  film_run_add_file (&filming->run, "mask", job->own.mask);
  for (guint i = 0; i < job->places->len; i++)
    film_run_add_file (&filming->run, "where", job->places->pdata[i]);
}

/* The job's own settings and picture are those of the dream that is made ready. */
static RvDream *
prepare (gpointer data, const RvSettings *settings, RvImage *frame, GError **error)
{
  DreamJob *job = data;
  RvSettings *own = job->settings;
  rv_image_unref (job->image);
  job->image = rv_image_ref (frame);
  job->settings = rv_settings_copy (settings);
  RvDream *dream = dream_prepare (job, error);
  rv_settings_free (job->settings);
  job->settings = own;
  return dream;
}

static gboolean
dream (gpointer data, const RvFilmFrames *frames, RvFilmFunc progress, gpointer user_data, RvFilmResult *result,
       GError **error)
{
  return rv__film_dream_run (&((const Filming *) data)->spec, frames, progress, user_data, result, error);
}

static int
print_plan (Filming *filming)
{
  GError *error = NULL;
  RvDreamPlan first, next;
  g_autoptr (RvImage) frame = film_run_first_frame (&filming->run, &error);
  if (!frame || !rv__film_dream_plan (&filming->spec, frame, &first, &next, &error))
    return run_error (error);
  film_run_print_plan (&filming->run, first.backend, MAX (first.peak_bytes, next.peak_bytes), first.seconds,
                       next.seconds);
  return EXIT_DONE;
}

static int
film (Filming *filming)
{
  GError *error = NULL;
  DreamJob *job = filming->job;
  FilmRun *run = &filming->run;
  if (!film_run_check_options (run, &error) || !check_options (job, &error))
    return usage_error (error);
  if (!film_run_open (run, &error))
    return run_error (error);
  job->width = run->part.width, job->height = run->part.height;
  filming->spec = (RvFilmDreamSpec){ .settings = job->settings,
                                     .frame_iterations = job->own.film.frame_iterations,
                                     .blend_01 = job->own.blend,
                                     .prepare = prepare,
                                     .user_data = job };
  if (run->picture.dry_run)
    return print_plan (filming);
  const Recipe recipe = { .command = "dream",
                          .network = rv_net_name (job->net),
                          .weights = job->picture.weights_file,
                          .settings = job->settings,
                          .own_table = dream_film_recipe_options,
                          .own = &job->own,
                          .kernels = job->kernels };
  return film_run (run, &recipe, dream, filming);
}

int
dream_run_film (DreamJob *job)
{
  Filming filming = { .job = job };
  interrupt_watch ();
  film_run_start (&filming.run, &job->own.film, &job->picture, &job->own.state, job->files[0],
                  3 + (int) job->places->len);
  add_files (&filming);
  int code = film (&filming);
  film_run_clear (&filming.run);
  return code;
}
