/* cgroup.h -- what the control groups that this process is in leave it: containers, services, batch systems.
 * Layer 0 (base). Both versions of them, mounted wherever; a group's limits hold for all groups below it. */
#ifndef RV_CGROUP_H
#define RV_CGROUP_H

#include <glib.h>

/* Where nothing limits. */
#define RV_CGROUP_CORES_FREE G_MAXINT
#define RV_CGROUP_BYTES_FREE G_MAXSIZE

/* rv__cgroup_cores: processors' worth of time, rounded up: a quota of 1.5 processors is 2. @root is the folder in which
 * /proc and /sys are looked for: "" but in tests. Can't fail. */
int rv__cgroup_cores (const char *root);

/* rv__cgroup_free_bytes: memory that may still be taken before a limit is reached; file pages that nobody has used of
 * late count as free, since the system drops them first. Can't fail. */
gsize rv__cgroup_free_bytes (const char *root);

#endif
