/* sheet.h -- contact sheets: cells of one size in rows, with a line of text below each; text on pictures.
 * Layer 2 (io). */
#ifndef RV_SHEET_H
#define RV_SHEET_H

#include <reverie/image.h>

typedef struct {
  int columns, rows;
  int cell_width, cell_height; /* px */
  int gap;                     /* px, between cells and around them */
  gboolean labels;             /* a line of text below each cell */
} RvSheetLayout;

/* (transfer full) (nullable): a white, opaque sheet of rv__sheet_size(). RV_ERROR_MEMORY, RV_ERROR_SHAPE, errors of
 * rv__vips_start(). */
RvImage *rv__sheet_new (const RvSheetLayout *layout, GError **error);
/* Sets *width and *height to the size in px of the whole sheet. Can't fail. */
void rv__sheet_size (const RvSheetLayout *layout, int *width, int *height);
/* Copies the colours of @image, of the cell's size, to cell 0, 1, ..., in reading order. @label (nullable) is drawn
 * below; ignored without layout->labels. */
void rv__sheet_put (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *image, const char *label);

/* (transfer full) (nullable): a white, opaque picture. RV_ERROR_MEMORY, RV_ERROR_SHAPE, errors of rv__vips_start(). */
RvImage *rv__sheet_paper (int width, int height, GError **error);
/* Copies the colours of @image to the position, in px. It must fit; alpha is ignored. */
void rv__sheet_paste (RvImage *sheet, int left, int top, const RvImage *image);
/* Draws one dark line of text, about 14 px high, cropped at the right and at the bottom. Draws nothing without fonts or
 * without memory for them. */
void rv__sheet_text (RvImage *sheet, int left, int top, const char *text);

#endif
