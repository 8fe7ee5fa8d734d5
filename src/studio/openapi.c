/* openapi.c -- the API as OpenAPI has it, from the same table of rows that answers. */
#include "api.h"
#include "json.h"
#include <string.h>

static void
parameter_json (GString *json, const char *name, const char *in)
{
  json_open (json, NULL, '{');
  json_text (json, "name", name);
  json_text (json, "in", in);
  json_bool (json, "required", strcmp (in, "path") == 0);
  json_open (json, "schema", '{');
  json_text (json, "type", "string");
  json_close (json, '}');
  json_close (json, '}');
}

static void
parameters_json (GString *json, const Route *route)
{
  g_auto (GStrv) names = g_strsplit (route->query ? route->query : "", ", ", -1);
  json_open (json, "parameters", '[');
  if (strchr (route->path, '*'))
    parameter_json (json, "id", "path");
  for (int i = 0; names[i]; i++)
    parameter_json (json, names[i], "query");
  if (route->wanted.changes)
    parameter_json (json, "X-Reverie", "header");
  json_close (json, ']');
}

static void
body_json (GString *json, BodyType body)
{
  json_open (json, "requestBody", '{');
  json_open (json, "content", '{');
  json_open (json, body == BODY_JSON ? "application/json" : "application/octet-stream", '{');
  json_close (json, '}');
  json_close (json, '}');
  json_close (json, '}');
}

static void
operation_json (GString *json, const Route *route)
{
  g_autofree char *method = g_ascii_strdown (route->method, -1);
  json_open (json, method, '{');
  json_text (json, "summary", route->summary);
  parameters_json (json, route);
  if (route->wanted.body != BODY_NONE)
    body_json (json, route->wanted.body);
  json_open (json, "responses", '{');
  json_open (json, "default", '{');
  json_text (json, "description", "what is asked for, or {\"error\", \"option\"}");
  json_close (json, '}');
  json_close (json, '}');
  json_close (json, '}');
}

/* The rows of one path, in one object. */
static void
path_json (GString *json, const Route *first)
{
  g_auto (GStrv) parts = g_strsplit (first->path, "*", 2);
  g_autofree char *path = g_strjoinv ("{id}", parts);
  json_open (json, path, '{');
  for (const Route *route = first; route->method; route++)
    if (strcmp (route->path, first->path) == 0)
      operation_json (json, route);
  json_close (json, '}');
}

static gboolean
is_first (const Route *route)
{
  for (const Route *before = api_routes; before < route; before++)
    if (strcmp (before->path, route->path) == 0)
      return FALSE;
  return route->summary != NULL; /* the page is no part of the API */
}

void
openapi_json (GString *json)
{
  json_open (json, NULL, '{');
  json_text (json, "openapi", "3.0.3");
  json_open (json, "info", '{');
  json_text (json, "title", "Reverie studio");
  json_text (json, "version", RV_VERSION);
  json_close (json, '}');
  json_open (json, "paths", '{');
  for (const Route *route = api_routes; route->method; route++)
    if (is_first (route))
      path_json (json, route);
  json_close (json, '}');
  json_raw (json, "components", "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}}");
  json_raw (json, "security", "[{\"token\":[]}]");
  json_close (json, '}');
}
