/* net-layers.c -- names and sizes of a network's layers, found by recording the network without weights. */
#include "net.h"
#include "base/error.h"
#include "base/text.h"

#define PRE ":pre"

gboolean
rv__net_build_alone (RvNetBuilder *builder, int height, int width, GError **error)
{
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, height, width);
  builder->program = program;
  builder->class->build (builder, rv__program_input (program, &shape));
  builder->program = NULL;
  return !program->error || rv__error_propagate (error, g_steal_pointer (&program->error));
}

gboolean
rv__net_infer_shapes (const RvNetClass *class, int height, int width, RvNetBuilder *builder, RvLayerFunc on_layer,
                      gpointer user_data)
{
  *builder = (RvNetBuilder){ .class = class, .purpose = RV_BUILD_SHAPES, .on_layer = on_layer, .user_data = user_data };
  return rv__net_build_alone (builder, height, width, NULL);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Names of one network: `all` with those before a ReLU, `layers` without. */
typedef struct {
  GPtrArray *all, *layers;
} Names;

/* RvLayerFunc: adds the name to the Names @user_data. Returns FALSE: all layers are needed. */
static gboolean
add_name (const char *layer, int value, gpointer user_data)
{
  Names *names = user_data;
  g_ptr_array_add (names->all, (gpointer) g_intern_string (layer));
  if (!g_str_has_suffix (layer, PRE))
    g_ptr_array_add (names->layers, (gpointer) g_intern_string (layer));
  return FALSE;
}

/* Names of the network's layers, in order: two NULL-terminated lists, with and without those before a ReLU. The first
 * call for a network collects them; later calls use the cache. Static. Cannot fail. Any thread. */
static const Names *
names_of (const RvNetClass *class)
{
  static GHashTable *known;
  static GMutex mutex;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&mutex);
  if (!known)
    known = g_hash_table_new (NULL, NULL);
  Names *names = g_hash_table_lookup (known, class);
  if (!names) {
    RvNetBuilder builder;
    names = g_new (Names, 1);
    *names = (Names){ g_ptr_array_new (), g_ptr_array_new () };
    rv__net_infer_shapes (class, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE, &builder, add_name, names);
    g_ptr_array_add (names->all, NULL);
    g_ptr_array_add (names->layers, NULL);
    g_hash_table_insert (known, (gpointer) class, names);
  }
  return names;
}

const char *const *
rv_net_layers (const char *name)
{
  const RvNetClass *class = rv__net_find (name);
  return class ? (const char *const *) names_of (class)->layers->pdata : NULL;
}

/* (transfer full): the name that Reverie uses for @layer. "relu4_2" and "block4_conv2" become "conv4_2", "block4_pool"
 * becomes "pool4", "inception_4c/output" becomes "inception_4c.output". Other names, also unknown ones, are copied. A
 * suffix such as ":pre" stays. Cannot fail. */
static char *
common_name (const char *layer)
{
  static const struct {
    const char *pattern, *own;
  } names[] = {
    { "^relu(\\d+_\\d+)", "conv\\1" },
    { "^block(\\d+)_conv(\\d+)", "conv\\1_\\2" },
    { "^block(\\d+)_pool", "pool\\1" },
    { "^(\\w+)/(\\w+)", "\\1.\\2" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GRegex) regex = g_regex_new (names[i].pattern, G_REGEX_RAW, 0, NULL);
    if (g_regex_match (regex, layer, 0, NULL))
      return g_regex_replace (regex, layer, -1, 0, names[i].own, 0, NULL);
  }
  return g_strdup (layer);
}

char *
rv__net_layer (const char *net_name, const char *layer, GError **error)
{
  static const char *const none[] = { NULL };
  const RvNetClass *class = rv__net_find (net_name);
  const char *const *all = class ? (const char *const *) names_of (class)->all->pdata : none;
  const char *const *layers = class ? (const char *const *) names_of (class)->layers->pdata : none;
  g_autofree char *own = g_strv_contains (all, layer) ? g_strdup (layer) : common_name (layer);
  if (g_strv_contains (all, own))
    return g_steal_pointer (&own);

  const char *nearest = rv_text_nearest (own, g_str_has_suffix (own, PRE) ? all : layers);
  g_autofree char *list = g_strjoinv (", ", (char **) layers);
  return rv__error_null (error, RV_ERROR_SETTING, "the network %s has no layer '%s'%s%s%s (its layers: %s)", net_name,
                         layer, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", list);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *const *layers;
  guint n_seen;
} LayerCount;

/* RvLayerFunc: adds 1 to count->n_seen of the LayerCount @user_data if @layer is in its list. TRUE once all of them are
 * recorded. */
static gboolean
count_layer (const char *layer, int value, gpointer user_data)
{
  LayerCount *count = user_data;
  count->n_seen += g_strv_contains (count->layers, layer);
  return count->n_seen == g_strv_length ((char **) count->layers);
}

int
rv__net_min_side (const RvNet *net, const char *const *layers)
{
  int low = 1, high = RV_NET_FITTING_SIDE;
  while (low < high) {
    int middle = (low + high) / 2;
    RvNetBuilder builder;
    LayerCount count = { .layers = layers };
    if (rv__net_infer_shapes (net->class, middle, middle, &builder, count_layer, &count) &&
        count.n_seen == g_strv_length ((char **) layers))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* State of rv_net_describe(). */
typedef struct {
  RvNetBuilder builder;
  GArray *layers;
  gint64 n_parameters; /* parameters of the layers so far */
} Description;

/* RvLayerFunc: appends one RvLayer to the Description @user_data, with the parameters recorded since the layer before;
 * skips a value before a ReLU (":pre"). Always returns FALSE: all layers are needed. */
static gboolean
describe_layer (const char *name, int value, gpointer user_data)
{
  Description *description = user_data;
  const RvNetBuilder *builder = &description->builder;
  if (g_str_has_suffix (name, PRE))
    return FALSE;
  const RvShape *shape = rv__program_shape (builder->program, value);
  RvLayer layer = { .name = g_intern_string (name),
                    .channels = shape->dim[1],
                    .height = shape->dim[2],
                    .width = shape->dim[3],
                    .window = builder->window,
                    .stride = builder->stride,
                    .n_parameters = builder->n_parameters - description->n_parameters };
  description->n_parameters = builder->n_parameters;
  g_array_append_val (description->layers, layer);
  return FALSE;
}

GArray *
rv_net_describe (const char *name, int height, int width)
{
  const RvNetClass *class = rv__net_find (name);
  Description description = { .layers = g_array_new (FALSE, FALSE, sizeof (RvLayer)) };
  if (class)
    rv__net_infer_shapes (class, height, width, &description.builder, describe_layer, &description);
  return description.layers;
}

const RvLayer *
rv__net_find_layer (const GArray *layers, const char *name)
{
  g_autofree char *plain = g_strndup (name, strcspn (name, ":"));
  for (guint i = 0; i < layers->len; i++)
    if (strcmp (g_array_index (layers, RvLayer, i).name, plain) == 0)
      return &g_array_index (layers, RvLayer, i);
  return NULL;
}

gint64
rv__net_n_channels (const char *net_name, const char *layer)
{
  g_autoptr (GArray) layers = rv_net_describe (net_name, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE);
  const RvLayer *found = rv__net_find_layer (layers, layer);
  return found ? found->channels : 0;
}
