/* input.h -- inputs of a job: pictures and files, each with a role.
 * Layer 7 (job). */
#pragma once

#include <reverie/image.h>

/* A role of inputs. Lists end with a role without name. The first role's picture determines the size. */
typedef struct {
  const char *name;
  const char *old_name;  /* (nullable): former name: read, never written */
  gboolean needed, many; /* a job must have such an input; may have several */
  gboolean is_file;      /* must be a file: no picture in memory */
  gboolean is_video;     /* may be a video; with is_file it is always one */
  gboolean unlisted;     /* not named in recipes and states */
  gboolean may_change;   /* a run may continue from a state with other inputs of this role */
  const char *mask_of;   /* role of the pictures that the inputs are masks of, one for each; NULL: no masks */
} RvJobRole;

#define RV_JOB_MAX_INPUTS 500 /* per role, for rv_job_change_files() and `steer`; rv_job_add_file() has no limit */

/* Input of a job: a file, or a picture in memory. */
typedef struct {
  const RvJobRole *role;
  char *file;       /* NULL for a picture in memory */
  RvImage *picture; /* NULL for a file */
} RvJobInput;
