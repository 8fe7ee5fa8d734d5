/* explore.h -- reverie explore: a sheet of pictures over two settings.
 * Layer 8 (cli). The command line, what a cell's picture is, and the sheet are a file each. */
#ifndef RV_EXPLORE_H
#define RV_EXPLORE_H

#include "cli.h"

/* One of the two settings: its name and its values, as they would be typed. */
typedef struct {
  char *name;
  char **values; /* NULL-terminated */
} ExploreAxis;

typedef struct {
  char *across, *down, *pick;
  gint64 cell_px;
} ExploreOptions;

extern const RvOption explore_options[];

/* A sheet on its way. Columns are lettered a, b, ..., rows numbered 1, 2, ...: cell "3c" is in row 3. */
typedef struct {
  PictureOptions picture;
  ExploreOptions own;
  const GPtrArray *given; /* of the command whose settings are explored */
  char **args;
  int n_args;
  ExploreAxis across, down;
  RvNet *net;
  RvKernelTable *kernels;
  RvImage *content; /* at the cells' size */
  char **sums;      /* of each cell that is painted, to tell which are equal */
  gboolean stopped; /* by Ctrl-C, before all was done */
} Explore;

/* A command that can be explored. */
typedef struct {
  const char *command, *usage; /* "dream", which its settings are called too; "dream PICTURE" */
  int n_pictures;              /* that must be named, at least */
  const char *role;            /* of the first of them, in the recipe */
  const char *preset;          /* of the cells, unless another is given */
  const char *name, *value;    /* a setting that cells of that preset have otherwise; NULL: none */
  const char *across, *down;   /* the axes when none are given, NAME=VALUE,...; NULL: default_across() says */
  char *(*default_across) (const char *network);
  /* What else is to be read, once; @data is the cells'. */
  gboolean (*prepare) (Explore *explore, gpointer *data, GError **error);
  /* A cell's picture: (transfer full) (nullable). */
  RvImage *(*paint) (Explore *explore, gpointer data, const RvSettings *settings, GError **error);
  void (*finish) (gpointer data);
} ExploreKind;

extern const ExploreKind explore_style, explore_dream;

/* explore_run: a sheet, from its command line; returns the exit code. */
int explore_run (const ExploreKind *kind, int n_args, char **args, const GPtrArray *given);

/* explore_axis: NAME=VALUE,VALUE,...; a setting of @kind. RV_ERROR_SETTING. */
gboolean explore_axis (const char *text, const char *kind, ExploreAxis *axis, GError **error);
void explore_axis_clear (ExploreAxis *axis);
/* explore_cell: "3c": column and row, from 0. RV_ERROR_SETTING when the sheet has no such cell. */
gboolean explore_cell (const char *text, const ExploreAxis *across, const ExploreAxis *down, int *column, int *row,
                       GError **error);

/* explore-sheet.c: draws it; returns the exit code. */
int explore_draw (Explore *explore, const ExploreKind *kind);

#endif
