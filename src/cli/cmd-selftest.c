/* cmd-selftest.c -- reverie selftest: checks results and speed on this machine, in seconds. */
#include "cli/cli.h"
#include <stdio.h>

static const RvOptionRow own_options[] = {
  { "gpu", 0, RV_OPTION_TEXT, .unit = "NUMBER|NAME",
    .help = "test the kernels of this GPU: its number, or a part of its name [the best]" },
  { NULL },
};

/* Callback of rv_selftest(). Prints @line of its report on standard output. */
static void
print_line (const char *line, gpointer unused)
{
  printf ("%s\n", line);
}

/* Command.run. Prints the version and a line for each check on standard output. EXIT_FAILED without @error if checks
 * failed; with @error those of rv_process_start(), rv_process_choose_gpu() and rv_selftest(). */
static int
cmd_selftest (const CommandLine *line, GError **error)
{
  const char *gpu = line_text (line, "gpu");
  int n_failed;
  if (!rv_process_start (0, error) || (gpu && !rv_process_choose_gpu (gpu, error)))
    return EXIT_FAILED;
  version_print (TRUE);
  if (!rv_selftest (print_line, NULL, NULL, &n_failed, error))
    return EXIT_FAILED;
  printf (n_failed == 0 ? "all checks passed\n" : "%d check%s failed: please report this\n", n_failed,
          n_failed == 1 ? "" : "s");
  return n_failed == 0 ? EXIT_DONE : EXIT_FAILED;
}

static const char *const examples[] = { "reverie selftest", "in some 20 seconds", "reverie selftest --gpu 1",
                                        "the second GPU of --version --verbose", NULL };

const Command command_selftest = {
  .name = "selftest",
  .summary = "check results and speed on this machine",
  .usage = "[OPTIONS]",
  .about =
    "Compares gradients with finite differences and the fast kernels with plain C, on the built-in network. Prints the "
    "kernels in use and warns of slow ones, then times an iteration of style transfer. Add the output to bug reports.",
  .examples = examples,
  .options = { { own_options } },
  .wrong_args = "selftest takes no arguments",
  .run = cmd_selftest,
};
