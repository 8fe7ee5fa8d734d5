/* dream-beside.h -- what a dream has besides its picture: mask, guide, style, and the places where words belong.
 * Layer 7 (job). */
#ifndef RV_DREAM_BESIDE_H
#define RV_DREAM_BESIDE_H

#include "job/recipe.h"
#include "method/dream/dream.h"

/* Pictures held by reference; what there is none of is NULL, and all of an empty one is 0. */
typedef struct {
  RvImage *mask, *guide, *style;
  double style_weight;
  GPtrArray *places; /* RvImage */
  GPtrArray *names;  /* char: one for each place, as the setting `toward` calls it */
} RvDreamBeside;

/* rv__dream_beside_load: those of @inputs whose roles are "mask", "guide", "style" and "where", for a picture of @width
 * x @height px. Into one that is empty, or has a mask already, which stays. RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
gboolean rv__dream_beside_load (RvDreamBeside *beside, const RvRecipeInput *inputs, int n_inputs, int width, int height,
                                GError **error);
void rv__dream_beside_clear (RvDreamBeside *beside);

/* rv__dream_beside_set: @dream has all of it from now on. Errors as rv__dream_set_place() and the like. */
gboolean rv__dream_beside_set (const RvDreamBeside *beside, RvDream *dream, GError **error);

/* rv__dream_find_places: (transfer full) (nullable): the files of the pictures that @settings' `toward` names, of
 * @where (NULL-terminated) or by themselves; `toward` has their names without folders then: where they lie is nobody's
 * business. RV_ERROR_SETTING for two of one name. */
GPtrArray *rv__dream_find_places (RvSettings *settings, const char *const *where, GError **error);

#endif
