/* folder.c -- offers to download a network that is missing. */
#include "cli/cli.h"
#include <unistd.h>

gboolean
network_is_offline (gboolean option)
{
  const char *set = g_getenv ("REVERIE_OFFLINE");
  return option || (set && *set && g_strcmp0 (set, "0") != 0);
}

/* Asks on the terminal whether to download the weights. FALSE also at the end of input. */
static gboolean
ask_download (const RvSource *source)
{
  g_autofree char *size = rv_text_bytes ((gsize) source->bytes);
  char answer[16] = "";
  fprintf (stderr, "%s is not installed. Download it? %s, licence %s [Y/n] ", source->network, size, source->license);
  fflush (stderr);
  if (!fgets (answer, sizeof answer, stdin))
    return FALSE;
  return answer[0] == '\n' || g_ascii_tolower (answer[0]) == 'y';
}

char *
network_find_or_download (const char *network, gboolean offline, gboolean quiet, GError **error)
{
  g_autofree char *path = rv_network_find (network, FALSE, NULL);
  g_autoptr (RvSource) source = path ? NULL : rv_source_new (network, NULL);
  offline = network_is_offline (offline);
  if (!path && source && !offline && isatty (STDIN_FILENO) && isatty (STDERR_FILENO) && ask_download (source))
    return network_download (source, quiet, error);
  return path ? g_steal_pointer (&path) : rv_network_find (network, offline, error);
}
