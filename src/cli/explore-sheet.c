/* explore-sheet.c -- the sheet of reverie explore: every cell painted, labelled and put in its place. */
#include "base/text.h"
#include "explore.h"
#include "io/image/sheet.h"
#include "recipe.h"
#include <stdio.h>
#include <string.h>

#define GAP_PX 10
#define MAX_CELLS 26 /* in a row: letters */

gboolean
explore_axis (const char *text, const char *kind, ExploreAxis *axis, GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals ? g_strndup (text, (gsize) (equals - text)) : g_strdup (text);
  if (!rv_settings_find_option (kind, name)) {
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
  gint64 number = g_ascii_strtoll (text, &end, 10);
  *column = g_ascii_tolower (*end) - 'a';
  if (end > text && *end && !end[1] && number >= 1 && number <= rows && *column >= 0 && *column < columns) {
    *row = (int) number - 1;
    return TRUE;
  }
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

/* (transfer full) (nullable): the settings as given, and of the axes those of a cell; NULL: none of theirs. */
static RvSettings *
settings_of (const Explore *explore, const ExploreKind *kind, const char *across, const char *down, GError **error)
{
  g_autoptr (RvSettings) settings = options_settings (explore->given, kind->command, kind->preset, error);
  gboolean own = kind->name && !options_last (explore->given, "preset") && !options_last (explore->given, kind->name);
  if (!settings || (own && !rv_settings_set (settings, kind->name, kind->value, error)) ||
      (across && !rv_settings_set (settings, explore->across.name, across, error)) ||
      (down && !rv_settings_set (settings, explore->down.name, down, error)))
    return NULL;
  return g_steal_pointer (&settings);
}

static RvImage *
paint_cell (Explore *explore, const ExploreKind *kind, gpointer data, int column, int row, GError **error)
{
  g_autoptr (RvSettings) settings =
    settings_of (explore, kind, explore->across.values[column], explore->down.values[row], error);
  return settings ? kind->paint (explore, data, settings, error) : NULL;
}

/* A cell that is equal to an earlier one shows nothing: one line says which. */
static void
say_equal (Explore *explore, const RvImage *cell, int i)
{
  int columns = (int) g_strv_length (explore->across.values);
  explore->sums[i] =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, cell->rgb->data, (gsize) rv_tensor_bytes (cell->rgb));
  for (int k = 0; k < i && !explore->picture.quiet; k++)
    if (strcmp (explore->sums[k], explore->sums[i]) == 0) {
      g_autofree char *one = label_of (explore, k % columns, k / columns),
                      *other = label_of (explore, i % columns, i / columns);
      fprintf (stderr, "reverie: two cells are equal: %s; %s\n", one, other);
      return;
    }
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
  explore->sums = g_new0 (char *, n + 1);
  for (int i = 0; ok && i < n && !explore->stopped; i++) {
    int column = i % layout->columns, row = i / layout->columns;
    g_autofree char *label = label_of (explore, column, row);
    progress_show (progress, (double) i / n, (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC, i, label);
    g_autoptr (RvImage) cell = paint_cell (explore, kind, data, column, row, error);
    ok = cell != NULL;
    if (ok) {
      rv__sheet_put (sheet, layout, i, cell, label);
      say_equal (explore, cell, i);
    }
    explore->stopped |= interrupt_wanted () && i + 1 < n;
  }
  progress_end (progress);
  return ok;
}

static gboolean
keep_recipe (Explore *explore, const ExploreKind *kind, const RvImage *sheet, GError **error)
{
  g_autofree char *command = g_strconcat ("explore ", kind->command, NULL);
  g_autofree RecipeInput *inputs = g_new (RecipeInput, explore->n_args);
  g_autoptr (RvSettings) settings = settings_of (explore, kind, NULL, NULL, error);
  if (!settings)
    return FALSE;
  for (int i = 0; i < explore->n_args; i++)
    inputs[i] = (RecipeInput){ i == 0 ? kind->role : "style", explore->args[i] };
  Recipe recipe = { .command = command,
                    .inputs = inputs,
                    .n_inputs = explore->n_args,
                    .network = rv_net_name (explore->net),
                    .weights = explore->picture.weights_file,
                    .width = sheet->width,
                    .height = sheet->height,
                    .settings = settings,
                    .own_table = explore_options,
                    .own = &explore->own,
                    .kernels = explore->kernels };
  recipe_keep (&recipe, &explore->picture);
  return TRUE;
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
  gboolean ok = kind->prepare (explore, &data, &error) && paint_cells (explore, kind, data, sheet, &layout, &error) &&
                keep_recipe (explore, kind, sheet, &error);
  kind->finish (data);
  g_strfreev (explore->sums);
  kernel_file_save (&explore->picture, explore->kernels);
  if (!ok)
    return run_error (error);
  int code = picture_save_result (&explore->picture, sheet, NULL);
  return code == EXIT_DONE ? picture_say_done (&explore->picture, sheet, began_us, explore->stopped) : code;
}
