/* step.c -- one step of a learning: a batch painted, judged, and back.
 *
 *   step k, of style s = k mod the styles:
 *     x <- a batch of parts of photographs;  y <- the painter's of x with its grain, in style s
 *     T <- the features of x; or, of x with a part of y, the best matches in s's paintings (objective/match.h)
 *     L <- mean over the batch of content + style + tv (method/objective), content: features of y against T
 *     dL/dy back through the painter;  Adam on the convolutions, where they are learnt, and on the style's numbers
 *
 * Every fourth step half of the batch is the other half moved a little, and L has steadiness times how differently that
 * was painted.
 *
 * Every random number is a function of the seed, the step and a place: a state needs none. */
#include "base/error.h"
#include "base/system.h"
#include "base/random.h"
#include "method/learn/grain.h"
#include "method/learn/internal.h"
#include <math.h>
#include <string.h>

#define STEADY_EVERY 4
#define OWN 0.35                                  /* part of the photograph in the content targets (match.h) */
#define PAINTED 0.25                              /* part of the result in the picture that is matched */
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

/* The order of the epoch that this step is of. */
static void
shuffle (RvLearning *learning)
{
  RvTrainer *trainer = learning->trainer;
  if (trainer->steps % trainer->n_batches != 0)
    return;
  trainer->epoch = trainer->steps / trainer->n_batches;
  rv__trainer_shuffle (trainer);
}

/* What the painter sees of picture @i of a slice: its grain lies anywhere. */
static void
add_grain (RvLearning *learning, gint64 i, guint64 index)
{
  int side = (int) learning->settings->crop_px;
  guint32 bits[4];
  rv__random_bits ((guint64) learning->settings->seed, RV_LEARN_GRAIN_STREAM, index, bits);
  rv__grain_add (picture_of (learning, learning->x, i), side, side, bits[0], bits[1], learning->painter->grain,
                 picture_of (learning, learning->seen, i));
}

/* Slice @k of the step's batch. Pairs lie in one slice, and grain moves with what is seen. */
static void
load_slice (RvLearning *learning, int k)
{
  const RvLearnSettings *s = learning->settings;
  const RvTrainer *trainer = learning->trainer;
  int side = (int) s->crop_px;
  guint64 seed = (guint64) s->seed;
  gint64 n = rv__learning_slice (learning), first = k * n,
         of_epoch = trainer->steps % trainer->n_batches * s->batch + first;
  for (gint64 i = 0; i < n; i++) {
    guint64 index = (guint64) (trainer->steps * s->batch + first + i);
    gint64 example = trainer->order[(of_epoch + i) % trainer->settings.n_examples];
    float *x = picture_of (learning, learning->x, i);
    if (is_steady_step (learning) && i % 2 == 1) {
      rv__motion_make (side, seed, index, field_of (learning, i));
      rv__motion_move (field_of (learning, i), side, seed, index, picture_of (learning, learning->x, i - 1), x);
      rv__motion_move (field_of (learning, i), side, seed, index, picture_of (learning, learning->seen, i - 1),
                       picture_of (learning, learning->seen, i));
    } else {
      rv__photos_crop (learning->photos, (guint) example % rv__photos_count (learning->photos), side, s->zoom, seed,
                       index, x);
      add_grain (learning, i, index);
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
  return rv__executable_set (engine->executable, engine->x, learning->seen, error) &&
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

/* How differently the pairs of a slice were painted: their part of the mean over all pairs of the batch. */
static double
compare_pairs (RvLearning *learning)
{
  double loss = 0, weight = learning->settings->steadiness / (double) (learning->settings->batch / 2);
  for (gint64 i = 1; i < rv__learning_slice (learning); i += 2)
    loss +=
      rv__motion_compare (field_of (learning, i), (int) learning->settings->crop_px,
                          picture_of (learning, learning->y, i - 1), picture_of (learning, learning->y, i), weight,
                          picture_of (learning, learning->grad_y, i - 1), picture_of (learning, learning->grad_y, i));
  return loss;
}

/* Sets the content's targets: the features of learning->x, or the matches of x + a h(y - x), which lies where the
 * gradient will. h: half the size, enlarged; a: as at strength 50. */
static gboolean
set_content (RvLearning *learning, guint style, GError **error)
{
  const RvLearnGoal *goal = learning->goals->pdata[style];
  gint64 n_slice = rv__learning_slice (learning), n = n_slice * rv__learning_picture_numbers (learning);
  int side = (int) learning->settings->crop_px;
  float *query = learning->grad_y;
  if (!goal->bank)
    return rv__objective_set_features (learning->objective, 0, learning->x, error);
  RvMatchSpec spec = { .banks = &goal->bank, .n_banks = 1, .jointly = TRUE, .own = { OWN } };
  for (gint64 i = 0; i < n; i++)
    query[i] = learning->y[i] - learning->x[i];
  if (!rv__match_blur (query, n_slice * RV_LEARN_CHANNELS, side, side, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    query[i] = learning->x[i] + PAINTED * query[i];
  return rv__objective_set_features (learning->objective, 0, query, error) &&
         rv__objective_match_targets (learning->objective, 0, &spec, error);
}

/* The part of the batch's loss that what was painted has, and its gradient. @losses: one for each name. */
static gboolean
judge (RvLearning *learning, guint style, gboolean steady, double *losses, GError **error)
{
  RvLosses found;
  set_goal (learning, style);
  if (!set_content (learning, style, error) ||
      !rv__objective_evaluate_at (learning->objective, learning->y, learning->grad_y, &found, error))
    return FALSE;
  memset (losses, 0, RV_LEARN_LOSSES * sizeof *losses);
  for (int i = 0; i < found.n_groups; i++)
    losses[i] = found.loss[i];
  losses[found.n_groups] = steady ? compare_pairs (learning) : 0;
  return TRUE;
}

/* In the order of the names. */
static double
total_of (const RvLearning *learning, const double *losses)
{
  double total = 0;
  for (int i = 0; learning->losses[i]; i++)
    total += losses[i];
  return total;
}

static gboolean
check_gradients (const RvLearning *learning, double loss, GError **error)
{
  gboolean ok = isfinite (loss) && rv__painter_all_finite (learning->grad_numbers, 2 * RV_PAINTER_CHANNELS);
  for (guint i = 0; ok && i < rv__learning_n_weights (learning); i++)
    ok = rv__painter_all_finite (learning->grad_at[i], rv_tensor_count (rv__parameter (learning->learnt, i)->tensor));
  if (!ok)
    rv__error_with_options (error, RV_ERROR_NUMBER, "learning-rate",
                            "the loss stopped being a number in step %" G_GINT64_FORMAT
                            "; what was learnt before is kept; lower 'learning-rate'",
                            learning->trainer->steps + 1);
  return ok;
}

/* Slice @k of the batch: its gradients, and its part of the losses. */
static gboolean
run_slice (RvLearning *learning, guint style, int k, double *losses, GError **error)
{
  RvPainterEngine *engine = learning->engine;
  load_slice (learning, k);
  if (!paint (learning, learning->at[rv__learning_n_weights (learning) + style], error) ||
      !judge (learning, style, is_steady_step (learning), losses, error) ||
      !rv__executable_set (engine->executable, engine->grad_y, learning->grad_y, error) ||
      !rv__executable_backward (engine->executable, error) || !rv__trained_pull (engine->trained, error))
    return FALSE;
  gather_gradients (learning);
  return TRUE;
}

gboolean
rv__learning_step (RvLearning *learning, double *loss, double *losses, GError **error)
{
  RvSlices *slices = learning->slices;
  guint style = (guint) (learning->trainer->steps % learning->goals->len),
        row = rv__learning_n_weights (learning) + style;
  shuffle (learning);
  for (int k = rv__slices_first (slices); k < rv__slices_end (slices); k++) {
    if (!run_slice (learning, style, k, losses, error))
      return FALSE;
    rv__slices_add (slices, losses);
  }
  if (!rv__slices_sum (slices, losses, error))
    return FALSE;
  *loss = total_of (learning, losses);
  if (!check_gradients (learning, *loss, error))
    return FALSE;
  learning->grad_at[row] = learning->grad_numbers;
  rv__trainer_step (learning->trainer, learning->at, learning->grad_at, *loss);
  learning->grad_at[row] = NULL;
  return TRUE;
}

/* How well each start does as each style on the first batch: losses, style by style. */
static gboolean
try_starts (RvLearning *learning, double *loss, GError **error)
{
  double losses[RV_LEARN_LOSSES];
  shuffle (learning);
  for (int k = 0; k < learning->settings->slices; k++) {
    load_slice (learning, k);
    for (guint i = 0; i < learning->goals->len * learning->starts->len; i++) {
      guint style = i / learning->starts->len;
      const RvTensor *start = learning->starts->pdata[i % learning->starts->len];
      if (!paint (learning, start->data, error) || !judge (learning, style, FALSE, losses, error))
        return FALSE;
      loss[i] += total_of (learning, losses);
    }
  }
  return TRUE;
}

/* A new style begins with the numbers of the known one that paints one batch most like it. */
gboolean
rv__learning_begin (RvLearning *learning, GError **error)
{
  guint n = learning->starts->len;
  if (learning->trainer->steps > 0 || n == 0 || rv__cluster_rank (rv__cluster_current ()) > 0)
    return TRUE; /* rank 0 tells the others */
  g_autofree double *loss = g_new0 (double, learning->goals->len *n);
  if (!try_starts (learning, loss, error))
    return FALSE;
  for (guint i = 0; i < learning->goals->len; i++) {
    const RvTensor *nearest = NULL;
    double best = G_MAXDOUBLE;
    for (guint k = 0; k < n; k++)
      if (loss[i * n + k] < best) {
        best = loss[i * n + k];
        nearest = learning->starts->pdata[k];
      }
    if (nearest)
      memcpy (learning->at[rv__learning_n_weights (learning) + i], nearest->data, rv_tensor_bytes (nearest));
  }
  return TRUE;
}

/* ---- by what was held back --------------------------------------------------------------------------------------- */

/* The same parts of the same photographs each time. */
static void
load_held (RvLearning *learning, int k)
{
  const RvLearnSettings *s = learning->settings;
  guint n = rv__photos_count (learning->held);
  gint64 n_slice = rv__learning_slice (learning);
  for (gint64 i = 0; i < n_slice; i++) {
    gint64 number = k * n_slice + i;
    guint64 index = HELD_INDEX + (guint64) number;
    rv__photos_crop (learning->held, (guint) (number % n), (int) s->crop_px, s->zoom, (guint64) s->seed, index,
                     picture_of (learning, learning->x, i));
    add_grain (learning, i, index);
  }
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

static gboolean
judge_held (RvLearning *learning, int k, double *sum, GError **error)
{
  double losses[RV_LEARN_LOSSES];
  load_held (learning, k);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < learning->goals->len; i++) {
    ok = paint (learning, learning->trainer->average[rv__learning_n_weights (learning) + i], error) &&
         judge (learning, i, FALSE, losses, error);
    *sum += ok ? total_of (learning, losses) / learning->goals->len : 0;
  }
  return ok;
}

gboolean
rv__learning_judge (RvLearning *learning, double *loss, GError **error)
{
  *loss = NAN;
  if (rv__photos_count (learning->held) == 0 || !learning->trainer)
    return TRUE;
  double sum = 0;
  gboolean ok = TRUE;
  int before = rv__system_use_threads (rv__compute_threads (&learning->settings->compute));
  swap_weights (learning);
  for (int k = 0; ok && k < learning->settings->slices; k++)
    ok = judge_held (learning, k, &sum, error);
  swap_weights (learning);
  rv__system_use_threads (before);
  *loss = ok ? sum : NAN;
  return ok;
}
