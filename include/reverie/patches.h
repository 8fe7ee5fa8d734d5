/* patches.h -- finds unusual pictures and places, such as defects of parts, from usual pictures alone.
 * Layer 6 (method). Implemented in src/method/patches/. */
#ifndef RV_PATCHES_H
#define RV_PATCHES_H

#include <reverie/vae.h>
G_BEGIN_DECLS

/**
 * rv_patches_train:
 * @files:      (type filename): usual pictures, NULL-terminated
 * @size_px:    shorter side to which pictures are scaled, 64 to 1024
 * @coreset_01: part of the positions that the model keeps, above 0
 * @seed:       of random choices
 * @n_threads:  0: one for each physical core
 * @done:       (nullable): reports progress
 * @left_out:   (out) (optional) (transfer full) (nullable): files that were left out, each with the reason
 *
 * PatchCore (Roth et al. 2022) on two layers of the built-in network. Each fifth picture is not trained on; its score
 * is stored in the tensor `normal_scores`, in ascending order, from five pictures on. Errors: %RV_ERROR_SETTING for a
 * size or part out of range; %RV_ERROR_FILE without files; %RV_ERROR_FORMAT if no file can be read; %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED, also by @done. Returns: (transfer full) (nullable): a model for
 * rv_weights_save(). Since: 0.1
 */
RV_API RvTensorMap *rv_patches_train (const char *const *files, int size_px, double coreset_01, gint64 seed,
                                      int n_threads, RvVaeDoneFunc done, gpointer user_data, GStrv *left_out,
                                      GError **error);

/**
 * rv_patches_score:
 * @model:     of rv_patches_train()
 * @file:      (type filename): a picture
 * @n_threads: 0: one for each physical core
 * @score:     (out): distance of the most unusual place from the nearest usual one
 * @map:       (out) (optional) (transfer full): distances, f32 [height, width] of the scaled picture
 *
 * Errors: %RV_ERROR_FORMAT if @model is another one or damaged, or @file no picture; %RV_ERROR_NUMBER if @model has
 * numbers that are not finite; %RV_ERROR_FILE; %RV_ERROR_SHAPE for a picture more than eight times as long as wide;
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND;
 * %RV_ERROR_CANCELLED by the current GCancellable of the thread. After an error, @score and @map are unchanged.
 * Since: 0.1
 */
RV_API gboolean rv_patches_score (const RvTensorMap *model, const char *file, int n_threads, double *score,
                                  RvTensor **map, GError **error);

G_END_DECLS
#endif
