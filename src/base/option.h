/* option.h -- settings as a struct and a table that describes it.
 * Layer 0 (base). The command line, --help, the man page, validation, forms and settings files are all made from the
 * table. Higher layers reach settings by name: base/settings.h. */
#pragma once

#include <reverie/settings.h>

/* One setting. A table ends with a row whose name is NULL. */
struct _RvOption {
  const char *name; /* typed after "--" */
  char letter;      /* typed after "-", or 0 */
  RvOptionType type;
  gsize offset; /* offset of the field: INT a gint64, REAL a double, BOOL a gboolean, CHOICE and TEXT a char *, owned by
                   the struct, NULL when empty */
  const char *def;                      /* default, as a user would type it; NULL: empty, 0 or off */
  double min, max;                      /* range of INT and REAL, both included */
  const char *unit;                     /* "px", "count", "LAYER:WEIGHT,..."; shown after the name in --help */
  const char *help;                     /* one line, no full stop; quotes the names of other options */
  const char *const *names;             /* choices of CHOICE, NULL-terminated; NULL: choices() returns them */
  const char *const *(*choices) (void); /* (nullable): returns choices of another table */
  const char *const *file_suffixes;     /* (nullable): CHOICE also takes names of files with one of these suffixes */
  const char *group;                    /* heading in a form, for this row and the following rows without a group */
  gboolean may_change;                  /* the value may change during a run */
  const char *old_name;                 /* (nullable): former name: read, never written or shown */
  const char *old_choice, *new_choice;  /* (nullable): former name of a choice, and the choice */
  /* (nullable): checks a TEXT that is not "". RV_ERROR_SETTING. */
  gboolean (*check) (const RvOption *option, const char *text, GError **error);
};

/* Value of RvOption.names: an array that ends with NULL. */
#define RV_NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* One setting by name; lists end with a row without a name. */
typedef struct {
  const char *option, *value;
} RvOptionValue;

/* (nullable): the row called @name (not NULL), now or formerly; NULL, without an error: none. Borrowed from @table. */
const RvOption *rv__option_find (const RvOption *table, const char *name);
/* (nullable): the row called @name, now or formerly. Borrowed from @table. NULL and RV_ERROR_SETTING, with the nearest
 * name, if there is none, or if @name is NULL. */
const RvOption *rv__option_require (const RvOption *table, const char *name, GError **error);

/* RvOption.check of a duration, by rv__text_parse_seconds(). */
gboolean rv__option_check_seconds (const RvOption *option, const char *text, GError **error);
/* RvOption.check of a size, by rv__text_parse_bytes(). */
gboolean rv__option_check_bytes (const RvOption *option, const char *text, GError **error);

/* Sets the field of option @name to @value (nullable: ""), as a user would type it; texts are copied, and the old text
 * is freed. Numbers are read in the C locale. After an error @settings is unchanged. */
gboolean rv__option_set (const RvOption *table, void *settings, const char *name, const char *value, GError **error);

/* (transfer full) (nullable): the field of @settings for the option @name, as a user would type it; numbers in the C
 * locale; "" for an empty text. NULL, without an error, only for an unknown name. */
char *rv__option_get (const RvOption *table, const void *settings, const char *name);

/* Sets the fields of @settings, a zeroed struct, that have a default; the others stay 0 or NULL. Free with
 * rv__option_clear(). Cannot fail. */
void rv__option_defaults (const RvOption *table, void *settings);
/* Frees the fields of type TEXT and CHOICE and sets them to NULL; numbers stay. Does not free the struct. */
void rv__option_clear (const RvOption *table, void *settings);

/* Copies all fields that @table describes from @from to @to, a zeroed struct, with copies of the texts; "" becomes
 * NULL. Free with rv__option_clear(). Cannot fail. */
void rv__option_copy (const RvOption *table, const void *from, void *to);

/* Index of @name (nullable) in @choices, NULL-terminated; 0 if it is not found, as for the first choice. */
int rv__choice (const char *const *choices, const char *name);
