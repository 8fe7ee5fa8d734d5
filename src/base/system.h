/* system.h -- resources of this machine that this process may use. Layer 0 (base). */
#ifndef RV_SYSTEM_H
#define RV_SYSTEM_H

#include <glib.h>

/* Physical cores that the calling thread may use, 1 or more: limited by its CPU mask and the quotas of its control
 * groups, divided by the local ranks. Can't fail. */
int rv__system_cores (void);

/* Sets the number of local ranks, this one included, that share the same cores and the same memory. rv__system_cores()
 * and rv__system_free_bytes() then return one rank's part. Call it before other threads exist. */
void rv__system_set_local_ranks (int n_on_cores, int n_in_memory);
/* (transfer full): the CPUs that the calling thread may run on, "0-3,8"; all that are online if unknown. Equal texts
 * mean equal CPUs. */
char *rv__system_cores_text (void);

/* (transfer full): name of the processor, or "processor" if unknown. */
char *rv__system_processor (void);

/* Sets the threads of parallel loops that this thread starts from now on. Returns the previous number. */
int rv__system_use_threads (int n_threads);

/* Checks that threads work in this process; called before threads get work. FALSE and RV_ERROR_BACKEND in a fork of a
 * process that had called it: there the threads of OpenMP and libvips do not exist, and waiting for them never ends. */
gboolean rv__system_check_threads (GError **error);

/* Total time in s that this process's threads were ready to run but had no CPU. Ended threads are not counted. 0 if
 * unknown. */
double rv__system_run_delay_s (void);

/* CPU time of the calling thread, in s. */
double rv__system_thread_clock_s (void);

/* Resident memory of this process, in bytes; 0 if unknown. */
gsize rv__system_resident_bytes (void);

/* Bytes that this process may still allocate without swapping: the system's estimate, limited by control groups,
 * divided by the local ranks; 0 if unknown. */
gsize rv__system_free_bytes (void);

/* Opens /dev/null, read-only, on each closed descriptor of 0 to 2. Otherwise the next files and pipes would get these
 * numbers and receive what is printed. Call it before any file, pipe or process is opened. Can't fail. */
void rv__system_fill_standard (void);

/* For tests: a folder (borrowed) with /proc and /sys trees; NULL: the machine's own. */
void rv__system_set_root (const char *folder);

#endif
