/* film.c -- the loop over a film's frames, whatever is made of them.
 *
 *   the first frame of a shot: as a picture would be made
 *   each other: the flow to the frame before and back; m, how far it can be trusted; what did not change at all
 *     start <- frame + (last result - last frame), the latter along the flow
 *     from there, what is left to do
 *     what did not change stays as it was made
 *
 * Pictures are carried in f32. */
#include "job/film.h"
#include "base/system.h"

struct RvFilm {
  const RvFilmMaker *how;
  gpointer maker;
  RvFilmMotion *motion;
  RvImage *last; /* result */
  gboolean set_out;

  RvFilmFunc progress;
  gpointer user_data;
  RvFilmProgress now;
  RvMadeFrame made;
  gint64 began_us;
  double work, frame_work; /* done so far, and of this frame */
  gboolean stopped;
};

/* ---- how far it is ----------------------------------------------------------------------------------------------- */

static gboolean
report (RvFilm *film, double part_01)
{
  double left = (double) MAX (film->now.n_frames - film->now.frame, 0) * film->how->follow_work;
  double done = film->work + part_01 * film->frame_work;
  film->now.seconds = (double) (g_get_monotonic_time () - film->began_us) / G_USEC_PER_SEC;
  film->now.done_01 = MIN (done / (film->work + film->frame_work + left), 1);
  if (film->progress && !film->progress (&film->now, film->user_data))
    film->stopped = TRUE;
  return !film->stopped;
}

gboolean
rv__film_step (RvFilm *film, double part_01, double loss)
{
  film->now.loss = film->made.loss = loss;
  return report (film, part_01);
}

RvMadeFrame *
rv__film_made (RvFilm *film)
{
  return &film->made;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static RvImage *
begin (RvFilm *film, RvImage *frame, GError **error)
{
  film->frame_work = film->how->begin_work;
  film->made.begins = TRUE;
  return rv__film_motion_begin (film->motion, error) ? film->how->begin (film->maker, film, frame, error) : NULL;
}

static RvImage *
follow (RvFilm *film, RvImage *frame, GError **error)
{
  RvFilmMotion *motion = film->motion;
  film->frame_work = film->how->follow_work * (motion->still_01 < 1 ? 1 : 0.1);
  film->made.kept_01 = motion->still_01;
  film->made.film_error = motion->film_error;
  film->made.trusted_01 = motion->trusted_01;
  if (motion->still_01 == 1)
    return rv_image_ref (film->last);
  g_autoptr (RvImage) start = rv__film_motion_carry (motion, film->last, &film->how->carry, error);
  g_autoptr (RvImage) made = start ? film->how->follow (film->maker, film, frame, start, motion, error) : NULL;
  if (!made)
    return NULL;
  rv__film_motion_keep (motion, start, made);
  return rv__film_warping_error (motion, film->last, made, &film->made.warping_error, error) ? g_steal_pointer (&made)
                                                                                             : NULL;
}

static double
seconds_since (gint64 *us)
{
  gint64 now_us = g_get_monotonic_time (), before_us = *us;
  *us = now_us;
  return (double) (now_us - before_us) / G_USEC_PER_SEC;
}

/* (transfer full) (nullable): the frame as it is to be seen; film->last becomes it as it was made. NULL without an
 * error: stopped in the middle of it. */
static RvImage *
make (RvFilm *film, RvImage *frame, GError **error)
{
  gint64 us = g_get_monotonic_time ();
  RvFilmMotion *motion = film->motion;
  film->frame_work = film->last ? film->how->follow_work : film->how->begin_work;
  if (!rv__film_motion_next (motion, frame, error))
    return NULL;
  film->made.motion_s = seconds_since (&us);
  g_autoptr (RvImage) made = film->last && !motion->is_cut ? follow (film, frame, error) : begin (film, frame, error);
  film->made.making_s = seconds_since (&us);
  if (!made || film->stopped)
    return NULL;
  rv_image_unref (film->last);
  film->last = rv_image_ref (made);
  return film->how->show ? film->how->show (film->maker, made, frame, error) : g_steal_pointer (&made);
}

static void
count (RvFilmResult *result, const RvMadeFrame *made)
{
  result->n_frames++;
  result->n_shots += made->begins;
  result->n_followed += !made->begins;
  result->motion_s += made->motion_s;
  result->making_s += made->making_s;
  if (!made->begins) {
    result->warping_error += (made->warping_error - result->warping_error) / (double) result->n_followed;
    result->film_error += (made->film_error - result->film_error) / (double) result->n_followed;
  }
}

static gboolean
set_out (RvFilm *film, RvImage *frame, GError **error)
{
  film->set_out = film->how->set_out (film->maker, frame, error) &&
                  (film->motion = rv__film_motion_new (film->how->n_threads, error));
  return film->set_out;
}

/* It is done: *result counts it, the caller hears of it. */
static void
end_frame (RvFilm *film, const RvImage *picture, RvFilmResult *result)
{
  count (result, &film->made);
  film->now.made = &film->made;
  film->now.picture = picture;
  film->now.loss = film->made.loss;
  report (film, 1);
  film->now.made = NULL;
  film->now.picture = NULL;
  film->work += film->frame_work;
  film->frame_work = 0;
}

/* The next frame; *ended: there is none. */
static gboolean
go_on (RvFilm *film, const RvFilmFrames *frames, RvFilmResult *result, gboolean *ended, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  g_autoptr (RvImage) frame = frames->next (frames->user_data, &own_error), picture = NULL;
  *ended = !frame;
  film->made = (RvMadeFrame){ .frame = result->n_frames + 1 };
  film->now.frame = film->made.frame;
  film->now.n_frames = MAX (frames->n_frames, film->made.frame);
  if (frame && (film->set_out || set_out (film, frame, &own_error)))
    picture = make (film, frame, &own_error);
  if (picture && frames->add (frames->user_data, picture, &own_error))
    end_frame (film, picture, result);
  film->stopped |= g_error_matches (own_error, RV_ERROR, RV_ERROR_CANCELLED);
  if (!own_error || film->stopped)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

gboolean
rv__film_run (const RvFilmMaker *how, gpointer maker, const RvFilmFrames *frames, RvFilmFunc progress,
              gpointer user_data, RvFilmResult *result, GError **error)
{
  RvFilm film = {
    .how = how, .maker = maker, .progress = progress, .user_data = user_data, .began_us = g_get_monotonic_time ()
  };
  gboolean ok = TRUE, ended = FALSE;
  int before = rv__system_use_threads (how->n_threads > 0 ? (int) how->n_threads : rv__system_cores ());
  *result = (RvFilmResult){ 0 };
  while (ok && !ended && !film.stopped)
    ok = go_on (&film, frames, result, &ended, error);
  result->stopped = film.stopped && !ended;
  rv__system_use_threads (before);
  rv__film_motion_free (film.motion);
  rv_image_unref (film.last);
  return ok;
}
