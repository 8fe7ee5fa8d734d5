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

/* (transfer full) (nullable): a white sheet for all cells. RV_ERROR_MEMORY, RV_ERROR_SHAPE. */
RvImage *rv__sheet_new (const RvSheetLayout *layout, GError **error);
/* Size in px of the sheet. */
void rv__sheet_size (const RvSheetLayout *layout, int *width, int *height);
/* Copies a picture of the cell's size to cell 0, 1, ..., in reading order. @label may be NULL, and needs
 * layout->labels. */
void rv__sheet_put (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *image, const char *label);

/* (transfer full) (nullable): a white picture. RV_ERROR_MEMORY, RV_ERROR_SHAPE. */
RvImage *rv__sheet_paper (int width, int height, GError **error);
/* Copies @image, which must fit. */
void rv__sheet_paste (RvImage *sheet, int left, int top, const RvImage *image);
/* Draws one dark line, cropped at the borders; nothing on a machine without fonts. */
void rv__sheet_text (RvImage *sheet, int left, int top, const char *text);

#endif
