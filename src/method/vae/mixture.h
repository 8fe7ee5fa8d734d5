/* mixture.h -- mixtures of Gaussians, fitted by expectation maximisation. Layer 6 (method). */
#pragma once

#include <reverie/tensor.h>

#define RV_MIXTURE_MAX_DIMENSIONS 256
#define RV_MIXTURE_MAX_COMPONENTS 100

/* The density p(z) = sum over k of w_k N (z; m_k, L_k L_k^T). Owns its tensors, f32. */
typedef struct {
  RvTensor *weights; /* [K]: w_k, above 0 */
  RvTensor *means;   /* [K, D] */
  RvTensor *factors; /* [K, D, D]: L_k, lower triangular, with a diagonal above 0 */
  double *log_tops;  /* [K]: log (w_k N (m_k; m_k, L_k L_k^T)) */
} RvMixture;

/* (transfer full) (nullable): the mixture of @n_components (1 to RV_MIXTURE_MAX_COMPONENTS) fitted to @z, [@n,
 * @n_dimensions], finite. @n: at least @n_components; @n_dimensions: at most RV_MIXTURE_MAX_DIMENSIONS; both unchecked.
 * The same for the same arguments, with any number of threads. RV_ERROR_NUMBER if the numbers of @z are too large. */
RvMixture *rv__mixture_fit (const float *z, gint64 n, gint64 n_dimensions, int n_components, guint64 seed,
                            GError **error);
/* Frees @mixture (nullable) and its tensors. */
void rv__mixture_free (RvMixture *mixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvMixture, rv__mixture_free)
/* log p(z), nats. @z: [D]. Cannot fail. */
double rv__mixture_log_density (const RvMixture *mixture, const float *z);
/* Writes a sample to @z, [D]: m_k + @temperature L_k @eps. @uniform_01, uniform in [0, 1), selects the component k in
 * proportion to the weights. @eps: [D], numbers of N(0, 1). Cannot fail. */
void rv__mixture_sample (const RvMixture *mixture, double uniform_01, const double *eps, double temperature, float *z);

/* Stores the tensors in @map, which shares them, as prior.weights, prior.means and prior.factors. */
void rv__mixture_to_map (const RvMixture *mixture, RvTensorMap *map);
/* Sets *mixture (transfer full) to the mixture of @n_dimensions in @map, NULL if there is none. RV_ERROR_FORMAT: a
 * tensor is missing, or has another shape or invalid numbers. */
gboolean rv__mixture_from_map (const RvTensorMap *map, gint64 n_dimensions, RvMixture **mixture, GError **error);
