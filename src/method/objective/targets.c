/* targets.c -- targets of the terms: features of pictures of the same size, statistics of other pictures. */
#include "objective-internal.h"
#include <string.h>

/* ---- forward passes ---------------------------------------------------------------------------------------------- */

gboolean
rv__objective_forward_local (RvObjective *objective, int n, const void *x, int target_picture, gboolean polls_stop,
                             GError **error)
{
  int end = rv__objective_end_tile (objective);
  for (int tile = rv__objective_first_tile (objective); tile < end; tile++) {
    RvTileInput window = { n, tile, x, target_picture };
    if (polls_stop && rv__stop_requested (&objective->spec.stop_request, error))
      return FALSE;
    if (!rv__objective_load (objective, &window, error) || !rv__executable_forward (objective->executable, error) ||
        !rv__objective_collect (objective, &window, error))
      return FALSE;
    if (target_picture >= 0 && !rv__objective_store_targets (objective, &window, error))
      return FALSE;
  }
  return rv__objective_all_gather_maps (objective, error) &&
         (target_picture < 0 || rv__objective_all_gather_targets (objective, n, target_picture, error));
}

/* Forward pass of picture @n as rv__objective_forward_local(), with polls; reduces the sums on every rank. */
static gboolean
forward (RvObjective *objective, int n, const void *x, int target_picture, GError **error)
{
  return rv__objective_forward_local (objective, n, x, target_picture, TRUE, error) &&
         rv__objective_reduce_sums (objective, TRUE, error);
}

/* Frees the contents of @target and replaces them by the statistics of the last forward pass: a copy of the sums, and
 * the map, which moves from @instance to @target and is prepared by RvLossClass.prepare_target. After an error,
 * @target is incomplete, and its owner clears it as usual. */
static gboolean
take_stats (RvTermInstance *instance, RvLossTarget *target, GError **error)
{
  const RvLossClass *loss = instance->term->loss;
  rv__objective_clear_target (target);
  target->positions = instance->info.positions;
  for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->n[k] > 0; k++) {
    gsize bytes = (gsize) instance->n[k] * sizeof (double);
    if (!(target->sum[k] = rv__alloc (bytes, "the statistics of a picture", error)))
      return FALSE;
    memcpy (target->sum[k], instance->sums[k], bytes);
  }
  target->map = instance->map;
  instance->map.data = NULL;
  return !target->map.data || !loss->prepare_target || loss->prepare_target (&instance->info, &target->map, error);
}

/* ---- features ---------------------------------------------------------------------------------------------------- */

/* Sets the targets of picture @which in the program, if set before, to 0; not those on the host. */
static gboolean
zero_targets (RvObjective *objective, int which, GError **error)
{
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    RvExecutable *executable = objective->executable;
    if (instance->target < 0 || instance->host_target || instance->term->picture != which ||
        instance->norm[0].positions == 0)
      continue;
    void *zero = rv__alloc (rv__program_value_bytes (executable->program, instance->target), "a target", error);
    if (!zero)
      return FALSE;
    gboolean ok = rv__executable_set (executable, instance->target, zero, error);
    rv__free (zero);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__objective_set_features (RvObjective *objective, int which, const void *x, GError **error)
{
  /* Compares with zeros: the sum of squared differences is then sum P^2, the norm that some losses divide by. */
  if (!zero_targets (objective, which, error))
    return FALSE;
  for (int n = 0; n < objective->spec.n_pictures; n++) {
    if (!forward (objective, n, x, which, error))
      return FALSE;
    for (guint i = 0; i < objective->instances->len; i++) {
      RvTermInstance *instance = instance_at (objective, i);
      if (instance->target >= 0 && instance->term->picture == which &&
          !take_stats (instance, &instance->norm[n], error))
        return FALSE;
    }
  }
  return TRUE;
}

/* ---- statistics of other pictures -------------------------------------------------------------------------------- */

/* Whether @term is an RV_TARGET_SUMS term that compares with target picture @which, or with all target pictures. */
static gboolean
compares_with (const RvTerm *term, int which)
{
  return term->loss->target == RV_TARGET_SUMS && (term->picture < 0 || term->picture == which);
}

const RvLossTarget *
rv__objective_target (const RvObjective *objective, guint i, int which)
{
  const RvWeightedTarget *other = &g_array_index (objective->others, RvWeightedTarget, which);
  guint number = 0;
  if (!compares_with (instance_at (objective, i)->term, which))
    return NULL;
  for (guint j = 0; j < i; j++)
    number += compares_with (instance_at (objective, j)->term, which);
  return &g_array_index (other->sums, RvLossTarget, number);
}

/* Applies the mask of a term to its statistics, and sets info.mask to NULL. Divides the sums by the mask mean, unless
 * that is 0. Removes positions with a weight below 0.5 from a map, unless that would remove all; map.positions and
 * info.positions then count the remaining positions. */
static void
apply_mask (RvTermInstance *instance)
{
  RvLossMap *map = &instance->map;
  gsize unit = rv__type_bytes (map->type);
  guint8 *to = map->data;
  gint64 n = 0;
  for (int k = 0; k < RV_LOSS_MAX_SUMS && instance->info.mask_mean > 0; k++)
    for (gint64 i = 0; i < instance->n[k]; i++)
      instance->sums[k][i] /= instance->info.mask_mean;
  for (gint64 p = 0; map->data && p < map->positions; p++)
    n += rv__loss_weight_at (&instance->info, p) >= 0.5;
  for (gint64 i = 0; n > 0 && i < map->channels * map->positions; i++)
    if (rv__loss_weight_at (&instance->info, i % map->positions) >= 0.5) {
      memmove (to, (guint8 *) map->data + (gsize) i * unit, unit);
      to += unit;
    }
  if (n > 0)
    instance->info.positions = map->positions = n;
  instance->info.mask = NULL;
}

RvTargetStats *
rv__objective_measure_target (const RvObjective *objective, int which, const void *picture, const float *mask,
                              int height, int width, GError **error)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (RvTerm)),
                     sums = g_array_new (FALSE, TRUE, sizeof (RvLossTarget));
  for (guint i = 0; i < objective->spec.terms->len; i++) {
    RvTerm term = g_array_index (objective->spec.terms, RvTerm, i);
    term.mask = mask ? 0 : -1;
    if (compares_with (&term, which))
      g_array_append_val (terms, term);
  }
  g_array_set_clear_func (sums, (GDestroyNotify) rv__objective_clear_target);
  if (terms->len == 0)
    return g_steal_pointer (&sums);
  g_autoptr (RvObjective) other =
    rv__objective_new_for_target (objective, terms, mask, objective->spec.cluster, height, width, error);
  if (!other || !forward (other, 0, picture, -1, error))
    return NULL;
  g_array_set_size (sums, other->instances->len); /* sets the entries to 0 */
  for (guint i = 0; mask && i < other->instances->len; i++)
    apply_mask (instance_at (other, i));
  for (guint i = 0; i < other->instances->len; i++)
    if (!take_stats (instance_at (other, i), &g_array_index (sums, RvLossTarget, i), error))
      return NULL;
  return g_steal_pointer (&sums);
}

void
rv__objective_add_target (RvObjective *objective, RvTargetStats *sums, double weight)
{
  RvWeightedTarget other = { .sums = g_array_ref (sums), .weight = weight };
  g_array_append_val (objective->others, other);
}

void
rv__objective_clear_targets (RvObjective *objective)
{
  g_array_set_size (objective->others, 0);
}

gboolean
rv__objective_measure_and_add_target (RvObjective *objective, const void *picture, int height, int width, double weight,
                                      GError **error)
{
  int which = (int) objective->others->len;
  g_autoptr (GArray) sums = rv__objective_measure_target (objective, which, picture, NULL, height, width, error);
  if (sums)
    rv__objective_add_target (objective, sums, weight);
  return sums != NULL;
}
