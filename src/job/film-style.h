/* film-style.h -- films painted in a style, steady from frame to frame.
 * Layer 7 (job). */
#ifndef RV_FILM_STYLE_H
#define RV_FILM_STYLE_H

#include <reverie/style.h>

/* What a film is painted with. All borrowed, and held by reference where it is kept. */
typedef struct {
  const RvSettings *settings; /* of the first frame of each shot, a whole run */
  gint64 frame_iterations;    /* of the others, at the last scale only */
  RvNet *net;
  RvImage *const *styles;
  int n_styles;
  RvImage *const *masks; /* one for each style, or NULL */
  RvImage *protect;      /* or NULL */
  RvKernelTable *kernels;
} RvFilmStyleSpec;

/* Where frames come from and go to. */
typedef struct {
  gint64 n_frames;                                       /* about */
  RvImage *(*next) (gpointer user_data, GError **error); /* (transfer full); NULL: there is none */
  gboolean (*add) (gpointer user_data, const RvImage *frame, GError **error);
  gpointer user_data;
} RvFilmFrames;

#define RV_FILM_LOSSES 8

/* A painted frame. */
typedef struct {
  gint64 frame;                      /* 1, 2, ... */
  gboolean begins;                   /* a shot */
  double kept_01, trusted_01;        /* the part of it where nothing changed; where the flow can be trusted */
  double loss;                       /* of its last iteration; 0 where nothing changed at all */
  int n_losses;                      /* of which it is the sum */
  const char *names[RV_FILM_LOSSES]; /* static */
  double losses[RV_FILM_LOSSES];
  double warping_error,
    film_error; /* rv__film_warping_error() of the painting and of the film; 0 where a shot begins */
  double motion_s, painting_s;
} RvPaintedFrame;

/* How far it is. */
typedef struct {
  gint64 frame, n_frames; /* that is being painted: 1, 2, ...; of about so many */
  double done_01, seconds;
  const RvStyleProgress *painting; /* one of its iterations; NULL: it is done */
  const RvPaintedFrame *painted;   /* then */
  const RvImage *picture;          /* then, too */
} RvFilmStyleProgress;

/* RvFilmStyleFunc: called on the caller's thread after each iteration and after each frame; FALSE stops the film, after
 * the frames that are done. */
typedef gboolean (*RvFilmStyleFunc) (const RvFilmStyleProgress *progress, gpointer user_data);

/* What became of it. */
typedef struct {
  gint64 n_frames, n_shots, n_followed; /* painted; of them such as begin a shot, and such as follow another */
  double warping_error, film_error;     /* means over those that follow */
  double motion_s, painting_s;
  gboolean stopped;
} RvFilmStyleResult;

/* rv__film_style_run: paints every frame there is; those that were added are good, also after an error. Memory does not
 * grow with the film's length. Errors: as rv_style_run() and of @frames' functions. */
gboolean rv__film_style_run (const RvFilmStyleSpec *spec, const RvFilmFrames *frames, RvFilmStyleFunc progress,
                             gpointer user_data, RvFilmStyleResult *result, GError **error);

/* rv__film_style_plan: what that will take, from its first frame: *first, *next: a frame that begins a shot, and one
 * that follows. As rv_style_plan(). */
gboolean rv__film_style_plan (const RvFilmStyleSpec *spec, RvImage *frame, RvStylePlan *first, RvStylePlan *next,
                              GError **error);

#endif
