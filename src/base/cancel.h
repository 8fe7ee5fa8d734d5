/* cancel.h -- long calls that nobody hands a GCancellable: they look at the current one of their thread, which a
 * program pushes (g_cancellable_push_current()), and a job for as long as it runs.
 * Layer 0 (base). */
#ifndef RV_CANCEL_H
#define RV_CANCEL_H

#include <gio/gio.h>
#include <reverie/error.h>

/* rv__is_cancelled: whether the thread's current cancellable is. rv__go_on: FALSE and %RV_ERROR_CANCELLED where it is.
 * rv__wait_ms: of @left_ms, how long to wait for something before that is asked again. */
gboolean rv__is_cancelled (void);
gboolean rv__go_on (GError **error);
int rv__wait_ms (gint64 left_ms);

#endif
