/* style-settings.c -- settings of style transfer: defaults, ranges, presets. A preset is a list of settings by name,
 * applied over the defaults, which are those of `gallery`. */
#include "method/style/color.h"
#include "base/error.h"
#include "method/compute.h"
#include "method/masks/masks.h"
#include "loss/loss.h"
#include "method/style/style.h"
#include "net/net.h"
#include "optim/optim.h"
#include "method/style/style-internal.h"
#include <math.h>
#include <string.h>

/* ---- presets ----------------------------------------------------------------------------------------------------- */

/* Targets are the content's own features; pixels are optimised in R, G and B, starting from the content. */
#define OWN_TARGETS                                                                                                    \
  { "content-target", "own" }, { "color-axes", "no" }, { "finish", "0" }, { "tv", "squared" },                         \
    { "tv-weight", "0.0001" },                                                                                         \
  {                                                                                                                    \
    "init", "content"                                                                                                  \
  }
/* The classic programs start from the content and have one size. */
#define CLASSIC                                                                                                        \
  OWN_TARGETS, { "start-size", "0" }, { "margin", "0" }, { "average", "0" }, { "clamp", "no" },                        \
    { "denoise-style", "no" }, { "padding", "zero" }, { "stretch-style", "yes" }, { "precision", "full" },             \
  {                                                                                                                    \
    "truncate", "yes"                                                                                                  \
  }

static const RvPreset presets[] = {
  { "gallery", "paintings: the photograph as the best matches of the painting's features, in the painting's colours",
    "builtin" },
  { "gallery1", "the default before 0.1.0: compares with the photograph's own features; half the time", "builtin",
    .settings = { OWN_TARGETS,
                  { "content-weight", "0.4" },
                  { "iterations", "60" },
                  { "first-scale", "2" },
                  { "start-size", "100" },
                  { "climb-step", "1.4142135623731" },
                  { "margin", "8" },
                  { "clamp", "yes" },
                  { "average", "0.98" } } },
  { "nnst", "drawings, prints, woodcuts: compares with the painting's nearest features; twice the time", "builtin",
    .settings = { { "strength", "75" },
                  { "content-weight", "1.333" },
                  { "style-layers", "conv1_2,conv2_2" },
                  { "style-loss", "neighbours" },
                  { "style-weight", "0.333" },
                  { "loss-settings", "neighbours.positions=512" },
                  { "tv-weight", "0" } } },
  { "keras", "the Keras example, loss for loss: VGG19, SGD with decay, 400 px high; docs/classic.md", "vgg19",
    .height = 400,
    .settings = { CLASSIC,
                  { "space", "less-mean" },
                  { "resize", "nearest" },
                  { "content-layers", "conv5_2" },
                  { "content-loss", "sum" },
                  { "content-weight", "2.5e-8" },
                  { "style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1" },
                  { "style-loss", "keras" },
                  { "style-weight", "1e-6" },
                  { "tv", "keras" },
                  { "tv-weight", "1e-6" },
                  { "optimizer", "sgd" },
                  { "learning-rate", "100" },
                  { "decay", "0.96" },
                  { "decay-steps", "100" },
                  { "decay-form", "smooth" },
                  { "iterations", "4000" } } },
  { "d2l", "the program of Dive into Deep Learning, loss for loss: VGG19, Adam, 450 x 300 px; docs/classic.md", "vgg19",
    .height = 300, .width = 450,
    .settings = { CLASSIC,
                  { "space", "mean-std" },
                  { "resize", "bilinear" },
                  { "content-layers", "conv4_4" },
                  { "content-loss", "mean" },
                  { "content-weight", "1" },
                  { "style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1:pre" },
                  { "style-loss", "d2l" },
                  { "style-weight", "1e4" },
                  { "tv", "d2l" },
                  { "tv-weight", "10" },
                  { "optimizer", "adam" },
                  { "beta2", "0.999" },
                  { "learning-rate", "0.3" },
                  { "decay", "0.8" },
                  { "decay-steps", "50" },
                  { "decay-form", "steps" },
                  { "iterations", "500" } } },
  { NULL },
};

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* Pixel spaces for optimisation: the optimiser's steps and the total variation are measured in them. */
static const char *const space_names[] = { "rgb", "less-mean", "mean-std", RV_STYLE_FOURIER, NULL };
/* Values of `space` as rv__pixel_space_parse() reads them, in the order of space_names. */
static const char *const space_texts[] = {
  "rgb_0_255 minus 0 divided by 1", "rgb_0_255 minus 123.68,116.779,103.939 divided by 1",
  "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225",
  "rgb_0_255 minus 0 divided by 1", /* space of the spectrum's picture; spectrum.c optimises the spectrum */
};

static const char *const resize_names[] = { "lanczos", "nearest", "bilinear", NULL }; /* order of RvImageResize */

static const char *const *
style_losses (void)
{
  return rv__loss_names ("style");
}

static const char *const *
content_losses (void)
{
  return rv__loss_names ("content");
}

static const char *const *
tv_losses (void)
{
  return rv__loss_names ("tv");
}

#define FIELD(f) offsetof (RvStyleSettings, f)
#define HUGE_WEIGHT 1e12

static const RvOption own_options[] = {
  { "preset", 'p', RV_OPTION_CHOICE, FIELD (preset), "gallery", .unit = "NAME",
    .help = "a whole recipe; the options after it change single settings",
    .names = RV_NAMES ("gallery", "gallery1", "nnst", "keras", "d2l"), .group = "style" },
  { "strength", 's', RV_OPTION_REAL, FIELD (strength), "50", 0, 100, .unit = "0..100",
    .help = "amount of paint: 0: the photograph, 100: keeps only its composition", .may_change = TRUE },
  { "content-target", 0, RV_OPTION_CHOICE, FIELD (content_target), RV_STYLE_MATCHED, .unit = "NAME",
    .help = "features that the content layers are compared with: the photograph's own, or their best matches in the "
            "style pictures",
    .names = RV_NAMES ("own", RV_STYLE_MATCHED), .group = "losses" },
  { "content-layers", 0, RV_OPTION_TEXT, FIELD (content_layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of the content loss [as suit the network and 'content-target']" },
  { "style-layers", 0, RV_OPTION_TEXT, FIELD (style_layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of the style loss: early ones give strokes, late ones shapes "
            "[conv1_1:1,conv2_1:1,conv3_1:1,conv4_1:0.5,conv5_1:0.25]" },
  { "content-weight", 0, RV_OPTION_REAL, FIELD (content_weight), "0.3333", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the content loss, for each layer", .may_change = TRUE },
  { "style-weight", 0, RV_OPTION_REAL, FIELD (style_weight), "1", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the style loss", .may_change = TRUE },
  { "tv-weight", 0, RV_OPTION_REAL, FIELD (tv_weight), "0.00001", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "weight of the total variation; more of it is smoother", .may_change = TRUE },
  { "temporal-weight", 0, RV_OPTION_REAL, FIELD (temporal_weight), "10", 0, HUGE_WEIGHT, .unit = "WEIGHT",
    .help = "video: weight of the difference from the previous frame, moved along the optical flow" },
  { "dream", 0, RV_OPTION_TEXT, FIELD (dream), .unit = "LAYER:WEIGHT,...",
    .help = "dream on these layers while painting; a larger weight gives more of the dream" },
  { "style-loss", 0, RV_OPTION_CHOICE, FIELD (style_loss), "relative", .unit = "NAME",
    .help = "loss that compares styles", .choices = style_losses },
  { "content-loss", 0, RV_OPTION_CHOICE, FIELD (content_loss), "relative", .unit = "NAME",
    .help = "loss that compares contents", .choices = content_losses },
  { "tv", 0, RV_OPTION_CHOICE, FIELD (tv), "palette", .unit = "NAME", .help = "loss that compares neighbouring pixels",
    .choices = tv_losses },
  { "loss-settings", 0, RV_OPTION_TEXT, FIELD (loss_settings), .unit = "LOSS.NAME=VALUE,...",
    .help = "settings of single losses, such as swd.projections=128 or laplacian.smooth=8" },
  { "style-scale", 0, RV_OPTION_REAL, FIELD (style_scale), "1", 0.05, 10, .unit = "FACTOR",
    .help = "size of the style picture: 2 makes strokes twice as large", .group = "style pictures and colours" },
  { "denoise-style", 0, RV_OPTION_BOOL, FIELD (denoise_style), "yes", .old_name = "calm-style",
    .help = "remove the noise of a style picture, which differs from pixel to pixel" },
  { "regions", 0, RV_OPTION_CHOICE, FIELD (regions), "none", .unit = "auto|2..6",
    .help = "divide the photograph and the painting into regions that match, such as sky and ground; each region takes "
            "its style from the painting's",
    .choices = rv__regions_choices },
  { "match", 0, RV_OPTION_TEXT, FIELD (match), .unit = "N:M,...",
    .help = "regions: region N of the photograph takes its style from region M of the painting, by the numbers of the "
            "sheet [N:N]" },
  { "only", 0, RV_OPTION_CHOICE, FIELD (only), "none", .unit = "PART",
    .help = "paint only this part of the photograph; the rest stays as it is", .choices = rv__mask_kinds_or_none },
  { "keep", 0, RV_OPTION_CHOICE, FIELD (keep), "none", .unit = "PART",
    .help = "part of the photograph that stays recognisable, with fine strokes", .choices = rv__mask_kinds_or_none },
  { "keep-strength", 0, RV_OPTION_REAL, FIELD (keep_strength), "70", 0, 100, .unit = "0..100",
    .help = "similarity of the part that 'keep' names to the photograph; 100: unchanged" },
  { "keep-colors", 0, RV_OPTION_CHOICE, FIELD (keep_colors), "none", .unit = "HOW",
    .help =
      "give the result the content's colours: its hues under the painted luminance, or its histogram or covariance",
    .choices = rv__color_choices },
  { "match-colors", 0, RV_OPTION_BOOL, FIELD (match_colors), "no",
    .help = "give the style pictures the content's colours before painting" },
  { "color-axes", 0, RV_OPTION_BOOL, FIELD (color_axes), "yes",
    .help = "take the optimiser's steps along the colours in which the style pictures vary" },
  { "style-blend", 0, RV_OPTION_TEXT, FIELD (style_blend), NULL, .unit = "WEIGHT,...",
    .help = "weight of each style picture; without this option, all weights are equal" },
  { "optimizer", 0, RV_OPTION_CHOICE, FIELD (optimizer), "adam", .unit = "NAME", .help = "optimiser",
    .choices = rv__optim_names, .group = "optimiser" },
  { "learning-rate", 0, RV_OPTION_REAL, FIELD (learning_rate), "5", 1e-9, 1e9, .unit = "RATE",
    .help = "step of the optimiser, in units of 'space'; 1 suits lbfgs", .may_change = TRUE },
  { "decay", 0, RV_OPTION_REAL, FIELD (decay), "1", 1e-6, 1, .unit = "FACTOR",
    .help = "factor on the learning rate every 'decay-steps' updates" },
  { "decay-steps", 0, RV_OPTION_INT, FIELD (decay_steps), "100", 1, 1e9, .unit = "COUNT",
    .help = "updates in which the rate falls by 'decay'" },
  { "decay-form", 0, RV_OPTION_CHOICE, FIELD (decay_form), "smooth", .unit = "smooth|steps",
    .help = "fall of the rate: with every update, or in steps", .names = RV_NAMES ("smooth", "steps") },
  { "iterations", 'n', RV_OPTION_INT, FIELD (iterations), "100", 1, 1e7, .unit = "COUNT",
    .help = "evaluations of the losses at each scale", .group = "length" },
  { "first-scale", 0, RV_OPTION_REAL, FIELD (first_scale), "1", 0.1, 100, .unit = "FACTOR",
    .help = "factor of 'iterations' at the first of several scales" },
  { "finish", 0, RV_OPTION_REAL, FIELD (finish), "0.6", 0, 100, .unit = "FACTOR",
    .help = "iterations of the finishing phase, as a factor of those of the last scale; the phase compares the picture "
            "with its own best matches in the style pictures, found again every 5 iterations, and makes strokes clear; "
            "none below strength 40" },
  { "time", 0, RV_OPTION_TEXT, FIELD (time), .unit = "TIME", .check = rv__option_check_seconds,
    .help = "end after about this time, with fewer iterations if necessary: 90s, 3m, 1h" },
  { "until", 0, RV_OPTION_INT, FIELD (until), NULL, 0, 1e9, .unit = "COUNT",
    .help = "end after this number of iterations in all, as counted in a timeline or a log" },
  { "plateau", 0, RV_OPTION_REAL, FIELD (plateau), "0", 0, 1, .unit = "PART",
    .help = "end a scale when the loss falls by less than this fraction in 20 iterations, such as 0.002; 0: never" },
  { "init", 0, RV_OPTION_CHOICE, FIELD (init), "recolored", .unit = "content|recolored|noise|style|learned|PICTURE",
    .help = "start of the run; recolored: the content with the mean and covariance of the style pictures' colours; "
            "learned: the content in the built-in style that is nearest to the style picture",
    .names = RV_NAMES ("content", "recolored", "noise", "style", "picture", "learned"), .group = "start and space" },
  { "space", 0, RV_OPTION_CHOICE, FIELD (space), "rgb", .unit = "NAME",
    .help = "values to optimise: rgb: 0..255; less-mean: rgb - mean; mean-std: (rgb/255 - mean)/std; fourier: spectrum "
            "of decorrelated colours, unit 0.01, shapes change before grain",
    .names = space_names },
  { "resize", 0, RV_OPTION_CHOICE, FIELD (resize), "lanczos", .unit = "NAME",
    .help = "resampling of pictures; nearest and bilinear as in the classic programs", .names = resize_names },
  { "stretch-style", 0, RV_OPTION_BOOL, FIELD (stretch_style), "no",
    .help = "resize the style picture to exactly the content's size; this can change its shape" },
  { "pooling", 0, RV_OPTION_CHOICE, FIELD (pooling), "own", .unit = "NAME",
    .help = "pooling layers; own: as the network was trained",
    .names = RV_NAMES ("own", "max", "average", "average-scaled"), /* order of RvPooling */
    .group = "network and borders" },
  { "padding", 0, RV_OPTION_CHOICE, FIELD (padding), "replicate", .unit = "zero|replicate",
    .help = "values around the picture, in the first layer; replicate leaves fewer marks at the borders",
    .names = RV_NAMES ("zero", "replicate") }, /* order of RvPadMode */
  { "clamp", 0, RV_OPTION_BOOL, FIELD (clamp), "no", .help = "keep pixels within 0..255 after each step" },
  { "average", 0, RV_OPTION_REAL, FIELD (average), "0.95", 0, 0.9999, .unit = "0..0.9999",
    .help = "decay rate of the running average of the iterations, which is the result; 0: the result is the last "
            "picture" },
  { "start-size", 0, RV_OPTION_INT, FIELD (start_size), "40", 0, 1e6, .unit = "PX", .old_name = "climb-from",
    .help = "minimum of the longest side at the first scale; 'climb-step' gives the other scales; 0: one scale; at "
            "least 500 where init is learned" },
  { "climb-step", 0, RV_OPTION_REAL, FIELD (climb_step), "2", 1.1, 8, .unit = "FACTOR",
    .help = "sides of each scale, as a factor of those of the scale before" },
  { "margin", 0, RV_OPTION_INT, FIELD (margin_px), "16", 0, 256, .unit = "PX",
    .help = "width of a mirrored margin that is painted and then cut off, so that the borders have no marks" },
  { "truncate", 0, RV_OPTION_BOOL, FIELD (truncate), "no",
    .help = "cut samples down to whole numbers when saving, as the classic programs do, instead of rounding" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER", .help = "random seed of 'init' noise",
    .group = "randomness" },
  RV_COMPUTE_OPTION_ROWS (RvStyleSettings),
  { NULL },
};

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* RvSettingsClass.join. Options of this method and of all optimisers, made once; static. Sets *size to the bytes of the
 * struct with the optimisers' settings. */
static const RvOption *
join_options (gsize *size)
{
  static const RvOption *options;
  static gsize all = sizeof (RvStyleSettings), made;
  if (g_once_init_enter (&made)) {
    options = rv__optim_insert_options (own_options, "decay-form", &all);
    g_once_init_leave (&made, 1);
  }
  *size = all;
  return options;
}

const RvSettingsClass rv__settings_style = {
  .kind = "style", .command = "style", .join = join_options, .presets = presets
};

const RvOption *
rv__style_options (void)
{
  return rv__settings_table (&rv__settings_style, NULL);
}

double *
rv__style_blend_weights (const RvStyleSettings *settings, int n_styles, GError **error)
{
  g_autofree double *blends = g_new0 (double, MAX (n_styles, 0) + 1);
  g_auto (GStrv) parts = settings->style_blend ? g_strsplit (settings->style_blend, ",", -1) : NULL;
  double sum = 0;

  if (n_styles < 1)
    return rv__error_null (error, RV_ERROR_SETTING, "a style transfer needs at least one style picture");
  if (parts && (int) g_strv_length (parts) != n_styles)
    return rv__null (rv__error_setting (error, "style-blend", "'style-blend' has %u weight%s for %d style picture%s",
                                        g_strv_length (parts), g_strv_length (parts) == 1 ? "" : "s", n_styles,
                                        n_styles == 1 ? "" : "s"));
  for (int i = 0; i < n_styles; i++) {
    char *end = NULL;
    blends[i] = parts ? g_ascii_strtod (g_strstrip (parts[i]), &end) : 1;
    if (parts && (end == parts[i] || *end || !isfinite (blends[i]) || blends[i] < 0))
      return rv__null (
        rv__error_setting (error, "style-blend", "'style-blend' must have weights of 0 or more, not '%s'", parts[i]));
    sum += blends[i];
  }
  if (!(sum > 0 && isfinite (sum)))
    return rv__null (rv__error_setting (error, "style-blend",
                                        sum > 0 ? "the weights of 'style-blend' are too large; lower them"
                                                : "the weights of 'style-blend' are all 0; set one above 0"));
  for (int i = 0; i < n_styles; i++)
    blends[i] /= sum;
  return g_steal_pointer (&blends);
}

/* Appends terms of @loss with @weight on the layers @given (nullable), else on @usual (nullable: no layers).
 * @settings: the setting `loss-settings`. If @begun, the weight at the start of the run, is 0, only checks the
 * layers. An RV_ERROR_SETTING is about `style-layers` if @style, else `content-layers`; about no option without
 * @given. */
static gboolean
add_terms (GArray *terms, const RvLossClass *loss, double begun, double weight, const char *given, const char *usual,
           const char *net_name, gboolean style, const char *settings, GError **error)
{
  const char *layers = given ? given : usual;
  guint n_before = terms->len;
  gboolean ok = rv__terms_add (terms, loss, weight, layers ? layers : "", net_name, settings, error) ||
                rv__error_set_option (error, !given  ? NULL
                                             : style ? "style-layers"
                                                     : "content-layers");
  if (begun == 0)
    g_array_set_size (terms, n_before); /* the layers were still checked */
  return ok;
}

/* Replaces each term from @first on by @n_masks copies: copy m compares with target picture m, under mask m. With 0
 * masks the terms stay as they are. */
static void
repeat_for_masks (GArray *terms, guint first, int n_masks)
{
  g_autoptr (GArray) once = rv__terms_new ();
  for (guint i = first; i < terms->len; i++)
    rv__terms_append (once, &g_array_index (terms, RvTerm, i));
  g_array_set_size (terms, n_masks > 0 ? first : terms->len);
  for (guint i = 0; i < once->len; i++)
    for (int m = 0; m < n_masks; m++) {
      RvTerm *term = rv__terms_append (terms, &g_array_index (once, RvTerm, i));
      term->mask = term->picture = m;
    }
}

/* Checks the setting `loss-settings`, which an error is about. */
static gboolean
check_loss_settings (const RvStyleSettings *s, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autofree gpointer own = rv__loss_settings (rv__loss_find ("style", s->style_loss), s->loss_settings, &wrong);
  if (!wrong)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&wrong));
  return rv__error_set_option (error, "loss-settings");
}

/* ---- strength ---------------------------------------------------------------------------------------------------- */

/* Factors of the content weight, found by eye: strength 50 keeps it, 25 multiplies it by 5, 75 divides it by 5. At 100
 * the floor remains, which keeps the composition. With strength 0 rv__style_run() returns the content without
 * computing. */
#define STRENGTH_POWER 1.5
#define STRENGTH_FLOOR 0.04
#define MATCHED_FLOOR 0.25 /* floor if the content is matched, because its targets are painted already */
#define FINISH_STRENGTH 40 /* with less strength a finish would destroy details that should stay */

/* Content weight, adjusted by the strength: 50 gives the factor 1, less strength a larger one. At 0 it is infinite or
 * NaN: rv__style_run() then returns the content. */
static double
content_weight (const RvStyleSettings *settings)
{
  double s = settings->strength;
  if (s == 50)
    return settings->content_weight;
  return settings->content_weight *
         MAX (pow ((100 - s) / s, STRENGTH_POWER), rv__style_matches (settings) ? MATCHED_FLOOR : STRENGTH_FLOOR);
}

/* Factor of the temporal weight if content is matched, because strokes then have more contrast. Warping error of a pan,
 * compared with the content's own features: a quarter larger with factor 1, equal with 3. */
#define MATCHED_TEMPORAL 3

GArray *
rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *s, const char *net_name, int n_masks,
                 int temporal_mask, GError **error)
{
  g_autoptr (GArray) terms = rv__terms_new ();
  const char *content_layers =
    rv__style_matches (s) ? rv__net_matching_layers (net_name) : rv__net_content_layers (net_name);
  if (!check_loss_settings (s, error) ||
      !add_terms (terms, rv__loss_find ("content", s->content_loss), begun->content_weight, content_weight (s),
                  s->content_layers, content_layers, net_name, FALSE, s->loss_settings, error))
    return NULL;
  guint first = terms->len;
  if (!add_terms (terms, rv__loss_find ("style", s->style_loss), begun->style_weight, s->style_weight, s->style_layers,
                  rv__net_style_layers (net_name), net_name, TRUE, s->loss_settings, error))
    return NULL;
  repeat_for_masks (terms, first, n_masks);
  if (temporal_mask >= 0 && s->temporal_weight > 0) {
    const RvLossClass *loss = rv__loss_for ("last frame");
    RvTerm term = { .loss = loss,
                    .group = loss->group,
                    .weight = s->temporal_weight * (rv__style_matches (s) ? MATCHED_TEMPORAL : 1),
                    .picture = 1,
                    .mask = temporal_mask };
    rv__terms_append (terms, &term);
  }
  if (!add_terms (terms, rv__loss_find ("tv", s->tv), begun->tv_weight, s->tv_weight, NULL, NULL, net_name, FALSE,
                  s->loss_settings, error))
    return NULL;
  /* The negative weight maximises the dream's objective. */
  if (s->dream && !rv__terms_add (terms, rv__loss_for ("activations"), -1, s->dream, net_name, NULL, error))
    return rv__null (rv__error_set_option (error, "dream"));
  return g_steal_pointer (&terms);
}

gboolean
rv__style_settings_check (const RvSettings *settings, const char *net_name, int n_styles, GError **error)
{
  const RvStyleSettings *own = rv__settings_fields (settings, &rv__settings_style, error);
  g_autoptr (GArray) terms = own ? rv__style_terms (own, own, net_name, 0, -1, error) : NULL;
  g_autofree double *blends = terms ? rv__style_blend_weights (own, n_styles, error) : NULL;
  int match[RV_MAX_REGIONS];
  if (!blends || !rv__regions_parse_match (own->match, rv__regions_max (own->regions), match, error))
    return FALSE;
  if (strcmp (own->regions, "none") == 0)
    return own->match ? rv__error_setting (error, "match,regions", "'match' needs 'regions'")
                      : rv__style_check_weights (own, error);
  if (n_styles != 1 || strcmp (own->only, "none") != 0)
    return rv__error_setting (error, "regions",
                              n_styles != 1 ? "'regions' works only with one style picture"
                                            : "'regions' cannot be combined with 'only'");
  return rv__style_check_weights (own, error);
}

gboolean
rv__style_check_weights (const RvStyleSettings *settings, GError **error)
{
  return settings->content_weight > 0 || settings->style_weight > 0 || settings->tv_weight > 0 ||
         rv__error_setting (error, "content-weight,style-weight,tv-weight",
                            "'content-weight', 'style-weight' and 'tv-weight' are all 0; set one above 0");
}

gboolean
rv__style_matches (const RvStyleSettings *settings)
{
  return strcmp (settings->content_target, RV_STYLE_MATCHED) == 0 && settings->content_weight > 0 &&
         !rv__loss_find ("content", settings->content_loss)->on_picture;
}

gboolean
rv__style_finishes (const RvStyleSettings *settings)
{
  return rv__style_matches (settings) && settings->finish > 0 && settings->strength >= FINISH_STRENGTH;
}

RvImageResize
rv__style_settings_resize (const RvSettings *settings)
{
  const RvStyleSettings *own = rv__settings_fields (settings, &rv__settings_style, NULL);
  return own ? (RvImageResize) rv__choice (resize_names, own->resize) : RV_IMAGE_RESIZE_BEST;
}

gboolean
rv__style_starts_from_picture (const RvStyleSettings *settings)
{
  return strcmp (settings->init, "picture") == 0 || strcmp (settings->init, "learned") == 0;
}

RvPixelSpace
rv__style_space (const RvStyleSettings *settings)
{
  RvPixelSpace space = rv__rgb_0_255;
  rv__pixel_space_parse (space_texts[rv__choice (space_names, settings->space)], &space);
  return space;
}

const RvOptimClass *
rv__style_optim (const RvStyleSettings *settings)
{
  return rv__optim_find (settings->optimizer);
}
