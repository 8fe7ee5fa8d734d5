/* film-with.h -- films painted in learnt styles, a frame in one pass.
 * Layer 6 (method). Wang et al. 2020, "Consistent video style transfer via relaxation and regularization": a painter
 * that was learnt on pictures alone is steady on films as far as it was taught not to mind small motions. */
#ifndef RV_FILM_WITH_H
#define RV_FILM_WITH_H

#include "method/video/film.h"

/* Painter of frames, and how steady they are held. All members are borrowed. */
typedef struct {
  RvImage *(*paint) (gpointer user_data, RvImage *frame, GError **error); /* (transfer full) (nullable) */
  gpointer user_data;
  double temporal_weight;
  gint64 n_threads;          /* for flows and loops; 0: one for each core */
  GCancellable *cancellable; /* of flows; or NULL */
} RvFilmWithSpec;

/* rv__film_with_run: as rv__film_run(), and errors of paint(). */
gboolean rv__film_with_run (const RvFilmWithSpec *spec, const RvFilmFrames *frames, RvFilmFunc progress,
                            gpointer user_data, RvFilmResult *result, GError **error);

#endif
