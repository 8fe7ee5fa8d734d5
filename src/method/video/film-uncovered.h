/* film-uncovered.h -- where a frame shows what nobody has painted yet.
 * Layer 6 (method). */
#ifndef RV_FILM_UNCOVERED_H
#define RV_FILM_UNCOVERED_H

#include "method/video/film-motion.h"

/* rv__film_uncovered: (transfer full) (nullable): of a frame that continues a shot, once rv__film_motion_hold() was
 * called: f32 [1, 1, height, width], 0..1: how far what is carried to a pixel has nothing to do with what is there.
 * RV_ERROR_MEMORY. */
RvTensor *rv__film_uncovered (const RvFilmMotion *motion, GError **error);

/* A part of a frame, px. */
typedef struct {
  int x, y, width, height;
} RvFilmWindow;

/* rv__film_uncovered_add: what the frame uncovers waits with what waited before, as that moved. RV_ERROR_MEMORY. */
gboolean rv__film_uncovered_add (RvFilmMotion *motion, GError **error);

/* rv__film_uncovered_window: what has to be looked at to paint what is @waiting, where that is wide enough for a
 * stroke: that, and enough around it for strokes to run into; FALSE: nowhere is it. *found, or RV_ERROR_MEMORY. It
 * changes by steps, so that the windows of successive frames are alike. */
gboolean rv__film_uncovered_window (const RvTensor *waiting, RvFilmWindow *window, gboolean *found, GError **error);

/* rv__film_uncovered_take: (transfer full) (nullable): what is @waiting within the window, 0 beyond, and waits no
 * more. RV_ERROR_MEMORY. */
RvTensor *rv__film_uncovered_take (RvTensor *waiting, const RvFilmWindow *window, GError **error);

#endif
