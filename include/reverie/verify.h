/* verify.h -- are these weights whole, are they the published ones, and what was their network trained on?
 * Layer 6 (method). Implemented in src/method/verify.c. `reverie model verify` is a client of it.
 *
 * A file whose hash is known is proved by that: fetch.h. Here its numbers are judged, by what the network makes of one
 * picture that is part of the library. All functions may be called from several threads at once. */
#ifndef RV_VERIFY_H
#define RV_VERIFY_H

#include <gio/gio.h>
#include <reverie/net.h>
G_BEGIN_DECLS

/** rv_weights_check: whether every number of @weights is finite; one that is not makes pictures grey. Errors:
 * %RV_ERROR_FORMAT, naming the tensor; %RV_ERROR_MEMORY, %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API gboolean rv_weights_check (const RvTensorMap *weights, GError **error);

/** RvFingerprint: how strongly two layers answer the picture, beside what is known of the one published file. */
typedef enum {
  RV_FINGERPRINT_UNKNOWN, /* nothing is known of these weights, or they could not be looked at */
  RV_FINGERPRINT_MATCHES,
  RV_FINGERPRINT_DIFFERS, /* they have the network's shape, but do not see what it should */
} RvFingerprint;

/** rv_net_fingerprint: of the weights of @net, in a tenth of a second or a few. @n_threads: 0: one for each physical
 * core. @cancellable: (nullable). Errors, with UNKNOWN: %RV_ERROR_CANCELLED, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND.
 * Since: 0.1 */
RV_API RvFingerprint rv_net_fingerprint (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error);

/** RvInputTrial: what the last layers say to the picture when it is given in one of the ways networks are trained on.
 */
typedef struct {
  const char *input;     /* that way, as rv_net_input() has it; static */
  double level;          /* mean activation of the last layer: about 1 to 10 where it was trained */
  double variation;      /* standard deviation over positions to the mean: small where the biases drown the picture */
  double strength;       /* standard deviation of the last two layers: larger for colours in their right order */
  gboolean is_likeliest; /* of all, by these three: a heuristic, see docs/models.md */
  gboolean is_taken;     /* it is what @net is given, or too near to that to be told apart */
} RvInputTrial;

/**
 * rv_net_try_inputs:
 * @n_threads:   0: one for each physical core
 * @cancellable: (nullable)
 *
 * For weights that nothing is known of: what was their network trained on? Four passes over the picture. The likeliest
 * way can be set as the text `preprocessing` of the weights, before rv_net_new(). Errors: %RV_ERROR_SETTING for a
 * network of too few layers, %RV_ERROR_CANCELLED, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND. Returns: (transfer full)
 * (nullable) (element-type RvInputTrial): one row for each way, g_array_unref(). Since: 0.1
 */
RV_API GArray *rv_net_try_inputs (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error);

G_END_DECLS
#endif
