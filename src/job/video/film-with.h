/* film-with.h -- films painted in learnt styles, a frame in one pass.
 * Layer 7 (job). Wang et al. 2020, "Consistent video style transfer via relaxation and regularization": a painter that
 * was learnt on pictures alone is steady on films as far as it was taught not to mind small motions. */
#ifndef RV_FILM_WITH_H
#define RV_FILM_WITH_H

#include "job/video/film.h"
#include "job/learned/with.h"

/* What a film is painted with. All borrowed. */
typedef struct {
  const RvWith *with;         /* loaded */
  const RvSettings *settings; /* as rv__with_paint() takes them */
  RvImage *const *masks;      /* one for each style, or NULL */
} RvFilmWithSpec;

/* rv__film_with_run: as rv__film_run(), and errors as of rv__with_paint(). */
gboolean rv__film_with_run (const RvFilmWithSpec *spec, const RvFilmFrames *frames, RvFilmFunc progress,
                            gpointer user_data, RvFilmResult *result, GError **error);

/* rv__film_with_plan: what that will take, found by painting the film's first frame: @peak_bytes beside what all films
 * take, and the seconds of each frame. */
gboolean rv__film_with_plan (const RvFilmWithSpec *spec, RvImage *frame, gsize *peak_bytes, double *frame_s,
                             GError **error);

#endif
