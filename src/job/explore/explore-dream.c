/* explore-dream.c -- sheets of dreams on the same picture, with different looks, octaves or other settings. */
#include "base/settings.h"
#include "job/explore/explore.h"
#include "method/dream/dream.h"

#define FIELD(f) offsetof (RvExploreOptions, f)

static const RvOption table[] = {
  { "across", 0, RV_OPTION_TEXT, FIELD (across), "look=paradise,animals,heads,eyes,things", .unit = "NAME=VALUE,...",
    .help = "the setting that changes from column to column", .group = "sheet" },
  { "down", 0, RV_OPTION_TEXT, FIELD (down), "octaves=1,3,5", .unit = "NAME=VALUE,...",
    .help = "the setting that changes from row to row" },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, .unit = "PX",
    .help = "longest side of each picture on the sheet" },
  { NULL },
};

const RvSettingsClass rv__settings_explore_dream = {
  .kind = "explore-dream", .command = "explore-dream", .table = table, .size = sizeof (RvExploreOptions)
};

/* (transfer full) (nullable): the method for a cell with @settings. Errors of rv__dream_new(). */
static RvDream *
new_dream (RvJobRun *run, const RvSettings *settings, GError **error)
{
  RvDream *dream = rv__dream_new (settings, run->request.net, ((const RvExploreJob *) run->method)->content, error);
  if (!dream)
    return NULL;
  rv__dream_set_kernels (dream, run->kernels);
  rv__dream_set_stop_request (dream, rv__job_run_stop_request (run));
  return dream;
}

static gboolean
on_progress (const RvDreamProgress *progress, gpointer run)
{
  return rv__explore_continue (run, progress->done_01);
}

static RvImage *
dream_cell (RvJobRun *run, const RvSettings *settings, GError **error)
{
  RvImage *result = NULL;
  g_autoptr (RvDream) dream = new_dream (run, settings, error);
  if (dream)
    rv__dream_run (dream, on_progress, run, &result, error);
  return result;
}

static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvPlan own;
  g_autoptr (RvDream) dream = new_dream (run, run->request.settings, error);
  if (!dream || !rv__dream_plan (dream, &own, error))
    return FALSE;
  rv__job_plan_from (plan, &own);
  rv__explore_scale_plan (run, plan);
  return TRUE;
}

static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  return rv__explore_run (run, dream_cell, result, error);
}

/* Small minimum: cells are small, and all octaves must show. */
static const RvOptionValue defaults[] = { { "smallest", "32" }, { 0 } };

static const RvJobRole roles[] = { { "picture", .needed = TRUE }, { NULL } };

const RvJobClass rv__job_explore_dream = {
  .kind = "explore-dream",
  .method = "dream",
  .defaults = defaults,
  .command = "explore dream",
  .kind_settings = "explore-dream",
  .own_table = table,
  .roles = roles,
  .check = rv__explore_check,
  .prepare = rv__explore_prepare,
  .plan = plan,
  .run = make,
  .picture = rv__explore_picture,
  .clear = rv__explore_clear,
};
