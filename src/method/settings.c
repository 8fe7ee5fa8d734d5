/* settings.c -- kinds of settings, from the rows in meson.build. */
#include "base/settings.h"
#include "base/error.h"
#include "method/settings-list.h"

#define X(name, kind) extern const RvSettingsClass rv__settings_##name;
RV_SETTINGS_ROWS (X)
#undef X

static const RvSettingsClass *const classes[] = {
#define X(name, kind) &rv__settings_##name,
  RV_SETTINGS_ROWS (X)
#undef X
    NULL
};

const char *const *
rv_settings_kinds (void)
{
#define X(name, kind) kind,
  static const char *const names[] = { RV_SETTINGS_ROWS (X) NULL };
#undef X
  return names;
}

/* (nullable): the class @kind; static. NULL: no such kind, or @kind is NULL; sets no error. */
static const RvSettingsClass *
find_class (const char *kind)
{
  for (int i = 0; classes[i]; i++)
    if (g_strcmp0 (classes[i]->kind, kind) == 0)
      return classes[i];
  return NULL;
}

/* The class @kind. Static. NULL: RV_ERROR_SETTING, listing the kinds. */
static const RvSettingsClass *
require_class (const char *kind, GError **error)
{
  const RvSettingsClass *class = find_class (kind);
  g_autofree char *all = g_strjoinv (", ", (char **) rv_settings_kinds ());
  return class ? class
               : rv__error_null (error, RV_ERROR_SETTING, "'%s' has no settings; kinds of settings are %s",
                                 kind ? kind : "NULL", all);
}

RvSettings *
rv_settings_new (const char *kind, GError **error)
{
  const RvSettingsClass *class = require_class (kind, error);
  return class ? rv__settings_new (class) : NULL;
}

char *
rv_settings_table_json (const char *kind, GError **error)
{
  const RvSettingsClass *class = require_class (kind, error);
  return class ? rv__settings_class_json (class) : NULL;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

guint
rv_settings_n_options (const char *kind)
{
  const RvSettingsClass *class = find_class (kind);
  guint n = 0;
  while (class && rv__settings_table (class, NULL)[n].name)
    n++;
  return n;
}

const RvOption *
rv_settings_option (const char *kind, guint i)
{
  return i < rv_settings_n_options (kind) ? &rv__settings_table (find_class (kind), NULL)[i] : NULL;
}

const RvOption *
rv_settings_find_option (const char *kind, const char *name)
{
  const RvSettingsClass *class = find_class (kind);
  return class && name ? rv__option_find (rv__settings_table (class, NULL), name) : NULL;
}

/* ---- presets ----------------------------------------------------------------------------------------------------- */

const char *const *
rv_settings_presets (const char *kind)
{
  static const char *const none[] = { NULL };
  const RvSettingsClass *class = find_class (kind);
  return class && class->presets ? rv_option_choices (rv__option_find (rv__settings_table (class, NULL), "preset"))
                                 : none;
}

/* (nullable): the preset @preset of @kind; static. NULL: no such kind or preset; sets no error. */
static const RvPreset *
find_preset (const char *kind, const char *preset)
{
  const RvSettingsClass *class = find_class (kind);
  return class ? rv__settings_preset (class, preset) : NULL;
}

const char *
rv_settings_preset_summary (const char *kind, const char *preset)
{
  const RvPreset *found = find_preset (kind, preset);
  return found ? found->summary : NULL;
}

const char *
rv_settings_preset_network (const char *kind, const char *preset)
{
  const RvPreset *found = find_preset (kind, preset);
  return found ? found->network : NULL;
}
