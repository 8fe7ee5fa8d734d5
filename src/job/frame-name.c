/* frame-name.c -- names of numbered files, as others have them. */
#include "base/frame-name.h"
#include <reverie/job.h>

gboolean
rv_frame_is_pattern (const char *output)
{
  return rv__frame_is_pattern (output);
}
