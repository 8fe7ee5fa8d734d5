/* http.h -- shared by the files of the server: server.c listens, request.c reads and checks, reply.c answers, stream.c
 * sends events. Layer 8 (studio). Only this file includes libmicrohttpd. */
#pragma once

#include "server.h"
#include <microhttpd.h>

#define IDLE_S 30 /* timeout of an idle connection */

/* A listening socket and its daemon. */
typedef struct {
  GSource source;
  struct MHD_Daemon *daemon;
  gpointer tag;      /* of the daemon's epoll descriptor in @source */
  gboolean must_run; /* run the daemon although its epoll descriptor is not ready */
} Listener;

typedef struct {
  int fd;
  gint64 deadline_us; /* time of disconnection, unless there is activity */
} Peer;

struct _Server {
  int sockets[2];
  Listener *listeners[2];
  const AccessConfig *config;
  const Route *routes;
  gpointer user_data;
  GPtrArray *peers;   /* borrowed from libmicrohttpd's connections */
  GPtrArray *streams; /* Stream, see stream.c; borrowed */
  GThreadPool *pool;
  guint tick;
};

struct _Request {
  Server *server;
  struct MHD_Connection *connection;
  const Route *route;
  Peer *peer;
  int status; /* HTTP status of a refusal; 0: accepted */
  const char *why;
  char *path;
  char id[TOKEN_LENGTH + 1];
  GString *body;
  int file;
  gint64 n_received, n_announced; /* bytes of the body; n_announced: Content-Length, or -1 */
  GPtrArray *headers;             /* names and values of reply headers in turn */
  GVariant *json_body;            /* JSON arguments, or NULL */
  GPtrArray *texts;               /* owned results of request_argument() */
  gboolean waiting;               /* the work has not ended */
  enum MHD_Result queued;         /* set by reply_queue(); result of request_on_data() */
  WorkFunc work;
  gpointer work_data;
  GDestroyNotify work_destroy;
  const char *work_type;
  gboolean work_cache;
  GBytes *made;  /* result of the work; NULL: not ended, or @error */
  GError *error; /* of the work */
};

/* ---- server.c ---- */

/* Makes the main loop run each daemon once more, even if its descriptor is not ready. */
void listeners_wake (Server *server);

/* ---- request.c ---- */

/* Callback of libmicrohttpd, called several times for a request. Creates the Request (*con_cls) from a new head;
 * replies a refusal at once. Stores data of the body, and at its end replies or starts work. After work, replies its
 * result. @cls: the Server. */
enum MHD_Result request_on_data (void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **con_cls);
/* Callback of libmicrohttpd: frees the Request, *con_cls, with its file and work data, also one without a reply. Sets
 * the connection's deadline for the next request, IDLE_S. */
void request_on_completed (void *cls, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code);
/* GFunc of the thread pool: does the work of request_later(), and then answers in the main loop. */
void request_work (gpointer request, gpointer user_data);
/* Resumes a suspended connection: libmicrohttpd calls its callbacks again, in the main loop. */
void request_resume (Request *request);

/* ---- reply.c ---- */

/* Sends @response (taken) with security headers and those of reply_header(); after a refusal the connection closes.
 * Sets request->queued and the deadline for receiving the reply. @type: MIME type; NULL: none. @cache: see
 * reply_bytes(). */
void reply_queue (Request *request, int status, struct MHD_Response *response, const char *type, gboolean cache);

/* ---- stream.c ---- */

/* Called every second, at @now_us (monotonic): ends streams whose reader has gone, and resumes those that need a
 * heartbeat. */
void stream_update (Server *server, gint64 now_us);
/* Makes all streams end after the text that they have. */
void stream_end_all (Server *server);
