/* steer.c -- changes of style transfer while it runs: strength, weights, learning rate; and masks, for a run that
 * resumes. */
#include "base/error.h"
#include "method/style/style-run.h"

gboolean
rv__style_check_steer (const RvSettings *begun_settings, const RvSettings *now_settings, GError **error)
{
  const RvStyleSettings *begun = begun_settings->fields, *now = now_settings->fields;
  const struct {
    const char *name;
    double begun, now;
  } weights[] = { { "content-weight", begun->content_weight, now->content_weight },
                  { "style-weight", begun->style_weight, now->style_weight },
                  { "tv-weight", begun->tv_weight, now->tv_weight } };
  if (!rv__settings_check_change (begun_settings, now_settings, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (weights); i++)
    if (weights[i].begun == 0 && weights[i].now > 0)
      return rv__error_setting (error, weights[i].name,
                                "'%s' was 0 when the run began and must stay 0: its loss is not computed",
                                weights[i].name);
  if (now->strength == 0 && begun->strength > 0)
    return rv__error_setting (error, "strength",
                              "'strength' cannot become 0 during a run: 0 gives the photograph itself");
  return rv__style_check_weights (now, error);
}

gboolean
rv__style_change_loss (RvStyleRun *run, GError **error)
{
  RvOptim *optim = run->optim;
  rv__objective_set_weights (run->objective, rv__style_scale_terms (run->style, run->scale));
  rv__early_stop_reset (&run->common.stop);
  if (optim->class->restart)
    optim->class->restart (optim, rv__style_params (run));
  return !optim->class->restart || rv__style_update_picture (run, error);
}

void
rv__style_set_changed (RvStyle *style)
{
  style->loss_changed = style->protect_changed = TRUE;
}

gboolean
rv__style_steer (RvStyle *style, const RvSettings *settings, GError **error)
{
  if (!rv__style_check_steer (style->initial_settings, settings, error))
    return FALSE;
  g_autoptr (GArray) before = g_array_ref (style->terms);
  RvStyleRun *run = style->run;
  rv__settings_assign (style->current_settings, settings);
  rv__style_rebuild_terms (style);
  gboolean changed = FALSE;
  for (guint i = 0; i < before->len; i++)
    changed |= g_array_index (before, RvTerm, i).weight != g_array_index (style->terms, RvTerm, i).weight;
  if (run && run->optim)
    run->optim->settings.learning_rate = style->settings->learning_rate;
  style->loss_changed |= !run && style->resume && changed;
  return !run || !run->optim || !changed || rv__style_change_loss (run, error);
}
