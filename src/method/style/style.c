/* style.c -- construction of a style transfer: scales, terms, styles and content. */
#include "base/cancel.h"
#include "base/alloc.h"
#include "base/option.h"
#include "base/error.h"
#include "method/style/color.h"
#include "method/compute.h"
#include "method/style/denoise.h"
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

#define FINISH_STYLE 2 /* factor of the style weights in a finish */

/* ---- cache of style statistics ----------------------------------------------------------------------------------- */

/* Cache of style statistics, shared by runs on any threads. Two threads that need the same key at once both measure;
 * the first result is stored, and both use it. */
struct _RvStyleTargets {
  GMutex lock;         /* protects `entries` */
  GHashTable *entries; /* key -> RvTargetStats, both owned */
};

/* (transfer full): an empty cache with one reference. Release with g_atomic_rc_box_release_full() and
 * targets_clear(). */
static RvStyleTargets *
targets_new (void)
{
  RvStyleTargets *targets = g_atomic_rc_box_new0 (RvStyleTargets);
  g_mutex_init (&targets->lock);
  targets->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  return targets;
}

/* Frees the contents of an RvStyleTargets, whose last reference was released. */
static void
targets_clear (gpointer data)
{
  RvStyleTargets *targets = data;
  g_hash_table_unref (targets->entries);
  g_mutex_clear (&targets->lock);
}

/* (transfer full) (nullable): the cached statistics with @key; NULL: none. */
static RvTargetStats *
targets_find (RvStyleTargets *targets, const char *key)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&targets->lock);
  RvTargetStats *target = g_hash_table_lookup (targets->entries, key);
  return target ? g_array_ref (target) : NULL;
}

/* Stores @target (transfer full) under a copy of @key, unless @key has one already. Returns the stored one (transfer
 * full). */
static RvTargetStats *
targets_insert (RvStyleTargets *targets, const char *key, RvTargetStats *target)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&targets->lock);
  RvTargetStats *first = g_hash_table_lookup (targets->entries, key);
  if (!first)
    g_hash_table_insert (targets->entries, g_strdup (key), g_array_ref (first = target));
  g_array_ref (first);
  g_array_unref (target);
  return first;
}

/* ---- setting up -------------------------------------------------------------------------------------------------- */

GArray *
rv__style_scale_terms (const RvStyle *style, const RvScale *scale)
{
  return scale->is_finish ? style->finish_terms : style->terms;
}

RvObjectiveSpec
rv__style_objective_spec (const RvStyle *style, const RvScale *scale, const RvFit *fit)
{
  const RvStyleSettings *s = style->settings;
  const RvOption *pooling = rv__option_find (rv__style_options (), "pooling");
  const RvOption *padding = rv__option_find (rv__style_options (), "padding");
  RvObjectiveSpec spec = rv__engine_spec (style->engine, fit, &style->stop_request);
  spec.variant = (RvNetVariant){ .pooling = (RvPooling) rv__choice (rv_option_choices (pooling), s->pooling),
                                 .first_pad = (RvPadMode) rv__choice (rv_option_choices (padding), s->padding) };
  spec.terms = rv__style_scale_terms (style, scale);
  spec.space = style->space;
  spec.n_matched = rv__style_bank_positions (style);
  return spec;
}

RvOptimSettings
rv__style_optim_settings (const RvStyle *style)
{
  const RvStyleSettings *s = style->settings;
  return (RvOptimSettings){
    .learning_rate = s->learning_rate,
    .decay = s->decay,
    .decay_steps = (int) s->decay_steps,
    .decay_schedule = strcmp (s->decay_form, "steps") == 0 ? RV_DECAY_STEPS : RV_DECAY_SMOOTH,
    .gradient_scale = 1,
    .specific = rv__optim_specific_from_settings (rv__style_optim (s), s, sizeof *s),
    .n_shrunk = style->engine->n_shrunk,
  };
}

/* (transfer full) (nullable): a new engine; its stages are the scales. */
static RvEngine *
new_engine (const RvStyle *style, GError **error)
{
  const RvStyleSettings *s = style->settings;
  RvEngine *engine = rv__engine_new (style->net, &s->compute, s->time, error);
  for (guint i = 0; engine && i < style->scales->len; i++) {
    const RvScale *scale = rv__style_scale (style, i);
    rv__engine_add_stage (engine, scale->canvas_width, scale->canvas_height, scale->iterations);
  }
  return engine;
}

/* Replaces style->engine by a new one with the table @kernels. */
static gboolean
replace_engine (RvStyle *style, RvKernelTable *kernels, GError **error)
{
  RvEngine *own = new_engine (style, error);
  if (!own)
    return FALSE;
  rv__engine_set_kernels (own, kernels);
  rv__engine_unref (style->engine);
  style->engine = own;
  return TRUE;
}

gboolean
rv__style_replace_engine (RvStyle *style, GError **error)
{
  return replace_engine (style, style->engine->kernels, error);
}

/* Releases warped, confidence and static_mask, and sets them to NULL. */
static void
clear_previous_frame (RvStyle *style)
{
  g_clear_pointer (&style->warped, rv_image_unref);
  g_clear_pointer (&style->confidence, rv_tensor_unref);
  g_clear_pointer (&style->static_mask, rv_tensor_unref);
}

/* (transfer full): a copy of @terms, RvTerm, with style weights times FINISH_STYLE: strokes become clear, while the
 * matches keep the shapes. */
static GArray *
finish_terms (const GArray *terms)
{
  GArray *finish = rv__terms_new ();
  for (guint i = 0; i < terms->len; i++) {
    RvTerm *term = rv__terms_append (finish, &g_array_index (terms, RvTerm, i));
    if (strcmp (term->group, "style") == 0)
      term->weight *= FINISH_STYLE;
  }
  return finish;
}

RvStyle *
rv__style_new (const RvSettings *named, RvNet *net, RvImage *content, RvImage *const *styles, int n_styles,
               RvImage *init, GError **error)
{
  if (!rv__style_settings_check (named, rv_net_name (net), n_styles, error))
    return NULL;
  g_autoptr (RvStyle) style = g_new0 (RvStyle, 1);
  style->initial_settings = rv__settings_copy (named);
  style->current_settings = rv__settings_copy (named);
  const RvStyleSettings *settings = style->settings = style->current_settings->fields;
  style->net = rv_net_ref (net);
  style->content = rv_image_ref (content);
  style->alpha = content->alpha ? rv_tensor_ref (content->alpha) : NULL;
  style->init = init ? rv_image_ref (init) : NULL;
  style->styles = g_new0 (RvImage *, n_styles + 1);
  style->n_styles = n_styles;
  RvColorMode matched = settings->match_colors ? RV_COLOR_COVARIANCE : RV_COLOR_NONE;
  for (int i = 0; i < n_styles; i++)
    if (!(style->styles[i] = rv__color_transfer (styles[i], content, matched, error)))
      return NULL;
  style->space = rv__style_space (settings);
  style->resize = rv__style_settings_resize (named);
  style->blends = rv__style_blend_weights (settings, n_styles, error);
  style->terms = rv__style_terms (settings, settings, rv_net_name (net), 0, -1, error);
  if (!style->blends || !style->terms)
    return NULL;
  style->finish_terms = finish_terms (style->terms);
  if (rv__style_starts_from_picture (settings) && !init)
    return rv__null (rv__error_setting (error, "init",
                                        strcmp (settings->init, "learned") == 0
                                          ? "'init' learned works only with single pictures"
                                          : "'init' picture needs a picture to start from"));
  int min_side = rv__terms_min_side (net, style->terms);
  if (MIN (content->width, content->height) < min_side)
    return rv__null (rv__error_with_options (
      error, RV_ERROR_SHAPE, "size",
      "a picture of %d x %d px is too small for these layers: each side must have at least %d px; raise 'size'",
      content->width, content->height, min_side));
  style->scales = rv__scale_schedule (settings, content->width, content->height, min_side);
  style->targets = targets_new ();
  if (!rv__style_detect_keep (style, error) || !rv__style_detect_only (style, error) ||
      !rv__style_detect_regions (style, styles[0], error))
    return NULL;
  style->engine = new_engine (style, error);
  return style->engine ? g_steal_pointer (&style) : NULL;
}

void
rv__style_free (RvStyle *style)
{
  if (!style)
    return;
  rv_settings_free (style->initial_settings);
  rv_settings_free (style->current_settings);
  rv_net_unref (style->net);
  rv_image_unref (style->content);
  rv_tensor_unref (style->alpha);
  rv_image_unref (style->init);
  for (int i = 0; style->styles && i < style->n_styles; i++)
    rv_image_unref (style->styles[i]);
  g_free (style->styles);
  rv__style_free_masks (style);
  g_free (style->masks);
  g_clear_error (&style->mask_error);
  rv__regions_unref (style->regions);
  rv__compact_image_free (style->protect);
  rv__compact_image_free (style->stays);
  rv__compact_image_free (style->keep);
  rv__compact_image_free (style->faces);
  clear_previous_frame (style);
  if (style->targets)
    g_atomic_rc_box_release_full (style->targets, targets_clear);
  g_free (style->blends);
  g_clear_pointer (&style->terms, g_array_unref);
  g_clear_pointer (&style->finish_terms, g_array_unref);
  g_clear_pointer (&style->banks, g_ptr_array_unref);
  rv__engine_unref (style->engine);
  g_clear_pointer (&style->scales, g_array_unref);
  rv_tensor_map_unref (style->resume);
  g_free (style);
}

void
rv__style_set_kernels (RvStyle *style, RvKernelTable *kernels)
{
  replace_engine (style, kernels, NULL);
}

void
rv__style_rebuild_terms (RvStyle *style)
{
  int n_masks = style->masks ? style->n_styles : 0;
  g_array_unref (style->terms);
  style->terms = rv__style_terms (style->initial_settings->fields, style->settings, rv_net_name (style->net), n_masks,
                                  style->warped ? n_masks : -1, NULL);
  g_array_unref (style->finish_terms);
  style->finish_terms = finish_terms (style->terms);
}

void
rv__style_free_masks (RvStyle *style)
{
  for (int i = 0; style->masks && i < style->n_styles; i++)
    g_clear_pointer (&style->masks[i], rv__compact_image_free);
}

/* (transfer full) (nullable): a compact copy of @mask. NULL: style->mask_error is set, by this call or an earlier
 * one; rv__style_check_ready() reports it. */
static RvCompactImage *
compact_mask (RvStyle *style, const RvImage *mask)
{
  return style->mask_error ? NULL : rv__compact_image_new_mask (mask, &style->mask_error);
}

/* Computes style->stays again, after masks or the protected area have changed. Sets style->mask_error on failure, which
 * rv__style_check_ready() reports; after an earlier error only frees style->stays. */
static void
update_stays (RvStyle *style)
{
  /* regions cover all of the content */
  const RvStyleMasks masks = { style->regions ? NULL : style->masks, NULL, style->has_one_mask ? 1 : style->n_styles,
                               style->protect };
  g_clear_pointer (&style->stays, rv__compact_image_free);
  if (style->mask_error || (!masks.mask && !masks.protect))
    return;
  g_autoptr (RvImage) stays =
    rv__style_compute_unpainted (&masks, style->content->width, style->content->height, &style->mask_error);
  style->stays = stays ? compact_mask (style, stays) : NULL;
}

void
rv__style_take_masks (RvStyle *style, RvCompactImage *const *masks)
{
  rv__style_free_masks (style);
  g_free (style->masks);
  style->masks = g_memdup2 (masks, (gsize) style->n_styles * sizeof *masks);
  update_stays (style);
  rv__style_rebuild_terms (style);
}

void
rv__style_paint_all (RvStyle *style)
{
  g_clear_pointer (&style->stays, rv__compact_image_free);
  g_clear_pointer (&style->keep, rv__compact_image_free);
}

void
rv__style_set_masks (RvStyle *style, RvImage *const *masks)
{
  if (!rv__style_check_ready (style, NULL) || !rv__style_replace_engine (style, &style->mask_error))
    return;
  g_autofree RvCompactImage **packed = g_new0 (RvCompactImage *, style->n_styles + 1);
  style->has_one_mask = TRUE;
  for (int i = 0; i < style->n_styles; i++) {
    packed[i] = compact_mask (style, masks[i]);
    style->has_one_mask &= masks[i] == masks[0];
  }
  rv__style_take_masks (style, packed);
}

/* Replaces *mask, a member of @style, by a copy of @picture, unless @style is running or has run. */
static void
replace_mask (RvStyle *style, RvCompactImage **mask, const RvImage *picture)
{
  if (!rv__style_check_ready (style, NULL))
    return;
  rv__compact_image_free (*mask);
  *mask = compact_mask (style, picture);
}

void
rv__style_set_protect (RvStyle *style, RvImage *protect)
{
  if (!rv__style_check_ready (style, NULL))
    return;
  replace_mask (style, &style->protect, protect);
  update_stays (style);
}

void
rv__style_set_keep (RvStyle *style, const RvImage *keep)
{
  replace_mask (style, &style->keep, keep);
}

void
rv__style_set_faces (RvStyle *style, const RvImage *faces)
{
  replace_mask (style, &style->faces, faces);
}

/* Checks that @plane is f32 [1, 1, height, width] of the content. FALSE: RV_ERROR_SHAPE or RV_ERROR_TYPE. */
static gboolean
is_plane (const RvStyle *style, const RvTensor *plane, GError **error)
{
  RvShape shape = rv_shape (4, 1, 1, style->content->height, style->content->width);
  return (plane->type == RV_F32 && rv_shape_equal (&plane->shape, &shape)) ||
         rv__error_set (error, plane->type == RV_F32 ? RV_ERROR_SHAPE : RV_ERROR_TYPE,
                        "the confidence and the static mask of a video's last frame must be f32 [1, 1, %d, %d]",
                        style->content->height, style->content->width);
}

gboolean
rv__style_set_previous_frame (RvStyle *style, RvImage *warped, RvTensor *confidence, RvTensor *static_mask,
                              GError **error)
{
  if (!rv__style_check_ready (style, error) || !is_plane (style, confidence, error) ||
      (static_mask && !is_plane (style, static_mask, error)) || !rv__style_replace_engine (style, error))
    return FALSE;
  if (warped->width != style->content->width || warped->height != style->content->height)
    return rv__error_set (error, RV_ERROR_SHAPE, "the last frame has %d x %d px, but this frame %d x %d px",
                          warped->width, warped->height, style->content->width, style->content->height);
  clear_previous_frame (style);
  style->warped = rv_image_ref (warped);
  style->confidence = rv_tensor_ref (confidence);
  style->static_mask = static_mask ? rv_tensor_ref (static_mask) : NULL;
  rv__style_rebuild_terms (style);
  return TRUE;
}

/* Whether both have the same network, kernel table, sizes, initial settings and kinds of inputs (masks, previous
 * frame), so that one engine serves both. */
static gboolean
can_share_engine (const RvStyle *a, const RvStyle *b)
{
  gboolean alike = a->net == b->net && a->engine->kernels == b->engine->kernels && a->n_styles == b->n_styles &&
                   !a->masks == !b->masks && !a->warped == !b->warped &&
                   a->engine->stages->len == b->engine->stages->len;
  for (guint i = 0; alike && i < a->scales->len; i++)
    alike = rv__style_scale (a, i)->width == rv__style_scale (b, i)->width &&
            rv__style_scale (a, i)->height == rv__style_scale (b, i)->height;
  for (const RvOption *option = rv__style_options (); alike && option->name; option++) {
    g_autofree char *of_a = rv__option_get (rv__style_options (), a->initial_settings->fields, option->name),
                    *of_b = rv__option_get (rv__style_options (), b->initial_settings->fields, option->name);
    alike = strcmp (of_a, of_b) == 0;
  }
  return alike;
}

const char *const *
rv__style_losses (RvStyle *style)
{
  rv__terms_groups (style->terms, style->losses);
  return style->losses;
}

void
rv__style_reuse (RvStyle *style, const RvStyle *other)
{
  const RvStyleSettings *others = other->initial_settings->fields; /* never change while @other runs */
  if (style->settings->match_colors || others->match_colors || style->regions != other->regions)
    return; /* the targets depend on the content */
  g_atomic_rc_box_acquire (other->targets);
  g_atomic_rc_box_release_full (style->targets, targets_clear);
  style->targets = other->targets;
  if (!can_share_engine (style, other))
    return;
  rv__engine_ref (other->engine);
  rv__engine_unref (style->engine);
  style->engine = other->engine;
  rv__engine_expect_more (style->engine);
}

void
rv__style_set_stop_request (RvStyle *style, RvStopRequest stop_request)
{
  style->stop_request = stop_request;
}

gboolean
rv__style_check_ready (const RvStyle *style, GError **error)
{
  if (style->mask_error)
    return rv__error_propagate (error, g_error_copy (style->mask_error));
  return (!style->run && !style->inputs_released) ||
         rv__error_set (error, RV_ERROR_SETTING, "%s",
                        style->run ? "this style transfer is running; make another RvStyle"
                                   : "this style transfer has run and released its pictures; make another RvStyle");
}

const RvScale *
rv__style_scale (const RvStyle *style, guint i)
{
  return &g_array_index (style->scales, RvScale, i);
}

/* ---- one scale's pictures ---------------------------------------------------------------------------------------- */

/* Sets *width and *height, px, to the size of style picture @i at @scale. Its longest side is that of the scale times
 * `style-scale`. Its aspect ratio stays; with `stretch-style` it has exactly the size of the scale. At least 1. */
static void
style_size (const RvStyle *style, int i, const RvScale *scale, int *width, int *height)
{
  const RvStyleSettings *s = style->settings;
  const RvImage *full = style->styles[i];
  int longest = MAX (full->width, full->height);
  int size_px = MAX ((int) lrint (MAX (scale->width, scale->height) * s->style_scale), 1);
  *width = s->stretch_style ? scale->width : rv__scale_side (full->width, longest, size_px);
  *height = s->stretch_style ? scale->height : rv__scale_side (full->height, longest, size_px);
}

/* Style picture @i at the size @width x @height, denoised if set, in the space of x. (transfer full) (nullable). */
static RvImage *
style_picture (const RvStyle *style, int i, int width, int height, GError **error)
{
  g_autoptr (RvImage) picture = rv_image_resize (style->styles[i], width, height, style->resize, error);
  if (!picture || !rv__check_cancelled (error))
    return NULL;
  g_autoptr (RvImage) denoised =
    style->settings->denoise_style ? rv__image_denoise (picture, error) : rv_image_ref (picture);
  if (!denoised || !rv__check_cancelled (error))
    return NULL;
  rv__pixel_space_from_rgb (&style->space, denoised->rgb->data, (gint64) width * height);
  return g_steal_pointer (&denoised);
}

/* (transfer full): key of the statistics of style picture @i at the size @width x @height. It contains the settings
 * that determine the statistics, and the terms, because runs that share a cache can have different terms. */
static char *
target_key (const RvStyle *style, int i, int width, int height)
{
  const RvStyleSettings *s = style->settings;
  g_autoptr (GString) key = g_string_new (NULL);
  g_string_printf (key, "style %d, %d x %d, denoise %d; %s; %s; %s; %s; %s; %s, exact %d", i, width, height,
                   s->denoise_style, s->loss_settings ? s->loss_settings : "", s->space, s->resize, s->pooling,
                   s->padding, s->compute.precision, s->compute.exact);
  for (guint k = 0; k < style->terms->len; k++) {
    const RvTerm *term = &g_array_index (style->terms, RvTerm, k);
    if (term->loss->target == RV_TARGET_SUMS && (term->picture < 0 || term->picture == i))
      g_string_append_printf (key, "; %s %s", term->loss->name, term->layer ? term->layer : "");
  }
  return g_string_free (g_steal_pointer (&key), FALSE);
}

/* Sets RV_ERROR_SHAPE about style picture @i, at @width x @height px, its size at the first scale: @reason. If it is
 * too small, names the option to raise. */
static void
set_shape_error (const RvStyle *style, int i, int width, int height, const GError *reason, GError **error)
{
  int first_width = g_array_index (style->scales, RvScale, 0).width, shorter = MIN (width, height),
      min_side = rv__terms_min_side (style->net, style->terms);
  gboolean fits_last = (gint64) shorter * style->content->width / first_width >= min_side;
  const char *option = shorter >= min_side ? NULL : fits_last ? "start-size" : "size";
  rv__error_with_options (error, RV_ERROR_SHAPE, option, "style picture %d: %s%s%s%s", i + 1, reason->message,
                          option ? "; raise '" : "", option ? option : "", option ? "'" : "");
}

/* Statistics of style picture @i at the size @width x @height, from the cache, or measured and then cached. (transfer
 * full) (nullable). The message of an RV_ERROR_SHAPE, for a too small picture, gets the picture's number in front. */
static RvTargetStats *
style_target (const RvStyle *style, const RvObjective *objective, int i, int width, int height, GError **error)
{
  g_autofree char *key = target_key (style, i, width, height);
  RvTargetStats *target = targets_find (style->targets, key);
  if (target)
    return target;
  g_autoptr (GError) reason = NULL;
  g_autoptr (RvImage) picture = style_picture (style, i, width, height, &reason);
  float *mask = NULL;
  target = picture && rv__style_read_style_mask (style, i, width, height, &mask, &reason)
             ? rv__objective_measure_target (objective, i, picture->rgb->data, mask, height, width, &reason)
             : NULL;
  rv__free (mask);
  if (g_error_matches (reason, RV_ERROR, RV_ERROR_SHAPE))
    set_shape_error (style, i, width, height, reason, error);
  else if (reason)
    g_propagate_error (error, g_steal_pointer (&reason));
  return target ? targets_insert (style->targets, key, target) : NULL;
}

gboolean
rv__style_set_canvas (const RvStyle *style, RvImage *image, const RvScale *scale, float *canvas, GError **error)
{
  gboolean fits = image->width == scale->width && image->height == scale->height;
  g_autoptr (RvImage) picture =
    fits ? rv_image_ref (image) : rv_image_resize (image, scale->width, scale->height, style->resize, error);
  if (!picture)
    return FALSE;
  rv__scale_pad (picture->rgb->data, scale, canvas);
  rv__pixel_space_from_rgb (&style->space, canvas, rv__scale_canvas_pixels (scale));
  return TRUE;
}

/* If x has separate memory, loads the content into x, before the targets are measured, and sets *x_has_content to
 * TRUE. If @last, then releases the content, unless the result needs it, to free memory for the next allocations, and
 * sets inputs_released. If x is a value of the program, does nothing and returns TRUE. */
static gboolean
set_content_first (RvStyle *style, RvObjective *objective, const RvScale *scale, gboolean last, gboolean *x_has_content,
                   GError **error)
{
  if (!rv__objective_bind_picture (objective, error))
    return FALSE;
  float *x = rv__objective_x (objective);
  if (!x)
    return TRUE;
  *x_has_content = TRUE;
  if (!rv__style_set_canvas (style, style->content, scale, x, error))
    return FALSE;
  if (last && !rv__style_keeps_content (style)) {
    style->inputs_released = TRUE;
    g_clear_pointer (&style->content, rv_image_unref);
  }
  return TRUE;
}

/* Replaces style->banks (features to match) and style->axes (colour directions of the steps, axes.h) by those of the
 * style pictures at the size of @scale. Adds nothing if settings use neither. After an error, both are incomplete. */
static gboolean
set_banks (RvStyle *style, const RvObjective *objective, const RvScale *scale, GError **error)
{
  rv__style_clear_banks (style);
  for (int i = 0; i < style->n_styles && (style->banks || rv__style_moves_along_axes (style)); i++) {
    int width, height;
    style_size (style, i, scale, &width, &height);
    g_autoptr (RvImage) picture = style_picture (style, i, width, height, error);
    if (!picture || (style->banks && !rv__style_add_to_bank (style, objective, i, picture, error)) ||
        !rv__color_axes_add (&style->axes, picture->rgb->data, height, width, style->blends[i], error))
      return FALSE;
  }
  rv__color_axes_solve (&style->axes);
  return TRUE;
}

gboolean
rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, gboolean is_new, gboolean last,
                       GError **error)
{
  gboolean compares = style->warped && style->settings->temporal_weight > 0, x_has_content = FALSE;
  if (is_new && !compares && !set_content_first (style, objective, scale, last, &x_has_content, error))
    return FALSE;
  const RvStyleSettings *begun = style->initial_settings->fields; /* a style weight of 0 may be raised later */
  for (int i = 0; is_new && i < style->n_styles && begun->style_weight > 0; i++) {
    int width, height;
    style_size (style, i, scale, &width, &height);
    g_autoptr (GArray) target = style_target (style, objective, i, width, height, error);
    if (!target)
      return FALSE;
    rv__objective_add_target (objective, target, style->blends[i]);
  }
  if (!set_banks (style, objective, scale, error) || (is_new && !rv__objective_bind (objective, error)))
    return FALSE;
  float *x = rv__objective_x (objective);
  if (compares && (!rv__style_set_canvas (style, style->warped, scale, x, error) ||
                   !rv__objective_set_features (objective, 1, x, error)))
    return FALSE;
  return (x_has_content || rv__style_set_canvas (style, style->content, scale, x, error)) &&
         rv__objective_set_features (objective, 0, x, error);
}

/* ---- content for the result -------------------------------------------------------------------------------------- */

RvColorMode
rv__style_color_mode (const RvStyle *style)
{
  return (RvColorMode) rv__choice (rv__color_choices (), style->settings->keep_colors);
}

gboolean
rv__style_lacks (const RvStyle *style, const char *setting)
{
  const RvStyleSettings *s = style->settings;
  if (strcmp (setting, "keep") == 0)
    return strcmp (s->keep, "none") != 0 && s->keep_strength > 0 && !style->keep;
  if (strcmp (setting, "only") == 0)
    return strcmp (s->only, "none") != 0 && !style->masks;
  return strcmp (s->regions, "none") != 0 && !style->regions;
}

gboolean
rv__style_keeps_content (const RvStyle *style)
{
  return rv__style_color_mode (style) != RV_COLOR_NONE || style->stays;
}
