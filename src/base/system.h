/* system.h -- what this machine has, and what of it this process may use.
 * Layer 0 (base). */
#ifndef RV_SYSTEM_H
#define RV_SYSTEM_H

#include <glib.h>

/* rv__system_cores: physical cores that the calling thread may use, 1 or more: of the CPUs it may run on, and by the
 * quotas of its control groups. Can't fail. */
int rv__system_cores (void);

/* rv__system_share: other processes of the same run have the same cores, and take of the same memory: so many each,
 * this one included. Each then has its part: rv__system_cores(), rv__system_free_bytes(). Before there are other
 * threads. */
void rv__system_share (int n_on_cores, int n_in_memory);
/* rv__system_cores_text: (transfer full): which CPUs the calling thread may run on; the same text, the same ones. */
char *rv__system_cores_text (void);

/* rv__system_processor: (transfer full): its name, or "processor" where it cannot be told. */
char *rv__system_processor (void);

/* rv__system_use_threads: parallel loops that this thread starts from now use @n_threads. Returns what it was, to be
 * put back. */
int rv__system_use_threads (int n_threads);

/* rv__system_check_threads: called before threads get work. FALSE in a process that was forked from one that had called
 * it: the threads of OpenMP and libvips do not exist there, and waiting for them never ends. RV_ERROR_BACKEND. */
gboolean rv__system_check_threads (GError **error);

/* rv__system_waited_s: how long, all in all, this process's threads have been ready to run without a processor to run
 * on, because others had it; those that have ended are not counted. 0 when it cannot be told. */
double rv__system_waited_s (void);

/* rv__system_thread_clock_s: the processor time of the calling thread, whatever else the machine is doing. */
double rv__system_thread_clock_s (void);

/* rv__system_resident_bytes: memory this process holds now; 0 when it cannot be told. */
gsize rv__system_resident_bytes (void);

/* rv__system_free_bytes: memory that programs may still take without anything being swapped out, by the system's own
 * estimate and within the limits of this process's control groups; 0 when it cannot be told. */
gsize rv__system_free_bytes (void);

/* rv__system_fill_standard: opens /dev/null, to be read only, on each of the descriptors 0 to 2 that is closed. Else
 * the next files and pipes get these numbers, and what is printed goes into them. Call it before a file or a pipe is
 * opened and before a process is started. Can't fail. */
void rv__system_fill_standard (void);

/* rv__system_set_root: for tests: a folder (borrowed) that holds made /proc and /sys trees; NULL: the machine's own. */
void rv__system_set_root (const char *folder);

#endif
