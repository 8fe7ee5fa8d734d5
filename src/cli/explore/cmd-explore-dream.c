/* cmd-explore-dream.c -- reverie explore dream: one picture with different looks and octaves. */
#include "explore-command.h"
#include "cli/dream/cmd-dream.h"

const Command command_explore_dream = {
  .name = "explore-dream",
  .summary = "try settings of dreams side by side; as 'reverie explore dream'",
  .usage = "PICTURE -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small dreams over two settings: 'reverie explore dream'.",
  .hidden = TRUE,
  /* The last four tables apply only with --pick. */
  .options = { { .kind = "explore-dream" },
               { explore_own_options },
               { .kind = "picture" },
               { picture_options },
               { .kind = "dream" },
               { .kind = "dreams" },
               { dream_own_options },
               { .kind = "state" },
               { .kind = "dream-video", .first = "from" } },
  .run = explore_run,
};
