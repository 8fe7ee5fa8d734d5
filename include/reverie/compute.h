/* compute.h -- how style transfer and dreams compute: backend, threads, memory, precision, kernels.
 * Layer 6 (method). Implemented in src/method/compute.c. */
#ifndef RV_COMPUTE_H
#define RV_COMPUTE_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** RvComputeSettings: part of a run's settings; its options are in the tables of those. Since: 0.1 */
typedef struct {
  gint64 threads;  /* 0: one for each physical core */
  char *memory;    /* "2G", "800M"; NULL: four fifths of what is free */
  gint64 tile_px;  /* longest side of what is computed at once; 0: as memory asks for */
  char *precision; /* of rv_compute_precisions() */
  gboolean tune;   /* measure every kernel, however long it takes */
  gboolean exact;  /* no kernel is chosen by measuring */
  char *backend;   /* of rv_compute_backends() */
} RvComputeSettings;

/** rv_compute_backends: what this build can compute with: "auto", the first of the others that this machine can run,
 * then these, the fastest first. NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_compute_backends (void);

/** rv_compute_precisions: "auto": convolutions read their operands in bf16 (8 bits of mantissa; sums stay f32) where
 * the processor has it and measuring finds it faster; "f32": never; "bf16": always. NULL-terminated; static. Since: 0.1
 */
RV_API const char *const *rv_compute_precisions (void);

/** RvStopFunc: asked often by long calls, on the thread that made them; TRUE: the call is to stop as soon as it can.
 * Since: 0.1 */
typedef gboolean (*RvStopFunc) (gpointer user_data);

G_END_DECLS
#endif
