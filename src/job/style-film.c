/* style-film.c -- jobs that paint a film: what it is painted with. */
#include "base/error.h"
#include "job/film-run.h"
#include "job/film-style.h"
#include "job/styles.h"

/* What a film is painted with, and its pictures, which end with NULL. */
typedef struct {
  RvFilmStyleSpec spec;
  RvImage **styles, **masks, *protect;
} Painting;

/* What pictures can be given and a film cannot yet. */
static gboolean
check (RvJobRun *run, GError **error)
{
  const RvSettings *settings = run->settings;
  const char *name = *rv_settings_get_text (settings, "time", NULL)           ? "time"
                     : rv_settings_get_int (settings, "until", NULL) > 0      ? "until"
                     : rv_settings_get_real (settings, "strength", NULL) == 0 ? "strength"
                                                                              : NULL;
  if (!rv__film_check (run, error))
    return FALSE;
  if (!name)
    return rv__styles_check (run, error);
  rv__error_setting (error, name, "'%s'%s: that cannot be had with a film", name,
                     g_str_equal (name, "strength") ? " 0" : "");
  return FALSE;
}

/* ---- its pictures ------------------------------------------------------------------------------------------------ */

static void
free_images (RvImage **images)
{
  for (int i = 0; images && images[i]; i++)
    rv_image_unref (images[i]);
  g_free (images);
}

/* As large as the film's longest side times @scale, at most. */
static gboolean
load_styles (RvJobRun *run, Painting *painting, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__job_run_inputs (run, "style");
  double longest_px = MAX (run->width, run->height) * rv_settings_get_real (run->settings, "style-scale", NULL);
  painting->styles = g_new0 (RvImage *, inputs->len + 1);
  for (guint i = 0; i < inputs->len; i++)
    if (!(painting->styles[i] = rv__job_input_load_within (inputs->pdata[i], longest_px, error)))
      return FALSE;
  painting->spec.n_styles = (int) inputs->len;
  return TRUE;
}

static RvImage *
load_mask (const RvJobRun *run, const RvJobInput *input, GError **error)
{
  return rv__job_input_load (input, run->width, run->height, RV_IMAGE_RESIZE_BEST, error);
}

static gboolean
load_masks (RvJobRun *run, Painting *painting, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__job_run_inputs (run, "mask");
  const RvJobInput *protect = rv__job_run_input (run, "protect");
  painting->masks = g_new0 (RvImage *, inputs->len + 1);
  for (guint i = 0; i < inputs->len; i++)
    if (!(painting->masks[i] = load_mask (run, inputs->pdata[i], error)))
      return FALSE;
  return !protect || (painting->protect = load_mask (run, protect, error));
}

static gboolean
load (RvJobRun *run, GError **error)
{
  Painting *painting = ((RvFilming *) run->method)->maker = g_new0 (Painting, 1);
  if (!load_styles (run, painting, error) || !load_masks (run, painting, error))
    return FALSE;
  painting->spec = (RvFilmStyleSpec){ .settings = run->settings,
                                      .frame_iterations = rv__film_options_of (run)->frame_iterations,
                                      .net = run->net,
                                      .styles = painting->styles,
                                      .n_styles = painting->spec.n_styles,
                                      .masks = painting->masks[0] ? painting->masks : NULL,
                                      .protect = painting->protect,
                                      .kernels = run->kernels,
                                      .wanted = rv__job_run_wanted,
                                      .wanted_data = run,
                                      .cancellable = rv__job_cancellable (run->job) };
  return TRUE;
}

static void
clear (gpointer maker)
{
  Painting *painting = maker;
  free_images (painting->styles);
  free_images (painting->masks);
  rv_image_unref (painting->protect);
  g_free (painting);
}

/* ---- its frames -------------------------------------------------------------------------------------------------- */

static const RvFilmStyleSpec *
spec_of (const RvJobRun *run)
{
  return &((const Painting *) ((const RvFilming *) run->method)->maker)->spec;
}

static gboolean
plan (RvJobRun *run, RvImage *frame, RvFilmPlan *plan, GError **error)
{
  RvStylePlan first, next;
  if (!rv__film_style_plan (spec_of (run), frame, &first, &next, error))
    return FALSE;
  *plan = (RvFilmPlan){ first.backend, MAX (first.peak_bytes, next.peak_bytes), first.seconds, next.seconds };
  return TRUE;
}

static gboolean
make (RvJobRun *run, const RvFilmFrames *frames, RvFilmFunc progress, RvFilmResult *result, GError **error)
{
  return rv__film_style_run (spec_of (run), frames, progress, run, result, error);
}

static const RvFilmKind film = { .frame_iterations = 20, .load = load, .plan = plan, .make = make, .clear = clear };

static const RvJobRole roles[] = {
  { "content", .needed = TRUE },
  { "style", .needed = TRUE, .many = TRUE },
  { "mask", .many = TRUE },
  { "protect" },
  { NULL },
};

const RvJobClass rv__job_style_film = {
  .kind = "style-film",
  .method = "style",
  .own = "style-film",
  .own_table = rv__film_options + RV_FILM_DREAM_ROWS,
  .roles = roles,
  .film = &film,
  .check = check,
  .look = rv__film_look,
  .prepare = rv__film_prepare,
  .share = rv__film_share,
  .plan = rv__film_plan,
  .losses = rv__film_losses,
  .resume = rv__film_resume,
  .run = rv__film_make,
  .write_more = rv__film_write_recipe,
  .sum_up = rv__film_sum_up,
  .picture = rv__film_picture,
  .state = rv__film_keep,
  .clear = rv__film_clear,
};
