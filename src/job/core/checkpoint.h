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

/* (transfer full). The file lies next to @output. @options is borrowed. */
RvCheckpoint *rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s);
/* Stops writing and removing the file, on ranks other than the one that writes it. */
void rv__checkpoint_set_read_only (RvCheckpoint *state);
void rv__checkpoint_free (RvCheckpoint *state);
gboolean rv__checkpoint_exists (const RvCheckpoint *state);

/* Protects an existing checkpoint: RV_ERROR_FILE unless @resume or `force`. */
gboolean rv__checkpoint_check (const RvCheckpoint *state, gboolean resume, GError **error);

/* Prepares a run that starts from the beginning: removes an old checkpoint and, with @resume or `force`, partial files
 * of a killed run. */
void rv__checkpoint_begin (const RvCheckpoint *state, gboolean resume);
/* (transfer full) (nullable). @inputs: from rv__recipe_inputs(). RV_ERROR_FILE if the checkpoint is of another picture
 * or other inputs. */
RvTensorMap *rv__checkpoint_load (const RvCheckpoint *state, const char *inputs, GError **error);
/* Whether another file had appeared as OUT, and was not replaced, when @state was saved. */
gboolean rv__checkpoint_has_sibling (const RvTensorMap *state);

void rv__checkpoint_set_every (RvCheckpoint *state, double every_s);
/* Whether the interval is over. Writing takes at most 5 % of the run's time. */
gboolean rv__checkpoint_due (const RvCheckpoint *state);
/* Writes @map, after adding the texts that bind the state to its picture and @inputs. */
gboolean rv__checkpoint_save (RvCheckpoint *state, RvTensorMap *map, const char *inputs, GError **error);
void rv__checkpoint_remove (const RvCheckpoint *state);

/* Removes partial files of @filename, which a run that was killed while writing left behind. */
void rv__remove_partial_files (const char *filename);
/* With `force`, and not in a dry run: removes partial files of OUT, of its numbered files, and of log, live, plot and
 * timeline. */
void rv__picture_remove_halves (const RvPictureOptions *options);

#endif
