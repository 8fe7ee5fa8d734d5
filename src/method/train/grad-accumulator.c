/* grad-accumulator.c -- gradients of micro-batches, added on rank 0 and broadcast. */
#include "method/train/grad-accumulator.h"
#include "base/alloc.h"
#include <string.h>

/* A buffer of gradients. */
typedef struct {
  float *at;
  gint64 n;
} Piece;

struct _RvSlices {
  RvCluster *cluster;
  int n, n_losses;
  GArray *pieces;    /* Piece */
  gint64 n_numbers;  /* in all pieces */
  gsize slice_bytes; /* message of one micro-batch: its losses, then its gradients */
  int n_added;       /* by this rank, in this batch */
  guint8 *held;      /* messages: on rank 0 one, on other ranks all of their own */
  double *total;     /* on rank 0: losses, then gradients */
};

RvGradAccumulator *
rv__grad_accumulator_new (int n, int n_losses)
{
  RvGradAccumulator *accumulator = g_new0 (RvGradAccumulator, 1);
  accumulator->cluster = rv__cluster_current ();
  accumulator->n = n;
  accumulator->n_losses = n_losses;
  accumulator->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  return accumulator;
}

void
rv__grad_accumulator_free (RvGradAccumulator *accumulator)
{
  if (!accumulator)
    return;
  g_array_unref (accumulator->pieces);
  rv__free (accumulator->held);
  rv__free (accumulator->total);
  g_free (accumulator);
}

void
rv__grad_accumulator_add_buffer (RvGradAccumulator *accumulator, float *at, gint64 n)
{
  Piece piece = { at, n };
  if (!at)
    return;
  g_array_append_val (accumulator->pieces, piece);
  accumulator->n_numbers += n;
}

/* Whether a single process has a single micro-batch: its gradients are the sum. */
static gboolean
is_whole (const RvGradAccumulator *accumulator)
{
  return accumulator->n == 1 && rv__cluster_size (accumulator->cluster) == 1;
}

static int
first_of (const RvGradAccumulator *accumulator, int rank)
{
  return (int) ((gint64) accumulator->n * rank / rv__cluster_size (accumulator->cluster));
}

int
rv__grad_accumulator_first (const RvGradAccumulator *accumulator)
{
  return first_of (accumulator, rv__cluster_rank (accumulator->cluster));
}

int
rv__grad_accumulator_end (const RvGradAccumulator *accumulator)
{
  return first_of (accumulator, rv__cluster_rank (accumulator->cluster) + 1);
}

gboolean
rv__grad_accumulator_allocate (RvGradAccumulator *accumulator, GError **error)
{
  gboolean adds = rv__cluster_rank (accumulator->cluster) == 0;
  gsize n = (gsize) accumulator->n_losses + (gsize) accumulator->n_numbers,
        n_held =
          adds ? 1 : (gsize) MAX (rv__grad_accumulator_end (accumulator) - rv__grad_accumulator_first (accumulator), 1);
  accumulator->slice_bytes =
    (gsize) accumulator->n_losses * sizeof (double) + (gsize) accumulator->n_numbers * sizeof (float);
  if (is_whole (accumulator))
    return TRUE;
  return (accumulator->held = rv__alloc (n_held * accumulator->slice_bytes, "the gradients of micro-batches", error)) &&
         (!adds || (accumulator->total = rv__alloc (n * sizeof (double), "the sum of gradients", error)));
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

/* Copies @losses and all buffers into the message @to. */
static void
pack (const RvGradAccumulator *accumulator, const double *losses, guint8 *to)
{
  memcpy (to, losses, (gsize) accumulator->n_losses * sizeof (double));
  to += (gsize) accumulator->n_losses * sizeof (double);
  for (guint i = 0; i < accumulator->pieces->len; i++) {
    const Piece *piece = &g_array_index (accumulator->pieces, Piece, i);
    memcpy (to, piece->at, (gsize) piece->n * sizeof (float));
    to += (gsize) piece->n * sizeof (float);
  }
}

/* Copies the message @from into @losses and all buffers. */
static void
unpack (const RvGradAccumulator *accumulator, const guint8 *from, double *losses)
{
  memcpy (losses, from, (gsize) accumulator->n_losses * sizeof (double));
  from += (gsize) accumulator->n_losses * sizeof (double);
  for (guint i = 0; i < accumulator->pieces->len; i++) {
    const Piece *piece = &g_array_index (accumulator->pieces, Piece, i);
    memcpy (piece->at, from, (gsize) piece->n * sizeof (float));
    from += (gsize) piece->n * sizeof (float);
  }
}

/* ---- the sum ----------------------------------------------------------------------------------------------------- */

/* Adds the message in `held` to the total, on rank 0. */
static void
add_held (RvGradAccumulator *accumulator)
{
  const double *losses = (const double *) (void *) accumulator->held;
  const float *grad = (const float *) (const void *) (losses + accumulator->n_losses);
  double *total = accumulator->total + accumulator->n_losses;
  for (int i = 0; i < accumulator->n_losses; i++)
    accumulator->total[i] += losses[i];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < accumulator->n_numbers; i++)
    total[i] += (double) grad[i];
}

/* Writes the total to `held` and sets it to 0, on rank 0. */
static void
move_total (RvGradAccumulator *accumulator)
{
  double *losses = (double *) (void *) accumulator->held;
  float *grad = (float *) (void *) (losses + accumulator->n_losses);
  double *total = accumulator->total + accumulator->n_losses;
  memcpy (losses, accumulator->total, (gsize) accumulator->n_losses * sizeof (double));
  memset (accumulator->total, 0, (gsize) accumulator->n_losses * sizeof (double));
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < accumulator->n_numbers; i++) {
    grad[i] = (float) total[i];
    total[i] = 0;
  }
}

void
rv__grad_accumulator_add (RvGradAccumulator *accumulator, const double *losses)
{
  int number = accumulator->n_added++;
  if (is_whole (accumulator))
    return;
  if (rv__cluster_rank (accumulator->cluster) > 0) {
    pack (accumulator, losses, accumulator->held + (gsize) number * accumulator->slice_bytes);
    return;
  }
  pack (accumulator, losses, accumulator->held);
  add_held (accumulator);
}

/* Rank 0 has added its own micro-batches, which are the first, and receives the others one by one. */
static gboolean
collect (RvGradAccumulator *accumulator, GError **error)
{
  RvCluster *cluster = accumulator->cluster;
  g_autofree RvMessage *strips = g_new0 (RvMessage, rv__cluster_size (cluster));
  int me = rv__cluster_rank (cluster);
  for (int rank = 1; rank < rv__cluster_size (cluster); rank++)
    for (int k = first_of (accumulator, rank); k < first_of (accumulator, rank + 1) && (me == 0 || me == rank); k++) {
      gsize at = (gsize) (k - first_of (accumulator, rank)) * accumulator->slice_bytes;
      RvMessage *strip = &strips[me == 0 ? rank : 0];
      *strip = me == 0 ? (RvMessage){ .in = accumulator->held, .in_bytes = accumulator->slice_bytes }
                       : (RvMessage){ .out = accumulator->held + at, .out_bytes = accumulator->slice_bytes };
      if (!rv__cluster_all_to_all (cluster, strips, error))
        return FALSE;
      *strip = (RvMessage){ 0 };
      if (me == 0)
        add_held (accumulator);
    }
  return TRUE;
}

gboolean
rv__grad_accumulator_sum (RvGradAccumulator *accumulator, double *losses, GError **error)
{
  accumulator->n_added = 0;
  if (is_whole (accumulator))
    return TRUE;
  if (!collect (accumulator, error))
    return FALSE;
  if (rv__cluster_rank (accumulator->cluster) == 0)
    move_total (accumulator);
  if (!rv__cluster_broadcast (accumulator->cluster, accumulator->held, accumulator->slice_bytes, 0, error))
    return FALSE;
  unpack (accumulator, accumulator->held, losses);
  return TRUE;
}
