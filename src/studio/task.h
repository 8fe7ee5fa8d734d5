/* task.h -- one picture that is asked for: what was asked, how far it is, what came of it.
 * Layer 8 (studio). */
#ifndef STUDIO_TASK_H
#define STUDIO_TASK_H

#include "given.h"
#include "guard.h"

/* What changes of a job on its way; NULL: not that. steering_clear: of its pictures. */
typedef struct {
  const char *option, *value;
  char **pictures[N_STEERED]; /* ids: in place of all that role has */
} Steering;
void steering_clear (Steering *steering);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Steering, steering_clear)

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_PAUSED, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskState;

/* What happens to it is numbered: who has seen all up to a number is told what came after. */
typedef struct {
  int ref_count;
  char id[TOKEN_LENGTH + 1];
  char *asked;         /* JSON: {"kind", "inputs", "settings"} */
  char **inputs;       /* ids of pictures */
  GHashTable *changed; /* role -> char **: ids of those that were changed while it ran */
  const char *kind;    /* static */
  TaskState state;
  gint64 created_us;
  RvJob *job;    /* while it runs */
  RvJob *past;   /* what ran until it was paused, for its moments; or NULL */
  RvJob *branch; /* what is to run, from a moment of another; NULL: what is asked for */
  GCancellable *cancellable;
  gboolean pausing, keeping, cancelled; /* it was told to stop: to go on later, for good, or with nothing */
  char *result;                         /* id of the picture made */
  char *error, *option;                 /* why it failed, or had to be paused */

  guint64 now; /* number of what happened last */
  guint64 state_at, progress_at, preview_at;
  RvJobReport progress;     /* the newest; without what it only borrows */
  double began_01, began_s; /* how much was done when it went on, and in how long */
  RvImage *preview;
  char *label, *note; /* what is being made of it, and what is to be said: as RvJobReport has them, or NULL */
  char **names;       /* of losses */
  int n_names;
  GArray *losses;    /* double: iteration, then one for each name */
  GArray *losses_at; /* guint64: when each line came */
} Task;

/* task_new: (transfer full): @asked is copied. */
Task *task_new (const char *id, const char *asked);
Task *task_ref (Task *task);
void task_unref (Task *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Task, task_unref)

/* task_read: (transfer full) (nullable): the job that is asked for, with its inputs found; sets the task's kind and
 * inputs. @used: ids of given pictures that others need; its own are added. RV_ERROR_SETTING where a setting names a
 * file: the studio's are its own. */
RvJob *task_read (Task *task, Pictures *pictures, GHashTable *used, GError **error);

/* task_write: (transfer full) (nullable): what is asked for, as task_read() reads it. @job: one that task_read() made,
 * or of its inputs. */
char *task_write (RvJob *job, GError **error);

/* task_set: a setting of a job, which may run; only such as rv_option_may_change() is said of, and none that names a
 * file. */
gboolean task_set (RvJob *job, const char *option, const char *value, GError **error);

/* Pictures that it is given on its way. task_note_given: for good, as what was asked for is. task_note_change: of one
 * role. task_given: (transfer full) (nullable): what was noted; @pictures and @used: as for task_read(). */
void task_note_given (Task *task, const Given *given);
void task_note_change (Task *task, const char *role, char **ids);
Given *task_given (const Task *task, Pictures *pictures, GHashTable *used, GError **error);

/* task_moments: (transfer full): of its run, or of the one that was paused; none where there is neither. task_moment:
 * (transfer full) (nullable): the one after that iteration. G_IO_ERROR_NOT_FOUND. */
GPtrArray *task_moments (const Task *task);
RvMoment *task_moment (const Task *task, gint64 iteration, GError **error);

/* task_branch: (transfer full) (nullable): one more, called @id, which goes on from there, changed as @steering
 * has it. @pictures and @used: as for task_read(). */
Task *task_branch (const Task *task, const char *id, RvMoment *moment, const Steering *steering, Pictures *pictures,
                   GHashTable *used, GError **error);

/* task_set_state: which all who look at it are to be told. task_report: of its job. */
void task_set_state (Task *task, TaskState state);
void task_report (Task *task, const RvJobReport *report);
gboolean task_has_ended (const Task *task);

/* ---- task-said.c ------------------------------------------------------------------------------------------------- */

/* task_json: as an object. */
void task_json (const Task *task, GString *json, const char *name);

/* task_events: appends what happened after @seen, as server-sent events whose ids begin with @epoch; returns how far it
 * told. */
guint64 task_events (const Task *task, guint64 seen, const char *epoch, GString *text);

#endif
