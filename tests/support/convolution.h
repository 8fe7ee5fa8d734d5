/* convolution.h -- convolutions for the tests of our own kernels: numbers, and what is right by the plain-C ops in
 * double. */
#ifndef TEST_CONVOLUTION_H
#define TEST_CONVOLUTION_H

#include "backend/kernels/conv-class.h"

typedef struct {
  const char *what;
  int n, in, out, h, w, kernel[2], stride[2], dilation[2];
  RvPad pad;
} ConvCase;

/* conv_cases: of any shape. */
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
  double *y, *gx, *gw;       /* what is right */
  GCancellable *cancellable; /* (nullable) */
} ConvProblem;

void conv_problem_init (ConvProblem *problem, const ConvCase *c);
void conv_problem_clear (ConvProblem *problem);

/* conv_check_each: @check of each case, on registers of so many floats (GINT_TO_POINTER): a counted skip where this
 * processor has none. */
void conv_check_each (gconstpointer lanes, const ConvCase *cases, guint n_cases,
                      void (*check) (ConvProblem *problem, const RvLanes *lanes));

/* conv_problem_spec: a side whose channels are no multiple of @lanes lies in plain rows. */
RvConvSpec conv_problem_spec (const ConvProblem *problem, RvConvDirection direction, int lanes);

/* conv_lay_out: (transfer full, rv__free): a value as a kernel has it, @from in plain rows; NULL: NaN. */
float *conv_lay_out (const RvShape *shape, int block, const float *from);

typedef struct {
  int n_threads;
  RvAfter after;
  guint8 *bits;
  const float *to;  /* what lies where it writes, in plain rows; NULL: NaN, all of which must be written */
  RvOnednn *onednn; /* (nullable) */
} ConvHow;

/* conv_compute: (transfer full, rv__free) (nullable): what a kernel makes, as it lays it out. NULL: there is none. */
float *conv_compute (const ConvProblem *problem, const RvConvClass *class, const RvLanes *lanes, const RvConvSpec *spec,
                     const ConvHow *how);

/* conv_check: whether there is a kernel, and that what it makes is right, and the same bytes on five threads. */
gboolean conv_check (const ConvProblem *problem, const RvConvClass *class, const RvLanes *lanes,
                     RvConvDirection direction);

/* conv_assert_none: there is no such kernel here. */
void conv_assert_none (const RvConvClass *class, const RvConvSpec *spec);

/* conv_assert_right: the result of a direction, as the kernel lays it out; to 2e-6, relative, L2. */
void conv_assert_right (const ConvProblem *problem, const RvConvSpec *spec, const float *made);
void conv_assert_near (const float *made, const RvShape *shape, int block, const double *right);

/* conv_made: what a direction makes: its shape, and its block. */
const RvShape *conv_made (const RvConvSpec *spec, int *block);

#endif
