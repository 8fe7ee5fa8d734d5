/* dream-frames.c -- frames of a dream, each of which may start from the last result.
 * several pictures: frame k starts from blend * result (k-1) + (1 - blend) * picture k.
 * one picture and `count`: frame k starts from result (k-1), enlarged and rotated. */
#include "base/error.h"
#include "io/image/frame.h"
#include "job/dream/dreams.h"
#include "method/run/state.h"
#include "tensor/tensor-map.h"
#include <string.h>

gboolean
rv__dream_check_frames (const RvJobRequest *request, GError **error)
{
  g_autoptr (GPtrArray) pictures = rv__request_inputs (request, "picture");
  for (guint i = 1; i < pictures->len; i++) {
    const RvJobInput *input = pictures->pdata[i];
    int width, height;
    if (!rv__job_input_size (input, &width, &height, error))
      return FALSE;
    rv__picture_target_size (request->options, width, height, &width, &height);
    if (rv__dreams_options (request)->blend == 0 || (width == request->width && height == request->height))
      continue;
    return rv__error_with_options (
      error, RV_ERROR_SHAPE, "blend", "%s would be %d x %d px, the first frame %d x %d: 'blend' needs one size",
      input->file ? input->file : "a picture", width, height, request->width, request->height);
  }
  return TRUE;
}

/* (transfer full) (nullable): the picture that frame progress.frame starts from. @last: the previous result. */
static RvImage *
next_start (const RvJobRun *run, const RvImage *last, GError **error)
{
  const RvDreamsOptions *own = rv__dreams_options (&run->request);
  const RvDreamJob *dream_job = run->method;
  if (own->count > 0)
    return rv__image_zoom (last, own->zoom, own->rotate, error);
  g_autoptr (RvImage) image = rv__dream_load (&run->request, (guint) run->progress.frame - 1, error);
  if (!image || own->blend == 0)
    return g_steal_pointer (&image);
  return rv__image_blend (last, image, own->blend, dream_job->inputs.mask, error);
}

/* Makes @start (transfer full, also after an error) the start of this frame. NULL: returns FALSE at once, because the
 * caller's call that failed has set @error. */
static gboolean
set_start (RvJobRun *run, RvImage *start, GError **error)
{
  RvDreamJob *dream_job = run->method;
  if (!start)
    return FALSE;
  rv_image_unref (dream_job->start);
  dream_job->start = start;
  /* for one frame, the dream already has its start */
  return run->request.frames < 2 || rv__dream_set_image (dream_job->dream, start, error);
}

gboolean
rv__dream_run_frames (RvJobRun *run, RvImage **result, GError **error)
{
  RvDreamJob *dream_job = run->method;
  for (;; run->progress.frame++) {
    rv__dream_begin_item (dream_job, run->progress.frame, run->request.frames);
    RvImage *start = *result ? next_start (run, *result, error) : rv_image_ref (dream_job->start);
    g_clear_pointer (result, rv_image_unref);
    if (!set_start (run, start, error) || !rv__dream_run (dream_job->dream, rv__dream_on_progress, run, result, error))
      return FALSE;
    if (run->progress.frame == run->request.frames || run->progress.stopped || run->progress.error || !*result)
      return TRUE;
    if (!rv__job_run_save_frame (run, *result, error))
      return FALSE;
  }
}

/* ---- state ------------------------------------------------------------------------------------------------------- */

/* (transfer full): text of `style-weight`, `blend`, `zoom` and `rotate`, for states: the method's state lacks them. */
static char *
own_text (const RvDreamsOptions *own)
{
  char numbers[4][G_ASCII_DTOSTR_BUF_SIZE];
  const double values[] = { own->style_weight, own->blend, own->zoom, own->rotate };
  for (int i = 0; i < 4; i++)
    g_ascii_formatd (numbers[i], sizeof numbers[i], "%.9g", values[i]);
  return g_strdup_printf ("style-weight=%s blend=%s zoom=%s rotate=%s", numbers[0], numbers[1], numbers[2], numbers[3]);
}

/* Whether frames start from the result of the frame before. States must then contain that start: no file has it at full
 * precision. */
static gboolean
frames_follow (const RvJobRequest *request)
{
  const RvDreamsOptions *own = rv__dreams_options (request);
  return request->frames > 1 && (own->count > 0 || own->blend > 0);
}

void
rv__dream_job_save (const RvJobRun *run, RvTensorMap *state)
{
  const RvDreamJob *dream_job = run->method;
  g_autofree char *own = own_text (rv__dreams_options (&run->request));
  rv_tensor_map_set_text (state, "options", own);
  rv__tensor_map_set_count (state, "frame", run->progress.frame);
  rv__tensor_map_set_count (state, "all steps", run->progress.iteration);
  if (!frames_follow (&run->request))
    return;
  rv_tensor_map_set (state, "picture", (RvTensor *) dream_job->start->rgb);
  if (dream_job->start->alpha)
    rv_tensor_map_set (state, "alpha", (RvTensor *) dream_job->start->alpha);
}

/* (transfer full) (nullable): the start of frame progress.frame when the checkpoint @map was written. If frames follow
 * each other, it is in @map; else it is read again, and for frame 1 it is a reference on the first picture. */
static RvImage *
started_from (const RvJobRun *run, const RvTensorMap *map, GError **error)
{
  const RvImage *first = ((const RvDreamJob *) run->method)->start;
  if (!frames_follow (&run->request))
    return run->progress.frame > 1 ? rv__dream_load (&run->request, (guint) run->progress.frame - 1, error)
                                   : rv_image_ref ((RvImage *) first);
  g_autoptr (RvImage) image = rv_image_new (run->request.width, run->request.height, error);
  if (!image || !rv__state_read_tensor (map, "picture", RV_F32, &image->rgb->shape, image->rgb->data, error))
    return NULL;
  RvShape plane = rv_shape (4, 1, 1, image->height, image->width);
  if (rv_tensor_map_get (map, "alpha") &&
      (!(image->alpha = rv_tensor_new (RV_F32, &plane, error)) ||
       !rv__state_read_tensor (map, "alpha", RV_F32, &plane, image->alpha->data, error)))
    return NULL;
  return g_steal_pointer (&image);
}

gboolean
rv__dream_job_restore (RvJobRun *run, const RvTensorMap *state, GError **error)
{
  g_autofree char *own = own_text (rv__dreams_options (&run->request));
  const char *then = rv_tensor_map_get_text (state, "options");
  gint64 frame, steps;
  if (!then || !rv__state_get_count (state, "frame", G_MAXINT32, &frame, NULL) ||
      !rv__state_get_count (state, "all steps", G_MAXINT32, &steps, NULL) || (frame > 0) != (run->request.frames > 0))
    return rv__error_set (error, RV_ERROR_FORMAT, "the checkpoint is damaged or belongs to another run");
  if (strcmp (then, own) != 0 || frame > run->request.frames)
    return rv__error_setting (error, NULL, "the run that stopped had %.200s at frame %d, and this has %s", then,
                              (int) frame, own);
  run->progress.frame = (int) frame;
  run->progress.iteration = steps;
  return run->request.frames == 0 || set_start (run, started_from (run, state, error), error);
}
