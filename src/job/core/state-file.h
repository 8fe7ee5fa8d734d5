/* state-file.h -- OUT.state.safetensors, from which a run goes on that was stopped; the settings of the kind "state".
 * Layer 7 (job). */
#ifndef RV_STATE_FILE_H
#define RV_STATE_FILE_H

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
typedef struct _RvStateFile RvStateFile;

/* rv__state_file_new: (transfer full): beside @output; @options is borrowed. */
RvStateFile *rv__state_file_new (const RvPictureOptions *options, const char *output, double every_s);
/* rv__state_file_only_read: nothing is written or removed: another rank does that. */
void rv__state_file_only_read (RvStateFile *state);
void rv__state_file_free (RvStateFile *state);
gboolean rv__state_file_exists (const RvStateFile *state);

/* rv__state_file_check: one that is there is not to be lost: RV_ERROR_FILE unless @resume or `force`. */
gboolean rv__state_file_check (const RvStateFile *state, gboolean resume, GError **error);

/* rv__state_file_begin: a run begins that goes on with none: nobody shall go on later with one that is there, and with
 * @resume or `force` what a killed run left half written goes. rv__state_file_load: (transfer full) (nullable):
 * RV_ERROR_FILE when it is of another picture or of other @inputs, which are rv__recipe_inputs(). */
void rv__state_file_begin (const RvStateFile *state, gboolean resume);
RvTensorMap *rv__state_file_load (const RvStateFile *state, const char *inputs, GError **error);
/* rv__state_file_is_beside: whether another file had appeared as OUT, and stayed, when @state was saved. */
gboolean rv__state_file_is_beside (const RvTensorMap *state);

/* rv__state_file_due: whether it is time for one. rv__state_file_save: adds texts to @map. */
void rv__state_file_set_every (RvStateFile *state, double every_s);
gboolean rv__state_file_due (const RvStateFile *state);
gboolean rv__state_file_save (RvStateFile *state, RvTensorMap *map, const char *inputs, GError **error);
void rv__state_file_remove (const RvStateFile *state);

/* rv__remove_halves: what a run that was killed while it wrote @filename has left of it. rv__state_file_begin() and
 * rv__state_file_load() do so for the state, OUT and what else is written beside it. */
void rv__remove_halves (const char *filename);
/* rv__picture_remove_halves: with `force`, what a killed run has left of OUT, of every file that it stands for, and of
 * what goes with it. Nothing in a dry run. */
void rv__picture_remove_halves (const RvPictureOptions *options);

#endif
