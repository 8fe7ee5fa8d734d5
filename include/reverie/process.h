/* process.h -- process-wide settings, for programs but not for libraries within other programs; fault reports.
 * Layer 7 (app). Implemented in src/app/process.c. `reverie` uses these functions. A plug-in uses them only if it runs
 * in its own process, as GIMP's plug-ins do. */
#ifndef RV_PROCESS_H
#define RV_PROCESS_H

#include <gio/gio.h>
#include <reverie/error.h>
G_BEGIN_DECLS

/** rv_process_start: starts libvips without its cache and without its untrusted loaders, and oneDNN without its own
 * cache. Call it before the first picture is read, on one thread, before there are others. It may be called again; the
 * last @n_threads counts. @n_threads: threads for reading and writing pictures, and for loops on the calling thread
 * without settings of their own, such as rv_flow_warp(); 0: one for each physical core. Errors: %RV_ERROR_FILE if
 * libvips does not start, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND in a fork of a process that had threads. Since: 0.1 */
RV_API gboolean rv_process_start (int n_threads, GError **error);

/** rv_process_join: joins the other ranks if the environment shows that a launcher such as mpirun or srun started them
 * together with this process; TRUE without one. Blocks until all ranks have called it. Ranks share large pictures, and
 * each gets its own cores. Only rank 0 should read the terminal and print; jobs write files only there. If descriptor
 * 0, 1 or 2 is closed, opens /dev/null for it, because a file that is opened later would get the descriptor and printed
 * text. Call it once, first of all, before there are other threads; later calls do nothing. Errors: %RV_ERROR_BACKEND
 * if the MPI module (package reverie-mpi) is missing or cannot join, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API gboolean rv_process_join (GError **error);

/** rv_process_rank: rank of this process, 0 to rv_process_size() - 1; 0 before rv_process_join() and in a single
 * process. Any thread. Since: 0.1 */
RV_API int rv_process_rank (void);
/** rv_process_size: number of ranks; 1: a single process, or before rv_process_join(). Any thread. Since: 0.1 */
RV_API int rv_process_size (void);
/** rv_process_host: host name of @rank, from 0, clamped to the existing ones; static until rv_process_leave(). Any
 * thread. Since: 0.1 */
RV_API const char *rv_process_host (int rank);
/** rv_process_leave: waits until all ranks have called it, but at most @patience_s seconds; 0: no limit. Collective, at
 * the end of the program. Returns: TRUE, and this process is single then; at once in a single process. FALSE if some
 * ranks have not called it in time or MPI fails: call rv_process_abort() to end all ranks. Since: 0.1 */
RV_API gboolean rv_process_leave (double patience_s);
/** rv_process_abort: ends all ranks at once, this one included, with the exit code @code; does not return. Does nothing
 * in a single process. Since: 0.1 */
RV_API void rv_process_abort (int code);
/** rv_process_choose_gpu: makes @gpu, the number of a GPU or a part of its name as rv_process_describe() lists them,
 * the GPU of the process; the setting `gpu` of a job does the same. A process has one GPU, which the first use opens.
 * Errors: %RV_ERROR_SETTING names the GPUs there are, %RV_ERROR_BACKEND if there is none, or if the process computes on
 * another already. Any thread. Since: 0.1 */
RV_API gboolean rv_process_choose_gpu (const char *gpu, GError **error);
/** rv_process_describe: (transfer full): the facts for a fault report, one per line, each line with a newline:
 * backends, GPUs, libraries, processor, folders. Opens the GPU of the process: choose another one before. Never NULL.
 * Any thread. Since: 0.1 */
RV_API char *rv_process_describe (void);

/** RvLineFunc: receives a report, one @line at a time, without a newline. */
typedef void (*RvLineFunc) (const char *line, gpointer user_data);

/**
 * rv_selftest:
 * @on_line:  (nullable): receives the report, on the caller's thread
 * @cancellable: (nullable): checked before each layer; from any thread. NULL: the current one of the thread
 * @n_failed: (out): number of checks whose line says NOT OK; set after an error, too
 *
 * Checks gradients against finite differences and the fast kernels against plain C, on the built-in network. Reports
 * which kernels compute, whether one is slow, and the time of one iteration of style transfer. Prints nothing itself.
 * Takes about 20 seconds on all cores; meanwhile loops on this thread use all of them, too. Errors: %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: whether all checks ran; a failed check is no error. Since: 0.1
 */
RV_API gboolean rv_selftest (RvLineFunc on_line, gpointer user_data, GCancellable *cancellable, int *n_failed,
                             GError **error);

G_END_DECLS
#endif
