/* sheet.c -- contact sheets: cells of one size in rows, with a line of text below each. */
#include "base/alloc.h"
#include "base/error.h"
#include "vips-helpers.h"
#include "sheet.h"
#include <string.h>

#define PAPER 255.0f
#define INK 40.0f
#define LINE_PX 14
#define FONT "sans 8"
#define FONT_DPI 90
#define FONT_BYTES (64u << 20) /* address space for stacks of Pango's threads and mapped fonts */

/* Serialises drawing: libvips frees its drawing state if another thread may draw, and Pango shares fonts between
 * threads. */
static GMutex drawing;

/* (transfer full: g_free()) (nullable): darkness 0..255 of each pixel of a line of text, [*height, *width]; sets these
 * two, px. NULL: no text, no font, or too little memory. Probes the memory, as GLib aborts if Pango cannot start a
 * thread. */
static guint8 *
draw_text (const char *text, int *width, int *height)
{
  gsize size;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&drawing);
  g_autofree char *plain = g_markup_escape_text (text, -1);
  auto_vips VipsImage *image = NULL;
  if (!*text || !rv__alloc_probe (FONT_BYTES, NULL) || vips_text (&image, plain, "font", FONT, "dpi", FONT_DPI, NULL)) {
    vips_error_clear ();
    return NULL;
  }
  *width = vips_image_get_width (image);
  *height = vips_image_get_height (image);
  return vips_image_write_to_memory (image, &size);
}

void
rv__sheet_size (const RvSheetLayout *layout, int *width, int *height)
{
  gint64 cell_height = (gint64) layout->cell_height + (layout->labels ? LINE_PX : 0);
  gint64 wide = layout->gap + layout->columns * ((gint64) layout->cell_width + layout->gap);
  gint64 high = layout->gap + layout->rows * (cell_height + layout->gap);
  *width = (int) MIN (wide, G_MAXINT);
  *height = (int) MIN (high, G_MAXINT);
}

RvImage *
rv__sheet_new (const RvSheetLayout *layout, GError **error)
{
  int width, height;
  rv__sheet_size (layout, &width, &height);
  if (MAX (width, height) == G_MAXINT)
    return rv__error_null (error, RV_ERROR_SHAPE, "the sheet would be too large: its cells and gaps exceed 2^31 px");
  RvImage *sheet = rv__vips_start (error) ? rv_image_new (width, height, error) : NULL;
  for (gint64 i = 0, n = sheet ? rv_tensor_count (sheet->rgb) : 0; i < n; i++)
    ((float *) sheet->rgb->data)[i] = PAPER;
  return sheet;
}

/* (transfer full: g_free()) (nullable): draw_text() of @text at a width of at most @max_width px. A longer text is
 * shortened, and ends in an ellipsis. */
static guint8 *
draw_shortened (const char *text, int max_width, int *width, int *height)
{
  guint8 *dark = draw_text (text, width, height);
  for (glong n = g_utf8_strlen (text, -1); dark && *width > max_width && n > 0; n--) {
    n = MIN (n, n * max_width / *width + 1);
    g_autofree char *start = g_utf8_substring (text, 0, n - 1);
    g_autofree char *shorter = g_strconcat (g_strchomp (start), "…", NULL);
    g_free (dark);
    dark = draw_text (shorter, width, height);
  }
  return dark;
}

void
rv__sheet_put (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *image, const char *label)
{
  int row_px = layout->cell_height + (layout->labels ? LINE_PX : 0) + layout->gap;
  int left = layout->gap + cell % layout->columns * (layout->cell_width + layout->gap);
  int top = layout->gap + cell / layout->columns * row_px;
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < image->height; y++)
      memcpy ((float *) sheet->rgb->data + ((gint64) c * sheet->height + top + y) * sheet->width + left,
              (const float *) image->rgb->data + ((gint64) c * image->height + y) * image->width,
              (gsize) image->width * sizeof (float));
  if (!label || !layout->labels)
    return;
  int width, height;
  g_autofree guint8 *dark = draw_shortened (label, layout->cell_width + layout->gap / 2, &width, &height);
  gint64 plane = (gint64) sheet->width * sheet->height;
  left += 1, top += layout->cell_height + 2;
  for (int y = 0; dark && y < MIN (height, sheet->height - top); y++)
    for (int x = 0; x < MIN (width, sheet->width - left); x++)
      for (int c = 0; c < 3; c++) {
        float *pixel = (float *) sheet->rgb->data + c * plane + (gint64) (top + y) * sheet->width + left + x;
        *pixel += ((float) dark[y * width + x] / 255) * (INK - *pixel);
      }
}
