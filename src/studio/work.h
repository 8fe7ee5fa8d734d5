/* work.h -- slow work of a request, done on the worker thread, one after another. Layer 8 (studio). */
#pragma once

#include "api.h"

/* Input of a WorkFunc; each WorkFunc uses only some members. Texts and objects are owned. */
typedef struct {
  Api *api;
  WorkFunc func;
  PictureKind kind; /* of an upload */
  GHashTable *used; /* for an upload: ids of uploads that may not be deleted; NULL: none */
  Picture *picture;
  RvImage *image; /* for previews */
  int fd;         /* file of @picture, the upload, or a picture of a set; -1: none */
  int longest_px;
  double at_s;              /* position in a video, s */
  char *title, *id, *style; /* id: of a model */
  char *part;               /* one of rv_mask_kinds() */
  LatentPoint position;
  int cells;
} Work;

/* (transfer full): work without a picture or file. work_later() frees it. */
Work *work_new (Api *api);
/* Runs @func with @work (taken) on the worker thread and replies its bytes, or its error, see request_later(). NULL
 * without an error counts as G_IO_ERROR_NOT_FOUND. */
void work_later (Request *request, WorkFunc func, Work *work, const char *type, gboolean cache);

/* (transfer full) (nullable): the picture of the request's id. NULL: the error has been replied. */
Picture *work_picture (Request *request, Api *api);
/* Descriptor of the picture's file; the caller closes it. -1: the error has been replied. */
int work_open (Request *request, Api *api, const Picture *picture);
/* (transfer full) (nullable): work with the picture of the request's id. NULL: the error has been replied. */
Work *work_of_file (Request *request, Api *api);
