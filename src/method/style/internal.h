/* internal.h -- what the settings and the run of style transfer share.
 * Layer 6 (method). */
#ifndef RV_STYLE_INTERNAL_H
#define RV_STYLE_INTERNAL_H

#include "method/run/result.h"
#include "method/style/settings.h"
#include "io/image/packed.h"
#include "net/pixel-space.h"
#include "optim/optim.h"
#include <reverie/style.h>

/* rv__style_blends: (transfer full): one part for each style, their sum 1. RV_ERROR_SETTING. */
double *rv__style_blends (const RvStyleSettings *settings, int n_styles, GError **error);
/* rv__style_terms: (transfer full): array of RvTerm: content, styles, total variation, dream, as far as they weighed
 * anything in @begun, with the weights of @settings; on the layers that are set, else those that suit the network. With
 * @n_masks of them each style has a term of its own on its layers; with 0 all share one. @temporal_mask: which mask
 * says where a film's last frame, picture 1, counts; -1: there is none. RV_ERROR_SETTING. */
GArray *rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *settings, const char *net_name,
                         int n_masks, int temporal_mask, GError **error);
/* rv__style_weighs: whether anything does: RV_ERROR_SETTING. */
gboolean rv__style_weighs (const RvStyleSettings *settings, GError **error);
/* rv__style_content_weight: the content weight after --strength. */
double rv__style_content_weight (const RvStyleSettings *settings);
/* rv__style_matches: whether content layers are compared with best matches in the style pictures.
 * rv__style_finish: iterations of the finish; 0: there is none. */
#define RV_STYLE_MATCHED "matched"
gboolean rv__style_matches (const RvStyleSettings *settings);
gint64 rv__style_finish (const RvStyleSettings *settings);
/* rv__style_starts_from_picture: whether one is to be given. */
gboolean rv__style_starts_from_picture (const RvStyleSettings *settings);
/* rv__style_space: the space in which the picture is optimised. */
RvPixelSpace rv__style_space (const RvStyleSettings *settings);
/* Of 'space': the picture's spectrum is optimised. */
#define RV_STYLE_FOURIER "fourier"
/* rv__style_result_wanted: who is to have the result, and as what; to be set before the run. Borrowed. */
RvResultWanted *rv__style_result_wanted (RvStyle *style);
/* rv__style_take_masks: as rv_style_set_masks(), masks that are packed already, one for each style; each taken. */
void rv__style_take_masks (RvStyle *style, RvPackedImage *const *masks);
/* rv__style_optim: which optimiser. _optim_own: what it has of its own. Borrowed. */
const RvOptimClass *rv__style_optim (const RvStyleSettings *settings);
const void *rv__style_optim_own (const RvStyleSettings *settings);
#endif
