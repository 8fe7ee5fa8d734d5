/* vae-settings.h -- the settings of a VAE as a struct, filled by the table in vae-settings.c. Layer 6 (method). */
#pragma once

#include "base/settings.h"

/* Settings of a VAE. A field without a default in the table is 0 or NULL until complete_settings() of vae.c sets the
 * default of the architecture. */
typedef struct {
  char *architecture, *likelihood, *sigma, *binarize, *objective, *prior, *backend, *gpu;
  gint64 latent, width, depth, dense;
  double beta, kl_warmup, free_bits;
  gboolean kl_cycles;
  gint64 epochs, batch, micro_batches;
  double learning_rate, validation;
  gint64 seed, threads;
} RvVaeSettings;

extern const RvSettingsClass rv__settings_vae;
extern const RvOption rv__vae_options[];

/* Names of the options that belong to a machine: models do not store them, and a training may continue with others. */
#define RV_VAE_MACHINE_OPTIONS "threads", "backend", "gpu"
