/* explore.c -- sheets of small pictures over two settings, of style transfer or of dreams: each cell with its own
 * settings, labelled. Cells of style transfer share the style targets. */
#include "job/explore/explore.h"
#include "base/error.h"
#include "base/settings.h"
#include "io/image/frame.h"
#include "io/image/sheet.h"
#include "job/core/job-object.h"
#include "method/dream/dream.h"
#include "method/run/scheduler.h"
#include "method/style/style.h"
#include <string.h>

#define GAP_PX 10
#define MAX_CELLS 26      /* per row, named by letters */
#define LETTER_PX 6       /* approximate width of a letter of a label */
#define MAX_STYLE_SCALE 4 /* paintings are loaded large enough for this `style-scale` */

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* The settings of the kinds "explore-style" and "explore-dream". */
typedef struct {
  char *across, *down;
  gint64 cell_px;
} ExploreOptions;

#define FIELD(f) offsetof (ExploreOptions, f)

#define ACROSS .unit = "NAME=VALUE,...", .help = "the setting that changes from column to column", .group = "sheet"
#define DOWN .unit = "NAME=VALUE,...", .help = "the setting that changes from row to row"
#define CELL .unit = "PX", .help = "longest side of each picture on the sheet"

static const RvOption style_table[] = {
  { "across", 0, RV_OPTION_TEXT, FIELD (across), "strength=20,40,60,80,95", ACROSS },
  { "down", 0, RV_OPTION_TEXT, FIELD (down), "style-scale=0.5,0.7,1,1.4,2", DOWN },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, CELL },
  { NULL },
};
static const RvOption dream_table[] = {
  { "across", 0, RV_OPTION_TEXT, FIELD (across), "look=paradise,animals,heads,eyes,things", ACROSS },
  { "down", 0, RV_OPTION_TEXT, FIELD (down), "octaves=1,3,5", DOWN },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, CELL },
  { NULL },
};

const RvSettingsClass rv__settings_explore_style = { "explore-style", "explore-style", style_table,
                                                     sizeof (ExploreOptions) };
const RvSettingsClass rv__settings_explore_dream = { "explore-dream", "explore-dream", dream_table,
                                                     sizeof (ExploreOptions) };

/* One axis of the sheet: name and values of a setting, as typed by a user. */
typedef struct {
  char *name;
  char **values; /* NULL-terminated */
} Axis;

/* Data of a sheet's job: run->method. Columns have letters a, b, ..., rows have numbers 1, 2, ...: cell "3c" is in row
 * 3. */
typedef struct {
  Axis across, down;
  RvSheetLayout layout;
  RvImage *content, *sheet; /* content: at the size of cells */
  GPtrArray *styles;        /* RvImage: none for dreams */
  RvStyle *first;           /* first cell of style transfer, whose targets the others reuse; NULL before */
  char **cell_hashes;       /* hash of each cell's pixels, to find equal cells; "" for an impossible cell */
  int n_made;               /* cells that are made */
  GPtrArray *errors;        /* errors of cells (texts of the job), until the first cell succeeds */
} ExploreJob;

/* Parses @text (nullable: an error), NAME=VALUE,..., where NAME is a setting of @kind; 1 to 26 values, none empty,
 * otherwise not checked. @axis: (out): free with clear_axis(); untouched after an error. RV_ERROR_SETTING. */
static gboolean
parse_axis (const char *text, const char *kind, Axis *axis, GError **error)
{
  const char *equals = text ? strchr (text, '=') : NULL;
  g_autofree char *name = equals ? g_strndup (text, (gsize) (equals - text)) : g_strdup (text ? text : "");
  g_autoptr (RvSettings) settings = rv_settings_new (kind, NULL);
  if (!rv__option_require (rv__settings_table (settings->class, NULL), name, error))
    return rv__error_set_option (error, "across,down");
  g_auto (GStrv) values = g_strsplit (equals ? equals + 1 : "", ",", -1);
  if (g_strv_length (values) < 1 || g_strv_length (values) > MAX_CELLS ||
      g_strv_contains ((const char *const *) values, ""))
    return rv__error_setting (error, "across,down",
                              "'across' and 'down' must be NAME=VALUE,VALUE,..., with 1 to %d values, none empty",
                              MAX_CELLS);
  axis->name = g_steal_pointer (&name);
  axis->values = g_steal_pointer (&values);
  return TRUE;
}

/* Frees the members of @axis and sets them to NULL. */
static void
clear_axis (Axis *axis)
{
  g_clear_pointer (&axis->name, g_free);
  g_clear_pointer (&axis->values, g_strfreev);
}

/* Parses "3c" (row 3, column c) into *column and *row, both from 0, within the axes. RV_ERROR_SETTING; *column is then
 * meaningless, and *row unchanged. */
static gboolean
parse_cell (const char *text, const Axis *across, const Axis *down, int *column, int *row, GError **error)
{
  int columns = (int) g_strv_length (across->values), rows = (int) g_strv_length (down->values);
  char *end = NULL;
  gint64 number = g_ascii_strtoll (text, &end, 10);
  *column = g_ascii_tolower (*end) - 'a';
  if (end > text && *end && !end[1] && number >= 1 && number <= rows && *column >= 0 && *column < columns) {
    *row = (int) number - 1;
    return TRUE;
  }
  return rv__error_setting (error, NULL, "the sheet's cells are 1a to %d%c; there is no '%.20s'", rows,
                            'a' + columns - 1, text);
}

/* Sets in @settings the settings of the cell in @column and @row: a preset first, which keeps other settings of the
 * sheet. After an error @settings is incomplete. */
static gboolean
set_cell (RvSettings *settings, const Axis *across, const Axis *down, int column, int row, GError **error)
{
  const Axis *axes[] = { across, down };
  const char *values[] = { across->values[column], down->values[row] };
  for (int k = 0; k < 2; k++)
    if (strcmp (axes[k]->name, "preset") == 0 && !rv__settings_change_preset (settings, values[k], error))
      return FALSE;
  for (int k = 0; k < 2; k++)
    if (strcmp (axes[k]->name, "preset") != 0 && !rv_settings_set (settings, axes[k]->name, values[k], error))
      return FALSE;
  return TRUE;
}

/* Fields of the kind "explore-style" or "explore-dream", borrowed from @request. */
static const ExploreOptions *
options_of (const RvJobRequest *request)
{
  return request->kind_settings->fields;
}

/* Parses `across` and `down`. The caller clears both axes, even after an error. */
static gboolean
parse_axes (const RvJobRequest *request, Axis *across, Axis *down, GError **error)
{
  const ExploreOptions *own = options_of (request);
  return parse_axis (own->across, request->class->method, across, error) &&
         parse_axis (own->down, request->class->method, down, error);
}

/* Checks that each value of @axis suits its setting. */
static gboolean
check_axis (const RvJobRequest *request, const Axis *axis, GError **error)
{
  g_autoptr (RvSettings) settings = rv__settings_copy (request->settings);
  for (char **value = axis->values; *value; value++)
    if (!rv_settings_set (settings, axis->name, *value, error))
      return FALSE;
  return TRUE;
}

gboolean
rv__explore_check_options (const RvPictureOptions *options, GError **error)
{
  gboolean wrong = options->size_px || options->width_px || options->height_px || options->live || options->plot ||
                   options->timeline || options->log || options->save_every;
  return !wrong || rv__error_setting (
                     error, "size,width,height,log,save-every,live,plot,timeline,cell",
                     "a sheet cannot be combined with 'size', 'width', 'height', 'log', 'save-every', 'live', 'plot' "
                     "or 'timeline'; 'cell' is a cell's size");
}

/* RvJobClass.check. Calls rv__explore_check_options(), and checks both axes and each of their values. Sets the
 * default network, the size of a cell (from `cell`) and has_no_checkpoint. */
static gboolean
check (RvJobRequest *request, GError **error)
{
  RvPictureOptions *options = request->options;
  Axis across = { 0 }, down = { 0 };
  if (!rv__explore_check_options (options, error))
    return FALSE;
  request->has_no_checkpoint = TRUE;
  rv__picture_set_defaults (options, "builtin", 0, 0);
  options->size_px = options_of (request)->cell_px;
  gboolean ok = parse_axes (request, &across, &down, error) && check_axis (request, &across, error) &&
                check_axis (request, &down, error);
  clear_axis (&across);
  clear_axis (&down);
  return ok;
}

/* RvJobClass.prepare. Sets run->method to an ExploreJob with content, styles and an empty sheet; clear() frees it, even
 * after an error. Sets request.width and height from a cell's to the sheet's. */
static gboolean
prepare (RvJobRun *run, GError **error)
{
  ExploreJob *explore_job = run->method = g_new0 (ExploreJob, 1);
  const RvJobInput *content = rv__request_input (&run->request, run->request.class->roles[0].name);
  if (!parse_axes (&run->request, &explore_job->across, &explore_job->down, error))
    return FALSE;
  explore_job->layout = (RvSheetLayout){ .columns = (int) g_strv_length (explore_job->across.values),
                                         .rows = (int) g_strv_length (explore_job->down.values),
                                         .cell_width = run->request.width,
                                         .cell_height = run->request.height,
                                         .gap = GAP_PX,
                                         .labels = TRUE };
  explore_job->errors = g_ptr_array_new ();
  explore_job->cell_hashes = g_new0 (char *, explore_job->layout.columns * explore_job->layout.rows + 1);
  if (!(explore_job->content =
          rv__job_input_load (content, run->request.width, run->request.height, RV_IMAGE_RESIZE_BEST, error)) ||
      !(explore_job->styles = rv__request_load (
          &run->request, "style", MAX_STYLE_SCALE * (double) options_of (&run->request)->cell_px, error)) ||
      !(explore_job->sheet = rv__sheet_new (&explore_job->layout, error)))
    return FALSE;
  run->request.width = explore_job->sheet->width;
  run->request.height = explore_job->sheet->height;
  return TRUE;
}

static void
clear (RvJobRun *run)
{
  ExploreJob *explore_job = run->method;
  clear_axis (&explore_job->across);
  clear_axis (&explore_job->down);
  rv_image_unref (explore_job->content);
  rv_image_unref (explore_job->sheet);
  g_clear_pointer (&explore_job->styles, g_ptr_array_unref);
  rv__style_free (explore_job->first);
  g_strfreev (explore_job->cell_hashes);
  g_clear_pointer (&explore_job->errors, g_ptr_array_unref);
  g_free (explore_job);
}

/* (transfer full) (nullable): the method for a cell with @settings of style transfer, with the run's kernels and stop
 * request. */
static RvStyle *
new_style (RvJobRun *run, const RvSettings *settings, GError **error)
{
  const ExploreJob *explore_job = run->method;
  RvStyle *style =
    rv__style_new (settings, run->request.net, explore_job->content, (RvImage *const *) explore_job->styles->pdata,
                   (int) explore_job->styles->len, NULL, error);
  if (!style)
    return NULL;
  rv__style_set_kernels (style, run->kernels);
  rv__style_set_stop_request (style, rv__job_run_stop_request (run));
  return style;
}

/* (transfer full) (nullable): the method for a cell with @settings of a dream, with the kernels and the stop
 * request of @run, which must outlive it. */
static RvDream *
new_dream (RvJobRun *run, const RvSettings *settings, GError **error)
{
  RvDream *dream = rv__dream_new (settings, run->request.net, ((const ExploreJob *) run->method)->content, error);
  if (!dream)
    return NULL;
  rv__dream_set_kernels (dream, run->kernels);
  rv__dream_set_stop_request (dream, rv__job_run_stop_request (run));
  return dream;
}

/* (transfer full) (nullable): the settings of cell @i, from 0. */
static RvSettings *
settings_of_cell (const RvJobRun *run, int i, GError **error)
{
  const ExploreJob *explore_job = run->method;
  int columns = explore_job->layout.columns;
  g_autoptr (RvSettings) settings = rv__settings_copy (run->request.settings);
  return set_cell (settings, &explore_job->across, &explore_job->down, i % columns, i / columns, error)
           ? g_steal_pointer (&settings)
           : NULL;
}

/* Plans cell @i. */
static gboolean
plan_cell (RvJobRun *run, int i, RvPlan *plan, GError **error)
{
  gboolean dreams = ((const ExploreJob *) run->method)->styles->len == 0;
  g_autoptr (RvSettings) settings = settings_of_cell (run, i, error);
  g_autoptr (RvDream) dream = dreams && settings ? new_dream (run, settings, error) : NULL;
  g_autoptr (RvStyle) style = dreams || !settings ? NULL : new_style (run, settings, error);
  return (dream && rv__dream_plan (dream, plan, error)) || (style && rv__style_plan (style, plan, error));
}

/* RvJobClass.plan. Plans the first and the last possible cell, because each plan takes a second: time and iterations
 * are the mean of both, times the number of cells; memory is that of the larger one and the sheet. */
static gboolean
plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const ExploreJob *explore_job = run->method;
  RvPlan first, last;
  int n = explore_job->layout.columns * explore_job->layout.rows, i = 0, k = n - 1;
  while (i < n - 1 && !plan_cell (run, i, &first, NULL))
    i++;
  while (k > i && !plan_cell (run, k, &last, NULL))
    k--;
  if (k == i && !plan_cell (run, i, &last, error))
    return FALSE;
  if (k == i)
    first = last;
  rv__job_plan_from (plan, first.peak_bytes > last.peak_bytes ? &first : &last);
  plan->seconds = n * (first.seconds + last.seconds) / 2;
  plan->n_iterations = n * (first.n_iterations + last.n_iterations) / 2;
  plan->peak_bytes += (gsize) rv_tensor_bytes (explore_job->sheet->rgb);
  return TRUE;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* (transfer full): label of cell @i, from 0, row by row: "3c  strength 60  style-scale 1". */
static char *
label_of (const ExploreJob *explore_job, int i)
{
  int column = i % explore_job->layout.columns, row = i / explore_job->layout.columns;
  return g_strdup_printf ("%d%c  %s %s  %s %s", row + 1, 'a' + column, explore_job->across.name,
                          explore_job->across.values[column], explore_job->down.name, explore_job->down.values[row]);
}

/* (transfer full): label_of() for the sheet; without the names of the settings if it is wider than a cell: "3c  60  1".
 */
static char *
sheet_label_of (const ExploreJob *explore_job, int i)
{
  g_autofree char *label = label_of (explore_job, i);
  int column = i % explore_job->layout.columns, row = i / explore_job->layout.columns;
  return g_utf8_strlen (label, -1) * LETTER_PX <= explore_job->layout.cell_width
           ? g_steal_pointer (&label)
           : g_strdup_printf ("%d%c  %s  %s", row + 1, 'a' + column, explore_job->across.values[column],
                              explore_job->down.values[row]);
}

/* Stores the hash of @cell, the picture of cell @i. If an earlier cell has the same pixels, sends @report with a note.
 */
static void
note_equal (RvJobRun *run, RvJobReport *report, const RvImage *cell, int i)
{
  ExploreJob *explore_job = run->method;
  explore_job->cell_hashes[i] =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, cell->rgb->data, (gsize) rv_tensor_bytes (cell->rgb));
  for (int k = 0; k < i; k++)
    if (strcmp (explore_job->cell_hashes[k], explore_job->cell_hashes[i]) == 0) {
      g_autofree char *one = label_of (explore_job, k), *other = label_of (explore_job, i);
      report->note = rv__job_own_text (run->job, g_strdup_printf ("two cells are equal: %s; %s", one, other));
      rv__job_report (run->job, report);
      report->note = NULL;
      return;
    }
}

/* RvIterationFunc; @data: the RvJobRun. Reports nothing; sets run->progress.stopped to whether a stop is requested
 * before the cell is done. FALSE: the cell must end: stopped or cancelled. */
static gboolean
on_iteration (const RvIteration *p, gpointer data)
{
  RvJobRun *run = data;
  run->progress.stopped = rv__job_stop_requested (run->job) && p->done_01 < 1;
  return !run->progress.stopped && !rv__job_is_cancelled (run->job);
}

/* (transfer full) (nullable): the picture of cell @i; with RV_ERROR_NUMBER the last good one; if stopped, the picture
 * so far, without an error. NULL without an error: stopped before it began. Sends @report once the settings are known
 * to be possible. Later cells of style transfer reuse the style targets of the first style that this rank made, where
 * rv__style_reuse() can. */
static RvImage *
paint_cell (RvJobRun *run, int i, RvJobReport *report, GError **error)
{
  ExploreJob *explore_job = run->method;
  RvImage *result = NULL;
  g_autoptr (RvSettings) settings = settings_of_cell (run, i, error);
  if (!settings)
    return NULL;
  if (explore_job->styles->len == 0) {
    g_autoptr (RvDream) dream = new_dream (run, settings, error);
    if (dream && rv__job_run_report_item (run, report))
      rv__dream_run (dream, on_iteration, run, &result, error);
    return result;
  }
  g_autoptr (RvStyle) style = new_style (run, settings, error);
  if (!style || !rv__job_run_report_item (run, report))
    return NULL;
  if (explore_job->first)
    rv__style_reuse (style, explore_job->first);
  rv__style_run (style, on_iteration, run, &result, error);
  if (!explore_job->first)
    explore_job->first = g_steal_pointer (&style);
  return result;
}

/* Puts @image (transfer full) (nullable) on the sheet as cell @i, and shows the sheet if due. Sends notes of equal
 * cells, and of errors once a cell has succeeded. *error: (inout): the cell's own, cleared if there is a picture.
 * Without one the cell stays empty, and *error set (TRUE). FALSE with *error: the cell has RV_ERROR_CANCELLED, or
 * the sheet cannot be shown. */
static gboolean
put_cell (RvJobRun *run, RvImage *image, int i, RvJobReport *report, GError **error)
{
  ExploreJob *explore_job = run->method;
  g_autoptr (RvImage) cell = image;
  if (g_error_matches (*error, RV_ERROR, RV_ERROR_CANCELLED))
    return FALSE;
  if (*error) { /* if no cell is possible, the job has an error instead of notes */
    char *text = g_strdup_printf ("%s: %s", report->label, (*error)->message);
    g_ptr_array_add (explore_job->errors, (gpointer) rv__job_own_text (run->job, text));
  }
  explore_job->n_made += cell != NULL;
  for (; explore_job->n_made > 0 && explore_job->errors->len > 0; g_ptr_array_remove_index (explore_job->errors, 0)) {
    report->note = explore_job->errors->pdata[0];
    rv__job_report (run->job, report);
    report->note = NULL;
  }
  if (!cell) { /* other cells may be possible */
    explore_job->cell_hashes[i] = g_strdup ("");
    return TRUE;
  }
  g_clear_error (error);
  g_autofree char *label = sheet_label_of (explore_job, i);
  rv__sheet_put (explore_job->sheet, &explore_job->layout, i, cell, label);
  note_equal (run, report, cell, i);
  if (rv__job_run_show (run, report, run))
    return TRUE;
  return rv__error_propagate (error, g_steal_pointer (&run->progress.error));
}

/* RvJobClass.picture. (transfer full) (nullable): a copy of the sheet so far. */
static RvImage *
picture (gconstpointer data, GError **error)
{
  const ExploreJob *explore_job = ((const RvJobRun *) data)->method;
  const RvImage *sheet = explore_job->sheet; /* changes while the copy is shown */
  return rv__image_crop (sheet, 0, 0, sheet->width, sheet->height, error);
}

/* Report, by value, that cell @i, from 0, begins: @i cells are done. @began_us: start of the run, of
 * g_get_monotonic_time(). Each call makes a new label, which lives as long as the job. */
static RvJobReport
report_of (const RvJobRun *run, int i, gint64 began_us)
{
  const ExploreJob *explore_job = run->method;
  int n = explore_job->layout.columns * explore_job->layout.rows;
  RvJobReport report = rv__job_run_report (run, i, n, began_us);
  report.frame = i + 1;
  report.n_frames = n;
  report.label = rv__job_own_text (run->job, label_of (explore_job, i));
  return report;
}

/* Adds cell @i by put_cell(). @cell, @own_error: (transfer full) (nullable): its picture, and its error. FALSE with
 * @error if it was cancelled or stopped without any cell, or the sheet cannot be shown; also if cell @i is the last and
 * none was possible. TRUE if cell @i alone is impossible, or if the run is stopped (progress.stopped, which ends the
 * caller's loop) and has a cell. */
static gboolean
add_cell (RvJobRun *run, RvImage *cell, int i, RvJobReport *report, GError *own_error, GError **error)
{
  const ExploreJob *explore_job = run->method;
  gboolean last = i + 1 == explore_job->layout.columns * explore_job->layout.rows;
  if (!put_cell (run, cell, i, report, &own_error) && !(run->progress.stopped && explore_job->n_made > 0))
    return rv__error_propagate (error, own_error);
  if (own_error && last && explore_job->n_made == 0) { /* no cell is possible */
    rv__error_rename (own_error, "size", "cell");
    g_prefix_error (&own_error, "no cell is possible; %s: ", report->label);
    return rv__error_propagate (error, own_error);
  }
  g_clear_error (&own_error);
  return TRUE;
}

/* Makes all cells in this process. An impossible cell leaves a gap. TRUE also when stopped (progress.stopped) or
 * cancelled between cells. */
static gboolean
make_cells (RvJobRun *run, GError **error)
{
  const ExploreJob *explore_job = run->method;
  gint64 began_us = g_get_monotonic_time ();
  int n = explore_job->layout.columns * explore_job->layout.rows;
  for (int i = 0; i < n && !run->progress.stopped && !rv__job_is_cancelled (run->job); i++) {
    GError *own_error = NULL;
    RvJobReport report = report_of (run, i, began_us);
    RvImage *cell = paint_cell (run, i, &report, &own_error);
    if (!cell && !own_error)
      break;
    if (!add_cell (run, cell, i, &report, own_error, error))
      return FALSE;
    run->progress.stopped |= rv__job_stop_requested (run->job) && i + 1 < n;
  }
  return TRUE;
}

/* ---- cells of several ranks -------------------------------------------------------------------------------------- */

#define NO_ERROR (-1) /* RV_ERROR_SETTING is 0 */

/* (transfer full): a message: int32 code of @error or NO_ERROR, its text with a zero, the pixels of @cell. Both
 * nullable. */
static GBytes *
pack_cell (const RvImage *cell, const GError *error)
{
  GByteArray *packed = g_byte_array_new ();
  gint32 code = error ? error->code : NO_ERROR;
  const char *message = error ? error->message : "";
  g_byte_array_append (packed, (const guint8 *) &code, sizeof code);
  g_byte_array_append (packed, (const guint8 *) message, (guint) strlen (message) + 1);
  if (cell)
    g_byte_array_append (packed, cell->rgb->data, (guint) rv_tensor_bytes (cell->rgb));
  return g_byte_array_free_to_bytes (packed);
}

/* (transfer full) (nullable): the picture in @packed, bytes of pack_cell(), unchecked. *error: also the cell's own,
 * even with a picture: the last good one. NULL: @error is the cell's own, or RV_ERROR_MEMORY. */
static RvImage *
unpack_cell (const ExploreJob *explore_job, GBytes *packed, GError **error)
{
  gsize size;
  gint32 code;
  const char *data = g_bytes_get_data (packed, &size), *message = data + sizeof code;
  const char *pixels = message + strlen (message) + 1;
  memcpy (&code, data, sizeof code);
  if (code != NO_ERROR)
    rv__error_set (error, code, "%s", message);
  if (pixels == data + size)
    return NULL;
  g_autoptr (GError) no_memory = NULL;
  RvImage *cell = rv_image_new (explore_job->layout.cell_width, explore_job->layout.cell_height, &no_memory);
  if (cell)
    memcpy (cell->rgb->data, pixels, rv_tensor_bytes (cell->rgb));
  else if (code == NO_ERROR)
    g_propagate_error (error, g_steal_pointer (&no_memory));
  return cell;
}

/* Distributes the cells over ranks, each of which gets the next when it is free. Rank 0 then adds all to its sheet;
 * impossible and stopped cells leave gaps. Other ranks have only their own cells. TRUE also when stopped. Collective:
 * all ranks call it. @error: not NULL. */
static gboolean
make_cells_distributed (RvJobRun *run, RvScheduler *scheduler, GError **error)
{
  const ExploreJob *explore_job = run->method;
  gint64 began_us = g_get_monotonic_time (), next = 0;
  int n = explore_job->layout.columns * explore_job->layout.rows;
  while (rv__scheduler_next (scheduler, &next, error) && next >= 0) {
    g_autoptr (GError) own_error = NULL;
    RvJobReport report = report_of (run, (int) next, began_us);
    g_autoptr (RvImage) cell = paint_cell (run, (int) next, &report, &own_error);
    if (!cell && !own_error)
      break;
    rv__scheduler_set_result (scheduler, next, pack_cell (cell, own_error));
  }
  if (*error || !rv__scheduler_gather (scheduler, error))
    return FALSE;
  for (int i = 0; i < n; i++) {
    GError *own_error = NULL;
    GBytes *packed = rv__scheduler_result (scheduler, i);
    RvJobReport report = report_of (run, i, began_us);
    RvImage *cell = packed ? unpack_cell (explore_job, packed, &own_error) : NULL;
    if (!packed || g_error_matches (own_error, RV_ERROR, RV_ERROR_CANCELLED)) { /* of another rank, or stopped */
      explore_job->cell_hashes[i] = g_strdup ("");
      run->progress.stopped |= own_error != NULL;
      g_clear_error (&own_error);
    } else if (!add_cell (run, cell, i, &report, own_error, error))
      return FALSE;
  }
  return TRUE;
}

/* RvJobClass.run. An impossible cell leaves a gap and a note. *result: (out) (transfer full): the sheet, also (TRUE) if
 * stopped after a cell; unchanged after an error. RV_ERROR_CANCELLED if stopped before. Collective; rank 0 has the
 * whole sheet. */
static gboolean
make (RvJobRun *run, RvImage **result, GError **error)
{
  ExploreJob *explore_job = run->method;
  g_autoptr (RvScheduler) scheduler =
    rv__scheduler_new (explore_job->layout.columns * explore_job->layout.rows, NULL, error);
  if (!scheduler || !(rv__scheduler_is_distributed (scheduler) ? make_cells_distributed (run, scheduler, error)
                                                               : make_cells (run, error)))
    return FALSE;
  if (explore_job->n_made > 0 || run->request.writes_no_files)
    *result = rv_image_ref (explore_job->sheet);
  else
    rv__error_set (error, RV_ERROR_CANCELLED, "stopped before there was a cell");
  return *result != NULL;
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

/* A small `smallest`, as cells are small and must have all octaves. */
static const RvOptionValue dream_defaults[] = { { "smallest", "32" }, { 0 } };

static const RvJobRole dream_roles[] = { { "picture", .needed = TRUE }, { NULL } }, style_roles[] = {
  { "content", .needed = TRUE }, { "style", .needed = TRUE, .many = TRUE }, { NULL }
};

#define MEMBERS .check = check, .prepare = prepare, .plan = plan, .run = make, .picture = picture, .clear = clear

const RvJobClass rv__job_explore_style = {
  .kind = "explore-style",
  .method = "style",
  .command = "explore style",
  .kind_settings = "explore-style",
  .own_table = style_table,
  .roles = style_roles,
  MEMBERS,
};

const RvJobClass rv__job_explore_dream = {
  .kind = "explore-dream",
  .method = "dream",
  .defaults = dream_defaults,
  .command = "explore dream",
  .kind_settings = "explore-dream",
  .own_table = dream_table,
  .roles = dream_roles,
  MEMBERS,
};

/* ---- a cell as a job --------------------------------------------------------------------------------------------- */

/* Copies settings, except those of the sheet itself, inputs and network of @sheet to the new @job, and clears `output`.
 * The caller holds the lock of @sheet. After an error @job is incomplete. */
static gboolean
copy_config (RvJob *sheet, RvJob *job, GError **error)
{
  for (int i = 0; i < RV_SETTINGS_KIND; i++)
    rv__settings_assign (job->settings[i], sheet->settings[i]);
  for (guint i = 0; i < sheet->inputs->len; i++) {
    const RvJobInput *input = sheet->inputs->pdata[i];
    if (input->picture ? !rv_job_add_picture (job, input->role->name, input->picture, error)
                       : !rv_job_add_file (job, input->role->name, input->file, error))
      return FALSE;
  }
  rv_job_set_net (job, sheet->net, sheet->weights_file);
  return rv__settings_reset (job->settings[RV_SETTINGS_PICTURE], "output", error);
}

RvJob *
rv_job_pick (RvJob *sheet, const char *cell, GError **error)
{
  if (sheet->class->check != check)
    return rv__error_null (error, RV_ERROR_SETTING, "%s jobs make no sheet to pick from", sheet->class->kind);
  g_autoptr (RvJob) job = rv_job_new (sheet->class->method, error);
  if (!job)
    return NULL;
  g_mutex_lock (&sheet->lock);
  gboolean ok = copy_config (sheet, job, error);
  g_autoptr (RvSettings) own = rv__settings_copy (sheet->settings[RV_SETTINGS_KIND]);
  g_mutex_unlock (&sheet->lock);
  int column = 0, row = 0;
  Axis across = { 0 }, down = { 0 };
  ok = ok && parse_axis (rv_settings_get_text (own, "across", NULL), job->class->method, &across, error) &&
       parse_axis (rv_settings_get_text (own, "down", NULL), job->class->method, &down, error) &&
       parse_cell (cell ? cell : "", &across, &down, &column, &row, error) &&
       set_cell (job->settings[RV_SETTINGS_METHOD], &across, &down, column, row, error);
  clear_axis (&across);
  clear_axis (&down);
  return ok ? g_steal_pointer (&job) : NULL;
}
