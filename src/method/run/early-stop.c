/* early-stop.c -- ends a scale or an octave before its planned iterations. */
#include "method/run/early-stop.h"
#include <math.h>

void
rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau)
{
  *stop = (RvEarlyStop){
    .until_us = until_us, .plateau = plateau, .best = INFINITY, .evaluated_us = g_get_monotonic_time ()
  };
}

void
rv__early_stop_reset (RvEarlyStop *stop)
{
  stop->best = INFINITY;
  stop->n = 0;
}

gboolean
rv__early_stop_update (RvEarlyStop *stop, double loss)
{
  gint64 now_us = g_get_monotonic_time (), took_us = now_us - stop->evaluated_us;
  double *before = &stop->before[stop->n % RV_EARLY_STOP_PATIENCE];
  gboolean flat = stop->plateau > 0 && stop->n >= RV_EARLY_STOP_PATIENCE &&
                  *before - MIN (loss, stop->best) < stop->plateau * fabs (*before);
  stop->best = MIN (loss, stop->best);
  *before = stop->best;
  stop->evaluated_us = now_us;
  stop->n++;
  stop->ended = flat || (stop->until_us > 0 && now_us + took_us > stop->until_us);
  return stop->ended;
}
