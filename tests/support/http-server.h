/* http-server.h -- an HTTP server on 127.0.0.1 that serves one file, well or badly: the first part of a path says how.
 *
 *   /ok/...         as it should be, ranges included
 *   /slow/...       the same in ten pieces, a tenth of a second apart
 *   /cut/...        closes after a third of the file
 *   /norange/...    sends all of it whatever range is asked for
 *   /cut-norange/   both
 *   /cut-416/...    closes after a third; any range is beyond its file, it says
 *   /range/...      a range of the length asked for, one byte before it
 *   /wrong/...      other bytes, as many
 *   /short/...      a file half as long
 *   /long/...       more bytes than the file has, without saying how many
 *   /404/...        no such file
 *   /500/...        an error of the server's
 *   /busy/...       the first request gets a 503, others the file
 *   /redirect/...   sends on to /ok/...
 *   /loop/...       sends on to itself
 *   /downgrade/...  sends on to file:///etc/passwd
 *   /stall/...      a third of the file, then silence
 *   /silent/...     takes the request and says nothing
 *   /stall-once/... the first request stalls
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <glib.h>

typedef struct _HttpServer HttpServer;

/* http_server_new: serves @content from its own threads. */
HttpServer *http_server_new (GBytes *content);
int http_server_port (const HttpServer *server);
/* http_server_url: (transfer full): the file under that name, served as @mode says. */
char *http_server_url (const HttpServer *server, const char *mode, const char *file);
int http_server_n_requests (HttpServer *server);
void http_server_free (HttpServer *server);

#endif
