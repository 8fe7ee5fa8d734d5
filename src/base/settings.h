/* settings.h -- settings by name, over a struct with fields that only their method knows.
 * Layer 0 (base). A kind is a struct, the table that describes it, and presets: a RvSettingsClass at the end of one
 * file, and a row in src/method/meson.build. */
#ifndef RV_BASE_SETTINGS_H
#define RV_BASE_SETTINGS_H

#include "base/option.h"
#include <reverie/settings.h>

/* A whole recipe: over the defaults. A table of them ends with a row without a name; the first sets nothing. */
typedef struct {
  const char *name, *summary;
  const char *network; /* that it is meant for; NULL: any */
  int height, width;   /* px, of the result; 0: as asked for */
  RvOptionValue settings[32];
} RvPreset;

typedef struct {
  const char *kind;      /* "style" */
  const char *command;   /* that takes these options; NULL: several do */
  const RvOption *table; /* options */
  gsize size;            /* bytes of the struct that they describe */
  gboolean (*check) (const void *fields,
                     GError **error);    /* rv_settings_check(); NULL: every value goes with every other */
  const RvOption *(*join) (gsize *size); /* makes the table, once, and its size; else NULL */
  const RvPreset *presets; /* NULL: none; else the options have one called "preset", whose choices they are */
} RvSettingsClass;

/* rv__settings_table: the options of a kind. Borrowed. *@size (nullable): bytes of the struct that they describe. */
const RvOption *rv__settings_table (const RvSettingsClass *class, gsize *size);

struct _RvSettings {
  const RvSettingsClass *class;
  void *fields; /* the struct */
};

/* rv__settings_new: (transfer full): the defaults. */
RvSettings *rv__settings_new (const RvSettingsClass *class);

/* (transfer full): a copy. */
RvSettings *rv__settings_copy (const RvSettings *settings);

/* Sets an option of whole or real numbers. RV_ERROR_SETTING. */
gboolean rv__settings_set_int (RvSettings *settings, const char *name, gint64 value, GError **error);

/* Sets an option of yes or no. RV_ERROR_SETTING. */
gboolean rv__settings_set_bool (RvSettings *settings, const char *name, gboolean value, GError **error);

/* Sets @name to what it is in the settings' preset. RV_ERROR_SETTING for a name that there is not. */
gboolean rv__settings_reset (RvSettings *settings, const char *name, GError **error);

/* (transfer full): the names of those that are not as their preset has them, in the table's order; NULL-terminated. */
char **rv__settings_changed (const RvSettings *settings);

/* (transfer full): the preset, and what differs from it, as a JSON object. */
char *rv__settings_changes_to_json (const RvSettings *settings);

/* rv__settings_fields: the struct of settings that are of this kind. Borrowed. NULL and RV_ERROR_SETTING for others. */
const void *rv__settings_fields (const RvSettings *settings, const RvSettingsClass *class, GError **error);

/* rv__settings_assign: all values of @from, of the same kind, into @to, whose struct stays where it is.
 * rv__settings_check_change: whether a run with the settings @begun may come to have @now: nothing differs but what may
 * change. RV_ERROR_SETTING, naming the first that does. */
void rv__settings_assign (RvSettings *to, const RvSettings *from);
gboolean rv__settings_check_change (const RvSettings *begun, const RvSettings *now, GError **error);

/* rv__settings_preset: borrowed; NULL: there is none of that name. */
const RvPreset *rv__settings_preset (const RvSettingsClass *class, const char *name);

/* rv__settings_class_json: (transfer full): as rv_settings_table_json(). */
char *rv__settings_class_json (const RvSettingsClass *class);

#endif
