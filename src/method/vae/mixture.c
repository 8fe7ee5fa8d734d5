/* mixture.c -- mixtures of Gaussians with full covariances (Dempster, Laird, Rubin 1977).
 *
 *   start   means by k-means++ (Arthur, Vassilvitskii 2007); each vector belongs to the nearest
 *   E       r_nk = w_k N (z_n; m_k, C_k) / p(z_n)
 *   M       w_k = sum of r_nk / n;  m_k, C_k: mean and covariance with the weights r_nk;  C_k + RIDGE I = L_k L_k^T
 *
 * The steps repeat until the mean log-likelihood rises by less than TOLERANCE nats. Parameters are f32, sums double and
 * in a fixed order. */
#include "method/vae/mixture.h"
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include <math.h>

#define RIDGE 1e-6 /* as scikit-learn's reg_covar */
#define TOLERANCE 1e-4
#define MAX_ITERATIONS 100
#define STREAM 17 /* random numbers of k-means++; a VAE has the streams before */

static const char *const names[] = { "prior.weights", "prior.means", "prior.factors" };

/* ---- densities --------------------------------------------------------------------------------------------------- */

/* Number D of dimensions of @mixture. */
static gint64
n_dimensions_of (const RvMixture *mixture)
{
  return mixture->means->shape.dim[1];
}

/* Number K of components of @mixture. */
static int
n_components_of (const RvMixture *mixture)
{
  return (int) mixture->means->shape.dim[0];
}

/* log (w_k N (z; m_k, L_k L_k^T)), nats, of component @k at @z, [D]. Solves L_k y = z - m_k. */
RV_CLONES static double
log_part (const RvMixture *mixture, int k, const float *z)
{
  gint64 D = n_dimensions_of (mixture);
  const float *mean = (const float *) mixture->means->data + k * D,
              *factor = (const float *) mixture->factors->data + k * D * D;
  double y[RV_MIXTURE_MAX_DIMENSIONS], squares = 0;
  for (gint64 i = 0; i < D; i++) {
    const float *row = factor + i * D;
    double known = 0;
#pragma omp simd reduction(+ : known)
    for (gint64 j = 0; j < i; j++)
      known += row[j] * y[j];
    y[i] = ((double) z[i] - mean[i] - known) / row[i];
    squares += y[i] * y[i];
  }
  return mixture->log_tops[k] - squares / 2;
}

/* Sets mixture->log_tops[@k] = log (w_k N (m_k; m_k, L_k L_k^T)) from the weight and the factor L_k of component
 * @k. Call it after each change of them. */
static void
set_log_top (RvMixture *mixture, int k)
{
  gint64 D = n_dimensions_of (mixture);
  const float *factor = (const float *) mixture->factors->data + k * D * D;
  double log_top = log (((const float *) mixture->weights->data)[k]) - (double) D / 2 * log (2 * G_PI);
  for (gint64 i = 0; i < D; i++)
    log_top -= log (factor[i * D + i]);
  mixture->log_tops[k] = log_top;
}

/* Logarithm of the sum of exp (parts[k]) over the @K numbers of @parts, without overflow; -INFINITY if all are. */
static double
log_sum (const double *parts, int K)
{
  double largest = -INFINITY, sum = 0;
  for (int k = 0; k < K; k++)
    largest = MAX (largest, parts[k]);
  for (int k = 0; k < K; k++)
    sum += exp (parts[k] - largest);
  return isinf (largest) ? largest : largest + log (sum);
}

double
rv__mixture_log_density (const RvMixture *mixture, const float *z)
{
  double parts[RV_MIXTURE_MAX_COMPONENTS];
  for (int k = 0; k < n_components_of (mixture); k++)
    parts[k] = log_part (mixture, k, z);
  return log_sum (parts, n_components_of (mixture));
}

void
rv__mixture_sample (const RvMixture *mixture, double uniform_01, const double *eps, double temperature, float *z)
{
  gint64 D = n_dimensions_of (mixture);
  int k = 0, last = n_components_of (mixture) - 1;
  for (double rest = uniform_01; k < last; k++)
    if ((rest -= ((const float *) mixture->weights->data)[k]) < 0)
      break;
  const float *mean = (const float *) mixture->means->data + k * D,
              *factor = (const float *) mixture->factors->data + k * D * D;
  for (gint64 i = 0; i < D; i++) {
    double sum = 0;
    for (gint64 j = 0; j <= i; j++)
      sum += factor[i * D + j] * eps[j];
    z[i] = (float) (mean[i] + temperature * sum);
  }
}

/* ---- fit --------------------------------------------------------------------------------------------------------- */

/* Vectors to which a mixture is fitted. */
typedef struct {
  RvMixture *mixture;
  const float *z; /* [n, D] */
  gint64 n, D;
  int K;
  double *parts; /* [n, K]: log_part(), then r_nk */
} Fit;

/* Chooses K vectors as means by k-means++ and sets fit->parts, r_nk: 1 for the mean nearest to z_n, else 0. */
static gboolean
start (const Fit *fit, guint64 seed, GError **error)
{
  g_autofree double *distance = g_new (double, fit->n); /* squared, to the nearest mean so far */
  g_autofree int *nearest = g_new0 (int, fit->n);
  for (gint64 i = 0; i < fit->n; i++)
    distance[i] = INFINITY;
  double total = 0;
  for (int k = 0; k < fit->K; k++) {
    double u = rv__random_uniform_01 (seed, STREAM, (guint64) k);
    gint64 chosen = (gint64) (u * (double) fit->n);
    if (k > 0 && total > 0) {
      double rest = u * total;
      for (chosen = 0; chosen < fit->n - 1 && (rest -= distance[chosen]) >= 0;)
        chosen++;
    }
    if (!rv__check_cancelled (error))
      return FALSE;
#pragma omp parallel for schedule(static)
    for (gint64 i = 0; i < fit->n; i++) {
      double sum = 0;
      for (gint64 j = 0; j < fit->D; j++) {
        double d = (double) fit->z[i * fit->D + j] - fit->z[chosen * fit->D + j];
        sum += d * d;
      }
      if (sum < distance[i])
        distance[i] = sum, nearest[i] = k;
    }
    total = 0;
    for (gint64 i = 0; i < fit->n; i++)
      total += distance[i];
  }
  for (gint64 i = 0; i < fit->n; i++)
    for (int k = 0; k < fit->K; k++)
      fit->parts[i * fit->K + k] = nearest[i] == k;
  return TRUE;
}

/* E step: overwrites fit->parts with r_nk, and *likelihood with the mean of log p(z_n), nats. After an error
 * fit->parts is undefined. */
static gboolean
expect (const Fit *fit, double *likelihood, GError **error)
{
  g_autofree double *logs = g_new (double, fit->n);
  for (int k = 0; k < fit->K; k++) {
    if (!rv__check_cancelled (error))
      return FALSE;
#pragma omp parallel for schedule(static)
    for (gint64 i = 0; i < fit->n; i++)
      fit->parts[i * fit->K + k] = log_part (fit->mixture, k, fit->z + i * fit->D);
  }
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < fit->n; i++) {
    logs[i] = log_sum (fit->parts + i * fit->K, fit->K);
    for (int k = 0; k < fit->K; k++)
      fit->parts[i * fit->K + k] = exp (fit->parts[i * fit->K + k] - logs[i]);
  }
  *likelihood = 0;
  for (gint64 i = 0; i < fit->n; i++)
    *likelihood += logs[i] / (double) fit->n;
  return TRUE;
}

/* Overwrites the lower triangle of @matrix, [D, D], symmetric and positive definite, with its Cholesky factor. */
static void
factorise (double *matrix, gint64 D)
{
  for (gint64 i = 0; i < D; i++)
    for (gint64 j = 0; j <= i; j++) {
      double sum = matrix[i * D + j];
      for (gint64 l = 0; l < j; l++)
        sum -= matrix[i * D + l] * matrix[j * D + l];
      matrix[i * D + j] = i == j ? sqrt (MAX (sum, RIDGE)) : sum / matrix[j * D + j];
    }
}

/* M step: overwrites weight, mean, factor and log_tops of component @k from r_nk. @covariance: workspace, [D, D]. */
static void
maximise (const Fit *fit, int k, double *covariance)
{
  gint64 n = fit->n, D = fit->D;
  float *mean = (float *) fit->mixture->means->data + k * D,
        *factor = (float *) fit->mixture->factors->data + k * D * D;
  double total = 1e-15; /* avoids a division by 0 */
  for (gint64 i = 0; i < n; i++)
    total += fit->parts[i * fit->K + k];
  ((float *) fit->mixture->weights->data)[k] = (float) (total / (double) n);
#pragma omp parallel for schedule(static)
  for (gint64 a = 0; a < D; a++) {
    double sum = 0;
    for (gint64 i = 0; i < n; i++)
      sum += fit->parts[i * fit->K + k] * fit->z[i * D + a];
    mean[a] = (float) (sum / total);
  }
#pragma omp parallel for schedule(dynamic)
  for (gint64 a = 0; a < D; a++) {
    double *row = covariance + a * D;
    for (gint64 b = 0; b <= a; b++)
      row[b] = a == b ? RIDGE * total : 0;
    for (gint64 i = 0; i < n; i++) {
      const float *z = fit->z + i * D;
      double d = fit->parts[i * fit->K + k] * ((double) z[a] - mean[a]);
      for (gint64 b = 0; b <= a; b++)
        row[b] += d * ((double) z[b] - mean[b]);
    }
    for (gint64 b = 0; b <= a; b++)
      row[b] /= total;
  }
  factorise (covariance, D);
  for (gint64 a = 0; a < D; a++)
    for (gint64 b = 0; b < D; b++)
      factor[a * D + b] = b <= a ? (float) covariance[a * D + b] : 0;
  set_log_top (fit->mixture, k);
}

/* (transfer full) (nullable): a mixture of zeros. */
static RvMixture *
mixture_new (gint64 K, gint64 D, GError **error)
{
  g_autoptr (RvMixture) mixture = g_new0 (RvMixture, 1);
  mixture->log_tops = g_new0 (double, K);
  const RvShape weights = rv_shape (1, K), means = rv_shape (2, K, D), factors = rv_shape (3, K, D, D);
  if (!(mixture->weights = rv_tensor_new (RV_F32, &weights, error)) ||
      !(mixture->means = rv_tensor_new (RV_F32, &means, error)) ||
      !(mixture->factors = rv_tensor_new (RV_F32, &factors, error)))
    return NULL;
  return g_steal_pointer (&mixture);
}

/* Whether all numbers are finite, and weights and diagonals above 0. */
static gboolean
is_valid (const RvMixture *mixture)
{
  gint64 D = n_dimensions_of (mixture), K = n_components_of (mixture);
  const float *factors = mixture->factors->data, *means = mixture->means->data, *weights = mixture->weights->data;
  for (gint64 k = 0; k < K; k++)
    if (!(weights[k] > 0) || !isfinite (weights[k]))
      return FALSE;
  for (gint64 i = 0; i < K * D; i++)
    if (!isfinite (means[i]) || !(factors[i * D + i % D] > 0))
      return FALSE;
  for (gint64 i = 0; i < K * D * D; i++)
    if (!isfinite (factors[i]))
      return FALSE;
  return TRUE;
}

RvMixture *
rv__mixture_fit (const float *z, gint64 n, gint64 n_dimensions, int n_components, guint64 seed, GError **error)
{
  gint64 D = n_dimensions;
  g_autoptr (RvMixture) mixture = mixture_new (n_components, D, error);
  g_autofree double *covariance = g_new (double, D *D);
  Fit fit = { mixture, z, n, D, n_components, NULL };
  if (!mixture || !(fit.parts = rv__alloc ((gsize) n * (gsize) n_components * sizeof (double), "a mixture", error)))
    return NULL;
  gboolean ok = start (&fit, seed, error);
  double before = -INFINITY, likelihood = 0;
  for (int i = 0; ok && i < MAX_ITERATIONS; i++) {
    for (int k = 0; ok && k < fit.K; k++) {
      maximise (&fit, k, covariance);
      ok = rv__check_cancelled (error);
    }
    ok = ok && expect (&fit, &likelihood, error);
    if (likelihood - before < TOLERANCE)
      break;
    before = likelihood;
  }
  rv__free (fit.parts);
  if (ok && !is_valid (mixture))
    return rv__error_null (error, RV_ERROR_NUMBER,
                           "no Gaussians fit the latent vectors, which are too large; 'prior' "
                           "normal needs none");
  return ok ? g_steal_pointer (&mixture) : NULL;
}

void
rv__mixture_free (RvMixture *mixture)
{
  if (!mixture)
    return;
  rv_tensor_unref (mixture->weights);
  rv_tensor_unref (mixture->means);
  rv_tensor_unref (mixture->factors);
  g_free (mixture->log_tops);
  g_free (mixture);
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

void
rv__mixture_to_map (const RvMixture *mixture, RvTensorMap *map)
{
  RvTensor *const tensors[] = { mixture->weights, mixture->means, mixture->factors };
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    rv_tensor_map_set (map, names[i], tensors[i]);
}

gboolean
rv__mixture_from_map (const RvTensorMap *map, gint64 n_dimensions, RvMixture **mixture, GError **error)
{
  const RvTensor *stored[G_N_ELEMENTS (names)];
  g_autoptr (RvMixture) new = g_new0 (RvMixture, 1);
  RvTensor **tensors[] = { &new->weights, &new->means, &new->factors };
  *mixture = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    stored[i] = rv_tensor_map_get (map, names[i]);
  if (!stored[0])
    return TRUE;
  gint64 D = n_dimensions, K = rv_tensor_count (stored[0]);
  const RvShape shapes[] = { rv_shape (1, K), rv_shape (2, K, D), rv_shape (3, K, D, D) };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (!stored[i] || K < 1 || K > RV_MIXTURE_MAX_COMPONENTS || D > RV_MIXTURE_MAX_DIMENSIONS ||
        !rv_shape_equal (&stored[i]->shape, &shapes[i]))
      return rv__error_set (error, RV_ERROR_FORMAT, "the model's prior is damaged: %s", names[i]);
    if (!(*tensors[i] = rv_tensor_to_f32 (stored[i], error)))
      return FALSE;
  }
  if (!is_valid (new))
    return rv__error_set (error, RV_ERROR_FORMAT, "the model's prior is damaged: its numbers are invalid");
  new->log_tops = g_new (double, K);
  for (int k = 0; k < K; k++)
    set_log_top (new, k);
  *mixture = g_steal_pointer (&new);
  return TRUE;
}
