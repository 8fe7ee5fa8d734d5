/* learned-styles.c -- loads style networks, selects the styles that `learned` names, and paints in them. */
#include "io/image/frame.h"
#include "job/learned/learned-styles.h"
#include "base/error.h"
#include "base/option.h"
#include "base/text.h"
#include "io/image/compact.h"
#include "io/weights/net-graph.h"
#include "method/style-net/arbitrary.h"
#include "method/style-net/style-net.h"
#include "method/style/color.h"
#include "method/style/style-internal.h"
#include <math.h>
#include <reverie/networks.h>
#include <reverie/weights.h>
#include <string.h>

#define AS_TRAINED 50.0                 /* `strength` that paints as trained */
#define ALL "all"                       /* name for all built-in styles */
#define ANY_FILE "microast.safetensors" /* file in the folder of networks */

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

static void
clear_item (gpointer data)
{
  g_free (((RvLearnedStyle *) data)->file);
  g_free (((RvLearnedStyle *) data)->style);
  rv__feed_forward_free (((RvLearnedStyle *) data)->feed_forward);
}

/* Cuts @text at its last colon. Returns the text after it (transfer full); NULL: no colon, @text unchanged. */
static char *
split_last (char *text)
{
  char *colon = strrchr (text, ':');
  if (!colon)
    return NULL;
  *colon = '\0';
  return g_strdup (colon + 1);
}

/* Parses "FILE:STYLE:WEIGHT", "FILE:STYLE", "FILE:WEIGHT" or "FILE" into @item (out), whose texts the caller frees.
 * FILE may be the name of a built-in style; the default weight is 1. Can't fail: a wrong weight counts as a style. The
 * name of an existing file may have a colon. @files: see rv__text_find_file(). */
static void
parse_item (const char *text, const char *const *files, RvLearnedStyle *item)
{
  *item = (RvLearnedStyle){ .file = g_strdup (text), .weight = 1 };
  if (rv__text_find_file (item->file, files))
    return;
  g_autofree char *last = split_last (item->file);
  char *end = NULL;
  double weight = last ? g_ascii_strtod (last, &end) : 0;
  gboolean weighs = last && end != last && *end == '\0' && isfinite (weight) && weight >= 0;
  if (weighs)
    item->weight = weight;
  if (last && !weighs)
    item->style = g_steal_pointer (&last);
  else if (last && !rv__text_find_file (item->file, files))
    item->style = split_last (item->file);
}

/* (transfer full): names of all styles of @style_net: "a, b, c". */
static char *
all_names (const RvStyleNet *style_net)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < rv_style_net_n_styles (style_net); i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "", rv_style_net_style_name (style_net, i));
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* Replaces item->file by its path in @files (NULL: keeps it). RV_ERROR_SETTING if it is not among @files. */
static gboolean
resolve_file (RvLearnedStyle *item, const char *const *files, GError **error)
{
  const char *file = files ? rv__text_find_file (item->file, files) : item->file;
  if (!file)
    return rv__error_setting (error, "learned", "'learned' names %.80s, which is not an input called 'painter'",
                              item->file);
  g_autofree char *name = item->file;
  item->file = g_strdup (file);
  return TRUE;
}

/* Makes item->style the name of a style of @builtin, and item->file NULL. RV_ERROR_SETTING for an unknown name. */
static gboolean
resolve_builtin (RvLearnedStyle *item, const RvStyleNet *builtin, GError **error)
{
  if (!item->style)
    item->style = g_strdup (item->file);
  g_clear_pointer (&item->file, g_free);
  if (rv_style_net_find_style (builtin, item->style) >= 0)
    return TRUE;
  g_autofree char *names = all_names (builtin);
  g_auto (GStrv) each = g_strsplit (names, ", ", -1);
  const char *nearest = rv_text_nearest (item->style, (const char *const *) each);
  return rv__error_setting (
    error, "learned", "'learned': '%.80s' is neither a file nor a built-in style%s%s%s (choose from: %s)", item->style,
    nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", names);
}

/* Adds @item (its texts: transfer full) to learned->items, with its path in @files or its built-in style; for "all",
 * one item for each built-in style. @files NULL: a name with "." or "/" is kept as the path, unchecked. After an error
 * @item may have been added. RV_ERROR_SETTING for "any", which must stand alone. */
static gboolean
add_item (RvLearnedStyles *learned, RvLearnedStyle item, const char *const *files, GError **error)
{
  /* of the built-in network: "builtin:STYLE", or a name such as "all" or "any"; the style may be unknown */
  gboolean is_name = !strpbrk (item.file, "./") && !rv__text_find_file (item.file, files);
  gboolean of_builtin = item.style ? strcmp (item.file, RV_LEARNED_STYLES_BUILTIN) == 0 : is_name;
  if (item.style && is_name && !of_builtin) {
    rv__error_setting (
      error, "learned",
      "'learned': %.80s is neither a file nor an input, and '%.80s' is no weight, a number of 0 or more", item.file,
      item.style);
    clear_item (&item);
    return FALSE;
  }
  if (of_builtin && !item.style && strcmp (item.file, RV_LEARNED_STYLES_ANY) == 0) {
    rv__error_setting (
      error, "learned",
      "'learned' any cannot be combined with other styles: it paints in the style of the given paintings");
    clear_item (&item);
    return FALSE;
  }
  g_autoptr (RvStyleNet) builtin = of_builtin ? rv_style_net_new_builtin (error) : NULL;
  gboolean all = builtin && !item.style && strcmp (item.file, ALL) == 0;
  for (guint i = 0; all && i < rv_style_net_n_styles (builtin); i++) {
    RvLearnedStyle one = { .style = g_strdup (rv_style_net_style_name (builtin, i)), .weight = item.weight };
    g_array_append_val (learned->items, one);
  }
  gboolean ok =
    all || (of_builtin ? builtin && resolve_builtin (&item, builtin, error) : resolve_file (&item, files, error));
  if (all)
    clear_item (&item);
  else
    g_array_append_val (learned->items, item);
  return ok;
}

RvLearnedStyles *
rv__learned_styles_parse (const char *text, const char *const *files, GError **error)
{
  g_autoptr (RvLearnedStyles) learned = g_new0 (RvLearnedStyles, 1);
  g_auto (GStrv) parts = rv_text_split_files (text, files);
  double sum = 0;
  learned->items = g_array_new (FALSE, TRUE, sizeof (RvLearnedStyle));
  learned->style_nets = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_style_net_free);
  g_array_set_clear_func (learned->items, clear_item);
  learned->is_any = strcmp (text, RV_LEARNED_STYLES_ANY) == 0;
  if (learned->is_any)
    return g_steal_pointer (&learned);
  for (int i = 0; parts[i]; i++) {
    RvLearnedStyle item;
    if (!*parts[i] || *parts[i] == ':')
      return rv__null (rv__error_setting (
        error, "learned", "'learned' must be NAME[:WEIGHT],... or FILE[:STYLE][:WEIGHT],..., not '%.80s'", text));
    parse_item (parts[i], files, &item);
    if (!add_item (learned, item, files, error))
      return NULL;
    sum += item.weight;
  }
  if (sum > 0)
    return g_steal_pointer (&learned);
  return rv__null (rv__error_setting (
    error, "learned", learned->items->len ? "'learned': the weights are all 0" : "'learned' names no style network"));
}

void
rv_learned_styles_free (RvLearnedStyles *learned)
{
  if (!learned)
    return;
  g_array_unref (learned->items);
  g_ptr_array_unref (learned->style_nets);
  rv_arbitrary_style_free (learned->any);
  g_free (learned->any_file);
  g_free (learned->preprocessing);
  g_free (learned);
}

RvLearnedStyle *
rv__learned_styles_item (const RvLearnedStyles *learned, guint i)
{
  return &g_array_index (learned->items, RvLearnedStyle, i);
}

const char *
rv__learned_styles_name (const RvLearnedStyle *item)
{
  return item->style ? item->style : item->file;
}

RvLearnedStyles *
rv_learned_styles_new (const char *text, GError **error)
{
  return rv__learned_styles_parse (text ? text : "", NULL, error);
}

gboolean
rv_learned_styles_is_any (const RvLearnedStyles *learned)
{
  return learned->is_any;
}

guint
rv_learned_styles_n (const RvLearnedStyles *learned)
{
  return learned->items->len;
}

const char *
rv_learned_styles_file (const RvLearnedStyles *learned, guint i)
{
  return i < learned->items->len ? rv__learned_styles_item (learned, i)->file : NULL;
}

char *
rv_learned_styles_text (const RvLearnedStyles *learned, int only)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (learned->is_any)
    return g_strdup (RV_LEARNED_STYLES_ANY);
  for (guint i = 0; i < learned->items->len; i++) {
    const RvLearnedStyle *item = rv__learned_styles_item (learned, i);
    g_autofree char *base = item->file ? g_path_get_basename (item->file) : g_strdup (RV_LEARNED_STYLES_BUILTIN),
                    *name = rv_text_escape_commas (base);
    if (only >= 0 && only != (int) i)
      continue;
    g_string_append_printf (text, "%s%s%s%s", text->len ? "," : "", name, item->style ? ":" : "",
                            item->style ? item->style : "");
    g_string_append_printf (text, ":%s", g_ascii_formatd (number, sizeof number, "%.15g", only < 0 ? item->weight : 1));
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the style network in @map, the content of @file; NULL, both: the built-in one. Errors of
 * rv_style_net_from_map() get the file's name in front. */
static RvStyleNet *
style_net_from_map (const RvTensorMap *map, const char *file, GError **error)
{
  RvStyleNet *style_net = map ? rv_style_net_from_map (map, error) : rv_style_net_new_builtin (error);
  if (map && !style_net)
    g_prefix_error (error, "%s: ", file);
  return style_net;
}

RvStyleNet *
rv_style_net_load (const char *file, GError **error)
{
  g_autoptr (RvTensorMap) map = file ? rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error) : NULL;
  return file && !map ? NULL : style_net_from_map (map, file, error);
}

/* Index of the style that @item names in @style_net, or of its only style; -1 with RV_ERROR_FORMAT. */
static int
find_style_index (const RvStyleNet *style_net, const RvLearnedStyle *item, GError **error)
{
  g_autofree char *names = all_names (style_net);
  int number = item->style ? rv_style_net_find_style (style_net, item->style) : 0;
  if (!item->style && rv_style_net_n_styles (style_net) > 1) {
    rv__error_with_options (error, RV_ERROR_FORMAT, "learned", "%s has several styles; name one, as in %s:%s:1, of %s",
                            item->file, item->file, rv_style_net_style_name (style_net, 0), names);
    return -1;
  }
  if (number < 0)
    rv__error_with_options (error, RV_ERROR_FORMAT, "learned", "%s has no style '%.80s', but %s", item->file,
                            item->style, names);
  return number;
}

/* (nullable): the network in learned->style_nets with the same convolutions as @style_net; else a copy of @style_net,
 * which is added to learned->style_nets. Borrowed from @learned. */
static RvStyleNet *
get_style_net (RvLearnedStyles *learned, const RvStyleNet *style_net, GError **error)
{
  for (guint i = 0; i < learned->style_nets->len; i++)
    if (rv__style_net_same_weights (learned->style_nets->pdata[i], style_net))
      return learned->style_nets->pdata[i];
  RvStyleNet *copy = rv__style_net_copy (style_net, error);
  if (copy)
    g_ptr_array_add (learned->style_nets, copy);
  return copy;
}

/* Sets item->feed_forward to the network whose graph is in @map, the content of item->file. RV_ERROR_FORMAT if @item
 * names a style. Other errors get the file's name in front. */
static gboolean
load_feed_forward (const RvLearnedStyles *learned, RvLearnedStyle *item, RvTensorMap *map, GError **error)
{
  if (item->style)
    return rv__error_with_options (error, RV_ERROR_FORMAT, "learned",
                                   "%s has one style only, without a name, not '%.80s'", item->file, item->style);
  item->feed_forward = rv__feed_forward_from_map (map, learned->preprocessing, error);
  if (!item->feed_forward)
    g_prefix_error (error, "%s: ", item->file);
  return item->feed_forward != NULL;
}

/* Loads the network of @item into learned->style_nets, and sets style_net and number; or sets feed_forward. In
 * learned->style_nets a style is named by its number, because two files may have styles of one name. After an error
 * @item is unchanged. */
static gboolean
load_item (RvLearnedStyles *learned, RvLearnedStyle *item, GError **error)
{
  g_autoptr (RvTensorMap) map = item->file ? rv_weights_load (item->file, RV_WEIGHTS_ALL, NULL, error) : NULL;
  if (item->file && !map)
    return FALSE;
  if (map && rv_tensor_map_get_text (map, RV_GRAPH_TEXT))
    return load_feed_forward (learned, item, map, error);
  g_autoptr (RvStyleNet) style_net = style_net_from_map (map, item->file, error);
  int number = style_net ? find_style_index (style_net, item, error) : -1;
  RvStyleNet *common = number >= 0 ? get_style_net (learned, style_net, error) : NULL;
  if (!common)
    return FALSE;
  guint added = common->styles->len;
  g_autofree char *name = g_strdup_printf ("%u", added);
  RvStyleNetStyle *style = rv__style_net_add_style (common, name, NULL, error);
  if (!style)
    return FALSE;
  const RvTensor *numbers = rv__style_net_style (style_net, (guint) number)->numbers;
  memcpy (style->numbers->data, numbers->data, rv_tensor_bytes (numbers));
  item->style_net = common;
  item->number = added;
  return TRUE;
}

gboolean
rv__learned_styles_load (RvLearnedStyles *learned, gboolean blended, GError **error)
{
  gboolean has_feed_forward = FALSE;
  for (guint i = 0; i < learned->items->len; i++) {
    const RvLearnedStyle *first = rv__learned_styles_item (learned, 0);
    RvLearnedStyle *item = rv__learned_styles_item (learned, i);
    if (!item->style_net && !item->feed_forward && !load_item (learned, item, error))
      return FALSE;
    has_feed_forward |= item->feed_forward != NULL;
    if (blended && i > 0 && (item->feed_forward || item->style_net != first->style_net))
      return rv__error_with_options (
        error, RV_ERROR_FORMAT, "learned",
        "%s and %s do not belong to the same style network: their styles cannot be blended",
        rv__learned_styles_name (first), rv__learned_styles_name (item));
  }
  return !learned->preprocessing || has_feed_forward ||
         rv__error_setting (error, "preprocessing,learned",
                            "'preprocessing' works with 'learned' only for networks of other programs (ONNX)");
}

/* ---- arbitrary styles -------------------------------------------------------------------------------------------- */

gboolean
rv__learned_styles_measure (RvLearnedStyles *learned, const GPtrArray *paintings, int longest_px,
                            const RvSettings *settings, GError **error)
{
  const RvStyleSettings *fields = rv__settings_fields (settings, &rv__settings_style, error);
  g_autofree double *blends = fields ? rv__style_blend_weights (fields, (int) paintings->len, error) : NULL;
  g_array_set_size (learned->items, 0);
  rv__arbitrary_style_clear (learned->any);
  for (guint i = 0; blends && i < paintings->len; i++) {
    const RvJobInput *input = paintings->pdata[i];
    g_autoptr (RvImage) painting = rv__job_input_load_within (input, longest_px * fields->style_scale, error);
    if (!painting)
      return FALSE;
    if (!rv__arbitrary_style_add (learned->any, painting, (int) fields->compute.threads, error)) {
      if (input->file)
        g_prefix_error (error, "%s: ", input->file);
      return FALSE;
    }
    RvLearnedStyle item = { .file = g_strdup (input->file), .weight = blends[i], .number = i };
    g_array_append_val (learned->items, item);
  }
  return blends != NULL;
}

gboolean
rv_learned_styles_load (RvLearnedStyles *learned, gboolean blended, const char *weights, GError **error)
{
  if (!learned->is_any)
    return rv__learned_styles_load (learned, blended, error);
  if (learned->any)
    return TRUE;
  g_autofree char *folder = rv_network_folder (), *path = g_build_filename (folder, ANY_FILE, NULL);
  if (!weights && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return rv__error_with_options (
      error, RV_ERROR_FILE, "weights",
      "the style network for any style is not installed: `reverie network import` makes %s of MicroAST's published "
      "files, or name it with 'weights'",
      path);
  g_free (learned->any_file);
  learned->any_file = g_strdup (weights ? weights : path);
  g_autoptr (RvTensorMap) map = rv_weights_load (learned->any_file, RV_WEIGHTS_ALL, NULL, error);
  learned->any = map ? rv_arbitrary_style_from_map (map, error) : NULL;
  if (map && !learned->any)
    g_prefix_error (error, "%s: ", learned->any_file);
  return learned->any != NULL;
}

/* ---- painting ---------------------------------------------------------------------------------------------------- */

/* The setting `memory`, in bytes; 0: not set. */
static gsize
memory_limit (const RvSettings *settings)
{
  gsize bytes = 0;
  rv__text_parse_bytes (rv_settings_get_text (settings, "memory", NULL), &bytes);
  return bytes;
}

/* Sets *backend by the settings `backend` and `gpu`, and *bytes by `memory`; 0: not set. */
static gboolean
read_compute (const RvSettings *settings, const RvBackendClass **backend, gsize *bytes, GError **error)
{
  *backend = rv__compute_backend (rv_settings_get_text (settings, "backend", NULL),
                                  rv_settings_get_text (settings, "gpu", NULL), error);
  *bytes = memory_limit (settings);
  return *backend != NULL;
}

gboolean
rv__learned_styles_set_compute (RvStyleNet *style_net, const RvSettings *settings, GError **error)
{
  gsize bytes;
  const RvBackendClass *backend;
  if (!read_compute (settings, &backend, &bytes, error))
    return FALSE;
  style_net->backend = backend;
  rv__style_net_set_memory (style_net, bytes);
  return TRUE;
}

/* Frees the engines of all networks but that of @item: they are large, and only one is used at a time. */
static void
free_other_engines (const RvLearnedStyles *learned, const RvLearnedStyle *item)
{
  for (guint i = 0; i < learned->items->len; i++) {
    const RvLearnedStyle *other = rv__learned_styles_item (learned, i);
    if (other->feed_forward && other != item)
      rv__feed_forward_clear (other->feed_forward);
    if (other->style_net && other->style_net != item->style_net)
      g_clear_pointer (&other->style_net->engine, rv__style_net_engine_free);
  }
}

/* Paints @photo into the colours of @painted, which has the size of @photo and may be @photo. @only: index of an item;
 * -1: all, blended by weights. Frees the engines of other networks. */
static gboolean
paint_to (const RvLearnedStyles *learned, int only, const RvImage *photo, const RvSettings *settings, RvImage *painted,
          GError **error)
{
  const RvLearnedStyle *item = rv__learned_styles_item (learned, (guint) MAX (only, 0));
  RvStyleNet *style_net = item->style_net;
  g_autofree double *parts = g_new0 (double, style_net ? style_net->styles->len + 1 : learned->items->len);
  int n_threads = (int) rv_settings_get_int (settings, "threads", NULL);
  const RvBackendClass *backend;
  gsize bytes;
  free_other_engines (learned, item);
  if (item->feed_forward)
    return read_compute (settings, &backend, &bytes, error) &&
           rv__feed_forward_apply_to (item->feed_forward, photo, backend, n_threads, bytes, painted, error);
  for (guint i = 0; i < learned->items->len; i++)
    if (only < 0 || only == (int) i)
      parts[rv__learned_styles_item (learned, i)->number] +=
        only < 0 ? rv__learned_styles_item (learned, i)->weight : 1;
  if (learned->any)
    return rv__arbitrary_style_apply_to (learned->any, photo, parts, n_threads, memory_limit (settings), painted,
                                         error);
  return rv__learned_styles_set_compute (style_net, settings, error) &&
         rv__style_net_paint_to (style_net, photo, parts, n_threads, painted, error);
}

/* (transfer full) (nullable): a new picture: the colours of paint_to(), the transparency of @photo. @only: index of an
 * item; -1: all, blended by weights. */
static RvImage *
paint_once (const RvLearnedStyles *learned, int only, const RvImage *photo, const RvSettings *settings, GError **error)
{
  g_autoptr (RvImage) painted = rv_image_new (photo->width, photo->height, error);
  if (!painted || !paint_to (learned, only, photo, settings, painted, error))
    return NULL;
  painted->alpha = photo->alpha ? rv_tensor_ref (photo->alpha) : NULL;
  return g_steal_pointer (&painted);
}

/* Adds @picture * mask * @weight to the colours of @to, of its size, and mask * @weight to @sum (f32, width * height).
 * @mask: any size; white is 1, black 0. After an error @to and @sum are unchanged. */
static gboolean
add_where (const RvImage *picture, const RvImage *mask, double weight, RvImage *to, float *sum, GError **error)
{
  gint64 plane = (gint64) to->width * to->height;
  g_autoptr (RvCompactImage) packed = rv__compact_image_new_mask (mask, error);
  g_autoptr (RvTensor) where = packed ? rv_tensor_new (RV_F32, &(RvShape){ 1, { plane } }, error) : NULL;
  if (!where || !rv__style_read_mask (packed, FALSE, to->width, to->height, where->data, error))
    return FALSE;
  const float *painted = where->data, *from = picture->rgb->data;
  for (gint64 p = 0; p < plane; p++) {
    float part = (float) weight * painted[p];
    sum[p] += part;
    for (int c = 0; c < 3; c++)
      ((float *) to->rgb->data)[c * plane + p] += part * from[c * plane + p];
  }
  return TRUE;
}

/* (transfer full) (nullable): the mean of @photo painted in each style, weighted at each pixel by mask * weight of the
 * style (options->masks: white 1, black 0); the photograph where these products are all 0. The transparency of @photo
 * stays. The caller then blends soft edges by rv__learned_styles_restore_unpainted(). */
static RvImage *
paint_masked (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options, const RvImage *photo,
              const RvSettings *settings, GError **error)
{
  gint64 plane = (gint64) photo->width * photo->height;
  g_autoptr (RvImage) all = rv_image_new (photo->width, photo->height, error);
  g_autoptr (RvTensor) sums = all ? rv_tensor_new (RV_F32, &(RvShape){ 1, { plane } }, error) : NULL;
  if (!sums)
    return NULL;
  for (guint i = 0; i < learned->items->len; i++) {
    g_autoptr (RvImage) painted = paint_once (learned, (int) i, photo, settings, error);
    double weight = rv__learned_styles_item (learned, i)->weight;
    if (!painted || !add_where (painted, options->masks[i], weight, all, sums->data, error))
      return NULL;
  }
  const float *sum = sums->data, *from = photo->rgb->data;
  float *rgb = all->rgb->data;
  for (gint64 i = 0; i < 3 * plane; i++) {
    float there = sum[i % plane];
    rgb[i] = there > 0 ? rgb[i] / there : from[i];
  }
  all->alpha = photo->alpha ? rv_tensor_ref (photo->alpha) : NULL;
  return g_steal_pointer (&all);
}

/* (transfer full) (nullable): @photo painted in one pass: with options->masks by paint_masked(), else by
 * paint_once(). */
static RvImage *
paint (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options, const RvImage *photo,
       const RvSettings *settings, GError **error)
{
  return options->masks ? paint_masked (learned, options, photo, settings, error)
                        : paint_once (learned, options->only, photo, settings, error);
}

RvImage *
rv__learned_styles_restore_unpainted (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options,
                                      RvImage *made, const RvImage *photo, GError **error)
{
  guint n = learned->items->len;
  g_autofree double *weights = g_new (double, n);
  for (guint i = 0; i < n; i++)
    weights[i] = rv__learned_styles_item (learned, i)->weight;
  return rv__style_blend_unpainted (made, photo, options->masks, weights, (int) n, NULL, error);
}

RvImage *
rv__learned_styles_paint (const RvLearnedStyles *learned, const RvLearnedPaintOptions *options, RvImage *photo,
                          const RvSettings *settings, GError **error)
{
  double strength = rv_settings_get_real (settings, "strength", NULL);
  double keep_strength = rv_settings_get_real (settings, "keep-strength", NULL);
  RvColorMode colors =
    (RvColorMode) rv__choice (rv__color_choices (), rv_settings_get_text (settings, "keep-colors", NULL));
  if (options->in_place && !options->masks && strength == AS_TRAINED && colors == RV_COLOR_NONE)
    return paint_to (learned, options->only, photo, settings, photo, error) ? rv_image_ref (photo) : NULL;
  g_autoptr (RvImage) painted = paint (learned, options, photo, settings, error);
  g_autoptr (RvImage) again =
    painted && strength > AS_TRAINED ? paint (learned, options, painted, settings, error) : NULL;
  if (!painted || (strength > AS_TRAINED && !again))
    return NULL;
  g_autoptr (RvImage) mixed =
    strength > AS_TRAINED ? rv__image_blend (again, painted, (strength - AS_TRAINED) / (100 - AS_TRAINED), NULL, error)
                          : rv__image_blend (painted, photo, strength / AS_TRAINED, NULL, error);
  if (mixed && again && options->keep) {
    g_autoptr (RvImage) twice = g_steal_pointer (&mixed);
    mixed = rv__image_blend (painted, twice, MIN (keep_strength / AS_TRAINED, 1), options->keep, error);
  }
  g_autoptr (RvImage) colored = mixed ? rv__color_transfer (mixed, photo, colors, error) : NULL;
  return colored ? rv__learned_styles_restore_unpainted (learned, options, colored, photo, error) : NULL;
}

gboolean
rv__learned_styles_plan (const RvLearnedStyles *learned, int only, int width, int height, const RvSettings *settings,
                         RvPlan *plan, GError **error)
{
  int n_threads = (int) rv_settings_get_int (settings, "threads", NULL);
  if (learned->any)
    return rv__arbitrary_style_plan (learned->any, width, height, n_threads, plan, error);
  const RvLearnedStyle *item = rv__learned_styles_item (learned, (guint) MAX (only, 0));
  const RvBackendClass *backend;
  gsize bytes;
  if (item->feed_forward)
    return read_compute (settings, &backend, &bytes, error) &&
           rv__feed_forward_plan (item->feed_forward, width, height, backend, n_threads, plan, error);
  return rv__learned_styles_set_compute (item->style_net, settings, error) &&
         rv__style_net_plan (item->style_net, width, height, n_threads, plan, error);
}

/* ---- regions that `only` and `keep` name ------------------------------------------------------------------------- */

RvImage *
rv__learned_styles_restore_photo (const RvSettings *settings, RvImage *painted, RvImage *photo, const RvImage *only,
                                  const RvImage *keep, GError **error)
{
  double strength = rv_settings_get_real (settings, "keep-strength", NULL) / 100;
  g_autoptr (RvImage) moved = keep ? rv__color_transfer (photo, painted, RV_COLOR_COVARIANCE, error) : NULL;
  /* the painting's colours fully up to a strength of 0.75, not at all at 1, as in method/style/keep.c */
  g_autoptr (RvImage) recolored =
    moved ? rv__image_blend (moved, photo, MIN (4 * (1 - strength), 1), NULL, error) : NULL;
  g_autoptr (RvImage) kept = recolored ? rv__image_blend (recolored, painted, strength * strength, keep, error)
                             : keep    ? NULL
                                       : rv_image_ref (painted);
  return kept && only ? rv__image_blend (kept, photo, 1, only, error) : g_steal_pointer (&kept);
}
