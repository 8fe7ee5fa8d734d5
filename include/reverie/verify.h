/* verify.h -- checks of weights: finite numbers, the published file, the preprocessing.
 * Layer 6 (method). Implemented in src/method/verify.c. `reverie network verify` uses it.
 *
 * fetch.h proves a file by its hash. These functions judge weights without a known hash: by the activations for one
 * picture that is part of the library. All functions may be called from several threads at once. */
#ifndef RV_VERIFY_H
#define RV_VERIFY_H

#include <gio/gio.h>
#include <reverie/net.h>
G_BEGIN_DECLS

/** rv_weights_check: whether every number of @weights is finite; NaN and infinity make pictures grey. FALSE sets an
 * error. Errors: %RV_ERROR_FORMAT, naming the first such tensor; %RV_ERROR_FILE if the weights' file has changed;
 * %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED by the current GCancellable of the thread. Since: 0.1 */
RV_API gboolean rv_weights_check (const RvTensorMap *weights, GError **error);

/** RvFingerprint: comparison of two layers' activations with those of the published file. */
typedef enum {
  RV_FINGERPRINT_UNKNOWN, /* no published numbers for these weights, or an error */
  RV_FINGERPRINT_MATCHES,
  RV_FINGERPRINT_DIFFERS, /* the right shapes, but other activations */
} RvFingerprint;

/** rv_net_fingerprint: compares activations of @net, for a built-in picture, with those of the published weights, in a
 * few tenths of a second. @n_threads: 0: one for each physical core. @cancellable: (nullable): NULL: the current one of
 * the thread. UNKNOWN without an error: no published numbers are known for these weights. Errors, with UNKNOWN:
 * %RV_ERROR_CANCELLED, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_FORMAT for missing parameters; %RV_ERROR_FILE if
 * the weights' file has changed. Since: 0.1 */
RV_API RvFingerprint rv_net_fingerprint (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error);

/** RvPreprocessingTrial: activations of the last layers for the built-in picture, with one preprocessing. */
typedef struct {
  const char *input;     /* the preprocessing, as rv_net_preprocessing() returns it; static */
  double level;          /* mean activation of the last layer: about 1 to 10 with the right preprocessing */
  double variation;      /* standard deviation over positions / mean: small if the biases dominate */
  double strength;       /* standard deviation of the last two layers: larger with colours in the right order */
  gboolean is_likeliest; /* best of all trials by these three numbers, a heuristic (docs/models.md); none may be */
  gboolean is_used;      /* in use by @net, or so similar to that preprocessing that activations do not differ */
} RvPreprocessingTrial;

/** rv_net_try_preprocessings: finds the preprocessing of weights from an unknown source, by four forward passes over a
 * built-in picture. Does not change @net: set the likeliest one as the text `preprocessing` of the weights before
 * rv_net_new(). @n_threads: 0: one for each physical core. @cancellable: (nullable): NULL: the current one of the
 * thread. Errors: %RV_ERROR_SETTING for a network with fewer than two layers of features for this picture;
 * %RV_ERROR_FORMAT for missing parameters; %RV_ERROR_FILE if the weights' file has changed; %RV_ERROR_CANCELLED,
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND. Returns: (transfer full) (nullable) (element-type RvPreprocessingTrial): one
 * row for each preprocessing, in a fixed order, of zeros for BGR if the network works only with RGB; free with
 * g_array_unref(). Since: 0.1 */
RV_API GArray *rv_net_try_preprocessings (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error);

G_END_DECLS
#endif
