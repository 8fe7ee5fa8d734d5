/* option.h -- settings as a struct and a table beside it, written once.
 * Layer 0 (base). The command line, --help, the man page, validation, forms and settings files all come from the table.
 * Others reach settings by name: base/settings.h. */
#ifndef RV_BASE_OPTION_H
#define RV_BASE_OPTION_H

#include <reverie/settings.h>

/* RvOption: one setting. A table of them ends with a row whose name is NULL. */
struct _RvOption {
  const char *name; /* as typed after "--" */
  char letter;      /* as typed after "-", or 0 */
  RvOptionType type;
  gsize offset;    /* of the field: INT a gint64, REAL a double, BOOL a gboolean, CHOICE and TEXT a char *, owned by the
                      struct, NULL when empty */
  const char *def; /* the default, as a user would type it; NULL: empty, 0 or off */
  double min, max; /* of INT and REAL, both included */
  const char *unit;                     /* "px", "count", "LAYER:WEIGHT,..."; shown after the name in --help */
  const char *help;                     /* one line, no full stop; quotes the names of other options */
  const char *const *(*choices) (void); /* of CHOICE: NULL-terminated names */
  const char *group;                    /* heading in a form of this row and those after it without one */
  gboolean may_change;                  /* while a run is under way */
};

/* One setting by name; lists of them end with a row without a name. */
typedef struct {
  const char *option, *value;
} RvOptionValue;

/* rv__option_find: the row called @name, or NULL. Borrowed. _or_say: RV_ERROR_SETTING with the nearest name. */
const RvOption *rv__option_find (const RvOption *table, const char *name);
const RvOption *rv__option_find_or_say (const RvOption *table, const char *name, GError **error);

/* rv__option_set: @value (nullable: "") as a user would type it; numbers are read in the C locale. RV_ERROR_SETTING,
 * with the nearest valid name or the range; @settings is then untouched. */
gboolean rv__option_set (const RvOption *table, void *settings, const char *name, const char *value, GError **error);

/* rv__option_set_all: a preset over what is set. RV_ERROR_SETTING. */
gboolean rv__option_set_all (const RvOption *table, void *settings, const RvOptionValue *values, GError **error);

/* rv__option_get: (transfer full): the field as a user would type it; "" when empty. NULL only for an unknown name. */
char *rv__option_get (const RvOption *table, const void *settings, const char *name);

/* rv__option_defaults: every field of a zeroed struct becomes its default. rv__option_clear: frees the text fields. */
void rv__option_defaults (const RvOption *table, void *settings);
void rv__option_clear (const RvOption *table, void *settings);

/* rv__option_copy: all that @table describes, as it is, into settings that are zero. */
void rv__option_copy (const RvOption *table, const void *from, void *to);

/* rv__choice: the place of @name among @choices; 0 when it is not there. */
int rv__choice (const char *const *choices, const char *name);

#endif
