/* features.h -- activations of a network's layers, its classes for a picture, and the looks of dreams.
 * Layer 6 (method). Implemented in src/method/features.c and src/method/dream. */
#ifndef RV_FEATURES_H
#define RV_FEATURES_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
G_BEGIN_DECLS

/**
 * rv_features:
 * @picture:   picture at the size to compute; it is not resized. Transparency is ignored
 * @layers:    names as users type them: "conv4_1", "relu4_1:pre"; NULL-terminated
 * @n_threads: 0: one for each physical core; clamped to the limit of the setting `threads`
 * @cancellable: (nullable): checked before each layer; NULL: the current one of the thread
 *
 * Runs one forward pass in f32. Threads: several calls may share @net. Errors: %RV_ERROR_SETTING for an unknown layer,
 * or none; %RV_ERROR_SHAPE for a picture too small for a layer; %RV_ERROR_FORMAT for missing parameters; %RV_ERROR_FILE
 * if the weights' file has changed; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: (transfer full)
 * (nullable): activations by the names of @layers, f32 [1, C, H, W]. Since: 0.1
 */
RV_API RvTensorMap *rv_features (const RvNet *net, const RvImage *picture, const char *const *layers, int n_threads,
                                 GCancellable *cancellable, GError **error);

/** RvClassScore: one class of a network, with its probability for a picture. */
typedef struct {
  const char *word;      /* class name; borrowed from the network */
  double probability_01; /* over all classes */
} RvClassScore;

/**
 * rv_net_classify:
 * @n_threads: 0: one for each physical core
 * @cancellable: (nullable): checked before each layer; from any thread. NULL: the current one of the thread
 * @words: (out caller-allocates): the @n_words likeliest classes, likeliest first; unchanged after an error
 * @n_words: 0 or more, at most the number of classes, which is not checked
 *
 * Classifies @image, resized for the network: softmax over the spatial means of the class map. Names in @words are
 * borrowed from @net. Errors: %RV_ERROR_SETTING for a network without class names; %RV_ERROR_FORMAT for missing
 * parameters or the wrong number of names; %RV_ERROR_FILE if the weights' file has changed; %RV_ERROR_SHAPE for a
 * picture that is too small or too thin; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: whether
 * @words is filled. Since: 0.1
 */
RV_API gboolean rv_net_classify (RvNet *net, const RvImage *image, int n_threads, GCancellable *cancellable,
                                 RvClassScore *words, int n_words, GError **error);

/** rv_dream_look_layers: (nullable): the layers of @look, a choice of the setting `look`, on the network @net_name:
 * "LAYER:WEIGHT,..."; NULL, without an error, for an unknown look or network. Static. Since: 0.1 */
RV_API const char *rv_dream_look_layers (const char *look, const char *net_name);
/** rv_dream_groups: names of groups of ImageNet's classes, for the setting `toward`; NULL-terminated; static.
 * Since: 0.1 */
RV_API const char *const *rv_dream_groups (void);

G_END_DECLS
#endif
