/* server.h -- HTTP requests and replies. Main loop's thread only, except work of request_later().
 * Layer 8 (studio). */
#pragma once

#include "guard.h"
#include <gio/gio.h>

typedef struct _Server Server;
typedef struct _Request Request;

/* Function of a route: replies, now or later. */
typedef void RouteFunc (Request *request, gpointer user_data);

/* A route of the API. @path: "*" stands for an id of 32 hexadecimal digits. */
typedef struct {
  const char *method, *path;
  RouteRules rules;
  RouteFunc *run;
  /* summary: one line; NULL: the route is not part of the API. arguments: names, separated by ", "; NULL: none */
  const char *summary, *arguments;
} Route;

/* (transfer full) (nullable): listens on @address (NULL: 127.0.0.1 and ::1). *port: (inout): first port to try; becomes
 * the one in use, at most 64 higher; after an error, the last one tried. RV_ERROR_SETTING: @address is not a numeric
 * address, or is 0.0.0.0 or "::". G_IO_ERROR_FAILED: no free port, or no address of this machine. */
Server *server_new (const char *address, int *port, GError **error);
/* Answers requests from now on, in the default main context. @routes: borrowed; end with a row without a method.
 * @config: borrowed, its port set. G_IO_ERROR_FAILED: a daemon cannot start; then only server_free() may follow. */
gboolean server_start (Server *server, const AccessConfig *config, const Route *routes, gpointer user_data,
                       GError **error);
/* Ends streams, waits until the worker thread has done all waiting work, runs the main context until nothing is
 * pending, and closes all connections. @server may be NULL. */
void server_free (Server *server);

/* ---- request ----------------------------------------------------------------------------------------------------- */

/* The id at "*" of the route's path, "" without one. Borrowed from the request. */
const char *request_id (const Request *request);
/* The path without the query. Borrowed from the request. */
const char *request_path (const Request *request);
/* (nullable): the argument @name, from the JSON body if there is one, else from the query. Borrowed from the request.
 * NULL: missing, or a list or object. */
const char *request_argument (Request *request, const char *name);
/* (nullable): the header @name of the request; NULL: missing. Borrowed from the connection. */
const char *request_header (Request *request, const char *name);
/* (transfer full) (nullable): the argument @name of the JSON body, an id or a list of ids. The route must take JSON.
 * Free with g_strfreev(). NULL: missing. */
char **request_ids (const Request *request, const char *name);
/* (transfer full): the JSON body without "cell": a job. The route must take JSON. */
char *request_job (const Request *request);
/* Descriptor of the body of an upload, an unlinked temporary file, at its beginning; the caller closes it. -1: the
 * route takes no upload, or an earlier call has taken the file. */
int request_take_file (Request *request);

/* Replies @json (taken) with @status. Each request gets exactly one reply, now or later, by one of the functions
 * reply_...() or request_later(). */
void reply_json (Request *request, int status, GString *json);
/* Replies status 204, without a body. */
void reply_empty (Request *request);
/* Replies {"error": @sentence, "option": @option}. @option: the argument or option at fault, or NULL. */
void reply_error (Request *request, int status, const char *option, const char *sentence);
/* Replies @error (taken) as reply_error() does, with the option at fault. Its code determines the status. */
void reply_gerror (Request *request, GError *error);
/* Replies @bytes with @status. @type: MIME type, static; NULL: none. @cache: browsers may cache the bytes for a
 * year. */
void reply_bytes (Request *request, int status, const char *type, GBytes *bytes, gboolean cache);
/* Replies the file @fd (taken), or the range of it that is requested. @name: file name for a download, or NULL. @type,
 * @cache: see reply_bytes(). 416: the range is beyond the end; 500: the file cannot be read. */
void reply_fd (Request *request, const char *type, int fd, const char *name, gboolean cache);
/* Adds a header to the reply; both texts are copied. Call it before the reply. */
void reply_header (Request *request, const char *name, const char *value);

/* Descriptor of a new file without a name in @folder (-1: in the temporary folder, or in memory). The file is deleted
 * when the caller closes it. -1 with errno. */
int open_unnamed_file (int folder);

/* Work on the worker thread, which takes more than milliseconds. Returns (transfer full) (nullable): bytes; NULL with
 * @error. */
typedef GBytes *(*WorkFunc) (gpointer data, GError **error);
/* Does @work on the worker thread and replies its bytes, or its error. Status 201 for POST, else 200. @type, @cache:
 * see reply_bytes(). Frees @data (taken) with @destroy, also if too much work waits, which replies 503. */
void request_later (Request *request, WorkFunc work, gpointer data, GDestroyNotify destroy, const char *type,
                    gboolean cache);

/* Appends new events to @text. FALSE: there will be no more. Called at the start, whenever all earlier text is sent,
 * after stream_wake(), and 15 s after the last text. */
typedef gboolean (*StreamFunc) (gpointer data, GString *text);
/* Replies server-sent events from @next until it returns FALSE or the reader is gone, then frees @data (taken) by
 * @destroy. @key: for stream_wake(). The oldest stream ends if there are too many. */
void reply_stream (Request *request, gconstpointer key, StreamFunc next, gpointer data, GDestroyNotify destroy);
/* Makes the main loop call the StreamFunc of streams with @key soon. NULL: of all. */
void stream_wake (Server *server, gconstpointer key);
