/* settings.h -- settings by name, stored in a struct that only the file of their method defines.
 * Layer 0 (base). A kind is a struct, the table that describes it, and presets. Its RvSettingsClass is a constant of
 * one file, with a row in src/method/meson.build. */
#pragma once

#include "base/json.h"
#include "base/option.h"
#include <reverie/settings.h>

/* A complete recipe, applied over the defaults. A table ends with a row without a name; the first preset sets
 * nothing. */
typedef struct {
  const char *name, *summary;
  const char *network; /* recommended; NULL: any */
  int height, width;   /* px, of the result; 0: as requested */
  RvOptionValue settings[32];
} RvPreset;

/* A kind of settings. */
typedef struct {
  const char *kind;    /* "style" */
  const char *command; /* program that takes these options; NULL: several */
  const RvOption *table;
  gsize size;                                             /* bytes of the struct */
  gboolean (*check) (const void *fields, GError **error); /* rv_settings_check(); NULL: all combinations are valid */
  const RvOption *(*join) (gsize *size);                  /* (nullable): builds the table once, and sets *size */
  const RvPreset *presets;                                /* NULL: none; else the choices of the option "preset" */
} RvSettingsClass;

/* Options of a kind, up to a row without a name; a table that is joined is built at the first call. Static, never NULL.
 * *size: (out) (nullable): bytes of the struct that they describe. */
const RvOption *rv__settings_table (const RvSettingsClass *class, gsize *size);

struct _RvSettings {
  const RvSettingsClass *class;
  void *fields; /* the struct of the kind; owned */
};

/* (transfer full): settings with the default values; free with rv_settings_free(). Cannot fail. */
RvSettings *rv__settings_new (const RvSettingsClass *class);

/* (transfer full): a copy, also of the texts; free with rv_settings_free(). Cannot fail. */
RvSettings *rv__settings_copy (const RvSettings *settings);

/* Sets an option of type INT or REAL to @value. After an error @settings is unchanged. */
gboolean rv__settings_set_int (RvSettings *settings, const char *name, gint64 value, GError **error);

/* Sets an option of type BOOL to @value. After an error @settings is unchanged. */
gboolean rv__settings_set_bool (RvSettings *settings, const char *name, gboolean value, GError **error);

/* Sets @name to its value in the preset in use, or to its default; the option `preset` stays. After an error
 * @settings is unchanged. */
gboolean rv__settings_reset (RvSettings *settings, const char *name, GError **error);

/* (transfer full): names of the options that differ from the preset in use, or from the defaults without presets;
 * NULL-terminated, in the table's order, empty if none; free with g_strfreev(). Cannot fail. */
char **rv__settings_changed (const RvSettings *settings);

/* Adds "preset", if the kind has presets, and the options of rv__settings_changed() to the object open in @json, with
 * their values. Cannot fail. */
void rv__settings_add_changes (JsonBuilder *json, const RvSettings *settings);

/* Sets the options that the members of @object name, as rv_settings_set_json() does. */
gboolean rv__settings_set_object (RvSettings *settings, JsonObject *object, GError **error);

/* (nullable): the struct in @settings. Borrowed until @settings is freed. NULL and RV_ERROR_SETTING if @settings is
 * NULL or of another kind than @class. */
const void *rv__settings_fields (const RvSettings *settings, const RvSettingsClass *class, GError **error);

/* Copies all values of @from, of the same kind (not checked), into @to, whose struct stays at its address; frees the
 * old texts. Cannot fail. */
void rv__settings_assign (RvSettings *to, const RvSettings *from);
/* Checks that a run that began with @begun may change to @now: only options with RvOption.may_change differ. Changes
 * nothing. FALSE and RV_ERROR_SETTING if another option differs; the message names the first. */
gboolean rv__settings_check_change (const RvSettings *begun, const RvSettings *now, GError **error);

/* Sets `preset` to @name. Settings that differ from the preset in use keep their values. After an error @settings is
 * unchanged. */
gboolean rv__settings_change_preset (RvSettings *settings, const char *name, GError **error);

/* (nullable): the preset @name (nullable) of @class. Static. NULL, without an error, if there is none, or @name is
 * NULL. */
const RvPreset *rv__settings_preset (const RvSettingsClass *class, const char *name);

/* (transfer full): the JSON of rv_settings_table_json(): an object with kind, command, options and presets; free with
 * g_free(). Cannot fail. */
char *rv__settings_class_json (const RvSettingsClass *class);
