/* cancel.c -- cancellation through the thread's current cancellable. */
#include "base/cancel.h"
#include "base/error.h"

#define POLL_EVERY_MS 50

void
rv__cancellable_push (GCancellable *cancellable)
{
  if (cancellable)
    g_cancellable_push_current (cancellable);
}

void
rv__cancellable_pop (GCancellable *cancellable)
{
  if (cancellable)
    g_cancellable_pop_current (cancellable);
}

gboolean
rv__is_cancelled (void)
{
  return g_cancellable_is_cancelled (g_cancellable_get_current ());
}

gboolean
rv__check_cancelled (GError **error)
{
  return !rv__is_cancelled () || rv__error_set (error, RV_ERROR_CANCELLED, "cancelled");
}

int
rv__wait_ms (gint64 left_ms)
{
  return (int) MIN (left_ms, g_cancellable_get_current () ? POLL_EVERY_MS : G_MAXINT);
}
