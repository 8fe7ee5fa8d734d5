/* cmd-explore-style.c -- reverie explore style: the same pictures with different settings. */
#include "explore-command.h"
#include "cli/style/cmd-style.h"

const Command command_explore_style = {
  .name = "explore-style",
  .summary = "try settings of style transfer side by side; as 'reverie explore style'",
  .usage = "CONTENT STYLE... -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small paintings over two settings: 'reverie explore style'.",
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
  .run = explore_run,
};
