/* video-style.c -- style transfer on videos, steady from frame to frame.
 *
 *   first frame of a shot: a whole run
 *   other frames: from x_w, the last result moved along the flow (video.c), minimise
 *     L (x) + beta * sum m |x - x_w|^2 / (3 sum m), a few iterations at the last scale
 *
 * Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for videos". There, every pixel of each frame is painted
 * again, and the painting itself is propagated, not its difference to the video. Disoccluded areas are painted at up to
 * half the size first, and start the last scale from that. From the video's own pixels, the last scale alone makes thin
 * wavy lines instead of strokes. Propagated pixels belong to other objects there. */
#include "method/video/video-style.h"
#include "base/blur.h"
#include "base/option.h"
#include "base/system.h"
#include "io/image/frame.h"
#include "loss/loss.h"
#include "method/video/video-disocclusion.h"
#include "method/style/color.h"
#include "method/style/style-internal.h"
#include <string.h>

#define MOTION_WORK 3        /* time of flow estimation, in iterations */
#define COLORS_PX 16.0       /* sigma of the Gaussian that removes strokes but keeps their colours */
#define AROUND_PX 12.0       /* sigma of the Gaussian around a disoccluded area */
#define AROUND_TIMES 3.0f    /* factor after that Gaussian; the result is cut at 1 */
#define MAX_STYLE_SCALE 10.0 /* maximum of `style-scale` */
#define WHITE 255.0f

/* Renderer of windows of one size, at half that size. `climbs`: region_settings() of this size. */
typedef struct {
  int width, height; /* px of the window */
  RvSettings *climbs;
  RvStyle *model; /* never run: other runs reuse its targets and engine */
} RegionRenderer;

/* Renderer of a style video. */
typedef struct {
  RvVideoStyleSpec spec;
  RvSettings *begins, *follows; /* settings of frames that begin a shot; that continue one */
  RvImage **styles;             /* owned; with `match-colors`, in the colours of the first frame */
  RvColorMode keep_colors;      /* setting `keep-colors`, which finish_frame() applies */
  RvRegions *regions;           /* those of `model`, or NULL */
  RvStyle *model;               /* never run: frames reuse its targets, later frames of a shot also its engine */
  GArray *small;                /* RegionRenderer, for disoccluded areas; the most recently used is last */
} StyleRenderer;

/* ---- preparation ------------------------------------------------------------------------------------------------- */

/* (transfer full): a copy of @settings with @changes, which must be valid and end with a row without an option. */
static RvSettings *
settings_with (const RvSettings *settings, const RvOptionValue *changes)
{
  RvSettings *copy = rv__settings_copy (settings);
  for (const RvOptionValue *change = changes; change->option; change++)
    rv_settings_set (copy, change->option, change->value, NULL);
  return copy;
}

/* Frees the members of a RegionRenderer, not the struct. */
static void
clear_region_renderer (gpointer data)
{
  RegionRenderer *small = data;
  rv_settings_free (small->climbs);
  rv__style_free (small->model);
}

/* (nullable): the regions of the current frame; NULL: not divided. Borrowed. */
static RvRegions *
current_regions (const StyleRenderer *renderer)
{
  return renderer->spec.regions ? rv__mask_tracker_regions (renderer->spec.regions) : NULL;
}

/* (nullable): masks of the current frame, one for each style or region; NULL: none. *n: (out): number of styles or
 * regions. Borrowed. */
static RvImage *const *
current_masks (const StyleRenderer *renderer, int *n)
{
  const RvRegions *regions = current_regions (renderer);
  *n = regions ? regions->n : renderer->spec.n_styles;
  return regions ? rv__mask_tracker_masks (renderer->spec.regions) : renderer->spec.masks;
}

/* (transfer full) (nullable): a style transfer on @frame, not yet run, with the styles, masks, kernels and stop
 * requests of the spec. @start: (nullable): the picture to start from if the setting `init` is picture. */
static RvStyle *
new_style (const StyleRenderer *renderer, const RvSettings *settings, RvImage *frame, RvImage *start, GError **error)
{
  int n;
  const RvVideoStyleSpec *spec = &renderer->spec;
  RvRegions *regions = current_regions (renderer);
  RvImage *const *masks = current_masks (renderer, &n);
  RvStyle *style = rv__style_new (settings, spec->net, frame, renderer->styles, spec->n_styles, start, error);
  if (!style)
    return NULL;
  rv__style_set_kernels (style, spec->kernels);
  if (regions)
    rv__style_set_regions (style, regions);
  if (masks)
    rv__style_set_masks (style, masks);
  if (spec->protect)
    rv__style_set_protect (style, *spec->protect);
  if (spec->keep)
    rv__style_set_keep (style, *spec->keep);
  if (spec->faces)
    rv__style_set_faces (style, *spec->faces);
  rv__style_set_stop_request (style, spec->stop_request);
  return style;
}

/* (transfer full) (nullable): a style transfer, not yet run, on @frame, which continues a shot, from @start, which is
 * also the previous frame of the temporal loss. @weight: (nullable: 1): temporal weight of each pixel.
 * @static_mask: (nullable). */
static RvStyle *
new_follower (const StyleRenderer *renderer, RvImage *frame, RvImage *start, RvTensor *weight, RvTensor *static_mask,
              GError **error)
{
  RvShape shape = rv_shape (4, 1, 1, frame->height, frame->width);
  g_autoptr (RvTensor) all = weight ? rv_tensor_ref (weight) : rv_tensor_new (RV_F32, &shape, error);
  for (gint64 i = 0; !weight && all && i < rv_tensor_count (all); i++)
    ((float *) all->data)[i] = 1;
  g_autoptr (RvStyle) style = all ? new_style (renderer, renderer->follows, frame, start, error) : NULL;
  return style && rv__style_set_previous_frame (style, start, all, static_mask, error) ? g_steal_pointer (&style)
                                                                                       : NULL;
}

/* RvFrameRenderer.free; @data: a StyleRenderer. */
static void
free_renderer (gpointer data)
{
  StyleRenderer *renderer = data;
  for (int i = 0; renderer->styles && renderer->styles[i]; i++)
    rv_image_unref (renderer->styles[i]);
  g_free (renderer->styles);
  rv_settings_free (renderer->begins);
  rv_settings_free (renderer->follows);
  rv__style_free (renderer->model);
  rv__regions_unref (renderer->regions);
  g_array_unref (renderer->small);
  g_free (renderer);
}

/* Replaces renderer->model, and drops all renderers of disoccluded areas, if regions were found again since the last
 * call, or at the first call. After an error, renderer->model is NULL. */
static gboolean
update_model (StyleRenderer *renderer, RvImage *frame, GError **error)
{
  RvRegions *regions = current_regions (renderer);
  if (renderer->model && regions == renderer->regions)
    return TRUE;
  g_array_set_size (renderer->small, 0);
  g_clear_pointer (&renderer->model, rv__style_free);
  rv__regions_unref (renderer->regions);
  renderer->regions = regions ? rv__regions_ref (regions) : NULL;
  renderer->model = new_follower (renderer, frame, frame, NULL, NULL, error);
  return renderer->model != NULL;
}

/* RvFrameRenderer.prepare; @data: a StyleRenderer. Sets renderer->styles and ->model, which are NULL before, by the
 * first frame, @frame. */
static gboolean
prepare (gpointer data, RvImage *frame, GError **error)
{
  StyleRenderer *renderer = data;
  const RvVideoStyleSpec *spec = &renderer->spec;
  gboolean match = rv_settings_get_bool (spec->settings, "match-colors", NULL);
  renderer->styles = g_new0 (RvImage *, spec->n_styles + 1);
  for (int i = 0; i < spec->n_styles; i++)
    if (!(renderer->styles[i] =
            rv__color_transfer (spec->styles[i], frame, match ? RV_COLOR_COVARIANCE : RV_COLOR_NONE, error)))
      return FALSE;
  return update_model (renderer, frame, error);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* RvIterationFunc; @video: the RvVideoRun. Copies the losses to the frame's report and reports the iteration. All
 * frames report the same losses: the one of the last frame is 0 in a frame that has none. FALSE if the video is
 * stopped, which ends the run. */
static gboolean
on_iteration (const RvIteration *p, gpointer video)
{
  RvFrameReport *made = rv__video_frame_report (video);
  const char *const *names = rv__style_losses (p->run);
  const char *temporal = rv__loss_for ("last frame")->group;
  double temporal_loss = 0;
  int n = 0;
  for (int i = 0; names[i] && n < RV_VIDEO_LOSSES - 1; i++)
    if (g_str_equal (names[i], temporal))
      temporal_loss = p->losses[i];
    else {
      made->names[n] = names[i];
      made->losses[n++] = p->losses[i];
    }
  made->names[n] = temporal;
  made->losses[n++] = temporal_loss;
  made->n_losses = n;
  return rv__video_report_step (video, p->done_01, p->loss);
}

/* RvIterationFunc; @video: the RvVideoRun. Reports an iteration on a disoccluded area, which precedes its frame: 0 of
 * the frame is done. FALSE if the video is stopped. */
static gboolean
on_region_iteration (const RvIteration *p, gpointer video)
{
  return rv__video_report_step (video, 0, p->loss);
}

/* (transfer full) (nullable): the result of @style, which shares the caches of @model. @progress gets @video. If the
 * video is stopped, the unfinished picture. */
static RvImage *
run_style (RvVideoRun *video, RvStyle *style, const RvStyle *model, RvIterationFunc progress, GError **error)
{
  RvImage *made = NULL;
  rv__style_reuse (style, model);
  if (!rv__style_run (style, progress, video, &made, error))
    g_clear_pointer (&made, rv_image_unref);
  return made;
}

/* RvFrameRenderer.render_first; @data: a StyleRenderer. (transfer full) (nullable): the result of a whole style
 * transfer of @frame. */
static RvImage *
paint_first (gpointer data, RvVideoRun *video, RvImage *frame, GError **error)
{
  StyleRenderer *renderer = data;
  g_autoptr (RvStyle) style =
    update_model (renderer, frame, error) ? new_style (renderer, renderer->begins, frame, NULL, error) : NULL;
  return style ? run_style (video, style, renderer->model, on_iteration, error) : NULL;
}

/* ---- disoccluded areas ------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a copy of the part of @image in @window. */
static RvImage *
crop (const RvImage *image, const RvVideoRegion *window, GError **error)
{
  return rv__image_crop (image, window->x, window->y, window->width, window->height, error);
}

/* Moves @a, in place, toward @b by the fraction @u, 0..1, within @window of @a, whose size @b has. @u: one plane of
 * the size of @a. */
static void
mix (RvImage *a, const RvImage *b, const RvVideoRegion *window, const RvTensor *u)
{
  const float *from = b->rgb->data, *part = u->data;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < window->height; y++) {
      gint64 first = (gint64) (window->y + y) * a->width + window->x;
      float *to = (float *) a->rgb->data + (gint64) c * a->width * a->height + first;
      for (int x = 0; x < window->width; x++, from++)
        to[x] += part[first + x] * (*from - to[x]);
    }
}

/* Whether half the frame's size is large enough for `start-size`, so that disoccluded areas are painted first. FALSE if
 * `start-size` is 0. */
static gboolean
can_render_regions (const StyleRenderer *renderer, const RvImage *frame)
{
  gint64 least_px = rv_settings_get_int (renderer->begins, "start-size", NULL);
  return least_px > 0 && MAX (frame->width, frame->height) / 2 >= least_px;
}

/* (transfer full): settings for a window whose longest side is the fraction @part_01 of the frame's. Those of a
 * shot's first frame, but with a start picture and the iterations of a following frame. `start-size` and
 * `style-scale` change with @part_01: the number of scales and the size of the style pictures in px stay. */
static RvSettings *
region_settings (const StyleRenderer *renderer, double part_01)
{
  double start_size = (double) rv_settings_get_int (renderer->begins, "start-size", NULL) * part_01,
         style_scale = rv_settings_get_real (renderer->begins, "style-scale", NULL) / part_01;
  g_autofree char *from = g_strdup_printf ("%d", MAX ((int) start_size, 1)),
                  *iterations = g_strdup_printf ("%" G_GINT64_FORMAT, renderer->spec.frame_iterations);
  char scale[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_dtostr (scale, sizeof scale, MIN (style_scale, MAX_STYLE_SCALE));
  const RvOptionValue changes[] = {
    { "init", "picture" }, { "iterations", iterations }, { "start-size", from }, { "style-scale", scale }, { 0 }
  };
  return settings_with (renderer->begins, changes);
}

/* (transfer full) (nullable): a mask of the frame's size: @mask (nullable: white) times AROUND_TIMES @near, at most
 * 1. @near: the blurred disoccluded area, f32 [1, 1, height, width], 0..1. */
static RvImage *
mask_around (const RvTensor *near, const RvImage *mask, const RvImage *frame, GError **error)
{
  RvImage *around = mask ? rv_image_resize (mask, frame->width, frame->height, RV_IMAGE_RESIZE_BEST, error)
                         : rv_image_new (frame->width, frame->height, error);
  gint64 n = rv_tensor_count (near);
  const float *u = near->data;
  for (gint64 i = 0; around && i < 3 * n; i++) {
    float *to = (float *) around->rgb->data + i;
    *to = (mask ? *to : WHITE) * MIN (AROUND_TIMES * u[i % n], 1);
  }
  return around;
}

/* Replaces the masks of @style, on *window at half size: those of the styles by masks around the disoccluded area
 * @disoccluded, f32 [1, 1, height, width] of @frame. The rest of the window is painted already and would satisfy the
 * style loss. Pixels of the whole window may change. An error leaves @style unchanged. */
static gboolean
limit_to_region (const StyleRenderer *renderer, RvStyle *style, const RvVideoRegion *window,
                 const RvTensor *disoccluded, const RvImage *frame, GError **error)
{
  int n;
  RvImage *const *of_frame = current_masks (renderer, &n);
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_autoptr (RvTensor) near = rv_tensor_new (RV_F32, &disoccluded->shape, error);
  if (!near || !rv__blur (disoccluded->data, near->data, 1, frame->width, frame->height, AROUND_PX, error))
    return FALSE;
  for (int i = 0; i < n; i++) {
    g_autoptr (RvImage) whole = mask_around (near, of_frame ? of_frame[i] : NULL, frame, error);
    RvImage *mask = whole ? crop (whole, window, error) : NULL;
    if (!mask)
      return FALSE;
    g_ptr_array_add (masks, mask);
  }
  if (renderer->spec.faces) {
    g_autoptr (RvImage) faces = crop (*renderer->spec.faces, window, error);
    if (!faces)
      return FALSE;
    rv__style_set_faces (style, faces);
  }
  rv__style_set_masks (style, (RvImage *const *) masks->pdata);
  rv__style_paint_all (style);
  return TRUE;
}

/* (transfer full) (nullable): a style transfer, not yet run, on the window of @frame at half its size, from that of
 * @start. @climbs: its settings. @disoccluded: the disoccluded area, which its masks enclose. */
static RvStyle *
new_region_style (const StyleRenderer *renderer, const RvSettings *climbs, const RvVideoRegion *window,
                  const RvImage *frame, const RvImage *start, const RvTensor *disoccluded, GError **error)
{
  int width = window->width / 2, height = window->height / 2;
  g_autoptr (RvImage) part = crop (frame, window, error);
  g_autoptr (RvImage) begun = part ? crop (start, window, error) : NULL;
  g_autoptr (RvImage) small = begun ? rv_image_resize (part, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  g_autoptr (RvImage) from = small ? rv_image_resize (begun, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  g_autoptr (RvStyle) style = from ? new_style (renderer, climbs, small, from, error) : NULL;
  return style && limit_to_region (renderer, style, window, disoccluded, frame, error) ? g_steal_pointer (&style)
                                                                                       : NULL;
}

/* Frees the renderers of renderer->small used longest ago, until the windows of all together have at most @frame_px
 * pixels, those of a frame: the plan counts that much memory. The latest one stays in any case. */
static void
trim_region_renderers (StyleRenderer *renderer, gint64 frame_px)
{
  gint64 n_px = 0;
  for (guint i = renderer->small->len; i-- > 0;) {
    const RegionRenderer *small = &g_array_index (renderer->small, RegionRenderer, i);
    n_px += (gint64) small->width * small->height;
    if (n_px > frame_px && i + 1 < renderer->small->len) {
      g_array_remove_range (renderer->small, 0, i + 1);
      return;
    }
  }
}

/* (nullable): the renderer for windows of the size of @window, moved to the end of renderer->small. If there is none, a
 * new one, made from @frame and @disoccluded; the content does not matter, because other runs reuse only settings and
 * compiled programs. Then calls trim_region_renderers(). Owned by @renderer until the next call. */
static const RegionRenderer *
acquire_region_renderer (StyleRenderer *renderer, const RvVideoRegion *window, const RvImage *frame,
                         const RvTensor *disoccluded, GError **error)
{
  RegionRenderer small = { .width = window->width, .height = window->height };
  double longest_px = MAX (frame->width, frame->height);
  for (guint i = 0; i < renderer->small->len && !small.model; i++) {
    RegionRenderer *known = &g_array_index (renderer->small, RegionRenderer, i);
    if (known->width != window->width || known->height != window->height)
      continue;
    small = *known;
    *known = (RegionRenderer){ 0 };
    g_array_remove_index (renderer->small, i);
  }
  if (!small.model) {
    small.climbs = region_settings (renderer, MAX (window->width, window->height) / longest_px);
    small.model = new_region_style (renderer, small.climbs, window, frame, frame, disoccluded, error);
    if (!small.model) {
      clear_region_renderer (&small);
      return NULL;
    }
  }
  g_array_append_val (renderer->small, small);
  trim_region_renderers (renderer, (gint64) frame->width * frame->height);
  return &g_array_index (renderer->small, RegionRenderer, renderer->small->len - 1);
}

/* (transfer full) (nullable): the picture of @window, painted at half its size from @start, and enlarged to its size.
 * Reports iterations to @video. */
static RvImage *
paint_region (StyleRenderer *renderer, RvVideoRun *video, const RvVideoRegion *window, const RvImage *frame,
              const RvImage *start, const RvTensor *disoccluded, GError **error)
{
  const RegionRenderer *small = acquire_region_renderer (renderer, window, frame, disoccluded, error);
  g_autoptr (RvStyle) style =
    small ? new_region_style (renderer, small->climbs, window, frame, start, disoccluded, error) : NULL;
  g_autoptr (RvImage) made = style ? run_style (video, style, small->model, on_region_iteration, error) : NULL;
  return made ? rv_image_resize (made, window->width, window->height, RV_IMAGE_RESIZE_BEST, error) : NULL;
}

/* Blends @start, in place, by @disoccluded, f32 [1, 1, height, width], 0..1, toward @frame in the colours of the paint
 * around, without strokes. An error leaves @start unchanged. */
static gboolean
fill_colors (RvImage *start, const RvImage *frame, const RvTensor *disoccluded, GError **error)
{
  gint64 n = rv_tensor_count (frame->rgb);
  g_autoptr (RvImage) colored = rv_image_new (frame->width, frame->height, error);
  if (!colored)
    return FALSE;
  const float *now = frame->rgb->data, *painted = start->rgb->data;
  float *to = colored->rgb->data;
  for (gint64 i = 0; i < n; i++)
    to[i] = painted[i] - now[i];
  if (!rv__blur (to, to, 3, frame->width, frame->height, COLORS_PX, error))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    to[i] += now[i];
  mix (start, colored, &(RvVideoRegion){ 0, 0, frame->width, frame->height }, disoccluded);
  return TRUE;
}

/* Adds disoccluded areas to motion->pending_disocclusion. Paints areas that are wide enough, at half size, into @start
 * in place, and removes them from pending_disocclusion. Reports iterations to @video. Returns TRUE without doing
 * anything if the frame is too small for it, and without painting if no area is wide enough. An error may leave
 * @start and pending_disocclusion changed. */
static gboolean
start_disoccluded (StyleRenderer *renderer, RvVideoRun *video, const RvImage *frame, RvFrameMotion *motion,
                   RvImage *start, GError **error)
{
  gboolean found = FALSE;
  RvVideoRegion window;
  if (!can_render_regions (renderer, frame))
    return TRUE;
  if (!rv__disocclusion_add (motion, error) ||
      (motion->pending_disocclusion &&
       !rv__disocclusion_compute_region (motion->pending_disocclusion, &window, &found, error)))
    return FALSE;
  if (!found)
    return TRUE;
  g_autoptr (RvTensor) disoccluded = rv__disocclusion_extract (motion->pending_disocclusion, &window, error);
  if (!disoccluded || !fill_colors (start, frame, disoccluded, error))
    return FALSE;
  g_autoptr (RvImage) painted = paint_region (renderer, video, &window, frame, start, disoccluded, error);
  if (painted)
    mix (start, painted, &window, disoccluded);
  return painted != NULL;
}

/* RvFrameRenderer.render_next; @data: a StyleRenderer. (transfer full) (nullable): the result. Paints disoccluded areas
 * into @start, in place, then runs a style transfer of @frame from @start. */
static RvImage *
paint_next (gpointer data, RvVideoRun *video, RvImage *frame, RvImage *start, RvFrameMotion *motion, GError **error)
{
  StyleRenderer *renderer = data;
  if (!update_model (renderer, frame, error) || !start_disoccluded (renderer, video, frame, motion, start, error))
    return NULL;
  g_autoptr (RvStyle) style =
    new_follower (renderer, frame, start, motion->temporal_weight, motion->static_mask, error);
  return style ? run_style (video, style, renderer->model, on_iteration, error) : NULL;
}

/* (transfer full) (nullable): RvFrameRenderer.finish_frame: @made in the colours of @frame by `keep-colors`, and with
 * its pixels where masks leave them, because static pixels of @made are from an earlier frame. `keep` works in the
 * iterations, so nothing is restored for it. A reference to @made if it changes nothing. */
static RvImage *
finish_frame (gpointer data, RvImage *made, RvImage *frame, GError **error)
{
  const StyleRenderer *renderer = data;
  const RvVideoStyleSpec *spec = &renderer->spec;
  g_autoptr (RvImage) colored = rv__color_transfer (made, frame, renderer->keep_colors, error);
  if (!colored)
    return NULL;
  return rv__style_blend_unpainted (colored, frame, spec->masks, NULL, spec->n_styles,
                                    spec->protect ? *spec->protect : NULL, error);
}

/* Adds to next->peak_bytes and device_peak_bytes the memory of a renderer for disoccluded areas, at most a whole frame.
 * Makes that renderer. Does nothing and returns TRUE if the frame is too small for it. */
static gboolean
plan_region (StyleRenderer *renderer, RvImage *frame, RvPlan *next, GError **error)
{
  RvPlan small;
  const RvVideoRegion all = { 0, 0, frame->width, frame->height };
  RvShape shape = rv_shape (4, 1, 1, frame->height, frame->width);
  if (!can_render_regions (renderer, frame))
    return TRUE;
  g_autoptr (RvTensor) disoccluded = rv_tensor_new (RV_F32, &shape, error);
  const RegionRenderer *whole =
    disoccluded ? acquire_region_renderer (renderer, &all, frame, disoccluded, error) : NULL;
  if (!whole || !rv__style_plan (whole->model, &small, error))
    return FALSE;
  gsize of_process = rv__system_resident_bytes ();
  next->peak_bytes += small.peak_bytes > of_process ? small.peak_bytes - of_process : 0;
  next->device_peak_bytes += small.device_peak_bytes;
  return TRUE;
}

/* RvFrameRenderer.plan; @data: a StyleRenderer. Prepares the renderer. Writes the plan of a whole run to *first, and
 * that of a following frame with disoccluded areas to *next. */
static gboolean
plan (gpointer data, RvImage *frame, RvPlan *first, RvPlan *next, GError **error)
{
  StyleRenderer *renderer = data;
  if (!prepare (renderer, frame, error))
    return FALSE;
  g_autoptr (RvStyle) begins = new_style (renderer, renderer->begins, frame, NULL, error);
  return begins && rv__style_plan (begins, first, error) && rv__style_plan (renderer->model, next, error) &&
         plan_region (renderer, frame, next, error);
}

RvFrameRenderer
rv__video_style_renderer (const RvVideoStyleSpec *spec)
{
  StyleRenderer *renderer = g_new0 (StyleRenderer, 1);
  g_autofree char *iterations = g_strdup_printf ("%" G_GINT64_FORMAT, spec->frame_iterations);
  /* `keep-colors` applies to the shown picture only, and styles get the colours of the first frame, so that frames do
   * not differ. `finish` is off: only first frames would get its strokes. The spec has the other masks. */
  const RvOptionValue of_all[] = { { "keep-colors", "none" }, { "match-colors", "no" },
                                   { "finish", "0" },         { "only", "none" },
                                   { "keep", "none" },        { "regions", "none" },
                                   { "match", "" },           { 0 } };
  const RvOptionValue of_next[] = { { "start-size", "0" }, { "init", "picture" }, { "iterations", iterations }, { 0 } };
  const char *keep = rv_settings_get_text (spec->settings, "keep-colors", NULL);
  renderer->spec = *spec;
  renderer->small = g_array_new (FALSE, TRUE, sizeof (RegionRenderer));
  g_array_set_clear_func (renderer->small, clear_region_renderer);
  renderer->keep_colors = (RvColorMode) rv__choice (rv__color_choices (), keep);
  renderer->begins = settings_with (spec->settings, of_all);
  renderer->follows = settings_with (renderer->begins, of_next);
  gboolean climbs = rv_settings_get_int (spec->settings, "start-size", NULL) > 0;
  return (RvFrameRenderer){ .maker = renderer,
                            .free = free_renderer,
                            .plan = plan,
                            .prepare = prepare,
                            .render_first = paint_first,
                            .render_next = paint_next,
                            .finish_frame = finish_frame,
                            .propagation = { .part_01 = 1 },
                            .begin_work =
                              (double) rv_settings_get_int (spec->settings, "iterations", NULL) * (climbs ? 2 : 1),
                            .follow_work = (double) spec->frame_iterations + MOTION_WORK,
                            .n_threads = rv_settings_get_int (spec->settings, "threads", NULL),
                            .stop_request = spec->stop_request };
}
