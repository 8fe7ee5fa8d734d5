/* vgg.h -- what VGG16 and VGG19 share.
 * Layer 5 (net). */
#ifndef RV_NET_VGG_H
#define RV_NET_VGG_H

#include "net.h"

#define RV_VGG_BLOCKS 5

/* rv__vgg_build: five blocks of @n_convs[block] convolutions. */
void rv__vgg_build (RvNetBuilder *builder, int x, const int n_convs[RV_VGG_BLOCKS]);

/* What the published files were trained on: Keras' are Oxford's own, from Caffe; torchvision trained its own. */
#define RV_VGG_OXFORD_INPUT "bgr_0_255 minus 103.939,116.779,123.68 divided by 1"
#define RV_VGG_TORCHVISION_INPUT "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"

#endif
