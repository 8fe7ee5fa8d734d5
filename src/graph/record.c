/* record.c -- ops by name. */
#include "graph.h"

/* Functions that record an op without attributes, with one, two or three inputs: graph.h. */
#define RECORD_1(function, KIND)                                                                                       \
  int function (RvProgram *program, int a)                                                                             \
  {                                                                                                                    \
    return rv__program_record (program, RV_OP_##KIND, NULL, 1, &a);                                                    \
  }
#define RECORD_2(function, KIND)                                                                                       \
  int function (RvProgram *program, int a, int b)                                                                      \
  {                                                                                                                    \
    return rv__program_record (program, RV_OP_##KIND, NULL, 2, (int[]){ a, b });                                       \
  }
#define RECORD_3(function, KIND)                                                                                       \
  int function (RvProgram *program, int a, int b, int c)                                                               \
  {                                                                                                                    \
    return rv__program_record (program, RV_OP_##KIND, NULL, 3, (int[]){ a, b, c });                                    \
  }
RECORD_1 (rv__relu, RELU)
RECORD_1 (rv__gram, GRAM)
RECORD_1 (rv__channel_sum, CHANNEL_SUM)
RECORD_1 (rv__sigmoid, SIGMOID)
RECORD_1 (rv__clamp_logvar, CLAMP_LOGVAR)
RECORD_2 (rv__add, ADD)
RECORD_2 (rv__clip, CLIP)
RECORD_2 (rv__mask, MASK)
RECORD_2 (rv__multiply, MULTIPLY)
RECORD_2 (rv__scale, SCALE)
RECORD_2 (rv__bias, BIAS)
RECORD_2 (rv__bernoulli, BERNOULLI)
RECORD_2 (rv__squared_error, SQUARED_ERROR)
RECORD_2 (rv__sum_squared_difference, SUM_SQUARED_DIFFERENCE)
RECORD_3 (rv__affine, AFFINE)
RECORD_3 (rv__sampler, SAMPLER)

int
rv__global_average_pool (RvProgram *program, int x)
{
  if (program->error)
    return -1;
  const RvShape *shape = rv__program_shape (program, x);
  RvOpAttrs attrs = { .global.factor = shape->n == 4 ? 1 / (double) (shape->dim[2] * shape->dim[3]) : 1 };
  return rv__program_record (program, RV_OP_GLOBAL_POOL, &attrs, 1, &x);
}

int
rv__kl (RvProgram *program, int mu, int logvar, double free_nats)
{
  RvOpAttrs attrs = { .kl = { free_nats } };
  return rv__program_record (program, RV_OP_KL, &attrs, 2, (int[]){ mu, logvar });
}

int
rv__conv2d (RvProgram *program, int x, int weight, int bias, int stride, RvPad pad)
{
  RvOpAttrs attrs = { .conv = { .stride = { stride, stride }, .pad = pad } };
  return rv__program_record (program, RV_OP_CONV2D, &attrs, 3, (int[]){ x, weight, bias });
}

int
rv__max_pool (RvProgram *program, int x, int window, int stride, RvPad pad)
{
  RvOpAttrs attrs = { .pool = { .window = { window, window }, .stride = { stride, stride }, .pad = pad } };
  return rv__program_record (program, RV_OP_MAX_POOL, &attrs, 1, &x);
}

int
rv__average_pool (RvProgram *program, int x, int window, int stride, RvPad pad, double scale)
{
  RvOpAttrs attrs = { .pool = {
                        .window = { window, window }, .stride = { stride, stride }, .pad = pad, .scale = scale } };
  return rv__program_record (program, RV_OP_AVERAGE_POOL, &attrs, 1, &x);
}

int
rv__concat (RvProgram *program, int n_in, const int *in)
{
  return rv__program_record (program, RV_OP_CONCAT, NULL, n_in, in);
}

int
rv__slice (RvProgram *program, int x, int first, int count)
{
  RvOpAttrs attrs = { .slice = { first, count } };
  return rv__program_record (program, RV_OP_SLICE, &attrs, 1, &x);
}

int
rv__channel_shuffle (RvProgram *program, int x, int groups)
{
  RvOpAttrs attrs = { .shuffle = { groups } };
  return rv__program_record (program, RV_OP_CHANNEL_SHUFFLE, &attrs, 1, &x);
}

int
rv__pad (RvProgram *program, int x, RvPad by, RvPadMode mode)
{
  RvOpAttrs attrs = { .pad = { by, mode } };
  return rv__program_record (program, RV_OP_PAD, &attrs, 1, &x);
}

int
rv__lrn (RvProgram *program, int x, int size, double alpha, double beta)
{
  RvOpAttrs attrs = { .lrn = { size, alpha, beta } };
  return rv__program_record (program, RV_OP_LRN, &attrs, 1, &x);
}

int
rv__instance_norm (RvProgram *program, int x, int scale, int shift, double epsilon)
{
  int sums = rv__program_record (program, RV_OP_PICTURE_SUMS, NULL, 1, &x);
  return rv__instance_norm_from_sums (program, x, sums, 0, scale, shift, epsilon);
}

int
rv__instance_norm_from_sums (RvProgram *program, int x, int sums, gint64 positions, int scale, int shift,
                             double epsilon)
{
  RvOpAttrs attrs = { .norm = { positions, epsilon } };
  return rv__program_record (program, RV_OP_INSTANCE_NORM, &attrs, 4, (int[]){ x, sums, scale, shift });
}

int
rv__resize (RvProgram *program, int x, gint64 rows, gint64 cols, RvResizeKernel kernel)
{
  RvOpAttrs attrs = { .resize = { .extent = { (int) rows, (int) cols }, .kernel = kernel } };
  return rv__program_record (program, RV_OP_RESIZE, &attrs, 1, &x);
}

int
rv__channel_sum_squares (RvProgram *program, int x, int border)
{
  RvOpAttrs attrs = { .interior = { border } };
  return rv__program_record (program, RV_OP_CHANNEL_SUM_SQUARES, &attrs, 1, &x);
}

int
rv__best_match (RvProgram *program, int x, int guide, int border)
{
  RvOpAttrs attrs = { .interior = { border } };
  return rv__program_record (program, RV_OP_BEST_MATCH, &attrs, 2, (int[]){ x, guide });
}

int
rv__transposed_conv2d (RvProgram *program, int x, int weight, int stride, RvPad pad, gint64 rows, gint64 cols)
{
  RvOpAttrs attrs = { .conv = { .stride = { stride, stride }, .pad = pad, .extent = { (int) rows, (int) cols } } };
  return rv__program_record (program, RV_OP_CONV2D_BACKWARD_DATA, &attrs, 2, (int[]){ x, weight });
}

int
rv__dense (RvProgram *program, int x, int weight, int bias)
{
  RvOpAttrs attrs = { .matmul = { FALSE, TRUE } };
  int y = rv__program_record (program, RV_OP_MATMUL, &attrs, 2, (int[]){ x, weight });
  return bias < 0 ? y : rv__bias (program, y, bias);
}

int
rv__reshape (RvProgram *program, int x, const RvShape *shape)
{
  RvOpAttrs attrs = { .reshape = { *shape } };
  return rv__program_record (program, RV_OP_RESHAPE, &attrs, 1, &x);
}

int
rv__total_variation (RvProgram *program, int x, int mask, RvTvKind kind)
{
  RvOpAttrs attrs = { .tv = { kind } };
  return rv__program_record (program, RV_OP_TOTAL_VARIATION, &attrs, 2, (int[]){ x, mask });
}
