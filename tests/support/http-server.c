/* http-server.c -- a server for download tests: the subset of HTTP/1.1 that downloads need, on GLib's sockets. */
#include "http-server.h"
#include <gio/gio.h>
#include <string.h>

#define N_PIECES 10
#define PIECE_US 100000
#define POLL_US 20000

struct _HttpServer {
  GSocketService *service;
  GMainContext *context;
  GThread *thread;
  GBytes *content;
  int port;
  gint n_requests, n_busy, n_waited, stopping;
};

typedef struct {
  HttpServer *server;
  GOutputStream *out;
  const char *mode, *rest;
  gint64 from; /* start of the requested range; -1: none */
} Request;

static void
send_text (GOutputStream *out, const char *text)
{
  g_output_stream_write_all (out, text, strlen (text), NULL, NULL, NULL);
}

static void
send_status (GOutputStream *out, const char *status, const char *header)
{
  g_autofree char *text =
    g_strdup_printf ("HTTP/1.1 %s\r\n%sContent-Length: 5\r\nConnection: close\r\n\r\nsorry", status, header);
  send_text (out, text);
}

/* Sends nothing until the server stops. */
static void
stall (HttpServer *server)
{
  while (!g_atomic_int_get (&server->stopping))
    g_usleep (POLL_US);
}

static void
send_file (const Request *request)
{
  const char *mode = request->mode;
  gsize size;
  const guint8 *content = g_bytes_get_data (request->server->content, &size);
  gboolean ranges = !strstr (mode, "norange") && request->from >= 0;
  gsize from = ranges ? (gsize) request->from : 0, third = size / 3 + 1;
  g_autofree guint8 *other = g_malloc0 (2 * size);

  if (from >= size || (from > 0 && strcmp (mode, "cut-416") == 0)) {
    send_status (request->out, "416 Range Not Satisfiable", "");
    return;
  }
  gsize shift = strcmp (mode, "range") == 0 && ranges ? 1 : 0;
  memcpy (other, content, size);
  if (strcmp (mode, "wrong") == 0)
    other[size - 1] ^= 1;
  gsize end = strcmp (mode, "short") == 0 ? size / 2 : strcmp (mode, "long") == 0 ? 2 * size : size;
  g_autoptr (GString) head = g_string_new (ranges ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n");
  if (strcmp (mode, "long") != 0)
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", end - from);
  if (ranges)
    g_string_append_printf (head,
                            "Content-Range: bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT "\r\n",
                            from - shift, end - shift - 1, end);
  g_string_append (head, "Connection: close\r\n\r\n");
  send_text (request->out, head->str);

  gboolean cut = g_str_has_prefix (mode, "cut"), stalls = g_str_has_prefix (mode, "stall");
  gsize goes = cut || stalls ? MIN (third, end - from) : end - from;
  int n_pieces = strcmp (mode, "slow") == 0 ? N_PIECES : 1;
  for (int p = 0; p < n_pieces; p++) {
    gsize first = goes * (gsize) p / (gsize) n_pieces, last = goes * (gsize) (p + 1) / (gsize) n_pieces;
    g_output_stream_write_all (request->out, other + from - shift + first, last - first, NULL, NULL, NULL);
    if (n_pieces > 1)
      g_usleep (PIECE_US);
  }
  if (stalls)
    stall (request->server);
}

static void
answer (Request *request)
{
  const char *mode = request->mode;
  g_autofree char *header = NULL;
  if (strcmp (mode, "404") == 0)
    send_status (request->out, "404 Not Found", "");
  else if (strcmp (mode, "silent") == 0)
    stall (request->server);
  else if (strcmp (mode, "500") == 0)
    send_status (request->out, "500 Internal Server Error", "");
  else if (strcmp (mode, "busy") == 0 && g_atomic_int_add (&request->server->n_waited, 1) == 0)
    send_status (request->out, "503 Service Unavailable", "");
  else if (strcmp (mode, "redirect") == 0 || strcmp (mode, "loop") == 0) {
    header = g_strdup_printf ("Location: /%s/%s\r\n", strcmp (mode, "loop") == 0 ? mode : "ok", request->rest);
    send_status (request->out, "302 Found", header);
  } else if (strcmp (mode, "downgrade") == 0)
    send_status (request->out, "302 Found", "Location: file:///etc/passwd\r\n");
  else {
    if (strcmp (mode, "stall-once") == 0 && g_atomic_int_add (&request->server->n_waited, 1) > 0)
      request->mode = "ok";
    send_file (request);
  }
}

static gboolean
on_connection (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  HttpServer *server = user_data;
  g_autoptr (GDataInputStream) in = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  Request request = { .server = server, .out = g_io_stream_get_output_stream (G_IO_STREAM (connection)), .from = -1 };
  g_atomic_int_inc (&server->n_busy);
  g_data_input_stream_set_newline_type (in, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  g_autofree char *first = g_data_input_stream_read_line (in, NULL, NULL, NULL);
  for (;;) {
    g_autofree char *line = g_data_input_stream_read_line (in, NULL, NULL, NULL);
    if (!line || !*line)
      break;
    if (g_ascii_strncasecmp (line, "range: bytes=", 13) == 0)
      request.from = g_ascii_strtoll (line + 13, NULL, 10);
  }
  /* "GET /mode/rest HTTP/1.1", or to a proxy "GET http://host/mode/rest HTTP/1.1" */
  g_auto (GStrv) words = g_strsplit (first ? first : "", " ", 3);
  const char *path = g_strv_length (words) == 3 ? words[1] : "/";
  if (g_str_has_prefix (path, "http://"))
    path = strchr (path + strlen ("http://"), '/');
  g_auto (GStrv) parts = g_strsplit (path ? path : "/", "/", 3);
  g_atomic_int_inc (&server->n_requests);
  if (g_strv_length (parts) == 3) {
    request.mode = parts[1];
    request.rest = parts[2];
    answer (&request);
  }
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_atomic_int_dec_and_test (&server->n_busy);
  return TRUE;
}

static gpointer
serve (gpointer user_data)
{
  HttpServer *server = user_data;
  g_main_context_push_thread_default (server->context);
  while (!g_atomic_int_get (&server->stopping)) /* no GMainLoop: quitting one before it runs has no effect */
    g_main_context_iteration (server->context, TRUE);
  g_main_context_pop_thread_default (server->context);
  return NULL;
}

HttpServer *
http_server_new (GBytes *content)
{
  HttpServer *server = g_new0 (HttpServer, 1);
  g_autoptr (GInetAddress) local = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (local, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  server->content = g_bytes_ref (content);
  server->context = g_main_context_new ();
  g_main_context_push_thread_default (server->context); /* the service listens in this context */
  server->service = g_threaded_socket_service_new (-1);
  g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL);
  g_signal_connect (server->service, "run", G_CALLBACK (on_connection), server);
  g_socket_service_start (server->service);
  g_main_context_pop_thread_default (server->context);
  server->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  server->thread = g_thread_new ("server", serve, server);
  return server;
}

int
http_server_port (const HttpServer *server)
{
  return server->port;
}

char *
http_server_url (const HttpServer *server, const char *mode, const char *file)
{
  return g_strdup_printf ("http://127.0.0.1:%d/%s/%s", server->port, mode, file);
}

int
http_server_n_requests (HttpServer *server)
{
  return g_atomic_int_get (&server->n_requests);
}

void
http_server_free (HttpServer *server)
{
  g_atomic_int_set (&server->stopping, 1);
  g_main_context_wakeup (server->context);
  g_thread_join (server->thread);
  g_socket_service_stop (server->service);
  g_socket_listener_close (G_SOCKET_LISTENER (server->service));
  while (g_atomic_int_get (&server->n_busy) > 0)
    g_usleep (POLL_US);
  g_object_unref (server->service);
  g_main_context_unref (server->context);
  g_bytes_unref (server->content);
  g_free (server);
}
