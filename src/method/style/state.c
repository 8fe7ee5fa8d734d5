/* state.c -- a run of style transfer between two iterations, as tensors: what it needs to go on with the same
 * numbers as if it had never stopped.
 *
 *   x, average                  [3, rows, columns] of the scale's canvas
 *   optim.slot.K, optim.own     the optimiser's
 *   stop                        the losses that --plateau looks back on
 *   texts                       where the run is, its settings, its tiles, its kernels
 *
 * The targets are not in it: they are computed again. A state belongs to the version and the machine that wrote it.
 */
#include "method/run/state.h"
#include "method/style/run.h"
#include <string.h>

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

RvTensorMap *
rv_style_state (const RvStyleProgress *progress)
{
  const RvStyleRun *run = progress->run->run;
  const RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->own_bytes),
          stop = bytes_shape (sizeof run->stop);
  guint n_scales = run->style->scales->len;
  g_autofree RvFit *fits = g_new (RvFit, n_scales);
  RvTensorMap *state = rv__state_new (rv_style_options, run->style->settings, run->style->kernels);
  rv__state_set_view (state, "x", RV_F32, &canvas, run->style->x);
  if (run->average)
    rv__state_set_view (state, "average", RV_F32, &canvas, run->average);
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    rv__state_set_view (state, name, RV_F32, &canvas, optim->slot[i]);
  }
  rv__state_set_view (state, "optim.own", RV_U8, &own, optim->own);
  rv__state_set_view (state, "stop", RV_U8, &stop, &run->stop);
  for (guint i = 0; i < n_scales; i++)
    fits[i] = rv__style_scale (run->style, i)->fit;
  rv__state_set_fits (state, fits, n_scales);
  rv__state_set_count (state, "scale", run->scale - rv__style_scale (run->style, 0));
  rv__state_set_count (state, "done", run->n_done);
  rv__state_set_count (state, "iteration", run->iteration);
  rv__state_set_count (state, "skipped", run->skipped);
  rv__state_set_count (state, "optim.iteration", optim->iteration);
  rv__state_set_count (state, "history", run->style->history);
  rv__state_set_count (state, "microseconds", g_get_monotonic_time () - run->began_us);
  return state;
}

gboolean
rv_style_resume (RvStyle *style, RvTensorMap *state, GError **error)
{
  gint64 scale, done;
  if (!rv__style_ready (style, error) ||
      !rv__state_check (state, rv_style_options, style->settings, "a style transfer", error) ||
      !rv__state_get_count (state, "scale", style->scales->len - 1, &scale, error) ||
      !rv__state_get_count (state, "done", rv__style_scale (style, (guint) scale)->iterations, &done, error))
    return FALSE;
  RvShape canvas = canvas_shape (rv__style_scale (style, (guint) scale));
  if (!rv__state_get_tensor (state, "x", RV_F32, &canvas, error))
    return FALSE;

  rv__state_get_kernels (state, style->kernels);
  g_clear_pointer (&style->resume, rv_tensor_map_unref);
  style->resume = rv_tensor_map_ref (state);
  return TRUE;
}

gboolean
rv__style_restore_run (RvStyleRun *run, guint *scale, GError **error)
{
  const RvTensorMap *state = run->style->resume;
  gint64 index, since_us, history, max = G_MAXINT64 / 2;
  if (!rv__state_get_count (state, "scale", run->style->scales->len - 1, &index, error) ||
      !rv__state_get_count (state, "iteration", max, &run->iteration, error) ||
      !rv__state_get_count (state, "skipped", max, &run->skipped, error) ||
      !rv__state_get_count (state, "microseconds", max, &since_us, error) ||
      !rv__state_get_count (state, "history", run->style->settings->history, &history, error))
    return FALSE;
  run->style->history = (int) history;
  *scale = (guint) index;
  run->began_us -= since_us;

  guint n_scales = run->style->scales->len;
  g_autofree RvFit *fits = g_new0 (RvFit, n_scales);
  if (!rv__state_get_fits (state, fits, n_scales, error))
    return FALSE;
  for (guint i = 0; i < n_scales; i++)
    g_array_index (run->style->scales, RvScale, i).fit = fits[i];
  return TRUE;
}

gboolean
rv__style_restore_scale (RvStyleRun *run, GError **error)
{
  const RvTensorMap *state = run->style->resume;
  RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->own_bytes),
          stop = bytes_shape (sizeof run->stop);
  if (!rv__state_read_tensor (state, "x", RV_F32, &canvas, run->style->x, error) ||
      (run->average && !rv__state_read_tensor (state, "average", RV_F32, &canvas, run->average, error)) ||
      !rv__state_read_tensor (state, "optim.own", RV_U8, &own, optim->own, error) ||
      !rv__state_read_tensor (state, "stop", RV_U8, &stop, &run->stop, error) ||
      !rv__state_get_count (state, "done", run->scale->iterations, &run->n_done, error) ||
      !rv__state_get_count (state, "optim.iteration", G_MAXINT64 / 2, &optim->iteration, error))
    return FALSE;
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    if (!rv__state_read_tensor (state, name, RV_F32, &canvas, optim->slot[i], error))
      return FALSE;
  }
  if (run->stop.n < 0 || (optim->class->is_sound && !optim->class->is_sound (optim)))
    return rv__state_refuse (error, "is damaged: the optimiser's numbers are none");
  return TRUE;
}
