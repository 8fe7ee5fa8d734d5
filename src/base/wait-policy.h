/* wait-policy.h -- whether idle threads spin or sleep, by the load of the machine.
 * Layer 0 (base). Threads that wait at the end of a parallel loop spin for some milliseconds, which is fastest if each
 * has a core of its own. If another program uses one of the cores, a spinning thread takes the time of the thread that
 * it waits for. libgomp reads its settings when it is loaded, so a library cannot set them. But libgomp hardly spins if
 * OpenMP has more threads than processors (its manual, GOMP_SPINCOUNT). So extra threads sleep here while the machine
 * is crowded. Results do not depend on the policy. */
#pragma once

#include <glib.h>

typedef struct _RvWaitPolicy RvWaitPolicy;

/* (transfer full): the policy for parallel loops on @n_threads threads. At first, waiting threads spin. Free with
 * rv__wait_policy_free(). Starts no thread. Cannot fail. */
RvWaitPolicy *rv__wait_policy_new (int n_threads);
/* Ends the threads of the policy, waits for that, and frees it. Does nothing for NULL. */
void rv__wait_policy_free (RvWaitPolicy *wait_policy);

/* Updates the policy; call it often, between parallel loops, from one thread at a time. @now_us: monotonic clock,
 * microseconds. Every 0.1 s it measures how long threads waited for a core, and lets them spin or sleep from then on.
 * Returns TRUE if waiting threads now sleep. If nothing can be measured or no thread started, or with one thread, they
 * spin. Cannot fail. */
gboolean rv__wait_policy_update (RvWaitPolicy *wait_policy, gint64 now_us);
