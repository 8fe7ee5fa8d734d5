/* cluster.h -- processes that compute together: a single process, or the ranks that a launcher such as mpirun started.
 * Layer 5 (cluster). May include: base.
 *
 * All ranks run the same program with the same settings. Collective functions are called by all ranks, in the same
 * order; with one rank they cost almost nothing. An error ends the run: the other ranks wait for the failed rank, until
 * rv__cluster_abort() ends them. Used by one thread at a time, except rv__cluster_next_item() and functions for any
 * thread. */
#pragma once

#include <reverie/error.h>

typedef struct _RvCluster RvCluster;

/* All ranks of the launcher, from rv__cluster_init() to rv__cluster_leave(); otherwise this process only. Static. Any
 * thread. */
RvCluster *rv__cluster_all (void);
/* This process as the only rank, also under a launcher. Static. Any thread. */
RvCluster *rv__cluster_self (void);
/* Ranks that share the tiles of a picture: rv__cluster_self() after rv__cluster_set_independent (TRUE), else
 * rv__cluster_all(). Static. Any thread. */
RvCluster *rv__cluster_current (void);

/* Selects what rv__cluster_current() returns in this process. TRUE: each rank has items of its own; FALSE, the default:
 * they share one picture. Not collective. Any thread. */
void rv__cluster_set_independent (gboolean independent);

/* Joins the ranks of a launcher, if the environment shows one; else does nothing: TRUE. Every run that has joined ends
 * with rv__cluster_leave(). Call it once, before there are other threads; after success, later calls do nothing: TRUE.
 * Collective: waits for all ranks. Divides the cores and memory of a host among its ranks
 * (rv__system_set_local_ranks()). RV_ERROR_BACKEND if MPI fails. After an error this process is the only rank. */
gboolean rv__cluster_init (GError **error);
/* Waits at the end of the run until all ranks have called it, then leaves MPI: this process is then the only rank.
 * Collective. FALSE without an error: some ranks have not called it within @timeout_s seconds (0: no limit), or MPI
 * failed; this rank then stays joined. TRUE at once without a launcher. */
gboolean rv__cluster_leave (double timeout_s);
/* Ends all ranks at once, this one included, with exit code @code, and does not return. Without a launcher returns and
 * does nothing. Not collective: one rank calls it. Any thread. */
void rv__cluster_abort (int code);

/* Number of this process in @cluster, 0 .. size - 1; 0 in a single process. Rank 0 reads, prints and writes files. */
int rv__cluster_rank (const RvCluster *cluster);
/* Number of ranks of @cluster, 1 or more. */
int rv__cluster_size (const RvCluster *cluster);
/* Host name of @rank, 0 .. size - 1, never NULL; of this machine, for any @rank, if @cluster is rv__cluster_self(). Not
 * collective. Borrowed until rv__cluster_leave(). */
const char *rv__cluster_host (const RvCluster *cluster, int rank);
/* Bytes that this rank has sent and received so far, a broadcast counted once, without messages of
 * rv__cluster_next_item(); 0 in a single process. */
guint64 rv__cluster_bytes (const RvCluster *cluster);

/* ---- collective -------------------------------------------------------------------------------------------------- */

/* Copies @data of rank @from to @data on all ranks. @bytes and @from: equal on all. Collective, blocking; @data is
 * undefined after an error. RV_ERROR_BACKEND if MPI fails. */
gboolean rv__cluster_broadcast (RvCluster *cluster, void *data, gsize bytes, int from, GError **error);
/* Replaces *value by the minimum over all ranks, on all ranks. Collective, blocking. After an error *value is
 * undefined. */
gboolean rv__cluster_all_reduce_min (RvCluster *cluster, guint64 *value, GError **error);
/* Waits until all ranks have called it. Collective. */
gboolean rv__cluster_barrier (RvCluster *cluster, GError **error);

/* Measures the connection between the ranks in a fraction of a second. *bytes_per_s: bandwidth of a broadcast.
 * *message_s: time of a broadcast of one byte with its confirmation, s. Equal on all ranks, meaningless after an error.
 * Collective. */
gboolean rv__cluster_measure_link (RvCluster *cluster, double *bytes_per_s, double *message_s, GError **error);

/* Gathers @mine, [bytes], of all ranks on rank 0, for small data; @bytes may differ or be 0. *all: (out) (transfer
 * full) (nullable): a GBytes for each rank, in order, that the array frees; NULL on other ranks (TRUE) and after an
 * error. Collective, blocking. RV_ERROR_MEMORY, on all ranks, if rank 0 lacks memory for all. */
gboolean rv__cluster_gather (RvCluster *cluster, const void *mine, gsize bytes, GPtrArray **all, GError **error);

/* Sends @data to rank @to, which receives as many bytes from this rank; blocking. RV_ERROR_BACKEND if MPI fails. */
gboolean rv__cluster_send (RvCluster *cluster, const void *data, gsize bytes, int to, GError **error);
/* Receives @data from rank @from, which sends as many bytes to this rank; blocking. In a single process does
 * nothing: TRUE. RV_ERROR_BACKEND if MPI fails; @data is then undefined. */
gboolean rv__cluster_receive (RvCluster *cluster, void *data, gsize bytes, int from, GError **error);

/* ---- sums, all-reduce in a fixed order --------------------------------------------------------------------------- */

/* A sum of vectors over numbered parts. Rank 0 adds them in the order of their numbers: same bits for any number of
 * ranks. */
typedef struct _RvAllReduce RvAllReduce;

/* (transfer full) (nullable): a sum, 0 at first, of parts, vectors of @n numbers; free with rv__all_reduce_free(). Rank
 * r owns parts first[r] .. first[r + 1] - 1; @first, [size + 1], is copied. @as_float: parts are sent as floats, which
 * must represent their numbers exactly. @cluster must outlive the result. Not collective. */
RvAllReduce *rv__all_reduce_new (RvCluster *cluster, const int *first, gint64 n, gboolean as_float, GError **error);
/* Bytes of the buffers of rv__all_reduce_new() with the same arguments, on the rank with the largest ones. Not
 * collective. Cannot fail. */
gsize rv__all_reduce_bytes (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float);
/* Bytes of parts that rank 0 receives for each sum of rv__all_reduce_new() with the same arguments, in order (not after
 * rv__all_reduce_set_unordered()). Not collective. Cannot fail. */
gsize rv__all_reduce_traffic (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float);
/* Frees @sum and its buffers, not its cluster. Does nothing for NULL. Not collective. */
void rv__all_reduce_free (RvAllReduce *sum);
/* Makes each rank add its own parts first; rv__all_reduce_finish() then adds the sums of the ranks in any order. Few
 * bytes are sent, but the last digits depend on the number of ranks. Holds for all later sums of @sum. Call it on all
 * ranks, before the first part; does not communicate. Cannot fail. */
void rv__all_reduce_set_unordered (RvAllReduce *sum);
/* Adds @part, [n], as this rank's next part: at once on rank 0 or if unordered, else stores a copy until the sum is
 * finished. The parts come in the order of their numbers, exactly as many as the rank owns (not checked). Not
 * collective. Cannot fail. */
void rv__all_reduce_add (RvAllReduce *sum, const double *part);
/* Writes the sum to @total, [n], on all ranks, and sets @sum to 0 for the next one. Collective, blocking, after all
 * parts. After an error @sum can only be freed. */
gboolean rv__all_reduce_finish (RvAllReduce *sum, double *total, GError **error);
/* Writes the sum to @total, [n], on rank 0, or on all ranks if it is unordered; elsewhere @total stays unchanged. Sets
 * @sum to 0 for the next one. Collective, blocking, after all parts. After an error @sum can only be freed. */
gboolean rv__all_reduce_finish_on_root (RvAllReduce *sum, double *total, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvAllReduce, rv__all_reduce_free)

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* Assigns the next of @n items (equal on all ranks; 0 ends this rank's round) to this rank; each goes to the rank that
 * requests it first. *item: 0 .. @n - 1; -1: none is left, and this rank's next call begins a new round. Not
 * collective, but waits for the answer of rank 0, which answers from its own first call on. One thread of a rank at a
 * time. RV_ERROR_BACKEND if MPI fails. */
gboolean rv__cluster_next_item (RvCluster *cluster, gint64 n, gint64 *item, GError **error);
