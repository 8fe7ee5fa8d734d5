/* vae-codes.h -- latent vectors from a file, as reverie vae encode writes them.
 * Layer 7 (job). */
#ifndef RV_VAE_CODES_H
#define RV_VAE_CODES_H

#include <reverie/tensor.h>

/* rv__vae_codes_load: (transfer full) (nullable): f32 [n, latent]: the tensor `mu` of a .safetensors file; of any
 * other, a CSV's columns mu0, mu1, ... where it begins with encode's heading, else plain rows of @latent numbers.
 * RV_ERROR_FILE, RV_ERROR_FORMAT. */
RvTensor *rv__vae_codes_load (const char *file, gint64 latent, GError **error);

#endif
