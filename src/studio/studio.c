/* studio.c -- the studio: folder, lock, address, server. */
#include "studio.h"
#include "api.h"
#include "task-files.h"
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS "address" /* file name; readable by its user only */
#define EXAMPLES "/org/reverie/studio/examples"

struct _Studio {
  Api api;
  AccessConfig config;
  char token[TOKEN_LENGTH + 1];
  char *listen, *address;
  int lock;
};

/* ---- address ----------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): contents of the address file. NULL: missing or empty, of another user, or others can read
 * it. */
static char *
read_address (const Pictures *pictures)
{
  struct stat info;
  char text[256];
  int fd = openat (pictures_hidden_folder (pictures), ADDRESS, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  gboolean ours = fd >= 0 && fstat (fd, &info) == 0 && info.st_uid == getuid () && !(info.st_mode & 077);
  ssize_t n = ours ? read (fd, text, sizeof text - 1) : -1;
  if (fd >= 0)
    close (fd);
  return n > 0 ? g_strstrip (g_strndup (text, (gsize) n)) : NULL;
}

/* (transfer full): the page's address: "http://HOST:PORT/#t=" and @token. */
static char *
address_with (const Studio *studio, const char *token)
{
  const char *host = studio->listen ? studio->listen : "127.0.0.1";
  gboolean six = strchr (host, ':') != NULL;
  return g_strdup_printf ("http://%s%s%s:%d/#t=%s", six ? "[" : "", host, six ? "]" : "", studio->config.port, token);
}

/* Sets studio->token. Reuses the token of a killed studio if the port is the same: open pages continue to work. On
 * another port makes a new one: open pages send the old one to the program that now has the old port.
 * G_IO_ERROR_FAILED: no random numbers. */
static gboolean
choose_token (Studio *studio, GError **error)
{
  g_autofree char *old = read_address (studio->api.pictures), *ours = address_with (studio, "");
  const char *token = old && g_str_has_prefix (old, ours) ? old + strlen (ours) : "";
  gboolean ok = guard_is_token (token);
  if (ok)
    g_strlcpy (studio->token, token, sizeof studio->token);
  else if (!(ok = guard_new_token (studio->token)))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot read random numbers for the token");
  return ok;
}

/* ---- examples ---------------------------------------------------------------------------------------------------- */

/* Adds the example pictures, resources of the program. Errors are ignored. */
static void
add_examples (Pictures *pictures)
{
  g_auto (GStrv) names = g_resources_enumerate_children (EXAMPLES, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  for (int i = 0; names && names[i]; i++) {
    g_autofree char *path = g_strconcat (EXAMPLES "/", names[i], NULL),
                    *title = g_strndup (names[i], strcspn (names[i], "."));
    g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    int fd = bytes ? open_unnamed_file (-1) : -1;
    gsize size = 0;
    const void *data = bytes ? g_bytes_get_data (bytes, &size) : NULL;
    if (fd >= 0 && write (fd, data, size) == (gssize) size)
      picture_free (pictures_add (pictures, fd, title, PICTURE_EXAMPLE, NULL, NULL));
    else if (fd >= 0)
      close (fd);
  }
}

/* ---- new and free ------------------------------------------------------------------------------------------------ */

/* Creates the parts of the studio around its open folder, listens, and writes the address to a file that only the user
 * can read. Restores the queue, which may start a task, and begins to answer requests. The main loop must run then.
 * After an error the caller frees the parts that exist. */
static gboolean
start (Studio *studio, GError **error)
{
  Api *api = &studio->api;
  api->config = &studio->config;
  api->epoch = g_strdup_printf ("%08x", g_random_int ());
  api->networks = networks_new (api->pictures);
  api->models = models_new (api->pictures);
  studio->config.folder = pictures_folder_of (api->pictures, PICTURE_VIDEO);
  add_examples (api->pictures);
  if (!(api->server = server_new (studio->listen, &studio->config.port, error)) || !choose_token (studio, error))
    return FALSE;
  unlinkat (pictures_hidden_folder (api->pictures), API_CODE_FILE, 0); /* for an earlier studio */
  g_autofree char *address = address_with (studio, studio->token), *line = g_strconcat (address, "\n", NULL);
  if (!task_files_write (api->pictures, ADDRESS, line, error))
    return FALSE;
  studio->address = g_steal_pointer (&address);
  api->queue = queue_new (api->pictures, api_on_task_changed, api);
  return server_start (api->server, &studio->config, api_routes, api, error);
}

Studio *
studio_new (const StudioOptions *options, char **address, GError **error)
{
  Studio *studio = g_new0 (Studio, 1);
  g_autoptr (GInetAddress) listen = options->listen ? g_inet_address_new_from_string (options->listen) : NULL;
  studio->lock = -1;
  /* Browsers send the canonical text as the host. */
  studio->listen = listen ? g_inet_address_to_string (listen) : g_strdup (options->listen);
  studio->config = (AccessConfig){ .port = options->port,
                                   .address = studio->listen,
                                   .token = studio->token,
                                   .max_bytes = options->max_bytes,
                                   .max_large_bytes = options->max_large_bytes,
                                   .folder = -1 };
  *address = NULL;
  studio->api.pictures = pictures_new (options->folder, error);
  if (studio->api.pictures)
    studio->lock =
      openat (pictures_hidden_folder (studio->api.pictures), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (studio->lock >= 0 && flock (studio->lock, LOCK_EX | LOCK_NB) != 0) /* another studio uses the folder */
    *address = read_address (studio->api.pictures);
  else if (studio->api.pictures && start (studio, error))
    return studio;
  studio_free (studio);
  return NULL;
}

const char *
studio_address (const Studio *studio)
{
  return studio->address;
}

char *
studio_address_once (const char *folder, const char *address)
{
  char code[TOKEN_LENGTH + 1];
  gboolean ok = guard_new_token (code);
  g_autofree char *line = g_strdup_printf ("%s %" G_GINT64_FORMAT "\n", code, g_get_monotonic_time ());
  Pictures *pictures = ok ? pictures_new (folder, NULL) : NULL;
  ok = pictures && task_files_write (pictures, API_CODE_FILE, line, NULL);
  pictures_free (pictures);
  return g_strdup_printf ("%.*s%s%s", (int) strcspn (address, "#"), address, ok ? "#c=" : "", ok ? code : "");
}

void
studio_free (Studio *studio)
{
  if (!studio)
    return;
  if (studio->address) /* the token is now invalid */
    unlinkat (pictures_hidden_folder (studio->api.pictures), ADDRESS, 0);
  queue_free (studio->api.queue);
  networks_free (studio->api.networks);
  server_free (studio->api.server);
  models_free (studio->api.models);
  pictures_free (studio->api.pictures);
  if (studio->lock >= 0)
    close (studio->lock);
  g_free (studio->api.epoch);
  g_free (studio->listen);
  g_free (studio->address);
  g_free (studio);
}
