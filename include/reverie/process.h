/* process.h -- what only a whole program may do, never a library within another: settings that are process-wide; and
 * what its reports of faults say.
 * Layer 7 (app). Implemented in src/app/process.c. `reverie` is a client of it; a plug-in within another's
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

/**
 * rv_process_join:
 *
 * Joins those that a launcher such as mpirun or srun has started together with this program, if its environment says
 * that one has: they then share large pictures, and each has its part of the machine's cores. Rank 0 alone shall read
 * the terminal and print; jobs write files on it alone. Errors: %RV_ERROR_BACKEND where the module that speaks with
 * them (package reverie-mpi) is not there. Opens /dev/null first where descriptor 0, 1 or 2 is closed: a file that is
 * opened later would get its number, and printed text. First of all, before there are other threads; once. Since: 0.1
 */
RV_API gboolean rv_process_join (GError **error);

/** rv_process_rank: which of them this one is, from 0. rv_process_size: how many they are; 1: this one is alone.
 * rv_process_host: the name of the machine that @rank is on; static. Any thread. Since: 0.1 */
RV_API int rv_process_rank (void);
RV_API int rv_process_size (void);
RV_API const char *rv_process_host (int rank);

/**
 * rv_process_leave:
 * @patience_s: 0: however long it takes
 *
 * The end of a program that joined others: waits until all of them are there, too. Returns: FALSE when they have not
 * come within @patience_s seconds, and wait for this one: rv_process_abort() ends them. Since: 0.1
 */
RV_API gboolean rv_process_leave (double patience_s);

/** rv_process_abort: ends all that were started together, at once, with the exit code @code; does nothing in a process
 * that is alone. Since: 0.1 */
RV_API void rv_process_abort (int code);

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
