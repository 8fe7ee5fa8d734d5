/* sheet.h -- contact sheets: cells of one size in rows, with a line of text below each. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* Layout of a contact sheet. */
typedef struct {
  int columns, rows;
  int cell_width, cell_height; /* px */
  int gap;                     /* px, between cells and around them */
  gboolean labels;             /* a line of text below each cell */
} RvSheetLayout;

/* (transfer full) (nullable): a white, opaque sheet of rv__sheet_size(), without cells. Starts libvips, for texts. */
RvImage *rv__sheet_new (const RvSheetLayout *layout, GError **error);
/* Sets *width and *height to the size in px of the whole sheet, with gaps and lines of text. Cannot fail. */
void rv__sheet_size (const RvSheetLayout *layout, int *width, int *height);
/* Copies the colours of @image, which must have the cell's size, to cell 0, 1, ..., in reading order; alpha is ignored.
 * Draws @label (nullable) below if layout->labels is set, shortened to the width of the cell; nothing without fonts
 * or memory. */
void rv__sheet_put (RvImage *sheet, const RvSheetLayout *layout, int cell, const RvImage *image, const char *label);
