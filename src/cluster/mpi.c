/* mpi.c -- cluster of MPI ranks: the modules libreverie-mpi.so, and libreverie-mpich.so for MPICH.
 *
 * Waiting polls MPI at growing intervals, and sleeps in between, so that other ranks on the same core and other threads
 * of this rank can work. A lock protects MPI calls, because rank 0 assigns items on a thread of its own. Calls no
 * function of the library (cluster/class.h). */
#include "cluster/class.h"
#include <mpi.h>
#include <sched.h>

#define MAX_BYTES (1 << 30) /* longest message: MPI counts with int */
#define SPINS 200           /* polls in a row, before the first sched_yield() */
#define YIELDS 2000
#define LONGEST_SLEEP_US 500
#define SERVER_SLEEP_US 2000 /* between two polls for requests of items */

enum { TAG_MESSAGE = 1, TAG_REQUEST, TAG_ITEM };

typedef struct {
  gint64 round, n;
} ItemRequest;

typedef struct {
  GMutex lock;
  MPI_Comm comm, items;   /* communicators: collective calls; items */
  gint64 round;           /* round of items, on this rank */
  GThread *item_server;   /* thread of rank 0, from its first item on; else NULL */
  gint ended;             /* atomic: the item server must return */
  GHashTable *n_assigned; /* rank 0: number of assigned items, by round; protected by `lock` */
} Mpi;

/* TRUE for MPI_SUCCESS; else FALSE, with MPI's text in cluster->error_text. */
static gboolean
check_mpi (RvCluster *cluster, int code)
{
  char text[MPI_MAX_ERROR_STRING];
  int length;
  if (code == MPI_SUCCESS)
    return TRUE;
  MPI_Error_string (code, text, &length);
  g_snprintf (cluster->error_text, sizeof cluster->error_text, "MPI: %s", text);
  return FALSE;
}

/* Waits until all @n requests are done, or for @timeout_s seconds; 0: no limit. FALSE: a timeout, which leaves the
 * requests running and error_text unchanged, or an MPI error, in error_text. */
static gboolean
wait_all (RvCluster *cluster, int n, MPI_Request *requests, double timeout_s)
{
  Mpi *mpi = cluster->impl;
  gulong sleep_us = 1;
  gint64 until_us = timeout_s > 0 ? g_get_monotonic_time () + (gint64) (timeout_s * G_USEC_PER_SEC) : G_MAXINT64;
  for (int tries = 0;; tries++) {
    int done, code;
    g_mutex_lock (&mpi->lock);
    code = MPI_Testall (n, requests, &done, MPI_STATUSES_IGNORE);
    g_mutex_unlock (&mpi->lock);
    if (code != MPI_SUCCESS || done)
      return check_mpi (cluster, code);
    if (g_get_monotonic_time () > until_us)
      return FALSE;
    if (tries > SPINS + YIELDS) {
      g_usleep (sleep_us);
      sleep_us = MIN (2 * sleep_us, LONGEST_SLEEP_US);
    } else if (tries > SPINS)
      sched_yield ();
  }
}

/* RvClusterClass.join. Starts MPI and sets rank and size from MPI_COMM_WORLD, and `impl`. FALSE, with error_text: MPI
 * runs already, does not start, lacks MPI_THREAD_SERIALIZED, or fails to duplicate a communicator; nothing is undone.
 */
static gboolean
join (RvCluster *cluster)
{
  int has, here;
  MPI_Initialized (&here);
  if (here || MPI_Init_thread (NULL, NULL, MPI_THREAD_SERIALIZED, &has) != MPI_SUCCESS || has < MPI_THREAD_SERIALIZED) {
    g_strlcpy (cluster->error_text,
               here ? "MPI already runs in this process"
                    : "this MPI does not support MPI_THREAD_SERIALIZED; use another one",
               sizeof cluster->error_text);
    return FALSE;
  }
  Mpi *mpi = cluster->impl = g_new0 (Mpi, 1);
  g_mutex_init (&mpi->lock);
  mpi->n_assigned = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  if (!check_mpi (cluster, MPI_Comm_dup (MPI_COMM_WORLD, &mpi->comm)) ||
      !check_mpi (cluster, MPI_Comm_dup (MPI_COMM_WORLD, &mpi->items)))
    return FALSE;
  MPI_Comm_set_errhandler (mpi->comm, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler (mpi->items, MPI_ERRORS_RETURN);
  MPI_Comm_rank (mpi->comm, &cluster->rank);
  MPI_Comm_size (mpi->comm, &cluster->size);
  return TRUE;
}

/* RvClusterClass.leave. Waits for all ranks at most @timeout_s seconds (0: no limit); rank 0's item server works
 * meanwhile. Then ends MPI and frees `impl`. Uses the communicator of items: other ranks may still be in another
 * collective call. FALSE: timeout or an MPI error; nothing is freed. */
static gboolean
leave (RvCluster *cluster, double timeout_s)
{
  Mpi *mpi = cluster->impl;
  MPI_Request request;
  g_mutex_lock (&mpi->lock);
  gboolean begun = check_mpi (cluster, MPI_Ibarrier (mpi->items, &request));
  g_mutex_unlock (&mpi->lock);
  if (!begun || !wait_all (cluster, 1, &request, timeout_s))
    return FALSE;
  g_atomic_int_set (&mpi->ended, TRUE);
  if (mpi->item_server)
    g_thread_join (mpi->item_server);
  MPI_Comm_free (&mpi->comm);
  MPI_Comm_free (&mpi->items);
  MPI_Finalize ();
  g_hash_table_unref (mpi->n_assigned);
  g_mutex_clear (&mpi->lock);
  g_free (mpi);
  return TRUE;
}

/* RvClusterClass.abort_all. Ends all ranks with exit code @code; does not return. Keeps the lock, so that no other
 * thread calls MPI. */
static void
abort_all (RvCluster *cluster, int code)
{
  Mpi *mpi = cluster->impl;
  g_mutex_lock (&mpi->lock);
  MPI_Abort (MPI_COMM_WORLD, code);
}

/* RvClusterClass.broadcast, in messages of at most MAX_BYTES. FALSE: an MPI error, in error_text. */
static gboolean
broadcast (RvCluster *cluster, void *data, gsize bytes, int from)
{
  Mpi *mpi = cluster->impl;
  for (gsize at = 0; at < bytes; at += MAX_BYTES) {
    MPI_Request request;
    g_mutex_lock (&mpi->lock);
    int code =
      MPI_Ibcast ((guint8 *) data + at, (int) MIN (bytes - at, MAX_BYTES), MPI_BYTE, from, mpi->comm, &request);
    g_mutex_unlock (&mpi->lock);
    if (!check_mpi (cluster, code) || !wait_all (cluster, 1, &request, 0))
      return FALSE;
  }
  return TRUE;
}

/* Receives @data from rank @other if @receives, else sends it there, in messages of at most MAX_BYTES, which MPI keeps
 * in order. Blocking. FALSE: an MPI error, in error_text. */
static gboolean
transfer (RvCluster *cluster, gboolean receives, void *data, gsize bytes, int other)
{
  Mpi *mpi = cluster->impl;
  for (gsize at = 0; at < bytes; at += MAX_BYTES) {
    MPI_Request request;
    int n = (int) MIN (bytes - at, MAX_BYTES);
    guint8 *from = (guint8 *) data + at;
    g_mutex_lock (&mpi->lock);
    int code = receives ? MPI_Irecv (from, n, MPI_BYTE, other, TAG_MESSAGE, mpi->comm, &request)
                        : MPI_Isend (from, n, MPI_BYTE, other, TAG_MESSAGE, mpi->comm, &request);
    g_mutex_unlock (&mpi->lock);
    if (!check_mpi (cluster, code) || !wait_all (cluster, 1, &request, 0))
      return FALSE;
  }
  return TRUE;
}

/* RvClusterClass.send: blocks until @data may be reused. FALSE: an MPI error, in error_text. */
static gboolean
send (RvCluster *cluster, const void *data, gsize bytes, int to)
{
  return transfer (cluster, FALSE, (void *) data, bytes, to);
}

/* RvClusterClass.receive: blocks until all @bytes are in @data. FALSE: an MPI error, in error_text. */
static gboolean
receive (RvCluster *cluster, void *data, gsize bytes, int from)
{
  return transfer (cluster, TRUE, data, bytes, from);
}

/* RvClusterClass.all_reduce. Replaces @numbers, [n], by their sums over all ranks, added in any order, in messages of
 * at most MAX_BYTES. Collective, blocking. FALSE: an MPI error, in error_text; @numbers are then undefined. */
static gboolean
all_reduce (RvCluster *cluster, double *numbers, gint64 n)
{
  Mpi *mpi = cluster->impl;
  const gint64 max_numbers = MAX_BYTES / (gint64) sizeof (double);
  for (gint64 at = 0; at < n; at += max_numbers) {
    MPI_Request request;
    g_mutex_lock (&mpi->lock);
    int code = MPI_Iallreduce (MPI_IN_PLACE, numbers + at, (int) MIN (n - at, max_numbers), MPI_DOUBLE, MPI_SUM,
                               mpi->comm, &request);
    g_mutex_unlock (&mpi->lock);
    if (!check_mpi (cluster, code) || !wait_all (cluster, 1, &request, 0))
      return FALSE;
  }
  return TRUE;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* Assigns an item: number of the next of the request->n items of request->round, from 0; -1: none is left. Each
 * round has its own counter, created at its first request, as ranks may be in different rounds. On rank 0; the
 * caller holds mpi->lock. */
static gint64
next_in_round (Mpi *mpi, const ItemRequest *request)
{
  gint64 *n_assigned = g_hash_table_lookup (mpi->n_assigned, &request->round);
  if (!n_assigned)
    g_hash_table_insert (mpi->n_assigned, g_memdup2 (&request->round, sizeof (gint64)),
                         n_assigned = g_new0 (gint64, 1));
  return *n_assigned < request->n ? (*n_assigned)++ : -1;
}

/* Thread of rank 0: answers requests for items until mpi->ended. */
static gpointer
serve_requests (gpointer data)
{
  Mpi *mpi = data;
  while (!g_atomic_int_get (&mpi->ended)) {
    MPI_Status status;
    ItemRequest request;
    int has_request = 0;
    g_mutex_lock (&mpi->lock);
    if (MPI_Iprobe (MPI_ANY_SOURCE, TAG_REQUEST, mpi->items, &has_request, &status) == MPI_SUCCESS && has_request &&
        MPI_Recv (&request, sizeof request, MPI_BYTE, status.MPI_SOURCE, TAG_REQUEST, mpi->items, MPI_STATUS_IGNORE) ==
          MPI_SUCCESS) {
      gint64 item = next_in_round (mpi, &request);
      MPI_Send (&item, sizeof item, MPI_BYTE, status.MPI_SOURCE, TAG_ITEM, mpi->items); /* small enough not to block */
    }
    g_mutex_unlock (&mpi->lock);
    if (!has_request)
      g_usleep (SERVER_SLEEP_US);
  }
  return NULL;
}

/* RvClusterClass.next. After -1 the rank's next call begins a new round. FALSE: an MPI error, in error_text. */
static gboolean
next (RvCluster *cluster, gint64 n, gint64 *item)
{
  Mpi *mpi = cluster->impl;
  ItemRequest request = { mpi->round, n };
  if (cluster->rank == 0) {
    if (!mpi->item_server && cluster->size > 1)
      mpi->item_server = g_thread_new ("item server", serve_requests, mpi);
    g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&mpi->lock);
    *item = next_in_round (mpi, &request);
  } else { /* requests the item from rank 0 and waits for it */
    MPI_Request requests[2];
    g_mutex_lock (&mpi->lock);
    gboolean ok =
      check_mpi (cluster, MPI_Irecv (item, sizeof *item, MPI_BYTE, 0, TAG_ITEM, mpi->items, &requests[0])) &&
      check_mpi (cluster, MPI_Isend (&request, sizeof request, MPI_BYTE, 0, TAG_REQUEST, mpi->items, &requests[1]));
    g_mutex_unlock (&mpi->lock);
    if (!ok || !wait_all (cluster, 2, requests, 0))
      return FALSE;
  }
  mpi->round += *item < 0;
  return TRUE;
}

static const RvClusterClass mpi_class = {
  .version = RV_VERSION,
  .join = join,
  .leave = leave,
  .abort_all = abort_all,
  .broadcast = broadcast,
  .send = send,
  .receive = receive,
  .all_reduce = all_reduce,
  .next = next,
};

RV_API const RvClusterClass *rv__cluster_module (void);

const RvClusterClass *
rv__cluster_module (void)
{
  return &mpi_class;
}
