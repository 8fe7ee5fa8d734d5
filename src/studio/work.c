/* work.c -- slow work of a request. */
#include "work.h"
#include <unistd.h>

Work *
work_new (Api *api)
{
  Work *work = g_new0 (Work, 1);
  work->api = api;
  work->fd = -1;
  return work;
}

/* Frees the Work @data with its picture, image and texts, and closes its file; its `api` stays. */
static void
work_free (gpointer data)
{
  Work *work = data;
  if (work->fd >= 0)
    close (work->fd);
  picture_free (work->picture);
  g_clear_pointer (&work->used, g_hash_table_unref);
  rv_image_unref (work->image);
  g_free (work->title);
  g_free (work->id);
  g_free (work->style);
  g_free (work->part);
  g_free (work);
}

/* WorkFunc; @data: Work. Calls work->func, see work_later(), and hides paths in the message of its error. */
static GBytes *
do_work (gpointer data, GError **error)
{
  GBytes *bytes = ((Work *) data)->func (data, error);
  if (!bytes && !*error)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no such picture.");
  if (!bytes)
    api_hide_paths (*error);
  return bytes;
}

void
work_later (Request *request, WorkFunc func, Work *work, const char *type, gboolean cache)
{
  work->func = func;
  request_later (request, do_work, work, work_free, type, cache);
}

Picture *
work_picture (Request *request, Api *api)
{
  GError *error = NULL;
  Picture *picture = pictures_find (api->pictures, request_id (request), &error);
  if (!picture)
    api_reply_gerror (request, error);
  return picture;
}

int
work_open (Request *request, Api *api, const Picture *picture)
{
  GError *error = NULL;
  int fd = pictures_open (api->pictures, picture, &error);
  if (fd < 0)
    api_reply_gerror (request, error);
  return fd;
}

Work *
work_of_file (Request *request, Api *api)
{
  g_autoptr (Picture) picture = work_picture (request, api);
  int fd = picture ? work_open (request, api, picture) : -1;
  if (fd < 0)
    return NULL;
  Work *work = work_new (api);
  work->fd = fd;
  work->picture = g_steal_pointer (&picture);
  return work;
}
