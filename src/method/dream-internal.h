/* dream-internal.h -- what the settings and the run of a dream share.
 * Layer 6 (method). */
#ifndef RV_DREAM_INTERNAL_H
#define RV_DREAM_INTERNAL_H

#include <reverie/dream.h>

RvDreamSettings *rv__dream_settings_copy (const RvDreamSettings *settings);
/* rv__dream_taps: (transfer full): array of RvTap: the layers of the settings or of their look, with the channels
 * chosen. RV_ERROR_SETTING. */
GArray *rv__dream_taps (const RvDreamSettings *settings, const char *net_name, GError **error);

/* rv__dream_word_taps: (transfer full): the class map, each word of --toward with its weight. RV_ERROR_SETTING. */
GArray *rv__dream_word_taps (const RvDreamSettings *settings, const RvNet *net, GError **error);

/* rv__dream_smooth: @grad, three planes, becomes the mean of its Gaussian blurs with sigma s/2, s and 2 s px; mirrored
 * at the borders. RV_ERROR_MEMORY. */
gboolean rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error);

#endif
