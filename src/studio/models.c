/* models.c -- lists, downloads and checks networks. */
#include "models.h"
#include "json.h"
#include "pictures.h"
#include <reverie/fetch.h>
#include <reverie/networks.h>
#include <reverie/weights.h>
#include <string.h>

typedef enum { MODEL_RESTS, MODEL_GETTING, MODEL_CHECKING } ModelState;

struct _Models {
  GThread *thread; /* the latest; nullable */
  GMutex lock;     /* protects all following members */
  ModelState state;
  const char *name; /* static: network of the current or the latest work */
  gint64 done, total;
  char *waiting, *error; /* reason for waiting; what went wrong; or NULL */
  gboolean stop, is_whole;
};

Models *
models_new (void)
{
  Models *models = g_new0 (Models, 1);
  g_mutex_init (&models->lock);
  return models;
}

void
models_stop (Models *models)
{
  g_mutex_lock (&models->lock);
  models->stop = TRUE;
  g_mutex_unlock (&models->lock);
}

void
models_free (Models *models)
{
  if (!models)
    return;
  models_stop (models);
  g_clear_pointer (&models->thread, g_thread_join);
  g_mutex_clear (&models->lock);
  g_free (models->waiting);
  g_free (models->error);
  g_free (models);
}

/* ---- worker thread ----------------------------------------------------------------------------------------------- */

static gboolean
on_progress (gint64 done, gint64 total, const char *waiting, gpointer user_data)
{
  Models *models = user_data;
  g_mutex_lock (&models->lock);
  models->done = done;
  models->total = total;
  g_free (models->waiting);
  models->waiting = g_strdup (waiting);
  gboolean go_on = !models->stop;
  g_mutex_unlock (&models->lock);
  return go_on;
}

/* Checks the hash of a published file, else that the file contains the network. Reading also caches the converted
 * weights. */
static gboolean
check (const char *name, GError **error)
{
  g_autofree char *path = rv_network_find (name, TRUE, error), *file = path ? g_path_get_basename (path) : NULL;
  g_autoptr (RvSource) source = path ? rv_source_new (name, NULL) : NULL;
  g_autofree char *folder = rv_network_folder ();
  if (!path || (source && strcmp (source->file, file) == 0 && !rv_source_check (source, path, NULL, error)))
    return FALSE;
  g_autoptr (RvTensorMap) weights = rv_weights_load (path, RV_WEIGHTS_CONVOLUTIONS, folder, error);
  g_autoptr (RvNet) net = weights ? rv_net_new (name, weights, error) : NULL;
  return net != NULL;
}

static gboolean
get (Models *models, GError **error)
{
  g_autoptr (RvSource) source = rv_source_new (models->name, error);
  g_autofree char *folder = rv_network_folder ();
  RvFetchOptions options = { .progress = on_progress, .user_data = models };
  g_autofree char *path = source ? rv_fetch (source, folder, &options, error) : NULL;
  g_mutex_lock (&models->lock);
  if (path)
    models->state = MODEL_CHECKING;
  g_mutex_unlock (&models->lock);
  return path != NULL;
}

static gpointer
on_thread (gpointer data)
{
  Models *models = data;
  g_autoptr (GError) error = NULL;
  gboolean here = models->state == MODEL_CHECKING || get (models, &error);
  gboolean is_whole = here && check (models->name, &error);
  g_mutex_lock (&models->lock);
  if (error && !g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED))
    models->error = g_strdup (error->message);
  g_clear_pointer (&models->waiting, g_free);
  models->is_whole = is_whole;
  models->state = MODEL_RESTS;
  g_mutex_unlock (&models->lock);
  return NULL;
}

/* ---- main thread ------------------------------------------------------------------------------------------------- */

/* (static) (nullable): the library's own copy of the name. */
static const char *
known_name (const char *name)
{
  for (int i = 0; rv_net_names ()[i]; i++)
    if (g_strcmp0 (rv_net_names ()[i], name) == 0 && strcmp (name, "builtin") != 0)
      return rv_net_names ()[i];
  return NULL;
}

static gboolean
begin (Models *models, const char *name, ModelState state, GError **error)
{
  const char *known = known_name (name);
  g_mutex_lock (&models->lock);
  gboolean rests = models->state == MODEL_RESTS;
  g_mutex_unlock (&models->lock);
  if (!known)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no network of that name to get.");
  else if (!rests)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "One at a time: %s is under way.", models->name);
  if (!known || !rests)
    return FALSE;
  g_clear_pointer (&models->thread, g_thread_join); /* has ended, or is about to */
  models->name = known;
  models->state = state;
  models->done = models->total = 0;
  models->stop = models->is_whole = FALSE;
  g_clear_pointer (&models->error, g_free);
  models->thread = g_thread_new ("models", on_thread, models);
  return TRUE;
}

gboolean
models_get (Models *models, const char *name, GError **error)
{
  const char *offline = g_getenv ("REVERIE_OFFLINE");
  if (!offline || !*offline || strcmp (offline, "0") == 0)
    return begin (models, name, MODEL_GETTING, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "REVERIE_OFFLINE is set: nothing is downloaded.");
  return FALSE;
}

gboolean
models_check (Models *models, const char *name, GError **error)
{
  const char *known = known_name (name);
  g_autofree char *path = known ? rv_network_find (known, TRUE, NULL) : NULL;
  if (path)
    return begin (models, known, MODEL_CHECKING, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "That network is not here.");
  return FALSE;
}

/* Call with the lock held. */
static void
add_state (const Models *models, GString *json)
{
  static const char *const states[] = { "rests", "getting", "checking" };
  json_text (json, "state", states[models->state]);
  if (models->state == MODEL_GETTING) {
    json_int (json, "done", models->done);
    json_int (json, "total", models->total);
  }
  if (models->waiting)
    json_text (json, "waiting", models->waiting);
  if (models->error) {
    g_autofree char *plain = pictures_plain (models->error);
    json_text (json, "error", plain);
  }
  json_bool (json, "whole", models->is_whole);
}

static void
one_json (Models *models, const char *network, GString *json)
{
  g_autoptr (RvSource) source = rv_source_new (network, NULL);
  g_autofree char *file = rv_network_find (network, TRUE, NULL);
  gboolean is_builtin = strcmp (network, "builtin") == 0;
  json_open (json, NULL, '{');
  json_text (json, "name", network);
  json_bool (json, "builtin", is_builtin);
  json_bool (json, "here", file || is_builtin);
  json_bool (json, "published", source != NULL);
  if (source) {
    json_int (json, "bytes", source->bytes);
    json_text (json, "license", source->license);
  }
  g_mutex_lock (&models->lock);
  if (g_strcmp0 (models->name, network) == 0)
    add_state (models, json);
  g_mutex_unlock (&models->lock);
  json_close (json, '}');
}

void
models_json (Models *models, GString *json, const char *name)
{
  json_open (json, name, '[');
  for (int i = 0; rv_net_names ()[i]; i++)
    one_json (models, rv_net_names ()[i], json);
  json_close (json, ']');
}
