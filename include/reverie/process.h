/* process.h -- what only a whole program may do, never a library within another: settings that are process-wide; and
 * what its reports of faults say.
 * Layer 7 (job). Implemented in src/job/process.c. `reverie` is a client of it; a plug-in within another's
 * process is none, one that is a process of its own, as GIMP's, is. */
#ifndef RV_PROCESS_H
#define RV_PROCESS_H

#include <gio/gio.h>
#include <reverie/error.h>
G_BEGIN_DECLS

/**
 * rv_process_start:
 * @n_threads: for pictures that are read and written, and for the loops of the calling thread that have no settings of
 * their own, such as rv_flow_warp()'s; 0: one for each physical core
 *
 * Before the first picture is read: libvips without its cache and without the loaders that it calls untrusted, oneDNN
 * without its own. More than once is fine; the last @n_threads counts. Errors: %RV_ERROR_FILE where libvips does not
 * start, %RV_ERROR_MEMORY where it has no room. One thread, before there are others. Since: 0.1
 */
RV_API gboolean rv_process_start (int n_threads, GError **error);

/** rv_process_describe: (transfer full): what a report of a fault needs, a line each that ends with a new line: what
 * computes, libraries, processor, where files are kept. Any thread. Since: 0.1 */
RV_API char *rv_process_describe (void);

/** RvLineFunc: of a report, line by line, without a new line. */
typedef void (*RvLineFunc) (const char *line, gpointer user_data);

/**
 * rv_selftest:
 * @say:      (nullable): called on the caller's thread
 * @cancellable: (nullable): looked at before each layer; from any thread
 * @n_failed: (out): checks whose line says NOT OK
 *
 * In some 20 seconds: gradients against finite differences, the fast kernels against plain C, on the built-in network;
 * which kernels compute, whether one is slow, and how long an iteration of style transfer takes. It uses all cores, and
 * of this thread so many for as long. Returns: whether all were made. Errors: %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Since: 0.1
 */
RV_API gboolean rv_selftest (RvLineFunc say, gpointer user_data, GCancellable *cancellable, int *n_failed,
                             GError **error);

G_END_DECLS
#endif
