/* dream-sheet.c -- several dreams in one picture: variants that differ from each other (`diversity`), each channel of a
 * layer (`atlas`), and a second picture with before and after (`compare`). */
#include "base/settings.h"
#include "io/image/sheet.h"
#include "job/dream/dreams.h"
#include <math.h>
#include <string.h>

#define GAP_PX 6
#define COMPARE_GAP_PX 8

/* ---- variants ---------------------------------------------------------------------------------------------------- */

/* Layout of a sheet of `diversity` variants, as close to a square as possible; no gap for one variant. */
static RvSheetLayout
layout_of (const RvJobRequest *request)
{
  int n = (int) rv__dreams_options (request)->diversity, columns = (int) ceil (sqrt (n));
  return (RvSheetLayout){ .columns = columns,
                          .rows = (n + columns - 1) / columns,
                          .cell_width = request->width,
                          .cell_height = request->height,
                          .gap = n > 1 ? GAP_PX : 0 };
}

gboolean
rv__dream_check_sheet (const RvJobRun *run, const char *const *inputs, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (&run->request);
  RvSheetLayout layout = layout_of (&run->request);
  RvPictureOptions checked = *run->request.options;
  checked.force |= rv__job_run_has_checkpoint (run);
  int width, height;
  rv__sheet_size (&layout, &width, &height);
  return (own->diversity == 1 || !checked.output || rv__picture_check_target (&checked, width, height, error)) &&
         rv__picture_check_other (&checked, "compare", own->compare, 2 * run->request.width + COMPARE_GAP_PX,
                                  run->request.height, inputs, error);
}

/* (transfer full) (nullable): a variant with the seed `seed` + variants->len, made to differ from @variants (RvImage).
 * Like rv__dream_run() it may return a picture together with an error. `seed` in request.settings is restored. */
static RvImage *
dream_variant (RvJobRun *run, GPtrArray *variants, GError **error)
{
  gint64 seed = rv_settings_get_int (run->request.settings, "seed", NULL);
  RvImage *result = NULL;
  if (!rv__settings_set_int (run->request.settings, "seed", seed + variants->len, error))
    return NULL;
  g_autoptr (RvDream) dream = rv__dream_new_for_run (run, ((RvDreamJob *) run->method)->start, error);
  if (!rv__settings_set_int (run->request.settings, "seed", seed, NULL) || !dream ||
      !rv__dream_set_diversity (dream, (RvImage *const *) variants->pdata, (int) variants->len,
                                rv__dreams_options (&run->request)->diversity_weight, error))
    return NULL;
  rv__dream_run (dream, rv__dream_on_progress, run, &result, error);
  return result;
}

gboolean
rv__dream_run_variants (RvJobRun *run, RvImage **result, GError **error)
{
  RvDreamJob *dream_job = run->method;
  RvSheetLayout layout = layout_of (&run->request);
  GError *own_error = NULL;
  g_autoptr (GPtrArray) variants = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, &own_error);
  int n = (int) rv__dreams_options (&run->request)->diversity;
  g_clear_pointer (&dream_job->dream, rv__dream_free);                /* each variant has its own dream */
  rv__settings_set_bool (run->request.settings, "exact", TRUE, NULL); /* else variants may use different kernels */
  while (sheet && !own_error && !run->progress.stopped && !run->progress.error && variants->len < (guint) n) {
    rv__dream_begin_item (dream_job, (int) variants->len + 1, n);
    RvImage *variant = dream_variant (run, variants, &own_error);
    if (!variant)
      break;
    rv__sheet_put (sheet, &layout, (int) variants->len, variant, NULL);
    g_ptr_array_add (variants, variant);
  }
  if (variants->len > 0)
    *result = g_steal_pointer (&sheet);
  if (own_error)
    g_propagate_error (error, own_error);
  return !own_error;
}

/* ---- the atlas --------------------------------------------------------------------------------------------------- */

typedef struct {
  RvJobRun *run;
  gint64 began_us;
} Atlas;

/* RvAtlasFunc; @data: an Atlas. Reports that @n_done of @n_channels are done, the last of them @channel. FALSE: the
 * atlas must end: stopped, cancelled, or progress.error. */
static gboolean
on_channel (gint64 channel, int n_done, int n_channels, gpointer data)
{
  const Atlas *atlas = data;
  RvJobReport report = { .iteration = n_done,
                         .n_iterations = n_channels,
                         .stage = 1,
                         .n_stages = 1,
                         .frame = n_done,
                         .n_frames = n_channels,
                         .channel = channel,
                         .seconds = (double) (g_get_monotonic_time () - atlas->began_us) / G_USEC_PER_SEC,
                         .done_01 = (double) n_done / n_channels };
  return rv__job_run_report_item (atlas->run, &report);
}

gboolean
rv__dream_run_atlas (RvJobRun *run, RvImage **result, GError **error)
{
  Atlas atlas = { run, g_get_monotonic_time () };
  *result = rv__dream_atlas (run->request.settings, run->request.net, rv__dreams_options (&run->request)->atlas,
                             run->kernels, on_channel, &atlas, error);
  run->request.width = *result ? (*result)->width : 0;
  run->request.height = *result ? (*result)->height : 0;
  return *result != NULL;
}

/* ---- compare ----------------------------------------------------------------------------------------------------- */

void
rv__dream_remove_partial_compare (const RvJobRun *run)
{
  const RvPictureOptions compare = { .output = rv__dreams_options (&run->request)->compare,
                                     .force = run->request.options->force || rv__job_run_has_checkpoint (run),
                                     .dry_run = run->request.options->dry_run };
  rv__picture_remove_partial_files (&compare);
}

/* Row @y of channel @c (0 red, 1 green, 2 blue) of @image: image->width numbers. Borrowed. */
static float *
row_of (const RvImage *image, int c, int y)
{
  return (float *) image->rgb->data + ((gint64) c * image->height + y) * image->width;
}

gboolean
rv__dream_save_compare (RvJobRun *run, const RvImage *result, GError **error)
{
  const char *file = rv__dreams_options (&run->request)->compare;
  const RvImage *before = ((const RvDreamJob *) run->method)->start;
  if (!file || !result)
    return TRUE;
  gsize row_bytes = (gsize) result->width * sizeof (float);
  g_autoptr (RvImage) pair = rv_image_new (2 * result->width + COMPARE_GAP_PX, result->height, error);
  for (int c = 0; pair && c < 3; c++)
    for (int y = 0; y < result->height; y++) {
      float *to = row_of (pair, c, y);
      memcpy (to, row_of (before, c, y), row_bytes);
      for (int x = 0; x < COMPARE_GAP_PX; x++)
        to[result->width + x] = 255;
      memcpy (to + result->width + COMPARE_GAP_PX, row_of (result, c, y), row_bytes);
    }
  return pair && rv__picture_save (run->request.options, pair, file, !run->request.options->no_replace_others, error);
}
