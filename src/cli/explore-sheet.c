/* explore-sheet.c -- the sheet of reverie explore: every cell painted, labelled and put in its place. */
#include "base/text.h"
#include "explore.h"
#include "io/image/sheet.h"
#include <string.h>

#define GAP_PX 10
#define MAX_CELLS 26 /* in a row: letters */

gboolean
explore_axis (const char *text, const RvOption *table, ExploreAxis *axis, GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals ? g_strndup (text, (gsize) (equals - text)) : g_strdup (text);
  if (!rv_option_find (table, name)) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no setting '%s' to explore", name);
    return FALSE;
  }
  g_auto (GStrv) values = g_strsplit (equals ? equals + 1 : "", ",", -1);
  if (g_strv_length (values) < 1 || g_strv_length (values) > MAX_CELLS ||
      g_strv_contains ((const char *const *) values, "")) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--across and --down are NAME=VALUE,VALUE,..., up to %d of them",
                 MAX_CELLS);
    return FALSE;
  }
  axis->name = g_steal_pointer (&name);
  axis->values = g_steal_pointer (&values);
  return TRUE;
}

void
explore_axis_clear (ExploreAxis *axis)
{
  g_clear_pointer (&axis->name, g_free);
  g_clear_pointer (&axis->values, g_strfreev);
}

gboolean
explore_cell (const char *text, const ExploreAxis *across, const ExploreAxis *down, int *column, int *row,
              GError **error)
{
  int columns = (int) g_strv_length (across->values), rows = (int) g_strv_length (down->values);
  char *end = NULL;
  *row = (int) g_ascii_strtoll (text, &end, 10) - 1;
  *column = g_ascii_tolower (*end) - 'a';
  if (end > text && *end && !end[1] && *row >= 0 && *row < rows && *column >= 0 && *column < columns)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the sheet's cells are 1a to %d%c; there is no '%.20s'", rows,
               'a' + columns - 1, text);
  return FALSE;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static char *
label_of (const Explore *explore, int column, int row)
{
  return g_strdup_printf ("%d%c  %s %s  %s %s", row + 1, 'a' + column, explore->across.name,
                          explore->across.values[column], explore->down.name, explore->down.values[row]);
}

/* All cells, row by row, until Ctrl-C. */
static gboolean
paint_cells (Explore *explore, const ExploreKind *kind, gpointer data, RvImage *sheet, const RvSheetLayout *layout,
             GError **error)
{
  Progress *progress = progress_new (explore->picture.quiet);
  gint64 began_us = g_get_monotonic_time ();
  int n = layout->columns * layout->rows;
  gboolean ok = TRUE;
  for (int i = 0; ok && i < n && !interrupt_wanted (); i++) {
    int column = i % layout->columns, row = i / layout->columns;
    g_autofree char *label = label_of (explore, column, row);
    progress_show (progress, (double) i / n, (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC, i, label);
    g_autoptr (RvImage) cell =
      kind->paint (explore, data, explore->across.values[column], explore->down.values[row], error);
    ok = cell != NULL;
    if (ok)
      rv__sheet_put (sheet, layout, i, cell, label);
  }
  progress_end (progress);
  return ok;
}

int
explore_draw (Explore *explore, const ExploreKind *kind)
{
  GError *error = NULL;
  gpointer data = NULL;
  gint64 began_us = g_get_monotonic_time ();
  RvSheetLayout layout = { .columns = (int) g_strv_length (explore->across.values),
                           .rows = (int) g_strv_length (explore->down.values),
                           .cell_width = explore->content->width,
                           .cell_height = explore->content->height,
                           .gap = GAP_PX,
                           .labels = TRUE };
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, &error);
  if (!sheet)
    return run_error (error);
  interrupt_watch ();
  gboolean ok = kind->prepare (explore, &data, &error) && paint_cells (explore, kind, data, sheet, &layout, &error);
  kind->finish (data);
  kernel_file_save (explore->kernels);
  if (!ok)
    return run_error (error);
  int code = picture_save_result (&explore->picture, sheet, NULL);
  return code == EXIT_DONE ? picture_say_done (&explore->picture, sheet, began_us) : code;
}
