/* import.c -- reverie network import FILE|FOLDER -o OUT.safetensors: weights of any format, or MicroAST's four files
 * for `reverie style --learned any`, as one file with metadata. */
#include "cmd-network.h"
#include <glib/gstdio.h>
#include <string.h>

/* Writes @map to --output, and prints "OUTPUT: @what, SIZE@more" unless --quiet. RV_ERROR_CANCELLED: Ctrl-C was
 * pressed. */
static gboolean
save (const CommandLine *line, const RvTensorMap *map, const char *what, const char *more, GError **error)
{
  const char *output = line_text (line, "output");
  GStatBuf status;
  if (interrupt_requested ())
    return error_set (error, RV_ERROR_CANCELLED, "stopped by Ctrl-C");
  if (!rv_weights_save (map, output, line_is_on (line, "force"), error))
    return FALSE;
  g_autofree char *size =
    g_stat (output, &status) == 0 ? rv_text_bytes ((gsize) status.st_size) : g_strdup ("size unknown");
  if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: %s, %s%s", output, what, size, more);
  return TRUE;
}

/* ---- a file ------------------------------------------------------------------------------------------------------ */

/* (transfer full) (nullable): a new map of the tensors of @map, in f16 for f32 and f64, without its texts.
 * RV_ERROR_FORMAT: a number overflows. */
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
 * SHA-256 of @file. Also sets the licence if @hashes are those of the published file and @from has no licence. Copies
 * all texts. */
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

/* Checks that the network is complete and its numbers finite. *net: (out) (transfer full) (nullable), to be freed also
 * after an error: NULL if rv_net_new() rejects the weights, which is an error unless --all without --network. */
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

/* Converts the weights file args[0] to --output, which the caller has checked, and prints its network and size unless
 * --quiet. Dense layers are left out unless --all, which without --network also accepts an unknown network. Adds
 * source, hash and licence as metadata. May store a converted copy in the folder of networks. RV_ERROR_FORMAT: damaged,
 * unknown or incomplete network, wrong --labels, a number that is not finite or too large for --f16. RV_ERROR_SETTING:
 * --labels for a network without classes. RV_ERROR_FILE: cannot be read or written; RV_ERROR_MEMORY. */
static gboolean
import_file (const CommandLine *line, GError **error)
{
  const char *file = line->args[0], *labels = line_text (line, "labels");
  const char *preprocessing = line_text (line, "preprocessing");
  RvFileHashes hashes;
  g_autofree char *folder = rv_network_folder ();
  RvWeightsFilter part = line_is_on (line, "all") ? RV_WEIGHTS_ALL : RV_WEIGHTS_CONVOLUTIONS;
  g_autoptr (RvTensorMap) map = rv_weights_load (file, part, folder, error);
  g_autoptr (RvNet) net = NULL;
  if (map && preprocessing) /* overrides that of the file */
    rv_tensor_map_set_text (map, "preprocessing", preprocessing);
  if (map && !check_weights (line, map, &net, error)) {
    g_prefix_error (error, "%s: ", file);
    return FALSE;
  }
  if (!map || (labels && !rv_network_set_labels (map, labels, error)) || !rv_file_hashes (file, &hashes, error))
    return FALSE;
  g_autoptr (RvTensorMap) made = line_is_on (line, "f16") ? to_half (map, error) : rv_tensor_map_ref (map);
  if (!made)
    return FALSE;
  set_metadata (made, net, map, file, &hashes);
  g_autofree char *given = net ? g_strdup_printf (", given %s", rv_net_preprocessing (net)) : g_strdup ("");
  return save (line, made, net ? rv_net_name (net) : "unknown network", given, error);
}

/* ---- a folder ---------------------------------------------------------------------------------------------------- */

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
    error_set (error, RV_ERROR_FILE,
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

/* Imports the folder args[0] with MicroAST's files as the style network --output, which the caller has checked; prints
 * its size unless --quiet. RV_ERROR_SETTING: an option for weights files; RV_ERROR_FORMAT: no style network, or
 * damaged; RV_ERROR_FILE or a G_FILE_ERROR; RV_ERROR_MEMORY. */
static gboolean
import_folder (const CommandLine *line, GError **error)
{
  const char *folder = line->args[0];
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
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
  return save (line, map, "a style network for any style", "", error);
}

int
network_import (const CommandLine *line, GError **error)
{
  const char *output = line_text (line, "output"), *const inputs[] = { line->args[0], NULL };
  gboolean folder = g_file_test (line->args[0], G_FILE_TEST_IS_DIR), ok = FALSE;
  if (!output)
    error_set (error, RV_ERROR_SETTING, "an output is missing: -o OUT.safetensors");
  else if (!g_str_has_suffix (output, ".safetensors"))
    error_set (error, RV_ERROR_SETTING, "%s: the output must end in .safetensors", output);
  else if (rv_file_check_free (output, inputs, line_is_on (line, "force"), error)) {
    interrupt_watch (); /* a killed process would leave partial files */
    ok = folder ? import_folder (line, error) : import_file (line, error);
    if (interrupt_requested ()) {
      g_clear_error (error);
      return EXIT_INTERRUPTED;
    }
  }
  return ok ? EXIT_DONE : EXIT_FAILED;
}
