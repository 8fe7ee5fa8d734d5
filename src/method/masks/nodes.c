/* nodes.c -- features of the built-in network at positions of a picture, for masks. */
#include "base/dot.h"
#include "masks.h"
#include "method/features.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define SIDE_PX 320 /* longer side of the picture that the network reads */
#define STRIDE_PX 8 /* between neighbouring positions */

RV_DEFINE_DOT (dot, float)

/* Appends C features of each node to nodes->features, which is reallocated: the activations of @layer, f32 [1, C, H,
 * W], resized to the nodes; their square roots minus the mean over the nodes, scaled to a vector of length @weight. */
static void
add_layer (RvMaskNodes *nodes, const RvTensor *layer, float weight)
{
  int channels = (int) layer->shape.dim[1], n = nodes->n, stride = nodes->n_features;
  float *planes = g_new (float, (gsize) channels *n);
  rv__resize_planes (layer->data, channels, (int) layer->shape.dim[2], (int) layer->shape.dim[3], RV_RESIZE_BILINEAR,
                     planes, nodes->height, nodes->width);
  nodes->n_features += channels;
  float *joined = g_new (float, (gsize) nodes->n_features *n);
  for (int c = 0; c < channels; c++) {
    double mean = 0;
    for (int i = 0; i < n; i++) {
      planes[c * n + i] = sqrtf (MAX (planes[c * n + i], 0));
      mean += (double) planes[c * n + i] / n;
    }
    for (int i = 0; i < n; i++)
      joined[i * nodes->n_features + stride + c] = planes[c * n + i] - (float) mean;
  }
  for (int i = 0; i < n; i++) {
    float *one = joined + i * nodes->n_features;
    float factor = weight / (sqrtf ((float) dot (one + stride, one + stride, channels)) + 1e-6f);
    for (int c = 0; c < channels; c++)
      one[stride + c] *= factor;
    if (stride > 0)
      memcpy (one, nodes->features + i * stride, (gsize) stride * sizeof (float));
  }
  g_free (nodes->features);
  g_free (planes);
  nodes->features = joined;
}

gboolean
rv__mask_nodes (const RvImage *picture, int n_threads, RvMaskNodes *nodes, GError **error)
{
  static const char *const layers[] = { "conv4_3", "conv5_2" };
  const RvComputeSettings compute = { .threads = n_threads, .exact = TRUE, .backend = (char *) "cpu" };
  RvTensor *features[G_N_ELEMENTS (layers)];
  g_autoptr (RvNet) net = rv_net_new_builtin (error);
  g_autoptr (RvImage) image = net ? rv__mask_shrink (picture, SIDE_PX, 2 * STRIDE_PX, error) : NULL;
  if (!image || !rv__features (net, &compute, image, layers, G_N_ELEMENTS (layers), features, error))
    return FALSE;
  *nodes = (RvMaskNodes){ .width = image->width / STRIDE_PX, .height = image->height / STRIDE_PX };
  nodes->n = nodes->width * nodes->height;
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++) {
    add_layer (nodes, features[i], sqrtf (1.0f / G_N_ELEMENTS (layers)));
    rv_tensor_unref (features[i]);
  }
  return TRUE;
}
