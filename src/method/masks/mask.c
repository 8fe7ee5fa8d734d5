/* mask.c -- kinds of masks, by name. */
#include "base/error.h"
#include "masks.h"
#include "method/compute.h"
#include <string.h>

static const RvMaskClass *const table[] = { &rv__mask_faces, &rv__mask_people, &rv__mask_subject,
                                            &rv__mask_background };

#define N_KINDS G_N_ELEMENTS (table)

const char *const *
rv__mask_kinds_or_none (void)
{
  static const char *names[N_KINDS + 2] = { "none" };
  static gsize once;
  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < N_KINDS; i++)
      names[i + 1] = table[i]->name;
    g_once_init_leave (&once, 1);
  }
  return names;
}

const char *const *
rv_mask_kinds (void)
{
  return rv__mask_kinds_or_none () + 1;
}

RvImage *
rv_mask_new (const RvImage *picture, const char *kind, int n_threads, char **found, GError **error)
{
  g_autofree char *text = NULL;
  for (guint i = 0; i < N_KINDS; i++)
    if (strcmp (table[i]->name, kind) == 0) {
      RvImage *mask = table[i]->make (picture, CLAMP (n_threads, 0, RV_COMPUTE_MAX_THREADS), &text, error);
      if (mask && found)
        *found = g_steal_pointer (&text);
      return mask;
    }
  return rv__error_null (error, RV_ERROR_SETTING, "unknown kind of mask '%s'", kind);
}
