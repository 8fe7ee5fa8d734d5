/* preview-none.c -- functions of preview.h in builds without libchafa: no previews. */
#include "cli/preview.h"

gboolean
preview_check (GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
               "this build shows no previews: libchafa was missing; --live writes a file");
  return FALSE;
}

void
preview_show (const RvImage *image)
{
}

void
preview_finish (void)
{
}
