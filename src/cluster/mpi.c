/* mpi.c -- cluster of MPI ranks: the modules libreverie-mpi.so, and libreverie-mpich.so for MPICH.
 *
 * Waiting polls MPI at growing intervals, and sleeps in between, so that other ranks on the same core and other threads
 * of this rank can work. A lock protects every MPI call, because rank 0 assigns items on a thread of its own. Calls no
 * function of the library (cluster/class.h). */
#include "cluster/class.h"
#include <mpi.h>
#include <sched.h>
#include <unistd.h>

#define MOST_BYTES (1 << 30) /* longest message: MPI counts with int */
#define SPINS 200            /* polls in a row, before the first sched_yield() */
#define YIELDS 2000
#define LONGEST_SLEEP_US 500
#define DEALER_SLEEP_US 2000 /* between two polls for requests of items */

enum { TAG_STRIP = 1, TAG_ASK, TAG_ITEM };

typedef struct {
  gint64 round, n;
} Question;

typedef struct {
  GMutex lock;
  MPI_Comm comm, items; /* communicators: collective calls; items */
  gint64 round;         /* round of items, on this rank */
  GThread *dealer;      /* rank 0's, from its first item on */
  gint ended;
  GHashTable *dealt; /* items given out, by round; rank 0's, protected by the lock */
} Mpi;

static gboolean
check (RvCluster *cluster, int code)
{
  char text[MPI_MAX_ERROR_STRING];
  int length;
  if (code == MPI_SUCCESS)
    return TRUE;
  MPI_Error_string (code, text, &length);
  g_snprintf (cluster->error_text, sizeof cluster->error_text, "MPI: %s", text);
  return FALSE;
}

/* Waits until all requests are done, or for @patience_s seconds; 0: no limit. FALSE: timeout or an MPI error, in
 * error_text. */
static gboolean
finish_within (RvCluster *cluster, int n, MPI_Request *requests, double patience_s)
{
  Mpi *mpi = cluster->impl;
  gulong sleep_us = 1;
  gint64 until_us = patience_s > 0 ? g_get_monotonic_time () + (gint64) (patience_s * G_USEC_PER_SEC) : G_MAXINT64;
  for (int tries = 0;; tries++) {
    int done, code;
    g_mutex_lock (&mpi->lock);
    code = MPI_Testall (n, requests, &done, MPI_STATUSES_IGNORE);
    g_mutex_unlock (&mpi->lock);
    if (code != MPI_SUCCESS || done)
      return check (cluster, code);
    if (g_get_monotonic_time () > until_us)
      return FALSE;
    if (tries > SPINS + YIELDS) {
      g_usleep (sleep_us);
      sleep_us = MIN (2 * sleep_us, LONGEST_SLEEP_US);
    } else if (tries > SPINS)
      sched_yield ();
  }
}

static gboolean
finish (RvCluster *cluster, int n, MPI_Request *requests)
{
  return finish_within (cluster, n, requests, 0);
}

/* RvClusterClass.join. Starts MPI; fails if it runs already or lacks MPI_THREAD_SERIALIZED. Rank and size come from
 * MPI_COMM_WORLD. */
static gboolean
join (RvCluster *cluster)
{
  int has, here;
  MPI_Initialized (&here);
  if (here || MPI_Init_thread (NULL, NULL, MPI_THREAD_SERIALIZED, &has) != MPI_SUCCESS || has < MPI_THREAD_SERIALIZED) {
    g_strlcpy (cluster->error_text, "this MPI cannot be used from several threads in turn", sizeof cluster->error_text);
    return FALSE;
  }
  Mpi *mpi = cluster->impl = g_new0 (Mpi, 1);
  g_mutex_init (&mpi->lock);
  mpi->dealt = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  if (!check (cluster, MPI_Comm_dup (MPI_COMM_WORLD, &mpi->comm)) ||
      !check (cluster, MPI_Comm_dup (MPI_COMM_WORLD, &mpi->items)))
    return FALSE;
  MPI_Comm_set_errhandler (mpi->comm, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler (mpi->items, MPI_ERRORS_RETURN);
  MPI_Comm_rank (mpi->comm, &cluster->rank);
  MPI_Comm_size (mpi->comm, &cluster->size);
  return TRUE;
}

/* RvClusterClass.leave. Rank 0's dealer answers until all ranks have come. Uses a communicator of its own, because
 * other ranks may still be in another collective call. */
static gboolean
leave (RvCluster *cluster, double patience_s)
{
  Mpi *mpi = cluster->impl;
  MPI_Request request;
  g_mutex_lock (&mpi->lock);
  gboolean begun = check (cluster, MPI_Ibarrier (mpi->items, &request));
  g_mutex_unlock (&mpi->lock);
  if (!begun || !finish_within (cluster, 1, &request, patience_s))
    return FALSE;
  g_atomic_int_set (&mpi->ended, TRUE);
  if (mpi->dealer)
    g_thread_join (mpi->dealer);
  MPI_Comm_free (&mpi->comm);
  MPI_Comm_free (&mpi->items);
  MPI_Finalize ();
  g_hash_table_unref (mpi->dealt);
  g_mutex_clear (&mpi->lock);
  g_free (mpi);
  return TRUE;
}

/* RvClusterClass.abort_all. Keeps the lock, so that no other thread calls MPI. */
static void
end_all (RvCluster *cluster, int code)
{
  Mpi *mpi = cluster->impl;
  g_mutex_lock (&mpi->lock);
  MPI_Abort (MPI_COMM_WORLD, code);
}

/* RvClusterClass.broadcast, in messages of at most MOST_BYTES. */
static gboolean
broadcast (RvCluster *cluster, void *data, gsize bytes, int from)
{
  Mpi *mpi = cluster->impl;
  for (gsize at = 0; at < bytes; at += MOST_BYTES) {
    MPI_Request request;
    g_mutex_lock (&mpi->lock);
    int code =
      MPI_Ibcast ((guint8 *) data + at, (int) MIN (bytes - at, MOST_BYTES), MPI_BYTE, from, mpi->comm, &request);
    g_mutex_unlock (&mpi->lock);
    if (!check (cluster, code) || !finish (cluster, 1, &request))
      return FALSE;
  }
  return TRUE;
}

/* Starts receiving and sending with rank @other and appends the requests. In messages of at most MOST_BYTES; MPI keeps
 * the order of those between two ranks. With the lock held. */
static gboolean
begin_strip (RvCluster *cluster, const RvMessage *strip, int other, GArray *requests)
{
  Mpi *mpi = cluster->impl;
  MPI_Request request;
  gboolean ok = TRUE;
  for (gsize at = 0; ok && at < strip->in_bytes; at += MOST_BYTES) {
    int bytes = (int) MIN (strip->in_bytes - at, MOST_BYTES);
    ok = check (cluster, MPI_Irecv ((guint8 *) strip->in + at, bytes, MPI_BYTE, other, TAG_STRIP, mpi->comm, &request));
    g_array_append_val (requests, request);
  }
  for (gsize at = 0; ok && at < strip->out_bytes; at += MOST_BYTES) {
    int bytes = (int) MIN (strip->out_bytes - at, MOST_BYTES);
    ok = check (cluster,
                MPI_Isend ((const guint8 *) strip->out + at, bytes, MPI_BYTE, other, TAG_STRIP, mpi->comm, &request));
    g_array_append_val (requests, request);
  }
  return ok;
}

/* RvClusterClass.all_to_all. */
static gboolean
exchange (RvCluster *cluster, const RvMessage *strips)
{
  Mpi *mpi = cluster->impl;
  g_autoptr (GArray) requests = g_array_new (FALSE, FALSE, sizeof (MPI_Request));
  gboolean ok = TRUE;
  g_mutex_lock (&mpi->lock);
  for (int i = 1; ok && i < cluster->size; i++) { /* each rank starts with another one */
    int other = (cluster->rank + i) % cluster->size;
    ok = begin_strip (cluster, &strips[other], other, requests);
  }
  g_mutex_unlock (&mpi->lock);
  return ok && finish (cluster, (int) requests->len, (MPI_Request *) (void *) requests->data);
}

/* RvClusterClass.all_reduce, in messages of at most MOST_BYTES. */
static gboolean
add_all (RvCluster *cluster, double *numbers, gint64 n)
{
  Mpi *mpi = cluster->impl;
  const gint64 most = MOST_BYTES / (gint64) sizeof (double);
  for (gint64 at = 0; at < n; at += most) {
    MPI_Request request;
    g_mutex_lock (&mpi->lock);
    int code =
      MPI_Iallreduce (MPI_IN_PLACE, numbers + at, (int) MIN (n - at, most), MPI_DOUBLE, MPI_SUM, mpi->comm, &request);
    g_mutex_unlock (&mpi->lock);
    if (!check (cluster, code) || !finish (cluster, 1, &request))
      return FALSE;
  }
  return TRUE;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

/* The next item of a round; -1: none is left. On rank 0, with the lock held. */
static gint64
deal (Mpi *mpi, const Question *question)
{
  gint64 *dealt = g_hash_table_lookup (mpi->dealt, &question->round);
  if (!dealt)
    g_hash_table_insert (mpi->dealt, g_memdup2 (&question->round, sizeof (gint64)), dealt = g_new0 (gint64, 1));
  return *dealt < question->n ? (*dealt)++ : -1;
}

/* Answers one rank's request for an item, if there is one; returns whether there was. On rank 0. */
static gboolean
answer (Mpi *mpi)
{
  MPI_Status status;
  Question question;
  int asked = 0;
  g_mutex_lock (&mpi->lock);
  if (MPI_Iprobe (MPI_ANY_SOURCE, TAG_ASK, mpi->items, &asked, &status) == MPI_SUCCESS && asked &&
      MPI_Recv (&question, sizeof question, MPI_BYTE, status.MPI_SOURCE, TAG_ASK, mpi->items, MPI_STATUS_IGNORE) ==
        MPI_SUCCESS) {
    gint64 item = deal (mpi, &question);
    MPI_Send (&item, sizeof item, MPI_BYTE, status.MPI_SOURCE, TAG_ITEM, mpi->items); /* small enough not to block */
  }
  g_mutex_unlock (&mpi->lock);
  return asked;
}

static gpointer
deal_out (gpointer data)
{
  Mpi *mpi = data;
  while (!g_atomic_int_get (&mpi->ended))
    if (!answer (mpi))
      g_usleep (DEALER_SLEEP_US);
  return NULL;
}

/* Rank 0's next item; -1: none. The first call starts the dealer thread. */
static gint64
own_item (RvCluster *cluster, const Question *question)
{
  Mpi *mpi = cluster->impl;
  if (!mpi->dealer && cluster->size > 1)
    mpi->dealer = g_thread_new ("dealer", deal_out, mpi);
  g_mutex_lock (&mpi->lock);
  gint64 item = deal (mpi, question);
  g_mutex_unlock (&mpi->lock);
  return item;
}

/* Asks rank 0 for an item; blocks until its answer. *item: -1 if none is left. */
static gboolean
ask_for_item (RvCluster *cluster, const Question *question, gint64 *item)
{
  Mpi *mpi = cluster->impl;
  MPI_Request requests[2];
  g_mutex_lock (&mpi->lock);
  gboolean ok = check (cluster, MPI_Irecv (item, sizeof *item, MPI_BYTE, 0, TAG_ITEM, mpi->items, &requests[0])) &&
                check (cluster, MPI_Isend (question, sizeof *question, MPI_BYTE, 0, TAG_ASK, mpi->items, &requests[1]));
  g_mutex_unlock (&mpi->lock);
  return ok && finish (cluster, 2, requests);
}

/* RvClusterClass.next. Rank 0's own calls and its dealer thread give items out; other ranks ask it. */
static gboolean
next (RvCluster *cluster, gint64 n, gint64 *item)
{
  Mpi *mpi = cluster->impl;
  Question question = { mpi->round, n };
  if (cluster->rank == 0)
    *item = own_item (cluster, &question);
  else if (!ask_for_item (cluster, &question, item))
    return FALSE;
  mpi->round += *item < 0;
  return TRUE;
}

static const RvClusterClass mpi_class = {
  .name = "MPI",
  .version = RV_VERSION,
  .join = join,
  .leave = leave,
  .abort_all = end_all,
  .broadcast = broadcast,
  .all_to_all = exchange,
  .all_reduce = add_all,
  .next = next,
};

RV_API const RvClusterClass *rv__cluster_module (void);

const RvClusterClass *
rv__cluster_module (void)
{
  return &mpi_class;
}
