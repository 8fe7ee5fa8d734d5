/* convolution.h -- convolutions for tests of our kernels: inputs, and right results from plain C in double. */
#ifndef TEST_CONVOLUTION_H
#define TEST_CONVOLUTION_H

#include "backend/kernels/conv-class.h"

typedef struct {
  const char *what;
  int n, in, out, h, w, kernel[2], stride[2], dilation[2];
  RvPad pad;
} ConvCase;

/* Cases of all shapes. */
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
  double *y, *gx, *gw;       /* right results */
  GCancellable *cancellable; /* (nullable) */
} ConvProblem;

void conv_problem_init (ConvProblem *problem, const ConvCase *c);
void conv_problem_clear (ConvProblem *problem);

/* Runs @check for each case with this SIMD width (GINT_TO_POINTER). Counts a skip if the processor lacks it. */
void conv_check_each (gconstpointer lanes, const ConvCase *cases, guint n_cases,
                      void (*check) (ConvProblem *problem, const RvSimd *lanes));

/* A side lies in plain rows if its channels are no multiple of @lanes. */
RvConvSpec conv_problem_spec (const ConvProblem *problem, RvConvDirection direction, int lanes);

/* (transfer full, rv__free): @from, in plain rows, in a kernel's layout. NULL: NaN. */
float *conv_lay_out (const RvShape *shape, int block, const float *from);

typedef struct {
  int n_threads;
  RvPostOp after;
  guint8 *bits;
  const float *to;  /* previous output, in plain rows; NULL: NaN, so that all must be written */
  RvOnednn *onednn; /* (nullable) */
} ConvHow;

/* (transfer full, rv__free) (nullable): a kernel's output, in its layout. NULL: no such kernel. */
float *conv_compute (const ConvProblem *problem, const RvConvClass *class, const RvSimd *lanes, const RvConvSpec *spec,
                     const ConvHow *how);

/* Returns whether there is a kernel, and asserts that its result is right and the same bytes with five threads. */
gboolean conv_check (const ConvProblem *problem, const RvConvClass *class, const RvSimd *lanes,
                     RvConvDirection direction);

/* Asserts that there is no kernel. */
void conv_assert_none (const RvConvClass *class, const RvConvSpec *spec);

/* Asserts that @made, in the kernel's layout, is right to 2e-6, relative, L2. */
void conv_assert_right (const ConvProblem *problem, const RvConvSpec *spec, const float *made);
void conv_assert_near (const float *made, const RvShape *shape, int block, const double *right);

/* Shape and block of the output of a direction. */
const RvShape *conv_made (const RvConvSpec *spec, int *block);

#endif
