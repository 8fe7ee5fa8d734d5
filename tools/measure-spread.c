/* measure-spread.c -- measure-spread OUT.safetensors NETWORK=WEIGHTS... -- PHOTOGRAPH...
 *
 * Writes OUT, for data/spread.safetensors: the standard deviation of each channel of each layer over photographs,
 * "NETWORK/LAYER", [C]. Dreams weight channels by it (src/method/dream/channel-scale.c). WEIGHTS "builtin": the weights
 * in the library. Photographs are scaled to a shorter side of 224 px. The file in data was made from 903 photographs,
 * one for each of 903 classes of ImageNet. */
#include "method/features.h"
#include <math.h>
#include <reverie/image.h>
#include <reverie/weights.h>
#include <stdio.h>
#include <string.h>

#define SHORT_SIDE_PX 224

typedef struct {
  gint64 n_channels;
  double n, *sum, *squares;
} Moments;

/* Prints the error and ends the program. */
static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "measure-spread: %s: %s\n", what, error ? error->message : "not found");
  exit (1);
}

static RvNet *
load_net (const char *name, const char *weights, GError **error)
{
  if (strcmp (weights, "builtin") == 0)
    return rv_net_new_builtin (error);
  g_autoptr (RvTensorMap) map = rv_weights_load (weights, RV_WEIGHTS_ALL, NULL, error);
  return map ? rv_net_new (name, map, error) : NULL;
}

/* Adds the features, [1, C, height, width], to the sums of each channel. */
static void
add (Moments *moments, const RvTensor *features)
{
  gint64 C = features->shape.dim[1], N = features->shape.dim[2] * features->shape.dim[3];
  if (!moments->sum) {
    *moments = (Moments){ C, 0, g_new0 (double, C), g_new0 (double, C) };
  }
  for (gint64 i = 0; i < C * N; i++) {
    double number = (double) ((const float *) features->data)[i];
    moments->sum[i / N] += number;
    moments->squares[i / N] += number * number;
  }
  moments->n += (double) N;
}

/* Adds the features of a photograph to the moments of each layer. Ends the program on an error. */
static void
measure (const RvNet *net, const char *const *layers, int n_layers, const char *photograph, Moments *moments)
{
  g_autoptr (GError) error = NULL;
  g_autofree RvTensor **features = g_new0 (RvTensor *, n_layers);
  RvImageInfo info;
  if (!rv_image_probe (photograph, &info, &error))
    fail (photograph, error);
  double scale = (double) SHORT_SIDE_PX / MIN (info.width, info.height);
  g_autoptr (RvImage) image =
    rv_image_load (photograph, (int) lrint (info.width * scale), (int) lrint (info.height * scale), &error);
  if (!image || !rv__features (net, NULL, image, layers, n_layers, features, &error))
    fail (photograph, error);
  for (int i = 0; i < n_layers; i++) {
    if (features[i])
      add (&moments[i], features[i]);
    rv_tensor_unref (features[i]);
  }
}

/* Adds the spread of each layer of the network of @argument, "NETWORK=WEIGHTS", to @table. */
static void
measure_net (RvTensorMap *table, char *argument, char **photographs)
{
  g_autoptr (GError) error = NULL;
  char *equals = strchr (argument, '=');
  if (!equals)
    fail (argument, NULL);
  *equals = 0;
  g_autoptr (RvNet) net = load_net (argument, equals + 1, &error);
  if (!net)
    fail (equals + 1, error);
  const char *const *layers = rv_net_layers (argument);
  int n_layers = (int) g_strv_length ((char **) layers);
  g_autofree Moments *moments = g_new0 (Moments, n_layers);
  for (char **photograph = photographs; *photograph; photograph++)
    measure (net, layers, n_layers, *photograph, moments);
  for (int i = 0; i < n_layers; i++) {
    if (!moments[i].sum || strstr (layers[i], "pool"))
      continue;
    g_autofree char *name = g_strconcat (argument, "/", layers[i], NULL);
    RvShape shape = rv_shape (1, moments[i].n_channels);
    g_autoptr (RvTensor) spread = rv_tensor_new (RV_F32, &shape, &error);
    for (gint64 c = 0; c < moments[i].n_channels; c++) {
      double mean = moments[i].sum[c] / moments[i].n;
      ((float *) spread->data)[c] = (float) sqrt (MAX (moments[i].squares[c] / moments[i].n - mean * mean, 0));
    }
    rv_tensor_map_set (table, name, spread);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) table = rv_tensor_map_new ();
  int photographs = 2;
  while (photographs < argc && strcmp (argv[photographs], "--") != 0)
    photographs++;
  if (photographs >= argc - 1)
    fail ("usage: measure-spread OUT.safetensors NETWORK=WEIGHTS... -- PHOTOGRAPH...", NULL);
  for (int i = 2; i < photographs; i++)
    measure_net (table, argv[i], argv + photographs + 1);
  if (!rv_weights_save (table, argv[1], TRUE, &error))
    fail (argv[1], error);
  return 0;
}
