/* arbitrary.c -- arbitrary style transfer: weights, styles of paintings, painted pictures. */
#include "method/style-net/arbitrary.h"
#include "backend/backend.h"
#include "base/error.h"
#include "graph/graph.h"
#include "method/compute.h"
#include "method/style-net/style-net.h"
#include "net/net.h"
#include <math.h>
#include <string.h>

#define CHANNELS 64 /* in f0 and f1 */
#define LEVELS 2    /* f0, f1 */
#define VARIANCE_EPSILON 1e-5
#define UNIT 4 /* px: the decoder's picture has sides that are multiples of it */

/* Numbers of a painting at each level, in this order. */
typedef enum { DEVIATION, MEAN, FILTER, BIAS, N_SIGNALS } Signal;

#define STYLE_NUMBERS (LEVELS * N_SIGNALS * CHANNELS)

/* A convolution: numbers of channels, side of the kernel, number of channel groups. */
typedef struct {
  const char *name;
  int in, out, kernel, groups;
} Layer;

static const Layer encoder[] = {
  { "enc1.0", 3, 16, 9, 1 },         { "enc1.2", 16, 32, 3, 16 },      { "enc1.4", 32, 32, 1, 1 },
  { "enc1.6", 32, 64, 3, 32 },       { "enc1.8", 64, 64, 1, 1 },       { "enc1.10.conv1", 64, 64, 3, 1 },
  { "enc1.10.conv2", 64, 64, 3, 1 }, { "enc2.0.conv1", 64, 64, 3, 1 }, { "enc2.0.conv2", 64, 64, 3, 1 },
};

static const Layer decoder[] = {
  { "dec1.conv1", 64, 64, 3, 1 }, { "dec1.conv2", 64, 64, 3, 1 }, { "dec2.conv1", 64, 64, 3, 1 },
  { "dec2.conv2", 64, 64, 3, 1 }, { "dec3.1", 64, 32, 3, 32 },    { "dec3.3", 32, 32, 1, 1 },
  { "dec3.6", 32, 16, 3, 16 },    { "dec3.8", 16, 16, 1, 1 },     { "dec3.10", 16, 3, 9, 1 },
};

static const Layer modulator[] = {
  { "weight1.0", 64, 64, 3, 64 },
  { "bias1.0", 64, 64, 3, 64 },
  { "weight2.0", 64, 64, 3, 64 },
  { "bias2.0", 64, 64, 3, 64 },
};

/* The published files, which are the prefixes of the tensor names. */
static const struct {
  const char *name;
  const Layer *layers;
  guint n;
} files[] = {
  { "content_encoder", encoder, G_N_ELEMENTS (encoder) },
  { "style_encoder", encoder, G_N_ELEMENTS (encoder) },
  { "modulator", modulator, G_N_ELEMENTS (modulator) },
  { "decoder", decoder, G_N_ELEMENTS (decoder) },
};

/* A program for pictures of height x width px. x, y, f and signal are values of the program. */
typedef struct {
  RvExecutable *executable;
  int height, width;
  int x, y;                      /* the picture; the painted one */
  int f[LEVELS];                 /* only for a painting */
  int signal[LEVELS][N_SIGNALS]; /* photograph: set from the host; painting: sums for FILTER and BIAS */
} Engine;

struct _RvArbitraryStyle {
  RvTensorMap *weights; /* PART.LAYER.weight, with grouped filters expanded by zeros, and PART.LAYER.bias */
  GPtrArray *styles;    /* float[STYLE_NUMBERS], one for each painting */
  Engine *engine;       /* for the last photograph's size; NULL: none yet */
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

const char *const *
rv_arbitrary_style_files (void)
{
  static const char *const names[] = { "content_encoder", "style_encoder", "modulator", "decoder", NULL };
  return names;
}

/* (transfer full) (nullable): a copy, as f32, of the tensor @what, "weight" or "bias", of @layer in the file @part, one
 * of `files`. RV_ERROR_FORMAT if it is missing, has another shape than @shape or numbers that are not finite. */
static RvTensor *
read_tensor (const RvTensorMap *map, const char *part, const char *layer, const char *what, const RvShape *shape,
             GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s.conv_layer.%s", part, layer, what);
  RvTensor *stored = rv_tensor_map_get (map, name);
  g_autoptr (RvTensor) numbers =
    stored && rv_shape_equal (&stored->shape, shape) ? rv_tensor_to_f32 (stored, error) : NULL;
  if (numbers && rv__style_net_all_finite (numbers->data, rv_tensor_count (numbers)))
    return g_steal_pointer (&numbers);
  if (error && !*error)
    rv__error_set (error, RV_ERROR_FORMAT, "the style network's file is damaged: %s is missing or wrong", name);
  return NULL;
}

/* (transfer full) (nullable): @grouped, [out, in / groups, kernel, kernel], as dense filters [out, in, kernel,
 * kernel], with zeros for the channels of other groups. */
static RvTensor *
expand_groups (const RvTensor *grouped, const Layer *layer, GError **error)
{
  RvShape shape = rv_shape (4, layer->out, layer->in, layer->kernel, layer->kernel);
  RvTensor *dense = rv_tensor_new (RV_F32, &shape, error);
  gint64 n = (gint64) layer->kernel * layer->kernel * (layer->in / layer->groups);
  if (!dense)
    return NULL;
  memset (dense->data, 0, rv_tensor_bytes (dense));
  for (gint64 o = 0; o < layer->out; o++) {
    gint64 group = o / (layer->out / layer->groups);
    memcpy ((float *) dense->data + (o * layer->groups + group) * n, (const float *) grouped->data + o * n,
            (gsize) n * sizeof (float));
  }
  return dense;
}

/* Copies weight (made dense) and bias of @layer of the file @part from @map to any->weights, as f32. */
static gboolean
read_layer (RvArbitraryStyle *any, const RvTensorMap *map, const char *part, const Layer *layer, GError **error)
{
  RvShape shape = rv_shape (4, layer->out, layer->in / layer->groups, layer->kernel, layer->kernel),
          bias_shape = rv_shape (1, layer->out);
  g_autoptr (RvTensor) weight = read_tensor (map, part, layer->name, "weight", &shape, error);
  g_autoptr (RvTensor) bias = weight ? read_tensor (map, part, layer->name, "bias", &bias_shape, error) : NULL;
  g_autoptr (RvTensor) dense = bias ? expand_groups (weight, layer, error) : NULL;
  g_autofree char *weight_name = g_strdup_printf ("%s.%s.weight", part, layer->name),
                  *bias_name = g_strdup_printf ("%s.%s.bias", part, layer->name);
  if (!dense)
    return FALSE;
  rv_tensor_map_set (any->weights, weight_name, dense);
  rv_tensor_map_set (any->weights, bias_name, bias);
  return TRUE;
}

RvArbitraryStyle *
rv_arbitrary_style_from_map (const RvTensorMap *map, GError **error)
{
  g_autoptr (RvArbitraryStyle) any = g_new0 (RvArbitraryStyle, 1);
  any->weights = rv_tensor_map_new ();
  any->styles = g_ptr_array_new_with_free_func (g_free);
  if (g_strcmp0 (rv_tensor_map_get_text (map, "format"), RV_ARBITRARY_STYLE_FORMAT) != 0)
    return rv__error_null (
      error, RV_ERROR_FORMAT,
      "this is not a style network for any style: `reverie network import FOLDER` makes one of MicroAST's files");
  for (guint p = 0; p < G_N_ELEMENTS (files); p++)
    for (guint i = 0; i < files[p].n; i++)
      if (!read_layer (any, map, files[p].name, &files[p].layers[i], error))
        return NULL;
  return g_steal_pointer (&any);
}

static void
engine_free (Engine *engine)
{
  if (!engine)
    return;
  rv__executable_free (engine->executable);
  g_free (engine);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Engine, engine_free)

void
rv_arbitrary_style_free (RvArbitraryStyle *any)
{
  if (!any)
    return;
  engine_free (any->engine);
  rv_tensor_map_unref (any->weights);
  g_ptr_array_unref (any->styles);
  g_free (any);
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

/* State of a recording. */
typedef struct {
  const RvArbitraryStyle *any;
  RvProgram *program;
  const char *part;
  int zeros; /* shift of 0 for each channel */
} Recording;

/* Records a constant: the tensor @what, "weight" or "bias", of @layer in r->part. Returns its value; -1 after an error,
 * in r->program->error. */
static int
constant (Recording *r, const char *layer, const char *what)
{
  g_autofree char *name = g_strdup_printf ("%s.%s.%s", r->part, layer, what);
  return rv__program_constant (r->program, rv_tensor_map_get (r->any->weights, name));
}

/* Records a convolution of @x, with reflected borders and the weights and bias of @layer in r->part. Returns its
 * value. */
static int
conv (Recording *r, int x, const char *layer, int stride)
{
  int weight = constant (r, layer, "weight"), bias = constant (r, layer, "bias");
  int around = (int) rv__program_shape (r->program, weight)->dim[2] / 2;
  if (around > 0)
    x = rv__pad (r->program, x, (RvPad){ around, around, around, around }, RV_PAD_REFLECT);
  return rv__conv2d (r->program, x, weight, bias, stride, (RvPad){ 0 });
}

/* Records conv() and ReLU. Returns the value. */
static int
conv_relu (Recording *r, int x, const char *layer, int stride)
{
  return rv__relu (r->program, conv (r, x, layer, stride));
}

/* Records convolution @half, 1 or 2, of the block @name: w conv (x) + b x, or conv (x) if @w is -1. @w, @b: values,
 * [64]. Returns its value. */
static int
half_block (Recording *r, int x, const char *name, int half, int w, int b)
{
  g_autofree char *layer = g_strdup_printf ("%s.conv%d", name, half);
  int y = conv (r, x, layer, 1);
  return w < 0 ? y
               : rv__add (r->program, rv__affine (r->program, y, w, r->zeros), rv__affine (r->program, x, b, r->zeros));
}

/* Records a block: x + conv2 (relu (conv1 (x))), both by half_block() with @w and @b. Returns its value. */
static int
block (Recording *r, int x, const char *name, int w, int b)
{
  int y = rv__relu (r->program, half_block (r, x, name, 1, w, b));
  return rv__add (r->program, x, half_block (r, y, name, 2, w, b));
}

/* Records the encoder @part of the picture @x, 0..255. Sets r->part to @part, and f[0] and f[1] to the values of its
 * features. */
static void
record_encoder (Recording *r, int x, const char *part, int f[LEVELS])
{
  r->part = part;
  x = conv_relu (r, rv__net_convert_space (r->program, x, &rv__rgb_0_255, &rv__rgb_0_1), "enc1.0", 1);
  x = conv_relu (r, conv_relu (r, x, "enc1.2", 2), "enc1.4", 1);
  x = conv_relu (r, conv_relu (r, x, "enc1.6", 2), "enc1.8", 1);
  f[0] = block (r, x, "enc1.10", -1, -1);
  f[1] = block (r, f[0], "enc2.0", -1, -1);
}

/* Records bilinear x2 of @x, then the convolutions @three (3x3, halves the channels) and @one (1x1), each with ReLU.
 * Returns its value. */
static int
up (Recording *r, int x, const char *three, const char *one)
{
  const RvShape *shape = rv__program_shape (r->program, x);
  x = rv__resize (r->program, x, 2 * shape->dim[2], 2 * shape->dim[3], RV_RESIZE_BILINEAR);
  return conv_relu (r, conv_relu (r, x, three, 1), one, 1);
}

/* Records the decoder on the features @x of a photograph; engine->signal and r->zeros must be recorded. Sets r->part.
 * Returns the picture, 0..255, not clipped. Adapts the norms to PyTorch, whose variance divides by n - 1 instead of n.
 * v n / (n - 1) + e equals (v + e (n - 1) / n) n / (n - 1); set_style() puts the last factor into the scale. */
static int
record_decoder (Recording *r, int x, const Engine *engine)
{
  static const char *const blocks[LEVELS] = { "dec2", "dec1" };
  r->part = "decoder";
  for (int level = LEVELS - 1; x >= 0 && level >= 0; level--) {
    const RvShape *shape = rv__program_shape (r->program, x);
    double n = (double) (shape->dim[2] * shape->dim[3]);
    const int *signal = engine->signal[level];
    x = rv__instance_norm (r->program, x, signal[DEVIATION], signal[MEAN], VARIANCE_EPSILON * (n - 1) / n);
    x = block (r, x, blocks[level], signal[FILTER], signal[BIAS]);
  }
  x = up (r, up (r, x, "dec3.1", "dec3.3"), "dec3.6", "dec3.8");
  return rv__net_convert_space (r->program, conv (r, x, "dec3.10", 1), &rv__rgb_0_1, &rv__rgb_0_255);
}

/* Records the program that paints: sets the signals to parameters that the host sets, and engine->y. */
static void
record_photograph (Recording *r, Engine *engine)
{
  RvShape channels = rv_shape (1, CHANNELS);
  int f[LEVELS];
  r->zeros = rv__net_add_constant (r->program, (double[CHANNELS]){ 0 }, &channels);
  for (int level = 0; level < LEVELS; level++)
    for (int s = 0; s < N_SIGNALS; s++)
      engine->signal[level][s] = rv__program_parameter (r->program, &channels);
  record_encoder (r, engine->x, "content_encoder", f);
  engine->y = record_decoder (r, f[1], engine);
  rv__program_output (r->program, engine->y);
}

/* Records the program that measures the painting engine->x. Sets engine->f and engine->signal[][FILTER] and [BIAS],
 * sums over positions, to its outputs. Errors are in r->program->error. */
static void
record_painting (Recording *r, Engine *engine)
{
  static const char *const filters[LEVELS] = { "weight1.0", "weight2.0" }, *const biases[LEVELS] = { "bias1.0",
                                                                                                     "bias2.0" };
  record_encoder (r, engine->x, "style_encoder", engine->f);
  r->part = "modulator";
  for (int level = 0; level < LEVELS; level++) {
    int *signal = engine->signal[level];
    signal[FILTER] = rv__channel_sum (r->program, conv (r, engine->f[level], filters[level], 1));
    signal[BIAS] = rv__channel_sum (r->program, conv (r, engine->f[level], biases[level], 1));
    const int outputs[] = { engine->f[level], signal[FILTER], signal[BIAS] };
    for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
      rv__program_output (r->program, outputs[i]);
  }
}

/* (transfer full) (nullable): a compiled engine for pictures of one size, whose memory rv__style_net_bind_whole()
 * allocates. @photograph: TRUE: it paints; FALSE: it measures a painting. @n_threads: 1 or more. */
static Engine *
engine_new (const RvArbitraryStyle *any, gboolean photograph, int height, int width, int n_threads, GError **error)
{
  if (!rv__style_net_check_size (height, width, error))
    return NULL;
  g_autoptr (Engine) engine = g_new0 (Engine, 1);
  RvProgram *program = rv__program_new (RV_F32);
  RvShape picture = rv_shape (4, 1, 3, height, width);
  Recording r = { .any = any, .program = program };
  RvCompileSettings settings = { .n_threads = n_threads };
  *engine = (Engine){ .height = height, .width = width, .x = rv__program_input (program, &picture), .y = -1 };
  if (photograph)
    record_photograph (&r, engine);
  else
    record_painting (&r, engine);
  program->n_forward = (int) program->calls->len;
  engine->executable = rv__graph_compile (program, rv__compute_backend (NULL, NULL, NULL), &settings, error);
  return engine->executable ? g_steal_pointer (&engine) : NULL;
}

/* The [CHANNELS] numbers of @signal at @level in a style's @numbers. Borrowed. */
static float *
signal_numbers (float *numbers, int level, Signal signal)
{
  return numbers + (level * N_SIGNALS + (int) signal) * CHANNELS;
}

/* Writes mean and deviation of each channel of @x, [CHANNELS, @plane], to @mean and @deviation, [CHANNELS], with
 * PyTorch's variance plus VARIANCE_EPSILON. @plane: 2 or more. */
static void
measure (const float *x, gint64 plane, float *mean, float *deviation)
{
  for (int c = 0; c < CHANNELS; c++, x += plane) {
    double sum = 0, squares = 0;
    for (gint64 p = 0; p < plane; p++)
      sum += (double) x[p];
    double m = sum / (double) plane;
    for (gint64 p = 0; p < plane; p++)
      squares += ((double) x[p] - m) * ((double) x[p] - m);
    mean[c] = (float) m;
    deviation[c] = (float) sqrt (squares / (double) (plane - 1) + VARIANCE_EPSILON);
  }
}

/* Overwrites all signals of @level, 0 or 1, in @numbers, [STYLE_NUMBERS], after the forward pass over a painting.
 * After an error some may be set. */
static gboolean
read_level (const Engine *engine, int level, float *numbers, GError **error)
{
  RvExecutable *executable = engine->executable;
  const RvShape *shape = rv__program_shape (executable->program, engine->f[level]);
  gint64 plane = shape->dim[2] * shape->dim[3];
  g_autoptr (RvTensor) f = rv_tensor_new (RV_F32, shape, error);
  float *filter = signal_numbers (numbers, level, FILTER), *bias = signal_numbers (numbers, level, BIAS);
  if (!f || !rv__executable_get (executable, engine->f[level], f->data, error) ||
      !rv__executable_get (executable, engine->signal[level][FILTER], filter, error) ||
      !rv__executable_get (executable, engine->signal[level][BIAS], bias, error))
    return FALSE;
  measure (f->data, plane, signal_numbers (numbers, level, MEAN), signal_numbers (numbers, level, DEVIATION));
  for (int c = 0; c < CHANNELS; c++) {
    filter[c] /= (float) plane;
    bias[c] /= (float) plane;
  }
  return TRUE;
}

gboolean
rv__arbitrary_style_add (RvArbitraryStyle *any, const RvImage *painting, int n_threads, GError **error)
{
  g_autoptr (Engine) engine =
    engine_new (any, FALSE, painting->height, painting->width, rv__compute_threads (n_threads), error);
  g_autofree float *numbers = g_new0 (float, STYLE_NUMBERS);
  if (!engine || !rv__style_net_bind_whole (engine->executable, engine->width, engine->height, 0, error) ||
      !rv__executable_set (engine->executable, engine->x, painting->rgb->data, error) ||
      !rv__executable_forward (engine->executable, error))
    return FALSE;
  for (int level = 0; level < LEVELS; level++)
    if (!read_level (engine, level, numbers, error))
      return FALSE;
  g_ptr_array_add (any->styles, g_steal_pointer (&numbers));
  return TRUE;
}

void
rv__arbitrary_style_clear (RvArbitraryStyle *any)
{
  g_ptr_array_set_size (any->styles, 0);
}

/* Compiles any->engine for this size and thread count, or keeps the last one if it fits both. After an error
 * any->engine is NULL. */
static gboolean
compile_for_size (RvArbitraryStyle *any, int height, int width, int n_threads, GError **error)
{
  Engine *engine = any->engine;
  if (engine && engine->height == height && engine->width == width && engine->executable->n_threads == n_threads)
    return TRUE;
  g_clear_pointer (&any->engine, engine_free);
  any->engine = engine_new (any, TRUE, height, width, n_threads, error);
  return any->engine != NULL;
}

/* Loads the style @numbers, [STYLE_NUMBERS], into the bound engine. Multiplies the deviations in @numbers, in
 * place, for PyTorch's variance (record_decoder()). */
static gboolean
set_style (const Engine *engine, float *numbers, GError **error)
{
  double rows = (engine->height + UNIT - 1) / UNIT, cols = (engine->width + UNIT - 1) / UNIT, n = rows * cols;
  for (int level = 0; level < LEVELS; level++) {
    float *deviation = signal_numbers (numbers, level, DEVIATION);
    for (int c = 0; c < CHANNELS; c++)
      deviation[c] *= (float) sqrt ((n - 1) / n);
    for (int s = 0; s < N_SIGNALS; s++)
      if (!rv__executable_set (engine->executable, engine->signal[level][s],
                               signal_numbers (numbers, level, (Signal) s), error))
        return FALSE;
  }
  return TRUE;
}

gboolean
rv__arbitrary_style_apply_to (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads,
                              gsize allowed, RvImage *painted, GError **error)
{
  g_autofree float *numbers = rv__style_net_mix ((const float *const *) any->styles->pdata, parts, any->styles->len,
                                                 STYLE_NUMBERS, "paintings", error);
  if (!numbers || !compile_for_size (any, image->height, image->width, rv__compute_threads (n_threads), error))
    return FALSE;
  if (!rv__style_net_bind_whole (any->engine->executable, image->width, image->height, allowed,
                                 error)) { /* partly bound, it must not paint the next picture */
    g_clear_pointer (&any->engine, engine_free);
    return FALSE;
  }
  Engine *engine = any->engine;
  RvExecutable *executable = engine->executable;
  g_autoptr (RvTensor) made = rv_tensor_new (RV_F32, rv__program_shape (executable->program, engine->y), error);
  if (!made || !set_style (engine, numbers, error) ||
      !rv__executable_set (executable, engine->x, image->rgb->data, error) ||
      !rv__executable_forward (executable, error) || !rv__executable_get (executable, engine->y, made->data, error))
    return FALSE;
  if (!rv__style_net_all_finite (made->data, rv_tensor_count (made)))
    return rv__error_set (error, RV_ERROR_NUMBER, "the style network's numbers are too large: its file is damaged");
  rv__style_net_write_picture (made, &rv__rgb_0_255, painted);
  return TRUE;
}

gboolean
rv__arbitrary_style_plan (RvArbitraryStyle *any, int width, int height, int n_threads, RvPlan *plan, GError **error)
{
  if (!compile_for_size (any, height, width, rv__compute_threads (n_threads), error))
    return FALSE;
  rv__style_net_plan_whole (any->engine->executable, plan);
  return TRUE;
}
