/* guide.c -- guided dreams: each layer grows toward its features of another picture. */
#include "base/error.h"
#include "io/image/frame.h"
#include "method/dream/dream-internal.h"
#include "method/features.h"
#include <math.h>

#define MAX_SIDE_PX 512 /* longest side of the guide */

/* Makes @features (transfer full) the target of the term, with the loss "guide". Reshapes [1, C, H, W] to [C, H W] and
 * multiplies each channel by its weight. @among_all: first deletes the channel weights of the look's words. */
static void
set_target (RvTerm *term, RvTensor *features, gboolean among_all)
{
  if (among_all && term->channel_groups)
    g_clear_pointer (&term->channel_weights, g_free);
  const RvShape *shape = &features->shape;
  gint64 C = shape->dim[1], Q = shape->dim[2] * shape->dim[3];
  features->shape = rv_shape (2, C, Q);
  for (gint64 i = 0; term->channel_weights && i < C * Q; i++)
    ((float *) features->data)[i] *= (float) term->channel_weights[i / Q];
  rv_tensor_unref (term->tensor);
  term->tensor = features;
  term->loss = rv__loss_for ("guide");
}

gboolean
rv__dream_guide_terms (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *guide,
                       double pixels, gboolean among_all, GError **error)
{
  double scale = MIN (sqrt (pixels / ((double) guide->width * guide->height)),
                      (double) MAX_SIDE_PX / MAX (guide->width, guide->height));
  g_autoptr (RvImage) image = rv__image_scale (guide, scale, error);
  g_autofree const char **layers = g_new (const char *, terms->len);
  g_autofree RvTensor **features = g_new (RvTensor *, terms->len);
  for (guint i = 0; i < terms->len; i++)
    layers[i] = g_array_index (terms, RvTerm, i).layer;
  if (!image || !rv__features (net, compute, image, layers, (int) terms->len, features, error))
    return FALSE;
  gboolean ok = TRUE;
  for (guint i = 0; i < terms->len; i++)
    ok &= features[i] != NULL;
  for (guint i = 0; i < terms->len; i++)
    if (ok)
      set_target (&g_array_index (terms, RvTerm, i), features[i], among_all);
    else
      rv_tensor_unref (features[i]);
  return ok ||
         rv__error_set (error, RV_ERROR_SHAPE,
                        "the guide, at %d x %d px, is too small for these layers: each side must have at least %d px",
                        image->width, image->height, rv__terms_min_side (net, terms));
}
