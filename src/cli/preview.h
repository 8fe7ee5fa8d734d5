/* preview.h -- a picture in the terminal.
 * Layer 8 (cli). Implemented in preview-chafa.c, or in preview-none.c without libchafa. */
#pragma once

#include <reverie/image.h>

/* Fails with RV_ERROR_SETTING if previews are impossible: standard error is no terminal, TERM is "dumb", or a build
 * without libchafa. */
gboolean preview_check (GError **error);

/* Draws @image on standard error, over the last preview. The cursor ends on the line below. Without libchafa or memory
 * it draws nothing. */
void preview_show (const RvImage *image);
/* Ends a series of previews: the last one stays, and the next is drawn below it. */
void preview_finish (void);
