/* style-net.c -- style network: weights and styles, reading and writing. */
#include "method/style-net/style-net.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "io/weights/format.h"
#include "method/style-net/arbitrary.h"
#include <math.h>
#include <string.h>

#define FORMAT "reverie-painter"
#define VERSION "1"
#define BIAS "out.bias"
#define INIT_STREAM 20 /* stream of random numbers for initial weights */
#define MOST_STYLES 4096
#define MOST_THUMBNAIL_PX 4096 /* limit for thumbnails in a file */
#define INT8_MAX_VALUE 127
#define GRAIN "grain"
#define MOST_GRAIN 255.0

static const struct {
  const char *name;
  int in, out, kernel;
} layers[] = {
  { "down1", 3, 16, 9 },     { "down2", 16, 32, 3 },    { "down3", 32, 64, 3 },    { "block1.a", 64, 64, 3 },
  { "block1.b", 64, 64, 3 }, { "block2.a", 64, 64, 3 }, { "block2.b", 64, 64, 3 }, { "block3.a", 64, 64, 3 },
  { "block3.b", 64, 64, 3 }, { "block4.a", 64, 64, 3 }, { "block4.b", 64, 64, 3 }, { "block5.a", 64, 64, 3 },
  { "block5.b", 64, 64, 3 }, { "up1", 64, 32, 3 },      { "up2", 32, 16, 3 },      { "out", 16, 3, 9 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (layers) == RV_STYLE_NET_N_NORMS + 1);

gint64
rv__style_net_norm_channels (int k, gint64 *first)
{
  *first = 0;
  for (int i = 0; i < k; i++)
    *first += layers[i].out;
  return layers[k].out;
}

int
rv__style_net_level (int k)
{
  static const int from_start[] = { 0, 1 }, from_end[] = { 0, 0, 1 };
  int to_end = RV_STYLE_NET_N_NORMS - k;
  return k < (int) G_N_ELEMENTS (from_start)      ? from_start[k]
         : to_end < (int) G_N_ELEMENTS (from_end) ? from_end[to_end]
                                                  : 2;
}

gint64
rv__style_net_positions (int k, gint64 height, gint64 width)
{
  gint64 unit = 1 << rv__style_net_level (k);
  return (height + unit - 1) / unit * ((width + unit - 1) / unit);
}

char *
rv__style_net_norm_name (int k, gboolean shift)
{
  return g_strdup_printf ("norm%d.%s", k, shift ? "shift" : "scale");
}

/* ---- construction ------------------------------------------------------------------------------------------------ */

static void
free_style (gpointer data)
{
  RvStyleNetStyle *style = data;
  g_free (style->name);
  g_free (style->license);
  rv_tensor_unref (style->numbers);
  rv_tensor_unref (style->thumbnail);
  g_free (style);
}

/* A network whose weights are 0, without styles. (transfer full) (nullable). */
static RvStyleNet *
new_empty (GError **error)
{
  g_autoptr (RvStyleNet) style_net = g_new0 (RvStyleNet, 1);
  style_net->weights = rv__parameters_new ();
  style_net->styles = g_ptr_array_new_with_free_func (free_style);
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++) {
    g_autofree char *name = g_strconcat (layers[i].name, ".weight", NULL);
    RvShape shape = rv_shape (4, layers[i].out, layers[i].in, layers[i].kernel, layers[i].kernel);
    if (!rv__parameters_add (style_net->weights, name, &shape, error))
      return NULL;
  }
  RvShape bias = rv_shape (1, layers[G_N_ELEMENTS (layers) - 1].out);
  return rv__parameters_add (style_net->weights, BIAS, &bias, error) ? g_steal_pointer (&style_net) : NULL;
}

RvStyleNet *
rv__style_net_new (gint64 seed, GError **error)
{
  /* Glorot, Bengio 2010: uniform in +-sqrt (6 / (fan_in + fan_out)). */
  RvStyleNet *style_net = new_empty (error);
  guint64 index = 0;
  for (guint i = 0; style_net && i < G_N_ELEMENTS (layers); i++) {
    RvTensor *tensor = rv__parameter (style_net->weights, i)->tensor;
    double taps = layers[i].kernel * layers[i].kernel, limit = sqrt (6 / ((layers[i].in + layers[i].out) * taps));
    rv__random_fill (tensor->data, rv_tensor_count (tensor), limit, (guint64) seed, INIT_STREAM, index);
    index += (guint64) rv_tensor_count (tensor);
  }
  return style_net;
}

void
rv_style_net_free (RvStyleNet *style_net)
{
  if (!style_net)
    return;
  rv__style_net_engine_free (style_net->engine);
  g_array_unref (style_net->weights);
  g_ptr_array_unref (style_net->styles);
  g_free (style_net);
}

RvStyleNet *
rv__style_net_copy (const RvStyleNet *style_net, GError **error)
{
  RvStyleNet *copy = new_empty (error);
  if (copy)
    copy->grain = style_net->grain;
  for (guint i = 0; copy && i < style_net->weights->len; i++) {
    const RvTensor *tensor = rv__parameter (style_net->weights, i)->tensor;
    memcpy (rv__parameter (copy->weights, i)->tensor->data, tensor->data, rv_tensor_bytes (tensor));
  }
  return copy;
}

gboolean
rv__style_net_same_weights (const RvStyleNet *a, const RvStyleNet *b)
{
  gboolean same = a->grain == b->grain;
  for (guint i = 0; same && i < a->weights->len; i++) {
    const RvTensor *x = rv__parameter (a->weights, i)->tensor, *y = rv__parameter (b->weights, i)->tensor;
    same = memcmp (x->data, y->data, rv_tensor_bytes (x)) == 0;
  }
  return same;
}

/* ---- styles ------------------------------------------------------------------------------------------------------ */

gboolean
rv__style_net_is_name_letter (gunichar letter)
{
  return letter == '-' || letter == '_' || g_unichar_ismark (letter) ||
         (g_unichar_isalnum (letter) && !g_unichar_isupper (letter) && !g_unichar_istitle (letter));
}

gboolean
rv__style_net_check_name (const RvOption *option, const char *name, GError **error)
{
  const char *whole = name;
  gboolean ok = *name && strlen (name) <= RV_STYLE_NET_MAX_NAME_BYTES && g_utf8_validate (name, -1, NULL);
  for (; ok && *name; name = g_utf8_next_char (name))
    ok = rv__style_net_is_name_letter (g_utf8_get_char (name));
  return ok || rv__error_setting (error, option ? option->name : NULL,
                                  "'%.100s' cannot be a style's name; use small letters, digits, - and _", whole);
}

RvStyleNetStyle *
rv__style_net_add_style (RvStyleNet *style_net, const char *name, const char *license, GError **error)
{
  if (style_net->styles->len >= MOST_STYLES)
    return rv__error_null (error, RV_ERROR_SETTING, "a style network has at most %d styles", MOST_STYLES);
  if (!rv__style_net_check_name (NULL, name, error))
    return NULL;
  if (rv_style_net_find_style (style_net, name) >= 0)
    return rv__error_null (error, RV_ERROR_SETTING, "the style '%.100s' exists already; use another name", name);
  if (license && !g_utf8_validate (license, -1, NULL))
    return rv__error_null (error, RV_ERROR_SETTING, "the licence must be UTF-8 text");
  RvShape shape = rv_shape (2, 2, RV_STYLE_NET_CHANNELS);
  RvTensor *numbers = rv_tensor_new (RV_F32, &shape, error);
  if (!numbers)
    return NULL;
  for (int c = 0; c < RV_STYLE_NET_CHANNELS; c++)
    ((float *) numbers->data)[c] = 1;
  RvStyleNetStyle *style = g_new0 (RvStyleNetStyle, 1);
  *style = (RvStyleNetStyle){ .name = g_strdup (name), .license = g_strdup (license), .numbers = numbers };
  g_ptr_array_add (style_net->styles, style);
  return style;
}

RvStyleNetStyle *
rv__style_net_copy_style (RvStyleNet *style_net, const RvStyleNetStyle *style, GError **error)
{
  RvStyleNetStyle *copy = rv__style_net_add_style (style_net, style->name, style->license, error);
  if (copy) {
    memcpy (copy->numbers->data, style->numbers->data, rv_tensor_bytes (style->numbers));
    copy->thumbnail = style->thumbnail ? rv_tensor_ref (style->thumbnail) : NULL;
  }
  return copy;
}

RvStyleNetStyle *
rv__style_net_style (const RvStyleNet *style_net, guint i)
{
  return style_net->styles->pdata[i];
}

guint
rv_style_net_n_styles (const RvStyleNet *style_net)
{
  return style_net->styles->len;
}

const char *
rv_style_net_style_name (const RvStyleNet *style_net, guint i)
{
  return rv__style_net_style (style_net, i)->name;
}

const char *
rv_style_net_style_license (const RvStyleNet *style_net, guint i)
{
  return rv__style_net_style (style_net, i)->license;
}

int
rv_style_net_find_style (const RvStyleNet *style_net, const char *name)
{
  for (guint i = 0; i < style_net->styles->len; i++)
    if (strcmp (rv_style_net_style_name (style_net, i), name) == 0)
      return (int) i;
  return -1;
}

RvImage *
rv_style_net_style_thumbnail (const RvStyleNet *style_net, guint i, GError **error)
{
  const RvTensor *thumbnail = rv__style_net_style (style_net, i)->thumbnail;
  if (!thumbnail)
    return NULL;
  RvImage *image = rv_image_new ((int) thumbnail->shape.dim[2], (int) thumbnail->shape.dim[1], error);
  for (gint64 k = 0; image && k < rv_tensor_count (thumbnail); k++)
    ((float *) image->rgb->data)[k] = ((const guint8 *) thumbnail->data)[k];
  return image;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Adds @parameter to @map as int8 under its name, and the scale of each output channel as NAME_scale, f32. An error
 * leaves @map unchanged. */
static gboolean
store_weight (RvTensorMap *map, const RvParameter *parameter, GError **error)
{
  const RvTensor *tensor = parameter->tensor;
  gint64 n_out = tensor->shape.dim[0], n = rv_tensor_count (tensor) / n_out;
  RvShape scales_shape = rv_shape (1, n_out);
  g_autoptr (RvTensor) bytes = rv_tensor_new (RV_I8, &tensor->shape, error),
                       scales = bytes ? rv_tensor_new (RV_F32, &scales_shape, error) : NULL;
  g_autofree char *scale_name = g_strconcat (parameter->name, "_scale", NULL);
  if (!scales)
    return FALSE;
  for (gint64 o = 0; o < n_out; o++) {
    const float *w = (const float *) tensor->data + o * n;
    float largest = 0;
    for (gint64 i = 0; i < n; i++)
      largest = fmaxf (largest, fabsf (w[i]));
    float scale = largest > 0 ? largest / INT8_MAX_VALUE : 1;
    ((float *) scales->data)[o] = scale;
    for (gint64 i = 0; i < n; i++)
      ((gint8 *) bytes->data)[o * n + i] = (gint8) CLAMP (lrintf (w[i] / scale), -INT8_MAX_VALUE, INT8_MAX_VALUE);
  }
  rv_tensor_map_set (map, parameter->name, bytes);
  rv_tensor_map_set (map, scale_name, scales);
  return TRUE;
}

/* (transfer full): the key "style.NAME", followed by @suffix. */
static char *
style_key (const char *name, const char *suffix)
{
  return g_strconcat ("style.", name, suffix, NULL);
}

RvTensorMap *
rv_style_net_to_map (const RvStyleNet *style_net, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GString) names = g_string_new (NULL);
  guint last = style_net->weights->len - 1; /* the bias */
  for (guint i = 0; i < last; i++)
    if (!store_weight (map, rv__parameter (style_net->weights, i), error))
      return NULL;
  rv_tensor_map_set (map, BIAS, rv__parameter (style_net->weights, last)->tensor);
  for (guint i = 0; i < style_net->styles->len; i++) {
    const RvStyleNetStyle *style = rv__style_net_style (style_net, i);
    g_autofree char *key = style_key (style->name, ""), *thumbnail = style_key (style->name, ".thumbnail"),
                    *license = style_key (style->name, ".licence");
    rv_tensor_map_set (map, key, style->numbers);
    if (style->thumbnail)
      rv_tensor_map_set (map, thumbnail, style->thumbnail);
    if (style->license)
      rv_tensor_map_set_text (map, license, style->license);
    g_string_append_printf (names, "%s%s", i ? "," : "", style->name);
  }
  rv_tensor_map_set_text (map, "format", FORMAT);
  rv_tensor_map_set_text (map, "version", VERSION);
  rv_tensor_map_set_text (map, "styles", names->str);
  if (style_net->grain > 0) {
    char grain[G_ASCII_DTOSTR_BUF_SIZE];
    rv_tensor_map_set_text (map, GRAIN, g_ascii_dtostr (grain, sizeof grain, style_net->grain));
  }
  return g_steal_pointer (&map);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Sets RV_ERROR_FORMAT: @what is missing or wrong. Returns FALSE, always. */
static gboolean
set_damaged_error (GError **error, const char *what)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "the style network's file is damaged: %.120s is missing or wrong",
                        what);
}

RV_NO_TSAN gboolean
rv__style_net_all_finite (const float *x, gint64 n)
{
  gboolean ok = TRUE;
  for (gint64 i = 0; i < n; i++)
    ok = ok && isfinite (x[i]);
  return ok;
}

/* (transfer full) (nullable): a copy of tensor @name of @map, converted to f32. NULL: RV_ERROR_FORMAT if it is
 * missing, is stored in another type or shape than @type and @shape, or has numbers that are not finite. */
static RvTensor *
read_tensor (const RvTensorMap *map, const char *name, RvType type, const RvShape *shape, GError **error)
{
  const RvTensor *stored = rv_tensor_map_get (map, name);
  if (!stored || stored->type != type || !rv_shape_equal (&stored->shape, shape))
    return rv__null (set_damaged_error (error, name));
  g_autoptr (RvTensor) numbers = rv_tensor_to_f32 (stored, error);
  if (numbers && !rv__style_net_all_finite (numbers->data, rv_tensor_count (numbers)))
    return rv__null (set_damaged_error (error, name));
  return g_steal_pointer (&numbers);
}

/* Reads an int8 weight and its scales into the numbers of @parameter. RV_ERROR_FORMAT if a product is not finite. */
static gboolean
read_weight (const RvTensorMap *map, const RvParameter *parameter, GError **error)
{
  gint64 n_out = parameter->tensor->shape.dim[0], n = rv_tensor_count (parameter->tensor) / n_out;
  RvShape scales_shape = rv_shape (1, n_out);
  g_autofree char *scale_name = g_strconcat (parameter->name, "_scale", NULL);
  g_autoptr (RvTensor) bytes = read_tensor (map, parameter->name, RV_I8, &parameter->tensor->shape, error),
                       scales = bytes ? read_tensor (map, scale_name, RV_F32, &scales_shape, error) : NULL;
  for (gint64 i = 0; scales && i < n_out * n; i++)
    ((float *) parameter->tensor->data)[i] = ((const float *) bytes->data)[i] * ((const float *) scales->data)[i / n];
  return scales &&
         (rv__style_net_all_finite (parameter->tensor->data, n_out * n) || set_damaged_error (error, scale_name));
}

/* Sets style_net->grain to the text "grain" of @map; without that text it stays 0: TRUE. RV_ERROR_FORMAT for another
 * text than a number from 0 to MOST_GRAIN. */
static gboolean
read_grain (RvStyleNet *style_net, const RvTensorMap *map, GError **error)
{
  const char *text = rv_tensor_map_get_text (map, GRAIN);
  char *end;
  if (!text)
    return TRUE;
  style_net->grain = g_ascii_strtod (text, &end);
  return (end != text && *end == '\0' && style_net->grain >= 0 && style_net->grain <= MOST_GRAIN) ||
         set_damaged_error (error, GRAIN);
}

/* Appends the style @name of @map to @style_net, with its licence and thumbnail, if any. RV_ERROR_FORMAT if
 * rv__style_net_add_style() fails, or for a thumbnail of a wrong type or size. After an error @style_net may only
 * be freed. */
static gboolean
read_style (RvStyleNet *style_net, const RvTensorMap *map, const char *name, GError **error)
{
  g_autofree char *key = style_key (name, ""), *thumbnail_key = style_key (name, ".thumbnail"),
                  *license = style_key (name, ".licence");
  RvStyleNetStyle *style = rv__style_net_add_style (style_net, name, rv_tensor_map_get_text (map, license), NULL);
  if (!style)
    return set_damaged_error (error, "the list of styles");
  g_autoptr (RvTensor) numbers = read_tensor (map, key, RV_F32, &style->numbers->shape, error);
  if (!numbers)
    return FALSE;
  memcpy (style->numbers->data, numbers->data, rv_tensor_bytes (numbers));
  RvTensor *thumbnail = rv_tensor_map_get (map, thumbnail_key);
  if (!thumbnail)
    return TRUE;
  const gint64 *d = thumbnail->shape.dim;
  if (thumbnail->type != RV_U8 || thumbnail->shape.n != 3 || d[0] != 3 || MIN (d[1], d[2]) < 1 ||
      MAX (d[1], d[2]) > MOST_THUMBNAIL_PX)
    return set_damaged_error (error, thumbnail_key);
  g_autoptr (RvTensor) wide = rv_tensor_to_f32 (thumbnail, error); /* a copy: the file may change */
  if (!wide || !(style->thumbnail = rv_tensor_new (RV_U8, &thumbnail->shape, error)))
    return FALSE;
  for (gint64 i = 0; i < rv_tensor_count (wide); i++)
    ((guint8 *) style->thumbnail->data)[i] = (guint8) ((const float *) wide->data)[i];
  return TRUE;
}

/* Checks the texts "format" and "version" of @map: a style network that this version reads. RV_ERROR_FORMAT; the
 * message says what else it is and what to do. */
static gboolean
check_format (const RvTensorMap *map, GError **error)
{
  const char *format = rv_tensor_map_get_text (map, "format"), *version = rv_tensor_map_get_text (map, "version");
  if (g_strcmp0 (format, RV_ARBITRARY_STYLE_FORMAT) == 0)
    return rv__error_with_options (
      error, RV_ERROR_FORMAT, "learned,weights",
      "this network paints in any style; give its file to 'weights' and set 'learned' to any");
  if (g_strcmp0 (format, FORMAT) != 0)
    return rv__error_set (error, RV_ERROR_FORMAT, "this is not a style network: `reverie learn` makes such files");
  if (g_strcmp0 (version, VERSION) != 0)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "the style network has version %.20s, and this program reads version " VERSION
                          "; train it again, or use the program that made it",
                          version ? version : "none");
  return TRUE;
}

RvStyleNet *
rv_style_net_from_map (const RvTensorMap *map, GError **error)
{
  if (!check_format (map, error))
    return NULL;
  g_autoptr (RvStyleNet) style_net = new_empty (error);
  if (!style_net)
    return NULL;
  guint last = style_net->weights->len - 1;
  RvTensor *bias = rv__parameter (style_net->weights, last)->tensor;
  for (guint i = 0; i < last; i++)
    if (!read_weight (map, rv__parameter (style_net->weights, i), error))
      return NULL;
  g_autoptr (RvTensor) stored_bias = read_tensor (map, BIAS, RV_F32, &bias->shape, error);
  if (!stored_bias || !read_grain (style_net, map, error))
    return NULL;
  memcpy (bias->data, stored_bias->data, rv_tensor_bytes (bias));
  const char *names = rv_tensor_map_get_text (map, "styles");
  g_auto (GStrv) list = g_strsplit (names ? names : "", ",", MOST_STYLES + 1);
  for (guint i = 0; list[i]; i++)
    if (!read_style (style_net, map, list[i], error))
      return NULL;
  if (style_net->styles->len == 0)
    return rv__null (set_damaged_error (error, "the list of styles"));
  return g_steal_pointer (&style_net);
}

extern const guint8 rv__builtin_style_net[], rv__builtin_style_net_end[]; /* data/meson.build */

RvStyleNet *
rv_style_net_new_builtin (GError **error)
{
  g_autoptr (GBytes) bytes =
    g_bytes_new_static (rv__builtin_style_net, (gsize) (rv__builtin_style_net_end - rv__builtin_style_net));
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the built-in style network", error);
  return map ? rv_style_net_from_map (map, error) : NULL;
}
