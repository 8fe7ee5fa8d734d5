/* early-stop.h -- when a scale or an octave ends before its iterations: the time is up, or the loss no longer falls.
 * Layer 6 (method). */
#ifndef RV_EARLY_STOP_H
#define RV_EARLY_STOP_H

#include <glib.h>

#define RV_EARLY_STOP_PATIENCE 20 /* iterations over which a loss must have fallen */

typedef struct {
  gint64 until_us;     /* monotonic; 0: no limit */
  gint64 evaluated_us; /* when the last iteration ended */
  double plateau;      /* the part by which the loss must fall within RV_EARLY_STOP_PATIENCE; 0: it need not */
  double best;         /* the lowest loss */
  double before[RV_EARLY_STOP_PATIENCE]; /* the lowest as it was so many iterations ago, in a ring */
  gint64 n;                              /* iterations seen */
  gboolean ended;                        /* the last iteration seen is the last there is */
} RvEarlyStop;

/* rv__time_allowed: "90s", "3m", "1h" in seconds; NULL: 0, no limit. RV_ERROR_SETTING. */
gboolean rv__time_allowed (const char *text, double *seconds, GError **error);

/* rv__early_stop_start: a scale that begins now. rv__early_stop_resume: one that began in another process. */
void rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau);
void rv__early_stop_resume (RvEarlyStop *stop, gint64 until_us);

/* rv__early_stop_reset: the loss is another now: nothing of before is compared with it. */
void rv__early_stop_reset (RvEarlyStop *stop);

/* rv__early_stop_update: after an iteration with @loss: whether it was the scale's last, since another one like it
 * would end too late, or since the lowest loss fell by less than `plateau` in RV_EARLY_STOP_PATIENCE iterations. */
gboolean rv__early_stop_update (RvEarlyStop *stop, double loss);

#endif
