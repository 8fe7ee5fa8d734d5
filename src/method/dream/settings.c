/* settings.c -- the settings of a dream: the one place where a default or a range is written.
 *
 * A preset sets numbers, a look sets layers; any pair goes, and single options win over both. */
#include "method/compute.h"
#include "base/option.h"
#include "method/dream/internal.h"
#include "base/text.h"
#include "method/objective/objective.h"
#include <math.h>
#include <string.h>

/* ---- presets and looks ------------------------------------------------------------------------------------------- */

typedef struct {
  const char *name, *summary;
  RvOptionValue settings[8];
} Preset;

/* Those of other programs compute as these do, in f32: a step in bf16 goes another way. */
static const Preset presets[] = {
  { "production", "five octaves of 50 steps", { { "precision", "f32" } } },
  { "test",
    "quick: three octaves of 20 steps",
    { { "iterations", "20" }, { "octaves", "3" }, { "precision", "f32" } } },
  { "keras",
    "as the Keras example: three octaves of 20 steps, each left when its loss passes 15",
    { { "iterations", "20" },
      { "octaves", "3" },
      { "normalize", "mean-abs" },
      { "max-loss", "15" },
      { "precision", "f32" } } },
  { "atlas",
    "from noise to one clear motif: three octaves of 24 long steps, shifted and smoothed; as --atlas has it",
    { { "iterations", "24" }, { "octaves", "3" }, { "step", "0.02" }, { "jitter", "4" }, { "smooth", "1" } } },
};

static const char *const preset_names[] = { "production", "test", "keras", "atlas", NULL };
static const char *const look_names[] = { "default", "fine-textures", "abstract-shapes", "keras", NULL };

const char *const *
rv_dream_presets (void)
{
  return preset_names;
}

const char *const *
rv_dream_looks (void)
{
  return look_names;
}

static const Preset *
find_preset (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    if (g_strcmp0 (presets[i].name, name) == 0)
      return &presets[i];
  return NULL;
}

const char *
rv_dream_preset_summary (const char *preset)
{
  const Preset *found = find_preset (preset);
  return found ? found->summary : NULL;
}

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
normalize_choices (void)
{
  static const char *const names[] = { "rms", "mean-abs", NULL };
  return names;
}

#define FIELD(f) offsetof (RvDreamSettings, f)

const RvOption rv_dream_options[] = {
  { "preset", 'p', RV_OPTION_CHOICE, FIELD (preset), "production", .unit = "NAME", .help = "how long and how strongly",
    .choices = rv_dream_presets },
  { "look", 'l', RV_OPTION_CHOICE, FIELD (look), "default", .unit = "NAME", .help = "which layers of the network dream",
    .choices = rv_dream_looks },
  { "layers", 0, RV_OPTION_TEXT, FIELD (layers), .unit = "LAYER[:WEIGHT],...",
    .help = "layers of your own: early ones give strokes and textures, late ones eyes and animals [the look's]" },
  { "channels", 0, RV_OPTION_TEXT, FIELD (channels), .unit = "LAYER:NUMBER,...",
    .help = "only these channels of a layer, counted from 0; several layers: LAYER:NUMBER,...;LAYER:..." },
  { "toward", 0, RV_OPTION_TEXT, FIELD (toward), .unit = "WORD[:WEIGHT],...",
    .help = "dream of this instead: a word of the network's, such as macaw; --list-words" },
  { "strength", 's', RV_OPTION_REAL, FIELD (strength), "50", 0, 100, .unit = "0..100",
    .help = "0 leaves the photograph, 100 makes each step twice as long" },
  { "octaves", 0, RV_OPTION_INT, FIELD (octaves), "5", 1, 30, .unit = "COUNT", .help = "sizes, from small to large" },
  { "octave-scale", 0, RV_OPTION_REAL, FIELD (octave_scale), "1.4", 1.01, 10, .unit = "FACTOR",
    .help = "from one size to the next" },
  { "iterations", 'n', RV_OPTION_INT, FIELD (iterations), "50", 0, 1e6, .unit = "COUNT", .help = "steps at each size" },
  { "time", 0, RV_OPTION_TEXT, FIELD (time), .unit = "TIME",
    .help = "end about then, of each frame, with fewer iterations if need be: 90s, 3m, 1h" },
  { "until", 0, RV_OPTION_INT, FIELD (until), NULL, 0, 1e9, .unit = "COUNT",
    .help = "end after so many steps in all, as a timeline or a log counts them" },
  { "step", 0, RV_OPTION_REAL, FIELD (step), "0.01", 0, 10, .unit = "LENGTH",
    .help = "of one step; 0.01 is 1.275 grey levels" },
  { "normalize", 0, RV_OPTION_CHOICE, FIELD (normalize), "rms", .unit = "rms|mean-abs",
    .help = "what the gradient is divided by", .choices = normalize_choices },
  { "max-loss", 0, RV_OPTION_REAL, FIELD (max_loss), "0", 0, 1e12, .unit = "LOSS",
    .help = "leave an octave after the step whose loss exceeds this; 0: never" },
  { "jitter", 0, RV_OPTION_INT, FIELD (jitter_px), "0", 0, 4096, .unit = "PX",
    .help = "shift the picture by up to so much, at random, for each step; against grid marks" },
  { "smooth", 0, RV_OPTION_REAL, FIELD (smooth_px), "0", 0, 64, .unit = "PX",
    .help = "blur the gradient; larger and softer shapes" },
  { "seed", 0, RV_OPTION_INT, FIELD (seed), "0", 0, 9e15, .unit = "NUMBER",
    .help = "of the random numbers in --jitter" },
  RV_COMPUTE_OPTION_ROWS (RvDreamSettings),
  { NULL },
};

/* ---- settings ---------------------------------------------------------------------------------------------------- */

RvDreamSettings *
rv_dream_settings_new (const char *preset, GError **error)
{
  g_autoptr (RvDreamSettings) settings = g_new0 (RvDreamSettings, 1);
  rv_option_defaults (rv_dream_options, settings);
  if (!rv_option_set (rv_dream_options, settings, "preset", preset, error))
    return NULL;
  if (!rv__option_set_all (rv_dream_options, settings, find_preset (preset)->settings, error))
    return NULL;
  return g_steal_pointer (&settings);
}

void
rv_dream_settings_free (RvDreamSettings *settings)
{
  if (!settings)
    return;
  rv_option_clear (rv_dream_options, settings);
  g_free (settings);
}

RvDreamSettings *
rv__dream_settings_copy (const RvDreamSettings *settings)
{
  RvDreamSettings *copy = g_new0 (RvDreamSettings, 1);
  rv__option_copy (rv_dream_options, settings, copy);
  return copy;
}

/* ---- layers and channels ----------------------------------------------------------------------------------------- */

gint64
rv__dream_n_channels (const char *net_name, const char *layer)
{
  g_autoptr (GArray) layers = rv_net_describe (net_name, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE);
  g_autofree char *plain = g_strndup (layer, strcspn (layer, ":"));
  for (guint i = 0; i < layers->len; i++)
    if (strcmp (g_array_index (layers, RvLayer, i).name, plain) == 0)
      return g_array_index (layers, RvLayer, i).channels;
  return 0;
}

static RvTerm *
find_term (GArray *terms, const char *layer)
{
  for (guint i = 0; i < terms->len; i++)
    if (strcmp (g_array_index (terms, RvTerm, i).layer, layer) == 0)
      return &g_array_index (terms, RvTerm, i);
  return NULL;
}

/* "LAYER:12,40" into the term of that layer. */
static gboolean
choose_channels (GArray *terms, const char *text, const char *net_name, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *typed = colon ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  g_autofree char *layer = rv_net_layer (net_name, g_strstrip (typed), error);
  if (!layer)
    return FALSE;
  RvTerm *term = find_term (terms, layer);
  if (!term || !colon || !colon[1]) {
    g_set_error (
      error, RV_ERROR, RV_ERROR_SETTING,
      term ? "--channels '%s': which? LAYER:NUMBER,..." : "--channels '%s': that layer is not among --layers", text);
    return FALSE;
  }
  gint64 count = rv__dream_n_channels (net_name, layer);
  g_auto (GStrv) numbers = g_strsplit (colon + 1, ",", -1);
  if (!term->channel_weights)
    term->channel_weights = g_new0 (double, count);
  for (char **number = numbers; *number; number++) {
    guint64 channel;
    if (!g_ascii_string_to_unsigned (g_strstrip (*number), 10, 0, (guint64) count - 1, &channel, NULL)) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                   "--channels: the layer %s has no channel '%s'; its channels are 0 to %" G_GINT64_FORMAT, layer,
                   *number, count - 1);
      return FALSE;
    }
    term->channel_weights[channel] = 1;
  }
  return TRUE;
}

#define CLASS_LAYER "class"

/* "macaw:2" into the weights of the class map's channels. */
static gboolean
add_word (double *weights, const char *text, const RvNet *net, GError **error)
{
  const char *const *words = rv_net_words (net);
  const char *colon = strrchr (text, ':');
  g_autofree char *typed = colon ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  char *end = NULL;
  double weight = colon ? g_ascii_strtod (colon + 1, &end) : 1;
  if (colon && (end == colon + 1 || *end || !isfinite (weight))) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--toward '%s': a word's weight is a number", text);
    return FALSE;
  }
  g_strstrip (typed);
  for (guint i = 0; words[i]; i++)
    if (g_ascii_strcasecmp (words[i], typed) == 0) {
      weights[i] += weight;
      return TRUE;
    }
  const char *nearest = rv__text_nearest (typed, words);
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the network %s has no word '%s'; %s%s%s", rv_net_name (net), typed,
               nearest ? "did you mean '" : "--list-words shows them", nearest ? nearest : "", nearest ? "'?" : "");
  return FALSE;
}

GArray *
rv__dream_word_terms (const RvDreamSettings *settings, const RvNet *net, GError **error)
{
  if (!rv_net_words (net)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the network %s has no words to dream toward", rv_net_name (net));
    return NULL;
  }
  g_autoptr (GArray) terms = rv__terms_new ();
  g_auto (GStrv) words = g_strsplit (settings->toward, ",", -1);
  if (!rv__terms_add (terms, rv__loss_find ("dream", "toward"), 1, CLASS_LAYER, rv_net_name (net), NULL, error))
    return NULL;
  RvTerm *term = &g_array_index (terms, RvTerm, 0);
  term->channel_weights = g_new0 (double, MAX (rv__dream_n_channels (rv_net_name (net), CLASS_LAYER),
                                               (gint64) g_strv_length ((char **) rv_net_words (net))));
  for (char **word = words; *word; word++)
    if (!add_word (term->channel_weights, *word, net, error))
      return NULL;
  return g_steal_pointer (&terms);
}

GArray *
rv__dream_terms (const RvDreamSettings *settings, const char *net_name, GError **error)
{
  const char *layers = settings->layers ? settings->layers : rv_dream_look_layers (settings->look, net_name);
  g_autoptr (GArray) terms = rv__terms_new ();
  g_auto (GStrv) lists = settings->channels ? g_strsplit (settings->channels, ";", -1) : NULL;
  if (!rv__terms_add (terms, rv__loss_find ("dream", "squares"), 1, layers ? layers : "", net_name, NULL, error))
    return NULL;
  for (char **list = lists; list && *list; list++)
    if (!choose_channels (terms, *list, net_name, error))
      return NULL;
  return g_steal_pointer (&terms);
}

gboolean
rv_dream_settings_check (const RvDreamSettings *settings, const char *net_name, GError **error)
{
  g_autoptr (GArray) terms =
    rv__option_check (rv_dream_options, settings, error) ? rv__dream_terms (settings, net_name, error) : NULL;
  return terms != NULL;
}
