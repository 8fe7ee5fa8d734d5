/* graph.h -- recording a network as ops, differentiating what was recorded, planning it.
 * Layer 4 (graph). May include: backend, op, tensor, base.
 *
 * The usual life: record (this file's rv__ functions, or rv__program_record()), rv__graph_differentiate(),
 * rv__graph_plan(), then a backend compiles the program. An error while recording stays in program->error: callers
 * look once, at the end. Value -1 means "none". */
#ifndef RV_GRAPH_H
#define RV_GRAPH_H

#include "backend/backend.h"
#include "op/program.h"

/* Ops by their names; shapes as in the head of each src/op/ops file. */
int rv__conv2d (RvProgram *program, int x, int weight, int bias, int stride, RvPad pad);
int rv__relu (RvProgram *program, int x);
int rv__max_pool (RvProgram *program, int x, int window, int stride, RvPad pad);
int rv__average_pool (RvProgram *program, int x, int window, int stride, RvPad pad, double scale);
int rv__concat (RvProgram *program, int n_in, const int *in);
int rv__add (RvProgram *program, int a, int b);
int rv__affine (RvProgram *program, int x, int scale, int shift);
int rv__pad (RvProgram *program, int x, RvPad by, RvPadMode mode);
/* The norm of each channel of each picture over all its positions. _of: from the sums, [2, N, C], of a picture with so
 * many @positions, of which x may be a part: what tiles need (op/ops/instance-norm.c). */
int rv__instance_norm (RvProgram *program, int x, int scale, int shift, double epsilon);
int rv__instance_norm_of (RvProgram *program, int x, int sums, gint64 positions, int scale, int shift, double epsilon);
int rv__resize (RvProgram *program, int x, gint64 rows, gint64 cols, RvResizeKernel kernel);
/* @mask: [H, W], set from outside. */
int rv__mask (RvProgram *program, int x, int mask);
int rv__gram (RvProgram *program, int x);
int rv__channel_sum (RvProgram *program, int x);
/* @border rows and columns on each side are left out. */
int rv__channel_sum_squares (RvProgram *program, int x, int border);
/* Ops of training. Weights of dense layers: [out, in]. */
int rv__transposed_conv2d (RvProgram *program, int x, int weight, int stride, RvPad pad, gint64 rows, gint64 cols);
int rv__dense (RvProgram *program, int x, int weight, int bias);
int rv__bias (RvProgram *program, int x, int bias);
int rv__reshape (RvProgram *program, int x, const RvShape *shape);
int rv__sigmoid (RvProgram *program, int x);
int rv__sampler (RvProgram *program, int mu, int logvar, int eps);
int rv__kl (RvProgram *program, int mu, int logvar);
int rv__bernoulli (RvProgram *program, int logits, int x);
int rv__squared_error (RvProgram *program, int y, int x);
int rv__best_match (RvProgram *program, int x, int guide, int border);
int rv__sum_squared_difference (RvProgram *program, int x, int target);
/* @mask: [H, W], or -1. */
int rv__total_variation (RvProgram *program, int x, int mask, RvTvForm form);

/* One known gradient: dL/d(value). */
typedef struct {
  int value, grad;
} RvSeed;

/* rv__graph_differentiate: records the ops that turn the seeds into dL/d(wrt), walking the steps backwards; everything
 * recorded so far becomes the forward part. Gradients that meet are added.
 * Returns: dL/d(wrt), an output; -1 when no seed depends on @wrt, or after an error. */
int rv__graph_differentiate (RvProgram *program, const RvSeed *seeds, int n_seeds, int wrt);

/* rv__graph_differentiate_all: the same with respect to several values: grad_wrt[i] = dL/d(wrt[i]), outputs, or -1 when
 * no seed depends on it. FALSE after an error. */
gboolean rv__graph_differentiate_all (RvProgram *program, const RvSeed *seeds, int n_seeds, const int *wrt, int n_wrt,
                                      int *grad_wrt);

/* What a position of a value sees of the input: rows and columns p * jump - before .. p * jump + after. */
typedef struct {
  gint64 before[2], after[2], jump[2]; /* rows, columns; jump 0: nothing of it, or it has no positions */
  gint64 unit[2];                      /* px: all that was computed on the way lies on multiples of it */
  const char *untiled_by;              /* the op on the way that sees the whole picture, or does not say what it sees:
                                          no tile alone has this value; NULL: there is none */
} RvReach;

/* rv__common_multiple: the least of two positive numbers; 0 of nothing. */
gint64 rv__common_multiple (gint64 a, gint64 b);

/* rv__graph_reach: (transfer full): of each value, in what has been recorded. */
RvReach *rv__graph_reach (const RvProgram *program, int from);

/* rv__graph_plan: drops the steps that no output needs, finds when each value lives and which may share memory.
 * FALSE, with the first error of recording, when there was one. */
gboolean rv__graph_plan (RvProgram *program, GError **error);

/* rv__graph_recompute: (transfer full): the same program, planned again, in which backward steps read values that are
 * computed anew just before, where that lowers the peak of memory (recompute.c).
 * @program: (transfer full): planned. @backend: says what steps cost. *work: what it takes, to what it took. Can't
 * fail. */
RvProgram *rv__graph_recompute (RvProgram *program, const RvBackendClass *backend, double *work);

#endif
