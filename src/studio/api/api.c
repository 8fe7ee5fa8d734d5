/* api.c -- the API's table of routes. */
#include "api.h"
#include "json-text.h"
#include <string.h>
#include <unistd.h>

/* ---- shared ------------------------------------------------------------------------------------------------------ */

void
api_hide_paths (GError *error)
{
  char *plain = pictures_hide_paths (error->message);
  g_free (error->message);
  error->message = plain;
}

void
api_reply_gerror (Request *request, GError *error)
{
  api_hide_paths (error);
  reply_gerror (request, error);
}

gboolean
api_read_number (Request *request, const char *name, double def, double min, double max, double *number)
{
  const char *text = request_argument (request, name);
  char *end = NULL;
  *number = text ? g_ascii_strtod (text, &end) : def;
  if (!text || (end != text && !*end && *number >= min && *number <= max))
    return TRUE;
  g_autofree char *sentence = g_strdup_printf ("'%s' must be a number from %g to %g.", name, min, max);
  reply_error (request, 422, name, sentence);
  return FALSE;
}

/* ---- session ----------------------------------------------------------------------------------------------------- */

/* Whether @head has the code for one use. Deletes the code then. */
static gboolean
use_code (const Api *api, const Head *head)
{
  g_autofree char *path = pictures_hidden_path (api->pictures, API_CODE_FILE), *text = NULL;
  gsize length = 0;
  g_file_get_contents (path, &text, &length, NULL);
  gint64 age_us =
    length > TOKEN_LENGTH ? g_get_monotonic_time () - g_ascii_strtoll (text + TOKEN_LENGTH, NULL, 10) : -1;
  return age_us >= 0 && age_us < API_CODE_S * G_USEC_PER_SEC && /* negative: written before a reboot */
         guard_code (head, text) && unlinkat (pictures_hidden_folder (api->pictures), API_CODE_FILE, 0) == 0;
}

/* Route. Sets the cookie, if the request has the token or the code for one use; else 401. */
static void
post_session (Request *request, gpointer user_data)
{
  const Api *api = user_data;
  const Head head = { .authorization = request_header (request, "Authorization"),
                      .cookie = request_header (request, "Cookie") };
  if (!guard_token (&head, api->config) && !use_code (api, &head)) {
    reply_error (request, 401, NULL, GUARD_LOCKED);
    return;
  }
  g_autofree char *cookie =
    g_strdup_printf ("reverie-%d=%s; Path=/; HttpOnly; SameSite=Strict", api->config->port, api->config->token);
  reply_header (request, "Set-Cookie", cookie);
  reply_empty (request);
}

static gboolean
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);
  return path != NULL;
}

/* Route; @user_data: Api. Replies version, options of all kinds of jobs, networks, upload limits, and whether videos
 * can be read. */
static void
get_options (Request *request, gpointer user_data)
{
  const Api *api = user_data;
  GString *json = g_string_new ("{");
  json_text (json, "version", RV_VERSION);
  json_open (json, "kinds", '{');
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    const char *settings;
    json_open (json, *kind, '[');
    for (guint i = 0; (settings = rv_job_settings_kind (*kind, i)); i++) {
      g_autofree char *table = rv_settings_table_json (settings, NULL);
      if (strcmp (settings, "state") != 0) /* of checkpoints: the studio sets these options */
        json_raw (json, NULL, table);
    }
    json_close (json, "]");
  }
  json_close (json, "}");
  networks_json (api->networks, json, "networks");
  json_open (json, "limits", '{');
  json_int (json, "upload", api->config->max_bytes);
  json_int (json, "video", api->config->max_large_bytes);
  json_close (json, "}");
  json_bool (json, "videos", has_program ("ffmpeg") && has_program ("ffprobe"));
  json_close (json, "}");
  reply_json (request, 200, json);
}

/* ---- jobs -------------------------------------------------------------------------------------------------------- */

/* (transfer none) (nullable): the task with the id in the path. NULL: the error has been replied. */
static Task *
task_of (Request *request, Api *api)
{
  GError *error = NULL;
  Task *task = queue_find (api->queue, request_id (request), &error);
  if (!task)
    api_reply_gerror (request, error);
  return task;
}

/* Route; @user_data: Api. Replies all tasks, in the order of queue_tasks(). */
static void
get_jobs (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GPtrArray *tasks = queue_tasks (api->queue);
  GString *json = g_string_new ("{");
  json_open (json, "jobs", '[');
  for (guint i = 0; i < tasks->len; i++)
    task_json (tasks->pdata[i], json);
  json_close (json, "]}");
  reply_json (request, 200, json);
}

/* Replies @task (nullable) with @status. If @error (taken, nullable) is set, replies that instead. */
static void
reply_task (Request *request, int status, const Task *task, GError *error)
{
  if (error) {
    api_reply_gerror (request, error);
    return;
  }
  GString *json = g_string_new (NULL);
  task_json (task, json);
  reply_json (request, status, json);
}

/* Route; @user_data: Api. Adds the job of the body, by queue_add(), and replies its task with 201, or the error. */
static void
post_jobs (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  g_autofree char *json = request_job (request);
  Task *task = queue_add (api->queue, json, request_argument (request, "cell"), &error);
  reply_task (request, 201, task, error);
}

/* Route; @user_data: Api. Replies the task with the id in the path, or 404. */
static void
get_job (Request *request, gpointer user_data)
{
  const Task *task = task_of (request, user_data);
  if (task)
    reply_task (request, 200, task, NULL);
}

/* Whether the last word of the request's path is @word. */
static gboolean
is_path_to (const Request *request, const char *word)
{
  return strcmp (strrchr (request_path (request), '/') + 1, word) == 0;
}

/* Route; @user_data: Api. Cancels, stops, pauses or resumes the task, by the last word of the path. Replies the task or
 * the error. */
static void
post_action (Request *request, gpointer user_data)
{
  static const struct {
    const char *word;
    gboolean (*func) (Queue *, Task *, GError **);
  } actions[] = {
    { "cancel", queue_cancel }, { "stop", queue_stop }, { "pause", queue_pause }, { "resume", queue_resume }
  };
  Api *api = user_data;
  GError *error = NULL;
  Task *task = task_of (request, api);
  if (!task)
    return;
  g_autoptr (Task) held = task_ref (task);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (is_path_to (request, actions[i].word))
      actions[i].func (api->queue, task, &error);
  reply_task (request, 200, task, error);
}

/* Route; @user_data: Api. Moves a waiting or paused task to index "to" among those; 0 is the first, past the last is
 * the end. Replies the task, or 404: no such task; 422: "to" is missing or not 0 to 1000; 409: it is running or has
 * ended. */
static void
post_move (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  Task *task = task_of (request, api);
  const char *to = request_argument (request, "to");
  guint64 place;
  if (!task)
    return;
  if (!to || !g_ascii_string_to_unsigned (to, 10, 0, 1000, &place, NULL))
    reply_error (request, 422, "to", "'to' must be a position in the queue; 0 is the first.");
  else {
    queue_move (api->queue, task, (guint) place, &error);
    reply_task (request, 200, task, error);
  }
}

/* The change in the arguments of the request; clear with task_change_clear(). Texts are borrowed from the request. */
static TaskChange
change_of (Request *request)
{
  TaskChange change = { .option = request_argument (request, "option"), .value = request_argument (request, "value") };
  for (int i = 0; i < N_STEERED; i++)
    change.pictures[i] = request_ids (request, steered_roles[i]);
  return change;
}

/* Rejects an option without a value, a value without an option, and with @needed also an empty change. FALSE: the error
 * has been replied. */
static gboolean
check_change (Request *request, const TaskChange *change, gboolean needed)
{
  gboolean any = change->option != NULL;
  for (int i = 0; i < N_STEERED; i++)
    any |= change->pictures[i] != NULL;
  if (!change->option == !change->value && (any || !needed))
    return TRUE;
  reply_error (request, 422, NULL, "The request needs 'option' and 'value', 'mask' or 'protect'.");
  return FALSE;
}

/* Route; @user_data: Api. Changes a setting ("option" and "value") or masks ("mask", "protect": ids) of a running task
 * from its next iteration on. A setting stays changed if the masks then fail. Replies the task. 404: no such task or
 * mask; 409: not running, or too many uploads are in use; 422: wrong arguments, or the setting cannot change; 503: no
 * disk space or memory. */
static void
post_steer (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  Task *task = task_of (request, api);
  g_auto (TaskChange) change = change_of (request);
  if (!task || !check_change (request, &change, TRUE))
    return;
  TaskChange inputs = { .pictures = { change.pictures[0], change.pictures[1] } };
  if ((!change.option || queue_steer (api->queue, task, change.option, change.value, &error)) &&
      (inputs.pictures[0] || inputs.pictures[1]))
    queue_change_inputs (api->queue, task, &inputs, &error);
  reply_task (request, 200, task, error);
}

/* Route; @user_data: Api. Replies the latest preview of a task as a JPEG with the longest side "w" (960 px), encoded on
 * the worker thread. 404: no such task, or no preview yet or any more; 422: wrong "w". Sets the rate of previews by the
 * last encoding time. */
static void
get_preview (Request *request, gpointer user_data)
{
  Api *api = user_data;
  const Task *task = task_of (request, api);
  if (!task)
    return;
  if (!task->preview) {
    reply_error (request, 404, NULL, "The job has no picture yet.");
    return;
  }
  g_autofree char *now = g_strdup_printf ("%" G_GUINT64_FORMAT, task->preview_at);
  /* duration of the previous preview */
  queue_set_preview_time (api->queue, (double) g_atomic_int_get (&api->preview_us) / G_USEC_PER_SEC);
  api_reply_image (request, api, rv_image_ref (task->preview), g_strcmp0 (request_argument (request, "v"), now) == 0);
}

/* *iteration: (out): the argument "iteration" of a snapshot. FALSE: the error has been replied. */
static gboolean
read_iteration (Request *request, gint64 *iteration)
{
  const char *text = request_argument (request, "iteration");
  if (text && g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, iteration, NULL))
    return TRUE;
  reply_error (request, 422, "iteration", "'iteration' must be one of progress.snapshots.");
  return FALSE;
}

/* Route; @user_data: Api. Replies the picture of the task's snapshot at "iteration" as a JPEG with the longest side "w"
 * (960 px), encoded on the worker thread. 404: no such task or snapshot; 422: wrong arguments. */
static void
get_snapshot (Request *request, gpointer user_data)
{
  GError *error = NULL;
  const Task *task = task_of (request, user_data);
  gint64 iteration;
  if (!task || !read_iteration (request, &iteration))
    return;
  g_autoptr (RvSnapshot) snapshot = task_snapshot (task, iteration, &error);
  if (snapshot)
    api_reply_image (request, user_data, rv_snapshot_picture (snapshot),
                     FALSE); /* a resumed job reuses iteration numbers */
  else
    api_reply_gerror (request, error);
}

/* Route; @user_data: Api. Adds a task, the next to run, that continues from the task's snapshot at "iteration", with
 * the changes of post_steer() if there are any. Pauses the task if it is running. Replies the new task with 201, or
 * 404: no such task, snapshot or mask; 409: too many uploads are in use; 422: wrong arguments or settings; 429: too
 * many tasks wait; 503: no disk space or memory. */
static void
post_branch (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  Task *task = task_of (request, api);
  g_auto (TaskChange) change = change_of (request);
  gint64 iteration;
  if (!task || !read_iteration (request, &iteration) || !check_change (request, &change, FALSE))
    return;
  g_autoptr (Task) held = task_ref (task);
  Task *branch = queue_branch (api->queue, task, iteration, &change, &error);
  reply_task (request, 201, branch, error);
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

/* Route; @user_data: Api. Replies all networks, by networks_json(). */
static void
get_networks (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GString *json = g_string_new ("{");
  networks_json (api->networks, json, "networks");
  json_close (json, "}");
  reply_json (request, 200, json);
}

/* Route; @user_data: Api. Starts to download the network of the argument "name", or to check it, or ends a download
 * or check, by the last word of the path, "get", "check" or "stop". Replies JSON with all networks. 404: unknown,
 * built-in, or to check, not installed; 409: other work is in progress, or REVERIE_OFFLINE. */
static void
post_network (Request *request, gpointer user_data)
{
  Api *api = user_data;
  GError *error = NULL;
  const char *name = request_argument (request, "name");
  gboolean ok = TRUE;
  if (is_path_to (request, "stop"))
    networks_stop (api->networks);
  else
    ok = is_path_to (request, "get") ? networks_get (api->networks, name, &error)
                                     : networks_check (api->networks, name, &error);
  if (ok)
    get_networks (request, api);
  else
    api_reply_gerror (request, error);
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* A stream of a task's events, and the number of the last event sent. */
typedef struct {
  const Api *api;
  Task *task;
  guint64 seen;
} Follower;

static void
follower_free (gpointer data)
{
  Follower *follower = data;
  task_unref (follower->task);
  g_free (follower);
}

/* StreamFunc; @data: Follower. Appends the task's events after number follower->seen, which it updates. FALSE: the task
 * has ended. */
static gboolean
follow (gpointer data, GString *text)
{
  Follower *follower = data;
  follower->seen = task_events (follower->task, follower->seen, follower->api->epoch, text);
  return !task_has_ended (follower->task);
}

/* Route; @user_data: Api. Replies the events of the task with the id in the path, as a stream, until the task has
 * ended. Begins after the event Last-Event-ID ("EPOCH-NUMBER"). Without it, or with one of an earlier run, begins
 * at the first. 404: unknown task. */
static void
get_events (Request *request, gpointer user_data)
{
  Task *task = task_of (request, user_data);
  if (!task)
    return;
  const Api *api = user_data;
  const char *last = request_header (request, "Last-Event-ID");
  gsize length = strlen (api->epoch);
  guint64 seen = 0; /* the last event before the page reconnected; 0: none, or of an earlier run */
  if (last && strncmp (last, api->epoch, length) == 0 && last[length] == '-')
    g_ascii_string_to_unsigned (last + length + 1, 10, 0, G_MAXUINT64, &seen, NULL);
  Follower *follower = g_new0 (Follower, 1);
  *follower = (Follower){ api, task_ref (task), seen };
  reply_stream (request, task, follow, follower, follower_free);
}

void
api_on_task_changed (Task *task, gpointer user_data)
{
  const Api *api = user_data;
  stream_wake (api->server, task);
}

/* ---- table ------------------------------------------------------------------------------------------------------- */

#define PAGE .rules = { TRUE, FALSE, BODY_NONE }
#define SESSION .rules = { TRUE, TRUE, BODY_JSON } /* checks the token itself, as a code is also valid */
#define READ .rules = { FALSE, FALSE, BODY_NONE }
#define CHANGE .rules = { FALSE, TRUE, BODY_JSON }
#define UPLOAD .rules = { FALSE, TRUE, BODY_PICTURE }
#define UPLOAD_LARGE .rules = { FALSE, TRUE, BODY_LARGE }
#define DELETE .rules = { FALSE, TRUE, BODY_NONE }
#define API "/api/v1/"

const Route api_routes[] = {
  { "GET", "/**", PAGE, page_get, NULL, NULL },
  { "POST", API "session", SESSION, post_session, "sets the cookie of the token", NULL },
  { "GET", API "options", READ, get_options, "all options and presets of each kind of job, networks, upload limits",
    NULL },
  { "GET", API "networks", READ, get_networks, "networks: installed or not, progress of a download; uploads", NULL },
  { "POST", API "networks", UPLOAD_LARGE, post_networks,
    "uploads a network's file; header X-Name: its name, percent-encoded", NULL },
  { "POST", API "networks/get", CHANGE, post_network, "downloads a published network", "name" },
  { "POST", API "networks/check", CHANGE, post_network, "verifies the checksum of an installed network", "name" },
  { "POST", API "networks/stop", CHANGE, post_network, "stops the download; the next one continues it", "name" },
  { "GET", API "styles", READ, get_styles,
    "learned styles, own and built-in: values of `learned` in style-learned jobs", NULL },
  { "GET", API "styles/thumb", READ, get_style_thumb, "the painting of a learned style, as a small PNG",
    "name, painter, v" },
  { "GET", API "models", READ, get_models, "models in the folder: style networks and autoencoders", NULL },
  { "GET", API "openapi.json", READ, get_openapi, "the OpenAPI description of this API", NULL },
  { "GET", API "pictures", READ, get_pictures,
    "files of the folder, newest first; uploads; examples; or the file with that SHA-256", "sha256" },
  { "POST", API "pictures", UPLOAD, post_pictures, "uploads a picture; header X-Name: its name, percent-encoded",
    NULL },
  { "POST", API "videos", UPLOAD_LARGE, post_videos, "uploads a video; header X-Name: its name, percent-encoded",
    NULL },
  { "POST", API "sets", CHANGE, post_sets, "creates an empty set of training pictures", NULL },
  { "POST", API "sets/*/pictures", UPLOAD, post_set_picture, "uploads a picture to a set", NULL },
  { "GET", API "sets/*", READ, get_set, "the number of pictures of a set", NULL },
  { "GET", API "sets/*/thumb", READ, get_set_thumb, "a small JPEG of a picture of the set", NULL },
  { "DELETE", API "sets/*", DELETE, delete_set, "deletes a set and its pictures", NULL },
  { "GET", API "pictures/*", READ, get_picture, "a picture, video or model: name, size, duration", NULL },
  { "GET", API "pictures/*/file", READ, get_file, "the file", "download, v" },
  { "GET", API "pictures/*/thumb", READ, get_thumb, "a small JPEG; video: the frame at a time in seconds", "w, at, v" },
  { "GET", API "pictures/*/mask", READ, get_mask,
    "a mask of a part of the picture or of a frame of the video, as a PNG, black if there is none: of=faces, people, "
    "subject, background or sky",
    "of, at" },
  { "GET", API "pictures/*/recipe", READ, get_recipe, "the recipe, or null", NULL },
  { "GET", API "pictures/*/latent", READ, get_latent,
    "autoencoder: the picture at a position, as a PNG; with cells: a map of pictures", "x, y, seed, cells, v" },
  { "POST", API "pictures/*/latent", CHANGE, post_latent, "saves the picture at a position in the folder",
    "x, y, seed" },
  { "DELETE", API "pictures/*", DELETE, delete_picture, "moves the file to the trash; deletes an upload", NULL },
  { "GET", API "jobs", READ, get_jobs, "all jobs, in the order of the queue", NULL },
  { "POST", API "jobs", CHANGE, post_jobs,
    "adds a job: {kind, inputs: {role: id or [id, ...]}, settings}; a sheet's job with cell, such as 3c: paints that "
    "cell large",
    API_JOB },
  { "GET", API "jobs/*", READ, get_job, "a job: request, state, progress", NULL },
  { "POST", API "jobs/*/cancel", CHANGE, post_action, "ends the job without a result", NULL },
  { "POST", API "jobs/*/stop", CHANGE, post_action, "ends the job and saves the picture so far", NULL },
  { "POST", API "jobs/*/pause", CHANGE, post_action, "pauses the job; the next one starts", NULL },
  { "POST", API "jobs/*/resume", CHANGE, post_action, "resumes a paused job", NULL },
  { "POST", API "jobs/*/move", CHANGE, post_move, "moves a waiting job to a position in the queue", "to" },
  { "POST", API "jobs/*/steer", CHANGE, post_steer, "changes a setting of a running job, or replaces its masks",
    "option, value, mask, protect" },
  { "POST", API "jobs/*/branch", CHANGE, post_branch,
    "adds a job that continues from a snapshot, with the changes of steer; pauses the running job",
    "iteration, option, value, mask, protect" },
  { "GET", API "jobs/*/events", READ, get_events, "server-sent events: progress, losses, preview, state, done, error",
    NULL },
  { "GET", API "jobs/*/preview", READ, get_preview, "the current picture, as a JPEG", "v, w" },
  { "GET", API "jobs/*/snapshot", READ, get_snapshot, "the picture of a snapshot, as a JPEG", "iteration, w" },
  { NULL },
};
