/* server.h -- HTTP requests and replies. Main loop's thread only, except work of request_later() and request_then().
 * Layer 8 (studio). */
#ifndef STUDIO_SERVER_H
#define STUDIO_SERVER_H

#include "guard.h"
#include <gio/gio.h>

typedef struct _Server Server;
typedef struct _Request Request;

/* A route of the API. @path: "*" stands for an id of 32 hexadecimal digits. */
typedef struct {
  const char *method, *path;
  RouteRules wanted;
  void (*run) (Request *request, gpointer user_data); /* replies, now or later */
  const char *summary, *takes;                        /* one line; names of arguments, separated by ", ", or NULL */
} Route;

/* (transfer full) (nullable): listens on @address (NULL: 127.0.0.1 and ::1), at @port or the next free one. *port:
 * (inout). */
Server *server_new (const char *address, int *port, GError **error);
/* Answers requests from now on. @routes end with a row without a method. @door: borrowed, its port set. */
gboolean server_start (Server *server, const AccessConfig *door, const Route *routes, gpointer user_data,
                       GError **error);
void server_free (Server *server);

/* ---- request ----------------------------------------------------------------------------------------------------- */

/* The id at "*". Borrowed. */
const char *request_id (const Request *request);
/* Borrowed. */
const char *request_path (const Request *request);
/* (nullable): an argument from the query, or from JSON if the route changes something. Borrowed. */
const char *request_argument (Request *request, const char *name);
/* (nullable). Borrowed. */
const char *request_header (Request *request, const char *name);
/* (transfer full) (nullable): an argument of ids in JSON. */
char **request_ids (const Request *request, const char *name);
/* (transfer full): the JSON body without "cell": a job. */
char *request_job (const Request *request);
/* (transfer full): the uploaded file, unnamed, at its beginning. */
int request_take_file (Request *request);

/* Takes @json. */
void reply_json (Request *request, int status, GString *json);
/* Status 204. */
void reply_empty (Request *request);
/* Body: {"error", "option"}. */
void reply_error (Request *request, int status, const char *option, const char *sentence);
/* Takes @error, whose code determines the status. */
void reply_gerror (Request *request, GError *error);
/* @type: static. @cache: the bytes never change. */
void reply_bytes (Request *request, const char *type, GBytes *bytes, gboolean cache);
/* Takes @fd. Replies the file, or the requested range. @name: file name for a download, or NULL. */
void reply_fd (Request *request, const char *type, int fd, const char *name, gboolean cache);
/* Adds a header to the next reply. */
void reply_header (Request *request, const char *name, const char *value);

/* A file without a name in @folder (-1: the temporary folder, or memory), deleted when closed. -1: failure. */
int open_unnamed_file (int folder);

/* Work that takes longer than some milliseconds. Returns bytes (transfer full) or an error. */
typedef GBytes *(*WorkFunc) (gpointer data, GError **error);
/* Does @work on the worker thread and replies its bytes with @type. Status 201 for POST, else 200. */
void request_later (Request *request, WorkFunc work, gpointer data, GDestroyNotify destroy, const char *type,
                    gboolean cache);

/* Called with the result of @work. */
typedef void (*ThenFunc) (Request *request, gpointer user_data, gpointer data);
/* request_later(), but @then replies, in the main loop, if @work has returned bytes. */
void request_then (Request *request, WorkFunc work, gpointer data, GDestroyNotify destroy, ThenFunc then);

/* Appends new events to @text. FALSE: there will be no more. Called at the start, after stream_wake() and from time to
 * time. */
typedef gboolean (*StreamFunc) (gpointer data, GString *text);
/* Replies server-sent events. @about: key for stream_wake(). */
void reply_stream (Request *request, gconstpointer about, StreamFunc next, gpointer data, GDestroyNotify destroy);
/* Calls the StreamFunc of streams about @about. NULL: of all. */
void stream_wake (Server *server, gconstpointer about);

#endif
