/* work.h -- what a request wants that takes longer than a few milliseconds: done on the other thread, one after
 * another. Layer 8 (studio). */
#ifndef STUDIO_WORK_H
#define STUDIO_WORK_H

#include "api.h"

/* What is asked of it. */
typedef struct {
  Api *api;
  WorkFunc func;
  Picture *picture; /* or */
  RvImage *image;   /* of previews */
  int fd;           /* of the picture; or of what was sent; or -1 */
  int longest_px;
  double at_s;              /* of films */
  char *title, *id, *style; /* id: of a painter, or of a model */
  Place place;
  int cells;
} Work;

/* work_new: (transfer full). work_later: @func on the other thread, and its bytes replied, as request_later() does;
 * @work is taken. */
Work *work_new (Api *api);
void work_later (Request *request, WorkFunc func, Work *work, const char *type, gboolean cache);

/* Of the picture that is asked for; where there is none, that has been replied. work_picture: (transfer full)
 * (nullable). work_open: its file, or -1. work_of_file: (transfer full) (nullable): both, to work on. */
Picture *work_picture (Request *request, Api *api);
int work_open (Request *request, Api *api, const Picture *picture);
Work *work_of_file (Request *request, Api *api);

#endif
