/* early-stop.h -- ends a scale or an octave before its planned iterations: its time is up, or its loss stays flat.
 * Layer 6 (method). */
#ifndef RV_EARLY_STOP_H
#define RV_EARLY_STOP_H

#include <glib.h>

#define RV_EARLY_STOP_PATIENCE 20 /* iterations over which a loss must have fallen */

typedef struct {
  gint64 until_us;     /* monotonic clock; 0: no limit */
  gint64 evaluated_us; /* when the last iteration ended */
  double plateau;      /* fraction by which the loss must fall within RV_EARLY_STOP_PATIENCE iterations; 0: no check */
  double best;         /* the lowest loss */
  double before[RV_EARLY_STOP_PATIENCE]; /* ring: the lowest loss, so many iterations ago */
  gint64 n;                              /* iterations seen */
  gboolean ended;                        /* the last iteration was the final one */
} RvEarlyStop;

/* Parses a duration such as "90s", "3m" or "1h" into *seconds. @text NULL: 0, no limit. RV_ERROR_SETTING. */
gboolean rv__time_limit_parse (const char *text, double *seconds, GError **error);

/* Resets all of @stop, for a scale that begins now. @until_us, @plateau: as the fields. */
void rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau);
/* Sets the times of a restored @stop, for a scale that began in another process. Keeps the losses. */
void rv__early_stop_resume (RvEarlyStop *stop, gint64 until_us);

/* Forgets the earlier losses, after the loss function has changed. The end time stays. */
void rv__early_stop_reset (RvEarlyStop *stop);

/* Counts an iteration with @loss. Returns, and stores in `ended`, whether it was the scale's last: another one would
 * end after until_us, or the lowest loss fell by less than `plateau` in RV_EARLY_STOP_PATIENCE iterations. */
gboolean rv__early_stop_update (RvEarlyStop *stop, double loss);

#endif
