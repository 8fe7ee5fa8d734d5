/* server.h -- HTTP: requests in, replies out. All of it on the thread of the program's loop, but for what
 * request_later() and request_then() are given.
 * Layer 8 (studio). */
#ifndef STUDIO_SERVER_H
#define STUDIO_SERVER_H

#include "guard.h"
#include <gio/gio.h>

typedef struct _Server Server;
typedef struct _Request Request;

/* A row of the API. @path: "*" stands for an ID, of 32 hexadecimal digits. */
typedef struct {
  const char *method, *path;
  Wanted wanted;
  void (*run) (Request *request, gpointer user_data); /* replies, now or later */
  const char *summary, *takes; /* one line; names of arguments, with ", " between them, or NULL */
} Route;

/* server_new: (transfer full) (nullable): listens on @address, NULL: 127.0.0.1 and ::1, at @port, or the next free one
 * where that is taken; *port becomes it. Rows end with one without a method. @door: borrowed, its port set by then. */
Server *server_new (const char *address, int *port, GError **error);
gboolean server_start (Server *server, const Door *door, const Route *routes, gpointer user_data, GError **error);
void server_free (Server *server);

/* ---- a request, as routes see it --------------------------------------------------------------------------------- */

/* request_id: what stands for "*". request_argument: (nullable): what is said of that name: after "?", or by what
 * changes something in JSON. request_header: (nullable). All borrowed. request_ids: (transfer full) (nullable): an
 * argument of ids, in JSON. request_job: (transfer full): what was sent, but for its cell: a job as JSON. */
const char *request_id (const Request *request);
const char *request_path (const Request *request);
const char *request_argument (Request *request, const char *name);
const char *request_header (Request *request, const char *name);
char **request_ids (const Request *request, const char *name);
char *request_job (const Request *request);
/* request_take_file: (transfer full): what was sent as a picture: a file without a name, at its beginning. */
int request_take_file (Request *request);

/* reply_json: @json is taken. reply_empty: 204. reply_error: {"error", "option"}; reply_gerror: @error (taken), its
 * status by its code. reply_bytes: @type is static; @cache: whether they never change. reply_fd: a file (taken), or the
 * part of it that is asked for, to be kept under @name where that is not NULL. reply_header: to be added to the reply
 * that follows. */
void reply_json (Request *request, int status, GString *json);
void reply_empty (Request *request);
void reply_error (Request *request, int status, const char *option, const char *sentence);
void reply_gerror (Request *request, GError *error);
void reply_bytes (Request *request, const char *type, GBytes *bytes, gboolean cache);
void reply_fd (Request *request, const char *type, int fd, const char *name, gboolean cache);
void reply_header (Request *request, const char *name, const char *value);

/* open_nameless: a file without a name, in @folder or, -1, where there is room for such, that goes when it is closed;
 * or -1. */
int open_nameless (int folder);

/* request_later: @work on another thread, which returns bytes (transfer full) or an error; they are replied with
 * @type, to a POST as 201. What takes longer than a few milliseconds. */
typedef GBytes *(*WorkFunc) (gpointer data, GError **error);
void request_later (Request *request, WorkFunc work, gpointer data, GDestroyNotify destroy, const char *type,
                    gboolean cache);

/* request_then: the same, but @then replies, on the loop's thread, when @work has returned bytes, whatever they are. */
typedef void (*ThenFunc) (Request *request, gpointer user_data, gpointer data);
void request_then (Request *request, WorkFunc work, gpointer data, GDestroyNotify destroy, ThenFunc then);

/* reply_stream: server-sent events. @next appends what is new to @text; FALSE: there will be nothing any more. It is
 * asked when the stream begins, after stream_wake(), and every so often, when silence means that nothing is new. */
typedef gboolean (*StreamFunc) (gpointer data, GString *text);
void reply_stream (Request *request, gconstpointer about, StreamFunc next, gpointer data, GDestroyNotify destroy);
/* stream_wake: the streams that are about that, or every one with NULL. */
void stream_wake (Server *server, gconstpointer about);

#endif
