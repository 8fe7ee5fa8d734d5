/* convolution.h -- inputs of convolutions for tests of kernels, and expected results from plain C in double. */
#ifndef TEST_CONVOLUTION_H
#define TEST_CONVOLUTION_H

#include "backend/kernels/conv-class.h"

typedef struct {
  const char *what;
  int n, in, out, h, w, kernel[2], stride[2], dilation[2];
  RvPad pad;
} ConvCase;

/* Convolutions of different sizes, kernels, strides, dilations and paddings. */
extern const ConvCase conv_cases[];
extern const guint conv_n_cases;

typedef struct {
  RvShape shape;
  double *right;
  float *plain;
  gint64 n;
} ConvNumbers;

typedef struct {
  const ConvCase *c;
  ConvNumbers x, w, b, gy;
  double *y, *gx, *gw;       /* expected: output, gradients of input and weights */
  GCancellable *cancellable; /* (nullable) */
} ConvProblem;

void conv_problem_init (ConvProblem *problem, const ConvCase *c);
void conv_problem_clear (ConvProblem *problem);

/* Runs @check for each case with the SIMD width @lanes, an int (GINT_TO_POINTER). Skips the test if the processor lacks
 * that width. */
void conv_check_each (gconstpointer lanes, const ConvCase *cases, guint n_cases,
                      void (*check) (ConvProblem *problem, const RvSimd *lanes));

/* Spec of @problem for @direction. Input and output have blocks of @lanes channels; plain rows if their channels are no
 * multiple of @lanes. */
RvConvSpec conv_problem_spec (const ConvProblem *problem, RvConvDirection direction, int lanes);

/* (transfer full, rv__free): a copy of @from, which has plain rows, in a kernel's layout. @from NULL: all NaN. */
float *conv_lay_out (const RvShape *shape, int block, const float *from);

typedef struct {
  int n_threads;
  RvPostOp after;
  guint8 *bits;
  const float
    *to; /* content of the output before the run, in plain rows; NULL: NaN, so that the kernel must write all of it */
  RvOnednn *onednn; /* (nullable) */
} ConvHow;

/* (transfer full, rv__free) (nullable): output of the kernel @class, in the kernel's layout. NULL: @class has no kernel
 * for @spec. */
float *conv_compute (const ConvProblem *problem, const RvConvClass *class, const RvSimd *lanes, const RvConvSpec *spec,
                     const ConvHow *how);

/* Returns whether @class has a kernel for the problem. Asserts that its result is right with one thread, and has the
 * same bytes with five threads. */
gboolean conv_check (const ConvProblem *problem, const RvConvClass *class, const RvSimd *lanes,
                     RvConvDirection direction);

/* Asserts that @class has no kernel for @spec. */
void conv_assert_none (const RvConvClass *class, const RvConvSpec *spec);

/* Asserts that @made, in the kernel's layout, equals the expected result of @spec->direction to 2e-6 (relative, L2). */
void conv_assert_right (const ConvProblem *problem, const RvConvSpec *spec, const float *made);
/* Asserts that @made, in channel blocks of @block, equals @right, in plain rows, to 2e-6 (relative, L2). */
void conv_assert_near (const float *made, const RvShape *shape, int block, const double *right);

/* Returns the shape of the output of @spec->direction, owned by @spec. *block: its channel block. */
const RvShape *conv_made (const RvConvSpec *spec, int *block);

#endif
