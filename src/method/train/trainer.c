/* trainer.c -- batches, steps and checkpoints of a training. */
#include "method/train/trainer.h"
#include "base/error.h"
#include "base/random.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <string.h>

#define EPOCH_SHIFT 36               /* separate range of random numbers for each epoch */
#define MAX_STEPS ((gint64) 1 << 40) /* of a checkpoint: products with a batch do not overflow */

RvTrainer *
rv__trainer_new (RvParameters *parameters, const RvTrainerSettings *settings, GError **error)
{
  g_autoptr (RvTrainer) trainer = g_new0 (RvTrainer, 1);
  guint n = parameters->len;
  trainer->settings = *settings;
  trainer->parameters = g_array_ref (parameters);
  trainer->n_batches = (settings->n_examples + settings->batch - 1) / settings->batch;
  trainer->order = g_new (gint64, settings->n_examples);
  trainer->optim = g_new0 (RvOptim *, n + 1);
  trainer->average = settings->average > 0 ? g_new0 (float *, n + 1) : NULL;
  if (settings->optim->extra_state_bytes)
    return rv__error_null (error, RV_ERROR_SETTING, "the optimiser %s cannot train by batches; choose another",
                           settings->optim->name);
  for (guint i = 0; i < n; i++) {
    const RvTensor *tensor = rv__parameter (parameters, i)->tensor;
    if (!(trainer->optim[i] =
            rv__optim_new (settings->optim, &settings->optim_settings, rv_tensor_count (tensor), error)) ||
        (trainer->average &&
         !(trainer->average[i] = rv__alloc (rv_tensor_bytes (tensor), "the mean of the weights", error))))
      return NULL;
  }
  trainer->settings.optim_settings.specific = NULL;
  return g_steal_pointer (&trainer);
}

void
rv__trainer_free (RvTrainer *trainer)
{
  if (!trainer)
    return;
  for (guint i = 0; i < trainer->parameters->len; i++) {
    rv__optim_free (trainer->optim[i]);
    if (trainer->average)
      rv__free (trainer->average[i]);
  }
  g_free (trainer->optim);
  g_free (trainer->average);
  g_free (trainer->order);
  g_array_unref (trainer->parameters);
  g_free (trainer);
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

void
rv__trainer_shuffle (RvTrainer *trainer)
{
  /* Fisher-Yates shuffle. */
  const RvTrainerSettings *s = &trainer->settings;
  guint64 first = (guint64) trainer->epoch << EPOCH_SHIFT;
  for (gint64 i = 0; i < s->n_examples; i++)
    trainer->order[i] = i;
  for (gint64 i = s->n_examples - 1; i > 0; i--) {
    double u = rv__random_uniform_01 (s->seed, s->shuffle_stream, first + (guint64) i);
    gint64 j = (gint64) (u * (double) (i + 1)), swapped = trainer->order[i];
    trainer->order[i] = trainer->order[j];
    trainer->order[j] = swapped;
  }
}

gint64
rv__trainer_batch_size (const RvTrainer *trainer, gint64 batch)
{
  return MIN (trainer->settings.batch, trainer->settings.n_examples - batch * trainer->settings.batch);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

double
rv__trainer_rate_factor (const RvTrainerSettings *settings, gint64 k)
{
  if (k < settings->warmup_steps)
    return (double) (k + 1) / (double) settings->warmup_steps;
  gint64 falling = MAX (settings->n_steps - settings->warmup_steps, 1);
  double part = MIN ((double) (k - settings->warmup_steps) / (double) falling, 1), last = settings->last_rate;
  switch (settings->rate) {
  case RV_RATE_LINEAR:
    return last + (1 - last) * (1 - part);
  case RV_RATE_COSINE:
    return last + (1 - last) * 0.5 * (1 + cos (G_PI * part));
  case RV_RATE_CONSTANT:
    break;
  }
  return 1;
}

/* Scales the gradients down in place if their norm is above clip_norm. Returns the norm before scaling. */
static double
clip (const RvTrainer *trainer, float *const *grad)
{
  double sum = 0, most = trainer->settings.clip_norm;
  for (guint i = 0; i < trainer->parameters->len; i++)
    for (gint64 k = 0; grad[i] && k < trainer->optim[i]->n; k++)
      sum += (double) grad[i][k] * (double) grad[i][k];
  double norm = sqrt (sum);
  for (guint i = 0; norm > most && i < trainer->parameters->len; i++)
    for (gint64 k = 0; grad[i] && k < trainer->optim[i]->n; k++)
      grad[i][k] = (float) (grad[i][k] * (most / norm));
  return norm;
}

double
rv__trainer_step (RvTrainer *trainer, float *const *x, float *const *grad, double loss)
{
  const RvTrainerSettings *s = &trainer->settings;
  double norm = s->clip_norm > 0 ? clip (trainer, grad) : 0;
  double rate = s->optim_settings.learning_rate * rv__trainer_rate_factor (s, trainer->steps);
  for (guint i = 0; i < trainer->parameters->len; i++) {
    RvOptim *optim = trainer->optim[i];
    optim->settings.learning_rate = rate;
    if (grad[i])
      optim->class->step (optim, x[i], loss, grad[i]);
  }
  double k = (double) trainer->steps, keep = MIN (s->average, k / (k + 1)); /* means of the weights (trainer.h) */
  for (guint i = 0; trainer->average && i < trainer->parameters->len; i++)
    for (gint64 j = 0; j < trainer->optim[i]->n; j++)
      trainer->average[i][j] += (float) ((1 - keep) * (double) (x[i][j] - trainer->average[i][j]));
  trainer->steps++;
  return norm;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

/* (transfer full): name of the tensor of a slot of parameter @i. @slot: 0 to n_slots() - 1. The optimiser's slots:
 * "adam.m.layer.weight"; the one after them, the mean: "mean.layer.weight". */
static char *
slot_name (const RvTrainer *trainer, guint i, int slot)
{
  const char *parameter = rv__parameter (trainer->parameters, i)->name;
  const RvOptimClass *optim = trainer->settings.optim;
  if (slot < trainer->optim[i]->n_slots)
    return g_strconcat (optim->name, ".", optim->slot_names[slot], ".", parameter, NULL);
  return g_strconcat ("mean.", parameter, NULL);
}

/* Number of buffers that a checkpoint stores for parameter @i: the slots of its optimiser, and its mean if there are
 * means. */
static int
n_slots (const RvTrainer *trainer, guint i)
{
  return trainer->optim[i]->n_slots + (trainer->average != NULL);
}

/* Numbers of slot @slot of the optimiser of parameter @i; if @slot is the number of its slots, of the running average
 * of the parameter. Borrowed. */
static float *
slot_data (const RvTrainer *trainer, guint i, int slot)
{
  return slot < trainer->optim[i]->n_slots ? trainer->optim[i]->slot[slot] : trainer->average[i];
}

gboolean
rv__trainer_save (const RvTrainer *trainer, RvTensorMap *map, GError **error)
{
  rv__tensor_map_set_count (map, "training.epoch", trainer->epoch);
  rv__tensor_map_set_count (map, "training.steps", trainer->steps);
  rv_tensor_map_set_text (map, "training.data", trainer->settings.data);
  for (guint i = 0; i < trainer->parameters->len; i++)
    for (int k = 0; k < n_slots (trainer, i); k++) {
      g_autofree char *name = slot_name (trainer, i, k);
      g_autoptr (RvTensor) slot = rv_tensor_new (RV_F32, &rv__parameter (trainer->parameters, i)->tensor->shape, error);
      if (!slot)
        return FALSE;
      memcpy (slot->data, slot_data (trainer, i, k), rv_tensor_bytes (slot));
      rv_tensor_map_set (map, name, slot);
    }
  return TRUE;
}

gboolean
rv__trainer_check_settings (const RvOption *table, const void *now, const void *then, const char *const *may_differ,
                            GError **error)
{
  for (const RvOption *option = table; option->name; option++) {
    g_autofree char *mine = rv__option_get (table, now, option->name),
                    *theirs = rv__option_get (table, then, option->name);
    if (!g_strv_contains (may_differ, option->name) && strcmp (mine, theirs) != 0)
      return rv__error_setting (error, option->name,
                                "the training that stopped had '%s'=%.80s, and this has '%s'=%.80s", option->name,
                                theirs, option->name, mine);
  }
  return TRUE;
}

/* Sets trainer->epoch (complete epochs) and trainer->steps from @map. FALSE: RV_ERROR_FORMAT if @map is no checkpoint,
 * has the hash of other data, or has fewer steps than its epochs take. Both may be overwritten then. */
static gboolean
read_counts (RvTrainer *trainer, const RvTensorMap *map, GError **error)
{
  const char *epoch = rv_tensor_map_get_text (map, "training.epoch"),
             *steps = rv_tensor_map_get_text (map, "training.steps"),
             *data = rv_tensor_map_get_text (map, "training.data");
  if (data && strcmp (data, trainer->settings.data) != 0)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "the checkpoint was made with other data; use the same data, or start again");
  if (!epoch || !steps || !data)
    return rv__error_set (error, RV_ERROR_FORMAT, "this is not a checkpoint of a training");
  return (g_ascii_string_to_signed (epoch, 10, 0, MAX_STEPS, &trainer->epoch, NULL) &&
          g_ascii_string_to_signed (steps, 10, 0, MAX_STEPS, &trainer->steps, NULL) &&
          trainer->steps / trainer->n_batches >= trainer->epoch) ||
         rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint is damaged: epoch '%.30s' after step '%.30s'", epoch,
                        steps);
}

/* Copies slot @k of parameter @i, optimiser state or mean of the weights, from @map to the trainer. RV_ERROR_FORMAT
 * if it is missing or has another type or shape. */
static gboolean
read_slot (RvTrainer *trainer, const RvTensorMap *map, guint i, int k, GError **error)
{
  g_autofree char *name = slot_name (trainer, i, k);
  const RvTensor *slot = rv_tensor_map_get (map, name);
  if (!slot || slot->type != RV_F32 ||
      !rv_shape_equal (&slot->shape, &rv__parameter (trainer->parameters, i)->tensor->shape))
    return rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint has no %s", name);
  return rv__tensor_read_into (slot, slot_data (trainer, i, k), error);
}

gboolean
rv__trainer_restore (RvTrainer *trainer, const RvTensorMap *map, const RvParameters *stored, GError **error)
{
  if (!read_counts (trainer, map, error))
    return FALSE;
  if (!rv__parameters_alike (trainer->parameters, stored))
    return rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint has another architecture");
  for (guint i = 0; i < trainer->parameters->len; i++)
    for (int k = 0; k < n_slots (trainer, i); k++)
      if (!read_slot (trainer, map, i, k, error))
        return FALSE;
  for (guint i = 0; i < trainer->parameters->len; i++) {
    const RvTensor *tensor = rv__parameter (stored, i)->tensor;
    memcpy (rv__parameter (trainer->parameters, i)->tensor->data, tensor->data, rv_tensor_bytes (tensor));
    trainer->optim[i]->iteration = trainer->steps;
  }
  return TRUE;
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

gboolean
rv__trainer_broadcast (RvTrainer *trainer, RvCluster *cluster, float *const *x, GError **error)
{
  gint64 *const counts[] = { &trainer->epoch, &trainer->steps, &trainer->settings.n_steps };
  gboolean ok = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    ok = ok && rv__cluster_broadcast (cluster, counts[i], sizeof (gint64), 0, error);
  for (guint i = 0; i < trainer->parameters->len; i++) {
    RvOptim *optim = trainer->optim[i];
    gsize bytes = (gsize) optim->n * sizeof (float);
    ok = ok && rv__cluster_broadcast (cluster, x[i], bytes, 0, error) &&
         rv__cluster_broadcast (cluster, &optim->iteration, sizeof optim->iteration, 0, error);
    for (int k = 0; k < n_slots (trainer, i); k++)
      ok = ok && rv__cluster_broadcast (cluster, slot_data (trainer, i, k), bytes, 0, error);
  }
  return ok;
}
