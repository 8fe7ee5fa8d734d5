/* explore.h -- reverie explore: a sheet of pictures over two settings.
 * Layer 8 (cli). */
#ifndef RV_EXPLORE_H
#define RV_EXPLORE_H

#include "cli/cli.h"

/* A command that can be explored. */
typedef struct {
  const char *command, *job; /* "dream"; the kind of its sheets, and of their settings */
  const char *usage;         /* "dream PICTURE" */
  const char *const *roles;  /* of the pictures that are named; the last of all others, too. NULL-terminated */
  const char *stage;         /* what its stages are called */
  const Command *picture;    /* that makes a cell's picture */
  const char *preset, *own;  /* of the cells, unless another is given; a setting that sheets have otherwise, or NULL */
} ExploreKind;

extern const OwnOption explore_own_options[];
extern const Command command_style, command_dream;

/* explore_run: a sheet, or with --pick a cell of it at its full size; returns the exit code. */
int explore_run (const ExploreKind *kind, int n_args, char **args, const GPtrArray *given, GError **error);

#endif
