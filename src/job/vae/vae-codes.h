/* vae-codes.h -- latent vectors from a file, as reverie vae encode writes them.
 * Layer 7 (job). */
#pragma once

#include <reverie/tensor.h>

/* (transfer full) (nullable): the latent vectors of @file, f32 [n, latent], n at least 1. A .safetensors file has them
 * as the tensor `mu`. Other files are CSV: with the heading that `reverie vae encode` writes, the columns mu0, mu1,
 * ...; else rows of @latent numbers. RV_ERROR_FORMAT: a .safetensors file without such vectors, or
 * a number that is not finite. */
RvTensor *rv__vae_codes_load (const char *file, gint64 latent, GError **error);
