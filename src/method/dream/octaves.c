/* octaves.c -- prepares a dream: its octaves, their engines, and its inputs.
 *
 *   sizes[i] = floor (size / octave_scale^i), without those at which no selected layer has an interior */
#include "base/error.h"
#include "io/image/frame.h"
#include "method/dream/dream-internal.h"
#include "method/objective/fourier.h"
#include "optim/optim.h"
#include <math.h>
#include <string.h>

const RvPixelSpace rv__dream_space = { .unit = 127.5f, .mean = { 1, 1, 1 }, .std = { 1, 1, 1 } };

const RvDreamOctave *
rv__dream_octave (const RvDream *dream, guint i)
{
  return &g_array_index (dream->octaves, RvDreamOctave, i);
}

gint64
rv__dream_octave_pixels (const RvDreamOctave *octave)
{
  return (gint64) octave->width * octave->height;
}

#define UNLIKE_LOOK "heads"

/* ---- octaves ----------------------------------------------------------------------------------------------------- */

/* Releases the terms of an RvDreamOctave; its buffers are those of rv__dream_buffers(). */
static void
clear_octave (gpointer data)
{
  g_array_unref (((RvDreamOctave *) data)->terms);
}

/* Copies the terms whose layer, on a picture of this size, has an interior: rows and columns besides the border that
 * the loss ignores. (transfer full): RvTerm, perhaps none; members are borrowed. Cannot fail. */
static GArray *
terms_with_interior (const char *net_name, const GArray *terms, int height, int width)
{
  g_autoptr (GArray) layers = rv_net_describe (net_name, height, width);
  GArray *some = g_array_new (FALSE, FALSE, sizeof (RvTerm));
  for (guint t = 0; t < terms->len; t++) {
    const RvTerm *term = &g_array_index (terms, RvTerm, t);
    const RvLayer *layer = rv__net_find_layer (layers, term->layer);
    if (layer && MIN (layer->height, layer->width) > 2 * term->loss->border)
      g_array_append_vals (some, term, 1);
  }
  return some;
}

/* Octaves of a picture of this size, RvDreamOctave, small to large. (transfer full). Leaves out sizes at which no term
 * has an interior, and sizes below --smallest, except the largest size. May be empty. Cannot fail. */
static GArray *
new_octaves (const RvDreamSettings *settings, const char *net_name, const GArray *terms, int width, int height)
{
  GArray *octaves = g_array_new (FALSE, FALSE, sizeof (RvDreamOctave));
  gboolean has_margin = strcmp (settings->jitter_edge, "mirror") == 0 &&
                        strcmp (settings->init, RV_DREAM_NOISE) != 0; /* affine.c keeps the size */
  g_array_set_clear_func (octaves, clear_octave);
  for (gint64 i = settings->octaves - 1; i >= 0; i--) {
    double scale = 1 / pow (settings->octave_scale, (double) i);
    RvDreamOctave octave = { .width = (int) floor (width / pow (settings->octave_scale, (double) i)),
                             .height = (int) floor (height / pow (settings->octave_scale, (double) i)),
                             .margin = has_margin ? (int) settings->jitter_px : 0,
                             .scale = scale };
    if (octave.width < 1 || octave.height < 1 || (i > 0 && MIN (octave.width, octave.height) < settings->smallest_px))
      continue;
    octave.terms = terms_with_interior (net_name, terms, octave.height, octave.width);
    if (octave.terms->len > 0)
      g_array_append_val (octaves, octave);
    else
      g_array_unref (octave.terms);
  }
  return octaves;
}

/* Shortest side, px, of a square picture on which a term of @terms has an interior; at most RV_NET_FITTING_SIDE,
 * unchecked there. */
static int
min_side (const char *net_name, const GArray *terms)
{
  int low = 1, high = RV_NET_FITTING_SIDE;
  while (low < high) {
    int middle = (low + high) / 2;
    g_autoptr (GArray) some = terms_with_interior (net_name, terms, middle, middle);
    if (some->len > 0)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* ---- engines ----------------------------------------------------------------------------------------------------- */

enum { OF_DREAM, OF_STYLE }; /* objectives of a stage */

/* Specification of the dream's objective at octave @i, by value, without masks. Its pointers are borrowed. */
static RvObjectiveSpec
dream_spec (const RvDream *dream, guint i)
{
  RvObjectiveSpec spec =
    rv__engine_spec (dream->engine, &rv__engine_stage (dream->engine, i)->fit, &dream->stop_request);
  spec.terms = rv__dream_octave (dream, i)->terms;
  spec.space = rv__dream_space;
  spec.n_targets = dream->compared_pictures ? (int) dream->compared_pictures->len : 0;
  return spec;
}

/* Specification, by value, of the objective that compares octave @i with dream->compared_pictures (a style, or dreams
 * to differ from) by style_terms. It is optimised together with that of the dream. Its pointers are borrowed. */
static RvObjectiveSpec
style_spec (const RvDream *dream, guint i)
{
  RvObjectiveSpec spec = dream_spec (dream, i);
  spec.terms = dream->style_terms;
  return spec;
}

/* Whether dream->compared_pictures, a style or other dreams, are compared at @octave: there are some, style_weight is
 * above 0, and the octave is large enough for the layers of that loss. */
static gboolean
has_style (const RvDream *dream, const RvDreamOctave *octave)
{
  return dream->compared_pictures && dream->style_weight > 0 &&
         MIN (octave->width, octave->height) >= rv__terms_min_side (dream->engine->net, dream->style_terms);
}

/* Measures each of dream->compared_pictures, resized to the octave's pixel count, and adds it to the targets of
 * @objective, up to the first error. */
static gboolean
measure_others (const RvDream *dream, const RvDreamOctave *octave, RvObjective *objective, GError **error)
{
  guint n = dream->compared_pictures->len;
  for (guint i = 0; i < n; i++) {
    RvImage *other = dream->compared_pictures->pdata[i];
    double scale = sqrt ((double) rv__dream_octave_pixels (octave) / ((double) other->width * other->height));
    g_autoptr (RvImage) image = rv__image_scale (other, scale, error);
    if (!image)
      return FALSE;
    rv__pixel_space_from_rgb (&rv__dream_space, image->rgb->data, (gint64) image->width * image->height);
    if (!rv__objective_measure_and_add_target (objective, image->rgb->data, image->height, image->width, 1 / (double) n,
                                               error))
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__dream_engines_init (const RvDream *dream, RvDreamEngines *engines, GError **error)
{
  const RvDreamOctave *octave = rv__dream_octave (dream, 0);
  RvObjectiveSpec of_dream = dream_spec (dream, 0), of_style = style_spec (dream, 0);
  int height = octave->height + octave->margin, width = octave->width + octave->margin;
  *engines = (RvDreamEngines){ .dream = rv__objective_new (&of_dream, height, width, error) };
  if (engines->dream && !has_style (dream, octave))
    return TRUE;
  if (engines->dream && (engines->style = rv__objective_new (&of_style, height, width, error)) &&
      measure_others (dream, octave, engines->style, error))
    return TRUE;
  rv__dream_engines_clear (engines);
  return FALSE;
}

gboolean
rv__dream_engines_acquire (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error)
{
  /* A style is measured before the memory of the objectives is bound: that keeps the peak low. */
  const RvDreamOctave *octave = rv__dream_octave (dream, i);
  RvObjectiveSpec of_dream = dream_spec (dream, i), of_style = style_spec (dream, i);
  gboolean new_dream, new_style = FALSE;
  guint n_masks = dream->word_masks.names->len;
  g_autofree const float **masks = g_new (const float *, n_masks + 1);
  for (guint m = 0; m < n_masks; m++)
    masks[m] = octave->word_masks + (gint64) m * rv__engine_pixels (dream->engine, i);
  of_dream.masks = n_masks > 0 ? masks : NULL;
  *engines = (RvDreamEngines){ .dream = rv__engine_acquire (dream->engine, i, OF_DREAM, &of_dream, &new_dream, error) };
  gboolean ok = engines->dream != NULL;
  if (ok && has_style (dream, octave))
    ok = (engines->style = rv__engine_acquire (dream->engine, i, OF_STYLE, &of_style, &new_style, error)) &&
         (!new_style || measure_others (dream, octave, engines->style, error));
  ok = ok && (!new_dream || rv__objective_bind (engines->dream, error)) &&
       (!new_style || rv__objective_bind (engines->style, error));
  if (!ok)
    rv__dream_engines_clear (engines);
  return ok;
}

gboolean
rv__dream_engines_release (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error)
{
  return rv__engine_release (dream->engine, i, OF_DREAM, g_steal_pointer (&engines->dream), error) &&
         rv__engine_release (dream->engine, i, OF_STYLE, g_steal_pointer (&engines->style), error);
}

void
rv__dream_engines_clear (RvDreamEngines *engines)
{
  g_clear_pointer (&engines->dream, rv__objective_free);
  g_clear_pointer (&engines->style, rv__objective_free);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Appends the buffers of octave @i to @buffers, and overwrites octave->bands, if the setting `bands` is above 0. Its
 * picture is used until the next octave has enlarged it, and its original until the next octave has ended. */
static void
list_buffers (const RvDream *dream, guint i, GArray *buffers)
{
  const RvDreamSettings *s = dream->settings;
  RvDreamOctave *octave = &g_array_index (dream->octaves, RvDreamOctave, i);
  int start = (int) i * RV_DREAM_N_PHASES + RV_DREAM_STARTING, next = start + RV_DREAM_N_PHASES;
  int masks = start + RV_DREAM_MASKS, run = start + RV_DREAM_RUNNING;
  gint64 pixels = rv__dream_octave_pixels (octave), plane = pixels * (gint64) sizeof (float), picture = 3 * plane;
  gint64 canvas = rv__engine_pixels (dream->engine, i) * (gint64) sizeof (float),
         n_masks = dream->word_masks.names->len;
  gint64 original = rv__dream_carries_residual (dream) ? 0 : rv_tensor_bytes (dream->image->rgb);
  gint64 limit = s->contrast_limit > 0 ? plane : 0;
  gint64 workspace = s->smooth_px > 0 ? RV_DREAM_SMOOTH_PLANES * plane : limit;
  gint64 spectrum = 0, adam = 0;
  if (rv__dream_from_noise (dream)) {
    spectrum = (gint64) rv__fourier_memory (octave->width, octave->height);
    adam = (gint64) rv__optim_memory (rv__optim_find ("adam"), &(RvOptimSettings){ 0 }, 3 * pixels);
  }
  const RvBuffer rows[] = {
    { &octave->x, picture, "a picture", start, next + RV_DREAM_MASKS },
    { &octave->base, picture, "a picture", start, next + RV_DREAM_RUNNING },
    { &octave->original, original, "a picture", start, start },
    { NULL, original > 0 ? 0 : 2 * plane, "a reduced plane", start, start },
    { &octave->weights, rv__dream_has_weights (dream) ? plane : 0, "a mask", masks, run },
    { &octave->word_masks, n_masks * canvas, "masks", masks, masks },
    { NULL, dream->mask || n_masks > 0 ? 3 * plane : 0, "a mask being resized", masks, masks },
    { &octave->grad, picture, "a gradient", run, run },
    { &octave->style_grad, has_style (dream, octave) ? picture : 0, "a gradient", run, run },
    { &octave->workspace, workspace, "a blurred gradient", run, run },
    { NULL, workspace > 0 || s->bands > 0 ? plane : 0, "lines of a blur", run, run },
    { NULL, spectrum, "a spectrum and its program", run, run },
    { NULL, adam, "the optimiser", run, run },
    { NULL, picture, "the result, or a picture during the run", run, run },
  };
  g_array_append_vals (buffers, rows, G_N_ELEMENTS (rows));
  if (s->bands > 0)
    rv__dream_bands_init (octave->bands, octave->width, octave->height, (int) s->bands, s->local_px, buffers, run);
}

GArray *
rv__dream_buffers (const RvDream *dream)
{
  GArray *buffers = rv__buffers_new (NULL, 0);
  for (guint i = 0; i < dream->octaves->len; i++)
    list_buffers (dream, i, buffers);
  return buffers;
}

/* RvNeedsFunc; @method: an RvDream. Specifications of the dream and, if the octave has one, of the style, whose members
 * are borrowed. extra_bytes is the peak of the octave's buffers, of rv__dream_buffers(). */
static RvNeeds
octave_needs (gconstpointer method, guint i)
{
  const RvDream *dream = method;
  g_autoptr (GArray) buffers = rv__dream_buffers (dream);
  int first = (int) i * RV_DREAM_N_PHASES, last = first + RV_DREAM_N_PHASES - 1;
  return (RvNeeds){ .spec = { dream_spec (dream, i), style_spec (dream, i) },
                    .n_specs = has_style (dream, rv__dream_octave (dream, i)) ? 2 : 1,
                    .extra_bytes = rv__buffers_peak (buffers, first, last) };
}

gboolean
rv__dream_plan_memory (RvDream *dream, RvPlan *plan, GError **error)
{
  dream->engine->fitted = rv__plan_fit (dream->engine, octave_needs, dream, plan, error);
  return dream->engine->fitted;
}

/* Replaces the octaves and the engine's stages by those for the size of @image, and frees cached engines, after picture
 * or terms have changed. FALSE, with all unchanged: RV_ERROR_SHAPE, naming a size that works, if no octave remains. */
static gboolean
reset_octaves (RvDream *dream, const RvImage *image, GError **error)
{
  int width = image->width, height = image->height;
  const char *net_name = rv_net_name (dream->engine->net);
  g_autoptr (GArray) octaves = new_octaves (dream->settings, net_name, dream->terms, width, height);
  if (octaves->len == 0)
    return rv__error_with_options (
      error, RV_ERROR_SHAPE, "size",
      "a picture of %d x %d px is too small for these layers: each side must have at least %d px; raise 'size'", width,
      height, min_side (net_name, dream->terms));
  rv__engine_clear_stages (dream->engine);
  g_clear_pointer (&dream->octaves, g_array_unref);
  dream->octaves = g_steal_pointer (&octaves);
  for (guint i = 0; i < dream->octaves->len; i++) {
    const RvDreamOctave *octave = rv__dream_octave (dream, i);
    rv__engine_add_stage (dream->engine, octave->width + octave->margin, octave->height + octave->margin,
                          dream->settings->iterations);
  }
  return TRUE;
}

/* ---- the dream --------------------------------------------------------------------------------------------------- */

RvDream *
rv__dream_new (const RvSettings *named, RvNet *net, RvImage *image, GError **error)
{
  if (!rv__settings_fields (named, &rv__settings_dream, error) ||
      !rv__dream_settings_check_combination (named->fields, error))
    return NULL;
  g_autoptr (RvDream) dream = g_new0 (RvDream, 1);
  dream->initial_settings = rv__settings_copy (named);
  dream->current_settings = rv__settings_copy (named);
  const RvDreamSettings *settings = dream->settings = dream->current_settings->fields;
  rv__dream_set_original (dream, image);
  dream->word_masks.names = g_ptr_array_new_with_free_func (g_free);
  dream->word_masks.images = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  dream->terms = rv__dream_words (settings, net) ? rv__dream_word_terms (settings, net, &dream->word_masks, error)
                                                 : rv__dream_terms (settings, rv_net_name (net), error);
  if (!dream->terms ||
      (settings->scale_channels && !rv__dream_scale_channels (dream->terms, net, &settings->compute, image, error)) ||
      !(dream->engine = rv__engine_new (net, &settings->compute, settings->time, error)))
    return NULL;
  return reset_octaves (dream, dream->image, error) ? g_steal_pointer (&dream) : NULL;
}

void
rv__dream_free (RvDream *dream)
{
  if (!dream)
    return;
  rv_settings_free (dream->initial_settings);
  rv_settings_free (dream->current_settings);
  rv_image_unref (dream->image);
  rv_image_unref (dream->mask);
  g_clear_pointer (&dream->compared_pictures, g_ptr_array_unref);
  g_clear_pointer (&dream->word_masks.names, g_ptr_array_unref);
  g_clear_pointer (&dream->word_masks.images, g_ptr_array_unref);
  rv_tensor_map_unref (dream->resume);
  g_clear_pointer (&dream->octaves, g_array_unref);
  g_clear_pointer (&dream->terms, g_array_unref);
  g_clear_pointer (&dream->style_terms, g_array_unref);
  rv__engine_unref (dream->engine);
  g_free (dream);
}

gboolean
rv__dream_check_idle (const RvDream *dream, GError **error)
{
  return !dream->run || rv__error_set (error, RV_ERROR_SETTING,
                                       "this dream is running; change it afterwards, or make another RvDream");
}

gboolean
rv__dream_steer (RvDream *dream, const RvSettings *settings, GError **error)
{
  if (!rv__settings_check_change (dream->initial_settings, settings, error))
    return FALSE;
  rv__settings_assign (dream->current_settings, settings);
  if (dream->run && dream->run->noise_dream)
    rv__noise_dream_steer (dream->run->noise_dream, dream->settings);
  return TRUE;
}

void
rv__dream_set_stop_request (RvDream *dream, RvStopRequest stop_request)
{
  dream->stop_request = stop_request;
}

void
rv__dream_set_mask (RvDream *dream, RvImage *mask)
{
  if (dream->run)
    return;
  rv_image_ref (mask);
  rv_image_unref (dream->mask);
  dream->mask = mask;
}

gboolean
rv__dream_set_word_mask (RvDream *dream, const char *name, RvImage *place, GError **error)
{
  if (!rv__dream_check_idle (dream, error))
    return FALSE;
  if (!rv__word_masks_set_picture (&dream->word_masks, name, place))
    return rv__error_setting (error, "toward", "'toward' does not name the picture '%s'", name);
  return reset_octaves (dream, dream->image, error); /* cached engines have the earlier mask */
}

gboolean
rv__dream_set_guide (RvDream *dream, const RvImage *guide, GError **error)
{
  if (dream->settings->toward)
    return rv__error_setting (error, "toward", "'toward' cannot be combined with a guide");
  double pixels = (double) dream->image->width * dream->image->height;
  gboolean among_all = strcmp (dream->settings->look, RV_DREAM_THINGS) != 0;
  return rv__dream_check_idle (dream, error) &&
         rv__dream_guide_terms (dream->terms, dream->engine->net, &dream->settings->compute, guide, pixels, among_all,
                                error) &&
         reset_octaves (dream, dream->image, error);
}

/* Replaces dream->compared_pictures by @others, [@n], referenced, style_terms by @terms (transfer full), and
 * style_weight. Resets the octaves. All stay set after an error. */
static gboolean
set_compared_pictures (RvDream *dream, RvImage *const *others, int n, GArray *terms, double weight, GError **error)
{
  g_clear_pointer (&dream->style_terms, g_array_unref);
  g_clear_pointer (&dream->compared_pictures, g_ptr_array_unref);
  dream->style_terms = terms;
  dream->compared_pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (int i = 0; i < n; i++)
    g_ptr_array_add (dream->compared_pictures, rv_image_ref (others[i]));
  dream->style_weight = weight;
  return reset_octaves (dream, dream->image, error);
}

/* Checks that @weight is finite and at least 0. @whose: noun for the message, such as "style". RV_ERROR_SETTING. */
static gboolean
check_weight (double weight, const char *whose, GError **error)
{
  return (isfinite (weight) && weight >= 0) ||
         rv__error_set (error, RV_ERROR_SETTING, "the weight of a dream's %s must be a number of 0 or more, not %g",
                        whose, weight);
}

gboolean
rv__dream_set_style (RvDream *dream, RvImage *style, double weight, GError **error)
{
  const char *layers = rv__net_style_layers (rv_net_name (dream->engine->net));
  g_autoptr (GArray) terms = rv__terms_new ();
  return check_weight (weight, "style", error) && rv__dream_check_idle (dream, error) &&
         rv__terms_add (terms, rv__loss_for ("style"), 1, layers ? layers : "", rv_net_name (dream->engine->net), NULL,
                        error) &&
         set_compared_pictures (dream, &style, 1, g_steal_pointer (&terms), weight, error);
}

gboolean
rv__dream_set_diversity (RvDream *dream, RvImage *const *others, int n_others, double weight, GError **error)
{
  const char *first = g_array_index (dream->terms, RvTerm, 0).layer, *net_name = rv_net_name (dream->engine->net);
  gboolean is_words = strcmp (first, RV_NET_CLASSES) == 0; /* then the layers of a look, which describe appearance */
  g_autofree char *layer =
    is_words ? g_strdup (rv_dream_look_layers (UNLIKE_LOOK, net_name)) : g_strndup (first, strcspn (first, ":"));
  g_autoptr (GArray) terms = rv__terms_new ();
  return n_others == 0 || (check_weight (weight, "diversity", error) && rv__dream_check_idle (dream, error) &&
                           rv__terms_add (terms, rv__loss_for ("unlike"), 1, layer, net_name, NULL, error) &&
                           set_compared_pictures (dream, others, n_others, g_steal_pointer (&terms), weight, error));
}

gboolean
rv__dream_set_image (RvDream *dream, RvImage *image, GError **error)
{
  if (!rv__dream_check_idle (dream, error))
    return FALSE;
  gboolean same_size = image->width == dream->image->width && image->height == dream->image->height;
  if (!same_size && !reset_octaves (dream, image, error))
    return FALSE;
  rv__dream_set_original (dream, image);
  rv__engine_expect_more (dream->engine);
  return TRUE;
}

gboolean
rv__dream_set_loss (RvDream *dream, const RvLossClass *loss, GError **error)
{
  rv__terms_set_loss (dream->terms, loss);
  return reset_octaves (dream, dream->image, error);
}

void
rv__dream_select_channel (RvDream *dream, gint64 channel)
{
  RvTerm *term = &g_array_index (dream->terms, RvTerm, 0);
  gint64 n = rv__net_n_channels (rv_net_name (dream->engine->net), term->layer);
  if (!term->channel_weights) { /* the octaves and their engines have no weights yet */
    term->channel_weights = g_new0 (double, n);
    reset_octaves (dream, dream->image, NULL);
  }
  for (gint64 c = 0; c < n; c++)
    term->channel_weights[c] = c == channel;
}

void
rv__dream_set_kernels (RvDream *dream, RvKernelTable *kernels)
{
  rv__engine_set_kernels (dream->engine, kernels);
}

int
rv__dream_n_octaves (const RvDream *dream)
{
  return (int) dream->octaves->len;
}

int
rv__dream_n_layers_left_out (const RvDream *dream, int octave)
{
  return (int) (dream->terms->len - rv__dream_octave (dream, (guint) octave)->terms->len);
}
