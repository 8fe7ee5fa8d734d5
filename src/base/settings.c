/* settings.c -- settings by name: values, presets, JSON.
 *
 * Only the file of the method defines the struct with the values; this file accesses the struct through the table.
 * Tests: tests/unit/test-settings.c. */
#include "base/settings.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sized.h"
#include <math.h>
#include <string.h>

#define PRESET "preset"

const RvOption *
rv__settings_table (const RvSettingsClass *class, gsize *size)
{
  gsize bytes = class->size;
  const RvOption *table = class->join ? class->join (&bytes) : class->table;
  if (size)
    *size = bytes;
  return table;
}

static gsize
size_of (const RvSettingsClass *class)
{
  gsize size;
  rv__settings_table (class, &size);
  return size;
}

/* The options of @settings, up to a row without a name. Static. */
static const RvOption *
rows (const RvSettings *settings)
{
  return rv__settings_table (settings->class, NULL);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

#define GETTER(type, function, member)                                                                                 \
  type function (const RvOption *option)                                                                               \
  {                                                                                                                    \
    return option->member;                                                                                             \
  }
GETTER (const char *, rv_option_name, name)
GETTER (char, rv_option_letter, letter)
GETTER (RvOptionType, rv_option_type, type)
GETTER (const char *, rv_option_default, def)
GETTER (const char *, rv_option_unit, unit)
GETTER (const char *, rv_option_help, help)

gboolean
rv_option_range (const RvOption *option, double *min, double *max)
{
  gboolean is_number = option->type == RV_OPTION_INT || option->type == RV_OPTION_REAL;
  if (is_number)
    *min = option->min, *max = option->max;
  return is_number;
}

/* Reads backward from @option: only the first row of a group has its name; the first row of a table always has one. */
const char *
rv_option_group (const RvOption *option)
{
  while (!option->group)
    option--;
  return option->group;
}

const char *const *
rv_option_choices (const RvOption *option)
{
  return option->choices ? option->choices () : option->names;
}

RvOption *
rv_option_new_sized (const RvOptionRow *row, gsize size)
{
  RvOptionRow known;
  rv__sized_copy (&known, sizeof known, row, size);
  RvOption *option = g_new (RvOption, 1);
  *option = (RvOption){ .name = known.name,
                        .letter = known.letter,
                        .type = known.type,
                        .def = known.def,
                        .min = known.min,
                        .max = known.max,
                        .unit = known.unit,
                        .help = known.help,
                        .choices = known.choices,
                        .group = known.group ? known.group : "" };
  return option;
}

void
rv_option_free (RvOption *option)
{
  g_free (option);
}

/* ---- presets ----------------------------------------------------------------------------------------------------- */

const RvPreset *
rv__settings_preset (const RvSettingsClass *class, const char *name)
{
  for (const RvPreset *preset = class->presets; preset && preset->name; preset++)
    if (g_strcmp0 (preset->name, name) == 0)
      return preset;
  return NULL;
}

/* Sets all fields to the defaults, then applies @preset (nullable). Cannot fail: a test checks all presets. */
static void
fill (RvSettings *settings, const RvPreset *preset)
{
  rv__option_clear (rows (settings), settings->fields);
  memset (settings->fields, 0, size_of (settings->class));
  rv__option_defaults (rows (settings), settings->fields);
  gboolean ok = !preset || rv__option_set (rows (settings), settings->fields, PRESET, preset->name, NULL);
  for (const RvOptionValue *row = preset ? preset->settings : NULL; row && row->option; row++)
    ok = ok && rv__option_set (rows (settings), settings->fields, row->option, row->value, NULL);
  g_return_if_fail (ok);
}

/* (transfer full): new settings with the values of the preset that @settings use, or with the defaults. */
static RvSettings *
as_preset (const RvSettings *settings)
{
  RvSettings *fresh = rv__settings_new (settings->class);
  g_autofree char *preset = rv__option_get (rows (settings), settings->fields, PRESET);
  fill (fresh, rv__settings_preset (settings->class, preset));
  return fresh;
}

/* ---- new and free ------------------------------------------------------------------------------------------------ */

RvSettings *
rv__settings_new (const RvSettingsClass *class)
{
  RvSettings *settings = g_new (RvSettings, 1);
  *settings = (RvSettings){ class, g_malloc0 (size_of (class)) };
  fill (settings, class->presets);
  return settings;
}

RvSettings *
rv__settings_copy (const RvSettings *settings)
{
  RvSettings *copy = g_new (RvSettings, 1);
  *copy = (RvSettings){ settings->class, g_malloc0 (size_of (settings->class)) };
  rv__option_copy (rows (settings), settings->fields, copy->fields);
  return copy;
}

void
rv_settings_free (RvSettings *settings)
{
  if (!settings)
    return;
  rv__option_clear (rows (settings), settings->fields);
  g_free (settings->fields);
  g_free (settings);
}

void
rv__settings_assign (RvSettings *to, const RvSettings *from)
{
  rv__option_clear (rows (to), to->fields);
  memset (to->fields, 0, size_of (to->class));
  rv__option_copy (rows (to), from->fields, to->fields);
}

gboolean
rv__settings_check_change (const RvSettings *begun, const RvSettings *now, GError **error)
{
  if (!rv__settings_fields (now, begun->class, error))
    return FALSE;
  for (const RvOption *option = rows (begun); option->name; option++) {
    g_autofree char *then = rv__option_get (rows (begun), begun->fields, option->name),
                    *value = rv__option_get (rows (begun), now->fields, option->name);
    if (option->may_change || strcmp (then, value) == 0)
      continue;
    return rv__error_setting (error, option->name, "'%s' cannot change any more: the run has begun", option->name);
  }
  return TRUE;
}

const void *
rv__settings_fields (const RvSettings *settings, const RvSettingsClass *class, GError **error)
{
  if (settings && settings->class == class)
    return settings->fields;
  return rv__error_null (error, RV_ERROR_SETTING, "settings of %s are needed, not %s%s", class->kind,
                         settings ? "of " : "NULL", settings ? settings->class->kind : "");
}

/* ---- set and get ------------------------------------------------------------------------------------------------- */

gboolean
rv_settings_set (RvSettings *settings, const char *name, const char *value, GError **error)
{
  if (name && !value)
    return rv__error_setting (error, name, "'%s' needs a value, not NULL", name);
  const RvPreset *preset = g_strcmp0 (name, PRESET) == 0 ? rv__settings_preset (settings->class, value) : NULL;
  if (!preset) /* reports the valid names of an unknown preset */
    return rv__option_set (rows (settings), settings->fields, name, value, error);
  fill (settings, preset);
  return TRUE;
}

/* (nullable): the option @name. Static. NULL and RV_ERROR_SETTING if it has neither type @type nor @other; the
 * message then says that the option is no @what. */
static const RvOption *
option_of (const RvSettings *settings, const char *name, RvOptionType type, RvOptionType other, const char *what,
           GError **error)
{
  const RvOption *option = rv__option_require (rows (settings), name, error);
  if (!option || option->type == type || option->type == other)
    return option;
  return rv__null (rv__error_setting (error, name, "'%s' is no %s", name, what));
}

gboolean
rv__settings_set_int (RvSettings *settings, const char *name, gint64 value, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  return option_of (settings, name, RV_OPTION_INT, RV_OPTION_REAL, "number", error) &&
         rv_settings_set (settings, name, text, error);
}

gboolean
rv__settings_set_bool (RvSettings *settings, const char *name, gboolean value, GError **error)
{
  return option_of (settings, name, RV_OPTION_BOOL, RV_OPTION_BOOL, "yes or no", error) &&
         rv_settings_set (settings, name, value ? "yes" : "no", error);
}

char *
rv_settings_get (const RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = rv__option_require (rows (settings), name, error);
  return option ? rv__option_get (rows (settings), settings->fields, name) : NULL;
}

/* Address of the field of @option in the struct of @settings. Borrowed. */
static const void *
field_of (const RvSettings *settings, const RvOption *option)
{
  return (const char *) settings->fields + option->offset;
}

gint64
rv_settings_get_int (const RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = option_of (settings, name, RV_OPTION_INT, RV_OPTION_INT, "whole number", error);
  return option ? *(const gint64 *) field_of (settings, option) : 0;
}

double
rv_settings_get_real (const RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = option_of (settings, name, RV_OPTION_REAL, RV_OPTION_INT, "number", error);
  if (!option)
    return 0;
  const void *field = field_of (settings, option);
  return option->type == RV_OPTION_INT ? (double) *(const gint64 *) field : *(const double *) field;
}

gboolean
rv_settings_get_bool (const RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = option_of (settings, name, RV_OPTION_BOOL, RV_OPTION_BOOL, "yes or no", error);
  return option && *(const gboolean *) field_of (settings, option);
}

const char *
rv_settings_get_text (const RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = option_of (settings, name, RV_OPTION_TEXT, RV_OPTION_CHOICE, "text", error);
  const char *text = option ? *(char *const *) field_of (settings, option) : NULL;
  return option && !text ? "" : text;
}

gboolean
rv_settings_check (const RvSettings *settings, GError **error)
{
  return !settings->class->check || settings->class->check (settings->fields, error);
}

/* Whether @option has the same value in @a and @b. Numbers are compared exactly, not by their printed digits. */
static gboolean
is_same (const RvOption *option, const RvSettings *a, const RvSettings *b)
{
  const void *in_a = field_of (a, option), *in_b = field_of (b, option);
  switch (option->type) {
  case RV_OPTION_INT:
    return *(const gint64 *) in_a == *(const gint64 *) in_b;
  case RV_OPTION_REAL:
    return *(const double *) in_a == *(const double *) in_b;
  case RV_OPTION_BOOL:
    return !*(const gboolean *) in_a == !*(const gboolean *) in_b;
  default:
    return g_strcmp0 (*(char *const *) in_a, *(char *const *) in_b) == 0;
  }
}

char **
rv__settings_changed (const RvSettings *settings)
{
  g_autoptr (RvSettings) fresh = as_preset (settings);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (const RvOption *option = rows (settings); option->name; option++)
    if (!is_same (option, settings, fresh))
      g_strv_builder_add (names, option->name);
  return g_strv_builder_end (names);
}

/* Sets @option in @to to its value in @from. */
static void
copy_one (const RvOption *option, const RvSettings *from, RvSettings *to)
{
  const RvOption one[] = { *option, { NULL } };
  rv__option_clear (one, to->fields);
  rv__option_copy (one, from->fields, to->fields);
}

gboolean
rv__settings_reset (RvSettings *settings, const char *name, GError **error)
{
  const RvOption *option = rv__option_require (rows (settings), name, error);
  if (!option)
    return FALSE;
  g_autoptr (RvSettings) fresh = as_preset (settings);
  copy_one (option, fresh, settings);
  return TRUE;
}

gboolean
rv__settings_change_preset (RvSettings *settings, const char *name, GError **error)
{
  g_autoptr (RvSettings) before = rv__settings_copy (settings);
  g_auto (GStrv) changed = rv__settings_changed (settings);
  if (!rv_settings_set (settings, PRESET, name, error))
    return FALSE;
  for (const RvOption *option = rows (settings); option->name; option++)
    if (g_strv_contains ((const char *const *) changed, option->name))
      copy_one (option, before, settings);
  return TRUE;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* Adds the member @name to the object that is open in @json; adds nothing if @text is NULL. */
static void
add_text (JsonBuilder *json, const char *name, const char *text)
{
  if (text)
    rv__json_add_text (json, name, text);
}

/* Adds the member @name to the object that is open in @json; a whole number without a decimal point. */
static void
add_real (JsonBuilder *json, const char *name, double number)
{
  json_builder_set_member_name (json, name);
  if (number == floor (number) && fabs (number) < 1e15) /* 100, not 100.0 */
    json_builder_add_int_value (json, (gint64) number);
  else
    json_builder_add_double_value (json, number);
}

/* Adds the member @name with the value in @field to the object that is open in @json; adds nothing for a number
 * 0 outside of the range of an INT option: the method then chooses the value. An empty text is "". */
static void
add_value (JsonBuilder *json, const char *name, const RvOption *option, const void *field)
{
  if (option->type == RV_OPTION_INT && *(const gint64 *) field == 0 && option->min > 0)
    return;
  switch (option->type) {
  case RV_OPTION_INT:
    json_builder_set_member_name (json, name);
    json_builder_add_int_value (json, *(const gint64 *) field);
    break;
  case RV_OPTION_REAL:
    add_real (json, name, *(const double *) field);
    break;
  case RV_OPTION_BOOL:
    json_builder_set_member_name (json, name);
    json_builder_add_boolean_value (json, *(const gboolean *) field);
    break;
  case RV_OPTION_CHOICE:
  case RV_OPTION_TEXT:
    add_text (json, name, *(char *const *) field ? *(char *const *) field : "");
    break;
  }
}

/* Adds the values of the options in @names (NULL-terminated) and of the option @also (nullable) to the object that is
 * open in @json; @names NULL: of all options. */
static void
add_values (JsonBuilder *json, const RvSettings *settings, const char *const *names, const char *also)
{
  for (const RvOption *option = rows (settings); option->name; option++)
    if (!names || g_strv_contains (names, option->name) || g_strcmp0 (option->name, also) == 0)
      add_value (json, option->name, option, field_of (settings, option));
}

char *
rv_settings_to_json (const RvSettings *settings)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_values (json, settings, NULL, NULL);
  return rv__json_finish (json);
}

void
rv__settings_add_changes (JsonBuilder *json, const RvSettings *settings)
{
  g_auto (GStrv) names = rv__settings_changed (settings);
  add_values (json, settings, (const char *const *) names, settings->class->presets ? PRESET : NULL);
}

/* Sets the option @name to @value, a plain one; null: rv__settings_reset(). RV_ERROR_SETTING for a list or an
 * object. */
static gboolean
set_node (RvSettings *settings, const char *name, JsonNode *value, GError **error)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return rv__settings_reset (settings, name, error);
  g_autofree char *text = rv__json_value_text (value);
  if (text)
    return rv_settings_set (settings, name, text, error);
  return rv__error_setting (error, name, "'%s' needs a plain value, not a list or an object", name);
}

gboolean
rv__settings_set_object (RvSettings *settings, JsonObject *object, GError **error)
{
  g_autoptr (RvSettings) changed = rv__settings_copy (settings);
  JsonNode *preset = settings->class->presets ? json_object_get_member (object, PRESET) : NULL;
  gboolean ok = !preset || set_node (changed, PRESET, preset, error);
  g_autoptr (GList) names = json_object_get_members (object);
  for (GList *name = names; ok && name; name = name->next)
    if (!preset || strcmp (name->data, PRESET) != 0)
      ok = set_node (changed, name->data, json_object_get_member (object, name->data), error);
  if (ok)
    rv__settings_assign (settings, changed);
  return ok;
}

gboolean
rv_settings_set_json (RvSettings *settings, const char *json, GError **error)
{
  if (!json)
    return rv__error_set (error, RV_ERROR_FORMAT, "the settings must be a JSON object, not NULL");
  g_autoptr (JsonObject) object = rv__json_object (json, strlen (json), "the settings", error);
  return object && rv__settings_set_object (settings, object, error);
}

/* ---- the table as JSON ------------------------------------------------------------------------------------------- */

static const char *const type_names[] = { "int", "real", "bool", "choice", "text" }; /* in the order of RvOptionType */

/* Appends an object for one option to the array that is open in @json: name, letter, type, default, min, max, unit,
 * choices, help, group, may_change. Members that the option lacks are left out. @defaults: settings with the default
 * values. */
static void
add_option (JsonBuilder *json, const RvOption *option, const RvSettings *defaults)
{
  double min, max;
  const char letter[] = { option->letter, 0 };
  json_builder_begin_object (json);
  add_text (json, "name", option->name);
  add_text (json, "letter", option->letter ? letter : NULL);
  add_text (json, "type", type_names[option->type]);
  add_value (json, "default", option, field_of (defaults, option));
  if (rv_option_range (option, &min, &max)) {
    add_real (json, "min", min);
    add_real (json, "max", max);
  }
  add_text (json, "unit", option->unit);
  const char *const *choice = rv_option_choices (option);
  if (choice) {
    json_builder_set_member_name (json, "choices");
    json_builder_begin_array (json);
    for (; *choice; choice++)
      json_builder_add_string_value (json, *choice);
    json_builder_end_array (json);
  }
  add_text (json, "help", option->help);
  add_text (json, "group", rv_option_group (option));
  json_builder_set_member_name (json, "may_change");
  json_builder_add_boolean_value (json, option->may_change);
  json_builder_end_object (json);
}

/* Appends an object for one preset to the array that is open in @json: name, summary, network, width, height, settings.
 * Members that the preset lacks are left out. Overwrites @settings, a workspace of its kind. */
static void
add_preset (JsonBuilder *json, const RvPreset *preset, RvSettings *settings)
{
  json_builder_begin_object (json);
  add_text (json, "name", preset->name);
  add_text (json, "summary", preset->summary);
  add_text (json, "network", preset->network);
  if (preset->width)
    add_real (json, "width", preset->width);
  if (preset->height)
    add_real (json, "height", preset->height);
  fill (settings, preset);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (const RvOptionValue *value = preset->settings; value->option; value++)
    g_ptr_array_add (names, (gpointer) value->option);
  g_ptr_array_add (names, NULL);
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  add_values (json, settings, (const char *const *) names->pdata, NULL);
  json_builder_end_object (json);
  json_builder_end_object (json);
}

char *
rv__settings_class_json (const RvSettingsClass *class)
{
  g_autoptr (RvSettings) settings = rv__settings_new (class);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_text (json, "kind", class->kind);
  add_text (json, "command", class->command);
  json_builder_set_member_name (json, "options");
  json_builder_begin_array (json);
  for (const RvOption *option = rv__settings_table (class, NULL); option->name; option++)
    add_option (json, option, settings);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "presets");
  json_builder_begin_array (json);
  for (const RvPreset *preset = class->presets; preset && preset->name; preset++)
    add_preset (json, preset, settings);
  json_builder_end_array (json);
  return rv__json_finish (json);
}
