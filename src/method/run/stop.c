/* stop.c -- when a scale or an octave ends before its iterations. */
#include "method/run/stop.h"
#include "base/error.h"
#include "base/text.h"
#include <math.h>

gboolean
rv__time_allowed (const char *text, double *seconds, GError **error)
{
  *seconds = 0;
  if (!text || rv__text_parse_seconds (text, seconds))
    return TRUE;
  rv__error_setting (error, "time", "'time' is a duration such as 90s, 3m or 1h, not '%.50s'", text);
  return FALSE;
}

void
rv__stop_start (RvStop *stop, gint64 until_us, double plateau)
{
  *stop =
    (RvStop){ .until_us = until_us, .plateau = plateau, .best = INFINITY, .evaluated_us = g_get_monotonic_time () };
}

void
rv__stop_go_on (RvStop *stop, gint64 until_us)
{
  stop->until_us = until_us;
  stop->evaluated_us = g_get_monotonic_time ();
}

void
rv__stop_forget (RvStop *stop)
{
  stop->best = INFINITY;
  stop->n = 0;
}

gboolean
rv__stop_after (RvStop *stop, double loss)
{
  gint64 now_us = g_get_monotonic_time (), took_us = now_us - stop->evaluated_us;
  double *before = &stop->before[stop->n % RV_STOP_WINDOW];
  gboolean flat =
    stop->plateau > 0 && stop->n >= RV_STOP_WINDOW && *before - MIN (loss, stop->best) < stop->plateau * fabs (*before);
  stop->best = MIN (loss, stop->best);
  *before = stop->best;
  stop->evaluated_us = now_us;
  stop->n++;
  stop->ended = flat || (stop->until_us > 0 && now_us + took_us > stop->until_us);
  return stop->ended;
}
