/* import.c -- reverie network import FILE -o OUT.safetensors: weights of any format as one file with metadata. */
#include "cmd-network.h"
#include <glib/gstdio.h>
#include <string.h>

#define CLASS_LAYER "class"

static gboolean
check_output (const CommandLine *line, GError **error)
{
  const char *output = line_text (line, "output");
  if (!output || !g_str_has_suffix (output, ".safetensors"))
    return error_set (error, RV_ERROR_SETTING, "an output is missing: -o OUT.safetensors");
  return rv_file_check_free (output, (const char *[]){ line->args[0], NULL }, line_is_on (line, "force"), error);
}

/* (transfer full) (nullable): the weights, without dense layers unless --all; --preprocessing overrides that of the
 * file. */
static RvTensorMap *
load (const CommandLine *line, GError **error)
{
  g_autofree char *folder = rv_network_folder ();
  const char *preprocessing = line_text (line, "preprocessing");
  RvWeightsFilter part = line_is_on (line, "all") ? RV_WEIGHTS_ALL : RV_WEIGHTS_CONVOLUTIONS;
  RvTensorMap *map = rv_weights_load (line->args[0], part, folder, error);
  if (map && preprocessing)
    rv_tensor_map_set_text (map, "preprocessing", preprocessing);
  return map;
}

/* (transfer full) (nullable): @map with f16 for f32 and f64. RV_ERROR_FORMAT: a number overflows. */
static RvTensorMap *
to_half (const RvTensorMap *map, GError **error)
{
  g_autoptr (RvTensorMap) halves = rv_tensor_map_new ();
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    RvTensor *tensor = rv_tensor_map_get (map, name);
    gboolean is_wide = tensor->type == RV_F32 || tensor->type == RV_F64;
    g_autoptr (RvTensor) half = is_wide ? rv_tensor_to_f16 (tensor, error) : rv_tensor_ref (tensor);
    if (!half)
      return NULL;
    rv_tensor_map_set (halves, name, half);
  }
  return rv_weights_check (halves, error) ? g_steal_pointer (&halves) : NULL;
}

/* Sets the metadata of @map, the new file: all texts of @from, name and preprocessing of @net (nullable), and name and
 * SHA-256 of @file. Also sets the licence if @hashes are a published file's and no text names one. Copies all. */
static void
set_metadata (RvTensorMap *map, const RvNet *net, const RvTensorMap *from, const char *file, const RvFileHashes *hashes)
{
  g_autoptr (GPtrArray) keys = rv_tensor_map_text_keys (from);
  g_autoptr (RvSource) source = net ? rv_source_new (rv_net_name (net), NULL) : NULL;
  g_autofree char *name = g_path_get_basename (file);
  for (guint i = 0; i < keys->len; i++)
    rv_tensor_map_set_text (map, keys->pdata[i], rv_tensor_map_get_text (from, keys->pdata[i]));
  if (net) {
    rv_tensor_map_set_text (map, "network", rv_net_name (net));
    rv_tensor_map_set_text (map, "preprocessing", rv_net_preprocessing (net));
  }
  rv_tensor_map_set_text (map, "source", name);
  rv_tensor_map_set_text (map, "source_sha256", hashes->sha256);
  if (source && g_strcmp0 (source->md5, hashes->md5) == 0 && !rv_tensor_map_get_text (map, "license"))
    rv_tensor_map_set_text (map, "license", source->license);
}

/* Checks that the network is complete and its numbers finite. *net: (out) (transfer full) (nullable): NULL if unknown,
 * which is an error unless --all without --network. RV_ERROR_FORMAT. */
static gboolean
check_weights (const CommandLine *line, RvTensorMap *map, RvNet **net, GError **error)
{
  const char *network = line_text (line, "network");
  g_autoptr (GError) unknown = NULL;
  *net = rv_net_new (network, map, &unknown);
  if (!*net && (network || !line_is_on (line, "all"))) {
    g_propagate_error (error, g_steal_pointer (&unknown));
    return FALSE;
  }
  return (!*net || rv_net_check (*net, error)) && rv_weights_check (map, error);
}

/* Channels of the class map of @net; 0: it has none. */
static gint64
n_classes (const RvNet *net)
{
  g_autoptr (GArray) layers = rv_net_describe (rv_net_name (net), 512, 512);
  for (guint i = 0; i < layers->len; i++)
    if (strcmp (g_array_index (layers, RvLayer, i).name, CLASS_LAYER) == 0)
      return g_array_index (layers, RvLayer, i).channels;
  return 0;
}

/* Stores the names of the file --labels, if any, in @map: one on each line, cut at its first comma. @net: (nullable):
 * the network of @map. RV_ERROR_FILE, RV_ERROR_SETTING, RV_ERROR_FORMAT. */
static gboolean
add_labels (const CommandLine *line, const RvNet *net, RvTensorMap *map, GError **error)
{
  const char *file = line_text (line, "labels");
  g_autofree char *text = NULL;
  g_autoptr (GError) unread = NULL;
  if (!file)
    return TRUE;
  gint64 n = net ? n_classes (net) : 0;
  if (n == 0)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--labels: %s does not end in classes", line->args[0]);
  else if (!g_file_get_contents (file, &text, NULL, &unread))
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s", unread->message);
  if (!text)
    return FALSE;
  if (!g_utf8_validate (text, -1, NULL))
    return error_set (error, RV_ERROR_FORMAT, "%s: is not UTF-8 text", file);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  if ((gint64) g_strv_length (lines) != n)
    return error_set (error, RV_ERROR_FORMAT, "%s: has %u lines for %" G_GINT64_FORMAT " classes", file,
                      g_strv_length (lines), n);
  for (char **name = lines; *name; name++) {
    g_strdelimit (*name, ",", '\0');
    g_strstrip (*name);
  }
  g_autofree char *names = g_strjoinv ("\n", lines);
  rv_tensor_map_set_text (map, "class_names", names);
  return TRUE;
}

/* Converts the weights file args[0] to --output, which the caller has checked, and prints its network and size unless
 * --quiet. Dense layers are left out unless --all, which without --network also accepts an unknown network. Adds
 * source, hash and licence as metadata. RV_ERROR_FORMAT: damaged, unknown or incomplete network, a number that is not
 * finite or too large for --f16. RV_ERROR_FILE: cannot be read or written; RV_ERROR_MEMORY. */
static gboolean
import (const CommandLine *line, GError **error)
{
  const char *file = line->args[0], *output = line_text (line, "output");
  RvFileHashes hashes;
  GStatBuf status;
  g_autoptr (RvTensorMap) map = load (line, error);
  g_autoptr (RvNet) net = NULL;
  if (map && !check_weights (line, map, &net, error)) {
    g_prefix_error (error, "%s: ", file);
    return FALSE;
  }
  if (!map || !add_labels (line, net, map, error) || !rv_file_hashes (file, &hashes, error))
    return FALSE;
  g_autoptr (RvTensorMap) made = line_is_on (line, "f16") ? to_half (map, error) : rv_tensor_map_ref (map);
  if (!made)
    return FALSE;
  set_metadata (made, net, map, file, &hashes);
  if (!rv_weights_save (made, output, line_is_on (line, "force"), error))
    return FALSE;
  g_autofree char *size = g_stat (output, &status) == 0 ? rv_text_bytes ((gsize) status.st_size) : NULL;
  if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: %s, %s%s%s", output, net ? rv_net_name (net) : "unknown network", size,
                net ? ", given " : "", net ? rv_net_preprocessing (net) : "");
  return TRUE;
}

int
network_import (const CommandLine *line, GError **error)
{
  gboolean folder = g_file_test (line->args[0], G_FILE_TEST_IS_DIR);
  if (check_output (line, error) && (folder ? network_import_any (line, error) : import (line, error)))
    return EXIT_DONE;
  return EXIT_FAILED;
}
