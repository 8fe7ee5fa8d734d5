/* import-any.c -- reverie network import FOLDER -o OUT.safetensors: MicroAST's four files as one, for `reverie style
 * --learned any`. */
#include "cmd-network.h"
#include <glib/gstdio.h>
#include <string.h>

/* (transfer full) (nullable): path of the first regular file in @folder, by name, that begins with @part. NULL:
 * RV_ERROR_FILE if there is none, a G_FILE_ERROR if the folder cannot be read. */
static char *
find_part (const char *folder, const char *part, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  g_autofree char *first = NULL;
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *file = g_build_filename (folder, name, NULL);
    if (g_str_has_prefix (name, part) && (!first || strcmp (name, first) < 0) &&
        g_file_test (file, G_FILE_TEST_IS_REGULAR)) {
      g_free (first);
      first = g_strdup (name);
    }
  }
  if (dir && !first)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE,
                 "%s has no file whose name begins with %s; a folder to import contains MicroAST's four files", folder,
                 part);
  return first ? g_build_filename (folder, first, NULL) : NULL;
}

/* Adds the tensors of the file for @part in @folder to @map, named "PART.NAME", and the metadata text PART: the file's
 * name and hash. FALSE, @map unchanged: errors of find_part(), rv_weights_load() and rv_file_hashes(): RV_ERROR_FILE or
 * a G_FILE_ERROR, RV_ERROR_FORMAT, RV_ERROR_MEMORY. */
static gboolean
add_part (RvTensorMap *map, const char *folder, const char *part, GError **error)
{
  g_autofree char *file = find_part (folder, part, error), *note = NULL, *name = NULL;
  g_autoptr (RvTensorMap) own = file ? rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error) : NULL;
  RvFileHashes hashes;
  if (!own || !rv_file_hashes (file, &hashes, error))
    return FALSE;
  for (guint i = 0; i < rv_tensor_map_size (own); i++) {
    g_autofree char *whole = g_strconcat (part, ".", rv_tensor_map_name (own, i), NULL);
    rv_tensor_map_set (map, whole, rv_tensor_map_get (own, rv_tensor_map_name (own, i)));
  }
  name = g_path_get_basename (file);
  note = g_strdup_printf ("%s, sha256 %s", name, hashes.sha256);
  rv_tensor_map_set_text (map, part, note);
  return TRUE;
}

gboolean
network_import_any (const CommandLine *line, GError **error)
{
  const char *folder = line->args[0], *output = line_text (line, "output");
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  GStatBuf status;
  if (line_text (line, "network") || line_text (line, "preprocessing") || line_text (line, "labels") ||
      line_is_on (line, "f16") || line_is_on (line, "all"))
    return error_set (
      error, RV_ERROR_SETTING,
      "--network, --preprocessing, --labels, --f16 and --all work only with weights files, not with a style "
      "network's folder");
  rv_tensor_map_set_text (map, "format", "microast");
  for (const char *const *part = rv_arbitrary_style_files (); *part; part++)
    if (!add_part (map, folder, *part, error))
      return FALSE;
  g_autoptr (RvArbitraryStyle) whole = rv_arbitrary_style_from_map (map, error);
  if (!whole) {
    g_prefix_error (error, "%s: ", folder);
    return FALSE;
  }
  if (!rv_weights_save (map, output, line_is_on (line, "force"), error))
    return FALSE;
  g_autofree char *size = g_stat (output, &status) == 0 ? rv_text_bytes ((gsize) status.st_size) : NULL;
  if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: a style network for any style, %s", output, size);
  return TRUE;
}
