/* weights.c -- the table of weight formats, and files of any of them. */
#include "format.h"
#include "io/atomic-file.h"
#include "io/weights/weights-list.h"
#include <errno.h>
#include <glib/gstdio.h>

#define X(name) extern const RvWeightsClass rv__weights_##name;
RV_WEIGHTS_ROWS (X)
#undef X

static const RvWeightsClass *const table[] = {
#define X(name) &rv__weights_##name,
  RV_WEIGHTS_ROWS (X)
#undef X
};

RvTensorMap *
rv__weights_parse (GBytes *bytes, const char *name, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->sniff (data, size))
      return table[i]->parse (bytes, name, error);
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is %s", name,
               size == 0 ? "empty" : "no weights file that is known here, or is cut short");
  return NULL;
}

RvTensorMap *
rv_weights_load (const char *filename, GError **error)
{
  g_autoptr (GError) map_error = NULL;
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (filename, FALSE, &map_error);
  if (!mapped) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot open %s: %s", filename,
                 g_file_test (filename, G_FILE_TEST_IS_DIR) ? "it is a folder" : g_strerror (errno));
    return NULL;
  }
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (mapped);
  return rv__weights_parse (bytes, filename, error);
}

gboolean
rv_weights_save (const RvTensorMap *map, const char *filename, GError **error)
{
  g_autoptr (GBytes) bytes = table[0]->write (map, error);
  return bytes && rv__atomic_file_write (filename, bytes, error);
}
