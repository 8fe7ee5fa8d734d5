/* fourier.c -- pictures from spectra of decorrelated colours, and gradients back to the spectra.
 *
 *   a[u,v] = unit s[u,v] / (4 max (f, 1 / max (H, W))),   f = sqrt (fu^2 + fv^2), cycles per px, at most 1/2 each
 *   z[y,x] = 1 / sqrt (H W) sum over u, v of cas (2 pi u y / H) cas (2 pi v x / W) a[u,v],   cas = cos + sin
 *   x      = 1 / (1 + exp (-M z / length of the longest column of M)),   0..1, then converted to the requested space
 *
 * The sum is a real Fourier transform (Hartley 1942): two numbers have the cosine and the sine of a frequency. It is
 * its own inverse. Along each axis it is a matrix product, which backends compute fast and can differentiate. M: the
 * colour correlation of photographs. All as in lucid (tensorflow/lucid, optvis/param), except for the transform. */
#include "method/objective/fourier.h"
#include "base/alloc.h"
#include "graph/graph.h"
#include "net/net.h"
#include <math.h>
#include <string.h>

#define FLATTER 4.0 /* from lucid: a spectrum of some tenths gives full colours */

const double rv__natural_colors[3][3] = { { 0.26, 0.09, 0.02 }, { 0.27, 0.00, -0.05 }, { 0.27, -0.09, 0.03 } };

/* Parameters of strength(), the factor of a frequency. */
typedef struct {
  gint64 rows, cols;
  double unit;
} Strengths;

struct _RvFourier {
  RvExecutable *executable;
  Strengths strengths;
  float factor[3], shift[3];              /* from 0..1 to the space of x */
  int spectrum, x, grad_x, grad_spectrum; /* values of the program */
  float *at;                              /* the spectrum, on the host; owned by `executable` */
  const float *grad;                      /* gradient of the spectrum, on the host; owned by `executable` */
};

/* ---- the program ------------------------------------------------------------------------------------------------- */

/* Absolute frequency of index @u of @n, in cycles per sample. Indices above the middle are negative frequencies. */
static double
frequency (gint64 u, gint64 n)
{
  return (double) MIN (u, n - u) / (double) n;
}

/* Records a constant of @shape, whose number i is value (i, @of). Returns its value; -1 after an error, in
 * program->error. */
static int
constant (RvProgram *program, RvShape shape, double (*value) (gint64 i, const void *of), const void *of)
{
  if (program->error)
    return -1;
  g_autoptr (RvTensor) tensor = rv_tensor_new (program->type, &shape, &program->error);
  for (gint64 i = 0; tensor && i < rv_shape_count (&shape); i++)
    if (program->type == RV_F64)
      ((double *) tensor->data)[i] = value (i, of);
    else
      ((float *) tensor->data)[i] = (float) value (i, of);
  return tensor ? rv__program_constant (program, tensor) : -1;
}

/* Number @i of the n x n matrix of the transform along an axis: cas (2 pi u y / n) / sqrt (n), row u = @i / n, column y
 * = @i % n. @of: n, a gint64. */
static double
wave (gint64 i, const void *of)
{
  gint64 n = *(const gint64 *) of, turns = i / n * (i % n) % n; /* exact for any side */
  double angle = 2 * G_PI * (double) turns / (double) n;
  return (cos (angle) + sin (angle)) / sqrt ((double) n);
}

/* Factor of spectrum number @i of a plane of rows x cols, a / s in the formula above. @of: Strengths. */
static double
strength (gint64 i, const void *of)
{
  const Strengths *s = of;
  double f = hypot (frequency (i / s->cols, s->rows), frequency (i % s->cols, s->cols));
  return s->unit / (FLATTER * MAX (f, 1 / (double) MAX (s->rows, s->cols)));
}

/* Number @i, row by row, of rv__natural_colors divided by the length of its longest column. @of: ignored. */
static double
color (gint64 i, const void *of)
{
  double longest = 0;
  for (int k = 0; k < 3; k++) {
    double length = hypot (hypot (rv__natural_colors[0][k], rv__natural_colors[1][k]), rv__natural_colors[2][k]);
    longest = MAX (longest, length);
  }
  return rv__natural_colors[i / 3][i % 3] / longest;
}

/* Records the transform of each plane of @a, [1, 3, rows, cols]. Rows: by a matrix product. Columns: by a convolution
 * whose channels are the rows. Returns the value, of the same shape. */
static int
record_transform (RvProgram *program, int a, const Strengths *sides)
{
  RvShape plane = rv_shape (4, 1, 3, sides->rows, sides->cols), flat = rv_shape (2, 3 * sides->rows, sides->cols),
          columns = rv_shape (4, 3, sides->rows, 1, sides->cols);
  RvOpAttrs product = { .matmul = { .transpose_b = TRUE } };
  int along = constant (program, rv_shape (2, sides->cols, sides->cols), wave, &sides->cols);
  int across = constant (program, rv_shape (4, sides->rows, sides->rows, 1, 1), wave, &sides->rows);
  a = rv__program_record (program, RV_OP_MATMUL, &product, 2, (int[]){ rv__reshape (program, a, &flat), along });
  a = rv__conv2d (program, rv__reshape (program, a, &columns), across, -1, 1, (RvPad){ 0 });
  return rv__reshape (program, a, &plane);
}

int
rv__fourier_record (RvProgram *program, int spectrum, double unit, const RvPixelSpace *space)
{
  if (program->error)
    return -1;
  const RvShape *shape = rv__program_shape (program, spectrum);
  Strengths sides = { shape->dim[2], shape->dim[3], unit };
  int a = rv__mask (program, spectrum, constant (program, rv_shape (2, sides.rows, sides.cols), strength, &sides));
  int z = record_transform (program, a, &sides);
  int mixed = rv__conv2d (program, z, constant (program, rv_shape (4, 3, 3, 1, 1), color, NULL), -1, 1, (RvPad){ 0 });
  return rv__net_convert_space (program, rv__sigmoid (program, mixed), &rv__rgb_0_1, space);
}

/* ---- compiled program -------------------------------------------------------------------------------------------- */

/* Records, differentiates, compiles and binds the program. Sets the values and host addresses of @fourier. After an
 * error, the caller calls rv__fourier_free(). */
static gboolean
compile_program (RvFourier *fourier, const RvBackendClass *backend, int n_threads, const RvPixelSpace *space,
                 GError **error)
{
  RvCompileSettings settings = { .n_threads = n_threads, .exact = TRUE, .precision = RV_PRECISION_F32 };
  const Strengths *s = &fourier->strengths;
  RvShape shape = rv_shape (4, 1, 3, s->rows, s->cols);
  RvProgram *program = rv__program_new (RV_F32);
  fourier->spectrum = rv__program_input (program, &shape);
  fourier->x = rv__fourier_record (program, fourier->spectrum, s->unit, space);
  rv__program_output (program, fourier->x);
  fourier->grad_x = rv__program_input (program, &shape);
  fourier->grad_spectrum =
    rv__graph_differentiate (program, &(RvGradSeed){ fourier->x, fourier->grad_x }, 1, fourier->spectrum);
  fourier->executable = rv__graph_compile (program, backend, &settings, error);
  return fourier->executable && rv__executable_bind (fourier->executable, error) &&
         (fourier->at = rv__executable_map (fourier->executable, fourier->spectrum, error)) &&
         (fourier->grad = rv__executable_map (fourier->executable, fourier->grad_spectrum, error));
}

RvFourier *
rv__fourier_new (const RvBackendClass *backend, int n_threads, int width, int height, double unit,
                 const RvPixelSpace *space, GError **error)
{
  RvFourier *fourier = g_new0 (RvFourier, 1);
  fourier->strengths = (Strengths){ height, width, unit };
  rv__pixel_space_map (&rv__rgb_0_1, space, fourier->factor, fourier->shift);
  if (compile_program (fourier, backend, n_threads, space, error))
    return fourier;
  rv__fourier_free (fourier);
  return NULL;
}

void
rv__fourier_free (RvFourier *fourier)
{
  if (!fourier)
    return;
  rv__executable_free (fourier->executable);
  g_free (fourier);
}

#define PICTURES 8 /* values that live at once, with copies in kernel layouts */

gsize
rv__fourier_memory (int width, int height)
{
  gsize plane = (gsize) width * (gsize) height, waves = (gsize) width * (gsize) width + (gsize) height * (gsize) height;
  return (PICTURES * 3 * plane + plane + 3 * waves) * sizeof (float); /* waves: plain, and packed for each pass */
}

float *
rv__fourier_spectrum (RvFourier *fourier)
{
  return fourier->at;
}

/* ---- from a picture to its spectrum ------------------------------------------------------------------------------ */

#define SHORT_OF_THE_END 0.01 /* minimum distance from black and white, where white is 1 */

/* Sets @inverse to (N N^T)^-1, with N = rv__natural_colors divided by the length of its longest column. Cannot fail. */
static void
invert_colors (double inverse[3][3])
{
  double c[3][3], determinant = 0;
  for (int i = 0; i < 9; i++) {
    c[i / 3][i % 3] = 0;
    for (int k = 0; k < 3; k++)
      c[i / 3][i % 3] += color (3 * (i / 3) + k, NULL) * color (3 * (i % 3) + k, NULL);
  }
  for (int i = 0; i < 9; i++) { /* by cofactors; C is symmetric */
    int r = i / 3, s = i % 3, r1 = (r + 1) % 3, r2 = (r + 2) % 3, s1 = (s + 1) % 3, s2 = (s + 2) % 3;
    inverse[r][s] = c[r1][s1] * c[r2][s2] - c[r1][s2] * c[r2][s1];
  }
  for (int k = 0; k < 3; k++)
    determinant += c[0][k] * inverse[0][k];
  for (int i = 0; i < 9; i++)
    inverse[i / 3][i % 3] /= determinant;
}

/* (transfer full) (nullable): gradient of the picture, [3, @plane], whose backward pass at spectrum 0 gives the
 * spectrum of @x times the squared strengths: 4 / factor (N N^T)^-1 y for each pixel, with the colour matrix N
 * (invert_colors()) and the factor of the pixel space. y = log (p / (1 - p)), where p is @x in 0..1, kept
 * SHORT_OF_THE_END away from both ends. Freed by rv__free(). */
static float *
new_seed_gradient (const RvFourier *fourier, const float *x, gint64 plane, GError **error)
{
  float *seed = rv__alloc (3 * (gsize) plane * sizeof (float), "a picture's spectrum", error);
  double inverse[3][3], y[3];
  invert_colors (inverse);
  for (gint64 i = 0; seed && i < plane; i++) {
    for (int c = 0; c < 3; c++) {
      double p = (double) ((x[c * plane + i] - fourier->shift[c]) / fourier->factor[c]);
      p = CLAMP (p, SHORT_OF_THE_END, 1 - SHORT_OF_THE_END);
      y[c] = log (p / (1 - p));
    }
    for (int c = 0; c < 3; c++)
      seed[c * plane + i] = (float) (4 / (double) fourier->factor[c] *
                                     (inverse[c][0] * y[0] + inverse[c][1] * y[1] + inverse[c][2] * y[2]));
  }
  return seed;
}

gboolean
rv__fourier_set_picture (RvFourier *fourier, const float *x, GError **error)
{
  /* A backward pass computes the spectrum, since the transform is symmetric and its own inverse. At spectrum 0 the
   * slope of the sigmoid is the same everywhere. A gradient g of the picture becomes w T (N^T (factor / 4 g)), with the
   * strengths w. With g from new_seed_gradient() this is w T (N^-1 y) = w z, hence s = z / w. */
  gint64 plane = fourier->strengths.rows * fourier->strengths.cols;
  float *seed = new_seed_gradient (fourier, x, plane, error);
  if (!seed)
    return FALSE;
  memset (fourier->at, 0, 3 * (gsize) plane * sizeof (float));
  gboolean ok = rv__executable_push (fourier->executable, fourier->spectrum, error) &&
                rv__executable_forward (fourier->executable, error) && rv__fourier_gradient (fourier, seed, error);
  rv__free (seed);
  for (gint64 i = 0; ok && i < 3 * plane; i++) {
    double w = strength (i % plane, &fourier->strengths);
    fourier->at[i] = (float) ((double) fourier->grad[i] / (w * w));
  }
  return ok;
}

gboolean
rv__fourier_get_picture (RvFourier *fourier, float *x, GError **error)
{
  return rv__executable_push (fourier->executable, fourier->spectrum, error) &&
         rv__executable_forward (fourier->executable, error) &&
         rv__executable_get (fourier->executable, fourier->x, x, error);
}

const float *
rv__fourier_gradient (RvFourier *fourier, const float *grad_x, GError **error)
{
  gboolean ok = rv__executable_set (fourier->executable, fourier->grad_x, grad_x, error) &&
                rv__executable_backward (fourier->executable, error) &&
                rv__executable_pull (fourier->executable, fourier->grad_spectrum, error);
  return ok ? fourier->grad : NULL;
}
