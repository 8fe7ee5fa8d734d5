/* film-style.c -- films painted in a style, steady from frame to frame.
 *
 *   the first frame of a shot: a whole run
 *   each other: from x_w, the last painted one as it moved (film.c), descend
 *     L (x) + beta * sum m |x - x_w|^2 / (3 sum m), a few iterations at the last scale
 *
 * Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for videos", in which all of a frame is painted anew and what
 * is carried is the painting itself, not what it has besides the film. The start is x_w also where the flow cannot be
 * trusted: from the film's own pixels the last scale alone makes worms, no strokes. */
#include "job/film-style.h"
#include "base/option.h"
#include "method/style/color.h"
#include <string.h>

#define MOTION_WORK 3 /* iterations that finding flows takes as long as */

/* What paints a film. */
typedef struct {
  const RvFilmStyleSpec *spec;
  RvSettings *begins, *follows; /* of frames that begin a shot, and of those that follow another */
  RvImage **styles;             /* in the colours of the first frame, where they are wanted */
  RvColorMode keep_colors;      /* of each frame, in what is shown of it */
  RvStyle *model;               /* never run: what frames that follow share */
} Painter;

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
set_settings (Painter *painter)
{
  const RvFilmStyleSpec *spec = painter->spec;
  g_autofree char *iterations = g_strdup_printf ("%" G_GINT64_FORMAT, spec->frame_iterations);
  const RvOptionValue of_all[] = { { "keep-colors", "none" }, { "match-colors", "no" }, { 0 } };
  const RvOptionValue of_next[] = { { "climb-from", "0" }, { "init", "picture" }, { "iterations", iterations }, { 0 } };
  const char *keep = rv_settings_get_text (spec->settings, "keep-colors", NULL);
  painter->keep_colors = (RvColorMode) rv__choice (rv__color_choices (), keep);
  painter->begins = settings_with (spec->settings, of_all);
  painter->follows = settings_with (painter->begins, of_next);
}

static gboolean
set_styles (Painter *painter, RvImage *frame, GError **error)
{
  const RvFilmStyleSpec *spec = painter->spec;
  gboolean match = rv_settings_get_bool (spec->settings, "match-colors", NULL);
  painter->styles = g_new0 (RvImage *, spec->n_styles + 1);
  for (int i = 0; i < spec->n_styles; i++)
    if (!(painter->styles[i] =
            rv__color_of (spec->styles[i], frame, match ? RV_COLOR_COVARIANCE : RV_COLOR_NONE, error)))
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): a frame to be painted, as the film wants it. */
static RvStyle *
new_style (const Painter *painter, const RvSettings *settings, RvImage *frame, RvImage *start, GError **error)
{
  const RvFilmStyleSpec *spec = painter->spec;
  RvStyle *style = rv_style_new (settings, spec->net, frame, painter->styles, spec->n_styles, start, error);
  if (style && spec->masks)
    rv_style_set_masks (style, spec->masks);
  if (style && spec->protect)
    rv_style_set_protect (style, *spec->protect);
  if (style) {
    rv_style_set_kernels (style, spec->kernels);
    rv_style_set_stop (style, spec->wanted, spec->wanted_data);
    rv_style_set_cancellable (style, spec->cancellable);
  }
  return style;
}

/* (transfer full) (nullable): one that follows. @trust: NULL: everywhere. */
static RvStyle *
new_follower (const Painter *painter, RvImage *frame, RvImage *start, RvTensor *trust, RvTensor *still, GError **error)
{
  RvShape shape = rv_shape (4, 1, 1, frame->height, frame->width);
  g_autoptr (RvTensor) all = trust ? rv_tensor_ref (trust) : rv_tensor_new (RV_F32, &shape, error);
  for (gint64 i = 0; !trust && all && i < rv_tensor_count (all); i++)
    ((float *) all->data)[i] = 1;
  g_autoptr (RvStyle) style = all ? new_style (painter, painter->follows, frame, start, error) : NULL;
  return style && rv_style_set_last (style, start, all, still, error) ? g_steal_pointer (&style) : NULL;
}

static void
painter_clear (Painter *painter)
{
  for (int i = 0; painter->styles && painter->styles[i]; i++)
    rv_image_unref (painter->styles[i]);
  g_free (painter->styles);
  rv_settings_free (painter->begins);
  rv_settings_free (painter->follows);
  rv_style_free (painter->model);
}

static gboolean
set_out (gpointer data, RvImage *frame, GError **error)
{
  Painter *painter = data;
  return set_styles (painter, frame, error) &&
         (painter->model = new_follower (painter, frame, frame, NULL, NULL, error));
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

static gboolean
on_iteration (const RvStyleProgress *p, gpointer film)
{
  RvMadeFrame *made = rv__film_made (film);
  const char *const *names = rv_style_losses (p->run);
  for (made->n_losses = 0; made->n_losses < RV_FILM_LOSSES && names[made->n_losses]; made->n_losses++) {
    made->names[made->n_losses] = names[made->n_losses];
    made->losses[made->n_losses] = p->losses[made->n_losses];
  }
  return rv__film_step (film, p->done_01, p->loss);
}

/* (transfer full) (nullable) */
static RvImage *
run_style (const Painter *painter, RvFilm *film, RvStyle *style, GError **error)
{
  RvImage *made = NULL;
  rv_style_share (style, painter->model);
  if (!rv_style_run (style, on_iteration, film, &made, error))
    g_clear_pointer (&made, rv_image_unref);
  return made;
}

static RvImage *
paint_first (gpointer data, RvFilm *film, RvImage *frame, GError **error)
{
  const Painter *painter = data;
  g_autoptr (RvStyle) style = new_style (painter, painter->begins, frame, NULL, error);
  return style ? run_style (painter, film, style, error) : NULL;
}

static RvImage *
paint_next (gpointer data, RvFilm *film, RvImage *frame, RvImage *start, const RvFilmMotion *motion, GError **error)
{
  const Painter *painter = data;
  g_autoptr (RvStyle) style = new_follower (painter, frame, start, motion->held, motion->still, error);
  return style ? run_style (painter, film, style, error) : NULL;
}

static RvImage *
in_colors (gpointer data, RvImage *made, RvImage *frame, GError **error)
{
  return rv__color_of (made, frame, ((const Painter *) data)->keep_colors, error);
}

/* Work is counted in iterations at the last scale: the coarser ones together are about as much as that. */
gboolean
rv__film_style_run (const RvFilmStyleSpec *spec, const RvFilmFrames *frames, RvFilmFunc progress, gpointer user_data,
                    RvFilmResult *result, GError **error)
{
  Painter painter = { .spec = spec };
  set_settings (&painter);
  gboolean climbs = rv_settings_get_int (spec->settings, "climb-from", NULL) > 0;
  const RvFilmMaker how = { .set_out = set_out,
                            .begin = paint_first,
                            .follow = paint_next,
                            .show = in_colors,
                            .carry = { .part_01 = 1 },
                            .begin_work =
                              (double) rv_settings_get_int (spec->settings, "iterations", NULL) * (climbs ? 2 : 1),
                            .follow_work = (double) spec->frame_iterations + MOTION_WORK,
                            .n_threads = rv_settings_get_int (spec->settings, "threads", NULL),
                            .cancellable = spec->cancellable };
  gboolean ok = rv__film_run (&how, &painter, frames, progress, user_data, result, error);
  painter_clear (&painter);
  return ok;
}

gboolean
rv__film_style_plan (const RvFilmStyleSpec *spec, RvImage *frame, RvStylePlan *first, RvStylePlan *next, GError **error)
{
  Painter painter = { .spec = spec };
  g_autoptr (RvStyle) begins = NULL;
  set_settings (&painter);
  gboolean ok = set_out (&painter, frame, error) &&
                (begins = new_style (&painter, painter.begins, frame, NULL, error)) &&
                rv_style_plan (begins, first, error) && rv_style_plan (painter.model, next, error);
  painter_clear (&painter);
  return ok;
}
