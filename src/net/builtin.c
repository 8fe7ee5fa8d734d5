/* builtin.c -- the built-in network: VGG-shaped and small; docs/builtin-network.md.
 *
 * 3 x 3 convolutions of stride 1 with ReLU, 2 x 2 average pooling, and a class map by a 1 x 1 convolution. Trained for
 * this project by distillation from SqueezeNet v1.1. The library contains its weights, int8 with one scale for each
 * output channel. Every layer is scaled to a mean activation of 1 over photographs. */
#include "net.h"

/* Convolutions; channels 0: a pooling. */
static const struct {
  const char *name;
  int channels;
} rows[] = {
  { "conv1_1", 32 },  { "conv1_2", 32 }, { "pool1", 0 },     { "conv2_1", 64 },
  { "conv2_2", 64 },  { "pool2", 0 },    { "conv3_1", 128 }, { "conv3_2", 128 },
  { "conv3_3", 128 }, { "pool3", 0 },    { "conv4_1", 256 }, { "conv4_2", 256 },
  { "conv4_3", 256 }, { "pool4", 0 },    { "conv5_1", 320 }, { "conv5_2", 320 },
};

#define N_CLASSES 1000

static const RvWeightsNaming namings[] = {
  { "Reverie", "rgb_0_255 minus 123.68,116.779,103.939 divided by 58",
    .fingerprint = { { "conv3_3", 1.96831 }, { "conv5_2", 2.42127 } } },
  { NULL },
};

static void
build (RvNetBuilder *builder, int x)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    x = rows[i].channels ? rv__net_conv (builder, rows[i].name, x, rows[i].channels, 3, 1, 1)
                         : rv__net_pool (builder, rows[i].name, x, 2, 2, RV_POOLING_AVERAGE);
  rv__net_linear_conv (builder, "class", "class", x, N_CLASSES, 1, 1, 0);
}

const RvNetClass rv__net_builtin = {
  .name = "builtin",
  .summary = "part of the program: 13 convolutions, quick, good for style transfer and dreams",
  .source = "trained for Reverie; docs/builtin-network.md",
  .good_for = "style and dreams, at once",
  .namings = namings,
  .looks = { "conv4_3:1,conv5_1:2", "conv3_1:1,conv3_3:1", "conv5_1:1,conv5_2:3",
             "conv4_2:1,conv4_3:1.5,conv5_1:2,conv5_2:2.5", "class", "conv5_2", "conv5_1:1,conv4_3:0.5", "class",
             "class", "class" },
  .content_layers = "conv4_2",
  .style_layers = "conv1_1:1,conv2_1:1,conv3_1:1,conv4_1:0.5,conv5_1:0.25",
  .matching_layers = "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3",
  .build = build,
};
