/* verify.c -- checks weights by their activations for one picture. */
#include "base/cancel.h"
#include "base/error.h"
#include "features.h"
#include "tensor/tensor-map.h"
#include <reverie/verify.h>
#include <math.h>
#include <string.h>

#define FINGERPRINT_TOLERANCE 5e-3 /* relative: covers half floats, other kernels, another JPEG decoder */
#define USUAL_LEVEL 1.5            /* mean activation of a trained network's last layers, for any input */
#define LEVEL_SPREAD 2.0           /* standard deviation assumed for the logarithm of the level */

gboolean
rv_weights_check (const RvTensorMap *weights, GError **error)
{
  for (guint i = 0; i < rv_tensor_map_size (weights); i++) {
    const char *name = rv_tensor_map_name (weights, i);
    g_autoptr (RvTensor) f32 =
      rv__check_cancelled (error) ? rv_tensor_to_f32 (rv_tensor_map_get (weights, name), error) : NULL;
    if (!f32)
      return FALSE;
    for (gint64 k = 0; k < rv_tensor_count (f32); k++)
      if (!isfinite (((const float *) f32->data)[k]))
        return rv__error_set (error, RV_ERROR_FORMAT, "'%s' holds a number that is not finite: pictures would be grey",
                              name);
  }
  return TRUE;
}

/* ---- fingerprints ------------------------------------------------------------------------------------------------ */

#define LAKE_WIDTH 288
#define LAKE_HEIGHT 192
extern const guint8 rv__lake[], rv__lake_end[]; /* data/meson.build: a lake between mountains */

/* Computes the activations of @layers, [@n], for the embedded picture. found[i]: (out) (transfer full); NULL if the
 * picture is too small for layer i. @n_threads: 0: one for each physical core. After an error, @found is undefined. */
static gboolean
activations (const RvNet *net, int n_threads, const char *const *layers, int n, RvTensor **found, GError **error)
{
  const RvComputeSettings compute = { .threads = n_threads };
  g_autoptr (GBytes) file = g_bytes_new_static (rv__lake, (gsize) (rv__lake_end - rv__lake));
  g_autoptr (RvImage) lake = rv_image_load_bytes (file, 0, 0, error);
  return lake && rv__features (net, &compute, lake, layers, n, found, error);
}

RvFingerprint
rv_net_fingerprint (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error)
{
  const RvFingerprintLayer *known = rv__net_fingerprint (net);
  const char *layers[RV_N_FINGERPRINT_LAYERS];
  RvTensor *found[RV_N_FINGERPRINT_LAYERS];
  if (!known)
    return RV_FINGERPRINT_UNKNOWN;
  for (int i = 0; i < RV_N_FINGERPRINT_LAYERS; i++)
    layers[i] = known[i].layer;
  rv__cancellable_push (cancellable);
  gboolean ok = activations (net, n_threads, layers, RV_N_FINGERPRINT_LAYERS, found, error);
  rv__cancellable_pop (cancellable);
  if (!ok)
    return RV_FINGERPRINT_UNKNOWN;
  RvFingerprint result = RV_FINGERPRINT_MATCHES;
  for (int i = 0; i < RV_N_FINGERPRINT_LAYERS; i++) {
    double sum = 0;
    gint64 n = rv_tensor_count (found[i]);
    for (gint64 k = 0; k < n; k++)
      sum += (double) ((const float *) found[i]->data)[k] * ((const float *) found[i]->data)[k];
    double rms = sqrt (sum / (double) n);
    g_debug ("fingerprint of %s, %s: %.6g, known %.6g", rv_net_name (net), layers[i], rms, known[i].rms);
    if (!(fabs (rms - known[i].rms) <= FINGERPRINT_TOLERANCE * known[i].rms))
      result = RV_FINGERPRINT_DIFFERS;
    rv_tensor_unref (found[i]);
  }
  return result;
}

/* ---- preprocessing ----------------------------------------------------------------------------------------------- */

/* Candidates. `scale` numbers the ranges of the input values: 0: 255 wide; 1: divided by standard deviations; 2:
 * -1..1. */
static const struct {
  const char *input;
  int scale;
} candidates[] = {
  { "bgr_0_255 minus 103.939,116.779,123.68 divided by 1", 0 },
  { "rgb_0_255 minus 123.68,116.779,103.939 divided by 1", 0 },
  { "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225", 1 },
  { "rgb_0_1 minus 0.5 divided by 0.5", 2 },
};

/* Sets @layers to the last two layers of the network @name that have features at several positions of the embedded
 * picture, the last first; static. Pooling layers, the classes, and a layer of their size do not count. FALSE, without
 * an error: it has fewer. */
static gboolean
last_layers (const char *name, const char *layers[2])
{
  g_autoptr (GArray) all = rv_net_describe (name, LAKE_HEIGHT, LAKE_WIDTH);
  gint64 n_classes = -1;
  int n = 0;
  for (guint i = all->len; i > 0 && n < 2; i--) {
    const RvLayer *layer = &g_array_index (all, RvLayer, i - 1);
    if (strcmp (layer->name, RV_NET_CLASSES) == 0)
      n_classes = layer->channels;
    else if (layer->height * layer->width > 1 && layer->channels != n_classes &&
             !g_str_has_prefix (layer->name, "pool"))
      layers[n++] = layer->name;
  }
  return n == 2;
}

/* Sets *mean and *deviation to the mean and standard deviation of all numbers of @tensor, f32 [1, C, H, W]. Sets
 * *over_positions to the mean over channels of each channel's standard deviation over positions. Cannot fail. */
static void
measure (const RvTensor *tensor, double *mean, double *deviation, double *over_positions)
{
  gint64 channels = tensor->shape.dim[1], plane = tensor->shape.dim[2] * tensor->shape.dim[3];
  double sum = 0, squares = 0;
  *over_positions = 0;
  for (gint64 c = 0; c < channels; c++) {
    const float *x = (const float *) tensor->data + c * plane;
    double own = 0, own_squares = 0;
    for (gint64 p = 0; p < plane; p++) {
      own += x[p];
      own_squares += (double) x[p] * x[p];
    }
    double own_mean = own / (double) plane;
    *over_positions += sqrt (fmax (own_squares / (double) plane - own_mean * own_mean, 0)) / (double) channels;
    sum += own;
    squares += own_squares;
  }
  double count = (double) (channels * plane);
  *mean = sum / count;
  *deviation = sqrt (fmax (squares / count - *mean * *mean, 0));
}

/* Sets level, variation and strength of @trial, as RvPreprocessingTrial describes them. Measured on @net's activations
 * for the embedded picture with the preprocessing trial->input; leaves them 0 for BGR if the network works only with
 * RGB. @layers: the last layer, then the second to last. An error leaves @trial unchanged. */
static gboolean
try_input (const RvNet *net, int n_threads, const char *const layers[2], RvPreprocessingTrial *trial, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv__tensor_map_copy_notes (map, net->weights);
  for (guint i = 0; i < rv_tensor_map_size (net->weights); i++) {
    const char *name = rv_tensor_map_name (net->weights, i);
    rv_tensor_map_set (map, name, rv_tensor_map_get (net->weights, name));
  }
  rv_tensor_map_set_text (map, "preprocessing", trial->input);
  GError *refused = NULL;
  g_autoptr (RvNet) other = rv_net_new (rv_net_name (net), map, &refused);
  if (!trial->is_used && g_error_matches (refused, RV_ERROR, RV_ERROR_FORMAT)) { /* works only with RGB */
    g_error_free (refused);
    return TRUE;
  }
  RvTensor *found[2];
  if (!other)
    return rv__error_propagate (error, refused);
  if (!activations (other, n_threads, layers, 2, found, error))
    return FALSE;
  double means[2], deviations[2], over_positions[2];
  for (int i = 0; i < 2; i++) {
    measure (found[i], &means[i], &deviations[i], &over_positions[i]);
    rv_tensor_unref (found[i]);
  }
  trial->level = means[0];
  trial->variation = means[0] > 0 ? over_positions[0] / means[0] : 0;
  trial->strength = sqrt (deviations[0] * deviations[1]);
  return TRUE;
}

/* Plausibility of the preprocessing of @trial, at least 0; larger is more plausible. Equals trial->variation, the
 * variation of the activations over the picture, times a factor up to 1: 1 if trial->level is USUAL_LEVEL, less if it
 * is far from it. */
static double
plausibility (const RvPreprocessingTrial *trial)
{
  double off = log (fmax (trial->level, 1e-30) / USUAL_LEVEL) / LEVEL_SPREAD;
  return trial->variation * exp (-off * off / 2);
}

/* Whether trial @i is likelier than trial @best: by `strength` if their candidates have the same scale, else by
 * plausibility(). */
static gboolean
is_likelier (const RvPreprocessingTrial *trials, guint i, guint best)
{
  return candidates[i].scale == candidates[best].scale ? trials[i].strength > trials[best].strength
                                                       : plausibility (&trials[i]) > plausibility (&trials[best]);
}

GArray *
rv_net_try_preprocessings (const RvNet *net, int n_threads, GCancellable *cancellable, GError **error)
{
  const char *layers[2];
  guint likeliest = 0;
  if (!last_layers (rv_net_name (net), layers))
    return rv__error_null (error, RV_ERROR_SETTING, "%s has too few layers for this check", rv_net_name (net));
  g_autoptr (GArray) array = g_array_sized_new (FALSE, TRUE, sizeof (RvPreprocessingTrial), G_N_ELEMENTS (candidates));
  g_array_set_size (array, G_N_ELEMENTS (candidates));
  RvPreprocessingTrial *trials = (RvPreprocessingTrial *) (void *) array->data;
  for (guint i = 0; i < array->len; i++) {
    RvPixelSpace space;
    trials[i].input = candidates[i].input;
    trials[i].is_used =
      rv__pixel_space_parse (candidates[i].input, &space) && rv__pixel_space_near (&net->pixel_space, &space);
    rv__cancellable_push (cancellable);
    gboolean ok = try_input (net, n_threads, layers, &trials[i], error);
    rv__cancellable_pop (cancellable);
    if (!ok)
      return NULL;
    if (is_likelier (trials, i, likeliest))
      likeliest = i;
  }
  trials[likeliest].is_likeliest = plausibility (&trials[likeliest]) > 0;
  return g_steal_pointer (&array);
}
