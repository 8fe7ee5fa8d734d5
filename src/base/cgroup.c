/* cgroup.c -- limits of control groups (cgroups(7)).
 *
 * /proc/self/cgroup names a group for each controller, /proc/self/mountinfo the folder of its files. In a container the
 * mount often shows only the container's own group and its children. */
#include "cgroup.h"
#include <string.h>

typedef struct {
  char *folder; /* path of the group's folder; move_to_parent() truncates it */
  char *top;    /* mount point: the highest folder that is visible */
  gboolean v2;  /* version 2, else 1 */
} Group;

static void
group_clear (Group *group)
{
  g_free (group->folder);
  g_free (group->top);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Group, group_clear)

/* (transfer full) (nullable): text of the file @name in @folder; NULL, without an error: it cannot be read. */
static char *
read_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

/* Whether @list, names separated by commas, has @name. */
static gboolean
is_in_list (const char *list, const char *name)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);
  return g_strv_contains ((const char *const *) names, name);
}

/* (transfer full) (nullable): the process's group path in version 1's hierarchy of @controller, or else in version 2's;
 * *v2 is set to which. NULL, without an error and with *v2 unchanged: in neither, or no /proc below @root. */
static char *
group_path (const char *root, const char *controller, gboolean *v2)
{
  g_autofree char *text = read_file (root, "/proc/self/cgroup"), *path = NULL;
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", -1);
  for (char **line = lines; *line; line++) { /* NUMBER:CONTROLLERS:PATH */
    g_auto (GStrv) fields = g_strsplit (*line, ":", 3);
    if (g_strv_length (fields) < 3)
      continue;
    gboolean is_v2 = *fields[1] == '\0';
    if (is_v2 ? path != NULL : !is_in_list (fields[1], controller))
      continue;
    g_free (path);
    path = g_strdup (fields[2]);
    *v2 = is_v2;
    if (!is_v2)
      break;
  }
  return g_steal_pointer (&path);
}

/* Sets group->folder and ->top if @line is a mount of the hierarchy of @group and @controller; else FALSE, without an
 * error and with @group unchanged. @path: path of the group in the hierarchy. If the mount does not show that path, the
 * folder is the mount point. @line, of mountinfo: "ID PARENT DEVICE SHOWN MOUNTED OPTIONS ... - TYPE SOURCE OPTIONS".
 */
static gboolean
match_mount (const char *root, const char *line, const char *controller, const char *path, Group *group)
{
  const char *dash = strstr (line, " - ");
  g_auto (GStrv) left = g_strsplit (line, " ", 6), right = g_strsplit (dash ? dash + 3 : "", " ", 3);
  if (g_strv_length (left) < 6 || g_strv_length (right) < 3 ||
      (group->v2 ? strcmp (right[0], "cgroup2") != 0
                 : strcmp (right[0], "cgroup") != 0 || !is_in_list (right[2], controller)))
    return FALSE;
  const char *shown = strcmp (left[3], "/") == 0 ? "" : left[3];
  gboolean below = g_str_has_prefix (path, shown) && strchr ("/", path[strlen (shown)]) && !strstr (path, "/..");
  group->top = g_build_filename (root, "/", left[4], NULL);
  group->folder = g_build_filename (group->top, below ? path + strlen (shown) : "", NULL);
  return TRUE;
}

/* Minimum of @number_of over the process's group for @controller and its parents; RV_CGROUP_UNLIMITED without a
 * group. */
static gsize
minimum_of (const char *root, const char *controller, gsize (*number_of) (const Group *group))
{
  g_auto (Group) group = { 0 };
  gsize minimum = RV_CGROUP_UNLIMITED;
  g_autofree char *path = group_path (root, controller, &group.v2), *text = read_file (root, "/proc/self/mountinfo");
  g_auto (GStrv) lines = g_strsplit (path && text ? text : "", "\n", -1);
  char **line = lines;
  while (*line && !match_mount (root, *line, controller, path, &group))
    line++;
  if (!*line)
    return minimum;
  minimum = number_of (&group);
  while (strlen (group.folder) > strlen (group.top)) { /* below the mount point */
    *strrchr (group.folder, '/') = '\0';
    minimum = MIN (minimum, number_of (&group));
  }
  return minimum;
}

/* ---- processors -------------------------------------------------------------------------------------------------- */

/* Cores, rounded up, that the quota and the period of the group's processor time allow, "150000 100000" in us.
 * RV_CGROUP_UNLIMITED for the quota "max" or -1, or if unknown. */
static gsize
cores_of (const Group *group)
{
  g_autofree char *quota = read_file (group->folder, group->v2 ? "cpu.max" : "cpu.cfs_quota_us");
  g_autofree char *period = group->v2 ? NULL : read_file (group->folder, "cpu.cfs_period_us");
  char *end = NULL;
  gint64 quota_us = quota ? g_ascii_strtoll (quota, &end, 10) : 0;
  gint64 period_us = quota ? g_ascii_strtoll (group->v2 ? end : period ? period : "", NULL, 10) : 0;
  return quota_us > 0 && period_us > 0 ? (gsize) ((quota_us - 1) / period_us + 1) : RV_CGROUP_UNLIMITED;
}

gsize
rv__cgroup_cores (const char *root)
{
  return minimum_of (root, "cpu", cores_of);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Number, 0 or more, at the start of the file @name in @folder; -1 without a file or a number, such as "max". */
static gint64
number_in (const char *folder, const char *name)
{
  g_autofree char *text = read_file (folder, name);
  return text && g_ascii_isdigit (*text) ? g_ascii_strtoll (text, NULL, 10) : -1;
}

/* Bytes up to the group's own limit, 0 or more; RV_CGROUP_UNLIMITED without a limit. */
static gsize
free_bytes_of (const Group *group)
{
  gint64 limit = number_in (group->folder, group->v2 ? "memory.max" : "memory.limit_in_bytes");
  gint64 used = number_in (group->folder, group->v2 ? "memory.current" : "memory.usage_in_bytes");
  if (limit < 0)
    return RV_CGROUP_UNLIMITED;
  const char *key = group->v2 ? "\ninactive_file " : "\ntotal_inactive_file "; /* not used lately: counts as free */
  g_autofree char *text = read_file (group->folder, "memory.stat"), *lines = g_strconcat ("\n", text, NULL);
  const char *line = strstr (lines, key);
  used = MAX (used - (line ? g_ascii_strtoll (line + strlen (key), NULL, 10) : 0), 0);
  return (gsize) MAX (limit - used, 0);
}

gsize
rv__cgroup_free_bytes (const char *root)
{
  return minimum_of (root, "memory", free_bytes_of);
}
