/* scorer.h -- finds unusual pictures and positions, such as defects of products, from usual pictures only.
 * Layer 6 (method). Implemented in src/method/scorer and src/method/patches. */
#ifndef RV_SCORER_H
#define RV_SCORER_H

#include <reverie/vae.h>
G_BEGIN_DECLS

/**
 * rv_patches_train:
 * @files:      (type filename): usual pictures, NULL-terminated
 * @size_px:    shorter side to which pictures are scaled, 64 to 1024
 * @coreset_01: fraction of the positions that the model stores, above 0
 * @seed:       seed of random choices
 * @n_threads:  0: one for each physical core
 * @done:       (nullable): reports progress
 * @left_out:   (out) (optional) (transfer full) (nullable): files that were left out, each with the reason; NULL: none.
 *              Set after an error, too
 *
 * PatchCore (Roth et al. 2022) on two layers of the built-in network. Every fifth picture is not trained on; its score
 * is stored in the tensor `normal_scores`, in ascending order, from five pictures on. Errors: %RV_ERROR_SETTING for a
 * size or fraction out of range; %RV_ERROR_FILE without files; %RV_ERROR_FORMAT if no file can be read;
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by @done or the current GCancellable of the thread. Returns:
 * (transfer full) (nullable): a model for rv_weights_save(). Since: 0.1
 */
RV_API RvTensorMap *rv_patches_train (const char *const *files, int size_px, double coreset_01, gint64 seed,
                                      int n_threads, RvVaeDoneFunc done, gpointer user_data, GStrv *left_out,
                                      GError **error);

/** RvScorer: a model that distinguishes usual pictures from unusual ones. It owns the compiled network for the size of
 * the last picture. Used by one thread at a time. */
typedef struct _RvScorer RvScorer;

/** rv_scorer_new: (transfer full) (nullable): a scorer by @model, the content of a model file: a model of
 * rv_patches_train(), or a VAE. @seed: seed of the samples of a VAE. @n_threads: 0: one for each physical core. Errors:
 * %RV_ERROR_FORMAT if @model is of another kind, or damaged; %RV_ERROR_NUMBER for patches that are not finite;
 * %RV_ERROR_FILE if the file has changed; %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvScorer *rv_scorer_new (const RvTensorMap *model, gint64 seed, int n_threads, GError **error);
/** rv_scorer_free: (nullable): frees the scorer with its compiled network. Since: 0.1 */
RV_API void rv_scorer_free (RvScorer *scorer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvScorer, rv_scorer_free)

/**
 * rv_scorer_load_pictures:
 * @file:  (type filename): a picture; for a VAE also a source of rv_dataset_load(), such as an IDX file
 * @first: the first picture to load, from 0. The scorer keeps the pictures of an IDX file for calls with a later @first
 * @max:   number of pictures to load, at most; 0: only checks the file; for patches only the header of a picture
 * @n:     (out): number of pictures in @file
 *
 * Loads pictures at the size that the model needs. Large files shrink while they are read. Errors: %RV_ERROR_FILE,
 * %RV_ERROR_FORMAT if @file is no picture, or a folder with files that are no pictures; %RV_ERROR_SHAPE for an IDX file
 * of another size than the model's, a picture above 2^31 pixels, or one more than eight times (patches) or 1000 times
 * (VAE) as long as wide; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the thread;
 * %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable) (element-type RvImage). Since: 0.1
 */
RV_API GPtrArray *rv_scorer_load_pictures (RvScorer *scorer, const char *file, gint64 first, gint64 max, gint64 *n,
                                           GError **error);

/**
 * rv_scorer_score:
 * @pictures: [@n], of any size: scaled for the model; for a VAE also cropped to its shape
 * @scores:   (out caller-allocates): [@n], larger for more unusual pictures. Patches: distance of the most unusual
 *            position from the nearest usual one. VAE: minus the importance-weighted log-likelihood with 50 samples,
 *            nats
 * @maps:     (out caller-allocates) (optional) (transfer full): [@n], f32 [height, width] of the scaled picture: where
 *            it is unusual. Patches: distances. VAE: squared error of the reconstruction, for pixels 0..1
 *
 * Samples of a VAE depend on the seed and the position in @pictures. Errors: %RV_ERROR_SHAPE if a picture is more than
 * eight times (patches) or 1000 times (VAE) as long as wide; %RV_ERROR_FORMAT for patches of another network;
 * %RV_ERROR_NUMBER if a score is not finite: the model is damaged; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND;
 * %RV_ERROR_CANCELLED by the current GCancellable of the thread. After an error, @scores may be written in part, and
 * @maps are NULL. Returns: whether all are scored. Since: 0.1
 */
RV_API gboolean rv_scorer_score (RvScorer *scorer, RvImage *const *pictures, gint64 n, double *scores, RvTensor **maps,
                                 GError **error);

/**
 * rv_scorer_threshold:
 * @false_alarms_01: fraction of the usual pictures that may have a score above the threshold; clamped to its range
 * @normal:          (nullable): scores of @n_normal usual pictures, in any order; NULL: the scores that training stored
 *                   in the model, of pictures that it was not trained on
 * @n_normal:        (inout): number of @normal; set to the number of stored scores if @normal is NULL
 * @map_threshold:   (out) (optional): value from which a position of a map is unusual. Patches: the threshold. VAE:
 *                   1/16, a quarter of the range from black to white, squared
 *
 * Returns: the smallest score that at most this fraction of the scores exceeds; infinite without scores. Since: 0.1
 */
RV_API double rv_scorer_threshold (const RvScorer *scorer, double false_alarms_01, const double *normal,
                                   gint64 *n_normal, double *map_threshold);

G_END_DECLS
#endif
