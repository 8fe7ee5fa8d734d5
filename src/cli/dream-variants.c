/* dream-variants.c -- reverie dream --diversity N: as many dreams of the same thing, each unlike those before it, on
 * one sheet. */
#include "cmd-dream.h"
#include "io/image/sheet.h"
#include <math.h>

#define GAP_PX 6

/* The next one: from other noise, and unlike those in @done. */
static RvImage *
dream_variant (DreamJob *job, GPtrArray *done, GError **error)
{
  gint64 seed = rv_settings_get_int (job->settings, "seed", NULL);
  RvImage *result = NULL;
  if (!rv_settings_set_int (job->settings, "seed", seed + done->len, error))
    return NULL;
  g_autoptr (RvDream) dream = dream_prepare (job, error);
  if (!rv_settings_set_int (job->settings, "seed", seed, NULL) || !dream ||
      !rv_dream_set_unlike (dream, (RvImage *const *) done->pdata, (int) done->len, job->own.diversity_weight, error))
    return NULL;
  rv_dream_run (dream, dream_on_progress, job, &result, error);
  return result;
}

static RvSheetLayout
layout_of (const DreamJob *job)
{
  int n = (int) job->own.diversity, columns = (int) ceil (sqrt (n));
  return (RvSheetLayout){ .columns = columns,
                          .rows = (n + columns - 1) / columns,
                          .cell_width = job->width,
                          .cell_height = job->height,
                          .gap = n > 1 ? GAP_PX : 0 };
}

void
dream_sheet_size (const DreamJob *job, int *width, int *height)
{
  RvSheetLayout layout = layout_of (job);
  *width = layout.columns * (layout.cell_width + layout.gap) + layout.gap;
  *height = layout.rows * (layout.cell_height + layout.gap) + layout.gap;
}

int
dream_run_variants (DreamJob *job)
{
  GError *error = NULL;
  RvSheetLayout layout = layout_of (job);
  g_autoptr (GPtrArray) done = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, &error);
  job->n_frames = (int) job->own.diversity;
  rv_settings_set_bool (job->settings, "exact", TRUE, NULL); /* else the second may find other kernels than the first */
  while (sheet && !error && !job->stopped && done->len < (guint) job->n_frames) {
    job->frame = (int) done->len + 1;
    RvImage *variant = dream_variant (job, done, &error);
    if (!variant)
      continue;
    rv__sheet_put (sheet, &layout, (int) done->len, variant, NULL);
    g_ptr_array_add (done, variant);
  }
  progress_end (g_steal_pointer (&job->progress));
  kernel_file_save (&job->picture, job->kernels);
  dream_keep_recipe (job);
  if (!error && !job->error)
    picture_flush_log (&job->picture, job->log, &job->error);
  if (job->error && !error)
    error = g_steal_pointer (&job->error);
  int code = picture_save_result (&job->picture, done->len > 0 ? sheet : NULL, error);
  return code == EXIT_DONE ? picture_say_done (&job->picture, sheet, job->began_us, job->stopped) : code;
}
