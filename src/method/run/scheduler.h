/* scheduler.h -- items that do not depend on each other, and who makes which: this process all of them; of ranks
 * (cluster.h) whoever asks first, what each made going to rank 0 in the end; or, where nobody talks to anybody, each
 * process its part. Layer 6 (method). */
#ifndef RV_SCHEDULER_H
#define RV_SCHEDULER_H

#include "cluster/cluster.h"

typedef struct _RvShare RvScheduler;

/* rv__shard_parse: "3/8": part 3 of 8; NULL: the only one. RV_ERROR_SETTING about 'part'. */
gboolean rv__shard_parse (const char *text, int *part, int *n_parts, GError **error);

/* rv__scheduler_new: (transfer full): of @n items; @part: as rv__shard_parse() takes it, or NULL. Where a launcher has
 * started several, collective, and each rank has its own pictures until rv__scheduler_gather(). */
RvScheduler *rv__scheduler_new (gint64 n, const char *part, GError **error);
void rv__scheduler_free (RvScheduler *scheduler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvScheduler, rv__scheduler_free)

/* rv__scheduler_is_distributed: whether other ranks make some of them. _next: the next that this process makes; -1:
 * none is left. _keep: what became of it (taken), for whoever asks; _end: collective, once: on rank 0 what became of
 * all is there, on others what they made. _result: borrowed; NULL: nobody made it. */
gboolean rv__scheduler_is_distributed (const RvScheduler *scheduler);
gboolean rv__scheduler_next (RvScheduler *scheduler, gint64 *item, GError **error);
void rv__scheduler_set_result (RvScheduler *scheduler, gint64 item, GBytes *result);
gboolean rv__scheduler_gather (RvScheduler *scheduler, GError **error);
GBytes *rv__scheduler_result (const RvScheduler *scheduler, gint64 item);

#endif
