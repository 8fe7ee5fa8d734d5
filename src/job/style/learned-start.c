/* learned-start.c -- the start of `init` learned: the photograph in the nearest built-in styles. */
#include "job/style/learned-start.h"
#include "job/learned/learned-styles.h"
#include "method/style-net/style-net.h"
#include "method/style/style-internal.h"

RvImage *
rv__learned_start (const RvSettings *settings, RvNet *net, const RvImage *photo, RvImage *const *paintings, int n,
                   char **names, GCancellable *cancellable, GError **error)
{
  const RvStyleSettings *fields = rv__settings_fields (settings, &rv__settings_style, error);
  g_autofree double *blends = fields ? rv__style_blend_weights (fields, n, error) : NULL;
  g_autoptr (RvStyleNet) style_net = blends ? rv_style_net_new_builtin (error) : NULL;
  if (!style_net || !rv__learned_styles_set_compute (style_net, settings, error))
    return NULL;
  rv__style_net_set_cancellable (style_net, cancellable);
  int n_threads = (int) fields->compute.threads;
  g_autofree double *parts = g_new0 (double, rv_style_net_n_styles (style_net));
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < n; i++) {
    int nearest = rv__style_net_nearest_style (style_net, net, photo, paintings[i], n_threads, error);
    if (nearest < 0)
      return NULL;
    parts[nearest] += blends[i];
    g_string_append_printf (text, "%s%s", i ? ", " : "", rv_style_net_style_name (style_net, (guint) nearest));
  }
  RvImage *start = rv_style_net_paint (style_net, photo, parts, n_threads, error);
  if (start)
    *names = g_string_free (g_steal_pointer (&text), FALSE);
  return start;
}
