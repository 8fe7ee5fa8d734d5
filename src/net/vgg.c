/* vgg.c -- the plan of the VGG networks: blocks of 3 x 3 convolutions with ReLU, each block ended by 2 x 2 pooling.
 *
 * Simonyan, Zisserman 2014, "Very deep convolutional networks for large-scale image recognition". Without the dense
 * layers at the end.
 */
#include "vgg.h"

static const int channels[RV_VGG_BLOCKS] = { 64, 128, 256, 512, 512 };

void
rv__vgg_build (RvNetBuilder *builder, int x, const int n_convs[RV_VGG_BLOCKS])
{
  for (int block = 0; block < RV_VGG_BLOCKS; block++) {
    for (int i = 0; i < n_convs[block]; i++) {
      g_autofree char *name = g_strdup_printf ("conv%d_%d", block + 1, i + 1);
      x = rv__net_conv (builder, name, x, channels[block], 3, 1, 1);
    }
    g_autofree char *name = g_strdup_printf ("pool%d", block + 1);
    x = rv__net_pool (builder, name, x, 2, 2, RV_POOLING_MAX);
  }
}
