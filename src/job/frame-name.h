/* frame-name.h -- names of numbered files.
 * Layer 7 (job). */
#ifndef RV_FRAME_NAME_H
#define RV_FRAME_NAME_H

#include <glib.h>

/* rv__frame_has_name: whether @name is one that rv_frame_name() makes of @pattern. */
gboolean rv__frame_has_name (const char *pattern, const char *name);

#endif
