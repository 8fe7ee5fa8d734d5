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

/* All ranks. Borrowed. */
RvCluster *rv__cluster_all (void);
/* This process as the only rank. Borrowed. */
RvCluster *rv__cluster_self (void);
/* The ranks that share the tiles of a picture: all, or only this one after rv__cluster_set_independent (TRUE).
 * Borrowed. */
RvCluster *rv__cluster_current (void);

/* Whether each rank works on items of its own from now on, or all ranks on the same picture. */
void rv__cluster_set_independent (gboolean items);

/* Joins the ranks of a launcher, if the environment shows that there is one. Once, before there are other threads.
 * Divides the cores and the memory of a machine among its ranks (rv__system_set_local_ranks()). RV_ERROR_BACKEND if the
 * MPI module is missing or cannot join. */
gboolean rv__cluster_init (GError **error);
/* Waits for all ranks at the end of the run. FALSE if some have not come within @patience_s seconds; 0: no limit. */
gboolean rv__cluster_leave (double patience_s);
/* Ends all ranks at once, with exit code @code. */
void rv__cluster_abort (int code);

/* Number of this rank, 0 .. size - 1. Rank 0 reads, prints and writes files. */
int rv__cluster_rank (const RvCluster *cluster);
int rv__cluster_size (const RvCluster *cluster);
/* Host name of @rank. Borrowed. */
const char *rv__cluster_host (const RvCluster *cluster, int rank);
/* Bytes sent and received by this rank so far. */
guint64 rv__cluster_bytes (const RvCluster *cluster);

/* ---- collective -------------------------------------------------------------------------------------------------- */

/* Copies @data of rank @from to all ranks. @bytes: equal on all. RV_ERROR_BACKEND. */
gboolean rv__cluster_broadcast (RvCluster *cluster, void *data, gsize bytes, int from, GError **error);
/* Sets *value to the minimum over all ranks, on all ranks. RV_ERROR_BACKEND. */
gboolean rv__cluster_min (RvCluster *cluster, guint64 *value, GError **error);
/* Waits until all ranks have called it. RV_ERROR_BACKEND. */
gboolean rv__cluster_barrier (RvCluster *cluster, GError **error);

/* Measures the link in a fraction of a second: broadcast bandwidth, duration of an empty message. Equal on all
 * ranks. */
gboolean rv__cluster_measure (RvCluster *cluster, double *bytes_per_s, double *message_s, GError **error);

/* Gathers @mine of all ranks on rank 0: *all (transfer full) has GBytes in the order of ranks. NULL on other ranks. For
 * small data. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
gboolean rv__cluster_gather (RvCluster *cluster, const void *mine, gsize bytes, GPtrArray **all, GError **error);

/* Buffers for one other rank. Sizes must match the other rank's. */
typedef struct {
  const void *out;
  void *in;
  gsize out_bytes, in_bytes;
} RvMessage;

/* Sends strips[r].out to each other rank r, and receives strips[r].in from it. @strips: by rank; this rank's is
 * ignored. RV_ERROR_BACKEND. */
gboolean rv__cluster_all_to_all (RvCluster *cluster, const RvMessage *strips, GError **error);

/* ---- sums, all-reduce in a fixed order --------------------------------------------------------------------------- */

/* A sum of vectors over numbered parts. Rank 0 adds them in the order of their numbers: same bits for any number of
 * ranks. */
typedef struct _RvClusterSum RvAllReduce;

/* (transfer full) (nullable): a sum of vectors of @n numbers. Rank r owns parts @first[r] .. @first[r + 1] - 1.
 * @single: parts travel as floats, which must be exact. RV_ERROR_MEMORY. */
RvAllReduce *rv__all_reduce_new (RvCluster *cluster, const int *first, gint64 n, gboolean single, GError **error);
/* Bytes of memory on the rank that needs most. */
gsize rv__all_reduce_bytes (const RvCluster *cluster, const int *first, gint64 n, gboolean single);
/* Bytes that rank 0 receives for each sum. */
gsize rv__all_reduce_traffic (const RvCluster *cluster, const int *first, gint64 n, gboolean single);
void rv__all_reduce_free (RvAllReduce *sum);
/* Makes each rank add its own parts, and then adds these sums in any order. Little travels, but the last digits depend
 * on the ranks. Before the first part. */
void rv__all_reduce_set_unordered (RvAllReduce *sum);
/* Adds this rank's next part, [n]. The parts come in the order of their numbers. */
void rv__all_reduce_add (RvAllReduce *sum, const double *part);
/* Writes the sum to @total, [n], on all ranks, and begins a new one. Collective. RV_ERROR_BACKEND. */
gboolean rv__all_reduce_finish (RvAllReduce *sum, double *total, GError **error);
/* The same, but only rank 0 gets @total, unless rv__all_reduce_set_unordered() was called. */
gboolean rv__all_reduce_finish_on_root (RvAllReduce *sum, double *total, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvAllReduce, rv__all_reduce_free)

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* Sets *item to the next of @n items, 0 .., for the rank that asks first; -1: none is left. A new round begins once
 * every rank got -1. Not collective. One thread of a rank at a time. RV_ERROR_BACKEND. */
gboolean rv__cluster_next_item (RvCluster *cluster, gint64 n, gint64 *item, GError **error);

#endif
