/* grad-accumulator.c -- gradients of micro-batches, added on rank 0 and broadcast. */
#include "method/train/grad-accumulator.h"
#include "base/alloc.h"
#include <string.h>

/* A buffer of gradients. */
typedef struct {
  float *at;
  gint64 n;
} GradBuffer;

struct _RvGradAccumulator {
  RvCluster *cluster;
  int n, n_losses;
  GArray *buffers;     /* GradBuffer */
  gint64 n_numbers;    /* in all buffers */
  gsize message_bytes; /* message of one micro-batch: its losses, then its gradients */
  int n_added;         /* micro-batches that this rank has added in this batch */
  guint8 *message;     /* on rank 0 one message, on other ranks one for each micro-batch */
  double *total;       /* on rank 0: losses, then gradients */
};

RvGradAccumulator *
rv__grad_accumulator_new (int n, int n_losses)
{
  RvGradAccumulator *accumulator = g_new0 (RvGradAccumulator, 1);
  accumulator->cluster = rv__cluster_current ();
  accumulator->n = n;
  accumulator->n_losses = n_losses;
  accumulator->buffers = g_array_new (FALSE, FALSE, sizeof (GradBuffer));
  return accumulator;
}

void
rv__grad_accumulator_free (RvGradAccumulator *accumulator)
{
  if (!accumulator)
    return;
  g_array_unref (accumulator->buffers);
  rv__free (accumulator->message);
  rv__free (accumulator->total);
  g_free (accumulator);
}

void
rv__grad_accumulator_add_buffer (RvGradAccumulator *accumulator, float *at, gint64 n)
{
  GradBuffer buffer = { at, n };
  if (!at)
    return;
  g_array_append_val (accumulator->buffers, buffer);
  accumulator->n_numbers += n;
}

/* Whether a single process has a single micro-batch: its gradients are the sum. */
static gboolean
is_whole (const RvGradAccumulator *accumulator)
{
  return accumulator->n == 1 && rv__cluster_size (accumulator->cluster) == 1;
}

/* Number of the first micro-batch of @rank, from 0. If @rank is the number of ranks: the number of micro-batches. */
static int
first_micro_batch (const RvGradAccumulator *accumulator, int rank)
{
  return (int) ((gint64) accumulator->n * rank / rv__cluster_size (accumulator->cluster));
}

int
rv__grad_accumulator_first (const RvGradAccumulator *accumulator)
{
  return first_micro_batch (accumulator, rv__cluster_rank (accumulator->cluster));
}

int
rv__grad_accumulator_end (const RvGradAccumulator *accumulator)
{
  return first_micro_batch (accumulator, rv__cluster_rank (accumulator->cluster) + 1);
}

gboolean
rv__grad_accumulator_allocate (RvGradAccumulator *accumulator, GError **error)
{
  gboolean adds = rv__cluster_rank (accumulator->cluster) == 0;
  gsize n = (gsize) accumulator->n_losses + (gsize) accumulator->n_numbers,
        n_messages =
          adds ? 1 : (gsize) MAX (rv__grad_accumulator_end (accumulator) - rv__grad_accumulator_first (accumulator), 1);
  accumulator->message_bytes =
    (gsize) accumulator->n_losses * sizeof (double) + (gsize) accumulator->n_numbers * sizeof (float);
  if (is_whole (accumulator))
    return TRUE;
  return (accumulator->message =
            rv__alloc (n_messages * accumulator->message_bytes, "the gradients of micro-batches", error)) &&
         (!adds || (accumulator->total = rv__alloc (n * sizeof (double), "the sum of gradients", error)));
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

/* Copies @losses and all buffers to the message @to. */
static void
pack (const RvGradAccumulator *accumulator, const double *losses, guint8 *to)
{
  memcpy (to, losses, (gsize) accumulator->n_losses * sizeof (double));
  to += (gsize) accumulator->n_losses * sizeof (double);
  for (guint i = 0; i < accumulator->buffers->len; i++) {
    const GradBuffer *buffer = &g_array_index (accumulator->buffers, GradBuffer, i);
    memcpy (to, buffer->at, (gsize) buffer->n * sizeof (float));
    to += (gsize) buffer->n * sizeof (float);
  }
}

/* ---- the sum ----------------------------------------------------------------------------------------------------- */

/* Adds the message in `message` to the total, on rank 0. */
static void
add_message (RvGradAccumulator *accumulator)
{
  const double *losses = (const double *) (void *) accumulator->message;
  const float *grad = (const float *) (const void *) (losses + accumulator->n_losses);
  double *total = accumulator->total + accumulator->n_losses;
  for (int i = 0; i < accumulator->n_losses; i++)
    accumulator->total[i] += losses[i];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < accumulator->n_numbers; i++)
    total[i] += (double) grad[i];
}

/* Writes the total to `message` and sets it to 0, on rank 0. */
static void
move_total (RvGradAccumulator *accumulator)
{
  double *losses = (double *) (void *) accumulator->message;
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
rv__grad_accumulator_clear (RvGradAccumulator *accumulator)
{
  if (accumulator->n_added > 0 && accumulator->total)
    memset (accumulator->total, 0, (gsize) (accumulator->n_losses + accumulator->n_numbers) * sizeof (double));
  accumulator->n_added = 0;
}

void
rv__grad_accumulator_add (RvGradAccumulator *accumulator, const double *losses)
{
  int number = accumulator->n_added++;
  if (is_whole (accumulator))
    return;
  if (rv__cluster_rank (accumulator->cluster) > 0) {
    pack (accumulator, losses, accumulator->message + (gsize) number * accumulator->message_bytes);
    return;
  }
  pack (accumulator, losses, accumulator->message);
  add_message (accumulator);
}

/* Sends the messages of other ranks to rank 0, which adds them one by one to `total`. A message has the losses and
 * gradients of one micro-batch. The micro-batches of rank 0, the first ones, are in `total` already. Collective.
 * After an error `total` is partial. */
static gboolean
collect (RvGradAccumulator *accumulator, GError **error)
{
  RvCluster *cluster = accumulator->cluster;
  int me = rv__cluster_rank (cluster);
  for (int rank = 1; rank < rv__cluster_size (cluster); rank++)
    for (int k = first_micro_batch (accumulator, rank);
         k < first_micro_batch (accumulator, rank + 1) && (me == 0 || me == rank); k++) {
      gsize bytes = accumulator->message_bytes, at = (gsize) (k - first_micro_batch (accumulator, rank)) * bytes;
      if (!(me == 0 ? rv__cluster_receive (cluster, accumulator->message, bytes, rank, error)
                    : rv__cluster_send (cluster, accumulator->message + at, bytes, 0, error)))
        return FALSE;
      if (me == 0)
        add_message (accumulator);
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
  if (!rv__cluster_broadcast (accumulator->cluster, accumulator->message, accumulator->message_bytes, 0, error))
    return FALSE;
  const guint8 *from = accumulator->message;
  memcpy (losses, from, (gsize) accumulator->n_losses * sizeof (double));
  from += (gsize) accumulator->n_losses * sizeof (double);
  for (guint i = 0; i < accumulator->buffers->len; i++) {
    const GradBuffer *buffer = &g_array_index (accumulator->buffers, GradBuffer, i);
    memcpy (buffer->at, from, (gsize) buffer->n * sizeof (float));
    from += (gsize) buffer->n * sizeof (float);
  }
  return TRUE;
}
