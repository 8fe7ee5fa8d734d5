/* film-alone.h -- what frames are that know nothing of each other: a few pairs of a film are made alone as well, for
 * comparison.
 * Layer 6 (method). */
#ifndef RV_JOB_FILM_ALONE_H
#define RV_JOB_FILM_ALONE_H

#include "method/video/film-motion.h"

#define RV_FILM_MOST_PAIRS 100

typedef struct {
  int n_pairs;     /* wanted */
  gint64 n_frames; /* of the film; 0, nobody knows: none are made */
  RvImage *first;  /* of the pair that is being made */
  int n_made;
  double error; /* their mean rv__film_warping_error() */
} RvFilmAlone;

/* rv__film_alone_wants: whether frame @k (1, 2, ...) is the first or the second of a pair: they lie evenly in the film.
 */
gboolean rv__film_alone_wants (const RvFilmAlone *alone, gint64 k);

/* rv__film_alone_take: frame @k, which is wanted, was made alone: @made. @motion: of that frame. RV_ERROR_MEMORY. */
gboolean rv__film_alone_take (RvFilmAlone *alone, gint64 k, RvImage *made, const RvFilmMotion *motion, GError **error);
void rv__film_alone_clear (RvFilmAlone *alone);

#endif
