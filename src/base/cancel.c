/* cancel.c -- cancellation through the thread's current cancellable. */
#include "base/cancel.h"

#define POLL_EVERY_MS 50

gboolean
rv__is_cancelled (void)
{
  return g_cancellable_is_cancelled (g_cancellable_get_current ());
}

gboolean
rv__check_cancelled (GError **error)
{
  if (!rv__is_cancelled ())
    return TRUE;
  g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "cancelled");
  return FALSE;
}

int
rv__wait_ms (gint64 left_ms)
{
  return (int) MIN (left_ms, g_cancellable_get_current () ? POLL_EVERY_MS : G_MAXINT);
}
