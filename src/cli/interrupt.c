/* interrupt.c -- Ctrl-C and SIGTERM: the first signal requests a stop, a second one of its kind ends the process. Ranks
 * other than 0 ignore repeated signals: launchers send them to all ranks, and then end ranks that take too long. */
#include "cli/cli.h"
#include <signal.h>

static volatile sig_atomic_t requested;

static void
on_interrupt (int number)
{
  requested = 1;
}

void
interrupt_watch (void)
{
  int flags = rv_process_rank () == 0 ? (int) SA_RESETHAND : 0;
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = flags };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

gboolean
interrupt_requested (void)
{
  return requested;
}
