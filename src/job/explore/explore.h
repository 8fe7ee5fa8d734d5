/* explore.h -- sheets of small pictures over two settings: declarations shared by explore-style.c and explore-dream.c,
 * which have the kinds.
 * Layer 7 (job). */
#pragma once

#include "io/image/sheet.h"
#include "job/core/job-class.h"

/* The settings of the kinds "explore-style" and "explore-dream". */
typedef struct {
  char *across, *down;
  gint64 cell_px;
} RvExploreOptions;

/* One axis of the sheet: name and values of a setting, as typed by a user. */
typedef struct {
  char *name;
  char **values; /* NULL-terminated */
} RvExploreAxis;

/* run->method. Columns have letters a, b, ..., rows have numbers 1, 2, ...: cell "3c" is in row 3. */
typedef struct {
  RvExploreAxis across, down;
  RvSheetLayout layout;
  RvImage *content, *sheet; /* content: at the size of cells */
  char **cell_hashes;       /* hash of each cell's pixels, to find equal cells; "" for an impossible cell */
  int n_made;               /* cells that are made */
  GPtrArray *errors;        /* errors of cells (texts of the job), until the first cell succeeds */
  gpointer cells;           /* data of the kind */
} RvExploreJob;

/* (transfer full) (nullable): the picture of a cell with @settings of the method; also set with RV_ERROR_NUMBER. */
typedef RvImage *(*RvExploreFunc) (RvJobRun *run, const RvSettings *settings, GError **error);

/* Checks that no option of pictures is set that a sheet does not have: `size`, `width`, `height`, `log`, `save-every`,
 * `live`, `plot`, `timeline`. FALSE with RV_ERROR_SETTING. */
gboolean rv__explore_check_options (const RvPictureOptions *options, GError **error);
/* RvJobClass.check. Sets the default network, the size of a cell (from `cell`) and has_no_checkpoint. RV_ERROR_SETTING
 * for options that a sheet does not have, and for axes or single values that are wrong. */
gboolean rv__explore_check (RvJobRequest *request, GError **error);
/* RvJobClass.prepare. Sets run->method to an RvExploreJob with content and an empty sheet; rv__explore_clear() frees
 * it, even after an error. Sets request.width and height from a cell's to the sheet's. RV_ERROR_SETTING for the axes;
 * errors of rv__job_input_load(); RV_ERROR_MEMORY. */
gboolean rv__explore_prepare (RvJobRun *run, GError **error);
/* Turns @plan (inout) of one cell into the sheet's: time and iterations of all cells, memory with the sheet. */
void rv__explore_scale_plan (const RvJobRun *run, RvJobPlan *plan);
/* Makes the sheet by calling @paint for each cell; an impossible cell leaves a gap and a note. *result: (out) (transfer
 * full): the sheet, also (TRUE) if stopped after a cell; unchanged after an error. RV_ERROR_CANCELLED if stopped
 * before; the last cell's error if none is possible; RV_ERROR_BACKEND. Collective; rank 0 has the whole sheet. */
gboolean rv__explore_run (RvJobRun *run, RvExploreFunc paint, RvImage **result, GError **error);
/* Called after each iteration of a cell; @done_01: fraction of that cell. Sets progress.stopped if a stop is requested
 * before the cell is done. FALSE, without an error: the cell must end: stopped or cancelled. */
gboolean rv__explore_continue (RvJobRun *run, double done_01);
/* RvJobClass.picture; @run, an RvJobRun, stands for the method's report. (transfer full) (nullable): a copy of the
 * sheet so far, because the sheet changes later. RV_ERROR_MEMORY. */
RvImage *rv__explore_picture (gconstpointer run, GError **error);
/* RvJobClass.clear. Frees run->method, even if incomplete; not its `cells`, which the kind frees before. */
void rv__explore_clear (RvJobRun *run);
