/* net-weights.c -- parameters of a network: found under their publisher's names, converted for the program.
 *
 * The name of the first convolution shows the naming of a file. The preprocessing comes from the metadata, else from
 * the naming. Without either the file is refused: a wrong guess would make pictures grey. */
#include "base/error.h"
#include "base/parallel.h"
#include "net.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <string.h>

#define PREPROCESSING "preprocessing" /* key in the metadata */

/* Sets RV_ERROR_FORMAT about the parameter @name; @what: predicate. Returns FALSE. */
static gboolean
wrong_weights (const RvNet *net, const char *name, const char *what, GError **error)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "these are no weights of %s: '%s' %s", net->class->name, name, what);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* (transfer full): the file's name of parameter @kind of convolution number @index in recorded order, which Reverie
 * calls @conv. */
static char *
stored_name (const RvWeightsNaming *naming, const char *conv, int index, const char *kind)
{
  if (naming->convs)
    return g_strconcat (naming->convs[index], naming->pairs ? ".conv." : ".", kind, NULL);
  if (naming->stem)
    return g_strdup_printf ("%s%d.%s", naming->stem, naming->order ? naming->order[index] : index, kind);
  return g_strconcat (conv, ".", kind, NULL);
}

/* (transfer full): the file's name of parameter @kind (gamma, beta, moving_mean, moving_variance) of the batch norm
 * after convolution number @index in recorded order. @norm: Reverie's name of that batch norm. Cannot fail. */
static char *
stored_norm_name (const RvWeightsNaming *naming, const char *norm, int index, const char *kind)
{
  static const char *const pytorch[][2] = {
    { "gamma", "weight" },
    { "beta", "bias" },
    { "moving_mean", "running_mean" },
    { "moving_variance", "running_var" },
  };
  for (guint i = 0; naming->pairs && i < G_N_ELEMENTS (pytorch); i++)
    if (strcmp (kind, pytorch[i][0]) == 0)
      return g_strconcat (naming->convs[index], ".bn.", pytorch[i][1], NULL);
  if (naming->norm_stem)
    return g_strdup_printf ("%s%d.%s", naming->norm_stem, naming->order ? naming->order[index] : index, kind);
  return g_strconcat (norm, ".", kind, NULL);
}

/* Records the network for @purpose on its own. *builder: (out): its last state, by rv__net_build_alone(). */
static gboolean
build_for (const RvNet *net, RvBuildPurpose purpose, RvNetBuilder *builder, GError **error)
{
  *builder = (RvNetBuilder){ .class = net->class, .net = net, .purpose = purpose };
  return rv__net_build_alone (builder, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE, error);
}

int
rv__net_n_complete (const RvNet *net)
{
  RvNetBuilder builder;
  return build_for (net, RV_BUILD_TO_CHECK, &builder, NULL) ? builder.n_convs : 0;
}

gboolean
rv_net_check (const RvNet *net, GError **error)
{
  RvNetBuilder builder;
  return build_for (net, RV_BUILD_TO_CHECK, &builder, error);
}

gboolean
rv__net_validate (const RvNet *net, GError **error)
{
  g_autoptr (GError) fault = NULL;
  RvNetBuilder builder;
  return build_for (net, RV_BUILD_VALIDATE, &builder, &fault) || builder.missing || /* rv_net_check() reports it */
         rv__error_propagate (error, g_steal_pointer (&fault));
}

gboolean
rv__net_detect_naming (RvNet *net, GError **error)
{
  RvNetBuilder builder = { 0 };
  for (net->naming = net->class->namings; net->naming->name; net->naming++) {
    build_for (net, RV_BUILD_TO_CHECK, &builder, NULL);
    if (builder.n_convs > 0)
      return TRUE;
  }
  if (!builder.missing)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has no convolution, which is not supported", net->class->name);
  return rv__error_set (error, RV_ERROR_FORMAT, "these are no weights of %s: its first convolution is not there",
                        net->class->name);
}

gboolean
rv__net_detect_preprocessing (RvNet *net, GError **error)
{
  const char *text = rv_tensor_map_get_text (net->weights, PREPROCESSING);
  net->preprocessing = g_strdup (text ? rv__pixel_space_spell_out (text) : net->naming->preprocessing);
  if (net->preprocessing && rv__pixel_space_parse (net->preprocessing, &net->pixel_space))
    return TRUE;
  if (net->preprocessing)
    return rv__error_set (error, RV_ERROR_FORMAT, "the weights' preprocessing is not understood: '%.100s'",
                          net->preprocessing);
  return rv__error_set (error, RV_ERROR_FORMAT,
                        "these weights of %s do not say their preprocessing: add it to the metadata, as "
                        "\"" PREPROCESSING "\": \"bgr_0_255 minus 103.939,116.779,123.68 divided by 1\"",
                        net->class->name);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* (nullable): the stored parameter @name. Borrowed from @net. NULL and RV_ERROR_FORMAT if it is missing or of another
 * shape. */
static RvTensor *
find_parameter (const RvNet *net, const char *name, const RvShape *shape, GError **error)
{
  RvTensor *stored = rv_tensor_map_get (net->weights, name);
  if (stored && rv_shape_equal (&stored->shape, shape))
    return stored;
  g_autofree char *wanted = rv_shape_text (shape), *got = stored ? rv_shape_text (&stored->shape) : NULL,
                  *absence = rv__tensor_map_absence (net->weights, name);
  g_autofree char *what =
    g_strdup_printf ("should have shape %s and %s%s", wanted, got ? "has " : absence, got ? got : "");
  wrong_weights (net, name, what, error);
  return NULL;
}

RV_NO_TSAN static void
multiply_rows (float *numbers, const float *scales, gint64 n_rows, gint64 row)
{
  for (gint64 r = 0; r < n_rows; r++)
    for (gint64 k = 0; k < row; k++)
      *numbers++ *= scales[r];
}

/* Multiplies @f32, converted from int8, in place with the tensor NAME_scale, f32, one number for each output channel.
 * FALSE and RV_ERROR_FORMAT if that is missing, or of another type or length. */
static gboolean
multiply_by_scales (const RvNet *net, const char *name, RvTensor *f32, GError **error)
{
  g_autofree char *scale_name = g_strconcat (name, "_scale", NULL);
  const RvTensor *stored = rv_tensor_map_get (net->weights, scale_name);
  g_autoptr (RvTensor) scale = stored && stored->type == RV_F32 ? rv_tensor_to_f32 (stored, error) : NULL;
  gint64 rows = f32->shape.n ? f32->shape.dim[0] : 0, row = rows ? rv_tensor_count (f32) / rows : 0;
  if (stored && stored->type == RV_F32 && !scale)
    return FALSE;
  g_autofree char *absence = stored ? NULL : rv__tensor_map_absence (net->weights, scale_name);
  if (absence)
    return wrong_weights (net, scale_name, absence, error);
  if (!scale || rv_tensor_count (scale) != rows)
    return wrong_weights (net, name, "has no scales", error);
  multiply_rows (f32->data, scale->data, rows, row);
  return TRUE;
}

/* Swaps red and blue in weights [O, 3, U, V]. */
static void
swap_red_and_blue (RvTensor *weight)
{
  gint64 plane = weight->shape.dim[2] * weight->shape.dim[3];
  for (gint64 o = 0; o < weight->shape.dim[0]; o++)
    for (gint64 k = 0; k < plane; k++) {
      float *red = (float *) weight->data + 3 * o * plane + k, *blue = red + 2 * plane, saved = *red;
      *red = *blue;
      *blue = saved;
    }
}

/* (transfer full) (nullable): parameter @name, converted to @type. Half floats are widened, int8 is scaled. For BGR,
 * red and blue are swapped in kernels of three channels. A reference to the stored tensor if nothing is to convert. */
static RvTensor *
parameter (const RvNet *net, const char *name, const RvShape *shape, RvType type, GError **error)
{
  RvTensor *stored = find_parameter (net, name, shape, error);
  if (!stored)
    return NULL;
  gboolean swap = net->pixel_space.bgr && shape->n == 4 && shape->dim[1] == 3;
  if (stored->type == type && !swap)
    return rv_tensor_ref (stored);

  g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (stored, error);
  if (!f32 || (stored->type == RV_I8 && !multiply_by_scales (net, name, f32, error)))
    return NULL;
  if (swap)
    swap_red_and_blue (f32);
  if (type == RV_F32)
    return g_steal_pointer (&f32);

  RvTensor *f64 = rv_tensor_new (RV_F64, shape, error);
  for (gint64 i = 0, n = f64 ? rv_tensor_count (f64) : 0; i < n; i++)
    ((double *) f64->data)[i] = ((const float *) f32->data)[i];
  return f64;
}

/* Finds whether all numbers are finite, and whether one is not 0. Has no early exit, so that it vectorizes: it reads
 * millions of numbers before each first picture. */
#define INSPECT(type, numbers)                                                                                         \
  for (gint64 i = 0; i < count; i++) {                                                                                 \
    type number = ((const type *) (numbers))[i];                                                                       \
    finite &= isfinite (number) ? 1 : 0;                                                                               \
    other |= number != 0 ? 1 : 0;                                                                                      \
  }

RV_NO_TSAN static void
inspect_numbers (RvType type, const void *numbers, gint64 count, gboolean *all_finite, gboolean *any_other)
{
  gint32 finite = 1, other = 0;
  if (type == RV_F64)
    INSPECT (double, numbers)
  else
    INSPECT (float, numbers)
  *all_finite = finite;
  *any_other = other;
}

/* Checks a parameter, f32 or f64: a number that is not finite spreads to every pixel, and a kernel (4 dimensions) of
 * zeros gives no features. RV_ERROR_FORMAT. */
static gboolean
check_numbers (const char *name, const RvTensor *tensor, GError **error)
{
  gboolean finite, other;
  inspect_numbers (tensor->type, tensor->data, rv_tensor_count (tensor), &finite, &other);
  if (!finite)
    return rv__error_set (error, RV_ERROR_FORMAT, "'%s' holds a number that is not finite: pictures would be grey",
                          name);
  if (tensor->shape.n == 4 && !other)
    return rv__error_set (error, RV_ERROR_FORMAT, "'%s' holds only zeros: pictures would be grey", name);
  return TRUE;
}

/* (transfer full) (nullable): the parameter @owned_name (transfer full), by parameter(). Adds its size to
 * builder->n_parameters. RV_BUILD_VALIDATE also checks its numbers. NULL without an error: RV_BUILD_SHAPES, which calls
 * on_parameter() only, or RV_BUILD_TO_CHECK, which finds it but does not read it. NULL with program->error:
 * RV_ERROR_FORMAT if it is missing (sets builder->missing unless RV_BUILD_TO_RUN) or not valid, RV_ERROR_FILE,
 * RV_ERROR_MEMORY, or an earlier error. */
static RvTensor *
read_parameter (RvNetBuilder *builder, char *owned_name, const RvShape *shape, RvType type)
{
  g_autofree char *name = owned_name;
  GError **error = &builder->program->error;
  builder->n_parameters += rv_shape_count (shape);
  if (*error)
    return NULL;
  if (builder->purpose == RV_BUILD_SHAPES) {
    if (builder->on_parameter)
      builder->on_parameter (name, shape, builder->user_data);
    return NULL;
  }
  if (builder->purpose != RV_BUILD_TO_RUN && !find_parameter (builder->net, name, shape, error))
    builder->missing = TRUE;
  if (builder->missing || builder->purpose == RV_BUILD_TO_CHECK)
    return NULL;
  g_autoptr (RvTensor) tensor = parameter (builder->net, name, shape, type, error);
  if (!tensor || builder->purpose != RV_BUILD_VALIDATE)
    return g_steal_pointer (&tensor);
  RvTensor *numbers = rv__tensor_read (tensor, error);
  if (numbers && check_numbers (name, numbers, error))
    return numbers;
  rv_tensor_unref (numbers);
  return NULL;
}

const RvWeightsNaming *
rv__net_weights_naming (const RvNetBuilder *builder)
{
  static const RvWeightsNaming own = { .name = "own" };
  return builder->net ? builder->net->naming : &own;
}

int
rv__net_parameter (RvNetBuilder *builder, const char *conv, const char *kind, RvShape shape)
{
  RvProgram *program = builder->program;
  char *name = stored_name (rv__net_weights_naming (builder), conv, builder->n_convs, kind);
  g_autoptr (RvTensor) tensor = read_parameter (builder, name, &shape, program->type);
  return builder->purpose != RV_BUILD_TO_RUN ? rv__program_input (program, &shape)
         : tensor                            ? rv__program_constant (program, tensor)
                                             : -1;
}

/* ---- batch norm -------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a copy in f64 of one parameter of a layer with batch norm, by read_parameter(). Frees
 * @owned_name (transfer full). NULL without an error for RV_BUILD_TO_CHECK and RV_BUILD_SHAPES; else NULL with
 * program->error set: RV_ERROR_FORMAT, RV_ERROR_FILE, RV_ERROR_MEMORY, or an earlier error. */
static RvTensor *
norm_parameter (RvNetBuilder *builder, char *owned_name, const RvShape *shape)
{
  GError **error = &builder->program->error;
  g_autoptr (RvTensor) stored = read_parameter (builder, owned_name, shape, RV_F64);
  g_autoptr (RvTensor) tensor = stored ? rv__tensor_read (stored, error) : NULL;
  RvTensor *copy = tensor ? rv_tensor_new (RV_F64, shape, error) : NULL; /* folding writes to it */
  if (copy)
    memcpy (copy->data, tensor->data, rv_tensor_bytes (tensor));
  return copy;
}

int
rv__net_add_constant (RvProgram *program, const double *numbers, const RvShape *shape)
{
  if (program->error)
    return -1;
  g_autoptr (RvTensor) tensor = rv_tensor_new (program->type, shape, &program->error);
  for (gint64 i = 0, n = tensor ? rv_tensor_count (tensor) : 0; i < n; i++)
    if (program->type == RV_F64)
      ((double *) tensor->data)[i] = numbers[i];
    else
      ((float *) tensor->data)[i] = (float) numbers[i];
  return tensor ? rv__program_constant (program, tensor) : -1;
}

void
rv__net_fold_batch_norm (RvNetBuilder *builder, const RvConvNorm *layer, gint64 in_channels, int *weight, int *bias)
{
  enum { GAMMA, BETA, MEAN, VARIANCE, BIAS, N_VECTORS };
  static const char *const kinds[] = { "gamma", "beta", "moving_mean", "moving_variance", "bias" };
  RvProgram *program = builder->program;
  RvShape shape = rv_shape (4, layer->out_channels, in_channels, layer->rows, layer->cols);
  RvShape channels = rv_shape (1, layer->out_channels);
  const RvWeightsNaming *naming = rv__net_weights_naming (builder);
  RvTensor *vector[N_VECTORS] = { NULL };
  g_autoptr (RvTensor) kernel =
    norm_parameter (builder, stored_name (naming, layer->conv, builder->n_convs, "weight"), &shape);

  for (int v = 0; v < N_VECTORS; v++)
    if ((v != GAMMA || layer->gamma || naming->pairs) && (v != BIAS || layer->bias))
      vector[v] = norm_parameter (builder,
                                  v == BIAS ? stored_name (naming, layer->conv, builder->n_convs, kinds[v])
                                            : stored_norm_name (naming, layer->norm, builder->n_convs, kinds[v]),
                                  &channels);
  *weight = *bias = -1;
  for (int o = 0; vector[VARIANCE] && o < layer->out_channels && !program->error; o++)
    if (((double *) vector[VARIANCE]->data)[o] + layer->epsilon <= 0)
      wrong_weights (builder->net, layer->norm, "has a variance below 0", &program->error);
  if (!program->error && builder->purpose != RV_BUILD_TO_RUN) {
    *weight = rv__program_input (program, &shape);
    *bias = rv__program_input (program, &channels);
  } else if (!program->error) {
    double *w = kernel->data, *beta = vector[BETA]->data, *mean = vector[MEAN]->data,
           *variance = vector[VARIANCE]->data;
    gint64 each = rv_shape_count (&shape) / layer->out_channels;
    for (gint64 o = 0; o < layer->out_channels; o++) {
      double scale = (vector[GAMMA] ? ((double *) vector[GAMMA]->data)[o] : 1) / sqrt (variance[o] + layer->epsilon);
      for (gint64 k = 0; k < each; k++)
        w[o * each + k] *= scale;
      beta[o] += ((vector[BIAS] ? ((double *) vector[BIAS]->data)[o] : 0) - mean[o]) * scale;
    }
    *weight = rv__net_add_constant (program, w, &shape);
    *bias = rv__net_add_constant (program, beta, &channels);
  }
  for (int v = 0; v < N_VECTORS; v++)
    rv_tensor_unref (vector[v]);
}
