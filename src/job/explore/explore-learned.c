/* explore-learned.c -- sheets of one photograph in several learned styles. */
#include "base/error.h"
#include "base/settings.h"
#include "io/image/frame.h"
#include "io/image/sheet.h"
#include "job/explore/explore.h"
#include "job/learned/learned-styles.h"

#define GAP_PX 10
#define MAX_COLUMNS 4

typedef struct {
  char *learned;
  gint64 cell_px;
} SheetOptions;

#define FIELD(f) offsetof (SheetOptions, f)

static const RvOption table[] = {
  { "learned", 0, RV_OPTION_TEXT, FIELD (learned), "all", .old_name = "with", .unit = "NAME|FILE[:STYLE],...",
    .help = "learned styles: built-in ones by name, or those of files", .group = "sheet" },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, .unit = "PX",
    .help = "longest side of each picture on the sheet" },
  { NULL },
};

const RvSettingsClass rv__settings_explore_learned = {
  .kind = "explore-learned", .command = "explore-learned", .table = table, .size = sizeof (SheetOptions)
};

static const SheetOptions *
options_of (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

/* Data of the job: run->method. */
typedef struct {
  RvLearnedStyles *learned;
  RvImage *photo, *sheet; /* photo: at the size of a cell */
  RvSheetLayout layout;
} Sheet;

/* RvJobClass.check. Sets the size from `cell`, and has_no_checkpoint. Replaces `learned` by the list of the styles
 * that it names, with weights and files without folders. RV_ERROR_SETTING if `learned` is "any". */
static gboolean
check (RvJobRequest *request, GError **error)
{
  RvPictureOptions *options = request->options;
  if (!rv__explore_check_options (options, error))
    return FALSE;
  if (!g_str_equal (rv_settings_get_text (request->settings, "only", NULL), "none") ||
      !g_str_equal (rv_settings_get_text (request->settings, "keep", NULL), "none"))
    return rv__error_setting (error, "only,keep", "a sheet of learned styles cannot be combined with 'only' or 'keep'");
  const char *named = options_of (request)->learned;
  g_autoptr (RvLearnedStyles) learned = rv__learned_styles_from_request (request, named ? named : "", error);
  g_autofree char *text = learned ? rv_learned_styles_text (learned, -1) : NULL;
  request->has_no_checkpoint = TRUE;
  options->size_px = options_of (request)->cell_px;
  if (learned && !learned->is_any)
    return rv_settings_set (request->kind_settings, "learned", text, error);
  if (learned)
    rv__error_setting (error, "learned",
                       "a sheet cannot be combined with 'learned' any, which has no styles of its own");
  return FALSE;
}

/* RvJobClass.prepare. Sets run->method to a Sheet, also after an error: loaded styles, photograph, empty sheet. Sets
 * request.width and height from a cell's to the sheet's. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  Sheet *sheet = run->method = g_new0 (Sheet, 1);
  if (!(sheet->learned = rv__learned_styles_from_request (&run->request, options_of (&run->request)->learned, error)) ||
      !rv__learned_styles_load (sheet->learned, FALSE, error) ||
      !(sheet->photo = rv__job_input_load (rv__request_input (&run->request, "content"), run->request.width,
                                           run->request.height, RV_IMAGE_RESIZE_BEST, error)))
    return FALSE;
  int n = (int) sheet->learned->items->len, columns = MIN (n, MAX_COLUMNS);
  sheet->layout = (RvSheetLayout){ .columns = columns,
                                   .rows = (n + columns - 1) / columns,
                                   .cell_width = run->request.width,
                                   .cell_height = run->request.height,
                                   .gap = GAP_PX,
                                   .labels = TRUE };
  if (!(sheet->sheet = rv__sheet_new (&sheet->layout, error)))
    return FALSE;
  run->request.width = sheet->sheet->width;
  run->request.height = sheet->sheet->height;
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  Sheet *sheet = run->method;
  rv_learned_styles_free (sheet->learned);
  rv_image_unref (sheet->photo);
  rv_image_unref (sheet->sheet);
  g_free (sheet);
}

/* RvJobClass.plan. Estimates memory, no time: the sheet and the largest style. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const Sheet *sheet = run->method;
  int n = (int) sheet->learned->items->len;
  for (int i = 0; i < n; i++) {
    RvPlan style;
    if (!rv__learned_styles_plan (sheet->learned, i, sheet->photo->width, sheet->photo->height, run->request.settings,
                                  &style, error))
      return FALSE;
    plan->peak_bytes = MAX (plan->peak_bytes, style.peak_bytes);
    plan->device_peak_bytes = MAX (plan->device_peak_bytes, style.device_peak_bytes);
  }
  plan->peak_bytes += (gsize) rv_tensor_bytes (sheet->sheet->rgb);
  plan->n_iterations = n;
  plan->backend = "a style network";
  return TRUE;
}

/* RvJobClass.picture. (transfer full) (nullable): a copy of the sheet so far, because the sheet changes while the
 * picture is shown. */
static RvImage *
picture (gconstpointer run, GError **error)
{
  const RvImage *sheet = ((const Sheet *) ((const RvJobRun *) run)->method)->sheet;
  return rv__image_crop (sheet, 0, 0, sheet->width, sheet->height, error);
}

/* RvJobClass.run. Paints all cells, row by row. *result: (out) (transfer full): the sheet, unchanged after an error.
 * When stopped (TRUE) it has at least one cell; cancelled between cells, and with run->progress.error, also TRUE.
 * An error about 'size' becomes one about 'cell'. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  Sheet *sheet = run->method;
  gint64 began_us = g_get_monotonic_time ();
  int n = (int) sheet->learned->items->len;
  for (int i = 0; i < n && !run->progress.stopped; i++) {
    const char *name = rv__learned_styles_name (rv__learned_styles_item (sheet->learned, (guint) i));
    g_autoptr (RvImage) cell = rv__learned_styles_paint (sheet->learned, &(RvLearnedPaintOptions){ .only = i },
                                                         sheet->photo, run->request.settings, error);
    if (!cell) {
      rv__error_rename (error ? *error : NULL, "size", "cell");
      return FALSE;
    }
    rv__sheet_put (sheet->sheet, &sheet->layout, i, cell, name);
    RvJobReport report = rv__job_run_report (run, i + 1, n, began_us);
    report.frame = i + 1;
    report.n_frames = n;
    report.label = rv__job_own_text (run->job, g_strdup (name));
    if (!rv__job_run_report_item (run, &report) || !rv__job_run_show (run, &report, run))
      break;
  }
  *result = rv_image_ref (sheet->sheet);
  return TRUE;
}

/* RvJobClass.fill_recipe. Limits the recipe to the settings in `names`, written in the order of `names`; sets
 * network, weights and kernels to NULL. */
static void
fill_recipe (const RvJobRun *run, RvRecipe *recipe)
{
  static const char *const names[] = {
    "learned", "strength", "keep-colors", "threads", "backend", "gpu", "cell", NULL
  };
  recipe->setting_names = names;
  recipe->in_order = TRUE;
  rv__learned_styles_fill_recipe (NULL, NULL, recipe);
}

static const RvJobRole roles[] = {
  { "content", .needed = TRUE },
  { "painter", .many = TRUE, .is_file = TRUE }, /* file that `learned` names */
  { NULL },
};

const RvJobClass rv__job_explore_learned = {
  .kind = "explore-learned",
  .old_kind = "explore-with",
  .method = "style",
  .command = "explore learned",
  .kind_settings = "explore-learned",
  .own_table = table,
  .roles = roles,
  .uses_no_network = TRUE,
  .check = check,
  .prepare = prepare,
  .plan = plan,
  .run = make,
  .fill_recipe = fill_recipe,
  .picture = picture,
  .clear = clear,
};
