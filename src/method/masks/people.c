/* people.c -- people by MediaPipe's selfie segmentation, a network like MobileNetV3 (Howard et al. 2019), with
 * MediaPipe's weights: data/people.safetensors, by tools/convert-mediapipe.py.
 *
 * Without people the network often marks an animal or a thing in front, with probabilities between 0 and 1. */
#include "io/weights/format.h"
#include "masks.h"
#include "method/features.h"
#include "op/op.h"

extern const guint8 rv__people[], rv__people_end[]; /* data/meson.build */

#define SIDE RV_PEOPLE_SIDE_PX
#define MIN_CERTAINTY_01 0.5
#define MIN_PART_01 0.01 /* fraction of the picture */

gboolean
rv__people_logits (const RvImage *picture, int n_threads, float *logits, GError **error)
{
  static const char *const layers[] = { "logits" };
  const RvComputeSettings compute = { .threads = n_threads, .exact = TRUE, .backend = (char *) "cpu" };
  RvTensor *squares = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (rv__people, (gsize) (rv__people_end - rv__people));
  g_autoptr (RvTensorMap) weights = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the network of people", error);
  g_autoptr (RvNet) net = weights ? rv_net_new (NULL, weights, error) : NULL;
  g_autoptr (RvImage) image = net ? rv_image_resize (picture, SIDE, SIDE, RV_IMAGE_RESIZE_BEST, error) : NULL;
  if (!image || !rv__features (net, &compute, image, layers, 1, &squares, error))
    return FALSE;
  const float *from = squares->data; /* [4, 128, 128]: squares of 2 x 2 */
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      logits[y * SIDE + x] = from[((y % 2 * 2 + x % 2) * SIDE / 2 + y / 2) * SIDE / 2 + x / 2];
  rv_tensor_unref (squares);
  return TRUE;
}

double
rv__people_certainty (const float *logits)
{
  const float certain = 2.2f; /* log odds of 0.9; negative: of 0.1 */
  int n_certain = 0, n_possible = 0;
  for (int i = 0; i < SIDE * SIDE; i++) {
    n_certain += logits[i] > certain;
    n_possible += logits[i] > -certain;
  }
  return n_certain < MIN_PART_01 * SIDE * SIDE ? 0 : (double) n_certain / n_possible;
}

RvImage *
rv__mask_from_square (const RvImage *picture, const RvImage *small, const float *logits, GError **error)
{
  const float max_logit = 4; /* larger log odds would move edges */
  gint64 n = (gint64) small->width * small->height;
  g_autofree float *stretched = g_new (float, n);
  rv__resize_planes (logits, 1, SIDE, SIDE, RV_RESIZE_BILINEAR, stretched, small->height, small->width);
  for (gint64 i = 0; i < n; i++)
    stretched[i] = CLAMP (stretched[i], -max_logit, max_logit);
  return rv__mask_from_logits (picture, small, stretched, error);
}

/* RvMaskClass.make. (transfer full) (nullable): white where @picture shows people. *found: (transfer full): "people";
 * if rv__people_certainty() is below MIN_CERTAINTY_01, it is unchanged, and the mask is black. */
static RvImage *
make (const RvImage *picture, int n_threads, char **found, GError **error)
{
  g_autofree float *logits = g_new (float, SIDE *SIDE);
  g_autoptr (RvImage) small = rv__mask_shrink (picture, RV_MASK_SMALL_PX, 1, error);
  if (!small || !rv__people_logits (small, n_threads, logits, error))
    return NULL;
  if (rv__people_certainty (logits) < MIN_CERTAINTY_01)
    return rv_image_new (picture->width, picture->height, error);
  RvImage *mask = rv__mask_from_square (picture, small, logits, error);
  if (mask)
    *found = g_strdup ("people");
  return mask;
}

const RvMaskClass rv__mask_people = { "people", make };
