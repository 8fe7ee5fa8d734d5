/* film-mask.h -- masks of films: a picture, which is every frame's, or a film that has one for each.
 * Layer 7 (job). */
#ifndef RV_FILM_MASK_H
#define RV_FILM_MASK_H

#include "job/core/job-class.h"
#include <reverie/film.h>

/* All masks of a film. A zeroed one has none. */
typedef struct {
  RvImage **now;  /* of the newest frame: borrowed; ends with NULL. NULL: there are none */
  GArray *masks;  /* what film-mask.c knows of each */
  gboolean begun; /* the first frame's are in their places */
} RvFilmMasks;

/* rv__film_mask_probe: @file is a picture, or a film that has as many frames a second as @film. RV_ERROR_FILE,
 * RV_ERROR_FORMAT. */
gboolean rv__film_mask_probe (const char *file, const RvFilmInfo *film, GError **error);

/* rv__film_mask_load: (transfer full) into *@place: the mask of the first frame of @film, of which @part is read; of a
 * film that rv__film_mask_probe() has taken, rv__film_masks_next() puts the others there. RV_ERROR_FILE,
 * RV_ERROR_FORMAT. */
gboolean rv__film_mask_load (RvFilmMasks *masks, const RvJobInput *input, const RvFilmPart *part,
                             const RvFilmInfo *film, RvImage **place, GError **error);

/* rv__film_masks_next: those of the next frame are in their places: the first time, the first frame's. A film that has
 * ended leaves its last. RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
gboolean rv__film_masks_next (RvFilmMasks *masks, GError **error);

/* rv__film_masks_clear: the masks themselves are whose places they lie in. */
void rv__film_masks_clear (RvFilmMasks *masks);

#endif
