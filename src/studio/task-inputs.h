/* task-inputs.h -- inputs that replace all inputs of their role while a job runs.
 * Layer 8 (studio). */
#ifndef STUDIO_INPUT_CHANGE_H
#define STUDIO_INPUT_CHANGE_H

#include "pictures.h"
#include <reverie/job.h>

/* Roles that can be replaced. */
#define N_STEERED 2
extern const char *const steered_roles[N_STEERED];

typedef struct {
  char **ids[N_STEERED];       /* for each role; NULL: unchanged */
  GPtrArray *paths[N_STEERED]; /* paths of @ids */
} InputChange;

/* (transfer full) (nullable): finds the files of @ids (NULL: unchanged role). @used: ids of pictures that others need;
 * those of @ids are added. */
InputChange *given_find (char **const *ids, Pictures *pictures, GHashTable *used, GError **error);
/* Replaces the inputs of @job. Any thread; a running job decodes them at once. */
gboolean given_read (const InputChange *given, RvJob *job, GError **error);
void given_free (InputChange *given);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InputChange, given_free)

#endif
