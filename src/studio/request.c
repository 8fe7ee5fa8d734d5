/* request.c -- reads and checks a request; slow work goes to the worker thread. */
#include "arguments.h"
#include "http.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOWEST_BYTES_S (64 << 10) /* slowest accepted upload, after the first IDLE_S */
#define ENDING "The studio is shutting down."
#define MAX_LATER 16 /* requests waiting for the worker thread */

const char *
request_id (const Request *request)
{
  return request->id;
}

const char *
request_path (const Request *request)
{
  return request->path;
}

const char *
request_argument (Request *request, const char *name)
{
  if (!request->json_body)
    return MHD_lookup_connection_value (request->connection, MHD_GET_ARGUMENT_KIND, name);
  char *text = arguments_text (request->json_body, name);
  if (text)
    g_ptr_array_add (request->texts, text);
  return text;
}

char **
request_ids (const Request *request, const char *name)
{
  return arguments_ids (request->json_body, name);
}

const char *
request_header (Request *request, const char *name)
{
  return MHD_lookup_connection_value (request->connection, MHD_HEADER_KIND, name);
}

char *
request_job (const Request *request)
{
  g_autoptr (GVariant) cell = g_variant_lookup_value (request->json_body, "cell", NULL);
  return cell ? arguments_without (request->json_body, "cell") : g_strdup (request->body->str);
}

int
request_take_file (Request *request)
{
  int fd = request->file;
  request->file = -1;
  lseek (fd, 0, SEEK_SET);
  return fd;
}

void
request_resume (Request *request)
{
  MHD_resume_connection (request->connection);
  listeners_wake (request->server);
}

/* ---- access ------------------------------------------------------------------------------------------------------ */

static enum MHD_Result
count_header (void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
  Head *head = cls;
  head->n_hosts += g_ascii_strcasecmp (key, MHD_HTTP_HEADER_HOST) == 0;
  head->n_lengths += g_ascii_strcasecmp (key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
  return MHD_YES;
}

/* Fields of the request that the access rules check; a header that is missing is NULL. Texts are borrowed: @method and
 * @path from the caller, the others from the connection. Cannot fail. */
static Head
head_of (Request *request, const char *method, const char *path)
{
  Head head = { .method = method, .path = path };
  head.host = request_header (request, MHD_HTTP_HEADER_HOST);
  head.origin = request_header (request, "Origin");
  head.cookie = request_header (request, MHD_HTTP_HEADER_COOKIE);
  head.authorization = request_header (request, MHD_HTTP_HEADER_AUTHORIZATION);
  head.marker = request_header (request, "X-Reverie");
  head.type = request_header (request, MHD_HTTP_HEADER_CONTENT_TYPE);
  head.length = request_header (request, MHD_HTTP_HEADER_CONTENT_LENGTH);
  head.coding = request_header (request, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  head.n_arguments = MHD_get_connection_values (request->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL);
  MHD_get_connection_values (request->connection, MHD_HEADER_KIND, count_header, &head);
  return head;
}

/* Checks the head, and sets route and id. Returns 0, or the HTTP status of a refusal with request->why. */
static int
check_head (Request *request, const Head *head)
{
  const AccessConfig *config = request->server->config;
  int status = guard_access (head, config, &request->why);
  if (status)
    return status;
  const char *method = strcmp (head->method, "HEAD") == 0 ? "GET" : head->method; /* libmicrohttpd omits the body */
  gboolean is_known = FALSE;
  for (const Route *route = request->server->routes; !request->route && route->method; route++)
    if (guard_path (route->path, head->path, request->id)) {
      is_known = TRUE;
      request->route = strcmp (route->method, method) == 0 ? route : NULL;
    }
  if (!request->route) {
    request->why = is_known ? "This method is not allowed here." : "This address does not exist.";
    return is_known ? 405 : 404;
  }
  return guard_check (head, config, &request->route->rules, &request->why);
}

int
open_unnamed_file (int folder)
{
  int fd = folder >= 0 ? openat (folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
                       : open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || folder < 0)
    return fd >= 0 ? fd : memfd_create ("picture", MFD_CLOEXEC);
  g_autofree char *name = g_strdup_printf ("half-%08x", g_random_int ()); /* a file system without O_TMPFILE */
  fd = openat (folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlinkat (folder, name, 0);
  return fd;
}

/* (transfer full): a request whose head is checked. Its status is 0, or the HTTP status of the refusal, with the reason
 * in request->why. For an upload opens a file without a name; 503 if that fails. Sets the connection's deadline. Never
 * NULL. Freed by request_on_completed(). */
static Request *
request_new (Server *server, struct MHD_Connection *connection, const char *method, const char *path)
{
  Request *request = g_new0 (Request, 1);
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  request->server = server;
  request->connection = connection;
  request->peer = info->socket_context;
  request->file = -1;
  request->path = g_strdup (path);
  request->body = g_string_new (NULL);
  request->headers = g_ptr_array_new_with_free_func (g_free);
  request->texts = g_ptr_array_new_with_free_func (g_free);
  Head head = head_of (request, method, path);
  request->n_announced = guard_length (&head);
  request->status = check_head (request, &head);
  BodyType body = request->status ? BODY_NONE : request->route->rules.body;
  if (body == BODY_PICTURE || body == BODY_LARGE)
    request->file = open_unnamed_file (body == BODY_LARGE ? server->config->folder : -1);
  if ((body == BODY_PICTURE || body == BODY_LARGE) && request->file < 0) {
    request->status = 503;
    request->why = errno == EMFILE || errno == ENFILE ? "Too many uploads at once. Try again later."
                                                      : "The studio cannot write to its folder.";
  }
  gint64 timeout_s = IDLE_S + MAX (request->n_announced, 0) / SLOWEST_BYTES_S;
  request->peer->deadline_us = g_get_monotonic_time () + timeout_s * G_USEC_PER_SEC;
  return request;
}

/* ---- worker thread ----------------------------------------------------------------------------------------------- */

/* GSourceFunc after request_work(), in the main loop; @data: the Request. Resumes the connection, which then replies
 * the result. */
static gboolean
on_worked (gpointer data)
{
  Request *request = data;
  request->waiting = FALSE;
  request_resume (request); /* libmicrohttpd calls request_on_data() again, and answer() replies the result */
  return G_SOURCE_REMOVE;
}

void
request_work (gpointer data, gpointer user_data)
{
  Request *request = data;
  request->made = request->work (request->work_data, &request->error);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_worked, request, NULL);
}

void
request_later (Request *request, WorkFunc func, gpointer data, GDestroyNotify destroy, const char *type, gboolean cache)
{
  if (g_thread_pool_unprocessed (request->server->pool) >= MAX_LATER) {
    destroy (data);
    reply_error (request, 503, NULL, "The studio is busy. Try again later.");
    return;
  }
  request->work = func;
  request->work_data = data;
  request->work_destroy = destroy;
  request->work_type = type;
  request->work_cache = cache;
  request->waiting = TRUE;
  request->queued = MHD_YES;
  request->peer->deadline_us = G_MAXINT64; /* no timeout while it waits for the worker */
  MHD_suspend_connection (request->connection);
  g_thread_pool_push (request->server->pool, request, NULL);
}

/* ---- callbacks --------------------------------------------------------------------------------------------------- */

/* Appends @size received bytes to the body or the file; ignores them once the request is refused. Sets status and why:
 * 413 if there are more than Content-Length, 503 if the file cannot be written. */
static void
store_body (Request *request, const char *data, gsize size)
{
  request->n_received += (gint64) size;
  if (request->status)
    return;
  if (request->n_received > MAX (request->n_announced, 0))
    request->status = 413, request->why = "The body is longer than its Content-Length.";
  else if (request->file < 0)
    g_string_append_len (request->body, data, (gssize) size);
  else if (write (request->file, data, size) != (ssize_t) size) /* only a full disk shortens it */
    request->status = 503, request->why = "There is no space for the upload. Free disk space first.";
}

/* Replies the result of the work, the refusal, 503 while the server is closing, or 422 for a wrong JSON body; else runs
 * the route, which replies or starts work. Returns request->queued, for libmicrohttpd. */
static enum MHD_Result
answer (Request *request)
{
  GError *error = NULL;
  if (request->made) /* by work; POST creates something */
    reply_bytes (request, strcmp (request->route->method, "POST") == 0 ? 201 : 200, request->work_type, request->made,
                 request->work_cache);
  else if (request->error)
    reply_gerror (request, g_steal_pointer (&request->error));
  else if (request->status)
    reply_error (request, request->status, NULL, request->why);
  else if (!request->server->pool) /* closing: the data of routes is freed */
    reply_error (request, 503, NULL, ENDING);
  else if (request->route->rules.body == BODY_JSON &&
           !(request->json_body =
               arguments_read (request->body->str, request->body->len, request->route->arguments, &error)))
    reply_gerror (request, error);
  else
    request->route->run (request, request->server->user_data);
  return request->queued;
}

enum MHD_Result
request_on_data (void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                 const char *data, size_t *size, void **con_cls)
{
  Request *request = *con_cls;
  if (!request) {
    *con_cls = request = request_new (cls, connection, method, url);
    return request->status ? answer (request) : MHD_YES;
  }
  if (*size > 0) {
    store_body (request, data, *size);
    *size = 0;
    return MHD_YES;
  }
  return request->waiting ? MHD_YES : answer (request);
}

void
request_on_completed (void *cls, struct MHD_Connection *connection, void **con_cls,
                      enum MHD_RequestTerminationCode code)
{
  Request *request = *con_cls;
  if (!request)
    return;
  request->peer->deadline_us = g_get_monotonic_time () + IDLE_S * G_USEC_PER_SEC;
  if (request->file >= 0)
    close (request->file);
  if (request->work_destroy)
    request->work_destroy (request->work_data);
  g_clear_pointer (&request->made, g_bytes_unref);
  g_clear_error (&request->error);
  g_string_free (request->body, TRUE);
  g_free (request->path);
  g_ptr_array_unref (request->headers);
  g_ptr_array_unref (request->texts);
  g_clear_pointer (&request->json_body, g_variant_unref);
  g_free (request);
  *con_cls = NULL;
}
