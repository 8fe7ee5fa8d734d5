/* api.h -- the API's table of routes. Layer 8 (studio). */
#pragma once

#include "models.h"
#include "networks.h"
#include "queue.h"
#include "server.h"
#include "sets.h"
#include <reverie/image.h>

/* User data of all routes. The summaries in api_routes describe the functions of routes. */
typedef struct {
  Pictures *pictures;
  Queue *queue;
  Networks *networks;
  TrainedModels *models;
  Server *server;
  const AccessConfig *config;
  char *epoch;    /* prefix of event ids; ids of an earlier run are ignored */
  int preview_us; /* duration of the latest preview; atomic */
} Api;

/* File in the hidden folder: "CODE TIME", TIME the monotonic time in us when it was made. The code opens a session
 * once, within API_CODE_S seconds. */
#define API_CODE_FILE "code"
#define API_CODE_S 60

extern const Route api_routes[];               /* ends with a row without a method */
#define API_JOB "kind, inputs, settings, cell" /* arguments of the route that takes a whole job */

/* QueueFunc; @user_data: the Api. Makes the main loop send the new events of @task to the clients that follow it.
 * Cannot fail. */
void api_on_task_changed (Task *task, gpointer user_data);

/* Route. Replies api_routes as OpenAPI 3.0. */
RouteFunc get_openapi;
/* Route, without a token. Replies the page, its scripts and images. */
RouteFunc page_get;
/* Routes of api-pictures.c, api-thumbs.c, api-sets.c and api-models.c. */
RouteFunc get_pictures, post_pictures, get_picture, get_file, get_recipe, delete_picture, post_videos, post_networks;
RouteFunc get_thumb, get_mask, get_set_thumb;
RouteFunc post_sets, post_set_picture, get_set, delete_set;
RouteFunc get_models, get_styles, get_style_thumb, get_latent, post_latent;

/* Adds @picture to @json as an object: a list's element, or the whole text. Does not open the file. In
 * api-pictures.c. */
void api_picture_json (const Picture *picture, GString *json);

/* Replies a JPEG of @image (taken) on the worker thread, with a longest side of at most "w" of the request (16 to 4096;
 * 960 px without it). An image that is at most 1.25 times larger is not resized. 422: another "w". @cache: the image
 * never changes. In api-thumbs.c. */
void api_reply_image (Request *request, Api *api, RvImage *image, gboolean cache);

/* ---- api.c ------------------------------------------------------------------------------------------------------- */

/* Replaces the paths of the studio's files in the message of @error by "the file". */
void api_hide_paths (GError *error);
/* Replies @error (taken) with its paths replaced. */
void api_reply_gerror (Request *request, GError *error);
/* *number: (out): the argument @name, from @min to @max, or @def if missing. FALSE: the error has been replied. */
gboolean api_read_number (Request *request, const char *name, double def, double min, double max, double *number);
