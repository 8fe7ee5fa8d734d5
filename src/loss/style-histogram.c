/* style-histogram.c -- histogram of each channel: the distribution of its activations.
 *
 *   L = sum over channels of W (F[c], S[c])^2 / sum over channels of mean S[c]^2
 *
 * W is the Wasserstein distance in one dimension (transport.c): the difference between each number and its replacement
 * by histogram matching. Risser, Wilmot, Barnes 2017, "Stable and Controllable Neural Texture Synthesis and Style
 * Transfer Using Histogram Losses". The paper matches 256 bins; this loss matches every number. */
#include "transport.h"

/* Squared distance to the style's histogram of each channel, relative to its size (Risser, Wilmot, Barnes 2017). */
const RvLossClass rv__loss_style_histogram = {
  .group = "style",
  .name = "histogram",
  .target = RV_TARGET_SUMS,
  .tiling = RV_TILING_WHOLE,
  .record = rv__map_record,
  .prepare_target = rv__transport_prepare_target,
  .compare = rv__transport_compare,
  .workspace_bytes = rv__transport_workspace_bytes,
};
