/* training.c -- training of a style network: construction, inputs, run. Its steps are in step.c. */
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "io/image/frame.h"
#include "method/style-net/training-internal.h"
#include <math.h>
#include <string.h>

#define TIMED_STEPS 10 /* steps before the number of steps for a time limit is estimated */
#define THUMBNAIL_PX 64
#define VALIDATION_EVERY 20    /* one validation photograph in so many */
#define PHOTO_MARGIN (9 / 8.0) /* shorter side of photographs, relative to the crop */
#define BANK_POSITIONS 512     /* for each style: more cost time and do not improve the content */
#define STEADY "steady"

/* ---- construction ------------------------------------------------------------------------------------------------ */

static void
free_target (gpointer data)
{
  g_ptr_array_unref (((RvStyleTarget *) data)->sums);
  rv__feature_bank_free (((RvStyleTarget *) data)->bank);
  g_free (data);
}

/* Appends terms of the loss for @role on @layers (nullable: on @usual); none if @weight is 0. Errors are about the
 * option that sets @layers, or about none if @layers is NULL. */
static gboolean
add_terms (GArray *terms, const char *role, double weight, const char *layers, const char *usual, const char *net,
           GError **error)
{
  if (weight == 0)
    return TRUE;
  gboolean style = strcmp (role, "style") == 0;
  return rv__terms_add (terms, rv__loss_for (role), weight, layers ? layers : usual, net, NULL, error) ||
         rv__error_set_option (error, !layers ? NULL
                                      : style ? "style-layers"
                                              : "content-layers");
}

/* (transfer full) (nullable): the terms of the loss for the network @net. */
static GArray *
make_terms (const RvStyleTrainingSettings *s, const char *net, GError **error)
{
  const char *content_layers =
    rv__style_training_matches (s) ? rv__net_matching_layers (net) : rv__net_content_layers (net);
  g_autoptr (GArray) terms = rv__terms_new ();
  double part = 1.0 / (double) s->micro_batches; /* the batch's loss is the mean over its pictures */
  if (!add_terms (terms, "content", part * s->content_weight, s->content_layers, content_layers, net, error) ||
      !add_terms (terms, "style", part * s->style_weight, s->style_layers, rv__net_style_layers (net), net, error) ||
      !add_terms (terms, "smoothness", part * s->tv_weight, NULL, NULL, net, error))
    return NULL;
  return g_steal_pointer (&terms);
}

gboolean
rv__style_training_make_objective (RvStyleTraining *training, GError **error)
{
  if (training->objective)
    return TRUE;
  const RvStyleTrainingSettings *s = training->settings;
  g_autoptr (GArray) terms = make_terms (s, rv_net_name (training->net), error);
  if (!terms)
    return FALSE;
  RvObjectiveSpec spec = { .net = training->net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__compute_backend (s->compute.backend, s->compute.gpu, error),
                           .compile = rv__compute_compile (&s->compute),
                           .terms = terms,
                           .space = rv__rgb_0_255,
                           .n_pictures = (int) rv__style_training_micro_batch_size (training),
                           .n_matched = rv__style_training_matches (s) ? BANK_POSITIONS : 0 };
  if (!spec.backend || !rv__compute_check (&s->compute, spec.backend, error))
    return FALSE;
  training->objective = rv__objective_new (&spec, (int) s->crop_px, (int) s->crop_px, error);
  memset (training->losses, 0, sizeof training->losses);
  int n = rv__terms_groups (terms, training->losses);
  if (s->steadiness > 0 && s->batch > 1)
    training->losses[MAX (n, 0)] = STEADY;
  return training->objective != NULL;
}

/* Checks that several micro-batches are equal, and that each has whole pairs if pairs are compared. TRUE for a single
 * micro-batch, also of an odd batch. RV_ERROR_SETTING. */
static gboolean
check_micro_batches (const RvStyleTrainingSettings *s, GError **error)
{
  gboolean pairs = s->steadiness > 0 && s->batch > 1;
  return (s->micro_batches == 1 || (s->batch % s->micro_batches == 0 && !(pairs && s->batch / s->micro_batches % 2))) ||
         rv__error_setting (
           error, "micro-batches,batch,steadiness",
           "a 'batch' of %" G_GINT64_FORMAT " is not %" G_GINT64_FORMAT " 'micro-batches' of equal size%s", s->batch,
           s->micro_batches, pairs ? ", each of whole pairs, which 'steadiness' compares" : "");
}

gboolean
rv__style_training_check (const RvSettings *settings, const char *net_name, GError **error)
{
  const RvStyleTrainingSettings *own = rv__settings_fields (settings, &rv__settings_learn, error);
  if (!own || !check_micro_batches (own, error))
    return FALSE;
  g_autoptr (GArray) terms = net_name ? make_terms (own, net_name, error) : NULL;
  return terms || !net_name;
}

RvStyleTraining *
rv__style_training_new (const RvSettings *settings, RvNet *net, const RvStyleNet *from, GError **error)
{
  if (!rv__style_training_check (settings, rv_net_name (net), error))
    return NULL;
  g_autoptr (RvStyleTraining) training = g_new0 (RvStyleTraining, 1);
  training->settings_copy = rv__settings_copy (settings);
  training->settings = rv__settings_fields (training->settings_copy, &rv__settings_learn, NULL);
  training->net = rv_net_ref (net);
  training->learns_weights = !from || training->settings->deep;
  training->initial_styles = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_tensor_unref);
  training->targets = g_ptr_array_new_with_free_func (free_target);
  training->photos = rv__photos_new ();
  training->validation = rv__photos_new ();
  for (guint i = 0; from && i < from->styles->len; i++)
    g_ptr_array_add (training->initial_styles, rv_tensor_ref (rv__style_net_style (from, i)->numbers));
  if (training->settings->time)
    rv__text_parse_seconds (training->settings->time, &training->time_s);
  training->style_net = from ? rv__style_net_copy (from, error) : rv__style_net_new (training->settings->seed, error);
  if (!training->style_net || !rv__style_training_make_objective (training, error))
    return NULL;
  if (training->learns_weights)
    training->style_net->grain = training->settings->grain;
  return g_steal_pointer (&training);
}

void
rv__style_training_free (RvStyleTraining *training)
{
  if (!training)
    return;
  rv__style_training_reset (training);
  g_array_unref (training->photos);
  g_array_unref (training->validation);
  g_ptr_array_unref (training->targets);
  g_ptr_array_unref (training->initial_styles);
  rv_style_net_free (training->style_net);
  rv_net_unref (training->net);
  rv_settings_free (training->settings_copy);
  g_free (training);
}

const char *const *
rv__style_training_losses (const RvStyleTraining *training)
{
  return training->losses;
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

/* Sets style->thumbnail, NULL before, to @painting, shrunk to at most THUMBNAIL_PX. */
static gboolean
set_thumbnail (RvStyleNetStyle *style, const RvImage *painting, GError **error)
{
  double part = MIN (THUMBNAIL_PX / (double) MAX (painting->width, painting->height), 1);
  g_autoptr (RvImage) small = rv__image_scale (painting, part, error);
  if (!small)
    return FALSE;
  RvShape shape = rv_shape (3, RV_STYLE_TRAINING_CHANNELS, small->height, small->width);
  if (!(style->thumbnail = rv_tensor_new (RV_U8, &shape, error)))
    return FALSE;
  for (gint64 i = 0; i < rv_tensor_count (style->thumbnail); i++)
    ((guint8 *) style->thumbnail->data)[i] = (guint8) CLAMP (lrintf (((const float *) small->rgb->data)[i]), 0, 255);
  return TRUE;
}

/* Measures @painting, one of @n_paintings, shrunk to the scale at which photographs are cropped, times
 * `style-scale`. Adds its statistics to target->sums, and features to target->bank, if any. */
static gboolean
add_painting (const RvStyleTraining *training, RvStyleTarget *target, const RvImage *painting, int n_paintings,
              GError **error)
{
  double wanted = (double) training->settings->crop_px * 4 / 3 * PHOTO_MARGIN * training->settings->style_scale,
         part = MIN (wanted / MAX (painting->width, painting->height), 1);
  g_autoptr (RvImage) small = rv__image_scale (painting, part, error);
  RvTargetStats *sums = small ? rv__objective_measure_target (training->objective, 0, small->rgb->data, NULL,
                                                              small->height, small->width, error)
                              : NULL;
  if (!sums)
    return FALSE;
  g_ptr_array_add (target->sums, sums);
  return !target->bank ||
         rv__feature_bank_add (target->bank, training->objective, small->rgb->data, NULL, small->height, small->width,
                               MAX (BANK_POSITIONS / n_paintings, 1), error);
}

gboolean
rv__style_training_add_style (RvStyleTraining *training, const char *name, const char *license,
                              RvImage *const *paintings, int n, GError **error)
{
  if (n < 1)
    return rv__error_setting (error, NULL, "the style '%s' needs at least one painting", name);
  RvStyleNetStyle *style = rv__style_net_add_style (training->style_net, name, license, error);
  if (!style || !set_thumbnail (style, paintings[0], error) || !rv__style_training_make_objective (training, error))
    return FALSE;
  RvStyleTarget *target = g_new0 (RvStyleTarget, 1);
  target->sums = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  target->bank = rv__style_training_matches (training->settings) ? rv__feature_bank_new () : NULL;
  g_ptr_array_add (training->targets, target);
  gboolean ok = TRUE;
  for (int i = 0; ok && i < n; i++)
    ok = add_painting (training, target, paintings[i], n, error);
  return ok;
}

int
rv__style_training_photo_px (const RvStyleTraining *training)
{
  return (int) lrint ((double) training->settings->crop_px * PHOTO_MARGIN);
}

gboolean
rv__style_training_next_is_validation (const RvStyleTraining *training)
{
  guint n = training->photos->len + training->validation->len;
  return n % VALIDATION_EVERY == VALIDATION_EVERY - 1;
}

gboolean
rv__style_training_add_photo (RvStyleTraining *training, const RvImage *photo, GError **error)
{
  int least = (int) training->settings->crop_px;
  gboolean is_validation = rv__style_training_next_is_validation (training);
  if (MIN (photo->width, photo->height) >= least)
    return rv__photos_add (is_validation ? training->validation : training->photos, photo, error);
  return rv__error_set (
    error, RV_ERROR_SHAPE,
    "a photograph of %d x %d px is smaller than 'crop', %d px; lower 'crop' or leave the photograph out", photo->width,
    photo->height, least);
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

gboolean
rv__style_training_run (RvStyleTraining *training, RvIterationFunc progress, gpointer user_data, GError **error)
{
  if (!rv__style_training_prepare (training, error))
    return FALSE;
  RvCluster *cluster = rv__cluster_current ();
  int before = rv__system_use_threads (rv__compute_threads (training->settings->compute.threads));
  gint64 began_us = g_get_monotonic_time ();
  gint64 *n_steps = &training->trainer->settings.n_steps;
  gboolean stopped = FALSE, ok = rv__style_training_init_styles (training, error) &&
                                 rv__trainer_broadcast (training->trainer, cluster, training->at, error);
  gint64 first = training->trainer->steps;
  if (training->time_s > 0)
    *n_steps = MAX (*n_steps, first + TIMED_STEPS);
  double loss, losses[RV_STYLE_TRAINING_LOSSES];
  while (ok && !stopped && training->trainer->steps < *n_steps) {
    guint style = (guint) (training->trainer->steps % training->targets->len);
    if (!(ok = rv__style_training_step (training, &loss, losses, error)))
      break;
    double seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    gint64 taken = training->trainer->steps - first;
    if (training->time_s > 0 && (taken >= TIMED_STEPS || seconds >= training->time_s))
      *n_steps = first + MAX ((gint64) ((double) taken * training->time_s / seconds), taken);
    RvIteration p = { .run = training,
                      .iteration = training->trainer->steps,
                      .n_iterations = *n_steps,
                      .stage = (int) style + 1,
                      .loss = loss,
                      .losses = losses,
                      .seconds = seconds,
                      .done_01 = (double) training->trainer->steps / (double) *n_steps };
    stopped = progress && !progress (&p, user_data);
    ok = rv__cluster_broadcast (cluster, n_steps, sizeof *n_steps, 0, error) &&
         rv__cluster_broadcast (cluster, &stopped, sizeof stopped, 0, error);
  }
  rv__system_use_threads (before);
  return ok;
}

RvStyleNet *
rv__style_training_result (const RvStyleTraining *training, GError **error)
{
  const RvStyleNet *from = training->style_net;
  g_autoptr (RvStyleNet) style_net = rv__style_net_copy (from, error);
  if (!style_net)
    return NULL;
  for (guint i = 0; i < from->styles->len; i++)
    if (!rv__style_net_copy_style (style_net, rv__style_net_style (from, i), error))
      return NULL;
  if (!training->trainer || training->trainer->steps == 0)
    return g_steal_pointer (&style_net);
  guint n = rv__style_training_n_weights (training);
  for (guint i = 0; i < training->learned->len; i++) {
    RvTensor *to =
      i < n ? rv__parameter (style_net->weights, i)->tensor : rv__style_net_style (style_net, i - n)->numbers;
    memcpy (to->data, training->trainer->average[i], rv_tensor_bytes (to));
  }
  return g_steal_pointer (&style_net);
}
