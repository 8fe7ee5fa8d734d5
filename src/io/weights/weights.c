/* weights.c -- the table of weight formats; load and save. */
#include "format.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "io/weights/weights-list.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
#include "tensor/type.h"
#include <string.h>

#define X(name) extern const RvWeightsClass rv__weights_##name;
RV_WEIGHTS_ROWS (X)
#undef X

static const RvWeightsClass *const table[] = {
#define X(name) &rv__weights_##name,
  RV_WEIGHTS_ROWS (X)
#undef X
};

/* (transfer none) (nullable): the format of a file in memory. NULL with RV_ERROR_FORMAT: empty, or no known format. */
static const RvWeightsClass *
find_class (GBytes *bytes, const char *name, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  for (guint i = 0; size > 0 && i < G_N_ELEMENTS (table); i++) /* GBytes has NULL for no bytes */
    if (table[i]->sniff (data, size))
      return table[i];
  return rv__error_null (
    error, RV_ERROR_FORMAT, "%s is %s", name,
    size == 0 ? "empty" : "not a weights file (safetensors, Keras, PyTorch, Caffe or ONNX), or is cut short");
}

gboolean
rv__weights_damaged (const char *name, const char *kind, GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged or not %s: %s", name, kind, what);
}

RvTensor *
rv__weights_tensor (GBytes *bytes, RvType type, const RvShape *shape, const guint8 *at, gsize size, GError **error)
{
  if ((gsize) at % rv__type_bytes (type) == 0) {
    gsize start = (gsize) (at - (const guint8 *) g_bytes_get_data (bytes, NULL));
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, start, size);
    return rv_tensor_new_from_bytes (type, shape, part, error);
  }
  RvTensor *copy = rv_tensor_new (type, shape, error);
  if (copy)
    memcpy (copy->data, at, size);
  return copy;
}

gboolean
rv__weights_filter_accepts (RvWeightsFilter part, const RvShape *shape)
{
  return part == RV_WEIGHTS_ALL || shape->n != 2;
}

/* Whether @name belongs to a dense layer: a matrix, or a bias without a weight or whose weight is a matrix. */
static gboolean
is_dense (const RvTensorMap *map, const char *name)
{
  const RvTensor *tensor = rv_tensor_map_get (map, name), *weight;
  if (!g_str_has_suffix (name, ".bias"))
    return tensor->shape.n == 2;
  g_autofree char *weight_name = g_strdup_printf ("%.*sweight", (int) (strlen (name) - strlen ("bias")), name);
  weight = rv_tensor_map_get (map, weight_name);
  return !weight || weight->shape.n == 2;
}

/* (transfer full) (nullable): the tensors that belong to @part, by class->parse(). @sibling: (nullable): the file of
 * the same folder with other numbers. @name: of the file, for errors. RV_ERROR_FORMAT if @class cannot be read. */
static RvTensorMap *
parse (const RvWeightsClass *class, GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name,
       GError **error)
{
  if (!class->parse)
    return rv__error_null (error, RV_ERROR_FORMAT, "%s is %s, which cannot be read here; convert it to safetensors",
                           name, class->summary);
  RvTensorMap *map = class->parse (bytes, sibling, part, name, error);
  if (map && rv__state_dict_may_have_graph (map)) {
    rv_tensor_map_unref (map);
    map = class->parse (bytes, sibling, RV_WEIGHTS_ALL, name, error); /* also the last, dense layer */
    map = map ? rv__state_dict_add_graph (map, name) : NULL;
  }
  if (!map || part == RV_WEIGHTS_ALL)
    return map;
  RvTensorMap *rest = rv_tensor_map_new ();
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *tensor = rv_tensor_map_name (map, i);
    if (!is_dense (map, tensor))
      rv_tensor_map_set (rest, tensor, rv_tensor_map_get (map, tensor));
  }
  rv__tensor_map_copy_notes (rest, map);
  rv_tensor_map_unref (map);
  return rest;
}

RvTensorMap *
rv__weights_parse (GBytes *bytes, RvWeightsFilter part, const char *name, GError **error)
{
  const RvWeightsClass *class = find_class (bytes, name, error);
  return class ? parse (class, bytes, NULL, part, name, error) : NULL;
}

/* (transfer full) (nullable): path of the other file that holds numbers of the weights file @filename, whose content is
 * @bytes. NULL, no error: there is none. */
static char *
sibling_path (const RvWeightsClass *class, GBytes *bytes, const char *filename)
{
  g_autofree char *name = class->sibling_name ? class->sibling_name (bytes) : NULL,
                  *folder = name ? g_path_get_dirname (filename) : NULL;
  return name ? g_build_filename (folder, name, NULL) : NULL;
}

char *
rv__weights_sibling (const char *filename)
{
  const RvTensorFile *file;
  g_autoptr (GBytes) bytes = rv__tensor_file_map (filename, &file, NULL);
  const RvWeightsClass *class = bytes ? find_class (bytes, filename, NULL) : NULL;
  return class ? sibling_path (class, bytes, filename) : NULL;
}

/* (transfer full) (nullable): parse() of @bytes, the content of @filename, and of the file of the same folder with
 * its other numbers, if any. Both are checked for changes; the tensors are then read from them. */
static RvTensorMap *
parse_mapped (const RvWeightsClass *class, GBytes *bytes, const RvTensorFile *file, const char *filename,
              RvWeightsFilter part, const char *name, GError **error)
{
  g_autofree char *path = sibling_path (class, bytes, filename);
  const RvTensorFile *sibling_file = NULL;
  g_autoptr (GBytes) sibling = NULL;
  if (path && !(sibling = rv__tensor_file_map (path, &sibling_file, error)))
    return NULL;
  g_autoptr (RvTensorMap) map = parse (class, bytes, sibling, part, name, error);
  if (!map || !rv__state_dict_read_config (map, filename, error) || !rv__tensor_file_check (file, error) ||
      (sibling && !rv__tensor_file_check (sibling_file, error)))
    return NULL;
  rv__tensor_file_attach (file, map);
  if (sibling)
    rv__tensor_file_attach (sibling_file, map);
  return g_steal_pointer (&map);
}

RvTensorMap *
rv__weights_parse_file (const char *filename, RvWeightsFilter part, const char *name, GError **error)
{
  const RvTensorFile *file;
  g_autoptr (GBytes) bytes = rv__tensor_file_map (filename, &file, error);
  const RvWeightsClass *class = bytes ? find_class (bytes, name, error) : NULL;
  return class ? parse_mapped (class, bytes, file, filename, part, name, error) : NULL;
}

RvTensorMap *
rv_weights_load (const char *filename, RvWeightsFilter part, const char *cache, GError **error)
{
  const RvTensorFile *file;
  g_autoptr (GBytes) bytes = rv__tensor_file_map (filename, &file, error);
  const RvWeightsClass *class = bytes ? find_class (bytes, filename, error) : NULL;
  if (!class)
    return NULL;
  return class->parse ? parse_mapped (class, bytes, file, filename, part, filename, error)
                      : rv__weights_convert (filename, part, cache, error);
}

gboolean
rv_weights_save (const RvTensorMap *map, const char *filename, gboolean replace, GError **error)
{
  RvAtomicFile file;
  g_autoptr (GError) unread = NULL;
  if (!rv__atomic_file_open (&file, filename, replace, error))
    return FALSE;
  if (rv__safetensors_write (map, file.fd, &unread))
    return rv__atomic_file_commit (&file, error);
  if (!unread)
    return rv__atomic_file_fail (&file, error);
  rv__atomic_file_discard (&file);
  return rv__error_propagate (error, g_steal_pointer (&unread));
}
