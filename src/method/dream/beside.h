/* beside.h -- what a dream has besides its picture: mask, guide, style, and the places where words belong.
 * Layer 6 (method). */
#ifndef RV_DREAM_BESIDE_DATA_H
#define RV_DREAM_BESIDE_DATA_H

#include "method/dream/dream.h"

/* Pictures held by reference; what there is none of is NULL, and all of an empty one is 0. */
typedef struct {
  RvImage *mask, *guide, *style;
  double style_weight;
  GPtrArray *places; /* RvImage */
  GPtrArray *names;  /* char: one for each place, as the setting `toward` calls it */
} RvDreamBeside;

/* Frees the pictures and the names. */
void rv__dream_beside_clear (RvDreamBeside *beside);

/* rv__dream_beside_set: @dream has all of it from now on. Errors as rv__dream_set_word_mask() and the like. */
gboolean rv__dream_beside_set (const RvDreamBeside *beside, RvDream *dream, GError **error);

#endif
