/* op-cases.c -- at least one case for every op that has a gradient. */
#include "op-cases.h"
#include <string.h>

#define PICTURE(c, h, w)                                                                                               \
  {                                                                                                                    \
    4,                                                                                                                 \
    {                                                                                                                  \
      2, c, h, w                                                                                                       \
    }                                                                                                                  \
  }
const OpCase op_cases[] = {
  { "conv2d/3x3",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 } } },
    3,
    { PICTURE (3, 5, 7), { 4, { 4, 3, 3, 3 } }, { 1, { 4 } } } },
  { "conv2d/strided",
    RV_OP_CONV2D,
    { .conv = { { 2, 3 }, { 0, 1, 2, 0 } } },
    3,
    { PICTURE (2, 8, 9), { 4, { 3, 2, 3, 2 } }, { 1, { 3 } } } },
  { "conv2d/1x7",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 0, 3, 0, 3 } } },
    2,
    { PICTURE (2, 4, 9), { 4, { 3, 2, 1, 7 } } } },
  { "conv2d/groups",
    RV_OP_CONV2D,
    { .conv = { { 1, 2 }, { 1, 1, 0, 1 }, .groups = 2 } },
    3,
    { PICTURE (4, 5, 6), { 4, { 6, 2, 3, 2 } }, { 1, { 6 } } } },
  { "conv2d/depthwise",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 1, 1, 1, 1 }, .groups = 16 } },
    3,
    { PICTURE (16, 9, 7), { 4, { 16, 1, 3, 3 } }, { 1, { 16 } } } },
  { "conv2d/dilated",
    RV_OP_CONV2D,
    { .conv = { { 2, 1 }, { 2, 1, 0, 3 }, .dilation = { 2, 3 } } },
    3,
    { PICTURE (3, 7, 9), { 4, { 4, 3, 3, 2 } }, { 1, { 4 } } } },
  { "conv2d/dilated-depthwise",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 2, 2, 2, 2 }, .groups = 16, .dilation = { 2, 2 } } },
    2,
    { PICTURE (16, 9, 7), { 4, { 16, 1, 3, 3 } } } },
  { "conv2d/valid-tight",
    RV_OP_CONV2D,
    { .conv = { { 1, 1 }, { 0, 0, 0, 0 } } },
    2,
    { PICTURE (2, 3, 3), { 4, { 3, 2, 3, 3 } } } },
  { "relu", RV_OP_RELU, { .tv = { 0 } }, 1, { PICTURE (3, 5, 7) } },
  { "max_pool/2", RV_OP_MAX_POOL, { .pool = { { 2, 2 }, { 2, 2 } } }, 1, { PICTURE (3, 7, 9) } },
  { "max_pool/3-ceil", RV_OP_MAX_POOL, { .pool = { { 3, 3 }, { 2, 2 }, { 0, 0, 1, 1 } } }, 1, { PICTURE (3, 8, 6) } },
  { "average_pool/2", RV_OP_AVERAGE_POOL, { .pool = { { 2, 2 }, { 2, 2 }, .scale = 1 } }, 1, { PICTURE (3, 7, 9) } },
  { "average_pool/3-same",
    RV_OP_AVERAGE_POOL,
    { .pool = { { 3, 3 }, { 1, 1 }, { 1, 1, 1, 1 }, .scale = 2 } },
    1,
    { PICTURE (3, 5, 4) } },
  { "concat", RV_OP_CONCAT, { .tv = { 0 } }, 3, { PICTURE (2, 3, 4), PICTURE (1, 3, 4), PICTURE (3, 3, 4) } },
  { "slice", RV_OP_SLICE, { .slice = { 1, 3 } }, 1, { PICTURE (5, 3, 4) } },
  { "slice/between blocks", RV_OP_SLICE, { .slice = { 4, 16 } }, 1, { PICTURE (48, 3, 4) } },
  { "channel_shuffle", RV_OP_CHANNEL_SHUFFLE, { .shuffle = { 2 } }, 1, { PICTURE (6, 3, 4) } },
  { "add", RV_OP_ADD, { .tv = { 0 } }, 2, { PICTURE (2, 3, 4), PICTURE (2, 3, 4) } },
  { "affine", RV_OP_AFFINE, { .tv = { 0 } }, 3, { PICTURE (3, 4, 5), { 1, { 3 } }, { 1, { 3 } } }, 6 },
  { "mask", RV_OP_MASK, { .tv = { 0 } }, 2, { PICTURE (3, 4, 5), { 2, { 4, 5 } } }, 2 },
  { "pad/zero", RV_OP_PAD, { .pad = { { 1, 2, 0, 3 }, RV_PAD_ZERO } }, 1, { PICTURE (2, 3, 4) } },
  { "pad/replicate", RV_OP_PAD, { .pad = { { 1, 2, 0, 3 }, RV_PAD_REPLICATE } }, 1, { PICTURE (2, 3, 4) } },
  { "pad/reflect", RV_OP_PAD, { .pad = { { 1, 2, 0, 3 }, RV_PAD_REFLECT } }, 1, { PICTURE (2, 3, 4) } },
  { "picture_sums", RV_OP_PICTURE_SUMS, { .tv = { 0 } }, 1, { PICTURE (3, 4, 5) } },
  { "picture_sums/long", RV_OP_PICTURE_SUMS, { .tv = { 0 } }, 1, { PICTURE (1, 5, 7) } },
  { "instance_norm",
    RV_OP_INSTANCE_NORM,
    { .norm = { 0, 3 } },
    4,
    { PICTURE (3, 4, 5), { 3, { 2, 2, 3 } }, { 1, { 3 } }, { 1, { 3 } } } },
  { "instance_norm/part",
    RV_OP_INSTANCE_NORM,
    { .norm = { 7, 2 } },
    4,
    { PICTURE (2, 5, 7), { 3, { 2, 2, 2 } }, { 1, { 2 } }, { 1, { 2 } } } },
  { "lrn", RV_OP_LRN, { .lrn = { 3, 0.7, 0.75 } }, 1, { PICTURE (5, 3, 4) } },
  { "lrn/wide", RV_OP_LRN, { .lrn = { 5, 0.3, 0.5 } }, 1, { PICTURE (3, 17, 19) } },
  { "resize/nearest-up", RV_OP_RESIZE, { .resize = { { 7, 5 }, RV_RESIZE_NEAREST } }, 1, { PICTURE (2, 3, 4) } },
  { "resize/nearest-twice", RV_OP_RESIZE, { .resize = { { 6, 8 }, RV_RESIZE_NEAREST } }, 1, { PICTURE (2, 3, 4) } },
  { "resize/nearest-down", RV_OP_RESIZE, { .resize = { { 3, 2 }, RV_RESIZE_NEAREST } }, 1, { PICTURE (2, 7, 5) } },
  { "resize/bilinear-up", RV_OP_RESIZE, { .resize = { { 7, 5 }, RV_RESIZE_BILINEAR } }, 1, { PICTURE (2, 3, 4) } },
  { "resize/bilinear-down", RV_OP_RESIZE, { .resize = { { 3, 2 }, RV_RESIZE_BILINEAR } }, 1, { PICTURE (2, 7, 5) } },
  { "resize/bilinear-twice", RV_OP_RESIZE, { .resize = { { 12, 15 }, RV_RESIZE_BILINEAR } }, 1, { PICTURE (2, 6, 5) } },
  { "resize/bicubic-thrice", RV_OP_RESIZE, { .resize = { { 21, 14 }, RV_RESIZE_BICUBIC } }, 1, { PICTURE (2, 7, 7) } },
  { "resize/bicubic-up", RV_OP_RESIZE, { .resize = { { 7, 9 }, RV_RESIZE_BICUBIC } }, 1, { PICTURE (2, 4, 3) } },
  { "resize/bicubic-down", RV_OP_RESIZE, { .resize = { { 3, 2 }, RV_RESIZE_BICUBIC } }, 1, { PICTURE (2, 7, 5) } },
  { "matmul", RV_OP_MATMUL, { .matmul = { FALSE, FALSE } }, 2, { { 2, { 3, 4 } }, { 2, { 4, 5 } } } },
  { "matmul/ta", RV_OP_MATMUL, { .matmul = { TRUE, FALSE } }, 2, { { 2, { 4, 3 } }, { 2, { 4, 5 } } } },
  { "matmul/tb", RV_OP_MATMUL, { .matmul = { FALSE, TRUE } }, 2, { { 2, { 3, 4 } }, { 2, { 5, 4 } } } },
  { "matmul/ta-tb", RV_OP_MATMUL, { .matmul = { TRUE, TRUE } }, 2, { { 2, { 4, 3 } }, { 2, { 5, 4 } } } },
  { "channel_sum", RV_OP_CHANNEL_SUM, { .tv = { 0 } }, 1, { PICTURE (3, 4, 5) } },
  { "channel_sum_squares", RV_OP_CHANNEL_SUM_SQUARES, { .tv = { 0 } }, 1, { PICTURE (3, 4, 5) } },
  { "channel_sum_squares/border", RV_OP_CHANNEL_SUM_SQUARES, { .interior = { 1 } }, 1, { PICTURE (3, 4, 5) } },
  { "channel_sum_squares/empty", RV_OP_CHANNEL_SUM_SQUARES, { .interior = { 2 } }, 1, { PICTURE (3, 4, 5) } },
  { "sum_squared_difference",
    RV_OP_SUM_SQUARED_DIFFERENCE,
    { .tv = { 0 } },
    2,
    { PICTURE (3, 4, 5), PICTURE (3, 4, 5) },
    2 },
  { "best_match", RV_OP_BEST_MATCH, { .interior = { 0 } }, 2, { PICTURE (3, 4, 5), { 2, { 3, 19 } } }, 2 },
  { "best_match/border", RV_OP_BEST_MATCH, { .interior = { 1 } }, 2, { PICTURE (3, 4, 5), { 2, { 3, 7 } } }, 2 },
  { "transposed_conv2d/same",
    RV_OP_CONV2D_BACKWARD_DATA,
    { .conv = { { 2, 2 }, { 0, 0, 1, 1 }, { 8, 6 } } },
    2,
    { PICTURE (3, 4, 3), { 4, { 3, 2, 3, 3 } } } },
  { "transposed_conv2d/odd",
    RV_OP_CONV2D_BACKWARD_DATA,
    { .conv = { { 1, 3 }, { 1, 0, 0, 1 }, { 5, 9 } } },
    2,
    { PICTURE (2, 4, 3), { 4, { 2, 3, 3, 2 } } } },
  { "transposed_conv2d/dilated",
    RV_OP_CONV2D_BACKWARD_DATA,
    { .conv = { { 1, 2 }, { 1, 0, 0, 1 }, { 5, 8 }, .dilation = { 2, 3 } } },
    2,
    { PICTURE (2, 4, 3), { 4, { 2, 3, 2, 2 } } } },
  { "channel_sum/columns", RV_OP_CHANNEL_SUM, { .tv = { 0 } }, 1, { { 2, { 5, 19 } } } },
  { "channel_sum/narrow", RV_OP_CHANNEL_SUM, { .tv = { 0 } }, 1, { PICTURE (8, 3, 2) } },
  { "reshape", RV_OP_RESHAPE, { .reshape = { { 2, { 2, 24 } } } }, 1, { PICTURE (2, 3, 4) } },
  { "bias", RV_OP_BIAS, { .tv = { 0 } }, 2, { PICTURE (3, 4, 5), { 1, { 3 } } } },
  { "bias/columns", RV_OP_BIAS, { .tv = { 0 } }, 2, { { 2, { 4, 7 } }, { 1, { 7 } } } },
  { "clip", RV_OP_CLIP, { .tv = { 0 } }, 2, { PICTURE (3, 4, 5), { 1, { 3 } } }, 2 },
  { "multiply", RV_OP_MULTIPLY, { .tv = { 0 } }, 2, { PICTURE (3, 4, 5), PICTURE (3, 4, 5) } },
  { "scale", RV_OP_SCALE, { .tv = { 0 } }, 2, { PICTURE (3, 4, 5), PICTURE (3, 1, 1) } },
  { "global_pool", RV_OP_GLOBAL_POOL, { .global = { 0.5 } }, 1, { PICTURE (3, 4, 5) } },
  { "sigmoid", RV_OP_SIGMOID, { .tv = { 0 } }, 1, { PICTURE (3, 4, 5) } },
  { "sampler", RV_OP_SAMPLER, { .tv = { 0 } }, 3, { { 2, { 4, 5 } }, { 2, { 4, 5 } }, { 2, { 4, 5 } } }, 4 },
  { "kl", RV_OP_KL, { .tv = { 0 } }, 2, { { 2, { 4, 5 } }, { 2, { 4, 5 } } } },
  { "kl/free", RV_OP_KL, { .kl = { 0.2 } }, 2, { { 2, { 4, 5 } }, { 2, { 4, 5 } } } },
  { "clamp_logvar", RV_OP_CLAMP_LOGVAR, { .tv = { 0 } }, 1, { { 2, { 4, 5 } } } },
  { "bernoulli", RV_OP_BERNOULLI, { .tv = { 0 } }, 2, { PICTURE (1, 4, 5), PICTURE (1, 4, 5) }, 2 },
  { "squared_error", RV_OP_SQUARED_ERROR, { .tv = { 0 } }, 2, { PICTURE (1, 4, 5), PICTURE (1, 4, 5) }, 2 },
  { "gram", RV_OP_GRAM, { .tv = { 0 } }, 1, { PICTURE (4, 3, 5) } },
  { "total_variation/keras", RV_OP_TOTAL_VARIATION, { .tv = { RV_TV_KERAS } }, 1, { PICTURE (3, 5, 4) } },
  { "total_variation/absolute", RV_OP_TOTAL_VARIATION, { .tv = { RV_TV_ABSOLUTE } }, 1, { PICTURE (3, 5, 4) } },
  { "total_variation/squared", RV_OP_TOTAL_VARIATION, { .tv = { RV_TV_SQUARED } }, 1, { PICTURE (3, 5, 4) } },
  { "total_variation/keras masked",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_KERAS } },
    2,
    { PICTURE (3, 5, 4), { 2, { 5, 4 } } },
    2 },
  { "total_variation/absolute masked",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_ABSOLUTE } },
    2,
    { PICTURE (3, 5, 4), { 2, { 5, 4 } } },
    2 },
  { "total_variation/squared masked",
    RV_OP_TOTAL_VARIATION,
    { .tv = { RV_TV_SQUARED } },
    2,
    { PICTURE (3, 5, 4), { 2, { 5, 4 } } },
    2 },
};

const int n_op_cases = G_N_ELEMENTS (op_cases);

gboolean
op_case_widen (const OpCase *c, gint64 channels, RvShape *shapes)
{
  gboolean any = FALSE;
  if (c->kind == RV_OP_CONV2D || c->kind == RV_OP_CONV2D_BACKWARD_DATA || c->kind == RV_OP_RESHAPE ||
      c->kind == RV_OP_SLICE)
    return FALSE;
  for (int k = 0; k < c->n_in; k++) {
    shapes[k] = c->in[k];
    any |= shapes[k].n == 4;
    if (shapes[k].n == 4)
      shapes[k].dim[1] = channels;
    if (shapes[k].n == 1) /* one number for each channel */
      shapes[k].dim[0] = channels;
    if (shapes[k].n == 3) /* sums for each picture and channel */
      shapes[k].dim[2] = channels;
    if (shapes[k].n == 2 && c->kind == RV_OP_BEST_MATCH) /* guide and picture have equal channels */
      shapes[k].dim[0] = channels;
  }
  return any;
}
