/* json-text.c -- writes JSON. The library parses JSON. */
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

/* Appends a comma, unless @json is empty or ends in an opening bracket, and the member's name, unless @name is NULL. */
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
json_texts (GString *json, const char *name, const char *const *texts)
{
  json_open (json, name, '[');
  for (int i = 0; texts && texts[i]; i++)
    json_text (json, NULL, texts[i]);
  json_close (json, "]");
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
