/* squeezenet.c -- SqueezeNet v1.1: small, trained on ImageNet, strided and with max pooling.
 *
 * Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", version 1.1 of the authors.
 * A fire (s, a, b): 1 x 1 to s channels, ReLU, then a channels by 1 x 1 and b by 3 x 3, joined, ReLU. Its name is the
 * layer after that. Poolings are 3 x 3, stride 2, ceil. `class` is the map of conv10 before its ReLU.
 */
#include "net.h"

static const struct {
  const char *name, *squeeze, *expand1x1, *expand3x3;
  int squeezed, expanded; /* channels; as many by 1 x 1 as by 3 x 3 */
  gboolean pool_after;
} fires[] = {
#define FIRE(n, s, e, pool)                                                                                            \
  {                                                                                                                    \
    "fire" #n, "fire" #n ".squeeze1x1", "fire" #n ".expand1x1", "fire" #n ".expand3x3", s, e, pool                     \
  }
  FIRE (2, 16, 64, FALSE),  FIRE (3, 16, 64, TRUE),   FIRE (4, 32, 128, FALSE), FIRE (5, 32, 128, TRUE),
  FIRE (6, 48, 192, FALSE), FIRE (7, 48, 192, FALSE), FIRE (8, 64, 256, FALSE), FIRE (9, 64, 256, FALSE),
#undef FIRE
};

#define N_CLASSES 1000

static const char *const layers[] = { "conv1", "fire2", "fire3", "fire4", "fire5", "fire6",
                                      "fire7", "fire8", "fire9", "class", NULL };

static void
build (RvNetBuilder *builder, int x)
{
  x = rv__net_conv (builder, "conv1", x, 64, 3, 2, 0, FALSE);
  x = rv__net_pool_ceil (builder, x, 3, 2, RV_POOLING_MAX);
  for (guint i = 0; i < G_N_ELEMENTS (fires); i++) {
    int squeezed = rv__net_conv (builder, fires[i].squeeze, x, fires[i].squeezed, 1, 1, 0, FALSE);
    int parts[] = { rv__net_conv (builder, fires[i].expand1x1, squeezed, fires[i].expanded, 1, 1, 0, TRUE),
                    rv__net_conv (builder, fires[i].expand3x3, squeezed, fires[i].expanded, 3, 1, 1, TRUE) };
    x = rv__net_relu (builder, fires[i].name, rv__net_concat (builder, 2, parts));
    if (fires[i].pool_after)
      x = rv__net_pool_ceil (builder, x, 3, 2, RV_POOLING_MAX);
  }
  rv__net_named_conv (builder, "class", "conv10", x, N_CLASSES, 1, 1, 0, TRUE);
}

const RvNetClass rv__net_squeezenet = {
  .name = "squeezenet",
  .summary = "SqueezeNet v1.1, ImageNet: small, knows 1,000 classes; needs --weights",
  .source = "Iandola et al. 2016",
  .bgr = TRUE,
  .mean = { 123.68f, 116.779f, 103.939f },
  .scale = 1,
  .layers = layers,
  .content_layers = "fire7",
  .style_layers = "conv1,fire2,fire3,fire4,fire5:0.5,fire7:0.25",
  .build = build,
};
