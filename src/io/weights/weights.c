/* weights.c -- the table of weight formats, and files of any of them. */
#include "format.h"
#include "convert.h"
#include "io/atomic-file.h"
#include "io/weights/weights-list.h"
#include "tensor/tensor-map.h"
#include <errno.h>

#define X(name) extern const RvWeightsClass rv__weights_##name;
RV_WEIGHTS_ROWS (X)
#undef X

static const RvWeightsClass *const table[] = {
#define X(name) &rv__weights_##name,
  RV_WEIGHTS_ROWS (X)
#undef X
};

static const RvWeightsClass *
find_class (GBytes *bytes, const char *name, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->sniff (data, size))
      return table[i];
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is %s", name,
               size == 0 ? "empty" : "no weights file that is known here, or is cut short");
  return NULL;
}

RvTensorMap *
rv__weights_parse (GBytes *bytes, const char *name, GError **error)
{
  const RvWeightsClass *class = find_class (bytes, name, error);
  if (class && !class->parse)
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is %s where safetensors are wanted", name, class->summary);
  return class && class->parse ? class->parse (bytes, name, error) : NULL;
}

RvTensorMap *
rv__weights_parse_mapped (GBytes *bytes, const char *name, GError **error)
{
  RvTensorMap *map = rv__weights_parse (bytes, name, error);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  if (map)
    rv__tensor_map_set_mapping (map, data, size);
  return map;
}

GBytes *
rv__weights_map (const char *filename, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (filename, FALSE, NULL);
  if (mapped)
    return g_mapped_file_get_bytes (mapped);
  g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot open %s: %s", filename,
               g_file_test (filename, G_FILE_TEST_IS_DIR) ? "it is a folder" : g_strerror (errno));
  return NULL;
}

RvTensorMap *
rv_weights_load (const char *filename, const char *cache, GError **error)
{
  g_autoptr (GBytes) bytes = rv__weights_map (filename, error);
  const RvWeightsClass *class = bytes ? find_class (bytes, filename, error) : NULL;
  if (!class)
    return NULL;
  return class->parse ? rv__weights_parse_mapped (bytes, filename, error)
                      : rv__weights_convert (filename, cache, error);
}

gboolean
rv_weights_save (const RvTensorMap *map, const char *filename, GError **error)
{
  g_autoptr (GBytes) bytes = table[0]->write (map, error);
  return bytes && rv__atomic_file_write (filename, bytes, error);
}
