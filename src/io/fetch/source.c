/* source.c -- the table of sources: the built-in one, overridden by the system's and the user's. */
#include "base/error.h"
#include <reverie/fetch.h>
#include <string.h>

#define TABLE "sources.ini"

extern const char rv__sources[], rv__sources_end[]; /* data/meson.build */

/* Overrides keys of @into by the table @folder/reverie/sources.ini; @folder: a configuration folder of the system or
 * of the user. TRUE also if there is none. RV_ERROR_FORMAT if it cannot be read or is damaged; @into is then
 * unchanged. */
static gboolean
override_from_file (GKeyFile *into, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "reverie", TABLE, NULL);
  g_autoptr (GKeyFile) table = g_key_file_new ();
  g_autoptr (GError) wrong = NULL;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_key_file_load_from_file (table, path, G_KEY_FILE_NONE, &wrong))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is not a table of sources: %s", path, wrong->message);
  g_auto (GStrv) groups = g_key_file_get_groups (table, NULL);
  for (char **group = groups; *group; group++) {
    g_auto (GStrv) keys = g_key_file_get_keys (table, *group, NULL, NULL);
    for (char **key = keys; key && *key; key++) {
      g_autofree char *value = g_key_file_get_value (table, *group, *key, NULL);
      if (value)
        g_key_file_set_value (into, *group, *key, value);
    }
  }
  return TRUE;
}

/* (transfer full) (nullable): the built-in table, overridden key by key by the system's tables, then by the user's.
 * Missing tables are no error. */
static GKeyFile *
load_table (GError **error)
{
  g_autoptr (GKeyFile) table = g_key_file_new ();
  const char *const *system = g_get_system_config_dirs ();
  if (!g_key_file_load_from_data (table, rv__sources, (gsize) (rv__sources_end - rv__sources), G_KEY_FILE_NONE, error))
    return NULL;
  for (guint n = g_strv_length ((char **) system); n > 0; n--) /* the first folder has the highest priority */
    if (!override_from_file (table, system[n - 1], error))
      return NULL;
  return override_from_file (table, g_get_user_config_dir (), error) ? g_steal_pointer (&table) : NULL;
}

static gboolean
is_hexadecimal (const char *text, gsize length)
{
  return strlen (text) == length && strspn (text, "0123456789abcdef") == length;
}

/* (nullable): the first fault of @source, as static text for a message: file name, bytes, hashes or URLs are missing or
 * invalid. NULL: none. Does not check network and licence. */
static const char *
find_fault (const RvSource *source)
{
  if (!source->file || !*source->file || strchr (source->file, '/') || source->file[0] == '.')
    return "'file' is no plain file name";
  if (source->bytes <= 0)
    return "'bytes' is no size";
  if (!source->md5 && !source->sha256)
    return "it has neither 'md5' nor 'sha256'";
  if ((source->md5 && !is_hexadecimal (source->md5, 32)) || (source->sha256 && !is_hexadecimal (source->sha256, 64)))
    return "'md5' or 'sha256' is not a hash in lower-case hexadecimal digits";
  if (!source->urls || !source->urls[0])
    return "'urls' is missing";
  for (char **url = source->urls; *url; url++)
    if (!g_str_has_prefix (*url, "https://") && !g_str_has_prefix (*url, "http://"))
      return "one of its 'urls' is not https:// or http://";
  return NULL;
}

RvSource *
rv_source_new (const char *network, GError **error)
{
  g_autoptr (GKeyFile) table = load_table (error);
  if (!table)
    return NULL;
  if (!g_key_file_has_group (table, network))
    return rv__error_null (error, RV_ERROR_SETTING, "no source of the weights of %s is known", network);
  g_autoptr (RvSource) source = g_new0 (RvSource, 1);
  source->network = g_strdup (network);
  source->file = g_key_file_get_string (table, network, "file", NULL);
  source->bytes = g_key_file_get_int64 (table, network, "bytes", NULL);
  source->md5 = g_key_file_get_string (table, network, "md5", NULL);
  source->sha256 = g_key_file_get_string (table, network, "sha256", NULL);
  source->license = g_key_file_get_string (table, network, "license", NULL);
  source->urls = g_key_file_get_string_list (table, network, "urls", NULL, NULL);
  if (!source->license)
    source->license = g_strdup ("unknown");
  const char *wrong = find_fault (source);
  if (!wrong)
    return g_steal_pointer (&source);
  return rv__error_null (error, RV_ERROR_FORMAT, "the entry [%s] of " TABLE ": %s", network, wrong);
}

void
rv_source_free (RvSource *source)
{
  if (!source)
    return;
  g_free (source->network);
  g_free (source->file);
  g_free (source->md5);
  g_free (source->sha256);
  g_free (source->license);
  g_strfreev (source->urls);
  g_free (source);
}
