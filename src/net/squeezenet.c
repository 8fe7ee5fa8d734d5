/* squeezenet.c -- SqueezeNet v1.1: small, trained on ImageNet, with strides and max pooling.
 *
 * Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", version 1.1 of the authors. fire
 * (s, a, b): 1 x 1 to s channels, ReLU; then a channels by 1 x 1 and b channels by 3 x 3, concatenated, ReLU. The
 * output of that ReLU is the layer fireN. Poolings are 3 x 3, stride 2, ceil. `class` is the map of conv10 before its
 * ReLU. */
#include "net.h"

static const struct {
  const char *name, *squeeze, *expand1x1, *expand3x3;
  int squeezed, expanded; /* channels; `expanded` by 1 x 1 and as many by 3 x 3 */
  const char *pool_after; /* name of the pooling, or NULL */
} fires[] = {
#define FIRE(n, s, e, pool)                                                                                            \
  {                                                                                                                    \
    "fire" #n, "fire" #n ".squeeze1x1", "fire" #n ".expand1x1", "fire" #n ".expand3x3", s, e, pool                     \
  }
  FIRE (2, 16, 64, NULL),  FIRE (3, 16, 64, "pool3"), FIRE (4, 32, 128, NULL), FIRE (5, 32, 128, "pool5"),
  FIRE (6, 48, 192, NULL), FIRE (7, 48, 192, NULL),   FIRE (8, 64, 256, NULL), FIRE (9, 64, 256, NULL),
#undef FIRE
};

#define N_CLASSES 1000

/* Names in the order in which build() records. */
static const char *const torchvision[] = {
#define FIRE(n) "features." #n ".squeeze", "features." #n ".expand1x1", "features." #n ".expand3x3"
  "features.0", FIRE (3), FIRE (4), FIRE (6), FIRE (7), FIRE (9), FIRE (10), FIRE (11), FIRE (12), "classifier.1",
#undef FIRE
};

static const RvWeightsNaming namings[] = {
  { "its authors", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1",
    .fingerprint = { { "fire5", 38.3805 }, { "fire9", 11.6359 } } },
  { "torchvision", "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225", torchvision },
  { NULL },
};

static const char *const files[] = { "squeezenet_v1.1.safetensors", "squeezenet_v1.1.caffemodel",
                                     "squeezenet1_1-b8a52dc0.pth", "squeezenet1_1-f364aa15.pth", NULL };

static void
build (RvNetBuilder *builder, int x)
{
  x = rv__net_conv (builder, "conv1", x, 64, 3, 2, 0);
  x = rv__net_pool_ceil (builder, "pool1", x);
  for (guint i = 0; i < G_N_ELEMENTS (fires); i++) {
    int squeezed = rv__net_conv (builder, fires[i].squeeze, x, fires[i].squeezed, 1, 1, 0);
    int parts[] = { rv__net_linear_conv (builder, NULL, fires[i].expand1x1, squeezed, fires[i].expanded, 1, 1, 0),
                    rv__net_linear_conv (builder, NULL, fires[i].expand3x3, squeezed, fires[i].expanded, 3, 1, 1) };
    x = rv__net_relu (builder, fires[i].name, rv__net_concat (builder, NULL, 2, parts));
    if (fires[i].pool_after)
      x = rv__net_pool_ceil (builder, fires[i].pool_after, x);
  }
  rv__net_linear_conv (builder, "class", "conv10", x, N_CLASSES, 1, 1, 0);
}

const RvNetClass rv__net_squeezenet = {
  .name = "squeezenet",
  .summary = "SqueezeNet v1.1, ImageNet: small, with 1,000 classes",
  .source = "Iandola et al. 2016",
  .good_for = "classifying pictures",
  .namings = namings,
  .files = files,
  .looks = { "fire6:1,fire7:2", "fire3:1,fire4:0.5", "fire7:1,fire8:2", "fire5:1,fire6:1.5,fire7:2,fire8:2.5",
             "fire7:1,fire9:1", "fire8", "fire6:1,fire5:0.5", "class", "fire7:1,fire9:1", "fire7:1,fire9:1" },
  .content_layers = "fire7",
  .style_layers = "conv1,fire2,fire3,fire4,fire5:0.5,fire7:0.25",
  .matching_layers = "fire4,fire5,fire6,fire7",
  .build = build,
};
