/* resnet50.c -- ResNet50 of Keras: 53 convolutions with biases and batch norm, in bottlenecks with shortcuts.
 *
 * He et al. 2015, "Deep residual learning for image recognition". Without the dense layer. Layers: conv1_conv,
 * conv2_block1_1_conv ... after their ReLU, and conv2_block1_out ..., the sum of bottleneck and shortcut after its
 * ReLU. */
#include "net.h"

#define EPSILON 1.001e-5
#define WIDER 4 /* channels of a bottleneck's last convolution / channels of its other convolutions */

static const struct {
  int blocks, channels;
} stages[] = { { 3, 64 }, { 4, 128 }, { 6, 256 }, { 3, 512 } };

/* Records the convolution BLOCK_conv with its batch norm BLOCK_bn, then ReLU unless @linear, by rv__net_conv_norm().
 * Returns its value; -1 if builder->done is set, or after an error, in program->error. */
static int
conv (RvNetBuilder *builder, const char *block, int x, int channels, int kernel, int stride, int pad, gboolean linear)
{
  g_autofree char *name = g_strconcat (block, "_conv", NULL), *norm = g_strconcat (block, "_bn", NULL);
  return rv__net_conv_norm (builder, x,
                            &(RvConvNorm){ .conv = name,
                                           .norm = norm,
                                           .out_channels = channels,
                                           .rows = kernel,
                                           .cols = kernel,
                                           .stride = stride,
                                           .pad = { pad, pad, pad, pad },
                                           .epsilon = EPSILON,
                                           .gamma = TRUE,
                                           .bias = TRUE,
                                           .linear = linear });
}

static int
bottleneck (RvNetBuilder *builder, const char *name, int x, int channels, int stride, gboolean first)
{
  g_autofree char *zero = g_strconcat (name, "_0", NULL), *one = g_strconcat (name, "_1", NULL);
  g_autofree char *two = g_strconcat (name, "_2", NULL), *three = g_strconcat (name, "_3", NULL);
  g_autofree char *out = g_strconcat (name, "_out", NULL);
  int shortcut = first ? conv (builder, zero, x, WIDER * channels, 1, stride, 0, TRUE) : x;
  x = conv (builder, one, x, channels, 1, stride, 0, FALSE);
  x = conv (builder, two, x, channels, 3, 1, 1, FALSE);
  x = conv (builder, three, x, WIDER * channels, 1, 1, 0, TRUE);
  return rv__net_relu (builder, out, builder->done ? -1 : rv__add (builder->program, shortcut, x));
}

static void
build (RvNetBuilder *builder, int x)
{
  x = conv (builder, "conv1", x, 64, 7, 2, 3, FALSE);
  x = rv__net_pool (builder, "pool1", rv__net_pad (builder, x), 3, 2, RV_POOLING_MAX);
  for (guint s = 0; s < G_N_ELEMENTS (stages); s++)
    for (int b = 0; b < stages[s].blocks; b++) {
      g_autofree char *name = g_strdup_printf ("conv%u_block%d", s + 2, b + 1);
      x = bottleneck (builder, name, x, stages[s].channels, s > 0 && b == 0 ? 2 : 1, b == 0);
    }
}

static const RvWeightsNaming namings[] = {
  { "Keras", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  { NULL },
};

static const char *const files[] = {
  "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
  NULL,
};

const RvNetClass rv__net_resnet50 = {
  .name = "resnet50",
  .summary = "ResNet50, ImageNet: residual bottlenecks",
  .source = "He et al. 2015",
  .good_for = "dreams in another manner",
  .namings = namings,
  .files = files,
  .looks = { "conv3_block4_out:1,conv4_block3_out:2,conv4_block6_out:1", "conv2_block3_out:2,conv3_block2_out:1",
             "conv4_block6_out:1,conv5_block1_out:2,conv5_block3_out:2",
             "conv3_block4_out:1,conv4_block2_out:1.5,conv4_block4_out:2,conv4_block6_out:2.5",
             "conv4_block6_out:1,conv5_block1_out:1", "conv5_block1_out", "conv4_block3_out:1,conv3_block4_out:0.5",
             "conv5_block3_out", "conv4_block6_out:1,conv5_block1_out:1", "conv4_block6_out:1,conv5_block1_out:1" },
  .content_layers = "conv4_block2_out",
  .style_layers = "conv1_conv,conv2_block3_out,conv3_block4_out:0.5,conv4_block2_out:0.25",
  .matching_layers = "conv2_block3_out,conv3_block2_out,conv3_block4_out",
  .build = build,
};
