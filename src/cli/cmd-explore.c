/* cmd-explore.c -- reverie explore style|dream: which settings suit a picture, seen side by side.
 *
 * explore style ... stands for explore-style ..., whose options are its own and those of style; with --pick it stands
 * for style ... with the settings of that cell. */
#include "explore.h"
#include "backend/backend.h"
#include "io/image/program.h"
#include <stdio.h>
#include <string.h>

#define MIN_CELL_PX 64
#define MAX_CELL_PX 1024
#define FIELD(f) offsetof (ExploreOptions, f)

const RvOption explore_options[] = {
  { "across", 0, RV_OPTION_TEXT, FIELD (across), .unit = "NAME=VALUE,...",
    .help = "the setting that changes from column to column [strength; of dreams layers]" },
  { "down", 0, RV_OPTION_TEXT, FIELD (down), .unit = "NAME=VALUE,...",
    .help = "the setting that changes from row to row [style-scale; of dreams octaves]" },
  { "cell", 0, RV_OPTION_INT, FIELD (cell_px), "240", MIN_CELL_PX, MAX_CELL_PX, .unit = "PX",
    .help = "longest side of each picture on the sheet" },
  { "pick", 0, RV_OPTION_TEXT, FIELD (pick), .unit = "CELL",
    .help = "make that cell's picture, such as 3c, at its full size instead of the sheet" },
  { NULL },
};

/* ---- as another command line ------------------------------------------------------------------------------------- */

/* Takes "--NAME VALUE" or "--NAME=VALUE" out of @line: (transfer full) (nullable): the last value. */
static char *
take (GPtrArray *line, const char *name)
{
  char *value = NULL;
  gsize length = strlen (name);
  for (guint i = 0; i < line->len;) {
    char *word = line->pdata[i];
    gboolean is_name = g_str_has_prefix (word, "--") && strncmp (word + 2, name, length) == 0;
    gboolean joined = is_name && word[2 + length] == '=', apart = is_name && !word[2 + length] && i + 1 < line->len;
    if (!joined && !apart) {
      i++;
      continue;
    }
    g_free (value);
    value = g_strdup (joined ? word + length + 3 : line->pdata[i + 1]);
    g_ptr_array_remove_range (line, i, apart ? 2 : 1);
  }
  return value;
}

/* The sheet's axes, from what was given for them or what the kind has; a NULL network is the built-in one. */
static gboolean
find_axes (const ExploreKind *kind, const char *across_text, const char *down_text, const char *network,
           ExploreAxis *across, ExploreAxis *down, GError **error)
{
  g_autofree char *found = across_text || kind->across ? NULL : kind->default_across (network ? network : "builtin");
  const char *own = found ? found : kind->across;
  return explore_axis (across_text ? across_text : own, kind->command, across, error) &&
         explore_axis (down_text ? down_text : kind->down, kind->command, down, error);
}

/* The cell's settings follow the rest of the line, and so win. */
static gboolean
add_cell (GPtrArray *line, const ExploreKind *kind, const char *pick, GError **error)
{
  g_autofree char *across_text = take (line, "across"), *down_text = take (line, "down"),
                  *cell_px = take (line, "cell"), *network = take (line, "network");
  ExploreAxis across = { 0 }, down = { 0 };
  int column, row;
  gboolean ok = find_axes (kind, across_text, down_text, network, &across, &down, error) &&
                explore_cell (pick, &across, &down, &column, &row, error);
  if (ok) {
    if (kind->name)
      g_ptr_array_insert (line, 0, g_strdup_printf ("--%s=%s", kind->name, kind->value));
    g_ptr_array_insert (line, 0, g_strconcat ("--preset=", kind->preset, NULL));
    if (network)
      g_ptr_array_add (line, g_strconcat ("--network=", network, NULL));
    g_ptr_array_add (line, g_strdup_printf ("--%s=%s", across.name, across.values[column]));
    g_ptr_array_add (line, g_strdup_printf ("--%s=%s", down.name, down.values[row]));
  }
  explore_axis_clear (&across);
  explore_axis_clear (&down);
  return ok;
}

static char **
explore_arguments (int argc, char **argv, GError **error)
{
  static const ExploreKind *const kinds[] = { &explore_style, &explore_dream };
  const ExploreKind *kind = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (argc > 0 && strcmp (argv[0], kinds[i]->command) == 0)
      kind = kinds[i];
  if (!kind) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "explore what? reverie explore style CONTENT STYLE... -o SHEET, or "
                 "reverie explore dream PICTURE -o SHEET");
    return NULL;
  }
  g_autoptr (GPtrArray) line = g_ptr_array_new_with_free_func (g_free);
  for (int i = 1; i < argc; i++)
    g_ptr_array_add (line, g_strdup (argv[i]));
  g_autofree char *pick = take (line, "pick");
  if (pick && !add_cell (line, kind, pick, error))
    return NULL;
  g_ptr_array_insert (line, 0, pick ? g_strdup (kind->command) : g_strconcat ("explore-", kind->command, NULL));
  g_ptr_array_add (line, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&line), FALSE);
}

/* ---- the sheet --------------------------------------------------------------------------------------------------- */

/* The axis as it would be typed, for the recipe. */
static void
set_axis_text (char **text, const ExploreAxis *axis)
{
  g_autofree char *values = g_strjoinv (",", axis->values);
  g_free (*text);
  *text = g_strconcat (axis->name, "=", values, NULL);
}

static gboolean
read_command_line (Explore *explore, const ExploreKind *kind, const GPtrArray *given, GError **error)
{
  rv__option_defaults (explore_options, &explore->own);
  if (!picture_options_read (given, &explore->picture, error) ||
      !options_apply (given, explore_options, &explore->own, error))
    return FALSE;
  if (explore->n_args < kind->n_pictures) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "which pictures? reverie explore %s -o SHEET", kind->usage);
    return FALSE;
  }
  const PictureOptions *p = &explore->picture;
  if (p->size_px || p->width_px || p->height_px || p->live || p->plot || p->timeline || p->log || p->save_every ||
      p->preview || p->dry_run) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "a sheet goes without --size, --width, --height, --log, --save-every, --live, --preview, --plot, "
                 "--timeline and --dry-run; --cell is a cell's size");
    return FALSE;
  }
  picture_imply (&explore->picture, "builtin", 0, 0);
  if (!picture_check_usage (&explore->picture, error) ||
      !find_axes (kind, explore->own.across, explore->own.down, explore->picture.network, &explore->across,
                  &explore->down, error))
    return FALSE;
  set_axis_text (&explore->own.across, &explore->across);
  set_axis_text (&explore->own.down, &explore->down);
  return TRUE;
}

static gboolean
load (Explore *explore, GError **error)
{
  RvImageInfo info, other;
  int width, height;
  g_autofree const char **inputs = g_new0 (const char *, explore->n_args + 1);
  for (int i = 0; i < explore->n_args; i++)
    if (!rv_image_probe (inputs[i] = explore->args[i], i == 0 ? &info : &other, error))
      return FALSE;
  PictureOptions cell = { .size_px = explore->own.cell_px };
  picture_target_size (&cell, info.width, info.height, &width, &height);
  if (!picture_check_output (&explore->picture, width, height, inputs, error))
    return FALSE;
  picture_remove_halves (&explore->picture);
  return (explore->net = picture_load_net (&explore->picture, error)) &&
         (explore->content = rv_image_load (explore->args[0], width, height, error));
}

int
explore_run (const ExploreKind *kind, int n_args, char **args, const GPtrArray *given)
{
  Explore explore = { .given = given, .args = args, .n_args = n_args };
  GError *error = NULL;
  int code;
  if (!read_command_line (&explore, kind, given, &error)) {
    code = usage_error (error);
  } else {
    rv__backend_start_for_program ();
    code = rv__vips_start_for_program (0, &error) && (explore.kernels = kernel_file_load (&explore.picture, &error)) &&
               load (&explore, &error)
             ? explore_draw (&explore, kind)
             : run_error (error);
  }
  picture_options_clear (&explore.picture);
  rv__option_clear (explore_options, &explore.own);
  explore_axis_clear (&explore.across);
  explore_axis_clear (&explore.down);
  rv_net_unref (explore.net);
  rv_image_unref (explore.content);
  g_clear_pointer (&explore.kernels, rv_kernel_table_unref);
  return code;
}

static const OptionTable tables[] = { { explore_options }, { NULL } };

static const char *const examples[] = {
  "reverie explore style photo.jpg painting.jpg -o sheet.png",
  "the photograph painted at five strengths and five sizes of stroke",
  "reverie explore style photo.jpg painting.jpg --pick 3c --size 2048 -o picture.png",
  "the picture in row 3, column c of that sheet, large",
  "reverie explore style photo.jpg painting.jpg --across tv-weight=0,1,10 --down iterations=20,60 -o sheet.png",
  "two settings of your own",
  "reverie explore dream photo.jpg -o sheet.png",
  "dreams of four looks, of small motifs and large ones",
  NULL,
};

const Command command_explore = {
  .name = "explore",
  .summary = "try settings side by side on one sheet",
  .usage = "style CONTENT STYLE... | dream PICTURE -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small pictures over two settings. Columns are lettered and rows numbered: --pick 3c makes "
           "the picture in row 3, column c at its full size. OPTIONS are those below and those of 'reverie style' or "
           "'reverie dream'.",
  .examples = examples,
  .options = tables,
  .rewrite = explore_arguments,
};
