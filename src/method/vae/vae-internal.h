/* vae-internal.h -- declarations shared by the files of a VAE: the model, and its programs.
 * Layer 6 (method). May include: graph, backend, op, io, tensor, base. */
#ifndef RV_VAE_INTERNAL_H
#define RV_VAE_INTERNAL_H

#include "backend/backend.h"
#include "io/image/sheet.h"
#include "method/train/parameters.h"
#include "method/vae/vae-settings.h"
#include "method/vae/train.h"

struct _RvVae {
  RvSettings *named;       /* with the defaults of the architecture filled in */
  RvVaeSettings *settings; /* fields of `named` */
  int channels, height, width;
  RvParameters *parameters; /* in the order of the program, then log_sigma, which the program does not have */
  GHashTable *notes;
  GCancellable *cancellable; /* for its programs; or NULL */
};

/* Streams of random numbers, which are functions of the seed and an index. */
enum { RV_VAE_INIT_STREAM = 10, RV_VAE_EPS_STREAM, RV_VAE_SHUFFLE_STREAM, RV_VAE_BINARIZE_STREAM, RV_VAE_PRIOR_STREAM };

/* Count of the numbers in a picture, all channels. */
gint64 rv__vae_pixels (const RvVae *vae);
/* Number of threads to compute with, at least 1. */
int rv__vae_threads (const RvVae *vae);
/* Whether the likelihood of a pixel is a Gaussian; else it is Bernoulli. */
gboolean rv__vae_is_gaussian (const RvVae *vae);
/* Whether sigma is a trained parameter: a Gaussian likelihood with 'sigma' learned. */
gboolean rv__vae_learns_sigma (const RvVae *vae);
/* The parameter log_sigma, [1]; NULL: sigma is not learned. Borrowed. */
RvTensor *rv__vae_log_sigma (const RvVae *vae);
/* -log p(x|z) of one picture, nats, from its reconstruction sum @sum (RvVaeEngine). */
double rv__vae_nats (const RvVae *vae, double sum);

/* Writes @n pictures of @pixels, as 0..1 and binarized as the settings say, to @to. @index: their positions in the
 * dataset; NULL: from @first on. @epoch: for dynamic binarization. */
void rv__vae_load_pixels (const RvVae *vae, const guint8 *pixels, const gint64 *index, gint64 first, gint64 n,
                          gint64 epoch, float *to);

/* Purpose of a program. */
typedef enum {
  RV_VAE_TRAIN,   /* x, eps to sums and gradients; the parameters can be set */
  RV_VAE_SCORE,   /* x, eps to sums, mu and logvar */
  RV_VAE_ENCODE,  /* x to mu and logvar */
  RV_VAE_DECODE,  /* z to pixels */
  RV_VAE_EXPLAIN, /* x, z to the reconstruction's sums */
} RvVaePurpose;

/* A compiled program for batches of @batch. Values of -1 do not exist in it. */
typedef struct {
  RvExecutable *executable;
  gint64 batch;
  int x, eps, z, mu, logvar, pixels;
  /* [batch] each; reconstruction: nats for the Bernoulli likelihood, else squared errors */
  int reconstruction, kl;
  int grad_reconstruction, grad_kl; /* for RV_VAE_TRAIN: set by the caller */
  RvParameterValues *trained;       /* for RV_VAE_TRAIN */
  float **data;                     /* host memory of each value, except parameters */
} RvVaeEngine;

/* A compiled and bound program. (transfer full) (nullable). @vae is borrowed, and its parameters are copied into the
 * program. RV_ERROR_SHAPE for @batch below 1; RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
RvVaeEngine *rv__vae_engine_new (const RvVae *vae, RvVaePurpose purpose, gint64 batch, GError **error);
/* Frees @engine (nullable). */
void rv__vae_engine_free (RvVaeEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeEngine, rv__vae_engine_free)
/* Host memory of an input or output of the program, row-major. Borrowed from @engine. @value: a member of @engine that
 * is not -1. */
float *rv__vae_engine_data (const RvVaeEngine *engine, int value);
/* Uploads the inputs and trained parameters, runs the forward pass, and downloads the outputs. RV_ERROR_CANCELLED,
 * RV_ERROR_BACKEND. */
gboolean rv__vae_engine_forward (const RvVaeEngine *engine, GError **error);
/* Uploads grad_reconstruction and grad_kl, runs the backward pass, and downloads the gradients of the parameters. Call
 * it after rv__vae_engine_forward(), with RV_VAE_TRAIN only. RV_ERROR_CANCELLED, RV_ERROR_BACKEND. */
gboolean rv__vae_engine_backward (const RvVaeEngine *engine, GError **error);

/* Records the program in @type, differentiated for RV_VAE_TRAIN, not planned. (transfer full). Overwrites *engine with
 * its values; program->error has errors. */
RvProgram *rv__vae_record (const RvVae *vae, RvVaePurpose purpose, gint64 batch, RvType type, RvVaeEngine *engine);

/* Overwrites *layout with that of rv_vae_sheet() for @n pictures, at least 1. Returns the integer factor by which
 * pictures are enlarged. */
int rv__vae_sheet_layout (const RvVae *vae, gint64 n, int columns, int gap_px, RvSheetLayout *layout);

#endif
