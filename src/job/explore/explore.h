/* explore.h -- sheets of small pictures over two settings: declarations shared by explore-style.c and explore-dream.c,
 * which have the kinds.
 * Layer 7 (job). */
#ifndef RV_JOB_EXPLORE_H
#define RV_JOB_EXPLORE_H

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
  GPtrArray *wrong;         /* errors of cells (texts of the job), until the first cell succeeds */
  gpointer cells;           /* data of the kind */
} RvExploreJob;

/* (transfer full) (nullable): the picture of a cell. */
typedef RvImage *(*RvExploreFunc) (RvJobRun *run, const RvSettings *settings, GError **error);

/* Parses NAME=VALUE,..., where NAME is a setting of @kind; values are not checked. Clear @axis with
 * rv__explore_axis_clear(). RV_ERROR_SETTING. */
gboolean rv__explore_axis (const char *text, const char *kind, RvExploreAxis *axis, GError **error);
void rv__explore_axis_clear (RvExploreAxis *axis);
/* Parses "3c" into column and row, from 0, within the axes. RV_ERROR_SETTING. */
gboolean rv__explore_cell (const char *text, const RvExploreAxis *across, const RvExploreAxis *down, int *column,
                           int *row, GError **error);

/* RvJobClass.check. Sets the default network, the size from `cell`, and has_no_checkpoint. RV_ERROR_SETTING. */
gboolean rv__explore_check (RvJobRequest *request, GError **error);
/* RvJobClass.prepare. Creates an RvExploreJob with the content and an empty sheet, whose size becomes the result's. */
gboolean rv__explore_prepare (RvJobRun *run, GError **error);
/* Turns @plan (inout) of one cell into that of the sheet: time and iterations of all cells, memory with the sheet. */
void rv__explore_plan (const RvJobRun *run, RvJobPlan *plan);
/* Makes the sheet by calling @paint for each cell. *result: (transfer full): the sheet, also if stopped after a cell.
 * RV_ERROR_CANCELLED if stopped before. */
gboolean rv__explore_run (RvJobRun *run, RvExploreFunc paint, RvImage **result, GError **error);
/* Called after each iteration of a cell, of which @done_01 is done. Sets progress.stopped. FALSE: the cell must end. */
gboolean rv__explore_continue (RvJobRun *run, double done_01);
/* RvJobClass.picture; @run stands for the method's report. (transfer full) (nullable): a copy of the sheet so far. */
RvImage *rv__explore_picture (gconstpointer run, GError **error);
/* RvJobClass.clear. */
void rv__explore_clear (RvJobRun *run);

#endif
