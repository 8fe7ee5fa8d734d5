/* net.c -- the table of networks, their layers' names, and the blocks they are built from. */
#include "net.h"
#include "base/text.h"
#include "net/net-list.h"
#include <stdio.h>
#include <string.h>

#define X(name) extern const RvNetClass rv__net_##name;
RV_NET_ROWS (X)
#undef X

static const RvNetClass *const table[] = {
#define X(name) &rv__net_##name,
  RV_NET_ROWS (X)
#undef X
};

static const char *const names[] = {
#define X(name) #name,
  RV_NET_ROWS (X)
#undef X
    NULL
};

const char *const *
rv_net_names (void)
{
  return names;
}

static const RvNetClass *
find_class (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i]->name, name) == 0)
      return table[i];
  return NULL;
}

const char *const *
rv_net_layers (const char *name)
{
  const RvNetClass *class = find_class (name);
  return class ? class->layers : NULL;
}

const char *
rv__net_default_layers (const char *name, gboolean style)
{
  const RvNetClass *class = find_class (name);
  return !class ? NULL : style ? class->style_layers : class->content_layers;
}

/* "relu4_2" and "block4_conv2" are what others call "conv4_2". */
static char *
common_name (const char *layer)
{
  int block, index, end = 0;
  if ((sscanf (layer, "relu%d_%d%n", &block, &index, &end) == 2 && end) ||
      (sscanf (layer, "block%d_conv%d%n", &block, &index, &end) == 2 && end))
    return g_strdup_printf ("conv%d_%d%s", block, index, layer + end);
  return g_strdup (layer);
}

char *
rv_net_layer (const char *net_name, const char *layer, GError **error)
{
  const char *const *layers = rv_net_layers (net_name);
  g_autofree char *own = common_name (layer);
  g_autofree char *base = g_str_has_suffix (own, ":pre") ? g_strndup (own, strlen (own) - 4) : g_strdup (own);

  if (layers && g_strv_contains (layers, base))
    return g_steal_pointer (&own);

  const char *nearest = rv__text_nearest (base, layers);
  g_autofree char *all = layers ? g_strjoinv (", ", (char **) layers) : g_strdup ("none");
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the network %s has no layer '%s'%s%s%s (its layers: %s)", net_name,
               layer, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", all);
  return NULL;
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

static gboolean
wrong_weights (const RvNet *net, const char *name, const char *what, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "these are no weights of %s: '%s' %s", net->class->name, name, what);
  return FALSE;
}

/* int8 times NAME_scale, one number for each output channel. */
static gboolean
multiply_by_scales (const RvNet *net, const char *name, RvTensor *f32, GError **error)
{
  g_autofree char *scale_name = g_strconcat (name, "_scale", NULL);
  const RvTensor *scale = rv_tensor_map_get (net->weights, scale_name);
  gint64 rows = f32->shape.n ? f32->shape.dim[0] : 0, count = rv_tensor_count (f32);
  if (!scale || scale->type != RV_F32 || rv_tensor_count (scale) != rows)
    return wrong_weights (net, name, "has no scales", error);
  for (gint64 k = 0; k < count; k++)
    ((float *) f32->data)[k] *= ((const float *) scale->data)[k / (count / rows)];
  return TRUE;
}

/* [O, 3, U, V] for pictures with blue first becomes one for pictures with red first. */
static void
swap_red_and_blue (RvTensor *weight)
{
  gint64 plane = weight->shape.dim[2] * weight->shape.dim[3];
  for (gint64 o = 0; o < weight->shape.dim[0]; o++)
    for (gint64 k = 0; k < plane; k++) {
      float *red = (float *) weight->data + 3 * o * plane + k, *blue = red + 2 * plane, kept = *red;
      *red = *blue;
      *blue = kept;
    }
}

/* A parameter in the program's type: half floats widened, int8 scaled. A copy unless it is stored so: copies go with
 * the program, the file's own bytes stay small. */
static RvTensor *
parameter (const RvNet *net, const char *name, const RvShape *shape, RvType type, GError **error)
{
  RvTensor *stored = rv_tensor_map_get (net->weights, name);
  if (!stored || !rv_shape_equal (&stored->shape, shape)) {
    g_autofree char *wanted = rv_shape_text (shape), *got = stored ? rv_shape_text (&stored->shape) : NULL;
    g_autofree char *what =
      g_strdup_printf ("should have shape %s and %s%s", wanted, got ? "has " : "is missing", got ? got : "");
    wrong_weights (net, name, what, error);
    return NULL;
  }
  gboolean turn = net->class->bgr && shape->n == 4 && shape->dim[1] == 3;
  if (stored->type == type && !turn)
    return rv_tensor_ref (stored);

  g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (stored, error);
  if (!f32 || (stored->type == RV_I8 && !multiply_by_scales (net, name, f32, error)))
    return NULL;
  if (turn)
    swap_red_and_blue (f32);
  if (type == RV_F32)
    return g_steal_pointer (&f32);

  RvTensor *f64 = rv_tensor_new (RV_F64, shape, error);
  for (gint64 i = 0; f64 && i < rv_tensor_count (f64); i++)
    ((double *) f64->data)[i] = ((const float *) f32->data)[i];
  return f64;
}

static int
constant (RvNetBuilder *builder, const char *layer, const char *kind, RvShape shape)
{
  g_autofree char *name = g_strconcat (layer, ".", kind, NULL);
  if (builder->program->error)
    return -1;
  if (builder->shapes_only)
    return rv__program_input (builder->program, &shape);
  g_autoptr (RvTensor) tensor =
    parameter (builder->net, name, &shape, builder->program->type, &builder->program->error);
  return tensor ? rv__program_constant (builder->program, tensor) : -1;
}

/* Per-channel numbers as a constant. */
static int
channels (RvProgram *program, const float numbers[3])
{
  RvShape shape = rv_shape (1, 3);
  if (program->error)
    return -1;
  g_autoptr (RvTensor) tensor = rv_tensor_new (program->type, &shape, &program->error);
  for (int c = 0; tensor && c < 3; c++)
    if (program->type == RV_F64)
      ((double *) tensor->data)[c] = numbers[c];
    else
      ((float *) tensor->data)[c] = numbers[c];
  return tensor ? rv__program_constant (program, tensor) : -1;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

static void
tap (RvNetBuilder *builder, const char *layer, int value)
{
  if (builder->program->error || (value >= 0 && builder->tap (layer, value, builder->user_data)))
    builder->done = TRUE;
}

int
rv__net_relu (RvNetBuilder *builder, const char *name, int x)
{
  g_autofree char *pre = g_strconcat (name, ":pre", NULL);
  tap (builder, pre, x);
  if (builder->done)
    return -1;
  int y = rv__relu (builder->program, x);
  tap (builder, name, y);
  return y;
}

int
rv__net_named_conv (RvNetBuilder *builder, const char *layer, const char *parameters, int x, int out_channels,
                    int kernel, int stride, int pad, gboolean linear)
{
  if (builder->done)
    return -1;
  gint64 in_channels = rv__program_shape (builder->program, x)->dim[1];
  RvPad by = { pad, pad, pad, pad }, none = { 0 };
  int weight = constant (builder, parameters, "weight", (RvShape){ 4, { out_channels, in_channels, kernel, kernel } });
  int bias = constant (builder, parameters, "bias", (RvShape){ 1, { out_channels } });
  builder->done = builder->program->error != NULL;
  if (builder->done)
    return -1;

  if (in_channels == 3 && pad && builder->variant.first_pad == RV_PAD_REPLICATE) {
    x = rv__pad (builder->program, x, by, RV_PAD_REPLICATE);
    by = none;
  }
  int y = rv__conv2d (builder->program, x, weight, bias, stride, by);
  if (!linear)
    return rv__net_relu (builder, layer, y);
  tap (builder, layer, y);
  return y;
}

int
rv__net_conv (RvNetBuilder *builder, const char *name, int x, int out_channels, int kernel, int stride, int pad,
              gboolean linear)
{
  return rv__net_named_conv (builder, name, name, x, out_channels, kernel, stride, pad, linear);
}

int
rv__net_concat (RvNetBuilder *builder, int n_in, const int *in)
{
  return builder->done ? -1 : rv__concat (builder->program, n_in, in);
}

static int
pool (RvNetBuilder *builder, int x, int window, int stride, RvPooling own, RvPad pad)
{
  RvPooling pooling = builder->variant.pooling ? builder->variant.pooling : own;
  int y = pooling == RV_POOLING_MAX
            ? rv__max_pool (builder->program, x, window, stride, pad)
            : rv__average_pool (builder->program, x, window, stride, pad, pooling == RV_POOLING_AVERAGE_SCALED ? 2 : 1);
  builder->done = builder->program->error != NULL;
  return y;
}

int
rv__net_pool (RvNetBuilder *builder, int x, int window, int stride, RvPooling own)
{
  return builder->done ? -1 : pool (builder, x, window, stride, own, (RvPad){ 0 });
}

int
rv__net_pool_ceil (RvNetBuilder *builder, int x, int window, int stride, RvPooling own)
{
  RvPad pad = { 0 };
  if (builder->done)
    return -1;
  const RvShape *shape = rv__program_shape (builder->program, x);
  rv__pad_ceil (shape->dim[2], window, stride, &pad.bottom);
  rv__pad_ceil (shape->dim[3], window, stride, &pad.right);
  return pool (builder, x, window, stride, own, pad);
}

void
rv__net_record (const RvNet *net, const RvNetVariant *variant, RvProgram *program, int x, const float x_mean[3],
                const float x_scale[3], RvTapFunc tap_func, gpointer user_data)
{
  RvNetBuilder builder = {
    .program = program, .net = net, .variant = *variant, .tap = tap_func, .user_data = user_data
  };
  float scale[3], shift[3];
  for (int c = 0; c < 3; c++) {
    scale[c] = x_scale[c] / net->class->scale;
    shift[c] = (x_mean[c] - net->class->mean[c]) / net->class->scale;
  }
  int scales = channels (program, scale), shifts = channels (program, shift);
  if (program->error)
    return;
  net->class->build (&builder, rv__affine (program, x, scales, shifts));
}

/* ---- the shortest side ------------------------------------------------------------------------------------------- */

typedef struct {
  const char *const *layers;
  guint n_seen;
} Sought;

static gboolean
count_layer (const char *layer, int value, gpointer user_data)
{
  Sought *sought = user_data;
  sought->n_seen += g_strv_contains (sought->layers, layer);
  return sought->n_seen == g_strv_length ((char **) sought->layers);
}

static gboolean
fits (const RvNet *net, const char *const *layers, int side)
{
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, side, side);
  Sought sought = { .layers = layers };
  RvNetBuilder builder = {
    .program = program, .net = net, .tap = count_layer, .user_data = &sought, .shapes_only = TRUE
  };
  net->class->build (&builder, rv__program_input (program, &shape));
  return !program->error && sought.n_seen == g_strv_length ((char **) layers);
}

int
rv__net_min_side (const RvNet *net, const char *const *layers)
{
  int low = 1, high = 1024; /* no network here needs more */
  while (low < high) {
    int middle = (low + high) / 2;
    if (fits (net, layers, middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

RvNet *
rv_net_new (const char *name, RvTensorMap *weights, GError **error)
{
  const RvNetClass *class = find_class (name);
  if (!class) {
    const char *nearest = rv__text_nearest (name, names);
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no network '%s'%s%s%s", name,
                 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
  }
  RvNet *net = g_new0 (RvNet, 1);
  *net = (RvNet){ .ref_count = 1, .class = class, .weights = rv_tensor_map_ref (weights) };
  return net;
}

RvNet *
rv_net_ref (RvNet *net)
{
  g_atomic_int_inc (&net->ref_count);
  return net;
}

void
rv_net_unref (RvNet *net)
{
  if (!net || !g_atomic_int_dec_and_test (&net->ref_count))
    return;
  rv_tensor_map_unref (net->weights);
  g_free (net);
}

const char *
rv_net_name (const RvNet *net)
{
  return net->class->name;
}

const char *
rv_net_summary (const RvNet *net)
{
  return net->class->summary;
}
