/* recipe.c -- how a picture was made, kept in it as XMP, which PNG, JPEG, WebP and TIFF all carry,
 * and in PNG as text too, for programs that look there.
 *
 * The recipe is JSON, brought to ASCII by its own escapes and then to an XML attribute:
 *   <x:xmpmeta><rdf:RDF><rdf:Description reverie:recipe="{&quot;reverie&quot;: ...}"/></rdf:RDF></x:xmpmeta>
 */
#include "image-internal.h"
#include <string.h>

#define MAX_BYTES 60000 /* of a packet: a JPEG's segment holds 65,502 */
#define ATTRIBUTE "reverie:recipe=\""

static const char head[] = "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
                           "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
                           "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
                           "<rdf:Description rdf:about=\"\" xmlns:reverie=\"urn:reverie:recipe\" " ATTRIBUTE;
static const char tail[] = "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";

static const struct {
  char letter;
  const char *entity;
} entities[] = { { '&', "&amp;" }, { '"', "&quot;" }, { '<', "&lt;" }, { '>', "&gt;" } };

/* In ASCII by JSON's own escapes. */
static void
append_ascii (GString *text, gunichar letter)
{
  if (letter < 0x20 || letter == 0x7f)
    g_string_append_c (text, ' '); /* JSON has none within its strings */
  else if (letter < 0x80)
    g_string_append_c (text, (char) letter);
  else if (letter < 0x10000)
    g_string_append_printf (text, "\\u%04x", letter);
  else
    g_string_append_printf (text, "\\u%04x\\u%04x", 0xd800 + ((letter - 0x10000) >> 10), 0xdc00 + (letter & 0x3ff));
}

char *
rv__recipe_to_ascii (const char *json)
{
  GString *text = g_string_new (NULL);
  if (!g_utf8_validate (json, -1, NULL))
    json = "{}";
  for (const char *p = json; *p; p = g_utf8_next_char (p))
    append_ascii (text, g_utf8_get_char (p));
  return g_string_free (text, FALSE);
}

static void
append_for_xml (GString *text, char letter)
{
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (letter == entities[i].letter) {
      g_string_append (text, entities[i].entity);
      return;
    }
  g_string_append_c (text, letter);
}

GBytes *
rv__recipe_to_xmp (const char *ascii)
{
  GString *text = g_string_new (head);
  for (; *ascii; ascii++)
    append_for_xml (text, *ascii);
  g_string_append (text, tail);
  GBytes *bytes = text->len <= MAX_BYTES ? g_bytes_new (text->str, text->len) : NULL;
  g_string_free (text, TRUE);
  return bytes;
}

/* (transfer full) (nullable): the attribute's value in a packet of anybody's. */
static char *
find_recipe (const char *packet, gsize size)
{
  const char *begin = g_strstr_len (packet, (gssize) size, ATTRIBUTE);
  if (!begin)
    return NULL;
  begin += strlen (ATTRIBUTE);
  const char *end = memchr (begin, '"', (gsize) (packet + size - begin));
  if (!end)
    return NULL;
  GString *json = g_string_new (NULL);
  for (const char *p = begin; p < end; p++) {
    guint i = 0;
    while (i < G_N_ELEMENTS (entities) &&
           ((gsize) (end - p) < strlen (entities[i].entity) || !g_str_has_prefix (p, entities[i].entity)))
      i++;
    g_string_append_c (json, i < G_N_ELEMENTS (entities) ? entities[i].letter : *p);
    p += i < G_N_ELEMENTS (entities) ? strlen (entities[i].entity) - 1 : 0;
  }
  return g_string_free (json, FALSE);
}

static char *
recipe_of (const char *filename, GBytes *bytes, GError **error)
{
  auto_vips VipsImage *image = rv__image_open_header (filename, bytes, error);
  const void *packet;
  gsize size;
  if (!image)
    return NULL;
  char *json = vips_image_get_typeof (image, VIPS_META_XMP_NAME) &&
                   vips_image_get_blob (image, VIPS_META_XMP_NAME, &packet, &size) == 0
                 ? find_recipe (packet, size)
                 : NULL;
  vips_error_clear ();
  if (!json || !g_utf8_validate (json, -1, NULL)) {
    g_clear_pointer (&json, g_free);
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s holds no recipe of reverie's", filename);
  }
  return json;
}

char *
rv_image_recipe (const char *filename, GError **error)
{
  return recipe_of (filename, NULL, error);
}

char *
rv_image_recipe_bytes (GBytes *file, GError **error)
{
  return recipe_of (RV_IMAGE_BYTES_NAME, file, error);
}
