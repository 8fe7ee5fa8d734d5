/* cmd-explore-with.c -- reverie explore with PHOTO: the photograph in every learnt style, on one sheet. */
#include "cli/style/cmd-style.h"
#include "io/image/sheet.h"

#define GAP_PX 10
#define MOST_COLUMNS 4

typedef struct {
  PictureOptions picture;
  WithSheetOptions own;
  RvSettings *settings;
  const char *photo;
  RvWith *with;
} WithSheet;

#define FIELD(f) offsetof (WithSheetOptions, f)

const OwnOption with_sheet_options[] = {
  { "with", 0, RV_OPTION_TEXT, FIELD (with), "all", .unit = "NAME|FILE[:STYLE],...",
    .help = "the learnt styles: built-in ones by their names, or those of files" },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", 64, 1024, .unit = "PX",
    .help = "longest side of each picture on the sheet" },
  { NULL },
};

/* A sheet is of styles that are known. */
static gboolean
has_styles (const RvWith *with, GError **error)
{
  if (with->is_any)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "--with any has no styles of its own to make a sheet of");
  return !with->is_any;
}

/* ---- what the command line says ---------------------------------------------------------------------------------- */

static gboolean
read_command_line (WithSheet *sheet, int n_args, const GPtrArray *given, GError **error)
{
  const PictureOptions *p = &sheet->picture;
  if (!picture_options_read (given, &sheet->picture, error) ||
      !own_apply (given, with_sheet_options, &sheet->own, error) || !style_with_usage (given, NULL, error))
    return FALSE;
  if (n_args != 1)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "which photograph? reverie explore with PHOTO -o SHEET");
  else if (options_last (given, "size") || options_last (given, "width") || options_last (given, "height") ||
           p->dry_run)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "a sheet goes without --size, --width, --height and --dry-run; --cell is a cell's size");
  else
    return picture_check_usage (p, error) && (sheet->settings = options_settings (given, "style", NULL, error)) &&
           (sheet->with = rv__with_parse (sheet->own.with, NULL, error)) && has_styles (sheet->with, error);
  return FALSE;
}

/* ---- the sheet --------------------------------------------------------------------------------------------------- */

static RvImage *
load_photo (const WithSheet *sheet, GError **error)
{
  RvImageInfo info;
  int width, height;
  g_autofree const char **inputs = g_new0 (const char *, sheet->with->items->len + 2);
  int n = 0;
  inputs[n++] = sheet->photo;
  for (guint i = 0; i < sheet->with->items->len; i++)
    if (rv__with_item (sheet->with, i)->file)
      inputs[n++] = rv__with_item (sheet->with, i)->file;
  if (!rv_image_probe (sheet->photo, &info, error))
    return NULL;
  g_autoptr (RvSettings) cell = rv_settings_new ("picture", error);
  if (!cell || !rv_settings_set_int (cell, "size", sheet->own.cell_px, error))
    return NULL;
  rv_picture_size (cell, info.width, info.height, &width, &height);
  return style_with_check (&sheet->picture, FALSE, width, height, inputs, error)
           ? rv_image_load (sheet->photo, width, height, error)
           : NULL;
}

static RvImage *
draw (const WithSheet *sheet, RvImage *photo, GError **error)
{
  int n = (int) sheet->with->items->len, columns = MIN (n, MOST_COLUMNS);
  const RvSheetLayout layout = { .columns = columns,
                                 .rows = (n + columns - 1) / columns,
                                 .cell_width = photo->width,
                                 .cell_height = photo->height,
                                 .gap = GAP_PX,
                                 .labels = TRUE };
  g_autoptr (RvImage) paper = rv__sheet_new (&layout, error);
  for (int i = 0; paper && i < n; i++) {
    g_autoptr (RvImage) cell = rv__with_paint (sheet->with, &(RvWithHow){ .only = i }, photo, sheet->settings, error);
    if (!cell)
      return NULL;
    rv__sheet_put (paper, &layout, i, cell, rv__with_name (rv__with_item (sheet->with, (guint) i)));
  }
  return g_steal_pointer (&paper);
}

/* (transfer full) (nullable) */
static char *
recipe_of (const WithSheet *sheet, const RvImage *result)
{
  g_autofree char *cell = g_strdup_printf ("%" G_GINT64_FORMAT, sheet->own.cell_px);
  return sheet->picture.keep_recipe
           ? style_with_recipe (sheet->with, -1, NULL, sheet->settings, "explore with", sheet->photo, cell, result)
           : NULL;
}

static int
make (WithSheet *sheet)
{
  GError *error = NULL;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (RvImage) photo = rv__with_load (sheet->with, FALSE, &error) ? load_photo (sheet, &error) : NULL;
  g_autoptr (RvImage) result = photo ? draw (sheet, photo, &error) : NULL;
  if (!result)
    return run_error (error);
  g_autofree char *recipe = recipe_of (sheet, result);
  return style_with_save (&sheet->picture, FALSE, result, recipe, began_us);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int
cmd_explore_with (int n_args, char **args, GPtrArray *given)
{
  WithSheet sheet = { .photo = n_args > 0 ? args[0] : NULL };
  GError *error = NULL;
  int code;
  own_defaults (with_sheet_options, &sheet.own);
  if (!read_command_line (&sheet, n_args, given, &error)) {
    code = usage_error (error);
  } else {
    code = rv_process_start (options_threads (sheet.settings), &error) ? make (&sheet) : run_error (error);
  }
  picture_options_clear (&sheet.picture);
  own_clear (with_sheet_options, &sheet.own);
  rv_settings_free (sheet.settings);
  rv__with_free (sheet.with);
  return code;
}

static const OptionTable tables[] = {
  { with_sheet_options }, { .kind = "picture" }, { picture_options }, { .kind = "style" }, { NULL }
};
static const char *const examples[] = { NULL };

const Command command_explore_with = {
  .name = "explore-with",
  .summary = "a photograph in every learnt style on one sheet; as 'reverie explore with'",
  .usage = "PHOTO -o SHEET [OPTIONS]",
  .about = "What 'reverie explore with' stands for.",
  .hidden = TRUE,
  .examples = examples,
  .options = tables,
  .run = cmd_explore_with,
};
