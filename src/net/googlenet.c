/* googlenet.c -- GoogLeNet (InceptionV1) of Caffe: the network of the dreams of 2015.
 *
 * Szegedy et al. 2014, "Going deeper with convolutions", table 1; names and paddings of Caffe's bvlc_googlenet. Without
 * the dense layers. Caffe's names with dots for slashes: inception_4c/output is inception_4c.output. Poolings of stride
 * 2 are 3 x 3, ceil. A module's output joins four branches: 1 x 1; 3 x 3 and 5 x 5, each after a 1 x 1 convolution that
 * reduces the channels; a maximum of 3 x 3 and a 1 x 1 convolution. */
#include "net.h"

static const struct {
  const char *name;
  int c1x1, c3x3_reduce, c3x3, c5x5_reduce, c5x5, c_pool; /* channels */
  const char *pool_after;                                 /* name of the pooling, or NULL */
} modules[] = {
  { "inception_3a", 64, 96, 128, 16, 32, 32, NULL },
  { "inception_3b", 128, 128, 192, 32, 96, 64, "pool3.3x3_s2" },
  { "inception_4a", 192, 96, 208, 16, 48, 64, NULL },
  { "inception_4b", 160, 112, 224, 24, 64, 64, NULL },
  { "inception_4c", 128, 128, 256, 24, 64, 64, NULL },
  { "inception_4d", 112, 144, 288, 32, 64, 64, NULL },
  { "inception_4e", 256, 160, 320, 32, 128, 128, "pool4.3x3_s2" },
  { "inception_5a", 256, 160, 320, 32, 128, 128, NULL },
  { "inception_5b", 384, 192, 384, 48, 128, 128, NULL },
};

/* Records the convolution MODULE.PART by rv__net_conv(), with ReLU, stride 1 and the size of @x. Returns its value. All
 * functions of this file return -1 if builder->done is set, or after an error, in program->error. */
static int
conv (RvNetBuilder *builder, const char *module, const char *part, int x, int channels, int kernel)
{
  g_autofree char *name = g_strconcat (module, ".", part, NULL);
  return rv__net_conv (builder, name, x, channels, kernel, 1, kernel / 2);
}

static int
inception (RvNetBuilder *builder, guint i, int x)
{
  const char *name = modules[i].name;
  g_autofree char *pool = g_strconcat (name, ".pool", NULL), *output = g_strconcat (name, ".output", NULL);
  int branches[4];
  branches[0] = conv (builder, name, "1x1", x, modules[i].c1x1, 1);
  branches[1] = conv (builder, name, "3x3_reduce", x, modules[i].c3x3_reduce, 1);
  branches[1] = conv (builder, name, "3x3", branches[1], modules[i].c3x3, 3);
  branches[2] = conv (builder, name, "5x5_reduce", x, modules[i].c5x5_reduce, 1);
  branches[2] = conv (builder, name, "5x5", branches[2], modules[i].c5x5, 5);
  branches[3] = rv__net_pool (builder, pool, rv__net_pad (builder, x), 3, 1, RV_POOLING_MAX);
  branches[3] = conv (builder, name, "pool_proj", branches[3], modules[i].c_pool, 1);
  return rv__net_concat (builder, output, 4, branches);
}

/* RvNetClass.build: records all layers on @x, [1, 3, H, W], and reports them to builder->on_layer, until builder->done.
 * Errors stay in program->error. */
static void
build (RvNetBuilder *builder, int x)
{
  x = rv__net_conv (builder, "conv1.7x7_s2", x, 64, 7, 2, 3);
  x = rv__net_pool_ceil (builder, "pool1.3x3_s2", x);
  x = rv__net_lrn (builder, "pool1.norm1", x);
  x = rv__net_conv (builder, "conv2.3x3_reduce", x, 64, 1, 1, 0);
  x = rv__net_conv (builder, "conv2.3x3", x, 192, 3, 1, 1);
  x = rv__net_lrn (builder, "conv2.norm2", x);
  x = rv__net_pool_ceil (builder, "pool2.3x3_s2", x);
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++) {
    x = inception (builder, i, x);
    if (modules[i].pool_after)
      x = rv__net_pool_ceil (builder, modules[i].pool_after, x);
  }
}

static const RvWeightsNaming namings[] = {
  { "Caffe", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  { NULL },
};

static const char *const files[] = { "bvlc_googlenet.caffemodel", NULL };

const RvNetClass rv__net_googlenet = {
  .name = "googlenet",
  .summary = "GoogLeNet (InceptionV1), ImageNet: the network of 2015",
  .source = "Szegedy et al. 2014",
  .good_for = "dreams as in 2015",
  .namings = namings,
  .files = files,
  .looks = { "inception_4c.output", "inception_3b.5x5_reduce", "inception_4d.pool",
             "inception_4a.output:1,inception_4b.output:1.5,inception_4c.output:2,inception_4d.output:2.5",
             "inception_4d.output:1,inception_4e.output:1", "inception_4e.output",
             "inception_4a.output:1,inception_3b.output:0.5", "inception_5b.output",
             "inception_4c.output:1,inception_4d.output:1", "inception_4c.output:1,inception_4d.output:1" },
  .content_layers = "inception_4b.output",
  .style_layers = "conv1.7x7_s2,conv2.3x3,inception_3b.output,inception_4b.output:0.5",
  .matching_layers = "inception_3a.output,inception_3b.output,inception_4a.output,inception_4b.output",
  .build = build,
};
