/* nearest.c -- finds the style of a style network that is nearest to a painting: by the style loss of a painted
 * photograph. */
#include "method/style-net/style-net.h"
#include "io/image/frame.h"
#include "method/objective/objective.h"
#include "net/net.h"
#include <string.h>

#define COMPARED_PX 288 /* longest side for the comparison, about the size of the training */
#define LEAST_PX 64     /* shortest side of a long picture, which the layers need */

/* (transfer full) (nullable): a copy of @image with a longest side of COMPARED_PX, or with a shortest side of
 * LEAST_PX if that is larger. Never enlarged. */
static RvImage *
shrink (const RvImage *image, GError **error)
{
  double part = MAX (COMPARED_PX / (double) MAX (image->width, image->height),
                     LEAST_PX / (double) MIN (image->width, image->height));
  return rv__image_scale (image, MIN (part, 1), error);
}

/* (transfer full) (nullable): a bound objective for pictures of @width x @height px, whose only loss is the style
 * loss against @painting. Borrows @net, which must outlive it; @painting may be freed. @n_threads: 0: one for each
 * physical core. */
static RvObjective *
new_style_objective (RvNet *net, const RvImage *painting, int height, int width, int n_threads, GError **error)
{
  g_autoptr (GArray) terms = rv__terms_new ();
  const char *name = rv_net_name (net);
  RvComputeSettings compute = { .threads = n_threads, .precision = (char *) "f32" };
  RvObjectiveSpec spec = { .net = net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__compute_backend (NULL, NULL, error),
                           .compile = rv__compute_compile (&compute),
                           .terms = terms,
                           .space = rv__rgb_0_255 };
  if (!spec.backend ||
      !rv__terms_add (terms, rv__loss_for ("style"), 1, rv__net_style_layers (name), name, NULL, error))
    return NULL;
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, height, width, error);
  if (!objective || !rv__objective_bind (objective, error) ||
      !rv__objective_measure_and_add_target (objective, painting->rgb->data, painting->height, painting->width, 1,
                                             error))
    return NULL;
  return g_steal_pointer (&objective);
}

int
rv__style_net_nearest_style (RvStyleNet *style_net, RvNet *net, const RvImage *photo, const RvImage *painting,
                             int n_threads, GError **error)
{
  g_autoptr (RvImage) small = shrink (photo, error), target = small ? shrink (painting, error) : NULL;
  g_autoptr (RvObjective) objective =
    target ? new_style_objective (net, target, small->height, small->width, n_threads, error) : NULL;
  double best = G_MAXDOUBLE;
  int nearest = -1;
  for (guint i = 0; objective && i < style_net->styles->len; i++) {
    g_autofree double *parts = g_new0 (double, style_net->styles->len);
    RvLosses losses;
    parts[i] = 1;
    g_autoptr (RvImage) painted = rv_style_net_paint (style_net, small, parts, n_threads, error);
    if (!painted)
      return -1;
    memcpy (rv__objective_x (objective), painted->rgb->data, rv_tensor_bytes (painted->rgb));
    if (!rv__objective_evaluate (objective, &losses, error))
      return -1;
    if (losses.total < best || nearest < 0) {
      best = losses.total;
      nearest = (int) i;
    }
  }
  return nearest;
}
