/* share.h -- items that do not depend on each other, and who makes which: this process all of them; of ranks
 * (cluster.h) whoever asks first, what each made going to rank 0 in the end; or, where nobody talks to anybody, each
 * process its part. Layer 6 (method). */
#ifndef RV_SHARE_H
#define RV_SHARE_H

#include "cluster/cluster.h"

typedef struct _RvShare RvShare;

/* rv__share_parse: "3/8": part 3 of 8; NULL: the only one. RV_ERROR_SETTING about 'part'. */
gboolean rv__share_parse (const char *text, int *part, int *n_parts, GError **error);

/* rv__share_new: (transfer full): of @n items; @part: as rv__share_parse() takes it, or NULL. Where a launcher has
 * started several, collective, and each rank has its own pictures until rv__share_end(). */
RvShare *rv__share_new (gint64 n, const char *part, GError **error);
void rv__share_free (RvShare *share);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvShare, rv__share_free)

/* rv__share_is_dealt: whether other ranks make some of them. _next: the next that this process makes; -1: none is left.
 * _keep: what became of it (taken), for whoever asks; _end: collective, once: on rank 0 what became of all is there, on
 * others what they made. _result: borrowed; NULL: nobody made it. */
gboolean rv__share_is_dealt (const RvShare *share);
gboolean rv__share_next (RvShare *share, gint64 *item, GError **error);
void rv__share_keep (RvShare *share, gint64 item, GBytes *result);
gboolean rv__share_end (RvShare *share, GError **error);
GBytes *rv__share_result (const RvShare *share, gint64 item);

#endif
