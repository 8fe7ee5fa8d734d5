/* networks.c -- finds networks in this program's folder, Keras' and PyTorch's, or reports how to get them. */
#include "base/error.h"
#include "base/text.h"
#include "net/net.h"
#include <reverie/fetch.h>
#include <reverie/networks.h>
#include <reverie/weights.h>
#include <string.h>

char *
rv_network_folder (void)
{
  const char *set = g_getenv ("REVERIE_MODELS");
  return set && *set ? g_strdup (set) : g_build_filename (g_get_user_data_dir (), "reverie", "models", NULL);
}

/* (transfer full): path of the folder @name in a base folder: the path in the environment variable @variable; if it
 * is unset or empty, the path @home. Creates nothing. */
static char *
folder_in (const char *variable, const char *home, const char *name)
{
  const char *set = g_getenv (variable);
  return g_build_filename (set && *set ? set : home, name, NULL);
}

/* (transfer full) (nullable): path of the regular file @name in @folder; NULL: none. */
static char *
find_in_folder (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

/* (transfer full) (nullable): path of the weights file of @network; NULL: none. Tries NETWORK.safetensors in this
 * program's folder, then the published names in this program's, Keras' and PyTorch's folders. Last, tries the name
 * of the table of sources in this program's folder. */
static char *
find_file (const char *network)
{
  g_autofree char *own_name = g_strconcat (network, ".safetensors", NULL);
  g_autofree char *keras_home = g_build_filename (g_get_home_dir (), ".keras", NULL),
                  *torch_home = g_build_filename (g_get_user_cache_dir (), "torch", NULL);
  g_autofree char *own = rv_network_folder (), *keras = folder_in ("KERAS_HOME", keras_home, "models"),
                  *torch = folder_in ("TORCH_HOME", torch_home, "hub/checkpoints");
  const char *folders[] = { own, keras, torch };
  const char *const *files = rv__net_files (network);
  char *path = find_in_folder (own, own_name);
  for (int i = 0; !path && files[i]; i++)
    for (guint f = 0; !path && f < G_N_ELEMENTS (folders); f++)
      path = find_in_folder (folders[f], files[i]);
  g_autoptr (RvSource) source = path ? NULL : rv_source_new (network, NULL);
  return source ? find_in_folder (own, source->file) : path; /* the user's table of sources may name another file */
}

char *
rv_network_find (const char *network, gboolean offline, GError **error)
{
  char *path = find_file (network);
  if (path)
    return path;
  g_autoptr (GError) no_source = NULL;
  g_autoptr (RvSource) source = rv_source_new (network, &no_source);
  if (no_source && !g_error_matches (no_source, RV_ERROR, RV_ERROR_SETTING)) /* the table of sources is damaged */
    return rv__null (rv__error_propagate (error, g_steal_pointer (&no_source)));
  g_autofree char *own = rv_network_folder (), *own_name = g_strconcat (network, ".safetensors", NULL);
  g_autofree char *size = source ? rv_text_bytes ((gsize) source->bytes) : NULL;
  const char *const *files = rv__net_files (network);
  if (source && !offline)
    return rv__error_null (error, RV_ERROR_FILE,
                           "the weights of %s are not here: 'reverie network get %s' downloads them (%s, licence %s)",
                           network, network, size, source->license);
  return rv__null (rv__error_with_options (
    error, RV_ERROR_FILE, "weights", "the weights of %s are not here%s: put %s into %s, or name a file with 'weights'",
    network, offline ? ", and downloads are off" : "", files[0] ? files[0] : own_name, own));
}

gboolean
rv_network_is_file (const char *network)
{
  for (int i = 0; rv__net_file_suffixes[i]; i++)
    if (g_str_has_suffix (network, rv__net_file_suffixes[i]))
      return TRUE;
  return FALSE;
}

gboolean
rv_network_set_labels (RvTensorMap *weights, const char *labels, GError **error)
{
  const char *network = rv_net_identify (weights);
  gint64 n = network ? rv__net_n_channels (network, RV_NET_CLASSES) : 0;
  if (!network)
    return rv__error_set (error, RV_ERROR_FORMAT, "the weights belong to no known network");
  if (n == 0)
    return rv__error_setting (error, "labels", "'labels': %s does not end in classes", network);
  g_autofree char *text = rv__text_read (labels, error);
  if (!text)
    return FALSE;
  if (!g_utf8_validate (text, -1, NULL))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: is not UTF-8 text", labels);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  if ((gint64) g_strv_length (lines) != n)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: has %u line%s for %" G_GINT64_FORMAT " classes", labels,
                          g_strv_length (lines), g_strv_length (lines) == 1 ? "" : "s", n);
  for (char **name = lines; *name; name++) {
    g_strdelimit (*name, ",", '\0');
    g_strstrip (*name);
  }
  g_autofree char *names = g_strjoinv ("\n", lines);
  rv_tensor_map_set_text (weights, "class_names", names);
  return TRUE;
}

RvNet *
rv_network_load (const char *network, const char *weights, const char *preprocessing, const char *labels, char **file,
                 GError **error)
{
  g_autofree char *own = NULL;
  if (network && !weights && rv_network_is_file (network)) {
    weights = network;
    network = NULL;
  }
  if (!file)
    file = &own;
  *file = NULL;
  if (!network && !weights)
    return rv__null (rv__error_setting (error, "network", "neither 'network' nor 'weights' is given"));
  if (network && !rv__net_require (network, error))
    return NULL;
  gboolean builtin = !weights && strcmp (network, "builtin") == 0;
  if (builtin && !preprocessing && !labels)
    return rv_net_new_builtin (error);
  g_autofree char *folder = rv_network_folder ();
  if (builtin)
    rv__error_setting (error, preprocessing ? "preprocessing" : "labels",
                       "'%s' works only with files: the built-in network has its own",
                       preprocessing ? "preprocessing" : "labels");
  else
    *file = weights ? g_strdup (weights) : rv_network_find (network, FALSE, error);
  g_autoptr (RvTensorMap) map = *file ? rv_weights_load (*file, RV_WEIGHTS_CONVOLUTIONS, folder, error) : NULL;
  if (map && preprocessing)
    rv_tensor_map_set_text (map, "preprocessing", preprocessing);
  if (map && labels && rv_net_identify (map) && !rv_network_set_labels (map, labels, error))
    return NULL;
  g_autoptr (RvNet) net = map ? rv_net_new (network, map, error) : NULL;
  if (map && !net)
    g_prefix_error (error, "%s: ", *file);
  if (net && labels && !rv_net_class_names (net))
    return rv__null (rv__error_setting (error, "labels", "'labels': %s does not end in classes", *file));
  return g_steal_pointer (&net);
}
