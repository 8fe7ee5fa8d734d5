/* sums.c -- the sums that terms find, on their way out of windows and between ranks.
 *
 *   of each window    its sums, as it has them      -> rank 0, which adds them in double, in the order of windows
 *   of all of them    the losses, and dL/d(sums)    -> all ranks, in the type in which windows go back from them
 *
 * Of symmetric matrices, which nearly all of it is, a triangle travels. One process alone takes the same triangles: so
 * its bytes are those of any number of ranks. */
#include "internal.h"
#include <string.h>

static gsize
unit_of (const RvObjective *objective)
{
  return rv_type_bytes (objective->spec.type);
}

/* ---- triangles --------------------------------------------------------------------------------------------------- */

/* A matrix has rows up to its diagonal; anything else is one row. */
static gint64
n_rows (const RvPlaced *placed, int k)
{
  return placed->n[k] == 0 ? 0 : MAX (placed->side[k], 1);
}

static gint64
row_length (const RvPlaced *placed, int k, gint64 row)
{
  return placed->side[k] > 0 ? row + 1 : placed->n[k];
}

static gint64
count_of (const RvPlaced *placed, int k)
{
  gint64 n = 0;
  for (gint64 row = 0; row < n_rows (placed, k); row++)
    n += row_length (placed, k, row);
  return n;
}

gint64
rv__objective_count_told (const RvObjective *objective)
{
  gint64 n = 0;
  for (guint i = 0; i < objective->placed->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      n += count_of (placed_at (objective, i), k);
  return n;
}

/* What lies above the diagonal of a symmetric matrix. */
static void
mirror (const RvPlaced *placed, int k, gsize unit, void *whole)
{
  gint64 side = placed->side[k];
  guint8 *at = whole;
  for (gint64 row = 0; row < side; row++)
    for (gint64 j = 0; j < row; j++)
      memcpy (at + (gsize) (j * side + row) * unit, at + (gsize) (row * side + j) * unit, unit);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static gsize
word_bytes (const RvObjective *objective)
{
  return objective->placed->len * sizeof (double) + (gsize) objective->pass.n_found * unit_of (objective);
}

/* Where the gradients begin that are told. */
static guint8 *
slopes_of (const RvObjective *objective)
{
  return (guint8 *) (objective->pass.word + objective->placed->len);
}

void
rv__objective_list_sums (RvObjective *objective)
{
  RvPass *pass = &objective->pass;
  rv__objective_add_buffer (objective, &pass->word, word_bytes (objective), "what ranks tell each other");
  rv__objective_add_buffer (objective, &pass->part, (gsize) pass->n_found * sizeof (double), "a window's sums");
  rv__objective_add_buffer (
    objective, NULL,
    rv__all_reduce_bytes (objective->spec.cluster, pass->first, pass->n_found, objective->spec.type == RV_F32),
    "the sums of all windows");
}

gboolean
rv__objective_bind_sums (RvObjective *objective, GError **error)
{
  RvPass *pass = &objective->pass;
  gboolean single = objective->spec.type == RV_F32;
  if (pass->n_found == 0)
    return TRUE;
  pass->found = rv__all_reduce_new (objective->spec.cluster, pass->first, pass->n_found, single, error);
  if (pass->found && objective->spec.fast_sums)
    rv__all_reduce_set_unordered (pass->found);
  return pass->found != NULL;
}

gsize
rv__objective_sums_traffic (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  if (rv__cluster_size (objective->spec.cluster) == 1 || pass->n_found == 0)
    return 0;
  if (objective->spec.fast_sums)
    return 2 * (gsize) pass->n_found * sizeof (double);
  return word_bytes (objective) +
         rv__all_reduce_traffic (objective->spec.cluster, pass->first, pass->n_found, objective->spec.type == RV_F32);
}

/* ---- what is found ----------------------------------------------------------------------------------------------- */

void
rv__objective_clear_found (RvObjective *objective)
{
  for (guint i = 0; i < objective->placed->len; i++) {
    RvPlaced *placed = placed_at (objective, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++)
      memset (placed->measured[k], 0, (gsize) placed->n[k] * sizeof (double));
  }
}

/* What is told of one sum, into @part, which is moved behind it. */
static gboolean
take_sum (RvObjective *objective, const RvPlaced *placed, int k, double **part, GError **error)
{
  if (!rv__executable_get (objective->pass.executable, placed->found[k], objective->staging, error))
    return FALSE;
  for (gint64 row = 0; row < n_rows (placed, k); row++)
    for (gint64 j = 0; j < row_length (placed, k, row); j++) {
      gint64 at = row * placed->side[k] + j;
      *(*part)++ = objective->spec.type == RV_F64 ? ((const double *) objective->staging)[at]
                                                  : (double) ((const float *) objective->staging)[at];
    }
  return TRUE;
}

/* Where no rank has windows of its own rank 0's count. */
gboolean
rv__objective_take_sums (RvObjective *objective, GError **error)
{
  const RvPass *pass = &objective->pass;
  double *part = pass->part;
  for (guint i = 0; i < objective->placed->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS && placed_at (objective, i)->n[k] > 0; k++)
      if (!take_sum (objective, placed_at (objective, i), k, &part, error))
        return FALSE;
  if (pass->found && (pass->tiling || rv__cluster_rank (objective->spec.cluster) == 0))
    rv__all_reduce_add (pass->found, pass->part);
  return TRUE;
}

gboolean
rv__objective_knows_sums (const RvObjective *objective)
{
  return rv__cluster_rank (objective->spec.cluster) == 0 || objective->spec.fast_sums;
}

gboolean
rv__objective_join_sums (RvObjective *objective, gboolean everywhere, GError **error)
{
  const RvPass *pass = &objective->pass;
  const double *from = pass->part;
  if (!pass->found)
    return TRUE;
  if (!(everywhere ? rv__all_reduce_finish : rv__all_reduce_finish_on_root) (pass->found, pass->part, error))
    return FALSE;
  for (guint i = 0; i < objective->placed->len; i++) {
    const RvPlaced *placed = placed_at (objective, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++) {
      for (gint64 row = 0; row < n_rows (placed, k); from += row_length (placed, k, row++))
        memcpy (placed->measured[k] + row * placed->side[k], from,
                (gsize) row_length (placed, k, row) * sizeof (double));
      mirror (placed, k, sizeof (double), placed->measured[k]);
    }
  }
  return TRUE;
}

/* ---- what follows from it ---------------------------------------------------------------------------------------- */

/* Where the gradients of a term's sums begin. */
static guint8 *
slopes_at (const RvObjective *objective, guint i)
{
  gint64 before = 0;
  for (guint j = 0; j < i; j++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      before += count_of (placed_at (objective, j), k);
  return slopes_of (objective) + (gsize) before * unit_of (objective);
}

void
rv__objective_keep_slopes (RvObjective *objective, guint i, double loss, double weight)
{
  const RvPlaced *placed = placed_at (objective, i);
  guint8 *to = slopes_at (objective, i);
  objective->pass.word[i] = loss;
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
    for (gint64 row = 0; row < n_rows (placed, k); row++)
      for (gint64 j = 0; j < row_length (placed, k, row); j++, to += unit_of (objective)) {
        double slope = weight * placed->grad[k][row * placed->side[k] + j];
        if (objective->spec.type == RV_F64)
          *(double *) (void *) to = slope;
        else
          *(float *) (void *) to = (float) slope;
      }
}

gboolean
rv__objective_tell_slopes (RvObjective *objective, GError **error)
{
  const RvPass *pass = &objective->pass;
  return !pass->found || objective->spec.fast_sums ||
         rv__cluster_broadcast (objective->spec.cluster, pass->word, word_bytes (objective), 0, error);
}

gboolean
rv__objective_set_slopes (RvObjective *objective, guint i, double *loss, GError **error)
{
  const RvPlaced *placed = placed_at (objective, i);
  const guint8 *from = slopes_at (objective, i);
  gsize unit = unit_of (objective);
  *loss = objective->pass.word[i];
  for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++) {
    for (gint64 row = 0; row < n_rows (placed, k); from += (gsize) row_length (placed, k, row++) * unit)
      memcpy ((guint8 *) objective->staging + (gsize) (row * placed->side[k]) * unit, from,
              (gsize) row_length (placed, k, row) * unit);
    mirror (placed, k, unit, objective->staging);
    if (!rv__executable_set (objective->pass.executable, placed->grad_found[k], objective->staging, error))
      return FALSE;
  }
  return TRUE;
}
