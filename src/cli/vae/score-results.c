/* score-results.c -- reverie vae score: table, maps, sheet and summary. */
#include "score.h"
#include <stdio.h>
#include <string.h>

#define SHEET_COLUMNS 6
#define CELL_PX 160
#define GAP_PX 4
#define STEP_PX (CELL_PX + GAP_PX)
#define SHARP_PX 56 /* smaller pictures are enlarged by a whole factor first: their pixels stay sharp */

void
score_clear (gpointer score)
{
  g_free (((Score *) score)->picture);
}

void
score_clear_cell (gpointer data)
{
  Cell *cell = data;
  rv_tensor_unref (cell->map);
  rv_image_unref (cell->picture);
}

gboolean
score_read_rate (const char *text, double *rate_01, GError **error)
{
  char *end;
  *rate_01 = g_ascii_strtod (text, &end) / (strchr (text, '%') ? 100 : 1);
  if (end != text && (!*end || strcmp (end, "%") == 0) && *rate_01 >= 0 && *rate_01 < 1)
    return TRUE;
  return error_set (error, RV_ERROR_SETTING, "--false-alarms is a part such as 1%% or 0.01, not '%s'", text);
}

gboolean
score_write_table (const CommandLine *line, const GArray *scores, double threshold, GError **error)
{
  const char *output = line_text (line, "output");
  g_autoptr (GString) csv = g_string_new ("file,score,unusual\n");
  for (guint i = 0; i < scores->len; i++) {
    const Score *one = &g_array_index (scores, Score, i);
    char score[G_ASCII_DTOSTR_BUF_SIZE];
    g_auto (GStrv) parts = g_strsplit (one->picture, "\"", -1);
    g_autofree char *name = g_strjoinv ("\"\"", parts);
    gboolean quoted = strpbrk (one->picture, ",\"\n") != NULL;
    g_string_append_printf (csv, quoted ? "\"%s\",%s,%d\n" : "%s,%s,%d\n", quoted ? name : one->picture,
                            g_ascii_formatd (score, sizeof score, "%.9g", one->score), one->score > threshold);
  }
  if (output)
    return rv_file_write (output, csv->str, line_is_on (line, "force"), error);
  fputs (csv->str, stdout);
  return TRUE;
}

RvImage *
score_draw_map (const RvTensor *map, double middle, GError **error)
{
  RvImage *image = rv_image_new ((int) map->shape.dim[1], (int) map->shape.dim[0], error);
  gint64 n = rv_tensor_count (map);
  for (gint64 i = 0; image && i < 3 * n; i++)
    ((float *) image->rgb->data)[i] = (float) (127.5 * MIN (((const float *) map->data)[i % n] / middle, 2));
  return image;
}

/* Copies @cell, scaled, into @sheet at @left, @top, red where the map is above half of @middle. */
static gboolean
draw_cell (RvImage *sheet, int left, int top, const Cell *cell, double middle, GError **error)
{
  g_autoptr (RvImage) grey = score_draw_map (cell->map, middle, error);
  double scale = (double) CELL_PX / MAX (grey ? MAX (grey->width, grey->height) : 1, 1);
  int width = grey ? MAX ((int) (grey->width * scale), 1) : 1,
      height = grey ? MAX ((int) (grey->height * scale), 1) : 1;
  g_autoptr (RvImage) map = grey ? rv_image_resize (grey, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  int shorter = MIN (cell->picture->width, cell->picture->height), factor = (SHARP_PX + shorter - 1) / shorter;
  g_autoptr (RvImage) sharp = !map ? NULL
                              : factor == 1
                                ? rv_image_ref (cell->picture)
                                : rv_image_resize (cell->picture, cell->picture->width * factor,
                                                   cell->picture->height * factor, RV_IMAGE_RESIZE_NEAREST, error);
  g_autoptr (RvImage) picture = sharp ? rv_image_resize (sharp, width, height, RV_IMAGE_RESIZE_BEST, error) : NULL;
  for (int c = 0; picture && c < 3; c++)
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++) {
        gint64 from = (gint64) y * width + x, plane = (gint64) width * height;
        float weight = CLAMP ((((const float *) map->rgb->data)[from] - 64) / 128, 0, 0.7f);
        float value = ((const float *) picture->rgb->data)[c * plane + from];
        ((float *) sheet->rgb->data)[((gint64) c * sheet->height + top + y) * sheet->width + left + x] =
          value + weight * ((c == 0 ? 255 : 0) - value);
      }
  return picture != NULL;
}

int
score_compare_cells (gconstpointer a, gconstpointer b)
{
  double x = ((const Cell *) a)->score, y = ((const Cell *) b)->score;
  return (x < y) - (x > y);
}

gboolean
score_write_sheet (const CommandLine *line, const GArray *cells, double middle, GError **error)
{
  int n = (int) cells->len, columns = MIN (n, SHEET_COLUMNS), rows = (n + columns - 1) / columns;
  g_autoptr (RvImage) sheet = rv_image_new (columns * STEP_PX + GAP_PX, rows * STEP_PX + GAP_PX, error);
  for (gint64 i = 0; sheet && i < rv_tensor_count (sheet->rgb); i++)
    ((float *) sheet->rgb->data)[i] = 255;
  for (int i = 0; sheet && i < n; i++)
    if (!draw_cell (sheet, GAP_PX + i % columns * STEP_PX, GAP_PX + i / columns * STEP_PX,
                    &g_array_index (cells, Cell, (guint) i), middle, error))
      return FALSE;
  return sheet && line_save_image (line, sheet, line_text (line, "sheet"), error);
}

void
score_print_summary (const CommandLine *line, gint64 n_normal, const GArray *scores, double threshold)
{
  guint n = 0;
  for (guint i = 0; i < scores->len; i++)
    n += g_array_index (scores, Score, i).score > threshold;
  if (line_is_on (line, "quiet"))
    return;
  if (n_normal == 0)
    fprintf (stderr, "reverie: no threshold: the model has no scores of usual pictures; give some with --normal\n");
  else
    fprintf (stderr,
             "threshold %.6g: at most %s of %" G_GINT64_FORMAT
             " usual pictures are above; %u of %u pictures are unusual\n",
             threshold, line_text (line, "false-alarms"), n_normal, n, scores->len);
}
