/* prepare.c -- what a learning needs before its first step: what is learnt, memory, the trainer. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "method/learn/internal.h"
#include "method/objective/fit.h"

#define RATE_OF_WEIGHTS 0.001
#define RATE_OF_A_STYLE 0.01
#define WARMUP_STEPS 50
#define LAST_RATE 0.03          /* of the learning rate, at the end */
#define STEPS_FROM_NOTHING 2000 /* for each style, where convolutions are learnt */
#define STEPS_OF_A_STYLE 400

static const RvOptionValue adam_settings[] = { { "beta2", "0.999" }, { NULL, NULL } };

void
rv__learning_share_parameter (RvParameters *parameters, const char *name, RvTensor *tensor)
{
  RvParameter parameter = { g_strdup (name), rv_tensor_ref (tensor) };
  g_array_append_val (parameters, parameter);
}

static gboolean
list_parameters (RvLearning *learning, GError **error)
{
  const RvPainter *painter = learning->painter;
  learning->in_program = rv__parameters_new ();
  learning->learnt = rv__parameters_new ();
  for (guint i = 0; learning->learns_weights && i < painter->weights->len; i++) {
    const RvParameter *weight = rv__parameter (painter->weights, i);
    rv__learning_share_parameter (learning->in_program, weight->name, weight->tensor);
    rv__learning_share_parameter (learning->learnt, weight->name, weight->tensor);
  }
  for (int k = 0; k < 2 * RV_PAINTER_N_NORMS; k++) {
    gint64 first;
    RvShape shape = rv_shape (1, rv__painter_norm (k / 2, &first));
    g_autofree char *name = rv__painter_norm_name (k / 2, k % 2);
    if (!rv__parameters_add (learning->in_program, name, &shape, error))
      return FALSE;
  }
  for (guint i = 0; i < painter->styles->len; i++) {
    const RvPainterStyle *style = rv__painter_style (painter, i);
    g_autofree char *name = g_strconcat ("style.", style->name, NULL);
    rv__learning_share_parameter (learning->learnt, name, style->numbers);
  }
  return TRUE;
}

/* Convolutions come first, in both lists. */
guint
rv__learning_n_weights (const RvLearning *learning)
{
  return learning->learns_weights ? learning->painter->weights->len : 0;
}

gint64
rv__learning_picture_numbers (const RvLearning *learning)
{
  return RV_LEARN_CHANNELS * learning->settings->crop_px * learning->settings->crop_px;
}

gint64
rv__learning_slice (const RvLearning *learning)
{
  return learning->settings->batch / learning->settings->slices;
}

/* Lists what a step takes. */
static void
list_buffers (RvLearning *learning)
{
  gint64 slice = rv__learning_slice (learning), square = learning->settings->crop_px * learning->settings->crop_px,
         pictures = slice * rv__learning_picture_numbers (learning) * (gint64) sizeof (float);
  const RvBuffer rows[] = {
    { &learning->x, pictures, "photographs", 0, 0 },
    { &learning->seen, pictures, "photographs with grain", 0, 0 },
    { &learning->y, pictures, "painted photographs", 0, 0 },
    { &learning->grad_y, pictures, "the gradient of painted photographs", 0, 0 },
    { &learning->field, 2 * square * slice * (gint64) sizeof (float), "motions", 0, 0 },
    { &learning->grad_numbers, 2 * RV_PAINTER_CHANNELS * sizeof (float), "a style's gradient", 0, 0 },
    { NULL, (gint64) rv__objective_memory (learning->objective), "the objective", 0, 0 },
    { NULL, (gint64) rv__executable_memory (learning->engine->executable), "the painter", 0, 0 },
  };
  learning->buffers = rv__buffers_new (rows, G_N_ELEMENTS (rows));
}

static gint64
steps_wanted (const RvLearning *learning)
{
  const RvLearnSettings *s = learning->settings;
  gint64 usual = learning->learns_weights ? STEPS_FROM_NOTHING : STEPS_OF_A_STYLE;
  return s->iterations ? s->iterations : usual * (gint64) learning->goals->len;
}

/* A style's scales and shifts are numbers of about 1, and may change by that much. */
static double
learning_rate (const RvLearning *learning)
{
  double usual = learning->learns_weights ? RATE_OF_WEIGHTS : RATE_OF_A_STYLE;
  return learning->settings->learning_rate > 0 ? learning->settings->learning_rate : usual;
}

static gboolean
make_trainer (RvLearning *learning, GError **error)
{
  const RvLearnSettings *s = learning->settings;
  const RvOptimClass *adam = rv__optim_find ("adam");
  gpointer own = rv__optim_specific_new (adam, adam_settings, NULL);
  learning->data = rv__photos_hash (learning->photos);
  const RvTrainerSettings trainer = { .optim = adam,
                                      .optim_settings = { .learning_rate = learning_rate (learning),
                                                          .decay = 1,
                                                          .decay_steps = 1,
                                                          .gradient_scale = 1,
                                                          .specific = own },
                                      .n_examples = MAX (rv__photos_count (learning->photos), s->batch),
                                      .batch = s->batch,
                                      .seed = (guint64) s->seed,
                                      .shuffle_stream = RV_LEARN_SHUFFLE_STREAM,
                                      .data = learning->data,
                                      .rate = RV_RATE_COSINE,
                                      .warmup_steps = MIN (WARMUP_STEPS, steps_wanted (learning) / 10),
                                      .last_rate = LAST_RATE,
                                      .n_steps = steps_wanted (learning),
                                      .average = s->average };
  learning->trainer = rv__trainer_new (learning->learnt, &trainer, error);
  rv__optim_specific_free (adam, own);
  return learning->trainer != NULL;
}

/* Where the learnt numbers and their gradients lie. */
static void
find_numbers (RvLearning *learning)
{
  guint n = learning->learnt->len;
  learning->at = g_new0 (float *, n + 1);
  learning->grad_at = g_new0 (float *, n + 1);
  for (guint i = 0; i < n; i++) {
    gboolean in_program = i < rv__learning_n_weights (learning);
    learning->at[i] = in_program ? learning->engine->trained->at[i] : rv__parameter (learning->learnt, i)->tensor->data;
    learning->grad_at[i] = in_program ? learning->engine->trained->grad_at[i] : NULL;
  }
}

/* The convolutions' gradients, where they are learnt, and those of the one style that is painted. */
static gboolean
make_slices (RvLearning *learning, GError **error)
{
  RvSlices *slices = learning->slices = rv__slices_new ((int) learning->settings->slices, RV_LEARN_LOSSES);
  for (guint i = 0; i < rv__learning_n_weights (learning); i++)
    rv__slices_watch (slices, learning->grad_at[i], rv_tensor_count (rv__parameter (learning->learnt, i)->tensor));
  rv__slices_watch (slices, learning->grad_numbers, 2 * RV_PAINTER_CHANNELS);
  return rv__slices_begin (slices, error);
}

/* A step that is too large is refused before its memory is taken. Nothing is made smaller to fit: it would learn
 * something else. */
static gboolean
fits (const RvLearning *learning, const RvBackendClass *backend, GError **error)
{
  const RvLearnSettings *s = learning->settings;
  gsize allowed, now = rv__system_resident_bytes () + RV_LIBRARY_BYTES, wanted = rv__buffers_peak (learning->buffers);
  if (!s->compute.memory)
    return TRUE;
  if (!rv__memory_allowed (backend, s->compute.memory, &allowed, error))
    return FALSE;
  if (now + wanted <= allowed)
    return TRUE;
  g_autofree char *wanted_text = rv_text_bytes (now + wanted), *allowed_text = rv_text_bytes (allowed);
  rv__error_with_options (error, RV_ERROR_MEMORY, "memory,batch,crop",
                          "to learn takes %s, and 'memory' allows %s: allow more, or take a smaller 'batch' or 'crop'",
                          wanted_text, allowed_text);
  return FALSE;
}

gboolean
rv__learning_prepare (RvLearning *learning, GError **error)
{
  const RvLearnSettings *s = learning->settings;
  if (learning->trainer)
    return TRUE;
  if (learning->goals->len == 0 || rv__photos_count (learning->photos) == 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no %s to learn from",
                 learning->goals->len == 0 ? "painting" : "photograph");
    return FALSE;
  }
  const RvBackendClass *backend = rv__compute_backend (&s->compute, error);
  if (!backend || !list_parameters (learning, error) ||
      !(learning->engine =
          rv__painter_engine_new (learning->painter, learning->in_program, rv__learning_slice (learning), s->crop_px,
                                  s->crop_px, backend, rv__compute_threads (&s->compute), error)))
    return FALSE;
  list_buffers (learning);
  if (!fits (learning, backend, error) || !rv__buffers_enter (learning->buffers, 0, error) ||
      !rv__objective_bind (learning->objective, error) || !rv__painter_engine_bind (learning->engine, error) ||
      !make_trainer (learning, error))
    return FALSE;
  find_numbers (learning);
  if (!make_slices (learning, error))
    return FALSE;
  rv__executable_set_cancellable (learning->engine->executable, learning->cancellable);
  return TRUE;
}
