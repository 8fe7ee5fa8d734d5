/* learned-run.c -- style networks of a job: from its inputs, loading, and in its recipe. */
#include "base/error.h"
#include "job/core/recipe.h"
#include "job/learned/learned-styles.h"
#include <string.h>

RvLearnedStyles *
rv__learned_styles_from_inputs (const GPtrArray *inputs, const char *text, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  for (guint i = 0; i < inputs->len; i++) {
    char *file = ((const RvJobInput *) inputs->pdata[i])->file;
    g_autofree char *name = g_path_get_basename (file);
    for (guint k = 0; k < files->len; k++) { /* `learned` names files without folders */
      g_autofree char *other = g_path_get_basename (files->pdata[k]);
      if (strcmp (other, name) == 0 && strcmp (files->pdata[k], file) != 0)
        return rv__null (rv__error_setting (error, "learned", "'learned' names two files called %s", name));
    }
    g_ptr_array_add (files, file);
  }
  g_ptr_array_add (files, NULL);
  return rv__learned_styles_parse (text, (const char *const *) files->pdata, error);
}

RvLearnedStyles *
rv__learned_styles_from_request (const RvJobRequest *request, const char *text, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, "painter");
  RvLearnedStyles *learned = rv__learned_styles_from_inputs (inputs, text, error);
  if (learned)
    learned->preprocessing = g_strdup (request->options->preprocessing);
  return learned;
}

gboolean
rv__learned_styles_check_inputs (const RvLearnedStyles *learned, const RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) masks = rv__request_inputs (request, "mask"), styles = rv__request_inputs (request, "style");
  if (!g_str_equal (rv_settings_get_text (request->settings, "regions", NULL), "none"))
    return rv__error_setting (error, "regions", "'regions' cannot be combined with 'learned'");
  if (learned->is_any && styles->len == 0)
    return rv__error_setting (error, NULL, "'learned' any needs an input called 'style': the painting");
  if (learned->is_any && (strcmp (rv_settings_get_text (request->settings, "backend", NULL), "auto") != 0 ||
                          *rv_settings_get_text (request->settings, "gpu", NULL)))
    return rv__error_setting (
      error, "backend,gpu,learned",
      "'backend' and 'gpu' cannot be combined with 'learned' any, which the processor computes");
  if (learned->is_any && learned->preprocessing)
    return rv__error_setting (error, "preprocessing,learned", "'preprocessing' cannot be combined with 'learned' any");
  if (!learned->is_any && styles->len > 0)
    return rv__error_setting (error, "learned", "'learned' cannot be combined with the input 'style', except 'any'");
  return rv__check_masks (masks->len, learned->is_any ? styles->len : learned->items->len, error);
}

gboolean
rv__learned_styles_load_for_request (RvLearnedStyles *learned, const RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) paintings = rv__request_inputs (request, "style");
  return rv_learned_styles_load (learned, !rv__request_input (request, "mask"), request->options->weights, error) &&
         (!learned->is_any || rv__learned_styles_measure (learned, paintings, MAX (request->width, request->height),
                                                          request->settings, error));
}

void
rv__learned_styles_fill_recipe (const char *text, const RvLearnedStyles *learned, RvRecipe *recipe)
{
  static const char *const of_any[] = { "style-scale", "style-blend", NULL };
  static const char *const not_of_any[] = { "backend", "gpu", NULL };
  gboolean is_any = g_strcmp0 (text, RV_LEARNED_STYLES_ANY) == 0;
  recipe->left_out = is_any ? not_of_any : of_any;
  recipe->network = is_any ? RV_LEARNED_STYLES_ANY : NULL;
  recipe->weights = is_any && learned ? learned->any_file : NULL;
  recipe->kernels = NULL;
}
