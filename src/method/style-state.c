/* style-state.c -- a run of style transfer between two iterations, as tensors: what it needs to go on with the same
 * numbers as if it had never stopped.
 *
 *   x, average                  [3, rows, columns] of the scale's canvas
 *   optim.slot.K, optim.own     the optimiser's
 *   stop                        the losses that --plateau looks back on
 *   texts                       where the run is, its settings, its tiles, its kernels
 *
 * The targets are not in it: they are computed again. A state belongs to the version and the machine that wrote it.
 */
#include "base/option.h"
#include "style-run.h"
#include <stdio.h>
#include <string.h>

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void
set_count (RvTensorMap *map, const char *key, gint64 count)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, count);
  rv_tensor_map_set_text (map, key, text);
}

/* What lies at @data becomes a tensor, not a copy. */
static void
set_view (RvTensorMap *map, const char *name, RvType type, const RvShape *shape, gconstpointer data)
{
  gsize size = (gsize) rv_shape_count (shape) * rv_type_bytes (type);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (RvTensor) tensor = rv_tensor_new_from_bytes (type, shape, bytes, NULL);
  rv_tensor_map_set (map, name, tensor);
}

static RvShape
canvas_shape (const RvScale *scale)
{
  return rv_shape (3, 3, scale->canvas_height, scale->canvas_width);
}

static RvShape
bytes_shape (gsize size)
{
  return rv_shape (1, (gint64) size);
}

/* Settings that change no number, or only when the run ends. */
static gboolean
is_free (const char *name)
{
  static const char *const names[] = { "time", "memory", "tile", NULL };
  return g_strv_contains (names, name);
}

/* "name=value" a line. */
static char *
settings_text (const RvStyleSettings *settings)
{
  GString *text = g_string_new (NULL);
  for (const RvOption *option = rv_style_options; option->name; option++) {
    g_autofree char *value = rv_option_get (rv_style_options, settings, option->name);
    if (!is_free (option->name))
      g_string_append_printf (text, "%s=%s\n", option->name, value);
  }
  return g_string_free (text, FALSE);
}

/* How each scale is made to fit, since what memory allows may change. */
static char *
tiles_text (const RvStyle *style)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < style->scales->len; i++) {
    const RvFit *fit = &rv__style_scale (style, i)->fit;
    g_string_append_printf (text, "%d %d %d\n", fit->tile_px, fit->recompute, fit->compact);
  }
  return g_string_free (text, FALSE);
}

RvTensorMap *
rv_style_state (const RvStyleProgress *progress)
{
  const RvStyleRun *run = progress->run->run;
  const RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->own_bytes),
          stop = bytes_shape (sizeof run->stop);
  RvTensorMap *map = rv_tensor_map_new ();
  set_view (map, "x", RV_F32, &canvas, run->style->x);
  if (run->average)
    set_view (map, "average", RV_F32, &canvas, run->average);
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    set_view (map, name, RV_F32, &canvas, optim->slot[i]);
  }
  set_view (map, "optim.own", RV_U8, &own, optim->own);
  set_view (map, "stop", RV_U8, &stop, &run->stop);
  g_autofree char *settings = settings_text (run->style->settings), *tiles = tiles_text (run->style),
                  *kernels = rv_kernel_table_to_text (run->style->kernels);
  rv_tensor_map_set_text (map, "reverie", RV_VERSION);
  rv_tensor_map_set_text (map, "settings", settings);
  rv_tensor_map_set_text (map, "tiles", tiles);
  rv_tensor_map_set_text (map, "kernels", kernels);
  set_count (map, "scale", run->scale - rv__style_scale (run->style, 0));
  set_count (map, "done", run->n_done);
  set_count (map, "iteration", run->iteration);
  set_count (map, "skipped", run->skipped);
  set_count (map, "optim.iteration", optim->iteration);
  set_count (map, "history", run->style->history);
  set_count (map, "microseconds", g_get_monotonic_time () - run->began_us);
  return map;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the state %s", why);
  return FALSE;
}

/* A count from 0 to @max. */
static gboolean
get_count (const RvTensorMap *map, const char *key, gint64 max, gint64 *count, GError **error)
{
  const char *text = rv_tensor_map_get_text (map, key);
  if (text && g_ascii_string_to_signed (text, 10, 0, max, count, NULL))
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the state is damaged: its '%s' is none", key);
  return FALSE;
}

static const void *
get_tensor (const RvTensorMap *map, const char *name, RvType type, const RvShape *shape, GError **error)
{
  const RvTensor *tensor = rv_tensor_map_get (map, name);
  if (tensor && tensor->type == type && rv_shape_equal (&tensor->shape, shape))
    return tensor->data;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the state is damaged: its '%s' is none of this run", name);
  return NULL;
}

/* Names the first setting that differs. */
static gboolean
same_settings (const RvTensorMap *state, const RvStyleSettings *settings, GError **error)
{
  const char *stored = rv_tensor_map_get_text (state, "settings");
  g_autofree char *text = settings_text (settings);
  if (!stored)
    return refuse (error, "is none of a style transfer");
  if (strcmp (text, stored) == 0)
    return TRUE;
  g_auto (GStrv) now = g_strsplit (text, "\n", -1), then = g_strsplit (stored, "\n", -1);
  for (int i = 0; now[i] && then[i]; i++)
    if (strcmp (now[i], then[i]) != 0) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the run that stopped had --%.80s, and this has --%.80s", then[i],
                   now[i]);
      return FALSE;
    }
  return refuse (error, "has other settings");
}

static gboolean
restore_tiles (RvStyle *style, const RvTensorMap *state, GError **error)
{
  const char *text = rv_tensor_map_get_text (state, "tiles");
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  for (guint i = 0; i < style->scales->len; i++) {
    RvScale *scale = &g_array_index (style->scales, RvScale, i);
    RvFit fit = { 0 };
    if (i >= g_strv_length (lines) || sscanf (lines[i], "%d %d %d", &fit.tile_px, &fit.recompute, &fit.compact) != 3 ||
        fit.tile_px < 0)
      return refuse (error, "is damaged: its tiles are none of this run");
    scale->fit = fit;
  }
  return TRUE;
}

gboolean
rv_style_resume (RvStyle *style, RvTensorMap *state, GError **error)
{
  gint64 scale, done;
  const char *kernels = rv_tensor_map_get_text (state, "kernels");
  if (g_strcmp0 (rv_tensor_map_get_text (state, "reverie"), RV_VERSION) != 0)
    return refuse (error, "was written by another version of the program");
  if (!same_settings (state, style->settings, error) ||
      !get_count (state, "scale", style->scales->len - 1, &scale, error) ||
      !get_count (state, "done", rv__style_scale (style, (guint) scale)->iterations, &done, error))
    return FALSE;
  RvShape canvas = canvas_shape (rv__style_scale (style, (guint) scale));
  if (!get_tensor (state, "x", RV_F32, &canvas, error))
    return FALSE;

  g_autoptr (RvKernelTable) table = rv_kernel_table_new ();
  rv_kernel_table_add_text (table, kernels ? kernels : ""); /* no others: what was guessed shall be guessed again */
  rv_style_set_kernels (style, table);
  g_clear_pointer (&style->resume, rv_tensor_map_unref);
  style->resume = rv_tensor_map_ref (state);
  return TRUE;
}

gboolean
rv__style_restore_run (RvStyleRun *run, guint *scale, GError **error)
{
  const RvTensorMap *state = run->style->resume;
  gint64 index, since_us, history, max = G_MAXINT64 / 2;
  if (!get_count (state, "scale", run->style->scales->len - 1, &index, error) ||
      !get_count (state, "iteration", max, &run->iteration, error) ||
      !get_count (state, "skipped", max, &run->skipped, error) ||
      !get_count (state, "microseconds", max, &since_us, error) ||
      !get_count (state, "history", run->style->settings->history, &history, error))
    return FALSE;
  run->style->history = (int) history;
  *scale = (guint) index;
  run->began_us -= since_us;
  return restore_tiles (run->style, state, error);
}

gboolean
rv__style_restore_scale (RvStyleRun *run, GError **error)
{
  const RvTensorMap *state = run->style->resume;
  RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->own_bytes),
          stop = bytes_shape (sizeof run->stop);
  gsize bytes = (gsize) rv_shape_count (&canvas) * sizeof (float);
  const void *x = get_tensor (state, "x", RV_F32, &canvas, error),
             *own_data = x ? get_tensor (state, "optim.own", RV_U8, &own, error) : NULL,
             *stop_data = own_data ? get_tensor (state, "stop", RV_U8, &stop, error) : NULL,
             *average = stop_data && run->average ? get_tensor (state, "average", RV_F32, &canvas, error) : NULL;
  if (!stop_data || (run->average && !average) ||
      !get_count (state, "done", run->scale->iterations, &run->n_done, error) ||
      !get_count (state, "optim.iteration", G_MAXINT64 / 2, &optim->iteration, error))
    return FALSE;
  memcpy (run->style->x, x, bytes);
  if (average)
    memcpy (run->average, average, bytes);
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    const void *slot = get_tensor (state, name, RV_F32, &canvas, error);
    if (!slot)
      return FALSE;
    memcpy (optim->slot[i], slot, bytes);
  }
  memcpy (optim->own, own_data, optim->own_bytes);
  memcpy (&run->stop, stop_data, sizeof run->stop);
  if (run->stop.n < 0 || (optim->class->is_sound && !optim->class->is_sound (optim)))
    return refuse (error, "is damaged: the optimiser's numbers are none");
  return TRUE;
}
