/* video-baseline.c -- temporal stability of a video whose frames are made independently, for comparison.
 *
 *   N frames, p pairs: pair i has frames k - 1 and k, k = 1 + i (N - 1) / (p + 1) rounded up, i = 1 .. p
 *   result: the mean warping error of pairs within one shot */
#include "method/video/video-baseline.h"

/* Whether frame @k, from 1, is the second frame of a pair. FALSE also if the number of frames is unknown. */
static gboolean
ends_pair (const RvFrameBaseline *baseline, gint64 k)
{
  gint64 before = baseline->n_frames - 1, parts = baseline->n_pairs + 1;
  for (int i = 1; i <= baseline->n_pairs && before > 0; i++)
    if (k == 1 + (i * before + parts - 1) / parts)
      return TRUE;
  return FALSE;
}

gboolean
rv__frame_baseline_is_required (const RvFrameBaseline *baseline, gint64 k)
{
  return ends_pair (baseline, k) || ends_pair (baseline, k + 1);
}

gboolean
rv__frame_baseline_add (RvFrameBaseline *baseline, gint64 k, RvImage *made, const RvFrameMotion *motion, GError **error)
{
  double warping_error;
  if (ends_pair (baseline, k) && baseline->first && motion->last && !motion->is_cut) {
    if (!rv__video_warping_error (motion, baseline->first, made, &warping_error, error))
      return FALSE;
    baseline->n_made++;
    baseline->error += (warping_error - baseline->error) / baseline->n_made;
  }
  rv_image_unref (baseline->first);
  baseline->first = rv_image_ref (made);
  return TRUE;
}
