/* score.h -- results of reverie vae score. Layer 8 (cli). */
#pragma once

#include "cmd-vae.h"

#define SHEET_PICTURES 24
#define SHEET_MAX_PX 1024 /* side */

/* The score of a picture. */
typedef struct {
  char *picture; /* FILE:INDEX for a picture of an IDX file */
  double score;
} Score;

/* A picture of the sheet. */
typedef struct {
  double score;
  RvTensor *map;    /* f32 [height, width] */
  RvImage *picture; /* the scored picture */
} Cell;

/* GDestroyNotify: frees the members of a Score. */
void score_clear (gpointer score);
/* GDestroyNotify: frees the members of a Cell. */
void score_clear_cell (gpointer cell);
/* GCompareFunc: orders Cells, the most unusual first. */
int score_compare_cells (gconstpointer a, gconstpointer b);

/* Parses "1%" or "0.01" as *rate_01, at least 0 and below 1. RV_ERROR_SETTING. */
gboolean score_read_rate (const char *text, double *rate_01, GError **error);
/* Writes a table of @scores, of Score, to --output, or prints it. Scores above @threshold are marked as unusual.
 * RV_ERROR_FILE. */
gboolean score_write_table (const CommandLine *line, const GArray *scores, double threshold, GError **error);
/* (transfer full) (nullable): @map in grey: @middle is half white. RV_ERROR_MEMORY. */
RvImage *score_draw_map (const RvTensor *map, double middle, GError **error);
/* Writes --sheet: the Cells @cells, the first at the top left, with their maps drawn over them in red. RV_ERROR_FILE,
 * RV_ERROR_MEMORY. */
gboolean score_write_sheet (const CommandLine *line, const GArray *cells, double middle, GError **error);
/* Prints threshold and number of unusual pictures, unless --quiet. */
void score_print_summary (const CommandLine *line, gint64 n_normal, const GArray *scores, double threshold);
