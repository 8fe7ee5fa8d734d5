/* cgroup.h -- limits of this process's control groups: containers, services, batch systems.
 * Layer 0 (base). Versions 1 and 2, at any mount point. A group's limits hold for all groups below it. */
#pragma once

#include <glib.h>

/* Result of the functions below without a limit. */
#define RV_CGROUP_UNLIMITED G_MAXSIZE

/* Cores that the quotas of the process's control groups allow, rounded up: a quota of 1.5 processors is 2. @root is the
 * folder that holds /proc and /sys: "" except in tests. RV_CGROUP_UNLIMITED without a quota, or if unknown.
 * Cannot fail. */
gsize rv__cgroup_cores (const char *root);

/* Bytes that may still be allocated before a limit of the process's control groups is reached, 0 or more; @root as for
 * rv__cgroup_cores(). Inactive file pages count as free: the system drops them first. RV_CGROUP_UNLIMITED without
 * a limit, or if unknown. Cannot fail. */
gsize rv__cgroup_free_bytes (const char *root);
