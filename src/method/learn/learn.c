/* learn.c -- a painter learns: made of settings, given paintings and photographs, run. Its steps: step.c. */
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "method/learn/internal.h"
#include <math.h>
#include <string.h>

#define TIMED_STEPS 10 /* before it is known how many fit into a time */
#define THUMBNAIL_PX 64
#define HELD_BACK_EVERY 20     /* of the photographs one */
#define PHOTO_MARGIN (9 / 8.0) /* photographs' shorter side, to that of what is painted */
#define BANK_POSITIONS 512     /* of a style: more cost time, not less content */
#define STEADY "steady"

/* ---- made and freed --------------------------------------------------------------------------------------------- */

static void
free_goal (gpointer data)
{
  g_ptr_array_unref (((RvLearnGoal *) data)->sums);
  rv__feature_bank_free (((RvLearnGoal *) data)->bank);
  g_free (data);
}

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

static gboolean
make_objective (RvLearning *learning, GError **error)
{
  const RvLearnSettings *s = learning->settings;
  const char *net = rv_net_name (learning->net);
  const char *content_layers =
    rv__learn_matches (s) ? rv__net_matching_layers (net) : rv__net_default_layers (net, FALSE);
  g_autoptr (GArray) terms = rv__terms_new ();
  double part = 1.0 / (double) s->slices; /* of a batch's loss, the mean over its pictures, is a slice's */
  if (!add_terms (terms, "content", part * s->content_weight, s->content_layers, content_layers, net, error) ||
      !add_terms (terms, "style", part * s->style_weight, s->style_layers, rv__net_default_layers (net, TRUE), net,
                  error) ||
      !add_terms (terms, "smoothness", part * s->tv_weight, NULL, NULL, net, error))
    return FALSE;
  RvObjectiveSpec spec = { .net = learning->net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__compute_backend (&s->compute, error),
                           .compile = rv__compute_compile (&s->compute, NULL, 0),
                           .terms = terms,
                           .space = rv__rgb_0_255,
                           .n_pictures = (int) rv__learning_slice (learning),
                           .n_matched = rv__learn_matches (s) ? BANK_POSITIONS : 0 };
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

/* Pictures that are compared with each other are of one slice. */
static gboolean
check_slices (const RvLearnSettings *s, GError **error)
{
  gboolean pairs = s->steadiness > 0 && s->batch > 1;
  if (s->slices == 1 || (s->batch % s->slices == 0 && !(pairs && s->batch / s->slices % 2)))
    return TRUE;
  rv__error_setting (error, "slices,batch,steadiness",
                     "a 'batch' of %" G_GINT64_FORMAT " is not %" G_GINT64_FORMAT " 'slices' of equal size%s", s->batch,
                     s->slices, pairs ? ", each of whole pairs, which 'steadiness' compares" : "");
  return FALSE;
}

static void
keep_starts (RvLearning *learning, const RvPainter *from)
{
  for (guint i = 0; from && i < from->styles->len; i++)
    g_ptr_array_add (learning->starts, rv_tensor_ref (rv__painter_style (from, i)->numbers));
}

RvLearning *
rv__learning_new (const RvSettings *settings, RvNet *net, const RvPainter *from, GError **error)
{
  if (!rv__settings_fields (settings, &rv__settings_learn, error))
    return NULL;
  g_autoptr (RvLearning) learning = g_new0 (RvLearning, 1);
  learning->named = rv__settings_copy (settings);
  learning->settings = rv__settings_fields (learning->named, &rv__settings_learn, NULL);
  learning->net = rv_net_ref (net);
  learning->learns_weights = !from || learning->settings->deep;
  learning->starts = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_tensor_unref);
  learning->goals = g_ptr_array_new_with_free_func (free_goal);
  learning->photos = rv__photos_new ();
  learning->held = rv__photos_new ();
  keep_starts (learning, from);
  const char *time = learning->settings->time;
  if (time && (!rv__text_parse_seconds (time, &learning->time_s) || learning->time_s <= 0)) {
    rv__error_setting (error, "time", "'time' '%.80s' is no time: 90s, 20m or 3h is", time);
    return NULL;
  }
  if (!check_slices (learning->settings, error))
    return NULL;
  learning->painter = from ? rv__painter_copy (from, error) : rv__painter_new (learning->settings->seed, error);
  if (!learning->painter || !make_objective (learning, error))
    return NULL;
  if (learning->learns_weights)
    learning->painter->grain = learning->settings->grain;
  return g_steal_pointer (&learning);
}

void
rv__learning_free (RvLearning *learning)
{
  if (!learning)
    return;
  g_clear_pointer (&learning->buffers, g_array_unref);
  for (int i = 0; learning->losses[i]; i++)
    g_free (learning->losses[i]);
  g_free (learning->at);
  g_free (learning->grad_at);
  rv__slices_free (learning->slices);
  rv__trainer_free (learning->trainer);
  rv__painter_engine_free (learning->engine);
  g_clear_pointer (&learning->in_program, g_array_unref);
  g_clear_pointer (&learning->learnt, g_array_unref);
  rv__objective_free (learning->objective);
  rv__photos_free (learning->photos);
  rv__photos_free (learning->held);
  g_ptr_array_unref (learning->goals);
  g_ptr_array_unref (learning->starts);
  rv_painter_free (learning->painter);
  g_clear_object (&learning->cancellable);
  rv_net_unref (learning->net);
  rv_settings_free (learning->named);
  g_free (learning->data);
  g_free (learning);
}

const char *const *
rv__learning_losses (const RvLearning *learning)
{
  return (const char *const *) learning->losses;
}

/* ---- what it learns from ---------------------------------------------------------------------------------------- */

static gboolean
set_thumbnail (RvPainterStyle *style, const RvImage *painting, GError **error)
{
  double part = MIN (THUMBNAIL_PX / (double) MAX (painting->width, painting->height), 1);
  int width = MAX ((int) lrint (painting->width * part), 1), height = MAX ((int) lrint (painting->height * part), 1);
  g_autoptr (RvImage) small = rv_image_resize (painting, width, height, RV_IMAGE_RESIZE_BEST, error);
  RvShape shape = rv_shape (3, RV_LEARN_CHANNELS, height, width);
  if (!small || !(style->thumbnail = rv_tensor_new (RV_U8, &shape, error)))
    return FALSE;
  for (gint64 i = 0; i < rv_tensor_count (style->thumbnail); i++)
    ((guint8 *) style->thumbnail->data)[i] = (guint8) CLAMP (lrintf (((const float *) small->rgb->data)[i]), 0, 255);
  return TRUE;
}

/* Measures @painting, one of @n_paintings, shrunk to the size that photographs' crops are painted at. */
static gboolean
add_painting (const RvLearning *learning, RvLearnGoal *goal, const RvImage *painting, int n_paintings, GError **error)
{
  double wanted = (double) learning->settings->crop_px * 4 / 3 * PHOTO_MARGIN * learning->settings->style_scale,
         part = MIN (wanted / MAX (painting->width, painting->height), 1);
  int width = MAX ((int) lrint (painting->width * part), 1), height = MAX ((int) lrint (painting->height * part), 1);
  g_autoptr (RvImage) small = rv_image_resize (painting, width, height, RV_IMAGE_RESIZE_BEST, error);
  RvPictureSums *sums =
    small ? rv__objective_measure (learning->objective, 0, small->rgb->data, height, width, error) : NULL;
  if (!sums)
    return FALSE;
  g_ptr_array_add (goal->sums, sums);
  return !goal->bank || rv__feature_bank_add (goal->bank, learning->objective, 0, small->rgb->data, height, width,
                                              MAX (BANK_POSITIONS / n_paintings, 1), error);
}

gboolean
rv__learning_add_style (RvLearning *learning, const char *name, const char *licence, RvImage *const *paintings, int n,
                        GError **error)
{
  if (n < 1) {
    rv__error_setting (error, NULL, "the style '%s' wants a painting", name);
    return FALSE;
  }
  RvPainterStyle *style = rv__painter_add_style (learning->painter, name, licence, error);
  if (!style || !set_thumbnail (style, paintings[0], error))
    return FALSE;
  RvLearnGoal *goal = g_new0 (RvLearnGoal, 1);
  goal->sums = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  goal->bank = rv__learn_matches (learning->settings) ? rv__feature_bank_new () : NULL;
  g_ptr_array_add (learning->goals, goal);
  gboolean ok = TRUE;
  for (int i = 0; ok && i < n; i++)
    ok = add_painting (learning, goal, paintings[i], n, error);
  return ok;
}

int
rv__learning_photo_px (const RvLearning *learning)
{
  return (int) lrint ((double) learning->settings->crop_px * PHOTO_MARGIN);
}

gboolean
rv__learning_holds_back (const RvLearning *learning)
{
  guint n = rv__photos_count (learning->photos) + rv__photos_count (learning->held);
  return n % HELD_BACK_EVERY == HELD_BACK_EVERY - 1;
}

gboolean
rv__learning_add_photo (RvLearning *learning, const RvImage *photo, GError **error)
{
  int least = (int) learning->settings->crop_px;
  gboolean held = rv__learning_holds_back (learning);
  if (MIN (photo->width, photo->height) >= least)
    return rv__photos_add (held ? learning->held : learning->photos, photo, error);
  g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "a photograph of %d x %d px is smaller than 'crop', %d px",
               photo->width, photo->height, least);
  return FALSE;
}

void
rv__learning_set_cancellable (RvLearning *learning, GCancellable *cancellable)
{
  g_set_object (&learning->cancellable, cancellable);
  rv__objective_set_wanted (learning->objective, &(RvWanted){ .cancellable = cancellable });
  if (learning->engine)
    rv__executable_set_cancellable (learning->engine->executable, cancellable);
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

/* Rank 0 has the clock, and knows who wants an end. */
static gboolean
agree (gint64 *n_steps, gboolean *stopped, GError **error)
{
  RvCluster *cluster = rv__cluster_current ();
  return rv__cluster_broadcast (cluster, n_steps, sizeof *n_steps, 0, error) &&
         rv__cluster_broadcast (cluster, stopped, sizeof *stopped, 0, error);
}

gboolean
rv__learning_run (RvLearning *learning, RvLearningFunc progress, gpointer user_data, GError **error)
{
  if (!rv__learning_prepare (learning, error))
    return FALSE;
  int before = rv__system_use_threads (rv__compute_threads (&learning->settings->compute));
  gint64 began_us = g_get_monotonic_time ();
  gint64 *n_steps = &learning->trainer->settings.n_steps;
  gboolean stopped = FALSE, ok = rv__learning_begin (learning, error) &&
                                 rv__trainer_share (learning->trainer, rv__cluster_current (), learning->at, error);
  gint64 first = learning->trainer->steps;
  if (learning->time_s > 0)
    *n_steps = MAX (*n_steps, first + TIMED_STEPS);
  double loss, losses[RV_LEARN_LOSSES];
  while (ok && !stopped && learning->trainer->steps < *n_steps) {
    guint style = (guint) (learning->trainer->steps % learning->goals->len);
    if (!(ok = rv__learning_step (learning, &loss, losses, error)))
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
    ok = agree (n_steps, &stopped, error);
  }
  rv__system_use_threads (before);
  return ok;
}

RvPainter *
rv__learning_painter (const RvLearning *learning, GError **error)
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
  guint n = rv__learning_n_weights (learning);
  for (guint i = 0; i < learning->learnt->len; i++) {
    RvTensor *to = i < n ? rv__parameter (painter->weights, i)->tensor : rv__painter_style (painter, i - n)->numbers;
    memcpy (to->data, learning->trainer->average[i], rv_tensor_bytes (to));
  }
  return g_steal_pointer (&painter);
}
