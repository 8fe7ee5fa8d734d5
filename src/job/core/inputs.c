/* inputs.c -- inputs of a job: pictures and files, each with a role. */
#include "job/core/job-class.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

gboolean
rv__check_masks (guint n_masks, guint n, GError **error)
{
  return n_masks == 0 || n_masks == n ||
         rv__error_setting (error, NULL, "%u mask%s for %u style%s: give one for each, in the same order", n_masks,
                            n_masks == 1 ? "" : "s", n, n == 1 ? "" : "s");
}

GPtrArray *
rv__request_inputs (const RvJobRequest *request, const char *role)
{
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < request->inputs->len; i++) {
    RvJobInput *input = request->inputs->pdata[i];
    if (strcmp (input->role->name, role) == 0)
      g_ptr_array_add (found, input);
  }
  return found;
}

const RvJobInput *
rv__request_input (const RvJobRequest *request, const char *role)
{
  g_autoptr (GPtrArray) found = rv__request_inputs (request, role);
  return found->len > 0 ? found->pdata[0] : NULL;
}

gboolean
rv__request_name_error (const RvJobRequest *request, GError **error)
{
  const RvJobInput *input = rv__request_input (request, request->class->roles[0].name);
  if (input && input->file && error && g_error_matches (*error, RV_ERROR, RV_ERROR_SHAPE))
    g_prefix_error (error, "%s: ", input->file);
  return FALSE;
}

gboolean
rv__job_input_size (const RvJobInput *input, int *width, int *height, GError **error)
{
  RvImageInfo info;
  if (input->picture)
    info = (RvImageInfo){ input->picture->width, input->picture->height };
  else if (!rv_image_probe (input->file, &info, error))
    return FALSE;
  *width = info.width;
  *height = info.height;
  return TRUE;
}

RvImage *
rv__job_input_load (const RvJobInput *input, int width, int height, RvImageResize how, GError **error)
{
  gboolean own = width == 0 || (input->picture && input->picture->width == width && input->picture->height == height);
  if (input->picture)
    return own ? rv_image_ref (input->picture) : rv_image_resize (input->picture, width, height, how, error);
  if (own || how == RV_IMAGE_RESIZE_BEST)
    return rv_image_load (input->file, width, height, error);
  /* loads the whole picture: with a size, rv_image_load() would resize smoothly */
  g_autoptr (RvImage) whole = rv_image_load (input->file, 0, 0, error);
  return whole ? rv_image_resize (whole, width, height, how, error) : NULL;
}

RvImage *
rv__job_input_load_within (const RvJobInput *input, double longest_px, GError **error)
{
  int width, height;
  if (!rv__job_input_size (input, &width, &height, error))
    return NULL;
  double scale = MIN (longest_px / MAX (width, height), 1);
  return rv__job_input_load (input, MAX ((int) lrint (width * scale), 1), MAX ((int) lrint (height * scale), 1),
                             RV_IMAGE_RESIZE_BEST, error);
}

GPtrArray *
rv__request_load (const RvJobRequest *request, const char *role, double longest_px, GError **error)
{
  g_autoptr (GPtrArray) inputs = rv__request_inputs (request, role),
                        images = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (guint i = 0; i < inputs->len; i++) {
    RvImage *image = longest_px > 0 ? rv__job_input_load_within (inputs->pdata[i], longest_px, error)
                                    : rv__job_input_load (inputs->pdata[i], 0, 0, RV_IMAGE_RESIZE_BEST, error);
    if (!image)
      return NULL;
    g_ptr_array_add (images, image);
  }
  return g_steal_pointer (&images);
}
