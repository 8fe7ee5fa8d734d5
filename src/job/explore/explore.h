/* explore.h -- sheets of small pictures over two settings: what those of styles and of dreams share. The kinds are
 * explore-style.c and explore-dream.c.
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

/* One of the two settings: its name and its values, as they would be typed. */
typedef struct {
  char *name;
  char **values; /* NULL-terminated */
} RvExploreAxis;

/* run->method. Columns are lettered a, b, ..., rows numbered 1, 2, ...: cell "3c" is in row 3. */
typedef struct {
  RvExploreAxis across, down;
  RvSheetLayout layout;
  RvImage *content, *sheet; /* the former at the cells' size */
  char **cell_hashes;       /* of each cell, to tell which are equal; "" where it was impossible */
  int n_made;               /* that there are */
  GPtrArray *wrong;         /* what went wrong with cells, of the job's texts, until a cell is there */
  gpointer cells;           /* of the kind */
} RvExploreJob;

/* (transfer full) (nullable): a cell's picture. */
typedef RvImage *(*RvExploreFunc) (RvJobRun *run, const RvSettings *settings, GError **error);

/* rv__explore_axis: of NAME=VALUE,...; a setting of @kind. rv__explore_cell: "3c": column and row, from 0.
 * RV_ERROR_SETTING. */
gboolean rv__explore_axis (const char *text, const char *kind, RvExploreAxis *axis, GError **error);
void rv__explore_axis_clear (RvExploreAxis *axis);
gboolean rv__explore_cell (const char *text, const RvExploreAxis *across, const RvExploreAxis *down, int *column,
                           int *row, GError **error);

/* Of RvJobClass. rv__explore_plan: @cell has what one takes, and gets what all take. rv__explore_continue: after each
 * iteration of a cell: FALSE: it is to end. */
gboolean rv__explore_check (RvJobRequest *request, GError **error);
gboolean rv__explore_prepare (RvJobRun *run, GError **error);
void rv__explore_plan (const RvJobRun *run, RvJobPlan *cell);
gboolean rv__explore_run (RvJobRun *run, RvExploreFunc paint, RvImage **result, GError **error);
gboolean rv__explore_continue (RvJobRun *run, double done_01);
RvImage *rv__explore_picture (gconstpointer run, GError **error);
void rv__explore_clear (RvJobRun *run);

#endif
