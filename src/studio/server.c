/* server.c -- HTTP by libmicrohttpd: its epoll descriptor is a source of the main loop. Connections are few, and slow
 * ones are closed. */
#include "http.h"
#include <errno.h>
#include <netinet/in.h>
#include <reverie/error.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 96
#define MAX_PER_PEER 24       /* a browser opens 6, and 6 more at a reload before the old ones are seen to be closed */
#define POOL_BYTES (24 << 10) /* memory of a connection: its head, at most 16 KB, and the reply's head */
#define PORTS_TRIED 64

/* ---- connections ------------------------------------------------------------------------------------------------- */

void
listeners_wake (Server *server)
{
  for (int i = 0; i < 2; i++)
    if (server->listeners[i])
      server->listeners[i]->must_run = TRUE;
}

/* GSourceFunc, every second; @data: the Server. Updates streams and shuts down connections after their deadline, which
 * libmicrohttpd then closes. Without connections sets server->tick to 0 and returns G_SOURCE_REMOVE, else CONTINUE. */
static gboolean
on_tick (gpointer data)
{
  Server *server = data;
  gint64 now_us = g_get_monotonic_time ();
  stream_update (server, now_us);
  for (guint i = 0; i < server->peers->len; i++) {
    Peer *peer = server->peers->pdata[i];
    if (now_us > peer->deadline_us)
      shutdown (peer->fd, SHUT_RDWR);
  }
  if (server->peers->len > 0)
    return G_SOURCE_CONTINUE;
  server->tick = 0;
  return G_SOURCE_REMOVE;
}

/* Callback of libmicrohttpd; @cls: the Server. For a new connection sets *context to a new Peer, adds it to
 * server->peers, which borrows it, and starts on_tick(). For a closed one removes and frees the Peer, and wakes the
 * listeners. Main thread. */
static void
on_connection (void *cls, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
  Server *server = cls;
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    g_ptr_array_remove (server->peers, *context);
    g_free (*context);
    listeners_wake (server); /* at the connection limit, a daemon listens again only after it has run */
    return;
  }
  Peer *peer = *context = g_new0 (Peer, 1);
  peer->fd = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  peer->deadline_us = g_get_monotonic_time () + IDLE_S * G_USEC_PER_SEC;
  g_ptr_array_add (server->peers, peer);
  if (!server->tick)
    server->tick = g_timeout_add_seconds (1, on_tick, server);
}

/* ---- main loop --------------------------------------------------------------------------------------------------- */

/* GSourceFuncs.prepare: whether the daemon must run now. *timeout_ms: (out): time until it must run, at most 60000; -1:
 * none. */
static gboolean
listener_prepare (GSource *source, int *timeout_ms)
{
  MHD_UNSIGNED_LONG_LONG ms;
  *timeout_ms = -1;
  if (MHD_get_timeout (((Listener *) source)->daemon, &ms) == MHD_YES)
    *timeout_ms = (int) MIN (ms, 60000);
  return *timeout_ms == 0 || ((Listener *) source)->must_run;
}

/* GSourceFuncs.check: whether the daemon's descriptor is ready, or listener_prepare() is TRUE. */
static gboolean
listener_check (GSource *source)
{
  int timeout_ms;
  return g_source_query_unix_fd (source, ((Listener *) source)->tag) || listener_prepare (source, &timeout_ms);
}

/* GSourceFuncs.dispatch: runs the daemon once. Ignores the callback; the source always stays. */
static gboolean
listener_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  Listener *listener = (Listener *) source;
  listener->must_run = FALSE;
  MHD_run (listener->daemon);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs listener_funcs = { listener_prepare, listener_check, listener_dispatch, NULL, NULL, NULL };

/* (transfer full) (nullable): an HTTP daemon that accepts connections on @socket (taken), as a source of the default
 * main context. G_IO_ERROR_FAILED: it cannot start, and @socket stays the caller's. */
static Listener *
listener_new (Server *server, int socket, GError **error)
{
  struct MHD_Daemon *daemon =
    MHD_start_daemon (MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_on_data, server,
                      MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_CONNECTION_LIMIT, (unsigned int) MAX_CONNECTIONS,
                      MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int) MAX_PER_PEER, MHD_OPTION_CONNECTION_TIMEOUT,
                      (unsigned int) IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) POOL_BYTES,
                      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, request_on_completed, server,
                      MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
  if (!daemon) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the server cannot start");
    return NULL;
  }
  Listener *listener = (Listener *) g_source_new (&listener_funcs, sizeof (Listener));
  listener->daemon = daemon;
  int fd = MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
  listener->tag = g_source_add_unix_fd (&listener->source, fd, G_IO_IN);
  g_source_attach (&listener->source, NULL);
  return listener;
}

/* ---- sockets ----------------------------------------------------------------------------------------------------- */

/* Descriptor of a new non-blocking socket that listens at the IP address @text, which must be valid, and @port; the
 * caller closes it. An IPv6 address does not include IPv4. -1: errno is set, such as EADDRINUSE. */
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
  if (bind (fd, (struct sockaddr *) &storage, size) == 0 && listen (fd, MAX_CONNECTIONS) == 0)
    return fd;
  int code = errno;
  close (fd);
  errno = code;
  return -1;
}

/* Listens on both loopback addresses, or only on 127.0.0.1 if ::1 fails, as without IPv6. FALSE with errno, also if
 * another program has the port at ::1: browsers resolve "localhost" to either. */
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
  if (address && (!known || g_inet_address_get_is_any (known))) { /* 0.0.0.0 and "::" cannot be a host in an address */
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING,
                 "'listen' must be an address of this machine, such as 192.168.1.5: %s", address);
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
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot listen on %s, port %d: %s",
               address ? address : "127.0.0.1", *port, g_strerror (errno));
  server_free (server);
  return NULL;
}

gboolean
server_start (Server *server, const AccessConfig *config, const Route *routes, gpointer user_data, GError **error)
{
  server->config = config;
  server->routes = routes;
  server->user_data = user_data;
  server->pool = g_thread_pool_new (request_work, NULL, 1, FALSE, NULL);
  for (int i = 0; i < 2; i++)
    if (server->sockets[i] >= 0) {
      if (!(server->listeners[i] = listener_new (server, server->sockets[i], error)))
        return FALSE;
      server->sockets[i] = -1; /* owned by the listener */
    }
  return TRUE;
}

void
server_free (Server *server)
{
  if (!server)
    return;
  if (server->pool) { /* libmicrohttpd cannot stop with suspended connections */
    stream_end_all (server);
    g_thread_pool_free (g_steal_pointer (&server->pool), FALSE, TRUE);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  for (int i = 0; i < 2; i++) {
    Listener *listener = g_steal_pointer (&server->listeners[i]); /* closing connections wakes all that are left */
    if (listener) {
      g_source_destroy (&listener->source);
      MHD_stop_daemon (listener->daemon); /* closes its socket and all connections */
      g_source_unref (&listener->source);
    }
    if (server->sockets[i] >= 0)
      close (server->sockets[i]);
  }
  if (server->tick)
    g_source_remove (server->tick);
  g_ptr_array_unref (server->peers);
  g_ptr_array_unref (server->streams);
  g_free (server);
}
