/* vae-settings.c -- the settings of a VAE, with all defaults and ranges. */
#include "method/vae/vae-settings.h"
#include "method/compute.h"
#include "method/train/grad-accumulator.h"
#include <string.h>

#define FIELD(f) offsetof (RvVaeSettings, f)

const RvOption rv__vae_options[] = {
  { "architecture", 'a', RV_OPTION_CHOICE, FIELD (architecture), "conv", .unit = "conv|mlp",
    .help = "convolutions, or dense layers as in PyTorch's example", .names = RV_NAMES ("conv", "mlp"),
    .group = "model" },
  { "latent", 'z', RV_OPTION_INT, FIELD (latent), NULL, 1, 4096, .unit = "COUNT",
    .help = "latent dimensions; 2 can be drawn as a map [conv 16, mlp 20]" },
  { "width", 0, RV_OPTION_INT, FIELD (width), NULL, 1, 4096, .unit = "COUNT",
    .help = "channels of the first convolution, doubled at each; units of a dense layer [conv 32, mlp 400]" },
  { "depth", 0, RV_OPTION_INT, FIELD (depth), NULL, 1, 6, .unit = "COUNT",
    .help = "convolutions of stride 2, or dense layers, on each side [conv 2, mlp 1]" },
  { "dense", 0, RV_OPTION_INT, FIELD (dense), "128", 1, 65536, .unit = "COUNT",
    .help = "units of conv's dense layer before the latent ones" },
  { "likelihood", 0, RV_OPTION_CHOICE, FIELD (likelihood), "bernoulli", .unit = "bernoulli|gaussian",
    .help = "loss of a pixel: binary cross-entropy, or squared error", .names = RV_NAMES ("bernoulli", "gaussian") },
  { "sigma", 0, RV_OPTION_TEXT, FIELD (sigma), "0.7071067811865476", .unit = "SIGMA|learned",
    .help = "standard deviation of the gaussian, for pixels 0..1; the default gives the plain squared error" },
  { "binarize", 0, RV_OPTION_CHOICE, FIELD (binarize), "none", .unit = "none|static|dynamic",
    .help = "pixels drawn as 0 or 1: once, or anew for each epoch", .names = RV_NAMES ("none", "static", "dynamic") },
  { "objective", 0, RV_OPTION_TEXT, FIELD (objective), "elbo", .unit = "elbo|iwae:K",
    .help = "what training maximises: the ELBO, or the importance-weighted bound of K latent vectors of each picture",
    .group = "training" },
  { "beta", 'b', RV_OPTION_REAL, FIELD (beta), "1", 0, 1e6, .unit = "FACTOR", .help = "weight of the KL divergence" },
  { "kl-warmup", 0, RV_OPTION_REAL, FIELD (kl_warmup), "0", 0, 1e6, .unit = "EPOCHS",
    .help = "number of epochs over which beta rises from 0" },
  { "kl-cycles", 0, RV_OPTION_BOOL, FIELD (kl_cycles),
    .help = "with 'kl-warmup' N: beta rises over N epochs and stays for N epochs, and this repeats" },
  { "free-bits", 0, RV_OPTION_REAL, FIELD (free_bits), "0", 0, 100, .unit = "NATS",
    .help = "divergence of a latent dimension that costs nothing; keeps dimensions in use" },
  { "prior", 0, RV_OPTION_TEXT, FIELD (prior), "normal", .unit = "normal|gmm:K",
    .help = "prior of samples and scores: N (0, I), or K Gaussians fitted after training to the latent vectors of the "
            "pictures" },
  { "epochs", 'e', RV_OPTION_INT, FIELD (epochs), "10", 0, 1e6, .unit = "COUNT", .help = "passes over the pictures" },
  { "batch", 0, RV_OPTION_INT, FIELD (batch), "128", 1, 65536, .unit = "COUNT", .help = "pictures of one step" },
  { "micro-batches", 0, RV_OPTION_INT, FIELD (micro_batches), "1", 1, RV_MAX_MICRO_BATCHES, .unit = "COUNT",
    .old_name = "slices",
    .help = "parts of a batch, which as many machines can share; their gradients are added in order" },
  { "learning-rate", 0, RV_OPTION_REAL, FIELD (learning_rate), "0.001", 0, 10, .unit = "RATE",
    .help = "learning rate of Adam" },
  { "validation", 0, RV_OPTION_REAL, FIELD (validation), "0.1", 0, 0.9, .unit = "0..0.9",
    .help = "part of the pictures that is not trained on but measured after each epoch" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER", .help = "random seed" },
  { "backend", 0, RV_OPTION_CHOICE, FIELD (backend), "auto", .unit = "NAME",
    .help = "backend that computes; auto: the fastest one of the processor", .choices = rv__compute_backends,
    .group = "computing" },
  { "gpu", 0, RV_OPTION_TEXT, FIELD (gpu), .unit = "NUMBER|NAME", .help = RV_COMPUTE_GPU_HELP },
  { "threads", 't', RV_OPTION_INT, FIELD (threads), "0", 0, RV_COMPUTE_MAX_THREADS, .unit = "COUNT",
    .help = "threads to compute with; 0: one for each physical core" },
  { NULL },
};

const RvSettingsClass rv__settings_vae = {
  .kind = "vae", .command = "vae", .table = rv__vae_options, .size = sizeof (RvVaeSettings)
};
