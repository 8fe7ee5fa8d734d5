/* onnx-values.c -- values of an ONNX graph while it is converted, and nodes that only compute with constants and
 * shapes. */
#include "onnx.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------------------------------ */

RvOnnxValue *
rv__onnx_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i)
{
  const char *name = i < node->in->len ? node->in->pdata[i] : "";
  return *name ? g_hash_table_lookup (file->values, name) : NULL;
}

const RvOnnxConstant *
rv__onnx_constant_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i)
{
  const RvOnnxValue *value = rv__onnx_input (file, node, i);
  return value && value->kind == RV_ONNX_CONSTANT ? value->constant : NULL;
}

int
rv__onnx_int_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i, const gint64 **ints)
{
  const RvOnnxValue *value = rv__onnx_input (file, node, i);
  *ints = NULL;
  if (!value)
    return 0;
  if (value->kind != RV_ONNX_CONSTANT || rv__onnx_bytes_of_type (value->constant->type))
    return -1;
  *ints = value->constant->ints;
  return value->constant->n_ints;
}

gboolean
rv__onnx_define (RvOnnxFile *file, const char *name, RvOnnxValue value, GError **error)
{
  if (!*name)
    return TRUE;
  if (g_hash_table_contains (file->values, name))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged or not " RV_ONNX_KIND ": two values are called %s",
                          file->filename, name);
  g_hash_table_insert (file->values, (gpointer) name, g_memdup2 (&value, sizeof value));
  return TRUE;
}

gboolean
rv__onnx_define_constant (RvOnnxFile *file, const char *name, RvOnnxConstant *constant, GError **error)
{
  g_ptr_array_add (file->constants, constant);
  return rv__onnx_define (file, name, (RvOnnxValue){ .kind = RV_ONNX_CONSTANT, .constant = constant }, error);
}

gboolean
rv__onnx_define_all (RvOnnxFile *file, const RvOnnxNode *node, RvOnnxValue value, GError **error)
{
  for (guint i = 0; i < node->out->len; i++)
    if (!rv__onnx_define (file, node->out->pdata[i], value, error))
      return FALSE;
  return TRUE;
}

gboolean
rv__onnx_leave_out (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  if (!file->first_left_out)
    file->first_left_out = node->name;
  file->n_left_out++;
  return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_LEFT_OUT }, error);
}

const char *
rv__onnx_output_name (const RvOnnxNode *node)
{
  return node->out->pdata[0];
}

guint
rv__onnx_n_uses (const RvOnnxFile *file, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (file->n_uses, name));
}

char *
rv__onnx_layer_name (const char *name)
{
  return g_strdelimit (g_strdup (name), ":,; ", '_');
}

int
rv__onnx_append (RvOnnxFile *file, RvGraphOp op, const char *name, int n_in, const int *in, RvGraphNode **added)
{
  RvGraphNode node = { .op = (int) op, .n_in = n_in, .name = name ? rv__onnx_layer_name (name) : NULL };
  memcpy (node.in, in, (gsize) n_in * sizeof *in);
  g_array_append_val (file->graph->nodes, node);
  if (added)
    *added = rv__net_graph_node (file->graph, file->graph->nodes->len - 1);
  return (int) file->graph->nodes->len;
}

gboolean
rv__onnx_convert_to (RvOnnxFile *file, const RvOnnxNode *node, RvGraphOp op, const RvOnnxValue *x, gint64 channels,
                     RvGraphNode **added, GError **error)
{
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES, .channels = channels, .pool = x->pool };
  y.index = rv__onnx_append (file, op, rv__onnx_output_name (node), 1, &x->index, added);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

void
rv__onnx_take_mean (RvOnnxFile *file, const RvOnnxValue *x)
{
  if (x && x->kind == RV_ONNX_FEATURES && x->pool > 0)
    rv__net_graph_node (file->graph, (guint) x->pool - 1)->skip = FALSE;
}

/* ---- attributes of windows --------------------------------------------------------------------------------------- */

gboolean
rv__onnx_two_sizes (const RvOnnxNode *node, const char *name, int *to)
{
  gint64 ints[RV_ONNX_MAX_INTS] = { 1, 1 };
  int n = rv__onnx_attribute_ints (node, name, ints);
  if ((n != 0 && n != 2) || ints[0] < 1 || ints[0] > RV_GRAPH_MAX_SIDE || ints[1] < 1 || ints[1] > RV_GRAPH_MAX_SIDE)
    return FALSE;
  to[0] = (int) ints[0], to[1] = (int) ints[1];
  return TRUE;
}

gboolean
rv__onnx_read_window (RvOnnxFile *file, const RvOnnxNode *node, RvGraphNode *to, GError **error)
{
  static const char *const auto_pads[] = { "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL };
  gint64 pads[RV_ONNX_MAX_INTS] = { 0 };
  int n = rv__onnx_attribute_ints (node, "pads", pads), pad = 0;
  const char *auto_pad = rv__onnx_attribute_text (file, node, "auto_pad", "NOTSET");
  while (auto_pads[pad] && strcmp (auto_pads[pad], auto_pad) != 0)
    pad++;
  if (!auto_pads[pad])
    return rv__onnx_refuse (file, node, "has an unknown auto_pad", error);
  if (!rv__onnx_two_sizes (node, "strides", to->stride) || (n != 0 && n != 4))
    return rv__onnx_refuse (file, node, "works not on pictures, or has strides out of bounds", error);
  for (int i = 0; i < 4; i++) {
    if (pads[i] < 0 || pads[i] > RV_GRAPH_MAX_SIDE)
      return rv__onnx_refuse (file, node, "has pads out of bounds", error);
    to->pad[i] = pad == 0 ? (int) pads[i] : 0;
  }
  to->same = pad == 1 ? RV_GRAPH_PAD_SAME_UPPER : pad == 2 ? RV_GRAPH_PAD_SAME_LOWER : RV_GRAPH_PAD_GIVEN;
  return TRUE;
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

/* Each converts @node, whose first input exists. RV_ERROR_FORMAT: refused; RV_ERROR_MEMORY. */

gboolean
rv__onnx_convert_constant (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1);
  RvProtoField field;
  const char *name;
  gboolean ok = TRUE;
  constant->n_ints = -1;
  if (rv__onnx_find_member (node, "value", 5, RV_PROTO_BYTES, &field)) {
    constant->n_ints = 0;
    ok = rv__onnx_read_tensor (file, field.bytes, constant, &name, error);
  } else if (rv__onnx_find_member (node, "value_float", 2, RV_PROTO_FOUR_BYTES, &field))
    *constant = (RvOnnxConstant){ .type = RV_ONNX_FLOAT, .numbers = field.bytes, .n_ints = -1 };
  else if (rv__onnx_find_member (node, "value_int", 3, RV_PROTO_VARINT, &field))
    *constant = (RvOnnxConstant){ .type = RV_ONNX_INT64, .ints = { (gint64) field.value }, .n_ints = 1 };
  else if (rv__onnx_find_member (node, "value_ints", 8, RV_PROTO_VARINT, &field) ||
           rv__onnx_find_member (node, "value_ints", 8, RV_PROTO_BYTES, &field)) {
    constant->type = RV_ONNX_INT64;
    constant->n_ints = rv__onnx_attribute_ints (node, "value_ints", constant->ints);
  }
  if (ok)
    return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
  g_free (constant);
  return FALSE;
}

gboolean
rv__onnx_convert_fill (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const gint64 *sizes;
  int n = rv__onnx_int_input (file, node, 0, &sizes);
  gint64 count;
  g_autofree RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1), *value = g_new0 (RvOnnxConstant, 1);
  const char *name;
  RvProtoField field;
  if (rv__onnx_find_member (node, "value", 5, RV_PROTO_BYTES, &field) &&
      !rv__onnx_read_tensor (file, field.bytes, value, &name, error))
    return FALSE;
  if (n < 0 || value->type != RV_ONNX_FLOAT || value->numbers.end - value->numbers.at != sizeof (float))
    return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
  *constant = (RvOnnxConstant){ .type = RV_ONNX_FLOAT, .n_ints = -1, .fills = TRUE };
  memcpy (&constant->fill, value->numbers.at, sizeof (float));
  if (!rv__onnx_set_shape (constant, sizes, n, &count))
    return rv__onnx_refuse (file, node, "has a wrong shape", error);
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), g_steal_pointer (&constant), error);
}

gboolean
rv__onnx_convert_cast (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  gboolean to_real = rv__onnx_bytes_of_type ((int) CLAMP (rv__onnx_attribute_int (node, "to", 0), 0, 1000)) > 0;
  if (from && to_real && rv__onnx_bytes_of_type (from->type))
    return rv__onnx_convert_identity (file, node, error);
  if (!from || !to_real || from->n_ints != 1 || rv_shape_count (&from->shape) != 1)
    return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
  RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
  *constant = (RvOnnxConstant){
    .type = RV_ONNX_FLOAT, .shape = from->shape, .n_ints = -1, .fills = TRUE, .fill = (float) from->ints[0]
  };
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
}

gboolean
rv__onnx_convert_unsqueeze (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  gint64 attribute[RV_ONNX_MAX_INTS];
  const gint64 *axes = attribute;
  int n = rv__onnx_attribute_ints (node, "axes", attribute), from_axis = 0;
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  if (x && x->kind == RV_ONNX_FEATURES)
    return rv__onnx_convert_identity (file, node, error);
  if (n == 0)
    n = rv__onnx_int_input (file, node, 1, &axes);
  if (!from || (!rv__onnx_bytes_of_type (from->type) && from->n_ints < 1) || n < 1 || from->shape.n + n > RV_MAX_DIMS)
    return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
  RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
  constant->shape.n = from->shape.n + n;
  for (int i = 0; i < constant->shape.n; i++) {
    gboolean added = FALSE;
    for (int a = 0; a < n; a++)
      added |= axes[a] == i || axes[a] + constant->shape.n == i;
    constant->shape.dim[i] = added || from_axis == from->shape.n ? 1 : from->shape.dim[from_axis++];
  }
  if (from_axis == from->shape.n)
    return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
  g_free (constant);
  return rv__onnx_refuse (file, node, "has the same axis twice", error);
}

gboolean
rv__onnx_join_ints (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxConstant *joined = g_new0 (RvOnnxConstant, 1);
  joined->type = RV_ONNX_INT64;
  for (guint i = 0; i < node->in->len; i++) {
    const gint64 *ints;
    int n = rv__onnx_int_input (file, node, i, &ints);
    if (n < 1 || joined->n_ints + n > RV_ONNX_MAX_INTS) {
      joined->n_ints = -1;
      break;
    }
    memcpy (joined->ints + joined->n_ints, ints, (gsize) n * sizeof *ints);
    joined->n_ints += n;
  }
  joined->shape = rv_shape (1, (gint64) MAX (joined->n_ints, 0));
  if (joined->n_ints > 0)
    return rv__onnx_define_constant (file, rv__onnx_output_name (node), joined, error);
  g_free (joined);
  return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
}

gboolean
rv__onnx_convert_identity (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  for (guint i = 1; i < node->out->len; i++)
    if (!rv__onnx_define (file, node->out->pdata[i], (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error))
      return FALSE;
  return rv__onnx_define (file, rv__onnx_output_name (node), *rv__onnx_input (file, node, 0), error);
}
