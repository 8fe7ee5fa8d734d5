/* error.h -- errors about settings.
 * Layer 0 (base). */
#ifndef RV_BASE_ERROR_H
#define RV_BASE_ERROR_H

#include <reverie/error.h>

/* rv__error_about: an error about @options: names parted by commas, NULL: none. The message has each in single quotes,
 * in whose place a command line puts its dashes. rv__error_setting: %RV_ERROR_SETTING. */
void rv__error_about (GError **error, RvError code, const char *options, const char *format, ...) G_GNUC_PRINTF (4, 5);
#define rv__error_setting(error, options, ...) rv__error_about (error, RV_ERROR_SETTING, options, __VA_ARGS__)

/* rv__error_found_in: a lower layer, which knows no options, has refused what stands in the value of @option (nullable:
 * in none): the error is about that. Returns FALSE. */
gboolean rv__error_found_in (GError **error, const char *option);

/* rv__error_rename: @error (nullable) is about the option @name where it said @option, which this kind of job lacks. */
void rv__error_rename (GError *error, const char *option, const char *name);

#endif
