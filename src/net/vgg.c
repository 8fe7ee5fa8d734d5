/* vgg.c -- VGG16 and VGG19: five blocks of 3 x 3 convolutions with ReLU, each followed by 2 x 2 pooling.
 *
 * Simonyan, Zisserman 2014, "Very deep convolutional networks for large-scale image recognition", configurations D and
 * E: 13 and 16 convolutions. Without the dense layers. */
#include "net.h"

#define N_BLOCKS 5

/* Preprocessing of the published weights: Keras has Oxford's, from Caffe; torchvision trained its own. */
#define OXFORD_INPUT "bgr_0_255 minus 103.939,116.779,123.68 divided by 1"
#define TORCHVISION_INPUT "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"

static void
build_blocks (RvNetBuilder *builder, int x, const int n_convs[N_BLOCKS])
{
  static const int channels[N_BLOCKS] = { 64, 128, 256, 512, 512 };
  for (int block = 0; block < N_BLOCKS; block++) {
    for (int i = 0; i < n_convs[block]; i++) {
      g_autofree char *name = g_strdup_printf ("conv%d_%d", block + 1, i + 1);
      x = rv__net_conv (builder, name, x, channels[block], 3, 1, 1);
    }
    g_autofree char *name = g_strdup_printf ("pool%d", block + 1);
    x = rv__net_pool (builder, name, x, 2, 2, RV_POOLING_MAX);
  }
}

/* ---- VGG16 ------------------------------------------------------------------------------------------------------- */

static const char *const keras16[] = {
  "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2", "block3_conv3",
  "block4_conv1", "block4_conv2", "block4_conv3", "block5_conv1", "block5_conv2", "block5_conv3",
};

static const char *const torchvision16[] = {
  "features.0",  "features.2",  "features.5",  "features.7",  "features.10", "features.12", "features.14",
  "features.17", "features.19", "features.21", "features.24", "features.26", "features.28",
};

static const RvWeightsNaming namings16[] = {
  { "Reverie" },
  { "Keras", OXFORD_INPUT, keras16 },
  { "Keras, by order", OXFORD_INPUT, .stem = "layers.conv2d_" },
  { "torchvision", TORCHVISION_INPUT, torchvision16 },
  { NULL },
};

static const char *const files16[] = {
  "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
  "vgg16-397923af.pth",
  NULL,
};

static void
build16 (RvNetBuilder *builder, int x)
{
  build_blocks (builder, x, (const int[]){ 2, 2, 3, 3, 3 });
}

const RvNetClass rv__net_vgg16 = {
  .name = "vgg16",
  .summary = "VGG16, ImageNet: 13 convolutions",
  .source = "Simonyan, Zisserman 2014",
  .good_for = "style, a little lighter; dreams",
  .namings = namings16,
  .files = files16,
  .looks = { "conv4_2:1,conv4_3:2,conv5_1:1", "conv3_1:2,conv3_3:1", "conv5_1:1,conv5_2:2,conv5_3:3",
             "conv4_3:1,conv5_1:1.5,conv5_3:2", "conv5_2:1,conv5_3:1", "conv5_3", "conv5_1:1,conv4_3:0.5", "conv5_3",
             "conv5_2:1,conv5_3:1", "conv5_2:1,conv5_3:1" },
  .content_layers = "conv4_2",
  .style_layers = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",
  .matching_layers = "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3",
  .build = build16,
};

/* ---- VGG19 ------------------------------------------------------------------------------------------------------- */

static const char *const keras19[] = {
  "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2",
  "block3_conv3", "block3_conv4", "block4_conv1", "block4_conv2", "block4_conv3", "block4_conv4",
  "block5_conv1", "block5_conv2", "block5_conv3", "block5_conv4",
};

static const char *const torchvision19[] = {
  "features.0",  "features.2",  "features.5",  "features.7",  "features.10", "features.12",
  "features.14", "features.16", "features.19", "features.21", "features.23", "features.25",
  "features.28", "features.30", "features.32", "features.34",
};

static const RvWeightsNaming namings19[] = {
  { "Reverie" },
  { "Keras", OXFORD_INPUT, keras19 },
  { "Keras, by order", OXFORD_INPUT, .stem = "layers.conv2d_" },
  { "torchvision", TORCHVISION_INPUT, torchvision19 },
  { NULL },
};

static const char *const files19[] = {
  "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
  "vgg19-dcbb9e9d.pth",
  NULL,
};

static void
build19 (RvNetBuilder *builder, int x)
{
  build_blocks (builder, x, (const int[]){ 2, 2, 4, 4, 4 });
}

const RvNetClass rv__net_vgg19 = {
  .name = "vgg19",
  .summary = "VGG19, ImageNet: the classic of style transfer, 16 convolutions",
  .source = "Simonyan, Zisserman 2014",
  .good_for = "style as published; dreams",
  .namings = namings19,
  .files = files19,
  .looks = { "conv4_2:1,conv4_4:2,conv5_1:1", "conv3_1:2,conv3_4:1", "conv5_1:1,conv5_2:2,conv5_4:3",
             "conv4_4:1,conv5_1:1.5,conv5_4:2", "conv5_2:1,conv5_4:1", "conv5_4", "conv5_1:1,conv4_4:0.5", "conv5_4",
             "conv5_2:1,conv5_4:1", "conv5_2:1,conv5_4:1" },
  .content_layers = "conv4_2",
  .style_layers = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",
  .matching_layers = "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3",
  .build = build19,
};
