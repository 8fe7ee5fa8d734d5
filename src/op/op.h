/* op.h -- the operations: what each computes on plain memory, and how its gradient is recorded.
 * Layer 2 (op). May include: tensor.h, base.
 *
 * Every op is one row in this folder's meson.build, from which Meson writes op-list.h, and one RvOpClass at the end of
 * its file. The files are compiled twice, once with `real` as float and once as double: gradients are checked in
 * double, backends against float. The plain-C forward and backward are the oracle of every other kernel; they are also
 * what runs where no faster one exists. */
#ifndef RV_OP_H
#define RV_OP_H

#include "op/op-list.h"
#include <reverie/tensor.h>

typedef enum {
#define X(KIND, name) RV_OP_##KIND,
  RV_OP_ROWS (X)
#undef X
    RV_N_OPS
} RvOpKind;

#define RV_OP_MAX_IN 4
#define RV_OP_MAX_OUT 2

/* Rows and columns of something laid over a picture's edges, in the order the eye meets them. */
typedef struct {
  int top, left, bottom, right;
} RvPad;

typedef struct {
  int stride[2]; /* rows, columns */
  RvPad pad;     /* zeros around the input */
  int extent[2]; /* of backward_data: the input's rows, columns; of backward_weights: the kernel's */
} RvConvAttrs;

typedef struct {
  int window[2], stride[2];
  RvPad pad;     /* never counted: a maximum ignores it, an average divides by what lies inside */
  int extent[2]; /* of the backward ops: the input's rows, columns */
  double scale;  /* of averages: 1, or 2 for "average-scaled" */
} RvPoolAttrs;

typedef enum { RV_PAD_ZERO, RV_PAD_REPLICATE, RV_PAD_REFLECT } RvPadMode;
typedef enum { RV_RESIZE_BILINEAR, RV_RESIZE_BICUBIC, RV_RESIZE_NEAREST } RvResizeKernel;
typedef enum { RV_TV_KERAS, RV_TV_ABSOLUTE, RV_TV_SQUARED } RvTvForm;

typedef union {
  RvConvAttrs conv;
  RvPoolAttrs pool;
  struct {
    gint64 first, count; /* channels */
  } slice;
  struct {
    RvPad by;
    RvPadMode mode;
  } pad;
  struct {
    int extent[2]; /* of resize: the output's rows, columns; of its backward: the input's */
    RvResizeKernel kernel;
  } resize;
  struct {
    gboolean transpose_a, transpose_b;
  } matmul;
  struct {
    RvShape shape; /* the output's */
  } reshape;
  struct {
    gint64 extent[2]; /* of channel_sum_backward: the rows, columns to spread over */
    gint64 n;         /* pictures to spread over */
  } spread;
  struct {
    int border; /* of channel_sum_squares and its backward, of best_match: rows, columns left out on each side */
  } interior;
  struct {
    int border;       /* of best_match_backward: as above */
    gint64 extent[3]; /* of x: pictures, rows, columns */
  } match;
  struct {
    gint64 positions; /* of a channel, in the whole picture; 0: those of x */
    double epsilon;   /* added to variances */
  } norm;
  struct {
    RvTvForm form;
  } tv;
} RvOpAttrs;

/* One operand in memory. With block b > 1, channels lie in groups of b, innermost: [N, C/b, H, W, b]. */
typedef struct {
  void *data; /* NULL: an output nobody reads */
  RvShape shape;
  int block;
} RvView;

/* What an output holds: numbers in the program's type, one bit per element, or one byte per element. */
typedef enum { RV_HOLDS_REALS, RV_HOLDS_BITS, RV_HOLDS_BYTES } RvHolds;

/* How the positions of an output depend on those of the inputs: what cutting a picture into tiles must know. */
typedef enum {
  RV_REACH_NOT_DECLARED, /* nobody said: what comes after it is not computed in tiles */
  RV_REACH_POSITION,     /* each position on the same position of each input that has positions */
  RV_REACH_WINDOW,       /* each on the window that the class's window() says */
  RV_REACH_SUM,          /* no positions: sums over those of the inputs, so that the sums of tiles add up */
} RvReachKind;

/* The window along one axis: position p of the output lies at p * down / up of the input, and depends on the positions
 * from `before / up` before that to `after / up` after it. What lies beyond the picture's edges is made of positions
 * inside the window. */
typedef struct {
  gint64 before, after;
  int down, up;
} RvWindow;

/* What an op's run() can do. */
enum {
  RV_SUPPORTS_IN_PLACE = 1, /* output 0 may lie where input 0 lay */
  RV_SUPPORTS_BLOCKS = 2,   /* works on channel blocks as well as on plain rows, all operands alike */
};

typedef struct _RvProgram RvProgram;

typedef struct {
  RvOpKind kind;
  int n_in, in[RV_OP_MAX_IN]; /* value numbers */
  int n_out, out[RV_OP_MAX_OUT];
  RvOpAttrs attrs;
} RvStep;

typedef struct {
  const char *name;
  int n_in, n_out;
  int max_in; /* inputs at most; 0: n_in */
  RvHolds holds[RV_OP_MAX_OUT];
  guint supports; /* RV_SUPPORTS_ flags */
  RvReachKind reach;

  /* Of RV_REACH_WINDOW: along @axis, 0 rows, 1 columns. FALSE when no one window is true of all positions. */
  gboolean (*window) (const RvOpAttrs *attrs, const RvShape *in, int axis, RvWindow *window);

  /* Multiplications and additions, about, of one run. NULL: each number is touched once or a few times. */
  double (*work) (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out);

  /* The shapes of the outputs; FALSE and RV_ERROR_SHAPE when the inputs do not fit. NULL: all are input 0's. */
  gboolean (*shape) (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error);

  /* Overwrites the outputs; never accumulates. */
  void (*run) (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out);

  /* Records what dL/d(input i) is made of, for each i with wanted[i], given the gradient of output 0. NULL: the op
   * has no gradient (it is one). */
  void (*gradient) (RvProgram *program, const RvStep *step, int grad_out, const gboolean *wanted, int *grad_in);
} RvOpClass;

/* rv__op_class: the class for @type, RV_F32 or RV_F64. Can't fail. */
const RvOpClass *rv__op_class (RvOpKind kind, RvType type);

/* rv__holds_bytes: bytes of @count elements. */
gsize rv__holds_bytes (RvHolds holds, RvType type, gint64 count);

/* Does in floats what the op resize does: @n_planes planes of @height x @width numbers into @y. */
void rv__resize_planes (const float *x, int n_planes, int height, int width, RvResizeKernel kernel, float *y,
                        int new_height, int new_width);

/* Padding by TensorFlow's rule `same`: out = ceil (n / stride), the odd pixel after. rv__pad_ceil adds what makes the
 * last window of a ceil-mode pooling fit. Both return the amount before and write the amount after. */
int rv__pad_same (gint64 n, int window, int stride, int *after);
int rv__pad_ceil (gint64 n, int window, int stride, int *after);

#endif
