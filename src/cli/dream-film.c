/* dream-film.c -- reverie dream CLIP -o OUT.mp4: a film, each frame dreamt on from the last dream as it moved. */
#include "cmd-dream.h"
#include "job/film-dream.h"
#include <string.h>

#define BLEND 0.85 /* unless --blend says otherwise */

/* What decides how one comes out, besides the dream's settings. */
typedef struct {
  double style_weight, blend;
  FilmOptions film;
} FilmRecipe;

static const RvOption recipe_options[] = {
  { "style-weight", 0, RV_OPTION_REAL, offsetof (FilmRecipe, style_weight) },
  { "blend", 0, RV_OPTION_REAL, offsetof (FilmRecipe, blend) },
  { "from", 0, RV_OPTION_TEXT, offsetof (FilmRecipe, film.from) },
  FILM_OPTION_ROWS (offsetof (FilmRecipe, film)),
  { "frame-iterations", 0, RV_OPTION_INT, offsetof (FilmRecipe, film.frame_iterations) },
  { NULL },
};

/* One film on its way. */
typedef struct {
  DreamRun *job;
  FilmRun run;
  RvStateOptions state;
  RvDreamBeside beside;
  RvFilmDreamSpec spec;
} Filming;

/* What pictures can be given and a film cannot. */
static gboolean
check_options (const DreamRun *job, GError **error)
{
  const RvSettings *more = job->more;
  const char *what =
    job->n_files > 1                                                            ? "several films at once"
    : strcmp (rv_settings_get_text (job->settings, "from", NULL), "noise") == 0 ? "--from noise"
    : rv_settings_get_bool (more, "test-pattern", NULL)                         ? "--test-pattern"
    : *rv_settings_get_text (more, "atlas", NULL)                               ? "--atlas"
    : *rv_settings_get_text (more, "compare", NULL)                             ? "--compare"
    : rv_settings_get_int (more, "diversity", NULL) > 1                         ? "--diversity"
    : rv_settings_get_real (more, "zoom", NULL) != 1 || rv_settings_get_real (more, "rotate", NULL) != 0
      ? "--zoom and --rotate"
    : job->own.guide && *rv_settings_get_text (job->settings, "toward", NULL) ? "--guide with --toward"
                                                                              : NULL;
  return film_refuse (what, error) &&
         (!job->picture.network || rv_dream_settings_check (job->settings, job->picture.network, error));
}

static gboolean
stop_wanted (gpointer data)
{
  return interrupt_wanted ();
}

/* @ok; the error of a film that is too small names it. */
static gboolean
named (const Filming *filming, gboolean ok, GError **error)
{
  if (!ok && g_error_matches (*error, RV_ERROR, RV_ERROR_SHAPE))
    g_prefix_error (error, "%s: ", filming->job->files[0]);
  return ok;
}

static gboolean
dream (gpointer data, const RvFilmFrames *frames, RvFilmFunc progress, gpointer user_data, RvFilmResult *result,
       GError **error)
{
  const Filming *filming = data;
  return named (filming, rv__film_dream_run (&filming->spec, frames, progress, user_data, result, error), error);
}

static gboolean
plan (gpointer data, RvImage *frame, FilmPlan *plan, GError **error)
{
  RvDreamPlan first, next;
  const Filming *filming = data;
  if (!named (filming, rv__film_dream_plan (&filming->spec, frame, &first, &next, error), error))
    return FALSE;
  *plan = (FilmPlan){ first.backend, MAX (first.peak_bytes, next.peak_bytes), first.seconds, next.seconds };
  return TRUE;
}

static void
set_spec (Filming *filming)
{
  const DreamRun *job = filming->job;
  const RvSettings *more = job->more;
  filming->beside.style_weight = rv_settings_get_real (more, "style-weight", NULL);
  filming->spec = (RvFilmDreamSpec){ .settings = job->settings,
                                     .frame_iterations = job->film.frame_iterations,
                                     .blend_01 = job->blends ? rv_settings_get_real (more, "blend", NULL) : BLEND,
                                     .net = job->net,
                                     .beside = &filming->beside,
                                     .kernels = job->kernels,
                                     .wanted = stop_wanted };
}

static int
film (Filming *filming)
{
  GError *error = NULL;
  const DreamRun *job = filming->job;
  FilmRun *run = &filming->run;
  if (!film_run_check_options (run, &error) || !check_options (job, &error))
    return usage_error (error);
  if (!film_run_open (run, &error) ||
      !rv__dream_beside_load (&filming->beside, run->files, run->n_files, run->part.width, run->part.height, &error))
    return run_error (error);
  set_spec (filming);
  const FilmRecipe own = { filming->beside.style_weight, filming->spec.blend_01, job->film };
  const Recipe recipe = { .command = "dream",
                          .network = rv_net_name (job->net),
                          .weights = job->picture.weights_file,
                          .settings = job->settings,
                          .own_table = recipe_options,
                          .own = &own,
                          .kernels = job->kernels };
  return film_run (run, &recipe, &(FilmMaker){ dream, plan }, filming);
}

int
dream_run_film (DreamRun *job)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) places = rv__dream_find_places (job->settings, job->where, &error);
  if (!places)
    return usage_error (error);
  Filming filming = { .job = job };
  filming.state = (RvStateOptions){ rv_settings_get_bool (job->going_on, "resume", NULL),
                                    rv_settings_get_real (job->going_on, "state-every", NULL) };
  interrupt_watch ();
  film_run_start (&filming.run, &job->film, &job->picture, &filming.state, job->files[0], 3 + (int) places->len);
  film_run_add_file (&filming.run, "guide", job->own.guide);
  film_run_add_file (&filming.run, "style", job->own.style);
  film_run_add_file (&filming.run, "mask", job->own.mask);
  for (guint i = 0; i < places->len; i++)
    film_run_add_file (&filming.run, "where", places->pdata[i]);
  int code = film (&filming);
  rv__dream_beside_clear (&filming.beside);
  film_run_clear (&filming.run);
  return code;
}
