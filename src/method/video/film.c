/* film.c -- the loop over a film's frames, whatever is made of them.
 *
 *   the first frame of a shot: as a picture would be made
 *   each other: the flow to the frame before and back; m, how far it can be trusted; what did not change at all
 *     start <- frame + (last result - last frame), the latter along the flow
 *     what the last frame hid comes from frames before it, where they are remembered (film-memory.c)
 *     towards the end of a loop, or a frame that somebody has painted: as much of that as is due (film-ahead.c)
 *     from there, what is left to do
 *     what did not change stays as it was made
 *
 * Pictures are carried in f32. */
#include "method/video/film.h"
#include "base/system.h"
#include "method/video/film-alone.h"
#include "method/video/film-ahead.h"
#include "tensor/tensor-file.h"
#include <string.h>

struct RvFilm {
  const RvFilmMaker *how;
  gpointer maker;
  RvFilmMotion *motion;
  RvImage *last;    /* result */
  GPtrArray *masks; /* RvImage: of the last frame */
  RvFilmMemory memory;
  const RvFilmKeys *keys;
  RvFilmAhead ahead;
  RvFilmAlone alone;
  gboolean aside; /* what is made now is for comparison only */
  gboolean set_out;
  const RvFilmFrames *frames;
  gint64 n_shots;   /* that have begun */
  gboolean foreign; /* this shot is made elsewhere */
  RvFilmResult result;

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
  film->now.done_01 = film->now.n_frames > 0 ? MIN (done / (film->work + film->frame_work + left), 1) : 0;
  if (film->progress && !film->progress (&film->now, film->user_data))
    film->stopped = TRUE;
  return !film->stopped;
}

gboolean
rv__film_step (RvFilm *film, double part_01, double loss)
{
  if (film->aside)
    return report (film, 1);
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
  rv__film_memory_keep (&film->memory, 0);
  return rv__film_motion_begin (film->motion, error) ? film->how->begin (film->maker, film, frame, error) : NULL;
}

/* What the newest frame flows into: the next that somebody has painted. A loop's first frame stays what it is, but the
 * film may be longer than was said. */
static gboolean
look_ahead (RvFilm *film, GError **error)
{
  RvFilmAhead *ahead = &film->ahead;
  const RvFilmKey *key = rv__film_keys_after (film->keys, film->now.frame);
  if (!film->keys) {
    ahead->at = film->now.n_frames + 1;
    return TRUE;
  }
  if (!key) {
    rv__film_ahead_clear (ahead);
    return TRUE;
  }
  ahead->at = key->number;
  ahead->tail = key->number - rv__film_keys_before (film->keys, film->now.frame) - 1;
  return key->frame == ahead->frame ||
         rv__film_ahead_begin (ahead, key->frame, key->result, film->how->n_threads, film->how->cancellable, error);
}

/* (transfer full) (nullable): what a frame that follows is made from. */
static RvImage *
start_of (RvFilm *film, RvImage *const *masks, GError **error)
{
  const RvFilmCarry *carry = &film->how->carry;
  g_autoptr (RvImage) start = rv__film_motion_carry (film->motion, film->last, carry, error);
  if (!start || !rv__film_motion_hold (film->motion, error) ||
      !rv__film_memory_recall (&film->memory, carry, masks, film->motion, start, error) || !look_ahead (film, error))
    return NULL;
  double part_01 = rv__film_ahead_part (&film->ahead, film->now.frame);
  if (part_01 == 0 || rv__film_ahead_flow (&film->ahead, part_01, carry, film->motion, start, error))
    return g_steal_pointer (&start);
  return NULL;
}

static RvImage *
follow (RvFilm *film, RvImage *frame, RvImage *const *masks, GError **error)
{
  RvFilmMotion *motion = film->motion;
  film->made.film_error = motion->film_error;
  film->made.trusted_01 = motion->trusted_01;
  g_autoptr (RvImage) start = start_of (film, masks, error);
  film->frame_work = film->how->follow_work * (motion->still_01 < 1 ? 1 : 0.1);
  film->made.kept_01 = motion->still_01;
  if (start && motion->still_01 == 1)
    return rv_image_ref (film->last);
  g_autoptr (RvImage) made = start ? film->how->follow (film->maker, film, frame, start, motion, error) : NULL;
  if (!made || !rv__film_motion_keep (motion, start, made, error))
    return NULL;
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

static void
keep_masks (RvFilm *film, RvImage *const *masks)
{
  g_ptr_array_set_size (film->masks, 0);
  for (int i = 0; masks && masks[i]; i++)
    g_ptr_array_add (film->masks, rv_image_ref (masks[i]));
}

/* Where a mask is not what it was, nothing of the last result is held to. */
static gboolean
compare_masks (RvFilm *film, RvImage *const *masks, GError **error)
{
  for (guint i = 0; film->result.n_seen > 0 && !film->motion->is_cut && i < film->masks->len; i++)
    if (!rv__film_motion_doubt (film->motion, film->masks->pdata[i], masks[i], error))
      return FALSE;
  keep_masks (film, masks);
  return TRUE;
}

/* (transfer full) (nullable): what somebody has painted stays as it is; what follows begins there. */
static RvImage *
take_key (RvFilm *film, const RvFilmKey *key, GError **error)
{
  RvMadeFrame *made = &film->made;
  made->begins = !film->last || film->motion->is_cut;
  made->film_error = made->begins ? 0 : film->motion->film_error;
  made->trusted_01 = made->begins ? 0 : film->motion->trusted_01;
  film->frame_work = 0;
  if (made->begins)
    rv__film_memory_keep (&film->memory, 0);
  else if (!rv__film_warping_error (film->motion, film->last, key->result, &made->warping_error, error))
    return NULL;
  return rv__film_motion_begin (film->motion, error) ? rv_image_ref (key->result) : NULL;
}

/* (transfer full) (nullable) */
static RvImage *
make_anew (RvFilm *film, RvImage *frame, RvImage *const *masks, GError **error)
{
  return film->last && !film->motion->is_cut ? follow (film, frame, masks, error) : begin (film, frame, error);
}

/* As it would be made if it knew of no other, where that is to be compared with. What is told is of @frame as it was
 * made. */
static gboolean
make_alone (RvFilm *film, RvImage *frame, RvImage *made, GError **error)
{
  gint64 k = film->now.frame;
  if (!rv__film_alone_wants (&film->alone, k))
    return TRUE;
  const RvMadeFrame told = film->made;
  film->aside = TRUE;
  g_autoptr (RvImage) alone = told.begins ? rv_image_ref (made) : film->how->begin (film->maker, film, frame, error);
  film->aside = FALSE;
  film->made = told;
  film->frame_work += told.begins ? 0 : film->how->begin_work;
  return alone && rv__film_alone_take (&film->alone, k, alone, film->motion, error);
}

/* What the newest frame is to the film: whether it begins a shot, and who makes that. */
static gboolean
find_shot (RvFilm *film, GError **error)
{
  const RvFilmFrames *frames = film->frames;
  gboolean wanted = TRUE;
  if (film->result.n_seen > 0 && !film->motion->is_cut)
    return TRUE;
  if (frames->wants && !frames->wants (frames->user_data, film->n_shots, film->now.frame, &wanted, error))
    return FALSE;
  film->n_shots++;
  film->foreign = !wanted;
  return TRUE;
}

/* A frame that is made elsewhere, as far as those after it depend on it. */
static void
pass_by (RvFilm *film, GError **error)
{
  RvFilmMotion *motion = film->motion;
  film->frame_work = 0;
  g_clear_pointer (&film->last, rv_image_unref);
  if (film->result.n_seen == 0 || motion->is_cut)
    rv__film_motion_begin (motion, error);
  else if (motion->still_01 < 1)
    rv__film_motion_keep (motion, NULL, NULL, error);
}

/* (transfer full) (nullable): the frame as it is to be seen; film->last becomes it as it was made. NULL without an
 * error: stopped in the middle of it, or it is made elsewhere. */
static RvImage *
make (RvFilm *film, RvImage *frame, RvImage *const *masks, GError **error)
{
  gint64 us = g_get_monotonic_time ();
  RvFilmMotion *motion = film->motion;
  film->frame_work = film->last ? film->how->follow_work : film->how->begin_work;
  if (!rv__film_motion_next (motion, frame, error))
    return NULL;
  if (!compare_masks (film, masks, error) || !find_shot (film, error))
    return NULL;
  if (film->foreign) {
    pass_by (film, error);
    return NULL;
  }
  film->made.motion_s = seconds_since (&us);
  const RvFilmKey *key = rv__film_keys_at (film->keys, film->now.frame);
  g_autoptr (RvImage) made = key ? take_key (film, key, error) : make_anew (film, frame, masks, error);
  film->made.making_s = seconds_since (&us);
  film->stopped |= film->how->wanted && film->how->wanted (film->how->wanted_data); /* then it may be half a frame */
  if (!made || film->stopped || !make_alone (film, frame, made, error) || film->stopped)
    return NULL;
  if (!film->last && film->ahead.tail > 0 &&
      !rv__film_ahead_begin (&film->ahead, frame, made, film->how->n_threads, film->how->cancellable, error))
    return NULL;
  rv_image_unref (film->last);
  film->last = rv_image_ref (made);
  rv__film_memory_add (&film->memory, frame, made, masks);
  return film->how->show && !key ? film->how->show (film->maker, made, frame, error) : g_steal_pointer (&made);
}

static void
count (RvFilm *film)
{
  RvFilmResult *result = &film->result;
  const RvMadeFrame *made = &film->made;
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
  film->set_out = (!film->how->set_out || film->how->set_out (film->maker, frame, error)) &&
                  (film->motion = rv__film_motion_new (film->how->n_threads, film->how->cancellable, error));
  return film->set_out;
}

/* It is done and counts; the caller hears of it. */
static void
end_frame (RvFilm *film, const RvImage *picture)
{
  count (film);
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
go_on (RvFilm *film, const RvFilmFrames *frames, gboolean *ended, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  g_autoptr (RvImage) frame = frames->next (frames->user_data, &own_error), picture = NULL;
  *ended = !frame;
  film->made = (RvMadeFrame){ .frame = film->result.n_seen + 1 };
  film->now.frame = film->made.frame;
  film->now.n_frames = frames->n_frames > 0 ? MAX (frames->n_frames, film->made.frame) : 0;
  if (frame && (film->set_out || set_out (film, frame, &own_error)))
    picture = make (film, frame, frames->masks, &own_error);
  if (picture && frames->add (frames->user_data, picture, &own_error))
    end_frame (film, picture);
  if (frame && film->foreign && !own_error)
    report (film, 1);
  film->result.n_seen += frame && !own_error && !film->stopped;
  film->stopped |= g_error_matches (own_error, RV_ERROR, RV_ERROR_CANCELLED);
  if (!own_error || film->stopped)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

/* ---- films that go on -------------------------------------------------------------------------------------------- */

#define REALS 4                  /* of what became of a film so far */
#define MADE_BACK "made %d back" /* what became of frames of the newest shot, of a memory longer than one */

RvTensorMap *
rv__film_state (const RvFilm *film)
{
  const RvFilmMotion *motion = film->motion;
  const RvFilmResult *r = &film->result;
  const double reals[REALS] = { r->warping_error, r->film_error, r->motion_s, r->making_s };
  g_autoptr (GString) text = g_string_new (NULL);
  char real[G_ASCII_DTOSTR_BUF_SIZE];
  const RvImage *made;
  g_string_printf (text, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, r->n_frames, r->n_shots);
  for (int i = 0; i < REALS; i++)
    g_string_append_printf (text, " %s", g_ascii_dtostr (real, sizeof real, reals[i]));
  RvTensorMap *state = rv_tensor_map_new ();
  rv_tensor_map_set_text (state, "film so far", text->str);
  rv_tensor_map_set (state, "last", film->last->rgb);
  rv_tensor_map_set (state, "made of", motion->made_of->rgb);
  if (film->ahead.result && !film->keys)
    rv_tensor_map_set (state, "first", film->ahead.result->rgb);
  for (int back = 0; (made = rv__film_memory_made (&film->memory, back)); back++) {
    g_autofree char *name = g_strdup_printf (MADE_BACK, back);
    rv_tensor_map_set (state, name, made->rgb);
  }
  if (motion->to_last) {
    rv_tensor_map_set (state, "to last", motion->to_last);
    rv_tensor_map_set (state, "to new", motion->to_new);
  }
  if (motion->waiting)
    rv_tensor_map_set (state, "waiting", motion->waiting);
  return state;
}

static gboolean
read_result (const RvTensorMap *state, RvFilmResult *r)
{
  const char *text = rv_tensor_map_get_text (state, "film so far");
  g_auto (GStrv) parts = g_strsplit (text ? text : "", " ", -1);
  double *const reals[REALS] = { &r->warping_error, &r->film_error, &r->motion_s, &r->making_s };
  *r = (RvFilmResult){ 0 };
  if (g_strv_length (parts) != 2 + REALS ||
      !g_ascii_string_to_signed (parts[0], 10, 1, G_MAXINT32, &r->n_frames, NULL) ||
      !g_ascii_string_to_signed (parts[1], 10, 1, r->n_frames, &r->n_shots, NULL))
    return FALSE;
  r->n_followed = r->n_frames - r->n_shots;
  r->n_seen = r->n_frames;
  for (int i = 0; i < REALS; i++)
    *reals[i] = g_ascii_strtod (parts[2 + i], NULL);
  return TRUE;
}

gint64
rv__film_state_frames (const RvTensorMap *state)
{
  RvFilmResult result;
  return read_result (state, &result) ? result.n_frames : 0;
}

static gboolean
damaged (GError **error)
{
  g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the state is damaged, or of another film");
  return FALSE;
}

/* (transfer full) (nullable): a picture of the state, as large as @like. */
static RvImage *
state_image (const RvTensorMap *state, const char *name, const RvImage *like, GError **error)
{
  const RvTensor *rgb = rv_tensor_map_get (state, name);
  if (!rgb || rgb->type != RV_F32 || !rv_shape_equal (&rgb->shape, &like->rgb->shape)) {
    damaged (error);
    return NULL;
  }
  g_autoptr (RvImage) image = rv_image_new (like->width, like->height, error);
  return image && rv__tensor_read_into (rgb, image->rgb->data, error) ? g_steal_pointer (&image) : NULL;
}

/* *planes (transfer full): @n of the state, as large as @like; NULL where it has none. */
static gboolean
state_planes (const RvTensorMap *state, const char *name, int n, const RvImage *like, RvTensor **planes, GError **error)
{
  const RvTensor *found = rv_tensor_map_get (state, name);
  RvShape shape = rv_shape (4, 1, n, like->height, like->width);
  *planes = NULL;
  if (found && (found->type != RV_F32 || !rv_shape_equal (&found->shape, &shape)))
    return damaged (error);
  return !found || (*planes = rv__tensor_read (found, error));
}

/* What a loop ends in. */
static gboolean
take_up_loop (RvFilm *film, const RvTensorMap *state, RvImage *frame, GError **error)
{
  g_autoptr (RvImage) first = film->ahead.tail > 0 ? state_image (state, "first", frame, error) : NULL;
  return film->ahead.tail == 0 || (first && rv__film_ahead_begin (&film->ahead, frame, first, film->how->n_threads,
                                                                  film->how->cancellable, error));
}

/* The frames that are done are read again: the first sets out, and with the last the next is compared. */
static RvImage *
read_again (RvFilm *film, const RvFilmFrames *frames, GError **error)
{
  g_autoptr (RvImage) frame = NULL;
  for (gint64 k = 0; k < film->result.n_frames; k++) {
    g_autoptr (GError) own_error = NULL;
    rv_image_unref (frame);
    frame = frames->next (frames->user_data, &own_error);
    if (!frame && !own_error)
      damaged (&own_error);
    if (own_error ||
        (k == 0 && (!set_out (film, frame, &own_error) || !take_up_loop (film, frames->state, frame, &own_error)))) {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return NULL;
    }
    keep_masks (film, frames->masks);
    rv__film_memory_add (&film->memory, frame, NULL, frames->masks);
  }
  return g_steal_pointer (&frame);
}

/* The frames of the newest shot are remembered as they were made; those before it are forgotten. */
static gboolean
take_up_memory (RvFilm *film, const RvTensorMap *state, const RvImage *frame, GError **error)
{
  for (int back = 0; back < rv__film_memory_length (&film->memory); back++) {
    g_autofree char *name = g_strdup_printf (MADE_BACK, back);
    if (!rv_tensor_map_get (state, name)) {
      rv__film_memory_keep (&film->memory, back);
      return back > 0 || damaged (error);
    }
    g_autoptr (RvImage) made = state_image (state, name, frame, error);
    if (!made || (!rv__film_memory_set_made (&film->memory, back, made) && !damaged (error)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
take_up (RvFilm *film, const RvFilmFrames *frames, GError **error)
{
  const RvTensorMap *state = frames->state;
  if (!read_result (state, &film->result))
    return damaged (error);
  g_autoptr (RvImage) frame = read_again (film, frames, error);
  if (!frame)
    return FALSE;
  RvFilmMotion *motion = film->motion;
  film->work = film->how->begin_work + (double) (film->result.n_frames - 1) * film->how->follow_work;
  return (film->last = state_image (state, "last", frame, error)) &&
         (motion->made_of = state_image (state, "made of", frame, error)) &&
         state_planes (state, "to last", 2, frame, &motion->to_last, error) &&
         state_planes (state, "to new", 2, frame, &motion->to_new, error) &&
         state_planes (state, "waiting", 1, frame, &motion->waiting, error) &&
         take_up_memory (film, state, frame, error) && rv__film_motion_go_on (motion, frame, error);
}

gboolean
rv__film_run (const RvFilmMaker *how, gpointer maker, const RvFilmFrames *frames, RvFilmFunc progress,
              gpointer user_data, RvFilmResult *result, GError **error)
{
  RvFilm film = {
    .how = how, .maker = maker, .progress = progress, .user_data = user_data, .began_us = g_get_monotonic_time ()
  };
  film.now.film = &film;
  film.frames = frames;
  film.masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  film.ahead.tail = frames->loop_tail;
  film.keys = frames->keys;
  film.alone.n_frames = frames->n_frames;
  film.alone.n_pairs = frames->n_pairs;
  if (frames->reaches)
    memcpy (film.memory.reaches, frames->reaches, sizeof film.memory.reaches);
  int before = rv__system_use_threads (how->n_threads > 0 ? (int) how->n_threads : rv__system_cores ());
  gboolean ended = FALSE, ok = !frames->state || take_up (&film, frames, error);
  while (ok && !ended && !film.stopped)
    ok = go_on (&film, frames, &ended, error);
  *result = film.result;
  result->n_alone = film.alone.n_made;
  result->alone_error = film.alone.error;
  result->stopped = film.stopped && !ended;
  rv__system_use_threads (before);
  rv__film_motion_free (film.motion);
  rv__film_ahead_clear (&film.ahead);
  rv__film_alone_clear (&film.alone);
  rv__film_memory_clear (&film.memory);
  rv_image_unref (film.last);
  g_ptr_array_unref (film.masks);
  return ok;
}
