/* openapi.c -- the API as OpenAPI, from the table of routes and the tables of options. */
#include "api.h"
#include "arguments.h"
#include "json-text.h"
#include <math.h>
#include <reverie/json.h>
#include <string.h>

static const char *const schemas[] = {
  [ARGUMENT_TEXT] = "{\"type\":\"string\"}",
  [ARGUMENT_WHOLE] = "{\"type\":\"integer\"}",
  [ARGUMENT_NUMBER] = "{\"type\":\"number\"}",
  [ARGUMENT_VALUE] = "{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"string\"},{\"type\":\"boolean\"}]}",
  [ARGUMENT_IDS] = "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]}",
  [ARGUMENT_OBJECT] = "{\"type\":\"object\"}",
};

/* Opens the object @name, a schema of an object, and its list of properties. */
static void
open_properties (GString *json, const char *name)
{
  json_open (json, name, '{');
  json_text (json, "type", "object");
  json_bool (json, "additionalProperties", FALSE);
  json_open (json, "properties", '{');
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

/* Appends @option to the open object @json as a property: JSON type, minimum and maximum if both are finite, choices as
 * "enum", and help as "description". Cannot fail. */
static void
option_json (GString *json, const RvOption *option)
{
  static const char *const types[] = {
    [RV_OPTION_INT] = "integer", [RV_OPTION_REAL] = "number",   [RV_OPTION_BOOL] = "boolean",
    [RV_OPTION_TEXT] = "string", [RV_OPTION_CHOICE] = "string",
  };
  double min, max;
  const char *const *choices = rv_option_choices (option);
  json_open (json, rv_option_name (option), '{');
  json_text (json, "type", types[rv_option_type (option)]);
  if (rv_option_range (option, &min, &max) && isfinite (min) && isfinite (max)) {
    json_real (json, "minimum", min);
    json_real (json, "maximum", max);
  }
  if (choices)
    json_texts (json, "enum", choices);
  json_text (json, "description", rv_option_help (option));
  json_close (json, "}");
}

/* Appends the schema "settings-KIND" to the open object @json: properties for "preset" and for all options of the job
 * kind @kind, one of rv_job_kinds(). If two of its tables have an option of one name, the first counts. Cannot fail. */
static void
settings_json (GString *json, const char *kind)
{
  const char *table;
  const RvOption *option;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *name = g_strconcat ("settings-", kind, NULL);
  open_properties (json, name);
  json_raw (json, "preset", "{\"type\":\"string\"}");
  for (guint k = 0; (table = rv_job_settings_kind (kind, k)); k++)
    for (guint i = 0; (option = rv_settings_option (table, i)); i++)
      if (g_hash_table_add (seen, (char *) rv_option_name (option)))
        option_json (json, option);
  json_close (json, "}}");
}

/* Appends the property "inputs" to the open object @json, the properties of the schema of a job. Its own properties are
 * the roles of the job kind @kind, one of rv_job_kinds(). The value of a role may be one id or a list of ids. Cannot
 * fail. */
static void
inputs_json (GString *json, const char *kind)
{
  g_autofree char *text = rv_job_kind_json (kind);
  g_autoptr (GVariant) row = rv_json_read (text, -1, kind, NULL);
  g_autoptr (GVariantIter) inputs = NULL;
  GVariant *input;
  open_properties (json, "inputs");
  g_variant_lookup (row, "inputs", "av", &inputs);
  while (g_variant_iter_loop (inputs, "v", &input)) {
    const char *name;
    g_variant_lookup (input, "name", "&s", &name);
    json_raw (json, name, schemas[ARGUMENT_IDS]);
  }
  json_close (json, "}}");
}

/* Appends the schema "job", the body of POST jobs, to the open object @json: one alternative object for each kind of
 * job, with kind, inputs and settings. Only sheets (explore-...) have "cell", a text. Cannot fail. */
static void
job_json (GString *json)
{
  json_open (json, "job", '{');
  json_open (json, "oneOf", '[');
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    json_open (json, NULL, '{');
    json_raw (json, "required", "[\"kind\"]");
    json_text (json, "type", "object");
    json_open (json, "properties", '{');
    g_autofree char *name = g_strdup_printf ("{\"type\":\"string\",\"enum\":[\"%s\"]}", *kind);
    json_raw (json, "kind", name);
    inputs_json (json, *kind);
    if (g_str_has_prefix (*kind, "explore-"))
      json_raw (json, "cell", "{\"type\":\"string\"}");
    g_autofree char *settings = g_strdup_printf ("{\"$ref\":\"#/components/schemas/settings-%s\"}", *kind);
    json_raw (json, "settings", settings);
    json_close (json, "}}");
  }
  json_close (json, "]}");
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

/* Appends the argument @name to the open list @json. @in: "query", "path" or "header"; all but those of the query are
 * required. */
static void
parameter_json (GString *json, const char *name, const char *in)
{
  g_autofree char *text = g_strdup_printf ("{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"schema\":%s}", name, in,
                                           strcmp (in, "query") == 0 ? "false" : "true", schemas[argument_type (name)]);
  json_raw (json, NULL, text);
}

/* (transfer full): names of a route's arguments; an empty list without any. Free with g_strfreev(). */
static char **
names_of (const Route *route)
{
  return g_strsplit (route->arguments ? route->arguments : "", ", ", -1);
}

/* Appends the member "requestBody" of @route to the open object @json: bytes of an upload, a job if the arguments are
 * API_JOB, or an object of the arguments. The body of @route may not be BODY_NONE. Cannot fail. */
static void
body_json (GString *json, const Route *route)
{
  gboolean is_json = route->rules.body == BODY_JSON;
  json_open (json, "requestBody", '{');
  json_open (json, "content", '{');
  json_open (json, is_json ? "application/json" : "application/octet-stream", '{');
  if (!is_json)
    json_raw (json, "schema", "{\"type\":\"string\",\"format\":\"binary\"}");
  else if (g_strcmp0 (route->arguments, API_JOB) == 0)
    json_raw (json, "schema", "{\"$ref\":\"#/components/schemas/job\"}");
  else {
    g_auto (GStrv) names = names_of (route);
    open_properties (json, "schema");
    for (int i = 0; names[i]; i++)
      json_raw (json, names[i], schemas[argument_type (names[i])]);
    json_close (json, "}}");
  }
  json_close (json, "}}}");
}

/* Appends @route to the open object @json, its path, as the operation of its method: summary; parameters, which are the
 * id, if the path has one, then X-Reverie if the route changes something, else the arguments of the query; body if it
 * has one; a general response. Cannot fail. */
static void
operation_json (GString *json, const Route *route)
{
  g_autofree char *method = g_ascii_strdown (route->method, -1);
  json_open (json, method, '{');
  json_text (json, "summary", route->summary);
  g_auto (GStrv) names = names_of (route);
  json_open (json, "parameters", '[');
  if (strchr (route->path, '*'))
    parameter_json (json, "id", "path");
  for (int i = 0; !route->rules.changes && names[i]; i++)
    parameter_json (json, names[i], "query");
  if (route->rules.changes)
    parameter_json (json, "X-Reverie", "header");
  json_close (json, "]");
  if (route->rules.body != BODY_NONE)
    body_json (json, route);
  json_raw (json, "responses", "{\"default\":{\"description\":\"the result, or {error, option}\"}}");
  json_close (json, "}");
}

void
get_openapi (Request *request, gpointer user_data)
{
  GString *json = g_string_new ("{");
  json_text (json, "openapi", "3.0.3");
  json_raw (json, "info", "{\"title\":\"Reverie studio\",\"version\":\"" RV_VERSION "\"}");
  json_open (json, "paths", '{');
  for (const Route *route = api_routes; route->method; route++) {
    const Route *first = api_routes;
    while (strcmp (first->path, route->path) != 0)
      first++;
    if (first < route || !route->summary) /* the page is not part of the API */
      continue;
    g_auto (GStrv) parts = g_strsplit (route->path, "*", 2);
    g_autofree char *path = g_strjoinv ("{id}", parts);
    json_open (json, path, '{');
    for (const Route *same = route; same->method; same++)
      if (strcmp (same->path, route->path) == 0)
        operation_json (json, same);
    json_close (json, "}");
  }
  json_close (json, "}");
  json_open (json, "components", '{');
  json_raw (json, "securitySchemes", "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
  json_open (json, "schemas", '{');
  job_json (json);
  for (const char *const *kind = rv_job_kinds (); *kind; kind++)
    settings_json (json, *kind);
  json_close (json, "}");
  json_close (json, "}");
  json_raw (json, "security", "[{\"token\":[]}]");
  json_close (json, "}");
  reply_json (request, 200, json);
}
