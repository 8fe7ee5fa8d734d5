/* state.c -- saves and restores the state of a training. */
#include "base/error.h"
#include "method/style-net/training-internal.h"
#include "tensor/tensor-map.h"
#include <string.h>

#define NOW "now."              /* prefix of a parameter's name in a state */
#define LENGTH "learning.steps" /* planned number of steps */
#define FROM "learning.from"    /* hash of the convolutions that are not trained */
#define MOST_STEPS 1000000000   /* largest number of steps in a state */

/* SHA-256 of convolutions and grain, as hexadecimal text. (transfer full). */
static char *
hash_weights (const RvStyleNet *style_net)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint i = 0; i < style_net->weights->len; i++) {
    const RvTensor *tensor = rv__parameter (style_net->weights, i)->tensor;
    g_checksum_update (sum, tensor->data, (gssize) rv_tensor_bytes (tensor));
  }
  char grain[G_ASCII_DTOSTR_BUF_SIZE]; /* same text in every locale */
  g_ascii_formatd (grain, sizeof grain, "%.17g", style_net->grain);
  if (style_net->grain > 0)
    g_checksum_update (sum, (const guchar *) grain, -1);
  return g_strdup (g_checksum_get_string (sum));
}

/* Checks that @training, of new styles only, has the convolutions with the hash @then, of the checkpoint. They differ
 * if the file of `from` has changed, or the built-in network with the version. TRUE also if the convolutions are
 * trained, or @then is NULL. FALSE: RV_ERROR_SETTING. */
static gboolean
check_style_net (const RvStyleTraining *training, const char *then, GError **error)
{
  g_autofree char *now = hash_weights (training->style_net);
  return training->learns_weights || !then || strcmp (now, then) == 0 ||
         rv__error_set (error, RV_ERROR_SETTING,
                        "the checkpoint was trained with other convolutions; "
                        "start again, or use the style network that it started from");
}

RvTensorMap *
rv__style_training_to_map (const RvStyleTraining *training, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autofree char *settings = rv_settings_to_json (training->settings_copy);
  if (!training->trainer)
    return g_steal_pointer (&map);
  rv__parameter_values_store (training->engine->trained);
  for (guint i = 0; i < training->learned->len; i++) {
    const RvParameter *parameter = rv__parameter (training->learned, i);
    g_autofree char *name = g_strconcat (NOW, parameter->name, NULL);
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (parameter->tensor, error);
    if (!copy)
      return NULL;
    rv_tensor_map_set (map, name, copy);
  }
  rv_tensor_map_set_text (map, "learning", settings);
  rv__tensor_map_set_count (map, LENGTH, training->trainer->settings.n_steps);
  g_autofree char *from = training->learns_weights ? NULL : hash_weights (training->style_net);
  if (from)
    rv_tensor_map_set_text (map, FROM, from);
  return rv__trainer_save (training->trainer, map, error) ? g_steal_pointer (&map) : NULL;
}

/* (transfer full) (nullable): copies of the tensors "now.NAME" in @map, one for each parameter in
 * training->learned, under its name. RV_ERROR_FORMAT for a missing one, another shape, or a type other than f32. */
static RvParameters *
stored_parameters (const RvStyleTraining *training, const RvTensorMap *map, GError **error)
{
  g_autoptr (GArray) stored = rv__parameters_new ();
  for (guint i = 0; i < training->learned->len; i++) {
    const RvParameter *parameter = rv__parameter (training->learned, i);
    g_autofree char *name = g_strconcat (NOW, parameter->name, NULL);
    const RvTensor *tensor = rv_tensor_map_get (map, name);
    if (!tensor || tensor->type != RV_F32 || !rv_shape_equal (&tensor->shape, &parameter->tensor->shape))
      return rv__error_null (error, RV_ERROR_FORMAT, "the checkpoint has no %s; it belongs to another training",
                             parameter->name);
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (tensor, error);
    if (!copy)
      return NULL;
    rv__style_training_add_parameter (stored, parameter->name, copy);
  }
  return g_steal_pointer (&stored);
}

/* Checks that @training has the settings @then_json of a state. Only `iterations`, `time`, `threads`, `memory`, `tune`,
 * `backend` and `gpu` may differ. RV_ERROR_FORMAT if @then_json is NULL or damaged; RV_ERROR_SETTING about the first
 * setting that differs. */
static gboolean
check_settings (const RvStyleTraining *training, const char *then_json, GError **error)
{
  static const char *const may_differ[] = { "iterations", "time", "threads", "memory", "tune", "backend", "gpu", NULL };
  g_autoptr (RvSettings) then = rv_settings_new ("learn", NULL);
  rv_settings_set (then, RV_STYLE_TRAINING_CONTENT_TARGET, RV_STYLE_TRAINING_OWN, NULL); /* absent in older states */
  if (!then_json || !rv_settings_set_json (then, then_json, NULL))
    return rv__error_set (error, RV_ERROR_FORMAT, "this is not a checkpoint of a training");
  return rv__trainer_check_settings (rv__style_training_options, training->settings, then->fields, may_differ, error);
}

gboolean
rv__style_training_restore (RvStyleTraining *training, const RvTensorMap *map, GError **error)
{
  if (!check_settings (training, rv_tensor_map_get_text (map, "learning"), error) ||
      !check_style_net (training, rv_tensor_map_get_text (map, FROM), error) ||
      !rv__style_training_prepare (training, error))
    return FALSE;
  g_autoptr (GArray) stored = stored_parameters (training, map, error);
  if (!stored || !rv__trainer_restore (training->trainer, map, stored, error))
    return FALSE;
  rv__parameter_values_load (training->engine->trained);
  rv__trainer_shuffle (training->trainer);
  gint64 n = training->targets->len;
  for (gint64 s = 0; s < n; s++) /* the styles alternate: style s took the steps s, s + n, ... */
    training->trainer->optim[rv__style_training_n_weights (training) + (guint) s]->iteration =
      (training->trainer->steps + n - 1 - s) / n;
  const char *n_steps = rv_tensor_map_get_text (map, LENGTH);
  if (training->time_s > 0 && n_steps) /* until the time limit gives a new estimate */
    g_ascii_string_to_signed (n_steps, 10, 1, MOST_STEPS, &training->trainer->settings.n_steps, NULL);
  return TRUE;
}
