/* option.h -- settings as a struct and a table beside it, written once.
 * Layer 0 (base). The command line, --help, the man page, validation and settings files all come from the table. */
#ifndef RV_OPTION_H
#define RV_OPTION_H

#include <reverie/error.h>
G_BEGIN_DECLS

typedef enum {
  RV_OPTION_INT,    /* the field is a gint64 */
  RV_OPTION_REAL,   /* a double; NaN and infinity are refused */
  RV_OPTION_BOOL,   /* a gboolean; "--name" and "--no-name" */
  RV_OPTION_CHOICE, /* a char *, one of .choices */
  RV_OPTION_TEXT,   /* a char *, owned by the settings; NULL when empty */
} RvOptionType;

/** RvOption: one setting. A table of them ends with a row whose name is NULL. */
typedef struct {
  const char *name; /* as typed after "--" */
  char letter;      /* as typed after "-", or 0 */
  RvOptionType type;
  gsize offset;                         /* of the field in the settings struct */
  const char *def;                      /* the default, as a user would type it; NULL: empty, 0 or off */
  double min, max;                      /* of INT and REAL, both included */
  const char *unit;                     /* "px", "count", "LAYER:WEIGHT,..."; shown after the name in --help */
  const char *help;                     /* one line, no full stop */
  const char *const *(*choices) (void); /* of CHOICE: NULL-terminated names */
} RvOption;

/** rv_option_find: The row called @name, or NULL. Borrowed. Since: 0.1 */
RV_API const RvOption *rv_option_find (const RvOption *table, const char *name);

/**
 * rv_option_set:
 * @settings: the struct the table describes
 * @name:     a row's name
 * @value:    (nullable): as a user would type it; numbers are read in the C locale; NULL is ""
 *
 * Errors: %RV_ERROR_SETTING, with the nearest valid name or the range. On error @settings is untouched.
 * Returns: whether the field was set. Since: 0.1
 */
RV_API gboolean rv_option_set (const RvOption *table, void *settings, const char *name, const char *value,
                               GError **error);

/** rv_option_get: (transfer full): the field as a user would type it; "" when empty. NULL only for an unknown name.
 * Since: 0.1 */
RV_API char *rv_option_get (const RvOption *table, const void *settings, const char *name);

/** rv_option_defaults: Sets every field of a zeroed struct to its default. Can't fail. Since: 0.1 */
RV_API void rv_option_defaults (const RvOption *table, void *settings);

/** rv_option_clear: Frees the text fields. Can't fail. Since: 0.1 */
RV_API void rv_option_clear (const RvOption *table, void *settings);

G_END_DECLS
#endif
