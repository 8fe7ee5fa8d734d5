/* explore-style.c -- sheets of the same pictures painted with different settings; style targets are shared. */
#include "base/settings.h"
#include "job/explore/explore.h"
#include "method/style/style.h"

#define MAX_STYLE_SCALE 4 /* sanity limit of `style-scale` */

#define FIELD(f) offsetof (RvExploreOptions, f)

static const RvOption table[] = {
  { "across", 0, RV_OPTION_TEXT, FIELD (across), "strength=20,40,60,80,95", .unit = "NAME=VALUE,...",
    .help = "the setting that changes from column to column", .group = "sheet" },
  { "down", 0, RV_OPTION_TEXT, FIELD (down), "style-scale=0.5,0.7,1,1.4,2", .unit = "NAME=VALUE,...",
    .help = "the setting that changes from row to row" },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, .unit = "PX",
    .help = "longest side of each picture on the sheet" },
  { NULL },
};

const RvSettingsClass rv__settings_explore_style = {
  .kind = "explore-style", .command = "explore-style", .table = table, .size = sizeof (RvExploreOptions)
};

typedef struct {
  RvImage **styles;
  int n_styles;
  RvStyle *first; /* other cells reuse its targets */
} Cells;

/* RvJobClass.prepare. Calls rv__explore_prepare(), and loads the styles, at up to MAX_STYLE_SCALE times a cell's size.
 * clear() frees all, even after an error. Errors of rv__explore_prepare() and rv__job_input_load_within(). */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  if (!rv__explore_prepare (run, error))
    return FALSE;
  g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, "style");
  double longest_px =
    MAX_STYLE_SCALE * (double) ((const RvExploreOptions *) run->request.kind_settings->fields)->cell_px;
  Cells *cells = ((RvExploreJob *) run->method)->cells = g_new0 (Cells, 1);
  cells->styles = g_new0 (RvImage *, inputs->len + 1);
  for (; cells->n_styles < (int) inputs->len; cells->n_styles++)
    if (!(cells->styles[cells->n_styles] =
            rv__job_input_load_within (inputs->pdata[cells->n_styles], longest_px, error)))
      return FALSE;
  return TRUE;
}

/* RvJobClass.clear. Frees run->method with its `cells` (NULL: not created). */
static void
clear (RvJobRun *run)
{
  Cells *cells = ((RvExploreJob *) run->method)->cells;
  for (int i = 0; cells && i < cells->n_styles; i++)
    rv_image_unref (cells->styles[i]);
  if (cells) {
    g_free (cells->styles);
    rv__style_free (cells->first);
  }
  g_free (cells);
  rv__explore_clear (run);
}

/* (transfer full) (nullable): the method for a cell with @settings. Errors of rv__style_new(). */
static RvStyle *
new_style (RvJobRun *run, const RvSettings *settings, GError **error)
{
  const RvExploreJob *explore_job = run->method;
  const Cells *cells = explore_job->cells;
  RvStyle *style =
    rv__style_new (settings, run->request.net, explore_job->content, cells->styles, cells->n_styles, NULL, error);
  if (!style)
    return NULL;
  rv__style_set_kernels (style, run->kernels);
  rv__style_set_stop_request (style, rv__job_run_stop_request (run));
  return style;
}

static gboolean
on_progress (const RvStyleProgress *progress, gpointer run)
{
  return rv__explore_continue (run, progress->done_01);
}

/* RvExploreFunc. The first cell computes the style targets, which the others reuse. */
static RvImage *
paint_cell (RvJobRun *run, const RvSettings *settings, GError **error)
{
  Cells *cells = ((RvExploreJob *) run->method)->cells;
  RvImage *result = NULL;
  g_autoptr (RvStyle) style = new_style (run, settings, error);
  if (!style)
    return NULL;
  if (cells->first)
    rv__style_reuse (style, cells->first);
  rv__style_run (style, on_progress, run, &result, error);
  if (!cells->first)
    cells->first = g_steal_pointer (&style);
  return result;
}

static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  RvPlan own;
  g_autoptr (RvStyle) style = new_style (run, run->request.settings, error);
  if (!style || !rv__style_plan (style, &own, error))
    return FALSE;
  rv__job_plan_from (plan, &own);
  rv__explore_scale_plan (run, plan);
  return TRUE;
}

static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  return rv__explore_run (run, paint_cell, result, error);
}

static const RvJobRole roles[] = {
  { "content", .needed = TRUE },
  { "style", .needed = TRUE, .many = TRUE },
  { NULL },
};

const RvJobClass rv__job_explore_style = {
  .kind = "explore-style",
  .method = "style",
  .command = "explore style",
  .kind_settings = "explore-style",
  .own_table = table,
  .roles = roles,
  .check = rv__explore_check,
  .prepare = prepare,
  .plan = plan,
  .run = make,
  .picture = rv__explore_picture,
  .clear = clear,
};
