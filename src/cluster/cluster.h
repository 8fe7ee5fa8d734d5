/* cluster.h -- processes that compute together: a single process, or the ranks that a launcher such as mpirun started.
 * Layer 5 (cluster). May include: base.
 *
 * All ranks run the same program with the same settings. Collective functions are called by all ranks, in the same
 * order; with one rank they cost almost nothing. An error ends the run: the other ranks wait for this one, until
 * rv__cluster_abort() ends them. Used by one thread at a time, except rv__cluster_next_item(). */
#ifndef RV_CLUSTER_H
#define RV_CLUSTER_H

#include <reverie/error.h>

typedef struct _RvCluster RvCluster;

/* All ranks of the launcher; without one, this process only. Borrowed. */
RvCluster *rv__cluster_all (void);
/* This process as the only rank, also under a launcher. Borrowed. */
RvCluster *rv__cluster_self (void);
/* Ranks that share the tiles of a picture: rv__cluster_self() after rv__cluster_set_independent (TRUE), else
 * rv__cluster_all(). Borrowed. Any thread. */
RvCluster *rv__cluster_current (void);

/* Selects rv__cluster_current(). TRUE: each rank has items of its own; FALSE: they share one picture. Any thread. */
void rv__cluster_set_independent (gboolean independent);

/* Joins the ranks of a launcher, if the environment shows that there is one; else does nothing. Once, before there are
 * other threads; repeated calls do nothing. Divides the cores and the memory of a machine among its ranks
 * (rv__system_set_local_ranks()). RV_ERROR_BACKEND if the MPI module is missing or cannot join. */
gboolean rv__cluster_init (GError **error);
/* Waits at the end of the run until all ranks have called it, then leaves MPI: this process is then the only rank.
 * FALSE without an error: some have not within @timeout_s seconds (0: no limit), or MPI failed. TRUE without a
 * launcher. */
gboolean rv__cluster_leave (double timeout_s);
/* Ends all ranks at once, this one included, with exit code @code. Without a launcher returns and does nothing. */
void rv__cluster_abort (int code);

/* Number of this rank, 0 .. size - 1. Rank 0 reads, prints and writes files. */
int rv__cluster_rank (const RvCluster *cluster);
/* Number of ranks, 1 or more. */
int rv__cluster_size (const RvCluster *cluster);
/* Host name of @rank; of this machine in a single process. Borrowed. */
const char *rv__cluster_host (const RvCluster *cluster, int rank);
/* Bytes that this rank has sent and received so far; 0 in a single process. */
guint64 rv__cluster_bytes (const RvCluster *cluster);

/* ---- collective -------------------------------------------------------------------------------------------------- */

/* Copies @data of rank @from to @data on all ranks. @bytes: equal on all. RV_ERROR_BACKEND. */
gboolean rv__cluster_broadcast (RvCluster *cluster, void *data, gsize bytes, int from, GError **error);
/* Replaces *value by the minimum over all ranks, on all ranks. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
gboolean rv__cluster_all_reduce_min (RvCluster *cluster, guint64 *value, GError **error);
/* Waits until all ranks have called it. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
gboolean rv__cluster_barrier (RvCluster *cluster, GError **error);

/* Measures the link in a fraction of a second. *bytes_per_s: bandwidth of a broadcast. *message_s: time of a broadcast
 * of one byte with its confirmation, s. Equal on all ranks. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
gboolean rv__cluster_measure_link (RvCluster *cluster, double *bytes_per_s, double *message_s, GError **error);

/* Gathers @mine of all ranks on rank 0, for small data; @bytes may differ. *all: (out) (transfer full) (nullable): a
 * GBytes for each rank, in order; NULL on other ranks and after an error. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
gboolean rv__cluster_gather (RvCluster *cluster, const void *mine, gsize bytes, GPtrArray **all, GError **error);

/* Buffers for one other rank. out_bytes must be in_bytes of the other rank. */
typedef struct {
  const void *out;
  void *in;
  gsize out_bytes, in_bytes;
} RvMessage;

/* Sends messages[r].out to each other rank r, and receives messages[r].in from it. @messages: by rank; this rank's is
 * ignored; empty ones are skipped. RV_ERROR_BACKEND. */
gboolean rv__cluster_all_to_all (RvCluster *cluster, const RvMessage *messages, GError **error);

/* ---- sums, all-reduce in a fixed order --------------------------------------------------------------------------- */

/* A sum of vectors over numbered parts. Rank 0 adds them in the order of their numbers: same bits for any number of
 * ranks. */
typedef struct _RvAllReduce RvAllReduce;

/* (transfer full) (nullable): a sum of vectors of @n numbers, 0 at first. Rank r owns parts @first[r] .. @first[r + 1]
 * - 1; @first is copied. @as_float: parts travel as floats, which must be exact. @cluster must outlive the result.
 * RV_ERROR_MEMORY. */
RvAllReduce *rv__all_reduce_new (RvCluster *cluster, const int *first, gint64 n, gboolean as_float, GError **error);
/* Bytes of the buffers of rv__all_reduce_new() on the rank that needs most. Cannot fail. */
gsize rv__all_reduce_bytes (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float);
/* Bytes that rank 0 receives for each sum, unless it is unordered. Cannot fail. */
gsize rv__all_reduce_traffic (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float);
/* NULL is allowed. */
void rv__all_reduce_free (RvAllReduce *sum);
/* Makes each rank add its own parts, and then adds these sums in any order, for all further sums. Little travels, but
 * the last digits depend on the ranks. Before the first part, on all ranks. */
void rv__all_reduce_set_unordered (RvAllReduce *sum);
/* Adds @part, [n], as this rank's next part, or copies it until rv__all_reduce_finish(). The parts come in the order of
 * their numbers, as many as the rank owns. Not collective. Cannot fail. */
void rv__all_reduce_add (RvAllReduce *sum, const double *part);
/* Writes the sum to @total, [n], on all ranks, and sets @sum to 0 for the next one. Collective, after all parts.
 * RV_ERROR_BACKEND. */
gboolean rv__all_reduce_finish (RvAllReduce *sum, double *total, GError **error);
/* Writes the sum to @total, [n], on rank 0, or on all ranks if it is unordered; elsewhere @total stays unchanged. Sets
 * @sum to 0 for the next one. Collective, after all parts. RV_ERROR_BACKEND. */
gboolean rv__all_reduce_finish_on_root (RvAllReduce *sum, double *total, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvAllReduce, rv__all_reduce_free)

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* Takes the next of @n items for this rank; each goes to the rank that asks first. *item: 0 .. @n - 1; -1: none is
 * left, and the next call begins a new round. Not collective. One thread of a rank at a time. RV_ERROR_BACKEND. */
gboolean rv__cluster_next_item (RvCluster *cluster, gint64 n, gint64 *item, GError **error);

#endif
