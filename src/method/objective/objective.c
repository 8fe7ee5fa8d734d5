/* objective.c -- construction, memory and planning of an objective. */
#include "objective-internal.h"
#include "base/error.h"

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* Frees mask_plane and the array `norm` of an RvTermInstance; rv__objective_free() has cleared the targets in
 * `norm`. */
static void
clear_instance (gpointer data)
{
  RvTermInstance *instance = data;
  rv__free (instance->mask_plane);
  g_free (instance->norm);
}

void
rv__objective_clear_target (RvLossTarget *target)
{
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
    rv__free (target->sum[k]);
  rv__free (target->map.data);
  *target = (RvLossTarget){ 0 };
}

/* Releases the statistics of an RvWeightedTarget. */
static void
clear_other (gpointer data)
{
  g_array_unref (((RvWeightedTarget *) data)->sums);
}

/* A new objective with a copy of @spec, in which 0 and NULL are replaced by the defaults, without instances and
 * program. (transfer full): rv__objective_free(). References spec->terms. Cannot fail. */
static RvObjective *
new_blank (const RvObjectiveSpec *spec, int height, int width)
{
  RvObjective *objective = g_new0 (RvObjective, 1);
  objective->spec = *spec;
  objective->spec.terms = g_array_ref (spec->terms);
  objective->weighted_terms = g_array_ref (spec->terms);
  objective->spec.n_pictures = MAX (spec->n_pictures, 1);
  objective->spec.channels = spec->channels > 0 ? spec->channels : 3;
  objective->spec.cluster = spec->cluster ? spec->cluster : rv__cluster_self ();
  objective->height = height;
  objective->width = width;
  objective->instances = g_array_new (FALSE, TRUE, sizeof (RvTermInstance));
  g_array_set_clear_func (objective->instances, clear_instance);
  objective->others = g_array_new (FALSE, FALSE, sizeof (RvWeightedTarget));
  g_array_set_clear_func (objective->others, clear_other);
  return objective;
}

/* Fills objective->groups with the names of the terms' groups. RV_ERROR_SETTING for no group or too many. */
static gboolean
list_groups (RvObjective *objective, GError **error)
{
  RvLosses *groups = &objective->groups;
  groups->n_groups = rv__terms_groups (objective->spec.terms, groups->group);
  if (groups->n_groups < 0)
    rv__error_set (error, RV_ERROR_SETTING, "at most %d kinds of losses can be combined", RV_MAX_GROUPS);
  else if (groups->n_groups == 0)
    rv__error_set (error, RV_ERROR_SETTING, "all weights are 0; set one above 0");
  return groups->n_groups > 0;
}

/* Sets *halo to the halo that the cores need: by the receptive fields of the layers in the whole picture, and at least
 * the borders that terms on x itself read. After an error, *halo is undefined. */
static gboolean
compute_halo (const RvObjective *objective, RvHalo *halo, GError **error)
{
  g_autoptr (RvObjective) shapes = new_blank (&objective->spec, objective->height, objective->width);
  g_autoptr (RvProgram) program = rv__program_new (objective->spec.type);
  int x, n_features = 0, layer_border = 0, picture_border = 0;
  if (!rv__objective_record (shapes, program, &x, error))
    return FALSE;
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
  g_autofree int *features = g_new (int, shapes->instances->len);
  for (guint i = 0; i < shapes->instances->len; i++) {
    const RvTerm *term = instance_at (shapes, i)->term;
    int *needs = term->layer ? &layer_border : &picture_border;
    *needs = MAX (*needs, MAX (term->loss->border, term->loss->halo));
    if (term->layer)
      features[n_features++] = instance_at (shapes, i)->feature;
  }
  if (!rv__halo_compute (reaches, features, n_features, layer_border, halo, error))
    return FALSE;
  rv__halo_widen (halo, picture_border);
  return TRUE;
}

/* Sets objective->tiling if tiles are requested, a term is on a layer, and the picture is larger than one tile. */
static gboolean
plan_tiling (RvObjective *objective, GError **error)
{
  int tile_px = objective->spec.fit.tile_px, height = objective->height, width = objective->width;
  RvHalo halo;
  if (tile_px <= 0 || rv__objective_count_terms (&objective->spec) == 0 || MAX (height, width) <= tile_px)
    return TRUE;
  if (!compute_halo (objective, &halo, error))
    return FALSE;
  objective->tiling = rv__tiling_new (height, width, &halo, tile_px);
  if (rv__tiling_size (objective->tiling) == 1)
    g_clear_pointer (&objective->tiling, rv__tiling_free);
  return TRUE;
}

/* Records, plans and compiles the program into @objective, whose tiling is planned. Differentiates it, too, unless
 * spec.only_stats: then grad_x_value is -1. */
static gboolean
compile_program (RvObjective *objective, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  g_autoptr (RvProgram) program = rv__program_new (spec->type);
  objective->recompute_work = 1;
  if (!rv__objective_record (objective, program, &objective->x_value, error))
    return FALSE;
  if (objective->tiling)
    rv__objective_count_positions (objective, program, objective->x_value);
  rv__objective_assign_tiles (objective);
  objective->linear = TRUE; /* whether no gradient of a sum depends on the sums */
  for (guint i = 0; i < objective->instances->len; i++)
    objective->linear = objective->linear && instance_at (objective, i)->term->loss->linear;
  if (!rv__objective_set_masks (objective, program, objective->x_value, error))
    return FALSE;
  program->n_forward = (int) program->calls->len;
  objective->grad_x_value =
    spec->only_stats ? -1 : rv__objective_differentiate (objective, program, objective->x_value);
  if (!rv__graph_plan (program, error))
    return FALSE;
  if (spec->fit.recompute && !spec->only_stats)
    program = rv__graph_recompute (g_steal_pointer (&program), spec->backend, &objective->recompute_work);
  objective->executable = rv__executable_new (spec->backend, g_steal_pointer (&program), &spec->compile, error);
  return objective->executable != NULL;
}

/* Creates objective->buffers: all memory of the bound objective, with that of its program, of targets and of matching.
 * Allocates nothing. Cannot fail. */
static void
list_buffers (RvObjective *objective)
{
  const RvObjectiveSpec *spec = &objective->spec;
  gsize largest = sizeof (double), of_other = 0, workspace = 0;
  objective->buffers = rv__buffers_new (NULL, 0);
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    const RvLossClass *loss = instance->term->loss;
    gsize map = map_bytes (&instance->map);
    /* with masks a layer has a term for each picture; maps of target pictures have about the same size */
    gboolean compares = loss->target == RV_TARGET_SUMS && instance->term->picture <= 0;
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++) {
      gsize bytes = (gsize) instance->n[k] * sizeof (double);
      rv__objective_add_buffer (objective, &instance->sums[k], bytes, "the losses' sums");
      rv__objective_add_buffer (objective, &instance->grad_sums[k], bytes, "the losses' sums");
      rv__objective_add_buffer (objective, &instance->picture_grad_sums[k], bytes, "the losses' sums");
      largest = MAX (largest, bytes);
      of_other += compares ? bytes : 0;
    }
    rv__objective_add_buffer (objective, &instance->map.data, map, "a loss's map");
    rv__objective_add_buffer (objective, &instance->grad_map.data, map, "a loss's map");
    if (instance->term->mask >= 0)
      rv__objective_add_buffer (objective, NULL, (gsize) instance->info.positions * sizeof (float), "a mask");
    of_other += compares ? map : 0;
    workspace =
      MAX (workspace, loss->workspace_bytes ? loss->workspace_bytes (&instance->info, spec->compile.n_threads) : 0);
  }
  rv__objective_add_buffer (objective, &objective->staging, largest, "a sum on its way");
  rv__objective_add_buffer (objective, NULL, (gsize) spec->n_targets * of_other, "the sums of other pictures");
  rv__objective_add_buffer (objective, NULL, workspace, "a loss that compares");
  rv__objective_add_buffer (objective, NULL, rv__executable_memory (objective->executable), "the program");
  rv__objective_add_buffer (objective, NULL, rv__objective_match_bytes (objective), "matching");
  rv__objective_add_sum_buffers (objective);
  rv__objective_add_tile_grad_buffers (objective);
  rv__objective_add_window_buffers (objective);
}

RvObjective *
rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error)
{
  g_autoptr (RvObjective) objective = new_blank (spec, height, width);
  if (!list_groups (objective, error) || !plan_tiling (objective, error) || !compile_program (objective, error))
    return NULL;
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    instance->map.type = objective->spec.type;
    instance->map.positions = instance->info.positions;
    instance->grad_map = instance->map;
    instance->info.mask = instance->mask_plane;
    instance->info.rows = instance->rows;
  }
  list_buffers (objective);
  return g_steal_pointer (&objective);
}

RvObjective *
rv__objective_new_for_target (const RvObjective *objective, GArray *terms, const float *mask, RvCluster *cluster,
                              int height, int width, GError **error)
{
  RvObjectiveSpec spec = objective->spec;
  spec.terms = terms;
  spec.masks = mask ? &mask : NULL;
  spec.n_pictures = 1;
  spec.only_stats = TRUE;
  spec.cluster = cluster;
  spec.compile.tune_s = 0;     /* for one pass, measuring kernels takes longer than it saves */
  spec.compile.kernels = NULL; /* its kernels do not affect the run */
  if (spec.fit.tile_px == 0)   /* a larger picture must not take more memory than the objective */
    spec.fit.tile_px = MAX (objective->height, objective->width);
  g_autoptr (RvObjective) other = rv__objective_new (&spec, height, width, error);
  return other && rv__objective_bind (other, error) ? g_steal_pointer (&other) : NULL;
}

void
rv__objective_set_stop_request (RvObjective *objective, RvStopRequest stop_request)
{
  objective->spec.stop_request = stop_request;
}

void
rv__objective_set_weights (RvObjective *objective, GArray *terms)
{
  g_array_ref (terms);
  g_array_unref (objective->weighted_terms);
  objective->weighted_terms = terms;
}

void
rv__objective_free (RvObjective *objective)
{
  if (!objective)
    return;
  for (guint i = 0; i < objective->instances->len; i++)
    for (int n = 0; n < objective->spec.n_pictures; n++)
      rv__objective_clear_target (&instance_at (objective, i)->norm[n]);
  g_clear_pointer (&objective->buffers, g_array_unref);
  g_array_unref (objective->instances);
  g_array_unref (objective->others);
  g_array_unref (objective->spec.terms);
  g_array_unref (objective->weighted_terms);
  rv__executable_free (objective->executable);
  rv__tiling_free (objective->tiling);
  rv__all_reduce_free (objective->all_reduce);
  g_free (objective->first_tile);
  g_free (objective);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

gsize
rv__objective_memory (const RvObjective *objective)
{
  return rv__buffers_peak (objective->buffers, 0, G_MAXINT);
}

gsize
rv__objective_device_memory (const RvObjective *objective)
{
  return rv__executable_device_memory (objective->executable);
}

gboolean
rv__objective_bind_picture (RvObjective *objective, GError **error)
{
  return rv__buffers_enter (objective->buffers, RV_OBJECTIVE_PICTURE, error);
}

gboolean
rv__objective_bind (RvObjective *objective, GError **error)
{
  return rv__buffers_enter (objective->buffers, RV_OBJECTIVE_BOUND, error) &&
         rv__executable_bind (objective->executable, error) &&
         (objective->tiling || rv__objective_bind_masks (objective, error)) &&
         rv__objective_bind_sums (objective, error) && rv__objective_map_picture (objective, error);
}

void *
rv__objective_x (RvObjective *objective)
{
  return objective->x;
}

void *
rv__objective_gradient (const RvObjective *objective)
{
  return objective->gradient;
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

#define FORWARD_PART 0.5 /* relative to forward and backward pass */

double
rv__objective_work (const RvObjective *objective)
{
  if (!objective->tiling)
    return objective->recompute_work;
  double area =
    (double) objective->tiling->window[0] * objective->tiling->window[1] * rv__tiling_size (objective->tiling);
  double again = objective->linear ? 0 : FORWARD_PART;
  return area / ((double) objective->height * objective->width) * (objective->recompute_work + again);
}

double
rv__objective_speed (const RvObjective *objective)
{
  double seconds = (double) objective->busy_us / G_USEC_PER_SEC;
  return objective->n_busy > 0 && seconds > 0 ? (double) objective->n_busy / seconds : 0;
}

RvExecutable *
rv__objective_executable (RvObjective *objective)
{
  return objective->executable;
}
