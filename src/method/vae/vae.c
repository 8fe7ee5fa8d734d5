/* vae.c -- the model: its parameters, new or from a file, and its notes.
 *
 *   conv  encoder: `depth` 3x3 convolutions of stride 2, `same`, width * 2^k channels, ReLU; dense, ReLU; mu, logvar
 *         decoder: dense, ReLU; the mirrored transposed convolutions, ReLU; one of stride 1: logits
 *   mlp   `depth` dense layers of `width` units, ReLU; mu, logvar; the same mirrored: logits */
#include "base/option.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "method/compute.h"
#include "method/patches/patches.h"
#include "method/vae/vae-internal.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <string.h>

#define KERNEL 3 /* side of every convolution kernel */
#define FORMAT "reverie-vae"
#define LOG_SIGMA "log_sigma"
#define LABEL_WEIGHT ".label.weight"
#define LARGEST_SIDE 1024
#define MAX_IMPORTANCE_SAMPLES 1000
#define LABELS_NOTE "labels"

gint64
rv__vae_pixels (const RvVae *vae)
{
  return (gint64) vae->channels * vae->height * vae->width;
}

gboolean
rv__vae_is_gaussian (const RvVae *vae)
{
  return strcmp (vae->settings->likelihood, "gaussian") == 0;
}

gboolean
rv__vae_learns_sigma (const RvVae *vae)
{
  return rv__vae_is_gaussian (vae) && strcmp (vae->settings->sigma, "learned") == 0;
}

RvTensor *
rv__vae_log_sigma (const RvVae *vae)
{
  return rv__vae_learns_sigma (vae) ? rv__parameter (vae->parameters, vae->parameters->len - 1)->tensor : NULL;
}

double
rv_vae_sigma (const RvVae *vae)
{
  const RvTensor *log_sigma = rv__vae_log_sigma (vae);
  return log_sigma ? exp (((const float *) log_sigma->data)[0]) : g_ascii_strtod (vae->settings->sigma, NULL);
}

double
rv__vae_nats (const RvVae *vae, double sum)
{
  if (!rv__vae_is_gaussian (vae))
    return sum;
  double variance = rv_vae_sigma (vae) * rv_vae_sigma (vae);
  return sum / (2 * variance) + (double) rv__vae_pixels (vae) / 2 * log (2 * G_PI * variance);
}

double
rv__log_add (double a, double b)
{
  double larger = MAX (a, b);
  return isinf (larger) ? larger : larger + log1p (exp (MIN (a, b) - larger));
}

double
rv__vae_log_ratio (const RvVae *vae, const float *z, const float *logvar, const double *eps)
{
  gint64 latent = vae->settings->latent;
  double twice = 0,
         prior = vae->prior ? rv__mixture_log_density (vae->prior, z) + (double) latent / 2 * log (2 * G_PI) : 0;
  for (gint64 j = 0; j < latent; j++)
    twice += eps[j] * eps[j] + logvar[j] - (vae->prior ? 0 : (double) z[j] * z[j]);
  return 0.5 * twice + prior;
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

/* Appends the parameter "@layer.@kind" of @shape, all zeros. */
static gboolean
add_parameter (RvVae *vae, const char *layer, const char *kind, RvShape shape, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer, kind);
  return rv__parameters_add (vae->parameters, name, &shape, error);
}

/* Appends weights and bias of a layer, all zeros. Shapes of @weight: dense [out, in], convolution [out, in, 3, 3],
 * transposed convolution [in, out, 3, 3]. */
static gboolean
add_layer (RvVae *vae, const char *name, RvShape weight, gint64 n_out, GError **error)
{
  return add_parameter (vae, name, "weight", weight, error) &&
         add_parameter (vae, name, "bias", rv_shape (1, n_out), error);
}

/* Appends weights and bias of the layer @name followed by @number, by add_layer(). */
static gboolean
add_numbered (RvVae *vae, const char *name, gint64 number, RvShape weight, gint64 n_out, GError **error)
{
  g_autofree char *full = g_strdup_printf ("%s%" G_GINT64_FORMAT, name, number);
  return add_layer (vae, full, weight, n_out, error);
}

/* Appends the parameters of the architecture `conv` to vae->parameters, all zeros. */
static gboolean
add_conv_parameters (RvVae *vae, GError **error)
{
  const RvVaeSettings *s = vae->settings;
  gint64 last = s->width << (s->depth - 1), in = vae->channels;
  gint64 flat = last * (vae->height >> s->depth) * (vae->width >> s->depth);
  gboolean ok = TRUE;
  for (gint64 k = 0; ok && k < s->depth; k++) {
    gint64 out = s->width << k;
    ok = add_numbered (vae, "encoder.conv", k, rv_shape (4, out, in, KERNEL, KERNEL), out, error);
    in = out;
  }
  ok = ok && add_layer (vae, "encoder.dense", rv_shape (2, s->dense, flat), s->dense, error) &&
       add_layer (vae, "encoder.mu", rv_shape (2, s->latent, s->dense), s->latent, error) &&
       add_layer (vae, "encoder.logvar", rv_shape (2, s->latent, s->dense), s->latent, error) &&
       add_layer (vae, "decoder.dense", rv_shape (2, flat, s->latent), flat, error);
  for (gint64 k = s->depth - 1; ok && k >= 0; k--) {
    gint64 out = s->width << k;
    ok = add_numbered (vae, "decoder.conv", k, rv_shape (4, in, out, KERNEL, KERNEL), out, error);
    in = out;
  }
  return ok && add_layer (vae, "decoder.logits", rv_shape (4, in, vae->channels, KERNEL, KERNEL), vae->channels, error);
}

/* Appends the parameters of the architecture `mlp` to vae->parameters, all zeros. */
static gboolean
add_mlp_parameters (RvVae *vae, GError **error)
{
  const RvVaeSettings *s = vae->settings;
  gint64 pixels = rv__vae_pixels (vae);
  gboolean ok = TRUE;
  for (gint64 k = 0; ok && k < s->depth; k++)
    ok = add_numbered (vae, "encoder.dense", k, rv_shape (2, s->width, k == 0 ? pixels : s->width), s->width, error);
  ok = ok && add_layer (vae, "encoder.mu", rv_shape (2, s->latent, s->width), s->latent, error) &&
       add_layer (vae, "encoder.logvar", rv_shape (2, s->latent, s->width), s->latent, error);
  for (gint64 k = 0; ok && k < s->depth; k++)
    ok = add_numbered (vae, "decoder.dense", k, rv_shape (2, s->width, k == 0 ? s->latent : s->width), s->width, error);
  return ok && add_layer (vae, "decoder.logits", rv_shape (2, pixels, s->width), pixels, error);
}

char *
rv__vae_labelled_layer (const RvVae *vae, const char *side)
{
  return g_strconcat (side, strcmp (vae->settings->architecture, "conv") == 0 ? ".dense" : ".dense0", NULL);
}

/* Appends the label weights, [units, labels], of both labelled layers, all zeros; nothing without labels. */
static gboolean
add_label_parameters (RvVae *vae, GError **error)
{
  static const char *const sides[] = { "encoder", "decoder" };
  for (guint i = 0; vae->labels && i < G_N_ELEMENTS (sides); i++) {
    g_autofree char *layer = rv__vae_labelled_layer (vae, sides[i]), *weight = g_strconcat (layer, ".weight", NULL),
                    *label = g_strconcat (sides[i], ".label", NULL);
    int k = rv__parameters_index (vae->parameters, weight);
    gint64 units = rv__parameter (vae->parameters, (guint) k)->tensor->shape.dim[0];
    RvShape shape = rv_shape (2, units, (gint64) g_strv_length (vae->labels));
    if (!add_parameter (vae, label, "weight", shape, error))
      return FALSE;
  }
  return TRUE;
}

/* Overwrites all weights with numbers uniform in +-sqrt (6 / (fan_in + fan_out)) (Glorot, Bengio 2010), from the
 * setting `seed`. Label weights get variance 1, as in PyTorch's nn.Embedding: with Glorot's limit, the trained decoder
 * ignores the label. Biases and log_sigma stay as they are. */
static void
fill_glorot (RvVae *vae)
{
  guint64 index = 0;
  for (guint i = 0; i < vae->parameters->len; i++) {
    RvTensor *tensor = rv__parameter (vae->parameters, i)->tensor;
    const gint64 *d = tensor->shape.dim;
    if (tensor->shape.n == 1)
      continue;
    gint64 taps = tensor->shape.n == 4 ? d[2] * d[3] : 1;
    gboolean is_label_weight = g_str_has_suffix (rv__parameter (vae->parameters, i)->name, LABEL_WEIGHT);
    double limit = is_label_weight ? sqrt (3.0) : sqrt (6.0 / (double) ((d[0] + d[1]) * taps));
    gint64 n = rv_tensor_count (tensor);
    rv__random_fill (tensor->data, n, limit, (guint64) vae->settings->seed, RV_VAE_INIT_STREAM, index);
    index += (guint64) n;
  }
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* Count in @text (nullable): 0 if it is @none; the number, 1 to @max, if it is @prefix and a number; -1, without an
 * error, for another text. */
static int
read_count (const char *text, const char *none, const char *prefix, gint64 max)
{
  gint64 n = 0;
  if (g_strcmp0 (text, none) == 0)
    return 0;
  gboolean ok =
    text && g_str_has_prefix (text, prefix) && g_ascii_string_to_signed (text + strlen (prefix), 10, 1, max, &n, NULL);
  return ok ? (int) n : -1;
}

int
rv__vae_importance_samples (const RvVaeSettings *settings)
{
  return read_count (settings->objective, "elbo", "iwae:", MAX_IMPORTANCE_SAMPLES);
}

int
rv__vae_prior_components (const RvVaeSettings *settings)
{
  return read_count (settings->prior, "normal", "gmm:", RV_MIXTURE_MAX_COMPONENTS);
}

/* Sets the architecture's defaults where a setting is 0. */
static void
complete_settings (RvVaeSettings *s)
{
  gboolean conv = strcmp (s->architecture, "conv") == 0;
  s->latent = s->latent ? s->latent : conv ? 16 : 20;
  s->width = s->width ? s->width : conv ? 32 : 400;
  s->depth = s->depth ? s->depth : conv ? 2 : 1;
}

/* Multiple of @step, at least @step, that is nearest to @n. */
static int
nearest_multiple (int n, int step)
{
  return MAX ((n + step / 2) / step, 1) * step;
}

gboolean
rv__vae_settings_check (const RvVaeSettings *s, GError **error)
{
  const char *text = s->sigma ? s->sigma : "";
  char *end = NULL;
  double sigma = g_ascii_strtod (text, &end);
  if (strcmp (text, "learned") != 0 && (end == text || *end || !isfinite (sigma) || sigma <= 0))
    return rv__error_setting (error, "sigma", "'sigma' must be a number above 0 or learned, not '%s'", text);
  if (s->kl_cycles && s->kl_warmup <= 0)
    return rv__error_setting (error, "kl-cycles", "'kl-cycles' needs 'kl-warmup'");
  int importance = rv__vae_importance_samples (s);
  if (importance < 0)
    return rv__error_setting (error, "objective", "'objective' must be elbo, or iwae:K with K from 1 to %d, not '%s'",
                              MAX_IMPORTANCE_SAMPLES, s->objective ? s->objective : "");
  if (importance > 0 && (s->beta != 1 || s->kl_warmup > 0 || s->free_bits > 0))
    return rv__error_setting (error, "objective,beta,kl-warmup,free-bits",
                              "'objective' iwae cannot be combined with 'beta', 'kl-warmup' or 'free-bits'");
  int components = rv__vae_prior_components (s);
  if (components < 0)
    return rv__error_setting (error, "prior", "'prior' must be normal, or gmm:K with K from 1 to %d, not '%s'",
                              RV_MIXTURE_MAX_COMPONENTS, s->prior ? s->prior : "");
  return components == 0 || s->latent <= RV_MIXTURE_MAX_DIMENSIONS ||
         rv__error_setting (error, "prior,latent", "'prior' gmm works only with 'latent' up to %d",
                            RV_MIXTURE_MAX_DIMENSIONS);
}

/* Checks the picture size: 1 to 3 channels, sides of 1 to LARGEST_SIDE px. For `conv`, 2^depth must divide both sides.
 * RV_ERROR_SETTING. */
static gboolean
check_size (const RvVae *vae, GError **error)
{
  const RvVaeSettings *s = vae->settings;
  int step = 1 << s->depth;
  if (vae->channels < 1 || vae->channels > 3 || vae->height < 1 || vae->width < 1)
    return rv__error_set (
      error, RV_ERROR_SETTING,
      "pictures of %d x %d px with %d channel%s are not possible; sides must be 1 px or more, channels 1 to 3",
      vae->width, vae->height, vae->channels, vae->channels == 1 ? "" : "s");
  if (MAX (vae->height, vae->width) > LARGEST_SIDE)
    return rv__error_set (error, RV_ERROR_SETTING,
                          "pictures of %d x %d px are too large; each side must have at most %d px", vae->width,
                          vae->height, LARGEST_SIDE);
  if (strcmp (s->architecture, "conv") == 0 && (vae->height % step || vae->width % step))
    return rv__error_setting (
      error, "depth,architecture",
      "pictures of %d x %d px cannot be halved %d time%s; resize them to %d x %d px, or choose another "
      "'depth', or 'architecture' mlp",
      vae->width, vae->height, (int) s->depth, s->depth == 1 ? "" : "s", nearest_multiple (vae->width, step),
      nearest_multiple (vae->height, step));
  return TRUE;
}

/* (transfer full) (nullable): a model with a copy of @settings, the architecture's defaults where they are 0, and
 * all parameters 0. @labels: (nullable: none): NULL-terminated, copied. */
static RvVae *
new_empty (const RvSettings *settings, int channels, int height, int width, char *const *labels, GError **error)
{
  if (!rv__settings_fields (settings, &rv__settings_vae, error))
    return NULL;
  g_autoptr (RvVae) vae = g_new0 (RvVae, 1);
  vae->settings_copy = rv__settings_copy (settings);
  vae->settings = vae->settings_copy->fields;
  vae->channels = channels, vae->height = height, vae->width = width;
  vae->parameters = rv__parameters_new ();
  vae->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  vae->labels = g_strdupv ((GStrv) labels);
  vae->label = -1;
  complete_settings (vae->settings);
  gboolean conv = strcmp (vae->settings->architecture, "conv") == 0;
  if (!rv__vae_settings_check (vae->settings, error) || !check_size (vae, error) ||
      !(conv ? add_conv_parameters (vae, error) : add_mlp_parameters (vae, error)) ||
      !add_label_parameters (vae, error) ||
      (rv__vae_learns_sigma (vae) && !add_parameter (vae, "pixels", LOG_SIGMA, rv_shape (1, (gint64) 1), error)))
    return NULL;
  return g_steal_pointer (&vae);
}

RvVae *
rv__vae_new_labelled (const RvSettings *settings, int channels, int height, int width, char *const *labels,
                      GError **error)
{
  RvVae *vae = new_empty (settings, channels, height, width, labels, error);
  g_autofree char *lines = labels ? g_strjoinv ("\n", (GStrv) labels) : NULL;
  if (vae)
    fill_glorot (vae);
  if (vae && lines)
    rv__vae_set_note (vae, LABELS_NOTE, lines);
  return vae;
}

RvVae *
rv_vae_new (const RvSettings *settings, int channels, int height, int width, GError **error)
{
  return rv__vae_new_labelled (settings, channels, height, width, NULL, error);
}

void
rv_vae_free (RvVae *vae)
{
  if (!vae)
    return;
  rv_settings_free (vae->settings_copy);
  g_array_unref (vae->parameters);
  rv__mixture_free (vae->prior);
  g_hash_table_unref (vae->notes);
  g_strfreev (vae->labels);
  g_free (vae);
}

const RvSettings *
rv_vae_settings (const RvVae *vae)
{
  return vae->settings_copy;
}

void
rv_vae_set_threads (RvVae *vae, int n_threads)
{
  vae->settings->threads = CLAMP (n_threads, 0, RV_COMPUTE_MAX_THREADS);
}

void
rv__vae_set_note (RvVae *vae, const char *key, const char *text)
{
  g_hash_table_insert (vae->notes, g_strdup (key), g_strdup (text));
}

const char *
rv_vae_get_note (const RvVae *vae, const char *key)
{
  return g_hash_table_lookup (vae->notes, key);
}

void
rv_vae_picture_size (const RvVae *vae, int *channels, int *height, int *width)
{
  *channels = vae->channels, *height = vae->height, *width = vae->width;
}

gint64
rv_vae_n_parameters (const RvVae *vae)
{
  gint64 n = 0;
  for (guint i = 0; i < vae->parameters->len; i++)
    n += rv_tensor_count (rv__parameter (vae->parameters, i)->tensor);
  return n;
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Index of @label in vae->labels. -1: RV_ERROR_SETTING, there is no such label; the message lists the labels, or says
 * that there are none. */
static int
find_label (const RvVae *vae, const char *label, GError **error)
{
  for (int i = 0; vae->labels && vae->labels[i]; i++)
    if (strcmp (vae->labels[i], label) == 0)
      return i;
  g_autofree char *list = vae->labels ? g_strjoinv (", ", vae->labels) : NULL;
  rv__error_setting (error, "label",
                     vae->labels ? "the model has no label '%s'; it has: %s"
                                 : "the model has no labels, so there is no '%s'; 'condition' trains one with labels",
                     label, list);
  return -1;
}

gboolean
rv_vae_set_label (RvVae *vae, const char *label, GError **error)
{
  int i = label ? find_label (vae, label, error) : -1;
  if (label && i < 0)
    return FALSE;
  vae->label = i;
  return TRUE;
}

int *
rv__vae_labels_from_dataset (const RvVae *vae, const RvDataset *dataset, GError **error)
{
  gboolean has_labels = vae->labels && vae->label < 0 && dataset->labels;
  guint n_names = has_labels ? g_strv_length (dataset->label_names) : 0;
  g_autofree int *number = g_new (int, n_names + 1), *labels = g_new (int, dataset->n + 1);
  for (guint k = 0; k < n_names; k++)
    if ((number[k] = find_label (vae, dataset->label_names[k], error)) < 0)
      return NULL;
  for (gint64 i = 0; i < dataset->n; i++)
    labels[i] = has_labels ? number[dataset->labels[i]] : vae->label;
  return g_steal_pointer (&labels);
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

#define OPTION_PREFIX "option."
#define NOTE_PREFIX "note."

RvTensorMap *
rv_vae_to_map (const RvVae *vae, GError **error)
{
  static const char *const not_stored[] = { RV_VAE_MACHINE_OPTIONS, NULL };
  RvTensorMap *map = rv_tensor_map_new ();
  GHashTableIter iter;
  gpointer key, text;
  rv_tensor_map_set_text (map, "format", FORMAT);
  rv__tensor_map_set_count (map, "channels", vae->channels);
  rv__tensor_map_set_count (map, "height", vae->height);
  rv__tensor_map_set_count (map, "width", vae->width);
  for (const RvOption *option = rv__vae_options; option->name; option++) {
    g_autofree char *name = g_strconcat (OPTION_PREFIX, option->name, NULL),
                    *value = rv__option_get (rv__vae_options, vae->settings, option->name);
    if (value && !g_strv_contains (not_stored, option->name))
      rv_tensor_map_set_text (map, name, value);
  }
  g_hash_table_iter_init (&iter, vae->notes);
  while (g_hash_table_iter_next (&iter, &key, &text)) {
    g_autofree char *name = g_strconcat (NOTE_PREFIX, key, NULL);
    rv_tensor_map_set_text (map, name, text);
  }
  for (guint i = 0; i < vae->parameters->len; i++) {
    const RvParameter *parameter = rv__parameter (vae->parameters, i);
    rv_tensor_map_set (map, parameter->name, parameter->tensor);
  }
  if (vae->prior)
    rv__mixture_to_map (vae->prior, map);
  return map;
}

/* Number in the text @key of @map, limited to 0..LARGEST_SIDE + 1; 0 without that text, or if it does not begin with a
 * number. */
static int
get_number (const RvTensorMap *map, const char *key)
{
  const char *text = rv_tensor_map_get_text (map, key);
  return text ? (int) CLAMP (g_ascii_strtoll (text, NULL, 10), 0, LARGEST_SIDE + 1) : 0;
}

/* Sets each setting that the texts of @map have, also under its former name; the others stay. RV_ERROR_FORMAT for an
 * invalid value; earlier ones are set then. */
static gboolean
read_settings (const RvTensorMap *map, RvVaeSettings *settings, GError **error)
{
  for (const RvOption *option = rv__vae_options; option->name; option++) {
    g_autofree char *key = g_strconcat (OPTION_PREFIX, option->name, NULL);
    g_autofree char *old_key = g_strconcat (OPTION_PREFIX, option->old_name, NULL);
    const char *value = rv_tensor_map_get_text (map, key);
    value = value || !option->old_name ? value : rv_tensor_map_get_text (map, old_key);
    g_autoptr (GError) fault = NULL;
    if (!value || rv__option_set (rv__vae_options, settings, option->name, value, &fault))
      continue;
    fault->code = RV_ERROR_FORMAT;
    g_prefix_error (&fault, "the model's settings are damaged: ");
    return rv__error_propagate (error, g_steal_pointer (&fault));
  }
  return TRUE;
}

/* Overwrites all parameters of @vae with the tensors of @map. RV_ERROR_FORMAT for a missing one or another shape.
 * After an error some are overwritten. */
static gboolean
read_parameters (const RvTensorMap *map, RvVae *vae, GError **error)
{
  for (guint i = 0; i < vae->parameters->len; i++) {
    RvParameter *parameter = rv__parameter (vae->parameters, i);
    const RvTensor *stored = rv_tensor_map_get (map, parameter->name);
    if (!stored || !rv_shape_equal (&stored->shape, &parameter->tensor->shape)) {
      g_autofree char *shape = rv_shape_text (&parameter->tensor->shape);
      return rv__error_set (error, RV_ERROR_FORMAT, "the model has no %s of shape %s", parameter->name, shape);
    }
    g_autoptr (RvTensor) plain = rv_tensor_to_f32 (stored, error);
    if (!plain)
      return FALSE;
    memcpy (parameter->tensor->data, plain->data, rv_tensor_bytes (plain));
  }
  return TRUE;
}

/* Whether the tensors of @map have enough numbers for the largest parameter that the settings @s, the size of the
 * pictures and @n_labels imply. Also whether channels are 1 to 3, sides above 0, and labels at most
 * RV_DATASET_MAX_LABELS. Checked before allocation: a small file cannot demand much memory. */
static gboolean
is_plausible (const RvTensorMap *map, const RvVaeSettings *s, int channels, int height, int width, double n_labels)
{
  gboolean mlp = strcmp (s->architecture, "mlp") == 0;
  double available = 0, last = ldexp ((double) s->width, (int) s->depth - 1); /* channels */
  double units = mlp ? (double) s->width : last * (height >> s->depth) * (width >> s->depth);
  for (guint i = 0; i < rv_tensor_map_size (map); i++)
    available += (double) rv_tensor_count (rv_tensor_map_get (map, rv_tensor_map_name (map, i)));
  double largest = units * MAX ((double) s->latent, n_labels);
  largest = MAX (largest, mlp ? 0 : (double) s->dense * n_labels);
  largest = MAX (largest, mlp ? units * channels * height * width : units * (double) s->dense);
  largest = MAX (largest, mlp ? units * units * (double) (s->depth - 1) : last * last);
  return channels > 0 && channels <= 3 && height > 0 && width > 0 && n_labels <= RV_DATASET_MAX_LABELS &&
         largest <= available;
}

RvVae *
rv_vae_from_map (const RvTensorMap *map, GError **error)
{
  g_autoptr (RvSettings) settings = rv__settings_new (&rv__settings_vae);
  int channels = get_number (map, "channels"), height = get_number (map, "height"), width = get_number (map, "width");
  if (g_strcmp0 (rv_tensor_map_get_text (map, "format"), FORMAT) != 0)
    return rv__error_null (error, RV_ERROR_FORMAT,
                           g_strcmp0 (rv_tensor_map_get_text (map, "format"), RV_PATCHES_FORMAT) == 0
                             ? "this is a model of patches, which only reverie vae score reads"
                             : "this is not a model of reverie vae");
  if (!read_settings (map, settings->fields, error))
    return NULL;
  complete_settings (settings->fields);
  const char *lines = rv_tensor_map_get_text (map, NOTE_PREFIX LABELS_NOTE);
  g_auto (GStrv) labels = lines ? g_strsplit (lines, "\n", RV_DATASET_MAX_LABELS + 1) : NULL;
  guint n_labels = labels ? g_strv_length (labels) : 0;
  if (labels && n_labels == 0)
    return rv__error_null (error, RV_ERROR_FORMAT, "the model's list of labels is empty");
  if (!is_plausible (map, settings->fields, channels, height, width, n_labels))
    return rv__error_null (error, RV_ERROR_FORMAT, "the model's parameters do not fit its settings");
  g_autoptr (GError) fault = NULL;
  g_autoptr (RvVae) vae = new_empty (settings, channels, height, width, labels, &fault);
  if (!vae) { /* in a file, a wrong setting means damage */
    fault->code = fault->code == RV_ERROR_MEMORY ? RV_ERROR_MEMORY : RV_ERROR_FORMAT;
    g_propagate_error (error, g_steal_pointer (&fault));
  }
  if (!vae || !read_parameters (map, vae, error) ||
      !rv__mixture_from_map (map, vae->settings->latent, &vae->prior, error) ||
      (!vae->prior && !rv__option_set (rv__vae_options, vae->settings, "prior", "normal", error))) /* a checkpoint */
    return NULL;
  g_autoptr (GPtrArray) keys = rv_tensor_map_text_keys (map);
  for (guint i = 0; i < keys->len; i++)
    if (g_str_has_prefix (keys->pdata[i], NOTE_PREFIX))
      rv__vae_set_note (vae, (const char *) keys->pdata[i] + strlen (NOTE_PREFIX),
                        rv_tensor_map_get_text (map, keys->pdata[i]));
  return g_steal_pointer (&vae);
}

/* ---- pixels ------------------------------------------------------------------------------------------------------ */

gboolean
rv_vae_check (const RvVae *vae, const RvDataset *dataset, GError **error)
{
  return (dataset->channels == vae->channels && dataset->height == vae->height && dataset->width == vae->width) ||
         rv__error_set (error, RV_ERROR_SHAPE,
                        "the pictures are %d x %d px with %d channel%s, the model's %d x %d px with %d", dataset->width,
                        dataset->height, dataset->channels, dataset->channels == 1 ? "" : "s", vae->width, vae->height,
                        vae->channels);
}

/* Sets each of @n pixels to 1 with the probability of its value, 0..1, else to 0. The random numbers depend on @seed,
 * which differs for each epoch in dynamic binarization, and on @first, the index of the first pixel in the dataset. */
static void
binarize (float *pixels, gint64 n, guint64 seed, guint64 first)
{
  for (gint64 i = 0; i < n; i++)
    pixels[i] = rv__random_uniform_01 (seed, RV_VAE_BINARIZE_STREAM, first + (guint64) i) < pixels[i];
}

/* Writes @n bytes of @from, divided by 255, to @to. */
RV_CLONES static void
to_unit_range (const guint8 *from, gint64 n, float *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = (float) from[i] / 255;
}

void
rv__vae_load_pixels (const RvVae *vae, const guint8 *pixels, const gint64 *index, gint64 first, gint64 n, gint64 epoch,
                     float *to)
{
  gint64 size = rv__vae_pixels (vae);
  gboolean binary = strcmp (vae->settings->binarize, "none") != 0;
  gboolean dynamic = strcmp (vae->settings->binarize, "dynamic") == 0;
  guint64 seed = (guint64) vae->settings->seed + (dynamic ? (guint64) epoch << 40 : 0);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++) {
    gint64 picture = index ? index[i] : first + i;
    to_unit_range (pixels + picture * size, size, to + i * size);
    if (binary)
      binarize (to + i * size, size, seed, (guint64) (picture * size));
  }
}
