/* given.h -- pictures that a job is given on its way, in place of all that it has of their roles.
 * Layer 8 (studio). */
#ifndef STUDIO_GIVEN_H
#define STUDIO_GIVEN_H

#include "pictures.h"
#include <reverie/job.h>

/* Inputs that change on the way. */
#define N_STEERED 2
extern const char *const steered_roles[N_STEERED];

typedef struct {
  char **ids[N_STEERED];       /* of each role that changes; or NULL */
  GPtrArray *paths[N_STEERED]; /* theirs */
} Given;

/* given_find: (transfer full) (nullable): @ids: of each role, or NULL; @used: ids of given pictures that others need;
 * its own are added. given_read: the job has them from then on; on any thread: one that runs decodes them at once. */
Given *given_find (char **const *ids, Pictures *pictures, GHashTable *used, GError **error);
gboolean given_read (const Given *given, RvJob *job, GError **error);
void given_free (Given *given);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Given, given_free)

#endif
