/* optim.c -- the table of optimisers, their slots, the learning rate's decay. */
#include "optim.h"
#include "base/alloc.h"
#include "optim/optim-list.h"
#include <math.h>
#include <string.h>

#define X(name) extern const RvOptimClass rv__optim_##name;
RV_OPTIM_ROWS (X)
#undef X

static const RvOptimClass *const table[] = {
#define X(name) &rv__optim_##name,
  RV_OPTIM_ROWS (X)
#undef X
};

static const char *const names[] = {
#define X(name) #name,
  RV_OPTIM_ROWS (X)
#undef X
    NULL
};

const char *const *
rv__optim_names (void)
{
  return names;
}

const RvOptimClass *
rv__optim_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i]->name, name) == 0)
      return table[i];
  return NULL;
}

RvOptim *
rv__optim_new (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n, GError **error)
{
  g_autoptr (RvOptim) optim = g_new0 (RvOptim, 1);
  optim->class = class;
  optim->settings = *settings;
  optim->n = n;
  optim->n_slots = class->n_slots (settings);
  optim->slot = g_new0 (float *, optim->n_slots + 1);
  optim->own_bytes = class->own_bytes ? class->own_bytes (settings) : 0;
  optim->own = g_malloc0 (optim->own_bytes + 1);
  for (int i = 0; i < optim->n_slots; i++)
    if (!(optim->slot[i] = rv__alloc ((gsize) n * sizeof (float), "the optimiser's state", error)))
      return NULL;
  return g_steal_pointer (&optim);
}

void
rv__optim_free (RvOptim *optim)
{
  if (!optim)
    return;
  for (int i = 0; i < optim->n_slots; i++)
    rv__free (optim->slot[i]);
  g_free (optim->slot);
  g_free (optim->own);
  g_free (optim);
}

gsize
rv__optim_memory (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n)
{
  return (gsize) n * sizeof (float) * (gsize) class->n_slots (settings);
}

double
rv__optim_rate (const RvOptimSettings *settings, gint64 k)
{
  double exponent = (double) (k - 1) / MAX (settings->decay_steps, 1);
  if (settings->decay_form == RV_DECAY_STEPS)
    exponent = floor (exponent);
  return settings->learning_rate * pow (settings->decay, exponent);
}
