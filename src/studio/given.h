/* given.h -- inputs that replace all inputs of their role while a job runs.
 * Layer 8 (studio). */
#ifndef STUDIO_GIVEN_H
#define STUDIO_GIVEN_H

#include "pictures.h"
#include <reverie/job.h>

/* Roles that can be replaced. */
#define N_STEERED 2
extern const char *const steered_roles[N_STEERED];

typedef struct {
  char **ids[N_STEERED];       /* for each role; NULL: unchanged */
  GPtrArray *paths[N_STEERED]; /* paths of @ids */
} Given;

/* (transfer full) (nullable): finds the files of @ids (NULL: unchanged role). @used: ids of pictures that others need;
 * those of @ids are added. */
Given *given_find (char **const *ids, Pictures *pictures, GHashTable *used, GError **error);
/* Replaces the inputs of @job. Any thread; a running job decodes them at once. */
gboolean given_read (const Given *given, RvJob *job, GError **error);
void given_free (Given *given);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Given, given_free)

#endif
