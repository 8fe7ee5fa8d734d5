/* frame-name.h -- names of numbered files: "out/%04d.png".
 * Layer 0 (base). */
#ifndef RV_FRAME_NAME_H
#define RV_FRAME_NAME_H

#include <reverie/text.h>

/* rv__frame_name: (transfer full): a name of which rv_frame_is_pattern() is true, with its number. rv__frame_number:
 * the number that rv__frame_name() makes @name of @pattern with; -1: it makes it with none. rv__frame_existing:
 * (transfer full) (nullable): one of the files that are called so. */
char *rv__frame_name (const char *pattern, int number);
int rv__frame_number (const char *pattern, const char *name);
char *rv__frame_existing (const char *pattern);

#endif
