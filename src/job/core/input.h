/* input.h -- what a job is given: pictures and files, each in its role.
 * Layer 7 (job). */
#ifndef RV_JOB_INPUT_H
#define RV_JOB_INPUT_H

#include <reverie/image.h>

/* A role of inputs. Lists end with one without a name; the first is the picture whose size counts. */
typedef struct {
  const char *name;
  gboolean needed, many;
  gboolean is_file;    /* and no picture in memory */
  gboolean is_video;   /* may be a video; with is_file it is one */
  gboolean unlisted;   /* recipes and states do not name it */
  gboolean may_change; /* while it runs: input-change.c */
  const char *mask_of; /* role of the inputs that it is a mask of, one for each, where there are such; or NULL */
} RvJobRole;

#define RV_JOB_MAX_INPUTS 500 /* of a recipe, and so of a role */

typedef struct {
  const RvJobRole *role;
  char *file;       /* or */
  RvImage *picture; /* in memory */
  char *sha256;     /* of a file that was read into that, of which only the name still counts; else NULL */
} RvJobInput;

#endif
