/* system.c -- resources of this machine that this process may use. */
#include "system.h"
#include "base/error.h"
#include "cgroup.h"
#include "parallel.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *root = "";           /* folder of /proc and /sys */
static int on_cores = 1, in_memory = 1; /* ranks on this host that share cores, memory */

void
rv__system_set_root (const char *folder)
{
  root = folder ? folder : "";
}

/* (transfer full) (nullable): text of the file @path below `root`; NULL, without an error: it cannot be read. */
static char *
read_file (const char *path)
{
  g_autofree char *file = g_strconcat (root, path, NULL);
  char *text = NULL;
  return g_file_get_contents (file, &text, NULL, NULL) ? text : NULL;
}

/* (transfer full) (nullable): text behind the first @key and a colon, on one line of the file @path below `root`,
 * without the spaces around; NULL, without an error: none. */
static char *
find_value (const char *path, const char *key)
{
  g_autofree char *text = read_file (path);
  const char *line = text ? strstr (text, key) : NULL, *colon = line ? strchr (line, ':') : NULL;
  return colon ? g_strstrip (g_strndup (colon + 1, strcspn (colon + 1, "\n"))) : NULL;
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

/* Adds the numbers of @list, such as "0-3,8", to @set, as GINT_TO_POINTER(). Skips entries that are no numbers. */
static void
add_list (GHashTable *set, const char *list)
{
  g_auto (GStrv) ranges = g_strsplit (list, ",", -1);
  for (char **range = ranges; *range; range++) {
    char *end;
    int first = (int) g_ascii_strtoll (*range, &end, 10);
    int last = *end == '-' ? (int) g_ascii_strtoll (end + 1, NULL, 10) : first;
    for (int cpu = first; end != *range && cpu <= last; cpu++)
      g_hash_table_add (set, GINT_TO_POINTER (cpu));
  }
}

char *
rv__system_cores_text (void)
{
  char *list = find_value ("/proc/thread-self/status", "Cpus_allowed_list");
  return list ? list : g_strdup_printf ("0-%ld", sysconf (_SC_NPROCESSORS_ONLN) - 1);
}

void
rv__system_set_local_ranks (int n_on_cores, int n_in_memory)
{
  on_cores = MAX (n_on_cores, 1);
  in_memory = MAX (n_in_memory, 1);
}

int
rv__system_cores (void)
{
  g_autoptr (GHashTable) cpus = g_hash_table_new (NULL, NULL), counted = g_hash_table_new (NULL, NULL);
  g_autofree char *list = rv__system_cores_text ();
  GHashTableIter iter;
  gpointer cpu;
  int cores = 0;
  add_list (cpus, list);
  g_hash_table_iter_init (&iter, cpus);
  /* Hyper-threads of one core share its arithmetic units: only one of them counts. CPUs whose siblings are unknown
   * count as one core each. */
  while (g_hash_table_iter_next (&iter, &cpu, NULL)) {
    if (g_hash_table_contains (counted, cpu))
      continue;
    g_autofree char *path =
      g_strdup_printf ("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", GPOINTER_TO_INT (cpu));
    g_autofree char *siblings = read_file (path);
    add_list (counted, siblings ? siblings : "");
    cores++;
  }
  return MAX ((int) MIN ((gsize) cores, rv__cgroup_cores (root)) / on_cores, 1);
}

char *
rv__system_processor (void)
{
  char *name = find_value ("/proc/cpuinfo", "model name");
  return name ? name : g_strdup ("processor");
}

int
rv__system_use_threads (int n_threads)
{
  int before = omp_get_max_threads (); /* OpenMP stores the number per thread: that of other threads stays */
  omp_set_num_threads (n_threads);
  return before;
}

gboolean
rv__system_check_threads (GError **error)
{
  static gint with_threads; /* process id of the first caller; 0: none yet */
  gint own = getpid ();
  return g_atomic_int_get (&with_threads) == own || g_atomic_int_compare_and_exchange (&with_threads, 0, own) ||
         g_atomic_int_get (&with_threads) == own ||
         rv__error_set (error, RV_ERROR_BACKEND,
                        "this process was forked after the library had started threads, which do not exist here: start "
                        "it as a new program; in Python with multiprocessing.get_context('spawn')");
}

double
rv__system_run_delay_s (void)
{
  g_autofree char *folder = g_strconcat (root, "/proc/self/task", NULL);
  g_autoptr (GDir) threads = g_dir_open (folder, 0, NULL);
  double seconds = 0;
  for (const char *thread; threads && (thread = g_dir_read_name (threads));) {
    g_autofree char *path = g_strconcat ("/proc/self/task/", thread, "/schedstat", NULL), *text = read_file (path);
    guint64 waited_ns; /* second of three numbers: run time, wait time, switches */
    if (text && sscanf (text, "%*u %" G_GUINT64_FORMAT, &waited_ns) == 1)
      seconds += 1e-9 * (double) waited_ns;
  }
  return seconds;
}

double
rv__system_thread_clock_s (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

gsize
rv__system_resident_bytes (void)
{
  g_autofree char *text = read_file ("/proc/self/statm");
  unsigned long total, resident;
  if (!text || sscanf (text, "%lu %lu", &total, &resident) != 2)
    return 0;
  return (gsize) resident * (gsize) sysconf (_SC_PAGESIZE);
}

gsize
rv__system_free_bytes (void)
{
  g_autofree char *kib = find_value ("/proc/meminfo", "MemAvailable");
  gsize machine =
    kib ? (gsize) g_ascii_strtoull (kib, NULL, 10) * 1024
        : (gsize) sysconf (_SC_AVPHYS_PAGES) * (gsize) sysconf (_SC_PAGESIZE); /* no /proc: caches count as used */
  return MIN (machine, rv__cgroup_free_bytes (root)) / (gsize) in_memory;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

char *
rv__system_find_file (const char *variable, const char *installed, const char *beside, const char *name)
{
  const char *set = g_getenv (variable);
  if (set && *set)
    return g_strdup (set);
  g_autofree char *path = g_build_filename (installed, name, NULL), *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self ? g_path_get_dirname (self) : NULL;
  g_autofree char *other = folder ? g_build_filename (folder, beside, name, NULL) : NULL;
  return !g_file_test (path, G_FILE_TEST_EXISTS) && other && g_file_test (other, G_FILE_TEST_EXISTS)
           ? g_steal_pointer (&other)
           : g_steal_pointer (&path);
}

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

void
rv__system_fill_standard (void)
{
  int fd;
  while ((fd = open ("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
    ;
  if (fd >= 0)
    close (fd);
}
