/* cmd-explore-style.c -- what reverie explore style stands for: the same pictures, another setting each. */
#include "explore.h"

static const char *const roles[] = { "content", "style", NULL };

const ExploreKind explore_style = { .command = "style",
                                    .job = "explore-style",
                                    .usage = "style CONTENT STYLE...",
                                    .roles = roles,
                                    .stage = "scale",
                                    .preset = "gallery" };

static int
cmd_explore_style (int n_args, char **args, GPtrArray *given, GError **error)
{
  return explore_run (&explore_style, n_args, args, given, error);
}

static const OptionTable tables[] = {
  { .kind = "explore-style" }, { .kind = "picture" }, { picture_options }, { .kind = "style" }, { NULL }
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
