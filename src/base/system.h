/* system.h -- resources of this machine that this process may use. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Physical cores that the calling thread may use, 1 or more: limited by its CPU mask and the quotas of its control
 * groups, divided by the ranks that share them. Reads /proc at each call. Cannot fail. */
int rv__system_cores (void);

/* Sets the numbers of ranks on this host, this rank included, that share its cores and its memory; below 1: 1.
 * rv__system_cores() and rv__system_free_bytes() then return the amount for one rank. Call it before other threads
 * exist. */
void rv__system_set_local_ranks (int n_on_cores, int n_in_memory);
/* (transfer full): the CPUs that the calling thread may run on, "0-3,8"; all that are online if unknown. Equal texts
 * mean equal CPUs. Cannot fail. */
char *rv__system_cores_text (void);

/* (transfer full): name of the processor's model; "processor" if unknown. Cannot fail. */
char *rv__system_processor (void);

/* Sets the number of threads, 1 or more, of the parallel loops that the calling thread starts from now on; the number
 * of other threads stays. Returns the previous number; always 1 without OpenMP. */
int rv__system_use_threads (int n_threads);

/* Checks that this process has the threads of OpenMP and libvips; called before they get work. FALSE and
 * RV_ERROR_BACKEND in a fork of the process that called it first: there these threads do not exist, and waiting for
 * them never ends. */
gboolean rv__system_check_threads (GError **error);

/* Total time in s that this process's threads were ready to run but had no CPU, since they started. Ended threads are
 * not counted. 0 if unknown. */
double rv__system_run_delay_s (void);

/* CPU time of the calling thread since it started, in s. */
double rv__system_thread_clock_s (void);

/* Resident memory of this process, in bytes; 0 if unknown. */
gsize rv__system_resident_bytes (void);

/* Bytes that this process may still allocate without swapping: the system's estimate (without /proc: unused pages),
 * limited by control groups, divided by the ranks that share the memory; 0 if none are left. Cannot fail. */
gsize rv__system_free_bytes (void);

/* (transfer full): path of a file of this program: the environment variable @variable if it is set, else @name in the
 * folder @installed, or, if it is not there, in the folder @beside relative to that of the running program. That in
 * @installed if there is neither. */
char *rv__system_find_file (const char *variable, const char *installed, const char *beside, const char *name);

/* Opens /dev/null, read-only, on each closed descriptor of 0 to 2. Otherwise the next files and pipes would get these
 * numbers and receive what is printed. Call it before any file, pipe or process is opened. Cannot fail. */
void rv__system_fill_standard (void);

/* Sets a folder (borrowed) with /proc and /sys trees, which the functions above read instead of those of the machine;
 * NULL: those of the machine. For tests. */
void rv__system_set_root (const char *folder);
