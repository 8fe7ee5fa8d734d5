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

static const char *const keras16[] = {
  "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2", "block3_conv3",
  "block4_conv1", "block4_conv2", "block4_conv3", "block5_conv1", "block5_conv2", "block5_conv3",
};

static const char *const keras19[] = {
  "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2",
  "block3_conv3", "block3_conv4", "block4_conv1", "block4_conv2", "block4_conv3", "block4_conv4",
  "block5_conv1", "block5_conv2", "block5_conv3", "block5_conv4",
};

static const guint8 torchvision16[] = { 0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28 },
                    torchvision19[] = { 0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34 };

/* The network VGG@n. @last: number of convolutions in each of the last three blocks. @hash: part of the name of
 * torchvision's file. */
#define VGG(n, last, hash, summary_text, use)                                                                          \
  static const RvWeightsNaming namings##n[] = {                                                                        \
    { "Reverie" },                                                                                                     \
    { "Keras", OXFORD_INPUT, keras##n },                                                                               \
    { "Keras, by order", OXFORD_INPUT, .stem = "layers.conv2d_" },                                                     \
    { "torchvision", TORCHVISION_INPUT, .stem = "features.", .order = torchvision##n },                                \
    { NULL },                                                                                                          \
  };                                                                                                                   \
                                                                                                                       \
  static const char *const files##n[] = {                                                                              \
    "vgg" #n "_weights_tf_dim_ordering_tf_kernels_notop.h5",                                                           \
    "vgg" #n "_weights_tf_dim_ordering_tf_kernels.h5",                                                                 \
    "vgg" #n "-" hash ".pth",                                                                                          \
    NULL,                                                                                                              \
  };                                                                                                                   \
                                                                                                                       \
  static void build##n (RvNetBuilder *builder, int x)                                                                  \
  {                                                                                                                    \
    build_blocks (builder, x, (const int[]){ 2, 2, last, last, last });                                                \
  }                                                                                                                    \
                                                                                                                       \
  const RvNetClass rv__net_vgg##n = {                                                                                  \
    .name = "vgg" #n,                                                                                                  \
    .summary = summary_text,                                                                                           \
    .source = "Simonyan, Zisserman 2014",                                                                              \
    .good_for = use,                                                                                                   \
    .namings = namings##n,                                                                                             \
    .files = files##n,                                                                                                 \
    .looks = { "conv4_2:1,conv4_" #last ":2,conv5_1:1", "conv3_1:2,conv3_" #last ":1",                                 \
               "conv5_1:1,conv5_2:2,conv5_" #last ":3", "conv4_" #last ":1,conv5_1:1.5,conv5_" #last ":2",             \
               "conv5_2:1,conv5_" #last ":1", "conv5_" #last, "conv5_1:1,conv4_" #last ":0.5", "conv5_" #last,         \
               "conv5_2:1,conv5_" #last ":1", "conv5_2:1,conv5_" #last ":1" },                                         \
    .content_layers = "conv4_2",                                                                                       \
    .style_layers = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",                                                         \
    .matching_layers = "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3",                                              \
    .build = build##n,                                                                                                 \
  }

VGG (16, 3, "397923af", "VGG16, ImageNet: 13 convolutions", "style, a little lighter; dreams");
VGG (19, 4, "dcbb9e9d", "VGG19, ImageNet: the classic of style transfer, 16 convolutions",
     "style as published; dreams");
