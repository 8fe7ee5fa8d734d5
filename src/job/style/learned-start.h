/* learned-start.h -- initial picture of style transfer from the built-in style network.
 * Layer 7 (job). */
#pragma once

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <reverie/settings.h>

/* (transfer full) (nullable): @photo painted by the built-in style network: in the style nearest to each of the @n
 * @paintings, blended by their `style-blend`. *names: (out) (transfer full): names of these styles, "a, b"; unchanged
 * after an error. @settings: kind "style". @net: compares pictures. @cancellable: (nullable). RV_ERROR_SETTING for
 * `style-blend` or `memory`; errors of rv__style_net_nearest_style() and rv_style_net_paint(): RV_ERROR_SHAPE,
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
RvImage *rv__learned_start (const RvSettings *settings, RvNet *net, const RvImage *photo, RvImage *const *paintings,
                            int n, char **names, GCancellable *cancellable, GError **error);
