/* learn.c -- a painter learns: batches of photographs painted, compared as style transfer compares, stepped.
 *
 *   step k, of style s = k mod the styles:
 *     x <- a batch of parts of photographs;  y <- the painter's, in style s
 *     L <- mean over the batch of content + style + tv (method/objective);  every fourth step half of the batch is the
 *          other half moved a little, and L has steadiness times how differently that was painted
 *     dL/dy back through the painter;  Adam on the convolutions, where they are learnt, and on the style's numbers
 *
 * Every random number is a function of the seed, the step and a place: a state needs none. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "method/learn/painter.h"
#include "method/learn/photos.h"
#include "method/learn/settings.h"
#include "method/objective/objective.h"
#include "method/train/trainer.h"
#include <math.h>
#include <string.h>

#define RATE_OF_WEIGHTS 0.001
#define RATE_OF_A_STYLE 0.01
#define WARMUP_STEPS 50
#define LAST_RATE 0.03          /* of the learning rate, at the end */
#define STEPS_FROM_NOTHING 2000 /* for each style, where convolutions are learnt */
#define STEPS_OF_A_STYLE 400
#define STEADY_EVERY 4
#define MOST_STEPS 1000000000 /* that a state may name */
#define TIMED_STEPS 10        /* before it is known how many fit into a time */
#define THUMBNAIL_PX 64
#define PHOTO_MARGIN (9 / 8.0) /* photographs' shorter side, to that of what is painted */
#define CHANNELS 3
#define STEADY "steady"
#define NOW "now."              /* before a parameter's name, in a state */
#define LENGTH "learning.steps" /* of a state: how many steps there were to be */

static const RvOptionValue adam_settings[] = { { "beta2", "0.999" }, { NULL, NULL } };

/* What a style is to be like. */
typedef struct {
  GPtrArray *sums; /* RvPictureSums, one for each painting */
} Goal;

struct _RvLearning {
  RvSettings *named;
  const RvLearnSettings *settings;
  RvNet *net;
  gboolean learns_weights;
  RvPainter *painter; /* as it was when it was last stored: the steps are taken on the program's numbers */
  GPtrArray *starts;  /* RvTensor: the numbers of known styles, with which new ones may begin */
  GPtrArray *goals;   /* Goal, one for each style */
  RvPhotos *photos;
  RvObjective *objective;
  char *losses[RV_MAX_GROUPS + 2];
  double time_s; /* 0: no limit */

  /* From the first step on. */
  RvParameters *in_program; /* convolutions, where they are learnt, and the norms, which have one style's numbers */
  RvParameters *learnt;     /* the same convolutions, and each style's numbers */
  RvPainterEngine *engine;
  RvTrainer *trainer;
  char *data; /* names the photographs */
  float *x, *y, *grad_y, *field, *grad_numbers;
  float **at, **grad_at; /* of each that is learnt */
};

/* ---- made and freed ---------------------------------------------------------------------------------------------- */

static void
free_goal (gpointer data)
{
  g_ptr_array_unref (((Goal *) data)->sums);
  g_free (data);
}

static gboolean
add_terms (GArray *terms, const char *group, const char *name, double weight, const char *layers, const char *net,
           GError **error)
{
  if (weight == 0)
    return TRUE;
  const char *usual = rv__net_default_layers (net, strcmp (group, "style") == 0);
  return rv__terms_add (terms, rv__loss_find (group, name), weight, layers ? layers : usual, net, NULL, error);
}

static gboolean
make_objective (RvLearning *learning, GError **error)
{
  const RvLearnSettings *s = learning->settings;
  const char *net = rv_net_name (learning->net);
  g_autoptr (GArray) terms = rv__terms_new ();
  if (!add_terms (terms, "content", "relative", s->content_weight, s->content_layers, net, error) ||
      !add_terms (terms, "style", "relative", s->style_weight, s->style_layers, net, error) ||
      !add_terms (terms, "tv", "squared", s->tv_weight, NULL, net, error))
    return FALSE;
  RvObjectiveSpec spec = { .net = learning->net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__compute_backend (&s->compute, error),
                           .compile = rv__compute_compile (&s->compute, NULL, 0),
                           .terms = terms,
                           .space = rv__rgb_0_255,
                           .n_pictures = (int) s->batch };
  if (!spec.backend || !rv__compute_check (&s->compute, spec.backend, error))
    return FALSE;
  learning->objective = rv__objective_new (&spec, (int) s->crop_px, (int) s->crop_px, error);
  const char *groups[RV_MAX_GROUPS + 1];
  int n = rv__terms_groups (terms, groups);
  for (int i = 0; i < n; i++)
    learning->losses[i] = g_strdup (groups[i]);
  if (s->steadiness > 0 && s->batch > 1)
    learning->losses[MAX (n, 0)] = g_strdup (STEADY);
  return learning->objective != NULL;
}

static void
keep_starts (RvLearning *learning, const RvPainter *from)
{
  for (guint i = 0; from && i < from->styles->len; i++)
    g_ptr_array_add (learning->starts, rv_tensor_ref (rv__painter_style (from, i)->numbers));
}

RvLearning *
rv_learning_new (const RvSettings *settings, RvNet *net, const RvPainter *from, GError **error)
{
  if (!rv__settings_fields (settings, &rv__settings_learn, error))
    return NULL;
  g_autoptr (RvLearning) learning = g_new0 (RvLearning, 1);
  learning->named = rv_settings_copy (settings);
  learning->settings = rv__settings_fields (learning->named, &rv__settings_learn, NULL);
  learning->net = rv_net_ref (net);
  learning->learns_weights = !from || learning->settings->deep;
  learning->starts = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_tensor_unref);
  learning->goals = g_ptr_array_new_with_free_func (free_goal);
  learning->photos = rv__photos_new ();
  keep_starts (learning, from);
  const char *time = learning->settings->time;
  if (time && (!rv__text_parse_seconds (time, &learning->time_s) || learning->time_s <= 0)) {
    rv__error_setting (error, "time", "'time' '%.80s' is no time: 90s, 20m or 3h is", time);
    return NULL;
  }
  learning->painter = from ? rv__painter_copy (from, error) : rv__painter_new (learning->settings->seed, error);
  if (!learning->painter || !make_objective (learning, error))
    return NULL;
  return g_steal_pointer (&learning);
}

void
rv_learning_free (RvLearning *learning)
{
  if (!learning)
    return;
  float *buffers[] = { learning->x, learning->y, learning->grad_y, learning->field, learning->grad_numbers };
  for (guint i = 0; i < G_N_ELEMENTS (buffers); i++)
    rv__free (buffers[i]);
  for (int i = 0; learning->losses[i]; i++)
    g_free (learning->losses[i]);
  g_free (learning->at);
  g_free (learning->grad_at);
  rv__trainer_free (learning->trainer);
  rv__painter_engine_free (learning->engine);
  g_clear_pointer (&learning->in_program, g_array_unref);
  g_clear_pointer (&learning->learnt, g_array_unref);
  rv__objective_free (learning->objective);
  rv__photos_free (learning->photos);
  g_ptr_array_unref (learning->goals);
  g_ptr_array_unref (learning->starts);
  rv_painter_free (learning->painter);
  rv_net_unref (learning->net);
  rv_settings_free (learning->named);
  g_free (learning->data);
  g_free (learning);
}

const char *const *
rv_learning_losses (const RvLearning *learning)
{
  return (const char *const *) learning->losses;
}

/* ---- what it learns from ----------------------------------------------------------------------------------------- */

static gboolean
set_thumbnail (RvPainterStyle *style, const RvImage *painting, GError **error)
{
  double part = MIN (THUMBNAIL_PX / (double) MAX (painting->width, painting->height), 1);
  int width = MAX ((int) lrint (painting->width * part), 1), height = MAX ((int) lrint (painting->height * part), 1);
  g_autoptr (RvImage) small = rv_image_resize (painting, width, height, RV_IMAGE_RESIZE_BEST, error);
  RvShape shape = rv_shape (3, CHANNELS, height, width);
  if (!small || !(style->thumbnail = rv_tensor_new (RV_U8, &shape, error)))
    return FALSE;
  for (gint64 i = 0; i < rv_tensor_count (style->thumbnail); i++)
    ((guint8 *) style->thumbnail->data)[i] = (guint8) CLAMP (lrintf (((const float *) small->rgb->data)[i]), 0, 255);
  return TRUE;
}

/* Shrunk to the size that photographs' crops are painted at. */
static RvPictureSums *
measure (const RvLearning *learning, const RvImage *painting, GError **error)
{
  double wanted = (double) learning->settings->crop_px * 4 / 3 * PHOTO_MARGIN * learning->settings->style_scale,
         part = MIN (wanted / MAX (painting->width, painting->height), 1);
  int width = MAX ((int) lrint (painting->width * part), 1), height = MAX ((int) lrint (painting->height * part), 1);
  g_autoptr (RvImage) small = rv_image_resize (painting, width, height, RV_IMAGE_RESIZE_BEST, error);
  return small ? rv__objective_measure (learning->objective, 0, small->rgb->data, height, width, error) : NULL;
}

gboolean
rv_learning_add_style (RvLearning *learning, const char *name, const char *licence, RvImage *const *paintings, int n,
                       GError **error)
{
  RvPainterStyle *style = rv__painter_add_style (learning->painter, name, licence, error);
  if (!style || !set_thumbnail (style, paintings[0], error))
    return FALSE;
  Goal *goal = g_new0 (Goal, 1);
  goal->sums = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_ptr_array_add (learning->goals, goal);
  for (int i = 0; i < n; i++) {
    RvPictureSums *sums = measure (learning, paintings[i], error);
    if (!sums)
      return FALSE;
    g_ptr_array_add (goal->sums, sums);
  }
  return TRUE;
}

int
rv_learning_photo_px (const RvLearning *learning)
{
  return (int) lrint ((double) learning->settings->crop_px * PHOTO_MARGIN);
}

gboolean
rv_learning_add_photo (RvLearning *learning, const RvImage *photo, GError **error)
{
  int least = (int) learning->settings->crop_px;
  if (MIN (photo->width, photo->height) >= least)
    return rv__photos_add (learning->photos, photo, error);
  g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "a photograph of %d x %d px is smaller than 'crop', %d px",
               photo->width, photo->height, least);
  return FALSE;
}

/* ---- before the first step --------------------------------------------------------------------------------------- */

static void
share_parameter (RvParameters *parameters, const char *name, RvTensor *tensor)
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
    share_parameter (learning->in_program, weight->name, weight->tensor);
    share_parameter (learning->learnt, weight->name, weight->tensor);
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
    share_parameter (learning->learnt, name, style->numbers);
  }
  return TRUE;
}

/* Convolutions come first, in both lists. */
static guint
n_weights (const RvLearning *learning)
{
  return learning->learns_weights ? learning->painter->weights->len : 0;
}

static gint64
numbers_of_a_picture (const RvLearning *learning)
{
  return CHANNELS * learning->settings->crop_px * learning->settings->crop_px;
}

static gboolean
take_memory (RvLearning *learning, GError **error)
{
  gsize batch = (gsize) (learning->settings->batch * numbers_of_a_picture (learning)) * sizeof (float),
        field = (gsize) (2 * learning->settings->crop_px * learning->settings->crop_px * learning->settings->batch) *
                sizeof (float);
  return (learning->x = rv__alloc (batch, "photographs", error)) &&
         (learning->y = rv__alloc (batch, "painted photographs", error)) &&
         (learning->grad_y = rv__alloc (batch, "the gradient of painted photographs", error)) &&
         (learning->field = rv__alloc (field, "motions", error)) &&
         (learning->grad_numbers = rv__alloc (2 * RV_PAINTER_CHANNELS * sizeof (float), "a style's gradient", error));
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
  gpointer own = rv__optim_own_new (adam, adam_settings, NULL);
  learning->data = rv__photos_hash (learning->photos);
  const RvTrainerSettings trainer = { .optim = adam,
                                      .optim_settings = { .learning_rate = learning_rate (learning),
                                                          .decay = 1,
                                                          .decay_steps = 1,
                                                          .gradient_scale = 1,
                                                          .own = own },
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
  rv__optim_own_free (adam, own);
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
    gboolean in_program = i < n_weights (learning);
    learning->at[i] = in_program ? learning->engine->trained->at[i] : rv__parameter (learning->learnt, i)->tensor->data;
    learning->grad_at[i] = in_program ? learning->engine->trained->grad_at[i] : NULL;
  }
}

static gboolean
prepare (RvLearning *learning, GError **error)
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
  if (!backend || !list_parameters (learning, error) || !take_memory (learning, error) ||
      !rv__objective_bind (learning->objective, error) ||
      !(learning->engine = rv__painter_engine_new (learning->painter, learning->in_program, s->batch, s->crop_px,
                                                   s->crop_px, backend, rv__compute_threads (&s->compute), error)) ||
      !make_trainer (learning, error))
    return FALSE;
  find_numbers (learning);
  return TRUE;
}

/* ---- one step ---------------------------------------------------------------------------------------------------- */

/* Whether this step asks for steadiness: picture 2 i + 1 is then picture 2 i, moved. */
static gboolean
is_steady_step (const RvLearning *learning)
{
  return learning->settings->steadiness > 0 && learning->settings->batch > 1 &&
         learning->trainer->steps % STEADY_EVERY == STEADY_EVERY - 1;
}

static float *
picture_of (const RvLearning *learning, float *batch, gint64 i)
{
  return batch + i * numbers_of_a_picture (learning);
}

static float *
field_of (const RvLearning *learning, gint64 i)
{
  return learning->field + 2 * i * learning->settings->crop_px * learning->settings->crop_px;
}

static void
load_batch (RvLearning *learning)
{
  const RvLearnSettings *s = learning->settings;
  RvTrainer *trainer = learning->trainer;
  int side = (int) s->crop_px;
  guint64 seed = (guint64) s->seed;
  gint64 first = trainer->steps % trainer->n_batches * s->batch;
  if (first == 0) {
    trainer->epoch = trainer->steps / trainer->n_batches;
    rv__trainer_shuffle (trainer);
  }
  for (gint64 i = 0; i < s->batch; i++) {
    guint64 index = (guint64) (trainer->steps * s->batch + i);
    gint64 example = trainer->order[(first + i) % trainer->settings.n_examples];
    float *x = picture_of (learning, learning->x, i);
    if (is_steady_step (learning) && i % 2 == 1) {
      rv__motion_make (side, seed, index, field_of (learning, i));
      rv__motion_move (field_of (learning, i), side, seed, index, picture_of (learning, learning->x, i - 1), x);
    } else {
      rv__photos_crop (learning->photos, (guint) example % rv__photos_count (learning->photos), side, seed, index, x);
    }
  }
}

/* The norms get the numbers of the style that is painted; _gather: their gradients come back. */
static void
spread_numbers (RvLearning *learning, const float *numbers)
{
  for (int k = 0; k < 2 * RV_PAINTER_N_NORMS; k++) {
    gint64 first, n = rv__painter_norm (k / 2, &first);
    memcpy (learning->engine->trained->at[n_weights (learning) + (guint) k],
            numbers + (k % 2) * RV_PAINTER_CHANNELS + first, (gsize) n * sizeof (float));
  }
}

static void
gather_gradients (RvLearning *learning)
{
  for (int k = 0; k < 2 * RV_PAINTER_N_NORMS; k++) {
    gint64 first, n = rv__painter_norm (k / 2, &first);
    memcpy (learning->grad_numbers + (k % 2) * RV_PAINTER_CHANNELS + first,
            learning->engine->trained->grad_at[n_weights (learning) + (guint) k], (gsize) n * sizeof (float));
  }
}

static gboolean
paint (RvLearning *learning, const float *numbers, GError **error)
{
  RvPainterEngine *engine = learning->engine;
  spread_numbers (learning, numbers);
  return rv__executable_set (engine->executable, engine->x, learning->x, error) &&
         rv__trained_push (engine->trained, error) && rv__executable_forward (engine->executable, error) &&
         rv__executable_get (engine->executable, engine->y, learning->y, error);
}

static void
set_goal (RvLearning *learning, guint style)
{
  const Goal *goal = learning->goals->pdata[style];
  rv__objective_drop_sums (learning->objective);
  for (guint i = 0; i < goal->sums->len; i++)
    rv__objective_add_sums_of (learning->objective, goal->sums->pdata[i], 1.0 / goal->sums->len);
}

/* How differently the pairs of a batch were painted: the mean over the pairs. */
static double
compare_pairs (RvLearning *learning)
{
  gint64 batch = learning->settings->batch;
  double loss = 0, weight = learning->settings->steadiness / (double) (batch / 2);
  for (gint64 i = 1; i < batch; i += 2)
    loss +=
      rv__motion_compare (field_of (learning, i), (int) learning->settings->crop_px,
                          picture_of (learning, learning->y, i - 1), picture_of (learning, learning->y, i), weight,
                          picture_of (learning, learning->grad_y, i - 1), picture_of (learning, learning->grad_y, i));
  return loss;
}

/* The loss of what was painted, and its gradient. @losses: one for each name. */
static gboolean
judge (RvLearning *learning, guint style, double *total, double *losses, GError **error)
{
  RvLosses found;
  set_goal (learning, style);
  if (!rv__objective_evaluate_at (learning->objective, learning->y, learning->grad_y, &found, error))
    return FALSE;
  for (int i = 0; i < found.n_groups; i++)
    losses[i] = found.loss[i];
  losses[found.n_groups] = is_steady_step (learning) ? compare_pairs (learning) : 0;
  *total = found.total + losses[found.n_groups];
  return TRUE;
}

static gboolean
check_gradients (const RvLearning *learning, double loss, GError **error)
{
  gboolean ok = isfinite (loss) && rv__painter_all_finite (learning->grad_numbers, 2 * RV_PAINTER_CHANNELS);
  for (guint i = 0; ok && i < n_weights (learning); i++)
    ok = rv__painter_all_finite (learning->grad_at[i], rv_tensor_count (rv__parameter (learning->learnt, i)->tensor));
  if (!ok)
    rv__error_about (error, RV_ERROR_NUMBER, "learning-rate",
                     "the loss stopped being a number in step %" G_GINT64_FORMAT
                     "; what was learnt before is kept; lower 'learning-rate'",
                     learning->trainer->steps + 1);
  return ok;
}

static gboolean
step (RvLearning *learning, double *loss, double *losses, GError **error)
{
  RvPainterEngine *engine = learning->engine;
  guint style = (guint) (learning->trainer->steps % learning->goals->len), row = n_weights (learning) + style;
  load_batch (learning);
  if (!paint (learning, learning->at[row], error) ||
      !rv__objective_set_features (learning->objective, 0, learning->x, error) ||
      !judge (learning, style, loss, losses, error) ||
      !rv__executable_set (engine->executable, engine->grad_y, learning->grad_y, error) ||
      !rv__executable_backward (engine->executable, error) || !rv__trained_pull (engine->trained, error))
    return FALSE;
  gather_gradients (learning);
  if (!check_gradients (learning, *loss, error))
    return FALSE;
  learning->grad_at[row] = learning->grad_numbers;
  rv__trainer_step (learning->trainer, learning->at, learning->grad_at, *loss);
  learning->grad_at[row] = NULL;
  return TRUE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* A new style begins with the numbers of the known one that paints one batch most like it. */
static gboolean
begin_near (RvLearning *learning, guint style, GError **error)
{
  double best = G_MAXDOUBLE, losses[RV_MAX_GROUPS + 1], loss;
  const RvTensor *nearest = NULL;
  for (guint i = 0; i < learning->starts->len; i++) {
    const RvTensor *start = learning->starts->pdata[i];
    if (!paint (learning, start->data, error) || !judge (learning, style, &loss, losses, error))
      return FALSE;
    if (loss < best) {
      best = loss;
      nearest = start;
    }
  }
  if (nearest)
    memcpy (learning->at[n_weights (learning) + style], nearest->data, rv_tensor_bytes (nearest));
  return TRUE;
}

static gboolean
begin (RvLearning *learning, GError **error)
{
  if (learning->trainer->steps > 0 || learning->starts->len == 0)
    return TRUE;
  load_batch (learning);
  gboolean ok = rv__objective_set_features (learning->objective, 0, learning->x, error);
  for (guint i = 0; ok && i < learning->goals->len; i++)
    ok = begin_near (learning, i, error);
  return ok;
}

gboolean
rv_learning_run (RvLearning *learning, RvLearningFunc progress, gpointer user_data, GError **error)
{
  if (!prepare (learning, error))
    return FALSE;
  int before = rv__system_use_threads (rv__compute_threads (&learning->settings->compute));
  gint64 began_us = g_get_monotonic_time (), first = learning->trainer->steps;
  gint64 *n_steps = &learning->trainer->settings.n_steps;
  gboolean stopped = FALSE, ok = begin (learning, error);
  if (learning->time_s > 0)
    *n_steps = MAX (*n_steps, first + TIMED_STEPS);
  double loss, losses[RV_MAX_GROUPS + 1];
  while (ok && !stopped && learning->trainer->steps < *n_steps) {
    guint style = (guint) (learning->trainer->steps % learning->goals->len);
    if (!(ok = step (learning, &loss, losses, error)))
      break;
    double seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    gint64 taken = learning->trainer->steps - first;
    if (learning->time_s > 0 && (taken >= TIMED_STEPS || seconds >= learning->time_s))
      *n_steps = first + MAX ((gint64) ((double) taken * learning->time_s / seconds), taken);
    RvLearningProgress p = { .iteration = learning->trainer->steps,
                             .n_iterations = *n_steps,
                             .style = style,
                             .loss = loss,
                             .losses = losses,
                             .seconds = seconds,
                             .done_01 = (double) learning->trainer->steps / (double) *n_steps,
                             .learning = learning };
    stopped = progress && !progress (&p, user_data);
  }
  rv__system_use_threads (before);
  return ok;
}

/* ---- what was learnt --------------------------------------------------------------------------------------------- */

RvPainter *
rv_learning_painter (const RvLearning *learning, GError **error)
{
  const RvPainter *from = learning->painter;
  g_autoptr (RvPainter) painter = rv__painter_copy (from, error);
  if (!painter)
    return NULL;
  for (guint i = 0; i < from->styles->len; i++)
    if (!rv__painter_take_style (painter, rv__painter_style (from, i), error))
      return NULL;
  if (!learning->trainer || learning->trainer->steps == 0)
    return g_steal_pointer (&painter);
  guint n = n_weights (learning);
  for (guint i = 0; i < learning->learnt->len; i++) {
    RvTensor *to = i < n ? rv__parameter (painter->weights, i)->tensor : rv__painter_style (painter, i - n)->numbers;
    memcpy (to->data, learning->trainer->average[i], rv_tensor_bytes (to));
  }
  return g_steal_pointer (&painter);
}

RvTensorMap *
rv_learning_to_map (const RvLearning *learning, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autofree char *settings = rv_settings_to_json (learning->named);
  if (!learning->trainer)
    return g_steal_pointer (&map);
  rv__trained_store (learning->engine->trained);
  for (guint i = 0; i < learning->learnt->len; i++) {
    const RvParameter *parameter = rv__parameter (learning->learnt, i);
    g_autofree char *name = g_strconcat (NOW, parameter->name, NULL);
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (parameter->tensor, error);
    if (!copy)
      return NULL;
    rv_tensor_map_set (map, name, copy);
  }
  g_autofree char *n_steps = g_strdup_printf ("%" G_GINT64_FORMAT, learning->trainer->settings.n_steps);
  rv_tensor_map_set_text (map, "learning", settings);
  rv_tensor_map_set_text (map, LENGTH, n_steps);
  return rv__trainer_save (learning->trainer, map, error) ? g_steal_pointer (&map) : NULL;
}

/* (transfer full): the parameters that a state has. */
static RvParameters *
stored_parameters (const RvLearning *learning, const RvTensorMap *map, GError **error)
{
  g_autoptr (GArray) stored = rv__parameters_new ();
  for (guint i = 0; i < learning->learnt->len; i++) {
    const RvParameter *parameter = rv__parameter (learning->learnt, i);
    g_autofree char *name = g_strconcat (NOW, parameter->name, NULL);
    const RvTensor *tensor = rv_tensor_map_get (map, name);
    if (!tensor || tensor->type != RV_F32 || !rv_shape_equal (&tensor->shape, &parameter->tensor->shape)) {
      g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the state has no %s: it is of another learning", parameter->name);
      return NULL;
    }
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (tensor, error);
    if (!copy)
      return NULL;
    share_parameter (stored, parameter->name, copy);
  }
  return g_steal_pointer (&stored);
}

/* How long it is to go on, and what it runs on, may be another. */
static gboolean
same_settings (const RvLearning *learning, const char *then_json, GError **error)
{
  static const char *const free_ones[] = { "iterations", "time", "threads", "memory", "tune", NULL };
  g_autoptr (RvSettings) then = rv_settings_new ("learn", NULL);
  if (!then_json || !rv_settings_set_json (then, then_json, NULL)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "this is no state of a learning");
    return FALSE;
  }
  for (const RvOption *option = rv__learn_options; option->name; option++) {
    g_autofree char *mine = rv_settings_get (learning->named, option->name, NULL),
                    *theirs = rv_settings_get (then, option->name, NULL);
    if (g_strv_contains (free_ones, option->name) || strcmp (mine, theirs) == 0)
      continue;
    rv__error_setting (error, option->name, "the learning that stopped had '%s'=%.80s, and this has '%s'=%.80s",
                       option->name, theirs, option->name, mine);
    return FALSE;
  }
  return TRUE;
}

/* Styles take turns: of k steps, style s had those of s, s + n, ... */
static void
count_turns (RvLearning *learning)
{
  gint64 n = learning->goals->len;
  for (gint64 s = 0; s < n; s++)
    learning->trainer->optim[n_weights (learning) + (guint) s]->iteration = (learning->trainer->steps + n - 1 - s) / n;
}

/* Until it is known how many steps fit into the time, there are as many as there were to be. */
static void
restore_length (RvLearning *learning, const char *n_steps)
{
  if (learning->time_s > 0 && n_steps)
    g_ascii_string_to_signed (n_steps, 10, 1, MOST_STEPS, &learning->trainer->settings.n_steps, NULL);
}

gboolean
rv_learning_restore (RvLearning *learning, const RvTensorMap *map, GError **error)
{
  if (!same_settings (learning, rv_tensor_map_get_text (map, "learning"), error) || !prepare (learning, error))
    return FALSE;
  g_autoptr (GArray) stored = stored_parameters (learning, map, error);
  if (!stored || !rv__trainer_restore (learning->trainer, map, stored, error))
    return FALSE;
  rv__trained_load (learning->engine->trained);
  rv__trainer_shuffle (learning->trainer);
  count_turns (learning);
  restore_length (learning, rv_tensor_map_get_text (map, LENGTH));
  return TRUE;
}
