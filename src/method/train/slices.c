/* slices.c -- gradients gathered slice by slice, added on rank 0, and sent to all. */
#include "method/train/slices.h"
#include "base/alloc.h"
#include <string.h>

/* Gradients that lie together. */
typedef struct {
  float *at;
  gint64 n;
} Piece;

struct _RvSlices {
  RvCluster *cluster;
  int n, n_losses;
  GArray *pieces;    /* Piece */
  gint64 n_numbers;  /* of all pieces */
  gsize slice_bytes; /* of one slice as it travels: its losses, then its gradients */
  int n_added;       /* by this rank, of this batch */
  guint8 *held;      /* slices as they travel: on rank 0 one, on others all that are theirs */
  double *total;     /* on rank 0: losses, then gradients */
};

RvSlices *
rv__slices_new (int n, int n_losses)
{
  RvSlices *slices = g_new0 (RvSlices, 1);
  slices->cluster = rv__cluster_current ();
  slices->n = n;
  slices->n_losses = n_losses;
  slices->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  return slices;
}

void
rv__slices_free (RvSlices *slices)
{
  if (!slices)
    return;
  g_array_unref (slices->pieces);
  rv__free (slices->held);
  rv__free (slices->total);
  g_free (slices);
}

void
rv__slices_watch (RvSlices *slices, float *at, gint64 n)
{
  Piece piece = { at, n };
  if (!at)
    return;
  g_array_append_val (slices->pieces, piece);
  slices->n_numbers += n;
}

/* The only slice, on the only machine: it is the sum. */
static gboolean
is_whole (const RvSlices *slices)
{
  return slices->n == 1 && rv__cluster_size (slices->cluster) == 1;
}

static int
first_of (const RvSlices *slices, int rank)
{
  return (int) ((gint64) slices->n * rank / rv__cluster_size (slices->cluster));
}

int
rv__slices_first (const RvSlices *slices)
{
  return first_of (slices, rv__cluster_rank (slices->cluster));
}

int
rv__slices_end (const RvSlices *slices)
{
  return first_of (slices, rv__cluster_rank (slices->cluster) + 1);
}

gboolean
rv__slices_begin (RvSlices *slices, GError **error)
{
  gboolean adds = rv__cluster_rank (slices->cluster) == 0;
  gsize n = (gsize) slices->n_losses + (gsize) slices->n_numbers,
        n_held = adds ? 1 : (gsize) MAX (rv__slices_end (slices) - rv__slices_first (slices), 1);
  slices->slice_bytes = (gsize) slices->n_losses * sizeof (double) + (gsize) slices->n_numbers * sizeof (float);
  if (is_whole (slices))
    return TRUE;
  return (slices->held = rv__alloc (n_held * slices->slice_bytes, "the gradients of slices", error)) &&
         (!adds || (slices->total = rv__alloc (n * sizeof (double), "the sum of gradients", error)));
}

/* ---- a slice as it travels --------------------------------------------------------------------------------------- */

static void
pack (const RvSlices *slices, const double *losses, guint8 *to)
{
  memcpy (to, losses, (gsize) slices->n_losses * sizeof (double));
  to += (gsize) slices->n_losses * sizeof (double);
  for (guint i = 0; i < slices->pieces->len; i++) {
    const Piece *piece = &g_array_index (slices->pieces, Piece, i);
    memcpy (to, piece->at, (gsize) piece->n * sizeof (float));
    to += (gsize) piece->n * sizeof (float);
  }
}

static void
unpack (const RvSlices *slices, const guint8 *from, double *losses)
{
  memcpy (losses, from, (gsize) slices->n_losses * sizeof (double));
  from += (gsize) slices->n_losses * sizeof (double);
  for (guint i = 0; i < slices->pieces->len; i++) {
    const Piece *piece = &g_array_index (slices->pieces, Piece, i);
    memcpy (piece->at, from, (gsize) piece->n * sizeof (float));
    from += (gsize) piece->n * sizeof (float);
  }
}

/* ---- the sum ----------------------------------------------------------------------------------------------------- */

/* On rank 0: the slice that is held is the next. */
static void
add_held (RvSlices *slices)
{
  const double *losses = (const double *) (void *) slices->held;
  const float *grad = (const float *) (const void *) (losses + slices->n_losses);
  double *total = slices->total + slices->n_losses;
  for (int i = 0; i < slices->n_losses; i++)
    slices->total[i] += losses[i];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < slices->n_numbers; i++)
    total[i] += (double) grad[i];
}

/* On rank 0: the sum is what is held now, and a new one begins. */
static void
take_total (RvSlices *slices)
{
  double *losses = (double *) (void *) slices->held;
  float *grad = (float *) (void *) (losses + slices->n_losses);
  double *total = slices->total + slices->n_losses;
  memcpy (losses, slices->total, (gsize) slices->n_losses * sizeof (double));
  memset (slices->total, 0, (gsize) slices->n_losses * sizeof (double));
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < slices->n_numbers; i++) {
    grad[i] = (float) total[i];
    total[i] = 0;
  }
}

void
rv__slices_add (RvSlices *slices, const double *losses)
{
  int number = slices->n_added++;
  if (is_whole (slices))
    return;
  if (rv__cluster_rank (slices->cluster) > 0) {
    pack (slices, losses, slices->held + (gsize) number * slices->slice_bytes);
    return;
  }
  pack (slices, losses, slices->held);
  add_held (slices);
}

/* Rank 0 has the first slices and has added them; the others' come one by one. */
static gboolean
collect (RvSlices *slices, GError **error)
{
  RvCluster *cluster = slices->cluster;
  g_autofree RvMessage *strips = g_new0 (RvMessage, rv__cluster_size (cluster));
  int me = rv__cluster_rank (cluster);
  for (int rank = 1; rank < rv__cluster_size (cluster); rank++)
    for (int k = first_of (slices, rank); k < first_of (slices, rank + 1) && (me == 0 || me == rank); k++) {
      gsize at = (gsize) (k - first_of (slices, rank)) * slices->slice_bytes;
      RvMessage *strip = &strips[me == 0 ? rank : 0];
      *strip = me == 0 ? (RvMessage){ .in = slices->held, .in_bytes = slices->slice_bytes }
                       : (RvMessage){ .out = slices->held + at, .out_bytes = slices->slice_bytes };
      if (!rv__cluster_all_to_all (cluster, strips, error))
        return FALSE;
      *strip = (RvMessage){ 0 };
      if (me == 0)
        add_held (slices);
    }
  return TRUE;
}

gboolean
rv__slices_sum (RvSlices *slices, double *losses, GError **error)
{
  slices->n_added = 0;
  if (is_whole (slices))
    return TRUE;
  if (!collect (slices, error))
    return FALSE;
  if (rv__cluster_rank (slices->cluster) == 0)
    take_total (slices);
  if (!rv__cluster_broadcast (slices->cluster, slices->held, slices->slice_bytes, 0, error))
    return FALSE;
  unpack (slices, slices->held, losses);
  return TRUE;
}
