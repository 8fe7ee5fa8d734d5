/* checkpoint.h -- OUT.state.safetensors, from which a stopped run continues; the settings of the kind "state".
 * Layer 7 (job). */
#pragma once

#include "job/core/input.h"
#include "job/core/picture.h"

/* Settings of the kind "state". */
typedef struct {
  gboolean resume;
  double every_s;
  char *steer; /* planned changes, a row of the kind "state" only; NULL: none */
} RvStateOptions;

/* Text in a checkpoint that was written while another file had the name OUT: the result gets a name next to OUT. */
#define RV_CHECKPOINT_OUTPUT_EXISTED "another file is OUT"

/* The checkpoint file of one run. */
typedef struct {
  const RvPictureOptions *options; /* borrowed */
  char *output, *file;             /* OUT; the checkpoint */
  double every_s;                  /* shortest time between two writes; 0: none by time */
  gboolean is_read_only;           /* writes and removes nothing: for ranks above 0 */
  gint64 saved_us, took_us;        /* monotonic time after the last write, or of the creation; duration of the write */
} RvCheckpoint;

/* (transfer full): the checkpoint OUT.state.safetensors next to @output (copied); touches no file, can't fail.
 * @options: borrowed as long as the checkpoint exists. @every_s: shortest time between two writes, s; 0: none by
 * time. */
RvCheckpoint *rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s);
/* Frees @checkpoint (nullable). The file stays. */
void rv__checkpoint_free (RvCheckpoint *checkpoint);
/* Whether the file exists, as a regular file; does not read it. FALSE also if its folder is not accessible. */
gboolean rv__checkpoint_exists (const RvCheckpoint *checkpoint);

/* Protects a checkpoint: FALSE with RV_ERROR_SETTING if another output has its name; with RV_ERROR_FILE if the file
 * exists, unless @resume, `force` or a dry run. */
gboolean rv__checkpoint_check (const RvCheckpoint *checkpoint, gboolean resume, GError **error);

/* Prepares a run that starts from the beginning: removes an old checkpoint and, with @resume or `force`, partial files
 * of a killed run. Does nothing if read-only. Errors are ignored. */
void rv__checkpoint_begin (const RvCheckpoint *checkpoint, gboolean resume);
/* (transfer full) (nullable): the state. On success also removes partial files of a killed run, unless read-only.
 * @inputs: from rv__recipe_inputs(). @roles, @changed (out): see rv__recipe_difference(). RV_ERROR_FILE if the
 * checkpoint is of another picture, other inputs or another size. */
RvTensorMap *rv__checkpoint_load (const RvCheckpoint *checkpoint, const char *inputs, const RvJobRole *roles,
                                  GPtrArray *changed, GError **error);
/* Whether a write is due by time since the last, or since rv__checkpoint_new(); writing takes at most 5 % of the run's
 * time. FALSE if read-only, and if the interval is 0. */
gboolean rv__checkpoint_due (const RvCheckpoint *checkpoint);
/* Adds texts to @map, the state, that bind it to OUT and @inputs, and RV_CHECKPOINT_OUTPUT_EXISTED if OUT exists and
 * must not be replaced; writes it over the old file. Restarts the interval of rv__checkpoint_due(). TRUE without
 * writing if read-only. */
gboolean rv__checkpoint_save (RvCheckpoint *checkpoint, RvTensorMap *map, const char *inputs, GError **error);
/* Deletes the file, unless read-only. Errors are ignored, also that there is none. */
void rv__checkpoint_remove (const RvCheckpoint *checkpoint);

/* Deletes partial files that a killed run left next to @filename, which may be a pattern. Errors are ignored. */
void rv__remove_partial_files (const char *filename);
/* With `force`, and not in a dry run, deletes partial files of OUT (also a pattern), log, live, plot and timeline. */
void rv__picture_remove_partial_files (const RvPictureOptions *options);
