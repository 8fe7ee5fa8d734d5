/* stop.h -- when a scale or an octave ends before its iterations: the time is up, or the loss no longer falls.
 * Layer 6 (method). */
#ifndef RV_STOP_H
#define RV_STOP_H

#include <glib.h>

#define RV_STOP_WINDOW 20 /* iterations over which a loss must have fallen */

typedef struct {
  gint64 until_us;               /* monotonic; 0: no limit */
  gint64 evaluated_us;           /* when the last iteration ended */
  double plateau;                /* the part by which the loss must fall within RV_STOP_WINDOW; 0: it need not */
  double best;                   /* the lowest loss */
  double before[RV_STOP_WINDOW]; /* the lowest as it was so many iterations ago, in a ring */
  gint64 n;                      /* iterations seen */
  gboolean ended;                /* the last iteration seen is the last there is */
} RvStop;

/* rv__time_allowed: "90s", "3m", "1h" in seconds; NULL: 0, no limit. RV_ERROR_SETTING. */
gboolean rv__time_allowed (const char *text, double *seconds, GError **error);

/* rv__stop_start: a scale that begins now. rv__stop_go_on: one that began in another process. */
void rv__stop_start (RvStop *stop, gint64 until_us, double plateau);
void rv__stop_go_on (RvStop *stop, gint64 until_us);

/* rv__stop_forget: the loss is another now: nothing of before is compared with it. */
void rv__stop_forget (RvStop *stop);

/* rv__stop_after: after an iteration with @loss: whether it was the scale's last, since another one like it would end
 * too late, or since the lowest loss fell by less than `plateau` in RV_STOP_WINDOW iterations. */
gboolean rv__stop_after (RvStop *stop, double loss);

#endif
