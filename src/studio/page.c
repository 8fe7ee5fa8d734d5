/* page.c -- serves the page from files that are part of the program. */
#include "api.h"
#include <string.h>

#define ROOT "/org/reverie/studio"

void
page_get (Request *request, gpointer user_data)
{
  static const char *const types[][2] = {
    { ".html", "text/html; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".svg", "image/svg+xml" },
  };
  const char *path = request_path (request), *type = "application/octet-stream";
  g_autofree char *name = g_strconcat (ROOT, strcmp (path, "/") == 0 ? "/index.html" : path, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (name, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_suffix (name, types[i][0]))
      type = types[i][1];
  if (bytes)
    reply_bytes (request, 200, type, bytes, FALSE);
  else
    reply_error (request, 404, NULL, "This page does not exist.");
}
