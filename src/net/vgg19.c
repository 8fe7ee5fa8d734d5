/* vgg19.c -- VGG19: 16 convolutions in five blocks; the classic of style transfer.
 *
 * Simonyan, Zisserman 2014, "Very deep convolutional networks for large-scale image recognition", configuration E. */
#include "vgg.h"

static const int n_convs[RV_VGG_BLOCKS] = { 2, 2, 4, 4, 4 };

static const char *const keras[] = {
  "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2",
  "block3_conv3", "block3_conv4", "block4_conv1", "block4_conv2", "block4_conv3", "block4_conv4",
  "block5_conv1", "block5_conv2", "block5_conv3", "block5_conv4",
};

static const char *const torchvision[] = {
  "features.0",  "features.2",  "features.5",  "features.7",  "features.10", "features.12",
  "features.14", "features.16", "features.19", "features.21", "features.23", "features.25",
  "features.28", "features.30", "features.32", "features.34",
};

static const RvNetForm forms[] = {
  { "Reverie" },
  { "Keras", RV_VGG_OXFORD_INPUT, keras },
  { "Keras, by order", RV_VGG_OXFORD_INPUT, .stem = "layers.conv2d_" },
  { "torchvision", RV_VGG_TORCHVISION_INPUT, torchvision },
  { NULL },
};

static const char *const files[] = {
  "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
  "vgg19-dcbb9e9d.pth",
  NULL,
};

static void
build (RvNetBuilder *builder, int x)
{
  rv__vgg_build (builder, x, n_convs);
}

const RvNetClass rv__net_vgg19 = {
  .name = "vgg19",
  .summary = "VGG19, ImageNet: the classic of style transfer, 16 convolutions",
  .source = "Simonyan, Zisserman 2014",
  .good_for = "style as published; dreams",
  .forms = forms,
  .files = files,
  .looks = { "conv4_2:1,conv4_4:2,conv5_1:1", "conv3_1:2,conv3_4:1", "conv5_1:1,conv5_2:2,conv5_4:3",
             "conv4_4:1,conv5_1:1.5,conv5_4:2", "conv5_2:1,conv5_4:1", "conv5_4", "conv5_1:1,conv4_4:0.5", "conv5_4",
             "conv5_2:1,conv5_4:1" },
  .content_layers = "conv4_2",
  .style_layers = "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1",
  .matching_layers = "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3",
  .build = build,
};
