/* inception-v3.c -- InceptionV3 of Keras: 94 convolutions with batch norm, in branches; the network of DeepDream.
 *
 * Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision". Without the dense layer. Every
 * convolution: no bias, batch norm without gamma, ReLU, padding "same" unless stated. Layers: conv2d_0 .. conv2d_93 in
 * order of creation, which is the order below, and mixed0 .. mixed10, each the concatenated branches. */
#include "net.h"

#define EPSILON 1e-3

typedef struct {
  int channels, rows, cols, stride;
  gboolean valid; /* no padding */
} Conv;

/* Records the next convolution, conv2d_N with batch norm and ReLU, where N is builder->n_convs, by
 * rv__net_conv_norm(). Returns its value; -1: builder->done is set, or an error is in program->error. */
static int
conv (RvNetBuilder *builder, int x, Conv c)
{
  char name[16], norm[32];
  g_snprintf (name, sizeof name, "conv2d_%d", builder->n_convs);
  g_snprintf (norm, sizeof norm, "batch_normalization_%d", builder->n_convs);
  int up = c.valid ? 0 : c.rows / 2, left = c.valid ? 0 : c.cols / 2;
  return rv__net_conv_norm (builder, x,
                            &(RvConvNorm){ .conv = name,
                                           .norm = norm,
                                           .out_channels = c.channels,
                                           .rows = c.rows,
                                           .cols = c.cols,
                                           .stride = MAX (c.stride, 1),
                                           .pad = { up, left, up, left },
                                           .epsilon = EPSILON });
}

/* Records convolutions one after another, up to one of 0 channels. Returns the last value; -1: builder->done is set,
 * or an error is in program->error. */
static int
chain (RvNetBuilder *builder, int x, const Conv *convs)
{
  for (; convs->channels; convs++)
    x = conv (builder, x, *convs);
  return x;
}

#define CHAIN(x, ...) chain (builder, x, (const Conv[]){ __VA_ARGS__, { 0 } })

static int
max_pool (RvNetBuilder *builder, int x, const char *name)
{
  return rv__net_pool (builder, name, x, 3, 2, RV_POOLING_MAX);
}

static int
stem (RvNetBuilder *builder, int x)
{
  x = CHAIN (x, { 32, 3, 3, 2, TRUE }, { 32, 3, 3, 1, TRUE }, { 64, 3, 3 });
  x = max_pool (builder, x, "pool1");
  x = CHAIN (x, { 80, 1, 1, 1, TRUE }, { 192, 3, 3, 1, TRUE });
  return max_pool (builder, x, "pool2");
}

/* Records the block @name, mixed0 .. mixed2, and reports it as a layer. @pooled: channels after the pooling. Returns
 * its value; -1: builder->done is set, or an error is in program->error. */
static int
block_35 (RvNetBuilder *builder, const char *name, int x, int pooled)
{
  int branches[4];
  branches[0] = CHAIN (x, { 64, 1, 1 });
  branches[1] = CHAIN (x, { 48, 1, 1 }, { 64, 5, 5 });
  branches[2] = CHAIN (x, { 64, 1, 1 }, { 96, 3, 3 }, { 96, 3, 3 });
  branches[3] = CHAIN (rv__net_average_3x3 (builder, x), { pooled, 1, 1 });
  return rv__net_concat (builder, name, 4, branches);
}

/* Records the block @name, mixed4 .. mixed7, and reports it as a layer. @c: channels within the branches. Returns its
 * value; -1: builder->done is set, or an error is in program->error. */
static int
block_17 (RvNetBuilder *builder, const char *name, int x, int c)
{
  int branches[4];
  branches[0] = CHAIN (x, { 192, 1, 1 });
  branches[1] = CHAIN (x, { c, 1, 1 }, { c, 1, 7 }, { 192, 7, 1 });
  branches[2] = CHAIN (x, { c, 1, 1 }, { c, 7, 1 }, { c, 1, 7 }, { c, 7, 1 }, { 192, 1, 7 });
  branches[3] = CHAIN (rv__net_average_3x3 (builder, x), { 192, 1, 1 });
  return rv__net_concat (builder, name, 4, branches);
}

/* Records a 1 x 3 and a 3 x 1 convolution of @x, concatenated. Returns its value; -1: builder->done is set, or an
 * error is in program->error. */
static int
split (RvNetBuilder *builder, int x)
{
  int parts[] = { CHAIN (x, { 384, 1, 3 }), CHAIN (x, { 384, 3, 1 }) };
  return rv__net_concat (builder, NULL, 2, parts);
}

/* Records the block @name, mixed9 or mixed10, and reports it as a layer. Returns its value; -1: builder->done is set,
 * or an error is in program->error. */
static int
block_8 (RvNetBuilder *builder, const char *name, int x)
{
  int branches[4];
  branches[0] = CHAIN (x, { 320, 1, 1 });
  branches[1] = split (builder, CHAIN (x, { 384, 1, 1 }));
  branches[2] = split (builder, CHAIN (x, { 448, 1, 1 }, { 384, 3, 3 }));
  branches[3] = CHAIN (rv__net_average_3x3 (builder, x), { 192, 1, 1 });
  return rv__net_concat (builder, name, 4, branches);
}

/* RvNetClass.build: records the stem and mixed0 .. mixed10 on @x, [1, 3, H, W], and reports their layers to
 * builder->on_layer, until builder->done. Errors stay in program->error. */
static void
build (RvNetBuilder *builder, int x)
{
  int branches[3];
  x = stem (builder, x);
  x = block_35 (builder, "mixed0", x, 32);
  x = block_35 (builder, "mixed1", x, 64);
  x = block_35 (builder, "mixed2", x, 64);

  branches[0] = CHAIN (x, { 384, 3, 3, 2, TRUE });
  branches[1] = CHAIN (x, { 64, 1, 1 }, { 96, 3, 3 }, { 96, 3, 3, 2, TRUE });
  branches[2] = max_pool (builder, x, "pool3");
  x = rv__net_concat (builder, "mixed3", 3, branches);

  x = block_17 (builder, "mixed4", x, 128);
  x = block_17 (builder, "mixed5", x, 160);
  x = block_17 (builder, "mixed6", x, 160);
  x = block_17 (builder, "mixed7", x, 192);

  branches[0] = CHAIN (x, { 192, 1, 1 }, { 320, 3, 3, 2, TRUE });
  branches[1] = CHAIN (x, { 192, 1, 1 }, { 192, 1, 7 }, { 192, 7, 1 }, { 192, 3, 3, 2, TRUE });
  branches[2] = max_pool (builder, x, "pool4");
  x = rv__net_concat (builder, "mixed8", 3, branches);

  x = block_8 (builder, "mixed9", x);
  block_8 (builder, "mixed10", x);
}

/* Numbers of the convolutions in Keras 3 files without layer names, in order of creation. Keras counts in the order of
 * model.layers, by depth. Made by tests/golden/inception-order.py. */
static const guint8 by_depth[] = {
  0,  1,  2,  3,  4,  8,  6,  9,  5,  7,  10, 11, 15, 13, 16, 12, 14, 17, 18, 22, 20, 23, 19, 21,
  24, 25, 28, 26, 27, 29, 36, 32, 34, 37, 30, 31, 33, 35, 38, 39, 46, 42, 44, 47, 40, 41, 43, 45,
  48, 49, 56, 52, 54, 57, 50, 51, 53, 55, 58, 59, 66, 62, 64, 67, 60, 61, 63, 65, 68, 69, 72, 74,
  70, 71, 73, 75, 83, 77, 79, 80, 76, 78, 81, 82, 84, 92, 86, 88, 89, 85, 87, 90, 91, 93,
};

#define INPUT "rgb_0_255 minus 127.5 divided by 127.5"

/* torchvision's names of the convolutions; its weights are TensorFlow's. */
static const char *const torchvision[] = {
  "Conv2d_1a_3x3",
  "Conv2d_2a_3x3",
  "Conv2d_2b_3x3",
  "Conv2d_3b_1x1",
  "Conv2d_4a_3x3",
#define BRANCH(block, name) "Mixed_" block ".branch" name
#define BLOCK_35(b)                                                                                                    \
  BRANCH (b, "1x1"), BRANCH (b, "5x5_1"), BRANCH (b, "5x5_2"), BRANCH (b, "3x3dbl_1"), BRANCH (b, "3x3dbl_2"),         \
    BRANCH (b, "3x3dbl_3"), BRANCH (b, "_pool")
#define BLOCK_17(b)                                                                                                    \
  BRANCH (b, "1x1"), BRANCH (b, "7x7_1"), BRANCH (b, "7x7_2"), BRANCH (b, "7x7_3"), BRANCH (b, "7x7dbl_1"),            \
    BRANCH (b, "7x7dbl_2"), BRANCH (b, "7x7dbl_3"), BRANCH (b, "7x7dbl_4"), BRANCH (b, "7x7dbl_5"),                    \
    BRANCH (b, "_pool")
#define BLOCK_8(b)                                                                                                     \
  BRANCH (b, "1x1"), BRANCH (b, "3x3_1"), BRANCH (b, "3x3_2a"), BRANCH (b, "3x3_2b"), BRANCH (b, "3x3dbl_1"),          \
    BRANCH (b, "3x3dbl_2"), BRANCH (b, "3x3dbl_3a"), BRANCH (b, "3x3dbl_3b"), BRANCH (b, "_pool")
  BLOCK_35 ("5b"),
  BLOCK_35 ("5c"),
  BLOCK_35 ("5d"),
  BRANCH ("6a", "3x3"),
  BRANCH ("6a", "3x3dbl_1"),
  BRANCH ("6a", "3x3dbl_2"),
  BRANCH ("6a", "3x3dbl_3"),
  BLOCK_17 ("6b"),
  BLOCK_17 ("6c"),
  BLOCK_17 ("6d"),
  BLOCK_17 ("6e"),
  BRANCH ("7a", "3x3_1"),
  BRANCH ("7a", "3x3_2"),
  BRANCH ("7a", "7x7x3_1"),
  BRANCH ("7a", "7x7x3_2"),
  BRANCH ("7a", "7x7x3_3"),
  BRANCH ("7a", "7x7x3_4"),
  BLOCK_8 ("7b"),
  BLOCK_8 ("7c"),
#undef BRANCH
#undef BLOCK_35
#undef BLOCK_17
#undef BLOCK_8
};

static const RvWeightsNaming namings[] = {
  { "Keras", INPUT },
  { "torchvision", INPUT, torchvision, .pairs = TRUE },
  { "Keras, by depth", INPUT, .stem = "layers.conv2d_", .norm_stem = "layers.batch_normalization_", .order = by_depth },
  { NULL },
};

static const char *const files[] = {
  "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
  "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
  "inception_v3_google-0cc3c7bd.pth",
  "inception_v3_google-1a9a5a14.pth",
  NULL,
};

const RvNetClass rv__net_inception_v3 = {
  .name = "inception_v3",
  .summary = "InceptionV3, ImageNet: the network of DeepDream",
  .source = "Szegedy et al. 2015",
  .good_for = "dreams as published",
  .namings = namings,
  .files = files,
  .looks = { "mixed2:0.2,mixed3:3,mixed4:2,mixed5:1.5", "mixed2:5,mixed3:1,mixed4:0.5,mixed5:0.2",
             "mixed2:0.1,mixed3:0.5,mixed4:2,mixed5:5", "mixed4:1,mixed5:1.5,mixed6:2,mixed7:2.5", "mixed5:1,mixed6:1",
             "mixed7", "mixed4:1,mixed3:0.5", "mixed8", "mixed5:1,mixed6:1", "mixed5:1,mixed6:1" },
  .content_layers = "mixed4",
  .style_layers = "conv2d_2,mixed0,mixed2,mixed4:0.5",
  .matching_layers = "mixed0,mixed1,mixed2,mixed3",
  .build = build,
};
