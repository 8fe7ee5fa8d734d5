/* networks.c -- lists, downloads and checks networks. */
#include "networks.h"
#include "json-text.h"
#include <reverie/fetch.h>
#include <reverie/networks.h>
#include <reverie/weights.h>
#include <string.h>

typedef enum { NETWORKS_IDLE, NETWORKS_GETTING, NETWORKS_CHECKING } NetworksState;

struct _Networks {
  Pictures *pictures;
  GThread *thread; /* the latest; nullable */
  GMutex lock;     /* protects all following members while the thread runs */
  NetworksState state;
  const char *name; /* static: network of the current or the latest work */
  gint64 done, total;
  char *waiting, *error; /* reason for waiting; message of the failure; or NULL */
  gboolean is_whole;
  GCancellable *cancellable; /* of the latest work; NULL: there was none */
};

Networks *
networks_new (Pictures *pictures)
{
  Networks *networks = g_new0 (Networks, 1);
  networks->pictures = pictures;
  g_mutex_init (&networks->lock);
  return networks;
}

void
networks_stop (Networks *networks)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&networks->lock);
  if (networks->cancellable)
    g_cancellable_cancel (networks->cancellable);
}

void
networks_free (Networks *networks)
{
  if (!networks)
    return;
  networks_stop (networks);
  g_clear_pointer (&networks->thread, g_thread_join);
  g_mutex_clear (&networks->lock);
  g_free (networks->waiting);
  g_free (networks->error);
  g_clear_object (&networks->cancellable);
  g_free (networks);
}

/* ---- worker thread ----------------------------------------------------------------------------------------------- */

static gboolean
on_progress (gint64 done, gint64 total, const char *waiting, gpointer user_data)
{
  Networks *networks = user_data;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&networks->lock);
  networks->done = done;
  networks->total = total;
  g_free (networks->waiting);
  networks->waiting = g_strdup (waiting);
  return TRUE;
}

/* Finds and loads the file of the network @name, and checks that its layers are complete. Checks the hash first if it
 * is the file that can be downloaded. Stores converted weights in rv_network_folder(). RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY; RV_ERROR_CANCELLED by networks_stop(). */
static gboolean
verify (const char *name, GError **error)
{
  g_autofree char *path = rv_network_find (name, TRUE, error), *file = path ? g_path_get_basename (path) : NULL;
  g_autoptr (RvSource) source = path ? rv_source_new (name, NULL) : NULL;
  g_autofree char *folder = rv_network_folder ();
  if (!path || (source && strcmp (source->file, file) == 0 && !rv_source_check (source, path, NULL, error)))
    return FALSE;
  g_autoptr (RvTensorMap) weights = rv_weights_load (path, RV_WEIGHTS_CONVOLUTIONS, folder, error);
  g_autoptr (RvNet) net = weights ? rv_net_new (name, weights, error) : NULL;
  return net && rv_net_check (net, error);
}

/* Downloads the weights of networks->name; returns after the end. On success the state is NETWORKS_CHECKING. Takes the
 * lock. */
static gboolean
download (Networks *networks, GError **error)
{
  g_autoptr (RvSource) source = rv_source_new (networks->name, error);
  g_autofree char *folder = rv_network_folder ();
  RvFetchOptions options = { .progress = on_progress, .user_data = networks };
  g_autofree char *path = source ? rv_fetch (source, folder, &options, error) : NULL;
  g_mutex_lock (&networks->lock);
  if (path)
    networks->state = NETWORKS_CHECKING;
  g_mutex_unlock (&networks->lock);
  return path != NULL;
}

/* GThreadFunc; @data: Networks with the state GETTING or CHECKING. If GETTING, first downloads networks->name. Then
 * checks its file. Last, under the lock, sets is_whole, error (NULL also if stopped) and the state IDLE. Returns
 * NULL. */
static gpointer
on_thread (gpointer data)
{
  Networks *networks = data;
  g_autoptr (GError) error = NULL;
  g_cancellable_push_current (networks->cancellable);
  gboolean here = networks->state == NETWORKS_CHECKING || download (networks, &error);
  gboolean is_whole = here && verify (networks->name, &error);
  g_cancellable_pop_current (networks->cancellable);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&networks->lock);
  if (error && !g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED))
    networks->error = g_strdup (error->message);
  g_clear_pointer (&networks->waiting, g_free);
  networks->is_whole = is_whole;
  networks->state = NETWORKS_IDLE;
  return NULL;
}

/* ---- main thread ------------------------------------------------------------------------------------------------- */

/* (static) (nullable): the library's copy of the name. NULL: unknown, or built in. */
static const char *
known_name (const char *name)
{
  for (int i = 0; rv_net_names ()[i]; i++)
    if (g_strcmp0 (rv_net_names ()[i], name) == 0 && strcmp (name, "builtin") != 0)
      return rv_net_names ()[i];
  return NULL;
}

/* Starts the thread that does the work @state (NETWORKS_GETTING or NETWORKS_CHECKING) on network @name (nullable), and
 * returns at once. Clears error and progress of the work before. FALSE, nothing changed: G_IO_ERROR_NOT_FOUND for an
 * unknown name, NULL or the built-in network; G_IO_ERROR_BUSY while other work is in progress. Main thread only. */
static gboolean
start (Networks *networks, const char *name, NetworksState state, GError **error)
{
  const char *known = known_name (name);
  g_mutex_lock (&networks->lock);
  gboolean idle = networks->state == NETWORKS_IDLE;
  g_mutex_unlock (&networks->lock);
  if (!known)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No network with that name can be downloaded.");
  else if (!idle)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Only one download at a time: %s is in progress.", networks->name);
  if (!known || !idle)
    return FALSE;
  g_clear_pointer (&networks->thread, g_thread_join); /* has ended, or is about to */
  networks->name = known;
  networks->state = state;
  networks->done = networks->total = 0;
  networks->is_whole = FALSE;
  g_clear_object (&networks->cancellable);
  networks->cancellable = g_cancellable_new ();
  g_clear_pointer (&networks->error, g_free);
  networks->thread = g_thread_new ("models", on_thread, networks);
  return TRUE;
}

gboolean
networks_get (Networks *networks, const char *name, GError **error)
{
  const char *offline = g_getenv ("REVERIE_OFFLINE");
  if (!offline || !*offline || strcmp (offline, "0") == 0)
    return start (networks, name, NETWORKS_GETTING, error);
  return studio_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "REVERIE_OFFLINE is set: downloads are disabled.");
}

gboolean
networks_check (Networks *networks, const char *name, GError **error)
{
  const char *known = known_name (name);
  g_autofree char *path = known ? rv_network_find (known, TRUE, NULL) : NULL;
  if (path)
    return start (networks, known, NETWORKS_CHECKING, error);
  return studio_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This network is not installed.");
}

/* Appends the latest work on networks->name to the open object @json. Members: state, bytes of a download (done and
 * total), reason of waiting, error without paths, and whether the file was verified. The caller holds the lock. Cannot
 * fail. */
static void
add_state (const Networks *networks, GString *json)
{
  static const char *const states[] = { "idle", "getting", "checking" };
  json_text (json, "state", states[networks->state]);
  if (networks->state == NETWORKS_GETTING) {
    json_int (json, "done", networks->done);
    json_int (json, "total", networks->total);
  }
  if (networks->waiting)
    json_text (json, "waiting", networks->waiting);
  if (networks->error) {
    g_autofree char *plain = pictures_hide_paths (networks->error);
    json_text (json, "error", plain);
  }
  json_bool (json, "verified", networks->is_whole);
}

/* Appends @network, one of rv_net_names(), to the open list @json as an object: name, whether it is built in,
 * installed, published; layers; bytes and license if published. add_state() follows if the latest work was on this
 * network. Takes the lock meanwhile. Cannot fail. */
static void
network_json (Networks *networks, const char *network, GString *json)
{
  g_autoptr (RvSource) source = rv_source_new (network, NULL);
  g_autofree char *file = rv_network_find (network, TRUE, NULL);
  gboolean is_builtin = strcmp (network, "builtin") == 0;
  json_open (json, NULL, '{');
  json_text (json, "name", network);
  json_bool (json, "builtin", is_builtin);
  json_bool (json, "installed", file || is_builtin);
  json_bool (json, "published", source != NULL);
  json_open (json, "facts", '{');
  json_texts (json, "layers", rv_net_layers (network));
  json_close (json, "}");
  if (source) {
    json_int (json, "bytes", source->bytes);
    json_text (json, "license", source->license);
  }
  g_mutex_lock (&networks->lock);
  if (g_strcmp0 (networks->name, network) == 0)
    add_state (networks, json);
  g_mutex_unlock (&networks->lock);
  json_close (json, "}");
}

void
networks_json (Networks *networks, GString *json, const char *name)
{
  g_autoptr (GPtrArray) uploads = pictures_list (networks->pictures, PICTURE_NETWORK, G_MAXUINT);
  json_open (json, name, '[');
  for (guint i = 0; i < uploads->len; i++) {
    const Picture *picture = uploads->pdata[i];
    g_autofree char *facts = pictures_network_json (networks->pictures, picture);
    json_open (json, NULL, '{');
    json_text (json, "name", picture->id); /* the value of the setting `network` of jobs */
    json_text (json, "title", *picture->title ? picture->title : picture->id);
    json_bool (json, "builtin", FALSE);
    json_bool (json, "installed", TRUE);
    json_bool (json, "published", FALSE);
    json_int (json, "bytes", picture->bytes);
    json_raw (json, "facts", facts);
    json_close (json, "}");
  }
  for (int i = 0; rv_net_names ()[i]; i++)
    network_json (networks, rv_net_names ()[i], json);
  json_close (json, "]");
}
