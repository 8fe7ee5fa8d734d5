/* task-inputs.h -- inputs that replace all inputs of their role while a job runs. Layer 8 (studio). */
#ifndef STUDIO_INPUT_CHANGE_H
#define STUDIO_INPUT_CHANGE_H

#include "pictures.h"
#include <reverie/job.h>

/* Roles that can be replaced. */
#define N_STEERED 2
extern const char *const steered_roles[N_STEERED];

/* New inputs of a job. */
typedef struct {
  char **ids[N_STEERED];       /* for each role; NULL: unchanged */
  GPtrArray *paths[N_STEERED]; /* paths of @ids */
} InputChange;

/* (transfer full) (nullable): the new inputs, with the paths of @ids: N_STEERED lists, NULL: unchanged role. @used: ids
 * of pictures that may not be deleted; adds those of @ids. G_IO_ERROR_NOT_FOUND, errors of pictures_input_path(). */
InputChange *input_change_new (char **const *ids, Pictures *pictures, GHashTable *used, GError **error);
/* Replaces the inputs of @job. Any thread. Slow: a running job decodes them at once. Errors as rv_job_change_files().
 */
gboolean input_change_apply (const InputChange *inputs, RvJob *job, GError **error);
void input_change_free (InputChange *inputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InputChange, input_change_free)

#endif
