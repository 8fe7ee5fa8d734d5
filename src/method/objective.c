/* objective.c -- the loss of a picture and its gradient. */
#include "objective-internal.h"
#include <math.h>
#include <string.h>

/* ---- taps -------------------------------------------------------------------------------------------------------- */

static void
clear_tap (gpointer data)
{
  g_free (((RvTap *) data)->layer);
  g_free (((RvTap *) data)->channel_weights);
  rv_tensor_unref (((RvTap *) data)->guide);
}

GArray *
rv__taps_parse (const char *text, const char *net_name, GError **error)
{
  g_autoptr (GArray) taps = g_array_new (FALSE, FALSE, sizeof (RvTap));
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_array_set_clear_func (taps, clear_tap);

  for (char **part = parts; *part; part++) {
    RvTap tap = { .weight = 1 };
    char *colon = strrchr (g_strstrip (*part), ':'), *end = NULL;
    if (colon && strcmp (colon, ":pre") != 0) {
      tap.weight = g_ascii_strtod (colon + 1, &end);
      if (end == colon + 1 || *end || !isfinite (tap.weight) || tap.weight < 0) {
        g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s': a layer's weight is a number of 0 or more", *part);
        return NULL;
      }
      *colon = 0;
    }
    if (!(tap.layer = rv_net_layer (net_name, *part, error)))
      return NULL;
    g_array_append_val (taps, tap);
  }
  if (taps->len > 0)
    return g_steal_pointer (&taps);
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "a list of layers is empty");
  return NULL;
}

void
rv__taps_set_loss (GArray *taps, const char *name)
{
  for (guint i = 0; i < taps->len; i++)
    g_array_index (taps, RvTap, i).loss = rv__loss_find (RV_LOSS_DREAM, name);
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

static void
clear_target (gpointer data)
{
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
    rv__free (((RvLossTarget *) data)->sum[k]);
}

static void
clear_style (gpointer data)
{
  g_array_unref (((RvStylePart *) data)->target);
}

static void
clear_term (gpointer data)
{
  RvTerm *term = data;
  rv__free (term->content);
  rv__free (term->style_mask);
  clear_target (&term->norm);
}

/* Features under a mask are multiplied by its root: products of two by the mask. What is summed without a second one is
 * multiplied once more. */
static void
weigh_means (RvProgram *program, RvTerm *term)
{
  int once_more[RV_LOSS_MAX_SUMS];
  gboolean any = FALSE;
  for (int k = 0; k < term->loss->n_sums; k++)
    any |= term->loss->means[k];
  if (any)
    term->loss->record (program, rv__mask (program, term->feature, term->mask), term->target, once_more);
  for (int k = 0; k < term->loss->n_sums; k++)
    if (term->loss->means[k])
      term->sum[k] = once_more[k];
}

static void
add_term (RvObjective *objective, RvProgram *program, const RvLossClass *loss, double weight, int feature, int n_layers,
          const RvTap *tap, int style)
{
  RvShape shape = *rv__program_shape (program, feature);
  RvTerm term = { .loss = loss,
                  .weight = weight,
                  .feature = feature,
                  .target = -1,
                  .mask = -1,
                  .style = style,
                  .share = 1,
                  .rows = shape.dim[2] };
  if (objective->tiling || style >= 0) {
    RvShape plane = rv_shape (2, shape.dim[2], shape.dim[3]);
    term.mask = rv__program_input (program, &plane);
    term.feature = feature = rv__mask (program, feature, term.mask);
  }

  if (loss->role == RV_LOSS_CONTENT) {
    term.target = rv__program_input (program, &shape);
    rv__program_hold (program, feature); /* for rv__objective_set_content() */
  }
  if (tap && tap->guide)
    term.target = rv__program_constant (program, tap->guide);
  loss->record (program, feature, term.target, term.sum);
  if (style >= 0)
    weigh_means (program, &term);
  if (program->error)
    return;
  term.info = (RvLossInfo){ .channels = shape.dim[1],
                            .positions = shape.dim[2] * shape.dim[3],
                            .picture_h = objective->height,
                            .picture_w = objective->width,
                            .n_layers = n_layers,
                            .channel_weights = tap ? tap->channel_weights : NULL };
  for (int k = 0; k < loss->n_sums; k++) {
    RvShape sum = *rv__program_shape (program, term.sum[k]);
    term.n[k] = rv_shape_count (&sum);
    rv__program_keep (program, term.sum[k]);
    term.grad_sum[k] = rv__program_input (program, &sum);
  }
  g_array_append_val (objective->terms, term);
}

/* What the network's recording calls at each layer. */
typedef struct {
  RvObjective *objective;
  RvProgram *program;
  guint n_wanted;
} Recording;

static void
tap_for (Recording *recording, const GArray *taps, const RvLossClass *loss, double weight, const char *layer, int value)
{
  for (guint i = 0; taps && weight != 0 && i < taps->len; i++) {
    const RvTap *tap = &g_array_index (taps, RvTap, i);
    if (strcmp (tap->layer, layer) != 0)
      continue;
    const RvLossClass *own = tap->loss ? tap->loss : loss;
    int n_masks = own->role == RV_LOSS_STYLE ? recording->objective->spec.n_masks : 0;
    for (int style = n_masks ? 0 : -1; style < n_masks; style++)
      add_term (recording->objective, recording->program, own, weight * tap->weight, value, (int) taps->len, tap,
                style);
    recording->objective->n_seen++;
  }
}

/* Layers that are to be met while the network is recorded. */
static guint
n_taps (const GArray *taps, double weight)
{
  return taps && weight != 0 ? taps->len : 0;
}

gboolean
rv__objective_looks (const RvObjectiveSpec *spec)
{
  return n_taps (spec->content_taps, spec->content_weight) + n_taps (spec->style_taps, spec->style_weight) +
           n_taps (spec->dream_taps, spec->dream_weight) >
         0;
}

static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  Recording *recording = user_data;
  const RvObjectiveSpec *spec = &recording->objective->spec;
  tap_for (recording, spec->content_taps, spec->content_loss, spec->content_weight, layer, value);
  tap_for (recording, spec->style_taps, spec->style_loss, spec->style_weight, layer, value);
  tap_for (recording, spec->dream_taps, NULL, spec->dream_weight, layer, value);
  return recording->objective->n_seen == recording->n_wanted;
}

int
rv__taps_min_side (const RvNet *net, const GArray *const *lists)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new ();
  for (; *lists; lists++)
    for (guint i = 0; i < (*lists)->len; i++) {
      const char *layer = g_array_index (*lists, RvTap, i).layer;
      if (!g_ptr_array_find_with_equal_func (layers, layer, g_str_equal, NULL))
        g_ptr_array_add (layers, (gpointer) layer);
    }
  g_ptr_array_add (layers, NULL);
  return rv__net_min_side (net, (const char *const *) layers->pdata);
}

static gboolean
too_small (const RvObjective *objective, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  const GArray *given[] = { spec->content_taps, spec->style_taps, spec->dream_taps }, *lists[4] = { NULL };
  int n = 0;
  for (guint l = 0; l < G_N_ELEMENTS (given); l++)
    if (given[l])
      lists[n++] = given[l];
  g_set_error (error, RV_ERROR, RV_ERROR_SHAPE,
               "a picture of %d x %d px is too small for these layers: each side must have at least %d px; see --size",
               objective->width, objective->height, rv__taps_min_side (spec->net, lists));
  return FALSE;
}

gboolean
rv__objective_has_tv (const RvObjectiveSpec *spec)
{
  return spec->tv_loss && spec->tv_weight > 0;
}

gboolean
rv__objective_record (RvObjective *objective, RvProgram *program, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  const RvTiling *tiling = objective->tiling;
  RvShape shape = tiling ? rv_shape (4, 1, 3, tiling->window[0], tiling->window[1])
                         : rv_shape (4, 1, 3, objective->height, objective->width);
  Recording recording = { .objective = objective, .program = program };
  recording.n_wanted = n_taps (spec->content_taps, spec->content_weight) +
                       n_taps (spec->style_taps, spec->style_weight) + n_taps (spec->dream_taps, spec->dream_weight);

  objective->x = rv__program_input (program, &shape);
  if (rv__objective_has_tv (spec) && !tiling)
    add_term (objective, program, spec->tv_loss, spec->tv_weight, objective->x, 1, NULL, -1);
  if (recording.n_wanted > 0)
    rv__net_record (spec->net, &spec->variant, program, objective->x, &spec->space, on_layer, &recording);
  if (g_error_matches (program->error, RV_ERROR, RV_ERROR_SHAPE))
    return too_small (objective, error);
  if (program->error) {
    g_propagate_error (error, g_error_copy (program->error));
    return FALSE;
  }
  if (objective->terms->len == 0 && !objective->tv) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "every weight is 0: there is nothing to compute");
    return FALSE;
  }
  return TRUE;
}

static int
differentiate (RvObjective *objective, RvProgram *program)
{
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (RvSeed));
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    for (int k = 0; k < term->loss->n_sums; k++)
      g_array_append_val (seeds, ((RvSeed){ term->sum[k], term->grad_sum[k] }));
  }
  return rv__graph_differentiate (program, (RvSeed *) (void *) seeds->data, (int) seeds->len, objective->x);
}

RvObjective *
rv__objective_blank (const RvObjectiveSpec *spec, int height, int width)
{
  RvObjective *objective = g_new0 (RvObjective, 1);
  objective->spec = *spec;
  objective->height = height;
  objective->width = width;
  objective->recompute_work = 1;
  objective->terms = g_array_new (FALSE, TRUE, sizeof (RvTerm));
  g_array_set_clear_func (objective->terms, clear_term);
  objective->styles = g_array_new (FALSE, FALSE, sizeof (RvStylePart));
  g_array_set_clear_func (objective->styles, clear_style);
  return objective;
}

static RvObjective *
new_objective (const RvObjectiveSpec *spec, int height, int width, gboolean with_gradient, GError **error)
{
  g_autoptr (RvObjective) objective = rv__objective_blank (spec, height, width);
  g_autoptr (RvProgram) program = rv__program_new (spec->type);

  if (!rv__objective_cut (objective, with_gradient, error) || !rv__objective_record (objective, program, error))
    return NULL;
  if (objective->tiling)
    rv__objective_count_positions (objective, program);
  if (!rv__objective_set_masks (objective, program, error))
    return NULL;
  program->n_forward = (int) program->steps->len;
  objective->grad_x = with_gradient ? differentiate (objective, program) : -1;
  if (!rv__graph_plan (program, error))
    return NULL;
  if (spec->fit.recompute && with_gradient)
    program = rv__graph_recompute (g_steal_pointer (&program), spec->backend, &objective->recompute_work);

  objective->executable = rv__executable_new (spec->backend, g_steal_pointer (&program), &spec->compile, error);
  return objective->executable ? g_steal_pointer (&objective) : NULL;
}

RvObjective *
rv__objective_new (const RvObjectiveSpec *spec, int height, int width, GError **error)
{
  return new_objective (spec, height, width, TRUE, error);
}

void
rv__objective_free (RvObjective *objective)
{
  if (!objective)
    return;
  rv__executable_free (objective->executable);
  rv__objective_free (objective->tv);
  rv__tiling_free (objective->tiling);
  if (objective->tiling) {
    rv__free (objective->picture);
    rv__free (objective->gradient);
  }
  rv__free (objective->window);
  g_array_unref (objective->terms);
  g_array_unref (objective->styles);
  rv__free (objective->sums);
  g_free (objective);
}

/* Of each term: its sums, their gradients, and a part of either. */
#define ROOMS_OF_A_TERM 3

static gint64
largest_sum (const RvObjective *objective)
{
  gint64 largest = 1;
  for (guint i = 0; i < objective->terms->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      largest = MAX (largest, g_array_index (objective->terms, RvTerm, i).n[k]);
  return largest;
}

gsize
rv__objective_sums_bytes (const RvObjective *objective)
{
  gint64 n = largest_sum (objective); /* staging */
  for (guint i = 0; i < objective->terms->len; i++)
    for (int k = 0; k < RV_LOSS_MAX_SUMS; k++)
      n += ROOMS_OF_A_TERM * g_array_index (objective->terms, RvTerm, i).n[k];
  return (gsize) n * sizeof (double);
}

gsize
rv__objective_target_bytes (const RvObjective *objective)
{
  gint64 n = 0;
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    for (int k = 0; k < RV_LOSS_MAX_SUMS && term->loss->role == RV_LOSS_STYLE && term->style <= 0; k++)
      n += term->n[k]; /* a layer has a term for each mask */
  }
  return (gsize) n * sizeof (double);
}

static gboolean
bind_sums (RvObjective *objective, GError **error)
{
  double *at = objective->sums = rv__alloc (rv__objective_sums_bytes (objective), "the losses' sums", error);
  if (!at)
    return FALSE;
  objective->staging = at;
  at += largest_sum (objective);
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    for (int k = 0; k < term->loss->n_sums; k++) {
      term->measured[k] = at;
      term->grad[k] = at + term->n[k];
      term->part[k] = at + 2 * term->n[k];
      at += ROOMS_OF_A_TERM * term->n[k];
    }
  }
  return TRUE;
}

gboolean
rv__objective_bind (RvObjective *objective, GError **error)
{
  if (!bind_sums (objective, error) || !rv__executable_bind (objective->executable, error))
    return FALSE;
  if (objective->tiling)
    return rv__objective_bind_tiles (objective, error);
  objective->picture = rv__executable_map (objective->executable, objective->x, error);
  if (objective->picture && objective->grad_x >= 0)
    objective->gradient = rv__executable_map (objective->executable, objective->grad_x, error);
  return objective->picture && (objective->grad_x < 0 || objective->gradient) &&
         rv__objective_bind_masks (objective, error);
}

/* ---- the sums, in and out ---------------------------------------------------------------------------------------- */

static gboolean
fetch_sum (RvObjective *objective, int value, gint64 n, double *to, GError **error)
{
  if (!rv__executable_get (objective->executable, value, objective->staging, error))
    return FALSE;
  if (objective->spec.type == RV_F64)
    memcpy (to, objective->staging, (gsize) n * sizeof (double));
  else
    for (gint64 i = 0; i < n; i++)
      to[i] = ((const float *) objective->staging)[i];
  return TRUE;
}

static gboolean
send_grad (RvObjective *objective, int value, gint64 n, const double *from, double weight, GError **error)
{
  for (gint64 i = 0; i < n; i++)
    if (objective->spec.type == RV_F64)
      ((double *) objective->staging)[i] = weight * from[i];
    else
      ((float *) objective->staging)[i] = (float) (weight * from[i]);
  return rv__executable_set (objective->executable, value, objective->staging, error);
}

static void
clear_sums (RvObjective *objective)
{
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    for (int k = 0; k < term->loss->n_sums; k++)
      memset (term->measured[k], 0, (gsize) term->n[k] * sizeof (double));
  }
}

gboolean
rv__objective_add_sums (RvObjective *objective, GError **error)
{
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    for (int k = 0; k < term->loss->n_sums; k++) {
      if (!fetch_sum (objective, term->sum[k], term->n[k], term->part[k], error))
        return FALSE;
      for (gint64 j = 0; j < term->n[k]; j++)
        term->measured[k][j] += term->part[k][j];
    }
  }
  return TRUE;
}

/* The picture @whole, which may lie there already, becomes x. */
static gboolean
load_picture (RvObjective *objective, const void *whole, GError **error)
{
  if (whole != objective->picture)
    memcpy (objective->picture, whole, rv__program_value_bytes (objective->executable->program, objective->x));
  return rv__executable_push (objective->executable, objective->x, error);
}

/* All sums at the picture @whole. @content: in tiles, its features are kept as what content terms compare with. @asks:
 * before each tile, whether to stop. */
static gboolean
measure (RvObjective *objective, const void *whole, gboolean content, gboolean asks, GError **error)
{
  clear_sums (objective);
  for (int tile = 0; tile < rv__objective_n_tiles (objective); tile++) {
    if (asks && rv__wanted (&objective->spec.wanted, error))
      return FALSE;
    gboolean loaded = objective->tiling ? rv__objective_load_tile (objective, tile, whole, error)
                                        : load_picture (objective, whole, error);
    if (!loaded || !rv__executable_forward (objective->executable, error) || !rv__objective_add_sums (objective, error))
      return FALSE;
    if (objective->tiling && content && !rv__objective_keep_content (objective, tile, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- targets ----------------------------------------------------------------------------------------------------- */

/* What was measured becomes @target, in place of what it was. */
static gboolean
set_target (RvLossTarget *target, const RvTerm *measured, GError **error)
{
  clear_target (target);
  *target = (RvLossTarget){ .positions = measured->info.positions };
  for (int k = 0; k < measured->loss->n_sums; k++) {
    gsize bytes = (gsize) measured->n[k] * sizeof (double);
    if (!(target->sum[k] = rv__alloc (bytes, "what a picture is like", error)))
      return FALSE;
    memcpy (target->sum[k], measured->measured[k], bytes);
  }
  return TRUE;
}

gboolean
rv__objective_set_content (RvObjective *objective, const void *x, GError **error)
{
  /* With the targets still zero, the sum of squared differences is sum P^2: the norm some losses divide by. */
  if (!measure (objective, x, TRUE, TRUE, error))
    return FALSE;
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (term->loss->role != RV_LOSS_CONTENT)
      continue;
    if (!set_target (&term->norm, term, error))
      return FALSE;
    if (!objective->tiling && !rv__executable_copy (objective->executable, term->feature, term->target, error))
      return FALSE;
  }
  return TRUE;
}

RvStyleTarget *
rv__objective_measure_style (const RvObjective *objective, const void *style, int height, int width, GError **error)
{
  RvObjectiveSpec spec = objective->spec;
  spec.content_weight = spec.tv_weight = spec.dream_weight = 0;
  spec.n_masks = 0; /* the whole style picture is the style */
  spec.masks = NULL;
  spec.compile.tune_s = 0;   /* one pass: not worth measuring for */
  if (spec.fit.tile_px == 0) /* a larger style picture shall not take more than the picture does */
    spec.fit.tile_px = MAX (objective->height, objective->width);
  g_autoptr (GArray) target = g_array_new (FALSE, TRUE, sizeof (RvLossTarget));
  g_array_set_clear_func (target, clear_target);
  if (spec.style_weight <= 0)
    return g_steal_pointer (&target);
  g_autoptr (RvObjective) other = new_objective (&spec, height, width, FALSE, error);
  if (!other || !rv__objective_bind (other, error))
    return NULL;
  if (!measure (other, style, FALSE, TRUE, error))
    return NULL;
  g_array_set_size (target, other->terms->len); /* cleared to 0 */
  for (guint i = 0; i < other->terms->len; i++)
    if (!set_target (&g_array_index (target, RvLossTarget, i), &g_array_index (other->terms, RvTerm, i), error))
      return NULL;
  return g_steal_pointer (&target);
}

void
rv__objective_add_target (RvObjective *objective, RvStyleTarget *target, double blend)
{
  RvStylePart style = { .target = g_array_ref (target), .blend = blend };
  g_array_append_val (objective->styles, style);
}

gboolean
rv__objective_add_style (RvObjective *objective, const void *style, int height, int width, double blend, GError **error)
{
  g_autoptr (GArray) target = rv__objective_measure_style (objective, style, height, width, error);
  if (target)
    rv__objective_add_target (objective, target, blend);
  return target != NULL;
}

/* ---- evaluating -------------------------------------------------------------------------------------------------- */

static double
evaluate_against (RvTerm *term, const RvLossTarget *target, double blend)
{
  double loss = term->loss->evaluate (&term->info, (const double *const *) term->measured, target, term->part);
  for (int k = 0; k < term->loss->n_sums; k++)
    for (gint64 i = 0; i < term->n[k]; i++)
      term->grad[k][i] += blend * term->part[k][i];
  return blend * loss;
}

/* share * loss (sums / share), whose gradient is that of the loss at sums / share. */
static double
evaluate_style (const RvObjective *objective, RvTerm *term, const RvStylePart *style, guint layer)
{
  const RvLossTarget *target = &g_array_index (style->target, RvLossTarget, layer);
  if (term->share <= 0)
    return 0;
  for (int k = 0; k < term->loss->n_sums && term->share < 1; k++)
    for (gint64 i = 0; i < term->n[k]; i++)
      term->measured[k][i] /= term->share;
  return term->share * evaluate_against (term, target, style->blend);
}

/* @layer: which of the style layers it is, of a style term. */
static double
evaluate_term (const RvObjective *objective, RvTerm *term, guint layer)
{
  double loss = 0;
  for (int k = 0; k < term->loss->n_sums; k++)
    memset (term->grad[k], 0, (gsize) term->n[k] * sizeof (double));
  if (term->loss->role == RV_LOSS_TV || term->loss->role == RV_LOSS_DREAM)
    return evaluate_against (term, NULL, 1);
  if (term->loss->role == RV_LOSS_CONTENT)
    return evaluate_against (term, &term->norm, 1);
  for (guint s = 0; s < objective->styles->len; s++)
    if (term->style < 0 || term->style == (int) s)
      loss += evaluate_style (objective, term, &g_array_index (objective->styles, RvStylePart, s), layer);
  return loss;
}

void *
rv__objective_picture (RvObjective *objective)
{
  return objective->tv ? rv__objective_picture (objective->tv) : objective->picture;
}

void *
rv__objective_gradient (const RvObjective *objective)
{
  return objective->tv ? rv__objective_gradient (objective->tv) : objective->gradient;
}

RvExecutable *
rv__objective_executable (RvObjective *objective)
{
  return objective->executable;
}

/* The losses at the sums, and what their gradient with respect to these is. */
static gboolean
evaluate_terms (RvObjective *objective, RvLosses *losses, GError **error)
{
  int n_styles = MAX (objective->spec.n_masks, 1); /* terms on one layer */
  guint n_seen = 0;
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    guint layer = term->loss->role == RV_LOSS_STYLE ? n_seen++ / (guint) n_styles : 0;
    double loss = term->weight * evaluate_term (objective, term, layer);
    switch (term->loss->role) {
    case RV_LOSS_STYLE:
      losses->style += loss;
      break;
    case RV_LOSS_CONTENT:
      losses->content += loss;
      break;
    case RV_LOSS_TV:
      losses->tv += loss;
      break;
    case RV_LOSS_DREAM:
      losses->dream += loss;
      break;
    }
    for (int k = 0; k < term->loss->n_sums; k++)
      if (!send_grad (objective, term->grad_sum[k], term->n[k], term->grad[k], term->weight, error))
        return FALSE;
  }
  losses->total = losses->content + losses->style + losses->tv + losses->dream;
  return TRUE;
}

/* Tiles whose gradient needs no sums of the whole: these are found on the way, for the loss. */
static gboolean
one_pass (RvObjective *objective, RvLosses *losses, GError **error)
{
  RvLosses before = *losses, of_nothing = { 0 };
  clear_sums (objective);
  if (!evaluate_terms (objective, &of_nothing, error) || /* for the gradients */
      !rv__objective_backward_tiles (objective, FALSE, error))
    return FALSE;
  *losses = before;
  return evaluate_terms (objective, losses, error);
}

gboolean
rv__objective_evaluate (RvObjective *objective, RvLosses *losses, GError **error)
{
  *losses = (RvLosses){ 0 };
  if (objective->tv && !rv__objective_evaluate (objective->tv, losses, error))
    return FALSE;
  if (objective->tiling && rv__objective_is_linear (objective))
    return one_pass (objective, losses, error);
  if (!measure (objective, rv__objective_picture (objective), FALSE, FALSE, error) ||
      !evaluate_terms (objective, losses, error))
    return FALSE;
  if (objective->tiling)
    return rv__objective_backward_tiles (objective, TRUE, error);
  return rv__executable_backward (objective->executable, error) &&
         (objective->grad_x < 0 || rv__executable_pull (objective->executable, objective->grad_x, error));
}

/* ---- planning ---------------------------------------------------------------------------------------------------- */

#define TUNE_PART 0.05        /* of the planned time, at most, for measuring kernels */
#define PIXELS_PER_SECOND 2e6 /* about what two cores of 2024 do with the built-in network */
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
    if (rv__wanted (&objective->spec.wanted, error) || !rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    double taken = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    *seconds = i == 0 ? taken : MIN (*seconds, taken);
  }
  return TRUE;
}
