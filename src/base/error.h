/* error.h -- sets errors, with the options that they are about. Layer 0 (base). */
#pragma once

#include <reverie/error.h>

/* Sets an error of @code about @options, which are copied: names separated by commas; NULL: none. rv_error_options()
 * returns them. @format has each name in single quotes, which the command line replaces by dashes. Does nothing if
 * @error is NULL. Always returns FALSE. */
gboolean rv__error_with_options (GError **error, RvError code, const char *options, const char *format, ...)
  G_GNUC_PRINTF (4, 5);
/* Sets an RV_ERROR_SETTING about @options, as rv__error_with_options(). Always FALSE. */
#define rv__error_setting(error, options, ...) rv__error_with_options (error, RV_ERROR_SETTING, options, __VA_ARGS__)
/* Sets an error about no option. Always FALSE: return rv__error_set (...). */
#define rv__error_set(error, code, ...) rv__error_with_options (error, code, NULL, __VA_ARGS__)
/* Calls a function that sets an error, for functions that return a pointer. Always NULL: return rv__null (...). */
#define rv__null(call) ((gpointer) ((call), NULL))
/* Moves @own (transfer full) to @error. Always FALSE: return rv__error_propagate (error, own). */
gboolean rv__error_propagate (GError **error, GError *own);
/* rv__error_set() for functions that return a pointer. Always NULL. */
#define rv__error_null(error, code, ...) rv__null (rv__error_set (error, code, __VA_ARGS__))

/* Makes @options, separated by commas, those of an RV_ERROR_SETTING from a lower layer without option names, replacing
 * any that it has; the message stays. Changes no other errors, and none if @error or @options is NULL. Always returns
 * FALSE. */
gboolean rv__error_set_option (GError **error, const char *options);

/* Replaces @option by @name, this kind of job's name for that option, in @error (nullable). Changes the message,
 * where @option stands in single quotes, and the options. Errors of other domains than RV_ERROR stay. */
void rv__error_rename (GError *error, const char *option, const char *name);
