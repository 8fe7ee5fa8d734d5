/* vae-internal.h -- what the parts of a VAE share: the model, and the programs recorded from it.
 * Layer 6 (method). May include: graph, backend, op, io, tensor, base. */
#ifndef RV_VAE_INTERNAL_H
#define RV_VAE_INTERNAL_H

#include "backend/backend.h"
#include "io/image/sheet.h"
#include "method/train/parameters.h"
#include "method/vae/settings.h"
#include "method/vae/train.h"

struct _RvVae {
  RvSettings *named;       /* the settings by name, and where they lie: without zeros */
  RvVaeSettings *settings; /* in those */
  int channels, height, width;
  RvParameters *parameters; /* in the order of the program; log_sigma, which it has not, the last */
  GHashTable *notes;
  GCancellable *cancellable; /* of its programs from now on; NULL: nobody cancels */
};

/* The streams of random numbers, all functions of the seed and an index. */
enum { RV_VAE_INIT_STREAM = 10, RV_VAE_EPS_STREAM, RV_VAE_SHUFFLE_STREAM, RV_VAE_BINARIZE_STREAM, RV_VAE_PRIOR_STREAM };

gint64 rv__vae_pixels (const RvVae *vae); /* in one picture, over all channels */
int rv__vae_threads (const RvVae *vae);   /* to compute with */
gboolean rv__vae_is_gaussian (const RvVae *vae);
gboolean rv__vae_learns_sigma (const RvVae *vae);
/* rv__vae_log_sigma: the parameter, when sigma is learned; else NULL. Borrowed. */
RvTensor *rv__vae_log_sigma (const RvVae *vae);
/* rv__vae_nats: -log p(x|z) of a sample whose reconstruction sum (vae-engine) is @sum. */
double rv__vae_nats (const RvVae *vae, double sum);

/* rv__vae_load_pixels: @n pictures as numbers in 0..1, binarized as the model's settings say; @index of each in the
 * dataset, NULL: they lie in order from @first on. @epoch counts for dynamic binarization. */
void rv__vae_load_pixels (const RvVae *vae, const guint8 *pixels, const gint64 *index, gint64 first, gint64 n,
                          gint64 epoch, float *to);

/* What a program is for. */
typedef enum {
  RV_VAE_TRAIN,   /* x, eps to sums and gradients; the parameters can be set */
  RV_VAE_SCORE,   /* x, eps to sums, mu and logvar */
  RV_VAE_ENCODE,  /* x to mu and logvar */
  RV_VAE_DECODE,  /* z to pixels */
  RV_VAE_EXPLAIN, /* x, z to the reconstruction's sums */
} RvVaePurpose;

/* One compiled program for batches of @batch; values of -1 are not part of it. */
typedef struct {
  RvExecutable *executable;
  gint64 batch;
  int x, eps, z, mu, logvar, pixels;
  int reconstruction, kl;           /* [batch] each; reconstruction: of the Bernoulli likelihood nats, else the squared
                                       error */
  int grad_reconstruction, grad_kl; /* of RV_VAE_TRAIN: set from outside */
  RvParameterValues *trained;       /* of RV_VAE_TRAIN */
  float **data;                     /* of each value that is mapped, but for these */
} RvVaeEngine;

RvVaeEngine *rv__vae_engine_new (const RvVae *vae, RvVaePurpose purpose, gint64 batch, GError **error);
void rv__vae_engine_free (RvVaeEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeEngine, rv__vae_engine_free)
/* rv__vae_engine_data: where a value that the program is given, or keeps, lies on the host, row-major. _forward,
 * _backward: bring what it is given there to the backend, run that part, and bring back what it keeps. */
float *rv__vae_engine_data (const RvVaeEngine *engine, int value);
gboolean rv__vae_engine_forward (const RvVaeEngine *engine, GError **error);
gboolean rv__vae_engine_backward (const RvVaeEngine *engine, GError **error);

/* rv__vae_record: the same program, recorded and differentiated but not planned, in @type: for tests. */
RvProgram *rv__vae_record (const RvVae *vae, RvVaePurpose purpose, gint64 batch, RvType type, RvVaeEngine *engine);

/* rv__vae_sheet_layout: of rv_vae_sheet(), where @n is 1 or more; returns by how much each picture is enlarged. */
int rv__vae_sheet_layout (const RvVae *vae, gint64 n, int columns, int gap_px, RvSheetLayout *layout);

#endif
