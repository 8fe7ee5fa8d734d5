/* optim.c -- the table of optimisers, their specific settings and slots, the decay of the learning rate. */
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

/* ---- specific settings ------------------------------------------------------------------------------------------- */

void
rv__optim_specific_free (const RvOptimClass *class, gpointer specific)
{
  if (specific)
    rv__option_clear (class->options, specific);
  g_free (specific);
}

gpointer
rv__optim_specific_used (const RvOptimClass *class, const RvOptimSettings *settings, int *n_shrunk)
{
  gpointer specific = g_malloc0 (class->settings_bytes);
  int n = 0;
  if (settings->specific)
    rv__option_copy (class->options, settings->specific, specific);
  else
    rv__option_defaults (class->options, specific);
  while (n < settings->n_shrunk && class->reduce_memory && class->reduce_memory (specific))
    n++;
  if (n_shrunk)
    *n_shrunk = n;
  return specific;
}

/* Offset of the specific settings of optimiser @n, behind a struct of @bytes. For @n equal to the number of optimisers:
 * the size of the whole struct. */
static gsize
specific_offset (guint n, gsize bytes)
{
  gsize offset = rv__aligned (bytes);
  for (guint i = 0; i < n; i++)
    offset += rv__aligned (table[i]->settings_bytes);
  return offset;
}

/* Appends the options of all optimisers to @rows, RvOption, with offsets behind a struct of @bytes. */
static void
append_rows (GArray *rows, gsize bytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    for (const RvOption *option = table[i]->options; option->name; option++) {
      RvOption row = *option;
      row.offset += specific_offset (i, bytes);
      g_array_append_val (rows, row);
    }
}

RvOption *
rv__optim_insert_options (const RvOption *options, const char *after, gsize *bytes)
{
  GArray *rows = g_array_new (TRUE, FALSE, sizeof (RvOption)); /* with a row of zeros at the end */
  for (; options->name; options++) {
    g_array_append_val (rows, *options);
    if (strcmp (options->name, after) == 0)
      append_rows (rows, *bytes);
  }
  *bytes = specific_offset (G_N_ELEMENTS (table), *bytes);
  return (RvOption *) (void *) g_array_free (rows, FALSE);
}

const void *
rv__optim_specific_from_settings (const RvOptimClass *class, const void *settings, gsize bytes)
{
  guint i = 0;
  while (table[i] != class)
    i++;
  return (const char *) settings + specific_offset (i, bytes);
}

/* ---- optimisers -------------------------------------------------------------------------------------------------- */

RvOptim *
rv__optim_new (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n, GError **error)
{
  g_autoptr (RvOptim) optim = g_new0 (RvOptim, 1);
  gpointer specific = rv__optim_specific_used (class, settings, NULL);
  optim->class = class;
  optim->settings = *settings;
  optim->settings.specific = specific;
  optim->n = n;
  optim->n_slots = class->n_slots (specific);
  optim->slot = g_new0 (float *, optim->n_slots + 1);
  optim->extra_state_bytes = class->extra_state_bytes ? class->extra_state_bytes (specific) : 0;
  optim->extra_state = g_malloc0 (optim->extra_state_bytes + 1);
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
  g_free (optim->extra_state);
  rv__optim_specific_free (optim->class, (gpointer) optim->settings.specific);
  g_free (optim);
}

gsize
rv__optim_memory (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n)
{
  gpointer specific = rv__optim_specific_used (class, settings, NULL);
  gsize n_slots = (gsize) class->n_slots (specific);
  rv__optim_specific_free (class, specific);
  return (gsize) n * sizeof (float) * n_slots;
}

double
rv__optim_rate (const RvOptimSettings *settings, gint64 k)
{
  double exponent = (double) (k - 1) / MAX (settings->decay_steps, 1);
  if (settings->decay_schedule == RV_DECAY_STEPS)
    exponent = floor (exponent);
  return settings->learning_rate * pow (settings->decay, exponent);
}
