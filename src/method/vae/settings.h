/* settings.h -- the settings of a VAE as a struct, which settings.c describes.
 * Layer 6 (method). */
#ifndef RV_VAE_SETTINGS_H
#define RV_VAE_SETTINGS_H

#include "base/settings.h"

/* 0, or NULL, is the architecture's own choice where the table has no default. */
typedef struct {
  char *architecture, *likelihood, *sigma, *binarize, *backend;
  gint64 latent, width, depth, dense;
  double beta, kl_warmup;
  gint64 epochs, batch, slices;
  double learning_rate, validation;
  gint64 seed, threads;
} RvVaeSettings;

extern const RvSettingsClass rv__settings_vae;
extern const RvOption rv__vae_options[];

/* rv__vae_is_of_model: whether a model's file holds the option; else it is of the machine that runs it. */
gboolean rv__vae_is_of_model (const RvOption *option);

#endif
