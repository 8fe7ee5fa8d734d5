/* state.c -- states of runs that can resume. A state belongs to the version and the machine that wrote it. */
#include "method/run/state.h"
#include "base/error.h"
#include "backend/kernel-table.h"
#include "tensor/tensor-file.h"
#include "tensor/type.h"
#include <string.h>

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Settings that may change between stop and resume: they affect no number, or only the end of the run. */
static const char *const may_differ[] = { "time", "memory", "tile", NULL };

/* (transfer full): lines "name=value", each with a newline, for all options of @table in their order, except the names
 * in may_differ. @settings: the struct that @table describes. Cannot fail. */
static char *
settings_text (const RvOption *table, const void *settings)
{
  GString *text = g_string_new (NULL);
  for (const RvOption *option = table; option->name; option++) {
    g_autofree char *value = rv__option_get (table, settings, option->name);
    if (!g_strv_contains (may_differ, option->name))
      g_string_append_printf (text, "%s=%s\n", option->name, value);
  }
  return g_string_free (text, FALSE);
}

RvTensorMap *
rv__state_new (const RvOption *table, const void *settings, const RvKernelTable *kernels)
{
  RvTensorMap *state = rv_tensor_map_new ();
  g_autofree char *text = settings_text (table, settings);
  rv_tensor_map_set_text (state, "reverie", RV_VERSION);
  rv_tensor_map_set_text (state, "settings", text);
  rv__state_set_kernels (state, kernels);
  return state;
}

void
rv__state_set_kernels (RvTensorMap *state, const RvKernelTable *kernels)
{
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_autofree char *text = rv__kernel_table_to_text (kernels), *used_text = rv__kernel_table_to_text (used);
  rv_tensor_map_set_text (state, "kernels", text);
  rv_tensor_map_set_text (state, "kernels used", used_text);
}

void
rv__state_set_view (RvTensorMap *state, const char *name, RvType type, const RvShape *shape, gconstpointer data)
{
  gsize size = (gsize) rv_shape_count (shape) * rv__type_bytes (type);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (RvTensor) tensor = rv_tensor_new_from_bytes (type, shape, bytes, NULL);
  rv_tensor_map_set (state, name, tensor);
}

void
rv__state_set_fits (RvTensorMap *state, const RvFit *fits, guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%d %d %d\n", fits[i].tile_px, fits[i].recompute, fits[i].compact);
  rv_tensor_map_set_text (state, "fits", text->str);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

gboolean
rv__state_refuse (GError **error, const char *why)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint %s", why);
}

gboolean
rv__state_check (const RvTensorMap *state, const RvOption *table, const void *settings, const char *what,
                 GError **error)
{
  const char *stored = rv_tensor_map_get_text (state, "settings");
  g_autofree char *text = settings_text (table, settings);
  if (g_strcmp0 (rv_tensor_map_get_text (state, "reverie"), RV_VERSION) != 0)
    return rv__state_refuse (error, "was written by another version of the program");
  if (!stored)
    return rv__state_refuse (error, "is damaged: its settings are missing");
  g_auto (GStrv) now = g_strsplit (text, "\n", -1), then = g_strsplit (stored, "\n", -1);
  guint k = 0; /* index in `then` */
  for (guint i = 0; now[i] && then[k]; i++) {
    int n_now = (int) strcspn (now[i], "="), n_then = (int) strcspn (then[k], "=");
    gboolean is_new = n_now != n_then || strncmp (now[i], then[k], (gsize) n_now) != 0;
    if (is_new && g_str_has_suffix (now[i], "=")) /* an option that was added later, and is not set */
      continue;
    if (is_new)
      break;
    if (strcmp (now[i], then[k++]) != 0) {
      g_autofree char *option = g_strndup (now[i], (gsize) n_now);
      return rv__error_setting (error, option, "the run that stopped had '%.*s'%.80s, and this has '%.*s'%.80s", n_then,
                                then[k - 1], then[k - 1] + n_then, n_now, now[i], now[i] + n_now);
    }
  }
  return k == g_strv_length (then) || rv__error_set (error, RV_ERROR_FORMAT, "this is not a checkpoint of %s", what);
}

void
rv__state_get_kernels (const RvTensorMap *state, RvKernelTable *kernels)
{
  const char *text = rv_tensor_map_get_text (state, "kernels"), *used = rv_tensor_map_get_text (state, "kernels used");
  rv__kernel_table_restore (kernels, text ? text : "", used ? used : "");
}

gboolean
rv__state_get_count (const RvTensorMap *state, const char *key, gint64 max, gint64 *count, GError **error)
{
  const char *text = rv_tensor_map_get_text (state, key);
  return (text && g_ascii_string_to_signed (text, 10, 0, max, count, NULL)) ||
         rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint is damaged: its '%s' is not a valid value", key);
}

const RvTensor *
rv__state_get_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape, GError **error)
{
  const RvTensor *tensor = rv_tensor_map_get (state, name);
  if (tensor && tensor->type == type && rv_shape_equal (&tensor->shape, shape))
    return tensor;
  return rv__error_null (error, RV_ERROR_FORMAT, "the checkpoint is damaged: its '%s' belongs to another run", name);
}

gboolean
rv__state_read_tensor (const RvTensorMap *state, const char *name, RvType type, const RvShape *shape, void *to,
                       GError **error)
{
  const RvTensor *tensor = rv__state_get_tensor (state, name, type, shape, error);
  return tensor && rv__tensor_read_into (tensor, to, error);
}

gboolean
rv__state_get_fits (const RvTensorMap *state, RvFit *fits, guint n, GError **error)
{
  const char *text = rv_tensor_map_get_text (state, "fits");
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  for (guint i = 0; i < n; i++) {
    g_auto (GStrv) words = g_strsplit (i < g_strv_length (lines) ? lines[i] : "", " ", -1);
    gint64 numbers[3];
    guint n_read = 0;
    while (n_read < 3 && words[n_read] &&
           g_ascii_string_to_signed (words[n_read], 10, 0, G_MAXINT32, &numbers[n_read], NULL))
      n_read++;
    if (n_read < 3 || words[3] || numbers[2] > 1)
      return rv__state_refuse (error, "is damaged: its 'fits' is not a valid value");
    fits[i] = (RvFit){ .tile_px = (int) numbers[0], .recompute = (int) numbers[1], .compact = (gboolean) numbers[2] };
  }
  return TRUE;
}
