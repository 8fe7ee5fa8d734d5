/* channel-scale.c -- divides channels by their standard deviation over photographs, so that channels with small numbers
 * count as much as others.
 *
 *   A' = A / (sd + 0.1 mean over channels of sd),   sd: standard deviation of each channel over photographs
 *
 * data/spread.safetensors has sd for some networks (from tools/measure-spread.c), for any weights of them. For other
 * networks, sd is measured on the picture. */
#include "io/image/frame.h"
#include "method/builtin-weights.h"
#include "method/dream/dream-internal.h"
#include "method/features.h"
#include <math.h>
#include <string.h>

#define PART_OF_MEAN 0.1
#define MEASURED_PX 512 /* longest side of the picture for measuring */
#define SMALLEST_SD 1e-12

/* Spread of each channel from the table, [@n_channels]. (transfer full) (nullable): freed by g_free(). NULL: the table
 * lacks this network or layer, or has another number of channels. */
static double *
known_spread (const RvNet *net, const char *layer, gint64 n_channels)
{
  g_autofree char *name = g_strconcat (rv_net_name (net), "/", layer, NULL);
  const RvTensor *tensor = rv_tensor_map_get (rv__builtin_spread (), name);
  if (!tensor || tensor->type != RV_F32 || rv_tensor_count (tensor) != n_channels)
    return NULL;
  double *spread = g_new (double, n_channels);
  for (gint64 c = 0; c < n_channels; c++)
    spread[c] = (double) ((const float *) tensor->data)[c];
  return spread;
}

/* Standard deviation of each channel over the positions of @features, f32 [1, C, H, W]: [C]. (transfer full): freed by
 * g_free(). Cannot fail. */
static double *
measured_spread (const RvTensor *features)
{
  gint64 C = features->shape.dim[1], N = features->shape.dim[2] * features->shape.dim[3];
  double *spread = g_new (double, C);
  for (gint64 c = 0; c < C; c++) {
    const float *row = (const float *) features->data + c * N;
    double sum = 0, squares = 0;
    for (gint64 p = 0; p < N; p++) {
      sum += (double) row[p];
      squares += (double) row[p] * (double) row[p];
    }
    spread[c] = sqrt (MAX (squares / (double) N - sum / (double) N * (sum / (double) N), 0));
  }
  return spread;
}

/* Divides the term's channel weights (created as 1 if there are none) by @spread, [n_channels], plus PART_OF_MEAN of
 * its mean. For losses on products of features it divides by the square. Cannot fail. */
static void
divide_weights (RvTerm *term, const double *spread, guint n_channels)
{
  double mean = 0;
  for (guint c = 0; c < n_channels; c++)
    mean += spread[c] / (double) n_channels;
  if (!term->channel_weights) {
    term->channel_weights = g_new (double, n_channels);
    for (guint c = 0; c < n_channels; c++)
      term->channel_weights[c] = 1;
  }
  for (guint c = 0; c < n_channels; c++) {
    double weight = 1 / MAX (spread[c] + PART_OF_MEAN * mean, SMALLEST_SD);
    term->channel_weights[c] *= term->loss->of_products ? weight * weight : weight;
  }
}

gboolean
rv__dream_scale_channels (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *image,
                          GError **error)
{
  for (guint i = 0; i < terms->len; i++) {
    RvTerm *term = &g_array_index (terms, RvTerm, i);
    const char *layer = term->layer;
    gint64 n_channels = rv__net_n_channels (rv_net_name (net), layer);
    if (net->class_std && strcmp (layer, RV_NET_CLASSES) == 0) /* the class map is in standard deviations already */
      continue;
    g_autofree double *spread = known_spread (net, layer, n_channels);
    if (!spread) {
      double scale = MIN (1, (double) MEASURED_PX / MAX (image->width, image->height));
      g_autoptr (RvImage) small = rv__image_scale (image, scale, error);
      g_autoptr (RvTensor) features = NULL;
      if (!small || !rv__features (net, compute, small, &layer, 1, &features, error))
        return FALSE;
      if (!features) /* the picture is too small for the layer, and so are all octaves */
        continue;
      spread = measured_spread (features);
    }
    divide_weights (term, spread, (guint) n_channels);
  }
  return TRUE;
}
