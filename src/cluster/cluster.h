/* cluster.h -- the processes that compute together: this one alone, or the ranks that a launcher such as mpirun has
 * started.
 * Layer 5 (cluster). May include: base.
 *
 * All ranks run the same program with the same settings. What is called collective here is called by all of them, in
 * the same order; with one rank it does what is left to do, and costs nothing. An error of any of it is the end of the
 * run: the others wait for this rank, until rv__cluster_abort() ends them. One thread at a time, but for
 * rv__cluster_next(). */
#ifndef RV_CLUSTER_H
#define RV_CLUSTER_H

#include <reverie/error.h>

typedef struct _RvCluster RvCluster;

/* rv__cluster_all: all that were started together. rv__cluster_self: this process as if there were no others.
 * rv__cluster_tiles: those that share the tiles of a picture that is begun now: all, or this process alone, while it
 * has items of its own (rv__cluster_deal()). Borrowed; never NULL. */
RvCluster *rv__cluster_all (void);
RvCluster *rv__cluster_self (void);
RvCluster *rv__cluster_tiles (void);

/* rv__cluster_deal: from now on, each rank begins pictures of its own; or, again, all of them the same. */
void rv__cluster_deal (gboolean items);

/* rv__cluster_join: joins those that a launcher has started, if its environment says that one has: before there are
 * other threads, once. RV_ERROR_BACKEND when the module for it is not there or cannot join.
 * The cores and the memory of a machine are then shared by its ranks (rv__system_share()).
 * rv__cluster_leave: the end of a run, once all have reached it; FALSE: they have not, within so many seconds (0:
 * however long it takes). rv__cluster_abort: ends all ranks at once, this one, too, with that exit code. */
gboolean rv__cluster_join (GError **error);
gboolean rv__cluster_leave (double patience_s);
void rv__cluster_abort (int code);

int rv__cluster_rank (const RvCluster *cluster); /* 0 ... size - 1; 0 reads, prints and writes for all */
int rv__cluster_size (const RvCluster *cluster);
const char *rv__cluster_host (const RvCluster *cluster, int rank);
guint64 rv__cluster_bytes (const RvCluster *cluster); /* that this rank has sent and received */

/* ---- collective -------------------------------------------------------------------------------------------------- */

/* rv__cluster_broadcast: @data of rank @from, to all. rv__cluster_least: *value is the least that a rank has.
 * rv__cluster_wait: until all are here. */
gboolean rv__cluster_broadcast (RvCluster *cluster, void *data, gsize bytes, int from, GError **error);
gboolean rv__cluster_least (RvCluster *cluster, guint64 *value, GError **error);
gboolean rv__cluster_wait (RvCluster *cluster, GError **error);

/* rv__cluster_measure: the link, in a fraction of a second: bytes that come to all a second, and how long a message
 * takes that has none. The same on all ranks. */
gboolean rv__cluster_measure (RvCluster *cluster, double *bytes_per_s, double *message_s, GError **error);

/* rv__cluster_gather: (transfer full): on rank 0 what each rank has, GBytes in the order of ranks, *all; on others *all
 * is NULL. Of summaries and the like. */
gboolean rv__cluster_gather (RvCluster *cluster, const void *mine, gsize bytes, GPtrArray **all, GError **error);

/* What goes to another rank, and what comes from it: both know how much. */
typedef struct {
  const void *out;
  void *in;
  gsize out_bytes, in_bytes;
} RvStrip;

/* rv__cluster_exchange: @strips: one for each rank; its own is left alone. */
gboolean rv__cluster_exchange (RvCluster *cluster, const RvStrip *strips, GError **error);

/* ---- sums -------------------------------------------------------------------------------------------------------- */

/* A sum of vectors over numbered parts, the same bits for any number of ranks: parts go to rank 0, which adds them in
 * the order of their numbers, and tells all. */
typedef struct _RvClusterSum RvClusterSum;

/* rv__cluster_sum_new: (transfer full) (nullable): of vectors of @n numbers. Rank r has the parts from @first[r] up to
 * @first[r + 1]. @single: parts are of numbers that a float holds, and travel as such. RV_ERROR_MEMORY. _bytes: that it
 * takes on the rank where it takes most. _traffic: bytes that rank 0 receives for each sum.
 * rv__cluster_sum_add: this rank's next part. rv__cluster_sum_end: collective: what all parts are together, into
 * @total; then it begins again. rv__cluster_sum_end_first: likewise, but rank 0 alone is told, unless it is fast. */
RvClusterSum *rv__cluster_sum_new (RvCluster *cluster, const int *first, gint64 n, gboolean single, GError **error);
gsize rv__cluster_sum_bytes (const RvCluster *cluster, const int *first, gint64 n, gboolean single);
gsize rv__cluster_sum_traffic (const RvCluster *cluster, const int *first, gint64 n, gboolean single);
void rv__cluster_sum_free (RvClusterSum *sum);
/* rv__cluster_sum_set_fast: before the first part: the parts of each rank are added up there, and then those sums in
 * any order: so little travels, and the last digits depend on the ranks. */
void rv__cluster_sum_set_fast (RvClusterSum *sum);
void rv__cluster_sum_add (RvClusterSum *sum, const double *part);
gboolean rv__cluster_sum_end (RvClusterSum *sum, double *total, GError **error);
gboolean rv__cluster_sum_end_first (RvClusterSum *sum, double *total, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvClusterSum, rv__cluster_sum_free)

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* rv__cluster_next: the next of @n items, 0 ..., for whoever asks first; -1: there are no more, which every rank must
 * have been told once before a new round begins. Not collective; one thread of a rank at a time. */
gboolean rv__cluster_next (RvCluster *cluster, gint64 n, gint64 *item, GError **error);

#endif
