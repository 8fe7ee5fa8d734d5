/* film-style.c -- films painted in a style, steady from frame to frame.
 *
 *   the first frame of a shot: a whole run
 *   each other: the flow to the frame before and back; m, how far it can be trusted; what did not change at all
 *     x_w <- frame + (last painted - last frame), the latter along the flow
 *     from x_w descend L (x) + beta * sum m |x - x_w|^2 / (3 sum m), a few iterations at the last scale
 *     what did not change stays as it was painted
 *
 * Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for videos", in which all of a frame is painted anew and what
 * is carried is the painting itself, not what it has besides the film. The start is x_w also where the flow cannot be
 * trusted: from the film's own pixels the last scale alone makes worms, no strokes. Pictures are carried in f32. */
#include "job/film-style.h"
#include "base/option.h"
#include "base/system.h"
#include "job/film-motion.h"
#include "method/style/color.h"
#include <string.h>

#define MOTION_WORK 3 /* iterations that finding flows takes as long as */

/* A film on its way. */
typedef struct {
  const RvFilmStyleSpec *spec;
  RvSettings *begins, *follows; /* of frames that begin a shot, and of those that follow another */
  RvImage **styles;             /* in the colours of the first frame, where they are wanted */
  gint64 n_threads;             /* for flows, and for loops between runs; 0: one for each core */
  RvColorMode keep_colors;      /* of each frame, in what is shown of it */
  RvStyle *model;               /* never run: what frames that follow share */
  RvFilmMotion *motion;
  RvImage *last; /* painted */

  RvFilmStyleFunc progress;
  gpointer user_data;
  RvFilmStyleProgress now;
  gint64 began_us;
  double work, frame_work; /* done so far, and of this frame; in iterations at the last scale */
  gboolean stopped;
} Film;

/* ---- what it is painted with ------------------------------------------------------------------------------------- */

/* (transfer full): of the settings' own values; they are right. */
static RvSettings *
settings_with (const RvSettings *settings, const RvOptionValue *changes)
{
  RvSettings *copy = rv_settings_copy (settings);
  for (const RvOptionValue *change = changes; change->option; change++)
    rv_settings_set (copy, change->option, change->value, NULL);
  return copy;
}

/* Colours are a matter of the shown picture, and those of the styles of the film's first frame: frames shall not
 * differ.
 */
static void
set_settings (Film *film)
{
  const RvFilmStyleSpec *spec = film->spec;
  g_autofree char *iterations = g_strdup_printf ("%" G_GINT64_FORMAT, spec->frame_iterations);
  const RvOptionValue of_all[] = { { "keep-colors", "none" }, { "match-colors", "no" }, { 0 } };
  const RvOptionValue of_next[] = { { "climb-from", "0" }, { "init", "picture" }, { "iterations", iterations }, { 0 } };
  const char *keep = rv_settings_get_text (spec->settings, "keep-colors", NULL);
  film->keep_colors = (RvColorMode) rv__choice (rv__color_choices (), keep);
  film->begins = settings_with (spec->settings, of_all);
  film->follows = settings_with (film->begins, of_next);
}

static gboolean
set_styles (Film *film, RvImage *frame, GError **error)
{
  const RvFilmStyleSpec *spec = film->spec;
  gboolean match = rv_settings_get_bool (spec->settings, "match-colors", NULL);
  film->styles = g_new0 (RvImage *, spec->n_styles + 1);
  for (int i = 0; i < spec->n_styles; i++)
    if (!(film->styles[i] = rv__color_of (spec->styles[i], frame, match ? RV_COLOR_COVARIANCE : RV_COLOR_NONE, error)))
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): a frame to be painted, as the film wants it. */
static RvStyle *
new_style (const Film *film, const RvSettings *settings, RvImage *frame, RvImage *start, GError **error)
{
  const RvFilmStyleSpec *spec = film->spec;
  RvStyle *style = rv_style_new (settings, spec->net, frame, film->styles, spec->n_styles, start, error);
  if (style && spec->masks)
    rv_style_set_masks (style, spec->masks);
  if (style && spec->protect)
    rv_style_set_protect (style, spec->protect);
  if (style)
    rv_style_set_kernels (style, spec->kernels);
  return style;
}

/* (transfer full) (nullable): one that follows. @trust: NULL: everywhere. */
static RvStyle *
new_follower (const Film *film, RvImage *frame, RvImage *start, RvTensor *trust, RvTensor *still, GError **error)
{
  RvShape shape = rv_shape (4, 1, 1, frame->height, frame->width);
  g_autoptr (RvTensor) all = trust ? rv_tensor_ref (trust) : rv_tensor_new (RV_F32, &shape, error);
  for (gint64 i = 0; !trust && all && i < rv_tensor_count (all); i++)
    ((float *) all->data)[i] = 1;
  g_autoptr (RvStyle) style = all ? new_style (film, film->follows, frame, start, error) : NULL;
  return style && rv_style_set_last (style, start, all, still, error) ? g_steal_pointer (&style) : NULL;
}

static void
clear_film (Film *film)
{
  for (int i = 0; film->styles && film->styles[i]; i++)
    rv_image_unref (film->styles[i]);
  g_free (film->styles);
  rv_settings_free (film->begins);
  rv_settings_free (film->follows);
  rv_style_free (film->model);
  rv__film_motion_free (film->motion);
  rv_image_unref (film->last);
}

/* ---- how far it is ----------------------------------------------------------------------------------------------- */

/* In iterations at the last scale: the coarser ones together are about as much work as that. */
static double
work_of_first (const Film *film)
{
  gboolean climbs = rv_settings_get_int (film->begins, "climb-from", NULL) > 0;
  return (double) rv_settings_get_int (film->begins, "iterations", NULL) * (climbs ? 2 : 1);
}

static double
work_of_next (const Film *film)
{
  return (double) film->spec->frame_iterations + MOTION_WORK;
}

static gboolean
report (Film *film, double part_01)
{
  double left = (double) MAX (film->now.n_frames - film->now.frame, 0) * work_of_next (film);
  double done = film->work + part_01 * film->frame_work;
  film->now.seconds = (double) (g_get_monotonic_time () - film->began_us) / G_USEC_PER_SEC;
  film->now.done_01 = MIN (done / (film->work + film->frame_work + left), 1);
  if (film->progress && !film->progress (&film->now, film->user_data))
    film->stopped = TRUE;
  return !film->stopped;
}

/* What watches one frame's run. */
typedef struct {
  Film *film;
  RvPaintedFrame *painted;
} Watch;

static gboolean
on_iteration (const RvStyleProgress *p, gpointer data)
{
  Watch *watch = data;
  RvPaintedFrame *painted = watch->painted;
  const char *const *names = rv_style_losses (p->run);
  painted->loss = p->loss;
  for (painted->n_losses = 0; painted->n_losses < RV_FILM_LOSSES && names[painted->n_losses]; painted->n_losses++) {
    painted->names[painted->n_losses] = names[painted->n_losses];
    painted->losses[painted->n_losses] = p->losses[painted->n_losses];
  }
  watch->film->now.painting = p;
  return report (watch->film, p->done_01);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* (transfer full) (nullable) */
static RvImage *
run_style (Film *film, RvStyle *style, RvPaintedFrame *painted, GError **error)
{
  Watch watch = { film, painted };
  RvImage *made = NULL;
  rv_style_share (style, film->model);
  if (!rv_style_run (style, on_iteration, &watch, &made, error))
    g_clear_pointer (&made, rv_image_unref);
  film->now.painting = NULL;
  return made;
}

static RvImage *
paint_first (Film *film, RvImage *frame, RvPaintedFrame *painted, GError **error)
{
  film->frame_work = work_of_first (film);
  painted->begins = TRUE;
  if (!rv__film_motion_begin (film->motion, error))
    return NULL;
  g_autoptr (RvStyle) style = new_style (film, film->begins, frame, NULL, error);
  return style ? run_style (film, style, painted, error) : NULL;
}

static RvImage *
paint_next (Film *film, RvImage *frame, RvPaintedFrame *painted, GError **error)
{
  RvFilmMotion *motion = film->motion;
  film->frame_work = motion->still_01 < 1 ? work_of_next (film) : 1;
  painted->kept_01 = motion->still_01;
  painted->film_error = motion->film_error;
  painted->trusted_01 = motion->trusted_01;
  if (motion->still_01 == 1)
    return rv_image_ref (film->last);
  g_autoptr (RvImage) start = rv__film_motion_carry (motion, film->last, error);
  g_autoptr (RvStyle) style = start ? new_follower (film, frame, start, motion->trust, motion->still, error) : NULL;
  g_autoptr (RvImage) made = style ? run_style (film, style, painted, error) : NULL;
  if (!made)
    return NULL;
  rv__film_motion_keep (motion, start, made);
  return rv__film_warping_error (motion, film->last, made, &painted->warping_error, error) ? g_steal_pointer (&made)
                                                                                           : NULL;
}

static double
seconds_since (gint64 *us)
{
  gint64 now_us = g_get_monotonic_time (), before_us = *us;
  *us = now_us;
  return (double) (now_us - before_us) / G_USEC_PER_SEC;
}

/* film->last becomes the frame as it is painted. NULL without an error: stopped in the middle of it. */
static RvImage *
paint (Film *film, RvImage *frame, RvPaintedFrame *painted, GError **error)
{
  gint64 us = g_get_monotonic_time ();
  RvFilmMotion *motion = film->motion;
  film->frame_work = film->last ? work_of_next (film) : work_of_first (film);
  if (!rv__film_motion_next (motion, frame, error))
    return NULL;
  painted->motion_s = seconds_since (&us);
  g_autoptr (RvImage) made = film->last && !motion->is_cut ? paint_next (film, frame, painted, error)
                                                           : paint_first (film, frame, painted, error);
  painted->painting_s = seconds_since (&us);
  if (!made || film->stopped)
    return NULL;
  rv_image_unref (film->last);
  film->last = rv_image_ref (made);
  return rv__color_of (made, frame, film->keep_colors, error);
}

static void
count (RvFilmStyleResult *result, const RvPaintedFrame *painted)
{
  result->n_frames++;
  result->n_shots += painted->begins;
  result->n_followed += !painted->begins;
  result->motion_s += painted->motion_s;
  result->painting_s += painted->painting_s;
  if (!painted->begins) {
    result->warping_error += (painted->warping_error - result->warping_error) / (double) result->n_followed;
    result->film_error += (painted->film_error - result->film_error) / (double) result->n_followed;
  }
}

static gboolean
set_out (Film *film, RvImage *frame, GError **error)
{
  set_settings (film);
  return set_styles (film, frame, error) && (film->model = new_follower (film, frame, frame, NULL, NULL, error)) &&
         (film->motion = rv__film_motion_new (film->n_threads, error));
}

/* It is done: *result counts it, the caller hears of it. */
static void
end_frame (Film *film, const RvPaintedFrame *painted, const RvImage *picture, RvFilmStyleResult *result)
{
  count (result, painted);
  film->now.painted = painted;
  film->now.picture = picture;
  report (film, 1);
  film->now.painted = NULL;
  film->now.picture = NULL;
  film->work += film->frame_work;
  film->frame_work = 0;
}

/* The next frame; *ended: there is none. */
static gboolean
go_on (Film *film, const RvFilmFrames *frames, RvFilmStyleResult *result, gboolean *ended, GError **error)
{
  RvPaintedFrame painted = { .frame = result->n_frames + 1 };
  g_autoptr (GError) own_error = NULL;
  g_autoptr (RvImage) frame = frames->next (frames->user_data, &own_error), picture = NULL;
  *ended = !frame;
  film->now.frame = painted.frame;
  film->now.n_frames = MAX (frames->n_frames, painted.frame);
  if (frame && (film->model || set_out (film, frame, &own_error)))
    picture = paint (film, frame, &painted, &own_error);
  if (picture && frames->add (frames->user_data, picture, &own_error))
    end_frame (film, &painted, picture, result);
  if (!own_error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

gboolean
rv__film_style_run (const RvFilmStyleSpec *spec, const RvFilmFrames *frames, RvFilmStyleFunc progress,
                    gpointer user_data, RvFilmStyleResult *result, GError **error)
{
  Film film = { .spec = spec, .progress = progress, .user_data = user_data, .began_us = g_get_monotonic_time () };
  gboolean ok = TRUE, ended = FALSE;
  film.n_threads = rv_settings_get_int (spec->settings, "threads", NULL);
  int before = rv__system_use_threads (film.n_threads > 0 ? (int) film.n_threads : rv__system_cores ());
  *result = (RvFilmStyleResult){ 0 };
  while (ok && !ended && !film.stopped)
    ok = go_on (&film, frames, result, &ended, error);
  result->stopped = film.stopped && !ended;
  rv__system_use_threads (before);
  clear_film (&film);
  return ok;
}

gboolean
rv__film_style_plan (const RvFilmStyleSpec *spec, RvImage *frame, RvStylePlan *first, RvStylePlan *next, GError **error)
{
  Film film = { .spec = spec };
  g_autoptr (RvStyle) begins = NULL;
  gboolean ok = set_out (&film, frame, error) && (begins = new_style (&film, film.begins, frame, NULL, error)) &&
                rv_style_plan (begins, first, error) && rv_style_plan (film.model, next, error);
  clear_film (&film);
  return ok;
}
