/* checkpoint.h -- OUT.state.safetensors, from which a stopped run continues; the settings of the kind "state".
 * Layer 7 (job). */
#ifndef RV_CHECKPOINT_H
#define RV_CHECKPOINT_H

#include "job/core/picture.h"

typedef struct {
  gboolean resume;
  double every_s;
  char *steer; /* for settings of the kind "state" only */
} RvStateOptions;

/* Option rows of a struct with an RvStateOptions called `state`. */
#define RV_STATE_OPTION_ROWS(Options)                                                                                  \
  { "resume",                                                                                                          \
    0,                                                                                                                 \
    RV_OPTION_BOOL,                                                                                                    \
    offsetof (Options, state.resume),                                                                                  \
    .group = "going on",                                                                                               \
    .help = "continue a stopped run from its checkpoint, OUT.state.safetensors" },                                     \
  {                                                                                                                    \
    "state-every", 0, RV_OPTION_REAL, offsetof (Options, state.every_s), "30", 0, 1e6,                                 \
      .unit = "SECONDS", .help = "write the checkpoint this often; 0: only at Ctrl-C", .may_change = TRUE              \
  }

/* The checkpoint file of one run. */
typedef struct _RvStateFile RvCheckpoint;

/* (transfer full): for the file OUT.state.safetensors next to @output, which is not touched yet. @every_s: shortest
 * time between two writes, s; 0: none by time. @options is borrowed. */
RvCheckpoint *rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s);
/* Stops writing and removing the file, on ranks other than the one that writes it. */
void rv__checkpoint_set_read_only (RvCheckpoint *state);
/* (nullable). The file stays. */
void rv__checkpoint_free (RvCheckpoint *state);
/* Whether the file exists; it is not read. */
gboolean rv__checkpoint_exists (const RvCheckpoint *state);

/* Protects an existing checkpoint: FALSE with RV_ERROR_FILE if there is one, unless @resume, `force` or a dry run. */
gboolean rv__checkpoint_check (const RvCheckpoint *state, gboolean resume, GError **error);

/* Prepares a run that starts from the beginning: removes an old checkpoint and, with @resume or `force`, partial files
 * of a killed run. Does nothing if read-only. */
void rv__checkpoint_begin (const RvCheckpoint *state, gboolean resume);
/* (transfer full) (nullable): the state. Also removes partial files of a killed run. @inputs: from rv__recipe_inputs().
 * RV_ERROR_FILE if the checkpoint is of another picture, other inputs or another size; errors of rv_weights_load(). */
RvTensorMap *rv__checkpoint_load (const RvCheckpoint *state, const char *inputs, GError **error);
/* Whether OUT existed, and was not to be replaced, when @state was saved. The result then gets a name next to OUT. */
gboolean rv__checkpoint_has_sibling (const RvTensorMap *state);

/* Sets the shortest time between two writes, s; 0: none by time. */
void rv__checkpoint_set_every (RvCheckpoint *state, double every_s);
/* Whether a write is due by time; writing takes at most 5 % of the run's time. FALSE if read-only. */
gboolean rv__checkpoint_due (const RvCheckpoint *state);
/* Adds texts to @map that bind the state to its picture and @inputs, and writes it over the old file. TRUE without
 * writing if read-only. Errors of rv_weights_save(). */
gboolean rv__checkpoint_save (RvCheckpoint *state, RvTensorMap *map, const char *inputs, GError **error);
/* Deletes the file, unless read-only. Errors are ignored. */
void rv__checkpoint_remove (const RvCheckpoint *state);

/* Removes partial files of @filename, or of a pattern of numbered files, which a killed run left behind. */
void rv__remove_partial_files (const char *filename);
/* With `force`, and not in a dry run: removes partial files of OUT, of its numbered files, and of log, live, plot and
 * timeline. */
void rv__picture_remove_halves (const RvPictureOptions *options);

#endif
