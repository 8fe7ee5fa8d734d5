/* cmd-vae.h -- reverie vae and its subcommands, one function each.
 * Layer 8 (cli). */
#ifndef RV_CMD_VAE_H
#define RV_CMD_VAE_H

#include "cli/cli.h"

typedef struct {
  char *output, *log, *settings;
  gboolean force, quiet, resume, spherical;
  gint64 save_every, size_px, channels;
  gint64 count, samples, steps;
  double temperature, reach;
} VaeOptions;

typedef struct {
  VaeOptions own;
  RvSettings *settings;
  const GPtrArray *given;
  const char *subcommand;
  int n_args; /* after the subcommand's name */
  char **args;
} VaeJob;

/* Each returns the exit code; EXIT_FAILED where @error says why. */
int vae_train (VaeJob *job, GError **error);
int vae_evaluate (VaeJob *job, GError **error);
int vae_show (VaeJob *job, GError **error); /* of all subcommands that make a picture */
int vae_encode (VaeJob *job, GError **error);
int vae_info (VaeJob *job, GError **error);
int vae_export (VaeJob *job, GError **error);

/* vae_load: (transfer full) (nullable): the model in a file, to compute with --threads. */
RvVae *vae_load (const VaeJob *job, const char *file, GError **error);
/* vae_load_data: (transfer full) (nullable): DATA at the model's size, or for a NULL model at --size and --channels;
 * says on standard error which files were left out. */
RvDataset *vae_load_data (const VaeJob *job, const RvVae *vae, const char *source, RvDatasetPart part, GError **error);
/* vae_int: a whole number of the model's settings. */
gint64 vae_int (const RvVae *vae, const char *name);
/* vae_check_output: -o is given, its folder is there, and it does not exist unless --force. */
gboolean vae_check_output (const VaeJob *job, GError **error);
/* vae_beside: (transfer full): "model.safetensors" and "-loss.svg" -> "model-loss.svg". */
char *vae_beside (const char *output, const char *suffix);
/* vae_say_collapse: one line on standard error when latent dimensions are unused, unless --quiet. */
void vae_say_collapse (const VaeJob *job, const RvVae *vae, int active_units);
/* vae_say_done: "file: what", unless --quiet. Returns EXIT_DONE. */
int vae_say_done (const VaeJob *job, const char *what);

#endif
