/* class.h -- interface of an implementation of rank communication.
 * Layer 5 (cluster). */
#pragma once

#include "cluster/cluster.h"

/* Functions that return FALSE store the reason in cluster->error_text. An implementation may be a module that is loaded
 * at run time, and calls no function of the library. All functions are called by one thread at a time, except next()
 * and abort_all(), which may run meanwhile. A single process has no class. */
typedef struct {
  const char *version;                   /* RV_VERSION of the headers that it was built with */
  gboolean (*join) (RvCluster *cluster); /* sets cluster->rank and ->size */
  /* Waits for all ranks at most @timeout_s seconds (0: no limit), then frees `impl`. FALSE: an error, or a timeout,
   * which sets no error text; `impl` stays. */
  gboolean (*leave) (RvCluster *cluster, double timeout_s);
  void (*abort_all) (RvCluster *cluster, int code); /* ends all ranks; does not return */
  /* See rv__cluster_broadcast(). */
  gboolean (*broadcast) (RvCluster *cluster, void *data, gsize bytes, int from);
  /* See rv__cluster_send(). */
  gboolean (*send) (RvCluster *cluster, const void *data, gsize bytes, int to);
  /* See rv__cluster_receive(). */
  gboolean (*receive) (RvCluster *cluster, void *data, gsize bytes, int from);
  gboolean (*all_reduce) (RvCluster *cluster, double *numbers, gint64 n); /* sum in place, in any order */
  gboolean (*next) (RvCluster *cluster, gint64 n, gint64 *item);          /* see rv__cluster_next_item() */
} RvClusterClass;

#define RV_CLUSTER_TEXT_BYTES 64
/* Location of a rank: host name, and the processors that it may use. */
typedef struct {
  char host[RV_CLUSTER_TEXT_BYTES], cores[RV_CLUSTER_TEXT_BYTES];
} RvRankLocation;

struct _RvCluster {
  const RvClusterClass *class; /* NULL: a single process */
  gpointer impl;               /* private data of the implementation */
  int rank, size;
  RvRankLocation *locations; /* by rank; NULL: a single process */
  gint64 n_assigned;         /* a single process: items of the current round */
  guint64 bytes;             /* bytes that this rank has sent and received */
  char error_text[200];
};

/* Entry point of a module: returns its class. */
#define RV_CLUSTER_SYMBOL "rv__cluster_module"
typedef const RvClusterClass *(*RvClusterModule) (void);

/* Loads the MPI module if the environment shows a launcher; it stays loaded. *class: (out) (nullable): static; NULL
 * without a launcher: TRUE. Does not join. After an error *class is unspecified. */
gboolean rv__cluster_open (const RvClusterClass **class, GError **error);
