/* sheet.h -- contact sheets: cells of one size in rows, each with a line of text below it; and text on pictures.
 * Layer 2 (io). */
#ifndef RV_SHEET_H
#define RV_SHEET_H

#include <reverie/image.h>

typedef struct {
  int columns, rows;
  int cell_width, cell_height; /* px */
  int gap;                     /* px, between the cells and around them */
  gboolean labels;             /* leave room for a line below each cell */
} RvSheetLayout;

/* rv__sheet_new: (transfer full) (nullable): white paper with room for all cells. RV_ERROR_MEMORY, RV_ERROR_SHAPE.
 * rv__sheet_size: px, of that.
 * rv__sheet_put: a picture of the cell's size into cell 0, 1, ..., counted along the rows; @label may be NULL,
 * and is left out where there is no room for it. */
RvImage *rv__sheet_new (const RvSheetLayout *layout, GError **error);
void rv__sheet_size (const RvSheetLayout *layout, int *width, int *height);
void rv__sheet_put (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *image, const char *label);

/* rv__sheet_paper: (transfer full) (nullable): white. rv__sheet_paste: @image must fit. rv__sheet_text: one line, dark,
 * cut at the borders; nothing on a machine without any font. */
RvImage *rv__sheet_paper (int width, int height, GError **error);
void rv__sheet_paste (RvImage *sheet, int left, int top, const RvImage *image);
void rv__sheet_text (RvImage *sheet, int left, int top, const char *text);

#endif
