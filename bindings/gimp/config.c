/* config.c -- settings as properties of an object. */
#include "config.h"
#include <string.h>

/* (transfer full): a property's value as a user would type it; "" for CONFIG_LEFT_TO_METHOD. *is_default: (out)
 * (nullable): whether it is the property's default. */
static char *
property_text (GObject *config, GParamSpec *spec, gboolean *is_default)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, spec->value_type);
  g_object_get_property (config, spec->name, &value);
  if (is_default)
    *is_default = g_param_value_defaults (spec, &value);
  if (G_VALUE_HOLDS_BOOLEAN (&value))
    return g_strdup (g_value_get_boolean (&value) ? "yes" : "no");
  if (G_VALUE_HOLDS_INT (&value))
    return g_strdup_printf ("%d", g_value_get_int (&value));
  if (G_VALUE_HOLDS_DOUBLE (&value))
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.15g", g_value_get_double (&value)));
  const char *text = g_value_get_string (&value);
  return g_strdup (text && strcmp (text, CONFIG_LEFT_TO_METHOD) != 0 ? text : "");
}

/* Sets options of @request to those of @config. @all: all options; else only those that differ from their defaults.
 * RV_ERROR_SETTING. */
static gboolean
read_options (Request *request, GObject *config, gboolean all, GError **error)
{
  const RvOption *option;
  for (guint i = 0; (option = core_option (request->procedure, i)); i++) { /* the preset comes first */
    const char *name = rv_option_name (option);
    GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), name);
    gboolean is_default;
    g_autofree char *text = property_text (config, spec, &is_default), *now = request_get (request, name);
    if ((all || !is_default) && g_strcmp0 (text, now) != 0 && !request_set (request, name, text, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
config_read (Request *request, GObject *config, gboolean all, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *settings = NULL;
  g_clear_pointer (&request->inputs, g_free);
  g_object_get (config, request->procedure->other, &file, "inputs", &request->inputs, "settings", &settings, NULL);
  g_free (request->file);
  request->file = file ? g_file_get_path (file) : NULL;
  return read_options (request, config, all, error) && request_set_json (request, settings, error);
}

static gboolean
has_default (GParamSpec *spec, const char *text)
{
  return g_strcmp0 (g_value_get_string (g_param_spec_get_default_value (spec)), text) == 0;
}

void
config_set (GObject *config, const char *name, const char *text)
{
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), name);
  g_autofree char *now = property_text (config, spec, NULL);
  if (strcmp (now, text) == 0) /* an unchanged value must not be set: its widget would notify again, without end */
    return;
  if (spec->value_type == G_TYPE_BOOLEAN)
    g_object_set (config, name, strcmp (text, "yes") == 0, NULL);
  else if (spec->value_type == G_TYPE_INT)
    g_object_set (config, name, (int) CLAMP (g_ascii_strtod (text, NULL), G_MININT, G_MAXINT), NULL);
  else if (spec->value_type == G_TYPE_DOUBLE)
    g_object_set (config, name, g_ascii_strtod (text, NULL), NULL);
  else
    g_object_set (config, name,
                  strcmp (text, "") == 0 && has_default (spec, CONFIG_LEFT_TO_METHOD) ? CONFIG_LEFT_TO_METHOD : text,
                  NULL);
}

/* Sets the preset in @request, and all properties of the method to its values. */
static void
use_preset (GObject *config, Request *request)
{
  const char *method = rv_job_settings_kind (request->procedure->kind, 0);
  g_autofree char *preset = NULL;
  g_object_get (config, "preset", &preset, NULL);
  request_set (request, "preset", preset, NULL);
  for (guint i = 0; i < rv_settings_n_options (method); i++) {
    const char *name = rv_option_name (rv_settings_option (method, i));
    g_autofree char *text = request_get (request, name);
    config_set (config, name, text);
  }
}

/* ---- dialog ------------------------------------------------------------------------------------------------------ */

static void
on_notify (GObject *object, GParamSpec *spec, gpointer data)
{
  ConfigWatch *watch = data;
  if (watch->filling)
    return;
  watch->filling = TRUE;
  if (strcmp (spec->name, "preset") == 0)
    use_preset (object, watch->request);
  watch->filling = FALSE;
  watch->changed (watch->user_data);
}

void
config_watch (ConfigWatch *watch, GObject *config)
{
  g_signal_connect (config, "notify", G_CALLBACK (on_notify), watch);
}
