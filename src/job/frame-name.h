/* frame-name.h -- names of numbered files.
 * Layer 7 (job). */
#ifndef RV_FRAME_NAME_H
#define RV_FRAME_NAME_H

#include <glib.h>

/* rv__frame_is_pattern: whether @output is a name with one number in it, "%d" or "%04d". NULL is none. rv__frame_name:
 * (transfer full): such a name with its number. rv__frame_has_name: whether @name is one of those. */
gboolean rv__frame_is_pattern (const char *output);
char *rv__frame_name (const char *pattern, int number);
gboolean rv__frame_has_name (const char *pattern, const char *name);

#endif
