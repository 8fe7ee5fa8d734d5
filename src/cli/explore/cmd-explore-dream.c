/* cmd-explore-dream.c -- reverie explore dream: one picture with different looks and octaves. */
#include "explore-command.h"
#include "cli/dream/cmd-dream.h"

static const char *const roles[] = { "picture", NULL };

static const ExploreKind explore_dream = { .command = "dream",
                                           .job = "explore-dream",
                                           .usage = "dream PICTURE",
                                           .roles = roles,
                                           .stage = "octave",
                                           .picture = &command_dream,
                                           .preset = "vivid",
                                           .own = "smallest" };

static int
cmd_explore_dream (const CommandLine *line, GError **error)
{
  return explore_run (&explore_dream, line, error);
}

const Command command_explore_dream = {
  .name = "explore-dream",
  .summary = "try settings of dreams side by side; as 'reverie explore dream'",
  .usage = "PICTURE -o SHEET [OPTIONS]",
  .about = "Draws a sheet of small dreams over two settings. " EXPLORE_PICK_HELP,
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
  .run = cmd_explore_dream,
};
