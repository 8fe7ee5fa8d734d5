/* folder.c -- offers to download a network that is missing. */
#include "cli/cli.h"
#include <unistd.h>

gboolean
model_is_offline (gboolean asked)
{
  const char *set = g_getenv ("REVERIE_OFFLINE");
  return asked || (set && *set && g_strcmp0 (set, "0") != 0);
}

/* "vgg19 is not here; download it? 80 MB, CC BY 4.0 [Y/n]" */
static gboolean
ask (const RvSource *source)
{
  g_autofree char *size = rv_text_bytes ((gsize) source->bytes);
  char answer[16] = "";
  fprintf (stderr, "%s is not here. Download it? %s, licence %s [Y/n] ", source->network, size, source->license);
  fflush (stderr);
  if (!fgets (answer, sizeof answer, stdin))
    return FALSE;
  return answer[0] == '\n' || g_ascii_tolower (answer[0]) == 'y';
}

char *
model_find_or_ask (const char *network, gboolean offline, gboolean quiet, GError **error)
{
  g_autofree char *path = rv_network_find (network, FALSE, NULL);
  g_autoptr (RvSource) source = path ? NULL : rv_source_new (network, NULL);
  offline = model_is_offline (offline);
  if (!path && source && !offline && isatty (STDIN_FILENO) && isatty (STDERR_FILENO) && ask (source))
    return model_download (source, quiet, error);
  return path ? g_steal_pointer (&path) : rv_network_find (network, offline, error);
}
