/* cmd-explore-style.c -- reverie explore style: the same pictures with different settings. */
#include "explore-command.h"
#include "cli/style/cmd-style.h"

static const char *const roles[] = { "content", "style", NULL };

static const ExploreKind explore_style = { .command = "style",
                                           .job = "explore-style",
                                           .usage = "style CONTENT STYLE...",
                                           .roles = roles,
                                           .stage = "scale",
                                           .picture = &command_style,
                                           .preset = "gallery" };

static int
cmd_explore_style (const CommandLine *line, GError **error)
{
  return explore_run (&explore_style, line, error);
}

const Command command_explore_style = {
  .name = "explore-style",
  .summary = "try settings of style transfer side by side; as 'reverie explore style'",
  .usage = "CONTENT STYLE... -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small paintings over two settings. " EXPLORE_PICK_HELP,
  .hidden = TRUE,
  /* The last three tables apply only with --pick. */
  .options = { { .kind = "explore-style" },
               { explore_own_options },
               { .kind = "picture" },
               { picture_options },
               { .kind = "style" },
               { style_own_options },
               { .kind = "state" },
               { .kind = "style-video" } },
  .run = cmd_explore_style,
};
