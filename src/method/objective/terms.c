/* terms.c -- lists of terms, parsed from settings. */
#include "terms.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

/* Frees or releases the members of an RvTerm, not the struct. */
static void
clear_term (gpointer data)
{
  RvTerm *term = data;
  g_free (term->layer);
  g_free (term->settings);
  g_free (term->channel_weights);
  g_free (term->channel_groups);
  rv_tensor_unref (term->tensor);
}

GArray *
rv__terms_new (void)
{
  GArray *terms = g_array_new (FALSE, FALSE, sizeof (RvTerm));
  g_array_set_clear_func (terms, clear_term);
  return terms;
}

/* Parses "LAYER[:WEIGHT]": sets term->layer (transfer full) to the name that the network @net_name has for LAYER, and
 * multiplies term->weight by WEIGHT. Changes @text. RV_ERROR_SETTING for a bad WEIGHT. */
static gboolean
parse_layer (RvTerm *term, char *text, const char *net_name, GError **error)
{
  char *colon = strrchr (g_strstrip (text), ':'), *end = NULL;
  if (colon && strcmp (colon, ":pre") != 0) {
    double own = g_ascii_strtod (colon + 1, &end);
    if (end == colon + 1 || *end || !isfinite (own) || own < 0)
      return rv__error_set (error, RV_ERROR_SETTING, "'%s': a layer's weight must be a number of 0 or more", text);
    term->weight *= own;
    *colon = 0;
  }
  return (term->layer = rv__net_layer (net_name, text, error)) != NULL;
}

gboolean
rv__terms_add (GArray *terms, const RvLossClass *loss, double weight, const char *layers, const char *net_name,
               const char *settings, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (loss->on_picture ? "" : layers, ",", -1);
  g_autoptr (GError) own_error = NULL;
  g_autofree gpointer own = rv__loss_settings (loss, settings, &own_error);
  RvTerm plain = { .loss = loss, .group = loss->group, .weight = weight, .settings = own, .mask = -1 };
  plain.picture = loss->target == RV_TARGET_SUMS ? -1 : 0;
  if (own_error)
    return rv__error_propagate (error, g_steal_pointer (&own_error));
  if (loss->on_picture)
    rv__terms_append (terms, &plain);
  for (char **part = parts; *part; part++)
    if (!parse_layer (rv__terms_append (terms, &plain), *part, net_name, error))
      return FALSE;
  return loss->on_picture || parts[0] ||
         rv__error_set (error, RV_ERROR_SETTING, "a list of layers is empty; name at least one layer");
}

RvTerm *
rv__terms_append (GArray *terms, const RvTerm *term)
{
  RvTerm copy = *term;
  copy.layer = g_strdup (term->layer);
  copy.settings = g_memdup2 (term->settings, term->loss->settings_bytes);
  copy.tensor = term->tensor ? rv_tensor_ref (term->tensor) : NULL;
  copy.channel_weights = NULL; /* their length depends on the layer */
  copy.channel_groups = NULL;
  g_array_append_val (terms, copy);
  return &g_array_index (terms, RvTerm, terms->len - 1);
}

void
rv__term_set_loss (RvTerm *term, const RvLossClass *loss, const char *settings)
{
  term->loss = loss;
  g_free (term->settings);
  term->settings = rv__loss_settings (loss, settings, NULL);
}

void
rv__terms_set_loss (GArray *terms, const RvLossClass *loss)
{
  for (guint i = 0; i < terms->len; i++)
    rv__term_set_loss (&g_array_index (terms, RvTerm, i), loss, NULL);
}

int
rv__terms_groups (const GArray *terms, const char *groups[RV_MAX_GROUPS + 1])
{
  int n = 0;
  groups[0] = NULL;
  for (guint i = 0; i < terms->len; i++) {
    const char *group = g_array_index (terms, RvTerm, i).group;
    if (g_strv_contains (groups, group))
      continue;
    if (n == RV_MAX_GROUPS)
      return -1;
    groups[n++] = group;
    groups[n] = NULL;
  }
  return n;
}

int
rv__terms_min_side (const RvNet *net, const GArray *terms)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new ();
  for (guint i = 0; i < terms->len; i++) {
    const char *layer = g_array_index (terms, RvTerm, i).layer;
    if (layer && !g_ptr_array_find_with_equal_func (layers, layer, g_str_equal, NULL))
      g_ptr_array_add (layers, (gpointer) layer);
  }
  if (layers->len == 0)
    return 1;
  g_ptr_array_add (layers, NULL);
  return rv__net_min_side (net, (const char *const *) layers->pdata);
}
