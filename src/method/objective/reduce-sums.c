/* reduce-sums.c -- sums of the terms, over tiles and ranks.
 *
 *   of each tile      its sums                      -> rank 0, which adds them in double, in the order of the tiles
 *   of all tiles      the losses, and dL/d(sums)    -> all ranks, in the program's type
 *
 * For symmetric matrices, nearly all of the data, only a triangle is sent. A single process uses the same triangles, so
 * that its bytes equal those of any number of ranks. */
#include "objective-internal.h"
#include <string.h>

/* Bytes of a number in the program's type. */
static gsize
number_bytes (const RvObjective *objective)
{
  return rv__type_bytes (objective->spec.type);
}

/* ---- triangles --------------------------------------------------------------------------------------------------- */

/* Number of rows of sum @k that are sent; 0: the term has no sum @k. Rows of a symmetric matrix end at the diagonal;
 * other sums are one row. */
static gint64
n_rows (const RvTermInstance *instance, int k)
{
  return instance->n[k] == 0 ? 0 : MAX (instance->side[k], 1);
}

/* Count of the numbers of row @row of sum @k that are sent. */
static gint64
row_length (const RvTermInstance *instance, int k, gint64 row)
{
  return instance->side[k] > 0 ? row + 1 : instance->n[k];
}

/* Count of the numbers of sum @k that are sent; 0: the term has no sum @k. */
static gint64
count_numbers (const RvTermInstance *instance, int k)
{
  gint64 n = 0;
  for (gint64 row = 0; row < n_rows (instance, k); row++)
    n += row_length (instance, k, row);
  return n;
}

gint64
rv__objective_n_sums (const RvObjective *objective)
{
  gint64 n = 0;
  for (guint i = 0; i < objective->instances->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      n += count_numbers (instance_at (objective, i), k);
  return n;
}

/* Copies the lower triangle of @whole to the upper one, if sum @k is a symmetric matrix; else does nothing. @unit:
 * bytes of a number. */
static void
mirror (const RvTermInstance *instance, int k, gsize unit, void *whole)
{
  gint64 side = instance->side[k];
  guint8 *at = whole;
  for (gint64 row = 0; row < side; row++)
    for (gint64 j = 0; j < row; j++)
      memcpy (at + (gsize) (j * side + row) * unit, at + (gsize) (row * side + j) * unit, unit);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Bytes of objective->losses_and_grads. */
static gsize
message_bytes (const RvObjective *objective)
{
  return objective->instances->len * sizeof (double) + (gsize) objective->n_sums * number_bytes (objective);
}

void
rv__objective_add_sum_buffers (RvObjective *objective)
{
  rv__objective_add_buffer (objective, &objective->losses_and_grads, message_bytes (objective),
                            "messages between ranks");
  rv__objective_add_buffer (objective, &objective->tile_sums, (gsize) objective->n_sums * sizeof (double),
                            "a tile's sums");
  rv__objective_add_buffer (objective, NULL,
                            rv__all_reduce_bytes (objective->spec.cluster, objective->first_tile, objective->n_sums,
                                                  objective->spec.type == RV_F32),
                            "the sums of all tiles");
}

gboolean
rv__objective_bind_sums (RvObjective *objective, GError **error)
{
  gboolean single = objective->spec.type == RV_F32;
  if (objective->n_sums == 0)
    return TRUE;
  objective->all_reduce =
    rv__all_reduce_new (objective->spec.cluster, objective->first_tile, objective->n_sums, single, error);
  if (objective->all_reduce && objective->spec.fast_sums)
    rv__all_reduce_set_unordered (objective->all_reduce);
  return objective->all_reduce != NULL;
}

gsize
rv__objective_sums_traffic (const RvObjective *objective)
{
  if (rv__cluster_size (objective->spec.cluster) == 1 || objective->n_sums == 0)
    return 0;
  if (objective->spec.fast_sums)
    return 2 * (gsize) objective->n_sums * sizeof (double);
  return message_bytes (objective) + rv__all_reduce_traffic (objective->spec.cluster, objective->first_tile,
                                                             objective->n_sums, objective->spec.type == RV_F32);
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

void
rv__objective_clear_sums (RvObjective *objective)
{
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->n[k] > 0; k++)
      memset (instance->sums[k], 0, (gsize) instance->n[k] * sizeof (double));
  }
}

/* Copies sum @k of a term from the program to *part, in double and without an upper triangle, and advances *part behind
 * it. Overwrites objective->staging. */
static gboolean
read_sum (RvObjective *objective, const RvTermInstance *instance, int k, double **part, GError **error)
{
  if (!rv__executable_get (objective->executable, instance->stats[k], objective->staging, error))
    return FALSE;
  for (gint64 row = 0; row < n_rows (instance, k); row++)
    for (gint64 j = 0; j < row_length (instance, k, row); j++) {
      gint64 at = row * instance->side[k] + j;
      *(*part)++ = objective->spec.type == RV_F64 ? ((const double *) objective->staging)[at]
                                                  : (double) ((const float *) objective->staging)[at];
    }
  return TRUE;
}

gboolean
rv__objective_add_tile_sums (RvObjective *objective, GError **error)
{
  /* Without tiles every rank computes the same sums; only those of rank 0 are added. */
  double *part = objective->tile_sums;
  for (guint i = 0; i < objective->instances->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS && instance_at (objective, i)->n[k] > 0; k++)
      if (!read_sum (objective, instance_at (objective, i), k, &part, error))
        return FALSE;
  if (objective->all_reduce && (objective->tiling || rv__cluster_rank (objective->spec.cluster) == 0))
    rv__all_reduce_add (objective->all_reduce, objective->tile_sums);
  return TRUE;
}

gboolean
rv__objective_reduce_sums (RvObjective *objective, gboolean everywhere, GError **error)
{
  const double *from = objective->tile_sums;
  if (!objective->all_reduce)
    return TRUE;
  if (!(everywhere ? rv__all_reduce_finish : rv__all_reduce_finish_on_root) (objective->all_reduce,
                                                                             objective->tile_sums, error))
    return FALSE;
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->n[k] > 0; k++) {
      for (gint64 row = 0; row < n_rows (instance, k); from += row_length (instance, k, row++))
        memcpy (instance->sums[k] + row * instance->side[k], from,
                (gsize) row_length (instance, k, row) * sizeof (double));
      mirror (instance, k, sizeof (double), instance->sums[k]);
    }
  }
  return TRUE;
}

/* ---- gradients of the sums --------------------------------------------------------------------------------------- */

/* Address of the gradients of term @i in losses_and_grads. Borrowed. */
static guint8 *
term_grad_sums (const RvObjective *objective, guint i)
{
  gint64 before = 0;
  for (guint j = 0; j < i; j++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      before += count_numbers (instance_at (objective, j), k);
  return (guint8 *) (objective->losses_and_grads + objective->instances->len) +
         (gsize) before * number_bytes (objective);
}

void
rv__objective_store_grad_sums (RvObjective *objective, guint i, double loss, double weight)
{
  const RvTermInstance *instance = instance_at (objective, i);
  guint8 *to = term_grad_sums (objective, i);
  objective->losses_and_grads[i] = loss;
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
    for (gint64 row = 0; row < n_rows (instance, k); row++)
      for (gint64 j = 0; j < row_length (instance, k, row); j++, to += number_bytes (objective)) {
        double grad = weight * instance->grad_sums[k][row * instance->side[k] + j];
        if (objective->spec.type == RV_F64)
          *(double *) (void *) to = grad;
        else
          *(float *) (void *) to = (float) grad;
      }
}

gboolean
rv__objective_broadcast_grad_sums (RvObjective *objective, GError **error)
{
  return !objective->all_reduce || objective->spec.fast_sums ||
         rv__cluster_broadcast (objective->spec.cluster, objective->losses_and_grads, message_bytes (objective), 0,
                                error);
}

gboolean
rv__objective_set_grad_sums (RvObjective *objective, guint i, double *loss, GError **error)
{
  const RvTermInstance *instance = instance_at (objective, i);
  const guint8 *from = term_grad_sums (objective, i);
  gsize unit = number_bytes (objective);
  *loss = objective->losses_and_grads[i];
  for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->n[k] > 0; k++) {
    for (gint64 row = 0; row < n_rows (instance, k); from += (gsize) row_length (instance, k, row++) * unit)
      memcpy ((guint8 *) objective->staging + (gsize) (row * instance->side[k]) * unit, from,
              (gsize) row_length (instance, k, row) * unit);
    mirror (instance, k, unit, objective->staging);
    if (!rv__executable_set (objective->executable, instance->grad_stats[k], objective->staging, error))
      return FALSE;
  }
  return TRUE;
}
