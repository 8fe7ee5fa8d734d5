/* get.c -- reverie network get NAME...: downloads published weights, checks and converts them. Other commands offer to
 * download a network that is missing. */
#include "cmd-network.h"
#include <string.h>
#include <unistd.h>

typedef struct {
  Progress *progress;
  const RvSource *source;
  gint64 began_us, n_before; /* start time; bytes that existed at the start, -1: unknown */
} Download;

/* RvFetchProgress; @user_data: Download. @waiting: (nullable): text to show instead of the network's name. FALSE, which
 * cancels: Ctrl-C. */
static gboolean
on_progress (gint64 done, gint64 total, const char *waiting, gpointer user_data)
{
  Download *download = user_data;
  if (download->n_before < 0)
    download->n_before = done;
  double seconds = (double) (g_get_monotonic_time () - download->began_us) / G_USEC_PER_SEC;
  progress_show_bytes (download->progress, done, total, done - download->n_before, seconds,
                       waiting ? waiting : download->source->network);
  return !interrupt_requested ();
}

/* Loads the weights once, which stores a converted copy in the folder of networks: the first picture does not convert
 * them. Also checks that they are the weights of a network. */
static gboolean
convert_weights (const char *file, GError **error)
{
  g_autofree char *folder = rv_network_folder ();
  g_autoptr (RvTensorMap) weights = rv_weights_load (file, RV_WEIGHTS_CONVOLUTIONS, folder, error);
  g_autoptr (RvNet) net = weights ? rv_net_new (NULL, weights, error) : NULL;
  return net != NULL;
}

/* (transfer full) (nullable): path of the file of @source in the folder of networks. Downloads it with a progress bar,
 * unless it is complete there. Stores a converted copy, so that the first run does not make it. Calls
 * interrupt_watch(). RV_ERROR_FILE, RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_CANCELLED (Ctrl-C). */
static char *
download_source (const RvSource *source, gboolean quiet, GError **error)
{
  g_autofree char *folder = rv_network_folder ();
  interrupt_watch ();
  Download download = { progress_new (quiet), source, g_get_monotonic_time (), -1 };
  RvFetchOptions options = { .progress = on_progress, .user_data = &download };
  g_autofree char *path = rv_fetch (source, folder, &options, error);
  progress_free (download.progress);
  return path && convert_weights (path, error) ? g_steal_pointer (&path) : NULL;
}

/* Whether downloads are off: --offline (@option), or REVERIE_OFFLINE is set, neither empty nor "0". */
static gboolean
is_offline (gboolean option)
{
  const char *set = g_getenv ("REVERIE_OFFLINE");
  return option || (set && *set && g_strcmp0 (set, "0") != 0);
}

char *
network_find_or_download (const char *network, gboolean offline, gboolean quiet, GError **error)
{
  g_autofree char *path = rv_network_find (network, FALSE, NULL);
  g_autoptr (RvSource) source = path ? NULL : rv_source_new (network, NULL);
  offline = is_offline (offline);
  if (!path && source && !offline && isatty (STDIN_FILENO) && isatty (STDERR_FILENO)) {
    g_autofree char *size = rv_text_bytes ((gsize) source->bytes);
    char answer[16] = "";
    fprintf (stderr, "%s is not installed. Download it? %s, licence %s [Y/n] ", source->network, size, source->license);
    fflush (stderr);
    if (fgets (answer, sizeof answer, stdin) && (answer[0] == '\n' || g_ascii_tolower (answer[0]) == 'y'))
      return download_source (source, quiet, error);
  }
  return path ? g_steal_pointer (&path) : rv_network_find (network, offline, error);
}

/* Downloads the published weights of @network, from --from or its sources, unless they are installed with the right
 * hash, and loads them once, which stores a converted copy of a Keras file in the folder of networks. Prints the path
 * on standard output: of installed weights before it loads them, of others after it, without --quiet.
 * RV_ERROR_SETTING: no source; RV_ERROR_FILE: download impossible or off, or the file cannot be read; RV_ERROR_FORMAT:
 * a damaged file or table of sources; RV_ERROR_CANCELLED: Ctrl-C; RV_ERROR_MEMORY. */
static gboolean
get (const CommandLine *line, const char *network, GError **error)
{
  const char *from = line_text (line, "from");
  g_autoptr (RvSource) source = rv_source_new (network, error);
  if (!source)
    return FALSE;
  if (from) {
    g_strfreev (source->urls);
    source->urls = g_strsplit (from, "\n", 1);
  }
  g_autofree char *installed = rv_network_find (network, FALSE, NULL),
                  *name = installed ? g_path_get_basename (installed) : NULL;
  if (name && strcmp (name, source->file) == 0 && rv_source_check (source, installed, NULL, NULL)) {
    text_print (stdout, "%s: installed and complete: %s", network, installed);
    return convert_weights (installed, error);
  }
  if (is_offline (line_is_on (line, "offline")))
    return error_set (error, RV_ERROR_FILE, "%s is not installed, and downloads are off: --offline, or REVERIE_OFFLINE",
                      network);
  g_autofree char *path = download_source (source, line_is_on (line, "quiet"), error);
  if (path && !line_is_on (line, "quiet"))
    text_print (stdout, "%s: %s", network, path);
  return path != NULL;
}

int
network_get (const CommandLine *line, GError **error)
{
  const char *from = line_text (line, "from");
  for (int i = 0; i < line->n_args; i++) {
    if (g_strv_contains (rv_net_names (), line->args[i]))
      continue;
    const char *nearest = rv_text_nearest (line->args[i], rv_net_names ());
    g_autofree char *all = g_strjoinv (", ", (char **) rv_net_names ());
    return error_fail (error, RV_ERROR_SETTING, "there is no network '%s'; %s%s%s", line->args[i],
                       nearest ? "did you mean '" : "there are: ", nearest ? nearest : all, nearest ? "'?" : "");
  }
  if (from && (line->n_args != 1 || !(g_str_has_prefix (from, "http://") || g_str_has_prefix (from, "https://"))))
    return error_fail (error, RV_ERROR_SETTING,
                       "--from works only with one network and an address that begins with https:// or http://");
  for (int i = 0; i < line->n_args; i++) {
    if (strcmp (line->args[i], "builtin") == 0) {
      printf ("builtin: part of the program\n");
      continue;
    }
    if (!get (line, line->args[i], error))
      return EXIT_FAILED;
  }
  return EXIT_DONE;
}
