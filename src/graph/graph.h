/* graph.h -- records a network as ops, differentiates and plans it.
 * Layer 4 (graph). May include: backend, op, tensor, base.
 *
 * Usual order: record (the rv__ functions here, or rv__program_record()), rv__graph_differentiate(),
 * rv__graph_compile(). The first error of recording stays in program->error: callers check once, at the end. Values
 * are numbers; the functions return -1 after an error. An input may be -1, none, only if its comment says so. */
#pragma once

#include "backend/backend.h"
#include "op/program.h"

/* Each function below appends op calls to @program and does not run them. Returns the number of the value that they
 * compute. Returns -1 after an error, RV_ERROR_SHAPE or an earlier one, which stays in program->error. Parameters
 * without a type are numbers of values. src/op/ops has a file for each op, with formulas and shapes at its top. */

/* Records a convolution: @x [N, C, H, W], @weight [O, C, U, V], @bias [O] or -1, to [N, O, Ho, Wo]. @pad: zeros. */
int rv__conv2d (RvProgram *program, int x, int weight, int bias, int stride, RvPad pad);
/* Records max (x, 0), element by element, of any shape. */
int rv__relu (RvProgram *program, int x);
/* Records the maxima of @x [N, C, H, W] over windows of @window x @window. Padding never counts. */
int rv__max_pool (RvProgram *program, int x, int window, int stride, RvPad pad);
/* Records means of @x [N, C, H, W] over windows of @window x @window, times @scale. Padding never counts. */
int rv__average_pool (RvProgram *program, int x, int window, int stride, RvPad pad, double scale);
/* Records @n_in values [N, C, H, W], 1 to RV_OP_MAX_IN, concatenated along C. */
int rv__concat (RvProgram *program, int n_in, const int *in);
/* Records a + b, element by element; both have one shape. */
int rv__add (RvProgram *program, int a, int b);
/* Records scale[c] x + shift[c] of each channel of @x [N, C, H, W]. @scale, @shift: [C], without a gradient; @shift -1:
 * none. */
int rv__affine (RvProgram *program, int x, int scale, int shift);
/* Records min (max (x, 0), limits[c]) of each channel of @x [N, C, H, W]. @limits: [C], without a gradient. */
int rv__clip (RvProgram *program, int x, int limits);
/* Records x above 0 and alpha[c] (exp (x) - 1) below, of each channel of @x [N, C, H, W]. @alpha: [C], without a
 * gradient. */
int rv__elu (RvProgram *program, int x, int alpha);
/* Records the error function of @x, element by element, of any shape. */
int rv__erf (RvProgram *program, int x);
/* Records x times the distribution function of N(0, 1) at x, element by element, of any shape. */
int rv__gelu (RvProgram *program, int x);
/* Records a b, element by element; both have one shape. */
int rv__multiply (RvProgram *program, int a, int b);
/* Records @x [N, C, H, W] times @factors [N, C, 1, 1]. */
int rv__scale (RvProgram *program, int x, int factors);
/* Records the mean over all positions of @x [N, C, H, W], [N, C, 1, 1]. */
int rv__global_average_pool (RvProgram *program, int x);
/* Records the channels first .. first + count-1 of @x [N, C, H, W]. */
int rv__slice (RvProgram *program, int x, int first, int count);
/* Records @x [N, C, H, W] with its channels transposed as a matrix [G, K], as ShuffleNet does. G: @groups;
 * RV_ERROR_SHAPE unless it divides C; K: C / G. Channel g K + k becomes channel k G + g. */
int rv__channel_shuffle (RvProgram *program, int x, int groups);
/* Records @x [N, C, H, W] with rows and columns added around it. @mode: their values; RV_PAD_REFLECT adds fewer than @x
 * has. */
int rv__pad (RvProgram *program, int x, RvPad by, RvPadMode mode);
/* Records each channel of each picture of @x [N, C, H, W] normalised to mean 0 and variance 1 over its positions, then
 * scaled and shifted. @scale, @shift: [C], required. @epsilon: added to variances. */
int rv__instance_norm (RvProgram *program, int x, int scale, int shift, double epsilon);
/* Records rv__instance_norm() of @x, which may be a tile, by the @sums [2, N, C] of the whole picture: of x, of x^2.
 * @positions: number of positions of the whole picture; 0: that of @x. */
int rv__instance_norm_from_sums (RvProgram *program, int x, int sums, gint64 positions, int scale, int shift,
                                 double epsilon);
/* Records @x [N, C, H, W] normalised at each position to mean 0 and variance 1 over its channels, then scaled and
 * shifted by channel. @scale, @shift: [C], required, without a gradient. @epsilon: added to variances. */
int rv__channel_norm (RvProgram *program, int x, int scale, int shift, double epsilon);
/* Records local response normalisation of @x [N, C, H, W] over windows of @size channels, an odd number (unchecked).
 * Uses alpha / size and the constant 1, as Caffe and PyTorch do: ops/lrn.c. */
int rv__lrn (RvProgram *program, int x, int size, double alpha, double beta);
/* Records @x [N, C, H, W] resized to @rows x @cols, 1 or more, without antialiasing: bilinear and bicubic by pixel
 * centres, nearest from floor (i in / out); see ops/resize.c. Returns the value; -1 after an error in the program. */
int rv__resize (RvProgram *program, int x, gint64 rows, gint64 cols, RvResizeKernel kernel);
/* Records each channel of @x [N, C, H, W] times @mask [H, W], which has no gradient. */
int rv__mask (RvProgram *program, int x, int mask);
/* Records the Gram matrix [C, C] of @x [N, C, H, W], added over pictures: sums, not means. */
int rv__gram (RvProgram *program, int x);
/* Records the sum of each channel, [C], of @x [N, C, H, W] or [N, C], over pictures and positions. */
int rv__channel_sum (RvProgram *program, int x);
/* Records the sum of squares of each channel, [C], of @x [N, C, H, W], over pictures and positions, without @border
 * rows and columns per side. The sum is 0 if no position remains. */
int rv__channel_sum_squares (RvProgram *program, int x, int border);
/* Records the data gradient of a convolution as an op of its own: @x [N, O, Ho, Wo] and @weight [O, C, U, V] give [N,
 * C, @rows, @cols]. @stride, @pad: attributes of the convolution. */
int rv__transposed_conv2d (RvProgram *program, int x, int weight, int stride, RvPad pad, gint64 rows, gint64 cols);
/* Records x weight^T + bias, [N, out]: @x [N, in], @weight [out, in], @bias [out]; -1: none. */
int rv__dense (RvProgram *program, int x, int weight, int bias);
/* Records @x [N, C, H, W] or [N, C] plus @bias [C]. */
int rv__bias (RvProgram *program, int x, int bias);
/* Records a copy of @x in another shape of as many elements, in row-major order. @shape is copied. */
int rv__reshape (RvProgram *program, int x, const RvShape *shape);
/* Records 1 / (1 + exp (-x)), element by element, of any shape. */
int rv__sigmoid (RvProgram *program, int x);
/* Records mu + exp (logvar / 2) eps, element by element, of three values of one shape. @eps: an input, drawn from N(0,
 * I) by the caller; no gradient. */
int rv__sampler (RvProgram *program, int mu, int logvar, int eps);
/* Records @logvar limited to -30..20, of any shape. Outside the range the gradient is 0, except where a step of
 * gradient descent leads back toward the range. Returns the value; -1 after an error in program->error. */
int rv__clamp_logvar (RvProgram *program, int logvar);
/* Records KL (N(mu, exp (logvar)) | N(0, I)) of each sample, in nats, [N]; inputs: [N, J]. A dimension counts at least
 * @free_nats, with gradient 0 below; 0: as it is. */
int rv__kl (RvProgram *program, int mu, int logvar, double free_nats);
/* Records the negative log-likelihood of each sample, in nats, [N], of pixels @x, 0..1. @logits, @x: [N, ...], one
 * shape; @x has no gradient. */
int rv__bernoulli (RvProgram *program, int logits, int x);
/* Records the sum of (y - x)^2 of each sample, [N]; @y, @x: [N, ...], one shape. No gradient for @x. */
int rv__squared_error (RvProgram *program, int y, int x);
/* Records the sum over positions of @x [N, C, H, W], without @border rows and columns on each side, of the largest
 * inner product with a column of @guide [C, Q], Q at most 2^24: one number, [1]. No gradient for @guide. */
int rv__best_match (RvProgram *program, int x, int guide, int border);
/* Records the sum of (x - target)^2, one number, [1]; both of one shape. @target has no gradient. */
int rv__sum_squared_difference (RvProgram *program, int x, int target);
/* Records two sums, [2], of differences between neighbouring pixels of @x [N, C, H, W]: vertical and horizontal; for
 * RV_TV_KERAS one sum of both, then 0. @mask: [H, W], factor on the differences of a pixel, no gradient; -1: 1. */
int rv__total_variation (RvProgram *program, int x, int mask, RvTvKind kind);

/* Known gradient of a value: @grad is dL/d(@value). */
typedef struct {
  int value, grad;
} RvGradSeed;

/* Records the ops that turn the seeds into dL/d(wrt), visiting the op calls backwards. All calls recorded so far become
 * the forward part. Several gradients of a value are added; seeds with grad -1 are skipped. Returns the value
 * dL/d(wrt), marked as an output of the program; -1 if no seed depends on @wrt, or if program->error is set:
 * RV_ERROR_SHAPE or an earlier error. */
int rv__graph_differentiate (RvProgram *program, const RvGradSeed *seeds, int n_seeds, int wrt);

/* Records rv__graph_differentiate() for several values @wrt, which must exist (unchecked). grad_wrt[i]: the value
 * dL/d(wrt[i]), marked as an output of @program; -1 if no seed depends on wrt[i], which is TRUE. FALSE, and all -1,
 * with program->error set: RV_ERROR_SHAPE, or an earlier error. */
gboolean rv__graph_differentiate_all (RvProgram *program, const RvGradSeed *seeds, int n_seeds, const int *wrt,
                                      int n_wrt, int *grad_wrt);

/* Limit of RvReceptiveField.unit, px: larger than all pictures that are tiled. */
#define RV_MAX_UNIT (1 << 20)

/* Receptive field of position p of a value: rows and columns p * jump - before .. p * jump + after of the input. */
typedef struct {
  gint64 before[2], after[2], jump[2]; /* rows, columns; jump 0: none, or a value without positions */
  gint64 unit[2];                      /* px: least common multiple of the jumps of all values on the way */
  const char *untileable_op; /* name of an op on the way that needs the whole picture, does not declare its window, or
                             exceeds RV_MAX_UNIT: the value cannot be tiled; NULL: none */
} RvReceptiveField;

/* Least common multiple of two numbers, 0 or more; 0 if one is 0; G_MAXINT64 if it exceeds that. */
gint64 rv__common_multiple (gint64 a, gint64 b);

/* (transfer full): one row for each value of @program, by its number: its receptive field in the value @from. Values
 * that are independent of @from have jump 0, and unit 0 or 1. Free with g_free(). Cannot fail; sets untileable_op where
 * the field is unknown. */
RvReceptiveField *rv__graph_receptive_fields (const RvProgram *program, int from);

/* Removes the op calls that no output needs from @program, and sets lifetimes and shared memory of values:
 * RvValue.first, last, storage. Values keep their numbers. May be called again. FALSE with a copy of program->error, if
 * recording failed, and no change. */
gboolean rv__graph_plan (RvProgram *program, GError **error);
/* (transfer full) (nullable): @program (transfer full, also after an error), planned by rv__graph_plan() and compiled
 * by rv__executable_new(). Errors: those of both. */
RvExecutable *rv__graph_compile (RvProgram *program, const RvBackendClass *backend, const RvCompileSettings *settings,
                                 GError **error);

/* (transfer full): a planned program with the same results: @program itself, or a new program, after freeing @program.
 * Recomputes forward values just before a backward op call reads them, if this lowers the peak of memory (recompute.c).
 * @program: (transfer full): planned. @backend: estimates the work of op calls. *work: (out): new work / old work, 1 to
 * 1.35. Cannot fail. */
RvProgram *rv__graph_recompute (RvProgram *program, const RvBackendClass *backend, double *work);
