/* record.c -- records the terms as ops of a program. The program has the network up to the last layer of a term, the
 * statistics of each loss, and the backward pass to the picture. */
#include "objective-internal.h"
#include "base/error.h"
#include <string.h>

/* Arguments of the layer callback. */
typedef struct {
  RvObjective *objective;
  RvProgram *program;
  guint n_wanted, n_seen; /* terms on layers; recorded terms on layers */
} Recording;

/* Number of @terms with the group and the mask of @of, itself included. */
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

/* Records the sums of single features (RvLossClass.means) again and replaces their values in @stats: values.x has the
 * root of the mask m already, and is multiplied by it once more, to m. Sums of products of two features have m already,
 * its root from each. Errors are in program->error. */
static void
weigh_means (RvProgram *program, const RvTermInstance *instance, RvLossValues values, int stats[RV_LOSS_MAX_SUMS])
{
  const RvLossClass *loss = instance->term->loss;
  int once_more[RV_LOSS_MAX_SUMS];
  gboolean any = FALSE;
  for (int k = 0; k < loss->n_sums; k++)
    any |= loss->means[k];
  if (!any)
    return;
  values.x = rv__mask (program, values.x, instance->mask);
  loss->record (program, &instance->info, &values, once_more);
  for (int k = 0; k < loss->n_sums; k++)
    if (loss->means[k])
      stats[k] = once_more[k];
}

/* Records the mask (if @masked) and target features as inputs that the host sets, and term->tensor as a constant.
 * @shape: that of the layer. Sets instance->mask, ->target and ->feature. Returns the values for RvLossClass.record;
 * -1: none. RV_TILING_WHOLE losses get no mask here: they read it on the host. Errors are in program->error. */
static RvLossValues
record_inputs (RvProgram *program, RvTermInstance *instance, gboolean masked, const RvShape *shape)
{
  const RvTerm *term = instance->term;
  RvLossValues values = { instance->feature, -1, -1 };
  if (masked && term->loss->tiling != RV_TILING_WHOLE) {
    RvShape plane = rv_shape (2, shape->dim[2], shape->dim[3]);
    instance->mask = rv__program_input (program, &plane);
    if (term->loss->tiling == RV_TILING_HALO)
      values.mask = instance->mask;
    else
      instance->feature = values.x = rv__mask (program, instance->feature, instance->mask);
  }
  if (term->loss->target == RV_TARGET_FEATURES) {
    instance->target = values.target = rv__program_input (program, shape);
    rv__program_forward_output (program, instance->feature); /* rv__objective_set_features() reads the feature */
  }
  if (term->tensor)
    values.target = rv__program_constant (program, term->tensor);
  return values;
}

/* Makes the statistics outputs of the program, and their gradients inputs that the host sets. Sets n, side,
 * map.channels and grad_stats of @instance. Errors are in program->error. */
static void
record_outputs (RvProgram *program, RvTermInstance *instance)
{
  const RvLossClass *loss = instance->term->loss;
  for (int k = 0; k < (loss->tiling == RV_TILING_WHOLE ? 1 : loss->n_sums); k++) {
    RvShape stats = *rv__program_shape (program, instance->stats[k]);
    if (loss->tiling == RV_TILING_WHOLE)
      instance->map.channels = stats.dim[1];
    else
      instance->n[k] = rv_shape_count (&stats);
    instance->side[k] = loss->symmetric[k] ? stats.dim[0] : 0;
    if (loss->tiling == RV_TILING_WHOLE)
      rv__program_forward_output (program, instance->stats[k]); /* may be large: freed after the forward pass */
    else
      rv__program_output (program, instance->stats[k]);
    instance->grad_stats[k] = rv__program_input (program, &stats);
  }
}

/* Records @term at its layer, the value @value, and appends its instance. Does nothing if program->error is set; errors
 * are set there. */
static void
record_term (const Recording *recording, const RvTerm *term, int value)
{
  RvObjective *objective = recording->objective;
  RvProgram *program = recording->program;
  if (program->error)
    return;
  RvShape shape = *rv__program_shape (program, value);
  RvTermInstance instance = { .term = term, .feature = value, .target = -1, .mask = -1, .rows = shape.dim[2] };
  const RvLosses *groups = &objective->groups;
  while (instance.group < groups->n_groups && strcmp (groups->group[instance.group], term->group) != 0)
    instance.group++;
  instance.info = (RvLossInfo){ .channels = shape.dim[1],
                                .positions = shape.dim[2] * shape.dim[3],
                                .rows = shape.dim[2],
                                .picture_h = objective->height,
                                .picture_w = objective->width,
                                .n_layers = count_layers (objective->spec.terms, term),
                                .mask_mean = 1,
                                .channel_weights = term->channel_weights,
                                .channel_groups = term->channel_groups,
                                .settings = term->settings };
  gboolean masked = objective->tiling || term->mask >= 0;
  RvLossValues values = record_inputs (program, &instance, masked, &shape);
  term->loss->record (program, &instance.info, &values, instance.stats);
  if (term->mask >= 0)
    weigh_means (program, &instance, values, instance.stats);
  if (program->error)
    return;
  record_outputs (program, &instance);
  instance.norm = g_new0 (RvLossTarget, objective->spec.n_pictures);
  g_array_append_val (objective->instances, instance);
}

/* Callback of rv__net_record(): records all terms of this layer. TRUE: all terms are recorded; the network ends here.
 */
static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  Recording *recording = user_data;
  const GArray *terms = recording->objective->spec.terms;
  for (guint i = 0; i < terms->len; i++) {
    const RvTerm *term = &g_array_index (terms, RvTerm, i);
    if (!term->layer || strcmp (term->layer, layer) != 0)
      continue;
    record_term (recording, term, value);
    recording->n_seen++;
  }
  return recording->n_seen == recording->n_wanted;
}

guint
rv__objective_count_terms (const RvObjectiveSpec *spec)
{
  guint n = 0;
  for (guint i = 0; i < spec->terms->len; i++)
    n += g_array_index (spec->terms, RvTerm, i).layer != NULL;
  return n;
}

gboolean
rv__objective_record (RvObjective *objective, RvProgram *program, int *x, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  const RvTiling *tiling = objective->tiling;
  RvShape shape = rv_shape (4, 1, spec->channels, tiling ? tiling->window[0] : objective->height,
                            tiling ? tiling->window[1] : objective->width);
  Recording recording = { .objective = objective, .program = program };
  recording.n_wanted = rv__objective_count_terms (spec);

  *x = rv__program_input (program, &shape);
  for (guint i = 0; i < spec->terms->len; i++)
    if (!g_array_index (spec->terms, RvTerm, i).layer)
      record_term (&recording, &g_array_index (spec->terms, RvTerm, i), *x);
  if (recording.n_wanted > 0)
    rv__net_record (spec->net, &spec->variant, program, *x, &spec->space, on_layer, &recording);
  int min_side =
    g_error_matches (program->error, RV_ERROR, RV_ERROR_SHAPE) ? rv__terms_min_side (spec->net, spec->terms) : 0;
  if (MIN (objective->width, objective->height) < min_side)
    rv__error_set (error, RV_ERROR_SHAPE,
                   "a picture of %d x %d px is too small for these layers: each side must have at least %d px",
                   objective->width, objective->height, min_side);
  else if (program->error)
    g_propagate_error (error, g_error_copy (program->error));
  return program->error == NULL;
}

int
rv__objective_differentiate (const RvObjective *objective, RvProgram *program, int x)
{
  g_autoptr (GArray) seeds = g_array_new (FALSE, FALSE, sizeof (RvGradSeed));
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    int n = instance->term->loss->tiling == RV_TILING_WHOLE ? 1 : instance->term->loss->n_sums;
    for (int k = 0; k < n; k++)
      g_array_append_val (seeds, ((RvGradSeed){ instance->stats[k], instance->grad_stats[k] }));
  }
  return rv__graph_differentiate (program, (RvGradSeed *) (void *) seeds->data, (int) seeds->len, x);
}
