/* loss.c -- the table of losses, their settings, and common functions. */
#include "loss.h"
#include "base/error.h"
#include "base/parallel.h"
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
rv__loss_list (guint n)
{
  return n < G_N_ELEMENTS (table) ? table[n] : NULL;
}

const RvLossClass *
rv__loss_find (const char *group, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i]->group, group) == 0 && strcmp (table[i]->name, name) == 0)
      return table[i];
  return NULL;
}

const RvLossClass *
rv__loss_for (const char *role)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (table[i]->role, role) == 0)
      return table[i];
  return NULL;
}

const RvLossClass *
rv__loss_on_words (const RvLossClass *loss)
{
  return loss->on_words ? rv__loss_for (loss->on_words) : loss;
}

const RvLossClass *
rv__loss_on_classes (const RvLossClass *loss)
{
  return loss->on_classes ? rv__loss_for (loss->on_classes) : loss;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *group;
  const char *names[G_N_ELEMENTS (table) + 1];
} Names;

const char *const *
rv__loss_names (const char *group)
{
  static Names lists[G_N_ELEMENTS (table) + 1]; /* one for each group, then one without group and names */
  static gsize once;
  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
      Names *list = lists;
      while (list->group && strcmp (list->group, table[i]->group) != 0)
        list++;
      list->group = table[i]->group;
      list->names[g_strv_length ((char **) list->names)] = table[i]->name;
    }
    g_once_init_leave (&once, 1);
  }
  const Names *list = lists;
  while (list->group && strcmp (list->group, group) != 0)
    list++;
  return list->names;
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* (nullable): the first loss with settings whose name is @name, in any group. Static. NULL, no error: none. */
static const RvLossClass *
find_with_settings (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->options && strcmp (table[i]->name, name) == 0)
      return table[i];
  return NULL;
}

/* Sets RV_ERROR_SETTING: @part is no setting of a loss; the message lists all settings. Returns FALSE. */
static gboolean
refuse_setting (const char *part, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    for (const RvOption *row = table[i]->options; row && row->name; row++)
      g_string_append_printf (known, "%s%s.%s", known->len ? ", " : "", table[i]->name, row->name);
  return rv__error_set (error, RV_ERROR_SETTING,
                        "'%.50s' is no setting of a loss; write LOSS.NAME=VALUE,... with one of %s", part, known->str);
}

gpointer
rv__loss_settings (const RvLossClass *loss, const char *text, GError **error)
{
  g_autofree gpointer settings = loss->options ? g_malloc0 (loss->settings_bytes) : NULL;
  g_auto (GStrv) parts = g_strsplit (text ? text : "", ",", -1);
  if (settings)
    rv__option_defaults (loss->options, settings);
  for (char **part = parts; *part; part++) {
    const char *dot = strchr (g_strstrip (*part), '.'), *equals = dot ? strchr (dot, '=') : NULL;
    g_autofree char *owner = equals ? g_strndup (*part, (gsize) (dot - *part)) : NULL;
    const RvLossClass *whose = owner ? find_with_settings (owner) : NULL;
    g_autofree char *name = whose ? g_strndup (dot + 1, (gsize) (equals - dot - 1)) : NULL;
    if (!whose || !rv__option_find (whose->options, name))
      return rv__null (refuse_setting (*part, error));
    /* checks settings of other losses as well */
    g_autofree gpointer others = whose == loss ? NULL : g_malloc0 (whose->settings_bytes);
    if (!rv__option_set (whose->options, whose == loss ? settings : others, name, equals + 1, error))
      return NULL;
  }
  return g_steal_pointer (&settings);
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

/* Copies @n floats of @from to @to as doubles. */
RV_CLONES static void
widen (const float *from, gint64 n, double *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] = (double) from[i];
}

/* Adds @factor times @n numbers of @from to @to, each product rounded to float. */
RV_CLONES static void
add_f32 (const double *from, double factor, gint64 n, float *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] += (float) (factor * from[i]);
}

/* Adds @factor times @n numbers of @from to @to. */
RV_CLONES static void
add_f64 (const double *from, double factor, gint64 n, double *to)
{
  for (gint64 i = 0; i < n; i++)
    to[i] += factor * from[i];
}

void
rv__loss_map_get (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double *row)
{
  gint64 at = channel * map->positions + first;
  if (map->type == RV_F64)
    memcpy (row, (const double *) map->data + at, (gsize) n * sizeof (double));
  else
    widen ((const float *) map->data + at, n, row);
}

void
rv__loss_map_add (const RvLossMap *map, gint64 channel, gint64 first, gint64 n, double factor, const double *row)
{
  gint64 at = channel * map->positions + first;
  if (map->type == RV_F64)
    add_f64 (row, factor, n, (double *) map->data + at);
  else
    add_f32 (row, factor, n, (float *) map->data + at);
}

/* ---- common functions -------------------------------------------------------------------------------------------- */

int
rv__loss_record_kernel (RvProgram *program, gint64 channels, const double numbers[9])
{
  RvShape shape = rv_shape (4, channels, channels, 3, 3);
  g_autoptr (RvTensor) kernel = program->error ? NULL : rv_tensor_new (program->type, &shape, &program->error);
  if (!kernel)
    return -1;
  const RvLossMap map = { .type = program->type, .data = kernel->data };
  for (gint64 i = 0; i < channels * 9; i++)
    rv__loss_map_set (&map, (i / 9 * channels + i / 9) * 9 + i % 9, numbers[i % 9]);
  return rv__program_constant (program, kernel);
}

void
rv__map_record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = values->x;
}

double
rv__mean_evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1 / ((double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

double
rv__relative_evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                       double *const grad[])
{
  grad[0][0] = 1 / rv__loss_norm (target->sum[0][0], (double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

double
rv__loss_norm (double squares, double n)
{
  return MAX (squares, n * RV_LOSS_UNSEEN * RV_LOSS_UNSEEN);
}
