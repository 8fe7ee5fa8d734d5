/* step.c -- one step of a learning: a batch painted, judged, and back.
 *
 *   step k, of style s = k mod the styles:
 *     x <- a batch of parts of photographs;  y <- the painter's, in style s
 *     L <- mean over the batch of content + style + tv (method/objective);  every fourth step half of the batch is the
 *          other half moved a little, and L has steadiness times how differently that was painted
 *     dL/dy back through the painter;  Adam on the convolutions, where they are learnt, and on the style's numbers
 *
 * Every random number is a function of the seed, the step and a place: a state needs none. */
#include "base/error.h"
#include "base/system.h"
#include "method/learn/internal.h"
#include <math.h>
#include <string.h>

#define STEADY_EVERY 4
#define HELD_INDEX (G_GUINT64_CONSTANT (1) << 60) /* of random numbers: beyond all steps */

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
  return batch + i * rv__learning_picture_numbers (learning);
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
    memcpy (learning->engine->trained->at[rv__learning_n_weights (learning) + (guint) k],
            numbers + (k % 2) * RV_PAINTER_CHANNELS + first, (gsize) n * sizeof (float));
  }
}

static void
gather_gradients (RvLearning *learning)
{
  for (int k = 0; k < 2 * RV_PAINTER_N_NORMS; k++) {
    gint64 first, n = rv__painter_norm (k / 2, &first);
    memcpy (learning->grad_numbers + (k % 2) * RV_PAINTER_CHANNELS + first,
            learning->engine->trained->grad_at[rv__learning_n_weights (learning) + (guint) k],
            (gsize) n * sizeof (float));
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
  const RvLearnGoal *goal = learning->goals->pdata[style];
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
judge (RvLearning *learning, guint style, gboolean steady, double *total, double *losses, GError **error)
{
  RvLosses found;
  set_goal (learning, style);
  if (!rv__objective_evaluate_at (learning->objective, learning->y, learning->grad_y, &found, error))
    return FALSE;
  for (int i = 0; i < found.n_groups; i++)
    losses[i] = found.loss[i];
  losses[found.n_groups] = steady ? compare_pairs (learning) : 0;
  *total = found.total + losses[found.n_groups];
  return TRUE;
}

static gboolean
check_gradients (const RvLearning *learning, double loss, GError **error)
{
  gboolean ok = isfinite (loss) && rv__painter_all_finite (learning->grad_numbers, 2 * RV_PAINTER_CHANNELS);
  for (guint i = 0; ok && i < rv__learning_n_weights (learning); i++)
    ok = rv__painter_all_finite (learning->grad_at[i], rv_tensor_count (rv__parameter (learning->learnt, i)->tensor));
  if (!ok)
    rv__error_about (error, RV_ERROR_NUMBER, "learning-rate",
                     "the loss stopped being a number in step %" G_GINT64_FORMAT
                     "; what was learnt before is kept; lower 'learning-rate'",
                     learning->trainer->steps + 1);
  return ok;
}

gboolean
rv__learning_step (RvLearning *learning, double *loss, double *losses, GError **error)
{
  RvPainterEngine *engine = learning->engine;
  guint style = (guint) (learning->trainer->steps % learning->goals->len),
        row = rv__learning_n_weights (learning) + style;
  load_batch (learning);
  if (!paint (learning, learning->at[row], error) ||
      !rv__objective_set_features (learning->objective, 0, learning->x, error) ||
      !judge (learning, style, is_steady_step (learning), loss, losses, error) ||
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

/* A new style begins with the numbers of the known one that paints one batch most like it. */
static gboolean
begin_near (RvLearning *learning, guint style, GError **error)
{
  double best = G_MAXDOUBLE, losses[RV_MAX_GROUPS + 1], loss;
  const RvTensor *nearest = NULL;
  for (guint i = 0; i < learning->starts->len; i++) {
    const RvTensor *start = learning->starts->pdata[i];
    if (!paint (learning, start->data, error) || !judge (learning, style, FALSE, &loss, losses, error))
      return FALSE;
    if (loss < best) {
      best = loss;
      nearest = start;
    }
  }
  if (nearest)
    memcpy (learning->at[rv__learning_n_weights (learning) + style], nearest->data, rv_tensor_bytes (nearest));
  return TRUE;
}

gboolean
rv__learning_begin (RvLearning *learning, GError **error)
{
  if (learning->trainer->steps > 0 || learning->starts->len == 0)
    return TRUE;
  load_batch (learning);
  gboolean ok = rv__objective_set_features (learning->objective, 0, learning->x, error);
  for (guint i = 0; ok && i < learning->goals->len; i++)
    ok = begin_near (learning, i, error);
  return ok;
}

/* ---- by what was held back --------------------------------------------------------------------------------------- */

/* The same parts of the same photographs each time. */
static void
load_held (RvLearning *learning)
{
  const RvLearnSettings *s = learning->settings;
  guint n = rv__photos_count (learning->held);
  for (gint64 i = 0; i < s->batch; i++)
    rv__photos_crop (learning->held, (guint) (i % n), (int) s->crop_px, (guint64) s->seed, HELD_INDEX + (guint64) i,
                     picture_of (learning, learning->x, i));
}

/* The convolutions that are learnt, and their mean, change places. */
static void
swap_weights (RvLearning *learning)
{
  for (guint i = 0; i < rv__learning_n_weights (learning); i++) {
    float *now = learning->at[i], *mean = learning->trainer->average[i];
    for (gint64 k = 0, n = rv_tensor_count (rv__parameter (learning->learnt, i)->tensor); k < n; k++) {
      float kept = now[k];
      now[k] = mean[k];
      mean[k] = kept;
    }
  }
}

gboolean
rv_learning_judge (RvLearning *learning, double *loss, GError **error)
{
  *loss = NAN;
  if (rv__photos_count (learning->held) == 0 || !learning->trainer)
    return TRUE;
  double sum = 0, one, losses[RV_MAX_GROUPS + 1];
  int before = rv__system_use_threads (rv__compute_threads (&learning->settings->compute));
  load_held (learning);
  swap_weights (learning);
  gboolean ok = rv__objective_set_features (learning->objective, 0, learning->x, error);
  for (guint i = 0; ok && i < learning->goals->len; i++) {
    ok = paint (learning, learning->trainer->average[rv__learning_n_weights (learning) + i], error) &&
         judge (learning, i, FALSE, &one, losses, error);
    sum += one / learning->goals->len;
  }
  swap_weights (learning);
  rv__system_use_threads (before);
  *loss = ok ? sum : NAN;
  return ok;
}
