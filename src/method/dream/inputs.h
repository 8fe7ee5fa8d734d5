/* inputs.h -- inputs of a dream besides its picture: mask, guide, style, and masks of words. Layer 6 (method). */
#pragma once

#include "method/dream/dream.h"

/* Inputs of a dream besides its picture. Pictures are referenced; NULL: none. Zeros: no inputs. */
typedef struct {
  RvImage *mask, *guide, *style;
  double style_weight;
  GPtrArray *word_masks; /* RvImage: masks of words */
  GPtrArray *names;      /* char *: for each mask, its name in the setting `toward` */
} RvDreamInputs;

/* Releases the pictures, masks and names of @inputs and sets their pointers to NULL. Does not free @inputs itself.
 * Cannot fail. */
void rv__dream_inputs_clear (RvDreamInputs *inputs);

/* Sets the inputs that are not NULL in @dream, which references their pictures, but only reads the guide. Before a
 * run. After an error earlier inputs stay set. */
gboolean rv__dream_inputs_set (const RvDreamInputs *inputs, RvDream *dream, GError **error);
