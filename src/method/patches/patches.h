/* patches.h -- models of patches: scores of pictures. Layer 6 (method). */
#pragma once

#include <reverie/scorer.h>

#define RV_PATCHES_FORMAT "reverie-patches"      /* text "format" of a model */
#define RV_PATCHES_NORMAL_SCORES "normal_scores" /* tensor of a model, f32 [n], ascending */

/* A model of patches, and the network whose features it compares. Used by one thread at a time. */
typedef struct _RvPatches RvPatches;

/* (transfer full) (nullable): the model in @model, of rv_patches_train(). @n_threads: for scores; 0: one for each
 * physical core. RV_ERROR_FORMAT if @model is another kind of model or damaged; RV_ERROR_NUMBER for numbers that
 * are not finite. */
RvPatches *rv__patches_new (const RvTensorMap *model, int n_threads, GError **error);
/* Frees @patches (nullable). */
void rv__patches_free (RvPatches *patches);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPatches, rv__patches_free)

/* (transfer full) (nullable): the picture @file, scaled for the model. */
RvImage *rv__patches_load (const RvPatches *patches, const char *file, GError **error);
/* Sets *score to the largest distance of a position of @picture, of any size, from the nearest usual position: 0 or
 * more, higher is less usual. The caller checks that it is finite. *map: (out) (optional) (transfer full): the
 * distances, blurred, f32 [height, width] of the scaled picture. An error leaves both unchanged. */
gboolean rv__patches_score (RvPatches *patches, const RvImage *picture, double *score, RvTensor **map, GError **error);
