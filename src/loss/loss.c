/* loss.c -- the table of losses, and what several of them share. */
#include "loss.h"
#include "loss/loss-list.h"
#include <string.h>

#define X(name) extern const RvLossClass rv__loss_##name;
RV_LOSS_ROWS (X)
#undef X

static const RvLossClass *const table[] = {
#define X(name) &rv__loss_##name,
  RV_LOSS_ROWS (X)
#undef X
};

const RvLossClass *
rv__loss_find (RvLossRole role, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->role == role && strcmp (table[i]->name, name) == 0)
      return table[i];
  return NULL;
}

/* The names of one role, collected once: the table is constant, so whoever comes first writes what all would. */
static const char *const *
names_of (RvLossRole role, gsize *once, const char **names)
{
  if (g_once_init_enter (once)) {
    int n = 0;
    for (guint i = 0; i < G_N_ELEMENTS (table); i++)
      if (table[i]->role == role)
        names[n++] = table[i]->name;
    g_once_init_leave (once, 1);
  }
  return names;
}

const char *const *
rv__loss_style_names (void)
{
  static const char *names[G_N_ELEMENTS (table) + 1];
  static gsize once;
  return names_of (RV_LOSS_STYLE, &once, names);
}

const char *const *
rv__loss_content_names (void)
{
  static const char *names[G_N_ELEMENTS (table) + 1];
  static gsize once;
  return names_of (RV_LOSS_CONTENT, &once, names);
}

const char *const *
rv__loss_tv_names (void)
{
  static const char *names[G_N_ELEMENTS (table) + 1];
  static gsize once;
  return names_of (RV_LOSS_TV, &once, names);
}

void
rv__gram_record (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS])
{
  sums[0] = rv__gram (program, x);
}

double
rv__gram_distance (gint64 channels, const double *G, double a, const double *S, double b, double factor, double *grad)
{
  double sum = 0;
  for (gint64 i = 0; i < channels * channels; i++) {
    double difference = a * G[i] - b * S[i];
    sum += difference * difference;
    grad[i] = 2 * factor * a * difference;
  }
  return factor * sum;
}

void
rv__content_record (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS])
{
  sums[0] = rv__sum_squared_difference (program, x, target);
}
