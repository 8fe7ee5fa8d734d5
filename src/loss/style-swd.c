/* style-swd.c -- sliced Wasserstein distance: distance of the distribution of a layer's features to the style's,
 * including combinations of channels.
 *
 *   L = sum over directions d of W (<d, F>, <d, S>)^2 / sum over directions of mean <d, S>^2
 *
 * W is the Wasserstein distance in one dimension (transport.c). The d are `projections` unit vectors, normally
 * distributed and scaled to length 1, the same for the whole run. Heitz, Vanhoey, Chambon, Belcour 2021, "A Sliced
 * Wasserstein Loss for Neural Texture Synthesis"; the paper draws new directions in each iteration, and does not divide
 * by the style. A Gram matrix has only means of products; this loss compares the whole distribution. */
#include "base/random.h"
#include "transport.h"
#include <math.h>

#define DIRECTION_STREAM 5 /* stream of random numbers */

typedef struct {
  gint64 projections, seed;
} Settings;

static const RvOption options[] = {
  { "projections", 0, RV_OPTION_INT, offsetof (Settings, projections), "64", 1, 4096, .unit = "COUNT",
    .help = "directions along which a layer's features are compared" },
  { "seed", 0, RV_OPTION_INT, offsetof (Settings, seed), "0", 0, 9e15, .unit = "NUMBER",
    .help = "random seed of the directions" },
  { NULL },
};

/* (transfer full) (nullable): a tensor [projections, C, 1, 1] of random unit vectors of @channels numbers, in @type:
 * the same for the same settings->seed and sizes. */
static RvTensor *
new_directions (const Settings *settings, gint64 channels, RvType type, GError **error)
{
  RvShape shape = rv_shape (4, settings->projections, channels, 1, 1);
  RvTensor *tensor = rv_tensor_new (type, &shape, error);
  const RvLossMap numbers = { .type = type, .data = tensor ? tensor->data : NULL };
  for (gint64 k = 0; tensor && k < settings->projections; k++) {
    double square = 0;
    for (int pass = 0; pass < 2; pass++)
      for (gint64 c = 0; c < channels; c++) {
        gint64 i = k * channels + c;
        double x = rv__random_normal ((guint64) settings->seed, DIRECTION_STREAM, (guint64) i);
        if (pass == 0)
          square += x * x;
        else
          rv__loss_map_set (&numbers, i, x / sqrt (square));
      }
  }
  return tensor;
}

/* RvLossClass.record: stats[0] is the map of the products <d, F> of the features with each direction d, [1,
 * projections, H, W]. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  g_autoptr (RvTensor) directions =
    program->error ? NULL : new_directions (info->settings, info->channels, program->type, &program->error);
  if (directions)
    stats[0] = rv__conv2d (program, values->x, rv__program_constant (program, directions), -1, 1, (RvPad){ 0 });
}

/* Sliced Wasserstein distance of the features, relative to the style's size (Heitz, Vanhoey, Chambon, Belcour 2021). */
const RvLossClass rv__loss_style_swd = {
  .group = "style",
  .name = "swd",
  .target = RV_TARGET_SUMS,
  .tiling = RV_TILING_WHOLE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = record,
  .prepare_target = rv__transport_prepare_target,
  .compare = rv__transport_compare,
  .workspace_bytes = rv__transport_workspace_bytes,
};
