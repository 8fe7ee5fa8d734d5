/* settings.h -- settings of a run: set and read by name, checked when set.
 * Layer 0 (base). Implemented in src/base/settings.c; src/method/settings.c lists the kinds.
 *
 * Every setting is an option: a row in the table of its kind. rv_settings_table_json() returns a table as JSON, for
 * forms. Programs depend on no size of a struct here, so that a later library may have more options.
 *
 * Threads: options, kinds and presets are constant. Settings belong to one thread at a time; methods copy them. */
#ifndef RV_SETTINGS_H
#define RV_SETTINGS_H

#include <reverie/error.h>
G_BEGIN_DECLS

/* ---- options: the rows of a kind's table ------------------------------------------------------------------------- */

/** RvOptionType: type of an option's values. */
typedef enum {
  RV_OPTION_INT,    /* whole numbers */
  RV_OPTION_REAL,   /* numbers; NaN and infinity are refused */
  RV_OPTION_BOOL,   /* yes or no */
  RV_OPTION_CHOICE, /* one of rv_option_choices() */
  RV_OPTION_TEXT,   /* any text; may be empty */
} RvOptionType;

/** RvOption: one row of a table. Static. Threads: any. */
typedef struct _RvOption RvOption;

/** rv_option_name: name of @option, as in settings files; on a command line "--" precedes it. Static. Since: 0.1 */
RV_API const char *rv_option_name (const RvOption *option);
/** rv_option_letter: short name of @option, which "-" precedes on a command line; 0: none. Since: 0.1 */
RV_API char rv_option_letter (const RvOption *option);
/** rv_option_type: type of the values of @option. Since: 0.1 */
RV_API RvOptionType rv_option_type (const RvOption *option);
/** rv_option_default: (nullable): default as a user would type it; NULL: empty, 0 or off, or the method's own choice if
 * the help says so. Static. Since: 0.1 */
RV_API const char *rv_option_default (const RvOption *option);
/** rv_option_range: sets @min and @max (out), both included, of an INT or REAL option. Returns: FALSE, without an error
 * and with both unchanged, for other types. Since: 0.1 */
RV_API gboolean rv_option_range (const RvOption *option, double *min, double *max);
/** rv_option_unit: (nullable): unit or form of the value, for help: "px", "COUNT", "LAYER:WEIGHT,..."; NULL: none.
 * Static. Since: 0.1 */
RV_API const char *rv_option_unit (const RvOption *option);
/** rv_option_help: help on @option in one line without a full stop; names of other options stand in quotes. Static.
 * Since: 0.1 */
RV_API const char *rv_option_help (const RvOption *option);
/** rv_option_group: heading of @option in forms; adjacent rows share it. "" without a group. Static. Since: 0.1 */
RV_API const char *rv_option_group (const RvOption *option);
/** rv_option_choices: (nullable): names of the choices of a CHOICE option, NULL-terminated; NULL for other types.
 * Static. Since: 0.1 */
RV_API const char *const *rv_option_choices (const RvOption *option);
/** rv_option_check: checks whether @value (nullable: ""), as a user would type it, is one of @option, as
 * rv_settings_set() does. @number: (out) (optional): the number, or 1 or 0 for yes or no; unchanged for other types.
 * Errors, with FALSE: %RV_ERROR_SETTING, with the range, the nearest choice or the form; *@number is then
 * undefined. Since: 0.1 */
RV_API gboolean rv_option_check (const RvOption *option, const char *value, double *number, GError **error);

/** RvOptionRow: description of an option that a program adds to the library's options, to read, check and show it in
 * the same way. The functions above describe the members; 0 stands for none. The library ignores `old_name`, a former
 * name of the option. */
typedef struct {
  const char *name;
  char letter;
  RvOptionType type;
  const char *def;
  double min, max;
  const char *unit, *help, *group;
  const char *const *(*choices) (void);
  const char *old_name;
} RvOptionRow;

/** rv_option_new: (transfer full): the option of @row, whose texts are borrowed and must outlive it. @size:
 * sizeof *@row. Free with rv_option_free(). Without a group it gets "". Nothing is checked. Since: 0.1 */
RV_API RvOption *rv_option_new_sized (const RvOptionRow *row, gsize size);
static inline RvOption *
rv_option_new (const RvOptionRow *row)
{
  return rv_option_new_sized (row, sizeof *row);
}
/** rv_option_free: (nullable): frees an option of rv_option_new(), not its texts; never options of a kind's table.
 * Since: 0.1 */
RV_API void rv_option_free (RvOption *option);

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/** rv_settings_kinds: all kinds of settings. "style", "dream", "vae", "flow" and "learn" belong to methods. "picture"
 * (size, files) and "state" (checkpoints) belong to all jobs. "dreams", "style-video", "style-learned", "dream-video",
 * "explore-style", "explore-dream", "explore-learned", "vae-train" and "vae-picture" belong to one kind of job each;
 * "painter" belongs to "learn". NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_settings_kinds (void);
/** rv_settings_n_options: number of options of @kind; 0 for an unknown kind. Since: 0.1 */
RV_API guint rv_settings_n_options (const char *kind);
/** rv_settings_option: (nullable): option @i of @kind, from 0, in the order of forms; NULL beyond the last, and for an
 * unknown kind. Static. Since: 0.1 */
RV_API const RvOption *rv_settings_option (const char *kind, guint i);
/** rv_settings_find_option: (nullable): the option @name of @kind; NULL, without an error: no such option or kind.
 * Static. Since: 0.1 */
RV_API const RvOption *rv_settings_find_option (const char *kind, const char *name);
/** rv_settings_presets: names of the presets of @kind, the default first; empty, never NULL, for a kind without presets
 * and for an unknown kind. NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_settings_presets (const char *kind);
/** rv_settings_preset_summary: (nullable): one line about @preset of @kind; NULL, without an error, for an unknown one.
 * Static. Since: 0.1 */
RV_API const char *rv_settings_preset_summary (const char *kind, const char *preset);
/** rv_settings_preset_network: (nullable): the network that @preset was made for, one of rv_net_names(); NULL: none, or
 * an unknown preset. Static. Since: 0.1 */
RV_API const char *rv_settings_preset_network (const char *kind, const char *preset);
/** rv_settings_table_json: (transfer full) (nullable): the options of @kind as data for a form: {"kind", "command",
 * "options": [{"name", "letter", "type": "int", "real", "bool", "choice" or "text", "default", "min", "max", "unit",
 * "choices", "help", "group", "may_change"}], "presets": [{"name", "summary", "network", "width", "height", "settings":
 * values that it sets}]}. Members without a value are left out. Errors: %RV_ERROR_SETTING for an unknown kind.
 * Since: 0.1 */
RV_API char *rv_settings_table_json (const char *kind, GError **error);

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/** RvSettings: a value for each option of a kind. Errors are %RV_ERROR_SETTING, or %RV_ERROR_FORMAT for text that is no
 * JSON. rv_error_option() names the option, and the settings are unchanged. Used by one thread at a time. */
typedef struct _RvSettings RvSettings;

/** rv_settings_new: (transfer full) (nullable): settings of @kind with its defaults; free with rv_settings_free().
 * Errors: %RV_ERROR_SETTING for an unknown kind. Since: 0.1 */
RV_API RvSettings *rv_settings_new (const char *kind, GError **error);
/** rv_settings_free: (nullable): frees the settings and their texts. Since: 0.1 */
RV_API void rv_settings_free (RvSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSettings, rv_settings_free)

/** rv_settings_set: sets the option @name to @value as a user would type it, for all types; numbers are read in the C
 * locale. @value is copied. "preset" replaces all values: by the preset's, else by the defaults. Errors, with FALSE and
 * nothing changed: %RV_ERROR_SETTING for NULL as name or value, an unknown name, a value out of range or of another
 * type. Since: 0.1 */
RV_API gboolean rv_settings_set (RvSettings *settings, const char *name, const char *value, GError **error);
/** rv_settings_get: (transfer full) (nullable): the value of @name, of any type, as a user would type it; "" if empty.
 * Errors, with NULL: %RV_ERROR_SETTING for an unknown name. Since: 0.1 */
RV_API char *rv_settings_get (const RvSettings *settings, const char *name, GError **error);
/** rv_settings_get_int: value of the INT option @name. Errors, with 0: %RV_ERROR_SETTING for an unknown name or another
 * type. Since: 0.1 */
RV_API gint64 rv_settings_get_int (const RvSettings *settings, const char *name, GError **error);
/** rv_settings_get_real: value of the REAL or INT option @name. Errors, with 0: %RV_ERROR_SETTING for an unknown name
 * or another type. Since: 0.1 */
RV_API double rv_settings_get_real (const RvSettings *settings, const char *name, GError **error);
/** rv_settings_get_bool: value of the BOOL option @name. Errors, with FALSE: %RV_ERROR_SETTING for an unknown name or
 * another type. Since: 0.1 */
RV_API gboolean rv_settings_get_bool (const RvSettings *settings, const char *name, GError **error);
/** rv_settings_get_text: (nullable): value of the TEXT or CHOICE option @name, "" if empty; borrowed until it or
 * `preset` is set, or rv_settings_set_json() succeeds. Errors, with NULL: %RV_ERROR_SETTING for an unknown name or
 * another type. Since: 0.1 */
RV_API const char *rv_settings_get_text (const RvSettings *settings, const char *name, GError **error);
/** rv_settings_check: whether settings fit together, without a network or files. For the kind "picture": `size` with
 * `height` or `width`, and the values of `bits`; TRUE for kinds without such rules. Jobs call it before they begin.
 * Errors, with FALSE: %RV_ERROR_SETTING. Since: 0.1 */
RV_API gboolean rv_settings_check (const RvSettings *settings, GError **error);
/** rv_settings_to_json: (transfer full): all settings as a JSON object of names and values, for rv_settings_set_json();
 * 0 is left out if it stands for the method's own choice. Since: 0.1 */
RV_API char *rv_settings_to_json (const RvSettings *settings);
/** rv_settings_set_json: sets all settings that the object @json names, "preset" first; others stay. Values have JSON's
 * types or are texts as a user would type them; null resets to the value of the preset in use, or to the default. Texts
 * of rv_settings_get_text() become invalid. After an error no setting is changed. Errors, with FALSE: %RV_ERROR_SETTING
 * for an unknown name or an impossible value; %RV_ERROR_FORMAT if @json is NULL or no JSON object. Since: 0.1 */
RV_API gboolean rv_settings_set_json (RvSettings *settings, const char *json, GError **error);

G_END_DECLS
#endif
