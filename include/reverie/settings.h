/* settings.h -- what a run is made of: opaque, changed and read by name, checked when set.
 * Layer 0 (base), the kinds by method. Implemented in src/base/settings.c and src/method/settings.c.
 *
 * Every setting is an option: a row of its kind's table, which clients that draw a form get as JSON by one call,
 * rv_settings_table_json(). A library with more options than a program was built for is fine: there is nothing here
 * whose size a program knows.
 *
 * Threads: options, kinds and presets are constant. Settings belong to one thread at a time; methods copy them. */
#ifndef RV_SETTINGS_H
#define RV_SETTINGS_H

#include <reverie/error.h>
G_BEGIN_DECLS

/* ---- options: the rows of a kind's table ------------------------------------------------------------------------- */

/** RvOptionType: what values an option takes. */
typedef enum {
  RV_OPTION_INT,    /* whole numbers */
  RV_OPTION_REAL,   /* numbers; NaN and infinity are refused */
  RV_OPTION_BOOL,   /* yes or no */
  RV_OPTION_CHOICE, /* one of rv_option_choices() */
  RV_OPTION_TEXT,   /* any text; may be empty */
} RvOptionType;

/** RvOption: one row. Static. */
typedef struct _RvOption RvOption;

/** rv_option_name: as in settings files; on a command line after "--". rv_option_letter: the one after "-", or 0.
 * rv_option_type: of its values. Static. Since: 0.1 */
RV_API const char *rv_option_name (const RvOption *option);
RV_API char rv_option_letter (const RvOption *option);
RV_API RvOptionType rv_option_type (const RvOption *option);

/** rv_option_default: as a user would type it; NULL: empty, 0 or off, and the method's own choice where the help says
 * so. Static. Since: 0.1 */
RV_API const char *rv_option_default (const RvOption *option);

/** rv_option_range: @min and @max (out) of numbers, both included. Returns: FALSE for options that are no numbers.
 * Since: 0.1 */
RV_API gboolean rv_option_range (const RvOption *option, double *min, double *max);

/** rv_option_unit: "px", "COUNT", "LAYER:WEIGHT,...", or NULL. rv_option_help: one line, no full stop; the names of
 * other options stand in quotes. rv_option_group: a heading for a form, shared by rows that follow each other. Static.
 * Since: 0.1 */
RV_API const char *rv_option_unit (const RvOption *option);
RV_API const char *rv_option_help (const RvOption *option);
RV_API const char *rv_option_group (const RvOption *option);

/** rv_option_choices: the names, NULL-terminated, static; NULL for options that are no choice. Since: 0.1 */
RV_API const char *const *rv_option_choices (const RvOption *option);

/** rv_option_may_change: whether it may change while a run is under way. Since: 0.1 */
RV_API gboolean rv_option_may_change (const RvOption *option);

/**
 * rv_option_check:
 * @value:  (nullable): as a user would type it; NULL: ""
 * @number: (out) (optional): of numbers what it says, of yes or no 1 or 0; else left alone
 *
 * Whether the option takes it, as rv_settings_set() would. Errors: %RV_ERROR_SETTING, with the range or the nearest
 * choice. Since: 0.1
 */
RV_API gboolean rv_option_check (const RvOption *option, const char *value, double *number, GError **error);

/** RvOptionRow: an option of a program's own, beside the library's, to be read, checked and shown like those. Members
 * are as the functions above have them; 0 stands for none. */
typedef struct {
  const char *name;
  char letter;
  RvOptionType type;
  const char *def;
  double min, max;
  const char *unit, *help, *group;
  const char *const *(*choices) (void);
} RvOptionRow;

/** rv_option_new: (transfer full): the option that @row describes, whose texts are borrowed for as long as there is the
 * option; rv_option_free(), of those alone. Without a group its group is "". Since: 0.1 */
RV_API RvOption *rv_option_new_sized (const RvOptionRow *row, gsize size);
static inline RvOption *
rv_option_new (const RvOptionRow *row)
{
  return rv_option_new_sized (row, sizeof *row);
}
RV_API void rv_option_free (RvOption *option);

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/** rv_settings_kinds: of methods: "style", "dream", "vae", "flow", "learn"; of jobs: "picture" (its size, its files),
 * "state" (going on), and of one kind of job each "dreams", "style-film", "style-with", "dream-film",
 * "explore-style", "explore-dream", "explore-with", "vae-train", "vae-picture" and, of "learn", "painter".
 * NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_settings_kinds (void);

/** rv_settings_n_options: rows of a kind's table; 0 for an unknown kind. rv_settings_option: row @i, from 0, in the
 * order of forms and help; NULL beyond. rv_settings_find_option: the row called @name, or NULL. Static. Since: 0.1 */
RV_API guint rv_settings_n_options (const char *kind);
RV_API const RvOption *rv_settings_option (const char *kind, guint i);
RV_API const RvOption *rv_settings_find_option (const char *kind, const char *name);

/** rv_settings_presets: names of whole recipes, the default first; NULL-terminated; static. None for a kind without.
 * Since: 0.1 */
RV_API const char *const *rv_settings_presets (const char *kind);

/** rv_settings_preset_summary: one line. rv_settings_preset_network: one of rv_net_names() that it is meant for, or
 * NULL. Static; NULL for an unknown preset. Since: 0.1 */
RV_API const char *rv_settings_preset_summary (const char *kind, const char *preset);
RV_API const char *rv_settings_preset_network (const char *kind, const char *preset);

/**
 * rv_settings_table_json:
 *
 * All that a form needs: {"kind", "command", "options": [{"name", "letter", "type": "int" | "real" | "bool" | "choice"
 * | "text", "default", "min", "max", "unit", "choices", "help", "group", "may_change"}], "presets":
 * [{"name", "summary", "network", "width", "height", "settings": what it sets}]}. What an option has not is left out.
 *
 * Errors: %RV_ERROR_SETTING for an unknown kind. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API char *rv_settings_table_json (const char *kind, GError **error);

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/** RvSettings: a value for each option of a kind. All errors are %RV_ERROR_SETTING, of which rv_error_option() says
 * what option they are about; the settings are then as they were. */
typedef struct _RvSettings RvSettings;

/** rv_settings_new: (transfer full) (nullable): the defaults. Errors: an unknown kind. rv_settings_free:
 * NULL is fine. Since: 0.1 */
RV_API RvSettings *rv_settings_new (const char *kind, GError **error);
RV_API void rv_settings_free (RvSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSettings, rv_settings_free)

/** rv_settings_set: to @value as a user would type it, whatever the type; numbers are read in the C locale; "preset"
 * sets all to what that has. Errors: NULL for a name or a value, a name that there is not, a value out of range.
 * Since: 0.1 */
RV_API gboolean rv_settings_set (RvSettings *settings, const char *name, const char *value, GError **error);

/** rv_settings_get: (transfer full) (nullable): as a user would type it; "" when empty. _int, _real, _bool, _text: of
 * an option of that type (whole numbers are numbers, choices are texts); _text is borrowed until it is set again.
 * Errors, with NULL, 0 or FALSE: a name that there is not, another type. Since: 0.1 */
RV_API char *rv_settings_get (const RvSettings *settings, const char *name, GError **error);
RV_API gint64 rv_settings_get_int (const RvSettings *settings, const char *name, GError **error);
RV_API double rv_settings_get_real (const RvSettings *settings, const char *name, GError **error);
RV_API gboolean rv_settings_get_bool (const RvSettings *settings, const char *name, GError **error);
RV_API const char *rv_settings_get_text (const RvSettings *settings, const char *name, GError **error);

/** rv_settings_check: what no single option can tell, nor needs a network for: of the kind "picture" that `size` and
 * `height` or `width` do not go together, and what `bits` may be. Jobs check it before they begin. Errors: likewise.
 * Since: 0.1 */
RV_API gboolean rv_settings_check (const RvSettings *settings, GError **error);

/** rv_settings_to_json: (transfer full): all of them, a JSON object of names and values; 0 that stands for the
 * method's own choice is left out. Since: 0.1 */
RV_API char *rv_settings_to_json (const RvSettings *settings);

/** rv_settings_set_json: what the object @json names, "preset" first wherever it stands; values of JSON's own types, or
 * as texts that a user would type; null resets. All or nothing. Errors: as rv_settings_set(); %RV_ERROR_FORMAT for what
 * is no JSON object. Since: 0.1 */
RV_API gboolean rv_settings_set_json (RvSettings *settings, const char *json, GError **error);

G_END_DECLS
#endif
