/* feed-forward.h -- style networks of other programs: files that hold their architecture, such as ONNX, with one style.
 * Layer 6 (method).
 *
 * Johnson, Alahi, Fei-Fei 2016, "Perceptual losses for real-time style transfer and super-resolution", and networks
 * like theirs: a picture in, a picture of the same size out, in the same range. The whole picture is computed at once,
 * since their instance norms need it. Where the network needs sides that are multiples of a number, the picture is
 * continued by reflection on the right and at the bottom, and the result is cropped. */
#pragma once

#include "method/run/plan.h"
#include "backend/backend.h"
#include <reverie/image.h>
#include <reverie/tensor.h>

/* A network and its program for pictures of one size. Used by one thread at a time. */
typedef struct _RvFeedForward RvFeedForward;

/* (transfer full) (nullable): the network whose graph is in the content @map of a file, which is kept, and whose
 * text "preprocessing" is replaced. @preprocessing: (nullable): range of input and output, see net/pixel-space.h;
 * NULL: RGB 0..255, as in PyTorch's examples. RV_ERROR_FORMAT: the graph does not make one picture, or
 * @preprocessing is not understood. */
RvFeedForward *rv__feed_forward_from_map (RvTensorMap *map, const char *preprocessing, GError **error);
/* Frees @network (nullable). */
void rv__feed_forward_free (RvFeedForward *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFeedForward, rv__feed_forward_free)
/* Frees the program and its memory; the next picture compiles another. */
void rv__feed_forward_clear (RvFeedForward *network);

/* Overwrites the colours of @painted with @image, painted, 0..255. @painted: has the size of @image; may be @image;
 * its alpha stays. @n_threads: 0: one for each physical core. @allowed: bytes that the process may use, and a
 * device; 0: four fifths of the free memory. Keeps the program for further pictures of this size. RV_ERROR_NUMBER
 * for results that are not finite. @painted is unchanged after an error. */
gboolean rv__feed_forward_apply_to (RvFeedForward *network, const RvImage *image, const RvBackendClass *backend,
                                    int n_threads, gsize allowed, RvImage *painted, GError **error);
/* Sets *plan for @width x @height px as rv__style_net_plan_whole() does. Compiles the program, which painting then
 * reuses. An error leaves *plan unchanged. */
gboolean rv__feed_forward_plan (RvFeedForward *network, int width, int height, const RvBackendClass *backend,
                                int n_threads, RvPlan *plan, GError **error);
