/* cmd-selftest.c -- reverie selftest: checks results and speed on this machine, in seconds. */
#include "cli/cli.h"
#include <stdio.h>

/* Prints a line of the report of rv_selftest(). */
static void
print_line (const char *line, gpointer unused)
{
  printf ("%s\n", line);
}

/* Command.run. Prints the version and a line for each check on standard output. EXIT_FAILED without @error if checks
 * failed; with @error RV_ERROR_SETTING for any argument, errors of rv_process_start() and rv_selftest(). */
static int
cmd_selftest (int n_args, char **args, GPtrArray *given, GError **error)
{
  int n_failed;
  if (n_args > 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "selftest takes no arguments");
    return EXIT_FAILED;
  }
  if (!rv_process_start (0, error))
    return EXIT_FAILED;
  version_print (TRUE);
  if (!rv_selftest (print_line, NULL, NULL, &n_failed, error))
    return EXIT_FAILED;
  printf (n_failed == 0 ? "all checks passed\n" : "%d checks failed: please report this\n", n_failed);
  return n_failed == 0 ? EXIT_DONE : EXIT_FAILED;
}

static const OptionTable tables[] = { { NULL } };

static const char *const examples[] = { "reverie selftest", "in some 20 seconds", NULL };

const Command command_selftest = {
  .name = "selftest",
  .summary = "check results and speed on this machine",
  .usage = "",
  .about =
    "Compares gradients with finite differences and the fast kernels with plain C, on the built-in network. Prints the "
    "kernels in use and warns of slow ones, then times an iteration of style transfer. Add the output to bug reports.",
  .examples = examples,
  .options = tables,
  .run = cmd_selftest,
};
