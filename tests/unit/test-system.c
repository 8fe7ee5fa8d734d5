/* test-system.c -- number of cores and memory that this process may use, from fake /proc and /sys trees. */
#include "base/cgroup.h"
#include "base/wait-policy.h"
#include "base/system.h"
#include <glib/gstdio.h>

#define MB (1000 * 1000)
#define NO_LIMIT_V1 "9223372036854771712\n"

static char *root;

static void
put (const char *path, const char *text)
{
  g_autofree char *file = g_build_filename (root, path, NULL), *folder = g_path_get_dirname (file);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_tree (child);
  }
  g_remove (path);
}

/* Makes the tree of a machine with 8 GB available, on which the thread may use the @allowed CPUs. */
static void
begin (const char *allowed)
{
  root = g_dir_make_tmp ("reverie-test-XXXXXX", NULL);
  g_autofree char *status = g_strdup_printf ("Name:\ttest\nCpus_allowed:\tff\nCpus_allowed_list:\t%s\n", allowed);
  put ("proc/thread-self/status", status);
  put ("proc/meminfo", "MemTotal:       16000000 kB\nMemFree:  1000 kB\nMemAvailable:    7812500 kB\n");
  rv__system_set_root (root);
}

static void
end (void)
{
  rv__system_set_root (NULL);
  remove_tree (root);
  g_clear_pointer (&root, g_free);
}

static void
put_siblings (int cpu, const char *list)
{
  g_autofree char *path = g_strdup_printf ("sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  put (path, list);
}

/* CPUs of one core have neighbouring numbers, or numbers that are 4 apart. Each core with an allowed CPU counts once.
 */
static void
test_cores (void)
{
  static const struct {
    const char *allowed;
    gboolean apart; /* siblings are k and k + 4; else 2 k and 2 k + 1 */
    int cores;
  } cases[] = { { "0-7", TRUE, 4 }, { "0-3", TRUE, 4 },      { "4-7", TRUE, 4 },  { "1,5", TRUE, 1 },
                { "3-4", TRUE, 2 }, { "7", TRUE, 1 },        { "0-7", FALSE, 4 }, { "4-7", FALSE, 2 },
                { "5", FALSE, 1 },  { "1,3,5,7", FALSE, 4 }, { "2-5", FALSE, 2 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    begin (cases[i].allowed);
    for (int cpu = 0; cpu < 8; cpu++) {
      int first = cases[i].apart ? cpu % 4 : cpu / 2 * 2;
      g_autofree char *list =
        cases[i].apart ? g_strdup_printf ("%d,%d\n", first, first + 4) : g_strdup_printf ("%d-%d\n", first, first + 1);
      put_siblings (cpu, list);
    }
    g_assert_cmpint (rv__system_cores (), ==, cases[i].cores);
    end ();
  }
}

/* Unusual machines: one core with eight threads; CPU numbers from 1024 on; no lists of siblings; no information. */
static void
test_unusual_cores (void)
{
  begin ("4-7");
  for (int cpu = 0; cpu < 8; cpu++)
    put_siblings (cpu, "0-7\n");
  g_assert_cmpint (rv__system_cores (), ==, 1);
  end ();
  begin ("1024-1087,4000");
  for (int cpu = 1024; cpu < 1088; cpu++) {
    g_autofree char *list = g_strdup_printf ("%d-%d\n", cpu / 2 * 2, cpu / 2 * 2 + 1);
    put_siblings (cpu, list);
  }
  g_assert_cmpint (rv__system_cores (), ==, 33);
  end ();
  begin ("0-2,5");
  g_assert_cmpint (rv__system_cores (), ==, 4);
  end ();
  rv__system_set_root ("/nonexistent");
  g_assert_cmpint (rv__system_cores (), >=, 1);
  rv__system_set_root (NULL);
  g_assert_cmpint (rv__system_cores (), >=, 1);
}

static void
put_group (const char *group, const char *mounts)
{
  put ("proc/self/cgroup", group);
  put ("proc/self/mountinfo", mounts);
}

/* cgroups version 2: the smallest limit of the group and its ancestors counts. */
static void
test_v2 (void)
{
  begin ("0-15");
  put_group ("0::/work/job/inner\n",
             "22 1 0:20 / / rw - ext4 /dev/sda rw\n"
             "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
  g_assert_cmpint (rv__system_cores (), ==, 16); /* the root has no limits */
  g_assert_cmpuint (rv__system_free_bytes (), ==, (gsize) 8000 * MB);
  put ("sys/fs/cgroup/work/job/inner/cpu.max", "max 100000\n");
  put ("sys/fs/cgroup/work/job/cpu.max", "150000 100000\n");
  put ("sys/fs/cgroup/work/cpu.max", "800000 100000\n");
  g_assert_cmpint (rv__system_cores (), ==, 2);
  put ("sys/fs/cgroup/work/job/inner/cpu.max", "1000 100000\n");
  g_assert_cmpint (rv__system_cores (), ==, 1);

  put ("sys/fs/cgroup/work/job/inner/memory.max", "max\n");
  put ("sys/fs/cgroup/work/job/inner/memory.current", "100000000\n");
  put ("sys/fs/cgroup/work/job/memory.max", "2000000000\n");
  put ("sys/fs/cgroup/work/job/memory.current", "1500000000\n");
  put ("sys/fs/cgroup/work/job/memory.stat", "anon 1100000000\nactive_file 1\ninactive_file 400000000\nslab 7\n");
  g_assert_cmpuint (rv__system_free_bytes (), ==, 900 * MB);
  put ("sys/fs/cgroup/work/memory.max", "1000000000\n");
  put ("sys/fs/cgroup/work/memory.current", "1200000000\n"); /* more than the limit, which was lowered later */
  g_assert_cmpuint (rv__system_free_bytes (), ==, 0);
  end ();
}

/* cgroups version 1: each controller has a hierarchy, next to the hierarchy of version 2, which has no controllers. */
static void
test_v1 (void)
{
  begin ("0-15");
  put_group ("4:memory:/slice/job\n3:cpu,cpuacct:/slice/job\n0::/elsewhere\n",
             "38 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
             "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
             "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  put ("sys/fs/cgroup/unified/elsewhere/cpu.max", "100000 100000\n");
  put ("sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_quota_us", "-1\n");
  put ("sys/fs/cgroup/cpu,cpuacct/slice/job/cpu.cfs_period_us", "100000\n");
  put ("sys/fs/cgroup/memory/slice/job/memory.limit_in_bytes", NO_LIMIT_V1);
  put ("sys/fs/cgroup/memory/slice/job/memory.usage_in_bytes", "5000000\n");
  g_assert_cmpint (rv__system_cores (), ==, 16);
  g_assert_cmpuint (rv__system_free_bytes (), ==, (gsize) 8000 * MB);
  put ("sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_quota_us", "300000\n");
  put ("sys/fs/cgroup/cpu,cpuacct/slice/cpu.cfs_period_us", "100000\n");
  g_assert_cmpint (rv__system_cores (), ==, 3);
  put ("sys/fs/cgroup/memory/slice/memory.limit_in_bytes", "1000000000\n");
  put ("sys/fs/cgroup/memory/slice/memory.usage_in_bytes", "600000000\n");
  put ("sys/fs/cgroup/memory/slice/memory.stat", "inactive_file 5\ntotal_inactive_file 100000000\n");
  g_assert_cmpuint (rv__system_free_bytes (), ==, 500 * MB);
  end ();
}

/* The mount of a container shows only the group of the container. Paths of groups may be the host's or the container's.
 */
static void
test_containers (void)
{
  static const struct {
    const char *path, *shown,
      *folder; /* @path: group of the process; @shown: root of the mount; @folder: where the limit is */
  } cases[] = { { "/docker/abc", "/docker/abc", "" },
                { "/docker/abc/inner", "/docker/abc", "inner/" },
                { "/docker/abc/inner", "/docker/abc", "" },
                { "/docker/abcdef", "/docker/abc", "" },
                { "/", "/", "" },
                { "/../other", "/", "" } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    begin ("0-15");
    g_autofree char *group = g_strdup_printf ("0::%s\n", cases[i].path);
    g_autofree char *mount = g_strdup_printf ("30 23 0:26 %s /sys/fs/cgroup ro - cgroup2 cgroup rw\n", cases[i].shown);
    g_autofree char *cpu = g_strconcat ("sys/fs/cgroup/", cases[i].folder, "cpu.max", NULL);
    put_group (group, mount);
    put (cpu, "250000 50000\n");
    g_assert_cmpint (rv__system_cores (), ==, 5);
    end ();
  }
}

/* Empty or invalid files limit nothing. */
static void
test_nonsense (void)
{
  static const char *const texts[] = { "", "\n", "max", "0 0", "-5 100000", "100000", "x y", "0::", "::::" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    begin ("0-3");
    put_group ("0::/a\n", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    put ("sys/fs/cgroup/a/cpu.max", texts[i]);
    put ("sys/fs/cgroup/a/memory.max", "max\n");
    g_assert_cmpint (rv__system_cores (), ==, 4);
    put ("proc/self/cgroup", texts[i]);
    put ("proc/self/mountinfo", texts[i]);
    g_assert_cmpint (rv__system_cores (), ==, 4);
    g_assert_cmpuint (rv__cgroup_free_bytes (root), ==, RV_CGROUP_UNLIMITED);
    end ();
  }
}

/* ---- busy machine ------------------------------------------------------------------------------------------------ */

/* Sets how long two threads have waited for a CPU, ms. */
static void
put_waits (int first_ms, int second_ms)
{
  g_autofree char *first = g_strdup_printf ("123456789 %d000000 17\n", first_ms);
  g_autofree char *second = g_strdup_printf ("987654321 %d000000 4\n", second_ms);
  put ("proc/self/task/11/schedstat", first);
  put ("proc/self/task/12/schedstat", second);
}

/* Threads sleep once they wait for a CPU often, and spin again once they rarely wait. Values between change nothing.
 * Waiting before the first update does not count. */
static void
test_sharing (void)
{
  static const struct {
    int first_ms, second_ms; /* waiting time of both threads so far */
    int now_ms;
    gboolean sleep;
  } looks[] = { { 5000, 0, 1000, FALSE },   { 5010, 5, 1200, FALSE },   { 5011, 300, 1210, FALSE },
                { 5040, 75, 1400, TRUE },   { 5062, 95, 1600, TRUE },   { 5082, 125, 1800, TRUE },
                { 5083, 128, 2000, FALSE }, { 5110, 150, 2200, FALSE }, { 0, 150, 2400, FALSE },
                { 0, 350, 2600, TRUE } };
  begin ("0-7");
  RvWaitPolicy *wait_policy = rv__wait_policy_new (2), *single = rv__wait_policy_new (1);
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++) {
    put_waits (looks[i].first_ms, looks[i].second_ms);
    g_assert_cmpint (rv__wait_policy_update (wait_policy, looks[i].now_ms * 1000), ==, looks[i].sleep);
    g_assert_false (rv__wait_policy_update (single, looks[i].now_ms * 1000));
  }
  rv__wait_policy_free (wait_policy);
  rv__wait_policy_free (single);
  rv__wait_policy_free (NULL);
  end ();
  g_assert_cmpfloat (rv__system_run_delay_s (), >=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/cores", test_cores);
  g_test_add_func ("/system/unusual-cores", test_unusual_cores);
  g_test_add_func ("/system/v2", test_v2);
  g_test_add_func ("/system/v1", test_v1);
  g_test_add_func ("/system/containers", test_containers);
  g_test_add_func ("/system/nonsense", test_nonsense);
  g_test_add_func ("/system/sharing", test_sharing);
  return g_test_run ();
}
