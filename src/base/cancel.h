/* cancel.h -- cancellation of long calls without a GCancellable argument.
 * Layer 0 (base). Such calls check the current cancellable of their thread. Programs, and jobs while they run, set it
 * with g_cancellable_push_current(). */
#pragma once

#include <gio/gio.h>
#include <reverie/error.h>

/* Whether the thread's current cancellable (g_cancellable_get_current()) is cancelled; FALSE without one. */
gboolean rv__is_cancelled (void);
/* FALSE and RV_ERROR_CANCELLED if the thread's current cancellable is cancelled; TRUE otherwise, and without one. */
gboolean rv__check_cancelled (GError **error);
/* Timeout for one wait, in ms: @left_ms, but at most 50 if the thread has a cancellable, to notice cancellation.
 * @left_ms: 0 or more. Does not wait. */
int rv__wait_ms (gint64 left_ms);
