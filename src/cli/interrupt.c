/* interrupt.c -- Ctrl-C: the first asks the run to stop after this iteration, the second kills as ever. Of ranks that
 * share a run the first is asked; the others, whom launchers tell as well, stop when it does. */
#include "cli/cli.h"
#include <signal.h>

static volatile sig_atomic_t wanted;

static void
on_interrupt (int number)
{
  wanted = 1;
}

void
interrupt_watch (void)
{
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int) SA_RESETHAND };
  if (rv_process_rank () > 0)
    action = (struct sigaction){ .sa_handler = SIG_IGN };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

gboolean
interrupt_wanted (void)
{
  return wanted;
}
