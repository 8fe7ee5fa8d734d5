/* film-keys.h -- frames of a film that somebody has painted: they stay as they are, and those between flow into them.
 * Layer 6 (method). */
#ifndef RV_JOB_FILM_KEYS_H
#define RV_JOB_FILM_KEYS_H

#include <reverie/image.h>

typedef struct {
  gint64 number;   /* of the frame among those that are made: 1, 2, ... */
  RvImage *frame;  /* as the film has it */
  RvImage *result; /* as it was painted */
} RvFilmKey;

/* In the order of their numbers. */
typedef struct {
  RvFilmKey *all;
  int n;
} RvFilmKeys;

/* Frees the pictures. */
void rv__film_keys_clear (RvFilmKeys *keys);

/* rv__film_keys_at: (transfer none) (nullable): the key of frame @number. _after: the first one after it. _before: the
 * number of the last one at or before it; 0: there is none. @keys is nullable. */
const RvFilmKey *rv__film_keys_at (const RvFilmKeys *keys, gint64 number);
const RvFilmKey *rv__film_keys_after (const RvFilmKeys *keys, gint64 number);
gint64 rv__film_keys_before (const RvFilmKeys *keys, gint64 number);

#endif
