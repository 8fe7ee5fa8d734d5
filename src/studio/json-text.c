/* json-text.c -- writes JSON. The library reads it. */
#include "json-text.h"
#include <math.h>
#include <string.h>

/* Appends a JSON string. Invalid UTF-8 is replaced. */
static void
quote (GString *json, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_string_append_c (json, '"');
  for (const guchar *c = (const guchar *) valid; *c; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (json, "\\%c", *c);
    else if (*c < 0x20 || *c == 0x7f)
      g_string_append_printf (json, "\\u%04x", *c);
    else
      g_string_append_c (json, (char) *c);
  g_string_append_c (json, '"');
}

static void
begin (GString *json, const char *name)
{
  if (json->len > 0 && !strchr ("{[", json->str[json->len - 1]))
    g_string_append_c (json, ',');
  if (name) {
    quote (json, name);
    g_string_append_c (json, ':');
  }
}

void
json_open (GString *json, const char *name, char bracket)
{
  begin (json, name);
  g_string_append_c (json, bracket);
}

void
json_close (GString *json, const char *brackets)
{
  g_string_append (json, brackets);
}

void
json_text (GString *json, const char *name, const char *value)
{
  begin (json, name);
  if (value)
    quote (json, value);
  else
    g_string_append (json, "null");
}

void
json_int (GString *json, const char *name, gint64 value)
{
  begin (json, name);
  g_string_append_printf (json, "%" G_GINT64_FORMAT, value);
}

void
json_real (GString *json, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  begin (json, name);
  g_string_append (json, isfinite (value) ? g_ascii_formatd (text, sizeof text, "%.9g", value) : "null");
}

void
json_bool (GString *json, const char *name, gboolean value)
{
  begin (json, name);
  g_string_append (json, value ? "true" : "false");
}

void
json_raw (GString *json, const char *name, const char *value)
{
  begin (json, name);
  g_string_append (json, value);
}

/* Adds an object of the type a{sv}, or a list of the type av. */
static void
add_members (GString *json, const char *name, GVariant *value, gboolean is_object)
{
  json_open (json, name, is_object ? '{' : '[');
  for (gsize i = 0; i < g_variant_n_children (value); i++) {
    g_autoptr (GVariant) item = g_variant_get_child_value (value, i), inner = NULL;
    const char *member = NULL;
    if (is_object)
      g_variant_get (item, "{&sv}", &member, &inner);
    else
      inner = g_variant_get_variant (item);
    json_value (json, member, inner);
  }
  json_close (json, is_object ? "}" : "]");
}

void
json_value (GString *json, const char *name, GVariant *value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean is_object = g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    json_text (json, name, g_variant_get_string (value, NULL));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    json_int (json, name, g_variant_get_int64 (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    json_raw (json, name, g_ascii_dtostr (number, sizeof number, g_variant_get_double (value)));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    json_bool (json, name, g_variant_get_boolean (value));
  else if (is_object || g_variant_is_of_type (value, G_VARIANT_TYPE ("av")))
    add_members (json, name, value, is_object);
  else
    json_text (json, name, NULL);
}
