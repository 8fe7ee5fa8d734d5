/* scheduler.h -- distribution of independent items. A single process makes all, or those of its shard. With ranks
 * (cluster.h), the next item goes to the rank that asks first, and rank 0 collects the results. Layer 6 (method). */
#ifndef RV_SCHEDULER_H
#define RV_SCHEDULER_H

#include "cluster/cluster.h"

typedef struct _RvScheduler RvScheduler;

/* Parses "3/8", shard 3 of 8, into *part (from 1) and *n_parts. @text NULL: 1 of 1. RV_ERROR_SETTING about 'part'; both
 * are unchanged then. */
gboolean rv__shard_parse (const char *text, int *part, int *n_parts, GError **error);

/* A scheduler of @n items. (transfer full) (nullable). @part: as for rv__shard_parse(), or NULL; ignored with several
 * ranks. With these it is a barrier, and each rank computes its pictures independently until rv__scheduler_gather() or
 * rv__scheduler_free(). RV_ERROR_SETTING for a wrong @part; RV_ERROR_BACKEND. */
RvScheduler *rv__scheduler_new (gint64 n, const char *part, GError **error);
/* Frees @scheduler (nullable) and its results. Without an earlier rv__scheduler_gather(), ends the independence of the
 * ranks. */
void rv__scheduler_free (RvScheduler *scheduler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvScheduler, rv__scheduler_free)

/* Whether the items are distributed over ranks. */
gboolean rv__scheduler_is_distributed (const RvScheduler *scheduler);
/* Sets *item, from 0, to the next item of this process, or to -1 when none is left. With ranks, requests it from rank
 * 0. FALSE: the ranks could not communicate; *item is -1. */
gboolean rv__scheduler_next (RvScheduler *scheduler, gint64 *item, GError **error);
/* Stores the result of @item, and frees an earlier one. @result: (transfer full). */
void rv__scheduler_set_result (RvScheduler *scheduler, gint64 item, GBytes *result);
/* Collects the results of all ranks on rank 0; the others keep only their own. Ends the independence of the ranks.
 * Collective: waits until all items are assigned. Without ranks, or the second time, does nothing. RV_ERROR_BACKEND. */
gboolean rv__scheduler_gather (RvScheduler *scheduler, GError **error);
/* Result of @item. Borrowed. NULL: none was stored, or another rank has it. */
GBytes *rv__scheduler_result (const RvScheduler *scheduler, gint64 item);

#endif
