/* video-baseline.c -- temporal stability of a video whose frames are made independently, for comparison.
 *
 *   of N frames, p pairs: frames k - 1 and k, k = 1 + i (N - 1) / (p + 1) rounded up, i = 1 .. p
 *   result: the mean warping error of pairs within one shot */
#include "method/video/video-baseline.h"

/* Whether frame @k is the second of a pair. */
static gboolean
ends_pair (const RvFrameBaseline *alone, gint64 k)
{
  gint64 before = alone->n_frames - 1, parts = alone->n_pairs + 1;
  for (int i = 1; i <= alone->n_pairs && before > 0; i++)
    if (k == 1 + (i * before + parts - 1) / parts)
      return TRUE;
  return FALSE;
}

gboolean
rv__frame_baseline_is_required (const RvFrameBaseline *alone, gint64 k)
{
  return ends_pair (alone, k) || ends_pair (alone, k + 1);
}

gboolean
rv__frame_baseline_add (RvFrameBaseline *alone, gint64 k, RvImage *made, const RvFrameMotion *motion, GError **error)
{
  double found;
  if (ends_pair (alone, k) && alone->first && motion->last && !motion->is_cut) {
    if (!rv__video_warping_error (motion, alone->first, made, &found, error))
      return FALSE;
    alone->n_made++;
    alone->error += (found - alone->error) / alone->n_made;
  }
  rv_image_unref (alone->first);
  alone->first = rv_image_ref (made);
  return TRUE;
}

void
rv__frame_baseline_clear (RvFrameBaseline *alone)
{
  g_clear_pointer (&alone->first, rv_image_unref);
}
