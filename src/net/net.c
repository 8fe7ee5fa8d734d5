/* net.c -- the table of networks; creating and freeing a network. */
#include "base/ref.h"
#include "net.h"
#include "base/error.h"
#include "base/text.h"
#include "io/weights/net-graph.h"
#include "net/net-list.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
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

const char *const rv__net_file_suffixes[] = { ".onnx", ".pth",   ".pt",         ".safetensors",
                                              ".h5",   ".keras", ".caffemodel", NULL };

const char *const *
rv_net_names (void)
{
  return names;
}

const RvNetClass *
rv__net_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i]->name, name) == 0)
      return table[i];
  return rv__net_find_graph (name);
}

const RvNetClass *
rv__net_require (const char *name, GError **error)
{
  const RvNetClass *class = rv__net_find (name);
  const char *nearest = class ? NULL : rv_text_nearest (name, names);
  return class ? class
               : rv__error_null (error, RV_ERROR_SETTING, "there is no network '%s'%s%s%s", name,
                                 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

const char *
rv__net_look (const char *name, int look)
{
  const RvNetClass *class = rv__net_find (name);
  return class ? class->looks[look] : NULL;
}

#define FIND(function, member)                                                                                         \
  const char *function (const char *name)                                                                              \
  {                                                                                                                    \
    const RvNetClass *class = rv__net_find (name);                                                                     \
    return class ? class->member : NULL;                                                                               \
  }

FIND (rv__net_content_layers, content_layers)
FIND (rv__net_style_layers, style_layers)
FIND (rv__net_matching_layers, matching_layers)
FIND (rv_net_good_for, good_for)

const char *const *
rv__net_files (const char *name)
{
  static const char *const none[] = { NULL };
  const RvNetClass *class = rv__net_find (name);
  return class && class->files ? class->files : none;
}

/* (nullable): the network that rv_net_identify() names. Static. Reads no numbers. */
static const RvNetClass *
identify (RvTensorMap *weights)
{
  const RvNetClass *found = NULL;
  int max_convs = 0;
  if (rv_tensor_map_get_text (weights, RV_GRAPH_TEXT))
    return rv__net_from_graph (weights, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    RvNet net = { .class = table[i], .weights = weights };
    int n = rv__net_detect_naming (&net, NULL) ? rv__net_n_complete (&net) : 0;
    if (n > max_convs) {
      found = table[i];
      max_convs = n;
    }
  }
  return found;
}

const char *
rv_net_identify (RvTensorMap *weights)
{
  const RvNetClass *class = identify (weights);
  return class ? class->name : NULL;
}

/* ---- creating and freeing ---------------------------------------------------------------------------------------- */

/* (nullable): the network @name, which may have parameters missing from @weights; @name NULL: the one that
 * rv_net_identify() finds, which has all of them; not checked for weights with the text "graph". Static. NULL and
 * RV_ERROR_FORMAT for complete weights of another network or, without a name, of none. */
static const RvNetClass *
class_for (const char *name, RvTensorMap *weights, GError **error)
{
  const RvNetClass *named = name ? rv__net_require (name, error) : NULL, *found;
  if (name && !named)
    return NULL;
  if (rv_tensor_map_get_text (weights, RV_GRAPH_TEXT) && !rv__net_from_graph (weights, error))
    return NULL;
  found = identify (weights);
  if (!named && !found) {
    const char *skipped = rv__tensor_map_first_skipped (weights, ".weight");
    g_autofree char *all = g_strjoinv (", ", (char **) names),
                    *absence = skipped ? rv__tensor_map_absence (weights, skipped) : NULL;
    return skipped ? rv__error_null (error, RV_ERROR_FORMAT, "these weights belong to no known network: '%.100s' %s",
                                     skipped, absence)
                   : rv__error_null (error, RV_ERROR_FORMAT, "these weights belong to no known network (%s)", all);
  }
  if (named && found && named != found && rv__net_find_graph (found->name))
    return rv__null (rv__error_with_options (error, RV_ERROR_FORMAT, "network",
                                             "this is no file of %s as Reverie names it, but has an architecture of "
                                             "its own: leave out 'network'",
                                             named->name));
  if (named && found && named != found)
    return rv__error_null (error, RV_ERROR_FORMAT, "these are weights of %s, not of %s", found->name, named->name);
  return named ? named : found;
}

RvNet *
rv_net_new (const char *name, RvTensorMap *weights, GError **error)
{
  const RvNetClass *class = class_for (name, weights, error);
  if (!class)
    return NULL;
  const char *class_names = rv_tensor_map_get_text (weights, "class_names");
  const RvTensor *std = rv_tensor_map_get (weights, "class.std"), *mean = rv_tensor_map_get (weights, "class.mean");
  RvNet *net = g_new0 (RvNet, 1);
  *net = (RvNet){ .ref_count = 1,
                  .class = class,
                  .weights = rv_tensor_map_ref (weights),
                  .class_names = class_names ? g_strsplit (class_names, "\n", -1) : NULL };
  if (rv__net_detect_naming (net, error) && rv__net_detect_preprocessing (net, error) &&
      (!std || (net->class_std = rv__tensor_read (std, error))) &&
      (!mean || (net->class_mean = rv__tensor_read (mean, error))) && rv__net_validate (net, error))
    return net;
  rv_net_unref (net);
  return NULL;
}

static void
net_free (RvNet *net)
{
  rv_tensor_map_unref (net->weights);
  rv_tensor_unref (net->class_std);
  rv_tensor_unref (net->class_mean);
  g_strfreev (net->class_names);
  g_free (net->preprocessing);
  g_free (net);
}

RV_DEFINE_REF (RvNet, rv_net_ref, rv_net_unref, net_free)

const char *const *
rv_net_class_names (const RvNet *net)
{
  return (const char *const *) net->class_names;
}

/* Number @class_index of a per-class parameter; @otherwise if it is NULL, not f32 or shorter. */
static double
class_number (const RvTensor *tensor, guint class_index, double otherwise)
{
  gboolean fits = tensor && tensor->type == RV_F32 && class_index < rv_tensor_count (tensor);
  return fits ? ((const float *) tensor->data)[class_index] : otherwise;
}

double
rv__net_logit (const RvNet *net, guint class_index, double z)
{
  return z * class_number (net->class_std, class_index, 1) + class_number (net->class_mean, class_index, 0);
}

const RvFingerprintLayer *
rv__net_fingerprint (const RvNet *net)
{
  return net->naming->fingerprint[0].layer ? net->naming->fingerprint : NULL;
}

#define GETTER(function, member)                                                                                       \
  const char *function (const RvNet *net)                                                                              \
  {                                                                                                                    \
    return net->member;                                                                                                \
  }
GETTER (rv_net_name, class->name)
GETTER (rv_net_summary, class->summary)
GETTER (rv_net_source, class->source)
GETTER (rv_net_publisher, naming->name)
GETTER (rv_net_preprocessing, preprocessing)
