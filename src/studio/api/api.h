/* api.h -- the API's table of routes. Layer 8 (studio). */
#pragma once

#include "models.h"
#include "networks.h"
#include "queue.h"
#include "server.h"
#include "sets.h"
#include <reverie/image.h>

/* User data of all routes. The functions of routes, get_..., post_... and delete_..., reply now or later. The summaries
 * in api_routes describe them. */
typedef struct {
  Pictures *pictures;
  Queue *queue;
  Networks *networks;
  TrainedModels *models;
  Server *server;
  const AccessConfig *config;
  char *epoch;                 /* prefix of event ids; ids of an earlier run are ignored */
  char code[TOKEN_LENGTH + 1]; /* opens a session once, until @code_until_us (monotonic) */
  gint64 code_until_us;
  int preview_us; /* duration of the latest preview; atomic */
} Api;

extern const Route api_routes[];               /* ends with a row without a method */
#define API_JOB "kind, inputs, settings, cell" /* arguments of the route that takes a whole job */

/* QueueFunc; @user_data: the Api. Wakes the streams of events of @task. */
void api_on_task_changed (Task *task, gpointer user_data);

/* Appends an object without a name, after a comma if an element stands before: version, options of all kinds of jobs,
 * networks, upload limits, and whether videos can be read. Cannot fail. */
void options_json (GString *json, const AccessConfig *config);

/* Appends api_routes as OpenAPI 3.0. */
void openapi_json (GString *json);

/* Route, without a token. Replies the page, its scripts and images. */
void page_get (Request *request, gpointer user_data);

/* ---- api-pictures.c ---------------------------------------------------------------------------------------------- */

void get_pictures (Request *request, gpointer user_data);
void post_pictures (Request *request, gpointer user_data);
void get_picture (Request *request, gpointer user_data);
void get_file (Request *request, gpointer user_data);
void get_recipe (Request *request, gpointer user_data);
void delete_picture (Request *request, gpointer user_data);
void post_videos (Request *request, gpointer user_data);

/* Adds @picture to @json as an object @name (NULL: a list's element, or the whole text). Does not open the file. */
void api_picture_json (const Picture *picture, GString *json, const char *name);

/* ---- api-thumbs.c ------------------------------------------------------------------------------------------------ */

void get_thumb (Request *request, gpointer user_data);
void get_mask (Request *request, gpointer user_data);
void get_set_thumb (Request *request, gpointer user_data);

/* Replies a JPEG of @image (taken) on the worker thread, with a longest side of at most "w" of the request (16 to 4096;
 * 960 px without it), or a little larger. 422: another "w". @cache: the image never changes. */
void api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache);

/* ---- api-sets.c -------------------------------------------------------------------------------------------------- */

void post_sets (Request *request, gpointer user_data);
void post_set_picture (Request *request, gpointer user_data);
void get_set (Request *request, gpointer user_data);
void delete_set (Request *request, gpointer user_data);

/* ---- api-models.c ------------------------------------------------------------------------------------------------ */

void get_models (Request *request, gpointer user_data);
void get_styles (Request *request, gpointer user_data);
void get_style_thumb (Request *request, gpointer user_data);
void get_latent (Request *request, gpointer user_data);
void post_latent (Request *request, gpointer user_data);

/* ---- api.c ------------------------------------------------------------------------------------------------------- */

/* Replaces the paths of the studio's files in the message by "the file". */
void api_hide_paths (GError *error);
/* Replies @error (taken) with its paths replaced. */
void api_reply_gerror (Request *request, GError *error);
/* *number: (out): the argument @name, from @min to @max, or @def if missing. FALSE: the error has been replied. */
gboolean api_read_number (Request *request, const char *name, double def, double min, double max, double *number);
