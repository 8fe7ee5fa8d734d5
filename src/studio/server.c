/* server.c -- HTTP by libmicrohttpd: its epoll descriptor is a source of the program's loop. Connections are few and
 * short-lived unless they do what they came for: whoever is slow is cut off. */
#include "server.h"
#include "json.h"
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <reverie/error.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CONNECTIONS 32
#define MOST_OF_A_PEER 8
#define MOST_STREAMS 4        /* a fifth one ends the first, which asks again if anybody is there */
#define POOL_BYTES (24 << 10) /* of a connection: what its head may take, 16 KB, and what is said of it */
#define IDLE_S 30
#define SLOWEST_BYTES_S (64 << 10) /* of a sender, once its first IDLE_S are over */
#define REPLY_S 600                /* for taking a reply, other than a stream */
#define HEARTBEAT_S 15             /* of silence in a stream */
#define PORTS_TRIED 64
#define MOST_LATER 16 /* waiting for the other thread */

/* A listening socket and what answers there. */
typedef struct {
  GSource source;
  struct MHD_Daemon *daemon;
  gpointer tag;
  gboolean resumed; /* a connection goes on: libmicrohttpd's descriptor does not say so */
} Listener;

typedef struct {
  Server *server;
  struct MHD_Connection *connection;
  int fd;
  gint64 until_us; /* when it is cut off, unless something happens before */
} Peer;

typedef struct {
  Server *server;
  Request *request; /* gone before the stream is freed */
  gconstpointer about;
  StreamFunc next;
  gpointer data;
  GDestroyNotify destroy;
  GString *text; /* to be sent, from @sent on */
  gsize sent;
  gint64 spoke_us;
  gboolean suspended, over;
} Stream;

struct _Server {
  int sockets[2];
  Listener *listeners[2];
  const Door *door;
  const Route *routes;
  gpointer user_data;
  GPtrArray *peers, *streams; /* borrowed: libmicrohttpd's connections have them */
  GThreadPool *pool;
  guint tick;
};

struct _Request {
  Server *server;
  struct MHD_Connection *connection;
  const Route *route;
  Peer *peer;
  int status; /* of a refusal; 0: it is welcome */
  const char *why;
  char *path;
  char id[TOKEN_LENGTH + 1];
  GString *body;
  int file;
  gint64 came, announced;
  GPtrArray *headers; /* names and values in turn, for the reply */
  gboolean asked, waiting;
  enum MHD_Result queued;
  WorkFunc work;
  gpointer work_data;
  GDestroyNotify work_destroy;
  const char *work_type;
  gboolean work_cache;
  GBytes *made;
  GError *error;
};

/* What waited goes on, once the loop comes by. */
static void
resume (Request *request)
{
  MHD_resume_connection (request->connection);
  for (int i = 0; i < 2; i++)
    if (request->server->listeners[i])
      request->server->listeners[i]->resumed = TRUE;
}

/* ---- replies ----------------------------------------------------------------------------------------------------- */

static const char *const always[] = {
  "Content-Security-Policy",
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "no-referrer",
  "Cross-Origin-Resource-Policy",
  "same-origin",
  "Cross-Origin-Opener-Policy",
  "same-origin",
  NULL,
};

void
reply_header (Request *request, const char *name, const char *value)
{
  g_ptr_array_add (request->headers, g_strdup (name));
  g_ptr_array_add (request->headers, g_strdup (value));
}

static void
queue (Request *request, int status, struct MHD_Response *response, const char *type, gboolean cache)
{
  for (int i = 0; always[i]; i += 2)
    MHD_add_response_header (response, always[i], always[i + 1]);
  for (guint i = 0; i < request->headers->len; i += 2)
    MHD_add_response_header (response, request->headers->pdata[i], request->headers->pdata[i + 1]);
  if (type)
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  MHD_add_response_header (response, MHD_HTTP_HEADER_CACHE_CONTROL,
                           cache ? "private, max-age=31536000, immutable" : "no-store");
  if (request->status) /* whoever is refused has perhaps more to send */
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONNECTION, "close");
  request->queued = MHD_queue_response (request->connection, (unsigned int) status, response);
  MHD_destroy_response (response);
  request->peer->until_us = g_get_monotonic_time () + REPLY_S * G_USEC_PER_SEC;
}

static void
free_bytes (void *bytes)
{
  g_bytes_unref (bytes);
}

static void
queue_bytes (Request *request, int status, const char *type, GBytes *bytes, gboolean cache)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  struct MHD_Response *response =
    MHD_create_response_from_buffer_with_free_callback_cls (size, (void *) data, free_bytes, g_bytes_ref (bytes));
  queue (request, status, response, type, cache);
}

void
reply_bytes (Request *request, const char *type, GBytes *bytes, gboolean cache)
{
  queue_bytes (request, 200, type, bytes, cache);
}

void
reply_json (Request *request, int status, GString *json)
{
  g_autoptr (GBytes) bytes = g_string_free_to_bytes (json);
  queue_bytes (request, status, "application/json", bytes, FALSE);
}

void
reply_empty (Request *request)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  queue_bytes (request, 204, NULL, nothing, FALSE);
}

static void
add_error (GString *json, const char *option, const char *sentence)
{
  json_open (json, NULL, '{');
  json_text (json, "error", sentence);
  json_text (json, "option", option);
  json_close (json, '}');
}

void
reply_error (Request *request, int status, const char *option, const char *sentence)
{
  GString *json = g_string_new (NULL);
  add_error (json, option, sentence);
  reply_json (request, status, json);
}

/* What was asked for is wrong; there is no room for it; or something is wrong here. */
static int
status_of (const GError *error)
{
  if (error->domain == G_IO_ERROR)
    return error->code == G_IO_ERROR_NOT_FOUND  ? 404
           : error->code == G_IO_ERROR_BUSY     ? 409
           : error->code == G_IO_ERROR_NO_SPACE ? 503
                                                : 500;
  if (error->domain != RV_ERROR)
    return 500;
  return error->code == RV_ERROR_MEMORY ? 503 : error->code == RV_ERROR_BACKEND ? 500 : 422;
}

void
reply_gerror (Request *request, GError *error)
{
  reply_error (request, status_of (error), error->domain == RV_ERROR ? rv_error_option (error) : NULL, error->message);
  g_error_free (error);
}

/* The bytes from *first to *last that are asked for, of @size: "bytes=0-", "bytes=100-199" or "bytes=-100". FALSE: all
 * of them, as where somebody asks for several pieces. */
static gboolean
find_range (Request *request, guint64 size, guint64 *first, guint64 *last)
{
  const char *text = request_header (request, MHD_HTTP_HEADER_RANGE);
  g_auto (GStrv) ends =
    text && g_str_has_prefix (text, "bytes=") ? g_strsplit (text + strlen ("bytes="), "-", 3) : NULL;
  guint64 from = 0, to = G_MAXINT64;
  if (!ends || g_strv_length (ends) != 2 || (!*ends[0] && !*ends[1]) ||
      (*ends[0] && !g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXINT64, &from, NULL)) ||
      (*ends[1] && !g_ascii_string_to_unsigned (ends[1], 10, 0, G_MAXINT64, &to, NULL)) || from > to || size == 0)
    return FALSE;
  *first = *ends[0] ? from : size - MIN (to, size);
  *last = *ends[0] ? MIN (to, size - 1) : size - 1;
  return TRUE;
}

void
reply_fd (Request *request, const char *type, int fd, const char *name, gboolean cache)
{
  off_t size = lseek (fd, 0, SEEK_END);
  guint64 first = 0, last = (guint64) MAX (size, 1) - 1;
  gboolean part = size >= 0 && find_range (request, (guint64) size, &first, &last);
  if (part && first > last) {
    close (fd);
    reply_error (request, 416, NULL, "The file ends before that.");
    return;
  }
  guint64 length = size > 0 ? last - first + 1 : 0;
  struct MHD_Response *response = size < 0 ? NULL : MHD_create_response_from_fd_at_offset64 (length, fd, first);
  if (!response) {
    close (fd);
    reply_error (request, 500, NULL, "The picture cannot be read.");
    return;
  }
  MHD_add_response_header (response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
  if (part) {
    g_autofree char *range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GINT64_FORMAT,
                                              first, last, (gint64) size);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
  }
  if (name) {
    g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
    g_autofree char *value = g_strdup_printf ("attachment; filename*=UTF-8''%s", escaped);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, value);
  }
  queue (request, part ? 206 : 200, response, type, cache);
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

static void
stream_resume (Stream *stream)
{
  if (!stream->suspended)
    return;
  stream->suspended = FALSE;
  resume (stream->request);
}

void
stream_wake (Server *server, gconstpointer about)
{
  for (guint i = 0; i < server->streams->len; i++) {
    Stream *stream = server->streams->pdata[i];
    if (!about || stream->about == about)
      stream_resume (stream);
  }
}

static void
stream_fill (Stream *stream)
{
  gint64 now_us = g_get_monotonic_time ();
  g_string_truncate (stream->text, 0);
  stream->sent = 0;
  stream->over |= !stream->next (stream->data, stream->text);
  if (stream->text->len == 0 && !stream->over && now_us - stream->spoke_us >= HEARTBEAT_S * G_USEC_PER_SEC)
    g_string_append (stream->text, ":\n\n");
  if (stream->text->len > 0)
    stream->spoke_us = now_us;
}

static ssize_t
on_read (void *cls, uint64_t position, char *buffer, size_t most)
{
  Stream *stream = cls;
  if (stream->sent == stream->text->len && !stream->over)
    stream_fill (stream);
  gsize n = MIN (most, stream->text->len - stream->sent);
  memcpy (buffer, stream->text->str + stream->sent, n);
  stream->sent += n;
  if (n == 0 && stream->over)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (n == 0) {
    stream->suspended = TRUE;
    MHD_suspend_connection (stream->request->connection);
  }
  return (ssize_t) n;
}

static void
stream_free (void *cls)
{
  Stream *stream = cls;
  g_ptr_array_remove (stream->server->streams, stream);
  stream->destroy (stream->data);
  g_string_free (stream->text, TRUE);
  g_free (stream);
}

void
reply_stream (Request *request, gconstpointer about, StreamFunc next, gpointer data, GDestroyNotify destroy)
{
  GPtrArray *streams = request->server->streams;
  if (streams->len >= MOST_STREAMS) {
    Stream *oldest = streams->pdata[0];
    oldest->over = TRUE;
    stream_resume (oldest);
  }
  Stream *stream = g_new0 (Stream, 1);
  *stream = (Stream){
    .server = request->server, .request = request, .about = about, .next = next, .data = data, .destroy = destroy
  };
  stream->text = g_string_new ("retry: 1000\n\n");
  stream->spoke_us = g_get_monotonic_time ();
  g_ptr_array_add (streams, stream);
  struct MHD_Response *response =
    MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, 4096, on_read, stream, stream_free);
  queue (request, 200, response, "text/event-stream", FALSE);
  request->peer->until_us = G_MAXINT64;
}

/* Whoever went away while nothing was said is let go of. */
static gboolean
is_gone (const Peer *peer)
{
  char byte;
  ssize_t n = recv (peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void
look_at_streams (Server *server, gint64 now_us)
{
  for (guint i = 0; i < server->streams->len; i++) {
    Stream *stream = server->streams->pdata[i];
    stream->over |= is_gone (stream->request->peer);
    if (stream->over || now_us - stream->spoke_us >= HEARTBEAT_S * G_USEC_PER_SEC)
      stream_resume (stream);
  }
}

/* ---- later ------------------------------------------------------------------------------------------------------- */

static gboolean
on_worked (gpointer data)
{
  Request *request = data;
  request->waiting = FALSE;
  resume (request); /* it is asked once more, and finds what was made */
  return G_SOURCE_REMOVE;
}

/* On a thread of the pool. */
static void
work (gpointer data, gpointer user_data)
{
  Request *request = data;
  request->made = request->work (request->work_data, &request->error);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_worked, request, NULL);
}

void
request_later (Request *request, WorkFunc func, gpointer data, GDestroyNotify destroy, const char *type, gboolean cache)
{
  if (g_thread_pool_unprocessed (request->server->pool) >= MOST_LATER) {
    destroy (data);
    reply_error (request, 503, NULL, "The studio has too much to do at this moment.");
    return;
  }
  request->work = func;
  request->work_data = data;
  request->work_destroy = destroy;
  request->work_type = type;
  request->work_cache = cache;
  request->waiting = TRUE;
  request->queued = MHD_YES;
  request->peer->until_us = G_MAXINT64; /* it waits for us */
  MHD_suspend_connection (request->connection);
  g_thread_pool_push (request->server->pool, request, NULL);
}

static void
reply_worked (Request *request)
{
  if (request->made) /* what is sent makes something */
    queue_bytes (request, strcmp (request->route->method, "POST") == 0 ? 201 : 200, request->work_type, request->made,
                 request->work_cache);
  else
    reply_gerror (request, g_steal_pointer (&request->error));
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

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
request_query (Request *request, const char *name)
{
  return MHD_lookup_connection_value (request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *
request_header (Request *request, const char *name)
{
  return MHD_lookup_connection_value (request->connection, MHD_HEADER_KIND, name);
}

const char *
request_body (const Request *request, gsize *length)
{
  *length = request->body->len;
  return request->body->str;
}

int
request_take_file (Request *request)
{
  int fd = request->file;
  request->file = -1;
  lseek (fd, 0, SEEK_SET);
  return fd;
}

static enum MHD_Result
count (void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
  Head *head = cls;
  head->n_hosts += g_ascii_strcasecmp (key, MHD_HTTP_HEADER_HOST) == 0;
  head->n_lengths += g_ascii_strcasecmp (key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
  return MHD_YES;
}

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
  MHD_get_connection_values (request->connection, MHD_HEADER_KIND, count, &head);
  return head;
}

/* (nullable): the row; *status says why there is none. */
static const Route *
find_route (const Route *routes, const Head *head, char *id, int *status)
{
  *status = 404;
  for (const Route *route = routes; route->method; route++)
    if (guard_path (route->path, head->path, id)) {
      if (strcmp (route->method, head->method) == 0)
        return route;
      *status = 405;
    }
  return NULL;
}

/* What its head alone decides. */
static int
judge (Request *request, const Head *head)
{
  const Door *door = request->server->door;
  int status = guard_door (head, door, &request->why);
  if (status)
    return status;
  request->route = find_route (request->server->routes, head, request->id, &status);
  if (!request->route) {
    request->why = status == 404 ? "There is nothing of that name." : "That cannot be done with it.";
    return status;
  }
  return guard_check (head, door, &request->route->wanted, &request->why);
}

/* On a file system without files that have no name. */
static int
open_unlinked (int folder)
{
  g_autofree char *name = g_strdup_printf ("half-%08x", g_random_int ());
  int fd = openat (folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlinkat (folder, name, 0);
  return fd;
}

int
open_nameless (int folder)
{
  int fd = folder >= 0 ? openat (folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
                       : open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd >= 0 ? fd : folder >= 0 ? open_unlinked (folder) : memfd_create ("picture", MFD_CLOEXEC);
}

/* What is sent is kept where it takes no memory of ours. */
static void
expect_body (Request *request)
{
  BodyType body = request->route->wanted.body;
  if (body != BODY_PICTURE && body != BODY_FILM)
    return;
  request->file = open_nameless (body == BODY_FILM ? request->server->door->folder : -1);
  if (request->file < 0) {
    request->status = 503;
    request->why = "There is no room for another picture at this moment.";
  }
}

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
  Head head = head_of (request, method, path);
  request->announced = guard_length (&head);
  request->status = judge (request, &head);
  if (!request->status)
    expect_body (request);
  gint64 allowed_s = IDLE_S + MAX (request->announced, 0) / SLOWEST_BYTES_S;
  request->peer->until_us = g_get_monotonic_time () + allowed_s * G_USEC_PER_SEC;
  return request;
}

static gboolean
write_all (int fd, const char *data, gsize size)
{
  while (size > 0) {
    ssize_t n = write (fd, data, size);
    if (n < 0 && errno != EINTR)
      return FALSE;
    data += MAX (n, 0);
    size -= (gsize) MAX (n, 0);
  }
  return TRUE;
}

/* No more than was announced: libmicrohttpd looks after that. */
static void
take (Request *request, const char *data, gsize size)
{
  request->came += (gint64) size;
  if (request->status)
    return;
  if (request->came > MAX (request->announced, 0))
    request->status = 413, request->why = "More came than was announced.";
  else if (request->file < 0)
    g_string_append_len (request->body, data, (gssize) size);
  else if (!write_all (request->file, data, size))
    request->status = 503, request->why = "There is no room for another picture at this moment.";
}

static enum MHD_Result
answer (Request *request)
{
  if (request->made || request->error)
    reply_worked (request);
  else if (request->status)
    reply_error (request, request->status, NULL, request->why);
  else if (!request->server->pool) /* whom routes ask has gone */
    reply_error (request, 503, NULL, "The studio is ending.");
  else
    request->route->run (request, request->server->user_data);
  return request->queued;
}

static enum MHD_Result
on_request (void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
            const char *data, size_t *size, void **con_cls)
{
  Request *request = *con_cls;
  if (!request) {
    *con_cls = request = request_new (cls, connection, method, url);
    return request->status ? answer (request) : MHD_YES;
  }
  if (*size > 0) {
    take (request, data, *size);
    *size = 0;
    return MHD_YES;
  }
  return request->waiting ? MHD_YES : answer (request);
}

static void
on_completed (void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode code)
{
  Request *request = *con_cls;
  if (!request)
    return;
  request->peer->until_us = g_get_monotonic_time () + IDLE_S * G_USEC_PER_SEC;
  if (request->file >= 0)
    close (request->file);
  if (request->work_destroy)
    request->work_destroy (request->work_data);
  g_clear_pointer (&request->made, g_bytes_unref);
  g_clear_error (&request->error);
  g_string_free (request->body, TRUE);
  g_free (request->path);
  g_ptr_array_unref (request->headers);
  g_free (request);
  *con_cls = NULL;
}

/* ---- connections ------------------------------------------------------------------------------------------------- */

/* A connection that takes too long is shut: libmicrohttpd then finds its end. */
static gboolean
on_tick (gpointer data)
{
  Server *server = data;
  gint64 now_us = g_get_monotonic_time ();
  look_at_streams (server, now_us);
  for (guint i = 0; i < server->peers->len; i++) {
    Peer *peer = server->peers->pdata[i];
    if (now_us > peer->until_us)
      shutdown (peer->fd, SHUT_RDWR);
  }
  if (server->peers->len > 0)
    return G_SOURCE_CONTINUE;
  server->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
on_connection (void *cls, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
  Server *server = cls;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    g_ptr_array_remove (server->peers, *context);
    g_free (*context);
    return;
  }
  Peer *peer = *context = g_new0 (Peer, 1);
  peer->server = server;
  peer->connection = connection;
  peer->fd = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  peer->until_us = g_get_monotonic_time () + IDLE_S * G_USEC_PER_SEC;
  g_ptr_array_add (server->peers, peer);
  if (!server->tick)
    server->tick = g_timeout_add_seconds (1, on_tick, server);
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

static gboolean
listener_prepare (GSource *source, int *timeout_ms)
{
  MHD_UNSIGNED_LONG_LONG ms;
  *timeout_ms = -1;
  if (MHD_get_timeout (((Listener *) source)->daemon, &ms) == MHD_YES)
    *timeout_ms = (int) MIN (ms, 60000);
  return *timeout_ms == 0 || ((Listener *) source)->resumed;
}

static gboolean
listener_check (GSource *source)
{
  int timeout_ms;
  return g_source_query_unix_fd (source, ((Listener *) source)->tag) || listener_prepare (source, &timeout_ms);
}

static gboolean
listener_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  Listener *listener = (Listener *) source;
  listener->resumed = FALSE;
  MHD_run (listener->daemon);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs listener_funcs = { listener_prepare, listener_check, listener_dispatch, NULL, NULL, NULL };

static Listener *
listener_new (Server *server, int socket, GError **error)
{
  struct MHD_Daemon *daemon =
    MHD_start_daemon (MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server,
                      MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_CONNECTION_LIMIT, (unsigned int) MOST_CONNECTIONS,
                      MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int) MOST_OF_A_PEER, MHD_OPTION_CONNECTION_TIMEOUT,
                      (unsigned int) IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) POOL_BYTES,
                      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                      MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
  if (!daemon) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the studio's server does not start");
    return NULL;
  }
  Listener *listener = (Listener *) g_source_new (&listener_funcs, sizeof (Listener));
  listener->daemon = daemon;
  int fd = MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  listener->tag = g_source_add_unix_fd (&listener->source, fd, G_IO_IN);
  g_source_attach (&listener->source, NULL);
  return listener;
}

static void
listener_free (Listener *listener)
{
  g_source_destroy (&listener->source);
  MHD_stop_daemon (listener->daemon);
  g_source_unref (&listener->source);
}

/* ---- sockets ----------------------------------------------------------------------------------------------------- */

/* A socket that listens there and nowhere else, or -1 with errno. */
static int
listen_at (const char *text, int port)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr (GSocketAddress) whole = g_inet_socket_address_new (address, (guint16) port);
  struct sockaddr_storage storage;
  socklen_t size = (socklen_t) g_socket_address_get_native_size (whole);
  g_socket_address_to_native (whole, &storage, sizeof storage, NULL);
  int one = 1, fd = socket (storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (storage.ss_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *) &storage, size) == 0 && listen (fd, MOST_CONNECTIONS) == 0)
    return fd;
  int code = errno;
  close (fd);
  errno = code;
  return -1;
}

/* Both of this machine's addresses, or the one that is there: a browser may take "localhost" for either, and whoever
 * has the other shall not be taken for us. */
static gboolean
listen_here (Server *server, int port)
{
  server->sockets[0] = listen_at ("127.0.0.1", port);
  if (server->sockets[0] < 0)
    return FALSE;
  server->sockets[1] = listen_at ("::1", port);
  if (server->sockets[1] >= 0 || errno != EADDRINUSE)
    return TRUE;
  close (server->sockets[0]);
  server->sockets[0] = -1;
  errno = EADDRINUSE;
  return FALSE;
}

Server *
server_new (const char *address, int *port, GError **error)
{
  g_autoptr (GInetAddress) known = address ? g_inet_address_new_from_string (address) : NULL;
  if (address && (!known || g_inet_address_get_is_any (known))) { /* "any" is no name that a request could have */
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "'listen' is an address of this machine such as 192.168.1.5, not %s", address);
    return NULL;
  }
  Server *server = g_new0 (Server, 1);
  server->sockets[0] = server->sockets[1] = -1;
  server->peers = g_ptr_array_new ();
  server->streams = g_ptr_array_new ();
  int last = MIN (*port + PORTS_TRIED, 65535);
  for (int tried = *port; tried <= last; tried++) {
    *port = tried;
    if (address ? (server->sockets[0] = listen_at (address, tried)) >= 0 : listen_here (server, tried))
      return server;
    if (errno != EADDRINUSE && errno != EACCES)
      break;
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "nothing can listen at %s, port %d: %s",
               address ? address : "127.0.0.1", *port, g_strerror (errno));
  server_free (server);
  return NULL;
}

gboolean
server_start (Server *server, const Door *door, const Route *routes, gpointer user_data, GError **error)
{
  server->door = door;
  server->routes = routes;
  server->user_data = user_data;
  server->pool = g_thread_pool_new (work, NULL, 1, FALSE, NULL);
  for (int i = 0; i < 2; i++)
    if (server->sockets[i] >= 0) {
      if (!(server->listeners[i] = listener_new (server, server->sockets[i], error)))
        return FALSE;
      server->sockets[i] = -1; /* the listener's */
    }
  return TRUE;
}

/* libmicrohttpd waits for nobody, and nobody may wait then. */
static void
end_waiting (Server *server)
{
  for (guint i = 0; i < server->streams->len; i++)
    ((Stream *) server->streams->pdata[i])->over = TRUE;
  stream_wake (server, NULL);
  g_thread_pool_free (g_steal_pointer (&server->pool), FALSE, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
server_free (Server *server)
{
  if (!server)
    return;
  if (server->pool)
    end_waiting (server);
  for (int i = 0; i < 2; i++) {
    if (server->listeners[i])
      listener_free (server->listeners[i]);
    if (server->sockets[i] >= 0)
      close (server->sockets[i]);
  }
  if (server->tick)
    g_source_remove (server->tick);
  g_ptr_array_unref (server->peers);
  g_ptr_array_unref (server->streams);
  g_free (server);
}
