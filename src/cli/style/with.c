/* with.c -- reverie style --with: pictures painted in styles that were learnt before. */
#include "cmd-style.h"
#include <string.h>

const char *const style_with_of_films[] = {
  "from", "to", "every", "loop", "crf", "codec", "log", "live", "preview", "state-every", "temporal-weight", NULL
};
const char *const style_with_of_any[] = { "style", "style-blend", "style-scale", "weights", NULL };

gboolean
style_with_usage (const GPtrArray *given, const char *const *more, GError **error)
{
  static const char *const useful[] = { "with",     "output",   "size",   "height",  "width",    "quality",
                                        "bits",     "dpi",      "recipe", "force",   "settings", "quiet",
                                        "threads",  "strength", "resume", "dry-run", "offline",  "keep-colors",
                                        "truncate", "cell",     "mask",   "memory",  NULL };
  for (guint i = 0; i < given->len; i++) {
    const char *name = rv_option_name (((Given *) given->pdata[i])->option);
    if (!g_strv_contains (useful, name) && !(more && g_strv_contains (more, name))) {
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--%s does not go with --with: what was learnt is learnt", name);
      return FALSE;
    }
  }
  return TRUE;
}

/* The one of the styles that the task is of; -1: all of them. */
static int
style_of (const StyleJob *job, const StyleTask *task)
{
  if (task->styles[1] || rv_with_n (job->with) == 1 || rv_with_is_any (job->with))
    return -1;
  for (guint i = 0; i < rv_with_n (job->with); i++)
    if (strcmp (rv_with_name (job->with, i), task->styles[0]) == 0)
      return (int) i;
  return -1;
}

gboolean
style_add_with (RvJob *job, const RvWith *with, int only, GError **error)
{
  g_autofree char *text = rv_with_text (with, only);
  for (guint i = 0; i < rv_with_n (with); i++)
    if ((only < 0 || only == (int) i) && !job_add_if (job, "painter", rv_with_file (with, i), error))
      return FALSE;
  return rv_job_set (job, "with", text, error);
}

/* (transfer full) (nullable) */
static RvJob *
job_of (const StyleJob *all, const StyleTask *task, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("style-with", error);
  if (!job || !rv_job_set_settings (job, all->settings, error) ||
      !rv_job_set_settings (job, all->picture.asked, error) || !job_set_if (job, "output", task->output, error) ||
      !rv_job_add_file (job, "content", task->content, error))
    return NULL;
  for (char **style = task->styles; *style && rv_with_is_any (all->with); style++)
    if (!rv_job_add_file (job, "style", *style, error))
      return NULL;
  for (guint i = 0; i < all->masks->len; i++)
    if (!rv_job_add_file (job, "mask", all->masks->pdata[i], error))
      return NULL;
  rv_job_set_make_folder (job, g_strcmp0 (all->picture.output, task->output) != 0);
  return style_add_with (job, all->with, style_of (all, task), error) ? g_steal_pointer (&job) : NULL;
}

static int
failed (GError *error)
{
  return g_error_matches (error, RV_ERROR, RV_ERROR_SETTING) ? usage_error (error) : run_error (error);
}

static int
say_plan (RvJob *job)
{
  GError *error = NULL;
  RvJobPlan plan;
  if (!rv_job_plan (job, &plan, &error))
    return failed (error);
  g_autofree char *memory = rv_text_bytes (plan.peak_bytes), *strips = g_strdup_printf ("in %d strips", plan.n_tiles);
  printf ("%d x %d px, %s: peak %s\n", plan.width, plan.height, plan.n_tiles > 1 ? strips : "in one pass", memory);
  return EXIT_DONE;
}

int
style_run_with (StyleJob *all, const StyleTask *task)
{
  GError *error = NULL;
  PictureOptions picture = all->picture;
  gint64 began_us = g_get_monotonic_time ();
  picture.output = task->output;
  g_autoptr (RvJob) job = job_of (all, task, &error);
  if (!job || !job_check (job, &picture, task->output, &error))
    return failed (error);
  rv_job_share (job, all->last); /* painters that are loaded already */
  g_clear_pointer (&all->last, rv_job_unref);
  all->last = rv_job_ref (job);
  if (picture.dry_run)
    return say_plan (job);
  g_autoptr (RvImage) result = rv_job_run (job, NULL, &error) ? rv_job_result (job) : NULL;
  return result ? picture_say_done (&picture, result, began_us, FALSE) : failed (error);
}
