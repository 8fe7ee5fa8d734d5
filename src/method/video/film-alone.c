/* film-alone.c -- how steady a film would be if each frame were made alone.
 *
 *   of N frames, p pairs: frames k - 1 and k, k = 1 + i (N - 1) / (p + 1) rounded up, i = 1 .. p
 *   their warping errors' mean, where the two are of one shot */
#include "method/video/film-alone.h"

/* Whether it is the second of a pair. */
static gboolean
ends_pair (const RvFilmAlone *alone, gint64 k)
{
  gint64 before = alone->n_frames - 1, parts = alone->n_pairs + 1;
  for (int i = 1; i <= alone->n_pairs && before > 0; i++)
    if (k == 1 + (i * before + parts - 1) / parts)
      return TRUE;
  return FALSE;
}

gboolean
rv__film_alone_wants (const RvFilmAlone *alone, gint64 k)
{
  return ends_pair (alone, k) || ends_pair (alone, k + 1);
}

gboolean
rv__film_alone_take (RvFilmAlone *alone, gint64 k, RvImage *made, const RvFilmMotion *motion, GError **error)
{
  double found;
  if (ends_pair (alone, k) && alone->first && motion->last && !motion->is_cut) {
    if (!rv__film_warping_error (motion, alone->first, made, &found, error))
      return FALSE;
    alone->n_made++;
    alone->error += (found - alone->error) / alone->n_made;
  }
  rv_image_unref (alone->first);
  alone->first = rv_image_ref (made);
  return TRUE;
}

void
rv__film_alone_clear (RvFilmAlone *alone)
{
  g_clear_pointer (&alone->first, rv_image_unref);
}
