/* checkpoint.h -- OUT.state.safetensors, from which a stopped run continues; the settings of the kind "state".
 * Layer 7 (job). */
#ifndef RV_CHECKPOINT_H
#define RV_CHECKPOINT_H

#include "job/core/input.h"
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
    .group = "checkpoint",                                                                                             \
    .help = "continue a stopped run from its checkpoint, OUT.state.safetensors" },                                     \
  {                                                                                                                    \
    "state-every", 0, RV_OPTION_REAL, offsetof (Options, state.every_s), "30", 0, 1e6,                                 \
      .unit = "SECONDS", .help = "write the checkpoint this often; 0: only at Ctrl-C", .may_change = TRUE              \
  }

/* The checkpoint file of one run. */
typedef struct _RvCheckpoint RvCheckpoint;

/* (transfer full): for the file OUT.state.safetensors next to @output, which is not touched yet. @options: borrowed,
 * and read later, too. @every_s: shortest time between two writes, s; 0: none by time. */
RvCheckpoint *rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s);
/* From now on no function writes or removes files: for ranks other than the one that writes them. */
void rv__checkpoint_set_read_only (RvCheckpoint *checkpoint);
/* Frees @checkpoint (nullable). The file stays. */
void rv__checkpoint_free (RvCheckpoint *checkpoint);
/* Whether the file exists; it is not read. */
gboolean rv__checkpoint_exists (const RvCheckpoint *checkpoint);

/* Protects an existing checkpoint: FALSE with RV_ERROR_FILE if there is one, unless @resume, `force` or a dry run. */
gboolean rv__checkpoint_check (const RvCheckpoint *checkpoint, gboolean resume, GError **error);

/* Prepares a run that starts from the beginning: removes an old checkpoint and, with @resume or `force`, partial files
 * of a killed run. Does nothing if read-only. */
void rv__checkpoint_begin (const RvCheckpoint *checkpoint, gboolean resume);
/* (transfer full) (nullable): the state. Then removes partial files of a killed run, unless read-only. @inputs: from
 * rv__recipe_inputs(). @roles, @changed: see rv__recipe_difference(). RV_ERROR_FILE if the checkpoint is of another
 * picture, other inputs or another size; errors of rv_weights_load(). */
RvTensorMap *rv__checkpoint_load (const RvCheckpoint *checkpoint, const char *inputs, const RvJobRole *roles,
                                  GPtrArray *changed, GError **error);
/* Whether @state, from rv__checkpoint_load(), was saved while another file existed as OUT that must not be replaced.
 * The result then gets a name next to OUT. */
gboolean rv__checkpoint_output_existed (const RvTensorMap *state);

/* Sets the shortest time between two writes, s; 0: none by time. */
void rv__checkpoint_set_every (RvCheckpoint *checkpoint, double every_s);
/* Whether a write is due by time; writing takes at most 5 % of the run's time. FALSE if read-only. */
gboolean rv__checkpoint_due (const RvCheckpoint *checkpoint);
/* Adds texts to @map, the state, that bind it to OUT and @inputs, and writes it over the old file. Restarts the
 * interval of rv__checkpoint_due(). TRUE without writing if read-only. Errors of rv_weights_save(). */
gboolean rv__checkpoint_save (RvCheckpoint *checkpoint, RvTensorMap *map, const char *inputs, GError **error);
/* Deletes the file, unless read-only. Errors are ignored. */
void rv__checkpoint_remove (const RvCheckpoint *checkpoint);

/* Removes partial files that a killed run left of @filename, which may be a pattern. Errors are ignored. */
void rv__remove_partial_files (const char *filename);
/* With `force`, and not in a dry run, removes partial files of OUT (also a pattern), log, live, plot and timeline. */
void rv__picture_remove_partial_files (const RvPictureOptions *options);

#endif
