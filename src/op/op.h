/* op.h -- the operations: kernels on plain memory and their gradients.
 * Layer 2 (op). May include: tensor.h, base.
 *
 * Every op is one row in this folder's meson.build, from which Meson writes op-list.h, and one RvOpClass at the end of
 * its file. The files are compiled twice, with `real` as float and as double: gradients are checked in double, backends
 * against float. The plain C forward and backward pass is the reference for every other kernel, and runs where no
 * faster kernel exists. */
#pragma once

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

/* Rows and columns added around a picture, in reading order. */
typedef struct {
  int top, left, bottom, right;
} RvPad;

typedef struct {
  int stride[2];   /* rows, columns */
  RvPad pad;       /* zeros */
  int extent[2];   /* rows, columns: backward_data: of the input; backward_weights: of the kernel */
  int groups;      /* groups of channels, convolved separately; 0: one */
  int dilation[2]; /* rows, columns: distance of the kernel's taps; 0: one */
} RvConvAttrs;

static inline int
rv__conv_groups (const RvConvAttrs *attrs)
{
  return MAX (attrs->groups, 1);
}

/* Distance of the kernel's taps along @axis (0 rows, 1 columns), 1 or more. */
static inline int
rv__conv_dilation (const RvConvAttrs *attrs, int axis)
{
  return MAX (attrs->dilation[axis], 1);
}

typedef struct {
  int window[2], stride[2];
  RvPad pad;     /* never counted: a maximum ignores it, an average divides by the positions inside */
  int extent[2]; /* backward ops: rows, columns of the input */
  double scale;  /* factor of averages: 1, or 2 for "average-scaled" */
} RvPoolAttrs;

typedef enum { RV_PAD_ZERO, RV_PAD_REPLICATE, RV_PAD_REFLECT } RvPadMode;
typedef enum { RV_RESIZE_BILINEAR, RV_RESIZE_BICUBIC, RV_RESIZE_NEAREST } RvResizeKernel;
/* Source of output position i, with r input positions for each output position: (i + 0.5) r - 0.5; i r; i scaled so
 * that the first and the last positions of input and output coincide. RV_RESIZE_NEAREST uses the second. */
typedef enum { RV_RESIZE_HALF_PIXEL, RV_RESIZE_ASYMMETRIC, RV_RESIZE_ALIGN_CORNERS } RvResizeCoordinates;
typedef enum { RV_TV_KERAS, RV_TV_ABSOLUTE, RV_TV_SQUARED } RvTvKind;

typedef union {
  RvConvAttrs conv;
  RvPoolAttrs pool;
  struct {
    gint64 first, count; /* channels; slice_backward: count of the output */
  } slice;
  struct {
    gint64 groups;
  } shuffle;
  struct {
    double factor;
    gint64 extent[2]; /* global_pool_backward: rows, columns of the output */
  } global;
  struct {
    RvPad by;
    RvPadMode mode;
  } pad;
  struct {
    int extent[2]; /* rows, columns: resize: of the output; its backward op: of the input */
    RvResizeKernel kernel;
    RvResizeCoordinates coordinates;
    int ratio[2][2]; /* rows, columns: output positions / input positions, as a fraction; 0: that of the sizes */
  } resize;
  struct {
    gboolean transpose_a, transpose_b;
  } matmul;
  struct {
    RvShape shape; /* output shape */
  } reshape;
  struct {
    gint64 extent[2]; /* channel_sum_backward: rows, columns of the output */
    gint64 n;         /* pictures of the output */
  } spread;
  struct {
    int border;       /* channel_sum_squares, best_match, their backward ops: rows, columns excluded on each side */
    gint64 extent[3]; /* best_match_backward: pictures, rows, columns of x */
  } interior;
  struct {
    gint64 positions; /* per channel, in the whole picture; 0: those of x */
    double epsilon;   /* added to variances */
  } norm;
  struct {
    int size; /* channels of a window, odd */
    double alpha, beta;
  } lrn;
  struct {
    RvTvKind kind;
  } tv;
  struct {
    double free_nats; /* kl and its backward op: smallest divergence that counts for a dimension; 0: none */
  } kl;
} RvOpAttrs;

/* One operand in memory. With block b > 1, channels are stored in groups of b, innermost: [N, C/b, H, W, b]. */
typedef struct {
  void *data; /* NULL: an unused output */
  RvShape shape;
  int block;
} RvView;

/* Element of an output: a number of the program's type, a bit, or a byte. */
typedef enum { RV_ELEMENT_REAL, RV_ELEMENT_BIT, RV_ELEMENT_BYTE } RvElementKind;

/* Dependence of output positions on input positions, for tiling. */
typedef enum {
  RV_LOCALITY_UNKNOWN,   /* values computed from this one are not tiled */
  RV_LOCALITY_POINTWISE, /* an output position depends on the same position of each input that has positions */
  RV_LOCALITY_WINDOW,    /* an output position depends on a window of input 0, from RvOpClass.window */
  RV_LOCALITY_REDUCTION, /* no positions: a sum over those of the inputs, so the sums of tiles add up */
} RvLocality;

/* Window along one axis: position p of the output lies at p * down / up of the input. It depends on the positions from
 * `before / up` before to `after / up` after. Positions beyond the picture's edges are made from positions inside the
 * window. */
typedef struct {
  gint64 before, after;
  int down, up;
} RvOpWindow;

/* Capabilities of an op's run(). */
enum {
  RV_SUPPORTS_IN_PLACE = 1, /* output 0 may overwrite input 0 */
  RV_SUPPORTS_BLOCKS = 2,   /* works on channel blocks as well as on plain rows, the same for all operands */
};

typedef struct _RvProgram RvProgram;

typedef struct {
  RvOpKind kind;
  int n_in, in[RV_OP_MAX_IN]; /* value numbers */
  int n_out, out[RV_OP_MAX_OUT];
  RvOpAttrs attrs;
} RvOpCall;

typedef struct {
  int n_in;
  int max_in;              /* 0: n_in */
  gboolean has_second_out; /* two outputs, else one */
  RvElementKind holds[RV_OP_MAX_OUT];
  guint supports; /* RV_SUPPORTS_ flags */
  RvLocality locality;

  /* RV_LOCALITY_WINDOW only: the window along @axis, 0 rows, 1 columns. FALSE if positions have different windows. */
  gboolean (*window) (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window);

  /* Approximate multiplications and additions of one run. NULL: proportional to the numbers read and written. */
  double (*work) (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out);

  /* Sets the shapes of the outputs; @out has room for RV_OP_MAX_OUT. FALSE and RV_ERROR_SHAPE if the inputs do not fit.
   * NULL: the shape of input 0. */
  gboolean (*shape) (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error);

  /* Computes the outputs, which it overwrites, from the inputs, on OpenMP's threads. Skips outputs without data. Cannot
   * fail. */
  void (*run) (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out);

  /* Records dL/d(input i) as the value grad_in[i] for each i with wanted[i]; may set others, too. @grad_in: -1 before;
   * stays -1 for inputs that are constants by definition, and after an error in program->error. @grad_out: value of the
   * gradient of output 0. NULL: the op has no gradient. */
  void (*gradient) (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in);
} RvOpClass;

/* The descriptor of op @kind: shape rule, run(), gradient(). Its run() works on f64 numbers if @type is RV_F64, else on
 * f32. Static; never NULL. @kind: below RV_N_OPS, unchecked. */
const RvOpClass *rv__op_class (RvOpKind kind, RvType type);
/* Name of op @kind, "conv2d". Static; never NULL. @kind: below RV_N_OPS, unchecked. */
const char *rv__op_name (RvOpKind kind);

/* Bytes of @count elements, without padding. RV_ELEMENT_BIT: @count / 8, rounded up; RV_ELEMENT_BYTE: @count;
 * RV_ELEMENT_REAL: @count numbers of @type. Cannot fail. */
gsize rv__element_bytes (RvElementKind holds, RvType type, gint64 count);

/* Resizes @n_planes consecutive planes of @height x @width floats by the op resize: half-pixel centres, edges repeated,
 * no antialiasing. Writes planes of @new_height x @new_width to @y (out caller-allocates), which must not overlap @x.
 * All sizes are at least 1, unchecked. Runs on OpenMP's threads. Cannot fail. */
void rv__resize_planes (const float *x, int n_planes, int height, int width, RvResizeKernel kernel, float *y,
                        int new_height, int new_width);

/* Padding along an axis of @n positions by TensorFlow's rule `same`, by which ceil (n / stride) windows fit. Returns
 * the positions before and sets *after to those after, one more if their sum is odd. Both are at least 0. */
int rv__pad_same (gint64 n, int window, int stride, int *after);
/* Positions of padding after an axis of @n positions, 0 .. stride-1, that make the last window of a ceil-mode pooling
 * fit; 0 if @window is @n or more. */
int rv__pad_ceil (gint64 n, int window, int stride);
