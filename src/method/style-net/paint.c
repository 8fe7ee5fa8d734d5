/* paint.c -- paints a picture with a style network: mixes styles, plans memory, paints the whole or in strips.
 *
 * The reflected borders of the convolutions make a lighter line along the border of the result. The picture is
 * therefore extended by a mirrored margin, which is cut off after painting. */
#include "method/style-net/style-net.h"
#include "base/error.h"
#include "base/mirror.h"
#include "base/system.h"
#include "base/text.h"
#include "method/compute.h"
#include "method/objective/fit.h"
#include <math.h>
#include <string.h>

#define MARGIN RV_STYLE_NET_MARGIN_PX

float *
rv__style_net_mix (const float *const *numbers, const double *weights, guint n_styles, gint64 n, const char *what,
                   GError **error)
{
  double sum = 0;
  gboolean ok = TRUE;
  for (guint i = 0; i < n_styles; i++) {
    ok = ok && isfinite (weights[i]) && weights[i] >= 0;
    sum += weights[i];
  }
  if (!ok || !(sum > 0) || !isfinite (sum))
    return rv__error_null (error, RV_ERROR_SETTING, "the weights of %s must be 0 or more, and not all 0", what);
  float *mixed = g_new0 (float, n);
  for (guint i = 0; i < n_styles; i++)
    for (gint64 k = 0; k < n; k++)
      mixed[k] += (float) (weights[i] / sum) * numbers[i][k];
  return mixed;
}

gboolean
rv__style_net_check_size (gint64 height, gint64 width, GError **error)
{
  return MIN (height, width) >= RV_STYLE_NET_MIN_PX ||
         rv__error_set (error, RV_ERROR_SHAPE,
                        "a picture of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                        " px is too small to paint; each side must have at least %d px",
                        width, height, RV_STYLE_NET_MIN_PX);
}

void
rv__style_net_extend_rows (const RvImage *image, double grain, gint64 first, gint64 n, float *to)
{
  int width = image->width, extended = width + 2 * MARGIN;
  for (gint64 i = 0; i < 3 * n; i++) {
    int y = rv__mirror_about_last ((int) (first + i % n) - MARGIN, image->height);
    const float *row = (const float *) image->rgb->data + (i / n * image->height + y) * width;
    memcpy (to + i * extended + MARGIN, row, (gsize) width * sizeof (float));
    for (int x = 0; x < MARGIN; x++) {
      to[i * extended + x] = row[rv__mirror_about_last (x - MARGIN, width)];
      to[i * extended + MARGIN + width + x] = row[rv__mirror_about_last (width + x, width)];
    }
  }
  if (grain > 0)
    rv__grain_add (to, n, extended, (guint32) -MARGIN, (guint32) (first - MARGIN), grain, to);
}

void
rv__style_net_crop_rows (const float *from, gint64 plane, gint64 first, gint64 n, RvImage *painted)
{
  gint64 width = painted->width, height = painted->height;
  for (gint64 c = 0; c < 3; c++)
    for (gint64 i = MAX (MARGIN - first, 0); i < MIN (n, MARGIN + height - first); i++)
      memcpy ((float *) painted->rgb->data + (c * height + first + i - MARGIN) * width,
              from + c * plane + i * (width + 2 * MARGIN) + MARGIN, (gsize) width * sizeof (float));
}

/* Sets *available to the memory that a picture may still take. @allowed: limit of the process and of the device,
 * bytes; 0: four fifths of what is free. */
static void
find_available (const RvBackendClass *backend, gsize allowed, RvMemoryLimits *available)
{
  gsize now = rv__system_resident_bytes () + RV_LIBRARY_BYTES;
  rv__memory_allowed (backend, NULL, available);
  if (allowed)
    *available = (RvMemoryLimits){ allowed, MIN (available->device, allowed) };
  available->host = available->host > now ? available->host - now : 0;
}

gboolean
rv__style_net_bind_whole (RvExecutable *executable, int width, int height, gsize allowed, GError **error)
{
  gsize bytes = rv__executable_memory (executable), device_bytes = rv__executable_device_memory (executable);
  RvMemoryLimits limits;
  if (executable->arena)
    return TRUE;
  find_available (executable->backend, allowed, &limits);
  gsize available = limits.host;
  if (device_bytes > limits.device)
    bytes = device_bytes, available = limits.device;
  if (bytes <= available)
    return rv__executable_bind (executable, error);
  int fitting_px = (int) (MAX (width, height) * sqrt ((double) available / (double) bytes));
  g_autofree char *needed = rv_text_bytes (bytes), *there = rv_text_bytes (available),
                  *about = fitting_px < RV_STYLE_NET_MIN_PX ? g_strdup ("") : g_strdup_printf (" to %d", fitting_px);
  return rv__error_with_options (
    error, RV_ERROR_MEMORY, "memory,size",
    "to paint %d x %d px in one piece takes %s, and %s are available; raise 'memory', or lower 'size'%s", width, height,
    needed, there, about);
}

void
rv__style_net_plan_whole (const RvExecutable *executable, RvPlan *plan)
{
  *plan = (RvPlan){ .n_tiles = 1, .device_peak_bytes = rv__executable_device_memory (executable) };
  plan->peak_bytes =
    rv__system_resident_bytes () + RV_LIBRARY_BYTES + (executable->arena ? 0 : rv__executable_memory (executable));
}

/* Method and memory for painting a picture. */
typedef struct {
  const RvBackendClass *backend;
  int n_threads;
  gint64 rows;        /* height of a strip in units of 4 px; 0: the whole picture */
  gsize bytes;        /* memory besides the pictures, still to be allocated; 0: the engine is bound */
  gsize device_bytes; /* memory in a device, allocated or not */
} PaintPlan;

/* Compiles style_net->engine for this size with the margin, and for the backend and the thread count of @plan, or keeps
 * the engine of the last picture if it fits them. After an error style_net->engine is NULL. */
static gboolean
compile_for_size (RvStyleNet *style_net, const PaintPlan *plan, int height, int width, GError **error)
{
  RvStyleNetEngine *engine = style_net->engine;
  height += 2 * MARGIN;
  width += 2 * MARGIN;
  if (engine && engine->height == height && engine->width == width &&
      engine->executable->n_threads == plan->n_threads && engine->backend == plan->backend)
    return TRUE;
  g_clear_pointer (&style_net->engine, rv__style_net_engine_free);
  style_net->engine =
    rv__style_net_engine_new (style_net, NULL, 1, height, width, plan->backend, plan->n_threads, error);
  return style_net->engine != NULL;
}

/* Whether the memory of @plan is at most @available. */
static gboolean
fits (const PaintPlan *plan, const RvMemoryLimits *available)
{
  return plan->bytes <= available->host && plan->device_bytes <= available->device;
}

/* Sets plan->rows to the tallest strips that fit into @available, and plan->bytes and device_bytes to their memory. The
 * caller has set plan->backend and n_threads. RV_ERROR_MEMORY if none fit. */
static gboolean
plan_strips (const RvStyleNet *style_net, int height, int width, const RvMemoryLimits *available, PaintPlan *plan,
             GError **error)
{
  static const gint64 sizes[] = { 512, 256, 128, 64, 32, 16, 8, 4 };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    plan->rows = sizes[i];
    if (!rv__style_net_strips_memory (style_net, height, width, plan->rows, plan->backend, plan->n_threads,
                                      &plan->bytes, &plan->device_bytes, error))
      return FALSE;
    if (fits (plan, available))
      return TRUE;
  }
  gboolean on_host = plan->bytes > available->host;
  g_autofree char *needed = rv_text_bytes (on_host ? plan->bytes : plan->device_bytes),
                  *available_text = rv_text_bytes (on_host ? available->host : available->device);
  return rv__error_with_options (error, RV_ERROR_MEMORY, "memory,size",
                                 "to paint %d x %d px takes %s, and %s are available; raise 'memory' or lower 'size'",
                                 width, height, needed, available_text);
}

/* Overwrites *plan for a picture of this size. If the whole picture fits into the memory, or its engine is bound
 * already (then plan->bytes is 0), rows is 0 and style_net->engine is compiled. Else plans strips and frees the
 * engine. @n_threads: 0: one for each physical core. */
static gboolean
plan_paint (RvStyleNet *style_net, int height, int width, int n_threads, PaintPlan *plan, GError **error)
{
  RvMemoryLimits available;
  *plan = (PaintPlan){ .n_threads = rv__compute_threads (n_threads),
                       .backend = style_net->backend ? style_net->backend : rv__compute_backend (NULL, NULL, error) };
  if (!plan->backend || !compile_for_size (style_net, plan, height, width, error)) /* may free the last engine */
    return FALSE;
  find_available (plan->backend, style_net->allowed, &available);
  plan->device_bytes = rv__executable_device_memory (style_net->engine->executable);
  if (rv__style_net_engine_is_bound (style_net->engine)) /* already allocated for the last picture */
    return TRUE;
  plan->bytes = rv__executable_memory (style_net->engine->executable);
  if (!plan->backend->memory->is_host) /* copies of x and y that paint_at_once() maps */
    plan->bytes += 6 * sizeof (float) * (gsize) (style_net->engine->height * style_net->engine->width);
  if (fits (plan, &available))
    return TRUE;
  g_clear_pointer (&style_net->engine, rv__style_net_engine_free);
  return plan_strips (style_net, height, width, &available, plan, error);
}

/* Paints the whole @image with style_net->engine, compiled for its size, in the style @numbers; writes the colours
 * of @painted, unclamped. After an error style_net->engine is freed and NULL. */
static gboolean
paint_at_once (RvStyleNet *style_net, const RvImage *image, const float *numbers, RvImage *painted, GError **error)
{
  RvStyleNetEngine *engine = style_net->engine;
  RvExecutable *executable = engine->executable;
  float *x = NULL, *y = NULL;
  gboolean ok = rv__style_net_engine_bind (engine, error) && rv__style_net_engine_set_style (engine, numbers, error) &&
                (x = rv__executable_map (executable, engine->x, error));
  if (ok)
    rv__style_net_extend_rows (image, style_net->grain, 0, engine->height, x);
  ok = ok && rv__executable_push (executable, engine->x, error) && rv__executable_forward (executable, error) &&
       (y = rv__executable_map (executable, engine->y, error)) && rv__executable_pull (executable, engine->y, error);
  if (ok)
    rv__style_net_crop_rows (y, engine->height * engine->width, 0, engine->height, painted);
  else /* partly bound, or lost with its device, it must not paint the next picture */
    g_clear_pointer (&style_net->engine, rv__style_net_engine_free);
  return ok;
}

gboolean
rv__style_net_paint_to (RvStyleNet *style_net, const RvImage *image, const double *parts, int n_threads,
                        RvImage *painted, GError **error)
{
  PaintPlan plan;
  guint n_styles = style_net->styles->len;
  g_autofree const float **all = g_new (const float *, n_styles);
  for (guint i = 0; i < n_styles; i++)
    all[i] = rv__style_net_style (style_net, i)->numbers->data;
  g_autofree float *numbers = rv__style_net_mix (all, parts, n_styles, 2 * RV_STYLE_NET_CHANNELS, "styles", error);
  if (!numbers || !plan_paint (style_net, image->height, image->width, n_threads, &plan, error))
    return FALSE;
  int before = rv__system_use_threads (plan.n_threads);
  gboolean ok = plan.rows ? rv__style_net_paint_strips (style_net, image, numbers, plan.rows, plan.backend,
                                                        plan.n_threads, painted, error)
                          : paint_at_once (style_net, image, numbers, painted, error);
  rv__system_use_threads (before);
  if (!ok)
    return FALSE;
  float *rgb = painted->rgb->data;
  if (!rv__style_net_all_finite (rgb, rv_tensor_count (painted->rgb)))
    return rv__error_set (error, RV_ERROR_NUMBER, "the style network's numbers are too large: its file is damaged");
  for (gint64 i = 0, n = rv_tensor_count (painted->rgb); i < n; i++)
    rgb[i] = CLAMP (rgb[i], 0, 255);
  return TRUE;
}

RvImage *
rv_style_net_paint (RvStyleNet *style_net, const RvImage *image, const double *parts, int n_threads, GError **error)
{
  g_autoptr (RvImage) painted = rv_image_new (image->width, image->height, error);
  if (!painted || !rv__style_net_paint_to (style_net, image, parts, n_threads, painted, error))
    return NULL;
  painted->alpha = image->alpha ? rv_tensor_ref (image->alpha) : NULL;
  return g_steal_pointer (&painted);
}

void
rv__style_net_set_memory (RvStyleNet *style_net, gsize bytes)
{
  style_net->allowed = bytes;
}

gboolean
rv__style_net_plan (RvStyleNet *style_net, int width, int height, int n_threads, RvPlan *plan, GError **error)
{
  PaintPlan paint;
  if (!plan_paint (style_net, height, width, n_threads, &paint, error))
    return FALSE;
  gint64 rows = (height + 2 * MARGIN + 3) / 4;
  *plan = (RvPlan){ .n_tiles = paint.rows ? (int) ((rows + paint.rows - 1) / paint.rows) : 1,
                    .peak_bytes = rv__system_resident_bytes () + RV_LIBRARY_BYTES + paint.bytes,
                    .device_peak_bytes = paint.device_bytes };
  return TRUE;
}
