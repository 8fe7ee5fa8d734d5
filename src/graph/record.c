/* record.c -- ops by name. */
#include "graph.h"

#define LIST(...) __VA_ARGS__
/* Defines a function of graph.h with @parameters, which records the op @KIND on @inputs. Further arguments: attributes
 * of the op; 0: none. */
#define RECORD(function, KIND, parameters, inputs, ...)                                                                \
  int function (RvProgram *program, LIST parameters)                                                                   \
  {                                                                                                                    \
    const RvOpAttrs attrs = { __VA_ARGS__ };                                                                           \
    const int in[] = { LIST inputs };                                                                                  \
    return rv__program_record (program, RV_OP_##KIND, &attrs, G_N_ELEMENTS (in), in);                                  \
  }

/* clang-format off */
RECORD (rv__relu, RELU, (int x), (x), 0)
RECORD (rv__erf, ERF, (int x), (x), 0)
RECORD (rv__gelu, GELU, (int x), (x), 0)
RECORD (rv__gram, GRAM, (int x), (x), 0)
RECORD (rv__channel_sum, CHANNEL_SUM, (int x), (x), 0)
RECORD (rv__sigmoid, SIGMOID, (int x), (x), 0)
RECORD (rv__clamp_logvar, CLAMP_LOGVAR, (int logvar), (logvar), 0)
RECORD (rv__add, ADD, (int a, int b), (a, b), 0)
RECORD (rv__clip, CLIP, (int x, int limits), (x, limits), 0)
RECORD (rv__elu, ELU, (int x, int alpha), (x, alpha), 0)
RECORD (rv__mask, MASK, (int x, int mask), (x, mask), 0)
RECORD (rv__multiply, MULTIPLY, (int a, int b), (a, b), 0)
RECORD (rv__scale, SCALE, (int x, int factors), (x, factors), 0)
RECORD (rv__bias, BIAS, (int x, int bias), (x, bias), 0)
RECORD (rv__bernoulli, BERNOULLI, (int logits, int x), (logits, x), 0)
RECORD (rv__squared_error, SQUARED_ERROR, (int y, int x), (y, x), 0)
RECORD (rv__sum_squared_difference, SUM_SQUARED_DIFFERENCE, (int x, int target), (x, target), 0)
RECORD (rv__affine, AFFINE, (int x, int scale, int shift), (x, scale, shift), 0)
RECORD (rv__sampler, SAMPLER, (int mu, int logvar, int eps), (mu, logvar, eps), 0)
RECORD (rv__kl, KL, (int mu, int logvar, double free_nats), (mu, logvar), .kl = { free_nats })
RECORD (rv__conv2d, CONV2D, (int x, int weight, int bias, int stride, RvPad pad), (x, weight, bias),
        .conv = { .stride = { stride, stride }, .pad = pad })
RECORD (rv__transposed_conv2d, CONV2D_BACKWARD_DATA,
        (int x, int weight, int stride, RvPad pad, gint64 rows, gint64 cols), (x, weight),
        .conv = { .stride = { stride, stride }, .pad = pad, .extent = { (int) rows, (int) cols } })
RECORD (rv__max_pool, MAX_POOL, (int x, int window, int stride, RvPad pad), (x),
        .pool = { .window = { window, window }, .stride = { stride, stride }, .pad = pad })
RECORD (rv__average_pool, AVERAGE_POOL, (int x, int window, int stride, RvPad pad, double scale), (x),
        .pool = { .window = { window, window }, .stride = { stride, stride }, .pad = pad, .scale = scale })
RECORD (rv__slice, SLICE, (int x, int first, int count), (x), .slice = { first, count })
RECORD (rv__channel_shuffle, CHANNEL_SHUFFLE, (int x, int groups), (x), .shuffle = { groups })
RECORD (rv__pad, PAD, (int x, RvPad by, RvPadMode mode), (x), .pad = { by, mode })
RECORD (rv__lrn, LRN, (int x, int size, double alpha, double beta), (x), .lrn = { size, alpha, beta })
RECORD (rv__instance_norm_from_sums, INSTANCE_NORM,
        (int x, int sums, gint64 positions, int scale, int shift, double epsilon), (x, sums, scale, shift),
        .norm = { positions, epsilon })
RECORD (rv__channel_norm, CHANNEL_NORM, (int x, int scale, int shift, double epsilon), (x, scale, shift),
        .norm = { 0, epsilon })
RECORD (rv__resize, RESIZE, (int x, gint64 rows, gint64 cols, RvResizeKernel kernel), (x),
        .resize = { .extent = { (int) rows, (int) cols }, .kernel = kernel })
RECORD (rv__channel_sum_squares, CHANNEL_SUM_SQUARES, (int x, int border), (x), .interior = { border })
RECORD (rv__best_match, BEST_MATCH, (int x, int guide, int border), (x, guide), .interior = { border })
RECORD (rv__reshape, RESHAPE, (int x, const RvShape *shape), (x), .reshape = { *shape })
RECORD (rv__total_variation, TOTAL_VARIATION, (int x, int mask, RvTvKind kind), (x, mask), .tv = { kind })
/* clang-format on */

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
rv__concat (RvProgram *program, int n_in, const int *in)
{
  return rv__program_record (program, RV_OP_CONCAT, NULL, n_in, in);
}

int
rv__instance_norm (RvProgram *program, int x, int scale, int shift, double epsilon)
{
  int sums = rv__program_record (program, RV_OP_PICTURE_SUMS, NULL, 1, &x);
  return rv__instance_norm_from_sums (program, x, sums, 0, scale, shift, epsilon);
}

int
rv__dense (RvProgram *program, int x, int weight, int bias)
{
  RvOpAttrs attrs = { .matmul = { FALSE, TRUE } };
  int y = rv__program_record (program, RV_OP_MATMUL, &attrs, 2, (int[]){ x, weight });
  return bias < 0 ? y : rv__bias (program, y, bias);
}
