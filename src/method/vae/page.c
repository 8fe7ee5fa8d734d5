/* page.c -- a model's decoder as a web page: data/vae-page.html with its layers and weights filled in.
 *
 * Layers are in the order of record_decoder() in vae/engine.c, with the offsets of their weights and biases. All
 * numbers follow as little-endian floats in base64. */
#include "method/vae/vae-internal.h"
#include <string.h>

extern const char rv__vae_page[], rv__vae_page_end[]; /* data/meson.build */

/* A page that is being written. */
typedef struct {
  const RvVae *vae;
  GString *layers;     /* JSON objects */
  GByteArray *numbers; /* floats */
} Page;

/* Tensor of the parameter "@layer.@kind" of the model, which must exist. Borrowed. */
static const RvTensor *
parameter_tensor (const Page *page, const char *layer, const char *kind)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer, kind);
  int i = rv__parameters_index (page->vae->parameters, name);
  g_return_val_if_fail (i >= 0, NULL);
  return rv__parameter (page->vae->parameters, (guint) i)->tensor;
}

/* Appends the numbers of @tensor, plus those of @summand (nullable), which are @stride apart, as floats, little-endian
 * as in memory (tensor/type.h). Returns the index of the first appended number in page->numbers. */
static guint
add_numbers (Page *page, const RvTensor *tensor, const float *summand, gint64 stride)
{
  guint at = page->numbers->len / (guint) sizeof (float);
  for (gint64 i = 0; i < rv_tensor_count (tensor); i++) {
    float number = ((const float *) tensor->data)[i] + (summand ? summand[i * stride] : 0);
    g_byte_array_append (page->numbers, (const guint8 *) &number, sizeof number);
  }
  return at;
}

/* Appends the layer @name to page->layers, with the JSON members @shape, and its weight and bias to page->numbers. The
 * bias of the labelled layer includes the weights of the model's label. @relu: a ReLU follows. */
static void
add_layer (Page *page, const char *name, const char *shape, gboolean relu)
{
  const RvVae *vae = page->vae;
  g_autofree char *labelled = rv__vae_labelled_layer (vae, "decoder");
  const RvTensor *label =
    vae->label >= 0 && strcmp (name, labelled) == 0 ? parameter_tensor (page, "decoder.label", "weight") : NULL;
  guint weight = add_numbers (page, parameter_tensor (page, name, "weight"), NULL, 0),
        bias = add_numbers (page, parameter_tensor (page, name, "bias"),
                            label ? (const float *) label->data + vae->label : NULL, label ? label->shape.dim[1] : 0);
  g_string_append_printf (page->layers, "%s{%s, \"weight\": %u, \"bias\": %u, \"relu\": %s}",
                          page->layers->len ? ", " : "", shape, weight, bias, relu ? "true" : "false");
}

/* Appends the dense layer @name by add_layer(). @relu: a ReLU follows. */
static void
add_dense (Page *page, const char *name, gboolean relu)
{
  g_autofree char *shape =
    g_strdup_printf ("\"kind\": \"dense\", \"out\": %d", (int) parameter_tensor (page, name, "weight")->shape.dim[0]);
  add_layer (page, name, shape, relu);
}

/* Appends the transposed convolution @name by add_layer(). Its input has the picture's size, halved @halvings times.
 * @relu: a ReLU follows. */
static void
add_transposed_conv (Page *page, const char *name, gint64 halvings, int stride, gboolean relu)
{
  const gint64 *d = parameter_tensor (page, name, "weight")->shape.dim; /* [in, out, 3, 3] */
  g_autofree char *shape = g_strdup_printf (
    "\"kind\": \"transposed\", \"channels\": %d, \"rows\": %d, \"cols\": %d, \"out\": %d, \"stride\": %d", (int) d[0],
    page->vae->height >> halvings, page->vae->width >> halvings, (int) d[1], stride);
  add_layer (page, name, shape, relu);
}

/* Appends the decoder's layers, from code to logits: JSON objects to page->layers, weights and biases to
 * page->numbers. */
static void
add_layers (Page *page)
{
  const RvVaeSettings *s = page->vae->settings;
  gboolean mlp = strcmp (s->architecture, "mlp") == 0;
  for (gint64 k = 0; mlp && k < s->depth; k++) {
    g_autofree char *name = g_strdup_printf ("decoder.dense%" G_GINT64_FORMAT, k);
    add_dense (page, name, TRUE);
  }
  if (mlp) {
    add_dense (page, "decoder.logits", FALSE);
    return;
  }
  add_dense (page, "decoder.dense", TRUE);
  for (gint64 k = s->depth - 1; k >= 0; k--) {
    g_autofree char *name = g_strdup_printf ("decoder.conv%" G_GINT64_FORMAT, k);
    add_transposed_conv (page, name, k + 1, 2, TRUE);
  }
  add_transposed_conv (page, "decoder.logits", 0, 1, FALSE);
}

/* Appends the numbers of the mixture that is the prior, if any, to page->numbers. (transfer full): JSON of the mixture
 * with the indices of its numbers there; "null" without one. */
static char *
add_prior (Page *page)
{
  const RvMixture *prior = page->vae->prior;
  if (!prior)
    return g_strdup ("null");
  guint weight = add_numbers (page, prior->weights, NULL, 0), mean = add_numbers (page, prior->means, NULL, 0),
        factor = add_numbers (page, prior->factors, NULL, 0);
  return g_strdup_printf ("{\"components\": %d, \"weight\": %u, \"mean\": %u, \"factor\": %u}",
                          (int) rv_tensor_count (prior->weights), weight, mean, factor);
}

char *
rv_vae_to_page (const RvVae *vae, const char *title)
{
  Page page = { .vae = vae, .layers = g_string_new (NULL), .numbers = g_byte_array_new () };
  add_layers (&page);
  g_autofree char *prior = add_prior (&page);
  g_autofree char *plain_title = g_markup_escape_text (title, -1),
                  *base64 = g_base64_encode (page.numbers->data, page.numbers->len);
  g_autofree char *model =
    g_strdup_printf ("{\"latent\": %d, \"channels\": %d, \"rows\": %d, \"cols\": %d, \"prior\": %s, \"layers\": [%s]}",
                     (int) vae->settings->latent, vae->channels, vae->height, vae->width, prior, page.layers->str);
  GString *html = g_string_new_len (rv__vae_page, rv__vae_page_end - rv__vae_page);
  g_string_replace (html, "@MODEL@", model, 0);
  g_string_replace (html, "@WEIGHTS@", base64, 0);
  g_string_replace (html, "@TITLE@", plain_title, 0); /* last: it may contain such words */
  g_string_free (page.layers, TRUE);
  g_byte_array_unref (page.numbers);
  return g_string_free (html, FALSE);
}
