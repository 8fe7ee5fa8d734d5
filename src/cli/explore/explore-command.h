/* explore-command.h -- reverie explore: a sheet of pictures over two settings. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"

/* A command whose settings `reverie explore` compares. */
typedef struct {
  const char *command, *job; /* "dream"; kind of the sheet's job and settings */
  const char *usage;         /* "dream PICTURE" */
  const char *const *roles;  /* roles of the inputs in order, NULL-terminated; the last one is for all further inputs */
  const char *stage;         /* name of a stage, such as "octave" */
  const Command *picture;    /* makes the picture of a cell */
  const char *preset, *own;  /* default preset of cells; a setting whose default differs in sheets, or NULL */
} ExploreKind;

extern const RvOptionRow explore_own_options[];
extern const Command command_style, command_dream;

/* Command.run of a kind: makes a sheet, or with --pick one cell at full size. Returns the exit code. */
int explore_run (const ExploreKind *kind, const CommandLine *line, GError **error);
