/* checkpoint.h -- OUT.state.safetensors, from which a run goes on that was stopped; the settings of the kind "state".
 * Layer 7 (job). */
#ifndef RV_CHECKPOINT_H
#define RV_CHECKPOINT_H

#include "job/core/picture.h"

typedef struct {
  gboolean resume;
  double every_s;
  char *steer; /* of the kind "state" alone */
} RvStateOptions;

/* Rows over a struct that has them as `state`. */
#define RV_STATE_OPTION_ROWS(Options)                                                                                  \
  { "resume",                                                                                                          \
    0,                                                                                                                 \
    RV_OPTION_BOOL,                                                                                                    \
    offsetof (Options, state.resume),                                                                                  \
    .group = "going on",                                                                                               \
    .help = "go on with a run that was stopped, from OUT.state.safetensors" },                                         \
  {                                                                                                                    \
    "state-every", 0, RV_OPTION_REAL, offsetof (Options, state.every_s), "30", 0, 1e6,                                 \
      .unit = "SECONDS", .help = "write that file so often; 0: at Ctrl-C only", .may_change = TRUE                     \
  }

/* Of one run. */
typedef struct _RvStateFile RvCheckpoint;

/* rv__checkpoint_new: (transfer full): beside @output; @options is borrowed. */
RvCheckpoint *rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s);
/* rv__checkpoint_set_read_only: nothing is written or removed: another rank does that. */
void rv__checkpoint_set_read_only (RvCheckpoint *state);
void rv__checkpoint_free (RvCheckpoint *state);
gboolean rv__checkpoint_exists (const RvCheckpoint *state);

/* rv__checkpoint_check: one that is there is not to be lost: RV_ERROR_FILE unless @resume or `force`. */
gboolean rv__checkpoint_check (const RvCheckpoint *state, gboolean resume, GError **error);

/* rv__checkpoint_begin: a run begins that goes on with none: nobody shall go on later with one that is there, and with
 * @resume or `force` what a killed run left half written goes. rv__checkpoint_load: (transfer full) (nullable):
 * RV_ERROR_FILE when it is of another picture or of other @inputs, which are rv__recipe_inputs(). */
void rv__checkpoint_begin (const RvCheckpoint *state, gboolean resume);
RvTensorMap *rv__checkpoint_load (const RvCheckpoint *state, const char *inputs, GError **error);
/* rv__checkpoint_has_sibling: whether another file had appeared as OUT, and stayed, when @state was saved. */
gboolean rv__checkpoint_has_sibling (const RvTensorMap *state);

/* rv__checkpoint_due: whether it is time for one. rv__checkpoint_save: adds texts to @map. */
void rv__checkpoint_set_every (RvCheckpoint *state, double every_s);
gboolean rv__checkpoint_due (const RvCheckpoint *state);
gboolean rv__checkpoint_save (RvCheckpoint *state, RvTensorMap *map, const char *inputs, GError **error);
void rv__checkpoint_remove (const RvCheckpoint *state);

/* rv__remove_partial_files: what a run that was killed while it wrote @filename has left of it. rv__checkpoint_begin()
 * and rv__checkpoint_load() do so for the state, OUT and what else is written beside it. */
void rv__remove_partial_files (const char *filename);
/* rv__picture_remove_halves: with `force`, what a killed run has left of OUT, of every file that it stands for, and of
 * what goes with it. Nothing in a dry run. */
void rv__picture_remove_halves (const RvPictureOptions *options);

#endif
