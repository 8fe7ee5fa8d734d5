/* frame-name.h -- names of numbered files: "out/%04d.png". Layer 0 (base). */
#ifndef RV_FRAME_NAME_H
#define RV_FRAME_NAME_H

#include <reverie/text.h>

/* (transfer full): the name of frame @number. rv_frame_is_pattern (@pattern) must hold. */
char *rv__frame_name (const char *pattern, int number);
/* Frame number of @name, 0 or more, the inverse of rv__frame_name(); -1: @name does not match. Both with folder, or
 * both without. */
int rv__frame_number (const char *pattern, const char *name);
/* (transfer full) (nullable): path of any one file in the folder of @pattern whose name matches; NULL: none, or no such
 * folder. */
char *rv__frame_existing (const char *pattern);

#endif
