/* dream-settings.c -- the settings of a dream, with all defaults and ranges.
 *
 * A preset sets numbers, a look sets layers. Any two can be combined, and single options override both. */
#include "method/compute.h"
#include "base/error.h"
#include "base/option.h"
#include "method/dream/dream-internal.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

/* ---- presets and looks ------------------------------------------------------------------------------------------- */

/* Settings of the Keras example, except divisor, --max-loss, --octaves and --iterations. */
#define KERAS_METHOD                                                                                                   \
  { "look", "default" }, { "objective", "squares" }, { "scale-channels", "no" }, { "balance", "no" },                  \
    { "smallest", "1" }, { "carry", "picture" }, { "step", "0.01" }, { "jitter", "0" }, { "jitter-edge", "wrap" },     \
    { "bands", "0" }, { "dream-colors", "all" }, { "clip", "no" }, { "contrast-limit", "0" },                          \
  {                                                                                                                    \
    "truncate", "yes"                                                                                                  \
  }

/* Presets of other programs use full precision, because rounding changes the path of a dream. */
static const RvPreset presets[] = {
  { "vivid", "colourful animals and buildings: as classic, with more colour and more light and shade" },
  { "classic", "animals, eyes and feathers over the whole picture: five octaves of 16 steps",
    .settings = { { "look", "menagerie" }, { "bands", "4" }, { "dream-colors", "natural" } } },
  { "production", "five octaves of 50 steps",
    .settings = { KERAS_METHOD, { "iterations", "50" }, { "precision", "full" } } },
  { "test", "quick: three octaves of 20 steps",
    .settings = { KERAS_METHOD, { "iterations", "20" }, { "octaves", "3" }, { "precision", "full" } } },
  { "keras", "as the Keras example: three octaves of 20 steps, each left when its loss passes 15",
    .settings = { KERAS_METHOD,
                  { "iterations", "20" },
                  { "octaves", "3" },
                  { "normalize", "mean-abs" },
                  { "max-loss", "15" },
                  { "precision", "full" } } },
  { "atlas", "from noise to one clear motif: three octaves of 24 long steps, shifted and smoothed; as 'atlas' has it",
    .settings = { KERAS_METHOD,
                  { "iterations", "24" },
                  { "octaves", "3" },
                  { "step", "0.02" },
                  { "jitter", "4" },
                  { "smooth", "1" },
                  { "bands", "4" },
                  { "dream-colors", "natural" },
                  { "clip", "yes" } } },
  { "feature", "from noise to what a channel or a word means: 200 steps of Adam in a spectrum; as 'init' noise has it",
    .settings = { KERAS_METHOD,
                  { "init", "noise" },
                  { "iterations", "200" },
                  { "octaves", "1" },
                  { "step", "0.03" },
                  { "jitter", "16" },
                  { "random-rotate", "15" },
                  { "random-scale", "0.2" } } },
  { NULL },
};

static const char *const look_names[] = { "default", "fine-textures", "abstract-shapes", "keras",    "animals", "heads",
                                          "eyes",    "things",        "menagerie",       "paradise", NULL };

const char *
rv_dream_look_layers (const char *look, const char *net_name)
{
  for (int i = 0; look_names[i]; i++)
    if (g_strcmp0 (look_names[i], look) == 0)
      return rv__net_look (net_name, i);
  return NULL;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static const char *const *
objective_choices (void)
{
  return rv__loss_names ("dream");
}

#define FIELD(f) offsetof (RvDreamSettings, f)

const RvOption rv__dream_options[] = {
  { "preset", 'p', RV_OPTION_CHOICE, FIELD (preset), "vivid", .unit = "NAME",
    .help = "a named set of the settings below",
    .names = RV_NAMES ("vivid", "classic", "production", "test", "keras", "atlas", "feature"), .group = "dream" },
  { "look", 'l', RV_OPTION_CHOICE, FIELD (look), "paradise", .unit = "NAME",
    .help = "the layers of the network that dream, or groups of its words", .names = look_names },
  { "layers", 0, RV_OPTION_TEXT, FIELD (layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of your own: early ones give strokes and textures, late ones eyes and animals [the look's]" },
  { "channels", 0, RV_OPTION_TEXT, FIELD (channels), .unit = "LAYER:NUMBER,...",
    .help = "only these channels of a layer, counted from 0; several layers: LAYER:NUMBER,...;LAYER:..." },
  { "toward", 0, RV_OPTION_TEXT, FIELD (toward), .unit = "WORD[:WEIGHT][:PICTURE],...",
    .help = "dream of these words of the network instead, such as macaw, or of groups: birds, dogs, fish, insects, "
            "buildings, colorful; with a PICTURE, only where it is white" },
  { "neuron", 0, RV_OPTION_TEXT, FIELD (neuron), .unit = "LAYER:NUMBER,...",
    .help = "maximise channels of a layer, counted from 0; without a picture, start from noise" },
  { "init", 0, RV_OPTION_CHOICE, FIELD (init), "picture", .unit = "picture|noise", .old_name = "from",
    .help = "noise: start from noise, without a picture, to show a channel or a word (feature visualisation)",
    .names = RV_NAMES ("picture", RV_DREAM_NOISE) },
  { "objective", 0, RV_OPTION_CHOICE, FIELD (objective), "norm", .unit = "largest|norm|squares|mean",
    .old_choice = "toward", .new_choice = "mean",
    .help = "quantity to maximise; norm: length of the channel vector per position (class map: its largest class); "
            "largest: largest channel per position; squares: mean square; mean: mean value",
    .choices = objective_choices },
  { "class-smooth", 0, RV_OPTION_REAL, FIELD (class_smooth), NULL, 0, 64, .unit = "POSITIONS",
    .help = "standard deviation of the blur of the class map; a smaller value gives smaller creatures of more kinds; "
            "0: that of the look" },
  { "scale-channels", 0, RV_OPTION_BOOL, FIELD (scale_channels), "yes", .old_name = "whiten",
    .help = "divide each channel by its standard deviation over photographs, so that weak channels count as well" },
  { "balance", 0, RV_OPTION_BOOL, FIELD (balance), "yes",
    .help = "make layers as strong as their weights say: divide each by the RMS of its gradient at the start of each "
            "size" },
  { "strength", 's', RV_OPTION_REAL, FIELD (strength), "50", 0, 100, .unit = "0..100",
    .help = "0 leaves the photograph, 100 makes each step twice as long", .may_change = TRUE },
  { "octaves", 0, RV_OPTION_INT, FIELD (octaves), "5", 1, 30, .unit = "COUNT",
    .help = "number of sizes, from small to large", .group = "octaves" },
  { "octave-scale", 0, RV_OPTION_REAL, FIELD (octave_scale), "1.4", 1.01, 10, .unit = "FACTOR",
    .help = "sides of each size, as a factor of those of the size before" },
  { "smallest", 0, RV_OPTION_INT, FIELD (smallest_px), "80", 1, 1e6, .unit = "PX",
    .help = "leave out sizes whose shorter side is below this" },
  { "carry", 0, RV_OPTION_CHOICE, FIELD (carry), "dream", .unit = "dream|picture",
    .help = "start of the next size: dream: the photograph plus the dream so far; picture: the picture plus "
            "the lost detail",
    .names = RV_NAMES ("dream", "picture") },
  { "iterations", 'n', RV_OPTION_INT, FIELD (iterations), "16", 0, 1e6, .unit = "COUNT", .help = "steps at each size",
    .group = "length" },
  { "time", 0, RV_OPTION_TEXT, FIELD (time), .unit = "TIME", .check = rv__option_check_seconds,
    .help = "end each frame after about this time, with fewer iterations if necessary: 90s, 3m, 1h" },
  { "until", 0, RV_OPTION_INT, FIELD (until), NULL, 0, 1e9, .unit = "COUNT",
    .help = "end after this number of steps in all, as counted in a timeline or a log" },
  { "step", 0, RV_OPTION_REAL, FIELD (step), "0.014", 0, 10, .unit = "LENGTH",
    .help = "length of a step; 0.01 is 1.275 grey levels; 'init' noise: in the spectrum's numbers", .group = "steps",
    .may_change = TRUE },
  { "normalize", 0, RV_OPTION_CHOICE, FIELD (normalize), "rms", .unit = "rms|mean-abs",
    .help = "divisor of the gradient", .names = RV_NAMES ("rms", "mean-abs") },
  { "max-loss", 0, RV_OPTION_REAL, FIELD (max_loss), "0", 0, 1e12, .unit = "LOSS",
    .help = "leave an octave after the step whose loss exceeds this; 0: never", .may_change = TRUE },
  { "jitter", 0, RV_OPTION_INT, FIELD (jitter_px), "32", 0, 4096, .unit = "PX",
    .help = "shift the picture by up to this distance, at random, for each step; avoids grid marks" },
  { "jitter-edge", 0, RV_OPTION_CHOICE, FIELD (jitter_edge), "mirror", .unit = "mirror|wrap",
    .help = "values beyond the edge of a shifted picture", .names = RV_NAMES ("mirror", "wrap") },
  { "random-rotate", 0, RV_OPTION_REAL, FIELD (random_rotate_deg), "0", 0, 180, .unit = "DEGREES", .old_name = "turn",
    .help = "'init' noise: rotate by up to this angle, at random, for each step" },
  { "random-scale", 0, RV_OPTION_REAL, FIELD (random_scale), "0", 0, 0.9, .unit = "PART", .old_name = "rescale",
    .help = "'init' noise: scale by up to this fraction of its size, at random, for each step" },
  { "smooth", 0, RV_OPTION_REAL, FIELD (smooth_px), "0", 0, 64, .unit = "PX",
    .help = "blur the gradient; larger and softer shapes" },
  { "bands", 0, RV_OPTION_INT, FIELD (bands), "6", 0, 16, .unit = "COUNT",
    .help = "number of frequency bands of the gradient that are made equally strong; 0: off" },
  { "local", 0, RV_OPTION_REAL, FIELD (local_px), "8", 0, 256, .unit = "PX",
    .help = "'bands': standard deviation of the window in which their strength is measured; 0: the whole picture" },
  { "dream-colors", 0, RV_OPTION_CHOICE, FIELD (dream_colors), "all", .unit = "NAME",
    .help = "correlation of the dream's colours; natural: as in photographs; own: as in this picture; all: unchanged",
    .names = RV_NAMES ("natural", "own", "all") },
  { "clip", 0, RV_OPTION_BOOL, FIELD (clip), "yes", .help = "clip pixels to black and white after each step" },
  { "contrast-limit", 0, RV_OPTION_REAL, FIELD (contrast_limit), "0.35", 0, 2, .unit = "RMS",
    .help = "largest change of a region, where black to white is 2; 0: no limit" },
  { "truncate", 0, RV_OPTION_BOOL, FIELD (truncate), "no",
    .help = "cut samples down to whole numbers when saving, as the classic programs do, instead of rounding" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER",
    .help = "random seed of 'jitter' and noise" },
  RV_COMPUTE_OPTION_ROWS (RvDreamSettings),
  { NULL },
};

/* ---- settings ---------------------------------------------------------------------------------------------------- */

const RvSettingsClass rv__settings_dream = {
  .kind = "dream", .command = "dream", .table = rv__dream_options, .size = sizeof (RvDreamSettings), .presets = presets
};

/* ---- layers and channels ----------------------------------------------------------------------------------------- */

/* (nullable): the first RvTerm of @terms on @layer; NULL: none. Borrowed from @terms. */
static RvTerm *
find_term (GArray *terms, const char *layer)
{
  for (guint i = 0; i < terms->len; i++)
    if (strcmp (g_array_index (terms, RvTerm, i).layer, layer) == 0)
      return &g_array_index (terms, RvTerm, i);
  return NULL;
}

/* (nullable): the last colon of @text, "LAYER:12,40", which precedes the channels. Borrowed. NULL: no channels:
 * RV_ERROR_SETTING about @option. */
static const char *
find_channels (const char *text, const char *option, GError **error)
{
  const char *colon = strrchr (text, ':');
  if (!colon || !colon[1])
    return rv__null (
      rv__error_setting (error, option, "'%s' must name channels, as in LAYER:NUMBER,..., not '%s'", option, text));
  return colon;
}

/* Gives the channels of @text, "LAYER:12,40", the weight 1 in the term of that layer in @terms. The first selection
 * in a term deselects its other channels. All errors are about @option. RV_ERROR_SETTING for a layer without a term
 * or an unknown channel; earlier channels then stay selected. */
static gboolean
choose_channels (GArray *terms, const char *text, const char *net_name, const char *option, GError **error)
{
  const char *colon = find_channels (text, option, error);
  g_autofree char *typed = colon ? g_strndup (text, (gsize) (colon - text)) : NULL;
  g_autofree char *layer = colon ? rv__net_layer (net_name, g_strstrip (typed), error) : NULL;
  if (!layer)
    return rv__error_set_option (error, option);
  RvTerm *term = find_term (terms, layer);
  if (!term) {
    g_autofree char *options = g_strconcat (option, ",layers", NULL);
    return rv__error_setting (error, options, "'%s' names the layer %s, which 'layers' does not have; add it there",
                              option, layer);
  }
  gint64 count = rv__net_n_channels (net_name, layer);
  g_auto (GStrv) numbers = g_strsplit (colon + 1, ",", -1);
  if (!term->channel_weights)
    term->channel_weights = g_new0 (double, count);
  for (char **number = numbers; *number; number++) {
    guint64 channel;
    if (!g_ascii_string_to_unsigned (g_strstrip (*number), 10, 0, (guint64) count - 1, &channel, NULL))
      return rv__error_setting (error, option,
                                "'%s': the layer %s has no channel '%s'; its channels are 0 to %" G_GINT64_FORMAT,
                                option, layer, *number, count - 1);
    term->channel_weights[channel] = 1;
  }
  return TRUE;
}

/* Adds the word or group of @text, "macaw:2:sky.png", to the class map's @term. Its weight is added to channel_weights,
 * and channel_groups set to @group, the number of the word. The mask is ignored. FALSE, with @term unchanged:
 * RV_ERROR_SETTING for a wrong weight or an unknown word; the message suggests the nearest word. */
static gboolean
add_word (RvTerm *term, const char *text, int group, const RvNet *net, GError **error)
{
  const char *const *words = rv_net_class_names (net);
  const char *colon = strchr (text, ':'), *place = rv__word_masks_name (text);
  g_autofree char *typed = colon ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  double weight = colon && place != colon + 1 ? g_ascii_strtod (colon + 1, NULL) : 1;
  if (!isfinite (weight))
    return rv__error_setting (error, "toward", "'toward' '%s': a word's weight must be a number", text);
  g_strstrip (typed);
  for (guint i = 0; words[i]; i++)
    if (g_ascii_strcasecmp (words[i], typed) == 0) {
      term->channel_weights[i] += weight;
      term->channel_groups[i] = group;
      return TRUE;
    }
  if (rv__dream_add_group (term, typed, weight, group, g_strv_length ((char **) words)))
    return TRUE;
  const char *nearest = rv_text_nearest (typed, words);
  return rv__error_setting (error, "toward,list-words", "the network %s has no word '%s'; %s%s%s'list-words' shows all",
                            rv_net_name (net), typed, nearest ? "did you mean '" : "", nearest ? nearest : "",
                            nearest ? "'? " : "");
}

/* A look whose targets are words, for networks that have words. */
typedef struct {
  const char *look, *words;
  const char *loss_settings; /* settings of the loss on the class map, for rv__loss_settings(); NULL: its defaults */
} WordLook;

static const WordLook word_looks[] = {
  { RV_DREAM_THINGS, "buildings" },
  { "menagerie", "dogs,birds,fish,insects,buildings:1.3", "largest.smooth=1,largest.smooth-large=2,largest.price=0.5" },
  { "paradise", "colorful,buildings:1.1", "largest.smooth=1,largest.smooth-large=2" },
};

/* (nullable): row of word_looks for the setting `look`; NULL: this look has no words. Static. */
static const WordLook *
find_word_look (const RvDreamSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (word_looks); i++)
    if (strcmp (word_looks[i].look, settings->look) == 0)
      return &word_looks[i];
  return NULL;
}

/* (nullable): find_word_look(), but NULL if `toward`, `neuron`, `layers` or `channels` is set: it replaces the look.
 * Static. */
static const WordLook *
word_look (const RvDreamSettings *settings)
{
  gboolean is_replaced = settings->toward || settings->neuron || settings->layers || settings->channels;
  return is_replaced ? NULL : find_word_look (settings);
}

const char *
rv__dream_words (const RvDreamSettings *settings, const RvNet *net)
{
  const WordLook *look = word_look (settings);
  const char *layers = rv_dream_look_layers (settings->look, rv_net_name (net));
  gboolean has_groups =
    rv_net_class_names (net) && rv__dream_has_groups (g_strv_length ((char **) rv_net_class_names (net)));
  return look && has_groups && g_strcmp0 (layers, RV_NET_CLASSES) == 0 ? look->words : settings->toward;
}

/* (transfer full): settings of the loss for rv__loss_settings(): those of word_look(), if not NULL, and `class-smooth`
 * if above 0. "": the loss's defaults. */
static char *
loss_settings (const RvDreamSettings *settings)
{
  const WordLook *look = word_look (settings);
  const char *name = rv__loss_for ("classes")->name;
  g_autofree char *of_look = g_strdup (look && look->loss_settings ? look->loss_settings : "");
  char smooth[G_ASCII_DTOSTR_BUF_SIZE];
  if (settings->class_smooth <= 0)
    return g_steal_pointer (&of_look);
  g_ascii_dtostr (smooth, sizeof smooth, settings->class_smooth);
  return g_strdup_printf ("%s%s%s.smooth=%s,%s.smooth-large=0", of_look, *of_look ? "," : "", name, smooth, name);
}

/* (nullable): term of @terms for the words with mask number @mask (-1: everywhere). If there is none, appends it:
 * on the class map, with the loss for words by `objective`, and with channel weights and groups of 0. Borrowed,
 * until the next append. */
static RvTerm *
word_term (GArray *terms, int mask, const RvDreamSettings *settings, const RvNet *net, GError **error)
{
  for (guint i = 0; i < terms->len; i++)
    if (g_array_index (terms, RvTerm, i).mask == mask)
      return &g_array_index (terms, RvTerm, i);
  const RvLossClass *loss = rv__loss_on_words (rv__loss_find ("dream", settings->objective));
  g_autofree char *loss_text = loss_settings (settings);
  if (!rv__terms_add (terms, loss, 1, RV_NET_CLASSES, rv_net_name (net), loss_text, error))
    return NULL;
  RvTerm *term = &g_array_index (terms, RvTerm, terms->len - 1);
  term->mask = mask;
  gint64 n = MAX (rv__net_n_channels (rv_net_name (net), RV_NET_CLASSES),
                  (gint64) g_strv_length ((char **) rv_net_class_names (net)));
  term->channel_weights = g_new0 (double, n);
  term->channel_groups = g_new0 (int, n);
  return term;
}

/* Whether the weights of all words of @terms, from word_term(), are 0. */
static gboolean
weights_are_zero (const GArray *terms, const RvNet *net)
{
  guint n = g_strv_length ((char **) rv_net_class_names (net));
  for (guint i = 0; i < terms->len; i++)
    for (guint c = 0; c < n; c++)
      if (g_array_index (terms, RvTerm, i).channel_weights[c] != 0)
        return FALSE;
  return TRUE;
}

GArray *
rv__dream_word_terms (const RvDreamSettings *settings, const RvNet *net, RvWordMasks *masks, GError **error)
{
  if (!rv_net_class_names (net))
    return rv__null (rv__error_setting (
      error, "toward", "the network %s has no words; 'toward' needs a network that has them", rv_net_name (net)));
  g_autoptr (GArray) terms = rv__terms_new ();
  g_auto (GStrv) words = rv_text_split_files (rv__dream_words (settings, net), (const char *[]){ NULL });
  for (char **word = words; *word; word++) {
    const char *mask = rv__word_masks_name (*word);
    RvTerm *term = word_term (terms, mask ? rv__word_masks_add (masks, mask) : -1, settings, net, error);
    if (!term || !add_word (term, *word, (int) (word - words), net, error))
      return NULL;
  }
  if (words[0] && weights_are_zero (terms, net))
    return rv__null (rv__error_setting (error, "toward", "'toward' '%s': %s 0; set one above 0",
                                        rv__dream_words (settings, net),
                                        words[1] ? "the weights of all words are" : "the word's weight is"));
  return g_steal_pointer (&terms);
}

/* (transfer full: g_array_unref()) (nullable): one RvTerm: maximises the mean of the channels in @text,
 * "LAYER:12,40". It is on the layer before its ReLU, if the network has that layer, because a ReLU passes no
 * gradient below zero. All errors are about `neuron`. */
static GArray *
neuron_terms (const char *text, const char *net_name, GError **error)
{
  const char *colon = find_channels (text, "neuron", error);
  if (!colon)
    return NULL;
  g_autofree char *plain = g_strndup (text, (gsize) (colon - text));
  g_autofree char *pre = g_strconcat (g_strstrip (plain), ":pre", NULL);
  g_autofree char *before_relu = rv__net_layer (net_name, pre, NULL);
  const char *layer = before_relu ? before_relu : plain;
  g_autofree char *channels = g_strconcat (layer, colon, NULL);
  g_autoptr (GArray) terms = rv__terms_new ();
  return (rv__terms_add (terms, rv__loss_for ("channels"), 1, layer, net_name, NULL, error) ||
          rv__error_set_option (error, "neuron")) &&
             choose_channels (terms, channels, net_name, "neuron", error)
           ? g_steal_pointer (&terms)
           : NULL;
}

/* (transfer full): the layers of @lists, "LAYER:12,40" each, separated by commas; each layer once. */
static char *
layers_of_channels (char **lists)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func (g_free);
  for (char **list = lists; *list; list++) {
    const char *colon = strrchr (*list, ':');
    char *layer = g_strstrip (colon ? g_strndup (*list, (gsize) (colon - *list)) : g_strdup (*list));
    if (g_ptr_array_find_with_equal_func (layers, layer, g_str_equal, NULL))
      g_free (layer);
    else
      g_ptr_array_add (layers, layer);
  }
  g_ptr_array_add (layers, NULL);
  return g_strjoinv (",", (char **) layers->pdata);
}

GArray *
rv__dream_terms (const RvDreamSettings *settings, const char *net_name, GError **error)
{
  if (settings->neuron)
    return neuron_terms (settings->neuron, net_name, error);
  g_autoptr (GArray) terms = rv__terms_new ();
  g_auto (GStrv) lists = settings->channels ? g_strsplit (settings->channels, ";", -1) : NULL;
  g_autofree char *own_layers = lists && find_word_look (settings) ? layers_of_channels (lists) : NULL;
  const char *layers = settings->layers ? settings->layers
                       : own_layers     ? own_layers
                                        : rv_dream_look_layers (settings->look, net_name);
  g_autofree char *loss_text = loss_settings (settings);
  const RvLossClass *loss = rv__loss_find ("dream", settings->objective);
  if (!rv__terms_add (terms, loss, 1, layers ? layers : "", net_name, loss_text, error))
    return rv__null (rv__error_set_option (error, settings->layers ? "layers" : own_layers ? "channels" : NULL));
  for (guint i = 0; i < terms->len; i++)
    if (strcmp (g_array_index (terms, RvTerm, i).layer, RV_NET_CLASSES) == 0)
      rv__term_set_loss (&g_array_index (terms, RvTerm, i), rv__loss_on_classes (loss), loss_text);
  for (char **list = lists; list && *list; list++)
    if (!choose_channels (terms, *list, net_name, "channels", error))
      return NULL;
  return g_steal_pointer (&terms);
}

gboolean
rv__dream_settings_check_combination (const RvDreamSettings *settings, GError **error)
{
  if (settings->neuron && (settings->toward || settings->layers || settings->channels))
    return rv__error_setting (error, "neuron,toward,layers,channels",
                              "'neuron' cannot be combined with 'toward', 'layers' or 'channels'");
  if (strcmp (settings->init, RV_DREAM_NOISE) == 0 && settings->octaves != 1)
    return rv__error_setting (error, "octaves", "'init' noise works only with 'octaves' 1");
  return TRUE;
}

gboolean
rv__dream_settings_check (const RvSettings *settings, const char *net_name, GError **error)
{
  const RvDreamSettings *own = rv__settings_fields (settings, &rv__settings_dream, error);
  g_autoptr (GArray) terms =
    own && rv__dream_settings_check_combination (own, error) ? rv__dream_terms (own, net_name, error) : NULL;
  return terms != NULL;
}
