/* recipe.c -- recipes in pictures: as XMP in PNG, JPEG, WebP and TIFF, and in PNG also as text.
 *
 * The recipe is JSON in ASCII, escaped, and then an XML attribute:
 *   <x:xmpmeta><rdf:RDF><rdf:Description reverie:recipe="{&quot;reverie&quot;: ...}"/></rdf:RDF></x:xmpmeta> */
#include "base/error.h"
#include "image-internal.h"
#include "vips-helpers.h"
#include <gio/gio.h>
#include <string.h>

#define MAX_BYTES 60000 /* limit of a packet: a JPEG segment holds 65,502 */
#define ATTRIBUTE "reverie:recipe=\""
/* Regular expression: the attribute in either kind of quotes, or an element of this name. */
#define FOUND "\\breverie:recipe\\s*(?:=\\s*(?:\"([^\"]*)\"|'([^']*)')|>([^<]*)<)"
#define MAX_TEXT_BYTES (1 << 20) /* limit of a PNG text */
#define MAX_TEXTS 100            /* PNG texts that are read */

static const char head[] = "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
                           "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
                           "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
                           "<rdf:Description rdf:about=\"\" xmlns:reverie=\"urn:reverie:recipe\" " ATTRIBUTE;
static const char tail[] = "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";

char *
rv__recipe_to_ascii (const char *json)
{
  GString *text = g_string_new (NULL);
  if (!g_utf8_validate (json, -1, NULL))
    json = "{}";
  for (const char *p = json; *p; p = g_utf8_next_char (p)) {
    gunichar letter = g_utf8_get_char (p);
    if (letter < 0x20 || letter == 0x7f)
      g_string_append_c (text, ' '); /* JSON strings have no control characters */
    else if (letter < 0x80)
      g_string_append_c (text, (char) letter);
    else if (letter < 0x10000)
      g_string_append_printf (text, "\\u%04x", letter);
    else
      g_string_append_printf (text, "\\u%04x\\u%04x", 0xd800 + ((letter - 0x10000) >> 10), 0xdc00 + (letter & 0x3ff));
  }
  return g_string_free (text, FALSE);
}

GBytes *
rv__recipe_to_xmp (const char *ascii)
{
  g_autofree char *escaped = g_markup_escape_text (ascii, -1), *packet = g_strconcat (head, escaped, tail, NULL);
  gsize size = strlen (packet);
  return size <= MAX_BYTES ? g_bytes_new_take (g_steal_pointer (&packet), size) : NULL;
}

static const struct {
  char letter;
  const char *entity;
} entities[] = { { '&', "&amp;" }, { '"', "&quot;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '\'', "&apos;" } };

/* Appends the character of the entity at @from, or "&" if it is none. Returns the text after the entity, or after
 * "&". */
static const char *
append_entity (GString *text, const char *from)
{
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (g_str_has_prefix (from, entities[i].entity)) {
      g_string_append_c (text, entities[i].letter);
      return from + strlen (entities[i].entity);
    }
  gboolean hexadecimal = from[1] == '#' && from[2] == 'x';
  char *end = (char *) from;
  guint64 letter = from[1] == '#' ? g_ascii_strtoull (from + 2 + hexadecimal, &end, hexadecimal ? 16 : 10) : 0;
  gboolean valid = *end == ';' && letter > 0 && letter < 0x110000 && g_unichar_validate ((gunichar) letter);
  g_string_append_unichar (text, valid ? (gunichar) letter : '&');
  return valid ? end + 1 : from + 1;
}

/* (transfer full) (nullable): the recipe, unescaped, in the XMP packet @packet of @size bytes, written by any program;
 * not checked to be JSON. NULL: it has none. */
static char *
find_recipe (const char *packet, gsize size)
{
  g_autoptr (GRegex) regex = g_regex_new (FOUND, G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  if (!g_regex_match_full (regex, packet, (gssize) size, 0, 0, &match, NULL))
    return NULL;
  g_autofree char *value = g_match_info_fetch (match, g_match_info_get_match_count (match) - 1);
  GString *json = g_string_new (NULL);
  for (const char *p = value; *p;)
    if (*p == '&')
      p = append_entity (json, p);
    else
      g_string_append_c (json, *p++);
  return g_string_free (json, FALSE);
}

/* ---- texts of PNG files ------------------------------------------------------------------------------------------ */

/* (transfer full): the inflated text of @data, at most about MAX_TEXT_BYTES; ends before damaged data. */
static GString *
inflate (const char *data, gsize size)
{
  GString *text = g_string_new (NULL);
  char piece[4096];
  gssize got = 1;
  g_autoptr (GInputStream) packed = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (packed, G_CONVERTER (unzip));
  while (got > 0 && text->len < MAX_TEXT_BYTES) {
    got = g_input_stream_read (stream, piece, sizeof piece, NULL, NULL);
    g_string_append_len (text, piece, MAX (got, 0));
  }
  return text;
}

/* Replaces @text, ImageMagick's hexadecimal "\nxmp\n 4289\n3c3f...", by the bytes that the digits stand for. */
static void
decode_profile (GString *text)
{
  const char *from = text->str;
  gsize n = 0;
  for (int line = 0; line < 3 && from; line++)
    from = strchr (from, '\n') ? strchr (from, '\n') + 1 : NULL;
  for (; from && *from; from++)
    if (g_ascii_isxdigit (from[0]) && g_ascii_isxdigit (from[1])) {
      text->str[n++] = (char) (g_ascii_xdigit_value (from[0]) << 4 | g_ascii_xdigit_value (from[1]));
      from++;
    }
  g_string_truncate (text, n);
}

/* (transfer full) (nullable): the recipe in a PNG text chunk of @type tEXt, zTXt or iTXt, inflated if needed. The
 * keyword is "reverie", that of XMP, or that of ImageMagick's XMP. @data: @size bytes and a zero. NULL: none, or
 * damaged. */
static char *
recipe_of_chunk (const char *type, const char *data, gsize size)
{
  const char *end = data + size, *text = memchr (data, 0, size);
  gboolean is_own = strcmp (data, "reverie") == 0, is_xmp = strcmp (data, "XML:com.adobe.xmp") == 0;
  gboolean is_profile = g_str_has_prefix (data, "Raw profile type "), deflated = strcmp (type, "zTXt") == 0;
  if (!text++ || !(is_own || is_xmp || is_profile))
    return NULL;
  text += deflated; /* compression method byte */
  if (strcmp (type, "iTXt") == 0) {
    deflated = end - text > 2 && *text == 1;
    text = end - text > 2 ? text + 2 : NULL;
    for (int i = 0; i < 2 && text; i++) /* skips the language and the translated keyword */
      text = memchr (text, 0, (gsize) (end - text)) ? (const char *) memchr (text, 0, (gsize) (end - text)) + 1 : NULL;
  }
  if (!text || text > end)
    return NULL;
  g_autoptr (GString) plain =
    deflated ? inflate (text, (gsize) (end - text)) : g_string_new_len (text, (gssize) (end - text));
  if (is_own)
    return g_strdup (plain->str);
  if (is_profile)
    decode_profile (plain);
  return find_recipe (plain->str, plain->len);
}

/* (transfer full) (nullable): the first recipe in text chunks of a PNG file, also after the pixels, where libvips does
 * not read. Reads at most MAX_TEXTS chunks, and skips those above MAX_TEXT_BYTES. NULL, never an error: none, another
 * format, or unreadable. */
static char *
recipe_of_png (const char *filename)
{
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GInputStream) stream = (GInputStream *) g_file_read (file, NULL, NULL);
  char start[8], type[5] = "";
  gsize got;
  char *json = NULL;
  int n_texts = 0;
  if (!stream || !g_input_stream_read_all (stream, start, sizeof start, &got, NULL, NULL) || got != sizeof start ||
      memcmp (start, "\x89PNG\r\n\x1a\n", sizeof start) != 0)
    return NULL;
  while (!json && n_texts < MAX_TEXTS && g_input_stream_read_all (stream, start, sizeof start, &got, NULL, NULL) &&
         got == sizeof start) {
    guint32 size;
    memcpy (&size, start, sizeof size);
    memcpy (type, start + 4, 4);
    size = GUINT32_FROM_BE (size);
    gboolean read = size <= MAX_TEXT_BYTES && g_str_has_suffix (type, "Xt"); /* tEXt, zTXt, iTXt */
    n_texts += read;
    g_autofree char *data = read ? g_malloc0 (size + 1) : NULL;
    if (read && (!g_input_stream_read_all (stream, data, size, &got, NULL, NULL) || got != size))
      break;
    json = read ? recipe_of_chunk (type, data, size) : NULL;
    if (!g_seekable_seek (G_SEEKABLE (stream), (read ? 0 : (goffset) size) + 4, G_SEEK_CUR, NULL, NULL))
      break;
  }
  return json;
}

char *
rv_image_recipe (const char *filename, GError **error)
{
  auto_vips VipsImage *image = rv__image_open_header (filename, error);
  const void *packet;
  gsize size;
  if (!image)
    return NULL;
  char *json = vips_image_get_typeof (image, VIPS_META_XMP_NAME) &&
                   vips_image_get_blob (image, VIPS_META_XMP_NAME, &packet, &size) == 0
                 ? find_recipe (packet, size)
                 : NULL;
  vips_error_clear ();
  if (!json)
    json = recipe_of_png (filename);
  if (!json || !g_utf8_validate (json, -1, NULL)) {
    g_clear_pointer (&json, g_free);
    rv__error_set (error, RV_ERROR_FORMAT,
                   "%s contains no recipe of reverie: perhaps another program made or changed it", filename);
  }
  return json;
}
