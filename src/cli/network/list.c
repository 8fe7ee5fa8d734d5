/* list.c -- reverie network list: every known network. */
#include "cmd-network.h"
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  const char *name;
  gboolean builtin;
  char *path; /* NULL: not installed, or built in */
  gint64 bytes;
  char *license;
  gboolean can_get;
} Entry;

/* Entry of network @name (borrowed): path if installed (NULL for the built-in one, too), size in bytes, licence, and
 * whether it can be downloaded. Size 0, licence NULL: unknown. May load an installed file for its licence, and
 * then store a converted copy in the folder of networks. The caller frees path and licence. Cannot fail. */
static Entry
entry_of (const char *name)
{
  Entry entry = { .name = name, .builtin = strcmp (name, "builtin") == 0 };
  g_autoptr (RvSource) source = rv_source_new (name, NULL);
  GStatBuf info;
  if (entry.builtin) {
    entry.license = g_strdup ("MIT");
    g_autoptr (GBytes) bytes = rv_net_builtin_file ();
    entry.bytes = (gint64) g_bytes_get_size (bytes);
    return entry;
  }
  entry.path = rv_network_find (name, FALSE, NULL);
  entry.can_get = source != NULL;
  entry.bytes = source ? source->bytes : 0;
  if (entry.path && g_stat (entry.path, &info) == 0)
    entry.bytes = info.st_size;
  if (entry.path && !source) { /* its metadata have the licence */
    g_autofree char *folder = rv_network_folder ();
    g_autoptr (RvTensorMap) map = rv_weights_load (entry.path, RV_WEIGHTS_CONVOLUTIONS, folder, NULL);
    entry.license = map ? g_strdup (rv_tensor_map_get_text (map, "license")) : NULL;
  } else
    entry.license = source ? g_strdup (source->license) : NULL;
  return entry;
}

/* Prints a line with name, location, size, licence and use, and, if it is installed, a line with its path. */
static void
print_entry (const Entry *entry)
{
  g_autofree char *size = entry->bytes ? rv_text_bytes ((gsize) entry->bytes) : g_strdup ("");
  g_autofree char *home = g_strconcat (g_get_home_dir (), "/", NULL);
  const char *location = entry->builtin   ? "built in"
                         : entry->path    ? "installed"
                         : entry->can_get ? "to download"
                                          : "missing";
  gboolean at_home = entry->path && g_str_has_prefix (entry->path, home);
  text_print (stdout, "%-13s %-11s %7s  %-13s %s", entry->name, location, size, entry->license ? entry->license : "",
              rv_net_good_for (entry->name));
  if (entry->path)
    text_print (stdout, "%*s%s%s", 14, "", at_home ? "~/" : "", entry->path + (at_home ? strlen (home) : 0));
}

/* Appends the entry to the open array of @json as an object: name, installed, file, downloadable, bytes, license,
 * good_for. Members that are unknown are left out. Cannot fail. */
static void
add_entry (JsonBuilder *json, const Entry *entry)
{
  json_builder_begin_object (json);
  network_json_text (json, "name", entry->name);
  json_builder_set_member_name (json, "installed");
  json_builder_add_boolean_value (json, entry->builtin || entry->path);
  network_json_text (json, "file", entry->path);
  json_builder_set_member_name (json, "downloadable");
  json_builder_add_boolean_value (json, entry->can_get);
  if (entry->bytes) {
    json_builder_set_member_name (json, "bytes");
    json_builder_add_int_value (json, entry->bytes);
  }
  network_json_text (json, "license", entry->license);
  network_json_text (json, "good_for", rv_net_good_for (entry->name));
  json_builder_end_object (json);
}

int
network_list (const CommandLine *line, GError **error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  if (!line_is_on (line, "json"))
    printf ("%-13s %-11s %7s  %-13s %s\n", "network", "weights", "size", "licence", "good for");
  json_builder_begin_array (json);
  for (int i = 0; rv_net_names ()[i]; i++) {
    Entry entry = entry_of (rv_net_names ()[i]);
    if (line_is_on (line, "json"))
      add_entry (json, &entry);
    else
      print_entry (&entry);
    g_free (entry.path);
    g_free (entry.license);
  }
  json_builder_end_array (json);
  if (line_is_on (line, "json"))
    network_print_json (json);
  else
    printf ("\n'reverie network get NAME' downloads one; 'reverie network info NAME' shows its layers.\n");
  return EXIT_DONE;
}
