/* step.c -- one step of a training: paints a batch, computes the loss, updates the weights.
 *
 *   step k, of style s = k mod the number of styles:
 *     x <- a batch of crops of photographs;  y <- the network's output for x with grain, in style s
 *     T <- the features of x; or, of x mixed with y, the best matches in the paintings of s (objective/match.h)
 *     L <- mean over the batch of content + style + tv (method/objective), content: features of y against T
 *     dL/dy is propagated back through the network;  Adam updates the convolutions, if trained, and the style
 *
 * In every fourth step, half of the batch is the other half, moved a little. L then includes the steadiness weight
 * times the difference of the painted pairs.
 *
 * Each random number is a function of the seed, the step and an index: a state needs no random numbers. */
#include "base/error.h"
#include "base/system.h"
#include "base/random.h"
#include "method/style-net/training-internal.h"
#include <math.h>
#include <string.h>

#define STEADY_EVERY 4
#define FEATURE_SHARE 0.35                              /* weight of the photograph in the content targets (match.h) */
#define PAINTED 0.25                                    /* fraction of the result in the picture that is matched */
#define VALIDATION_INDEX (G_GUINT64_CONSTANT (1) << 60) /* for random numbers of the validation: beyond all steps */

/* Whether the current step compares pairs: picture 2 i + 1 of its batch is then picture 2 i, moved. */
static gboolean
is_steady_step (const RvStyleTraining *training)
{
  return training->settings->steadiness > 0 && training->settings->batch > 1 &&
         training->trainer->steps % STEADY_EVERY == STEADY_EVERY - 1;
}

/* Address of picture @i, from 0, in @batch, the pictures of a micro-batch. Borrowed. */
static float *
picture_at (const RvStyleTraining *training, float *batch, gint64 i)
{
  return batch + i * rv__style_training_picture_numbers (training);
}

/* Address of the motion of picture @i, from 0, in training->field. Borrowed. */
static float *
field_at (const RvStyleTraining *training, gint64 i)
{
  return training->field + 2 * i * training->settings->crop_px * training->settings->crop_px;
}

/* Shuffles the examples and sets trainer->epoch at the start of an epoch; within one, does nothing. */
static void
shuffle (RvStyleTraining *training)
{
  RvTrainer *trainer = training->trainer;
  if (trainer->steps % trainer->n_batches != 0)
    return;
  trainer->epoch = trainer->steps / trainer->n_batches;
  rv__trainer_shuffle (trainer);
}

/* Writes picture @i of training->x, a micro-batch, plus grain to picture @i of training->seen. @index: number of the
 * picture in the training; the seed and @index choose the part of the noise plane at random. */
static void
add_grain (RvStyleTraining *training, gint64 i, guint64 index)
{
  int side = (int) training->settings->crop_px;
  guint32 bits[4];
  rv__random_bits ((guint64) training->settings->seed, RV_STYLE_TRAINING_GRAIN_STREAM, index, bits);
  rv__grain_add (picture_at (training, training->x, i), side, side, bits[0], bits[1], training->style_net->grain,
                 picture_at (training, training->seen, i));
}

/* Overwrites training->x with crops of photographs, micro-batch @k of the current step's batch, and training->seen,
 * the input of the network, with the same crops plus grain (noise). In steps with pairs, every second picture is the
 * one before it, moved with its grain by a random motion, which is written to training->field. */
static void
load_micro_batch (RvStyleTraining *training, int k)
{
  const RvStyleTrainingSettings *s = training->settings;
  const RvTrainer *trainer = training->trainer;
  int side = (int) s->crop_px;
  guint64 seed = (guint64) s->seed;
  gint64 n = rv__style_training_micro_batch_size (training), first = k * n,
         of_epoch = trainer->steps % trainer->n_batches * s->batch + first;
  for (gint64 i = 0; i < n; i++) {
    guint64 index = (guint64) (trainer->steps * s->batch + first + i);
    gint64 example = trainer->order[(of_epoch + i) % trainer->settings.n_examples];
    float *x = picture_at (training, training->x, i);
    if (is_steady_step (training) && i % 2 == 1) {
      rv__motion_fill_random (side, seed, index, field_at (training, i));
      rv__motion_apply (field_at (training, i), side, seed, index, picture_at (training, training->x, i - 1), x);
      rv__motion_apply (field_at (training, i), side, seed, index, picture_at (training, training->seen, i - 1),
                        picture_at (training, training->seen, i));
    } else {
      rv__photos_crop (training->photos, (guint) example % training->photos->len, side, s->zoom, seed, index, x);
      add_grain (training, i, index);
    }
  }
}

/* Paints training->seen in the style @numbers into training->y. Overwrites the norms of the program. */
static gboolean
paint (RvStyleTraining *training, const float *numbers, GError **error)
{
  RvStyleNetEngine *engine = training->engine;
  for (int k = 0; k < 2 * RV_STYLE_NET_N_NORMS; k++) {
    gint64 first, n = rv__style_net_norm_channels (k / 2, &first);
    memcpy (engine->trained->at[rv__style_training_n_weights (training) + (guint) k],
            numbers + (k % 2) * RV_STYLE_NET_CHANNELS + first, (gsize) n * sizeof (float));
  }
  return rv__executable_set (engine->executable, engine->x, training->seen, error) &&
         rv__parameter_values_push (engine->trained, error) && rv__executable_forward (engine->executable, error) &&
         rv__executable_get (engine->executable, engine->y, training->y, error);
}

/* Loss of a micro-batch's pairs: their contribution to the mean over all pairs of the batch. Adds its gradient to
 * grad_y. */
static double
compare_pairs (RvStyleTraining *training)
{
  double loss = 0, weight = training->settings->steadiness / (double) (training->settings->batch / 2);
  for (gint64 i = 1; i < rv__style_training_micro_batch_size (training); i += 2)
    loss +=
      rv__motion_compare (field_at (training, i), (int) training->settings->crop_px,
                          picture_at (training, training->y, i - 1), picture_at (training, training->y, i), weight,
                          picture_at (training, training->grad_y, i - 1), picture_at (training, training->grad_y, i));
  return loss;
}

/* Sets the objective's content targets for the style number @style: the features of training->x. If content is
 * matched: the matches of x + PAINTED h (y - x), where h halves the size and enlarges again. That picture is stored
 * in grad_y, which is unused until evaluate() sets the gradient. */
static gboolean
set_content (RvStyleTraining *training, guint style, GError **error)
{
  const RvStyleTarget *target = training->targets->pdata[style];
  gint64 n_pictures = rv__style_training_micro_batch_size (training),
         n = n_pictures * rv__style_training_picture_numbers (training);
  int side = (int) training->settings->crop_px;
  float *query = training->grad_y;
  if (!target->bank)
    return rv__objective_set_features (training->objective, 0, training->x, error);
  RvMatchSpec spec = { .banks = &target->bank, .n_banks = 1, .jointly = TRUE, .uniform_share = FEATURE_SHARE };
  for (gint64 i = 0; i < n; i++)
    query[i] = training->y[i] - training->x[i];
  if (!rv__match_blur (query, n_pictures * RV_STYLE_TRAINING_CHANNELS, side, side, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    query[i] = training->x[i] + PAINTED * query[i];
  return rv__objective_set_features (training->objective, 0, query, error) &&
         rv__objective_match_targets (training->objective, &spec, error);
}

/* Sets @losses, [RV_STYLE_TRAINING_LOSSES], in the order of training->losses, to the contributions of training->y
 * to the batch's losses, further ones to 0; and grad_y to the gradient of their sum. @style: index of the style.
 * @steady: the micro-batch has pairs. */
static gboolean
evaluate (RvStyleTraining *training, guint style, gboolean steady, double *losses, GError **error)
{
  RvLosses groups;
  const RvStyleTarget *target = training->targets->pdata[style];
  rv__objective_clear_targets (training->objective);
  for (guint i = 0; i < target->sums->len; i++)
    rv__objective_add_target (training->objective, target->sums->pdata[i], 1.0 / target->sums->len);
  if (!set_content (training, style, error) ||
      !rv__objective_evaluate_at (training->objective, training->y, training->grad_y, &groups, error))
    return FALSE;
  memset (losses, 0, RV_STYLE_TRAINING_LOSSES * sizeof *losses);
  for (int i = 0; i < groups.n_groups; i++)
    losses[i] = groups.loss[i];
  losses[groups.n_groups] = steady ? compare_pairs (training) : 0;
  return TRUE;
}

/* Sum of @losses, one for each name in training->losses. */
static double
total_loss (const RvStyleTraining *training, const double *losses)
{
  double total = 0;
  for (int i = 0; training->losses[i]; i++)
    total += losses[i];
  return total;
}

/* Checks that @loss and the summed gradients are finite. RV_ERROR_NUMBER. */
static gboolean
check_gradients (const RvStyleTraining *training, double loss, GError **error)
{
  gboolean ok = isfinite (loss) && rv__style_net_all_finite (training->grad_numbers, 2 * RV_STYLE_NET_CHANNELS);
  for (guint i = 0; ok && i < rv__style_training_n_weights (training); i++)
    ok =
      rv__style_net_all_finite (training->grad_at[i], rv_tensor_count (rv__parameter (training->learned, i)->tensor));
  return ok || rv__error_with_options (error, RV_ERROR_NUMBER, "learning-rate",
                                       "the loss is not finite in step %" G_GINT64_FORMAT
                                       "; the last checkpoint is kept; lower 'learning-rate'",
                                       training->trainer->steps + 1);
}

/* Loads and paints micro-batch @number in style number @style. Overwrites @losses, grad_numbers and the gradients in
 * engine->trained with its contributions to those of the batch. */
static gboolean
run_micro_batch (RvStyleTraining *training, guint style, int number, double *losses, GError **error)
{
  RvStyleNetEngine *engine = training->engine;
  load_micro_batch (training, number);
  if (!paint (training, training->at[rv__style_training_n_weights (training) + style], error) ||
      !evaluate (training, style, is_steady_step (training), losses, error) ||
      !rv__executable_set (engine->executable, engine->grad_y, training->grad_y, error) ||
      !rv__executable_backward (engine->executable, error) || !rv__parameter_values_pull (engine->trained, error))
    return FALSE;
  for (int k = 0; k < 2 * RV_STYLE_NET_N_NORMS; k++) {
    gint64 first, n = rv__style_net_norm_channels (k / 2, &first);
    memcpy (training->grad_numbers + (k % 2) * RV_STYLE_NET_CHANNELS + first,
            engine->trained->grad_at[rv__style_training_n_weights (training) + (guint) k], (gsize) n * sizeof (float));
  }
  return TRUE;
}

gboolean
rv__style_training_step (RvStyleTraining *training, double *loss, double *losses, GError **error)
{
  RvGradAccumulator *micro_batches = training->micro_batches;
  guint style = (guint) (training->trainer->steps % training->targets->len),
        row = rv__style_training_n_weights (training) + style;
  shuffle (training);
  rv__grad_accumulator_clear (micro_batches); /* the last step may have been cancelled */
  for (int k = rv__grad_accumulator_first (micro_batches); k < rv__grad_accumulator_end (micro_batches); k++) {
    if (!run_micro_batch (training, style, k, losses, error))
      return FALSE;
    rv__grad_accumulator_add (micro_batches, losses);
  }
  if (!rv__grad_accumulator_sum (micro_batches, losses, error))
    return FALSE;
  *loss = total_loss (training, losses);
  if (!check_gradients (training, *loss, error))
    return FALSE;
  training->grad_at[row] = training->grad_numbers;
  rv__trainer_step (training->trainer, training->at, training->grad_at, *loss);
  training->grad_at[row] = NULL;
  return TRUE;
}

/* Adds to @loss, [new styles][known styles], the loss of each new style on the first batch, started with each known
 * style's numbers. Takes no step. */
static gboolean
try_starts (RvStyleTraining *training, double *loss, GError **error)
{
  double losses[RV_STYLE_TRAINING_LOSSES];
  shuffle (training);
  for (int k = 0; k < training->settings->micro_batches; k++) {
    load_micro_batch (training, k);
    for (guint i = 0; i < training->targets->len * training->initial_styles->len; i++) {
      guint style = i / training->initial_styles->len;
      const RvTensor *start = training->initial_styles->pdata[i % training->initial_styles->len];
      if (!paint (training, start->data, error) || !evaluate (training, style, FALSE, losses, error))
        return FALSE;
      loss[i] += total_loss (training, losses);
    }
  }
  return TRUE;
}

gboolean
rv__style_training_init_styles (RvStyleTraining *training, GError **error)
{
  guint n = training->initial_styles->len;
  if (training->trainer->steps > 0 || n == 0 || rv__cluster_rank (rv__cluster_current ()) > 0)
    return TRUE; /* rv__trainer_broadcast() sends the styles of rank 0 */
  g_autofree double *loss = g_new0 (double, training->targets->len *n);
  if (!try_starts (training, loss, error))
    return FALSE;
  for (guint i = 0; i < training->targets->len; i++) {
    const RvTensor *nearest = NULL;
    double best = G_MAXDOUBLE;
    for (guint k = 0; k < n; k++)
      if (loss[i * n + k] < best) {
        best = loss[i * n + k];
        nearest = training->initial_styles->pdata[k];
      }
    if (nearest)
      memcpy (training->at[rv__style_training_n_weights (training) + i], nearest->data, rv_tensor_bytes (nearest));
  }
  return TRUE;
}

/* ---- validation -------------------------------------------------------------------------------------------------- */

/* Overwrites training->x with micro-batch @k of the validation, and training->seen with the same pictures plus grain.
 * Crops and grain are the same in each validation. */
static void
load_validation (RvStyleTraining *training, int k)
{
  const RvStyleTrainingSettings *s = training->settings;
  guint n = training->validation->len;
  gint64 n_pictures = rv__style_training_micro_batch_size (training);
  for (gint64 i = 0; i < n_pictures; i++) {
    gint64 number = k * n_pictures + i;
    guint64 index = VALIDATION_INDEX + (guint64) number;
    rv__photos_crop (training->validation, (guint) (number % n), (int) s->crop_px, s->zoom, (guint64) s->seed, index,
                     picture_at (training, training->x, i));
    add_grain (training, i, index);
  }
}

/* Exchanges the numbers of the trained convolutions and their means in trainer->average; a second call restores both.
 */
static void
swap_weights (RvStyleTraining *training)
{
  for (guint i = 0; i < rv__style_training_n_weights (training); i++) {
    float *now = training->at[i], *mean = training->trainer->average[i];
    for (gint64 k = 0, n = rv_tensor_count (rv__parameter (training->learned, i)->tensor); k < n; k++) {
      float weight = now[k];
      now[k] = mean[k];
      mean[k] = weight;
    }
  }
}

/* Adds to *sum, once, the mean over all styles of the loss on micro-batch @k of the validation. */
static gboolean
validate_micro_batch (RvStyleTraining *training, int k, double *sum, GError **error)
{
  double losses[RV_STYLE_TRAINING_LOSSES];
  load_validation (training, k);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < training->targets->len; i++) {
    ok = paint (training, training->trainer->average[rv__style_training_n_weights (training) + i], error) &&
         evaluate (training, i, FALSE, losses, error);
    *sum += ok ? total_loss (training, losses) / training->targets->len : 0;
  }
  return ok;
}

gboolean
rv__style_training_validate (RvStyleTraining *training, double *loss, GError **error)
{
  *loss = NAN;
  if (training->validation->len == 0 || !training->trainer)
    return TRUE;
  double sum = 0;
  gboolean ok = TRUE;
  int before = rv__system_use_threads (rv__compute_threads (training->settings->compute.threads));
  swap_weights (training);
  for (int k = 0; ok && k < training->settings->micro_batches; k++)
    ok = validate_micro_batch (training, k, &sum, error);
  swap_weights (training);
  rv__system_use_threads (before);
  *loss = ok ? sum : NAN;
  return ok;
}
