/* get.c -- reverie network get NAME...: downloads published weights, checks and converts them. */
#include "cmd-network.h"
#include <string.h>

typedef struct {
  Progress *progress;
  const RvSource *source;
  gint64 began_us, first; /* start time; bytes that were there at the start, -1: unknown */
} Watch;

static gboolean
on_progress (gint64 done, gint64 total, const char *waiting, gpointer user_data)
{
  Watch *watch = user_data;
  if (watch->first < 0)
    watch->first = done;
  double seconds = (double) (g_get_monotonic_time () - watch->began_us) / G_USEC_PER_SEC;
  progress_show_bytes (watch->progress, done, total, done - watch->first, seconds,
                       waiting ? waiting : watch->source->network);
  return !interrupt_wanted ();
}

/* Converts now, so that the first picture need not wait: the first load keeps a converted copy. */
static gboolean
make_ready (const char *file, GError **error)
{
  g_autofree char *folder = rv_network_folder ();
  g_autoptr (RvTensorMap) weights = rv_weights_load (file, RV_WEIGHTS_CONVOLUTIONS, folder, error);
  g_autoptr (RvNet) net = weights ? rv_net_new (NULL, weights, error) : NULL;
  return net != NULL;
}

char *
model_download (const RvSource *source, gboolean quiet, GError **error)
{
  g_autofree char *folder = rv_network_folder ();
  Watch watch = { progress_new (quiet), source, g_get_monotonic_time (), -1 };
  RvFetchOptions options = { .progress = on_progress, .user_data = &watch };
  g_autofree char *path = rv_fetch (source, folder, &options, error);
  progress_end (watch.progress);
  return path && make_ready (path, error) ? g_steal_pointer (&path) : NULL;
}

/* (transfer full) (nullable): a complete published file that is already here. */
static char *
find_published (const RvSource *source)
{
  g_autofree char *path = rv_network_find (source->network, FALSE, NULL);
  g_autofree char *name = path ? g_path_get_basename (path) : NULL;
  return name && strcmp (name, source->file) == 0 && rv_source_check (source, path, NULL, NULL)
           ? g_steal_pointer (&path)
           : NULL;
}

/* Downloads the weights of @network, unless they are here and whole, and converts them. Prints where they are.
 * RV_ERROR_FILE if offline. */
static gboolean
get (const ModelJob *job, const char *network, GError **error)
{
  g_autoptr (RvSource) source = rv_source_new (network, error);
  if (!source)
    return FALSE;
  if (job->own.from) {
    g_strfreev (source->urls);
    source->urls = g_strsplit (job->own.from, "\n", 1);
  }
  g_autofree char *here = find_published (source);
  if (here) {
    text_print (stdout, "%s: here already, and whole: %s", network, here);
    return make_ready (here, error);
  }
  if (model_is_offline (job->own.offline)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is not here, and this is offline", network);
    return FALSE;
  }
  g_autofree char *path = model_download (source, job->own.quiet, error);
  if (path && !job->own.quiet)
    text_print (stdout, "%s: %s", network, path);
  return path != NULL;
}

int
model_get (ModelJob *job, GError **error)
{
  for (int i = 0; i < job->n_args; i++)
    if (!model_check_name (job->args[i], error))
      return EXIT_FAILED;
  if (job->own.from && (job->n_args != 1 || !(g_str_has_prefix (job->own.from, "http://") ||
                                              g_str_has_prefix (job->own.from, "https://")))) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "--from works only with one network and an address that begins with https:// or http://");
    return EXIT_FAILED;
  }
  for (int i = 0; i < job->n_args; i++) {
    if (strcmp (job->args[i], "builtin") == 0) {
      printf ("builtin: part of the program\n");
      continue;
    }
    if (!get (job, job->args[i], error))
      return EXIT_FAILED;
  }
  return EXIT_DONE;
}
