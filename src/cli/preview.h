/* preview.h -- a picture in the terminal.
 * Layer 8 (cli). In preview-chafa.c, or preview-none.c where libchafa is not. */
#ifndef RV_CLI_PREVIEW_H
#define RV_CLI_PREVIEW_H

#include <reverie/image.h>

/* preview_check: whether one can be shown: on a terminal, in a build that has it. RV_ERROR_SETTING. */
gboolean preview_check (GError **error);

/* preview_show: draws @image on standard error, over the one drawn before; the cursor is then on the line below it. */
void preview_show (const RvImage *image);
/* preview_leave: what is drawn stays; the next one comes below it. */
void preview_leave (void);

#endif
