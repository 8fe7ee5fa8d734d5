/* state.c -- state of a style transfer between two iterations, as tensors. A resumed run computes the same numbers.
 *
 *   x, average                  [3, rows, columns] of the scale's canvas
 *   optim.slot.K, optim.own     the optimiser's slots and other state
 *   spectrum                    only with --space fourier: x is its picture
 *   start                       only with matched content: the canvas whose features were matched
 *   and the contents of rv__run_save()
 *
 * Targets are computed again. A state belongs to the version and the machine that wrote it. */
#include "method/run/state.h"
#include "method/style/style-run.h"
#include "tensor/tensor-map.h"

/* Shape of a canvas of @scale: [3, canvas_height, canvas_width]. */
static RvShape
canvas_shape (const RvScale *scale)
{
  return rv_shape (3, 3, scale->canvas_height, scale->canvas_width);
}

/* Shape of @size bytes: [size]. */
static RvShape
bytes_shape (gsize size)
{
  return rv_shape (1, (gint64) size);
}

RvTensorMap *
rv__style_state (const RvIteration *iteration)
{
  RvStyleRun *run = ((RvStyle *) iteration->run)->run;
  const RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->extra_state_bytes);
  RvTensorMap *state = rv__run_save (&run->common, rv__style_options (), run->style->initial_settings->fields);
  rv__state_set_view (state, "x", RV_F32, &canvas, run->style->x);
  if (run->fourier)
    rv__state_set_view (state, "spectrum", RV_F32, &canvas, rv__style_params (run));
  if (run->start)
    rv__state_set_view (state, "start", RV_F32, &canvas, run->start);
  if (run->average)
    rv__state_set_view (state, "average", RV_F32, &canvas, run->average);
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    rv__state_set_view (state, name, RV_F32, &canvas, optim->slot[i]);
  }
  rv__state_set_view (state, "optim.own", RV_U8, &own, optim->extra_state);
  rv__tensor_map_set_count (state, "optim.iteration", optim->iteration);
  rv__tensor_map_set_count (state, "optim.shrunk", run->style->engine->n_shrunk);
  return state;
}

gboolean
rv__style_resume (RvStyle *style, RvTensorMap *state, GError **error)
{
  gint64 scale, done;
  if (!rv__style_check_ready (style, error) ||
      !rv__state_check (state, rv__style_options (), style->initial_settings->fields, "a style transfer", error) ||
      !rv__state_get_count (state, "stage", style->scales->len - 1, &scale, error) ||
      !rv__state_get_count (state, "done", rv__style_scale (style, (guint) scale)->iterations, &done, error))
    return FALSE;
  RvShape canvas = canvas_shape (rv__style_scale (style, (guint) scale));
  if (!rv__state_get_tensor (state, "x", RV_F32, &canvas, error) || !rv__style_replace_engine (style, error))
    return FALSE;

  rv__state_get_kernels (state, style->engine->kernels);
  g_clear_pointer (&style->resume, rv_tensor_map_unref);
  style->resume = rv_tensor_map_ref (state);
  return TRUE;
}

gboolean
rv__style_restore_run (RvStyleRun *run, GError **error)
{
  const RvStyle *style = run->style;
  gint64 n_shrunk;
  if (!rv__run_restore (&run->common, style->resume, error) ||
      !rv__state_get_count (style->resume, "optim.shrunk", G_MAXINT, &n_shrunk, error))
    return FALSE;
  style->engine->n_shrunk = (int) n_shrunk;
  return TRUE;
}

gboolean
rv__style_restore_scale (RvStyleRun *run, GError **error)
{
  const RvTensorMap *state = run->style->resume;
  RvOptim *optim = run->optim;
  RvShape canvas = canvas_shape (run->scale), own = bytes_shape (optim->extra_state_bytes);
  if (!rv__state_read_tensor (state, "x", RV_F32, &canvas, run->style->x, error) ||
      (run->fourier && !rv__state_read_tensor (state, "spectrum", RV_F32, &canvas, rv__style_params (run), error)) ||
      (run->average && !rv__state_read_tensor (state, "average", RV_F32, &canvas, run->average, error)) ||
      !rv__state_read_tensor (state, "optim.own", RV_U8, &own, optim->extra_state, error) ||
      !rv__state_get_count (state, "optim.iteration", G_MAXINT64 / 2, &optim->iteration, error))
    return FALSE;
  for (int i = 0; i < optim->n_slots; i++) {
    g_autofree char *name = g_strdup_printf ("optim.slot.%d", i);
    if (!rv__state_read_tensor (state, name, RV_F32, &canvas, optim->slot[i], error))
      return FALSE;
  }
  if (optim->class->is_valid && !optim->class->is_valid (optim))
    return rv__state_refuse (error, "is damaged: the optimiser's numbers are not valid");
  return !run->fourier ||
         rv__style_update_picture (run, error); /* rv__fourier_gradient() needs the picture of this spectrum */
}
