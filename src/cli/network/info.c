/* info.c -- reverie network info NAME|FILE: layers of a network, contents of a file. */
#include "cmd-network.h"
#include <glib/gstdio.h>
#include <string.h>

#define SHAPES_AT_PX 224 /* side of the square picture for which layer shapes are shown */

typedef struct {
  const char *network; /* NULL: unknown */
  RvNet *net;          /* NULL: no weights */
  RvTensorMap *map;
  const char *file;
  gint64 bytes;
  RvFileHashes hashes;
} Info;

/* ---- text -------------------------------------------------------------------------------------------------------- */

/* Sum of n_parameters over @layers (RvLayer). */
static gint64
total_parameters (const GArray *layers)
{
  gint64 total = 0;
  for (guint i = 0; i < layers->len; i++)
    total += g_array_index (layers, RvLayer, i).n_parameters;
  return total;
}

/* Prints the number of parameters of @network, a known one or that of loaded weights, and a table of its layers on
 * standard output. Shapes are those for a picture of SHAPES_AT_PX a side. Cannot fail. */
static void
print_layers (const char *network)
{
  g_autoptr (GArray) layers = rv_net_describe (network, SHAPES_AT_PX, SHAPES_AT_PX);
  g_autofree char *all = network_number_text (total_parameters (layers));
  printf ("parameters   %s\n\n", all);
  g_autofree char *at = g_strdup_printf ("at %d x %d px", SHAPES_AT_PX, SHAPES_AT_PX);
  printf ("%-18s %-18s %-8s %-7s %12s\n", "layer", at, "window", "stride", "parameters");
  for (guint i = 0; i < layers->len; i++) {
    const RvLayer *layer = &g_array_index (layers, RvLayer, i);
    g_autofree char *shape = g_strdup_printf ("%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT,
                                              layer->channels, layer->height, layer->width);
    g_autofree char *window = g_strdup_printf ("%d x %d", layer->window, layer->window);
    g_autofree char *parameters = network_number_text (layer->n_parameters);
    printf ("%-18s %-18s %-8s %-7d %12s\n", layer->name, shape, window, layer->stride, parameters);
  }
  printf ("\nA layer's name means its output after ReLU, NAME:pre the one before.\n");
}

/* Prints where @network can be downloaded, its size, licence and MD5; nothing if it has no source. */
static void
print_source (const char *network)
{
  g_autoptr (RvSource) source = rv_source_new (network, NULL);
  if (!source)
    return;
  g_autofree char *size = rv_text_bytes ((gsize) source->bytes);
  printf ("download     reverie network get %s (%s, licence %s)\n", network, size, source->license);
  for (char **url = source->urls; *url; url++)
    printf ("%-12s %s\n", url == source->urls ? "from" : "", *url);
  printf ("md5          %s (as published)\n", source->md5 ? source->md5 : "none");
}

/* Prints the number of tensors in @map, and a line with name, type and shape for each. */
static void
print_tensors (const RvTensorMap *map)
{
  printf ("tensors      %u\n\n", rv_tensor_map_size (map));
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    const RvTensor *tensor = rv_tensor_map_get (map, name);
    g_autofree char *shape = rv_shape_text (&tensor->shape);
    text_print (stdout, "%-40s %-4s %s", name, rv_type_name (tensor->type), shape);
  }
}

/* Prints network, file and hashes, preprocessing, and layers on standard output; tensors instead of layers for an
 * unknown network. For a network that is not installed prints where it can be downloaded instead of the file. */
static void
print_info (const Info *info)
{
  printf ("network      %s\n", info->network ? info->network : "unknown");
  if (info->network)
    printf ("good for     %s\n", rv_net_good_for (info->network));
  if (info->net)
    printf ("             %s\nsource       %s\npublished by %s\n", rv_net_summary (info->net),
            rv_net_source (info->net), rv_net_publisher (info->net));
  if (info->net || info->file) {
    g_autofree char *bytes = network_number_text (info->bytes);
    const char *license = info->map ? rv_tensor_map_get_text (info->map, "license") : NULL;
    text_print (stdout, "file         %s", info->file ? info->file : "part of the program");
    printf ("bytes        %s\nmd5          %s\nsha256       %s\n", bytes, info->hashes.md5, info->hashes.sha256);
    if (license)
      text_print (stdout, "licence      %s", license);
  } else {
    printf ("file         not installed\n");
    print_source (info->network);
  }
  if (info->net) { /* "bgr_0_255 minus ..." becomes "BGR 0..255 minus ...", "rgb_0_1 minus ..." "RGB 0..1 minus ..." */
    const char *input = rv_net_preprocessing (info->net), *rest = strchr (input, ' ');
    g_autofree char *channels = g_ascii_strup (input, 3);
    printf ("input        %s 0..%s%s\n", channels, strstr (input, "_0_1 ") ? "1" : "255", rest ? rest : "");
  }
  if (info->network)
    print_layers (info->network);
  else
    print_tensors (info->map);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* Adds the member @name with @number to the open object. */
static void
add_number (JsonBuilder *json, const char *name, gint64 number)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, number);
}

/* Adds the members parameters, shapes_at_px and layers of @network, as in print_layers(), to the open object: an
 * object for each layer, in order. Shapes are those for a picture of SHAPES_AT_PX a side. Cannot fail. */
static void
add_layers (JsonBuilder *json, const char *network)
{
  g_autoptr (GArray) layers = rv_net_describe (network, SHAPES_AT_PX, SHAPES_AT_PX);
  add_number (json, "parameters", total_parameters (layers));
  add_number (json, "shapes_at_px", SHAPES_AT_PX);
  json_builder_set_member_name (json, "layers");
  json_builder_begin_array (json);
  for (guint i = 0; i < layers->len; i++) {
    const RvLayer *layer = &g_array_index (layers, RvLayer, i);
    json_builder_begin_object (json);
    network_json_text (json, "name", layer->name);
    add_number (json, "channels", layer->channels);
    add_number (json, "height", layer->height);
    add_number (json, "width", layer->width);
    add_number (json, "window", layer->window);
    add_number (json, "stride", layer->stride);
    add_number (json, "parameters", layer->n_parameters);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
}

/* Adds the member tensors to the open object: a list of objects with name, type and shape, in the order of @map. */
static void
add_tensors (JsonBuilder *json, const RvTensorMap *map)
{
  json_builder_set_member_name (json, "tensors");
  json_builder_begin_array (json);
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    json_builder_begin_object (json);
    network_json_text (json, "name", rv_tensor_map_name (map, i));
    network_json_text (json, "type", rv_type_name (tensor->type));
    json_builder_set_member_name (json, "shape");
    json_builder_begin_array (json);
    for (int d = 0; d < tensor->shape.n; d++)
      json_builder_add_int_value (json, tensor->shape.dim[d]);
    json_builder_end_array (json);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
}

/* Prints the facts of print_info() on standard output as one JSON object, without the source of a network that is not
 * installed. Members that are unknown are left out. */
static void
print_json (const Info *info)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  network_json_text (json, "network", info->network);
  network_json_text (json, "good_for", info->network ? rv_net_good_for (info->network) : NULL);
  if (info->net) {
    network_json_text (json, "summary", rv_net_summary (info->net));
    network_json_text (json, "source", rv_net_source (info->net));
    network_json_text (json, "published_by", rv_net_publisher (info->net));
    network_json_text (json, "preprocessing", rv_net_preprocessing (info->net));
  }
  if (info->net || info->file) {
    network_json_text (json, "file", info->file);
    add_number (json, "bytes", info->bytes);
    network_json_text (json, "md5", info->hashes.md5);
    network_json_text (json, "sha256", info->hashes.sha256);
    network_json_text (json, "license", info->map ? rv_tensor_map_get_text (info->map, "license") : NULL);
  }
  if (info->network)
    add_layers (json, info->network);
  else
    add_tensors (json, info->map);
  json_builder_end_object (json);
  network_print_json (json);
}

/* ---- subcommand -------------------------------------------------------------------------------------------------- */

/* Prints @info by print_json() with --json, else by print_info(). Returns EXIT_DONE. */
static int
print (const CommandLine *line, const Info *info)
{
  if (line_is_on (line, "json"))
    print_json (info);
  else
    print_info (info);
  return EXIT_DONE;
}

/* Prints layers, or tensors of an unknown network, and hashes of a weights file, with --json as JSON. If no network
 * can be made of the weights, its summary, source and preprocessing are left out, without an error. May store a
 * converted copy in the folder of networks. EXIT_DONE, or EXIT_FAILED with RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
static int
info_file (const CommandLine *line, const char *file, GError **error)
{
  GStatBuf status;
  g_autofree char *folder = rv_network_folder ();
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, folder, error);
  Info info = { .map = map, .file = file };
  if (!map || !rv_file_hashes (file, &info.hashes, error))
    return EXIT_FAILED;
  /* NULL also if numbers of the file are unusable; `verify` reports them */
  g_autoptr (RvNet) net = rv_net_new (NULL, map, NULL);
  info.net = net;
  info.network = rv_net_identify (map);
  info.bytes = g_stat (file, &status) == 0 ? status.st_size : 0;
  return print (line, &info);
}

/* Prints a known network: its installed file, the built-in one, or else its source. Returns the exit code. */
static int
info_name (const CommandLine *line, const char *name, GError **error)
{
  gboolean is_builtin = strcmp (name, "builtin") == 0;
  g_autofree char *file = is_builtin ? NULL : rv_network_find (name, FALSE, NULL);
  if (file)
    return info_file (line, file, error);
  g_autoptr (RvNet) builtin = is_builtin ? rv_net_new_builtin (error) : NULL;
  if (is_builtin && !builtin)
    return EXIT_FAILED;
  Info info = { .network = name, .net = builtin };
  if (builtin) {
    g_autoptr (GBytes) bytes = rv_net_builtin_file ();
    g_autofree char *md5 = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, bytes);
    g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
    info.bytes = (gint64) g_bytes_get_size (bytes);
    g_strlcpy (info.hashes.md5, md5, sizeof info.hashes.md5);
    g_strlcpy (info.hashes.sha256, sha256, sizeof info.hashes.sha256);
  }
  return print (line, &info);
}

int
network_info (const CommandLine *line, GError **error)
{
  const char *name = line->args[0];
  if (g_strv_contains (rv_net_names (), name))
    return info_name (line, name, error);
  const char *nearest = rv_text_nearest (name, rv_net_names ());
  if (!nearest || g_file_test (name, G_FILE_TEST_EXISTS))
    return info_file (line, name, error);
  return error_fail (error, RV_ERROR_SETTING, "there is no network or file '%s'; did you mean '%s'?", name, nearest);
}
