/* objective.c -- the loss of pictures and its gradient: made from a list of terms, and evaluated.
 *
 *   for each picture:
 *     found <- for each window: forward; sums added up, maps put together
 *     loss, dL/d(found) <- the small functions of what was found
 *     g <- for each window: forward, unless it is the last, which lies there; backward from dL/d(found)
 *
 * A picture that fits is one window, and x and g are the program's own values: nothing is copied. */
#include "internal.h"
#include <math.h>
#include <string.h>

gint64
rv__objective_picture_numbers (const RvObjective *objective)
{
  return (gint64) objective->spec.channels * objective->height * objective->width;
}

gboolean
rv__objective_is_home (const RvObjective *objective, const RvPass *pass)
{
  return pass == objective->pass && !pass->tiling && objective->spec.n_pictures == 1;
}

double
rv__losses_of (const RvLosses *losses, const char *group)
{
  for (int i = 0; i < losses->n_groups; i++)
    if (strcmp (losses->group[i], group) == 0)
      return losses->loss[i];
  return 0;
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

/* The terms that a pass computes. */
typedef enum { ON_ALL, ON_PICTURE, ON_LAYERS } PassTerms;

/* What recording one pass needs. */
typedef struct {
  RvObjective *objective;
  RvProgram *program;
  int pass;
  guint n_wanted, n_seen; /* terms on layers */
} Recording;

static void
clear_placed (gpointer data)
{
  RvPlaced *placed = data;
  rv__free (placed->whole);
  rv__free (placed->plane);
  rv__free (placed->map.data);
  rv__free (placed->grad_map.data);
  g_free (placed->norm);
}

/* Layers that terms of one kind and mask look at. */
static int
count_layers (const GArray *terms, const RvTerm *of)
{
  int n = 0;
  for (guint i = 0; i < terms->len; i++) {
    const RvTerm *term = &g_array_index (terms, RvTerm, i);
    n += term->group == of->group && term->mask == of->mask;
  }
  return n;
}

static int
group_of (RvObjective *objective, const RvTerm *term)
{
  RvLosses *groups = &objective->groups;
  int i = 0;
  while (i < groups->n_groups && strcmp (groups->group[i], term->group) != 0)
    i++;
  return i;
}

/* Features under a mask are multiplied by its root: products of two by the mask. What is summed without a second one is
 * multiplied once more. */
static void
weigh_means (RvProgram *program, const RvPlaced *placed, RvLossValues values, int found[RV_LOSS_MAX_SUMS])
{
  const RvLossClass *loss = placed->term->loss;
  int once_more[RV_LOSS_MAX_SUMS];
  gboolean any = FALSE;
  for (int k = 0; k < loss->n_sums; k++)
    any |= loss->means[k];
  if (!any)
    return;
  values.x = rv__mask (program, values.x, placed->mask);
  loss->record (program, &placed->info, &values, once_more);
  for (int k = 0; k < loss->n_sums; k++)
    if (loss->means[k])
      found[k] = once_more[k];
}

/* The mask that is set from outside, and what is compared with it. WHOLE losses see all, and are told of the mask. */
static RvLossValues
record_inputs (RvProgram *program, RvPlaced *placed, gboolean masked, const RvShape *shape)
{
  const RvTerm *term = placed->term;
  RvLossValues values = { placed->feature, -1, -1 };
  if (masked && term->loss->tiling != RV_TILING_WHOLE) {
    RvShape plane = rv_shape (2, shape->dim[2], shape->dim[3]);
    placed->mask = rv__program_input (program, &plane);
    if (term->loss->tiling == RV_TILING_HALO)
      values.mask = placed->mask;
    else
      placed->feature = values.x = rv__mask (program, placed->feature, placed->mask);
  }
  if (term->loss->target == RV_TARGET_FEATURES) {
    placed->target = values.target = rv__program_input (program, shape);
    rv__program_hold (program, placed->feature); /* for rv__objective_set_features() */
  }
  if (term->tensor)
    values.target = rv__program_constant (program, term->tensor);
  return values;
}

/* What is found is read after the forward part, its gradient set from outside. */
static void
record_found (RvProgram *program, RvPlaced *placed)
{
  const RvLossClass *loss = placed->term->loss;
  for (int k = 0; k < (loss->tiling == RV_TILING_WHOLE ? 1 : loss->n_sums); k++) {
    RvShape found = *rv__program_shape (program, placed->found[k]);
    if (loss->tiling == RV_TILING_WHOLE)
      placed->map.channels = found.dim[1];
    else
      placed->n[k] = rv_shape_count (&found);
    if (loss->tiling == RV_TILING_WHOLE)
      rv__program_hold (program, placed->found[k]); /* it may be large: no longer than need be */
    else
      rv__program_keep (program, placed->found[k]);
    placed->grad_found[k] = rv__program_input (program, &found);
  }
}

static void
place (const Recording *recording, const RvTerm *term, int value)
{
  RvObjective *objective = recording->objective;
  RvProgram *program = recording->program;
  if (program->error)
    return;
  RvShape shape = *rv__program_shape (program, value);
  RvPlaced placed = { .term = term, .feature = value, .target = -1, .mask = -1, .share = 1, .rows = shape.dim[2] };
  placed.pass = recording->pass;
  placed.group = group_of (objective, term);
  placed.info = (RvLossInfo){ .channels = shape.dim[1],
                              .positions = shape.dim[2] * shape.dim[3],
                              .picture_h = objective->height,
                              .picture_w = objective->width,
                              .n_layers = count_layers (objective->spec.terms, term),
                              .channel_weights = term->channel_weights,
                              .settings = term->settings };
  gboolean masked = objective->pass[recording->pass].tiling || term->mask >= 0;
  RvLossValues values = record_inputs (program, &placed, masked, &shape);
  term->loss->record (program, &placed.info, &values, placed.found);
  if (term->mask >= 0)
    weigh_means (program, &placed, values, placed.found);
  if (program->error)
    return;
  record_found (program, &placed);
  placed.norm = g_new0 (RvLossTarget, objective->spec.n_pictures);
  g_array_append_val (objective->placed, placed);
}

static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  Recording *recording = user_data;
  const GArray *terms = recording->objective->spec.terms;
  for (guint i = 0; i < terms->len; i++) {
    const RvTerm *term = &g_array_index (terms, RvTerm, i);
    if (!term->layer || strcmp (term->layer, layer) != 0)
      continue;
    place (recording, term, value);
    recording->n_seen++;
  }
  return recording->n_seen == recording->n_wanted;
}

static gboolean
too_small (const RvObjective *objective, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_SHAPE,
               "a picture of %d x %d px is too small for these layers: each side must have at least %d px; see --size",
               objective->width, objective->height, rv__terms_min_side (objective->spec.net, objective->spec.terms));
  return FALSE;
}

/* How many terms look at x itself, or at layers. */
static guint
count_terms (const RvObjectiveSpec *spec, gboolean on_layers)
{
  guint n = 0;
  for (guint i = 0; i < spec->terms->len; i++)
    n += (g_array_index (spec->terms, RvTerm, i).layer != NULL) == on_layers;
  return n;
}

/* The terms of one pass, where its windows have their size. *x: where the picture is set. */
static gboolean
record (RvObjective *objective, int number, PassTerms which, RvProgram *program, int *x, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  const RvTiling *tiling = objective->pass[number].tiling;
  RvShape shape = rv_shape (4, 1, spec->channels, tiling ? tiling->window[0] : objective->height,
                            tiling ? tiling->window[1] : objective->width);
  Recording recording = { .objective = objective, .program = program, .pass = number };
  recording.n_wanted = which == ON_PICTURE ? 0 : count_terms (spec, TRUE);

  *x = rv__program_input (program, &shape);
  for (guint i = 0; i < spec->terms->len && which != ON_LAYERS; i++)
    if (!g_array_index (spec->terms, RvTerm, i).layer)
      place (&recording, &g_array_index (spec->terms, RvTerm, i), *x);
  if (recording.n_wanted > 0)
    rv__net_record (spec->net, &spec->variant, program, *x, &spec->space, on_layer, &recording);
  if (g_error_matches (program->error, RV_ERROR, RV_ERROR_SHAPE))
    return too_small (objective, error);
  if (program->error) {
    g_propagate_error (error, g_error_copy (program->error));
    return FALSE;
  }
  return TRUE;
}

static int
differentiate (const RvObjective *objective, int number, RvProgram *program, int x)
{
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (RvSeed));
  for (guint i = 0; i < objective->placed->len; i++) {
    const RvPlaced *placed = placed_at (objective, i);
    int n = placed->term->loss->tiling == RV_TILING_WHOLE ? 1 : placed->term->loss->n_sums;
    for (int k = 0; k < n && placed->pass == number; k++)
      g_array_append_val (seeds, ((RvSeed){ placed->found[k], placed->grad_found[k] }));
  }
  return rv__graph_differentiate (program, (RvSeed *) (void *) seeds->data, (int) seeds->len, x);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static RvObjective *
blank (const RvObjectiveSpec *spec, int height, int width)
{
  RvObjective *objective = g_new0 (RvObjective, 1);
  objective->spec = *spec;
  objective->spec.terms = g_array_ref (spec->terms);
  objective->spec.n_pictures = MAX (spec->n_pictures, 1);
  objective->spec.channels = spec->channels > 0 ? spec->channels : 3;
  objective->height = height;
  objective->width = width;
  objective->placed = g_array_new (FALSE, TRUE, sizeof (RvPlaced));
  g_array_set_clear_func (objective->placed, clear_placed);
  objective->others = rv__objective_new_others ();
  return objective;
}

static gboolean
find_groups (RvObjective *objective, GError **error)
{
  RvLosses *groups = &objective->groups;
  const GArray *terms = objective->spec.terms;
  for (guint i = 0; i < terms->len; i++) {
    const RvTerm *term = &g_array_index (terms, RvTerm, i);
    int group = group_of (objective, term);
    if (group == RV_MAX_GROUPS) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "losses of more than %d kinds cannot be told apart",
                   RV_MAX_GROUPS);
      return FALSE;
    }
    groups->group[group] = term->group;
    groups->n_groups = MAX (groups->n_groups, group + 1);
  }
  if (terms->len > 0)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "every weight is 0: there is nothing to compute");
  return FALSE;
}

/* What the layers need around a core: their reach in the network as it would be recorded for the whole picture. */
static gboolean
find_halo (const RvObjective *objective, RvHalo *halo, GError **error)
{
  g_autoptr (RvObjective) shapes = blank (&objective->spec, objective->height, objective->width);
  g_autoptr (RvProgram) program = rv__program_new (objective->spec.type);
  int x, beyond = 0;
  if (!record (shapes, 0, ON_LAYERS, program, &x, error))
    return FALSE;
  g_autofree RvReach *reaches = rv__graph_reach (program, x);
  g_autofree int *features = g_new (int, shapes->placed->len);
  for (guint i = 0; i < shapes->placed->len; i++) {
    const RvLossClass *loss = placed_at (shapes, i)->term->loss;
    features[i] = placed_at (shapes, i)->feature;
    beyond = MAX (beyond, MAX (loss->border, loss->halo));
  }
  return rv__halo_of (reaches, features, (int) shapes->placed->len, beyond, halo, error);
}

/* Tiles, where they are asked for, some layer is looked at, and the picture is larger than one; else NULL. */
static gboolean
find_tiling (const RvObjective *objective, RvTiling **tiling, GError **error)
{
  int tile_px = objective->spec.fit.tile_px, height = objective->height, width = objective->width;
  RvHalo halo;
  *tiling = NULL;
  if (tile_px <= 0 || count_terms (&objective->spec, TRUE) == 0 || MAX (height, width) <= tile_px)
    return TRUE;
  if (!find_halo (objective, &halo, error))
    return FALSE;
  *tiling = rv__tiling_new (height, width, &halo, tile_px);
  if (rv__tiling_size (*tiling) == 1)
    g_clear_pointer (tiling, rv__tiling_free);
  return TRUE;
}

static gboolean
is_linear (const RvObjective *objective, int number)
{
  gboolean linear = TRUE;
  for (guint i = 0; i < objective->placed->len; i++)
    linear = linear && (placed_at (objective, i)->pass != number || placed_at (objective, i)->term->loss->linear);
  return linear;
}

/* @tiling: (transfer full). */
static gboolean
make_pass (RvObjective *objective, PassTerms which, RvTiling *tiling, gboolean with_gradient, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  g_autoptr (RvProgram) program = rv__program_new (spec->type);
  int number = objective->n_passes++;
  RvPass *pass = &objective->pass[number];
  *pass = (RvPass){ .tiling = tiling, .recompute_work = 1 };
  if (!record (objective, number, which, program, &pass->x, error))
    return FALSE;
  if (tiling)
    rv__objective_count_positions (objective, number, program, pass->x);
  pass->linear = is_linear (objective, number);
  if (!rv__objective_set_masks (objective, number, program, pass->x, error))
    return FALSE;
  program->n_forward = (int) program->steps->len;
  pass->grad_x = with_gradient ? differentiate (objective, number, program, pass->x) : -1;
  if (!rv__graph_plan (program, error))
    return FALSE;
  if (spec->fit.recompute && with_gradient && which != ON_PICTURE)
    program = rv__graph_recompute (g_steal_pointer (&program), spec->backend, &pass->recompute_work);
  pass->executable = rv__executable_new (spec->backend, g_steal_pointer (&program), &spec->compile, error);
  return pass->executable != NULL;
}

/* Where each map goes. */
static void
size_maps (RvObjective *objective)
{
  for (guint i = 0; i < objective->placed->len; i++) {
    RvPlaced *placed = placed_at (objective, i);
    placed->map.type = objective->spec.type;
    placed->map.positions = placed->info.positions;
    placed->grad_map = placed->map;
    placed->info.mask = placed->plane;
  }
}

RvObjective *
rv__objective_make (const RvObjectiveSpec *spec, int height, int width, gboolean with_gradient, GError **error)
{
  g_autoptr (RvObjective) objective = blank (spec, height, width);
  RvTiling *tiling;
  if (!find_groups (objective, error) || !find_tiling (objective, &tiling, error))
    return NULL;
  gboolean apart = tiling && count_terms (spec, FALSE) > 0;
  if (apart && !make_pass (objective, ON_PICTURE, NULL, with_gradient, error)) {
    rv__tiling_free (tiling);
    return NULL;
  }
  if (!make_pass (objective, apart ? ON_LAYERS : ON_ALL, tiling, with_gradient, error))
    return NULL;
  size_maps (objective);
  return g_steal_pointer (&objective);
}

RvObjective *
rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error)
{
  return rv__objective_make (spec, height, width, TRUE, error);
}

void
rv__objective_set_wanted (RvObjective *objective, const RvWanted *wanted)
{
  objective->spec.wanted = *wanted;
}

void
rv__objective_free (RvObjective *objective)
{
  if (!objective)
    return;
  for (guint i = 0; i < objective->placed->len; i++)
    for (int n = 0; n < objective->spec.n_pictures; n++)
      rv__objective_clear_target (&placed_at (objective, i)->norm[n]);
  g_array_unref (objective->placed);
  g_array_unref (objective->others);
  g_array_unref (objective->spec.terms);
  if (!rv__objective_is_home (objective, objective->pass)) {
    rv__free (objective->picture);
    rv__free (objective->gradient);
  }
  for (int p = 0; p < objective->n_passes; p++) {
    rv__executable_free (objective->pass[p].executable);
    rv__tiling_free (objective->pass[p].tiling);
  }
  rv__free (objective->window);
  rv__free (objective->sums);
  g_free (objective);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Of each term: its sums, their gradients, and a part of either. */
#define ROOMS_OF_A_TERM 3

static gint64
largest_sum (const RvObjective *objective)
{
  gint64 largest = 1;
  for (guint i = 0; i < objective->placed->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      largest = MAX (largest, placed_at (objective, i)->n[k]);
  return largest;
}

static gsize
sums_bytes (const RvObjective *objective)
{
  gint64 n = largest_sum (objective); /* staging */
  for (guint i = 0; i < objective->placed->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      n += ROOMS_OF_A_TERM * placed_at (objective, i)->n[k];
  return (gsize) n * sizeof (double);
}

static gsize
map_bytes (const RvLossMap *map)
{
  return (gsize) (map->channels * map->positions) * rv_type_bytes (map->type);
}

/* What one other picture's sums hold; its maps are about as large as ours. */
static gsize
target_bytes (const RvObjective *objective)
{
  gsize bytes = 0;
  for (guint i = 0; i < objective->placed->len; i++) {
    const RvPlaced *placed = placed_at (objective, i);
    if (placed->term->loss->target != RV_TARGET_SUMS || placed->term->picture > 0)
      continue; /* with masks a layer has a term for each picture */
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      bytes += (gsize) placed->n[k] * sizeof (double);
    bytes += map_bytes (&placed->map);
  }
  return bytes;
}

/* What the most demanding loss takes while it compares. */
static gsize
room_bytes (const RvObjective *objective)
{
  gsize largest = 0;
  for (guint i = 0; i < objective->placed->len; i++) {
    const RvPlaced *placed = placed_at (objective, i);
    const RvLossClass *loss = placed->term->loss;
    largest = MAX (largest, loss->room ? loss->room (&placed->info, objective->spec.compile.n_threads) : 0);
  }
  return largest;
}

gsize
rv__objective_memory (const RvObjective *objective)
{
  gsize bytes = sums_bytes (objective) + (gsize) objective->spec.n_targets * target_bytes (objective);
  for (int p = 0; p < objective->n_passes; p++)
    bytes += rv__executable_memory (objective->pass[p].executable);
  for (guint i = 0; i < objective->placed->len; i++) {
    const RvPlaced *placed = placed_at (objective, i);
    bytes += placed->term->mask >= 0 ? (gsize) placed->info.positions * sizeof (float) : 0;
    bytes += 2 * map_bytes (&placed->map);
  }
  return bytes + room_bytes (objective) + rv__objective_windows_bytes (objective);
}

static gboolean
bind_sums (RvObjective *objective, GError **error)
{
  double *at = objective->sums = rv__alloc (sums_bytes (objective), "the losses' sums", error);
  if (!at)
    return FALSE;
  objective->staging = at;
  at += largest_sum (objective);
  for (guint i = 0; i < objective->placed->len; i++) {
    RvPlaced *placed = placed_at (objective, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++) {
      placed->measured[k] = at;
      placed->grad[k] = at + placed->n[k];
      placed->part[k] = at + 2 * placed->n[k];
      at += ROOMS_OF_A_TERM * placed->n[k];
    }
  }
  return TRUE;
}

static gboolean
bind_maps (RvObjective *objective, GError **error)
{
  for (guint i = 0; i < objective->placed->len; i++) {
    RvPlaced *placed = placed_at (objective, i);
    gsize bytes = map_bytes (&placed->map);
    if (bytes > 0 && (!(placed->map.data = rv__alloc (bytes, "a loss's map", error)) ||
                      !(placed->grad_map.data = rv__alloc (bytes, "a loss's map", error))))
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__objective_bind (RvObjective *objective, GError **error)
{
  gboolean ok = bind_sums (objective, error) && bind_maps (objective, error);
  for (int p = 0; ok && p < objective->n_passes; p++)
    ok = rv__executable_bind (objective->pass[p].executable, error);
  for (int p = 0; ok && p < objective->n_passes; p++)
    ok = objective->pass[p].tiling || rv__objective_bind_masks (objective, p, error);
  return ok && rv__objective_bind_windows (objective, error);
}

void *
rv__objective_picture (RvObjective *objective)
{
  return objective->picture;
}

void *
rv__objective_gradient (const RvObjective *objective)
{
  return objective->gradient;
}

/* ---- evaluating -------------------------------------------------------------------------------------------------- */

static gboolean
send_grad (RvObjective *objective, const RvPlaced *placed, int k, double weight, GError **error)
{
  for (gint64 i = 0; i < placed->n[k]; i++)
    if (objective->spec.type == RV_F64)
      ((double *) objective->staging)[i] = weight * placed->grad[k][i];
    else
      ((float *) objective->staging)[i] = (float) (weight * placed->grad[k][i]);
  RvExecutable *executable = objective->pass[placed->pass].executable;
  return rv__executable_set (executable, placed->grad_found[k], objective->staging, error);
}

/* share * loss (sums / share), whose gradient is that of the loss at sums / share: under a mask a position counts as
 * much as without. */
static gboolean
compare (RvPlaced *placed, const RvLossTarget *target, double part, double weight, double *loss, GError **error)
{
  const RvLossClass *class = placed->term->loss;
  double own;
  if (class->tiling == RV_TILING_WHOLE) {
    if (!class->compare (&placed->info, &placed->map, target, weight * part * placed->share, &placed->grad_map, &own,
                         error))
      return FALSE;
    *loss += part * placed->share * own;
    return TRUE;
  }
  own = class->evaluate (&placed->info, (const double *const *) placed->measured, target, placed->part);
  for (int k = 0; k < class->n_sums; k++)
    for (gint64 i = 0; i < placed->n[k]; i++)
      placed->grad[k][i] += part * placed->part[k][i];
  *loss += placed->share * (part * own);
  return TRUE;
}

static void
clear_gradient (RvPlaced *placed)
{
  for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++)
    memset (placed->grad[k], 0, (gsize) placed->n[k] * sizeof (double));
  if (placed->grad_map.data)
    memset (placed->grad_map.data, 0, map_bytes (&placed->grad_map));
}

/* Picture @n's loss of one term, weight included, and its gradient with respect to what was found. */
static gboolean
evaluate_term (const RvObjective *objective, guint i, int n, double weight, double *loss, GError **error)
{
  RvPlaced *placed = placed_at (objective, i);
  *loss = 0;
  clear_gradient (placed);
  if (placed->share <= 0)
    return TRUE;
  for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->share < 1; k++)
    for (gint64 j = 0; j < placed->n[k]; j++)
      placed->measured[k][j] /= placed->share;
  if (placed->term->loss->target != RV_TARGET_SUMS)
    return compare (placed, &placed->norm[n], 1, weight, loss, error);
  for (guint s = 0; s < objective->others->len; s++) {
    const RvOther *other = &g_array_index (objective->others, RvOther, s);
    const RvLossTarget *target = rv__objective_target (objective, i, (int) s);
    if (target && !compare (placed, target, other->part, weight, loss, error))
      return FALSE;
  }
  return TRUE;
}

/* The losses of one pass at what was found, and what their gradient with respect to that is. */
static gboolean
evaluate_terms (RvObjective *objective, int pass, int n, RvLosses *losses, GError **error)
{
  for (guint i = 0; i < objective->placed->len; i++) {
    RvPlaced *placed = placed_at (objective, i);
    double loss, weight = placed->term->weight / objective->spec.n_pictures;
    if (placed->pass != pass)
      continue;
    if (!evaluate_term (objective, i, n, weight, &loss, error))
      return FALSE;
    losses->loss[placed->group] += weight * loss;
    for (int k = 0; k < RV_LOSS_MAX_SUMS && placed->n[k] > 0; k++)
      if (!send_grad (objective, placed, k, weight, error))
        return FALSE;
  }
  return TRUE;
}

/* Forward, unless the last window's features lie there already, and backward at each window, the last first. */
static gboolean
backward (RvObjective *objective, int number, int n, const void *x, gboolean lies, void *gradient, GError **error)
{
  const RvPass *pass = &objective->pass[number];
  int last = rv__objective_n_windows (pass) - 1;
  for (int tile = last; tile >= 0; tile--) {
    RvObjectiveWindow window = { number, n, tile, x, -1 };
    if ((tile < last || !lies) &&
        (!rv__objective_load (objective, &window, error) || !rv__executable_forward (pass->executable, error)))
      return FALSE;
    if (!lies && !rv__objective_collect (objective, &window, error))
      return FALSE;
    if (!rv__objective_seed (objective, &window, error) || !rv__executable_backward (pass->executable, error) ||
        !rv__objective_add_gradient (objective, &window, gradient, error))
      return FALSE;
  }
  return TRUE;
}

/* One pass at one picture. Of windows whose gradient needs nothing of the whole, what is there is found on the way. */
static gboolean
evaluate_pass (RvObjective *objective, int pass, int n, const void *x, void *gradient, RvLosses *losses, GError **error)
{
  RvLosses of_nothing = { 0 };
  gboolean at_once = objective->pass[pass].linear && rv__objective_n_windows (&objective->pass[pass]) > 1;
  if (!at_once)
    return rv__objective_find (objective, pass, n, x, -1, FALSE, error) &&
           evaluate_terms (objective, pass, n, losses, error) &&
           backward (objective, pass, n, x, TRUE, gradient, error);
  rv__objective_clear_found (objective, pass);
  return evaluate_terms (objective, pass, n, &of_nothing, error) && /* for the gradients */
         backward (objective, pass, n, x, FALSE, gradient, error) && evaluate_terms (objective, pass, n, losses, error);
}

gboolean
rv__objective_evaluate_at (RvObjective *objective, const void *x, void *gradient, RvLosses *losses, GError **error)
{
  gsize bytes = (gsize) (objective->spec.n_pictures * rv__objective_picture_numbers (objective)) *
                rv_type_bytes (objective->spec.type);
  *losses = objective->groups;
  if (!rv__objective_is_home (objective, objective->pass))
    memset (gradient, 0, bytes);
  for (int n = 0; n < objective->spec.n_pictures; n++)
    for (int pass = 0; pass < objective->n_passes; pass++)
      if (!evaluate_pass (objective, pass, n, x, gradient, losses, error))
        return FALSE;
  for (int i = 0; i < losses->n_groups; i++)
    losses->total += losses->loss[i];
  return TRUE;
}

gboolean
rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error)
{
  return rv__objective_evaluate_at (objective, rv__objective_picture (objective), rv__objective_gradient (objective),
                                    losses, error);
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

#define TUNE_PART 0.05        /* of the planned time, at most, for measuring kernels */
#define PIXELS_PER_SECOND 2e6 /* about what two cores of 2024 do with the built-in network */
#define TRIAL_EVALUATIONS 3
#define FORWARD_PART 0.5 /* of a pass forward and backward */

/* The pass that the network is in. */
static const RvPass *
main_pass (const RvObjective *objective)
{
  return &objective->pass[objective->n_passes - 1];
}

int
rv__objective_n_tiles (const RvObjective *objective)
{
  return rv__objective_n_windows (main_pass (objective));
}

double
rv__objective_work (const RvObjective *objective)
{
  const RvPass *pass = main_pass (objective);
  if (!pass->tiling)
    return pass->recompute_work;
  double area = (double) pass->tiling->window[0] * pass->tiling->window[1] * rv__tiling_size (pass->tiling);
  double again = pass->linear ? 0 : FORWARD_PART;
  return area / ((double) objective->height * objective->width) * (pass->recompute_work + again);
}

RvExecutable *
rv__objective_executable (RvObjective *objective)
{
  return main_pass (objective)->executable;
}

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
    if (rv__wanted (&objective->spec.wanted, error) || !rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    double taken = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    *seconds = i == 0 ? taken : MIN (*seconds, taken);
  }
  return TRUE;
}
