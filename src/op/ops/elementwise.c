/* elementwise.c -- ops that compute each number of y from the inputs' numbers at the same position. Each op is one ROW
 * or BACKWARD_ROW.
 *
 * A row's string has one letter for each input:
 *
 *   x  a number for each of input 0: the same shape
 *   c  a number for each channel, [C]; input 0 is [N, C, H, W] or, without positions, [N, C]
 *   p  a number for each position, [H, W]; input 0 is [N, C, H, W]
 *   s  a number for each channel of each picture, [N, C, 1, 1]; input 0 is [N, C, H, W]
 *
 * The row's value has the numbers of inputs 0, 1 and 2 as a, b and c; inputs that may be left out are 0 then. The row's
 * gradient records ops and sets grad_in[0], ...; gy is the gradient of y. An input without gradient is a constant.
 * relu.c has a file of its own, since its second output is packed into bits. */
#include "op/chunks.h"
#include "op/exponential.h"
#include "op/real.h"

#define MAX_INPUTS 3

/* RvOpClass.shape of a row: sets out[0] to the shape of input 0. FALSE and RV_ERROR_SHAPE, with @rule, if another input
 * does not have the shape of its letter. */
static gboolean
row_shape (const char *name, const char *letters, const char *rule, int n_in, const RvShape *in, RvShape *out,
           GError **error)
{
  const gint64 *d = in[0].dim;
  for (int i = 1; i < n_in; i++) {
    gboolean channels = in[i].n == 1 && (in[0].n == 4 || in[0].n == 2) && in[i].dim[0] == d[1];
    gboolean positions = in[i].n == 2 && in[0].n == 4 && in[i].dim[0] == d[2] && in[i].dim[1] == d[3];
    gboolean planes = in[0].n == 4 && in[i].n == 4 && in[i].dim[0] == d[0] && in[i].dim[1] == d[1] &&
                      in[i].dim[2] == 1 && in[i].dim[3] == 1;
    if (!(letters[i] == 'c'   ? channels
          : letters[i] == 'p' ? positions
          : letters[i] == 's' ? planes
                              : rv_shape_equal (&in[i], &in[0])))
      return rv__shape_error (name, rule, n_in, in, error);
  }
  out[0] = in[0];
  return TRUE;
}

/* Offset into an input of the kind @letter: @number, @position or @channel. */
static inline gint64
offset_of (char letter, gint64 number, gint64 channel, gint64 position)
{
  return letter == 'x' ? number : letter == 'p' ? position : channel;
}

/* Computes @n positions of @block adjacent channels. @in: the first number of each input. */
typedef void (*Loop) (const real *const in[MAX_INPUTS], gint64 n, gint64 block, real *y);

/* RvOpClass.run of a row: writes y, computed by @loop chunk by chunk on OpenMP's threads, from @n_in inputs of the
 * kinds @letters. An input that is left out, which must be of the kind c, counts as zeros. Cannot fail. */
static void
run_loop (const char *letters, Loop loop, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim;
  gboolean is_flat = strspn (letters, "x") == strlen (letters), is_columns = in[0].shape.n == 2;
  gint64 block = is_columns ? d[1] : block_of (&in[0]);
  gint64 positions = is_columns ? 1 : d[2] * d[3];
  const RvChunks chunks =
    is_flat ? rv__chunks_of (&in[0]) : rv__chunks (d[0], d[1] / block, positions, MAX (RV_FLAT_CHUNK / block, 1));
  g_autofree real *zeros = letters[n_in] ? g_new0 (real, d[1] + 1) : NULL; /* for a 'c' that is left out */

#pragma omp parallel for schedule(static) if (rv_shape_count(&in[0].shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    const real *from[MAX_INPUTS];
    RvChunk chunk = rv__chunk (&chunks, i);
    gint64 n = chunk.end - chunk.from;
    gint64 first = (chunk.index * chunks.positions + chunk.from) * block;
    if (is_flat)
      first = rv__chunk_span (&chunks, &in[0], i, &n);
    for (int k = 0; letters[k]; k++)
      from[k] =
        (k < n_in ? (const real *) in[k].data : zeros) +
        offset_of (letters[k], first, chunk.plane * block + (letters[k] == 's' ? chunk.picture * d[1] : 0), chunk.from);
    loop (from, n, is_flat ? 1 : block, (real *) out[0].data + first);
  }
}

/* Macros whose arguments are expressions, which clang-format takes for declarations. */
/* clang-format off */

/* Number of input @k at position p, channel i of a block; 0 for an input that the row does not have. */
#define INPUT(letters, k, p, i, block)                                                                                 \
  (sizeof letters <= (k) + 1 ? 0 : in[k][offset_of (letters[MIN (k, sizeof letters - 1)], (p) * (block) + (i), i, p)])
#define COMPUTE(letters, value, p, i, block)                                                                           \
  {                                                                                                                    \
    const real a = INPUT (letters, 0, p, i, block);                                                                    \
    const real b = INPUT (letters, 1, p, i, block), c = INPUT (letters, 2, p, i, block);                               \
    (void) b, (void) c;                                                                                                \
    y[(p) * (block) + (i)] = value;                                                                                    \
  }
#define COMPUTE_BLOCKS(letters, value, block)                                                                          \
  for (gint64 p = 0; p < n; p++)                                                                                       \
    _Pragma ("omp simd") for (gint64 i = 0; i < block; i++) COMPUTE (letters, value, p, i, block)

/* A row without gradient. @versions: RV_CLONES; NO_CLONES if a function of libm takes most of the time. */
#define BACKWARD_ROW(name_, letters, versions, value, rule, ...)                                                       \
  versions static void name_##_loop (const real *const in[MAX_INPUTS], gint64 n, gint64 block, real *y)                \
  {                                                                                                                    \
    switch (block) {                                                                                                   \
    case 1:                                                                                                            \
      _Pragma ("omp simd") for (gint64 p = 0; p < n; p++) COMPUTE (letters, value, p, 0, 1)                            \
      break;                                                                                                           \
    case 8:                                                                                                            \
      COMPUTE_BLOCKS (letters, value, 8)                                                                               \
      break;                                                                                                           \
    case 16:                                                                                                           \
      COMPUTE_BLOCKS (letters, value, 16)                                                                              \
      break;                                                                                                           \
    default:                                                                                                           \
      COMPUTE_BLOCKS (letters, value, block)                                                                           \
    }                                                                                                                  \
  }                                                                                                                    \
  static void name_##_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)                      \
  {                                                                                                                    \
    run_loop (letters, name_##_loop, n_in, in, out);                                                                   \
  }                                                                                                                    \
  static gboolean name_##_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)    \
  {                                                                                                                    \
    return row_shape (#name_, letters, rule, n_in, in, out, error);                                                    \
  }                                                                                                                    \
  const RvOpClass RV_OP (name_) = {                                                                                    \
    .max_in = sizeof letters - 1, .shape = name_##_shape, .run = name_##_run, __VA_ARGS__                              \
  }

/* A row with a gradient. */
#define ROW(name_, letters, versions, value, gradient_, ...)                                                           \
  static void name_##_gradient (RvProgram *program, const RvOpCall *step, int gy, const gboolean *wanted, int *grad_in)\
  {                                                                                                                    \
    gradient_;                                                                                                         \
  }                                                                                                                    \
  BACKWARD_ROW (name_, letters, versions, value, __VA_ARGS__, .locality = RV_LOCALITY_POINTWISE,                       \
                .gradient = name_##_gradient)

#define NO_CLONES
#define RECORD(KIND, ...) RV_RECORD (KIND, NULL, __VA_ARGS__)
#define ANY_LAYOUT .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS

ROW (add, "xx", RV_CLONES,
     a + b,
     grad_in[0] = grad_in[1] = gy,
     "needs two of one shape", .n_in = 2, ANY_LAYOUT);

/* Scale b and shift c, which may be left out: preprocesses a picture for a network. */
ROW (affine, "xcc", RV_CLONES,
     a * b + c,
     grad_in[0] = RECORD (AFFINE, gy, step->in[1]),
     "needs x [N, C, H, W], scale [C] and shift [C]", .n_in = 2, ANY_LAYOUT);

ROW (bias, "xc", RV_CLONES,
     a + b,
     grad_in[0] = gy; if (wanted[1]) grad_in[1] = RECORD (CHANNEL_SUM, gy),
     "needs x [N, C, H, W] or [N, C] and b [C]", .n_in = 2, ANY_LAYOUT);

/* Log variance from -30 to 20: its exponential is finite in f32 and no standard deviation rounds to 0. */
ROW (clamp_logvar, "x", RV_CLONES,
     a < -30 ? -30 : a > 20 ? 20 : a,
     grad_in[0] = RECORD (CLAMP_LOGVAR_BACKWARD, gy, step->in[0]),
     "needs one", .n_in = 1, ANY_LAYOUT);

/* Inputs: gy and x. Outside the range the gradient passes only if a descent step leads back toward the range. A
 * gradient of 0 would keep such an x outside for ever. */
BACKWARD_ROW (clamp_logvar_backward, "xx", RV_CLONES,
              (b < -30 && a > 0) || (b > 20 && a < 0) ? 0 : a,
              "needs two of one shape", .n_in = 2, ANY_LAYOUT);

/* From 0 to b, as ReLU6. */
ROW (clip, "xc", RV_CLONES,
     a < 0 ? 0 : a > b ? b : a,
     grad_in[0] = RECORD (CLIP_BACKWARD, gy, step->out[0], step->in[1]),
     "needs x [N, C, H, W] or [N, C] and limits [C]", .n_in = 2, ANY_LAYOUT);

/* Inputs: gy, y and the limits. */
BACKWARD_ROW (clip_backward, "xxc", RV_CLONES,
              b > 0 && b < c ? a : 0,
              "needs two of one shape and limits [C]", .n_in = 3, ANY_LAYOUT);

/* Exponential linear unit (Clevert, Unterthiner, Hochreiter 2016); b: alpha. */
ROW (elu, "xc", RV_CLONES,
     a > 0 ? a : -b * exp_below_one (a > 0 ? 0 : -a),
     grad_in[0] = RECORD (ELU_BACKWARD, gy, step->in[0], step->in[1]),
     "needs x [N, C, H, W] or [N, C] and alpha [C]", .n_in = 2, ANY_LAYOUT);

/* Inputs: gy, x and alpha. */
BACKWARD_ROW (elu_backward, "xxc", RV_CLONES,
              b > 0 ? a : a * c * exp_negative (b > 0 ? 0 : -b),
              "needs two of one shape and alpha [C]", .n_in = 3, ANY_LAYOUT);

ROW (erf, "x", RV_CLONES,
     2 * normal_cdf ((real) M_SQRT2 * a) - 1,
     grad_in[0] = RECORD (ERF_BACKWARD, gy, step->in[0]),
     "needs one", .n_in = 1, ANY_LAYOUT);

/* Inputs: gy and x. */
BACKWARD_ROW (erf_backward, "xx", RV_CLONES,
              a * (real) (2 * M_SQRT2) * normal_density ((real) M_SQRT2 * b),
              "needs two of one shape", .n_in = 2, ANY_LAYOUT);

/* Gaussian error linear unit (Hendrycks, Gimpel 2016). */
ROW (gelu, "x", RV_CLONES,
     a * normal_cdf (a),
     grad_in[0] = RECORD (GELU_BACKWARD, gy, step->in[0]),
     "needs one", .n_in = 1, ANY_LAYOUT);

/* Inputs: gy and x. */
BACKWARD_ROW (gelu_backward, "xx", RV_CLONES,
              a * (normal_cdf (b) + b * normal_density (b)),
              "needs two of one shape", .n_in = 2, ANY_LAYOUT);

ROW (multiply, "xx", RV_CLONES,
     a * b,
     if (wanted[0]) grad_in[0] = RECORD (MULTIPLY, gy, step->in[1]);
     if (wanted[1]) grad_in[1] = RECORD (MULTIPLY, gy, step->in[0]),
     "needs two of one shape", .n_in = 2, ANY_LAYOUT);

/* Selects a tile's core, so that no position is counted twice. */
ROW (mask, "xp", RV_CLONES,
     a * b,
     grad_in[0] = RECORD (MASK, gy, step->in[1]),
     "needs x [N, C, H, W] and a mask [H, W]", .n_in = 2, ANY_LAYOUT);

/* Scales channels, as squeeze and excitation (Hu, Shen, Sun 2018). */
ROW (scale, "xs", RV_CLONES,
     a * b,
     if (wanted[0]) grad_in[0] = RECORD (SCALE, gy, step->in[1]);
     if (wanted[1]) grad_in[1] = RV_RECORD (GLOBAL_POOL, &(RvOpAttrs){ .global.factor = 1 }, gy, step->in[0]),
     "needs x [N, C, H, W] and factors [N, C, 1, 1]", .n_in = 2, ANY_LAYOUT);

ROW (sigmoid, "x", RV_CLONES,
     sigmoid_of (a),
     grad_in[0] = RECORD (SIGMOID_BACKWARD, gy, step->out[0]),
     "needs one", .n_in = 1, ANY_LAYOUT);

/* Inputs: gy and y. */
BACKWARD_ROW (sigmoid_backward, "xx", RV_CLONES,
              a * b * (1 - b),
              "needs two of one shape", .n_in = 2, ANY_LAYOUT);

/* A sample of N(mu, exp (logvar)), reparameterised (Kingma, Welling 2014, section 2.4). Inputs: mu, logvar and eps, a
 * sample of N(0, I). */
ROW (sampler, "xxx", NO_CLONES,
     a + (real) exp (b / 2) * c,
     grad_in[0] = gy; if (wanted[1]) grad_in[1] = RECORD (SAMPLER_BACKWARD, gy, step->in[1], step->in[2]),
     "needs three of one shape", .n_in = 3);

/* The gradient of logvar. Inputs: gy, logvar and eps. */
BACKWARD_ROW (sampler_backward, "xxx", NO_CLONES,
              a * c * (real) exp (b / 2) / 2,
              "needs three of one shape", .n_in = 3);
