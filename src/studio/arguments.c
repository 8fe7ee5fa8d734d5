/* arguments.c -- arguments of a request. */
#include "arguments.h"
#include <json-glib/json-glib.h>
#include <reverie/json.h>
#include <string.h>

#define MAX_IDS 8 /* one mask for each of four paintings, and some more, which the job rejects */

/* Types of arguments. Arguments that are not listed are texts. */
static const struct {
  const char *name;
  ArgumentType type;
} known[] = { { "at", ARGUMENT_NUMBER },   { "cells", ARGUMENT_WHOLE },     { "inputs", ARGUMENT_OBJECT },
              { "mask", ARGUMENT_IDS },    { "iteration", ARGUMENT_WHOLE }, { "protect", ARGUMENT_IDS },
              { "seed", ARGUMENT_WHOLE },  { "settings", ARGUMENT_OBJECT }, { "to", ARGUMENT_WHOLE },
              { "value", ARGUMENT_VALUE }, { "w", ARGUMENT_WHOLE },         { "x", ARGUMENT_NUMBER },
              { "y", ARGUMENT_NUMBER } };

ArgumentType
argument_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].name, name) == 0)
      return known[i].type;
  return ARGUMENT_TEXT;
}

/* Whether @value is a text, or a list of at most MAX_IDS texts. */
static gboolean
is_ids (GVariant *value)
{
  gboolean ok = g_variant_is_of_type (value, G_VARIANT_TYPE ("av")) && g_variant_n_children (value) <= MAX_IDS;
  for (gsize i = 0; ok && i < g_variant_n_children (value); i++) {
    g_autoptr (GVariant) item = g_variant_get_child_value (value, i), id = g_variant_get_variant (item);
    ok = g_variant_is_of_type (id, G_VARIANT_TYPE_STRING);
  }
  return ok || g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
}

/* Whether a JSON value, as rv_json_read() parses it, has the type. A whole number is also an ARGUMENT_NUMBER.
 * ARGUMENT_VALUE: number, text or boolean. ARGUMENT_IDS: a text, or a list of at most MAX_IDS texts. */
static gboolean
is_of_type (GVariant *value, ArgumentType type)
{
  gboolean is_text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  gboolean is_whole = g_variant_is_of_type (value, G_VARIANT_TYPE_INT64);
  gboolean is_number = is_whole || g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE);
  switch (type) {
  case ARGUMENT_TEXT:
    return is_text;
  case ARGUMENT_WHOLE:
    return is_whole;
  case ARGUMENT_NUMBER:
    return is_number;
  case ARGUMENT_VALUE:
    return is_number || is_text || g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN);
  case ARGUMENT_IDS:
    return is_ids (value);
  case ARGUMENT_OBJECT:
    return g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT);
  }
  return FALSE;
}

/* Checks that the permitted names @names (NULL-terminated) contain @name, and that @value has the type argument_type()
 * of that name. FALSE with RV_ERROR_SETTING: unknown name or wrong type. */
static gboolean
check_argument (const char *name, GVariant *value, const char *const *names, GError **error)
{
  static const char *const about[] = {
    [ARGUMENT_TEXT] = "a text",
    [ARGUMENT_WHOLE] = "a whole number",
    [ARGUMENT_NUMBER] = "a number",
    [ARGUMENT_VALUE] = "a number, a text, true or false",
    [ARGUMENT_IDS] = "an id, or a list of " G_STRINGIFY (MAX_IDS) " ids at most",
    [ARGUMENT_OBJECT] = "an object",
  };
  gboolean may = g_strv_contains (names, name);
  if (may && is_of_type (value, argument_type (name)))
    return TRUE;
  g_autofree char *all = g_strjoinv (", ", (char **) names);
  if (may)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s' must be %s", name, about[argument_type (name)]);
  else
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no argument '%s' here; arguments: %s", name,
                 *all ? all : "nothing");
  return FALSE;
}

GVariant *
arguments_read (const char *json, gsize length, const char *names, GError **error)
{
  g_auto (GStrv) all = g_strsplit (names ? names : "", ", ", -1);
  g_autoptr (GVariant) read = rv_json_read (length ? json : "{}", length ? (gssize) length : -1, "the request", error);
  GVariantIter iter;
  const char *name;
  GVariant *value;
  if (!read)
    return NULL;
  g_variant_iter_init (&iter, read);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (!check_argument (name, value, (const char *const *) all, error)) {
      g_variant_unref (value);
      return NULL;
    }
  return g_steal_pointer (&read);
}

char *
arguments_text (GVariant *arguments, const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (arguments, name, NULL);
  return value ? rv_json_value_text (value) : NULL;
}

char **
arguments_ids (GVariant *arguments, const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (arguments, name, NULL);
  gboolean is_single = value && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  gsize n = !value ? 0 : is_single ? 1 : g_variant_n_children (value);
  char **ids = value ? g_new0 (char *, n + 1) : NULL;
  for (gsize i = 0; i < n; i++) {
    g_autoptr (GVariant) item = is_single ? g_variant_new_variant (value) : g_variant_get_child_value (value, i);
    g_autoptr (GVariant) id = g_variant_get_variant (item);
    ids[i] = g_variant_dup_string (id, NULL);
  }
  return ids;
}

char *
arguments_replace_setting (const char *json, const char *name, const char *value, char **before)
{
  g_autoptr (GVariant) job = rv_json_read (json, -1, "the job", NULL);
  g_autoptr (GVariant) settings = job ? g_variant_lookup_value (job, "settings", G_VARIANT_TYPE_VARDICT) : NULL;
  GVariantDict of_job, of_settings;
  *before = NULL;
  if (!job)
    return NULL;
  g_variant_dict_init (&of_job, job);
  g_variant_dict_init (&of_settings, settings);
  g_variant_dict_lookup (&of_settings, name, "s", before);
  g_variant_dict_remove (&of_settings, name);
  if (value)
    g_variant_dict_insert (&of_settings, name, "s", value);
  g_variant_dict_insert_value (&of_job, "settings", g_variant_dict_end (&of_settings));
  g_autoptr (GVariant) changed = g_variant_ref_sink (g_variant_dict_end (&of_job));
  return json_gvariant_serialize_data (changed, NULL);
}

char *
arguments_without (GVariant *arguments, const char *name)
{
  GVariantDict dict;
  g_variant_dict_init (&dict, arguments);
  g_variant_dict_remove (&dict, name);
  g_autoptr (GVariant) rest = g_variant_ref_sink (g_variant_dict_end (&dict));
  return json_gvariant_serialize_data (rest, NULL);
}
