/* option.h -- what settings made from an option table share: presets and copies.
 * Layer 0 (base). */
#ifndef RV_BASE_OPTION_H
#define RV_BASE_OPTION_H

#include <reverie/option.h>

/* One setting by name; lists of them end with a row without a name. */
typedef struct {
  const char *option, *value;
} RvOptionValue;

/* rv__option_set_all: a preset over what is set. RV_ERROR_SETTING. */
gboolean rv__option_set_all (const RvOption *table, void *settings, const RvOptionValue *values, GError **error);

/* rv__option_check: every field as rv_option_set() would take it: a program may have written what it liked. 0 is taken
 * where @table has no default. RV_ERROR_SETTING. */
gboolean rv__option_check (const RvOption *table, const void *settings, GError **error);

/* rv__option_copy: all that @table describes, as it is, into settings that are zero. */
void rv__option_copy (const RvOption *table, const void *from, void *to);

/* rv__choice: the place of @name among @choices; 0 when it is not there. */
int rv__choice (const char *const *choices, const char *name);

#endif
