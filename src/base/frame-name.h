/* frame-name.h -- names of numbered files: "out/%04d.png". Layer 0 (base). */
#pragma once

#include <reverie/text.h>

/* (transfer full): the name of frame @number, 0 or more: @pattern with its %d or %0Nd replaced. The caller has checked
 * rv_frame_is_pattern (@pattern). Cannot fail. */
char *rv__frame_name (const char *pattern, int number);
/* Frame number, 0 or more, of the file name @name, the inverse of rv__frame_name(). -1, without an error: @name does
 * not match @pattern, or @pattern is no pattern. Give both with their folder, or both without. Opens no file. */
int rv__frame_number (const char *pattern, const char *name);
/* (transfer full) (nullable): path of a file in the folder of @pattern whose name matches, in no order; NULL, without
 * an error: there is none, or the folder cannot be read. */
char *rv__frame_existing (const char *pattern);
