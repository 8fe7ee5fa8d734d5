/* film-uncovered.h -- where a frame shows what nobody has painted yet.
 * Layer 7 (job). */
#ifndef RV_FILM_UNCOVERED_H
#define RV_FILM_UNCOVERED_H

#include "job/film-motion.h"

/* rv__film_uncovered: (transfer full) (nullable): of a frame that continues a shot, once rv__film_motion_hold() was
 * called: f32 [1, 1, height, width], 0..1: how far what is carried to a pixel has nothing to do with what is there.
 * *mean_01: of it. RV_ERROR_MEMORY. */
RvTensor *rv__film_uncovered (const RvFilmMotion *motion, double *mean_01, GError **error);

/* A part of a frame, px. */
typedef struct {
  int x, y, width, height;
} RvFilmWindow;

/* rv__film_uncovered_window: what has to be looked at to paint what is @uncovered: that, and enough around it for
 * strokes to run into; FALSE: nothing is. It changes by steps, so that the windows of successive frames are alike. */
gboolean rv__film_uncovered_window (const RvTensor *uncovered, RvFilmWindow *window);

#endif
