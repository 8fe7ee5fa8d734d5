/* video-long-term.c -- long-term frames. Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for videos", section
 * 5.2: long-term consistency.
 *
 *   m: confidence of the flow to the last frame
 *   for each older frame k, the nearest first: m_k: confidence of the flow to it
 *     w = (1 - m) m_k
 *     start <- (m start + w (frame + (result_k - frame_k), moved along the flow)) / (m + w);  m <- m + w */
#include "method/video/video-long-term.h"
#include "base/error.h"
#include "base/parallel.h"
#include <string.h>

#define OPTION "long-term-frames"

typedef struct {
  RvImage *frame, *made;
  GPtrArray *masks; /* RvImage */
} LongTermFrame;

/* Frees a LongTermFrame and releases its pictures. */
static void
free_frame (gpointer data)
{
  LongTermFrame *one = data;
  rv_image_unref (one->frame);
  rv_image_unref (one->made);
  g_ptr_array_unref (one->masks);
  g_free (one);
}

gboolean
rv__long_term_parse (const char *text, gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1], GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text && *text ? text : "1", ",", -1);
  memset (reaches, 0, (RV_LONG_TERM_MAX_FRAMES + 1) * sizeof *reaches);
  for (char **part = parts; *part; part++) {
    gint64 back;
    if (!g_ascii_string_to_signed (g_strstrip (*part), 10, 1, RV_LONG_TERM_MAX_FRAMES, &back, NULL))
      return rv__error_setting (error, OPTION,
                                "'" OPTION "' must be distances from 1 to %d, such as 1,2,4, not '%.80s'",
                                RV_LONG_TERM_MAX_FRAMES, text);
    reaches[back] = TRUE;
  }
  return TRUE;
}

int
rv__long_term_length (const RvLongTermFrames *memory)
{
  for (int back = RV_LONG_TERM_MAX_FRAMES; back > 1; back--)
    if (memory->reaches[back])
      return back;
  return 0;
}

/* ---- storing ----------------------------------------------------------------------------------------------------- */

void
rv__long_term_add (RvLongTermFrames *memory, RvImage *frame, RvImage *made, RvImage *const *masks)
{
  int length = rv__long_term_length (memory);
  if (length == 0)
    return;
  if (!memory->frames)
    memory->frames = g_ptr_array_new_with_free_func (free_frame);
  LongTermFrame *one = g_new0 (LongTermFrame, 1);
  one->frame = rv_image_ref (frame);
  one->made = made ? rv_image_ref (made) : NULL;
  one->masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  for (int i = 0; masks && masks[i]; i++)
    g_ptr_array_add (one->masks, rv_image_ref (masks[i]));
  g_ptr_array_add (memory->frames, one);
  if ((int) memory->frames->len > length)
    g_ptr_array_remove_index (memory->frames, 0);
}

/* (nullable): the stored frame number @back from the newest, which is 0. Borrowed. */
static LongTermFrame *
frame_back (const RvLongTermFrames *memory, int back)
{
  int n = memory->frames ? (int) memory->frames->len : 0;
  return back < n ? memory->frames->pdata[n - 1 - back] : NULL;
}

RvImage *
rv__long_term_result (const RvLongTermFrames *memory, int back)
{
  const LongTermFrame *one = frame_back (memory, back);
  return one ? one->made : NULL;
}

gboolean
rv__long_term_set_result (RvLongTermFrames *memory, int back, RvImage *made)
{
  LongTermFrame *one = frame_back (memory, back);
  if (!one)
    return FALSE;
  rv_image_unref (one->made);
  one->made = rv_image_ref (made);
  return TRUE;
}

void
rv__long_term_trim (RvLongTermFrames *memory, int n)
{
  if (memory->frames && (int) memory->frames->len > n)
    g_ptr_array_remove_range (memory->frames, 0, memory->frames->len - (guint) n);
}

void
rv__long_term_clear (RvLongTermFrames *memory)
{
  g_clear_pointer (&memory->frames, g_ptr_array_unref);
  g_clear_pointer (&memory->motion, rv__frame_motion_free);
}

/* ---- propagation ------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the result of @old, moved to @frame, the current one. Sets memory->motion to the motion
 * from @old to @frame; its confidence is lowered where @masks, of @frame, differ from those of @old. NULL without an
 * error: a cut lies between. */
static RvImage *
propagate_old (RvLongTermFrames *memory, const LongTermFrame *old, const RvPropagation *propagation,
               RvImage *const *masks, RvImage *frame, GError **error)
{
  RvFrameMotion *motion = memory->motion;
  if (!rv__frame_motion_compare (motion, old->frame, frame, error) || motion->is_cut)
    return NULL;
  for (guint i = 0; i < old->masks->len; i++)
    if (!rv__frame_motion_lower_confidence (motion, old->masks->pdata[i], masks[i], error))
      return NULL;
  return rv__frame_motion_propagate (motion, old->made, propagation, error);
}

/* Adds @old, the result of an older frame, moved to @frame, to @start (inout) where @weight, [height, width], is below
 * 1. Raises @weight by w = (1 - @weight) @old_trust; @old_trust: confidence, 0..1, of the flow to the older frame.
 * @only_trusted: @start and @old are @frame plus a difference that is multiplied by its confidence; adds (1 - @weight)
 * (@old - @frame) where w > 0. Else @start becomes (@weight @start + w @old) / (@weight + w), with @weight from before
 * the call. */
static void
add_old_result (RvImage *start, const RvImage *old, const RvImage *frame, const float *old_trust, gboolean only_trusted,
                float *weight)
{
  gint64 n = (gint64) start->height * start->width;
  const float *from = old->rgb->data, *now = frame->rgb->data;
  float *to = start->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++) {
    float w = (1 - weight[p]) * old_trust[p];
    for (int c = 0; c < 3 && w > 0; c++) {
      gint64 i = c * n + p;
      to[i] += only_trusted ? (1 - weight[p]) * (from[i] - now[i]) : w / (weight[p] + w) * (from[i] - to[i]);
    }
    weight[p] += w;
  }
}

gboolean
rv__long_term_propagate (RvLongTermFrames *memory, const RvPropagation *propagation, RvImage *const *masks,
                         RvFrameMotion *motion, RvImage *start, GError **error)
{
  for (int back = 2; back <= rv__long_term_length (memory); back++) {
    const LongTermFrame *old = memory->reaches[back] ? frame_back (memory, back - 1) : NULL;
    g_autoptr (GError) own_error = NULL;
    if (!old)
      continue;
    if (!memory->motion &&
        !(memory->motion = rv__frame_motion_new (rv_settings_get_int (motion->settings, "threads", NULL), error)))
      return FALSE;
    g_autoptr (RvImage) moved = propagate_old (memory, old, propagation, masks, motion->frame, &own_error);
    if (own_error)
      return rv__error_propagate (error, g_steal_pointer (&own_error));
    if (moved)
      add_old_result (start, moved, motion->frame, memory->motion->confidence->data, propagation->only_trusted,
                      motion->temporal_weight->data);
  }
  return TRUE;
}
