/* steer.c -- changes of style transfer while it runs: strength, weights, learning rate; and masks, for a run that
 * resumes. */
#include "base/error.h"
#include "method/style/style-run.h"

/* Checks that the run can continue with the weights @now. A loss whose weight was 0 at the start of the run has no
 * terms and no targets. RV_ERROR_SETTING. */
static gboolean
check_weights (const RvStyleSettings *begun, const RvStyleSettings *now, GError **error)
{
  const struct {
    const char *name;
    double begun, now;
  } weights[] = { { "content-weight", begun->content_weight, now->content_weight },
                  { "style-weight", begun->style_weight, now->style_weight },
                  { "tv-weight", begun->tv_weight, now->tv_weight } };
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
rv__style_check_steer (const RvSettings *begun, const RvSettings *now, GError **error)
{
  return rv__settings_check_change (begun, now, error) && check_weights (begun->fields, now->fields, error);
}

/* Whether both lists, of equal length, have the same weights. */
static gboolean
weigh_alike (const GArray *a, const GArray *b)
{
  gboolean alike = TRUE;
  for (guint i = 0; i < a->len; i++)
    alike &= g_array_index (a, RvTerm, i).weight == g_array_index (b, RvTerm, i).weight;
  return alike;
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
  gboolean changed = !weigh_alike (before, style->terms);
  if (run && run->optim)
    run->optim->settings.learning_rate = style->settings->learning_rate;
  style->loss_changed |= !run && style->resume && changed;
  return !run || !run->optim || !changed || rv__style_change_loss (run, error);
}
