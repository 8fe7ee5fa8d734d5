/* dream-state.c -- the state of a dream, or of frames, that can go on: what the library needs, which frame it is, and
 * what that started from. */
#include "cmd-dream.h"
#include "tensor/tensor-file.h"
#include <string.h>

/* What decides how frames follow each other; the library knows nothing of it. */
static char *
own_text (const DreamOptions *own)
{
  char numbers[4][G_ASCII_DTOSTR_BUF_SIZE];
  const double values[] = { own->style_weight, own->blend, own->zoom, own->rotate };
  for (int i = 0; i < 4; i++)
    g_ascii_formatd (numbers[i], sizeof numbers[i], "%.9g", values[i]);
  return g_strdup_printf ("style-weight=%s blend=%s zoom=%s rotate=%s", numbers[0], numbers[1], numbers[2], numbers[3]);
}

/* Whether a frame starts from the last result, which no file has in full. */
static gboolean
frames_follow (const DreamJob *job)
{
  return job->n_frames > 1 && (job->own.count > 0 || job->own.blend > 0);
}

static const char *
inputs_text (DreamJob *job)
{
  Recipe recipe = dream_recipe (job);
  if (!job->inputs_text)
    job->inputs_text = rv__recipe_inputs (&recipe);
  return job->inputs_text;
}

static gboolean
goes_on (const DreamJob *job)
{
  return job->own.state.resume && rv__state_file_exists (job->state);
}

gboolean
dream_state_start (DreamJob *job, GError **error)
{
  const char *output = job->picture.output;
  if (!output || job->own.atlas || job->own.diversity > 1)
    return TRUE;
  g_autofree char *name =
    rv__frame_is_pattern (output) ? rv__frame_name (output, 0) : g_strdup (output); /* frames: from 1 */
  job->state = rv__state_file_new (&job->picture.made, name, job->own.state.every_s);
  if (!rv__state_file_check (job->state, job->own.state.resume, error))
    return FALSE;
  /* A run that stopped before it had a state, or a frame, has left its log. */
  g_autofree char *first = rv__frame_is_pattern (output) ? rv__frame_name (output, 1) : g_strdup (output);
  gboolean begins = job->own.state.resume && !g_file_test (first, G_FILE_TEST_EXISTS);
  job->picture.force |= goes_on (job) || begins;
  return TRUE;
}

/* Of frames there is one before the first of them: of what lies there without a state nobody knows how it was made. */
gboolean
dream_state_due (const DreamJob *job)
{
  if (!job->state)
    return FALSE;
  gboolean first = job->n_frames > 1 && job->own.state.every_s > 0 && !rv__state_file_exists (job->state);
  return first || rv__state_file_due (job->state);
}

void
dream_state_end (const DreamJob *job)
{
  if (!job->stopped)
    rv__state_file_remove (job->state);
}

gboolean
dream_state_save (DreamJob *job, const RvDreamProgress *progress)
{
  if (!job->state)
    return TRUE;
  g_autoptr (RvTensorMap) map = rv_dream_state (progress);
  g_autofree char *own = own_text (&job->own), *frame = g_strdup_printf ("%d", job->frame),
                  *steps = g_strdup_printf ("%" G_GINT64_FORMAT, job->n_steps);
  rv_tensor_map_set_text (map, "options", own);
  rv_tensor_map_set_text (map, "frame", frame);
  rv_tensor_map_set_text (map, "all steps", steps);
  picture_watch_keep (job->watch, map);
  if (frames_follow (job))
    rv_tensor_map_set (map, "picture", (RvTensor *) job->image->rgb);
  return picture_flush_log (&job->picture, job->log, &job->error) &&
         rv__state_file_save (job->state, map, inputs_text (job), &job->error);
}

/* A whole number of the state's texts, from 0 on; -1: none. */
static gint64
text_count (const RvTensorMap *map, const char *key)
{
  const char *text = rv_tensor_map_get_text (map, key);
  gint64 count;
  return text && g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &count, NULL) ? count : -1;
}

/* (transfer full) (nullable): the picture that the frame started from; one that follows no other is read again. */
static RvImage *
started_from (const DreamJob *job, const RvTensorMap *map, GError **error)
{
  const RvTensor *rgb = rv_tensor_map_get (map, "picture");
  if (!frames_follow (job))
    return job->frame > 1 ? dream_load_frame (job, error) : rv_image_ref (job->image);
  if (!rgb || rgb->type != RV_F32 || !rv_shape_equal (&rgb->shape, &job->image->rgb->shape)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the state is damaged: it has no picture of this size");
    return NULL;
  }
  g_autoptr (RvImage) image = rv_image_new (job->width, job->height, error);
  if (!image || !rv__tensor_read_into (rgb, image->rgb->data, error))
    return NULL;
  image->alpha = job->image->alpha ? rv_tensor_ref (job->image->alpha) : NULL;
  return g_steal_pointer (&image);
}

gboolean
dream_resume (DreamJob *job, RvDream *dream, GError **error)
{
  job->frame = job->n_frames > 0;
  if (!goes_on (job)) {
    rv__state_file_begin (job->state, job->own.state.resume);
    return TRUE;
  }
  g_autoptr (RvTensorMap) map = rv__state_file_load (job->state, inputs_text (job), error);
  g_autofree char *own = own_text (&job->own);
  if (!map)
    return FALSE;
  const char *then = rv_tensor_map_get_text (map, "options");
  gint64 frame = text_count (map, "frame"), steps = text_count (map, "all steps");
  if (!then || frame < 0 || steps < 0 || (frame > 0) != (job->n_frames > 0)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the state is damaged, or of something else");
    return FALSE;
  }
  if (strcmp (then, own) != 0 || frame > job->n_frames) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the run that stopped had %.200s at frame %d, and this has %s",
                 then, (int) frame, own);
    return FALSE;
  }
  job->frame = (int) frame;
  job->n_steps = steps;
  picture_watch_go_on (job->watch, map);
  RvImage *image = started_from (job, map, error);
  if (!image)
    return FALSE;
  rv_image_unref (job->image);
  job->image = image;
  return (job->n_frames < 2 || rv_dream_set_image (dream, image, error)) && rv_dream_resume (dream, map, error);
}
