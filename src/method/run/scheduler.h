/* scheduler.h -- distribution of independent items. A single process makes all, or those of its shard. With ranks
 * (cluster.h), the next item goes to the rank that requests it first, and rank 0 collects the results. Layer 6
 * (method). */
#pragma once

#include "cluster/cluster.h"

/* Items that are distributed, and their results. */
typedef struct _RvScheduler RvScheduler;

/* Parses "3/8", shard 3 of 8 (up to 100000), into *part (from 1) and *n_parts. @text NULL: 1 of 1. RV_ERROR_SETTING
 * about 'part', with both unchanged. */
gboolean rv__shard_parse (const char *text, int *part, int *n_parts, GError **error);

/* A scheduler of items 0 to @n - 1. (transfer full) (nullable). @part: the shard of a single process, text of
 * rv__shard_parse(); NULL: all items. With several ranks, @part is only checked, and the call is a barrier. Each rank
 * then computes pictures independently until rv__scheduler_gather() or _free(). */
RvScheduler *rv__scheduler_new (gint64 n, const char *part, GError **error);
/* Frees @scheduler (nullable) and its results. Ends the independence of this rank unless rv__scheduler_gather() did.
 * Not collective. */
void rv__scheduler_free (RvScheduler *scheduler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvScheduler, rv__scheduler_free)

/* Whether there are several ranks, to which the items are distributed; FALSE: a single process. */
gboolean rv__scheduler_is_distributed (const RvScheduler *scheduler);
/* Sets *item, from 0, to the next item of this process, or to -1 when none is left, also in later calls. With ranks,
 * requests it from rank 0. After an error, *item is undefined, and later calls give -1. */
gboolean rv__scheduler_next (RvScheduler *scheduler, gint64 *item, GError **error);
/* Stores @result (transfer full) of @item, a number that rv__scheduler_next() has set. Releases an earlier result. */
void rv__scheduler_set_result (RvScheduler *scheduler, gint64 item, GBytes *result);
/* Collects the results of all ranks on rank 0; the others keep only their own. Items that no rank has requested yet
 * stay undone. Ends the independence of the ranks. Collective: waits for all ranks. Without ranks, or the second time,
 * does nothing. */
gboolean rv__scheduler_gather (RvScheduler *scheduler, GError **error);
/* Result of @item, 0 to n - 1. Borrowed, until it is set again. NULL: none was stored, or another rank has it. */
GBytes *rv__scheduler_result (const RvScheduler *scheduler, gint64 item);
