/* early-stop.h -- ends a scale or an octave before its planned iterations: its time is up, or its loss stays flat.
 * Layer 6 (method). */
#pragma once

#include <glib.h>

#define RV_EARLY_STOP_PATIENCE 20 /* iterations over which a loss must have fallen */

/* State of the check. Has no pointers: states of runs store its bytes. */
typedef struct {
  gint64 until_us;     /* monotonic clock; 0: no limit */
  gint64 evaluated_us; /* when the last iteration ended */
  double plateau;      /* fraction by which the loss must fall within RV_EARLY_STOP_PATIENCE iterations; 0: no check */
  double best;         /* the lowest loss */
  double before[RV_EARLY_STOP_PATIENCE]; /* ring: the lowest loss after each of the last iterations */
  gint64 n;                              /* iterations seen */
  gboolean ended;                        /* the last iteration was the final one */
} RvEarlyStop;

/* Overwrites @stop for a scale or octave that begins now, with no iterations and losses. @until_us: its end, monotonic
 * clock; 0: no limit. @plateau: minimum fall of the loss, as the field; 0: no check. Cannot fail. */
void rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau);
/* Clears the losses so far, after the loss function has changed. End time, plateau and `ended` stay. Cannot fail. */
void rv__early_stop_reset (RvEarlyStop *stop);

/* Counts an iteration with @loss. Returns, and stores in `ended`, whether the scale ends. It ends if another iteration
 * of the same duration would end after until_us. It also ends if the lowest loss fell by less than its fraction
 * `plateau` in the last RV_EARLY_STOP_PATIENCE iterations. Cannot fail. */
gboolean rv__early_stop_update (RvEarlyStop *stop, double loss);
