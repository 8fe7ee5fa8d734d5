/* net-graph.c -- a network's nodes as text and back. */
#include "net-graph.h"
#include "base/error.h"
#include "base/json.h"
#include <math.h>
#include <string.h>

static const struct {
  const char *name;
  int n_in;
} ops[RV_GRAPH_N_OPS] = {
#define X(OP, name, n_in) { #name, n_in },
  RV_GRAPH_ROWS (X)
#undef X
};

/* Members of a node in the text, besides "op" and "in". */
static const struct {
  const char *name;
  enum { TEXT, INTS, REAL } type;
  gsize offset;
  int count; /* INTS */
} fields[] = {
#define FIELD(member) offsetof (RvGraphNode, member)
  { "name", TEXT, FIELD (name) },        { "params", TEXT, FIELD (params) },
  { "norm", TEXT, FIELD (norm) },        { "size", INTS, FIELD (size), 4 },
  { "window", INTS, FIELD (window), 2 }, { "stride", INTS, FIELD (stride), 2 },
  { "pad", INTS, FIELD (pad), 4 },       { "same", INTS, FIELD (same), 1 },
  { "mode", INTS, FIELD (mode), 1 },     { "groups", INTS, FIELD (groups), 1 },
  { "bias", INTS, FIELD (bias), 1 },     { "ceil", INTS, FIELD (ceil), 1 },
  { "skip", INTS, FIELD (skip), 1 },     { "dilation", INTS, FIELD (dilation), 2 },
  { "epsilon", REAL, FIELD (epsilon) },  { "alpha", REAL, FIELD (alpha) },
  { "beta", REAL, FIELD (beta) },        { "counts_pad", INTS, FIELD (counts_pad), 1 },
  { "extra", INTS, FIELD (extra), 2 },   { "coordinates", INTS, FIELD (coordinates), 1 },
#undef FIELD
};

static void
clear_node (gpointer data)
{
  RvGraphNode *node = data;
  g_free (node->name);
  g_free (node->params);
  g_free (node->norm);
}

RvNetGraph *
rv__net_graph_new (void)
{
  RvNetGraph *graph = g_array_new (FALSE, TRUE, sizeof (RvGraphNode));
  g_array_set_clear_func (graph, clear_node);
  return graph;
}

RvGraphNode *
rv__net_graph_node (const RvNetGraph *graph, guint i)
{
  return &g_array_index (graph, RvGraphNode, i);
}

/* ---- validity ---------------------------------------------------------------------------------------------------- */

static gboolean
all_within (const int *numbers, int n, int min, int max)
{
  for (int i = 0; i < n; i++)
    if (numbers[i] < min || numbers[i] > max)
      return FALSE;
  return TRUE;
}

/* (nullable): fault of the node @node, whose number is @index, from 0. Static. */
static const char *
node_fault (const RvGraphNode *node, guint index)
{
  gboolean pools = node->op == RV_GRAPH_MAX_POOL || node->op == RV_GRAPH_AVERAGE_POOL,
           conv = node->op == RV_GRAPH_CONV || node->op == RV_GRAPH_CONV_TRANSPOSE;
  if (node->op < 0 || node->op >= RV_GRAPH_N_OPS)
    return "has an unknown op";
  if (node->n_in < 1 || node->n_in > ops[node->op].n_in ||
      (node->op != RV_GRAPH_CONCAT && node->n_in != ops[node->op].n_in) ||
      !all_within (node->in, node->n_in, 0, (int) index))
    return "has wrong inputs";
  if ((conv || node->op == RV_GRAPH_AFFINE || node->op == RV_GRAPH_CHANNEL_NORM || node->op == RV_GRAPH_CLIP ||
       node->op == RV_GRAPH_ELU || node->op == RV_GRAPH_INSTANCE_NORM) &&
      !node->params)
    return "has no parameters";
  if (conv &&
      (!all_within (node->size, 2, 1, RV_GRAPH_MAX_CHANNELS) || !all_within (node->size + 2, 2, 1, RV_GRAPH_MAX_SIDE)))
    return "has a kernel out of bounds";
  if (node->groups < 0 || (node->groups > 0 && conv && node->size[0] % node->groups))
    return "has groups that do not fit";
  if (node->op == RV_GRAPH_SHUFFLE && node->groups < 1)
    return "has no groups";
  if (node->op == RV_GRAPH_SLICE && (!all_within (node->size, 2, 0, RV_GRAPH_MAX_CHANNELS) || node->size[1] < 1))
    return "has channels out of bounds";
  if (pools && (!all_within (node->window, 2, 1, RV_GRAPH_MAX_SIDE) || node->window[0] * node->window[1] > 256))
    return "has a window of more than 256 positions";
  if ((pools || conv) && !all_within (node->stride, 2, 1, RV_GRAPH_MAX_SIDE))
    return "has a stride out of bounds";
  for (int axis = 0; axis < 2; axis++)
    if (node->op == RV_GRAPH_CONV_TRANSPOSE && !all_within (node->extra + axis, 1, 0, node->stride[axis] - 1))
      return "has extra rows or columns out of bounds";
  for (int axis = 0; axis < 2; axis++)
    if (node->op == RV_GRAPH_RESIZE && (!all_within (node->size + 2 * axis, 2, 0, RV_GRAPH_MAX_SIDE) ||
                                        !node->size[2 * axis] != !node->size[2 * axis + 1]))
      return "has a factor out of bounds";
  if (!all_within (node->dilation, 2, 0, RV_GRAPH_MAX_SIDE))
    return "has a dilation out of bounds";
  if (!all_within (node->pad, 4, 0, RV_GRAPH_MAX_SIDE))
    return "has a padding out of bounds";
  for (int side = 0; side < 4; side++)
    if (pools && node->pad[side] >= node->window[side % 2])
      return "has a padding as large as its window";
  if (node->op == RV_GRAPH_LRN && (node->window[0] < 1 || node->window[0] > 255 || node->window[0] % 2 == 0 ||
                                   !isfinite (node->alpha) || !isfinite (node->beta) || node->alpha < 0))
    return "has wrong numbers";
  if (node->same < 0 || node->same > RV_GRAPH_PAD_SAME_LOWER || node->mode < 0 || node->mode > 2 ||
      node->coordinates < 0 || node->coordinates > 3 || !isfinite (node->epsilon) || node->epsilon < 0)
    return "has wrong numbers";
  return NULL;
}

gboolean
rv__net_graph_is_text (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (; *text; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

const char *
rv__net_graph_fault (const RvNetGraph *graph, guint *node)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  *node = 0;
  if (graph->len == 0)
    return "has no nodes";
  if (graph->len > RV_GRAPH_MAX_NODES)
    return "has too many nodes";
  for (; *node < graph->len; ++*node) {
    const RvGraphNode *one = rv__net_graph_node (graph, *node);
    const char *fault = node_fault (one, *node);
    if (!fault && one->name && !g_hash_table_add (names, one->name))
      fault = "has the name of another node";
    if (!fault && one->name &&
        (!*one->name || strlen (one->name) > RV_GRAPH_MAX_NAME_BYTES || strpbrk (one->name, ":,; ") ||
         !rv__net_graph_is_text (one->name)))
      fault = "has a wrong name";
    if (fault)
      return fault;
  }
  return NULL;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void
add_ints (JsonBuilder *json, const char *name, const int *numbers, int n)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (int i = 0; i < n; i++)
    json_builder_add_int_value (json, numbers[i]);
  json_builder_end_array (json);
}

/* Appends @node to the open array in @json. Members that are 0 are left out. */
static void
add_node (JsonBuilder *json, const RvGraphNode *node)
{
  static const int zeros[4];
  json_builder_begin_object (json);
  rv__json_add_text (json, "op", ops[node->op].name);
  add_ints (json, "in", node->in, node->n_in);
  for (guint f = 0; f < G_N_ELEMENTS (fields); f++) {
    gconstpointer at = (const char *) node + fields[f].offset;
    if (fields[f].type == TEXT && *(char *const *) at)
      rv__json_add_text (json, fields[f].name, *(char *const *) at);
    else if (fields[f].type == INTS && memcmp (at, zeros, (gsize) fields[f].count * sizeof (int)) != 0)
      add_ints (json, fields[f].name, at, fields[f].count);
    else if (fields[f].type == REAL && *(const double *) at != 0) {
      json_builder_set_member_name (json, fields[f].name);
      json_builder_add_double_value (json, *(const double *) at);
    }
  }
  json_builder_end_object (json);
}

char *
rv__net_graph_to_text (const RvNetGraph *graph)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "nodes");
  json_builder_begin_array (json);
  for (guint i = 0; i < graph->len; i++)
    add_node (json, rv__net_graph_node (graph, i));
  json_builder_end_array (json);
  return rv__json_finish (json);
}

/* Reads the list @member (nullable) of at most @max whole numbers of 32 bits into @numbers. Returns their number; -1,
 * @numbers undefined: no such list. */
static int
read_ints (JsonNode *member, int *numbers, int max)
{
  JsonArray *list = member && JSON_NODE_HOLDS_ARRAY (member) ? json_node_get_array (member) : NULL;
  guint n = list ? json_array_get_length (list) : 0;
  if (!list || n > (guint) max)
    return -1;
  for (guint i = 0; i < n; i++) {
    JsonNode *one = json_array_get_element (list, i);
    gint64 number = json_node_get_value_type (one) == G_TYPE_INT64 ? json_node_get_int (one) : G_MAXINT64;
    if (number < -G_MAXINT32 || number > G_MAXINT32)
      return -1;
    numbers[i] = (int) number;
  }
  return (int) n;
}

/* Sets the member of @node that row @f of `fields` describes from @member. FALSE: it has another type or length. */
static gboolean
read_field (RvGraphNode *node, guint f, JsonNode *member)
{
  gpointer at = (char *) node + fields[f].offset;
  GType type = json_node_get_value_type (member);
  switch (fields[f].type) {
  case TEXT:
    if (type == G_TYPE_STRING)
      *(char **) at = g_strdup (json_node_get_string (member));
    return type == G_TYPE_STRING;
  case INTS:
    return read_ints (member, at, fields[f].count) == fields[f].count;
  case REAL:
    if (type == G_TYPE_DOUBLE || type == G_TYPE_INT64)
      *(double *) at = json_node_get_double (member);
    return type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
  }
  return FALSE;
}

/* Reads @node, which begins as 0, from the JSON object @from. An unknown op becomes RV_GRAPH_N_OPS, and wrong inputs
 * n_in -1: rv__net_graph_fault() reports them. FALSE: no object, no "op", or another member is wrong. The caller frees
 * @node, also then. */
static gboolean
read_node (JsonNode *from, RvGraphNode *node)
{
  JsonObject *object = rv__json_node_object (from);
  const char *op = rv__json_text_member (object, "op");
  if (!op)
    return FALSE;
  for (node->op = 0; node->op < RV_GRAPH_N_OPS && strcmp (ops[node->op].name, op) != 0;)
    node->op++;
  node->n_in = read_ints (json_object_get_member (object, "in"), node->in, RV_GRAPH_MAX_IN);
  for (guint f = 0; f < G_N_ELEMENTS (fields); f++) {
    JsonNode *member = json_object_get_member (object, fields[f].name);
    if (member && !read_field (node, f, member))
      return FALSE;
  }
  return TRUE;
}

RvNetGraph *
rv__net_graph_parse (const char *text, GError **error)
{
  g_autoptr (GArray) graph = rv__net_graph_new ();
  JsonObject *object = rv__json_object (text, strlen (text), "the network's graph", error);
  if (!object)
    return NULL;
  JsonArray *nodes = rv__json_array_member (object, "nodes");
  const char *fault = NULL;
  guint n = nodes ? json_array_get_length (nodes) : 0, i = 0;
  for (; i < n && !fault; i++) {
    g_array_set_size (graph, i + 1);
    if (!read_node (json_array_get_element (nodes, i), rv__net_graph_node (graph, i)))
      fault = "is not understood";
  }
  json_object_unref (object);
  if (fault)
    i--;
  else
    fault = rv__net_graph_fault (graph, &i);
  if (!fault)
    return g_steal_pointer (&graph);
  return rv__error_null (error, RV_ERROR_FORMAT, "the network's graph is damaged: node %u %s", i + 1, fault);
}
