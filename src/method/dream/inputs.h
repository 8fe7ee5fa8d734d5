/* inputs.h -- what a dream has besides its picture: mask, guide, style, and the places where words belong.
 * Layer 6 (method). */
#ifndef RV_DREAM_INPUTS_DATA_H
#define RV_DREAM_INPUTS_DATA_H

#include "method/dream/dream.h"

/* Pictures held by reference; what there is none of is NULL, and all of an empty one is 0. */
typedef struct {
  RvImage *mask, *guide, *style;
  double style_weight;
  GPtrArray *places; /* RvImage */
  GPtrArray *names;  /* char: one for each place, as the setting `toward` calls it */
} RvDreamInputs;

/* Frees the pictures and the names. */
void rv__dream_inputs_clear (RvDreamInputs *beside);

/* rv__dream_inputs_set: @dream has all of it from now on. Errors as rv__dream_set_word_mask() and the like. */
gboolean rv__dream_inputs_set (const RvDreamInputs *beside, RvDream *dream, GError **error);

#endif
