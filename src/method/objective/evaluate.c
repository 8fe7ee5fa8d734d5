/* evaluate.c -- the loss of pictures and its gradient.
 *
 *   for each picture:
 *     stats <- for each tile: forward pass; sums are added, maps are assembled
 *     loss, dL/d(stats) <- the loss functions of the statistics
 *     g <- for each tile: forward pass, unless the program still has its features; backward pass from dL/d(stats)
 *
 * If distributed, each rank computes its own tiles, and statistics and g are reduced over all ranks (distribute.c). A
 * picture that fits is a single tile; x and g are values of the program and are not copied. */
#include "objective-internal.h"
#include <string.h>

/* Adds @part * info.mask_mean * the loss for @target to *loss; the sums must be divided by the mask mean already. Sums:
 * adds @part times the gradient to the term's grad_sums, and overwrites picture_grad_sums. Maps: adds the gradient of
 * @weight times that loss to grad_map. A position under a mask so counts as much as without masks. */
static gboolean
add_target_loss (RvTermInstance *instance, const RvLossTarget *target, double part, double weight, double *loss,
                 GError **error)
{
  const RvLossClass *class = instance->term->loss;
  double own;
  if (class->tiling == RV_TILING_WHOLE) {
    if (!class->compare (&instance->info, &instance->map, target, weight * part * instance->info.mask_mean,
                         &instance->grad_map, &own, error))
      return FALSE;
    *loss += part * instance->info.mask_mean * own;
    return TRUE;
  }
  own = class->evaluate (&instance->info, (const double *const *) instance->sums, target, instance->picture_grad_sums);
  for (int k = 0; k < class->n_sums; k++)
    for (gint64 i = 0; i < instance->n[k]; i++)
      instance->grad_sums[k][i] += part * instance->picture_grad_sums[k][i];
  *loss += instance->info.mask_mean * (part * own);
  return TRUE;
}

/* Sets *loss to the unweighted loss of term @i for picture @n, over all its targets. Overwrites the term's grad_sums,
 * or its grad_map, which is already multiplied by @weight. Divides the term's sums by the mask mean in place. With a
 * mask of zeros, loss and gradients are 0. */
static gboolean
evaluate_term (const RvObjective *objective, guint i, int n, double weight, double *loss, GError **error)
{
  RvTermInstance *instance = instance_at (objective, i);
  *loss = 0;
  for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->n[k] > 0; k++)
    memset (instance->grad_sums[k], 0, (gsize) instance->n[k] * sizeof (double));
  if (instance->grad_map.data)
    memset (instance->grad_map.data, 0, map_bytes (&instance->grad_map));
  if (instance->info.mask_mean <= 0)
    return TRUE;
  for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->info.mask_mean < 1; k++)
    for (gint64 j = 0; j < instance->n[k]; j++)
      instance->sums[k][j] /= instance->info.mask_mean;
  if (instance->term->loss->target != RV_TARGET_SUMS)
    return add_target_loss (instance, &instance->norm[n], 1, weight, loss, error);
  for (guint s = 0; s < objective->others->len; s++) {
    const RvWeightedTarget *other = &g_array_index (objective->others, RvWeightedTarget, s);
    const RvLossTarget *target = rv__objective_target (objective, i, (int) s);
    if (target && !add_target_loss (instance, target, other->weight, weight, loss, error))
      return FALSE;
  }
  return TRUE;
}

/* Weight of a term in the loss of one picture: that of rv__objective_set_weights(), divided by the number of pictures.
 */
static double
term_weight (const RvObjective *objective, const RvTermInstance *instance)
{
  gsize i = (gsize) (instance->term - (const RvTerm *) (const void *) objective->spec.terms->data);
  return g_array_index (objective->weighted_terms, RvTerm, i).weight / objective->spec.n_pictures;
}

/* Adds the weighted losses of picture @n to @losses, and loads the gradients of the sums into the program. @local: each
 * rank evaluates all terms, for gradients that do not depend on the sums. Else only ranks that have the sums (rank 0,
 * or all with fast_sums) evaluate terms of sums, and rank 0 broadcasts the results; every rank evaluates terms of maps.
 * Collective unless @local. */
static gboolean
evaluate_terms (RvObjective *objective, int n, gboolean local, RvLosses *losses, GError **error)
{
  gboolean has_sums = local || objective->spec.fast_sums || rv__cluster_rank (objective->spec.cluster) == 0;
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    double loss, weight = term_weight (objective, instance);
    if (!has_sums && instance->n[0] > 0)
      continue;
    if (!evaluate_term (objective, i, n, weight, &loss, error))
      return FALSE;
    rv__objective_store_grad_sums (objective, i, loss, weight);
  }
  if (!local && !rv__objective_broadcast_grad_sums (objective, error))
    return FALSE;
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    double loss;
    if (!rv__objective_set_grad_sums (objective, i, &loss, error))
      return FALSE;
    losses->loss[instance->group] += term_weight (objective, instance) * loss;
  }
  return TRUE;
}

/* Runs forward and backward passes for picture @n of @x over this rank's tiles; adds the gradients of the tiles of
 * all ranks to @gradient; if resident, overwrites @gradient. @is_loaded: the features of the last tile are in the
 * program; this tile then comes first, without a forward pass. If not @is_loaded, collects maps and sums of all
 * tiles, too. With tiles, counts them and their time in n_busy and busy_us. Collective. */
static gboolean
backward (RvObjective *objective, int n, const void *x, gboolean is_loaded, void *gradient, GError **error)
{
  int from = rv__objective_first_tile (objective), end = rv__objective_end_tile (objective);
  gint64 began_us = g_get_monotonic_time ();
  for (int i = 0; i < end - from; i++) {
    RvTileInput window = { n, is_loaded ? end - 1 - i : from + i, x, -1 };
    if ((i > 0 || !is_loaded) &&
        (!rv__objective_load (objective, &window, error) || !rv__executable_forward (objective->executable, error)))
      return FALSE;
    if (!is_loaded && !rv__objective_collect (objective, &window, error))
      return FALSE;
    if (!rv__objective_load_grad_maps (objective, &window, error) ||
        !rv__executable_backward (objective->executable, error) ||
        !rv__objective_add_gradient (objective, &window, gradient, error))
      return FALSE;
  }
  if (objective->tiling) {
    objective->busy_us += g_get_monotonic_time () - began_us;
    objective->n_busy += end - from;
  }
  return rv__objective_reduce_gradients (objective, n, !is_loaded, gradient, error);
}

/* Adds losses and gradient of picture @n of @x to @losses and @gradient. One pass over the tiles computes both if the
 * gradients of the sums do not depend on the sums. Collective. */
static gboolean
evaluate_picture (RvObjective *objective, int n, const void *x, void *gradient, RvLosses *losses, GError **error)
{
  RvLosses unused = { 0 };
  gboolean at_once = objective->linear && rv__objective_n_tiles (objective) > 1;
  if (!at_once)
    return rv__objective_forward_local (objective, n, x, -1, FALSE, error) &&
           rv__objective_reduce_sums (objective, FALSE, error) && evaluate_terms (objective, n, FALSE, losses, error) &&
           backward (objective, n, x, TRUE, gradient, error);
  rv__objective_clear_sums (objective);
  return evaluate_terms (objective, n, TRUE, &unused, error) && /* for the gradients */
         backward (objective, n, x, FALSE, gradient, error) && rv__objective_reduce_sums (objective, FALSE, error) &&
         evaluate_terms (objective, n, FALSE, losses, error);
}

gboolean
rv__objective_evaluate_at (RvObjective *objective, const void *x, void *gradient, RvLosses *losses, GError **error)
{
  *losses = objective->groups;
  if (!rv__objective_is_resident (objective)) /* backward() adds tiles to it */
    memset (gradient, 0, rv__objective_pictures_bytes (objective));
  for (int n = 0; n < objective->spec.n_pictures; n++)
    if (!evaluate_picture (objective, n, x, gradient, losses, error))
      return FALSE;
  for (int i = 0; i < losses->n_groups; i++)
    losses->total += losses->loss[i];
  return TRUE;
}

gboolean
rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error)
{
  return rv__objective_evaluate_at (objective, rv__objective_x (objective), rv__objective_gradient (objective), losses,
                                    error);
}

/* ---- timing ------------------------------------------------------------------------------------------------------ */

#define TUNE_PART 0.05        /* largest fraction of the planned time for measuring kernels */
#define PIXELS_PER_SECOND 2e6 /* two cores of 2024 with the built-in network, roughly */
#define TRIAL_EVALUATIONS 3

double
rv__objective_tune_seconds (gint64 pixels, gint64 n_evaluations)
{
  return TUNE_PART * (double) pixels * (double) n_evaluations / PIXELS_PER_SECOND;
}

gboolean
rv__objective_time (RvObjective *objective, double *seconds, GError **error)
{
  RvLosses losses;
  for (int i = 0; i < TRIAL_EVALUATIONS; i++) {
    gint64 began_us = g_get_monotonic_time ();
    if (rv__stop_requested (&objective->spec.stop_request, error) ||
        !rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    double taken = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    *seconds = i == 0 ? taken : MIN (*seconds, taken);
  }
  return TRUE;
}
