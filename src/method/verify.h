/* verify.h -- are these weights whole, and what was their network trained on?
 * Layer 6 (method). */
#ifndef RV_VERIFY_H
#define RV_VERIFY_H

#include <reverie/net.h>

/* rv__verify_numbers: every number of @map is finite. RV_ERROR_FORMAT, naming the tensor. */
gboolean rv__verify_numbers (const RvTensorMap *map, GError **error);

typedef enum { RV_FINGERPRINT_NONE, RV_FINGERPRINT_MATCHES, RV_FINGERPRINT_DIFFERS } RvFingerprint;

/* Both of these compute with @n_threads, 0: one for each core. */

/* rv__verify_fingerprint: the embedded picture's activations against those known of this network's weights. NONE:
 * nothing is known of them, or @error is set. */
RvFingerprint rv__verify_fingerprint (const RvNet *net, int n_threads, GError **error);

#define RV_N_INPUTS 4

/* What the last layers say to the embedded picture when it is given in one of the ways networks are trained on. */
typedef struct {
  const char *input; /* as rv_net_input() has it; static */
  double level;      /* mean activation of the last layer: about 1 to 10 where it was trained */
  double variation;  /* standard deviation over positions to the mean: small where the biases drown the picture */
  double strength;   /* standard deviation of the last two layers: larger for colours in their right order */
} RvInputTrial;

/* rv__verify_inputs: tries the known ways on the network called @name. *likelier: an index. A heuristic:
 * docs/models.md. */
gboolean rv__verify_inputs (const char *name, const RvTensorMap *weights, int n_threads,
                            RvInputTrial trials[RV_N_INPUTS], int *likelier, GError **error);

#endif
