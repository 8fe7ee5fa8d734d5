/* stream.c -- server-sent events. */
#include "http.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_STREAMS 4                /* a fifth one ends the oldest; its page reconnects */
#define HEARTBEAT_S 15               /* between heartbeats of a silent stream */
#define UNREAD_S 10                  /* until a reader that takes nothing is disconnected */
#define SEND_BUFFER_BYTES (16 << 10) /* with the default, megabytes are sent before a lost reader is noticed */

typedef struct {
  Server *server;
  Request *request; /* freed before the stream */
  gconstpointer key;
  StreamFunc next;
  gpointer data;
  GDestroyNotify destroy;
  GString *text; /* to send, from @sent on */
  gsize sent;
  gint64 sent_us;
  gboolean suspended, ended;
} Stream;

/* Sets the connection's deadline for sending: the reader may have gone silently, or may not be reading. */
static void
set_send_timeout (Stream *stream)
{
  stream->request->peer->deadline_us = g_get_monotonic_time () + UNREAD_S * G_USEC_PER_SEC;
}

/* Resumes the connection of a suspended stream, and sets its deadline for sending. Does nothing for others. */
static void
stream_resume (Stream *stream)
{
  if (!stream->suspended)
    return;
  stream->suspended = FALSE;
  set_send_timeout (stream);
  request_resume (stream->request);
}

void
stream_wake (Server *server, gconstpointer key)
{
  for (guint i = 0; i < server->streams->len; i++) {
    Stream *stream = server->streams->pdata[i];
    if (!key || stream->key == key)
      stream_resume (stream);
  }
}

/* Callback of libmicrohttpd; @cls: the Stream. Copies up to @most bytes of events to @buffer; calls the StreamFunc
 * first if all earlier ones are sent. Returns their number; 0: none now, and the connection is suspended;
 * MHD_CONTENT_READER_END_OF_STREAM: the stream has ended and all is sent. Ignores @position. */
static ssize_t
on_read (void *cls, uint64_t position, char *buffer, size_t most)
{
  Stream *stream = cls;
  if (stream->sent == stream->text->len && !stream->ended) {
    gint64 now_us = g_get_monotonic_time ();
    g_string_truncate (stream->text, 0);
    stream->sent = 0;
    stream->ended = !stream->next (stream->data, stream->text);
    if (stream->text->len == 0 && !stream->ended && now_us - stream->sent_us >= HEARTBEAT_S * G_USEC_PER_SEC)
      g_string_append (stream->text, ":\n\n"); /* a heartbeat */
    if (stream->text->len > 0)
      stream->sent_us = now_us;
  }
  gsize n = MIN (most, stream->text->len - stream->sent);
  memcpy (buffer, stream->text->str + stream->sent, n);
  stream->sent += n;
  set_send_timeout (stream);
  if (n == 0 && stream->ended)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (n == 0) {
    stream->suspended = TRUE;
    stream->request->peer->deadline_us = G_MAXINT64; /* no timeout while there is nothing to send */
    MHD_suspend_connection (stream->request->connection);
  }
  return (ssize_t) n;
}

/* Callback of libmicrohttpd; @cls: the Stream. Removes it from server->streams, and frees it and the StreamFunc's
 * data. */
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
reply_stream (Request *request, gconstpointer key, StreamFunc next, gpointer data, GDestroyNotify destroy)
{
  GPtrArray *streams = request->server->streams;
  for (guint i = 0; i + MAX_STREAMS <= streams->len; i++) { /* the oldest ones; some may have ended already */
    Stream *oldest = streams->pdata[i];
    oldest->ended = TRUE;
    stream_resume (oldest);
  }
  const int most = SEND_BUFFER_BYTES;
  setsockopt (request->peer->fd, SOL_SOCKET, SO_SNDBUF, &most, sizeof most);
  Stream *stream = g_new0 (Stream, 1);
  *stream = (Stream){
    .server = request->server, .request = request, .key = key, .next = next, .data = data, .destroy = destroy
  };
  stream->text = g_string_new ("retry: 1000\n\n");
  stream->sent_us = g_get_monotonic_time ();
  g_ptr_array_add (streams, stream);
  reply_header (request, MHD_HTTP_HEADER_CONNECTION, "close"); /* frees the connection at once, for MAX_CONNECTIONS */
  struct MHD_Response *response =
    MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, 4096, on_read, stream, stream_free);
  reply_queue (request, 200, response, "text/event-stream", FALSE);
  set_send_timeout (stream);
}

void
stream_update (Server *server, gint64 now_us)
{
  for (guint i = 0; i < server->streams->len; i++) {
    Stream *stream = server->streams->pdata[i];
    char byte; /* only looked at */
    ssize_t n = recv (stream->request->peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    stream->ended |= n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR); /* the client has gone */
    if (stream->ended || now_us - stream->sent_us >= HEARTBEAT_S * G_USEC_PER_SEC)
      stream_resume (stream);
  }
}

void
stream_end_all (Server *server)
{
  for (guint i = 0; i < server->streams->len; i++)
    ((Stream *) server->streams->pdata[i])->ended = TRUE;
  stream_wake (server, NULL);
}
