/* vae-internal.h -- declarations shared by the files of a VAE: the model, and its programs.
 * Layer 6 (method). May include: graph, backend, op, io, tensor, base. */
#pragma once

#include "backend/backend.h"
#include "io/image/sheet.h"
#include "method/train/parameters.h"
#include "method/vae/mixture.h"
#include "method/vae/vae-settings.h"
#include "method/vae/train.h"

struct _RvVae {
  RvSettings *settings_copy; /* settings, with the defaults of the architecture filled in */
  RvVaeSettings *settings;   /* fields of settings_copy */
  int channels, height, width;
  RvParameters *parameters; /* in the order of the program, then log_sigma, which the program does not have */
  RvMixture *prior;         /* NULL: N (0, I) */
  GHashTable *notes;
  GStrv labels; /* label names of a conditional model; NULL: not conditional */
  int label;    /* index in `labels`, used for pictures and codes without a label; -1: none */
};

/* Streams of random numbers, which are functions of the seed and an index. */
enum {
  RV_VAE_INIT_STREAM = 10,
  RV_VAE_EPS_STREAM,
  RV_VAE_SHUFFLE_STREAM,
  RV_VAE_BINARIZE_STREAM,
  RV_VAE_PRIOR_STREAM,
  RV_VAE_LABEL_STREAM,
  RV_VAE_COMPONENT_STREAM
};

/* Number of values in a picture: channels times height times width. */
gint64 rv__vae_pixels (const RvVae *vae);
/* Whether the setting `likelihood` is gaussian; else it is bernoulli. */
gboolean rv__vae_is_gaussian (const RvVae *vae);
/* Whether sigma is a trained parameter: the likelihood is gaussian and the setting `sigma` is learned. */
gboolean rv__vae_learns_sigma (const RvVae *vae);
/* (nullable): the parameter log (sigma), [1], which is the last one; NULL: sigma is not learned. Borrowed. */
RvTensor *rv__vae_log_sigma (const RvVae *vae);
/* Checks `sigma`, for every likelihood, `kl-cycles`, `objective` and `prior`. RV_ERROR_SETTING. */
gboolean rv__vae_settings_check (const RvVaeSettings *settings, GError **error);
/* Number K of importance samples in the setting `objective` iwae:K, 1 to 1000; 0: elbo; -1: another text. */
int rv__vae_importance_samples (const RvVaeSettings *settings);
/* Number K of Gaussians in the setting `prior` gmm:K, 1 to RV_MIXTURE_MAX_COMPONENTS; 0: normal; -1: another text. */
int rv__vae_prior_components (const RvVaeSettings *settings);
/* (transfer full): name of the dense layer of @side, "encoder" or "decoder", that a conditional model gives the label
 * as a further input. */
char *rv__vae_labelled_layer (const RvVae *vae, const char *side);
/* (transfer full) (nullable): labels of all pictures of @dataset for the functions below, [dataset->n]: vae->label
 * if it is set, else those of @dataset; -1: none. */
int *rv__vae_labels_from_dataset (const RvVae *vae, const RvDataset *dataset, GError **error);
/* Writes mean and log variance of q(z|x), [@n, latent] each, to @mu and @logvar (nullable). @pixels: bytes, [@n,
 * channels, height, width]. @labels: [@n], indices in vae->labels (-1: none); NULL: vae->label for all. */
gboolean rv__vae_encode (const RvVae *vae, const guint8 *pixels, const int *labels, gint64 n, float *mu, float *logvar,
                         GError **error);
/* Writes the mean pixels, [@n, channels, height, width], 0..1, for the codes @z, [@n, latent], to @pixels_01.
 * @labels: [@n], indices in vae->labels (-1: none); NULL: vae->label for all. */
gboolean rv__vae_decode (const RvVae *vae, const float *z, const int *labels, gint64 n, float *pixels_01,
                         GError **error);
/* -log p(x|z) of one picture, nats. @sum: RvVaeEngine.reconstruction of that picture: for Bernoulli its nats, which are
 * returned; for the Gaussian its sum of squared errors. */
double rv__vae_nats (const RvVae *vae, double sum);
/* log p(z) - log q(z|x), nats, of one latent vector @z, drawn from q(z|x) of log variance @logvar with the numbers @eps
 * of N(0, I). All: [latent]. */
double rv__vae_log_ratio (const RvVae *vae, const float *z, const float *logvar, const double *eps);
/* log (exp (a) + exp (b)), without overflow. */
double rv__log_add (double a, double b);

/* Overwrites @to, [@n, channels, height, width], with pictures of @pixels as 0..1, binarized by the setting `binarize`.
 * @pixels: bytes of a whole dataset. @index: [@n] positions in it; NULL: @n from @first on; with @index, @first is
 * ignored. @epoch: changes dynamic binarization only. Cannot fail. */
void rv__vae_load_pixels (const RvVae *vae, const guint8 *pixels, const gint64 *index, gint64 first, gint64 n,
                          gint64 epoch, float *to);

/* Purpose of a program. */
typedef enum {
  RV_VAE_TRAIN,   /* x, eps to sums and gradients; the parameters can be set */
  RV_VAE_SCORE,   /* x, eps to sums, mu and logvar */
  RV_VAE_ENCODE,  /* x to mu and logvar */
  RV_VAE_DECODE,  /* z to pixels */
  RV_VAE_EXPLAIN, /* x, z to the reconstruction's sums */
  RV_VAE_N_PURPOSES,
} RvVaePurpose;

/* A compiled program for batches of @batch. Values of -1 do not exist in it. */
typedef struct {
  RvExecutable *executable;
  gint64 batch;
  int n_samples; /* latent vectors of each picture, in adjacent rows: above 1 only in training by importance samples */
  int x, eps, z, mu, logvar, pixels;
  int label; /* [batch, labels]: one-hot, or zeros; only in conditional models */
  /* nats for the Bernoulli likelihood, else squared errors: [batch * n_samples] */
  int reconstruction;
  int kl;                           /* [batch]; none in training by importance samples */
  int grad_reconstruction, grad_kl; /* for RV_VAE_TRAIN: set by the caller */
  int grad_z, grad_logvar;          /* for training by importance samples, instead of grad_kl: set by the caller */
  RvParameterValues *trained;       /* for RV_VAE_TRAIN; owned */
  float **data;                     /* [values]: host memory of inputs and outputs, owned by `executable`; else NULL */
} RvVaeEngine;

/* (transfer full) (nullable): a compiled program of @purpose for @batch pictures, ready to run. Borrows @vae.
 * RV_VAE_TRAIN copies its parameters; other purposes share them, so they must not change meanwhile. RV_ERROR_SHAPE
 * for @batch below 1. */
RvVaeEngine *rv__vae_engine_new (const RvVae *vae, RvVaePurpose purpose, gint64 batch, GError **error);
/* Frees @engine (nullable) with its program and host memory, not the model. */
void rv__vae_engine_free (RvVaeEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeEngine, rv__vae_engine_free)
/* Host memory of an input or output of the program. Row-major, [batch, ...]; eps, z, reconstruction and their
 * gradients: [batch * n_samples, ...]. @value: a member of @engine from x to grad_logvar that is not -1. z has host
 * memory only as an input (mu is -1) or in training by importance samples (grad_z is not -1). Outputs are those of
 * the last rv__vae_engine_forward(). Owned by @engine, valid until it is freed. */
float *rv__vae_engine_data (const RvVaeEngine *engine, int value);
/* Sets the input `label` to @labels, [@n], indices in vae->labels (-1: none), and to none for the other pictures of the
 * batch. @labels NULL: vae->label for the first @n. Does nothing unless the model is conditional. */
void rv__vae_engine_set_labels (const RvVae *vae, const RvVaeEngine *engine, const int *labels, gint64 n);
/* Uploads the inputs and trained parameters, runs the forward pass, and downloads the outputs to
 * rv__vae_engine_data(). Blocks. */
gboolean rv__vae_engine_forward (const RvVaeEngine *engine, GError **error);
/* Uploads grad_reconstruction, grad_kl, grad_z and grad_logvar, which the caller has set, and runs the backward
 * pass. Downloads the gradients, not added to earlier ones, to engine->trained->grad_at. Only for RV_VAE_TRAIN,
 * after rv__vae_engine_forward(). Blocks. */
gboolean rv__vae_engine_backward (const RvVaeEngine *engine, GError **error);

/* The compiled programs of a model, one for each purpose, cached between calls. NULL: none yet. */
struct _RvVaeEngines {
  RvVaeEngine *engines[RV_VAE_N_PURPOSES];
};

/* (nullable): the program for @batch pictures: the cached one, or a new one if none has this batch size. Borrowed
 * until the next call for @purpose. Always pass the same @vae, whose parameters must not change. */
RvVaeEngine *rv__vae_engines_get (RvVaeEngines *engines, const RvVae *vae, RvVaePurpose purpose, gint64 batch,
                                  GError **error);
/* Frees the programs, not the struct; it is then empty and may be used again. */
void rv__vae_engines_clear (RvVaeEngines *engines);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RvVaeEngines, rv__vae_engines_clear)

/* (transfer full) (nullable): the squared error of the reconstruction of picture @i from its latent mean, with the
 * label vae->label. Mean over channels, for pixels 0..1: f32 [height, width]. */
RvTensor *rv__vae_reconstruction_error (const RvVae *vae, RvVaeEngines *engines, const RvDataset *dataset, gint64 i,
                                        GError **error);

/* (transfer full): the program of @purpose in @type, differentiated for RV_VAE_TRAIN, not yet planned. Overwrites
 * *engine with its values, -1 for missing ones, and for RV_VAE_TRAIN a new `trained`, which the caller frees. Errors:
 * program->error. */
RvProgram *rv__vae_record (const RvVae *vae, RvVaePurpose purpose, gint64 batch, RvType type, RvVaeEngine *engine);

/* (transfer full) (nullable): a sheet of the first @n pictures of @data, at most data->n (unchecked), followed by
 * their reconstructions, in @columns columns, @gap_px apart. */
RvImage *rv__vae_reconstructions (const RvVae *vae, const RvDataset *data, gint64 n, int columns, int gap_px,
                                  GError **error);
/* Overwrites *layout with the layout of rv_vae_sheet() for @n pictures, at least 1, without labels. @columns is limited
 * to 1..@n. Returns the whole factor, at least 1, by which pictures are enlarged. */
int rv__vae_sheet_layout (const RvVae *vae, gint64 n, int columns, int gap_px, RvSheetLayout *layout);
