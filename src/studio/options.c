/* options.c -- options of all kinds of jobs, from the library's tables. */
#include "api.h"
#include "json-text.h"
#include <string.h>

/* Adds a list, named @kind, of the option tables of that kind of job. Leaves out the table of checkpoints: the studio
 * sets those options. */
static void
tables_json (GString *json, const char *kind)
{
  json_open (json, kind, '[');
  for (guint i = 0; rv_job_settings_kind (kind, i); i++) {
    g_autofree char *table = rv_settings_table_json (rv_job_settings_kind (kind, i), NULL);
    if (strcmp (rv_job_settings_kind (kind, i), "state") != 0)
      json_raw (json, NULL, table);
  }
  json_close (json, "]");
}

/* Whether an executable @name is in the PATH. */
static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);
  return path != NULL;
}

void
options_json (GString *json, const Api *api)
{
  json_open (json, NULL, '{');
  json_text (json, "version", RV_VERSION);
  json_open (json, "kinds", '{');
  for (const char *const *kind = rv_job_kinds (); *kind; kind++)
    tables_json (json, *kind);
  json_close (json, "}");
  networks_json (api->networks, json, "networks");
  json_open (json, "limits", '{');
  json_int (json, "upload", api->config->max_bytes);
  json_int (json, "video", api->config->max_large_bytes);
  json_close (json, "}");
  json_bool (json, "videos", has_program ("ffmpeg") && has_program ("ffprobe"));
  json_close (json, "}");
}
