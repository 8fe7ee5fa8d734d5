/* weights.c -- the table of weight formats; load and save. */
#include "format.h"
#include "base/error.h"
#include "convert.h"
#include "io/atomic-file.h"
#include "io/weights/weights-list.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
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
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
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

/* (transfer full): @map (transfer full) without the tensors outside @part; with its texts and skipped tensors. */
static RvTensorMap *
filter_map (RvTensorMap *map, RvWeightsFilter part)
{
  if (part == RV_WEIGHTS_ALL)
    return map;
  RvTensorMap *rest = rv_tensor_map_new ();
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    if (!is_dense (map, name))
      rv_tensor_map_set (rest, name, rv_tensor_map_get (map, name));
  }
  rv__tensor_map_copy_notes (rest, map);
  rv_tensor_map_unref (map);
  return rest;
}

RvTensorMap *
rv__weights_parse (GBytes *bytes, RvWeightsFilter part, const char *name, GError **error)
{
  const RvWeightsClass *class = find_class (bytes, name, error);
  if (class && !class->parse)
    rv__error_set (error, RV_ERROR_FORMAT, "%s is %s, which cannot be read here; convert it to safetensors", name,
                   class->summary);
  RvTensorMap *map = class && class->parse ? class->parse (bytes, part, name, error) : NULL;
  return map ? filter_map (map, part) : NULL;
}

/* (transfer full) (nullable): rv__weights_parse() of @bytes, mapped from @filename, whose other numbers are in the file
 * @sibling_name of the same folder. RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_FILE. */
static RvTensorMap *
parse_with_sibling (const RvWeightsClass *class, GBytes *bytes, const char *filename, const char *sibling_name,
                    RvWeightsFilter part, const char *name, GError **error)
{
  const RvTensorFile *file;
  g_autofree char *folder = g_path_get_dirname (filename), *path = g_build_filename (folder, sibling_name, NULL);
  g_autoptr (GBytes) sibling = rv__tensor_file_map (path, &file, error);
  g_autoptr (RvTensorMap) map = sibling ? class->parse_with (bytes, sibling, part, name, error) : NULL;
  if (!map || !rv__tensor_file_check (file, error))
    return NULL;
  rv__tensor_file_attach (file, map);
  return filter_map (g_steal_pointer (&map), part);
}

/* (transfer full) (nullable): rv__weights_parse() of @file, mapped from @filename, checked for changes; its tensors are
 * then read from the file. RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_FILE. */
static RvTensorMap *
parse_mapped (GBytes *bytes, const RvTensorFile *file, const char *filename, RvWeightsFilter part, const char *name,
              GError **error)
{
  const RvWeightsClass *class = find_class (bytes, name, error);
  if (!class)
    return NULL;
  g_autofree char *sibling = class->sibling_name ? class->sibling_name (bytes) : NULL;
  g_autoptr (RvTensorMap) map = sibling ? parse_with_sibling (class, bytes, filename, sibling, part, name, error)
                                        : rv__weights_parse (bytes, part, name, error);
  if (!map || !rv__tensor_file_check (file, error))
    return NULL;
  rv__tensor_file_attach (file, map);
  return g_steal_pointer (&map);
}

RvTensorMap *
rv__weights_parse_file (const char *filename, RvWeightsFilter part, const char *name, GError **error)
{
  const RvTensorFile *file;
  g_autoptr (GBytes) bytes = rv__tensor_file_map (filename, &file, error);
  return bytes ? parse_mapped (bytes, file, filename, part, name, error) : NULL;
}

RvTensorMap *
rv_weights_load (const char *filename, RvWeightsFilter part, const char *cache, GError **error)
{
  const RvTensorFile *file;
  g_autoptr (GBytes) bytes = rv__tensor_file_map (filename, &file, error);
  const RvWeightsClass *class = bytes ? find_class (bytes, filename, error) : NULL;
  if (!class)
    return NULL;
  return class->parse ? parse_mapped (bytes, file, filename, part, filename, error)
                      : rv__weights_convert (filename, part, cache, error);
}

gboolean
rv_weights_save (const RvTensorMap *map, const char *filename, gboolean replace, GError **error)
{
  RvAtomicFile file;
  g_autoptr (GError) unread = NULL;
  if (!rv__atomic_file_open (&file, filename, replace, error))
    return FALSE;
  if (rv__weights_safetensors.write (map, file.fd, &unread))
    return rv__atomic_file_commit (&file, error);
  if (!unread)
    return rv__atomic_file_fail (&file, error);
  rv__atomic_file_discard (&file);
  g_propagate_error (error, g_steal_pointer (&unread));
  return FALSE;
}
