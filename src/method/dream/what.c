/* what.c -- classifies a picture: its class map, averaged over positions, as probabilities. */
#include "base/cancel.h"
#include "base/error.h"
#include "method/features.h"
#include <math.h>

#define SHORT_SIDE_PX 227                /* about the training size of the networks with words */
#define LONG_SIDE_PX (8 * SHORT_SIDE_PX) /* limit, for memory */

/* Logit of each of @n_words words for @image: mean of the class map over positions. (transfer full) (nullable):
 * freed by g_free(). @n_threads: 0: one for each physical core. NULL: RV_ERROR_SHAPE if @image is too small;
 * RV_ERROR_FORMAT if the network has another number of classes. */
static double *
class_logits (const RvNet *net, const RvImage *image, int n_words, int n_threads, GError **error)
{
  g_autoptr (RvTensor) map = NULL;
  RvComputeSettings compute = { .threads = n_threads };
  if (!rv__features (net, &compute, image, (const char *const[]){ "class" }, 1, &map, error))
    return NULL;
  if (!map)
    return rv__error_null (error, RV_ERROR_SHAPE, "scaled to %d x %d px, the picture is too small for the network %s",
                           image->width, image->height, rv_net_name (net));
  gint64 positions = map->shape.dim[2] * map->shape.dim[3];
  if (map->shape.dim[1] != n_words)
    return rv__error_null (error, RV_ERROR_FORMAT, "the weights of %s have %d words for %d classes; import them again",
                           rv_net_name (net), n_words, (int) map->shape.dim[1]);
  double *logits = g_new (double, n_words);
  for (int i = 0; i < n_words; i++) {
    double sum = 0;
    for (gint64 p = 0; p < positions; p++)
      sum += ((const float *) map->data)[i * positions + p];
    logits[i] = rv__net_logit (net, (guint) i, sum / (double) positions);
  }
  return logits;
}

gboolean
rv_net_classify (RvNet *net, const RvImage *image, int n_threads, GCancellable *cancellable, RvClassScore *words,
                 int n_words, GError **error)
{
  const char *const *names = rv_net_class_names (net);
  if (!names)
    return rv__error_set (error, RV_ERROR_SETTING, "the network %s has no words; use a network that has them",
                          rv_net_name (net));
  int n = (int) g_strv_length ((char **) names);
  gint64 from = MIN (image->width, image->height), to = SHORT_SIDE_PX, longer = MAX (image->width, image->height);
  if (longer * SHORT_SIDE_PX > from * LONG_SIDE_PX) {
    from = longer;
    to = LONG_SIDE_PX;
  }
  int width = (int) MAX (image->width * to / from, 1), height = (int) MAX (image->height * to / from, 1);
  rv__cancellable_push (cancellable);
  g_autoptr (RvImage) picture = rv_image_resize (image, width, height, RV_IMAGE_RESIZE_BEST, error);
  g_autofree double *z = picture ? class_logits (net, picture, n, n_threads, error) : NULL;
  rv__cancellable_pop (cancellable);
  if (!z)
    return FALSE;
  double largest = z[0], sum = 0;
  for (int i = 1; i < n; i++)
    largest = MAX (largest, z[i]);
  for (int i = 0; i < n; i++)
    sum += z[i] = exp (z[i] - largest);
  for (int w = 0; w < n_words; w++) { /* the most probable word that is left */
    int best = 0;
    for (int i = 1; i < n; i++)
      best = z[i] > z[best] ? i : best;
    words[w] = (RvClassScore){ names[best], MAX (z[best], 0) / sum };
    z[best] = -1;
  }
  return TRUE;
}
