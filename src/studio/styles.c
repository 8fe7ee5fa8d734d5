/* styles.c -- the styles that were learnt before: those of the painter that is part of the library. */
#include "api.h"
#include "json.h"
#include <reverie/learn.h>
#include <string.h>

void
styles_json (GString *json)
{
  g_autoptr (RvPainter) painter = rv_painter_new_builtin (NULL);
  json_open (json, NULL, '{');
  json_open (json, "styles", '[');
  for (guint i = 0; painter && i < rv_painter_n_styles (painter); i++) {
    const char *name = rv_painter_style_name (painter, i), *licence = rv_painter_style_licence (painter, i);
    g_autofree char *thumb = g_strdup_printf ("/api/v1/styles/thumb?name=%s&v=" RV_VERSION, name);
    json_open (json, NULL, '{');
    json_text (json, "name", name);
    json_text (json, "licence", licence ? licence : "");
    json_text (json, "thumb", thumb);
    json_close (json, '}');
  }
  json_close (json, ']');
  json_close (json, '}');
}

GBytes *
styles_thumb (gpointer name, GError **error)
{
  g_autoptr (RvPainter) painter = rv_painter_new_builtin (error);
  int number = painter ? rv_painter_find_style (painter, name) : -1;
  if (painter && number < 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no style of that name.");
  g_autoptr (RvImage) image = number >= 0 ? rv_painter_style_thumbnail (painter, (guint) number, error) : NULL;
  return image ? rv_image_save_bytes (image, ".png", NULL, error) : NULL;
}
