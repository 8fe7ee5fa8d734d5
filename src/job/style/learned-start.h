/* learned-start.h -- style transfer that begins where a painter ends.
 * Layer 7 (job). */
#ifndef RV_LEARNED_START_H
#define RV_LEARNED_START_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <reverie/settings.h>

/* rv__learned_start: (transfer full) (nullable): @photo in those of the built-in painter's styles that are nearest to
 * @n @paintings, by their `style-blend`. @names: (transfer full): of these styles. @settings: of the kind "style".
 * @cancellable: (nullable). Errors as rv__style_net_find_nearest() and rv_style_net_paint(). */
RvImage *rv__learned_start (const RvSettings *settings, RvNet *net, const RvImage *photo, RvImage *const *paintings,
                            int n, char **names, GCancellable *cancellable, GError **error);

#endif
