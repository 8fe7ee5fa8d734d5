/* cluster.c -- the ranks, and functions common to all implementations: hosts, gathering, sums in the order of their
 * parts. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"
#include "cluster/class.h"
#include <string.h>

/* This process as the only rank. */
static RvCluster single_process = { .size = 1 };
/* Ranks of the launcher; class NULL: none. Joined before there are other threads. */
static RvCluster joined;
static gint is_independent; /* argument of rv__cluster_set_independent() */

RvCluster *
rv__cluster_all (void)
{
  return joined.class ? &joined : &single_process;
}

RvCluster *
rv__cluster_self (void)
{
  return &single_process;
}

RvCluster *
rv__cluster_current (void)
{
  return g_atomic_int_get (&is_independent) ? &single_process : rv__cluster_all ();
}

void
rv__cluster_set_independent (gboolean independent)
{
  g_atomic_int_set (&is_independent, independent);
}

/* Sets RV_ERROR_BACKEND with the text of the implementation. Returns FALSE. */
static gboolean
set_error (const RvCluster *cluster, GError **error)
{
  return rv__error_set (error, RV_ERROR_BACKEND, "rank %d: %s", cluster->rank, cluster->error_text);
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

/* Fills cluster->locations, by rank: host and cores. Sets how many ranks share this rank's cores and this host's memory
 * by rv__system_set_local_ranks(). Collective over @cluster. After an error cluster->locations is set, but not
 * complete. */
static gboolean
exchange_locations (RvCluster *cluster, GError **error)
{
  RvRankLocation *locations = cluster->locations = g_new0 (RvRankLocation, cluster->size),
                 *own = &locations[cluster->rank];
  g_autofree char *cores = rv__system_cores_text ();
  int on_cores = 0, in_memory = 0;
  g_strlcpy (own->host, g_get_host_name (), sizeof own->host);
  g_strlcpy (own->cores, cores, sizeof own->cores);
  for (int rank = 0; rank < cluster->size; rank++)
    if (!rv__cluster_broadcast (cluster, &locations[rank], sizeof *locations, rank, error))
      return FALSE;
  for (int rank = 0; rank < cluster->size; rank++) {
    gboolean here = strcmp (locations[rank].host, own->host) == 0;
    in_memory += here;
    on_cores += here && strcmp (locations[rank].cores, own->cores) == 0;
  }
  rv__system_set_local_ranks (on_cores, in_memory);
  return TRUE;
}

gboolean
rv__cluster_init (GError **error)
{
  const RvClusterClass *class;
  if (joined.class || !rv__cluster_open (&class, error))
    return joined.class != NULL;
  if (!class)
    return TRUE;
  joined = (RvCluster){ .class = class };
  if (!class->join (&joined)) {
    joined.class = NULL;
    return set_error (&joined, error);
  }
  if (exchange_locations (&joined, error))
    return TRUE;
  g_free (joined.locations);
  joined = (RvCluster){ 0 };
  return FALSE;
}

gboolean
rv__cluster_leave (double timeout_s)
{
  if (!joined.class)
    return TRUE;
  if (!joined.class->leave (&joined, timeout_s))
    return FALSE;
  g_free (joined.locations);
  joined = (RvCluster){ 0 };
  return TRUE;
}

void
rv__cluster_abort (int code)
{
  if (joined.class)
    joined.class->abort_all (&joined, code);
}

int
rv__cluster_rank (const RvCluster *cluster)
{
  return cluster->rank;
}

int
rv__cluster_size (const RvCluster *cluster)
{
  return cluster->size;
}

const char *
rv__cluster_host (const RvCluster *cluster, int rank)
{
  return cluster->locations ? cluster->locations[rank].host : g_get_host_name ();
}

guint64
rv__cluster_bytes (const RvCluster *cluster)
{
  return cluster->bytes;
}

/* ---- collective -------------------------------------------------------------------------------------------------- */

/* Adds to cluster->bytes. A single process may call this from many threads, so it counts nothing. */
static void
count_bytes (RvCluster *cluster, guint64 bytes)
{
  if (cluster->size > 1)
    cluster->bytes += bytes;
}

gboolean
rv__cluster_broadcast (RvCluster *cluster, void *data, gsize bytes, int from, GError **error)
{
  count_bytes (cluster, bytes);
  return !cluster->class || cluster->class->broadcast (cluster, data, bytes, from) || set_error (cluster, error);
}

gboolean
rv__cluster_send (RvCluster *cluster, const void *data, gsize bytes, int to, GError **error)
{
  count_bytes (cluster, bytes);
  return !cluster->class || cluster->class->send (cluster, data, bytes, to) || set_error (cluster, error);
}

gboolean
rv__cluster_receive (RvCluster *cluster, void *data, gsize bytes, int from, GError **error)
{
  count_bytes (cluster, bytes);
  return !cluster->class || cluster->class->receive (cluster, data, bytes, from) || set_error (cluster, error);
}

gboolean
rv__cluster_gather (RvCluster *cluster, const void *mine, gsize bytes, GPtrArray **all, GError **error)
{
  guint64 own = bytes;
  *all = NULL;
  if (cluster->rank > 0 && !rv__cluster_send (cluster, &own, sizeof own, 0, error))
    return FALSE;
  gboolean fits = TRUE;
  g_autoptr (GPtrArray) gathered = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (int rank = 0; rank < cluster->size && cluster->rank == 0; rank++) {
    guint64 size = bytes;
    if (rank > 0 && !rv__cluster_receive (cluster, &size, sizeof size, rank, error))
      return FALSE;
    guint8 *data = fits ? g_try_malloc0 ((gsize) size) : NULL;
    fits &= size == 0 || data;
    if (fits)
      g_ptr_array_add (gathered, g_bytes_new_take (data, (gsize) size));
  }
  if (!rv__cluster_broadcast (cluster, &fits, sizeof fits, 0, error)) /* else the other ranks would wait */
    return FALSE;
  if (!fits)
    return rv__error_set (error, RV_ERROR_MEMORY, "no memory is left for the data of other ranks");
  if (cluster->rank > 0)
    return rv__cluster_send (cluster, mine, bytes, 0, error);
  for (int rank = 0; rank < cluster->size; rank++) {
    gsize size;
    guint8 *data = (guint8 *) g_bytes_get_data (gathered->pdata[rank], &size);
    if (rank == 0 && size > 0)
      memcpy (data, mine, size);
    if (rank > 0 && !rv__cluster_receive (cluster, data, size, rank, error))
      return FALSE;
  }
  *all = g_steal_pointer (&gathered);
  return TRUE;
}

gboolean
rv__cluster_all_reduce_min (RvCluster *cluster, guint64 *value, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  if (!rv__cluster_gather (cluster, value, sizeof *value, &all, error))
    return FALSE;
  for (guint rank = 0; all && rank < all->len; rank++)
    *value = MIN (*value, *(const guint64 *) g_bytes_get_data (all->pdata[rank], NULL));
  return rv__cluster_broadcast (cluster, value, sizeof *value, 0, error);
}

gboolean
rv__cluster_barrier (RvCluster *cluster, GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  return rv__cluster_gather (cluster, NULL, 0, &all, error); /* rank 0 answers when it has the sizes of all */
}

#define TRIALS 3
#define TRIAL_BYTES (4 << 20)

/* Measures a broadcast of the @bytes at @data, from rank 0, with a barrier. *seconds: (out): the shortest of TRIALS
 * times on this rank; may be set after an error. Collective. */
static gboolean
time_broadcast (RvCluster *cluster, void *data, gsize bytes, double *seconds, GError **error)
{
  for (int i = 0; i < TRIALS; i++) {
    gint64 began_us = g_get_monotonic_time ();
    if (!rv__cluster_broadcast (cluster, data, bytes, 0, error) || !rv__cluster_barrier (cluster, error))
      return FALSE;
    double passed_s = (double) MAX (g_get_monotonic_time () - began_us, 1) / G_USEC_PER_SEC;
    *seconds = i == 0 ? passed_s : MIN (*seconds, passed_s);
  }
  return TRUE;
}

gboolean
rv__cluster_measure_link (RvCluster *cluster, double *bytes_per_s, double *message_s, GError **error)
{
  double seconds[2] = { 0 };
  void *data = rv__alloc (TRIAL_BYTES, "a measurement of the link", error);
  gboolean ok = data && rv__cluster_barrier (cluster, error) && time_broadcast (cluster, data, 1, &seconds[0], error) &&
                time_broadcast (cluster, data, TRIAL_BYTES, &seconds[1], error) &&
                rv__cluster_broadcast (cluster, seconds, sizeof seconds, 0, error);
  rv__free (data);
  *message_s = seconds[0];
  *bytes_per_s = TRIAL_BYTES / MAX (seconds[1] - seconds[0], 1e-6);
  return ok;
}

gboolean
rv__cluster_next_item (RvCluster *cluster, gint64 n, gint64 *item, GError **error)
{
  if (cluster->class)
    return cluster->class->next (cluster, n, item) || set_error (cluster, error);
  *item = cluster->n_assigned < n ? cluster->n_assigned++ : -1;
  if (*item < 0)
    cluster->n_assigned = 0;
  return TRUE;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

struct _RvAllReduce {
  RvCluster *cluster;
  int *first; /* first part of each rank, and the number of parts */
  gint64 n;   /* length of a vector */
  int added;  /* parts that this rank has added */
  gboolean unordered, as_float;
  double *total;
  void *parts; /* rank 0: buffer for one part of another rank; other ranks: all their parts */
};

/* Bytes of one part of @n numbers in a buffer and in a message. */
static gsize
part_bytes (gint64 n, gboolean as_float)
{
  return (gsize) n * (as_float ? sizeof (float) : sizeof (double));
}

/* Number of parts of an RvAllReduce that the buffer of @rank holds. Rank 0: one received part, 0 in a single process;
 * it adds its own parts without a buffer. Other ranks: all their parts, first[rank] .. first[rank + 1] - 1; may be 0.
 */
static gsize
buffer_parts (const RvCluster *cluster, const int *first, int rank)
{
  return rank == 0 ? cluster->size > 1 : (gsize) (first[rank + 1] - first[rank]);
}

gsize
rv__all_reduce_bytes (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float)
{
  gsize max_parts = 0;
  for (int rank = 0; rank < cluster->size; rank++)
    max_parts = MAX (max_parts, buffer_parts (cluster, first, rank));
  return (gsize) n * sizeof (double) + max_parts * part_bytes (n, as_float);
}

gsize
rv__all_reduce_traffic (const RvCluster *cluster, const int *first, gint64 n, gboolean as_float)
{
  gsize received = (gsize) (first[cluster->size] - first[1]);
  return received * part_bytes (n, as_float);
}

RvAllReduce *
rv__all_reduce_new (RvCluster *cluster, const int *first, gint64 n, gboolean as_float, GError **error)
{
  g_autoptr (RvAllReduce) sum = g_new0 (RvAllReduce, 1);
  gsize buffer_bytes = part_bytes (n, as_float);
  sum->cluster = cluster;
  sum->first = g_memdup2 (first, (gsize) (cluster->size + 1) * sizeof (int));
  sum->n = n;
  sum->as_float = as_float;
  if (!rv__size_mul (&buffer_bytes, buffer_parts (cluster, first, cluster->rank)))
    buffer_bytes = G_MAXSIZE; /* rv__alloc() refuses */
  if (!(sum->total = rv__alloc ((gsize) n * sizeof (double), "sums", error)) ||
      (buffer_bytes > 0 && !(sum->parts = rv__alloc (buffer_bytes, "sums", error))))
    return NULL;
  return g_steal_pointer (&sum);
}

void
rv__all_reduce_free (RvAllReduce *sum)
{
  if (!sum)
    return;
  rv__free (sum->total);
  rv__free (sum->parts);
  g_free (sum->first);
  g_free (sum);
}

void
rv__all_reduce_set_unordered (RvAllReduce *sum)
{
  sum->unordered = TRUE;
  g_clear_pointer (&sum->parts, rv__free);
}

/* Adds @part, [sum->n], to sum->total. */
static void
add_part (RvAllReduce *sum, const double *part)
{
  for (gint64 i = 0; i < sum->n; i++)
    sum->total[i] += part[i];
}

/* Address of part @number, counted from this rank's first part, in the buffer sum->parts of a rank above 0. */
static void *
part_at (const RvAllReduce *sum, int number)
{
  return (guint8 *) sum->parts + (gsize) number * part_bytes (sum->n, sum->as_float);
}

void
rv__all_reduce_add (RvAllReduce *sum, const double *part)
{
  int number = sum->added++;
  if (sum->cluster->rank == 0 || sum->unordered) {
    add_part (sum, part);
    return;
  }
  float *as_float = part_at (sum, number);
  if (!sum->as_float)
    memcpy (part_at (sum, number), part, part_bytes (sum->n, FALSE));
  for (gint64 i = 0; sum->as_float && i < sum->n; i++)
    as_float[i] = (float) part[i];
}

/* Sends the parts of the other ranks to rank 0 one by one, so that rank 0 needs memory for one part. Not for a sum in
 * any order, which has no buffer. Rank 0 adds them in order to sum->total, which has its own parts already; elsewhere
 * sum->total stays unchanged. Collective, blocking. After an error rank 0's sum->total is incomplete. */
static gboolean
gather_parts (RvAllReduce *sum, GError **error)
{
  RvCluster *cluster = sum->cluster;
  gsize bytes = part_bytes (sum->n, sum->as_float);
  for (int rank = 1; rank < cluster->size; rank++)
    for (int part = sum->first[rank]; part < sum->first[rank + 1]; part++) {
      if (cluster->rank == rank && !rv__cluster_send (cluster, part_at (sum, part - sum->first[rank]), bytes, 0, error))
        return FALSE;
      if (cluster->rank > 0)
        continue;
      if (!rv__cluster_receive (cluster, sum->parts, bytes, rank, error))
        return FALSE;
      if (!sum->as_float)
        add_part (sum, sum->parts);
      for (gint64 i = 0; sum->as_float && i < sum->n; i++)
        sum->total[i] += (double) ((const float *) sum->parts)[i];
    }
  return TRUE;
}

/* Replaces sum->total by its sum over all ranks, on all ranks, added in any order. Collective, blocking. FALSE:
 * RV_ERROR_BACKEND; sum->total is then undefined. */
static gboolean
reduce_unordered (RvAllReduce *sum, GError **error)
{
  RvCluster *cluster = sum->cluster;
  count_bytes (cluster, 2 * (guint64) sum->n * sizeof (double));
  return !cluster->class || cluster->class->all_reduce (cluster, sum->total, sum->n) || set_error (cluster, error);
}

gboolean
rv__all_reduce_finish_on_root (RvAllReduce *sum, double *total, GError **error)
{
  gsize bytes = (gsize) sum->n * sizeof (double);
  if (!(sum->unordered ? reduce_unordered : gather_parts) (sum, error))
    return FALSE;
  if (sum->unordered || sum->cluster->rank == 0)
    memcpy (total, sum->total, bytes);
  memset (sum->total, 0, bytes);
  sum->added = 0;
  return TRUE;
}

gboolean
rv__all_reduce_finish (RvAllReduce *sum, double *total, GError **error)
{
  gsize bytes = (gsize) sum->n * sizeof (double);
  return rv__all_reduce_finish_on_root (sum, total, error) &&
         (sum->unordered || rv__cluster_broadcast (sum->cluster, total, bytes, 0, error));
}
