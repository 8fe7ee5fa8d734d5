/* film-style.h -- films painted in a style, steady from frame to frame.
 * Layer 6 (method). */
#ifndef RV_FILM_STYLE_H
#define RV_FILM_STYLE_H

#include "method/video/film.h"
#include "method/style/style.h"

/* What a film is painted with. All borrowed, and held by reference where it is kept. */
typedef struct {
  const RvSettings *settings; /* of the first frame of each shot, a whole run */
  gint64 frame_iterations;    /* of the others, at the last scale only */
  RvNet *net;
  RvImage *const *styles;
  int n_styles;
  RvImage *const *masks;   /* one for each style, or NULL; these and what is protected may be others for each frame */
  RvImage *const *protect; /* where it is; NULL: nothing is protected */
  RvKernelTable *kernels;
  RvStopFunc wanted; /* as rv__style_set_stop() takes it; or NULL */
  gpointer wanted_data;
  GCancellable *cancellable; /* or NULL */
} RvFilmStyleSpec;

/* rv__film_style_run: as rv__film_run(), and errors as of rv__style_run(). */
gboolean rv__film_style_run (const RvFilmStyleSpec *spec, const RvFilmFrames *frames, RvFilmFunc progress,
                             gpointer user_data, RvFilmResult *result, GError **error);

/* rv__film_style_plan: what that will take, from its first frame: *first, *next: a frame that begins a shot, and one
 * that follows. As rv__style_plan(). */
gboolean rv__film_style_plan (const RvFilmStyleSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next, GError **error);

#endif
