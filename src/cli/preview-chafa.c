/* preview-chafa.c -- previews by libchafa: kitty or sixel graphics if the terminal has them, else coloured characters.
 * Only this file uses libchafa. */
#include "cli/preview.h"
#include <chafa.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CELL_SHAPE 0.5f /* width / height of a character, if the terminal does not report it */
#define ROWS_LEFT 3     /* terminal rows that stay free, for the progress and the command line */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24
#define MAX_PX 1024 /* longest side sent to the terminal */

static int rows_drawn; /* by the last preview */

/* How to draw: kitty graphics, else sixel graphics, else characters, as the terminal @info can. */
static ChafaPixelMode
pixel_mode (ChafaTermInfo *info)
{
  if (chafa_term_info_have_seq (info, CHAFA_TERM_SEQ_BEGIN_KITTY_IMMEDIATE_IMAGE_V1))
    return CHAFA_PIXEL_MODE_KITTY;
  if (chafa_term_info_have_seq (info, CHAFA_TERM_SEQ_BEGIN_SIXELS))
    return CHAFA_PIXEL_MODE_SIXELS;
  return CHAFA_PIXEL_MODE_SYMBOLS;
}

/* Colours of the preview. Kitty and sixel graphics have true colour, independent of the text colours. */
static ChafaCanvasMode
colours (ChafaTermInfo *info)
{
  if (pixel_mode (info) != CHAFA_PIXEL_MODE_SYMBOLS ||
      chafa_term_info_have_seq (info, CHAFA_TERM_SEQ_SET_COLOR_FGBG_DIRECT))
    return CHAFA_CANVAS_MODE_TRUECOLOR;
  if (chafa_term_info_have_seq (info, CHAFA_TERM_SEQ_SET_COLOR_FGBG_256))
    return CHAFA_CANVAS_MODE_INDEXED_240;
  if (chafa_term_info_have_seq (info, CHAFA_TERM_SEQ_SET_COLOR_FGBG_16))
    return CHAFA_CANVAS_MODE_INDEXED_16;
  return CHAFA_CANVAS_MODE_FGBG;
}

gboolean
preview_check (GError **error)
{
  const char *term = g_getenv ("TERM");
  if (isatty (STDERR_FILENO) && g_strcmp0 (term, "dumb") != 0)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--preview needs a terminal; --live writes a file");
  return FALSE;
}

void
preview_show (const RvImage *image)
{
  struct winsize size = { 0 };
  ioctl (STDERR_FILENO, TIOCGWINSZ, &size);
  int columns = size.ws_col > 0 ? size.ws_col : DEFAULT_COLUMNS;
  int rows = MAX ((size.ws_row > 0 ? size.ws_row : DEFAULT_ROWS) - ROWS_LEFT, 1);
  gboolean known = size.ws_xpixel > 0 && size.ws_ypixel > 0 && size.ws_col > 0 && size.ws_row > 0;
  float shape = known ? ((float) size.ws_xpixel / size.ws_col) / ((float) size.ws_ypixel / size.ws_row) : CELL_SHAPE;

  double shrink = MIN ((double) MAX_PX / MAX (image->width, image->height), 1);
  g_autoptr (RvImage) small = rv_image_resize (image, MAX ((int) (image->width * shrink), 1),
                                               MAX ((int) (image->height * shrink), 1), RV_IMAGE_RESIZE_BEST, NULL);
  if (!small)
    return;
  g_autofree guint8 *pixels = g_malloc ((gsize) small->width * (gsize) small->height * 3);
  if (!rv_image_to_memory (small, pixels, RV_PIXEL_U8, 3, (gsize) small->width * 3, NULL))
    return;

  chafa_calc_canvas_geometry (small->width, small->height, &columns, &rows, shape, TRUE, FALSE);
  g_auto (GStrv) environment = g_get_environ ();
  ChafaTermInfo *info = chafa_term_db_detect (chafa_term_db_get_default (), environment);
  ChafaCanvasConfig *config = chafa_canvas_config_new ();
  chafa_canvas_config_set_geometry (config, MAX (columns, 1), MAX (rows, 1));
  chafa_canvas_config_set_pixel_mode (config, pixel_mode (info));
  chafa_canvas_config_set_canvas_mode (config, colours (info));
  if (known)
    chafa_canvas_config_set_cell_geometry (config, size.ws_xpixel / size.ws_col, size.ws_ypixel / size.ws_row);
  ChafaSymbolMap *symbols =
    chafa_symbol_map_new (); /* for previews without graphics: every font has block characters */
  chafa_symbol_map_add_by_tags (symbols, CHAFA_SYMBOL_TAG_BLOCK | CHAFA_SYMBOL_TAG_SPACE);
  chafa_canvas_config_set_symbol_map (config, symbols);
  chafa_symbol_map_unref (symbols);
  ChafaCanvas *canvas = chafa_canvas_new (config);
  chafa_canvas_draw_all_pixels (canvas, CHAFA_PIXEL_RGB8, pixels, small->width, small->height, small->width * 3);
  GString *text = chafa_canvas_print (canvas, info);
  if (rows_drawn > 0)
    fprintf (stderr, "\033[%dA", rows_drawn); /* over the last preview */
  fprintf (stderr, "\r%s\n", text->str);
  fflush (stderr);
  rows_drawn = rows;
  g_string_free (text, TRUE);
  chafa_canvas_unref (canvas);
  chafa_canvas_config_unref (config);
  chafa_term_info_unref (info);
}

void
preview_finish (void)
{
  rows_drawn = 0;
}
