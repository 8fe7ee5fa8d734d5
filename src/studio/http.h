/* http.h -- what the files of the server share: server.c listens, request.c takes what comes and asks who may do what,
 * reply.c answers, stream.c goes on answering.
 * Layer 8 (studio). The only file that knows libmicrohttpd. */
#ifndef STUDIO_HTTP_H
#define STUDIO_HTTP_H

#include "server.h"
#include <microhttpd.h>

#define IDLE_S 30 /* of a connection, before it is cut off */

/* A listening socket and what answers there. */
typedef struct {
  GSource source;
  struct MHD_Daemon *daemon;
  gpointer tag;
  gboolean wanted; /* there is something to do of which libmicrohttpd's descriptor does not say so */
} Listener;

typedef struct {
  Server *server;
  struct MHD_Connection *connection;
  int fd;
  gint64 until_us; /* when it is cut off, unless something happens before */
} Peer;

struct _Server {
  int sockets[2];
  Listener *listeners[2];
  const Door *door;
  const Route *routes;
  gpointer user_data;
  GPtrArray *peers;   /* Peer, borrowed: libmicrohttpd's connections have them */
  GPtrArray *streams; /* likewise; stream.c */
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
  GVariant *said;     /* in JSON; or NULL */
  GPtrArray *texts;   /* of it, as they were asked for */
  gboolean asked, waiting;
  enum MHD_Result queued;
  WorkFunc work;
  gpointer work_data;
  GDestroyNotify work_destroy;
  const char *work_type;
  gboolean work_cache;
  ThenFunc then; /* or NULL: what was made is the reply */
  GBytes *made;
  GError *error;
};

/* ---- server.c ---- */

/* listeners_want: each is run once more, whether its descriptor says so or not. */
void listeners_want (Server *server);

/* ---- request.c ---- */

/* request_on_data, request_on_completed: as libmicrohttpd calls them, with the Server. request_work: on another thread,
 * for request_later(). request_resume: what waited goes on, once the loop comes by. */
enum MHD_Result request_on_data (void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **con_cls);
void request_on_completed (void *cls, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code);
void request_work (gpointer request, gpointer user_data);
void request_resume (Request *request);

/* ---- reply.c ---- */

/* reply_queue: @response is taken; @type: (nullable). */
void reply_queue (Request *request, int status, struct MHD_Response *response, const char *type, gboolean cache);
void reply_queue_bytes (Request *request, int status, const char *type, GBytes *bytes, gboolean cache);

/* ---- stream.c ---- */

/* stream_look: from time to time: streams whose readers have gone end, silent ones say that they are there.
 * stream_end_all: nothing comes any more. */
void stream_look (Server *server, gint64 now_us);
void stream_end_all (Server *server);

#endif
