/* error.h -- errors about one setting.
 * Layer 0 (base). */
#ifndef RV_BASE_ERROR_H
#define RV_BASE_ERROR_H

#include <reverie/error.h>

/* rv__error_setting: RV_ERROR_SETTING about @option, for rv_error_option(). A message that is about nothing else begins
 * with its name, before which a command line puts its dashes. */
void rv__error_setting (GError **error, const char *option, const char *format, ...) G_GNUC_PRINTF (3, 4);

#endif
