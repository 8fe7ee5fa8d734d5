/* cancel.h -- cancellation of long calls.
 * Layer 0 (base). They check the current cancellable of their thread. Programs, and jobs while they run, set it with
 * g_cancellable_push_current(). Threads of a parallel loop have none: the loop gets it before (RvConvArgs). */
#pragma once

#include <gio/gio.h>
#include <reverie/error.h>

/* Makes @cancellable the thread's current one; NULL: does nothing. End with rv__cancellable_pop (@cancellable). */
void rv__cancellable_push (GCancellable *cancellable);
/* Restores the cancellable from before rv__cancellable_push (@cancellable). */
void rv__cancellable_pop (GCancellable *cancellable);
/* Whether the thread's current cancellable (g_cancellable_get_current()) is cancelled; FALSE without one. */
gboolean rv__is_cancelled (void);
/* FALSE and RV_ERROR_CANCELLED if the thread's current cancellable is cancelled; TRUE otherwise, and without one. */
gboolean rv__check_cancelled (GError **error);
/* Timeout for one wait, in ms, of @left_ms that are left, 0 or more: at most 50 if the thread has a cancellable, so
 * that the caller notices a cancellation; at most G_MAXINT. Does not wait. */
int rv__wait_ms (gint64 left_ms);
