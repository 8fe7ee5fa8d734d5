/* options.c -- what there is to set, from the library's own tables: a new option needs nothing here. */
#include "api.h"
#include "json.h"
#include <reverie/networks.h>
#include <string.h>

/* Which tables the settings of a kind of job come from; all have "picture" as well. */
static const char *const tables[][3] = {
  { "style", "style", NULL },
  { "dream", "dream", "dreams" },
};

static void
table_json (GString *json, const char *kind)
{
  g_autofree char *table = rv_settings_table_json (kind, NULL);
  json_raw (json, NULL, table);
}

void
options_json (GString *json, gint64 most_bytes)
{
  json_open (json, NULL, '{');
  json_text (json, "version", RV_VERSION);
  json_open (json, "kinds", '{');
  for (guint k = 0; k < G_N_ELEMENTS (tables); k++) {
    json_open (json, tables[k][0], '[');
    for (int i = 1; i < 3 && tables[k][i]; i++)
      table_json (json, tables[k][i]);
    table_json (json, "picture");
    json_close (json, ']');
  }
  json_close (json, '}');
  json_open (json, "networks", '[');
  for (int i = 0; rv_net_names ()[i]; i++) {
    g_autofree char *file = rv_network_find (rv_net_names ()[i], TRUE, NULL);
    json_open (json, NULL, '{');
    json_text (json, "name", rv_net_names ()[i]);
    json_bool (json, "here", file || strcmp (rv_net_names ()[i], "builtin") == 0);
    json_close (json, '}');
  }
  json_close (json, ']');
  json_open (json, "limits", '{');
  json_int (json, "upload", most_bytes);
  json_close (json, '}');
  json_close (json, '}');
}
