/* features.h -- what a network sees: the activations of its layers, its words, and what dreams look for in it.
 * Layer 6 (method). Implemented in src/method/features.c and src/method/dream. */
#ifndef RV_FEATURES_H
#define RV_FEATURES_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
G_BEGIN_DECLS

/**
 * rv_features:
 * @picture:   as large as it is to be looked at: it is not resized; transparency does not count
 * @layers:    as people write them: "conv4_1", "relu4_1:pre"; NULL-terminated
 * @n_threads: 0: one for each physical core
 * @cancellable: (nullable): looked at before each layer
 *
 * One pass, in f32. Threads: several calls may share @net. Errors: %RV_ERROR_SETTING for a layer that there is not, and
 * for none; %RV_ERROR_SHAPE when the picture is too small for one; %RV_ERROR_FORMAT when the weights lack a parameter;
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: (transfer full) (nullable): the activations, [1,
 * C, H, W] of f32, by the names in @layers. Since: 0.1
 */
RV_API RvTensorMap *rv_features (const RvNet *net, const RvImage *picture, const char *const *layers, int n_threads,
                                 GCancellable *cancellable, GError **error);

/** RvWord: something a network sees. */
typedef struct {
  const char *word;      /* borrowed from the network */
  double probability_01; /* of all its words */
} RvWord;

/**
 * rv_dream_what:
 * @n_threads: to compute with; 0: one for each physical core
 * @cancellable: (nullable): looked at before each layer; from any thread
 * @words: (out caller-allocates): the likeliest @n_words, likeliest first
 *
 * What @net sees in @image: softmax of the class map's means. Errors: %RV_ERROR_SETTING for a network without words,
 * %RV_ERROR_SHAPE for a picture that is too small, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED.
 * Since: 0.1
 */
RV_API gboolean rv_dream_what (RvNet *net, const RvImage *image, int n_threads, GCancellable *cancellable,
                               RvWord *words, int n_words, GError **error);

/** rv_dream_look_layers: LAYER:WEIGHT,... of @look, a choice of the setting `look`, on the network called @net_name;
 * static; NULL for an unknown name. Since: 0.1 */
RV_API const char *rv_dream_look_layers (const char *look, const char *net_name);

/** rv_dream_groups: names for many words at once, for the setting `toward`, of networks that know ImageNet's thousand
 * classes; NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_dream_groups (void);

G_END_DECLS
#endif
