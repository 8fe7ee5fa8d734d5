/* system.c -- what this machine has. */
#include "system.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_max_threads() 1
#define omp_set_num_threads(n) ((void) (n))
#endif

/* Hyper-threads of one core share its arithmetic: only the first of each counts. */
static gboolean
first_of_its_core (int cpu)
{
  g_autofree char *path = g_strdup_printf ("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  g_autofree char *text = NULL;
  return !g_file_get_contents (path, &text, NULL, NULL) || g_ascii_strtoll (text, NULL, 10) == cpu;
}

int
rv__system_cores (void)
{
  cpu_set_t allowed;
  int cores = 0;
  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0)
    return 1;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    cores += CPU_ISSET (cpu, &allowed) && first_of_its_core (cpu);
  return MAX (cores, 1);
}

char *
rv__system_processor (void)
{
  g_autofree char *text = NULL;
  const char *name = g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL) ? strstr (text, "model name") : NULL;
  name = name ? strchr (name, ':') : NULL;
  return name ? g_strstrip (g_strndup (name + 1, strcspn (name + 1, "\n"))) : g_strdup ("processor");
}

int
rv__system_use_threads (int n_threads)
{
  int before = omp_get_max_threads (); /* OpenMP keeps it for each thread: nobody else's changes */
  omp_set_num_threads (n_threads);
  return before;
}

gsize
rv__system_resident_bytes (void)
{
  g_autofree char *text = NULL;
  unsigned long total, resident;
  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL) || sscanf (text, "%lu %lu", &total, &resident) != 2)
    return 0;
  return (gsize) resident * (gsize) sysconf (_SC_PAGESIZE);
}

gsize
rv__system_free_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line = g_file_get_contents ("/proc/meminfo", &text, NULL, NULL) ? strstr (text, "MemAvailable:") : NULL;
  if (line)
    return (gsize) g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024;
  return (gsize) sysconf (_SC_AVPHYS_PAGES) * (gsize) sysconf (_SC_PAGESIZE); /* no /proc: less, since caches count */
}
