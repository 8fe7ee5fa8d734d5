/* onnx-values.c -- values of an ONNX graph while it is converted. */
#include "onnx.h"
#include "base/error.h"
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

gboolean
rv__onnx_is_known (gint64 number)
{
  int index, axis;
  return number != RV_ONNX_UNKNOWN && rv__onnx_size_factor (number, &index, &axis) == 0;
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
  for (int k = 0; k < value->constant->n_ints; k++)
    if (!rv__onnx_is_known (value->constant->ints[k]))
      return -1;
  return value->constant->n_ints;
}

int
rv__onnx_read_ints (const RvOnnxFile *file, const RvOnnxNode *node, const char *name, guint i, gint64 *ints)
{
  const gint64 *input;
  int n = rv__onnx_attribute_ints (node, name, ints);
  if (n != 0)
    return n;
  n = rv__onnx_int_input (file, node, i, &input);
  if (n > 0)
    memcpy (ints, input, (gsize) n * sizeof *ints);
  return n;
}

gboolean
rv__onnx_define (RvOnnxFile *file, const char *name, RvOnnxValue value, GError **error)
{
  if (!*name)
    return TRUE;
  if (g_hash_table_contains (file->values, name))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged or not " RV_ONNX_KIND ": two values are called %s",
                          file->filename, name);
  if (rv__onnx_n_uses (file, name) > 1)
    value.scales = value.shifts = 0;
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
rv__onnx_append (RvOnnxFile *file, RvGraphNode added, const char *name, int n_in, const int *in)
{
  added.name = name ? rv__onnx_layer_name (name) : NULL;
  added.n_in = n_in;
  memcpy (added.in, in, (gsize) n_in * sizeof *in);
  g_array_append_val (file->graph, added);
  return (int) file->graph->len;
}

gboolean
rv__onnx_convert_to (RvOnnxFile *file, const RvOnnxNode *node, RvGraphNode added, const RvOnnxValue *x, gint64 channels,
                     GError **error)
{
  RvOnnxValue y = {
    .kind = RV_ONNX_FEATURES, .channels = channels, .pool = x->pool, .channels_last = x->channels_last
  };
  y.index = rv__onnx_append (file, added, rv__onnx_output_name (node), 1, &x->index);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

void
rv__onnx_take_mean (RvOnnxFile *file, const RvOnnxValue *x)
{
  if (x && x->kind == RV_ONNX_FEATURES && x->pool > 0)
    rv__net_graph_node (file->graph, (guint) x->pool - 1)->skip = FALSE;
}

gboolean
rv__onnx_has_axes (RvOnnxFile *file, const RvOnnxNode *node, int a, int b)
{
  gint64 axes[RV_ONNX_MAX_INTS];
  int n = rv__onnx_read_ints (file, node, "axes", 1, axes);
  gboolean has[4] = { FALSE };
  for (int i = 0; i < n; i++)
    if (axes[i] >= -4 && axes[i] < 4)
      has[(axes[i] + 4) % 4] = TRUE;
  return n == (b < 0 ? 1 : 2) && has[a] && (b < 0 || has[b]);
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
  int n = rv__onnx_attribute_ints (node, "pads", pads),
      pad = rv__onnx_attribute_choice (file, node, "auto_pad", "NOTSET", auto_pads);
  if (pad < 0)
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

/* The index @at of a slice of @n numbers, from the end if it is negative, within 0 .. n. */
static gint64
bound_slice (gint64 at, gint64 n)
{
  return CLAMP (at < 0 ? MAX (at, -n) + n : at, 0, n);
}

gboolean
rv__onnx_read_slice (RvOnnxFile *file, const RvOnnxNode *node, gint64 axis, gint64 rank, gint64 n, gint64 *first,
                     gint64 *end)
{
  static const char *const names[] = { "starts", "ends", "axes", "steps" };
  gint64 numbers[4] = { 0, 0, axis, 1 }, ints[RV_ONNX_MAX_INTS];
  for (guint k = 0; k < G_N_ELEMENTS (names); k++) {
    int count = rv__onnx_read_ints (file, node, names[k], k + 1, ints);
    if (count > 1 || count < 0 || (count == 0 && k < 2))
      return FALSE;
    if (count == 1)
      numbers[k] = ints[0];
  }
  *first = bound_slice (numbers[0], n);
  *end = MAX (bound_slice (numbers[1], n), *first);
  return (numbers[2] == axis || numbers[2] == axis - rank) && numbers[3] == 1;
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

const RvOnnxOperator *
rv__onnx_find_operator (const RvOnnxOperator *table, const char *op)
{
  for (; table->ops; table++) {
    g_auto (GStrv) names = g_strsplit (table->ops, " ", -1);
    if (g_strv_contains ((const char *const *) names, op))
      return table;
  }
  return NULL;
}

gboolean
rv__onnx_convert_identity (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0), computed = { .kind = RV_ONNX_COMPUTED };
  for (guint i = 1; i < node->out->len; i++)
    if (!rv__onnx_define (file, node->out->pdata[i], computed, error))
      return FALSE;
  return rv__onnx_define (file, rv__onnx_output_name (node), x ? *x : computed, error);
}
