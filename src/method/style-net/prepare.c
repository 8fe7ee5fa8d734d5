/* prepare.c -- prepares a training for its first step: parameters, memory, trainer. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "method/style-net/training-internal.h"
#include "method/objective/fit.h"

#define RATE_OF_WEIGHTS 0.001
#define STYLE_RATE 0.01
#define WARMUP_STEPS 50
#define LAST_RATE 0.03     /* final fraction of the learning rate */
#define SCRATCH_STEPS 2000 /* for each style, if convolutions are trained */
#define STYLE_STEPS 400

void
rv__style_training_add_parameter (RvParameters *parameters, const char *name, RvTensor *tensor)
{
  RvParameter parameter = { g_strdup (name), rv_tensor_ref (tensor) };
  g_array_append_val (parameters, parameter);
}

/* Creates training->in_program, the trained weights and the norms of one style, and training->learned, the trained
 * weights and the numbers of each style. Tensors of weights and styles are referenced, not copied. */
static gboolean
list_parameters (RvStyleTraining *training, GError **error)
{
  const RvStyleNet *style_net = training->style_net;
  training->in_program = rv__parameters_new ();
  training->learned = rv__parameters_new ();
  for (guint i = 0; training->learns_weights && i < style_net->weights->len; i++) {
    const RvParameter *weight = rv__parameter (style_net->weights, i);
    rv__style_training_add_parameter (training->in_program, weight->name, weight->tensor);
    rv__style_training_add_parameter (training->learned, weight->name, weight->tensor);
  }
  for (int k = 0; k < 2 * RV_STYLE_NET_N_NORMS; k++) {
    gint64 first;
    RvShape shape = rv_shape (1, rv__style_net_norm_channels (k / 2, &first));
    g_autofree char *name = rv__style_net_norm_name (k / 2, k % 2);
    if (!rv__parameters_add (training->in_program, name, &shape, error))
      return FALSE;
  }
  for (guint i = 0; i < style_net->styles->len; i++) {
    const RvStyleNetStyle *style = rv__style_net_style (style_net, i);
    g_autofree char *name = g_strconcat ("style.", style->name, NULL);
    rv__style_training_add_parameter (training->learned, name, style->numbers);
  }
  return TRUE;
}

guint
rv__style_training_n_weights (const RvStyleTraining *training)
{
  return training->learns_weights ? training->style_net->weights->len : 0;
}

gint64
rv__style_training_picture_numbers (const RvStyleTraining *training)
{
  return RV_STYLE_TRAINING_CHANNELS * training->settings->crop_px * training->settings->crop_px;
}

gint64
rv__style_training_micro_batch_size (const RvStyleTraining *training)
{
  return training->settings->batch / training->settings->micro_batches;
}

/* Creates training->buffers, the list of the memory of a step, none of it allocated. Objective and engine are compiled:
 * their memory is in the list, too. Cannot fail. */
static void
list_buffers (RvStyleTraining *training)
{
  gint64 n_pictures = rv__style_training_micro_batch_size (training),
         square = training->settings->crop_px * training->settings->crop_px,
         pictures = n_pictures * rv__style_training_picture_numbers (training) * (gint64) sizeof (float);
  const RvBuffer rows[] = {
    { &training->x, pictures, "photographs", 0, 0 },
    { &training->seen, pictures, "photographs with grain", 0, 0 },
    { &training->y, pictures, "painted photographs", 0, 0 },
    { &training->grad_y, pictures, "the gradient of painted photographs", 0, 0 },
    { &training->field, 2 * square * n_pictures * (gint64) sizeof (float), "motions", 0, 0 },
    { &training->grad_numbers, 2 * RV_STYLE_NET_CHANNELS * sizeof (float), "a style's gradient", 0, 0 },
    { NULL, (gint64) rv__objective_memory (training->objective), "the objective", 0, 0 },
    { NULL, (gint64) rv__executable_memory (training->engine->executable), "the style network", 0, 0 },
  };
  training->buffers = rv__buffers_new (rows, G_N_ELEMENTS (rows));
}

/* Number of steps of the training: the setting `iterations`; if it is 0, STYLE_STEPS or SCRATCH_STEPS for each style.
 */
static gint64
planned_steps (const RvStyleTraining *training)
{
  const RvStyleTrainingSettings *s = training->settings;
  gint64 usual = training->learns_weights ? SCRATCH_STEPS : STYLE_STEPS;
  return s->iterations ? s->iterations : usual * (gint64) training->targets->len;
}

/* The setting `learning-rate`; if it is 0, RATE_OF_WEIGHTS, or STYLE_RATE if only styles are trained. The latter is
 * larger: scales start at 1, shifts at 0, and both may change by about 1. */
static double
learning_rate (const RvStyleTraining *training)
{
  double usual = training->learns_weights ? RATE_OF_WEIGHTS : STYLE_RATE;
  return training->settings->learning_rate > 0 ? training->settings->learning_rate : usual;
}

/* Sets training->data, the hash of the photographs, and training->trainer, for training->learned. */
static gboolean
make_trainer (RvStyleTraining *training, GError **error)
{
  const RvStyleTrainingSettings *s = training->settings;
  training->data = rv__photos_hash (training->photos);
  const RvTrainerSettings trainer = { .optim = rv__optim_find ("adam"),
                                      .optim_settings = rv__optim_adam_settings (learning_rate (training)),
                                      .n_examples = MAX (training->photos->len, s->batch),
                                      .batch = s->batch,
                                      .seed = (guint64) s->seed,
                                      .shuffle_stream = RV_STYLE_TRAINING_SHUFFLE_STREAM,
                                      .data = training->data,
                                      .rate = RV_RATE_COSINE,
                                      .warmup_steps = MIN (WARMUP_STEPS, planned_steps (training) / 10),
                                      .last_rate = LAST_RATE,
                                      .n_steps = planned_steps (training),
                                      .average = s->average };
  return (training->trainer = rv__trainer_new (training->learned, &trainer, error)) != NULL;
}

/* Allocates training->at and training->grad_at, one entry for each of training->learned; both must be NULL before. The
 * entries are borrowed: numbers and gradients of weights from the bound engine. Numbers of a style are those of its
 * tensor; their grad_at is NULL. rv__style_training_reset() frees the arrays. Cannot fail. */
static void
set_addresses (RvStyleTraining *training)
{
  guint n = training->learned->len;
  training->at = g_new0 (float *, n + 1);
  training->grad_at = g_new0 (float *, n + 1);
  for (guint i = 0; i < n; i++) {
    gboolean in_program = i < rv__style_training_n_weights (training);
    training->at[i] =
      in_program ? training->engine->trained->at[i] : rv__parameter (training->learned, i)->tensor->data;
    training->grad_at[i] = in_program ? training->engine->trained->grad_at[i] : NULL;
  }
}

/* Creates and allocates training->micro_batches: gradients of the convolutions, if they are trained, and of the
 * painted style. Registers the buffers at training->grad_at and grad_numbers, which must be set. */
static gboolean
make_accumulator (RvStyleTraining *training, GError **error)
{
  RvGradAccumulator *micro_batches = training->micro_batches =
    rv__grad_accumulator_new ((int) training->settings->micro_batches, RV_STYLE_TRAINING_LOSSES);
  for (guint i = 0; i < rv__style_training_n_weights (training); i++)
    rv__grad_accumulator_add_buffer (micro_batches, training->grad_at[i],
                                     rv_tensor_count (rv__parameter (training->learned, i)->tensor));
  rv__grad_accumulator_add_buffer (micro_batches, training->grad_numbers, 2 * RV_STYLE_NET_CHANNELS);
  return rv__grad_accumulator_allocate (micro_batches, error);
}

/* Checks the host memory against the setting `memory`, before a step's memory is allocated. Adds what the process
 * has now, RV_LIBRARY_BYTES and training->buffers, which must be set. TRUE without that setting. Never reduces
 * batch or crop, because that would change the result. RV_ERROR_MEMORY if it does not fit. */
static gboolean
check_memory (const RvStyleTraining *training, const RvBackendClass *backend, GError **error)
{
  const RvStyleTrainingSettings *s = training->settings;
  RvMemoryLimits allowed;
  gsize now = rv__system_resident_bytes () + RV_LIBRARY_BYTES;
  gsize needed = rv__buffers_peak (training->buffers, 0, G_MAXINT);
  if (!s->compute.memory)
    return TRUE;
  rv__memory_allowed (backend, s->compute.memory, &allowed);
  if (now + needed <= allowed.host)
    return TRUE;
  g_autofree char *needed_text = rv_text_bytes (now + needed), *allowed_text = rv_text_bytes (allowed.host);
  return rv__error_with_options (
    error, RV_ERROR_MEMORY, "memory,batch,crop",
    "to learn takes %s, and 'memory' allows %s; raise 'memory', or lower 'batch' or 'crop'", needed_text, allowed_text);
}

void
rv__style_training_reset (RvStyleTraining *training)
{
  g_clear_pointer (&training->buffers, g_array_unref);
  g_clear_pointer (&training->at, g_free);
  g_clear_pointer (&training->grad_at, g_free);
  g_clear_pointer (&training->micro_batches, rv__grad_accumulator_free);
  g_clear_pointer (&training->trainer, rv__trainer_free);
  g_clear_pointer (&training->engine, rv__style_net_engine_free);
  g_clear_pointer (&training->in_program, g_array_unref);
  g_clear_pointer (&training->learned, g_array_unref);
  g_clear_pointer (&training->objective, rv__objective_free);
  g_clear_pointer (&training->data, g_free);
}

/* Sets the members of @training from `in_program` on, and the objective if it is NULL. RV_ERROR_SETTING without
 * paintings or photographs. After an error some members may be set. */
static gboolean
prepare (RvStyleTraining *training, GError **error)
{
  const RvStyleTrainingSettings *s = training->settings;
  if (training->targets->len == 0 || training->photos->len == 0)
    return rv__error_set (error, RV_ERROR_SETTING, "there is no %s to learn from; add at least one",
                          training->targets->len == 0 ? "painting" : "photograph");
  const RvBackendClass *backend = rv__compute_backend (s->compute.backend, s->compute.gpu, error);
  if (!backend || !rv__style_training_make_objective (training, error) || !list_parameters (training, error) ||
      !(training->engine = rv__style_net_engine_new (
          training->style_net, training->in_program, rv__style_training_micro_batch_size (training), s->crop_px,
          s->crop_px, backend, rv__compute_threads (s->compute.threads), error)))
    return FALSE;
  list_buffers (training);
  if (!check_memory (training, backend, error) || !rv__buffers_enter (training->buffers, 0, error) ||
      !rv__objective_bind (training->objective, error) || !rv__style_net_engine_bind (training->engine, error) ||
      !make_trainer (training, error))
    return FALSE;
  set_addresses (training);
  return make_accumulator (training, error);
}

gboolean
rv__style_training_prepare (RvStyleTraining *training, GError **error)
{
  if (training->trainer || prepare (training, error))
    return TRUE;
  rv__style_training_reset (training);
  return FALSE;
}
