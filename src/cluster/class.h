/* class.h -- how ranks reach each other: what an implementation is.
 * Layer 5 (cluster). */
#ifndef RV_CLUSTER_CLASS_H
#define RV_CLUSTER_CLASS_H

#include "cluster/cluster.h"

/* What went wrong is said in cluster->fault. An implementation may be a module that is opened: it calls nothing of the
 * library. All are called by one thread at a time but for next(). */
typedef struct {
  const char *name;
  const char *version;                   /* of the library whose headers it was built with */
  gboolean (*join) (RvCluster *cluster); /* cluster->rank, ->size */
  gboolean (*leave) (RvCluster *cluster, double patience_s);
  void (*end_all) (RvCluster *cluster, int code);
  gboolean (*broadcast) (RvCluster *cluster, void *data, gsize bytes, int from);
  gboolean (*exchange) (RvCluster *cluster, const RvStrip *strips);
  gboolean (*add_all) (RvCluster *cluster, double *numbers, gint64 n); /* those of all ranks, in any order */
  gboolean (*next) (RvCluster *cluster, gint64 n, gint64 *item);
} RvClusterClass;

/* Where a rank is: the name of its machine, and which of its processors it may use. */
#define RV_CLUSTER_TEXT_BYTES 64
typedef struct {
  char host[RV_CLUSTER_TEXT_BYTES], cores[RV_CLUSTER_TEXT_BYTES];
} RvClusterPlace;

struct _RvCluster {
  const RvClusterClass *class;
  gpointer own; /* the implementation's */
  int rank, size;
  RvClusterPlace *places; /* of each rank */
  guint64 bytes;          /* sent and received */
  char fault[200];
};

/* How a module is asked for its class. */
#define RV_CLUSTER_SYMBOL "rv__cluster_module"
typedef const RvClusterClass *(*RvClusterModule) (void);

/* rv__cluster_alone: one process. rv__cluster_open: the module for the launcher that started this process, as its
 * environment says; *class NULL: none has. RV_ERROR_BACKEND. */
extern const RvClusterClass rv__cluster_alone;
gboolean rv__cluster_open (const RvClusterClass **class, GError **error);

#endif
