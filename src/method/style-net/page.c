/* page.c -- a style network as an HTML page that paints photographs in a browser: data/style-net-page.html with weights
 * and styles, little-endian in base64. */
#include "method/style-net/style-net.h"
#include <string.h>

extern const char rv__style_net_page[], rv__style_net_page_end[]; /* data/meson.build */

/* Appends @text as a JSON string that is safe within a script element. */
static void
add_text (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (; *text; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);
    if (c < 0x20 || c > 0x7e || strchr ("\"\\<>&@", (int) c))
      g_string_append_printf (json, c > 0xffff ? "\\ud%03x\\ud%03x" : "\\u%04x",
                              c > 0xffff ? 0x800 + ((c - 0x10000) >> 10) : c, 0xc00 + ((c - 0x10000) & 0x3ff));
    else
      g_string_append_c (json, (char) c);
  }
  g_string_append_c (json, '"');
}

/* Appends the numbers of @tensor, f32, little-endian as in memory (tensor/type.h). */
static void
add_floats (GByteArray *to, const RvTensor *tensor)
{
  g_byte_array_append (to, tensor->data, (guint) rv_tensor_bytes (tensor));
}

/* Appends a JSON object for each layer to @json, with commas between them: sizes, and the offsets of its weights in
 * @weights, bytes, and of its scales in @scales, numbers. Appends the int8 weights and the scales of @map, of
 * rv_style_net_to_map(), to these arrays. */
static void
add_layers (const RvStyleNet *style_net, const RvTensorMap *map, GString *json, GByteArray *weights, GByteArray *scales)
{
  for (guint i = 0; i + 1 < style_net->weights->len; i++) { /* the last is the bias */
    const char *name = rv__parameter (style_net->weights, i)->name;
    g_autofree char *scale_name = g_strconcat (name, "_scale", NULL);
    const RvTensor *weight = rv_tensor_map_get (map, name);
    const gint64 *d = weight->shape.dim;
    g_string_append_printf (json, "%s{\"out\": %d, \"in\": %d, \"kernel\": %d, \"weight\": %u, \"scale\": %u}",
                            i ? ", " : "", (int) d[0], (int) d[1], (int) d[2], weights->len,
                            scales->len / (guint) sizeof (float));
    g_byte_array_append (weights, weight->data, (guint) rv_tensor_count (weight));
    add_floats (scales, rv_tensor_map_get (map, scale_name));
  }
}

/* Appends a JSON object for each style to @json, with commas between them; the caller writes the brackets. Members:
 * name, and licence and thumbnail if the style has them. Appends the style's scales and shifts to @numbers, as
 * little-endian floats. Cannot fail. */
static void
add_styles (const RvStyleNet *style_net, GString *json, GByteArray *numbers)
{
  for (guint i = 0; i < style_net->styles->len; i++) {
    const RvStyleNetStyle *style = rv__style_net_style (style_net, i);
    g_string_append_printf (json, "%s{\"name\": ", i ? ", " : "");
    add_text (json, style->name);
    if (style->license) {
      g_string_append (json, ", \"license\": ");
      add_text (json, style->license);
    }
    if (style->thumbnail) { /* u8 [3, rows, columns] */
      g_autofree char *rgb = g_base64_encode (style->thumbnail->data, (gsize) rv_tensor_count (style->thumbnail));
      g_string_append_printf (json, ", \"thumbnail\": {\"cols\": %d, \"rows\": %d, \"rgb\": \"%s\"}",
                              (int) style->thumbnail->shape.dim[2], (int) style->thumbnail->shape.dim[1], rgb);
    }
    g_string_append_c (json, '}');
    add_floats (numbers, style->numbers);
  }
}

/* Replaces the first @mark in @html by @bytes in base64. */
static void
replace_mark (GString *html, const char *mark, const GByteArray *bytes)
{
  g_autofree char *base64 = g_base64_encode (bytes->data, bytes->len);
  g_string_replace (html, mark, base64, 1);
}

char *
rv_style_net_to_page (const RvStyleNet *style_net, const char *title, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_style_net_to_map (style_net, error);
  if (!map)
    return NULL;
  g_autoptr (GByteArray) weights = g_byte_array_new (), scales = g_byte_array_new (), numbers = g_byte_array_new ();
  g_autoptr (GString) model = g_string_new (NULL);
  const float *bias = rv__parameter (style_net->weights, style_net->weights->len - 1)->tensor->data;
  char text[4][G_ASCII_DTOSTR_BUF_SIZE];
  for (int c = 0; c < 3; c++)
    g_ascii_formatd (text[c], sizeof text[c], "%.9g", (double) bias[c]);
  g_ascii_formatd (text[3], sizeof text[3], "%.9g", style_net->grain);
  g_string_append_printf (model, "{\"channels\": %d, \"bias\": [%s, %s, %s], \"grain\": %s, \"layers\": [",
                          RV_STYLE_NET_CHANNELS, text[0], text[1], text[2], text[3]);
  add_layers (style_net, map, model, weights, scales);
  g_string_append (model, "], \"styles\": [");
  add_styles (style_net, model, numbers);
  g_string_append (model, "]}");
  g_autofree char *plain_title = g_markup_escape_text (title, -1);
  GString *html = g_string_new_len (rv__style_net_page, rv__style_net_page_end - rv__style_net_page);
  replace_mark (html, "@WEIGHTS@", weights);
  replace_mark (html, "@SCALES@", scales);
  replace_mark (html, "@STYLES@", numbers);
  g_string_replace (html, "@MODEL@", model->str, 1);
  g_string_replace (html, "@TITLE@", plain_title, 0);
  return g_string_free (html, FALSE);
}
