/* http-server.h -- an HTTP server on 127.0.0.1 that serves one file. The first component of a path selects a fault:
 *
 *   /ok/...         none, with ranges
 *   /slow/...       none; sends ten chunks, 0.1 s apart
 *   /cut/...        closes after a third of the file
 *   /norange/...    ignores ranges
 *   /cut-norange/   closes after a third, and ignores ranges
 *   /cut-416/...    closes after a third, and answers any range with 416
 *   /range/...      a range of the requested length, one byte early
 *   /wrong/...      the last byte is wrong
 *   /short/...      half of the file, as if it were whole
 *   /long/...       twice the bytes of the file, without Content-Length
 *   /404/...        no such file
 *   /500/...        server error
 *   /busy/...       503 for the first request only
 *   /redirect/...   redirects to /ok/...
 *   /loop/...       redirects to itself
 *   /downgrade/...  redirects to file:///etc/passwd
 *   /stall/...      a third of the file, then silence
 *   /silent/...     no reply
 *   /stall-once/... stalls for the first request only */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <glib.h>

typedef struct _HttpServer HttpServer;

/* (transfer full): a running server of @content, in threads of its own. */
HttpServer *http_server_new (GBytes *content);
int http_server_port (const HttpServer *server);
/* (transfer full): URL of @file with the fault @mode. */
char *http_server_url (const HttpServer *server, const char *mode, const char *file);
int http_server_n_requests (HttpServer *server);
void http_server_free (HttpServer *server);

#endif
