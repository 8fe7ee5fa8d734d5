/* explore-command.h -- reverie explore: a sheet of pictures over two settings. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"

extern const RvOptionRow explore_own_options[];

/* Command.run of explore-style and explore-dream: makes a sheet, or with --pick one cell at full size. */
int explore_run (const CommandLine *line, GError **error);
