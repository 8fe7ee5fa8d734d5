/* frame-name.h -- names of numbered files: "out/%04d.png".
 * Layer 0 (base). */
#ifndef RV_FRAME_NAME_H
#define RV_FRAME_NAME_H

#include <glib.h>

/* rv__frame_is_pattern: whether @name (nullable) has one number in it, "%d" or "%04d". rv__frame_name: (transfer full):
 * such a name with its number. rv__frame_number: the number that rv__frame_name() makes @name of @pattern with; -1: it
 * makes it with none. rv__frame_existing: (transfer full) (nullable): one of the files that are called so. */
gboolean rv__frame_is_pattern (const char *name);
char *rv__frame_name (const char *pattern, int number);
int rv__frame_number (const char *pattern, const char *name);
char *rv__frame_existing (const char *pattern);

#endif
