/* content-laplacian.c -- contours of the picture: its Laplacian.
 *
 *   L = ||D x - D p||^2 / ||D p||^2,   D: the mean over `smooth` x `smooth` px, then the Laplacian
 *                                                                                  0  1  0
 *                                                                                  1 -4  1
 *                                                                                  0  1  0
 * for each channel, with edge pixels repeated. Li, Xu, Nie, Liu 2017, "Laplacian-Steered Neural Style Transfer"; the
 * paper takes means of blocks, so that the position of a contour within a block matters. */
#include "loss.h"

#define MAX_SMOOTH 16

typedef struct {
  gint64 smooth_px;
} Settings;

static const RvOption options[] = {
  { "smooth", 0, RV_OPTION_INT, offsetof (Settings, smooth_px), "4", 1, MAX_SMOOTH, .unit = "PX",
    .help = "contours of about this width" },
  { NULL },
};

/* Records the contours D x of @x, [1, C, H, W], multiplied by the value @mask, [H, W] (-1: none). @kernel: value of the
 * Laplacian's kernel. Returns the value of the result, shaped like @x; -1 after an error, in program->error. */
static int
contours (RvProgram *program, const Settings *settings, int kernel, int x, int mask)
{
  int before = (int) (settings->smooth_px - 1) / 2, after = (int) settings->smooth_px - 1 - before;
  int wide = rv__pad (program, x, (RvPad){ before + 1, before + 1, after + 1, after + 1 }, RV_PAD_REPLICATE);
  if (settings->smooth_px > 1)
    wide = rv__average_pool (program, wide, (int) settings->smooth_px, 1, (RvPad){ 0 }, 1);
  int bent = rv__conv2d (program, wide, kernel, -1, 1, (RvPad){ 0 });
  return mask >= 0 ? rv__mask (program, bent, mask) : bent;
}

/* RvLossClass.record: stats[0] is ||D x - D p||^2, with each difference multiplied by the mask. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  static const double laplacian[9] = { 0, 1, 0, 1, -4, 1, 0, 1, 0 };
  int kernel = rv__loss_record_kernel (program, info->channels, laplacian);
  stats[0] = rv__sum_squared_difference (program, contours (program, info->settings, kernel, values->x, values->mask),
                                         contours (program, info->settings, kernel, values->target, values->mask));
}

/* ||D x - D p||^2 / ||D p||^2 of the picture itself, D its contours (Li, Xu, Nie, Liu 2017). */
const RvLossClass rv__loss_content_laplacian = {
  .group = "content",
  .name = "laplacian",
  .on_picture = TRUE,
  .target = RV_TARGET_FEATURES,
  .tiling = RV_TILING_HALO,
  .halo = MAX_SMOOTH / 2 + 1,
  .n_sums = 1,
  .linear = TRUE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = record,
  .evaluate = rv__relative_evaluate,
};
