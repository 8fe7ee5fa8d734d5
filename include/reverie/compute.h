/* compute.h -- how style transfer and dreams compute: what there is to choose from.
 * Layer 6 (method). Implemented in src/method/compute.c. */
#ifndef RV_COMPUTE_H
#define RV_COMPUTE_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** rv_compute_backends: what this build can compute with: "auto", the first of the others that this machine can run,
 * then these, the fastest first. NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_compute_backends (void);

/** rv_compute_precisions: "auto": convolutions read their operands in bf16 (8 bits of mantissa; sums stay f32) where
 * the processor has it and measuring finds it faster; "f32": never; "bf16": always; "full": never, and
 * only kernels that round about as little as plain sums. NULL-terminated; static. Since: 0.1
 */
RV_API const char *const *rv_compute_precisions (void);

/** RvStopFunc: asked often by long calls, on the thread that made them; TRUE: the call is to stop as soon as it can.
 * Since: 0.1 */
typedef gboolean (*RvStopFunc) (gpointer user_data);

G_END_DECLS
#endif
