/* cmd-explore-style.c -- the cells of reverie explore style: the same pictures, another setting each; what the styles
 * are like is found once for each size. */
#include "explore.h"

#define MAX_STYLE_SCALE 4 /* more than any sensible one */

typedef struct {
  RvImage **styles;
  int n_styles;
  RvStyle *first; /* whose targets the others share */
} Cells;

static gboolean
prepare (Explore *explore, gpointer *data, GError **error)
{
  Cells *cells = g_new0 (Cells, 1);
  *data = cells;
  cells->n_styles = explore->n_args - 1;
  cells->styles = g_new0 (RvImage *, explore->n_args);
  for (int i = 0; i < cells->n_styles; i++)
    if (!(cells->styles[i] =
            picture_load_within (explore->args[1 + i], (double) (MAX_STYLE_SCALE * explore->own.cell_px), error)))
      return FALSE;
  return TRUE;
}

static gboolean
go_on (const RvStyleProgress *progress, gpointer data)
{
  Explore *explore = data;
  explore->stopped = interrupt_wanted () && progress->done_01 < 1;
  return !explore->stopped;
}

static RvImage *
paint (Explore *explore, gpointer data, const RvSettings *settings, GError **error)
{
  Cells *cells = data;
  RvImage *result = NULL;
  g_autoptr (RvStyle) style =
    rv_style_new (settings, explore->net, explore->content, cells->styles, cells->n_styles, NULL, error);
  if (!style)
    return NULL;
  rv_style_set_kernels (style, explore->kernels);
  if (cells->first)
    rv_style_share (style, cells->first);
  rv_style_run (style, go_on, explore, &result, error);
  if (!cells->first)
    cells->first = g_steal_pointer (&style);
  return result;
}

static void
finish (gpointer data)
{
  Cells *cells = data;
  if (!cells)
    return;
  for (int i = 0; i < cells->n_styles; i++)
    rv_image_unref (cells->styles[i]);
  g_free (cells->styles);
  rv_style_free (cells->first);
  g_free (cells);
}

const ExploreKind explore_style = {
  .command = "style",
  .usage = "style CONTENT STYLE...",
  .n_pictures = 2,
  .role = "content",
  .preset = "gallery",
  .across = "strength=20,40,60,80,95",
  .down = "style-scale=0.5,0.7,1,1.4,2",
  .prepare = prepare,
  .paint = paint,
  .finish = finish,
};

static int
cmd_explore_style (int n_args, char **args, GPtrArray *given)
{
  return explore_run (&explore_style, n_args, args, given);
}

static const OptionTable tables[] = {
  { explore_options }, { .kind = "picture" }, { picture_options }, { .kind = "style" }, { NULL }
};
static const char *const examples[] = { NULL };

const Command command_explore_style = {
  .name = "explore-style",
  .summary = "try settings of style transfer side by side; as 'reverie explore style'",
  .usage = "CONTENT STYLE... -o SHEET [OPTIONS]",
  .about = "What 'reverie explore style' stands for.",
  .hidden = TRUE,
  .examples = examples,
  .options = tables,
  .run = cmd_explore_style,
};
