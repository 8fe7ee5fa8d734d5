/* graph.h -- records a network as ops, differentiates and plans it.
 * Layer 4 (graph). May include: backend, op, tensor, base.
 *
 * Usual order: record (the rv__ functions here, or rv__program_record()), rv__graph_differentiate(), rv__graph_plan(),
 * compile on a backend. The first error of recording stays in program->error: callers check once, at the end. Values
 * are numbers; the functions return -1 after an error. An input may be -1, none, only if its comment says so. */
#ifndef RV_GRAPH_H
#define RV_GRAPH_H

#include "backend/backend.h"
#include "op/program.h"

/* Each function records one op and returns its first output. Shapes are at the top of the op's file in src/op/ops. */

/* @bias: [out], or -1. */
int rv__conv2d (RvProgram *program, int x, int weight, int bias, int stride, RvPad pad);
int rv__relu (RvProgram *program, int x);
/* Pools @window x @window positions; padding is never counted, as in rv__average_pool(). */
int rv__max_pool (RvProgram *program, int x, int window, int stride, RvPad pad);
/* @scale: factor of the means. */
int rv__average_pool (RvProgram *program, int x, int window, int stride, RvPad pad, double scale);
int rv__concat (RvProgram *program, int n_in, const int *in);
int rv__add (RvProgram *program, int a, int b);
/* Multiplies each channel by @scale and adds @shift (or -1), both [C]: constants without a gradient. */
int rv__affine (RvProgram *program, int x, int scale, int shift);
int rv__pad (RvProgram *program, int x, RvPad by, RvPadMode mode);
/* Normalises each channel of each picture over all its positions. @scale, @shift: [C], required. */
int rv__instance_norm (RvProgram *program, int x, int scale, int shift, double epsilon);
/* Instance norm of @x, which may be a tile, from the @sums [2, N, C] of the whole picture (op/ops/instance-norm.c).
 * @positions: of the whole picture; 0: those of @x. @scale, @shift: [C], required. */
int rv__instance_norm_from_sums (RvProgram *program, int x, int sums, gint64 positions, int scale, int shift,
                                 double epsilon);
/* @rows, @cols: size of the result. */
int rv__resize (RvProgram *program, int x, gint64 rows, gint64 cols, RvResizeKernel kernel);
/* @mask: [H, W], an input. */
int rv__mask (RvProgram *program, int x, int mask);
/* Gram matrix [C, C], not divided by the number of positions. */
int rv__gram (RvProgram *program, int x);
int rv__channel_sum (RvProgram *program, int x);
/* @border: rows and columns excluded on each side. */
int rv__channel_sum_squares (RvProgram *program, int x, int border);
/* Records the data gradient of a convolution as an op of its own. @rows, @cols: size of the result. */
int rv__transposed_conv2d (RvProgram *program, int x, int weight, int stride, RvPad pad, gint64 rows, gint64 cols);
/* Records a matrix product and a bias. @weight: [out, in]; @bias: [out], required. */
int rv__dense (RvProgram *program, int x, int weight, int bias);
int rv__bias (RvProgram *program, int x, int bias);
int rv__reshape (RvProgram *program, int x, const RvShape *shape);
int rv__sigmoid (RvProgram *program, int x);
int rv__sampler (RvProgram *program, int mu, int logvar, int eps);
/* Divergence of N(mu, exp (logvar)) from N(0, I), one number for each sample. */
int rv__kl (RvProgram *program, int mu, int logvar);
int rv__bernoulli (RvProgram *program, int logits, int x);
int rv__squared_error (RvProgram *program, int y, int x);
/* Sum of the best products with @guide [C, Q]. @border: rows and columns excluded on each side. */
int rv__best_match (RvProgram *program, int x, int guide, int border);
int rv__sum_squared_difference (RvProgram *program, int x, int target);
/* @mask: [H, W], or -1. */
int rv__total_variation (RvProgram *program, int x, int mask, RvTvKind form);

/* Known gradient of a value: @grad is dL/d(@value). */
typedef struct {
  int value, grad;
} RvGradSeed;

/* Records the ops that turn the seeds into dL/d(wrt), visiting the steps backwards. All steps recorded so far become
 * the forward part. Several gradients of a value are added. Returns the value dL/d(wrt), marked as an output of the
 * program; -1 if no seed depends on @wrt, or after an error, which stays in program->error. */
int rv__graph_differentiate (RvProgram *program, const RvGradSeed *seeds, int n_seeds, int wrt);

/* rv__graph_differentiate() for several values. grad_wrt[i]: the value dL/d(wrt[i]), marked as an output of @program;
 * -1 if no seed depends on wrt[i]. FALSE, and all -1, after an error, which stays in program->error. */
gboolean rv__graph_differentiate_all (RvProgram *program, const RvGradSeed *seeds, int n_seeds, const int *wrt,
                                      int n_wrt, int *grad_wrt);

/* Receptive field of position p of a value: rows and columns p * jump - before .. p * jump + after of the input. */
typedef struct {
  gint64 before[2], after[2], jump[2]; /* rows, columns; jump 0: none, or a value without positions */
  gint64 unit[2];                      /* px: all values on the way lie on multiples of it */
  const char *untileable_op; /* name of an op on the way that needs the whole picture or does not declare its window:
                             the value cannot be tiled; NULL: none */
} RvReceptiveField;

/* Least common multiple of two numbers, 0 or more; 0 if one is 0. */
gint64 rv__common_multiple (gint64 a, gint64 b);

/* (transfer full): one row for each value of @program: its receptive field in the value @from. Free with g_free(). */
RvReceptiveField *rv__graph_receptive_fields (const RvProgram *program, int from);

/* Drops the steps that no output needs, and sets lifetimes and shared memory of values: RvValue.first, last, storage.
 * May be called again. FALSE with a copy of the first error of recording, if any; then nothing changes. */
gboolean rv__graph_plan (RvProgram *program, GError **error);

/* (transfer full): a planned program with the same results, whose forward values are recomputed just before a backward
 * step reads them, if this lowers the peak of memory (recompute.c): @program itself, or a new one in its place, with
 * @program freed. @program: (transfer full): planned. @backend: gives the costs of steps. *work: new work / old work,
 * 1 to 1.35. Can't fail. */
RvProgram *rv__graph_recompute (RvProgram *program, const RvBackendClass *backend, double *work);

#endif
