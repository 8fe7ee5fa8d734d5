/* version.c -- reverie --version; with --verbose what a bug report needs. */
#include "cli/cli.h"
#include <stdio.h>

int
version_print (gboolean verbose)
{
  printf ("reverie %s\n", RV_VERSION);
  if (!verbose)
    return EXIT_DONE;
  g_autofree char *text = rv_process_describe ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; **line; line++) /* the last line is empty, as the text ends with a new line */
    printf ("  %s\n", *line);
  return EXIT_DONE;
}
